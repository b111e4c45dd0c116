# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The jobs of one or several queries: records, digest and the proof that they are all there."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

from .. import _time
from .._api import queries as _queries
from .._api import records
from .._api.generations import Generation
from .._http import client as _client
from .._http import errors
from .._http import hints as _hints
from .._http import pool as _pool
from . import digest as _digest
from . import ids, paging

_FILTER_HINT = (
    "An answer that was not filtered as asked could pass for another. Nothing of it was used. Check what answers at "
    "api_url, such as a proxy that keeps answers; otherwise report it to the vendor."
)


class Collected:
    """The answer to one query; a sink for its pages."""

    def __init__(self, query: _queries.Query, *, recent_jobs: int, include_jobs: bool) -> None:
        self.query = query
        self._recent_jobs = recent_jobs
        self._include_jobs = include_jobs
        self.restart()

    def restart(self) -> None:
        """Forget every job: the list is read anew."""
        self.ids = ids.Ids()
        self.jobs: list[records.Job] = []
        self.digest = _digest.Digest(self._recent_jobs)

    def distinct(self) -> int:
        """How many different jobs the server sent."""
        return len(self.ids)

    def add(self, jobs: Sequence[records.Job]) -> int:
        """Take the jobs of a page that are new, and keep those that belong to the query.

        :raises _errors.Error: unexpected_answer, where the server's filter did not filter.
        """
        new = [job for job in jobs if self.ids.add(job.id)]
        self.check_states(new)
        held = self.query.held(new)
        self.digest.add(held)
        if self._include_jobs:
            self.jobs.extend(held)
        return len(new)

    def check_states(self, jobs: Sequence[records.Job]) -> None:
        """Refuse a job in another state than the one that the server was asked for; several it is not asked for.

        :raises _errors.Error: unexpected_answer.
        """
        if len(self.query.states) != 1:
            return
        (asked,) = self.query.states
        for job in jobs:
            if job.state not in (asked, records.UNKNOWN_STATE):
                raise errors.Error(
                    "unexpected_answer",
                    f"jobs in state {asked} were asked for, job {job.id} is {job.state}: the server ignores JobState",
                    hint=_FILTER_HINT,
                )

    def show(self, job: records.Job) -> dict[str, Any]:
        """A job as a result shows it, tagged with what only the query knows."""
        return {
            "id": job.id,
            "state": job.state,
            "state_text": job.state_text,
            "start_time": _iso(job.start),
            "finish_time": _iso(job.finish),
            "duration_seconds": duration_seconds(job),
            "job_type": self.query.job_type,
            "object_type": self.query.object_type,
            "backup_details": {name: getattr(job.details, name) for name in _digest.DETAIL_NAMES},
            "errors": [
                {"message": error.message, "code_url": error.code_url, "count": error.times} for error in job.errors
            ],
        }


def _iso(ticks: int | None) -> str | None:
    return None if ticks is None else _time.to_iso(ticks)


def duration_seconds(job: records.Job) -> float | None:
    """Finish minus start from the exact values, truncated to the millisecond; None while running or not known."""
    if job.state == "in_progress" or job.start is None or job.finish is None:
        return None
    return (job.finish - job.start) // _time.TICKS_PER_MILLISECOND / 1000


