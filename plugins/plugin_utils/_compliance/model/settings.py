# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The settings and the unusual activity of a tenant, for the checks."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ansible_collections.cloudbackup.m365.plugins.module_utils import _time


@dataclass(frozen=True)
class Schedule:
    """The backup schedule of a service.

    :ivar jobs_per_day: 0 if the service is not listed.
    :ivar starts: ISO 8601 times on the day of the read.
    """

    is_listed: bool
    jobs_per_day: int
    starts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Kept:
    """A retention that applies to a part of the tenant.

    :ivar what: what it applies to, such as "teams" or "container Projects of teams".
    :ivar days: None means unlimited.
    """

    what: str
    days: int | None

    @property
    def length(self) -> float:
        """The days as a number to compare."""
        return math.inf if self.days is None else self.days


@dataclass(frozen=True)
class Retention:
    """All retentions that apply to a service at a location; at least one."""

    kept: tuple[Kept, ...]

    @property
    def shortest(self) -> Kept:
        return min(self.kept, key=lambda one: one.length)


@dataclass(frozen=True)
class ActivityRow:
    """The unusual activity of one service."""

    service: str
    attacks: int
    activities: int


@dataclass(frozen=True)
class Activity:
    """The unusual activity of the tenant in whole days, which may exceed the window.

    :ivar start: and finish: Unix seconds.
    """

    rows: tuple[ActivityRow, ...]
    start: int
    finish: int

    @property
    def days(self) -> str:
        """The days, for display."""
        return f"from {_time.unix_to_date(self.start)} to {_time.unix_to_date(self.finish)}"

    @property
    def attacks(self) -> int:
        return sum(row.attacks for row in self.rows)

    @property
    def activities(self) -> int:
        return sum(row.activities for row in self.rows)
