# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The backup schedule and the retention are decoded strictly: a wrong type is named, what is missing is null."""

from __future__ import annotations

import copy
import json
import pathlib
from typing import Any

import pytest
from ansible_collections.cloudbackup.m365.plugins.module_utils import _names, _settings
from ansible_collections.cloudbackup.m365.plugins.module_utils._api import (
    activity_rows,
    service_types,
    settings_rows,
    v2,
)
from ansible_collections.cloudbackup.m365.plugins.module_utils._http import errors
from hypothesis import given
from hypothesis import strategies as st

SAMPLES = pathlib.Path(__file__).parents[1] / "samples"
YEAR = {"text": "1 years", "days": 365, "unlimited": False}
UNLIMITED = {"text": "Unlimited", "days": None, "unlimited": True}
DECODERS: dict[str, Any] = {
    "v2_backup_frequency": settings_rows.schedules,
    "v2_retention_policy": settings_rows.policy,
}


def sample(name: str) -> Any:
    return json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))


def service(name: str, number: int, **facts: Any) -> dict[str, Any]:
    """A service in a result."""
    known = name if name in _names.OBJECT_TYPES else None
    return {"object_type": known, "service_type": name, "service_type_number": number, **facts}


def test_the_published_frequency() -> None:
    schedules = settings_rows.schedules(v2.content(sample("v2_backup_frequency")))
    assert _settings._frequency(None, schedules) == {
        "location": None,
        "services": [
            service(
                "exchange_online",
                0,
                jobs_per_day=4,
                start_times=[f"2026-02-27T{hour:02}:54:22Z" for hour in (3, 9, 15, 21)],
            ),
            service("sharepoint_online", 1, jobs_per_day=1, start_times=["2026-02-27T03:54:22Z"]),
        ],
    }


def test_the_published_retention() -> None:
    found = _settings._retention("EUR", settings_rows.policy(v2.content(sample("v2_retention_policy"))))
    assert {name: found[name] for name in ("location", "daily_retention_enabled", "customized", "default")} == {
        "location": "EUR",
        "daily_retention_enabled": False,
        "customized": True,
        "default": YEAR,
    }
    assert len(found["services"]) == 11
    two = {"text": "2 years", "days": 730, "unlimited": False}
    assert found["services"][0] == service("exchange_online", 0, retention=two, unassigned=two, containers=[])
    assert found["services"][2] == service(
        "teams",
        6,
        retention=YEAR,
        unassigned=UNLIMITED,
        containers=[
            {"id": "5c8b139c-f380-4473-be2b-338d8cd938ce", "name": "Default Team Container", "retention": YEAR},
            {"id": "438d1332-44bc-445b-9b1d-e9e3802694e8", "name": "6vxjvq", "retention": YEAR},
        ],
    )
    assert found["services"][3]["retention"] == UNLIMITED


@pytest.mark.parametrize("change", [str.lower, str.upper, lambda key: key[0].upper() + key[1:]])
def test_keys_are_read_in_any_case(change: Any) -> None:
    def folded(value: Any) -> Any:
        if isinstance(value, dict):
            return {change(key): folded(item) for key, item in value.items()}
        return [folded(item) for item in value] if isinstance(value, list) else value

    for name, decode in DECODERS.items():
        assert decode(v2.content(folded(sample(name)))) == decode(v2.content(sample(name)))


NUMBERS = (
    *("exchange_online", "sharepoint_online", "onedrive", "microsoft_365_groups", "project_online", "public_folder"),
    *("teams", "public_folder_metadata", "private_channel", "viva_engage", "teams_chat", "power_bi", "power_automate"),
    *("shared_channel", "power_apps"),
)
"""As the published document numbers them, from 0 on."""


def test_a_service_type_is_named_after_its_number() -> None:
    assert [service_types.described(number)["service_type"] for number in range(15)] == list(NUMBERS)
    without = [number for number in range(15) if service_types.described(number)["object_type"] is None]
    assert without == [7, 8, 13]
    assert {service_types.described(number)["object_type"] for number in range(15)} == {*_names.OBJECT_TYPES, None}


@pytest.mark.parametrize("number", [15, -1, 10**12, None])
def test_any_other_service_type_is_kept_with_its_number(number: int | None) -> None:
    assert service_types.described(number) == {
        "object_type": None,
        "service_type": "unknown",
        "service_type_number": number,
    }


def test_what_the_server_leaves_out_is_null() -> None:
    assert settings_rows.schedules([{}]) == (settings_rows.Schedule(None, None, None),)
    assert settings_rows.policy({}) == settings_rows.Policy(None, None, None, None)
    assert settings_rows.policy({"servicePolicies": [{"containerPolicies": [{}]}, {}]}).services == (
        settings_rows.ServicePolicy(None, None, None, (settings_rows.Container(None, None, None),)),
        settings_rows.ServicePolicy(None, None, None, None),
    )
    nothing = _settings._retention(None, settings_rows.policy({}))
    assert (nothing["daily_retention_enabled"], nothing["customized"], nothing["services"]) == (None, None, None)
    assert nothing["default"] == {"text": None, "days": None, "unlimited": False}
    (without,) = _settings._frequency(None, settings_rows.schedules([{}]))["services"]
    assert (without["jobs_per_day"], without["start_times"]) == (None, None)


