# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The schema of fleet.json describes what the collection writes, and what it reads back."""

from __future__ import annotations

import copy
import json
import pathlib

import jsonschema
import pytest
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.fleet import fleet as _fleet
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.fleet.tenant import SCHEMA_VERSION, VERDICTS
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.model.outcome import STATUSES
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reports import labels
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reports.evidence_json import as_json
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller import stored_fleet
from ansible_collections.cloudbackup.m365.tests.unit.controller.fleets import merged, store
from ansible_collections.cloudbackup.m365.tests.unit.fleet.test_fleet_report import fleet, tenant

ROOT = pathlib.Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "docs" / "fleet.schema.json").read_text(encoding="utf-8"))
ROW = SCHEMA["$defs"]["row"]
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
TENANTS = [tenant(verdict, verdict) for verdict in VERDICTS]
EARLIER = fleet(tenant("x", "non_compliant"), tenant("y", "not_judged"))["tenants"]
CONTENT = json.loads(as_json(fleet(*TENANTS, limit="a:b", earlier=EARLIER)))


def faults(content):
    """Where the schema is broken, and how."""
    return [f"{error.json_path}: {error.message}"[:300] for error in VALIDATOR.iter_errors(content)]


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("content", [CONTENT, json.loads(as_json(fleet()))], ids=["all", "none"])
def test_a_report_fits(content):
    assert faults(content) == []


def test_a_merged_report_fits(tmp_path):
    store(tmp_path / "one", "contoso")
    store(tmp_path / "one", "fabrikam").unlink()
    merged(tmp_path / "one", tmp_path / "nowhere", report_dir=str(tmp_path / "all"))
    assert faults(json.loads((tmp_path / "all" / "fleet.json").read_text())) == []


def changed(place, value):
    content = copy.deepcopy(CONTENT)
    inner = content
    for key in place[:-1]:
        inner = inner[key]
    if value is ...:
        del inner[place[-1]]
    else:
        inner[place[-1]] = value
    return content


@pytest.mark.parametrize(
    ("place", "value"),
    [
        *(((name,), ...) for name in SCHEMA["required"]),
        *((("tenants", 0, name), ...) for name in ROW["required"]),
        (("more",), 1),
        (("tenants", 0, "more"), 1),
        (("schema_version",), 2),
        (("verdict",), "not_judged"),
        (("counts", "compliant"), -1),
        (("tenants", 0, "subject"), ""),
        (("tenants", 0, "verdict"), "green"),
        (("tenants", 0, "judged_in_this_run"), "false"),
        (("tenants", 0, "evaluated_at"), "2026-11-24"),
        (("tenants", 0, "counts"), {}),
        (("tenants", 0, "checks", "license_seats"), "pass"),
        (("tenants", 0, "worst"), [1]),
    ],
)
def test_what_is_no_report_does_not_fit(place, value):
    assert faults(changed(place, value))


@pytest.mark.parametrize(
    ("described", "known"),
    [
        (SCHEMA["properties"], CONTENT),
        (SCHEMA["properties"]["verdict"]["enum"], labels.VERDICTS),
        (SCHEMA["properties"]["counts"]["properties"], VERDICTS),
        (ROW["properties"]["verdict"]["enum"], VERDICTS),
        (ROW["properties"], CONTENT["tenants"][0]),
        (ROW["properties"]["counts"]["required"], STATUSES),
        (SCHEMA["$defs"]["status"]["enum"], STATUSES),
    ],
)
def test_the_names_are_those_of_the_collection(described, known):
    assert set(described) == set(known)


def test_its_version_is_that_of_the_collection():
    assert SCHEMA["properties"]["schema_version"]["const"] == SCHEMA_VERSION == 1


def test_what_was_written_is_read_back_whole(tmp_path):
    (tmp_path / "fleet.json").write_text(as_json(CONTENT))
    rows = stored_fleet.rows(str(tmp_path / "fleet.json"))
    assert [{**row, "judged_in_this_run": None} for row in rows] == [
        {**row, "judged_in_this_run": None} for row in CONTENT["tenants"]
    ]
    assert _fleet.judged(CONTENT) == CONTENT["tenants"][: len(VERDICTS)]


def subschemas(schema, place="#"):
    """Every schema within, with its place."""
    yield place, schema
    for keyword in ("properties", "$defs"):
        for name, inner in schema.get(keyword, {}).items():
            yield from subschemas(inner, f"{place}/{keyword}/{name}")
    for keyword in ("items", "additionalProperties"):
        if isinstance(schema.get(keyword), dict):
            yield from subschemas(schema[keyword], f"{place}/{keyword}")


def test_every_field_is_described():
    fields = {
        f"{place}/{name}": inner
        for place, schema in subschemas(SCHEMA)
        for keyword in ("properties", "$defs")
        for name, inner in schema.get(keyword, {}).items()
    }
    assert len(fields) > 30
    assert [place for place, inner in fields.items() if not inner.get("description", "").endswith(".")] == []
