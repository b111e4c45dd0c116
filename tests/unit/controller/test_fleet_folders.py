# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Folders of several gates merged: green only if each tenant that any of them names has the evidence of its report."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.cloudbackup.m365.plugins.action import compliance_fleet
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller import fleet_evidence
from ansible_collections.cloudbackup.m365.tests.unit.controller.fleets import (
    RED,
    judged_row,
    lines,
    merged,
    report,
    row,
    store,
    write_rows,
)
from ansible_collections.cloudbackup.m365.tests.unit.controller.steps import run_step
from ansible_collections.cloudbackup.m365.tests.unit.readings import NOW_TEXT, healthy


def verdict(result: dict[str, Any]) -> str:
    found: str = result["summary"]["verdict"]
    return found


def test_evidence_in_folders_becomes_one_report(tmp_path: Path) -> None:
    store(tmp_path / "one", "contoso")
    store(tmp_path / "two", "fabrikam", RED)
    result = merged(tmp_path / "one", tmp_path / "two", report_dir=str(tmp_path / "all"))
    rows = json.loads((tmp_path / "all" / "fleet.json").read_text())["tenants"]
    assert [(row["subject"], row["verdict"], row["report"]) for row in rows] == [
        ("fabrikam", "non_compliant", "../two/fabrikam/report.html"),
        ("contoso", "compliant", "../one/contoso/report.html"),
    ]
    assert verdict(result) == "non_compliant"


def test_the_report_is_not_written_among_what_it_is_made_from(tmp_path: Path) -> None:
    store(tmp_path, "contoso")
    before = (tmp_path / "fleet.json").read_bytes()
    result = merged(tmp_path, report_dir=f"{tmp_path}/contoso/..")
    assert result["failed"] is True
    assert "a folder of its own" in result["msg"][0]
    assert (tmp_path / "fleet.json").read_bytes() == before


@pytest.mark.parametrize("form", ["{0},{1}", '["{0}", "{1}"]', "- {0}\n- {1}", " {0} , {1},{0}"])
def test_folders_may_be_named_in_a_text(form: str, tmp_path: Path) -> None:
    store(tmp_path / "one", "contoso")
    store(tmp_path / "two", "fabrikam")
    text = form.format(tmp_path / "one", tmp_path / "two")
    assert run_step(compliance_fleet, {}, directories=text, now=NOW_TEXT)["summary"]["tenants"] == 2


# --- The report of each folder ----------------------------------------------------------------------------------------


def test_a_folder_without_a_report_is_red_and_its_evidence_is_judged_all_the_same(tmp_path: Path) -> None:
    store(tmp_path / "one", "contoso")
    store(tmp_path / "two", "fabrikam")
    (tmp_path / "two" / "fleet.json").unlink()
    result = merged(tmp_path / "one", tmp_path / "two")
    assert result["summary"]["red"] == [str(tmp_path / "two")]
    assert result["summary"]["counts"]["compliant"] == 2
    assert "has no fleet.json: its gate ended before the report" in lines(result)
    assert "Run its gate again" in lines(result)


@pytest.mark.parametrize("make", [False, True], ids=["missing", "empty"])
def test_a_folder_without_evidence_is_red(make: bool, tmp_path: Path) -> None:
    if make:
        (tmp_path / "other" / "pictures").mkdir(parents=True)
    store(tmp_path / "one", "contoso")
    assert merged(tmp_path / "one", tmp_path / "other")["summary"]["red"] == [str(tmp_path / "other")]


def text(content: str) -> Callable[[Path], Any]:
    return lambda path: path.write_text(content)


