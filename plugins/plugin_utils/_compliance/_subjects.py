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

from . import _jobs, _questions
from ._policy import Policy
from ._reading import Reading
from ._services import scope_name


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
    group = _jobs.parse(_questions.answer(question, reading.groups()))
    _jobs.refuse_future(group, now)
    return Backups(group, question.since)


def _answer_questions(policy: Policy, now: int) -> list[_questions.Question]:
    return [_questions.all_backups(policy, now)] if BACKUPS.name in policy.looks_at else []


def _answers(reading: Reading, policy: Policy, now: int, scope: Scope) -> Answers:
    return Answers(reading, policy, reads_of(policy))


LICENSE = Subject("license", "license", "license", lambda policy, now: [], _license)
BACKUPS = Subject("backups", "jobs", None, _backup_questions, _backups)
ANSWERS = Subject("answers", None, "run", _answer_questions, _answers)

SUBJECTS = (LICENSE, BACKUPS, ANSWERS)
