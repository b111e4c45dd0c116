# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The schema of evidence.json is compared with what the collection writes, in both directions."""

from __future__ import annotations

import json
import pathlib
import time

import jsonschema
import pytest
import yaml
from ansible_collections.cloudbackup.m365.plugins.module_utils import _license, _names, _time
from ansible_collections.cloudbackup.m365.plugins.module_utils._api import records
from ansible_collections.cloudbackup.m365.plugins.module_utils._http import errors
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.checks.catalogue import CATALOGUE
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.evaluation import replay
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.plan import plan
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.policy_rules import settle_policy
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.model.jobs import STATES
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.model.outcome import JOBS_CITED, STATUSES
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reading.sources import SOURCES
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reports.evidence_json import (
    SCHEMA_VERSION,
    as_json,
    evidence,
)
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reports.labels import VERDICTS
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller.registered_results import reading
from ansible_collections.cloudbackup.m365.tests.unit.evaluation.test_properties import (
    reading_of,
    tenants,
    waivers,
)
from ansible_collections.cloudbackup.m365.tests.unit.planned_reads import performed
from ansible_collections.cloudbackup.m365.tests.unit.readings import (
    NOW,
    healthy,
    job,
    judge,
)
from hypothesis import given, settings
from hypothesis import strategies as st

ROOT = pathlib.Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "docs" / "evidence.schema.json").read_text(encoding="utf-8"))
SIMULATOR = yaml.safe_load((ROOT / "roles" / "simulator" / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))
SCENARIOS = SIMULATOR["argument_specs"]["main"]["options"]["simulator_scenario"]["choices"]
DEFINED = SCHEMA["$defs"]
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
WAIVER = {"check": "license_seats", "reason": "ordered", "approver": "J. Doe", "expires": "2999-12-31"}
POLICIES = [
    {},
    {"services": ["teams"], "window": "3d", "checks": {"license_seats": {"enabled": False, "fail": "133.7 %"}}},
    {"locations": ["NAM", "EUR"], "checks": {"backup_recency": {"services": {"teams": {"fail": "3d"}}}}},
    {"checks": {"backup_recency": {"states": ["finished", "partially_finished"], "warn": "90m", "fail": "26h"}}},
]


def evidence_of(reading, policy=None, given_waivers=None, now=NOW, subject="contoso"):
    """The content of evidence.json as a program reads it."""
    settled, _mistakes = settle_policy(policy or {})
    data = evidence(subject, _time.unix_to_iso(now), settled.data, reading, judge(reading, policy, given_waivers, now))
    return json.loads(as_json(data))


def faults(data):
    """Where the schema is broken, and how."""
    return [f"{error.json_path}: {error.message}"[:300] for error in VALIDATOR.iter_errors(data)]


def read(simulator, version="v1", policy=None):
    """A tenant read as the gate reads it."""
    settled, _mistakes = settle_policy(policy or {})
    now = int(time.time())
    return reading(performed(plan(settled, now), simulator, api_version=version)), now


V2_CHECKS = {name: {"enabled": True} for name in ("backup_frequency", "retention_period", "unusual_activity")}


@pytest.mark.parametrize("locations", [[], ["NAM", "EUR"]])
@pytest.mark.parametrize("fault", [None, "status:on=frequency,code=500", "status:on=unusual_activity,code=403"])
def test_evidence_of_what_v2_alone_answers_fits(fault, locations, simulate):
    policy = {"checks": V2_CHECKS, "locations": locations}
    faulty = [fault] if fault else []
    reading, now = read(simulate(*faulty, scenario="uneven_locations"), "v2", policy)
    assert (reading["settings"] is None, reading["unusual_activity"] is None) == (
        bool(fault and "frequency" in fault),
        bool(fault and "unusual" in fault),
    )
    assert faults(evidence_of(reading, policy, now=now)) == []


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_evidence_of_every_simulated_tenant_fits(scenario, version, simulate):
    simulator = simulate(scenario=scenario, **({"jobs": 400} if scenario == "large" else {}))
    reading, now = read(simulator, version)
    assert reading["jobs"] is not None
    assert faults(evidence_of(reading, given_waivers=[WAIVER], now=now)) == []


