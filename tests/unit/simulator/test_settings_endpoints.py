# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The schedule, the retention and unusual activity: formats, options, locations, scenarios, faults."""

from __future__ import annotations

import json
import pathlib
import types
from typing import Any

import pytest
from cloudbackup_simulator import Mistake, Simulator, facts
from simulator_client import FREQUENCY, RETENTION, UNUSUAL_ACTIVITY, V2_LICENSE, Client

SAMPLES = pathlib.Path(__file__).parents[1] / "samples"
WEEK = {"startTime": "2026-02-22", "finishTime": "2026-03-01"}
NUMBERS = facts.SERVICE_TYPES


def data(client: Client, path: str, **query: Any) -> Any:
    answer = client.get(path, **query)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def jobs(client: Client, **query: Any) -> dict[int, Any]:
    return {row["serviceType"]: row["frequency"] for row in data(client, FREQUENCY, **query)}


def policies(client: Client, **query: Any) -> dict[int, Any]:
    return {row["serviceType"]: row for row in data(client, RETENTION, **query)["servicePolicies"]}


def detected(client: Client, **query: Any) -> dict[int, tuple[Any, Any]]:
    return {
        row["serviceType"]: (row["potentialRansomwareAttackCount"], row["unusualActivitiesCount"])
        for row in data(client, UNUSUAL_ACTIVITY, **{**WEEK, **query})["data"]
    }


