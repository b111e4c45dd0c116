# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Data for checks from the results of the settings and unusual activity modules, which are untrusted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..model import wording
from ..model.outcome import Undetermined
from ..model.policy import Policy, Scope
from ..model.settings import Activity, ActivityRow, Kept, Retention, Schedule
from .figures import figure, instant
from .results import Reading

_PARTS = {"teams": ("private_channel", "shared_channel"), "public_folder": ("public_folder_metadata",)}
"""Service types without an object type, by the service to which they belong."""

_LISTS = {"frequency": "schedules", "retention": "retention policies"}
"""Display names of the settings, which have an entry for each location."""


def schedule(reading: Reading, policy: Policy, now: int, scope: Scope) -> Schedule:
    """Return the schedule of a service at a location. Raises Undetermined.

    The schedule contains only active services (api.md). Other services have no jobs.
    """
    rows = _mappings(_of_location(reading, "frequency", scope), "services", "The schedule")
    own = [row for row in rows if row.get("object_type") == scope.service]
    if not own:
        return Schedule(False, 0)
    if len(own) > 1:
        raise Undetermined(f"The schedule contains {scope.service} {len(own)} times.")
    jobs = figure(own[0], "jobs_per_day")
    if jobs is None:
        raise Undetermined(f"The schedule contains no number of jobs a day for {scope.service}.")
    starts = own[0].get("start_times")
    shown = starts if isinstance(starts, list) else []
    return Schedule(True, jobs, tuple(wording.one_line(start, 30) for start in shown))


def retention(reading: Reading, policy: Policy, now: int, scope: Scope) -> Retention:
    """Return all retentions that apply to a service at a location. Raises Undetermined."""
    found = _of_location(reading, "retention", scope)
    customized = found.get("customized")
    if not isinstance(customized, bool):
        raise Undetermined("The retention policy does not contain whether it is customized by service.")
    rows = _mappings(found, "services", "The retention policy") if customized else []
    service = str(scope.service)
    concerned = [row for row in rows if row.get("service_type") in (service, *_PARTS.get(service, ()))]
    kept = [one for row in concerned for one in _kept(row)]
    if not any(row.get("service_type") == service for row in concerned):
        kept.append(_period(found.get("default"), "default of the tenant"))
    return Retention(tuple(kept))


def _kept(row: Mapping[str, Any]) -> Iterator[Kept]:
    """Yield each retention in the row of a service. Raises Undetermined if one cannot be read."""
    name = wording.one_line(row.get("service_type"), 60)
    yield _period(row.get("retention"), name)
    unassigned = row.get("unassigned")
    if unassigned is not None and not (isinstance(unassigned, Mapping) and unassigned.get("text") is None):
        yield _period(unassigned, f"unassigned objects of {name}")
    if row.get("containers") is None:
        return
    for container in _mappings(row, "containers", f"The retention policy of {name}"):
        shown = wording.one_line(container.get("name") or container.get("id"), 60)
        yield _period(container.get("retention"), f"container {shown} of {name}")


def _period(value: object, what: str) -> Kept:
    """Return a period. Raises Undetermined if its text is not understood."""
    if not isinstance(value, Mapping):
        raise Undetermined(f"The retention policy contains no period for {what}.")
    text, days, unlimited = value.get("text"), figure(value, "days"), value.get("unlimited")
    if text is None or text == "":
        raise Undetermined(f"The retention policy contains no period for {what}.")
    if (days is None) != (unlimited is True):
        raise Undetermined(f"The retention of {what} is {wording.found(text)}, which is not a known period.")
    return Kept(what, days)


def activity(reading: Reading, policy: Policy, now: int, scope: Scope) -> Activity:
    """Return the unusual activity of the window. Raises Undetermined."""
    result = reading.result("unusual_activity")
    query = result.get("query")
    asked = query if isinstance(query, Mapping) else {}
    start, finish = instant(asked, "start_time"), instant(asked, "finish_time")
    if start is None or finish is None or start > now - policy.window or finish < now:
        raise Undetermined("The unusual activity was read for other days than those of the window.")
    if asked.get("location") is not None:
        raise Undetermined("The unusual activity was read for one location alone.")
    rows = _mappings(result, "activity", "The answer")
    return Activity(tuple(map(_row, rows)), start, finish)


def _row(raw: Mapping[str, Any]) -> ActivityRow:
    name = raw.get("service_type")
    number = raw.get("service_type_number")
    service = wording.one_line(name if name and name != "unknown" else f"service type {number}", 60)
    attacks, activities = figure(raw, "potential_ransomware_attacks"), figure(raw, "unusual_activities")
    if attacks is None or activities is None:
        raise Undetermined(f"The unusual activity of {service} lacks a count.")
    return ActivityRow(service, attacks, activities)


def _of_location(reading: Reading, part: str, scope: Scope) -> Mapping[str, Any]:
    """Return the entry of a location; None means the central location. Raises Undetermined."""
    entries = _mappings(reading.result("settings"), part, "The answer")
    own = [entry for entry in entries if entry.get("location") == scope.location]
    if len(own) != 1:
        where = scope.location or "the central location"
        raise Undetermined(f"The answer contains {len(own)} {_LISTS[part]} for {where}, expected 1.")
    return own[0]


def _mappings(raw: Mapping[str, Any], name: str, subject: str) -> Sequence[Mapping[str, Any]]:
    """Return a list of dictionaries. Raises Undetermined."""
    found = raw.get(name)
    if not isinstance(found, list) or not all(isinstance(one, Mapping) for one in found):
        raise Undetermined(f"{subject} contains no list of {name}.")
    return found
