# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every way in which a list of pages can lie, without HTTP."""

from __future__ import annotations

import dataclasses
import itertools
from concurrent.futures import Future

import pytest
from ansible_collections.cloudbackup.m365.plugins.module_utils import _names
from ansible_collections.cloudbackup.m365.plugins.module_utils._api import queries, records
from ansible_collections.cloudbackup.m365.plugins.module_utils._http import errors
from ansible_collections.cloudbackup.m365.plugins.module_utils._jobs import digest, paging
from ansible_collections.cloudbackup.m365.plugins.module_utils._jobs.collected import Collected
from hypothesis import given, settings
from hypothesis import strategies as st


def job(number, state="finished"):
    return records.Job(f"J{number:06}", state, None, 10**18 - number, None, records.Details(), ())


@dataclasses.dataclass
class Server:
    """A list that is paged as one wishes; ``before_page`` may change it."""

    numbers: list
    base: int = 0
    cap: int = 10**6
    links: str = "honest"
    total: str = "whole"
    before_page: object = None
    asked: list = dataclasses.field(default_factory=list)

    def ask(self, index, size):
        self.asked.append((index, size))
        if self.before_page is not None:
            self.before_page(self, len(self.asked))
        size = min(size, self.cap)
        first = max(index - self.base, 0) * size
        rows = self.numbers[first : first + size]
        more = first + len(rows) < len(self.numbers)
        link = {"honest": "more" if more and rows else None, "never": None, "always": "more"}[self.links]
        on_first = len(self.numbers) if index <= self.base else None
        total = {"whole": len(self.numbers), "page": len(rows), "first": on_first, "none": None}[self.total]
        return records.Page(total, tuple(job(number) for number in rows), link)


def read(server, page_size=10, max_jobs=10**6, window=1):
    sink = Collected(queries.Query(), recent_jobs=0, include_jobs=True)
    order = itertools.count()

    def ask(index, size):
        answer = Future()
        answer.set_result(paging.Answer(next(order), server.ask(index, size)))
        return answer

    reading = paging.read_all(ask, sink, page_size=page_size, max_jobs=max_jobs, window=window)
    return [int(job.id[1:]) for job in sink.jobs], reading


def refused(server, **options):
    with pytest.raises(errors.Error) as caught:
        read(server, **options)
    assert caught.value.failure.kind == "incomplete"
    return caught.value


