# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import hashlib
import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleActionFail
from ansible_collections.cloudbackup.m365.plugins.action import compliance_evidence
from ansible_collections.cloudbackup.m365.plugins.modules import compliance_evidence as documentation
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.policy_rules import settle_policy
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reports.formats import FORMATS
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller import evidence_folder, evidence_pack
from ansible_collections.cloudbackup.m365.tests.unit.readings import (
    NOW_TEXT,
    healthy,
    judge,
    license_result,
)

REPORTS = [name for name in FORMATS if name != "json"]


def arguments(report_dir: Any, **changed: Any) -> dict[str, Any]:
    policy, _mistakes = settle_policy({})
    given = {
        "subject": "contoso",
        "directory_name": "contoso",
        "report_dir": str(report_dir) if report_dir else report_dir,
        "read": healthy(),
        "policy": policy.data,
        "evaluated_at": NOW_TEXT,
        "evaluation": judge(healthy()),
        **changed,
    }
    return {name: value for name, value in given.items() if value is not None}


def run(given: dict[str, Any], check_mode: bool = False) -> dict[str, Any]:
    """The action as a task runs it, without a play around it; the reading stands in the variables of the results."""
    read = given.pop("read")
    task_vars = {"license_result": read["license"], "jobs_result": read["jobs"]}
    given.update(license_variable="license_result", jobs_variable="jobs_result")
    task = SimpleNamespace(args=given, check_mode=check_mode, async_val=0, diff=False, environment=None, collections=[])
    connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir=None))
    action = compliance_evidence.ActionModule(
        task=task, connection=connection, play_context=None, loader=None, templar=None, shared_loader_obj=None
    )
    action._load_name = "compliance_evidence"
    return action.run(task_vars=task_vars)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def test_the_pack_is_written_for_its_owner_alone(tmp_path: Path) -> None:
    result = run(arguments(tmp_path / "new" / "reports"))
    directory = tmp_path / "new" / "reports" / "contoso"
    assert result["changed"] is True
    assert result["files"] == [*(str(directory / FORMATS[name]) for name in REPORTS), str(directory / "evidence.json")]
    assert names(directory) == sorted(FORMATS.values())
    assert mode(directory) == 0o700
    assert {mode(directory / name) for name in FORMATS.values()} == {0o600}


def test_the_summary_names_the_pack(tmp_path: Path) -> None:
    reading = healthy(license=license_result(assigned_user_seats=101))
    result = run(arguments(tmp_path, read=reading, evaluation=judge(reading)))
    content = (tmp_path / "contoso" / "evidence.json").read_bytes()
    assert result["summary"] == {
        "verdict": "non_compliant",
        "counts": judge(reading)["counts"],
        "worst": [result["findings"][1][: len(result["summary"]["worst"][0])]],
        "report": str(tmp_path / "contoso" / "report.html"),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    assert result["findings"][0].startswith("contoso: NON-COMPLIANT")


@pytest.mark.parametrize("formats", [["json"], ["junit"], ["json", "junit"]])
def test_without_a_report_for_people_the_summary_names_the_evidence(tmp_path: Path, formats: list[str]) -> None:
    result = run(arguments(tmp_path, formats=formats))
    assert result["summary"]["report"] == str(tmp_path / "contoso" / "evidence.json")


def test_evidence_names_the_collection_and_its_version(tmp_path: Path) -> None:
    run(arguments(tmp_path, formats=["json"]))
    found = json.loads((tmp_path / "contoso" / "evidence.json").read_text())["collection"]
    assert found == evidence_pack.COLLECTION
    assert names(tmp_path / "contoso") == ["evidence.json"]


def test_the_same_pack_again_changes_nothing(tmp_path: Path) -> None:
    run(arguments(tmp_path))
    before = os.stat(tmp_path / "contoso" / "evidence.json")
    again = run(arguments(tmp_path))
    assert again["changed"] is False
    assert len(again["files"]) == len(FORMATS)
    assert os.stat(tmp_path / "contoso" / "evidence.json").st_ino == before.st_ino


def test_a_file_that_others_may_read_is_written_anew(tmp_path: Path) -> None:
    run(arguments(tmp_path))
    (tmp_path / "contoso" / "report.md").chmod(0o644)
    assert run(arguments(tmp_path))["changed"] is True
    assert mode(tmp_path / "contoso" / "report.md") == 0o600


def test_check_mode_writes_nothing_and_says_the_same(tmp_path: Path) -> None:
    checked = run(arguments(tmp_path / "reports"), check_mode=True)
    assert names(tmp_path) == []
    assert (checked["changed"], checked["files"], checked["summary"]["report"]) == (False, [], None)
    written = run(arguments(tmp_path / "reports"))
    assert checked["findings"] == written["findings"]
    assert checked["summary"]["sha256"] == written["summary"]["sha256"]


@pytest.mark.parametrize("report_dir", [None, ""])
def test_without_a_directory_nothing_is_written_and_that_is_warned_of(report_dir: Any) -> None:
    result = run(arguments(report_dir))
    assert result["warnings"] == ["No report_dir is given: the evidence of this run is not kept."]
    assert (result["changed"], result["files"], result["summary"]["report"]) == (False, [], None)
    assert len(result["summary"]["sha256"]) == 64


@pytest.mark.parametrize("check_mode", [False, True])
def test_the_directory_of_another_subject_is_refused(tmp_path: Path, check_mode: bool) -> None:
    run(arguments(tmp_path))
    before = (tmp_path / "contoso" / "evidence.json").read_bytes()
    result = run(arguments(tmp_path, subject="fabrikam"), check_mode)
    assert result["failed"] is True
    assert "another subject" in result["msg"]
    assert '"contoso"' in result["msg"]
    assert result["findings"]
    assert (tmp_path / "contoso" / "evidence.json").read_bytes() == before


@pytest.mark.parametrize("content", ["", "{", "[]", '{"subject": null}', "\x00"])
def test_what_is_no_evidence_is_not_overwritten(tmp_path: Path, content: str) -> None:
    place = tmp_path / "contoso" / "evidence.json"
    place.parent.mkdir()
    place.write_text(content)
    assert run(arguments(tmp_path))["failed"] is True
    assert place.read_text() == content


@pytest.mark.parametrize("name", ["..", ".", "", "a/b", "/etc", "../x"])
def test_a_directory_name_cannot_lead_elsewhere(tmp_path: Path, name: str) -> None:
    result = run(arguments(tmp_path / "reports", directory_name=name))
    assert result["failed"] is True
    assert names(tmp_path) == []


def test_a_link_in_the_place_of_the_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "contoso").symlink_to(tmp_path / "elsewhere")
    assert run(arguments(tmp_path))["failed"] is True
    assert names(tmp_path / "elsewhere") == []


