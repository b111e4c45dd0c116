# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import copy
import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleActionFail
from ansible_collections.cloudbackup.m365.plugins.action import compliance_replay
from ansible_collections.cloudbackup.m365.plugins.module_utils import _names, _time
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller import stored_evidence
from ansible_collections.cloudbackup.m365.tests.unit.controller.steps import Failing, mistakes, run_step, store
from ansible_collections.cloudbackup.m365.tests.unit.evaluation.test_properties import (
    reading_of,
    tenants,
    waivers,
)
from ansible_collections.cloudbackup.m365.tests.unit.readings import (
    NOT_PLANNED,
    NOW_TEXT,
    WINDOW_START,
    ago,
    count,
    evidence_of,
    group,
    healthy,
    job,
    judge,
    license_result,
    only,
    read,
)
from hypothesis import given, settings

EXCEEDED = healthy(license=license_result(assigned_user_seats=101))
NOTHING_READ: dict[str, Any] = {
    **NOT_PLANNED,
    "license": None,
    "jobs": None,
    "errors": [{"read": "jobs", "message": "timed out", "failure": {"kind": "timeout"}}],
}
WAIVER = {"check": "license_seats", "reason": "20 are ordered", "approver": "J. Doe", "expires": "2026-12-31"}
SPECIAL = {
    "window": "2d",
    "checks": {
        "license_seats": {"warn": "99.99 %", "fail": "133.7 %"},
        "backup_recency": {"fail": "30h", "services": {"teams": {"enabled": False}}},
    },
}
EMPTY = {"evaluated_at": NOW_TEXT, "policy": {}, "subject": "x", "waivers": [], "schema_version": 1}


def replay(path: Path, check_mode: bool = False, **given: Any) -> dict[str, Any]:
    return run_step(compliance_replay, check_mode=check_mode, evidence=str(path), **given)


def files_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != ".lock"}


def replayed(tmp_path: Path, **given: Any) -> dict[str, Any]:
    """The evidence that a replay of the stored one writes."""
    replay(tmp_path / "stored" / "evidence.json", report_dir=str(tmp_path / "reports"), **given)
    data: dict[str, Any] = json.loads((tmp_path / "reports" / "contoso" / "evidence.json").read_bytes())
    return data


@pytest.mark.parametrize(
    ("reading", "policy", "waivers"),
    [
        (healthy(), None, None),
        (EXCEEDED, None, None),
        (EXCEEDED, None, [WAIVER, {**WAIVER, "scope": "license", "expires": "2020-01-01"}]),
        (EXCEEDED, SPECIAL, [WAIVER]),
        (NOTHING_READ, None, None),
    ],
)
def test_the_same_inputs_give_every_file_byte_for_byte(tmp_path: Path, reading: Any, policy: Any, waivers: Any) -> None:
    stored = store(tmp_path / "stored", reading, policy, waivers)
    result = replay(tmp_path / "stored" / "evidence.json", report_dir=str(tmp_path / "reports"))
    assert files_in(tmp_path / "reports" / "contoso") == stored
    assert result["reproduced"] is True
    assert result["comparison"] == f"The same as {tmp_path / 'stored' / 'evidence.json'}, byte for byte."
    assert result["summary"]["sha256"] == hashlib.sha256(stored["evidence.json"]).hexdigest()