def read(
    client: _client.Client,
    api: Generation,
    queries: list[_queries.Query],
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
    :raises _errors.Error: also incomplete, where any list is not proven whole.
    """
    pool = _pool.Pool(client.connection.concurrency)
    groups, answers, pages = [], [], 0
    try:
        begun = [_Question(client, api, pool, query, page_index or 0) for query in queries]
        for question in begun:
            collected = Collected(question.query, recent_jobs=recent_jobs, include_jobs=include_jobs)
            try:
                reading = question.one_page(collected) if page_index is not None else question.read(collected, max_jobs)
            except errors.Error as error:
                raise error.prefixed(f"{_named(question.query)}: ") from None
            pages += reading.pages
            answers.append(collected)
            groups.append(_group(collected, reading))
        _check_filters(answers)
    except errors.Error as error:
        client.stop()
        raise _placed(error, client, api) from None
    finally:
        pool.close()
    result: dict[str, Any] = {
        "groups": groups,
        "summary": _digest.summary(groups),
        "complete": page_index is None,
        "pages": pages,
    }
    if include_jobs:
        tagged = [(job, collected) for collected in answers for job in collected.jobs]
        tagged.sort(key=lambda pair: _digest.newest_first(pair[0]))
        result["jobs"] = [collected.show(job) for job, collected in tagged]
    return result


def _placed(error: errors.Error, client: _client.Client, api: Generation) -> errors.Error:
    """What is wrong with a list as a whole comes of no one request: it is told of the address of them all."""
    if error.failure.kind == "arguments":
        return error  # nothing was sent
    url = client.connection.api_url + api.JOBS_PATH
    hints = _hints.api(client.connection, api.JOBS_SCOPE)
    return error.with_facts(method="GET", url=url, hint=hints.get(error.failure.kind))


class _Question:
    """A query on its way: its first page is asked for at once."""

    def __init__(
        self, client: _client.Client, api: Generation, pool: _pool.Pool, query: _queries.Query, first_index: int
    ) -> None:
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
        """The page that was asked for, and nothing more."""
        page = self._first.result().page
        collected.add(page.jobs)
        return paging.Reading(pages=1, total_count=page.total_count, next_link=page.next_link)

    def read(self, collected: Collected, max_jobs: int) -> paging.Reading:
        """The whole list, or its count where that is all that was asked for."""
        first: Future[paging.Answer] | None = self._first
        if self._is_counted_there:
            page = self._first.result().page
            collected.check_states(page.jobs)
            # A count that is no more than the rows beside it may mean the page (api.md): then only reading tells.
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
        page = self._client.get(self._api.JOBS_PATH, parameters, self._api.JOBS_SCOPE, self._decode)
        return paging.Answer(next(self._order), page)

    def _decode(self, payload: Any) -> records.Page:
        page = self._api.decode_jobs(payload)
        paging.refuse_foreign(page.next_link, self._client.connection.api_url)
        return page


def _group(collected: Collected, reading: paging.Reading) -> dict[str, Any]:
    query = collected.query
    if query.count_only:
        total = collected.digest.total_count if len(collected.ids) else reading.total_count
        digest = _digest.counted(total or 0)
    else:
        digest = collected.digest.described(collected.show)
    return {
        "job_type": query.job_type,
        "object_type": query.object_type,
        "query": query.described(),
        **digest,
        "reported_total_count": reading.total_count,
        "next_link": reading.next_link,
    }


def _named(query: _queries.Query) -> str:
    kind = f"{query.job_type or 'all'} jobs of {query.object_type or 'all services'}"
    return f"{kind} in {query.location}" if query.location else kind


def _check_filters(answers: list[Collected]) -> None:
    """No filter is believed: an answer that cannot be right means that the server ignores one.

    :raises _errors.Error: unexpected_answer.
    """
    for one, other in itertools.combinations(answers, 2):
        if not len(one.ids) or not len(other.ids):
            continue
        types = (one.query.job_type, other.query.job_type)
        if None not in types and types[0] != types[1]:
            shared = one.ids.shared(other.ids)
            if shared:
                raise errors.Error(
                    "unexpected_answer",
                    f"{shared} jobs came as {types[0]} jobs and as {types[1]} jobs: the server ignores JobType",
                    hint=_FILTER_HINT,
                )
        if _differ_in_service_alone(one.query, other.query) and _are_the_same(one.ids, other.ids):
            raise errors.Error(
                "unexpected_answer",
                f"{_named(one.query)} and {_named(other.query)} are the same jobs ({one.ids.shared(other.ids)} of "
                f"{max(len(one.ids), len(other.ids))}): the server ignores ObjectType",
                hint=_FILTER_HINT,
            )


def _are_the_same(one: ids.Ids, other: ids.Ids) -> bool:
    """Whether they share nine tenths: on a busy tenant jobs come and go between two readings of one list."""
    return 10 * one.shared(other) >= 9 * max(len(one), len(other))


def _differ_in_service_alone(one: _queries.Query, other: _queries.Query) -> bool:
    services = (one.object_type, other.object_type)
    if None in services or services[0] == services[1]:
        return False
    asked = [(q.job_type, q.states, q.start, q.finish, q.location) for q in (one, other)]
    return asked[0] == asked[1]
