# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The settings of a tenant: its backup schedule and its retention, per location."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from . import facts, values

JOBS_PER_DAY = 4
PERIOD = "7 years"
ABSENT = "absent"
_CONTAINERS = {facts.SERVICE_TYPES["teams"]: {"Default Team Container": PERIOD}}
_SERVICES = tuple(map(facts.SERVICE_TYPES.__getitem__, ("exchange_online", "sharepoint_online", "onedrive", "teams")))
"""The services of a healthy tenant."""
_WHOLE_POLICY = ("default", "daily", "customized")
_POLICY_KEYS = ("retention", "unassigned", "containers")

Key = tuple[Any, Any]
"""A service type (or a name of the whole policy), and a location; None is every location without a separate key."""


@dataclass(frozen=True)
class Schedule:
    """The backups of a service on the day of now; ``jobs`` of an invalid type is sent unchanged."""

    service: int
    jobs: Any
    starts: tuple[int, ...]


@dataclass(frozen=True)
class ServicePolicy:
    """The retention of a service. ``containers`` are id, name and period."""

    service: int
    period: Any
    unassigned: Any
    containers: tuple[tuple[str, str, Any], ...]


@dataclass(frozen=True)
class Policy:
    """The retention of a location; absent fields are left out of the answer."""

    is_daily: Any
    is_customized: Any
    period: Any
    services: tuple[ServicePolicy, ...]


@dataclass(frozen=True)
class Settings:
    """The differences from a healthy tenant, whose services are backed up 4 times a day and kept for 7 years."""

    frequency: Mapping[Key, Any]
    retention: Mapping[Key, Any]
    now: int

    def schedules(self, location: str) -> Iterator[Schedule]:
        midnight = self.now - self.now % facts.DAY
        for service in services(self.frequency):
            jobs = value_of(self.frequency, service, location, JOBS_PER_DAY if service in _SERVICES else ABSENT)
            if jobs != ABSENT:
                count = jobs if isinstance(jobs, int) and 0 <= jobs <= 1440 else 0
                starts = tuple(midnight + number * facts.DAY // count for number in range(count))
                yield Schedule(service, jobs, starts)

    def policy(self, location: str) -> Policy:
        is_customized = value_of(self.retention, "customized", location, True)
        return Policy(
            value_of(self.retention, "daily", location, False),
            is_customized,
            value_of(self.retention, "default", location, PERIOD),
            # Only a customized policy has services
            () if is_customized is False else tuple(self._service_policies(location)),
        )

    def _service_policies(self, location: str) -> Iterator[ServicePolicy]:
        for service in services(self.retention):
            given = value_of(self.retention, service, location, PERIOD if service in _SERVICES else ABSENT)
            if given == ABSENT:
                continue
            policy = given if isinstance(given, dict) else {"retention": given, "unassigned": given}
            containers = policy.get("containers", _CONTAINERS.get(service, {}))
            yield ServicePolicy(
                service,
                policy.get("retention", PERIOD),
                policy.get("unassigned", PERIOD),
                tuple((str(uuid.uuid5(uuid.NAMESPACE_URL, name)), name, period) for name, period in containers.items()),
            )


def read_settings(frequency: Mapping[str, Any], retention: Mapping[str, Any], now: int) -> Settings:
    """Return the settings of a tenant.

    :param frequency: the jobs per day by service, optionally with a location (C(teams@EUR)); C(absent) leaves it out.
    :param retention: a period by service, or a dictionary of retention, unassigned and containers (name -> period);
        also default, daily and customized.
    :raises Mistake: for an unknown key.
    """
    policy = read_keys("retention", retention, *_WHOLE_POLICY)
    for key, value in policy.items():
        if isinstance(value, dict) and key[0] not in _WHOLE_POLICY:
            for name in value:
                values.one_of(*_POLICY_KEYS).read("key of retention", name)
            values.MAPPING.read("containers of retention", value.get("containers"))
    return Settings(read_keys("frequency", frequency), policy, now)


def read_keys(option: str, given: Mapping[str, Any], *more: str) -> dict[Key, Any]:
    """Return an option by service type (a name or a number) and location.

    :param more: other words that are allowed instead of a service.
    """
    found = {}
    for key, value in given.items():
        name, _at, place = key.partition("@")
        is_number = re.fullmatch(r"-?[0-9]{1,18}", name, re.ASCII)
        service = int(name) if is_number else values.one_of(*facts.SERVICE_TYPES, *more).read(f"key of {option}", name)
        location = values.one_of(*facts.REGIONS).read(f"location of {option}", place) if place else None
        found[facts.SERVICE_TYPES.get(service, service), location] = value
    return found


def services(given: Mapping[Key, Any]) -> list[int]:
    """Return the services of a healthy tenant, and those of an option."""
    return list(dict.fromkeys((*_SERVICES, *(service for service, _location in given if isinstance(service, int)))))


def value_of(given: Mapping[Key, Any], service: Any, location: str, default: Any) -> Any:
    """Return the value for a location, else that for every location, else the default."""
    return given.get((service, location), given.get((service, None), default))
