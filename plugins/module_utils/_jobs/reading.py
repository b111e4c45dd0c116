# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The jobs of one or several queries: read side by side, proven complete, digested."""

from __future__ import annotations

import itertools
from concurrent.futures import Future
from typing import Any

from .. import _names
from .._api.generations import Generation
from .._api.queries import Query
from .._api.records import Page
from .._http import errors, hints
from .._http.client import Client
from .._http.pool import Pool
from . import digest, filters, paging
from .collected import Collected


def read(
    client: Client,
    api: Generation,
    queries: list[Query],
    *,
    include_jobs: bool,
    recent_jobs: int,
    max_jobs: int,
    page_index: int | None = None,
) -> dict[str, Any]:
    """Ask every query and return ``jobs``, ``groups``, ``summary``, ``complete`` and the number of ``pages``.

    The first pages of all queries go out at once; then the queries are read one after the other, each with as many
    pages side by side as there are connections. So the result is the same whatever the timing.

    :param page_index: read that one page of the only query, and claim no completeness.
    :raises errors.Error: also incomplete, where any list is not proven whole.
    """
    pool = Pool(client.connection.concurrency)
    groups, answers, pages = [], [], 0
    try:
        begun = [_Question(client, api, pool, query, page_index or 0) for query in queries]
        for question in begun:
            collected = Collected(question.query, recent_jobs=recent_jobs, include_jobs=include_jobs)
            try:
                reading = question.one_page(collected) if page_index is not None else question.read(collected, max_jobs)
            except errors.Error as error:
                raise error.prefixed(f"{filters.named(question.query)}: ") from None
            pages += reading.pages
            answers.append(collected)
            groups.append(_group(collected, reading))
        filters.check(answers)
    except errors.Error as error:
        client.stop()
        raise _placed(error, client, api) from None
    finally:
        pool.close()
    result: dict[str, Any] = {
        "groups": groups,
        "summary": digest.summary(groups),
        "complete": page_index is None,
        "pages": pages,
    }
    if include_jobs:
        tagged = [(job, collected) for collected in answers for job in collected.jobs]
        tagged.sort(key=lambda pair: digest.newest_first(pair[0]))
        result["jobs"] = [collected.show(job) for job, collected in tagged]
    return result


def _placed(error: errors.Error, client: Client, api: Generation) -> errors.Error:
    """Return an error about a list as a whole, which no single request caused, with the address of them all."""
    if error.failure.kind == "arguments":
        return error  # nothing was sent
    url = client.connection.api_url + api.JOBS_PATH
    by_kind = hints.api(client.connection, _names.JOBS_SCOPE)
    return error.with_facts(method="GET", url=url, hint=by_kind.get(error.failure.kind))


class _Question:
    """A query on its way: its first page is asked for at once."""

    def __init__(self, client: Client, api: Generation, pool: Pool, query: Query, first_index: int) -> None:
        self.query = query
        self._client = client
        self._api = api
        self._pool = pool
        self._size = client.connection.page_size
        self._order = itertools.count()
        # The server counts jobs in all states or in one; of several it cannot tell.
        self._is_counted_there = query.count_only and len(query.states) <= 1
        self._first = self._ask(first_index, 1 if self._is_counted_there else self._size)

    def one_page(self, collected: Collected) -> paging.Reading:
        """Return the page that was asked for, and nothing more."""
        page = self._first.result().page
        collected.add(page.jobs)
        return paging.Reading(pages=1, total_count=page.total_count, next_link=page.next_link)

    def read(self, collected: Collected, max_jobs: int) -> paging.Reading:
        """Return the whole list, or its count where that is all that was asked for."""
        first: Future[paging.Answer] | None = self._first
        if self._is_counted_there:
            page = self._first.result().page
            collected.check_states(page.jobs)
            # A count no larger than the rows of its page may mean the page (api.md). Only reading the list shows it.
            is_empty = page.total_count == 0 and not page.jobs and page.next_link is None
            if page.total_count is not None and (page.total_count > len(page.jobs) or is_empty):
                return paging.Reading(pages=1, total_count=page.total_count)
            first = None
        return paging.read_all(
            self._ask,
            collected,
            page_size=self._size,
            max_jobs=max_jobs,
            window=self._client.connection.concurrency,
            first=first,
        )

    def _ask(self, index: int, size: int) -> Future[paging.Answer]:
        return self._pool.submit(lambda: self._fetch(index, size))

    def _fetch(self, index: int, size: int) -> paging.Answer:
        parameters = self._api.jobs_parameters(self.query, index, size)
        page = self._client.get(self._api.JOBS_PATH, parameters, _names.JOBS_SCOPE, self._decode)
        return paging.Answer(next(self._order), page)

    def _decode(self, payload: Any) -> Page:
        page = self._api.decode_jobs(payload)
        paging.refuse_foreign(page.next_link, self._client.connection.api_url)
        return page


def _group(collected: Collected, reading: paging.Reading) -> dict[str, Any]:
    query = collected.query
    if query.count_only:
        total = collected.digest.total_count if len(collected.ids) else reading.total_count
        facts = digest.counted(total or 0)
    else:
        facts = collected.digest.described(collected.show)
    return {
        "job_type": query.job_type,
        "object_type": query.object_type,
        "query": query.described(),
        **facts,
        "reported_total_count": reading.total_count,
        "next_link": reading.next_link,
    }
