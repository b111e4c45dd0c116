# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Many tenants together: which of them are red, and the verdict of all. Green is only what was judged throughout."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.cloudbackup.m365.plugins.module_utils import _names

from ..checks.catalogue import CATALOGUE
from ..model import wording
from ..model.outcome import STATUSES
from ..model.subject import shared
from ..reports.labels import VERDICTS as _VERDICTS
from .tenant import NOT_JUDGED, SCHEMA_VERSION, VERDICTS, Tenant

LABELS = {**_VERDICTS, NOT_JUDGED: "NOT JUDGED"}

_MOST_RED = 20
_MOST_NOT_JUDGED = 5
_MOST_LINES = 60
_HEADLINE, _LINE = 200, 400
"""Characters."""
_WORST_SHOWN = 3


def fleet(
    tenants: Iterable[Tenant], made_at: str, limit: str | None = None, earlier: Iterable[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """Return the content of fleet.json, the worst tenants first.

    :param limit: the host pattern that the play was limited to, so that a part is not taken for the whole.
    :param earlier: rows of earlier runs about tenants that this run did not judge. They come after all others and are
        no part of verdict and counts.
    """
    rows = sorted(map(_row, _doubt_what_is_shared(list(tenants))), key=_badness)
    others = sorted(({**row, "judged_in_this_run": False} for row in earlier), key=_badness)
    counts = {verdict: sum(row["verdict"] == verdict for row in rows) for verdict in VERDICTS}
    seen = {check for row in rows for check in row["checks"]}
    verdict, reason = _decide(counts)
    return {
        "schema_version": SCHEMA_VERSION,
        "collection": {"name": _names.COLLECTION, "version": _names.VERSION},
        "made_at": made_at,
        "limit": limit or None,
        "verdict": verdict,
        "reason": reason,
        "counts": counts,
        "checks": [{"check": check.name, "title": check.title} for check in CATALOGUE if check.name in seen],
        "tenants": rows + others,
    }


def judged(content: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the rows that verdict and counts are about."""
    return [row for row in content["tenants"] if row["judged_in_this_run"]]


def summary(content: Mapping[str, Any], report: str | None, sha256: str) -> dict[str, Any]:
    """Return what later jobs and notifications need: its size does not grow with the fleet."""
    rows = judged(content)
    red = [row["subject"] for row in rows if is_red(row)]
    stopped = [row for row in rows if row["verdict"] == NOT_JUDGED]
    return {
        "verdict": content["verdict"],
        "tenants": len(rows),
        "counts": content["counts"],
        "red": [wording.one_line(subject, 160) for subject in red[:_MOST_RED]],
        # A tenant without an evaluation has no summary with the reason
        "not_judged": [
            f"{wording.one_line(row['subject'], 60)}: {wording.one_line(row['doubt'], 240)}"
            for row in stopped[:_MOST_NOT_JUDGED]
        ],
        "report": report,
        "sha256": sha256,
    }


def headline(content: Mapping[str, Any]) -> str:
    """Return the verdict of the fleet, its counts, and how many tenants of earlier runs are left out, in one line."""
    rows = judged(content)
    counts = ", ".join(
        f"{content['counts'][verdict]} {LABELS[verdict].lower()}" for verdict in VERDICTS if content["counts"][verdict]
    )
    limited = f" Limited to {wording.one_line(content['limit'], 60)}." if content["limit"] else ""
    summary = f"{wording.amount(len(rows), 'tenant')} ({counts})" if rows else content["reason"].rstrip(".")
    earlier = len(content["tenants"]) - len(rows)
    others = f" Not judged in this run: {wording.amount(earlier, 'tenant')} of earlier runs." if earlier else ""
    return wording.one_line(f"{LABELS[content['verdict']]}: {summary}.{limited}{others}", _HEADLINE)


def findings(content: Mapping[str, Any]) -> list[str]:
    """Return a line for each red tenant, the worst first."""
    red = [row for row in judged(content) if is_red(row)]
    lines = [_line(row) for row in red[:_MOST_LINES]]
    if len(red) > _MOST_LINES:
        lines.append(f"... and {len(red) - _MOST_LINES} more red tenants, in the report")
    return lines


def refused(content: Mapping[str, Any]) -> dict[str, list[str]]:
    """By host, why it fails also without enforcement: it was not judged, or what was judged is in doubt."""
    return {
        row["host"]: [f"{wording.one_line(row['subject'], 80)}: {LABELS[row['verdict']]}. {row['doubt']}"]
        for row in judged(content)
        if row["host"] and row["doubt"]
    }


def is_red(row: Mapping[str, Any]) -> bool:
    return bool(row["verdict"] != "compliant")


def _doubt_what_is_shared(tenants: list[Tenant]) -> list[Tenant]:
    """Two tenants of one name or one app registration: at least one of them was not read."""
    names = [wording.one_line(tenant.host or tenant.evidence or tenant.subject, 160) for tenant in tenants]
    doubts = [[tenant.doubt] if tenant.doubt else [] for tenant in tenants]
    for word, values in (
        ("name", [tenant.subject for tenant in tenants]),
        ("app registration", [tenant.registration for tenant in tenants]),
    ):
        # A file system may not distinguish upper case from lower
        for place, others in shared({place: value.lower() for place, value in enumerate(values)}).items():
            with_whom = wording.listed([names[other] for other in others], 5)
            doubts[place].append(f"It has the same {word} as {with_whom}: {wording.one_line(values[place], 160)}.")
    return [tenant._replace(doubt=" ".join(own)) for tenant, own in zip(tenants, doubts)]


def _row(tenant: Tenant) -> dict[str, Any]:
    evaluation = tenant.evaluation
    verdict = NOT_JUDGED if evaluation is None else evaluation["verdict"]
    if verdict == "compliant" and tenant.doubt:
        verdict = "undetermined"
    return {
        "subject": tenant.subject,
        "host": tenant.host,
        "judged_in_this_run": True,
        "evidence": tenant.evidence,
        "verdict": verdict,
        "doubt": tenant.doubt,
        "reason": evaluation["reason"] if evaluation else "",
        "evaluated_at": tenant.evaluated_at,
        "counts": dict(evaluation["counts"]) if evaluation else None,
        "checks": _by_check(evaluation["results"]) if evaluation else {},
        "worst": list(tenant.worst),
        "report": tenant.report or None,
        "sha256": tenant.sha256 or None,
        "figures": tenant.figures,
    }


def _by_check(results: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """By check, its worst status over the scopes and, unless all passed, the scopes that have it."""
    found: dict[str, dict[str, Any]] = {}
    for result in sorted(results, key=lambda result: STATUSES.index(result["status"])):
        held = found.setdefault(result["check"], {"status": result["status"], "scopes": []})
        if held["status"] == result["status"] != "pass":
            held["scopes"].append(result["scope"])
    return found


def _badness(row: Mapping[str, Any]) -> tuple[Any, ...]:
    counts = row["counts"] or {}
    most = tuple(-counts.get(status, 0) for status in ("fail", "error", "warn"))
    return (VERDICTS.index(row["verdict"]), *most, row["subject"], row["host"] or "")


def _decide(counts: Mapping[str, int]) -> tuple[str, str]:
    """The verdict of a fleet has the three words of a tenant's: what was not judged is not determined."""
    total = sum(counts.values())
    if not total:
        return "undetermined", "No tenant was judged."
    if counts["compliant"] == total:
        return "compliant", "Every tenant was judged and is compliant."
    parts = ", ".join(
        f"{counts[verdict]} {words}"
        for verdict, words in (
            ("non_compliant", "not compliant"),
            (NOT_JUDGED, "not judged at all"),
            ("undetermined", "in doubt"),
        )
        if counts[verdict]
    )
    return ("non_compliant" if counts["non_compliant"] else "undetermined"), f"Of {total}: {parts}."


def _line(row: Mapping[str, Any]) -> str:
    reasons = " ".join([row["doubt"], row["reason"]]).strip()
    worst = "; ".join(row["worst"][:_WORST_SHOWN])
    return wording.one_line(
        f"{LABELS[row['verdict']]} {wording.one_line(row['subject'], 80)}: {reasons} {worst}", _LINE
    )