def test_a_link_in_the_place_of_a_file_is_replaced_and_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("keep")
    (tmp_path / "contoso").mkdir()
    (tmp_path / "contoso" / "report.md").symlink_to(outside)
    assert run(arguments(tmp_path))["changed"] is True
    assert outside.read_text() == "keep"
    assert not (tmp_path / "contoso" / "report.md").is_symlink()


def test_a_disk_that_fills_up_leaves_the_old_pack_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(arguments(tmp_path))
    before = {path.name: path.read_bytes() for path in (tmp_path / "contoso").iterdir()}
    calls = []

    def full(handle: int) -> None:
        calls.append(handle)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(evidence_folder.os, "fsync", full)
    reading = healthy(license=license_result(assigned_user_seats=101))
    result = run(arguments(tmp_path, read=reading, evaluation=judge(reading)))
    assert result["failed"] is True
    assert "No space left on device" in result["msg"]
    assert result["summary"]["verdict"] == "non_compliant"
    assert {path.name: path.read_bytes() for path in (tmp_path / "contoso").iterdir()} == before


def test_a_place_that_cannot_be_written_is_a_message(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = run(arguments(tmp_path / "file"))
    assert result["failed"] is True
    assert "could not be written" in result["msg"]


@pytest.mark.parametrize(
    ("changed", "words"),
    [({"evaluation": {}}, "verdict"), ({"evaluated_at": "soon"}, "evaluated_at is no ISO 8601 time")],
)
def test_arguments_that_are_not_what_the_filters_return(tmp_path: Path, changed: dict[str, Any], words: str) -> None:
    result = run(arguments(tmp_path, **changed))
    assert result["failed"] is True
    assert words in result["msg"]


@pytest.mark.parametrize("changed", [{"formats": ["pdf"]}, {"formats": "pdf"}, {"reprot_dir": "x"}])
def test_unknown_formats_and_arguments_are_refused(tmp_path: Path, changed: dict[str, Any]) -> None:
    with pytest.raises(AnsibleActionFail):
        run(arguments(tmp_path, **changed))


def test_the_documentation_is_of_the_arguments_that_are_taken() -> None:
    options = yaml.safe_load(documentation.DOCUMENTATION)["options"]
    documented = {
        name: {key: value for key, value in option.items() if key != "description"} for name, option in options.items()
    }
    assert documented == compliance_evidence.ARGUMENTS


PLAY = """
- hosts: localhost
  gather_facts: false
  tasks:
    - cloudbackup.m365.compliance_plan:
        policy: "{{ policy }}"
        now_default: "{{ now }}"
        subject_default: "{{ subject }}"
      register: plan
    - cloudbackup.m365.compliance_evaluation:
        license_variable: license_result
        jobs_variable: jobs_result
        policy: "{{ plan.policy }}"
        waivers: "{{ plan.waivers }}"
        now: "{{ plan.now }}"
      register: judged
    - cloudbackup.m365.compliance_evidence:
        subject: "{{ subject }}"
        directory_name: contoso
        report_dir: "{{ report_dir }}"
        license_variable: license_result
        jobs_variable: jobs_result
        policy: "{{ plan.policy }}"
        evaluated_at: "{{ plan.now }}"
        evaluation: "{{ judged.evaluation }}"
      register: evidence
    - ansible.builtin.assert:
        that:
          - evidence is changed
          - evidence.summary.verdict == 'compliant'
          - evidence.files | last is search('evidence.json')
"""


def test_a_play_settles_judges_and_writes(tmp_path: Path) -> None:
    imported = Path(compliance_evidence.__file__)
    root = next(parent for parent in imported.parents if parent.name == "ansible_collections").parent
    (tmp_path / "play.yml").write_text(PLAY)
    variables = {
        "subject": "contoso",
        "report_dir": str(tmp_path / "reports"),
        "license_result": healthy()["license"],
        "jobs_result": healthy()["jobs"],
        "policy": "window: 7d",
        "now": NOW_TEXT,
    }
    (tmp_path / "vars.json").write_text(json.dumps(variables))
    ran = subprocess.run(
        [
            sys.executable,
            "-m",
            "ansible",
            "playbook",
            "-i",
            "localhost,",
            "-c",
            "local",
            "play.yml",
            "-e",
            "@vars.json",
        ],
        cwd=tmp_path,
        env={
            **os.environ,
            "ANSIBLE_COLLECTIONS_PATH": str(root),
            "ANSIBLE_LOCAL_TEMP": str(tmp_path / "tmp"),
            "HOME": str(tmp_path),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    data = json.loads((tmp_path / "reports" / "contoso" / "evidence.json").read_text())
    assert (data["read"], data["verdict"]) == (healthy(), "compliant")
