# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The records that both API generations decode into: plain tuples, since there may be millions."""

from __future__ import annotations

from typing import NamedTuple


class Details(NamedTuple):
    """Objects of a job; None for a count that the server did not send."""

    total_count: int | None = None
    failed_count: int | None = None
    successful_count: int | None = None
    skipped_count: int | None = None


class JobError(NamedTuple):
    """One kind of error of a job: its text, a link to an explanation, and its number of occurrences."""

    message: str | None
    code_url: str | None
    times: int | None


class Job(NamedTuple):
    """A job of the API; times in ticks. It has neither its job type nor its object type (api.md).

    :ivar errors: the most frequent kinds of errors; ``errors_left_out`` is the number of other kinds.
    """

    id: str
    state: str
    state_text: str | None
    start: int | None
    finish: int | None
    details: Details
    errors: tuple[JobError, ...]
    errors_left_out: int = 0


class Page(NamedTuple):
    """One page of a job list. ``next_link`` is None on the last page; it is never fetched."""

    total_count: int | None
    jobs: tuple[Job, ...]
    next_link: str | None


class License(NamedTuple):
    """The subscription as the server sent it. Sizes in GB; ``out_of_policy`` is in the unit that the server used."""

    out_of_policy: int | str | None
    purchased_user_seats: int | None
    assigned_user_seats: int | None
    purchased_storage_size: int | None
    protected_size: int | None