def huge(path: Path) -> None:
    with open(path, "wb") as stream:
        stream.truncate(20 * 1024**3)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (text(""), "is not JSON"),
        (text("\xff"), "is not JSON"),
        (text("[" * 200_000), "is not JSON"),
        (text("[" * 70 + "]" * 70), "nested too deeply"),
        (text("[]"), "is not the report of a fleet"),
        (text("{}"), "has the schema_version nothing (null), and this release reads 1"),
        (text('{"schema_version": 2, "tenants": []}'), "has the schema_version 2"),
        (text('{"schema_version": true, "tenants": []}'), "has the schema_version true"),
        (text('{"schema_version": 1, "tenants": {}}'), "has no list of tenants"),
        (text('{"schema_version": 1, "tenants": [1]}'), "tenants[0] is 1"),
        (text('{"schema_version": 1, "tenants": [{"subject": ""}]}'), "tenants[0].subject is an empty text"),
        (text('{"schema_version": 1, "tenants": [{"subject": "x"}]}'), "tenants[0].verdict is nothing"),
        (
            text('{"schema_version": 1, "tenants": [{"subject": "x", "verdict": "green", "sha256": "0"}]}'),
            'tenants[0].verdict is "green"',
        ),
        (
            text('{"schema_version": 1, "tenants": [{"subject": "x", "verdict": "compliant", "sha256": 1}]}'),
            "tenants[0].sha256 is 1",
        ),
        (text('{"schema_version": 1, "tenants": []}'), "names no tenant"),
        (os.mkfifo, "is no regular file"),
        (lambda path: path.symlink_to("/dev/zero"), "is no regular file"),
        (lambda path: path.symlink_to(path), "Too many levels of symbolic links"),
        (lambda path: path.symlink_to("nowhere"), "has no fleet.json"),
        (Path.mkdir, "is a directory"),
        (huge, "is larger than 64 MiB"),
    ],
)
def test_a_report_that_does_not_name_the_tenants_makes_its_folder_red(
    make: Callable[[Path], Any], says: str, tmp_path: Path
) -> None:
    store(tmp_path / "one", "contoso")
    store(tmp_path / "two", "fabrikam")
    (tmp_path / "two" / "fleet.json").unlink()
    make(tmp_path / "two" / "fleet.json")
    result = merged(tmp_path / "one", tmp_path / "two")
    assert result["summary"]["red"] == [str(tmp_path / "two")]
    assert result["summary"]["counts"]["compliant"] == 2
    assert says in lines(result)


# --- Every tenant that a report names ---------------------------------------------------------------------------------


def remove(path: Path) -> None:
    shutil.rmtree(path.parent)


def empty(path: Path) -> None:
    remove(path)
    path.parent.mkdir()


def dangle(path: Path) -> None:
    remove(path)
    path.parent.symlink_to(path.parent.with_name("nowhere"))


def replace_by_file(path: Path) -> None:
    remove(path)
    path.parent.write_text("")


def replace_by_other(path: Path) -> None:
    remove(path)
    store(path.parents[2] / "other", "northwind")
    shutil.copytree(path.parents[2] / "other" / "northwind", path.parent)


def replace_by_older(path: Path) -> None:
    """The same tenant, judged green at another time."""
    remove(path)
    store(path.parents[2] / "older", "fabrikam", reason="older")
    shutil.copytree(path.parents[2] / "older" / "fabrikam", path.parent)


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (remove, "is missing"),
        (empty, "holds no evidence.json"),
        (dangle, "is a link to nothing that exists"),
        (replace_by_file, "is not a folder"),
        (Path.unlink, "cannot be read: No such file or directory"),
        (lambda path: path.write_text("{"), "is not JSON"),
        (replace_by_older, "but its folder holds evidence with"),
        (replace_by_other, 'holds the evidence of "northwind"'),
    ],
)
@pytest.mark.parametrize("reading", [None, RED], ids=["green", "red"])
def test_a_tenant_without_the_evidence_of_its_report_is_red_and_the_others_are_judged(
    reading: Any, damage: Callable[[Path], Any], says: str, tmp_path: Path
) -> None:
    store(tmp_path / "one", "contoso")
    path = store(tmp_path / "one", "fabrikam", reading)
    damage(path)
    result = merged(tmp_path / "one")
    assert result["summary"]["red"] == ["fabrikam"]
    assert result["summary"]["counts"]["compliant"] == 1
    assert says in lines(result)
    assert "Run its gate again" in lines(result)


def test_a_judged_row_without_a_sha256_is_in_doubt(tmp_path: Path) -> None:
    path = store(tmp_path, "contoso")
    write_rows(tmp_path, judged_row(path, sha256=None))
    result = merged(tmp_path)
    assert result["summary"]["red"] == ["contoso"]
    assert "with no sha256" in lines(result)


