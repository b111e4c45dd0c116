# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import hashlib
import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleActionFail
from ansible_collections.cloudbackup.m365.plugins.action import compliance_report
from ansible_collections.cloudbackup.m365.plugins.module_utils import _names
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reports.pack_files import (
    DEFAULT_FORMATS,
    FILE_OF,
)
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller import file_set
from ansible_collections.cloudbackup.m365.tests.unit.controller.steps import mistakes, registered, run_step
from ansible_collections.cloudbackup.m365.tests.unit.readings import NOW_TEXT, healthy, judge, license_result

EXCEEDED = healthy(license=license_result(assigned_user_seats=101))

FILES = [FILE_OF[name] for name in DEFAULT_FORMATS]


def report(report_dir: Any, reading: Any = None, check_mode: bool = False, **changed: Any) -> dict[str, Any]:
    """Run the step; the reading is in the variables of the registered results."""
    reading = reading or healthy()
    arguments = {
        "subject": "contoso",
        "reads_variable": "reads",
        "policy": {},
        "waivers": [],
        "now": NOW_TEXT,
        "report_dir": str(report_dir) if report_dir else report_dir,
        "history": False,
        **changed,
    }
    given = {name: value for name, value in arguments.items() if value is not None}
    return run_step(compliance_report, {"reads": registered(reading)}, check_mode, **given)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir() if path.name != ".lock")


def test_the_pack_is_written_for_its_owner_alone(tmp_path: Path) -> None:
    result = report(tmp_path / "new" / "reports")
    directory = tmp_path / "new" / "reports" / "contoso"
    assert result["changed"] is True
    assert result["files"] == [str(directory / name) for name in (*FILES[1:], "evidence.json")]
    assert names(directory) == sorted(FILES)
    assert mode(directory) == 0o700
    assert {mode(directory / name) for name in FILES} == {0o600}


def test_the_summary_names_the_pack(tmp_path: Path) -> None:
    result = report(tmp_path, EXCEEDED)
    content = (tmp_path / "contoso" / "evidence.json").read_bytes()
    assert result["summary"] == {
        "verdict": "non_compliant",
        "counts": judge(EXCEEDED)["counts"],
        "worst": ["FAIL license_seats: 101 of 100 seats (101 %)"],
        "report": str(tmp_path / "contoso" / "report.html"),
        "sha256": hashlib.sha256(content).hexdigest(),
        "history_sha256": None,
    }
    assert result["headline"] == "contoso: NON-COMPLIANT, license_seats failed: 101 of 100 seats (101 %)"
    assert result["findings"][-1].endswith(f" Report: {result['summary']['report']}")


@pytest.mark.parametrize("formats", [["json"], ["junit"], ["json", "junit"]])
def test_without_a_report_for_people_the_summary_names_the_evidence(tmp_path: Path, formats: list[str]) -> None:
    result = report(tmp_path, formats=formats)
    assert result["summary"]["report"] == str(tmp_path / "contoso" / "evidence.json")


def test_evidence_names_the_collection_and_its_version(tmp_path: Path) -> None:
    report(tmp_path, formats=["json"])
    found = json.loads((tmp_path / "contoso" / "evidence.json").read_text())["collection"]
    assert found == {"name": _names.COLLECTION, "version": _names.VERSION}
    assert names(tmp_path / "contoso") == ["evidence.json"]


def test_the_same_pack_again_changes_nothing(tmp_path: Path) -> None:
    report(tmp_path)
    before = os.stat(tmp_path / "contoso" / "evidence.json")
    again = report(tmp_path)
    assert again["changed"] is False
    assert len(again["files"]) == len(DEFAULT_FORMATS)
    assert os.stat(tmp_path / "contoso" / "evidence.json").st_ino == before.st_ino


