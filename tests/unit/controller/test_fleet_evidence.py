# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Evidence is judged again for a merged report: what is in one stops no other, and old evidence is in doubt."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller import fleet_evidence
from ansible_collections.cloudbackup.m365.tests.unit.controller.fleets import (
    RED,
    huge,
    lines,
    merged,
    report,
    store,
    verdict,
)
from ansible_collections.cloudbackup.m365.tests.unit.readings import healthy


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
        lambda path: path.symlink_to(str(path)),
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
    ("now", "expected", "words"),
    [
        ("2026-11-25T08:00:00Z", "compliant", ""),
        ("2026-11-25T08:00:01Z", "undetermined", "Its evidence is 26 h 1 s old, over 26h"),
        ("2026-11-24T05:55:00Z", "compliant", ""),
        ("2026-11-24T05:54:59Z", "undetermined", "Its evidence is of 2026-11-24T06:00:00Z"),
    ],
)
def test_evidence_that_is_too_old_or_of_the_future_is_in_doubt(
    now: str, expected: str, words: str, tmp_path: Path
) -> None:
    store(tmp_path, "contoso")
    result = merged(tmp_path, now=now)
    assert verdict(result) == expected
    assert words in lines(result)


def with_server_times(**times: Any) -> dict[str, Any]:
    reading = healthy()
    for name, value in times.items():
        reading[name]["api"]["server_time"] = value
    return reading


@pytest.mark.parametrize(
    ("times", "is_in_doubt", "words"),
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
    times: dict[str, Any], is_in_doubt: bool, words: str, tmp_path: Path
) -> None:
    path = store(tmp_path, "contoso", with_server_times(**times))
    result = merged(tmp_path, report_dir=str(tmp_path / "all"))
    (found,) = json.loads((tmp_path / "all" / "fleet.json").read_text())["tenants"]
    assert (words in found["doubt"], bool(found["doubt"])) == (True, is_in_doubt)
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
        (("id", URL, {"client_id": None, "url": None}), ("id", URL), True),
    ],
)
def test_a_registration_is_its_client_id_and_url(one: Any, two: Any, is_same: bool, tmp_path: Path) -> None:
    path = store(tmp_path, "contoso", with_registration(*one))
    store(tmp_path, "fabrikam", with_registration(*two))
    found = lines(merged(tmp_path))
    assert (f"the same app registration as {path}" in found) is is_same


@pytest.mark.parametrize("stored_as", ["it was judged", "green"])
@pytest.mark.parametrize("read_of", ["license", "jobs"])
def test_reads_of_two_registrations_are_red_in_a_fleet_report(read_of: str, stored_as: str, tmp_path: Path) -> None:
    reading = with_registration("id", URL)
    mixed = copy.deepcopy(reading)
    mixed[read_of]["api"]["client_id"] = "another"
    path = store(tmp_path, "contoso", reading if stored_as == "green" else mixed)
    store(tmp_path, "fabrikam")
    if stored_as == "green":
        data = json.loads(path.read_bytes())
        data["read"][read_of]["api"]["client_id"] = "another"
        path.write_text(json.dumps(data))
        report(tmp_path)
    result = merged(tmp_path)
    assert verdict(result) == "undetermined"
    assert result["summary"]["red"] == ["contoso"]
    expected = 'contains the verdict "compliant"' if stored_as == "green" else "another"
    assert expected in lines(result)
