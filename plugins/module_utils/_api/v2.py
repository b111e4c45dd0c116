# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The second generation of the API: wire format <-> records. No other file knows its paths and fields (api.md)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import _time
from .._http import errors, words
from . import fields, rows
from .queries import Query
from .records import License, Page

JOBS_PATH = "/backup/m365/cloudbackupjobs"
LICENSE_PATH = "/backup/m365/cloudbackuplicenseconsumption"
FREQUENCY_PATH = "/backup/m365/settings/backup/frequency"
RETENTION_PATH = "/backup/m365/settings/retention-policy"
UNUSUAL_ACTIVITY_PATH = "/backup/m365/cloudbackupunusualactivitydata"

HAS_LOCATION = True


def jobs_parameters(query: Query, page_index: int, page_size: int) -> dict[str, Any]:
    """Return the query string for one page: times are rounded outward to whole days.

    The first day is one day earlier than requested, since a server may read a date in its local time zone (api.md).
    """
    parameters = query.parameters(page_index, page_size)
    if query.start is not None:
        parameters["StartTime"] = _date(_first_day(query.start))
    if "FinishTime" in parameters:
        parameters["FinishTime"] = _date(parameters["FinishTime"])
    if query.location is not None:
        parameters["location"] = query.location
    return parameters


def counted_query(query: Query) -> Query:
    """Return what the server counts for a query: whole days."""
    start = None if query.start is None else _first_day(query.start)
    finish = None if query.finish is None else _day(query.finish) + _time.TICKS_PER_DAY - 1
    return query._replace(start=start, finish=finish)


def _first_day(ticks: int) -> int:
    return _day(ticks) - _time.TICKS_PER_DAY


def _day(ticks: int) -> int:
    return ticks - ticks % _time.TICKS_PER_DAY


def _date(ticks: int) -> str:
    return _time.to_iso(ticks)[:10]


def content(payload: Any) -> Any:
    """Return the requested part of a response: the envelope's data.

    These endpoints have no pages (api.md), so a part of a list is refused.

    :raises errors.Error: incomplete, where there is more than the response contains; unexpected_answer.
    """
    data, metadata = _open(payload)
    # Unusual activity has its rows in a data within the data
    inner = fields.fold(data, "data") if isinstance(data, dict) else {}
    items = inner.get("data") if inner else data
    outer = {} if metadata is None else fields.fold(metadata, "metadata")
    for name, facts in (("metadata", outer), ("data", inner)):
        if fields.link(facts.get("nextlink"), f"{name}.nextLink"):
            raise errors.Error("incomplete", f"{name}.nextLink names a next page, and this endpoint has no pages")
        total = fields.count(facts.get("totalcount", facts.get("totalnumber")), f"{name}.totalCount")
        if total is not None and isinstance(items, list) and total > len(items):
            raise errors.Error("incomplete", f"{name}.totalCount is {total}, and the response has {len(items)} rows")
    return data


def decode_jobs(payload: Any, most_rows: int = rows.MOST) -> Page:
    """Return a page of jobs from the envelope's data and metadata.

    :raises errors.Error: unexpected_answer, also where it has more than ``most`` jobs.
    """
    data, metadata = _open(payload)
    facts = fields.fold(metadata, "metadata") if metadata is not None else {}
    total = facts.get("totalcount", facts.get("totalnumber"))
    return Page(
        fields.count(total, "metadata.totalCount"),
        rows.jobs(data, "data", _moments, most_rows),
        fields.link(facts.get("nextlink"), "metadata.nextLink"),
    )


def decode_license(payload: Any) -> License:
    """Return the subscription from the envelope's data."""
    return rows.license_fields(content(payload), "data")


def _moments(column: Sequence[Any], where: str, field: str) -> Sequence[int | None]:
    return fields.read_each(column, where, field, fields.iso_instant)


def _open(payload: Any) -> tuple[Any, Any]:
    """Return data and metadata of a successful envelope.

    A response with HTTP status 200 that has a different statusCode or errors is a failure (api.md).
    """
    folded = fields.fold(payload, "the answer")
    status = fields.integer(folded.get("statuscode"), "statusCode")
    if status is None:
        raise errors.Error("unexpected_answer", "the answer has no statusCode: it is not an envelope of API v2")
    if status != 200 or folded.get("errors"):
        kind = errors.kind_of_status(status) if status != 200 else "server"
        reason = words.spoken(payload)[: errors.QUOTE_LIMIT] or "the server gave no reason"
        raise errors.Error(kind, f"the answer's own status is {status}: {reason}", quotes=(reason,))
    return folded.get("data"), folded.get("metadata")