@given(tenants(), waivers)
@settings(max_examples=20)
def test_whatever_a_tenant_did_is_judged_again_the_same(tenant: Any, given_waivers: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store(Path(folder) / "stored", reading_of(tenant), None, given_waivers)
        assert replay(Path(folder) / "stored" / "evidence.json")["reproduced"] is True


@pytest.mark.parametrize("nothing", [None, ""])
def test_an_empty_input_is_the_stored_one(tmp_path: Path, nothing: Any) -> None:
    store(tmp_path / "stored", EXCEEDED, SPECIAL, [WAIVER])
    empty = dict.fromkeys(("policy", "waivers", "now", "report_formats", "report_dir"), nothing)
    assert replay(tmp_path / "stored" / "evidence.json", **empty)["reproduced"] is True


@pytest.mark.parametrize(
    ("given_inputs", "verdict"),
    [
        ({"policy": {}}, "compliant"),
        ({"policy": {"checks": {"license_seats": {"fail": 150}}}, "waivers": []}, "compliant"),
        ({"waivers": []}, "non_compliant"),
        ({"waivers": "[]"}, "non_compliant"),
        ({"policy": {"services": ["teams", "power_bi"]}}, "undetermined"),
        ({"policy": "window: 8d"}, "undetermined"),
        ({"policy": '{"window": "3d", "services": ["teams", "onedrive"]}'}, "compliant"),
        ({"policy": {"services": ["teams"]}}, "compliant"),  # with a warning of what was not counted
        ({"policy": {"checks": {"backup_recency": {"fail": "30m"}}}}, "non_compliant"),
        ({"now": "2026-11-24"}, "undetermined"),
        ({"now": "2026-11-24T07:00:00+01:00"}, "compliant"),
    ],
)
def test_other_inputs_are_judged_by_what_was_read(tmp_path: Path, given_inputs: Any, verdict: str) -> None:
    store(tmp_path / "stored", EXCEEDED, None, [WAIVER])
    assert replay(tmp_path / "stored" / "evidence.json", **given_inputs)["summary"]["verdict"] == verdict


@pytest.mark.parametrize(
    ("policy", "shown"),
    [
        ({"services": ["power_bi"]}, "There is no answer about the backup jobs of power_bi since 2026-11-03T06:00:00Z"),
        ({"window": "8d"}, "There is no answer about the backup jobs of teams since 2026-11-02T06:00:00Z: what was"),
        ({"locations": ["EUR"]}, "There is no answer about the backup jobs of teams@EUR"),
    ],
)
def test_what_was_not_read_is_an_error_that_says_so(tmp_path: Path, policy: Any, shown: str) -> None:
    store(tmp_path / "stored", healthy())
    result = replay(tmp_path / "stored" / "evidence.json", policy=policy)
    assert result["summary"]["verdict"] == "undetermined"
    assert shown in " ".join(result["findings"])


@pytest.mark.parametrize("reading", [healthy(), EXCEEDED])
@pytest.mark.parametrize("later", ["2026-11-24T06:00:01Z", "2026-11-25", "2999-01-01"])
def test_nothing_is_known_of_what_came_after_the_evidence(tmp_path: Path, reading: Any, later: str) -> None:
    store(tmp_path / "stored", reading)
    data = replayed(tmp_path, now=later)
    assert {one["status"] for one in data["results"]} == {"error"}
    assert data["verdict"] == "undetermined"
    assert all(f"ends at {NOW_TEXT}, before {data['evaluated_at']}" in one["message"] for one in data["results"])


def test_a_license_before_it_was_read_is_not_known_and_jobs_to_come_are_named(tmp_path: Path) -> None:
    store(tmp_path / "stored", healthy())
    data = replayed(tmp_path, now="2026-11-24", policy={"window": "3d"})
    shown = {one["check"]: one["message"] for one in data["results"]}
    assert f"contains it as of {NOW_TEXT}, not as of 2026-11-24T00:00:00Z" in shown["license_seats"]
    assert "starts in the future, at 2026-11-24T04:30:00Z; it is 2026-11-24T00:00:00Z now" in shown["backup_recency"]
    # The jobs that run now do not show which ran at that instant
    assert "There is no answer about" in shown["stuck_jobs"]
    seen = {one["check"] for one in data["results"] if one["status"] != "error"}
    assert seen == {"deletion_activity"}


def test_jobs_up_to_an_earlier_instant_were_seen(tmp_path: Path) -> None:
    quiet = [job("teams-1", finish=ago(hours=25))]
    store(tmp_path / "stored", read(group(quiet), count(1)), only("teams"))
    data = replayed(tmp_path, now=_time.unix_to_iso(ago(hours=5)), policy={**only("teams"), "window": "2d"})
    statuses = {one["check"]: one["status"] for one in data["results"]}
    assert (statuses["backup_recency"], statuses["license_seats"]) == ("pass", "error")
    assert data["verdict"] == "undetermined"


@pytest.mark.parametrize(("now", "is_doubted"), [(NOW_TEXT, True), ("2026-11-24T01:00:00Z", False)])
def test_a_now_that_was_given_is_compared_at_its_own_instant_alone(tmp_path: Path, now: str, is_doubted: bool) -> None:
    reading = read(group([job("teams-1", finish=ago(hours=25))]), count(1), now_given=True)
    reading["jobs"]["api"]["server_time"] = "2026-11-24T09:00:00Z"
    store(tmp_path / "stored", reading, only("teams"))
    data = replayed(tmp_path, now=now, policy={**only("teams"), "window": "2d"})
    assert any("The given now is" in one["message"] for one in data["results"]) == is_doubted


@pytest.mark.parametrize("now", ["2026-11-25", "2026-11-24"])
def test_no_chain_of_replays_makes_a_green_one(tmp_path: Path, now: str) -> None:
    store(tmp_path / "stored", healthy())
    replay(tmp_path / "stored" / "evidence.json", report_dir=str(tmp_path / "second"), now=now)
    second = tmp_path / "second" / "contoso" / "evidence.json"
    assert replay(second)["reproduced"] is True
    for again in (NOW_TEXT, now, "2026-11-26"):
        assert replay(second, now=again)["summary"]["verdict"] == "undetermined"


def test_replayed_evidence_gives_its_own_evaluation_again(tmp_path: Path) -> None:
    store(tmp_path / "stored", EXCEEDED)
    data = replayed(tmp_path, now="2026-11-25", waivers=[WAIVER])
    again = judge(data["read"], data["policy"], data["waivers"], _time.unix_from_iso(data["evaluated_at"]))
    assert {name: data[name] for name in again} == again


@pytest.mark.parametrize(
    ("stored", "now", "expected"), [(True, NOW_TEXT, True), (True, "2026-11-24", False), (False, NOW_TEXT, False)]
)
def test_a_replay_keeps_the_connection_and_its_own_instant_is_not_a_given_one(
    tmp_path: Path, stored: bool, now: str, expected: bool
) -> None:
    planned = {"url": "https://graph-us.example.com", "version": "v1", "client_id": "0a1b"}
    store(tmp_path / "stored", healthy(connection=planned, now_given=stored))
    read = replayed(tmp_path, now=now)["read"]
    assert (read["connection"], read["now_given"]) == (planned, expected)


@pytest.mark.parametrize("stored_as", ["it was judged", "green"])
@pytest.mark.parametrize("read_of", ["license", "jobs"])
def test_reads_of_two_registrations_are_red_in_a_replay(read_of: str, stored_as: str, tmp_path: Path) -> None:
    reading = healthy()
    path = tmp_path / "stored" / "evidence.json"
    if stored_as == "green":
        store(tmp_path / "stored", reading)
        data = json.loads(path.read_bytes())
        data["read"][read_of]["api"]["client_id"] = "another"
        path.write_text(json.dumps(data))
    else:
        reading[read_of]["api"]["client_id"] = "another"
        store(tmp_path / "stored", reading)
    result = replay(path)
    assert (result["summary"]["verdict"], result["reproduced"]) == ("undetermined", stored_as != "green")
    assert "another" in "\n".join(result["findings"])
    # The reads may fit each other, and not the plan
    both = healthy(connection={"url": None, "version": None, "client_id": "another"})
    store(tmp_path / "planned", both)
    assert replay(tmp_path / "planned" / "evidence.json")["summary"]["verdict"] == "undetermined"


def test_evidence_of_another_version_is_judged_by_this_one(tmp_path: Path) -> None:
    store(tmp_path / "stored", healthy())
    path = tmp_path / "stored" / "evidence.json"
    old = json.loads(path.read_bytes())
    old["collection"]["version"] = "0.0.1"
    path.write_text(json.dumps(old))
    result = replay(path, report_dir=str(tmp_path / "reports"))
    assert result["comparison"] == f"Differs from {path} in collection."
    made = json.loads((tmp_path / "reports" / "contoso" / "evidence.json").read_bytes())
    assert made["collection"] == {"name": _names.COLLECTION, "version": _names.VERSION}


def test_evidence_that_was_embellished_is_found_out(tmp_path: Path) -> None:
    store(tmp_path / "stored", EXCEEDED)
    path = tmp_path / "stored" / "evidence.json"
    data = json.loads(path.read_bytes())
    data["verdict"] = "compliant"
    path.write_text(json.dumps(data))
    result = replay(path)
    assert (result["summary"]["verdict"], result["reproduced"]) == ("non_compliant", False)
    assert result["comparison"] == f"Differs from {path} in verdict."


def test_another_layout_of_the_same_evidence_is_no_difference(tmp_path: Path) -> None:
    store(tmp_path / "stored", EXCEEDED)
    path = tmp_path / "stored" / "evidence.json"
    path.write_text(json.dumps(json.loads(path.read_bytes())))
    result = replay(path)
    assert result["reproduced"] is False
    assert result["comparison"] == f"The same content as {path}, which is formatted differently."


@pytest.mark.parametrize("check_mode", [False, True])
def test_the_evidence_that_is_judged_is_never_replaced(tmp_path: Path, check_mode: bool) -> None:
    stored = store(tmp_path / "contoso", EXCEEDED)
    path = tmp_path / "contoso" / "evidence.json"
    result = replay(path, check_mode, report_dir=str(tmp_path), waivers=[WAIVER])
    assert result["failed"] is True
    assert "would replace the evidence" in mistakes(result)[0]
    assert files_in(tmp_path / "contoso") == stored


def test_its_reports_can_be_written_beside_it(tmp_path: Path) -> None:
    stored = store(tmp_path / "contoso", EXCEEDED)
    (tmp_path / "contoso" / "report.md").unlink()
    assert not replay(tmp_path / "contoso" / "evidence.json", report_dir=str(tmp_path)).get("failed")
    assert files_in(tmp_path / "contoso") == stored


def test_the_directory_of_another_subject_is_refused(tmp_path: Path) -> None:
    store(tmp_path / "stored", healthy())
    other = store(tmp_path / "reports" / "contoso", healthy(), subject="fabrikam")
    result = replay(tmp_path / "stored" / "evidence.json", report_dir=str(tmp_path / "reports"))
    assert result["failed"] is True
    assert "another subject" in result["msg"]
    assert files_in(tmp_path / "reports" / "contoso") == other


def test_check_mode_writes_nothing_and_says_the_same(tmp_path: Path) -> None:
    store(tmp_path / "stored", EXCEEDED)
    path, reports = tmp_path / "stored" / "evidence.json", tmp_path / "reports"
    checked = replay(path, True, report_dir=str(reports))
    assert not reports.exists()
    written = replay(path, report_dir=str(reports))
    assert checked["headline"] == written["headline"]
    assert written["findings"][-1] == f"{checked['findings'][-1]} Report: {written['summary']['report']}"
    assert (checked["changed"], written["changed"]) == (False, True)


def test_without_a_directory_nothing_is_written_and_nothing_warned_of(tmp_path: Path) -> None:
    store(tmp_path / "stored", EXCEEDED)
    result = replay(tmp_path / "stored" / "evidence.json")
    assert (result["changed"], result["files"]) == (False, [])
    assert "warnings" not in result


@pytest.mark.parametrize(
    ("given_inputs", "shown"),
    [
        ({"policy": "{"}, "policy: is neither JSON nor YAML"),
        ({"policy": {"service": []}}, "policy.service: unknown key"),
        ({"waivers": "x"}, "waivers: expected"),
        ({"now": "soon"}, "now: expected"),
        ({"enforce": "flase"}, "enforce: expected"),
        ({"report_formats": "pdf"}, "report_formats: unknown format"),
    ],
)
def test_a_mistake_in_an_input_is_named_by_its_option(tmp_path: Path, given_inputs: Any, shown: str) -> None:
    store(tmp_path / "stored", healthy())
    result = replay(tmp_path / "stored" / "evidence.json", **given_inputs)
    assert result["failed"] is True
    (line,) = mistakes(result)
    assert line.startswith(shown)


def test_all_mistakes_come_at_once_and_those_of_the_file_name_it(tmp_path: Path) -> None:
    path = tmp_path / "evidence.json"
    path.write_text(json.dumps({**EMPTY, "read": healthy(), "policy": {"service": []}, "subject": " "}))
    lines = mistakes(replay(path, now="soon", report_formats="pdf"))
    assert sorted(line[: line.index(" ", len(str(path)) + 2)] if str(path) in line else line[:8] for line in lines) == [
        f"{path}: policy.service:",
        f"{path}: subject:",
        "now: exp",
        "report_f",
    ]


@pytest.mark.parametrize(
    ("text", "enforce"), [("yes", True), ("false", False), (False, False), ("", True), (None, True)]
)
def test_enforce_comes_back_as_a_boolean(tmp_path: Path, text: Any, enforce: bool) -> None:
    store(tmp_path / "stored", healthy())
    assert replay(tmp_path / "stored" / "evidence.json", enforce=text)["enforce"] is enforce


def without(name: str) -> dict[str, Any]:
    data = evidence_of(healthy())
    data.pop(name)
    return data


def without_read(name: str) -> dict[str, Any]:
    data = copy.deepcopy(evidence_of(healthy()))
    data["read"].pop(name)
    return data


def with_part(*place: str, value: Any) -> dict[str, Any]:
    data = inner = copy.deepcopy(evidence_of(healthy()))
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    return data


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        ("", "is not JSON"),
        ("{", "is not JSON"),
        ("\xff", "is not JSON"),
        ('{"a": NaN}', "is not JSON: NaN is not a number"),
        ("[" * 100_000, "is not JSON"),
        ("[" * 70 + "]" * 70, "is not JSON: nested too deeply"),
        ("[]", "holds no evidence"),
        ("null", "holds no evidence"),
        ("{}", "schema_version: expected 1, got nothing (null)"),
        ({"schema_version": 2}, "schema_version: expected 1, got 2"),
        ({"schema_version": True}, "schema_version: expected 1, got true"),
        ({"schema_version": "1"}, 'schema_version: expected 1, got "1"'),
        *((without(name), f"{name}: is missing") for name in ("subject", "evaluated_at", "policy", "waivers", "read")),
        (with_part("policy", value=[]), "policy: expected a dictionary, got an empty list"),
        (with_part("evaluated_at", value="soon"), "evaluated_at: expected an ISO 8601 time"),
        (with_part("evaluated_at", value=1), "evaluated_at: expected an ISO 8601 time"),
        (with_part("read", "license", value=[]), "read.license: expected "),
        (with_part("read", "jobs", value="x"), "read.jobs: expected "),
        (with_part("read", "errors", value=None), "read.errors: expected "),
        (with_part("read", value={"license": None}), "read.jobs: is missing"),
        (without_read("connection"), "read.connection: is missing"),
        (without_read("now_given"), "read.now_given: is missing"),
        (with_part("read", "connection", value=None), "read.connection: expected "),
        (with_part("read", "now_given", value="no"), "read.now_given: expected "),
        (with_part("waivers", value=[{}]), "waivers[0].check: is missing"),
        (with_part("policy", "window", value="7 parsecs"), "policy.window: expected "),
        (with_part("subject", value=""), "subject: expected "),
    ],
)
def test_what_is_no_evidence_is_refused_by_file_and_field(tmp_path: Path, content: Any, shown: str) -> None:
    path = tmp_path / "evidence.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="latin-1")
    result = replay(path, report_dir=str(tmp_path / "reports"))
    assert result["failed"] is True
    assert mistakes(result)[0].startswith(f"{path}: {shown}")
    assert not (tmp_path / "reports").exists()


