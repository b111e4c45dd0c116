# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import hashlib
import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.cloudbackup.m365.plugins.action import compliance_fleet
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reports import findings
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller import file_set, folder_lock
from ansible_collections.cloudbackup.m365.tests.unit.controller.steps import Failing, run_step
from ansible_collections.cloudbackup.m365.tests.unit.readings import (
    NOW_TEXT,
    evidence_of,
    healthy,
    judge,
    license_result,
)

RED = healthy(license=license_result(assigned_user_seats=101))


class HostVars(dict):  # type: ignore[type-arg]
    """The variables of hosts, as a task finds them."""

    def raw_get(self, host: str) -> Any:
        found = self[host]
        return found() if isinstance(found, Callable) else found  # type: ignore[arg-type]


def judged(subject: str, reading: Any = None, report_dir: str = "/reports", **changed: Any) -> dict[str, Any]:
    """The variables of a host that was judged."""
    evidence = evidence_of(reading or healthy())
    summary = {"report": f"{report_dir}/{subject}/report.html", "sha256": "0", "worst": findings.worst(evidence)}
    variables = {
        "__compliance_plan": {"now": NOW_TEXT, "subject": subject, "registration": f"{subject}-id"},
        "__compliance_report": {
            "evaluation": judge(reading or healthy()),
            "summary": summary,
        },
    }
    return {**variables, **changed}


def fleet(hosts: dict[str, Any], **given: Any) -> dict[str, Any]:
    arguments = {"hosts": list(hosts), "now": NOW_TEXT, **given}
    return run_step(compliance_fleet, {"hostvars": HostVars(hosts)}, **arguments)


def doubts(result: dict[str, Any]) -> dict[str, str]:
    return {host: lines[0].partition("JUDGED. ")[2] for host, lines in result["refused"].items()}


def test_the_report_is_for_its_owner_alone(tmp_path: Path) -> None:
    result = fleet({"a": judged("contoso", report_dir=str(tmp_path))}, report_dir=str(tmp_path / "new"))
    assert result["changed"] is True
    assert result["files"] == [str(tmp_path / "new" / name) for name in ("fleet.html", "fleet.json")]
    assert {stat.S_IMODE((tmp_path / "new" / name).stat().st_mode) for name in ("fleet.html", "fleet.json")} == {0o600}
    content = (tmp_path / "new" / "fleet.json").read_bytes()
    assert result["summary"]["sha256"] == hashlib.sha256(content).hexdigest()
    assert result["summary"]["report"] == str(tmp_path / "new" / "fleet.html")
    row = json.loads(content)["tenants"][0]
    assert (row["host"], row["subject"], row["report"]) == ("a", "contoso", "../contoso/report.html")


