# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The first generation of the API: wire format <-> records. No other file knows its paths and fields (api-v1.md)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .._http import errors, words
from . import fields, rows
from .queries import Query
from .records import License, Page

JOBS_PATH = "/cloudbackup/jobs"
LICENSE_PATH = "/cloudbackup/licenseconsumption"
FREQUENCY_PATH = RETENTION_PATH = UNUSUAL_ACTIVITY_PATH = None

HAS_LOCATION = False


def jobs_parameters(query: Query, page_index: int, page_size: int) -> dict[str, Any]:
    """Return the query string for one page."""
    return query.parameters(page_index, page_size)


def counted_query(query: Query) -> Query:
    """Return what the server counts for a query."""
    return query


def content(payload: Any) -> Any:
    """Return the requested part of a response: all of it."""
    return payload


def decode_jobs(payload: Any, most_rows: int = rows.MOST) -> Page:
    """Return a page of jobs from {TotalCount, Jobs, NextLink}, in any case.

    :raises errors.Error: unexpected_answer, also where it has more than ``most`` jobs.
    """
    folded = fields.fold(payload, "the answer")
    if "jobs" not in folded:
        raise _lacking("Jobs", payload)
    return Page(
        fields.count(folded.get("totalcount"), "TotalCount"),
        rows.jobs(folded.get("jobs"), "Jobs", _moments, most_rows),
        fields.link(folded.get("nextlink"), "NextLink"),
    )


def decode_license(payload: Any) -> License:
    """Return the subscription from an object of five fields."""
    return rows.license_fields(payload, "the answer")


def _moments(column: Sequence[Any], where: str, field: str) -> Sequence[int | None]:
    return fields.read_each(column, where, field, _ticks, fields.instants)


def _ticks(value: Any, field: str) -> int | None:
    return fields.instant(fields.integer(value, field), field, value)


def _lacking(field: str, payload: dict[str, Any]) -> errors.Error:
    """Return the error for a successful response without the requested data, such as one that contains a message."""
    reason = words.spoken(payload)[: errors.QUOTE_LIMIT]
    suffix = f". The server's message: {reason}" if reason else ""
    shown = fields.shown_keys(payload)
    return errors.Error("unexpected_answer", f"the answer has no {field}: {shown}{suffix}", quotes=(shown, reason))