def test_a_file_that_others_may_read_is_written_anew(tmp_path: Path) -> None:
    report(tmp_path)
    (tmp_path / "contoso" / "report.md").chmod(0o644)
    assert report(tmp_path)["changed"] is True
    assert mode(tmp_path / "contoso" / "report.md") == 0o600


def test_check_mode_writes_nothing_and_says_the_same(tmp_path: Path) -> None:
    checked = report(tmp_path / "reports", check_mode=True)
    assert names(tmp_path) == []
    assert (checked["changed"], checked["files"], checked["summary"]["report"]) == (False, [], None)
    written = report(tmp_path / "reports")
    assert checked["headline"] == written["headline"]
    assert [*checked["findings"][:-1], f"{checked['findings'][-1]} Report: {written['summary']['report']}"] == (
        written["findings"]
    )
    assert checked["summary"]["sha256"] == written["summary"]["sha256"]


@pytest.mark.parametrize("report_dir", [None, ""])
def test_without_a_directory_nothing_is_written_and_that_is_warned_of(report_dir: Any) -> None:
    result = report(report_dir)
    assert result["warnings"] == ["No report_dir is given: the evidence of this run is not kept."]
    assert (result["changed"], result["files"], result["summary"]["report"]) == (False, [], None)
    assert len(result["summary"]["sha256"]) == 64


@pytest.mark.parametrize("check_mode", [False, True])
def test_the_directory_of_another_subject_is_refused(tmp_path: Path, check_mode: bool) -> None:
    (tmp_path / "contoso").mkdir()
    (tmp_path / "contoso" / "evidence.json").write_text('{"subject": "fabrikam"}')
    before = (tmp_path / "contoso" / "evidence.json").read_bytes()
    result = report(tmp_path, check_mode=check_mode)
    assert result["failed"] is True
    assert "another subject" in result["msg"]
    assert '"fabrikam"' in result["msg"]
    assert result["findings"]
    assert (tmp_path / "contoso" / "evidence.json").read_bytes() == before


@pytest.mark.parametrize("content", ["", "{", "[]", '{"subject": null}', "\x00"])
def test_what_is_no_evidence_is_not_overwritten(tmp_path: Path, content: str) -> None:
    place = tmp_path / "contoso" / "evidence.json"
    place.parent.mkdir()
    place.write_text(content)
    assert report(tmp_path)["failed"] is True
    assert place.read_text() == content


def test_a_link_in_the_place_of_the_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "contoso").symlink_to(tmp_path / "elsewhere")
    assert report(tmp_path)["failed"] is True
    assert names(tmp_path / "elsewhere") == []


def test_a_link_in_the_place_of_a_file_is_replaced_and_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("keep")
    (tmp_path / "contoso").mkdir()
    (tmp_path / "contoso" / "report.md").symlink_to(outside)
    assert report(tmp_path)["changed"] is True
    assert outside.read_text() == "keep"
    assert not (tmp_path / "contoso" / "report.md").is_symlink()


def test_a_disk_that_fills_up_leaves_the_old_pack_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report(tmp_path)
    before = {path.name: path.read_bytes() for path in (tmp_path / "contoso").iterdir()}
    calls = []

    def full(handle: int) -> None:
        calls.append(handle)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(file_set.os, "fsync", full)
    result = report(tmp_path, EXCEEDED)
    assert result["failed"] is True
    assert "No space left on device" in " ".join([result["msg"], result["findings"][0]])
    assert "contoso: NON-COMPLIANT, license_seats failed: 101 of 100 seats (101 %)" in result["findings"]
    # Nothing but what a person reads is printed of a failed task
    assert {"changed", "failed", "findings", "msg"} == {name for name in result if not name.startswith("_")}
    assert {path.name: path.read_bytes() for path in (tmp_path / "contoso").iterdir()} == before


