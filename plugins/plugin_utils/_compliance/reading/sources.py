# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The sources of the checks: the scopes, the required reads and queries, and the data of each.

A check that needs another read defines a new source: one or two functions, and a line in SOURCES.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Callable

from ansible_collections.cloudbackup.m365.plugins.module_utils import _time

from ..model import check, wording
from ..model.jobs import Answers, Backups, Group, Running
from ..model.measure import SEATS, STORAGE, Fields, Measure
from ..model.outcome import Undetermined
from ..model.policy import Policy, Scope, scope_name
from . import identity, parts, questions, v2_answers
from .figures import counted_by_server, figure, instant, overlaps, seconds, since
from .groups import parse
from .questions import Question
from .results import V2_READS, Reading, shown

RESTORE_EXERCISE = "restore_exercise"
"""The only check whose threshold decides how far back is read."""


_OTHER_TYPES = ("export", "retention")
"""Job types without a check. A server that ignores JobType for backups returns them as backups."""


@dataclass(frozen=True)
class Source:
    """A source of checks.

    :ivar read: the read that it is from; None for the source about all reads.
    :ivar scope: its only scope; None for a scope for each service of the policy.
    :ivar find: returns the data for the function of a check. Raises Undetermined.
    """

    read: str | None
    scope: str | None
    questions: Callable[[Policy, int], list[Question]]
    find: Callable[[Reading, Policy, int, Scope], Any]

    def scopes(self, policy: Policy) -> list[Scope]:
        """Return the scopes of its checks."""
        return policy.scopes() if self.scope is None else [Scope(self.scope)]


def reads_of(policy: Policy) -> tuple[str, ...]:
    """Return the reads that the checks of the policy require."""
    reads = {source.read for name, source in SOURCES.items() if name in policy.sources}
    return tuple(sorted(read for read in reads if read))


def _license(reading: Reading, policy: Policy, now: int, scope: Scope) -> Mapping[str, Any]:
    return reading.license()


def _measure(fields: Fields) -> Callable[[Reading, Policy, int, Scope], Measure]:
    def find(reading: Reading, policy: Policy, now: int, scope: Scope) -> Measure:
        answer = reading.license()
        purchased = figure(answer, fields.purchased)
        other = None if purchased else figure(answer, fields.other_purchased)
        return Measure(fields, purchased, figure(answer, fields.used), other)

    return find


def _backup_questions(policy: Policy, now: int) -> list[Question]:
    return [questions.backups(policy, now, scope) for scope in policy.scopes()]


def _backups(reading: Reading, policy: Policy, now: int, scope: Scope) -> Backups:
    return Backups(_answered(questions.backups(policy, now, scope), reading, now), now - policy.window)


def _running_questions(policy: Policy, now: int) -> list[Question]:
    return [questions.running(now, scope) for scope in policy.scopes()] + _backup_questions(policy, now)


def _running(reading: Reading, policy: Policy, now: int, scope: Scope) -> Running:
    asked = (questions.running(now, scope), questions.backups(policy, now, scope))
    return Running(tuple(_answered(question, reading, now) for question in asked))


def _restore_questions(policy: Policy, now: int) -> list[Question]:
    return [questions.finished_restores(now, policy.settings(RESTORE_EXERCISE).thresholds["fail"])]


def _restores(reading: Reading, policy: Policy, now: int, scope: Scope) -> Group:
    (question,) = _restore_questions(policy, now)
    return _answered(question, reading, now)


def _deletion_questions(policy: Policy, now: int) -> list[Question]:
    return [questions.deletions(policy, now)]


def _deletions(reading: Reading, policy: Policy, now: int, scope: Scope) -> Group:
    return _answered(questions.deletions(policy, now), reading, now).started_since(now - policy.window)


def _answered(question: Question, reading: Reading, now: int) -> Group:
    group = parse(questions.answer(question, reading.groups()))
    group.refuse_future(now)
    return group


def _no_questions(policy: Policy, now: int) -> list[Question]:
    return []


def _answer_questions(policy: Policy, now: int) -> list[Question]:
    if check.BACKUPS not in policy.sources:
        return []
    counts = [questions.count_of(policy, now, *kind) for kind in parts.asked(policy)]
    return [*counts, *(questions.others(policy, now, job_type) for job_type in _OTHER_TYPES)]


def _answers(reading: Reading, policy: Policy, now: int, scope: Scope) -> Answers:
    # A failed read of v2 affects only its checks, which are then errors
    reads = [read for read in reads_of(policy) if read not in V2_READS or read in reading.results]
    counts = _or_doubt(_counts, reading, policy, now) if check.BACKUPS in policy.sources else None
    return Answers(
        {read: _or_doubt(_seconds, reading, read, "clock_offset_seconds") for read in reads},
        {read: _or_doubt(_seconds, reading, read, "age_seconds") for read in reads},
        {read: _or_doubt(_server_time, reading, read) for read in reads},
        reading.now_given,
        _strangers(reading),
        _or_doubt(_named_groups, reading) if "jobs" in reads else (),
        _counted(counts, parts.Counts.unjudged, 0),
        _counted(counts, parts.Counts.excesses, ()),
        _counted(counts, parts.Counts.unproven, ()),
    )


