# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""A tenant over a period: whether its runs prove the period, and what they found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from ansible_collections.cloudbackup.m365.plugins.module_utils import _time

from ..model import durations, wording
from .chain import History
from .coverage import Span, gaps, hours
from .episodes import episodes
from .recorded_run import VERDICTS, Run
from .standing import DAYS
from .usage import usage

_REASON = 400


class Asked(NamedTuple):
    """What is asked of a tenant."""

    span: Span
    max_gap: int
    """Seconds."""
    runs_until: int
    """Later runs do not count. It is after the instant of the span where the clock of the server may be ahead."""
    since: str | None = None
    anchors: Collection[str] = ()


class Assessed(NamedTuple):
    """A row of period.json, and the calendar that is drawn of it."""

    row: dict[str, Any]
    calendar: Sequence[tuple[str, str]]
    """Each day from the start on, with one of ``DAYS``."""


def assess(subject: str, history: History | None, reason: str, folders: Sequence[str], asked: Asked) -> Assessed:
    """Return what the history of a tenant proves.

    :param history: None where there is none that can be read, for the ``reason``.
    """
    span = asked.span
    history = history or History([])
    break_ = history.break_ or _missing_anchor(history, asked.anchors)
    counted = [run for run in history.runs if run.proves and run.time <= asked.runs_until and run.time < span.end]
    within = [run for run in counted if run.time >= span.start]
    found = gaps([min(run.time, span.at) for run in counted], span, asked.max_gap)
    calendar = _calendar(within, span)
    days = Counter(status for _day, status in calendar)
    standing = _standing(history, break_, within, counted, found)
    row = {
        "subject": subject,
        "standing": standing,
        "reason": _reason(standing, reason, break_, found, history, asked),
        "folders": list(folders),
        "since": asked.since,
        "anchor": history.anchor,
        "newest": history.runs[-1].sha256 if history.runs else None,
        "runs": len(within),
        "report_only_runs": sum(not run.enforce for run in within),
        "gaps": [
            {"start": _time.unix_to_iso(start), "end": _time.unix_to_iso(end), "hours": hours(end - start)}
            for start, end in found
        ],
        "days": {name: days[name] for name in DAYS},
        "episodes": episodes(counted, span),
        "waivers": _acceptances(within),
        "license": usage(within),
    }
    return Assessed(row, calendar)


def _missing_anchor(history: History, anchors: Collection[str]) -> str:
    missing = set(anchors) - {run.sha256 for run in history.runs}
    if not missing or not history.runs:
        return ""
    return (
        f"No line of the history has the SHA-256 {min(missing)}, which was kept: that line or one before it was "
        "changed or removed."
    )


def _standing(
    history: History, break_: str, within: Sequence[Run], counted: Sequence[Run], found: Sequence[object]
) -> str:
    if break_:
        return "broken_chain"
    if not counted or (found and not within):
        return "no_evidence"
    return "gaps" if found else "proven"


def _reason(
    standing: str,
    reason: str,
    break_: str,
    found: Sequence[tuple[int, int]],
    history: History,
    asked: Asked,
) -> str:
    """Return why the standing is as it is, and what to know besides; empty where there is nothing to say."""
    parts = [break_]
    if break_ and history.runs:
        last = _time.unix_to_iso(history.runs[-1].time)
        parts.append(f"Runs after {last} do not count, and only a hash that was kept elsewhere confirms those before.")
    if history.runs and standing not in ("no_evidence", "broken_chain"):
        # Of another folder of the tenant
        parts.append(reason)
    if standing == "no_evidence":
        parts.append(reason or ("No run is within the period." if history.runs else "There is no line in its history."))
    if standing == "gaps":
        start, end = max(found, key=lambda gap: gap[1] - gap[0])
        parts.append(
            f"{wording.amount(len(found), 'gap')} of over {durations.text(asked.max_gap)} without a run; the longest "
            f"is {durations.words(end - start)}, from {_time.unix_to_iso(start)} to {_time.unix_to_iso(end)}."
        )
    useless = sum(not run.proves for run in history.runs if asked.span.start <= run.time < asked.span.limit)
    if useless:
        parts.append(
            f"{wording.amount(useless, 'run')} evaluated for an instant over 1 h away from the time of the server "
            "do not count."
        )
    parts += history.notes
    return wording.one_line(" ".join(filter(None, parts)), _REASON)


def _calendar(within: Sequence[Run], span: Span) -> list[tuple[str, str]]:
    worst: dict[str, str] = {}
    for run in within:
        day = _time.unix_to_date(run.time)
        worst[day] = min(worst.get(day, run.verdict), run.verdict, key=VERDICTS.index)
    calendar = []
    for start in range(span.start, span.end, _time.DAY):
        day = _time.unix_to_date(start)
        # A day that is not over can still have its run
        nothing = "not_yet" if start + _time.DAY > span.at else "not_proven"
        calendar.append((day, worst.get(day, nothing)))
    return calendar


def _acceptances(within: Sequence[Run]) -> list[dict[str, Any]]:
    """Return the waivers that were used, each with the number of runs."""
    counts = Counter(accepted for run in within for accepted in dict.fromkeys(run.acceptances))
    return [{**accepted._asdict(), "runs": count} for accepted, count in sorted(counts.items())]
