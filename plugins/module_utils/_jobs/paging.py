# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""All pages of a list, proven complete, or an error with the reason.

The server is not trusted: its counts, links and rows must agree. This file is independent of HTTP, and of the content
of a row apart from its id.
"""

from __future__ import annotations

import urllib.parse
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Callable, NamedTuple, Protocol

from .._api.records import Job, Page
from .._http import errors
from .ids import Ids

READINGS = 3
"""Maximum readings of a list before it counts as incomplete."""
_STALE_PAGES = 3
"""Consecutive pages without new rows before a server counts as repeating itself."""
_FRONT_ROUNDS = 10
"""Maximum rounds of reading the front again in one reading. Each round gets most of the jobs added in the last."""
_FREE_REQUESTS = 1_000
"""Requests that one reading may always take."""
_SMALLEST_PAGE = 10
"""Minimum jobs per page, on average over a longer reading: the default page size of the API (api.md)."""
_REQUESTS_PER_PAGE = 3
"""Allows for pages that are not full, and for reading the front again."""
INCOMPLETE_HINT = (
    "The data was discarded. Run again when fewer jobs change. If it fails again, ask for a narrower window or another "
    "page_size, and report to the vendor how the API counts its pages."
)

Ask = Callable[[int, int], "Future[Answer]"]
"""Page index and page size -> the future page."""


class Answer(NamedTuple):
    """A page and its order of arrival. With concurrent requests, that differs from the order of the indexes."""

    order: int
    page: Page


class Sink(Protocol):
    """The receiver of rows.

    :ivar ids: the ids of the rows so far.
    :ivar doubt: why the rows may not match the query.
    """

    ids: Ids
    doubt: errors.Error | None

    def restart(self) -> None:
        """Forget all rows, before the list is read again."""

    def add(self, jobs: Sequence[Job]) -> int:
        """Add rows, without those whose id is known. Return the number of new rows."""


class Reading(NamedTuple):
    """The result of one reading of the list.

    :ivar pages: the number of pages read.
    :ivar total_count: the server's count of the list, or the number of rows if it counts the rows of each page.
    :ivar has_page_counts: whether there are several pages, each with a TotalCount of the page.
    :ivar first_ids: the ids on the first page.
    :ivar last_index: the index of the last page; ``last_rows`` is its number of rows, ``longest`` the largest number.
    """

    pages: int
    total_count: int | None
    next_link: str | None = None
    problem: str | None = None
    has_page_counts: bool = False
    first_ids: tuple[str, ...] = ()
    last_index: int = 0
    last_rows: int = 0
    longest: int = 0


def read_all(
    ask: Ask, sink: Sink, *, page_size: int, max_jobs: int, window: int = 1, first: Future[Answer] | None = None
) -> Reading:
    """Read every page into the sink.

    A list whose TotalCount counts the rows of each page is read twice, since these counts do not show a row that moves
    to a page that was read already.

    :param window: the number of pages requested concurrently. Only in the first reading: with concurrent requests, rows
        that move across a page border may be missed. In sequential requests they are at most returned twice.
    :param first: page 0, if it was requested already.
    :raises errors.Error: incomplete, if it is not proven after three readings or longer than ``max_jobs``;
        unexpected_answer, if the rows of every reading do not match the query.
    """
    pages = 0
    problems = []
    before: Ids | None = None
    for attempt in range(READINGS):
        sink.restart()
        if attempt == 0:
            reading = _Pass(ask, sink, page_size, max_jobs, window, first).read()
        else:
            reading = _Pass(ask, sink, page_size, max_jobs, 1, None).read()
        pages += reading.pages
        problem = sink.doubt.message if sink.doubt is not None else reading.problem
        is_proof = problem is None and not reading.has_page_counts
        if problem is None and before is not None:
            # Ids that only the second reading contains are new jobs
            missing = before.missing_in(sink.ids)
            problem = f"{missing} jobs of one reading are missing in the next" if missing else None
            is_proof = problem is None
        if is_proof:
            return reading._replace(pages=pages)
        before = sink.ids if sink.doubt is None and reading.problem is None else None
        if problem is not None:
            problems.append(problem)
    if sink.doubt is not None:
        raise sink.doubt
    raise errors.Error(
        "incomplete",
        f"the list of jobs could not be proven complete in {READINGS} readings: {'; '.join(dict.fromkeys(problems))}",
        hint=INCOMPLETE_HINT,
    )


class _Pass:
    """One reading, from the first page to the last."""

    def __init__(
        self, ask: Ask, sink: Sink, page_size: int, max_jobs: int, window: int, first: Future[Answer] | None
    ) -> None:
        self._ask = ask
        self._sink = sink
        self._size = self._wanted = page_size
        self._max_jobs = max_jobs
        self._window = window
        self._asked: dict[int, Future[Answer]] = {} if first is None else {0: first}
        self._pages = 0
        self._base = 0
        self._first_ids: tuple[str, ...] = ()
        self._has_several_pages = False
        self._last_index = self._last_rows = self._longest = 0
        self._total_count: int | None = None
        self._next_link: str | None = None
        self._newest = -1
        self._totals: list[tuple[int, int | None]] = []
        self._rows: list[int] = []

    def read(self) -> Reading:
        problem = self._read_pages()
        counts_pages = self._counts_pages()
        if problem is None:
            problem = self._prove_by_pages() if counts_pages else self._prove_by_count()
        return Reading(
            self._pages,
            len(self._sink.ids) if counts_pages else self._total_count,
            self._next_link,
            problem,
            counts_pages and self._has_several_pages,
            self._first_ids,
            self._last_index,
            self._last_rows,
            self._longest,
        )

    def _read_pages(self) -> str | None:
        page = self._page(0)
        if not page.jobs and page.total_count:
            # The server counts pages from 1, and page 0 is empty (api.md documents both)
            self._drop_last()
            self._base = 1
            page = self._page(1)
        first = page
        self._first_ids = _ids(page)
        self._sink.add(page.jobs)
        if page.jobs and len(page.jobs) < self._size and self._promises_more(page):
            # The server limits the page size. With its own size, index times size is right, however it counts.
            self._size = len(page.jobs)
        index = self._base
        stale = 0
        while self._promises_more(page):
            index += 1
            page = self._page(index)
            if index == 1 and page.jobs and _ids(page) == _ids(first):
                self._drop_last()
                continue  # the server counts pages from 1
            stale = 0 if self._sink.add(page.jobs) or not page.jobs else stale + 1
            if stale == _STALE_PAGES:
                return f"page {index} and those before it contain no new jobs, although the server reports more"
            if not page.jobs:
                break
        self._last_index, self._last_rows, self._longest = index, len(page.jobs), max(self._rows)
        self._has_several_pages = sum(map(bool, self._rows)) > 1
        return self._fallen()

    def _prove_by_pages(self) -> str | None:
        """Return a problem unless new jobs at the front explain the duplicates: they move rows across page borders."""
        distinct = len(self._sink.ids)
        repeated = sum(self._rows) - distinct
        if not repeated:
            return None
        problem = self._read_front_again()
        grown = len(self._sink.ids) - distinct
        if problem is None and grown < repeated:
            return f"{repeated} rows were returned twice, and {grown} new jobs do not explain it"
        return problem

    def _prove_by_count(self) -> str | None:
        problem = self._catch_up()
        if problem is None and self._has_several_pages and self._is_proven():
            problem = self._compare_front() or self._catch_up()
        if problem is not None or self._is_proven():
            return problem
        if self._total_count is None:
            return "the server sends no TotalCount, so the number of jobs is not known"
        return f"{len(self._sink.ids)} different jobs were returned, but TotalCount is {self._total_count}"

    def _catch_up(self) -> str | None:
        return self._read_front_again() if len(self._sink.ids) < (self._total_count or 0) else None

    def _read_front_again(self) -> str | None:
        """Read the first pages again until they contain no new jobs, since new jobs move others across page borders.

        More jobs may be added meanwhile, so there are several rounds. They end when all jobs that the last page counted
        were read.
        """
        self._window = 1
        for _round in range(_FRONT_ROUNDS):
            before = len(self._sink.ids)
            for index in range(self._base, self._last_index + 1):
                new = self._sink.add(self._page(index).jobs)
                if self._is_proven():
                    return self._fallen()
                if not new:
                    break
            if len(self._sink.ids) == before:
                break
        return self._fallen()

    def _compare_front(self) -> str | None:
        """Detect a job that was removed from the front, which moved others to pages that were read already.

        Jobs of the first page may move back only by the number of new jobs. One more page is read, since jobs with the
        same time may change places.
        """
        self._window = 1
        missing = set(self._first_ids)
        first_count = self._totals[0][1] or 0
        index = self._base
        while missing:
            grown = max(0, (self._total_count or 0) - first_count)
            if index > self._base + (len(self._first_ids) + grown) // self._size + 1:
                return f"{len(missing)} jobs of the first page are no longer among the first"
            page = self._page(index)
            self._sink.add(page.jobs)
            missing.difference_update(_ids(page))
            index += 1
        return self._fallen()

    def _page(self, index: int) -> Page:
        self._look_ahead(index)
        order, page = self._asked.pop(index).result()
        self._pages += 1
        self._next_link = page.next_link
        if order > self._newest and page.total_count is not None:
            self._newest, self._total_count = order, page.total_count
        self._totals.append((order, page.total_count))
        self._rows.append(len(page.jobs))
        self._refuse_endless()
        known = max(page.total_count or 0, len(self._sink.ids))
        if known > self._max_jobs:
            raise errors.Error(
                "incomplete",
                f"the list has {known} jobs or more, which exceeds max_jobs ({self._max_jobs})",
                hint="Raise max_jobs, or ask for a narrower window.",
            )
        return page

    def _refuse_endless(self) -> None:
        """Reject a list whose pages contain few jobs while the server reports millions.

        :raises errors.Error: incomplete, naming the limit and the options that change it.
        """
        if self._pages <= _FREE_REQUESTS:
            return
        least = min(self._wanted, _SMALLEST_PAGE)
        known = len(self._sink.ids)
        bound = max(_FREE_REQUESTS, _REQUESTS_PER_PAGE * -(-known // least))
        if self._pages > bound:
            promised = "more" if self._total_count is None else f"{self._total_count}"
            raise errors.Error(
                "incomplete",
                f"{self._pages} requests returned {known} jobs, and the server reports {promised}: the limit is "
                f"{bound} requests, {_REQUESTS_PER_PAGE} for every {least} jobs, but at least {_FREE_REQUESTS}",
                hint=f"The data was discarded. page_size is {self._wanted}: if the server really sends so few jobs a "
                "page, set page_size to that number. Otherwise ask for a narrower window, and report it to the vendor.",
            )

    def _look_ahead(self, index: int) -> None:
        """Request a page and, as far as the count shows that they exist, the pages after it."""
        last = -(-(self._total_count or 0) // self._size) - 1 + self._base
        for ahead in range(index, max(index, min(last, index + self._window - 1)) + 1):
            if ahead not in self._asked:
                self._asked[ahead] = self._ask(ahead, self._size)

    def _drop_last(self) -> None:
        self._totals.pop()
        self._rows.pop()

    def _promises_more(self, page: Page) -> bool:
        if page.next_link is not None:
            return True
        if not page.jobs:
            return False
        if page.total_count is None:
            return len(page.jobs) >= self._size
        # A count that equals a full page may be the count of the page instead of the list (api.md).
        is_page_count = page.total_count == len(page.jobs) >= self._size
        return page.total_count > len(self._sink.ids) or is_page_count

    def _is_proven(self) -> bool:
        return len(self._sink.ids) == self._total_count and not self._counts_pages()

    def _counts_pages(self) -> bool:
        """Return whether TotalCount counts the rows of the page, on every page including the last."""
        return [total for _order, total in self._totals] == self._rows

    def _fallen(self) -> str | None:
        """Detect a falling count: jobs were removed, and rows moved to pages that were read already."""
        if self._counts_pages():
            return None
        totals = [total for _order, total in sorted(self._totals, key=lambda pair: pair[0]) if total is not None]
        for before, after in zip(totals, totals[1:]):
            if after < before:
                return f"TotalCount fell from {before} to {after} while the list was read"
        return None


def _ids(page: Page) -> tuple[str, ...]:
    return tuple(job.id for job in page.jobs)


def refuse_foreign(next_link: str | None, api_url: str) -> None:
    """Reject a next link to another origin. It is never fetched, but a correct server does not send one.

    :raises errors.Error: unexpected_answer.
    """
    if next_link is None:
        return
    link = next_link.strip().replace("\\", "/")
    if "://" not in link.partition("?")[0] and not link.startswith("//"):
        return  # a path, a query or an opaque token (api.md)
    try:
        is_ours = _origin(urllib.parse.urljoin(api_url, link)) == _origin(api_url)
    except ValueError:
        is_ours = False
    if not is_ours:
        raise errors.Error(
            "unexpected_answer",
            f"NextLink points to another origin: {next_link[: errors.QUOTE_LIMIT]!r}",
            quotes=(repr(next_link[: errors.QUOTE_LIMIT]),),
            hint="The link was not followed and no token was sent there. Check which server answers at api_url.",
        )


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urllib.parse.urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"https": 443, "http": 80}.get(parts.scheme)
