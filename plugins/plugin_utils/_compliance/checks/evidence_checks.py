# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The check of the evidence itself: can what was read be relied on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..model import instants, jobs, wording
from ..model.outcome import JOBS_CITED, CannotTell, Outcome
from ..model.services import scope_name
from ..reading import questions
from ..reading.sources import BACKUPS, Answers


def judge_evidence(answers: Answers, thresholds: Mapping[str, Any], now: int) -> Outcome:
    """Every doubt at once: the first one alone would hide the others until the next run."""
    errors: list[str] = []
    warnings: list[str] = []
    cited: list[str] = []
    for look in (_look_at_clocks, _look_at_groups, _look_at_unjudged):
        look(answers, now, errors, warnings, cited)
    told = list(dict.fromkeys(errors + warnings))
    return Outcome(
        status="error" if errors else "warn" if warnings else "pass",
        observed=wording.amount(len(told), "doubt") if told else "no doubt",
        expected="complete answers, clocks within 5 minutes, known states, every service judged",
        message=" ".join(told) or "Every answer is complete and fits the clock.",
        jobs=tuple(cited[:JOBS_CITED]),
    )


def count_unjudged(answers: Answers, now: int) -> int:
    """Backups in the window beyond those of the judged services. Raises CannotTell."""
    if BACKUPS.name not in answers.policy.looks_at:
        return 0
    groups = answers.reading.groups()
    everything = questions.answer(questions.all_backups(answers.policy, now), groups)
    judged = [questions.answer(question, groups) for question in BACKUPS.questions(answers.policy, now)]
    if any(jobs.since(group) != jobs.since(everything) for group in judged):
        raise CannotTell("The count of all backups covers another window than the lists of the services.")
    # Jobs that start between two reads can make the sum larger than the count
    return max(0, jobs.counted_by_server(everything) - sum(map(jobs.counted_by_server, judged)))


def _look_at_clocks(answers: Answers, now: int, errors: list[str], warnings: list[str], cited: list[str]) -> None:
    for read in answers.reads:
        try:
            offset = _clock_offset(answers.reading.result(read))
        except CannotTell as doubt:
            errors.append(str(doubt))
            continue
        if offset is None:
            warnings.append(f"The {read} answer has no Date header: this machine's clock is not proven right.")
        elif abs(offset) > instants.CLOCK_TOLERANCE:
            errors.append(f"The clock is off the server's by {offset} s ({read}): no age can be trusted.")


def _look_at_groups(answers: Answers, now: int, errors: list[str], warnings: list[str], cited: list[str]) -> None:
    if "jobs" not in answers.reads:
        return
    try:
        groups = answers.reading.groups()
    except CannotTell as doubt:
        errors.append(str(doubt))
        return
    for name, raw in sorted(((_name(raw), raw) for raw in groups if not _counts_only(raw)), key=lambda pair: pair[0]):
        try:
            group = jobs.parse(raw)
            strangers = [job for job in group.kept if job.state == "unknown"]
            if group.by_state["unknown"]:
                said = ", ".join(sorted({wording.found(job.state_text) for job in strangers})) or "in no row kept"
                count = wording.amount(group.by_state["unknown"], "job")
                warnings.append(f"{name}: {count} in an unknown state ({said}), counted as failed.")
                cited.extend(jobs.ids(strangers))
            jobs.refuse_future(group, now)
        except CannotTell as doubt:
            errors.append(f"{name}: {doubt}")


def _look_at_unjudged(answers: Answers, now: int, errors: list[str], warnings: list[str], cited: list[str]) -> None:
    try:
        unjudged = count_unjudged(answers, now)
    except CannotTell as doubt:
        errors.append(str(doubt))
        return
    if unjudged:
        seen = wording.amount(unjudged, "backup")
        warnings.append(f"{seen} seen in the window of services or locations that the policy does not judge.")


def _clock_offset(result: Mapping[str, Any]) -> int | float | None:
    api = result.get("api")
    offset = api.get("clock_offset_seconds") if isinstance(api, Mapping) else None
    if offset is None:
        return None
    if isinstance(offset, bool) or not isinstance(offset, (int, float)):
        raise CannotTell(f"{wording.found(offset)} as clock_offset_seconds is no number of seconds.")
    return offset


def _counts_only(raw: Mapping[str, Any]) -> bool:
    query = raw.get("query")
    return isinstance(query, Mapping) and bool(query.get("count_only"))


def _name(raw: Mapping[str, Any]) -> str:
    """The group as a message names it."""
    query = raw.get("query")
    location = query.get("location") if isinstance(query, Mapping) else None
    service = scope_name(str(raw.get("object_type") or "all services"), location)
    states = query.get("states") if isinstance(query, Mapping) else None
    asked = f" in state {', '.join(map(str, states))}" if states and isinstance(states, list) else ""
    return wording.one_line(f"{raw.get('job_type') or ''} jobs of {service}{asked}", 80).capitalize()
