# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From options to questions, every mistake named by its option."""

from __future__ import annotations

import pytest
from ansible_collections.cloudbackup.m365.plugins.module_utils import _time
from ansible_collections.cloudbackup.m365.plugins.module_utils._api import generations, queries, records, v1, v2
from ansible_collections.cloudbackup.m365.plugins.module_utils._http import errors
from ansible_collections.cloudbackup.m365.plugins.modules import cloudbackup_jobs_info

NOW = _time.from_iso("2026-01-31T06:00:00Z")


def job(start, state="finished"):
    return records.Job("J1", state, None, start, None, records.Details(), ())


def test_no_option_is_one_question_for_everything():
    assert queries.from_options({}, NOW) == [queries.Query()]
    empty = {"job_types": [], "object_types": [], "states": [], "start_time": "", "location": "", "queries": []}
    assert queries.from_options(empty, NOW) == [queries.Query()]


def test_types_and_services_make_pairs_in_their_order():
    options = {"job_types": ["restore", "backup"], "object_types": ["teams", "onedrive", "teams"]}
    assert [(query.job_type, query.object_type) for query in queries.from_options(options, NOW)] == [
        ("restore", "teams"),
        ("restore", "onedrive"),
        ("backup", "teams"),
        ("backup", "onedrive"),
    ]


def test_queries_have_windows_of_their_own():
    options = {
        "queries": [{"job_type": "backup", "start_time": "7d"}, {"states": ["in_progress"]}, {"count_only": True}]
    }
    one, two, three = queries.from_options(options, NOW)
    assert one.described()["start_time"] == "2026-01-24T06:00:00Z"
    assert (two.start, two.finish, two.states) == (None, None, ("in_progress",))
    assert three.count_only


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"start_time": "soon"}, "start_time: 'soon'"),
        ({"finish_time": "never"}, "finish_time: 'never'"),
        ({"start_time": "1d", "finish_time": "2d"}, "start_time (2026-01-30T06:00:00Z) is after finish_time"),
        ({"queries": [{}, {"start_time": "soon"}]}, "queries[1].start_time"),
        ({"queries": [{"start_time": "1d", "finish_time": "2d"}]}, "is after queries[0].finish_time"),
        (
            {"queries": [{}], "states": ["failed"], "start_time": "7d"},
            "queries and states, start_time are mutually exclusive",
        ),
    ],
)
def test_a_mistake_names_its_option(options, named):
    with pytest.raises(errors.Error) as caught:
        queries.from_options(options, NOW)
    assert caught.value.failure.kind == "arguments"
    assert named in caught.value.message


def test_start_and_finish_may_be_the_same_instant():
    start, finish = queries.window({"start_time": "1d", "finish_time": "1d"}, NOW)
    assert start == finish


@pytest.mark.parametrize(("start", "held"), [(199, False), (200, True), (250, True), (300, True), (301, False)])
def test_a_job_belongs_to_the_window_by_its_start(start, held):
    assert queries.Query(start=200, finish=300).held([job(start)]) == ([job(start)] if held else [])


@pytest.mark.parametrize(
    ("state", "finish", "window", "is_held"),
    [
        ("finished", None, {}, True),
        ("finished", None, {"start": 5}, True),
        ("finished", 4, {"start": 5}, False),  # it started even earlier
        ("finished", 5, {"start": 5}, True),
        ("in_progress", None, {"start": 5}, True),  # queued: it starts in the future
        ("in_progress", None, {"start": 5, "finish": 9}, False),
    ],
)
def test_a_job_without_a_start_is_left_out_only_where_it_cannot_belong(state, finish, window, is_held):
    one = job(None, state)._replace(finish=finish)
    assert bool(queries.Query(**window).held([one])) is is_held


def test_the_jobs_that_ended_or_still_run_are_found_by_their_finish():
    query = queries.Query(start=1, ended_since=10)
    at = [job(2)._replace(finish=finish) for finish in (9, 10, 11)]
    others = [job(10), job(9), job(3, "in_progress"), job(None), job(None, "in_progress")]
    assert query.ended([*at, *others]) == [*at[1:], others[0], *others[2:]]
    assert queries.Query(start=1).ended(at) == []


def test_a_count_has_no_ended_jobs():
    with pytest.raises(errors.Error, match=r"queries\[0\].ended_since needs the jobs"):
        queries.from_options({"queries": [{"ended_since": "7d", "count_only": True}]}, 10**18)
    (query,) = queries.from_options({"queries": [{"ended_since": "1s"}]}, 10**18)
    assert query.ended_since == 10**18 - 10**7


@pytest.mark.parametrize(
    ("version", "start", "finish"),
    [("v1", "2026-01-24T06:00:00Z", "2026-01-31T05:00:00Z"), ("v2", "2026-01-23T00:00:00Z", "2026-01-31T23:59:59Z")],
)
def test_a_count_shows_the_days_that_were_counted(version, start, finish):
    window = [_time.from_iso(text) for text in ("2026-01-24T06:00:00Z", "2026-01-31T05:00:00Z")]
    query = generations.generation(version).counted_query(queries.Query(None, None, (), *window))
    assert (query.described()["start_time"], query.described()["finish_time"]) == (start, finish)


def test_several_states_are_filtered_here_and_an_unknown_one_never():
    query = queries.Query(states=("failed", "finished"))
    assert query.held([job(1, "failed")])
    assert not query.held([job(1, "in_progress")])
    assert query.held([job(1, "unknown")])


def test_a_count_has_no_page_to_be_read_alone():
    parameters = {"page_index": 0, "recent_jobs": 20, "max_jobs": 10}
    with pytest.raises(errors.Error, match="page_index reads one page and count_only none") as caught:
        cloudbackup_jobs_info.check(parameters, [queries.Query(count_only=True)], has_location=False)
    assert caught.value.failure.kind == "arguments"


def test_only_the_second_generation_is_asked_for_a_location():
    parameters = {"page_index": None, "recent_jobs": 20, "max_jobs": 10}
    located = [queries.Query(location="EUR")]
    cloudbackup_jobs_info.check(parameters, located, has_location=v2.HAS_LOCATION)
    with pytest.raises(errors.Error, match="location needs api_version v2"):
        cloudbackup_jobs_info.check(parameters, located, has_location=v1.HAS_LOCATION)
