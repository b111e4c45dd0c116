# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The unusual activity of a tenant, per location."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from . import facts, values
from .settings import Key, read_keys, services

_KEYS = ("attacks", "activities", "age")
_AGE = values.number(0, 10**6)


@dataclass(frozen=True)
class Row:
    """The unusual activity of a service; counts of an invalid type are sent unchanged."""

    service: int
    attacks: Any
    activities: Any

    @property
    def is_quiet(self) -> bool:
        return self.attacks == self.activities == 0


@dataclass(frozen=True)
class UnusualActivity:
    """The detected activity by service and location; that of a healthy tenant is 0."""

    given: Mapping[Key, Mapping[str, Any]]
    now: int

    def rows(self, locations: Sequence[str], primary: str, start: int | None, finish: int | None) -> Iterator[Row]:
        """Yield a row for each service, summed over the locations.

        :param primary: the location of activity without a location. :param start: and finish in ticks.
        """
        for service in services(self.given):
            here = [
                one
                for (name, location), one in self.given.items()
                if name == service and (location or primary) in locations and self._is_within(one, start, finish)
            ]
            yield Row(service, *(_total([one.get(name, 0) for one in here]) for name in ("attacks", "activities")))

    def _is_within(self, one: Mapping[str, Any], start: int | None, finish: int | None) -> bool:
        moment = self.now - int(one["age"] * facts.HOUR)
        return (start is None or moment >= start) and (finish is None or moment <= finish)


def read_activity(given: Mapping[str, Any], now: int) -> UnusualActivity:
    """Return the unusual activity of a tenant.

    :param given: by service, optionally with a location: a number of unusual activities, or a dictionary of attacks,
        activities and age (hours before now, by default 12).
    :raises Mistake: for an unknown key.
    """
    found = {}
    for key, value in read_keys("unusual_activity", given).items():
        one = dict(value) if isinstance(value, dict) else {"activities": value}
        for name in one:
            values.one_of(*_KEYS).read("key of unusual_activity", name)
        found[key] = {**one, "age": _AGE.read("age of unusual_activity", one.get("age", 12))}
    return UnusualActivity(found, now)


def _total(counts: Sequence[Any]) -> Any:
    odd = [count for count in counts if not isinstance(count, int) or isinstance(count, bool)]
    return odd[0] if odd else sum(counts)
