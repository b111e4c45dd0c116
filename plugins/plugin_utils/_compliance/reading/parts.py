# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Compare the sum of the parts with the whole, by the server's own counts, to detect ignored filters.

A filter may be ignored for a single value, such as a newer service. Its result then contains the jobs of others, and
the parts are more than the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from ansible_collections.cloudbackup.m365.plugins.module_utils import _names

from ..model import wording
from ..model.outcome import Undetermined
from ..model.policy import Policy

_PRIMARY = "PrimaryGeoLocation"
_FEW = 5
"""With fewer jobs, a list that is contained in another does not prove an ignored filter (C(_jobs/filters))."""


class Kind(NamedTuple):
    """The jobs that are counted: type, service, location; None means all."""

    job_type: str | None = "backup"
    service: str | None = None
    location: str | None = None


ALL_BACKUPS = Kind()


class _Comparison(NamedTuple):
    """A filter that is used with a single value, so that the results do not show whether it is ignored.

    :ivar others: other values; the first with any job is enough to show that the filter is not ignored.
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
    """Whether every required count was read."""


class Counts(NamedTuple):
    """The server's counts.

    :ivar parts: by scope, the number of backups of each service of the policy.
    :ivar shared: how many jobs two scopes share, by both names.
    :ivar of: any other count; None if it was not read, as in evidence that was read for several services and is
        evaluated for one of them. Raises Undetermined.
    """

    policy: Policy
    parts: Mapping[str, int]
    shared: Callable[[str, str], int]
    of: Callable[[Kind], int | None]

    def unjudged(self) -> int:
        """Return the number of backups of services that are not evaluated."""
        # Jobs that start between two reads can make the sum larger than the count
        return max(0, self._all() - self._own(max))

    def excesses(self) -> list[str]:
        """Return a sentence for each sum of parts that exceeds its whole."""
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
        """Return a sentence for each list that may be that of another service."""
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
            raise Undetermined("There is no count of the backups of all services.")
        return whole

    def _own(self, known: Callable[[list[int]], int] = sum) -> int:
        """Return the minimum number of different backups of the services of the policy.

        A job that is listed under two services counts once. Each list, the longest first, adds the jobs that no earlier
        list shares.

        :param known: estimates the shared jobs from the numbers that are shared with each earlier list. ``sum`` is the
            highest estimate; with ``max``, the lowest, the result is the maximum number of different backups.
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

        If the whole is more than the own count, the filter is not ignored, and other counts are not needed.
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
    """Return the counts that are required in addition to the lists of the services."""
    kinds = [ALL_BACKUPS]
    for comparison in _comparisons(policy):
        own = [] if comparison.own.service else [comparison.own]
        kinds += [*own, comparison.whole, *comparison.others]
    return list(dict.fromkeys(kinds))


def _comparisons(policy: Policy) -> list[_Comparison]:
    """Return the comparisons for a policy with a single service or a single location."""
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
        # The primary location is also one of the named locations
        (place,) = policy.locations
        places = [Kind(location=other) for other in _names.LOCATIONS if other not in (place, _PRIMARY)]
        found.append(_Comparison("location", Kind(location=place), ALL_BACKUPS, places))
    return found


def _named(kind: Kind) -> str:
    jobs = "jobs" if kind.job_type is None else "backups" if kind.job_type == "backup" else f"{kind.job_type} jobs"
    place = f" in {kind.location}" if kind.location else ""
    return f"{jobs} of {kind.service or 'all services'}{place}"
