# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Decode the settings into records: the backup schedule and the retention policy (api.md).

A value that the server did not send is None.
"""

from __future__ import annotations

from typing import Any, Callable, NamedTuple, TypeVar

from . import fields

MOST_ROWS = 1_000
"""Services, or starts of a service; the API knows 15 services."""
MOST_CONTAINERS = 100_000
"""Of all services together."""

_Read = TypeVar("_Read")


class Schedule(NamedTuple):
    """The backups of a service on a day; times in ticks."""

    service_type: int | None
    jobs_per_day: int | None
    start_times: tuple[int, ...] | None


class Container(NamedTuple):
    """The retention of a container of a service, as the server sent it."""

    id: str | None
    name: str | None
    period: str | None


class ServicePolicy(NamedTuple):
    """The retention of a service, as the server sent it. ``unassigned`` applies to objects in no container."""

    service_type: int | None
    period: str | None
    unassigned: str | None
    containers: tuple[Container, ...] | None


class Policy(NamedTuple):
    """The retention policy of a location. ``period`` applies to all services unless it is customized."""

    is_daily: bool | None
    is_customized: bool | None
    period: str | None
    services: tuple[ServicePolicy, ...] | None


def schedules(data: Any) -> tuple[Schedule, ...]:
    """Return the schedule of every active service.

    :raises errors.Error: unexpected_answer, naming the field.
    """
    return _each(data, "data", _schedule)


def policy(data: Any) -> Policy:
    """Return the retention policy.

    :raises errors.Error: unexpected_answer, naming the field; also where a customized policy has no services.
    """
    folded = fields.fold(data, "data")
    is_customized = fields.flag(folded.get("enablecustomizedretentionpolicy"), "data.enableCustomizedRetentionPolicy")
    services = folded.get("servicepolicies")
    if services is None and is_customized is False:
        # Only a customized policy has services (api.md)
        services = []
    read = None if services is None and is_customized is None else _service_policies(services)
    return Policy(
        fields.flag(folded.get("enabledailyretentionpolicy"), "data.enableDailyRetentionPolicy"),
        is_customized,
        fields.short_text(folded.get("retentionperiod"), "data.retentionPeriod"),
        read,
    )


def _service_policies(value: Any) -> tuple[ServicePolicy, ...]:
    field = "data.servicePolicies"
    found = []
    containers = 0
    for place, item in enumerate(fields.items(value, field, MOST_ROWS)):
        found.append(_service_policy(item, f"{field}[{place}]"))
        containers += len(found[-1].containers or ())
        fields.refuse_more(containers, f"containerPolicies of {field}", MOST_CONTAINERS)
    return tuple(found)


def _each(value: Any, field: str, read: Callable[[Any, str], _Read], most: int = MOST_ROWS) -> tuple[_Read, ...]:
    return tuple(read(item, f"{field}[{place}]") for place, item in enumerate(fields.items(value, field, most)))


def _each_if_sent(
    value: Any, field: str, read: Callable[[Any, str], _Read], most: int = MOST_ROWS
) -> tuple[_Read, ...] | None:
    return None if value is None else _each(value, field, read, most)


def _schedule(value: Any, field: str) -> Schedule:
    folded = fields.fold(value, field)
    return Schedule(
        fields.integer(folded.get("servicetype"), f"{field}.serviceType"),
        fields.count(folded.get("frequency"), f"{field}.frequency"),
        _each_if_sent(folded.get("backupstarttime"), f"{field}.backupStartTime", _start_time),
    )


def _start_time(value: Any, field: str) -> int:
    ticks = fields.iso_instant(value, field)
    if ticks is None:
        raise fields.wrong(field, "an ISO 8601 time", value)
    return ticks


def _service_policy(value: Any, field: str) -> ServicePolicy:
    folded = fields.fold(value, field)
    return ServicePolicy(
        fields.integer(folded.get("servicetype"), f"{field}.serviceType"),
        fields.short_text(folded.get("retentionperiod"), f"{field}.retentionPeriod"),
        fields.short_text(folded.get("unassignedobjectretentionperiod"), f"{field}.unassignedObjectRetentionPeriod"),
        _each_if_sent(folded.get("containerpolicies"), f"{field}.containerPolicies", _container, MOST_CONTAINERS),
    )


def _container(value: Any, field: str) -> Container:
    folded = fields.fold(value, field)
    return Container(
        fields.short_text(folded.get("containerid"), f"{field}.containerId"),
        fields.short_text(folded.get("containername"), f"{field}.containerName"),
        fields.short_text(folded.get("retentionperiod"), f"{field}.retentionPeriod"),
    )
