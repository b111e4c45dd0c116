# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The results as findings.csv, for spreadsheets and databases: a row for each result, in the order of the evidence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..evaluation import waiving
from ..model import wording
from .csv_text import table
from .fact_types import Facts

COLUMNS = (
    *("subject", "evaluated_at", "check", "title", "scope", "status", "observed", "expected", "message"),
    *("remediation", "controls", "approver", "expires"),
)
"""``approver`` and ``expires`` are from the waiver of a waived failure, and empty for any other status."""
_CELL = 32_000
"""Maximum characters, below the limit of a spreadsheet cell."""


def report(evidence: Mapping[str, Any], facts: Facts) -> str:
    """Return the file. Only the results in ``evidence``, the content of evidence.json, are used."""
    return table(COLUMNS, rows(evidence["subject"], evidence["evaluated_at"], evidence))


def rows(subject: str, evaluated_at: str | None, evaluation: Mapping[str, Any]) -> Iterable[list[str]]:
    """Yield the row of each result of an evaluation."""
    for result in evaluation["results"]:
        waiver = waiving.accepted_by(result, evaluation["waivers"]) or {}
        yield row(
            **{name: result[name] for name in COLUMNS if name in result and name != "controls"},
            subject=subject,
            evaluated_at=evaluated_at,
            controls="; ".join(result["controls"]),
            approver=waiver.get("approver"),
            expires=waiver.get("expires"),
        )


def row(**values: object) -> list[str]:
    """Return a row: a value for each column, on one line and without control characters."""
    given = (values.get(name) for name in COLUMNS)
    return ["" if value is None else wording.one_line(value, _CELL) for value in given]