def test_a_directory_a_pipe_and_a_file_that_is_not_there_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    shown = {path: mistakes(replay(path))[0] for path in (tmp_path, tmp_path / "pipe", tmp_path / "nothing")}
    assert shown[tmp_path].endswith("is a directory; give the path of the evidence.json in it")
    assert shown[tmp_path / "pipe"].endswith("is not a regular file")
    assert shown[tmp_path / "nothing"].endswith("No such file or directory")
    assert all(line.startswith(f"{path}: ") for path, line in shown.items())


def test_a_file_larger_than_any_evidence_is_refused_unread(tmp_path: Path) -> None:
    with open(tmp_path / "evidence.json", "wb") as stream:
        stream.truncate(stored_evidence.LARGEST + 1)
    assert mistakes(replay(tmp_path / "evidence.json"))[0].endswith(
        "is larger than 64 MiB, the largest file that is read"
    )


def test_no_text_in_the_evidence_breaks_a_replay(tmp_path: Path) -> None:
    words = "\x1b[2J\u202e\ud800 {{ 1 }} %"
    reading = healthy()
    reading["jobs"]["groups"][3] = group([job(words, words, finish=ago(hours=60))], since=WINDOW_START)
    stored = store(tmp_path / "stored", reading, subject=f"x {words}")
    result = replay(tmp_path / "stored" / "evidence.json", report_dir=str(tmp_path / "reports"))
    (folder,) = (tmp_path / "reports").iterdir()
    assert files_in(folder) == stored
    assert all(line.isprintable() for line in result["findings"])


