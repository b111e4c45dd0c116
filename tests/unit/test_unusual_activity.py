# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Unusual activity: whole days are asked for, and what comes back is decoded strictly."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import pytest
from ansible_collections.cloudbackup.m365.plugins.module_utils import _time, _unusual_activity
from ansible_collections.cloudbackup.m365.plugins.module_utils._api import activity_rows, v2
from ansible_collections.cloudbackup.m365.plugins.module_utils._http import errors
from ansible_collections.cloudbackup.m365.plugins.modules import cloudbackup_unusual_activity_info
from ansible_collections.cloudbackup.m365.tests.unit.info_modules import asked, run, scopes

SAMPLES = pathlib.Path(__file__).parent / "samples"
NOW = _time.from_iso("2026-01-31T06:00:00Z")
SIMULATED_NOW = "2026-03-01T12:00:00Z"
WINDOW = {"start_time": "2026-02-22", "finish_time": "2026-03-01"}


def counts(result: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    names = ("potential_ransomware_attacks", "unusual_activities")
    return {one["service_type"]: tuple(one[name] for name in names) for one in result["activity"]}


def test_the_published_activity() -> None:
    payload = json.loads((SAMPLES / "v2_unusual_activity.json").read_text(encoding="utf-8"))
    (row,) = activity_rows.activities(v2.content(payload))
    assert _unusual_activity._described(row) == {
        "tenant_owner": "John Doe",
        "tenant_id": "12345678-1234-1234-1234-123456789012",
        "object_type": "sharepoint_online",
        "service_type": "sharepoint_online",
        "service_type_number": 1,
        "potential_ransomware_attacks": 5,
        "unusual_activities": 10,
    }


def test_what_the_server_leaves_out_is_null() -> None:
    assert activity_rows.activities({"data": [{}]}) == (activity_rows.Activity(None, None, None, None, None),)


WRONG = {
    "list": ([], "data should be an object"),
    "null": (None, "data should be an object"),
    "no inner data": ({}, "data.data should be a list"),
    "inner object": ({"data": {}}, "data.data should be a list"),
    "row text": ({"data": ["x"]}, "data.data[0] should be an object"),
    "owner number": ({"data": [{"tenantOwner": 5}]}, "data.data[0].tenantOwner should be a text"),
    "tenant list": ({"data": [{"tenantId": []}]}, "data.data[0].tenantId should be a text"),
    "service bool": ({"data": [{"serviceType": False}]}, "data.data[0].serviceType should be"),
    "attacks negative": (
        {"data": [{}, {"potentialRansomwareAttackCount": -1}]},
        "data.data[1].potentialRansomwareAttackCount should be a count",
    ),
    "activities float": (
        {"data": [{"unusualActivitiesCount": 1.5}]},
        "data.data[0].unusualActivitiesCount should be",
    ),
    "activities bool": ({"data": [{"unusualActivitiesCount": True}]}, "data.data[0].unusualActivitiesCount should be"),
}


@pytest.mark.parametrize(("data", "words"), WRONG.values(), ids=WRONG)
def test_a_wrong_type_is_an_unexpected_answer_that_names_the_field(data: Any, words: str) -> None:
    with pytest.raises(errors.Error) as caught:
        activity_rows.activities(data)
    assert caught.value.failure.kind == "unexpected_answer"
    assert words in caught.value.message


@pytest.mark.parametrize(
    ("start", "finish", "first", "last"),
    [
        ("2026-01-24T06:30:00Z", "2026-01-25T00:00:00Z", "2026-01-24T00:00:00Z", "2026-01-25T23:59:59Z"),
        ("2026-01-24", "2026-01-24", "2026-01-24T00:00:00Z", "2026-01-24T23:59:59Z"),
        ("2026-01-24T00:30:00+02:00", "2026-01-24", "2026-01-23T00:00:00Z", "2026-01-24T23:59:59Z"),
        ("7d", None, "2026-01-24T00:00:00Z", "2026-01-31T23:59:59Z"),
        ("7d", "", "2026-01-24T00:00:00Z", "2026-01-31T23:59:59Z"),
        ("36h", " ", "2026-01-29T00:00:00Z", "2026-01-31T23:59:59Z"),
        ("1970-01-01", "9999-12-31", "1970-01-01T00:00:00Z", "9999-12-31T23:59:59Z"),
    ],
)
def test_the_window_is_whole_days_and_ends_now_by_default(start: str, finish: Any, first: str, last: str) -> None:
    days = _unusual_activity.days({"start_time": start, "finish_time": finish}, NOW)
    assert tuple(map(_time.to_iso, days)) == (first, last)
    assert days[1] % _time.TICKS_PER_DAY == _time.TICKS_PER_DAY - 1
    assert activity_rows.parameters(*days, None) == {"startTime": first[:10], "finishTime": last[:10]}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"start_time": ""}, "start_time is required"),
        ({"start_time": " "}, "start_time is required"),
        ({"start_time": "yesterday"}, "start_time: 'yesterday' is not a time"),
        ({"start_time": "1d", "finish_time": "soon"}, "finish_time: 'soon' is not a time"),
        ({"start_time": "2026-01-31T07:00:00Z"}, "is after finish_time (2026-01-31T06:00:00Z)"),
        ({"start_time": "1d", "finish_time": "2d"}, "is after finish_time"),
    ],
)
def test_a_window_that_cannot_be_asked_is_refused(options: dict[str, str], words: str) -> None:
    with pytest.raises(errors.Error) as caught:
        _unusual_activity.days(options, NOW)
    assert caught.value.failure.kind == "arguments"
    assert words in caught.value.message