def shape(value: Any) -> Any:
    """The keys of a JSON value and the types of what they hold; of a list, the shape of its longest row."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [max((shape(item) for item in value), key=str)] if value else []
    return type(value).__name__


@pytest.mark.parametrize(
    ("path", "name", "query"),
    [
        (FREQUENCY, "v2_backup_frequency", {}),
        (RETENTION, "v2_retention_policy", {}),
        (UNUSUAL_ACTIVITY, "v2_unusual_activity", WEEK),
    ],
)
def test_an_answer_has_the_form_of_the_published_sample(serve, path, name, query):
    sample = json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))
    assert shape(serve().get(path, **query).json()) == shape(sample)


def test_a_healthy_tenant_is_backed_up_four_times_a_day_kept_for_seven_years_and_quiet(serve):
    client = serve("healthy")
    services = [NUMBERS[name] for name in ("exchange_online", "sharepoint_online", "onedrive", "teams")]
    rows = data(client, FREQUENCY)
    assert jobs(client) == dict.fromkeys(services, 4)
    assert rows[0]["backupStartTime"] == [f"2026-03-01T{hour:02}:00:00Z" for hour in (0, 6, 12, 18)]
    retention = data(client, RETENTION)
    assert (retention["retentionPeriod"], retention["enableCustomizedRetentionPolicy"]) == ("7 years", True)
    periods = [
        period
        for policy in policies(client).values()
        for period in (
            *(policy["retentionPeriod"], policy["unassignedObjectRetentionPeriod"]),
            *(one["retentionPeriod"] for one in policy["containerPolicies"]),
        )
    ]
    assert (set(periods), len(periods)) == ({"7 years"}, 9)
    assert detected(client) == dict.fromkeys(services, (0, 0))


SCENARIOS = {
    "rare_schedule": lambda client: jobs(client)[NUMBERS["onedrive"]] == 0,
    "unscheduled": lambda client: NUMBERS["teams"] not in jobs(client),
    "short_retention": lambda client: policies(client)[NUMBERS["exchange_online"]]["retentionPeriod"] == "30 days",
    "short_container": lambda client: (
        {one["retentionPeriod"] for one in policies(client)[NUMBERS["teams"]]["containerPolicies"]}
        == {"7 years", "6 months"}
    ),
    "unreadable_retention": lambda client: policies(client)[NUMBERS["onedrive"]]["retentionPeriod"] == "As agreed",
    "ransomware": lambda client: detected(client)[NUMBERS["onedrive"]] == (3, 7),
    "unusual_activity": lambda client: detected(client)[NUMBERS["sharepoint_online"]] == (0, 40),
    "uneven_locations": lambda client: (
        NUMBERS["teams"] in jobs(client, location="NAM")
        and NUMBERS["teams"] not in jobs(client, location="EUR")
        and policies(client, location="EUR")[NUMBERS["onedrive"]]["retentionPeriod"] == "30 days"
    ),
}


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_scenario_differs_from_healthy_as_it_is_described(serve, scenario):
    client, healthy = serve(scenario), serve("healthy")
    assert SCENARIOS[scenario](client)
    assert not SCENARIOS[scenario](healthy)
    changed = [
        name
        for name, read in (("frequency", jobs), ("retention", policies), ("activity", detected))
        if read(client) != read(healthy) or read(client, location="EUR") != read(healthy, location="EUR")
    ]
    assert len(changed) == (2 if scenario == "uneven_locations" else 1)
    assert client.jobs() == healthy.jobs()


def test_options_replace_those_of_the_scenario_by_service_and_location(serve):
    client = serve(
        "unscheduled",
        frequency={"onedrive": 1, "onedrive@EUR": 0, "power_bi": 2, "42": 3},
        retention={"default": "1 years", "teams": {"unassigned": "Unlimited", "containers": {"A": "3 years"}}},
    )
    assert jobs(client) == {0: 4, 1: 4, NUMBERS["onedrive"]: 1, NUMBERS["power_bi"]: 2, 42: 3}
    assert jobs(client, location="eur")[NUMBERS["onedrive"]] == 0
    teams = policies(client)[NUMBERS["teams"]]
    assert (teams["retentionPeriod"], teams["unassignedObjectRetentionPeriod"]) == ("7 years", "Unlimited")
    (container,) = teams["containerPolicies"]
    assert (container["containerName"], container["retentionPeriod"]) == ("A", "3 years")
    assert data(client, RETENTION)["retentionPeriod"] == "1 years"


def test_a_retention_that_is_not_customized_has_no_services(serve):
    answer = data(serve(retention={"customized": False, "daily": "absent"}), RETENTION)
    assert answer == {"enableCustomizedRetentionPolicy": False, "retentionPeriod": "7 years"}


def test_options_may_be_texts(serve):
    client = serve(frequency="teams@EUR=0,onedrive=absent", retention='{"daily": true}', unusual_activity="teams=5")
    assert jobs(client, location="EUR") == {0: 4, 1: 4, NUMBERS["teams"]: 0}
    assert data(client, RETENTION)["enableDailyRetentionPolicy"] is True
    assert detected(client)[NUMBERS["teams"]] == (0, 5)


def test_values_of_an_invalid_type_are_sent_unchanged(serve):
    client = serve(frequency={"teams": "often"}, retention={"teams": 7}, unusual_activity={"teams": {"attacks": 1.5}})
    assert jobs(client)[NUMBERS["teams"]] == "often"
    assert policies(client)[NUMBERS["teams"]]["retentionPeriod"] == 7
    assert detected(client)[NUMBERS["teams"]] == (1.5, 0)


def test_counts_may_be_texts(serve):
    client = serve(habits={"count_text": True})
    assert (jobs(client)[0], detected(client)[0]) == ("4", ("0", "0"))


@pytest.mark.parametrize(
    "options",
    [
        {"frequency": {"tems": 1}},
        {"frequency": {"teams@MOON": 1}},
        {"frequency": {"default": 1}},
        {"retention": {"teams": {"container": {}}}},
        {"retention": {"teams": {"containers": [1]}}},
        {"unusual_activity": {"teams": {"attack": 1}}},
        {"unusual_activity": {"teams": {"age": "old"}}},
        {"unusual_activity": [1]},
    ],
)
def test_invalid_options_are_refused_by_name(options):
    with pytest.raises(Mistake, match=next(iter(options))):
        Simulator(**options)


def test_a_tenant_of_several_has_its_own(serve):
    first = serve(tenants={"other": {"scenario": "healthy", "frequency": {"teams": 9}}})
    connection = first.server.tenants["other"]
    other = Client(types.SimpleNamespace(url=connection.api_url, **connection._asdict()))
    assert (jobs(first)[NUMBERS["teams"]], jobs(other)[NUMBERS["teams"]]) == (4, 9)
    other.session.close()


# --- Locations --------------------------------------------------------------------------------------------------------


def test_without_location_settings_are_those_of_the_primary_location_and_activity_of_all(serve):
    options = {"frequency": {"teams@EUR": 1}, "unusual_activity": {"teams": 2, "teams@EUR": 3, "onedrive@NAM": 1}}
    client = serve(**options)
    teams, onedrive = NUMBERS["teams"], NUMBERS["onedrive"]
    asked = ({}, {"location": "PrimaryGeoLocation"}, {"location": "EUR"})
    assert [jobs(client, **query)[teams] for query in asked] == [4, 4, 1]
    assert (detected(client)[teams], detected(client)[onedrive]) == ((0, 5), (0, 1))
    assert (detected(client, location="EUR")[teams], detected(client, location="NAM")[teams]) == ((0, 3), (0, 2))


@pytest.mark.parametrize(("habits", "location"), [({}, "JPN"), ({"multi_geo": "off"}, "NAM")])
def test_a_location_that_the_tenant_does_not_have_gets_an_empty_list(serve, habits, location):
    client = serve(habits=habits)
    for path in (FREQUENCY, RETENTION, V2_LICENSE):
        assert data(client, path, location=location) == []
    assert data(client, UNUSUAL_ACTIVITY, location=location, **WEEK) == {"data": []}


def test_a_location_may_be_ignored(serve):
    client = serve(habits={"ignore": ["location"]}, frequency={"teams@EUR": 1})
    assert jobs(client, location="EUR") == jobs(client)


@pytest.mark.parametrize("path", [FREQUENCY, RETENTION, UNUSUAL_ACTIVITY, V2_LICENSE])
def test_an_unknown_location_is_a_bad_request(serve, path):
    answer = serve().get(path, location="MOON", **WEEK)
    assert (answer.status_code, "location" in answer.json()["message"]) == (400, True)


# --- Windows, scopes, faults ------------------------------------------------------------------------------------------


def test_unusual_activity_is_counted_on_the_day_on_which_it_was_detected(serve):
    client = serve(unusual_activity={"teams": {"activities": 1, "age": 36}})
    found = [
        detected(client, startTime=start, finishTime=finish)[NUMBERS["teams"]][1]
        for start, finish in (
            ("2026-02-28", "2026-02-28"),
            ("2026-02-27", "2026-02-27"),
            ("2026-03-01", "2026-03-01"),
            ("2026-02-01", "2026-03-01"),
        )
    ]
    assert found == [1, 0, 0, 1]


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ({"startTime": "2026-02-22"}, "finishTime"),
        ({"finishTime": "2026-02-22"}, "startTime"),
        ({"startTime": "2026-02-22T00:00:00Z", "finishTime": "2026-02-22"}, "startTime"),
    ],
)
def test_unusual_activity_needs_two_dates(serve, query, word):
    answer = serve().get(UNUSUAL_ACTIVITY, **query)
    assert (answer.status_code, word in answer.json()["message"]) == (400, True)


@pytest.mark.parametrize("path", [FREQUENCY, RETENTION, UNUSUAL_ACTIVITY])
def test_another_scope_is_not_enough(serve, path):
    client = serve()
    client.tokens[facts.ENDPOINTS[path].scope] = client.token(facts.JOBS_SCOPE)
    assert client.get(path, **WEEK).status_code == 403


@pytest.mark.parametrize(
    ("target", "affected"),
    [
        ("frequency", {FREQUENCY}),
        ("retention", {RETENTION}),
        ("unusual_activity", {UNUSUAL_ACTIVITY}),
        ("settings", {FREQUENCY, RETENTION}),
        ("api", {FREQUENCY, RETENTION, UNUSUAL_ACTIVITY, V2_LICENSE}),
        ("license", {V2_LICENSE}),
    ],
)
def test_a_fault_affects_its_target_alone(serve, target, affected):
    client = serve(faults=[f"status:code=503,on={target}"])
    paths = (FREQUENCY, RETENTION, UNUSUAL_ACTIVITY, V2_LICENSE)
    assert {path for path in paths if client.get(path, **WEEK).status_code == 503} == affected


@pytest.mark.parametrize(
    ("fault", "path", "place", "value"),
    [
        ("bool_count", FREQUENCY, (0, "frequency"), True),
        ("negative_count", UNUSUAL_ACTIVITY, ("data", 0, "unusualActivitiesCount"), -1),
        ("time_text", FREQUENCY, (0, "backupStartTime", 0), "yesterday"),
        ("time_out_of_range", FREQUENCY, (0, "backupStartTime", 0), "10000-01-01T00:00:00Z"),
        ('set:field=data.servicePolicies.0.retentionPeriod,value="soon"', RETENTION, ("servicePolicies", 0), None),
    ],
)
def test_a_fault_changes_a_field_of_its_answer(serve, fault, path, place, value):
    found = data(serve(faults=[fault]), path, **WEEK)
    for part in place:
        found = found[part]
    assert found == value or found["retentionPeriod"] == "soon"
