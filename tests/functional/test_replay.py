# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The replay run as users run it: on what the gate left behind, and on evidence that somebody tampered with."""

from __future__ import annotations

import json
import pathlib
import shlex
import shutil

import pytest
from ansible_collections.cloudbackup.m365.tests.functional.runner import connection_of, host_of
from ansible_collections.cloudbackup.m365.tests.unit.controller.steps import store
from ansible_collections.cloudbackup.m365.tests.unit.readings import (
    ago,
    group,
    healthy,
    job,
    license_result,
)

COLLECTION = pathlib.Path(__file__).parents[2]
GUIDE = COLLECTION / "docs" / "docsite" / "rst" / "replay.rst"


def files_in(folder):
    """The files of the pack."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name not in (".lock", "history.jsonl")}


def test_what_the_gate_left_behind_is_judged_again_with_the_same_result(ansible, simulate, tmp_path):
    simulator = simulate(scenario="seats_exceeded")
    gate = ansible.gate({"contoso": host_of(connection_of(simulator))})
    simulator.stop()
    place = tmp_path / "reports" / "contoso"
    run = ansible.playbook(
        "replay", "-e", f"replay_evidence={place / 'evidence.json'}", "-e", "replay_report_dir=replayed"
    )
    assert (gate.status, run.status) == (2, 2)
    assert files_in(tmp_path / "replayed" / "contoso") == files_in(place)
    assert "The same as" in run.output
    assert "FAIL license_seats: 108 of 100 seats" in run.output


def test_every_input_may_be_text(ansible, tmp_path):
    store(tmp_path / "stored", healthy(license=license_result(assigned_user_seats=101)))
    waiver = {"check": "license_seats", "reason": "ordered", "approver": "J. Doe", "expires": "2026-12-31"}
    run = ansible.playbook(
        "replay",
        *("-e", "replay_evidence=stored/evidence.json"),
        *("-e", f"replay_policy='{json.dumps({'services': ['teams'], 'window': '3d'})}'"),
        *("-e", f"replay_waivers='{json.dumps([waiver])}'"),
        *("-e", "replay_enforce=yes"),
        *("-e", "replay_now=2026-11-24T06:00:00Z"),
        *("-e", "replay_report_formats=json"),
        *("-e", "replay_report_dir=reports"),
    )
    assert run.status == 0
    assert {path.name for path in (tmp_path / "reports" / "contoso").iterdir()} == {".lock", "evidence.json"}
    found = run.evidence("contoso")
    assert (found["policy"]["services"], found["policy"]["window"]) == (["teams"], "72h")
    assert (found["verdict"], found["counts"]["waived"]) == ("compliant", 1)


def test_a_red_verdict_that_is_not_enforced_is_only_reported(ansible, tmp_path):
    store(tmp_path / "stored", healthy(license=license_result(assigned_user_seats=101)))
    run = ansible.playbook("replay", "-e", "replay_evidence=stored/evidence.json", "-e", "replay_enforce=no")
    assert run.status == 0
    assert "contoso: NON-COMPLIANT" in run.output


def test_a_tag_leaves_nothing_of_the_replay_out(ansible, tmp_path):
    store(tmp_path / "stored", healthy(license=license_result(assigned_user_seats=101)))
    assert ansible.playbook("replay", "-e", "replay_evidence=stored/evidence.json", "--tags", "other").status == 2


def test_a_later_date_is_red_and_says_why(ansible, tmp_path):
    store(tmp_path / "stored", healthy())
    run = ansible.playbook(
        "replay", "-e", "replay_evidence=stored/evidence.json", "-e", "replay_now=2026-11-24T07:00:00Z"
    )
    assert run.status == 2
    assert "the stored evidence ends at 2026-11-24T06:00:00Z, before 2026-11-24T07:00:00Z" in run.output


@pytest.mark.parametrize(
    "template", ["{{{{ {0} }}}}", "{{% set x = {0} %}}", "#jinja2: variable_start_string:'<'\n<{0}}}}}"]
)
def test_what_the_evidence_says_is_never_run_as_a_template(template, ansible, tmp_path):
    trap = tmp_path / "trap"
    words = template.format(f"lookup('pipe', 'touch {trap}')")
    reading = healthy()
    hostile = job(words, words, finish=ago(hours=60))
    hostile["errors"] = [{"message": words, "code_url": words, "count": 1}]
    reading["jobs"]["groups"][3] = group([hostile])
    reading["jobs"]["api"].update(url=words, request_ids=[words])
    reading["errors"] = [{"read": "elsewhere", "message": words, "failure": {"kind": "server", "hint": words}}]
    waiver = {"check": "backup_recency", "reason": words, "approver": words, "expires": "2026-12-31"}
    stored = store(tmp_path / "stored", reading, subject=words, waivers=[waiver])
    arguments = ["-e", "replay_evidence=stored/evidence.json", "-e", "replay_report_dir=reports"]
    run = ansible.playbook("replay", *arguments, "-vvv")
    assert "Give the verdict" in run.output
    assert "byte for byte" in run.output
    (folder,) = (tmp_path / "reports").iterdir()
    assert files_in(folder) == stored
    assert not trap.exists()


def test_a_file_that_is_no_evidence_is_refused_by_name_and_field(ansible, tmp_path):
    (tmp_path / "evidence.json").write_text(json.dumps({"schema_version": 2}))
    run = ansible.playbook("replay", "-e", "replay_evidence=evidence.json")
    assert run.status == 2
    assert "evidence.json: schema_version: expected 1, got 2" in run.output


def commands_of_the_guide():
    """The arguments of every command that the guide shows."""
    guide = GUIDE.read_text(encoding="utf-8").replace("\\\n", " ")
    return [shlex.split(line)[2:] for line in guide.splitlines() if line.startswith("    ansible-playbook ")]


def test_the_commands_of_the_guide_do_what_it_says(ansible, tmp_path):
    waiver = {"check": "license_seats", "reason": "ordered", "approver": "J. Doe", "expires": "2026-12-31"}
    store(tmp_path / "reports" / "contoso", healthy(license=license_result(assigned_user_seats=101)), waivers=[waiver])
    again, stricter, unwaived = [ansible.playbook("replay", *arguments) for arguments in commands_of_the_guide()]
    assert again.status == 0
    assert "byte for byte" in again.output
    assert stricter.status == 0
    assert "Differs from reports/contoso/evidence.json in policy, results." in stricter.output
    assert unwaived.status == 2
    assert "101 of 100 seats" in (tmp_path / "replayed" / "contoso" / "report.md").read_text(encoding="utf-8")


def test_four_folders_of_the_collection_are_enough(ansible, tmp_path):
    stored = store(tmp_path / "stored", healthy())
    for folder in ("meta", "playbooks", "plugins", "roles"):
        shutil.copytree(COLLECTION / folder, tmp_path / "ansible_collections" / "cloudbackup" / "m365" / folder)
    arguments = ["-e", "replay_evidence=stored/evidence.json", "-e", "replay_report_dir=reports"]
    run = ansible.playbook("replay", *arguments, environment={"ANSIBLE_COLLECTIONS_PATH": str(tmp_path)})
    assert run.status == 0
    assert files_in(run.reports / "contoso") == stored


def test_without_a_path_nothing_is_green(ansible):
    run = ansible.playbook("replay")
    assert run.status == 2
    assert "expected the path of an evidence.json" in run.output
