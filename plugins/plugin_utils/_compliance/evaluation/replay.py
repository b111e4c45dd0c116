# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Evaluate a stored reading at an instant other than that of its evidence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.cloudbackup.m365.plugins.module_utils import _time

from ..reading import results

_UNDATED = ("license", "settings")
"""Reads of the current state, without a history."""


def reading_at(read: Mapping[str, Any], read_at: int, now: int) -> dict[str, Any]:
    """Return the reading, with an error for each read that does not cover the instant.

    Jobs contain their times, so for an earlier instant the checks themselves detect what was not read and what is in
    the future. Unknown are later events, the license and the settings before they were read, and the jobs that were in
    progress, which are left out. The errors become part of the reading, so that evidence made from it cannot pass. A
    given instant does not put the server's time in doubt.

    :param read: as in evidence.json; it is not changed.
    :param read_at: the instant of the stored evidence.
    """
    then, at = _time.unix_to_iso(read_at), _time.unix_to_iso(now)
    errors = []
    if now > read_at:
        reason = f"the stored evidence ends at {then}, before {at}; the time between them was not read."
        errors = [_error(name, reason) for name in results.READS if read.get(name) is not None]
    elif now < read_at:
        reason = f"the stored evidence contains it as of {then}, not as of {at}."
        errors = [_error(name, reason) for name in _UNDATED if read.get(name) is not None]
    jobs = _without_running(read["jobs"]) if now < read_at else read["jobs"]
    chosen = {"now_given": False} if now != read_at and "now_given" in read else {}
    return {**read, **chosen, "jobs": jobs, "errors": [*read["errors"], *errors]}


def _without_running(jobs: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    groups = jobs.get("groups") if jobs is not None else None
    if jobs is None or not isinstance(groups, list):
        return jobs
    return {**jobs, "groups": [group for group in groups if not _asks_for_running(group)]}


def _asks_for_running(group: object) -> bool:
    query = group.get("query") if isinstance(group, Mapping) else None
    return isinstance(query, Mapping) and query.get("states") == ["in_progress"]


def _error(read: str, message: str) -> dict[str, Any]:
    return {"read": read, "message": message, "failure": None}
