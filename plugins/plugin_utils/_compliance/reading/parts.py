# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The sum of the parts and the count of the whole, by the server's own counts: no filter is believed.

A filter may be ignored for one value alone, such as a newer service. Its answer then contains the jobs of others, and
the parts become more than the whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Callable

from ansible_collections.cloudbackup.m365.plugins.module_utils import _names, _time

from ..model import wording
from ..model.outcome import CannotTell
from ..model.policy import Policy
from . import questions
from .figures import since
from .groups import counted_by_server
from .questions import Question
from .results import Reading

_PRIMARY = "PrimaryGeoLocation"
_FEW = 5
"""A list of fewer jobs, all of them also in another one, is no proof of an ignored filter (C(_jobs/filters))."""


def asked(policy: Policy, now: int) -> list[Question]:
    """Return the counts that are needed besides the lists of the services."""
    counts = [questions.all_backups(policy, now)]
    if len(policy.services) == 1:
        service = policy.services[0]
        counts += [questions.count_of(policy, now, "backup", other, None) for other in _other_services(policy)]
        counts += [questions.count_of(policy, now, job_type, service, None) for job_type in (None, *_other_types())]
    if len(policy.locations) == 1 and policy.locations[0] != _PRIMARY:
        counts += [questions.count_of(policy, now, "backup", None, place) for place in _places(policy)]
    return counts


class Counts:
    """The counts of the judged services, of all of them and of others. Every method raises CannotTell."""

    def __init__(self, reading: Reading, policy: Policy, now: int) -> None:
        self._policy, self._now = policy, now
        self._groups = reading.groups()
        self._overlaps = _overlaps(reading.result("jobs"))
        self._parts = {
            scope.name: questions.answer(questions.backups(policy, now, scope), self._groups)
            for scope in policy.scopes()
        }
        self._whole = questions.answer(questions.all_backups(policy, now), self._groups)
        for part in self._parts.values():
            _refuse_other_window(part, self._whole)

    def unjudged(self) -> int:
        """Return how many backups there are beyond those of the judged services."""
        # Jobs that start between two reads can make the sum larger than the count
        return max(0, counted_by_server(self._whole) - self._own(max))

    def excesses(self) -> list[str]:
        """Return a sentence for each sum of parts that is more than its whole."""
        whole, own = counted_by_server(self._whole), self._own()
        if own > whole:
            each = ", ".join(f"{name} {counted_by_server(part)}" for name, part in self._parts.items())
            return [
                f"The parts are more than the whole: {each} backups, at least {own} different ones, and {whole} of all "
                "services. The server ignores ObjectType or location for one of them."
            ]
        compared = [self._service(own, whole), self._job_type(own), self._location(whole)]
        return [sentence for sentence in compared if sentence]

    def unproven(self) -> list[str]:
        """Return a sentence for each list that may be another one's."""
        found = []
        for name, part in self._parts.items():
            count = counted_by_server(part)
            if not 0 < count < _FEW:
                continue
            others = [other for other, group in self._parts.items() if self._shared(part, group) >= count]
            if others:
                found.append(
                    f"Every backup of {name} ({count}) is also one of {wording.listed(others, 3)}: that the service "
                    "has backups of its own is not proven."
                )
        return found

    def _service(self, own: int, whole: int) -> str:
        """Compare a single service with the first other one that has any backup."""
        if len(self._policy.services) != 1 or not own or own < whole:
            return ""
        others = ((other, self._count("backup", other, None)) for other in _other_services(self._policy))
        other, foreign = next(((name, count) for name, count in others if count), ("", 0))
        if own + foreign <= whole:
            return ""
        return _excess(
            f"{self._policy.services[0]} backups",
            own,
            f"{other} backups",
            foreign,
            "backups of all services",
            whole,
            "ObjectType",
        )

    def _job_type(self, own: int) -> str:
        """Compare the backups of a single service with the first other type of its jobs."""
        if len(self._policy.services) != 1 or not own:
            return ""
        service = self._policy.services[0]
        whole = self._count(None, service, None)
        if own < whole:
            return ""
        others = ((other, self._count(other, service, None)) for other in _other_types())
        other, foreign = next(((name, count) for name, count in others if count), ("", 0))
        if own + foreign <= whole:
            return ""
        return _excess(
            f"{service} backups", own, f"{other} jobs", foreign, f"{service} jobs of all types", whole, "JobType"
        )

    def _location(self, whole: int) -> str:
        """Compare a single location with the first other one that has any backup."""
        policy = self._policy
        if len(policy.locations) != 1 or policy.locations[0] == _PRIMARY:
            return ""
        own, *counts = [(place, self._count("backup", None, place)) for place in _places(policy)]
        if not own[1] or own[1] < whole:
            return ""
        other, foreign = next(((place, count) for place, count in counts if count), ("", 0))
        if own[1] + foreign <= whole:
            return ""
        return _excess(
            f"backups in {own[0]}", own[1], f"backups in {other}", foreign, "backups everywhere", whole, "location"
        )

    def _count(self, job_type: str | None, service: str | None, location: str | None) -> int:
        question = questions.count_of(self._policy, self._now, job_type, service, location)
        return counted_by_server(questions.answer(question, self._groups))

    def _own(self, known: Callable[[list[int]], int] = sum) -> int:
        """Return how many different backups the judged services have at least.

        A job that is listed under two services counts once. Of each list at least those are different that no earlier
        one shares; the longest come first.

        :param known: of what a list shares with each earlier one, how many jobs that is. The largest one is as many as
            there are at least, so that the sum of all lists is how many there are at most.
        """
        own = 0
        earlier: list[Mapping[str, Any]] = []
        for part in sorted(self._parts.values(), key=counted_by_server, reverse=True):
            shared = known([0, *(self._shared(part, other) for other in earlier)])
            own += max(0, counted_by_server(part) - shared)
            earlier.append(part)
        return own

    def _shared(self, one: Mapping[str, Any], other: Mapping[str, Any]) -> int:
        """Return how many jobs two groups share; a group shares none with itself."""
        places = [place for place, group in enumerate(self._groups) if group is one or group is other]
        return self._overlaps.get((places[0], places[-1]), 0)


