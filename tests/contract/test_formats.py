# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The formats for programs are valid for every tenant, server and fault, and agree with the evidence."""

from __future__ import annotations

import copy
import csv
import datetime
import io
import json
from typing import Any

import pytest
import yaml
from ansible_collections.cloudbackup.m365.plugins.modules import compliance_report
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reports.pack_files import (
    DEFAULT_FORMATS,
    FILE_OF,
)
from ansible_collections.cloudbackup.m365.tests.contract.test_evidence_schema import (
    ROOT,
    SCENARIOS,
    WAIVER,
    evidence_of,
    read,
)
from ansible_collections.cloudbackup.m365.tests.unit.evaluation.test_properties import PLACES, anything
from ansible_collections.cloudbackup.m365.tests.unit.readings import healthy
from ansible_collections.cloudbackup.m365.tests.unit.reports.evidences import packed
from ansible_collections.cloudbackup.m365.tests.unit.reports.test_metrics import one_by, samples
from hypothesis import given, settings
from hypothesis import strategies as st


def agree(evidence: dict[str, Any]) -> None:
    """Compare each format with the evidence."""
    expected = [(one["check"], one["scope"], one["status"]) for one in evidence["results"]]
    rows = csv.DictReader(io.StringIO(packed(evidence, "csv"), newline=""), strict=True)
    assert [(row["check"], row["scope"], row["status"]) for row in rows] == expected
    found = samples(packed(evidence, "metrics"))
    assert one_by("status", found["cloudbackup_results"]) == evidence["counts"]
    assert one_by("verdict", found["cloudbackup_verdict"])[evidence["verdict"]] == 1
    (result,) = json.loads(packed(evidence, "oscal"))["assessment-results"]["results"]
    properties = [{one["name"]: one["value"] for one in part["props"]} for part in result["observations"]]
    assert [(one["check"], one["scope"], one["status"]) for one in properties] == expected
    satisfied = {one["target"]["status"]["state"] for one in result["findings"]} == {"satisfied"}
    assert not satisfied or evidence["verdict"] == "compliant"


def last_of(group: dict[str, Any]) -> str | None:
    """The end of the last backup that finished, with exceptions or without, in a group of jobs."""
    ends = [
        (group["last_by_state"][state] or {}).get("finish_time") for state in ("finished", "finished_with_exception")
    ]
    return max((end for end in ends if end), default=None)


@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_formats_of_every_simulated_tenant_agree_with_its_evidence(scenario, version, simulate):
    simulator = simulate(scenario=scenario, **({"jobs": 400} if scenario == "large" else {}))
    reading, now = read(simulator, version)
    evidence = evidence_of(reading, given_waivers=[WAIVER], now=now)
    agree(evidence)
    found = samples(packed(evidence, "metrics"))
    groups = {
        one["object_type"]: one
        for one in reading["jobs"]["groups"]
        if one["job_type"] == "backup" and one["object_type"] in evidence["policy"]["services"]
    }
    known = {service: last_of(group) for service, group in groups.items()}
    ends = one_by("service", found.get("cloudbackup_last_backup_timestamp_seconds", []))
    assert ends == {service: at(end) for service, end in known.items() if end}
    assert found["cloudbackup_seats_assigned"][0][1] == reading["license"]["license"]["assigned_user_seats"]


def at(text: str) -> float:
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


@pytest.mark.parametrize(
    "fault",
    [
        "status:code=403",
        "status:on=license,code=503",
        "lose_row:on=jobs",
        "no_date",
        'set:on=jobs,field=Jobs.0.State,value="=Paused"',
    ],
)
def test_the_formats_of_a_server_that_is_not_well_agree_with_its_evidence(fault, simulate):
    reading, now = read(simulate(fault))
    agree(evidence_of(reading, now=now))


@given(st.sampled_from(PLACES), anything)
@settings(max_examples=100)
def test_the_formats_of_damaged_evidence_are_valid(place: tuple[Any, ...], value: Any) -> None:
    reading = copy.deepcopy(healthy())
    inner: Any = reading
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    try:
        evidence = evidence_of(reading)
    except ValueError:
        # No JSON holds a NaN; the gate keeps such a reading as one that could not be judged
        return
    agree(evidence)


def test_the_default_formats_are_the_same_everywhere() -> None:
    role = ROOT / "roles" / "compliance"
    defaults = yaml.safe_load((role / "defaults" / "main.yml").read_text(encoding="utf-8"))
    specs = yaml.safe_load((role / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))["argument_specs"]
    options = yaml.safe_load(compliance_report.DOCUMENTATION)["options"]
    assert defaults["compliance_report_formats"] == list(DEFAULT_FORMATS)
    assert specs["main"]["options"]["compliance_report_formats"]["default"] == list(DEFAULT_FORMATS)
    assert options["formats"]["default"] == list(DEFAULT_FORMATS)
    assert options["formats"]["choices"] == list(FILE_OF)