@pytest.mark.parametrize(
    "fault",
    [
        "status:code=403",
        "status:on=license,code=503",
        "lose_row:on=jobs",
        "no_date",
        'set:on=jobs,field=Jobs.0.State,value="Paused"',
    ],
)
def test_evidence_of_a_server_that_is_not_well_fits(fault, simulate):
    reading, now = read(simulate(fault))
    assert faults(evidence_of(reading, now=now)) == []


@given(tenants(), waivers, st.sampled_from(POLICIES), st.text(min_size=1))
@settings(max_examples=60)
def test_evidence_of_any_tenant_policy_and_waivers_fits(tenant, given_waivers, policy, subject):
    assert faults(evidence_of(reading_of(tenant), policy, given_waivers, subject=subject)) == []


@pytest.mark.parametrize("days", [-1, 1])
def test_evidence_that_was_judged_at_another_instant_fits(days):
    reading = replay.reading_at(healthy(), NOW, NOW + days * 86_400)
    data = evidence_of(reading, now=NOW + days * 86_400)
    assert faults(data) == []
    assert data["read"]["errors"]


def changed(place, value):
    data = evidence_of(healthy(), given_waivers=[WAIVER])
    inner = data
    for key in place[:-1]:
        inner = inner[key]
    if value is ...:
        del inner[place[-1]]
    else:
        inner[place[-1]] = value
    return data


TEAMS = ("read", "jobs", "groups", 4)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        *(((name,), ...) for name in SCHEMA["required"]),
        (("more",), 1),
        (("schema_version",), 2),
        (("schema_version",), "1"),
        (("subject",), ""),
        (("verdict",), "green"),
        (("evaluated_at",), "2026-11-24"),
        (("counts", "fail"), -1),
        (("counts", "fail"), ...),
        (("counts", "skipped"), 0),
        (("results",), []),
        (("results", 0, "status"), "ok"),
        (("results", 0, "check"), "license_seat"),
        (("results", 0, "scope"), "everything"),
        (("results", 0, "jobs"), [1]),
        (("results", 0, "jobs"), ["j"] * (JOBS_CITED + 1)),
        (("results", 0, "remediation"), ...),
        (("results", 0, "more"), "x"),
        (("waivers", 0, "state"), "valid"),
        (("waivers", 0, "expires"), "2999-12-31T00:00:00Z"),
        (("waivers", 0, "approver"), ""),
        (("not_judged", 0, "why"), None),
        (("window", "length"), "one week"),
        (("policy", "services"), []),
        (("policy", "services"), ["mail"]),
        (("policy", "checks", "backup_age"), {"enabled": True}),
        (("policy", "checks", "license_seats", "enabled"), "true"),
        (("policy", "checks", "license_seats", "fail"), "100 %"),
        (("policy", "checks", "license_seats", "limit"), 1),
        (("policy", "checks", "backup_recency", "services", "mail"), {"enabled": True}),
        (("read", "connection"), ...),
        (("read", "connection", "version"), ...),
        (("read", "connection", "url"), 1),
        (("read", "connection", "client_secret"), "x"),
        (("read", "now_given"), ...),
        (("read", "now_given"), "no"),
        (("read", "license"), ...),
        (("read", "license", "license", "purchased_user_seats"), "100"),
        (("read", "license", "license", "out_of_policy"), "no"),
        (("read", "license", "more"), 1),
        (("read", "jobs", "complete"), "true"),
        (("read", "settings"), ...),
        (("read", "settings"), {}),
        (("read", "unusual_activity"), ...),
        (("read", "unusual_activity"), []),
        (("read", "jobs", "api", "requests"), -1),
        (("read", "errors"), [{"read": "license", "message": "m"}]),
        (("read", "errors"), [{"read": "license", "message": "m", "failure": {"kind": "odd"}}]),
        ((*TEAMS, "total_count"), None),
        ((*TEAMS, "by_state", "paused"), 1),
        ((*TEAMS, "by_state", "failed"), ...),
        ((*TEAMS, "object_type"), "mail"),
        ((*TEAMS, "recent"), [{**job("j"), "state": "Paused"}]),
        ((*TEAMS, "recent"), [{**job("j"), "start_time": 638645575921780695}]),
        ((*TEAMS, "last_success"), {"id": "j"}),
    ],
)
def test_what_is_no_evidence_does_not_fit(place, value):
    assert faults(changed(place, value))