# --- Over sockets -----------------------------------------------------------------------------------------------------


def test_a_quiet_tenant_has_no_unusual_activity(simulate: Any) -> None:
    simulator = simulate(now=SIMULATED_NOW)
    result = run(cloudbackup_unusual_activity_info, simulator, **WINDOW)
    assert asked(simulator) == [(v2.UNUSUAL_ACTIVITY_PATH, {"startTime": "2026-02-22", "finishTime": "2026-03-01"})]
    assert scopes(simulator) == ["microsoft365backup.unusualActivity.read.all"]
    healthy = ("exchange_online", "sharepoint_online", "onedrive", "teams")
    assert counts(result) == dict.fromkeys(healthy, (0, 0))
    assert result["summary"] == {"potential_ransomware_attacks": 0, "unusual_activities": 0}
    assert result["query"] == {
        "start_time": "2026-02-22T00:00:00Z",
        "finish_time": "2026-03-01T23:59:59Z",
        "location": None,
    }
    assert (result["changed"], result["api"]["version"], result["api"]["pages"]) == (False, "v2", 1)


def test_attacks_and_activities_are_summed_up(simulate: Any) -> None:
    activity = {"onedrive": {"attacks": 3, "activities": 7}, "teams@EUR": {"attacks": 1}, "99": 5}
    result = run(cloudbackup_unusual_activity_info, simulate(unusual_activity=activity), start_time="2d")
    found = counts(result)
    assert (found["onedrive"], found["teams"], found["unknown"]) == ((3, 7), (1, 0), (0, 5))
    assert result["summary"] == {"potential_ransomware_attacks": 4, "unusual_activities": 12}
    assert result["activity"][-1]["service_type_number"] == 99


def test_a_location_is_asked_for_where_it_is_given(simulate: Any) -> None:
    simulator = simulate(unusual_activity={"teams@EUR": 4, "onedrive": 2})
    result = run(cloudbackup_unusual_activity_info, simulator, start_time="2d", location="EUR")
    assert asked(simulator)[0][1]["location"] == "EUR"
    assert (counts(result)["teams"], counts(result)["onedrive"]) == ((0, 4), (0, 0))
    assert result["query"]["location"] == "EUR"


def test_a_server_without_rows_has_empty_sums(simulate: Any) -> None:
    result = run(cloudbackup_unusual_activity_info, simulate(habits={"quiet_services": "absent"}), start_time="2d")
    assert (result["activity"], result["summary"]["unusual_activities"]) == ([], 0)


def test_a_sum_without_one_of_its_figures_is_null(simulate: Any) -> None:
    simulator = simulate("missing:on=unusual_activity,field=data.data.1.potentialRansomwareAttackCount")
    result = run(cloudbackup_unusual_activity_info, simulator, start_time="2d")
    assert result["activity"][1]["potential_ransomware_attacks"] is None
    assert result["summary"] == {"potential_ransomware_attacks": None, "unusual_activities": 0}


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("status:code=403,on=unusual_activity", "permission"),
        ("status:code=404,on=unusual_activity", "not_found"),
        ("status:code=400,on=unusual_activity", "rejected"),
        ("html:on=unusual_activity", "unexpected_answer"),
        ("negative_count:on=unusual_activity", "unexpected_answer"),
        ("missing:on=unusual_activity,field=data.data", "unexpected_answer"),
        ("envelope_status:on=unusual_activity", "server"),
    ],
)
def test_a_fault_of_the_server_is_a_failure_of_its_kind(fault: str, kind: str, simulate: Any) -> None:
    result = run(cloudbackup_unusual_activity_info, simulate(fault), start_time="1d")
    assert result["failure"]["kind"] == kind
    if kind == "permission":
        assert "microsoft365backup.unusualActivity.read.all" in result["failure"]["hint"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"api_version": "v1"}, "cloudbackup_unusual_activity_info needs api_version v2"),
        ({"start_time": "never"}, "start_time"),
    ],
)
def test_mistakes_are_refused_before_anything_is_sent(options: dict[str, str], words: str, simulate: Any) -> None:
    simulator = simulate()
    result = run(cloudbackup_unusual_activity_info, simulator, **{"start_time": "1d", **options})
    assert result["failure"]["kind"] == "arguments"
    assert words in result["msg"]
    assert simulator.requests == []