@pytest.mark.parametrize("page_size", [1, 2, 10, 99, 100, 101, 1000])
@pytest.mark.parametrize("links", ["honest", "never"])
def test_an_honest_server_is_read_whole_and_once(page_size, links):
    server = Server(list(range(100)), links=links)
    numbers, reading = read(server, page_size)
    assert numbers == list(range(100))
    # A count that equals a full page might mean the page, so one more is asked for. Of several pages the first is
    # compared again at the end.
    assert reading.pages == len(server.asked) == -(-100 // page_size) + (page_size <= 100)


def test_an_empty_list_is_whole():
    numbers, reading = read(Server([]))
    assert (numbers, reading.pages, reading.total_count, reading.problem) == ([], 1, 0, None)


@given(
    st.integers(0, 60),
    st.integers(1, 70),
    st.integers(0, 1),
    st.integers(1, 70),
    st.sampled_from(["honest", "never"]),
    st.sampled_from(["whole", "first"]),
)
def test_page_base_and_cap_make_no_difference(count, page_size, base, cap, links, total):
    server = Server(list(range(count)), base=base, cap=cap, links=links, total=total)
    assert sorted(read(server, page_size)[0]) == list(range(count))


@pytest.mark.parametrize("count", [1, 9, 10, 11, 20, 25])
@pytest.mark.parametrize("base", [0, 1])
def test_a_count_of_the_page_is_read_on_to_an_empty_page(count, base):
    for links in ("honest", "always"):
        server = Server(list(range(count)), base=base, total="page", links=links)
        assert sorted(read(server)[0]) == list(range(count))


def test_a_full_page_whose_count_means_the_page_is_not_taken_for_all():
    assert sorted(read(Server(list(range(25)), total="page", links="never"))[0]) == list(range(25))


def test_a_link_that_promises_more_than_the_count_is_followed_to_an_empty_page():
    server = Server(list(range(20)), links="always")
    assert len(read(server)[0]) == 20
    assert [index for index, _size in server.asked] == [0, 1, 2, 0]


def test_without_a_count_nothing_is_proven():
    assert "TotalCount" in refused(Server(list(range(25)), total="none")).message


def test_rows_that_are_lost_are_noticed_also_where_the_first_page_alone_has_a_count():
    server = Server(list(range(30)), total="first")
    honest = server.ask
    server.ask = lambda index, size: honest(index, size)._replace(jobs=honest(index, size).jobs[:-1])
    assert "TotalCount is 30" in refused(server).message


def test_a_full_page_without_a_count_is_not_taken_for_all():
    server = Server(list(range(25)), links="never")
    honest = server.ask
    server.ask = lambda index, size: honest(index, size)._replace(**({} if index else {"total_count": None}))
    assert read(server)[0] == list(range(25))


def test_rows_that_are_lost_are_noticed():
    server = Server(list(range(30)))
    honest = server.ask
    server.ask = lambda index, size: honest(index, size)._replace(jobs=honest(index, size).jobs[:-1])
    assert "27 different jobs were returned, but TotalCount is 30" in refused(server).message


def test_a_row_that_is_lost_once_is_read_anew():
    server = Server(list(range(30)))
    honest = server.ask

    def ask(index, size):
        page = honest(index, size)
        return page._replace(jobs=page.jobs[1:]) if len(server.asked) == 2 else page

    server.ask = ask
    assert len(read(server)[0]) == 30


def test_a_server_that_ignores_the_page_index_is_refused():
    server = Server(list(range(30)))
    honest = server.ask
    server.ask = lambda index, size: honest(0, size)
    assert "no new jobs" in refused(server).message


def test_an_empty_first_page_that_promises_jobs_is_refused():
    server = Server(list(range(30)))
    honest = server.ask
    server.ask = lambda index, size: honest(index, size)._replace(jobs=())
    assert "0 different jobs" in refused(server).message


def test_duplicates_do_not_fill_the_count():
    server = Server([*range(20), 5, 6, 7])
    assert "20 different jobs were returned, but TotalCount is 23" in refused(server).message


def test_a_list_over_max_jobs_is_refused_by_its_count_naming_the_option():
    server = Server(list(range(30)))
    error = refused(server, max_jobs=29)
    assert "max_jobs" in error.message
    assert "max_jobs" in error.failure.hint
    assert len(server.asked) == 1
    assert len(read(Server(list(range(30))), max_jobs=30)[0]) == 30


def test_an_endless_list_ends():
    def grow(server, asked):
        server.numbers.extend(range(len(server.numbers), len(server.numbers) + 10))

    assert "max_jobs" in refused(Server([], links="always", before_page=grow, total="page"), max_jobs=200).message


def test_a_count_that_falls_is_read_anew():
    def shrink_once(server, asked):
        if asked == 2:
            del server.numbers[0]

    server = Server(list(range(30)), before_page=shrink_once)
    assert sorted(read(server)[0]) == list(range(1, 30))


def test_a_count_that_keeps_falling_is_refused():
    def shrink(server, asked):
        del server.numbers[0]

    assert "fell" in refused(Server(list(range(300)), before_page=shrink)).message


@settings(max_examples=200)
@given(
    st.integers(1, 40),
    st.integers(1, 12),
    st.dictionaries(st.integers(2, 8), st.integers(1, 5), max_size=3),
    st.sampled_from(["front", "back"]),
)
def test_growth_loses_and_doubles_nothing(count, page_size, arrivals, where):
    """No job that existed throughout may be missing, none counted twice."""

    def grow(server, asked):
        new = list(range(1000 * asked, 1000 * asked + arrivals.pop(asked, 0)))
        server.numbers[:] = [*new, *server.numbers] if where == "front" else [*server.numbers, *new]

    numbers, _reading = read(Server(list(range(count)), before_page=grow), page_size)
    assert len(set(numbers)) == len(numbers)
    assert set(range(count)) <= set(numbers)


def change_once(at, change):
    """A list whose numbers change as a certain page is asked for."""

    def before_page(server, asked):
        if asked == at:
            change(server.numbers)

    return before_page


def remove_first(numbers):
    del numbers[0]


def remove_first_and_grow(numbers):
    del numbers[0]
    numbers.append(len(numbers) + 1)


def remove_second_page_and_grow(numbers):
    del numbers[12]
    numbers.insert(0, 1000)


@pytest.mark.parametrize("links", ["honest", "never"])
@pytest.mark.parametrize("total", ["page", "whole"])
@pytest.mark.parametrize("change", [remove_first, remove_first_and_grow, remove_second_page_and_grow])
@pytest.mark.parametrize("at", [2, 3])
def test_a_row_that_moves_to_a_page_that_was_read_already_is_not_missed(at, change, total, links):
    """However the server counts: a row is removed between two pages, and perhaps a new one makes up for the count."""
    server = Server(list(range(40)), total=total, links=links, before_page=change_once(at, change))
    assert sorted(read(server)[0]) == sorted(server.numbers)


@pytest.mark.parametrize("total", ["page", "whole"])
def test_a_list_that_loses_its_first_row_again_and_again_is_refused(total):
    server = Server(list(range(400)), total=total, before_page=lambda server, asked: remove_first(server.numbers))
    refused(server)


def test_a_list_of_several_pages_that_are_counted_one_by_one_is_read_twice():
    server = Server(list(range(25)), total="page", links="never")
    assert len(read(server)[0]) == 25
    assert [index for index, _size in server.asked] == [0, 1, 2, 0, 1, 2]
    server = Server(list(range(9)), total="page", links="never")
    assert len(read(server)[0]) == 9
    assert len(server.asked) == 1


@pytest.mark.parametrize("total", ["page", "whole"])
def test_growth_is_no_fault_however_the_server_counts(total):
    def grow(server, asked):
        if asked % 2:
            server.numbers.insert(0, 1000 + asked)

    server = Server(list(range(40)), total=total, before_page=grow)
    assert set(range(40)) <= set(read(server)[0])


def test_rows_that_come_twice_without_growth_are_not_taken_for_it():
    """A row that is lost behind a duplicate leaves no trace in the counts of pages."""
    server = Server(list(range(25)), total="page")
    honest = server.ask

    def ask(index, size):
        page = honest(index, size)
        return page._replace(jobs=(*page.jobs[:-1], page.jobs[0])) if index == 1 else page

    server.ask = ask
    assert "1 rows were returned twice" in refused(server).message


@pytest.mark.parametrize("size", [5, 10, 30])
def test_a_server_that_counts_from_one_may_answer_page_0_empty(size):
    server = Server(list(range(30)))
    honest = server.ask

    def ask(index, size):
        page = honest(max(index - 1, 0), size)
        return page if index else page._replace(jobs=(), next_link=None)

    server.ask = ask
    assert read(server, page_size=size)[0] == list(range(30))


class Late(Future):
    """An answer that is made only when it is waited for, in an order that a test chooses."""

    def __init__(self, make):
        super().__init__()
        self.make = make

    def result(self, timeout=None):
        if not self.done():
            self.set_result(self.make())
        return super().result(timeout)


@given(
    st.lists(st.sampled_from(_names.ALL_STATES), max_size=60),
    st.integers(1, 70),
    st.sampled_from([1, 2, 8]),
    st.sampled_from(["front", "back"]),
    st.randoms(use_true_random=False),
)
def test_the_digest_of_pages_is_the_digest_of_the_whole_list(states, page_size, window, answered, random):
    """From any page size and any number of connections, in whatever order the pages come."""
    jobs = [job(number, state) for number, state in enumerate(states)]
    random.shuffle(jobs)
    whole = digest.Digest(5)
    whole.add(jobs)
    order = itertools.count()
    waiting = []

    def ask(index, size):
        rows = tuple(jobs[index * size : index * size + size])
        more = (index + 1) * size < len(jobs)
        answer = Late(lambda: paging.Answer(next(order), records.Page(len(jobs), rows, "more" if more else None)))
        waiting.append(answer)
        if len(waiting) == window:
            # The others of the window come first, or last.
            for late in random.sample(waiting, len(waiting)) if answered == "front" else []:
                late.result()
            waiting.clear()
        return answer

    sink = Collected(queries.Query(), recent_jobs=5, include_jobs=False)
    paging.read_all(ask, sink, page_size=page_size, max_jobs=1000, window=window)
    assert sink.digest.described(lambda item: {"id": item.id}) == whole.described(lambda item: {"id": item.id})


def test_no_more_pages_are_asked_for_than_the_window_and_the_count_allow():
    server = Server(list(range(95)))
    asked = []
    honest = server.ask

    def ask(index, size):
        asked.append(index)
        return honest(index, size)

    server.ask = ask
    assert len(read(server, window=4)[0]) == 95
    assert sorted(asked) == [0, *range(10)]


def most_waiting(server, window):
    """The list read by a window, and how many answers were waited for at once, reading by reading."""
    waiting, most = 0, []
    order = itertools.count()

    def ask(index, size):
        nonlocal waiting
        waiting += 1
        if index == 0:
            most.append(0)
        most[-1] = max(most[-1], waiting)

        def make():
            nonlocal waiting
            waiting -= 1
            return paging.Answer(next(order), server.ask(index, size))

        return Late(make)

    sink = Collected(queries.Query(), recent_jobs=0, include_jobs=True)
    paging.read_all(ask, sink, page_size=10, max_jobs=10**6, window=window)
    return most


@pytest.mark.parametrize("window", [1, 2, 4])
def test_never_more_answers_are_waited_for_than_the_window_allows(window):
    in_the_reading, at_the_front = most_waiting(Server(list(range(95))), window)
    assert (in_the_reading, at_the_front) == (window, 1)


def test_a_list_that_is_read_anew_is_read_page_by_page():
    def shrink_once(server, asked):
        if asked == 3:
            del server.numbers[0]

    assert most_waiting(Server(list(range(95)), before_page=shrink_once), 4) == [4, 1, 1]


@pytest.mark.parametrize("window", [1, 4])
def test_jobs_that_come_while_the_front_is_read_again_are_caught_up_with_in_the_same_reading(window):
    arrivals = {3: range(100, 115), 8: [200]}

    def grow(server, asked):
        server.numbers[:0] = arrivals.get(asked, [])

    server = Server(list(range(30)), before_page=grow)
    assert len(read(server, window=window)[0]) == 46
    caught_up, compared = [*range(6), 0, 1, 2, 0], [0, 1, 2]
    assert [index for index, _size in server.asked] == caught_up + compared


@pytest.mark.parametrize(
    ("link", "foreign"),
    [
        (None, False),
        ("/cloudbackup/jobs?PageIndex=1", False),
        ("cloudbackup/jobs?PageIndex=1", False),
        ("?PageIndex=1", False),
        ("eyJwYWdlIjoxfQ==", False),
        ("https://api.example/cloudbackup/jobs?PageIndex=1", False),
        ("https://API.example:443/x", False),
        ("/jobs?back=https://evil.example/", False),
        ("https://evil.example/cloudbackup/jobs", True),
        ("http://api.example/cloudbackup/jobs", True),
        ("https://api.example:8443/", True),
        ("//evil.example/x", True),
        ("\\\\evil.example\\x", True),
        ("https://api.example@evil.example/", True),
        ("ftp://api.example/", True),
        ("https://[bad/", True),
    ],
)
def test_a_next_link_on_another_origin_is_refused(link, foreign):
    if not foreign:
        paging.refuse_foreign(link, "https://api.example")
        return
    with pytest.raises(errors.Error, match="another origin") as caught:
        paging.refuse_foreign(link, "https://api.example")
    assert caught.value.failure.kind == "unexpected_answer"


@pytest.mark.parametrize("links", ["honest", "never", "always"])
@pytest.mark.parametrize("rows", [1, 3])
def test_a_list_of_tiny_pages_that_promises_millions_ends_soon(rows, links):
    server = Server(range(5_000_000), cap=rows, links=links)
    error = refused(server, page_size=100, max_jobs=5_000_000, window=4)
    assert len(server.asked) < 1_010
    for shown in ("1001 requests returned", "the server reports 5000000", "the limit is 1000 requests"):
        assert shown in error.message
    assert "page_size is 100" in error.failure.hint


@pytest.mark.parametrize(("cap", "page_size"), [(10, 100), (4, 100), (1, 1), (10, 10), (7, 10_000)])
def test_small_pages_are_read_as_long_as_they_bring_jobs(cap, page_size):
    server = Server(list(range(5_000)), cap=cap)
    assert len(read(server, page_size=page_size)[0]) == 5_000


def test_the_longest_list_is_read_in_ordinary_pages():
    """As many pages as five million jobs have, with fewer rows: the bound counts both."""
    server = Server(list(range(100_000)), cap=20)
    assert len(read(server, page_size=20)[0]) == 100_000


def test_a_list_that_grows_with_every_page_ends():
    """Each page has nine old rows and a new one, for ever."""

    def grow(server, _asked):
        server.numbers.insert(0, -len(server.numbers))

    class Growing(Server):
        def ask(self, index, size):
            page = super().ask(1, 10)
            return page._replace(total_count=page.total_count + 1_000_000, next_link="more")

    server = Growing(list(range(40)), before_page=grow)
    refused(server, page_size=10, max_jobs=5_000_000)
    assert len(server.asked) < 4_000