def test_a_red_row_with_its_evidence_is_judged_again(tmp_path: Path) -> None:
    path = store(tmp_path, "contoso")
    write_rows(tmp_path, judged_row(path, verdict="undetermined", doubt="It has the same name as b."))
    assert verdict(merged(tmp_path)) == "compliant"


def test_evidence_that_no_report_names_is_in_doubt(tmp_path: Path) -> None:
    path = store(tmp_path, "contoso")
    store(tmp_path, "fabrikam")
    write_rows(tmp_path, judged_row(path))
    result = merged(tmp_path)
    assert result["summary"]["red"] == ["fabrikam"]
    assert "does not name it" in lines(result)


def test_who_was_not_judged_by_a_gate_is_not_judged_by_older_evidence(tmp_path: Path) -> None:
    store(tmp_path, "contoso")
    path = store(tmp_path, "fabrikam")
    write_rows(tmp_path, row("contoso"), row("late", doubt="Lost."), judged_row(path))
    result = merged(tmp_path)
    assert result["summary"]["counts"] == {"non_compliant": 0, "not_judged": 2, "undetermined": 0, "compliant": 1}
    assert result["findings"][1] == "NOT JUDGED contoso: 'nope' is undefined."


def test_a_row_of_an_earlier_run_needs_its_evidence_as_well(tmp_path: Path) -> None:
    path = store(tmp_path, "contoso")
    write_rows(tmp_path, judged_row(path, judged_in_this_run=False))
    assert verdict(merged(tmp_path)) == "compliant"
    remove(path)
    assert merged(tmp_path)["summary"]["red"] == ["contoso"]


@pytest.mark.parametrize("order", [("one", "two"), ("two", "one")])
def test_the_evidence_of_a_row_may_be_in_another_folder(order: tuple[str, str], tmp_path: Path) -> None:
    path = store(tmp_path / "one", "contoso")
    store(tmp_path / "two", "fabrikam")
    report(tmp_path / "two", judged_row(path, judged_in_this_run=False))
    result = merged(*(tmp_path / name for name in order))
    assert (verdict(result), result["summary"]["tenants"]) == ("compliant", 2)


def test_a_row_is_no_proof_for_another_tenant_with_its_sha256(tmp_path: Path) -> None:
    path = store(tmp_path, "contoso")
    write_rows(tmp_path, judged_row(path), judged_row(path, subject="fabrikam"))
    assert merged(tmp_path)["summary"]["red"] == ["fabrikam"]


def test_two_evidences_of_one_tenant_are_in_doubt_and_the_same_one_twice_is_one(tmp_path: Path) -> None:
    one, two = store(tmp_path / "one", "contoso"), store(tmp_path / "two", "contoso")
    same = merged(tmp_path / "one", tmp_path / "two", tmp_path / "one" / ".." / "one")
    assert (verdict(same), same["summary"]["tenants"]) == ("compliant", 1)
    two.write_text(two.read_text() + "\n")
    report(tmp_path / "two")
    differing = merged(tmp_path / "one", tmp_path / "two")
    assert differing["summary"]["counts"]["undetermined"] == 2
    assert f"the same name as {two}" in " ".join(differing["findings"])
    assert f"the same name as {one}" in " ".join(differing["findings"])


def test_a_named_tenant_of_a_lost_older_slice_is_in_doubt_beside_the_newer_evidence(tmp_path: Path) -> None:
    remove(store(tmp_path / "older", "contoso", reason="older"))
    store(tmp_path / "newer", "contoso")
    result = merged(tmp_path / "older", tmp_path / "newer")
    assert result["summary"]["red"] == ["contoso", "contoso"]
    assert "is missing" in lines(result)


# --- What is none of it -----------------------------------------------------------------------------------------------


