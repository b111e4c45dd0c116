# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import copy
import errno
import hashlib
import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.cloudbackup.m365.plugins.action import compliance_fleet
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.fleet import fleet as _fleet
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller import file_set, folder_lock
from ansible_collections.cloudbackup.m365.tests.unit.controller.steps import run_step, write_pack
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
    evaluation = judge(reading or healthy())
    variables = {
        "__compliance_plan": {"now": NOW_TEXT, "subject": subject, "registration": f"{subject}-id"},
        "__compliance_report": {
            "evaluation": evaluation,
            "summary": {"report": f"{report_dir}/{subject}/report.html", "sha256": "0"},
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
    assert len(result["findings"]) == 2


def unreadable() -> Any:
    raise RuntimeError("no vault secrets found\nfor this")


@pytest.mark.parametrize(
    ("variables", "reason"),
    [
        ({"__compliance_plan": {"failed": True, "msg": ["one: wrong", "two: wrong"]}}, "one: wrong; two: wrong."),
        ({"ansible_failed_result": {"failed": True, "msg": "'nope' is undefined"}}, "'nope' is undefined."),
        (judged("b", __compliance_report={"failed": True}), "It left the play before it was judged"),
        (
            judged(
                "b",
                __compliance_report={
                    "failed": True,
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
    ids=["mistakes", "task", "evaluation", "evidence", "stale", "nothing", "variables", "unknown host"],
)
def test_a_host_without_a_judgement_says_why(variables: Any, reason: str) -> None:
    result = fleet({"a": judged("a"), "b": variables})
    assert list(result["refused"]) == ["b"]
    assert doubts(result)["b"].startswith(reason)
    assert result["summary"]["counts"] == {"non_compliant": 0, "not_judged": 1, "undetermined": 0, "compliant": 1}


def test_no_host_is_no_green_fleet() -> None:
    assert fleet({})["summary"]["verdict"] == "undetermined"


def test_the_limit_of_the_play_is_told() -> None:
    variables = {"hostvars": HostVars(a=judged("a")), "ansible_limit": "a"}
    assert "Limited to a." in run_step(compliance_fleet, variables, hosts=["a"], now=NOW_TEXT)["findings"][0]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"now": "soon"}, "now is no ISO 8601 time"),
        ({"max_age": "often"}, "max_age is no duration"),
        ({"directories": ""}, "directories: names no folder"),
        ({"directories": {"a": 1}}, "directories: found a dictionary, allowed is a list of folders"),
        ({"directories": "[1"}, "directories: is neither JSON nor YAML"),
    ],
)
def test_a_wrong_argument_is_named(given: dict[str, Any], says: str) -> None:
    source = {} if "directories" in given else {"hosts": []}
    result = run_step(compliance_fleet, {"hostvars": HostVars()}, **{"now": NOW_TEXT, **source, **given})
    assert result["failed"] is True
    assert says in "; ".join(result["msg"])


# --- Evidence in folders ----------------------------------------------------------------------------------------------


def store(folder: Path, subject: str, reading: Any = None, **changed: Any) -> Path:
    """Write what a gate leaves behind for one tenant."""
    reading = copy.deepcopy(reading or healthy())
    for name in ("license", "jobs"):
        reading[name]["api"]["client_id"] = f"{subject}-id"
    write_pack(folder / subject, {**evidence_of(reading, subject=subject), **changed})
    return folder / subject / "evidence.json"


def merged(*directories: Any, **given: Any) -> dict[str, Any]:
    return run_step(compliance_fleet, {}, directories=[str(one) for one in directories], **{"now": NOW_TEXT, **given})


def test_evidence_in_folders_becomes_one_report(tmp_path: Path) -> None:
    store(tmp_path / "one", "contoso")
    store(tmp_path / "two", "fabrikam", RED)
    result = merged(tmp_path / "one", tmp_path / "two", report_dir=str(tmp_path / "all"))
    rows = json.loads((tmp_path / "all" / "fleet.json").read_text())["tenants"]
    assert [(row["subject"], row["verdict"], row["report"]) for row in rows] == [
        ("fabrikam", "non_compliant", "../two/fabrikam/report.html"),
        ("contoso", "compliant", "../one/contoso/report.html"),
    ]
    assert result["summary"]["verdict"] == "non_compliant"


@pytest.mark.parametrize(
    ("now", "expected", "says"),
    [
        ("2026-11-25T08:00:00Z", "compliant", ""),
        ("2026-11-25T08:00:01Z", "undetermined", "Its evidence is 26 h 1 s old, over 26h"),
        ("2026-11-24T05:55:00Z", "compliant", ""),
        ("2026-11-24T05:54:59Z", "undetermined", "Its evidence is of 2026-11-24T06:00:00Z"),
    ],
)
def test_evidence_that_is_too_old_or_of_the_future_is_in_doubt(
    now: str, expected: str, says: str, tmp_path: Path
) -> None:
    store(tmp_path, "contoso")
    result = merged(tmp_path, now=now)
    assert result["summary"]["verdict"] == expected
    assert says in result["findings"][-1]


def test_a_verdict_that_does_not_follow_from_what_was_read_is_not_believed(tmp_path: Path) -> None:
    store(tmp_path, "contoso", RED, verdict="compliant")
    result = merged(tmp_path)
    assert result["summary"]["verdict"] == "non_compliant"
    assert 'Its evidence says "compliant", which does not follow' in result["findings"][1]


@pytest.mark.parametrize(
    "content", ["", "[", "[]", '{"schema_version": 1}', "[" * 100_000], ids=["empty", "half", "list", "less", "deep"]
)
def test_evidence_that_cannot_be_read_is_red_and_named(content: str, tmp_path: Path) -> None:
    store(tmp_path, "contoso")
    store(tmp_path, "fabrikam").write_text(content)
    result = merged(tmp_path)
    assert result["summary"]["red"] == [str(tmp_path / "fabrikam" / "evidence.json")]
    assert result["summary"]["counts"]["compliant"] == 1


def test_reports_without_their_evidence_are_red(tmp_path: Path) -> None:
    store(tmp_path, "contoso").unlink()
    assert "No such file" in merged(tmp_path)["findings"][1]


def test_a_policy_that_is_none_is_red(tmp_path: Path) -> None:
    store(tmp_path, "contoso", policy={"window": "7 parsecs"})
    assert "It cannot be judged. policy.window" in merged(tmp_path)["findings"][1]


def test_two_tenants_that_were_read_with_one_app_registration_are_in_doubt(tmp_path: Path) -> None:
    path = store(tmp_path, "contoso")
    store(tmp_path, "fabrikam")
    path.write_text(path.read_text().replace("contoso-id", "FABRIKAM-ID"))
    result = merged(tmp_path)
    assert result["summary"]["counts"]["undetermined"] == 2
    assert f"the same app registration as {path}" in " ".join(result["findings"])


@pytest.mark.parametrize("make", [False, True], ids=["missing", "empty"])
def test_a_folder_without_evidence_is_red(make: bool, tmp_path: Path) -> None:
    if make:
        (tmp_path / "other" / "pictures").mkdir(parents=True)
    store(tmp_path / "one", "contoso")
    assert merged(tmp_path / "one", tmp_path / "other")["summary"]["red"] == [str(tmp_path / "other")]


def test_two_evidences_of_one_tenant_are_in_doubt_and_the_same_one_twice_is_one(tmp_path: Path) -> None:
    one, two = store(tmp_path / "one", "contoso"), store(tmp_path / "two", "contoso")
    same = merged(tmp_path / "one", tmp_path / "two", tmp_path / "one" / ".." / "one")
    assert (same["summary"]["verdict"], same["summary"]["tenants"]) == ("compliant", 1)
    two.write_text(two.read_text() + "\n")
    differing = merged(tmp_path / "one", tmp_path / "two")
    assert differing["summary"]["counts"]["undetermined"] == 2
    assert f"the same name as {two}" in " ".join(differing["findings"])
    assert f"the same name as {one}" in " ".join(differing["findings"])


def test_who_was_not_judged_by_a_gate_is_not_judged_by_older_evidence(tmp_path: Path) -> None:
    store(tmp_path, "contoso")
    store(tmp_path, "fabrikam")
    tenants = [_fleet.Tenant("contoso", "a", doubt="'nope' is undefined."), _fleet.Tenant("late", "b", doubt="Lost.")]
    content = _fleet.fleet(tenants, NOW_TEXT)
    (tmp_path / "fleet.json").write_text(json.dumps(content))
    result = merged(tmp_path)
    assert result["summary"]["counts"] == {"non_compliant": 0, "not_judged": 2, "undetermined": 0, "compliant": 1}
    assert result["findings"][1] == "NOT JUDGED contoso: 'nope' is undefined."


@pytest.mark.parametrize("content", ["", "{}", '{"tenants": [1]}', '{"tenants": {}}', "[" * 100_000])
def test_a_fleet_file_that_cannot_be_read_is_red(content: str, tmp_path: Path) -> None:
    store(tmp_path, "contoso")
    (tmp_path / "fleet.json").write_text(content)
    assert merged(tmp_path)["summary"]["red"] == [str(tmp_path)]


def test_the_report_is_not_written_among_what_it_is_made_from(tmp_path: Path) -> None:
    store(tmp_path, "contoso")
    result = merged(tmp_path, report_dir=f"{tmp_path}/contoso/..")
    assert result["failed"] is True
    assert "a folder of its own" in result["msg"][0]
    assert not (tmp_path / "fleet.json").exists()


@pytest.mark.parametrize("form", ["{0},{1}", '["{0}", "{1}"]', "- {0}\n- {1}", " {0} , {1},{0}"])
def test_folders_may_be_named_in_a_text(form: str, tmp_path: Path) -> None:
    store(tmp_path / "one", "contoso")
    store(tmp_path / "two", "fabrikam")
    text = form.format(tmp_path / "one", tmp_path / "two")
    assert run_step(compliance_fleet, {}, directories=text, now=NOW_TEXT)["summary"]["tenants"] == 2


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
    assert (result["failed"], result["msg"]) == (True, [message])


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
    assert f"{tmp_path}/.lock" in result["msg"]
    assert result["summary"]["report"] is None
