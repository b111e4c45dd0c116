# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The first generation of the API: wire <-> record. Nothing else knows its names (api-v1.md, api.md)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .._http import answers
from . import columns, queries, records, values

JOBS_PATH = "/cloudbackup/jobs"
LICENSE_PATH = "/cloudbackup/licenseconsumption"
JOBS_SCOPE = "microsoft365backup.jobInfo.read.all"
LICENSE_SCOPE = "microsoft365backup.subscriptionInfo.read.all"

HAS_LOCATION = False


def jobs_parameters(query: queries.Query, page_index: int, page_size: int) -> dict[str, Any]:
    """The query string for one page. What is not restricted is not sent."""
    parameters: dict[str, Any] = {}
    if query.start is not None:
        parameters["StartTime"] = query.start
    if query.finish is not None:
        parameters["FinishTime"] = query.last_finish()
    if query.job_type is not None:
        parameters["JobType"] = records.JOB_TYPES[query.job_type]
    if query.object_type is not None:
        parameters["ObjectType"] = records.OBJECT_TYPES[query.object_type]
    if len(query.states) == 1:
        parameters["JobState"] = records.STATES[query.states[0]]
    return {**parameters, "PageIndex": page_index, "PageSize": page_size}


def decode_jobs(payload: Any) -> records.Page:
    """A page of jobs from {TotalCount, Jobs, NextLink}, in whatever case."""
    folded = values.fold(payload, "the answer")
    if "jobs" not in folded:
        raise answers.lacking("Jobs", payload)
    return records.Page(
        values.count(folded.get("totalcount"), "TotalCount"),
        records.jobs(folded.get("jobs"), "Jobs", _moments),
        values.text(folded.get("nextlink"), "NextLink") or None,
    )


def _moments(column: Sequence[Any], where: str, field: str) -> Sequence[int | None]:
    return columns.read_each(column, where, field, _ticks, columns.instants)


def _ticks(value: Any, field: str) -> int | None:
    return values.instant(values.integer(value, field), field, value)


def decode_license(payload: Any) -> records.License:
    """The subscription from an object of five fields."""
    return records.license_fields(payload, "the answer")