def test_the_report_of_a_period_is_no_folder_of_tenants(tmp_path: Path) -> None:
    store(tmp_path / "one", "contoso")
    for place in (tmp_path / "one-period", tmp_path / "one" / "period"):
        place.mkdir()
        (place / "period.json").write_text("{}")
        (place / ".lock").write_text("")
    result = merged(tmp_path / "one", tmp_path / "one-period")
    assert (verdict(result), result["summary"]["tenants"]) == ("compliant", 1)
    assert verdict(merged(tmp_path / "one-period")) == "undetermined"


def test_the_report_of_a_period_hides_no_tenant(tmp_path: Path) -> None:
    store(tmp_path, "contoso", RED)
    for place in (tmp_path, tmp_path / "contoso"):
        (place / "period.json").write_text("{}")
    assert verdict(merged(tmp_path)) == "non_compliant"


def test_a_merged_report_and_a_foreign_folder_in_it_are_no_tenants(tmp_path: Path) -> None:
    store(tmp_path, "contoso")
    (tmp_path / ".snapshot").mkdir()
    (tmp_path / "lost+found").mkdir()
    merged(tmp_path, report_dir=str(tmp_path / "all"))
    assert verdict(merged(tmp_path)) == "compliant"


def test_a_history_without_evidence_is_a_tenant_in_doubt(tmp_path: Path) -> None:
    store(tmp_path, "contoso")
    (tmp_path / "fabrikam").mkdir()
    (tmp_path / "fabrikam" / "history.jsonl").write_text("")
    assert merged(tmp_path)["summary"]["red"] == [str(tmp_path / "fabrikam" / "evidence.json")]


# --- What is in the evidence ------------------------------------------------------------------------------------------


def test_a_verdict_that_does_not_follow_from_what_was_read_is_not_believed(tmp_path: Path) -> None:
    store(tmp_path, "contoso", RED, verdict="compliant")
    result = merged(tmp_path)
    assert verdict(result) == "non_compliant"
    assert 'contains the verdict "compliant", but evaluating what was read gives non_compliant' in lines(result)


@pytest.mark.parametrize(
    "content", ["", "[", "[]", '{"schema_version": 1}', "[" * 100_000], ids=["empty", "half", "list", "less", "deep"]
)
def test_evidence_that_cannot_be_read_is_red_and_named(content: str, tmp_path: Path) -> None:
    store(tmp_path, "contoso")
    path = store(tmp_path, "fabrikam")
    path.write_text(content)
    result = merged(tmp_path)
    assert result["summary"]["red"] == ["fabrikam"]
    assert str(path) in lines(result)
    assert result["summary"]["counts"]["compliant"] == 1


@pytest.mark.parametrize(
    "damage",
    [
        os.mkfifo,
        lambda path: path.symlink_to("/dev/zero"),
        lambda path: path.symlink_to(path),
        lambda path: path.write_text("[" * 200_000),
        huge,
    ],
    ids=["pipe", "endless", "circle", "nested", "huge"],
)
def test_evidence_without_an_end_stops_nobody(damage: Callable[[Path], Any], tmp_path: Path) -> None:
    store(tmp_path, "contoso")
    path = store(tmp_path, "fabrikam")
    path.unlink()
    damage(path)
    result = merged(tmp_path)
    assert result["summary"]["red"] == ["fabrikam"]
    assert result["summary"]["counts"]["compliant"] == 1


def test_evidence_that_makes_the_evaluation_raise_is_a_doubt_and_the_others_are_reported(tmp_path: Path) -> None:
    store(tmp_path, "contoso")
    path = store(tmp_path, "fabrikam")
    data = json.loads(path.read_text())
    for group in data["read"]["jobs"]["groups"]:
        for one in group["recent"]:
            one["duration_seconds"] = 1e308
    path.write_text(json.dumps(data))
    report(tmp_path)
    result = merged(tmp_path)
    assert result["summary"]["counts"]["compliant"] == 1
    assert result["summary"]["red"] == ["fabrikam"]


def test_whatever_an_evaluation_raises_concerns_that_tenant_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(tmp_path, "contoso")
    store(tmp_path, "fabrikam", RED)
    real = fleet_evidence.evaluate

    def evaluate(read: Any, *criteria: Any) -> Any:
        if read["license"]["license"]["assigned_user_seats"] == 101:
            raise RecursionError("maximum recursion depth exceeded")
        return real(read, *criteria)

    monkeypatch.setattr(fleet_evidence, "evaluate", evaluate)
    result = merged(tmp_path)
    assert result["summary"]["red"] == ["fabrikam"]
    assert "evaluating it ended with RecursionError" in lines(result)


