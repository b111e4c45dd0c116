# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The second generation of the API: wire <-> record. Nothing else knows its names (api.md)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import _time
from .._http import answers, errors
from . import columns, queries, records, v1, values

JOBS_PATH = "/backup/m365/cloudbackupjobs"
LICENSE_PATH = "/backup/m365/cloudbackuplicenseconsumption"
JOBS_SCOPE = v1.JOBS_SCOPE
LICENSE_SCOPE = v1.LICENSE_SCOPE

HAS_LOCATION = True


def jobs_parameters(query: queries.Query, page_index: int, page_size: int) -> dict[str, Any]:
    """The query string for one page: the filters of v1, but times as dates, whole days outward."""
    parameters = v1.jobs_parameters(query, page_index, page_size)
    for name in ("StartTime", "FinishTime"):
        if name in parameters:
            parameters[name] = _time.to_iso(parameters[name])[:10]
    if query.location is not None:
        parameters["location"] = query.location
    return parameters


def decode_jobs(payload: Any) -> records.Page:
    """A page of jobs from the envelope's data and metadata."""
    data, metadata = _open(payload)
    told = values.fold(metadata, "metadata") if metadata is not None else {}
    total = told.get("totalcount", told.get("totalnumber"))
    return records.Page(
        values.count(total, "metadata.totalCount"),
        records.jobs(data, "data", _moments),
        values.text(told.get("nextlink"), "metadata.nextLink") or None,
    )


def _moments(column: Sequence[Any], where: str, field: str) -> Sequence[int | None]:
    return columns.read_each(column, where, field, _moment)


def _moment(value: Any, field: str) -> int | None:
    said = values.text(value, field)
    if not said:
        return None
    try:
        return values.instant(_time.from_iso(said), field, value)
    except ValueError:
        raise values.wrong(field, "an ISO 8601 time", value) from None


def decode_license(payload: Any) -> records.License:
    """The subscription from the envelope's data."""
    data, _metadata = _open(payload)
    return records.license_fields(data, "data")


def _open(payload: Any) -> tuple[Any, Any]:
    """Data and metadata of an envelope that says that all is well.

    A 200 HTTP answer can carry another statusCode or errors: that is a failure (api.md).
    """
    folded = values.fold(payload, "the answer")
    status = values.integer(folded.get("statuscode"), "statusCode")
    if status is None:
        raise errors.Error("unexpected_answer", "the answer has no statusCode: it is no envelope of API v2")
    if status != 200 or folded.get("errors"):
        raise answers.envelope_refusal(status, payload)
    return folded.get("data"), folded.get("metadata")