def _other_services(policy: Policy) -> list[str]:
    return [service for service in _names.OBJECT_TYPES if service not in policy.services]


def _other_types() -> list[str]:
    return [job_type for job_type in _names.JOB_TYPES if job_type != "backup"]


def _places(policy: Policy) -> list[str]:
    """Return the judged location and then all others that are named: the primary one is one of them."""
    others = [place for place in _names.LOCATIONS if place not in (*policy.locations, _PRIMARY)]
    return [*policy.locations, *others]


def _excess(own: str, owned: int, other: str, foreign: int, everything: str, whole: int, parameter: str) -> str:
    return (
        f"The parts are more than the whole: {owned} {own} and {foreign} {other}, and {whole} {everything}. The server "
        f"ignores {parameter}."
    )


def _refuse_other_window(part: Mapping[str, Any], whole: Mapping[str, Any]) -> None:
    """Raise CannotTell unless both cover the same starts. A count of v2 is of whole days, from a day earlier."""
    begins, whole_begins = since(part), since(whole)
    if begins is None or whole_begins is None:
        is_same = begins == whole_begins
    else:
        is_same = whole_begins in (begins, begins - begins % _time.DAY - _time.DAY)
    if not is_same:
        raise CannotTell("The count of all backups covers another window than the lists of the services.")


def _overlaps(jobs: Mapping[str, Any]) -> dict[tuple[int, int], int]:
    """Return how many jobs two groups share, by their places, the lower first. Raises CannotTell."""
    found = {}
    pairs = jobs.get("overlaps")
    for pair in pairs if isinstance(pairs, Sequence) and not isinstance(pairs, str) else []:
        groups = pair.get("groups") if isinstance(pair, Mapping) else None
        shared = pair.get("shared") if isinstance(pair, Mapping) else None
        if (
            not isinstance(groups, Sequence)
            or len(groups) != 2
            or not all(isinstance(place, int) for place in groups)
            or isinstance(shared, bool)
            or not isinstance(shared, int)
        ):
            raise CannotTell("The answer's overlaps are not pairs of groups with a count.")
        found[min(groups), max(groups)] = shared
    return found