def test_a_folder_whose_name_is_not_utf_8_is_a_doubt_and_the_others_are_reported(tmp_path: Path) -> None:
    store(tmp_path, "contoso")
    store(tmp_path, "fabrikam")
    os.rename(tmp_path / "fabrikam", os.fsencode(tmp_path) + b"/fabrik\xe4m")
    result = merged(tmp_path, report_dir=str(tmp_path / "all"))
    assert result["summary"]["red"] == ["fabrikam"]
    assert result["summary"]["counts"]["compliant"] == 1
    assert "is not UTF-8" in lines(result)
    assert 'href="../fabrik%E4m/report.html"' in (tmp_path / "all" / "fleet.html").read_text()
    json.dumps(result).encode()


def test_a_policy_that_is_none_is_red(tmp_path: Path) -> None:
    store(tmp_path, "contoso", policy={"window": "7 parsecs"})
    assert "It cannot be judged. policy.window" in lines(merged(tmp_path))


# --- Age --------------------------------------------------------------------------------------------------------------


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
    assert verdict(result) == expected
    assert says in result["findings"][-1]


def with_server_times(**times: Any) -> dict[str, Any]:
    reading = healthy()
    for name, value in times.items():
        reading[name]["api"]["server_time"] = value
    return reading


@pytest.mark.parametrize(
    ("times", "is_in_doubt", "says"),
    [
        ({"jobs": "2026-11-23T05:00:00Z"}, False, ""),
        ({"jobs": "2026-11-23T03:59:59Z"}, True, "is 26 h 1 s old by the time of the server, over 26h"),
        ({"license": "2026-11-18T06:00:00Z"}, True, "is 6 d old by the time of the server"),
        ({"license": None, "jobs": None}, False, ""),
        ({"jobs": "yesterday"}, True, 'read.jobs.api.server_time is "yesterday"'),
        ({"jobs": 7}, True, "read.jobs.api.server_time is 7"),
    ],
)
def test_the_age_is_measured_by_the_servers_time_as_well(
    times: dict[str, Any], is_in_doubt: bool, says: str, tmp_path: Path
) -> None:
    path = store(tmp_path, "contoso", with_server_times(**times))
    result = merged(tmp_path, report_dir=str(tmp_path / "all"))
    (found,) = json.loads((tmp_path / "all" / "fleet.json").read_text())["tenants"]
    assert (says in found["doubt"], bool(found["doubt"])) == (True, is_in_doubt)
    assert path.exists()
    assert bool(result["summary"]["red"]) >= is_in_doubt


# --- App registrations ------------------------------------------------------------------------------------------------


def with_registration(client_id: Any, url: str, connection: Any = None) -> dict[str, Any]:
    reading = healthy()
    for name in ("license", "jobs"):
        reading[name]["api"].update(client_id=client_id, url=url)
    if connection is not None:
        reading["connection"] = connection
    return reading


URL = "https://graph-us.example.com"


@pytest.mark.parametrize(
    ("one", "two", "is_same"),
    [
        (("id", URL), ("ID", f" {URL.upper()}/ "), True),
        ((" id ", URL), ("id", URL), True),
        (("id", URL), ("other", URL), False),
        (("id", URL), ("id", "https://graph-eu.example.com"), False),
        ((None, URL), (None, URL), False),
        (("a", URL, {"client_id": "id", "url": URL}), ("b", URL, {"client_id": "id", "url": f"{URL}/"}), True),
        (("id", URL, {"client_id": None, "url": None}), ("id", URL), True),
    ],
)
def test_a_registration_is_its_client_id_and_url(one: Any, two: Any, is_same: bool, tmp_path: Path) -> None:
    path = store(tmp_path, "contoso", with_registration(*one))
    store(tmp_path, "fabrikam", with_registration(*two))
    found = lines(merged(tmp_path))
    assert (f"the same app registration as {path}" in found) is is_same
