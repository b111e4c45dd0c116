# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The gates of the example pipelines, as a runner would start them."""

from __future__ import annotations

import re
import shlex
import shutil

import pytest
import yaml
from ansible_collections.cloudbackup.m365.tests.contract.guides import EXAMPLES
from ansible_collections.cloudbackup.m365.tests.functional.runner import environment_of

PIPELINES = ("github", "gitlab")


def gate_step(name):
    """The command of the gate, the variables that its step gives in the clear, and all that runs after it."""
    data = yaml.safe_load((EXAMPLES / "pipelines" / f"{name}.yml").read_text(encoding="utf-8"))
    if name == "gitlab":
        job = data["backup-compliance"]
        return job["script"][0], job["variables"], job["script"][1:]
    steps = data["jobs"]["gate"]["steps"]
    place = next(index for index, step in enumerate(steps) if step.get("name") == "Gate")
    return steps[place]["run"], steps[place]["env"], [step["run"] for step in steps[place:] if "run" in step][1:]


@pytest.mark.parametrize(
    ("name", "scenario", "status"), [("github", "seats_exceeded", 2), ("gitlab", "healthy", 0)], ids=PIPELINES
)
def test_the_gate_of_a_pipeline_leaves_what_the_later_steps_take(name, scenario, status, ansible, simulate, tmp_path):
    shutil.copy(EXAMPLES / "awx_project" / "inventory.yml", tmp_path)
    command, _variables, later = gate_step(name)
    run = ansible.run(*shlex.split(command), environment=environment_of(simulate(scenario=scenario)))
    assert run.status == status, run.output
    taken = re.findall(r"reports/[\w./*-]+", " ".join(later) + " reports/*/junit.xml")
    assert len(taken) > 1
    for pattern in taken:
        assert list(tmp_path.glob(pattern)), pattern


def test_the_pipelines_run_the_gate_by_the_same_command():
    github, gitlab = [shlex.split(gate_step(name)[0]) for name in PIPELINES]
    assert github == gitlab


@pytest.mark.parametrize("name", PIPELINES)
def test_a_pipeline_has_no_secret_in_the_clear_and_keeps_the_files_of_a_red_gate(name):
    text = (EXAMPLES / "pipelines" / f"{name}.yml").read_text(encoding="utf-8")
    _command, variables, _later = gate_step(name)
    assert all("secrets." in value for key, value in variables.items() if key != "CLOUDBACKUP_DATA_CENTER")
    assert "when: always" in text or text.count("if: ${{ always() }}") == 2