def test_a_retention_that_is_not_customized_needs_no_services() -> None:
    assert settings_rows.policy({"enableCustomizedRetentionPolicy": False}).services == ()
    kept = settings_rows.policy({"enableCustomizedRetentionPolicy": False, "servicePolicies": [{"serviceType": 6}]})
    assert [one.service_type for one in kept.services or ()] == [6]


WRONG_SCHEDULES = {
    "no list": ({}, "data should be a list"),
    "null": (None, "data should be a list"),
    "no object": ([5], "data[0] should be an object"),
    "service type text": ([{"serviceType": "Exchange"}], "data[0].serviceType should be"),
    "service type bool": ([{}, {"serviceType": True}], "data[1].serviceType should be"),
    "service type float": ([{"serviceType": 1.0}], "data[0].serviceType should be"),
    "jobs negative": ([{"frequency": -1}], "data[0].frequency should be"),
    "jobs bool": ([{"frequency": True}], "data[0].frequency should be"),
    "jobs float": ([{"frequency": 0.5}], "data[0].frequency should be"),
    "jobs text": ([{"frequency": "daily"}], "data[0].frequency should be"),
    "starts text": ([{"backupStartTime": "2026-02-27T03:54:22Z"}], "data[0].backupStartTime should be a list"),
    "start number": ([{"backupStartTime": [5]}], "data[0].backupStartTime[0] should be"),
    "start word": ([{"backupStartTime": ["2026-02-27", "noon"]}], "data[0].backupStartTime[1] should be"),
    "start null": ([{"backupStartTime": [None]}], "data[0].backupStartTime[0] should be"),
    "start of no time": ([{"backupStartTime": ["0001-01-01T00:00:00Z"]}], "data[0].backupStartTime[0] should be"),
    "field twice": ([{"frequency": 1, "Frequency": 2}], "data[0] names a field twice"),
}
WRONG_POLICIES = {
    "no object": ([], "data should be an object"),
    "null": (None, "data should be an object"),
    "daily text": ({"enableDailyRetentionPolicy": "true"}, "data.enableDailyRetentionPolicy should be a boolean"),
    "daily number": ({"enableDailyRetentionPolicy": 0}, "data.enableDailyRetentionPolicy should be a boolean"),
    "customized number": (
        {"enableCustomizedRetentionPolicy": 1},
        "data.enableCustomizedRetentionPolicy should be a boolean",
    ),
    "customized without services": (
        {"enableCustomizedRetentionPolicy": True},
        "data.servicePolicies should be a list",
    ),
    "period number": ({"retentionPeriod": 365}, "data.retentionPeriod should be a text"),
    "services object": ({"servicePolicies": {}}, "data.servicePolicies should be a list"),
    "service no object": ({"servicePolicies": ["x"]}, "data.servicePolicies[0] should be an object"),
    "service type list": ({"servicePolicies": [{"serviceType": [1]}]}, "data.servicePolicies[0].serviceType should be"),
    "service period": ({"servicePolicies": [{"retentionPeriod": 1}]}, "servicePolicies[0].retentionPeriod should be"),
    "unassigned bool": (
        {"servicePolicies": [{"unassignedObjectRetentionPeriod": False}]},
        "data.servicePolicies[0].unassignedObjectRetentionPeriod should be a text",
    ),
    "containers object": (
        {"servicePolicies": [{}, {"containerPolicies": {}}]},
        "data.servicePolicies[1].containerPolicies should be a list",
    ),
    "container text": (
        {"servicePolicies": [{"containerPolicies": ["x"]}]},
        "data.servicePolicies[0].containerPolicies[0] should be an object",
    ),
    "container id": (
        {"servicePolicies": [{"containerPolicies": [{"containerId": 5}]}]},
        "data.servicePolicies[0].containerPolicies[0].containerId should be a text",
    ),
    "container name": (
        {"servicePolicies": [{"containerPolicies": [{"containerName": []}]}]},
        "data.servicePolicies[0].containerPolicies[0].containerName should be a text",
    ),
    "container period": (
        {"servicePolicies": [{"containerPolicies": [{}, {"retentionPeriod": 7}]}]},
        "data.servicePolicies[0].containerPolicies[1].retentionPeriod should be a text",
    ),
}


@pytest.mark.parametrize(
    ("decode", "data", "words"),
    [
        pytest.param(decode, *case, id=f"{decode.__name__} {name}")
        for decode, cases in ((settings_rows.schedules, WRONG_SCHEDULES), (settings_rows.policy, WRONG_POLICIES))
        for name, case in cases.items()
    ],
)
def test_a_wrong_type_is_an_unexpected_answer_that_names_the_field(decode: Any, data: Any, words: str) -> None:
    with pytest.raises(errors.Error) as caught:
        decode(data)
    assert caught.value.failure.kind == "unexpected_answer"
    assert words in caught.value.message


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, item in items for place in leaves(item, (*path, key)))]


