# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The jobs of one or several queries: read side by side, proven complete, compared with each other, digested."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Callable

from .. import _names
from .._api.generations import Generation
from .._api.queries import Query
from .._api.records import Page
from .._http import bounds, errors, hints
from .._http.client import Client
from .._http.pool import Pool
from . import digest, filters, paging, wholes
from .collected import Collected
from .question import Question, Way

_MEMORY_HINT = (
    "Ask for a narrower window, lower page_size or concurrency, set include_jobs to false, or give the task memory."
)


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
    """Ask every query and return ``jobs``, ``groups``, ``overlaps``, ``summary``, ``complete`` and ``pages``.

    The first pages of all queries go out at once; then the queries are read one after the other, each with as many
    pages side by side as there are connections. So the result is the same whatever the timing.

    :param page_index: read that one page of the only query, and claim no completeness.
    :raises errors.Error: also incomplete, where any list is not proven whole, and unexpected_answer, where the lists
        show that a filter was ignored.
    """
    pool = Pool(client.connection.concurrency)
    way = Way(_fetcher(client, api), pool, client.connection.page_size, client.connection.concurrency)
    try:
        questions = [
            Question(way, query, Collected(query, recent_jobs=recent_jobs, include_jobs=include_jobs), page_index or 0)
            for query in queries
        ]
        if page_index is not None:
            questions[0].read_one_page()
        else:
            for question in questions:
                _read_whole(question, max_jobs)
            _prove(questions, max_jobs)
            if wholes.settle(questions, lambda question: _read_whole(question, max_jobs)):
                # What is kept is what was read last
                _prove(questions, max_jobs)
    except errors.Error as error:
        client.stop()
        raise _placed(error, client, api) from None
    except MemoryError:
        client.stop()
        raise errors.Error("unexpected_answer", "the jobs take more memory than there is", hint=_MEMORY_HINT) from None
    finally:
        pool.close()
    groups = [_group(question, api) for question in questions]
    result: dict[str, Any] = {
        "groups": groups,
        "overlaps": filters.overlaps([question.collected for question in questions]),
        "summary": digest.summary(groups),
        "complete": page_index is None,
        "pages": sum(question.pages for question in questions),
    }
    if include_jobs:
        tagged = [(job, question.collected) for question in questions for job in question.collected.jobs]
        tagged.sort(key=lambda pair: digest.newest_first(pair[0]))
        result["jobs"] = [collected.show(job) for job, collected in tagged]
    return result


def _fetcher(client: Client, api: Generation) -> Callable[[Query, int, int], Page]:
    """Return the function that asks for one page."""

    def fetch(query: Query, index: int, size: int) -> Page:
        def decode(payload: Any) -> Page:
            page = api.decode_jobs(payload, bounds.most_rows(size))
            paging.refuse_foreign(page.next_link, client.connection.api_url)
            return page

        parameters = api.jobs_parameters(query, index, size)
        return client.get(api.JOBS_PATH, parameters, _names.JOBS_SCOPE, decode, bounds.of_page(size))

    return fetch


def _read_whole(question: Question, max_jobs: int) -> None:
    try:
        question.read(max_jobs)
    except errors.Error as error:
        # A refused token or a dead connection is not specific to the list that met it first
        about_list = error.failure.kind in ("incomplete", "unexpected_answer", "rejected")
        raise (error.prefixed(f"{filters.named(question.query)}: ") if about_list else error) from None


def _prove(questions: Sequence[Question], max_jobs: int) -> None:
    """Disprove lists that end early and filters that were ignored.

    :raises errors.Error: incomplete, unexpected_answer.
    """
    _look_beyond(questions, max_jobs)
    filters.check([question.collected for question in questions])


def _look_beyond(questions: Sequence[Question], max_jobs: int) -> None:
    """Disprove counts that end where a page ends: a server may cap its pages and its counts alike.

    A list whose last page is as long as the longest page of the run is asked for one page more. Where that has new
    jobs, the list is read anew.

    :raises errors.Error: incomplete, where it still has.
    """
    doubtful = [question for question in questions if not question.is_counted]
    longest = max((question.reading.longest for question in doubtful), default=0)
    for _reading in range(paging.READINGS):
        doubtful = [question for question in doubtful if 0 < longest <= question.reading.last_rows]
        asked = [(question, question.ask_beyond(longest)) for question in doubtful]
        doubtful = [question for question, beyond in asked if question.brings_more(beyond, longest)]
        if not doubtful:
            return
        for question in doubtful:
            _read_whole(question, max_jobs)
    reported = doubtful[0].reading.total_count
    raise errors.Error(
        "incomplete",
        f"{filters.named(doubtful[0].query)}: the server counts {reported}, and the page after the last has more jobs",
        hint=paging.INCOMPLETE_HINT,
    )


def _placed(error: errors.Error, client: Client, api: Generation) -> errors.Error:
    """Return an error about a list as a whole, which no single request caused, with the address of them all."""
    if error.failure.kind == "arguments":
        return error  # nothing was sent
    url = client.connection.api_url + api.JOBS_PATH
    by_kind = hints.api(client.connection, _names.JOBS_SCOPE)
    return error.with_facts(method="GET", url=url, hint=by_kind.get(error.failure.kind))


def _group(question: Question, api: Generation) -> dict[str, Any]:
    query, reading = question.query, question.reading
    asked = api.counted_query(query) if question.is_counted else query
    if query.count_only:
        total = reading.total_count if question.is_counted else question.collected.digest.total_count
        facts = digest.counted(total or 0)
    else:
        facts = question.collected.digest.described(question.collected.show)
    return {
        "job_type": query.job_type,
        "object_type": query.object_type,
        "query": asked.described(),
        **facts,
        "reported_total_count": reading.total_count,
        "next_link": reading.next_link,
    }
