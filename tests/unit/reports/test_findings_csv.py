# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""findings.csv has the results of the evidence, whatever is in them, and no cell of it starts a formula."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from ansible_collections.cloudbackup.m365.tests.unit.readings import evidence_of, healthy
from ansible_collections.cloudbackup.m365.tests.unit.reports.evidences import EVIDENCES, LIKE_FORMULAS, REDS, packed
from hypothesis import given

COLUMNS = [
    *("subject", "evaluated_at", "check", "title", "scope", "status", "observed", "expected", "message"),
    *("remediation", "controls", "approver", "expires"),
]


def rows_of(evidence: dict[str, Any]) -> list[dict[str, str]]:
    """Read the file as another program does."""
    reader = csv.DictReader(io.StringIO(packed(evidence, "csv"), newline=""), strict=True)
    rows = list(reader)
    assert reader.fieldnames == COLUMNS
    assert all(None not in row and None not in row.values() for row in rows)
    return rows


@pytest.mark.parametrize("evidence", EVIDENCES.values(), ids=EVIDENCES)
def test_every_result_is_a_row_in_the_order_of_the_evidence(evidence: dict[str, Any]) -> None:
    rows = rows_of(evidence)
    assert len(rows) == len(evidence["results"])
    for row, result in zip(rows, evidence["results"]):
        names = ("check", "title", "scope", "status", "observed", "expected", "message", "remediation")
        assert {name: row[name] for name in names} == {name: result[name] for name in names}
        assert row["controls"].split("; ") == result["controls"]
        assert (row["subject"], row["evaluated_at"]) == (evidence["subject"], evidence["evaluated_at"])


def test_only_a_waived_result_names_who_accepted_it_and_until_when() -> None:
    rows = rows_of(EVIDENCES["waived"])
    accepted = [(row["check"], row["status"], row["approver"], row["expires"]) for row in rows if row["approver"]]
    assert accepted == [("license_seats", "waived", "J. Doe", "2026-12-31")]
    assert [row["status"] for row in rows].count("waived") == 1


def test_of_several_waivers_the_one_that_applies_is_named() -> None:
    about = {"check": "license_seats", "reason": "r"}
    waivers = [
        {**about, "approver": "too late", "expires": "2026-11-23"},
        {**about, "approver": "elsewhere", "expires": "2026-12-30", "check": "license_storage"},
        {**about, "approver": "first", "expires": "2026-12-31", "scope": "license"},
        {**about, "approver": "second", "expires": "2027-01-31"},
    ]
    (row,) = [row for row in rows_of(evidence_of(REDS["seats"], waivers=waivers)) if row["approver"]]
    assert (row["approver"], row["expires"]) == ("first", "2026-12-31")


@given(LIKE_FORMULAS.filter(str.strip), LIKE_FORMULAS.filter(str.strip))
def test_no_cell_starts_a_formula_and_every_row_is_one_line(subject: str, words: str) -> None:
    waiver = {"check": "license_seats", "reason": words, "approver": words, "expires": "2026-12-31"}
    evidence = evidence_of(REDS["seats"], waivers=[waiver], subject=subject)
    for result in evidence["results"]:
        result["observed"] = result["message"] = words
    rows = rows_of(evidence)
    for value in (value for row in rows for value in row.values()):
        first = next((sign for sign in value if sign.isprintable() and not sign.isspace()), "")
        assert first not in tuple("=+-@＝＋－＠")
        assert value.isprintable()
    assert packed(evidence, "csv").count("\n") == len(rows) + 1


def test_an_ordinary_text_is_unchanged() -> None:
    assert {row["subject"] for row in rows_of(evidence_of(healthy(), subject='Con "toso", Ltd; Zürich'))} == {
        'Con "toso", Ltd; Zürich'
    }
