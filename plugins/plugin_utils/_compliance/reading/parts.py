# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The sum of the parts and the count of the whole, by the server's own counts: no filter is believed.

A filter may be ignored for one value alone, such as a newer service. Its answer then contains the jobs of others, and
the parts become more than the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from ansible_collections.cloudbackup.m365.plugins.module_utils import _names

from ..model import wording
from ..model.outcome import CannotTell
from ..model.policy import Policy

_PRIMARY = "PrimaryGeoLocation"
_FEW = 5
"""A list of fewer jobs, all of them also in another one, does not prove an ignored filter (C(_jobs/filters))."""


class Kind(NamedTuple):
    """Which jobs are counted: of a type, a service, a location; None is all."""

    job_type: str | None = "backup"
    service: str | None = None
    location: str | None = None


ALL_BACKUPS = Kind()


class _Comparison(NamedTuple):
    """A filter of which one value is asked for: with that value alone, it may as well be ignored.

    :ivar others: other values, of which the first one with any job is enough to show that it is not.
    """

    parameter: str
    own: Kind
    whole: Kind
    others: list[Kind]


class _Compared(NamedTuple):
    own: int
    whole: int
    foreign: int = 0
    other: Kind = ALL_BACKUPS
    is_known: bool = True
    """Whether every count that is needed was read."""


class Counts(NamedTuple):
    """The server's counts.

    :ivar parts: by scope, of the backups of each judged service.
    :ivar shared: how many jobs two scopes share, by both names.
    :ivar of: any other count; None where it was not asked for, as in evidence that was read for several services and is
        judged by one of them. Raises CannotTell.
    """

    policy: Policy
    parts: Mapping[str, int]
    shared: Callable[[str, str], int]
    of: Callable[[Kind], int | None]

    def unjudged(self) -> int:
        """Return how many backups there are beyond those of the judged services."""
        # Jobs that start between two reads can make the sum larger than the count
        return max(0, self._all() - self._own(max))

    def excesses(self) -> list[str]:
        """Return a sentence for each sum of parts that is more than its whole."""
        whole, own = self._all(), self._own()
        if own > whole:
            each = ", ".join(f"{name} {count}" for name, count in self.parts.items())
            return [
                f"The parts are more than the whole: {each} backups, at least {own} different ones, and {whole} of all "
                "services. The server ignores ObjectType or location for one of them."
            ]
        return [
            f"The parts are more than the whole: {found.own} {_named(comparison.own)} and {found.foreign} "
            f"{_named(found.other)}, of {found.whole} {_named(comparison.whole)}. The server ignores "
            f"{comparison.parameter}."
            for comparison in _comparisons(self.policy)
            if (found := self._compare(comparison)).foreign and found.own + found.foreign > found.whole
        ]

    def unproven(self) -> list[str]:
        """Return a sentence for each list that may be another one's."""
        found = []
        for name, count in self.parts.items():
            others = [other for other in self.parts if other != name and self.shared(name, other) >= count]
            if 0 < count < _FEW and others:
                found.append(
                    f"Every backup of {name} ({count}) is also one of {wording.listed(others, 3)}: that the service "
                    "has backups is not proven."
                )
        return found + [
            f"The counts that show whether the server ignores {comparison.parameter} were not read."
            for comparison in _comparisons(self.policy)
            if not self._compare(comparison).is_known
        ]

    def _all(self) -> int:
        whole = self.of(ALL_BACKUPS)
        if whole is None:
            raise CannotTell("There is no count of the backups of all services.")
        return whole

    def _own(self, known: Callable[[list[int]], int] = sum) -> int:
        """Return how many different backups the judged services have at least.

        A job that is listed under two services counts once. Of each list at least those are different that no earlier
        one shares; the longest come first.

        :param known: of what a list shares with each earlier one, how many jobs that is. The largest one is as many as
            there are at least, so that the sum of all lists is how many there are at most.
        """
        own = 0
        earlier: list[str] = []
        for name in sorted(self.parts, key=lambda name: -self.parts[name]):
            shared = known([0, *(self.shared(name, other) for other in earlier)])
            own += max(0, self.parts[name] - shared)
            earlier.append(name)
        return own

    def _compare(self, comparison: _Comparison) -> _Compared:
        """Return the own count, the whole, and the first other count that is not 0.

        None is looked for where the whole has more than the own ones: then the filter is not ignored.
        """
        own = self._own() if comparison.own.service else self.of(comparison.own)
        whole = self.of(comparison.whole)
        if own is None or whole is None:
            return _Compared(own or 0, whole or 0, is_known=False)
        for kind in comparison.others if 0 < own >= whole else ():
            foreign = self.of(kind)
            if foreign is None:
                return _Compared(own, whole, is_known=False)
            if foreign:
                return _Compared(own, whole, foreign, kind)
        return _Compared(own, whole)


def asked(policy: Policy) -> list[Kind]:
    """Return which counts are needed besides the lists of the services."""
    kinds = [ALL_BACKUPS]
    for comparison in _comparisons(policy):
        own = [] if comparison.own.service else [comparison.own]
        kinds += [*own, comparison.whole, *comparison.others]
    return list(dict.fromkeys(kinds))


def _comparisons(policy: Policy) -> list[_Comparison]:
    """Return what a policy with a single service, or a single location, has to compare."""
    found = []
    if len(policy.services) == 1:
        (service,) = policy.services
        services = [Kind(service=other) for other in _names.OBJECT_TYPES if other != service]
        types = [Kind(other, service) for other in _names.JOB_TYPES if other != "backup"]
        found += [
            _Comparison("ObjectType", Kind(service=service), ALL_BACKUPS, services),
            _Comparison("JobType", Kind(service=service), Kind(None, service), types),
        ]
    if len(policy.locations) == 1 and policy.locations[0] != _PRIMARY:
        # The primary location is one of those that are named
        (place,) = policy.locations
        places = [Kind(location=other) for other in _names.LOCATIONS if other not in (place, _PRIMARY)]
        found.append(_Comparison("location", Kind(location=place), ALL_BACKUPS, places))
    return found


def _named(kind: Kind) -> str:
    jobs = "jobs" if kind.job_type is None else "backups" if kind.job_type == "backup" else f"{kind.job_type} jobs"
    place = f" in {kind.location}" if kind.location else ""
    return f"{jobs} of {kind.service or 'all services'}{place}"
