# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Check ``evidence``: whether the data that was read is reliable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.cloudbackup.m365.plugins.module_utils import _time

from ..model import jobs, wording
from ..model.check import ANSWERS, EVIDENCE, Check
from ..model.outcome import JOBS_CITED, Outcome, Undetermined

_GIVEN_NOW_TOLERANCE = 3_600
"""Seconds. A given instant with a larger difference from the server's time evaluates a different day."""

_Doubt = tuple[str, str]
"""Status and sentence."""


def judge(answers: jobs.Answers, thresholds: Mapping[str, Any], now: int) -> Outcome:
    """Report all doubts at once, so that fixing one does not show the next."""
    doubts = [*_tenants(answers), *_clocks(answers, now), *_groups(answers, now), *_counts(answers)]
    errors, warnings = ([sentence for status, sentence in doubts if status == wanted] for wanted in ("error", "warn"))
    sentences = list(dict.fromkeys(errors + warnings))
    return Outcome(
        status="error" if errors else "warn" if warnings else "pass",
        observed=wording.amount(len(sentences), "doubt") if sentences else "no doubt",
        expected="complete answers of one tenant, clocks within 5 minutes, known states, every service judged",
        message=" ".join(sentences) or "Every answer is complete and fits the clock.",
        jobs=jobs.ids(job for _name, group in _readable(answers) for job in group.jobs_in(("unknown",)))[:JOBS_CITED],
    )


def _tenants(answers: jobs.Answers) -> Iterator[_Doubt]:
    for stranger in answers.strangers:
        yield "error", f"{stranger} Check module_defaults and the environment."


def _clocks(answers: jobs.Answers, now: int) -> Iterator[_Doubt]:
    yield from _largest(answers.offsets, "The clock is off the server's by {} s ({}): no age can be trusted.")
    yield from _largest(answers.ages, "A cache kept an answer for {} s ({}): it may not be the current state.")
    without = [read for read, offset in answers.offsets.items() if offset is None]
    if without:
        yield "warn", f"No Date header came ({', '.join(without)}): this machine's clock is not proven right."
    for read, server_time in answers.server_times.items():
        if isinstance(server_time, Undetermined):
            yield "error", str(server_time)
        elif answers.now_given and server_time is not None and abs(now - server_time) > _GIVEN_NOW_TOLERANCE:
            given, right = _time.unix_to_iso(now), _time.unix_to_iso(server_time)
            yield "error", f"The given now is {given}, the server's time {right} ({read}). Take compliance_now out."


def _largest(seconds: Mapping[str, float | Undetermined | None], sentence: str) -> Iterator[_Doubt]:
    """Report the largest of the values beyond the tolerance, once for all reads."""
    beyond: dict[str, float] = {}
    for read, figure in seconds.items():
        if isinstance(figure, Undetermined):
            yield "error", str(figure)
        elif figure is not None and abs(figure) > _time.CLOCK_TOLERANCE:
            beyond[read] = figure
    if beyond:
        yield "error", sentence.format(max(beyond.values(), key=abs), ", ".join(beyond))


def _groups(answers: jobs.Answers, now: int) -> Iterator[_Doubt]:
    if isinstance(answers.groups, Undetermined):
        yield "error", str(answers.groups)
        return
    for name, group in answers.groups:
        if isinstance(group, Undetermined):
            yield "error", f"{name}: {group}"
            continue
        if group.by_state["unknown"]:
            states = sorted({wording.found(job.state_text) for job in group.jobs_in(("unknown",))})
            count = wording.amount(group.by_state["unknown"], "job")
            shown = ", ".join(states) or "in no row kept"
            yield "warn", f"{name}: {count} in an unknown state ({shown}), counted as failed."
        try:
            group.refuse_future(now)
        except Undetermined as doubt:
            yield "error", f"{name}: {doubt}"


def _counts(answers: jobs.Answers) -> Iterator[_Doubt]:
    for found, status in ((answers.excesses, "error"), (answers.unproven, "warn")):
        if isinstance(found, Undetermined):
            yield "error", str(found)
        else:
            yield from ((status, sentence) for sentence in found)
    if isinstance(answers.unjudged, Undetermined):
        yield "error", str(answers.unjudged)
    elif answers.unjudged:
        others = wording.amount(answers.unjudged, "backup")
        yield "warn", f"The tenant has {others} of services or locations that the policy does not list."


def _readable(answers: jobs.Answers) -> list[tuple[str, jobs.Group]]:
    groups = [] if isinstance(answers.groups, Undetermined) else answers.groups
    return [(name, group) for name, group in groups if isinstance(group, jobs.Group)]


CHECK = Check(
    EVIDENCE,
    "Reliability of the evidence",
    ANSWERS,
    judge,
    (),
    "Fix the reported cause (permission, connection, clock), or add the services to the policy. Then run the gate "
    "again.",
)
