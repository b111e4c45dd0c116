# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The commands and plays that README and guides print do what the text around them describes."""

from __future__ import annotations

import re
import shlex
import shutil

import pytest
from ansible_collections.cloudbackup.m365.plugins.module_utils._names import OBJECT_TYPES
from ansible_collections.cloudbackup.m365.tests.contract.guides import EXAMPLES, ROOT, blocks, guide, read
from ansible_collections.cloudbackup.m365.tests.functional.runner import environment_of

ENDS = {
    "ansible-playbook rehearse.yml": (0, "rehearsal: COMPLIANT"),
    "ansible-playbook rehearse.yml -e scenario=seats_exceeded": (2, "rehearsal: NON-COMPLIANT"),
    "ansible localhost -m cloudbackup.m365.cloudbackup_license_info": (0, "purchased_user_seats"),
    "ansible localhost -m cloudbackup.m365.cloudbackup_jobs_info -a 'start_time=1d include_jobs=false recent_jobs=0'": (
        0,
        '"complete": true',
    ),
    "ansible-playbook gate.yml": (0, "contoso: COMPLIANT"),
    "ansible localhost -m cloudbackup.m365.cloudbackup_jobs_info -a 'job_types=backup start_time=21d "
    f"include_jobs=false recent_jobs=0 object_types={','.join(OBJECT_TYPES)}'": (0, '"complete": true'),
    """ansible-playbook rehearse.yml -e '{"simulator_faults": ["status:code=503,on=jobs,times=2"]}'""": (
        *(0, "rehearsal: COMPLIANT"),
    ),
    """ansible-playbook rehearse.yml -e '{"simulator_faults": ["lose_row"]}'""": (2, "rehearsal: UNDETERMINED"),
}
"""The exit status of each command, and words that it prints, with a healthy tenant in the environment."""
GUIDES = ("getting_started", "development")


def commands():
    lines = "\n".join(block for name in GUIDES for block in blocks(guide(name), "shell")).splitlines()
    return [line for line in lines if re.match(r"ansible(-playbook)? ", line)]


def shown_after(command):
    """The lines that a guide shows between this command and the next one."""
    (text,) = [guide(name).split(f"    {command}\n", 1)[1] for name in GUIDES if f"    {command}\n" in guide(name)]
    return "\n".join(blocks(text.split(".. code-block:: shell")[0], "text")).splitlines()


@pytest.fixture
def follow(tmp_path, ansible, simulate):
    """Run a command as somebody who has saved the examples, with a tenant in the environment."""

    def run(command, scenario="healthy"):
        for path in (EXAMPLES / "gate").glob("*.yml"):
            shutil.copy(path, tmp_path)
        return ansible.run(*shlex.split(command), environment=environment_of(simulate(scenario=scenario)))

    return run


def test_every_command_of_the_first_steps_is_tried():
    assert commands() == list(ENDS)


@pytest.mark.parametrize("command", ENDS)
def test_a_command_of_the_first_steps_ends_and_prints_as_the_guide_says(command, follow):
    run = follow(command)
    status, words = ENDS[command]
    assert run.status == status, run.output
    assert words in run.output
    for line in shown_after(command):
        assert line.split(" ...")[0] in run.output


def test_the_guide_shows_a_green_and_a_red_gate():
    shown = [line for command in ENDS for line in shown_after(command)]
    verdicts = [verdict for line in shown for verdict in re.findall('"msg": "(rehearsal: [A-Z-]+),', line)]
    assert verdicts == ["rehearsal: COMPLIANT", "rehearsal: NON-COMPLIANT"]


def test_the_readme_prints_the_gate_of_the_guide():
    printed = blocks(read(ROOT / "README.md"), "yaml", ".md")
    assert read(EXAMPLES / "gate" / "gate.yml").removeprefix("---\n").strip("\n") in printed


def test_the_gate_of_the_readme_stops_for_a_tenant_that_is_not_compliant(follow):
    run = follow("ansible-playbook gate.yml", "stale_exchange")
    assert run.status == 2, run.output
    assert "FAIL backup_recency exchange_online" in run.output
    files = {path.name for path in (run.reports / "contoso").iterdir()}
    assert files == {".lock", "evidence.json", "history.jsonl", "junit.xml", "report.html", "report.md"}


def test_the_locations_of_the_example_are_judged_one_by_one(follow):
    run = follow("ansible-playbook gate.yml -e @multi_geo.yml")
    assert run.status == 0, run.output
    assert {"teams@NAM", "teams@EUR"} <= {result["scope"] for result in run.evidence("contoso")["results"]}


def test_a_policy_and_waivers_of_the_examples_reach_the_gate(follow):
    run = follow("ansible-playbook gate.yml -e @policy.yml -e @waivers.yml")
    assert run.status == 2
    evidence = run.evidence("contoso")
    assert {result["scope"] for result in evidence["results"] if result["status"] == "fail"} == {"project_online"}
    assert [waiver["check"] for waiver in evidence["waivers"]] == ["license_seats", "coverage_drop"]
