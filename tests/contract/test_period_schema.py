# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The schema of period.json describes what the collection writes."""

from __future__ import annotations

import copy
import json
import pathlib

import jsonschema
import pytest
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.period import (
    episodes,
    period_report,
    recorded_run,
    standing,
)
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reports import labels
from ansible_collections.cloudbackup.m365.tests.contract.test_fleet_schema import subschemas
from ansible_collections.cloudbackup.m365.tests.unit.period import recorded_years
from ansible_collections.cloudbackup.m365.tests.unit.period.test_simulated_years import reported

ROOT = pathlib.Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "docs" / "period.schema.json").read_text(encoding="utf-8"))
TENANT = SCHEMA["$defs"]["tenant"]
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def faults(content):
    """Where the schema is broken, and how."""
    return [f"{error.json_path}: {error.message}"[:300] for error in VALIDATOR.iter_errors(content)]


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    """A report with a tenant of each standing."""
    folder = tmp_path_factory.mktemp("tenants") / "reports"
    lines = recorded_years.chained(recorded_years.year(0), "0" * 64)
    recorded_years.write(folder, "contoso", lines)
    daily = recorded_years.daily("2026-01-01", 366, "fabrikam")
    recorded_years.write(folder, "fabrikam", recorded_years.chained(daily))
    broken = recorded_years.chained(recorded_years.year(1, subject="northwind"))
    recorded_years.write(folder, "northwind", [*broken[:30], *broken[31:]])
    tenants = ["missing", {"subject": "fabrikam", "since": "2026-02-01"}]
    found = reported(folder, "2026-01-01", "2026-12-31", tenants=tenants)
    assert [row["standing"] for row in found["tenants"]] == list(standing.STANDINGS)
    return found


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_a_report_fits(content):
    assert faults(content) == []


def test_a_report_of_nothing_fits(tmp_path):
    (tmp_path / "reports").mkdir()
    assert faults(reported(tmp_path / "reports", "2026-01-01", "2026-12-31")) == []


@pytest.mark.parametrize(
    ("place", "value"),
    [
        *(((name,), ...) for name in SCHEMA["required"]),
        *((("tenants", 2, name), ...) for name in TENANT["required"]),
        (("more",), 1),
        (("schema_version",), 2),
        (("verdict",), "compliant"),
        (("tenants", 2, "standing"), "green"),
        (("tenants", 2, "anchor"), "abc"),
        (("tenants", 2, "gaps", 0, "hours"), -1),
        (("tenants", 2, "episodes", 0, "statuses"), ["pass"]),
        (("tenants", 2, "license", "seats", "runway_days"), 1.5),
    ],
)
def test_what_is_no_report_does_not_fit(content, place, value):
    changed = copy.deepcopy(content)
    inner = changed
    for key in place[:-1]:
        inner = inner[key]
    if value is ...:
        del inner[place[-1]]
    else:
        inner[place[-1]] = value
    assert faults(changed)


@pytest.mark.parametrize(
    ("described", "known"),
    [
        (SCHEMA["$defs"]["standing"]["enum"], standing.STANDINGS),
        (SCHEMA["properties"]["counts"]["properties"], standing.STANDINGS),
        (TENANT["properties"]["days"]["properties"], standing.DAYS),
        (SCHEMA["$defs"]["episode"]["properties"]["statuses"]["items"]["enum"], episodes.RED),
        (labels.VERDICTS, recorded_run.VERDICTS),
    ],
)
def test_the_names_are_those_of_the_collection(described, known):
    assert set(described) == set(known)


def test_its_version_is_that_of_the_collection():
    assert SCHEMA["properties"]["schema_version"]["const"] == period_report.SCHEMA_VERSION == 1


def test_every_field_is_described():
    fields = {
        f"{place}/{name}": inner
        for place, schema in subschemas(SCHEMA)
        for keyword in ("properties", "$defs")
        for name, inner in schema.get(keyword, {}).items()
    }
    assert len(fields) > 50
    assert [place for place, inner in fields.items() if not inner.get("description", "").endswith(".")] == []
