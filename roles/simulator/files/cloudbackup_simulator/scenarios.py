# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of scenarios: the jobs and the license of a tenant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .facts import FAILED, FINISHED, IN_PROGRESS, OBJECT_TYPES, PARTIALLY, WITH_EXCEPTION


@dataclass(frozen=True)
class Stream:
    """Jobs of one type and service in a scenario.

    :ivar age: hours from the newest start to now.
    :ivar every: hours between jobs.
    :ivar count: the number of jobs by default; with ``fixed``, always.
    :ivar weight: the share of the jobs where their number is an option.
    :ivar states: the states in turn, from the newest job back.
    :ivar minutes: the duration.
    :ivar kind: history or running.
    :ivar share: the share of the objects of the service in a job.
    """

    job_type: str
    object_type: str
    age: float = 1.0
    every: float = 6.0
    count: int = 140
    fixed: bool = False
    weight: int = 1
    states: tuple[int, ...] = (FINISHED,)
    minutes: float = 12.0
    kind: str = "history"
    share: float = 1.0


@dataclass(frozen=True)
class Scenario:
    """The state of a tenant.

    :ivar seats: purchased and assigned. :ivar storage: purchased and protected GB.
    :ivar out_of_policy: hours since the license went out of policy; None means in policy.
    :ivar frequency: and retention and unusual_activity: the differences from a healthy tenant, as in the options.
    :ivar days: spread the jobs evenly over this number of days instead of at their natural pace.
    """

    description: str
    streams: tuple[Stream, ...]
    seats: tuple[int, int] = (100, 47)
    storage: tuple[int, int] = (0, 0)
    out_of_policy: float | None = None
    days: float | None = None
    frequency: Mapping[str, Any] = field(default_factory=dict)
    retention: Mapping[str, Any] = field(default_factory=dict)
    unusual_activity: Mapping[str, Any] = field(default_factory=dict)


_SERVICES = ("exchange_online", "sharepoint_online", "onedrive", "teams")


def _daily(ages: Mapping[str, float] | None = None) -> tuple[Stream, ...]:
    """Return four backups a day of the four usual services; ``ages`` are the hours since the newest of a service."""
    return tuple(Stream("backup", name, (ages or {}).get(name, float(hour))) for hour, name in enumerate(_SERVICES, 1))


def _latest(service: str, age: float = 1.0, count: int = 1, **more: Any) -> Stream:
    return Stream("backup", service, age, count=count, fixed=True, **more)


_RUNNING = _latest("sharepoint_online", 1 / 3, states=(IN_PROGRESS,), kind="running")
_RESTORE = Stream("restore", "exchange_online", age=30 * 24.0, count=1, fixed=True)


def _usual(description: str, *streams: Stream, ages: Mapping[str, float] | None = None, **more: Any) -> Scenario:
    """Return the healthy tenant with more streams."""
    return Scenario(description, (*_daily(ages), *streams, _RESTORE, _RUNNING), **more)


# One in a hundred of each kind of trouble, never two in a row.
_MIXED = tuple({20: WITH_EXCEPTION, 50: FAILED, 80: PARTIALLY}.get(turn, FINISHED) for turn in range(100))

