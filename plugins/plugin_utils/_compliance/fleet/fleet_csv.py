# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The results of a fleet as fleet.csv: the rows of the findings.csv of each tenant, the worst tenant first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..reports import csv_text, findings_csv
from . import fleet
from .tenant import Tenant

VERDICT = "verdict"
"""The check of a row for a tenant that was not evaluated or is in doubt, which may have no failed result."""


def report(content: Mapping[str, Any], tenants: Iterable[Tenant]) -> str:
    """Return the file, with the tenants that this run evaluated.

    :param content: the content of fleet.json.
    """
    evaluations = {_key(tenant._asdict()): tenant.evaluation for tenant in tenants if tenant.evaluation}
    rows: list[list[str]] = []
    for row in fleet.judged(content):
        if row["doubt"]:
            rows.append(_doubt(row))
        evaluation = evaluations.get(_key(row))
        if evaluation:
            rows += findings_csv.rows(row["subject"], row["evaluated_at"], evaluation)
    return csv_text.table(findings_csv.COLUMNS, rows)


def _key(row: Mapping[str, Any]) -> tuple[object, ...]:
    return row["subject"], row["host"], row["evidence"]


def _doubt(row: Mapping[str, Any]) -> list[str]:
    return findings_csv.row(
        subject=row["subject"],
        evaluated_at=row["evaluated_at"],
        check=VERDICT,
        title="Verdict of the tenant",
        scope="run",
        status="error",
        observed=fleet.LABELS[row["verdict"]].lower(),
        expected="a tenant that was judged, by evidence without doubt",
        message=row["doubt"],
    )
