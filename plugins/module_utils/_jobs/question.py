# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""One query in progress: its pages are requested, read, and read again if they are not consistent."""

from __future__ import annotations

import itertools
from concurrent.futures import Future
from typing import Callable, NamedTuple

from .._api.queries import Query
from .._api.records import Page
from .._http import errors
from .._http.pool import Pool
from . import paging
from .collected import Collected

_NOTHING_THERE = ("rejected", "not_found")
"""Kinds of failure by which a server may reject a page beyond the list."""


class Way(NamedTuple):
    """How pages are requested.

    :ivar fetch: function that requests one page of a query, by index and size.
    :ivar page_size: rows per page of a list; ``window`` is the number of pages requested concurrently.
    """

    fetch: Callable[[Query, int, int], Page]
    pool: Pool
    page_size: int
    window: int


class Question:
    """A query whose first page is requested at once.

    :ivar collected: its rows.
    :ivar reading: the result of the last reading.
    :ivar pages: the number of pages read in all readings.
    :ivar is_counted: whether only the server's count was read.
    """

    def __init__(self, way: Way, query: Query, collected: Collected, first_index: int = 0) -> None:
        self.query = query
        self.collected = collected
        self.reading = paging.Reading(0, None)
        self._way = way
        self._order = itertools.count()
        self.pages = 0
        # The server counts jobs in all states or in a single state, not in several.
        self.is_counted = query.count_only and len(query.states) <= 1
        self._first = self._ask(first_index, 1 if self.is_counted else way.page_size)
        self._is_first_read = False

    def read_one_page(self) -> None:
        """Read only the requested page."""
        page = self._first.result().page
        self.collected.add(page.jobs)
        self._note(paging.Reading(pages=1, total_count=page.total_count, next_link=page.next_link))

    def read(self, max_jobs: int) -> None:
        """Read the whole list, or only its count if that was requested. Can be repeated.

        :raises errors.Error: also incomplete, if the list is not proven complete.
        """
        first = None if self._is_first_read else self._first
        self._is_first_read = True
        if self.is_counted:
            page = (first or self._ask(0, 1)).result().page
            self.collected.check_states(page.jobs)
            # A count of at most the rows of its page may be that of the page (api.md). Only reading the list shows it.
            is_empty = page.total_count == 0 and not page.jobs and page.next_link is None
            is_count = page.total_count is not None and (page.total_count > len(page.jobs) or is_empty)
            if is_count and self.collected.doubt is None:
                self._note(paging.Reading(pages=1, total_count=page.total_count))
                return
            self.is_counted, first = False, None
        reading = paging.read_all(
            self._ask,
            self.collected,
            page_size=self._way.page_size,
            max_jobs=max_jobs,
            window=self._way.window,
            first=first,
        )
        self._note(reading)

    def ask_beyond(self, rows: int) -> Future[paging.Answer]:
        """Request what comes after the last page, with as many rows as the longest page."""
        return self._ask(self.reading.last_index + 1, rows)

    def brings_more(self, beyond: Future[paging.Answer], rows: int) -> bool:
        """Return whether there are jobs after the last page, which means that its count was not that of the list."""
        page = self._page_or_nothing(beyond)
        if page is not None and page.jobs and tuple(job.id for job in page.jobs) == self.reading.first_ids:
            # The server counts pages from 1, and this was the first page again
            page = self._page_or_nothing(self._ask(self.reading.last_index + 2, rows))
        return page is not None and any(job.id not in self.collected.ids for job in page.jobs)

    def _page_or_nothing(self, asked: Future[paging.Answer]) -> Page | None:
        self.pages += 1
        try:
            return asked.result().page
        except errors.Error as error:
            if error.failure.kind in _NOTHING_THERE:
                return None
            raise

    def _note(self, reading: paging.Reading) -> None:
        self.reading = reading
        self.pages += reading.pages

    def _ask(self, index: int, size: int) -> Future[paging.Answer]:
        def fetch() -> paging.Answer:
            page = self._way.fetch(self.query, index, size)
            return paging.Answer(next(self._order), page)

        return self._way.pool.submit(fetch)