@given(data=st.data())
def test_whatever_one_field_is_replaced_by_gives_a_record_or_an_unexpected_answer(data: st.DataObject) -> None:
    name, decode = data.draw(st.sampled_from(list(DECODERS.items())))
    payload = sample(name)["data"]
    path = data.draw(st.sampled_from(leaves(payload)[1:]))
    value = data.draw(st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just([]) | st.just({}))
    changed = holder = copy.deepcopy(payload)
    for part in path[:-1]:
        holder = holder[part]
    holder[path[-1]] = value
    describe = _settings._frequency if decode is settings_rows.schedules else _settings._retention
    try:
        described: Any = describe(None, decode(changed))
    except errors.Error as error:
        described = error.failure.kind
    assert described == "unexpected_answer" or json.loads(json.dumps(described)) == described


# --- A part of a list -------------------------------------------------------------------------------------------------

ROWS = [{"serviceType": 0}, {"serviceType": 6}]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"data": ROWS, "metadata": {"totalCount": 3}}, "metadata.totalCount is 3, and the response has 2 rows"),
        ({"data": [], "metadata": {"TotalNumber": "1"}}, "metadata.totalCount is 1, and the response has 0 rows"),
        ({"data": ROWS, "metadata": {"totalCount": 2, "nextLink": "/next"}}, "metadata.nextLink names a next page"),
        ({"data": {"data": ROWS}, "metadata": {"totalCount": 3}}, "metadata.totalCount is 3"),
        ({"data": {"data": ROWS, "totalCount": 3}}, "data.totalCount is 3, and the response has 2 rows"),
        ({"data": {"data": ROWS, "nextLink": "token"}}, "data.nextLink names a next page"),
    ],
)
def test_a_part_of_a_list_is_no_answer(answer: dict[str, Any], words: str) -> None:
    with pytest.raises(errors.Error) as caught:
        v2.content({"statusCode": 200, **answer})
    assert caught.value.failure.kind == "incomplete"
    assert words in caught.value.message


@pytest.mark.parametrize("metadata", [None, {}, {"totalCount": 2, "nextLink": ""}, {"totalCount": 1, "nextLink": None}])
@pytest.mark.parametrize("data", [ROWS, {"data": ROWS}])
def test_a_whole_list_is_an_answer(data: Any, metadata: Any) -> None:
    assert v2.content({"statusCode": 200, "data": data, "metadata": metadata}) == data


# --- Floods -----------------------------------------------------------------------------------------------------------


def containers(*counts: int) -> dict[str, Any]:
    """The policy of a service for each count, with so many containers."""
    services = [{"containerPolicies": [{}] * count} for count in counts]
    return {"enableCustomizedRetentionPolicy": True, "servicePolicies": services}


FLOODS: dict[str, tuple[Any, Any, Any, str]] = {
    "schedules": (settings_rows.schedules, [{}] * 1_000, [{}] * 1_001, "data has over 1000 items"),
    "starts": (
        settings_rows.schedules,
        [{"backupStartTime": ["2026-02-27T03:54:22Z"] * 1_000}],
        [{"backupStartTime": ["2026-02-27T03:54:22Z"] * 1_001}],
        "data[0].backupStartTime has over 1000 items",
    ),
    "services": (
        settings_rows.policy,
        containers(*[0] * 1_000),
        containers(*[0] * 1_001),
        "data.servicePolicies has over 1000 items",
    ),
    "containers of a service": (
        settings_rows.policy,
        containers(100_000),
        containers(100_001),
        "data.servicePolicies[0].containerPolicies has over 100000 items",
    ),
    "containers of all services": (
        settings_rows.policy,
        containers(60_000, 40_000),
        containers(60_000, 40_001),
        "containerPolicies of data.servicePolicies has over 100000 items",
    ),
    "activity": (
        activity_rows.activities,
        {"data": [{}] * 100_000},
        {"data": [{}] * 100_001},
        "data.data has over 100000 items",
    ),
}


@pytest.mark.parametrize(("decode", "most", "more", "words"), FLOODS.values(), ids=FLOODS)
def test_more_rows_than_any_tenant_has_are_refused(decode: Any, most: Any, more: Any, words: str) -> None:
    decode(most)
    with pytest.raises(errors.Error) as caught:
        decode(more)
    assert caught.value.failure.kind == "unexpected_answer"
    assert words in caught.value.message


@pytest.mark.parametrize(
    ("decode", "field"),
    [
        (settings_rows.policy, "retentionPeriod"),
        (activity_rows.activities, "tenantOwner"),
    ],
)
def test_a_text_that_is_longer_than_any_name_is_refused(decode: Any, field: str) -> None:
    for length in (1_000, 1_001):
        data: dict[str, Any] = {field: "x" * length}
        answer = data if decode is settings_rows.policy else {"data": [data]}
        if length == 1_000:
            decode(answer)
            continue
        with pytest.raises(errors.Error) as caught:
            decode(answer)
        assert f"{field} should be a text of at most 1000 characters" in caught.value.message
        assert len(caught.value.message) < 1_500