@pytest.mark.parametrize(
    ("check_mode", "given"), [(True, {"report_dir": "reports"}), (False, {})], ids=["check", "none"]
)
def test_check_mode_and_no_directory_tell_the_same_and_write_nothing(
    check_mode: bool, given: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    variables = {"hostvars": HostVars(a=judged("a"), b=judged("b", RED))}
    result = run_step(compliance_fleet, variables, check_mode, hosts=["a", "b"], now=NOW_TEXT, **given)
    assert (result["changed"], result["files"], result["summary"]["report"]) == (False, [], None)
    assert result["summary"]["verdict"] == "non_compliant"
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_written_is_a_failure_that_tells_the_findings(tmp_path: Path) -> None:
    (tmp_path / "fleet.json").mkdir()
    result = fleet({"a": judged("a", RED)}, report_dir=str(tmp_path))
    assert result["failed"] is True
    assert "could not be written" in result["msg"]
    assert result["findings"][-2].startswith("NON-COMPLIANT: 1 tenant")
    assert {"changed", "failed", "findings", "msg"} == {name for name in result if not name.startswith("_")}
    deferred = fleet({"a": judged("a", RED)}, report_dir=str(tmp_path), deferred=True)
    assert "failed" not in deferred
    assert "could not be written" in deferred["msg"]
    assert deferred["refused"] == {}


def of_variable(hosts: dict[str, Any], own: Any, **given: Any) -> dict[str, Any]:
    variables = {"hostvars": HostVars(hosts), "dir": own}
    lookup = Failing("cannot open https://someone:hunter2@vault/x")
    given = {"hosts": list(hosts), "now": NOW_TEXT, "input_variables": {"report_dir": "dir"}, **given}
    return run_step(compliance_fleet, variables, templar=lookup, **given)


@pytest.mark.parametrize("own", ["{{ it }}", ["a list"]])
def test_the_directory_is_that_of_the_first_tenant_with_one_that_can_be_read(own: Any, tmp_path: Path) -> None:
    hosts = {
        "a": judged("a", dir=own),
        "b": unreadable,
        "c": judged("c", dir=""),
        "d": judged("d", dir=str(tmp_path / "d")),
        "e": judged("e", dir=str(tmp_path / "e")),
    }
    assert of_variable(hosts, own)["files"] == [str(tmp_path / "d" / name) for name in ("fleet.html", "fleet.json")]
    of_task = of_variable(hosts, str(tmp_path / "mine"))
    assert of_task["summary"]["report"] == str(tmp_path / "mine" / "fleet.html")


@pytest.mark.parametrize("nothing", [None, "", " "])
def test_a_variable_without_a_directory_writes_nothing(nothing: Any, tmp_path: Path) -> None:
    result = of_variable({"a": judged("a", dir=str(tmp_path))}, nothing)
    assert (result["files"], result.get("failed"), list(tmp_path.iterdir())) == ([], None, [])


def test_a_directory_that_no_variable_names_is_a_failure_without_the_words_that_quote_a_password() -> None:
    hosts = {"a": judged("a", RED, dir="{{ it }}"), "b": unreadable}
    result = of_variable(hosts, "{{ it }}")
    assert result["failed"] is True
    shown = " ".join([result["msg"], *result["findings"]])
    assert "The fleet's report could not be written. dir: cannot be read: " in shown
    assert "NON-COMPLIANT" in shown
    assert "hunter2" not in shown
    deferred = of_variable(hosts, "{{ it }}", deferred=True)
    assert "failed" not in deferred
    assert "dir: cannot be read" in deferred["msg"]


MISTAKES = {"failed": True, "msg": "2 mistakes: one, two", "findings": ["one: wrong", "two: wrong"]}


def unreadable() -> Any:
    raise RuntimeError("no vault secrets found\nfor this")


@pytest.mark.parametrize(
    ("variables", "reason"),
    [
        ({"__compliance_plan": MISTAKES}, "one: wrong; two: wrong."),
        ({"__compliance_plan": {"mistakes": MISTAKES["findings"]}}, "one: wrong; two: wrong."),
        ({"ansible_failed_result": {"failed": True, "msg": "'nope' is undefined"}}, "'nope' is undefined."),
        (judged("b", __compliance_report={"failed": True}), "It left the play before it was judged"),
        (
            judged(
                "b",
                __compliance_report={
                    "msg": "The disk is full.",
                    "evaluation": judge(healthy()),
                    "summary": {"report": None},
                },
            ),
            "The disk is full.",
        ),
        # What an earlier task left behind is no judgement of this run
        (judged("b", __compliance_plan={"now": "2026-11-25T00:00:00Z", "subject": "b"}), "It left the play"),
        ({}, "It left the play before it was judged: it is unreachable, or an earlier task failed."),
        (unreadable, "Its variables cannot be read: no vault secrets found for this."),
        (None, "It left the play"),
    ],
    ids=[
        "mistakes",
        "deferred",
        "task",
        "evaluation",
        "evidence",
        "stale",
        "nothing",
        "variables",
        "unknown host",
    ],
)
def test_a_host_without_a_judgement_says_why(variables: Any, reason: str) -> None:
    result = fleet({"a": judged("a"), "b": variables})
    assert list(result["refused"]) == ["b"]
    assert doubts(result)["b"].startswith(reason)
    assert result["summary"]["counts"] == {"non_compliant": 0, "not_judged": 1, "undetermined": 0, "compliant": 1}


@pytest.mark.parametrize(
    ("one", "two", "is_same"),
    [
        ("id at https://x.example.com", "ID at https://x.example.com", True),
        ("id at https://x.example.com", "id at https://y.example.com", False),
        ("", "", False),
        (None, None, False),
    ],
)
def test_the_planned_registrations_are_compared_in_one_spelling(one: Any, two: Any, is_same: bool) -> None:
    hosts = {"a": judged("a"), "b": judged("b")}
    for host, registration in zip(hosts.values(), (one, two)):
        host["__compliance_plan"]["registration"] = registration
    assert (set(fleet(hosts)["refused"]) == {"a", "b"}) is is_same


def test_no_host_is_no_green_fleet() -> None:
    assert fleet({})["summary"]["verdict"] == "undetermined"


def test_the_limit_of_the_play_is_reported() -> None:
    variables = {"hostvars": HostVars(a=judged("a")), "ansible_limit": "a"}
    assert "Limited to a." in run_step(compliance_fleet, variables, hosts=["a"], now=NOW_TEXT)["headline"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"now": "soon"}, "now is not an ISO 8601 time"),
        ({"max_age": "often"}, "max_age is not a duration"),
        ({"directories": ""}, "directories: names no folder"),
        ({"directories": {"a": 1}}, "directories: expected a list of folders, got a dictionary"),
        ({"directories": "[1"}, "directories: is neither JSON nor YAML"),
    ],
)
def test_a_wrong_argument_is_named(given: dict[str, Any], words: str) -> None:
    source = {} if "directories" in given else {"hosts": []}
    result = run_step(compliance_fleet, {"hostvars": HostVars()}, **{"now": NOW_TEXT, **source, **given})
    assert result["failed"] is True
    assert words in result["msg"]


