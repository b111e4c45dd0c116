# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The report of a period: the tenants, the worst first, and whether the period is proven."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.cloudbackup.m365.plugins.module_utils import _names, _time

from ..model import durations, wording
from ..reports import csv_text
from .coverage import Span
from .standing import DAYS, LABELS, STANDINGS

SCHEMA_VERSION = 1
"""Of period.json."""
COLUMNS = ("subject", "kind", "check", "scope", "start", "end", "hours", "statuses", "waived_by")

_TENANTS = {
    "no_evidence": "without evidence",
    "broken_chain": "with a broken chain",
    "gaps": "with gaps",
    "proven": "proven",
}
_SHOWN = {"non_compliant": "non-compliant"}
_MOST_LINES = 60
_HEADLINE, _LINE = 200, 400
"""Characters."""


def period(rows: Iterable[Mapping[str, Any]], start: str, end: str, now: int, max_gap: int) -> dict[str, Any]:
    """Return the content of period.json.

    :param rows: of the tenants, as ``assess`` returns them.
    :param start: the first day, YYYY-MM-DD; ``end`` is the last one.
    """
    tenants = sorted(rows, key=lambda row: (STANDINGS.index(row["standing"]), row["subject"]))
    counts = Counter(row["standing"] for row in tenants)
    standing = next((one for one in STANDINGS if counts[one]), "no_evidence")
    return {
        "schema_version": SCHEMA_VERSION,
        "collection": {"name": _names.COLLECTION, "version": _names.VERSION},
        "made_at": _time.unix_to_iso(now),
        "period": {"start": start, "end": end},
        "max_gap": durations.text(max_gap),
        "verdict": standing,
        "standing": standing,
        "reason": _reason(counts, len(tenants)),
        "counts": {one: counts[one] for one in STANDINGS},
        "tenants": tenants,
    }


def summary(content: Mapping[str, Any], report: str | None, sha256: str) -> dict[str, Any]:
    """Return what is worth passing around: its size does not grow with the tenants."""
    return {"verdict": content["verdict"], "tenants": content["counts"], "report": report, "sha256": sha256}


def headline(content: Mapping[str, Any]) -> str:
    """Return the verdict, the tenants, the period and its days in one line."""
    counts, of = content["counts"], content["period"]
    standings = _listed(counts, STANDINGS)
    amount = wording.amount(len(content["tenants"]), "tenant")
    tenants = f"{amount} ({standings})" if standings else "no tenant was found"
    total = Counter[str]()
    for row in content["tenants"]:
        total.update(row["days"])
    shown = f"{LABELS[content['verdict']]} from {of['start']} to {of['end']}: {tenants}{_days(total)}."
    return wording.one_line(shown, _HEADLINE)


def findings(content: Mapping[str, Any]) -> list[str]:
    """Return a line for each tenant whose period is not proven, the worst first."""
    red = [row for row in content["tenants"] if row["standing"] != "proven"]
    lines = [_line(row) for row in red[:_MOST_LINES]]
    if len(red) > _MOST_LINES:
        lines.append(f"... and {len(red) - _MOST_LINES} more tenants, in the report")
    return lines


def table(content: Mapping[str, Any]) -> str:
    """Return the gaps and episodes as CSV."""
    return csv_text.table(COLUMNS, (line for row in content["tenants"] for line in _cells(row)))


def span(start: int, end: int, now: int) -> Span:
    """Return the span of the days from ``start`` to ``end``, which are their first seconds."""
    return Span(start, end + _time.DAY, now)


def _reason(counts: Mapping[str, int], total: int) -> str:
    if not total:
        return "No tenant was found in the folders, and none was named."
    if counts["proven"] == total:
        return "The runs of every tenant prove the whole period."
    parts = _listed(counts, STANDINGS[:-1])
    return f"The period is not proven for all tenants. Of {total}: {parts}."


def _listed(counts: Mapping[str, int], standings: Iterable[str]) -> str:
    return ", ".join(f"{counts[one]} {_TENANTS[one]}" for one in standings if counts[one])


def _days(days: Mapping[str, int]) -> str:
    named = [f"{days[name]} {_SHOWN.get(name, name.replace('_', ' '))}" for name in DAYS if days[name]]
    return f"; days: {', '.join(named)}" if named else ""


def _line(row: Mapping[str, Any]) -> str:
    subject, days = wording.one_line(row["subject"], 80), _days(row["days"]).replace("; days", "Days")
    # The days are short, and the reason may be cut
    reason = wording.one_line(row["reason"], _LINE - len(days) - len(subject) - 20)
    return wording.one_line(f"{LABELS[row['standing']]} {subject}: {reason} {days}", _LINE)


def _cells(row: Mapping[str, Any]) -> Iterable[Sequence[object]]:
    subject = row["subject"]
    for gap in row["gaps"]:
        yield _shown(subject, "gap", None, None, gap["start"], gap["end"], gap["hours"], None, None)
    for one in row["episodes"]:
        until = one["ended"] or one["last_seen"]
        about = one["check"], one["scope"], one["first_seen"], until, one["hours"]
        yield _shown(subject, "episode", *about, one["statuses"], one["waived_by"])


def _shown(*values: object) -> list[object]:
    """Return the values with texts in printable characters alone: a file cannot hold half of a character."""
    return [_printable(value) for value in values]


def _printable(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_printable(item) for item in value]
    return value