@pytest.mark.parametrize(
    "place", [("license", "license"), ("license", "api"), ("jobs", "api"), ("jobs", "groups", 4), ("jobs", "summary")]
)
def test_what_was_read_may_have_more_fields(place):
    assert faults(changed(("read", *place, "more"), {"of": "it"})) == []


def subschemas(schema, place="#"):
    """Every schema within, with its place."""
    yield place, schema
    for keyword in ("properties", "$defs"):
        for name, inner in schema.get(keyword, {}).items():
            yield from subschemas(inner, f"{place}/{keyword}/{name}")
    for keyword in ("items", "additionalProperties", "propertyNames"):
        if isinstance(schema.get(keyword), dict):
            yield from subschemas(schema[keyword], f"{place}/{keyword}")
    for index, inner in enumerate(schema.get("anyOf", [])):
        yield from subschemas(inner, f"{place}/anyOf/{index}")


def test_every_field_is_described():
    fields = {
        f"{place}/{name}": inner
        for place, schema in subschemas(SCHEMA)
        for keyword in ("properties", "$defs")
        for name, inner in schema.get(keyword, {}).items()
    }
    assert len(fields) > 100
    assert [place for place, inner in fields.items() if not inner.get("description", "").endswith(".")] == []


OPEN = ("failure", "license", "api", "group", "objects", "job", "read", "period", "schedule", "retention")
"""What the modules return may have more fields one day."""


def test_what_the_collection_makes_itself_is_closed():
    opened = {
        place for place, schema in subschemas(SCHEMA) if "properties" in schema and "additionalProperties" not in schema
    }
    assert all(place.split("/")[2] in OPEN for place in opened)


def thresholds():
    return {threshold.key for check in CATALOGUE for threshold in check.thresholds}


@pytest.mark.parametrize(
    ("shown", "known"),
    [
        (DEFINED["check"]["enum"], [check.name for check in CATALOGUE]),
        (DEFINED["status"]["enum"], STATUSES),
        (SCHEMA["properties"]["counts"]["properties"], STATUSES),
        (SCHEMA["properties"]["verdict"]["enum"], VERDICTS),
        (DEFINED["service"]["enum"], _names.OBJECT_TYPES),
        (DEFINED["location"]["enum"], _names.LOCATIONS),
        (DEFINED["scope"]["anyOf"][-1]["enum"], dict.fromkeys(one.scope for one in SOURCES.values() if one.scope)),
        (DEFINED["state"]["enum"], STATES),
        (DEFINED["by_state"]["properties"], STATES),
        (DEFINED["job_type"]["enum"], _names.JOB_TYPES),
        (DEFINED["failure"]["properties"]["kind"]["enum"], errors.KINDS),
        (DEFINED["failure"]["properties"], errors.Failure._fields),
        (DEFINED["settings"]["properties"], {"enabled", "services", *thresholds()}),
        (DEFINED["service_settings"]["properties"], {"enabled", *thresholds()}),
        (DEFINED["license"]["properties"], _license.described(records.License(*[None] * 5), 0)),
    ],
)
def test_the_names_are_those_of_the_collection(shown, known):
    assert set(shown) == set(known)


def test_its_numbers_are_those_of_the_collection():
    assert SCHEMA["properties"]["schema_version"]["const"] == SCHEMA_VERSION == 1
    assert DEFINED["result"]["properties"]["jobs"]["maxItems"] == JOBS_CITED