# --- Hosts of one name ------------------------------------------------------------------------------------------------


class Broken(dict):  # type: ignore[type-arg]
    def get(self, name: str, default: Any = None) -> Any:
        raise RuntimeError("'nope' is undefined")


def test_hosts_that_would_share_a_directory_are_found_and_a_broken_one_stops_nobody() -> None:
    hosts = {
        "web1": {"compliance_subject": "Contoso"},
        "contoso": {},
        "web2": {"compliance_subject": " contoso "},
        "web3": {"compliance_subject": 7},
        "7": {"compliance_subject": ""},
        "web4": {"compliance_subject": "web4"},
        "web5": Broken(),
    }
    result = run_step(compliance_fleet, {"hostvars": HostVars(hosts)}, mode="conflicts", hosts=list(hosts))
    assert (result["hosts"], result["unreadable"]) == (list(hosts), {})
    assert result["shared"] == {
        "web1": ["contoso", "web2"],
        "contoso": ["web1", "web2"],
        "web2": ["web1", "contoso"],
        "web3": ["7"],
        "7": ["web3"],
    }


def test_a_host_whose_variables_cannot_be_read_is_named_with_the_reason() -> None:
    hosts = {"a": {}, "b": unreadable}
    result = run_step(compliance_fleet, {"hostvars": HostVars(hosts)}, mode="conflicts", hosts=list(hosts))
    assert result["unreadable"] == {"b": "no vault secrets found for this"}


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ({}, "No tenant is judged. The group tenants of the inventory has 0 hosts."),
        ({"tenants": []}, "No tenant is judged. The group tenants of the inventory has 0 hosts."),
        (
            {"tenants": ["contoso", "fabrikam"]},
            "No tenant is judged. The group tenants of the inventory has 2 hosts, and --limit leaves none of them.",
        ),
    ],
)
def test_no_tenant_at_all_is_a_failure(groups: dict[str, list[str]], message: str) -> None:
    variables = {"hostvars": HostVars({}), "groups": groups, "ansible_play_hosts_all": ["localhost"]}
    result = run_step(compliance_fleet, variables, mode="conflicts", group="tenants")
    assert (result["failed"], result["msg"]) == (True, message)


# --- The folder of the report -----------------------------------------------------------------------------------------


def test_the_report_is_written_as_one_unit_under_the_lock_of_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet({"a": judged("a")}, report_dir=str(tmp_path))
    (tmp_path / ".evidence-left").write_text("of a killed run")
    moved = []

    def stop(_source: str, target: Path) -> None:
        moved.append(target.name)
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(file_set.os, "replace", stop)
    assert fleet({"a": judged("a", RED)}, report_dir=str(tmp_path))["failed"] is True
    monkeypatch.undo()
    # The old fleet.json is gone before the first other file is moved
    assert moved == ["fleet.html"]
    assert sorted(path.name for path in tmp_path.iterdir()) == [".lock", "fleet.html"]
    assert fleet({"a": judged("a", RED)}, report_dir=str(tmp_path))["changed"] is True
    assert fleet({"a": judged("a", RED)}, report_dir=str(tmp_path))["changed"] is False


def test_a_fleet_folder_that_is_locked_is_a_failure_that_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: Any) -> None:
        raise OSError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr(folder_lock.fcntl, "lockf", refuse)
    monkeypatch.setattr(folder_lock, "WAIT", 0.0)
    result = fleet({"a": judged("a")}, report_dir=str(tmp_path))
    assert result["failed"] is True
    assert f"{tmp_path}/.lock" in " ".join([result["msg"], *result["findings"]])