def test_an_unknown_option_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AnsibleActionFail):
        replay(tmp_path, polcy={})


def test_without_a_path_there_is_nothing_to_judge() -> None:
    result = run_step(compliance_replay, evidence="")
    assert result["failed"] is True
    assert mistakes(result)[0].endswith("expected the path of an evidence.json, got nothing")


NAMES = {name: f"replay_{name}" for name in ("evidence", "policy", "report_dir")}


def test_inputs_may_be_in_variables_and_one_that_cannot_be_read_is_a_mistake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "contoso" / "evidence.json"
    store(path.parent, healthy())
    monkeypatch.setenv("PLACE", str(path.parent))
    variables = {"replay_evidence": f"$PLACE/{path.name}", "replay_policy": "window: 3d"}
    found = run_step(compliance_replay, variables, input_variables=NAMES)
    assert found["headline"] == run_step(compliance_replay, evidence=str(path), policy="window: 3d")["headline"]
    (line,) = mistakes(run_step(compliance_replay, {**variables, "replay_policy": "widow: 3d"}, input_variables=NAMES))
    assert line.startswith("replay_policy.widow: ")
    templar = Failing("cannot open https://someone:hunter2@vault/x")
    variables["replay_policy"] = "{{ it }}"
    (line,) = mistakes(run_step(compliance_replay, variables, templar=templar, input_variables=NAMES))
    assert line.startswith(
        "replay_policy: cannot be read: a template in it ended with AnsibleError: https://vault/x. Correct"
    )
    assert "hunter2" not in line