def test_a_deferred_report_that_cannot_be_written_has_the_reason_beside_the_findings(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = report(tmp_path / "file", deferred=True)
    assert "failed" not in result
    assert "could not be written" in result["msg"]
    assert result["evaluation"]["verdict"] == "compliant"
    assert "ansible_stats" not in result


def test_a_place_that_cannot_be_written_is_a_message(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = report(tmp_path / "file")
    assert result["failed"] is True
    assert "could not be written" in result["msg"]


@pytest.mark.parametrize("changed", [{"formats": ["pdf"]}, {"formats": "pdf"}, {"reprot_dir": "x"}])
def test_unknown_formats_and_arguments_are_refused(tmp_path: Path, changed: dict[str, Any]) -> None:
    with pytest.raises(AnsibleActionFail):
        report(tmp_path, **changed)


def test_the_evaluation_is_that_of_the_filter(tmp_path: Path) -> None:
    assert report(tmp_path)["evaluation"] == judge(healthy())
    stored = json.loads((tmp_path / "contoso" / "evidence.json").read_text())
    assert (stored["read"], stored["verdict"]) == (healthy(), "compliant")


def test_the_evidence_holds_the_planned_connection_and_whether_the_instant_was_given(tmp_path: Path) -> None:
    planned = {"url": "https://graph-us.example.com", "version": None, "client_id": "0a1b"}
    result = report(tmp_path, connection=planned, now_given="yes")
    stored = json.loads((tmp_path / "contoso" / "evidence.json").read_text())["read"]
    assert (stored["connection"], stored["now_given"]) == (planned, True)
    assert result["registration"] == "0a1b at https://graph-us.example.com"


@pytest.mark.parametrize("connection", [None, {}, {"url": None}])
def test_what_was_not_planned_is_null(tmp_path: Path, connection: Any) -> None:
    report(tmp_path, connection=connection)
    stored = json.loads((tmp_path / "contoso" / "evidence.json").read_text())["read"]
    assert (stored["connection"], stored["now_given"]) == (dict.fromkeys(("url", "version", "client_id")), False)


def test_no_secret_can_be_handed_to_the_evidence(tmp_path: Path) -> None:
    with pytest.raises(AnsibleActionFail, match="client_secret") as caught:
        report(tmp_path, connection={"client_secret": "hunter2"})
    assert "hunter2" not in str(caught.value)


def test_no_caller_can_hand_in_a_verdict(tmp_path: Path) -> None:
    with pytest.raises(AnsibleActionFail, match="evaluation"):
        report(tmp_path, evaluation={"verdict": "compliant"})


NO_RESULTS = {
    "never registered": {},
    "null": {"reads": None},
    "a text": {"reads": "text"},
    "failed before the first item": {"reads": {"failed": True, "msg": "no"}},
    "no items": {"reads": {"results": []}},
    "an item without its name": {"reads": {"results": [{"changed": False}, None, "text"]}},
    "another result": {"reads": registered({"license": None, "jobs": None})},
}


@pytest.mark.parametrize("variables", NO_RESULTS.values(), ids=NO_RESULTS)
def test_a_missing_result_is_undetermined(tmp_path: Path, variables: dict[str, Any]) -> None:
    arguments = {"reads_variable": "reads", "subject": "contoso", "policy": {}, "waivers": [], "now": NOW_TEXT}
    evaluation = run_step(compliance_report, variables, report_dir=str(tmp_path), **arguments)["evaluation"]
    assert evaluation["verdict"] == "undetermined"
    assert evaluation["counts"]["error"] > 0
    assert (tmp_path / "contoso" / "report.html").exists()


def test_every_mistake_is_reported_at_once_and_nothing_is_written(tmp_path: Path) -> None:
    result = report(tmp_path, policy={"widnow": "7d"}, waivers=[{}], now="soon")
    assert result["failed"] is True
    assert [line.partition(":")[0] for line in mistakes(result)] == [
        "policy.widnow",
        "waivers[0].check",
        "waivers[0].reason",
        "waivers[0].approver",
        "waivers[0].expires",
        "now",
    ]
    assert names(tmp_path) == []
