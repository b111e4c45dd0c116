# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""What a check can look at. A subject knows its scopes, what must be asked for them and how the answer is found.

A check that needs another read is another subject here, and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Callable

from ..model import jobs as _jobs
from ..model import wording
from ..model.outcome import DoesNotApply
from ..model.policy import Policy
from ..model.services import scope_name
from . import questions as _questions
from .results import Reading

RESTORE_EXERCISE = "restore_exercise"
"""The one check whose own threshold says how far back is read."""


@dataclass(frozen=True)
class Scope:
    name: str
    service: str | None = None
    location: str | None = None


@dataclass(frozen=True)
class Subject:
    name: str
    read: str | None
    """The module result that it is in; None for one that looks at whatever the others read."""
    scope: str | None
    """Its one scope; None for one scope per service of the policy."""
    questions: Callable[[Policy, int], list[_questions.Question]]
    look: Callable[[Reading, Policy, int, Scope], Any]
    """What the check's function is given first. Raises CannotTell."""

    def scopes(self, policy: Policy) -> list[Scope]:
        if self.scope is not None:
            return [Scope(self.scope)]
        return [Scope(scope_name(*place), *place) for place in policy.places()]


@dataclass(frozen=True)
class Backups:
    """The backup jobs of one service, and the window that is asked about: the group may reach further back."""

    jobs: _jobs.Group
    window_start: int

    def window(self) -> _jobs.Group:
        """Those that started in the window. Raises CannotTell where the rows that were kept do not prove them all."""
        return _jobs.started_since(self.jobs, self.window_start)

    def last_completed(self) -> _jobs.Job:
        """The last one of the window, by finish. Raises CannotTell, and DoesNotApply where none completed."""
        last = self.window().last(_jobs.COMPLETED)
        if last is None:
            raise DoesNotApply("No backup completed in the window.")
        return last

    def earlier(self, fewest: int) -> tuple[_jobs.Job, ...]:
        """The completed backups before the last one that the last one is held against, out of the HISTORY newest jobs.

        By start, so that one that ran for days leaves no gap among them. What failed is left out: it would drag down
        what is usual. Raises CannotTell where rows are missing, and DoesNotApply where there are fewer.
        """
        last, states = self.last_completed(), (*_jobs.CLEAN, *_jobs.DEGRADED)
        before = [job for job in self.window().history() if job.state in states and job.id != last.id]
        if len(before) < fewest:
            told = wording.amount(len(before), "earlier backup")
            raise DoesNotApply(f"{told} of the window did not fail; the last one is held against {fewest} or more.")
        return tuple(before)


@dataclass(frozen=True)
class Answers:
    """Everything that was read for a policy, for the check of the evidence itself."""

    reading: Reading
    policy: Policy
    reads: tuple[str, ...]


def reads_of(policy: Policy) -> tuple[str, ...]:
    """The reads that the policy's checks need."""
    return tuple(sorted({subject.read for subject in SUBJECTS if subject.read and subject.name in policy.looks_at}))


def _license(reading: Reading, policy: Policy, now: int, scope: Scope) -> Mapping[str, Any]:
    return reading.license()


def _backup_questions(policy: Policy, now: int) -> list[_questions.Question]:
    return [_questions.backups(policy, now, *place) for place in policy.places()]


def _backups(reading: Reading, policy: Policy, now: int, scope: Scope) -> Backups:
    question = _questions.backups(policy, now, scope.service or "", scope.location)
    return Backups(_answered(question, reading, now), now - policy.window)


def _running_questions(policy: Policy, now: int) -> list[_questions.Question]:
    return [_questions.running(now, *place) for place in policy.places()]


def _running(reading: Reading, policy: Policy, now: int, scope: Scope) -> _jobs.Group:
    return _answered(_questions.running(now, scope.service or "", scope.location), reading, now)


def _restore_questions(policy: Policy, now: int) -> list[_questions.Question]:
    return [_questions.finished_restores(now, policy.settings(RESTORE_EXERCISE).thresholds["fail"])]


def _restores(reading: Reading, policy: Policy, now: int, scope: Scope) -> _jobs.Group:
    (question,) = _restore_questions(policy, now)
    return _answered(question, reading, now)


def _deletion_questions(policy: Policy, now: int) -> list[_questions.Question]:
    return [_questions.deletions(policy, now)]


def _deletions(reading: Reading, policy: Policy, now: int, scope: Scope) -> _jobs.Group:
    (question,) = _deletion_questions(policy, now)
    return _jobs.started_since(_answered(question, reading, now), now - policy.window)


def _answered(question: _questions.Question, reading: Reading, now: int) -> _jobs.Group:
    group = _jobs.parse(_questions.answer(question, reading.groups()))
    _jobs.refuse_future(group, now)
    return group


def _answer_questions(policy: Policy, now: int) -> list[_questions.Question]:
    return [_questions.all_backups(policy, now)] if BACKUPS.name in policy.looks_at else []


def _answers(reading: Reading, policy: Policy, now: int, scope: Scope) -> Answers:
    return Answers(reading, policy, reads_of(policy))


LICENSE = Subject("license", "license", "license", lambda policy, now: [], _license)
BACKUPS = Subject("backups", "jobs", None, _backup_questions, _backups)
RUNNING = Subject("running", "jobs", None, _running_questions, _running)
RESTORES = Subject("restores", "jobs", "run", _restore_questions, _restores)
DELETIONS = Subject("deletions", "jobs", "run", _deletion_questions, _deletions)
ANSWERS = Subject("answers", None, "run", _answer_questions, _answers)

SUBJECTS = (LICENSE, BACKUPS, RUNNING, RESTORES, DELETIONS, ANSWERS)