SCENARIOS = {
    "healthy": _usual("everything is healthy"),
    "seats_exceeded": _usual("108 of 100 seats are assigned", seats=(100, 108)),
    "stale_exchange": _usual(
        "the last backup of Exchange Online is 3 days old; the rest is healthy", ages={"exchange_online": 72.3}
    ),
    "silent_teams": _usual("Teams backups stopped 10 days ago; nothing ever failed", ages={"teams": 240.0}),
    "failing": _usual(
        "the last three backups of Exchange Online failed",
        _latest("exchange_online", count=3, states=(FAILED,)),
        ages={"exchange_online": 19.0},
    ),
    "unreliable": Scenario(
        "every third backup of Exchange Online fails, but not the last one",
        (*_daily()[1:], Stream("backup", "exchange_online", states=(FINISHED, FINISHED, FAILED)), _RESTORE, _RUNNING),
    ),
    "degraded": _usual(
        "for 8 days every backup of Exchange Online has finished with exceptions",
        _latest("exchange_online", count=32, states=(WITH_EXCEPTION,)),
        ages={"exchange_online": 193.0},
    ),
    "failed_objects": _usual(
        "the last backup of OneDrive finished partially, with a tenth of its objects failed",
        _latest("onedrive", 3.0, states=(PARTIALLY,)),
        ages={"onedrive": 9.0},
    ),
    "hollow": _usual(
        "for 4 days every backup of Teams has finished without a single object",
        _latest("teams", 4.0, count=16, share=0.0),
        ages={"teams": 100.0},
    ),
    "coverage_drop": _usual(
        "the last backup of OneDrive has two fifths of the objects of the backups before it",
        _latest("onedrive", 3.0, share=0.4),
        ages={"onedrive": 9.0},
    ),
    "stuck": _usual(
        "a backup of Teams has been running for 30 hours", _latest("teams", 30.0, states=(IN_PROGRESS,), kind="running")
    ),
    "slow": _usual(
        "the last backup of SharePoint Online took 4 hours instead of 12 minutes",
        _latest("sharepoint_online", 5.0, minutes=240.0),
        ages={"sharepoint_online": 11.0},
    ),
    "no_restore": Scenario("there has never been a restore", (*_daily(), _RUNNING)),
    "deletions": _usual(
        "3 jobs deleted backups of SharePoint Online in the last 2 days",
        Stream("delete", "sharepoint_online", age=5.0, every=18.0, count=3, fixed=True, minutes=2.0),
    ),
    "out_of_policy": _usual("the license went out of policy 5 days ago", out_of_policy=120.0),
    "per_capacity": _usual("a subscription by storage, 320 of 500 GB", seats=(0, 0), storage=(500, 320)),
    "storage_exceeded": _usual("a subscription by storage, 540 of 500 GB", seats=(0, 0), storage=(500, 540)),
    "rare_schedule": _usual("OneDrive is in the schedule, without a backup within a day", frequency={"onedrive": 0}),
    "unscheduled": _usual("Teams is missing from the backup schedule", frequency={"teams": "absent"}),
    "short_retention": _usual(
        "backups of Exchange Online are kept for 30 days, the others for 7 years",
        retention={"exchange_online": "30 days"},
    ),
    "short_container": _usual(
        "a container of Teams is kept for 6 months, the rest for 7 years",
        retention={"teams": {"containers": {"Default Team Container": "7 years", "Projects": "6 months"}}},
    ),
    "unreadable_retention": _usual(
        "the retention of OneDrive is a text that is not a period", retention={"onedrive": "As agreed"}
    ),
    "ransomware": _usual(
        "3 potential ransomware attacks on OneDrive were detected 12 hours ago",
        unusual_activity={"onedrive": {"attacks": 3, "activities": 7}},
    ),
    "unusual_activity": _usual(
        "40 unusual activities in SharePoint Online were detected 12 hours ago, none of them an attack",
        unusual_activity={"sharepoint_online": 40},
    ),
    "uneven_locations": _usual(
        "in the location EUR, Teams is missing from the schedule and OneDrive is kept for 30 days",
        frequency={"teams@EUR": "absent"},
        retention={"onedrive@EUR": "30 days"},
    ),
    "empty": Scenario("a tenant without a single job", ()),
    "large": Scenario(
        "a busy tenant: all services, job types and states, 100000 jobs within the last week",
        (
            *(
                Stream("backup", service, count=7500, weight=15, states=_MIXED, age=0.6 + hour / 10)
                for hour, service in enumerate(OBJECT_TYPES)
            ),
            *(
                Stream(job_type, service, count=625, weight=5, states=_MIXED[:50], age=1.5, minutes=3)
                for job_type in ("restore", "export", "delete", "retention")
                for service in _SERVICES
            ),
        ),
        days=6.9,
    ),
}
