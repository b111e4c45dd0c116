# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""metrics.prom has the figures of the evidence; what is not known is missing, and every subject is read back."""

from __future__ import annotations

import shutil
import subprocess
from typing import Any

import pytest
from ansible_collections.cloudbackup.m365.plugins.module_utils import _time
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reports import metrics
from ansible_collections.cloudbackup.m365.tests.unit.readings import (
    NOW,
    SERVICES,
    ago,
    evidence_of,
    group,
    healthy,
    job,
    license_result,
)
from ansible_collections.cloudbackup.m365.tests.unit.reports.evidences import EVIDENCES, LIKE_FORMULAS, changed, packed
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

VERDICT = "cloudbackup_verdict"
RESULTS = "cloudbackup_results"
LAST_BACKUP = "cloudbackup_last_backup_timestamp_seconds"
RUN = "cloudbackup_run_timestamp_seconds"
LICENSE = {
    "cloudbackup_seats_assigned": "assigned_user_seats",
    "cloudbackup_seats_purchased": "purchased_user_seats",
    "cloudbackup_storage_protected_gigabytes": "protected_size",
    "cloudbackup_storage_purchased_gigabytes": "purchased_storage_size",
}


def samples(text: str) -> dict[str, list[tuple[dict[str, str], float]]]:
    """By metric, its labels and values, as the official client reads them."""
    families = list(text_string_to_metric_families(text))
    assert all(family.type == "gauge" and family.documentation for family in families)
    assert all(one.timestamp is None for family in families for one in family.samples)
    return {family.name: [(one.labels, one.value) for one in family.samples] for family in families}


def one_by(label: str, found: list[tuple[dict[str, str], float]]) -> dict[str, float]:
    assert all(set(labels) == {"subject", label} for labels, _value in found)
    return {labels[label]: value for labels, value in found}


@pytest.mark.parametrize("evidence", EVIDENCES.values(), ids=EVIDENCES)
def test_the_metrics_are_those_of_the_evidence(evidence: dict[str, Any]) -> None:
    found = samples(packed(evidence, "metrics"))
    assert {labels["subject"] for series in found.values() for labels, _value in series} == {"contoso"}
    verdicts = dict.fromkeys(("compliant", "non_compliant", "undetermined"), 0)
    assert one_by("verdict", found[VERDICT]) == {**verdicts, evidence["verdict"]: 1}
    assert one_by("status", found[RESULTS]) == evidence["counts"]
    assert found[RUN] == [({"subject": "contoso"}, NOW)]
    # Whatever the server sent as a count is there, and nothing else
    license_ = (evidence["read"]["license"] or {"license": {}})["license"]
    for metric, field in LICENSE.items():
        value = license_.get(field)
        known = [({"subject": "contoso"}, value)] if isinstance(value, int) and value < 2**63 else []
        assert found.get(metric, []) == known


@pytest.mark.parametrize(
    ("name", "missing"),
    [("no-license", {*LICENSE}), ("empty-license", {*LICENSE}), ("nothing", {*LICENSE, LAST_BACKUP})],
)
def test_what_is_not_known_is_missing_and_never_0(name: str, missing: set[str]) -> None:
    text = packed(EVIDENCES[name], "metrics")
    assert {VERDICT, RESULTS, LAST_BACKUP, RUN, *LICENSE} - set(samples(text)) == missing
    assert not any(metric in text for metric in missing)


def last_backups(reading: dict[str, Any], **policy: Any) -> dict[str, float]:
    return one_by("service", samples(packed(evidence_of(reading, policy), "metrics")).get(LAST_BACKUP, []))


def teams(*jobs: dict[str, Any]) -> dict[str, Any]:
    return changed("jobs", "groups", SERVICES.index("teams"), value=group(list(jobs), "teams"))


def test_the_last_backup_is_the_one_that_the_gate_judges() -> None:
    assert last_backups(healthy()) == dict.fromkeys(SERVICES, ago(hours=1))
    reading = teams(
        job("new", "failed", finish=ago(hours=2)),
        job("partly", "partially_finished", finish=ago(hours=3)),
        job("odd", "finished_with_exception", finish=ago(hours=4)),
        job("old", finish=ago(hours=5)),
    )
    assert last_backups(reading)["teams"] == ago(hours=4)
    strict = {"backup_recency": {"services": {"teams": {"states": ["finished"]}}}}
    assert last_backups(reading, checks=strict)["teams"] == ago(hours=5)


def test_a_service_without_a_backup_has_no_time() -> None:
    assert set(last_backups(teams())) == {*SERVICES} - {"teams"}
    assert set(last_backups(teams(job("f", "failed", finish=ago(hours=2))))) == {*SERVICES} - {"teams"}


@given(LIKE_FORMULAS.filter(str.strip))
def test_every_subject_is_read_back_exactly(subject: str) -> None:
    written = subject.encode("utf-8", "replace").decode()
    found = samples(metrics.text([metrics.Tenant(subject, "compliant", None, None, {})]))
    assert [labels["subject"] for labels, _value in found[VERDICT]] == [written] * 3


def test_of_two_tenants_with_one_name_the_first_counts() -> None:
    tenants = [metrics.Tenant("a", verdict, None, None, {}) for verdict in ("undetermined", "compliant")]
    assert one_by("verdict", samples(metrics.text(tenants))[VERDICT])["undetermined"] == 1


@given(st.dictionaries(st.text(max_size=5), st.integers(0, 2**31)), st.integers(0, 2**63 - 1))
def test_figures_are_written_as_they_are(ends: dict[str, int], seats: int) -> None:
    figures = {"last_backups": {name: _time.unix_to_iso(end) for name, end in ends.items()}, "seats_assigned": seats}
    text = metrics.text([metrics.Tenant("x", "compliant", None, None, figures)])
    assert f'cloudbackup_seats_assigned{{subject="x"}} {seats}\n' in text
    found = one_by("service", samples(text).get(LAST_BACKUP, []))
    assert found == {name.encode("utf-8", "replace").decode(): end for name, end in ends.items()}


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is in Debian's package prometheus")
@pytest.mark.parametrize("subject", ["contoso", "a\\b", 'a"b', "a\nb", "a\r\0\x1b{}=,\u202eü", "\\", '"', "\\n"])
def test_promtool_accepts_the_metrics(subject: str) -> None:
    text = packed(evidence_of(healthy(license=license_result(purchased_storage_size=9)), subject=subject), "metrics")
    checked = subprocess.run(
        ["promtool", "check", "metrics"], input=text.encode(), capture_output=True, check=False, timeout=60
    )
    # Its only objection: the API counts storage in gigabytes
    complaints = (checked.stdout + checked.stderr).decode().splitlines()
    storage = [name for name in LICENSE if name.endswith("_gigabytes")]
    assert complaints == [f'{name} use base unit "bytes" instead of "gigabytes"' for name in storage]