def _counts(reading: Reading, policy: Policy, now: int) -> parts.Counts:
    """Return the server's counts. Raises Undetermined."""
    groups, shares = reading.groups(), overlaps(reading.result("jobs"))
    for job_type in _OTHER_TYPES:
        # The module compares their ids with those of the backups, so a missing list was not compared
        questions.answer(questions.others(policy, now, job_type), groups)
    judged = {scope.name: questions.answer(questions.backups(policy, now, scope), groups) for scope in policy.scopes()}
    places = {name: place for name, part in judged.items() for place, group in enumerate(groups) if group is part}

    def shared(one: str, other: str) -> int:
        pair = sorted((places[one], places[other]))
        return shares.get((pair[0], pair[1]), 0)

    lists = [group for group in groups if group.get("job_type") == "backup" and not _counts_only(group)]

    def count_of(kind: parts.Kind) -> int | None:
        try:
            group = questions.answer(questions.count_of(policy, now, *kind), groups)
        except Undetermined:
            # Counts that a policy with several services does not need are missing if one of them is evaluated later
            if kind == parts.ALL_BACKUPS or len({group.get("object_type") for group in lists}) == 1:
                raise
            return None
        for part in judged.values():
            _refuse_other_window(part, group)
        return counted_by_server(group)

    return parts.Counts(policy, {name: counted_by_server(group) for name, group in judged.items()}, shared, count_of)


def _refuse_other_window(part: Mapping[str, Any], whole: Mapping[str, Any]) -> None:
    """Raise Undetermined unless both cover the same starts. A count of v2 covers whole days, from a day earlier."""
    begins, whole_begins = since(part), since(whole)
    day_before = None if begins is None else begins - begins % _time.DAY - _time.DAY
    if whole_begins not in (begins, day_before):
        raise Undetermined("A count of backups covers another window than the lists of the services.")


def _counted(counts: parts.Counts | Undetermined | None, find: Callable[[parts.Counts], Any], without: Any) -> Any:
    """Return what the counts show, or ``without`` if no backups are evaluated."""
    if counts is None:
        return without
    return counts if isinstance(counts, Undetermined) else _or_doubt(find, counts)


def _or_doubt(find: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return find(*arguments)
    except Undetermined as doubt:
        return doubt


def _api(reading: Reading, read: str) -> Mapping[str, Any]:
    api = reading.result(read).get("api")
    return api if isinstance(api, Mapping) else {}


def _seconds(reading: Reading, read: str, name: str) -> float | None:
    return seconds(_api(reading, read), name)


def _server_time(reading: Reading, read: str) -> int | None:
    return instant(_api(reading, read), "server_time")


def _strangers(reading: Reading) -> list[str]:
    """Return a sentence for each read of a tenant other than planned or than another read."""
    known = {
        shown(read): api for read, result in reading.results.items() if isinstance(api := result.get("api"), Mapping)
    }
    return identity.differences({"planned connection": reading.connection, **known})


def _named_groups(reading: Reading) -> list[tuple[str, Group | Undetermined]]:
    """Return every list of jobs, by its name. Raises Undetermined if there is none."""
    lists = sorted(((_name(raw), raw) for raw in reading.groups() if not _counts_only(raw)), key=lambda pair: pair[0])
    return [(name, _or_doubt(parse, raw)) for name, raw in lists]


def _counts_only(raw: Mapping[str, Any]) -> bool:
    query = raw.get("query")
    return isinstance(query, Mapping) and bool(query.get("count_only"))


def _name(raw: Mapping[str, Any]) -> str:
    """Return the name of a group for messages."""
    query = raw.get("query")
    location = query.get("location") if isinstance(query, Mapping) else None
    service = scope_name(str(raw.get("object_type") or "all services"), location)
    states = query.get("states") if isinstance(query, Mapping) else None
    asked = f" in state {', '.join(map(str, states))}" if states and isinstance(states, list) else ""
    return wording.one_line(f"{raw.get('job_type') or ''} jobs of {service}{asked}", 80).capitalize()


SOURCES = {
    check.LICENSE: Source("license", "license", _no_questions, _license),
    check.SEATS: Source("license", "license", _no_questions, _measure(SEATS)),
    check.STORAGE: Source("license", "license", _no_questions, _measure(STORAGE)),
    check.BACKUPS: Source("jobs", None, _backup_questions, _backups),
    check.RUNNING: Source("jobs", None, _running_questions, _running),
    check.RESTORES: Source("jobs", "run", _restore_questions, _restores),
    check.DELETIONS: Source("jobs", "run", _deletion_questions, _deletions),
    check.SCHEDULE: Source("settings", None, _no_questions, v2_answers.schedule),
    check.RETENTION: Source("settings", None, _no_questions, v2_answers.retention),
    check.ACTIVITY: Source("unusual_activity", "run", _no_questions, v2_answers.activity),
    check.ANSWERS: Source(None, "run", _answer_questions, _answers),
}
