# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The gates of the example pipelines, as a runner would start them."""

from __future__ import annotations

import re
import shlex

import pytest
import yaml
from ansible_collections.cloudbackup.m365.tests.contract.guides import EXAMPLES

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


@pytest.mark.parametrize("name", PIPELINES)
@pytest.mark.parametrize(("scenario", "status"), [("healthy", 0), ("seats_exceeded", 2)])
def test_the_gate_of_a_pipeline_leaves_what_the_later_steps_take(name, scenario, status, gate_in, simulate):
    simulator = simulate(scenario=scenario)
    command, _variables, later = gate_step(name)
    program, *arguments = shlex.split(command)
    assert program == "ansible-playbook"
    run, folder = gate_in(arguments, simulator)
    assert run.returncode == status, run.stdout
    taken = re.findall(r"reports/[\w./*-]+", " ".join(later) + " reports/*/junit.xml")
    assert len(taken) > 1
    for pattern in taken:
        assert list(folder.glob(pattern)), pattern


@pytest.mark.parametrize("name", PIPELINES)
def test_a_pipeline_has_no_secret_in_the_clear_and_keeps_the_files_of_a_red_gate(name):
    text = (EXAMPLES / "pipelines" / f"{name}.yml").read_text(encoding="utf-8")
    _command, variables, _later = gate_step(name)
    assert all("secrets." in value for key, value in variables.items() if key != "CLOUDBACKUP_DATA_CENTER")
    assert "when: always" in text or text.count("if: ${{ always() }}") == 2
