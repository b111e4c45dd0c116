# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whole questions against a simulated server with its habits: what comes back is right, or it is refused."""

from __future__ import annotations

import pytest
from ansible_collections.cloudbackup.m365.plugins.module_utils import _time
from ansible_collections.cloudbackup.m365.plugins.module_utils._api import generations
from ansible_collections.cloudbackup.m365.plugins.module_utils._api import queries as _queries
from ansible_collections.cloudbackup.m365.plugins.module_utils._http import errors
from ansible_collections.cloudbackup.m365.plugins.module_utils._jobs import filters, reading
from ansible_collections.cloudbackup.m365.plugins.module_utils._jobs.collected import Collected

NOW = "2026-01-31T06:00:00Z"
NOW_TICKS = _time.from_iso(NOW)


def read(client, *queries, **options):
    return reading.read(
        client,
        generations.generation(client.connection.api_version),
        list(queries) or [_queries.Query()],
        **{"include_jobs": True, "recent_jobs": 5, "max_jobs": 5_000_000, **options},
    )


def refused(client, *queries):
    with pytest.raises(errors.Error) as caught:
        read(client, *queries)
    failure = caught.value.failure
    assert (failure.kind, failure.method) == ("unexpected_answer", "GET")
    assert failure.url == client.connection.api_url + "/cloudbackup/jobs"
    assert "were discarded" in failure.hint
    return caught.value.message


def digest(result):
    wire = ("next_link", "reported_total_count")
    return [{key: value for key, value in group.items() if key not in wire} for group in result["groups"]]


def backups(service, **options):
    return _queries.Query("backup", service, **options)


HABITS = [
    {"key_case": "camel"},
    {"key_case": "lower"},
    {"key_case": "upper"},
    {"next_link": "path"},
    {"next_link": "token"},
    {"next_link": "empty"},
    {"next_link": "absent"},
    {"next_link": "null"},
    {"page_base": 1},
    {"max_page_size": 7},
    {"max_page_size": 7, "page_base": 1},
    {"range_on": "finish"},
    {"total_means": "page"},
    {"total_means": "page", "next_link": "absent"},
    {"count_text": "on"},
    {"order": "oldest"},
    {"order": "shuffled"},
    {"state_names": "joined"},
    {"running_finish": "null"},
    {"running_finish": "absent"},
    {"v2_counts": "totalNumber"},
]


@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize("habits", HABITS, ids=str)
def test_where_the_documents_disagree_the_answer_is_the_same(habits, version, simulate, connect):
    asked = [
        backups("teams", start=NOW_TICKS - 9 * _time.TICKS_PER_DAY, finish=NOW_TICKS - _time.TICKS_PER_DAY),
        backups("onedrive"),
        _queries.Query(states=("failed", "in_progress")),
    ]
    answers = []
    for chosen in ({}, habits):
        simulator = simulate(scenario="large", jobs=150, now=NOW, seed=3, habits=chosen)
        client = connect(simulator, api_version=version, page_size=25)
        answers.append(read(client, *asked))
    usual, unusual = answers
    assert unusual["jobs"] == usual["jobs"]
    assert digest(unusual) == digest(usual)
    assert unusual["complete"] is True
    assert usual["jobs"]


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_connections_and_page_sizes_make_no_difference(version, simulate, connect):
    simulator = simulate("latency:seconds=0.002", scenario="large", jobs=300, now=NOW)
    asked = [backups("teams"), backups("onedrive"), _queries.Query("restore"), _queries.Query(states=("in_progress",))]
    answers = []
    for connections, page_size in ((1, 1000), (1, 7), (2, 1), (2, 50), (8, 3), (8, 1), (8, 300)):
        client = connect(simulator, api_version=version, concurrency=connections, page_size=page_size)
        answers.append(read(client, *asked))
    assert all(answer["jobs"] == answers[0]["jobs"] for answer in answers)
    assert all(digest(answer) == digest(answers[0]) for answer in answers)


def test_no_page_but_the_first_is_asked_for_twice_whatever_the_number_of_connections(simulate, connect):
    """The first is compared again at the end, and nothing may come after the last page, which is a full one."""
    simulator = simulate("latency:seconds=0.005", jobs=200)
    client = connect(simulator, page_size=10, concurrency=8)
    assert read(client)["pages"] == 22
    asked = [int(request.query["PageIndex"]) for request in simulator.requests if request.method == "GET"]
    assert sorted(asked) == [0, *range(21)]
    assert client.traffic.requests == 22


def test_a_refused_token_is_asked_for_once_though_many_wait_for_it(simulate, connect):
    simulator = simulate("status:on=token,code=400,error=invalid_client")
    with pytest.raises(errors.Error):
        read(connect(simulator, concurrency=8), *(backups(service) for service in ("teams", "onedrive", "power_bi")))
    assert [request.method for request in simulator.requests] == ["POST"]


def test_the_first_failure_ends_it_whatever_the_others_still_wait_for(simulate, connect):
    simulator = simulate("status:code=400,on=jobs,times=1", "status:code=503,on=jobs")
    client = connect(simulator, concurrency=4, retries=4)
    client._pause, client._jitter = client._wait, lambda: 0.1
    with pytest.raises(errors.Error):
        read(client, backups("teams"), backups("onedrive"), backups("power_bi"))
    assert client._stopped.is_set()


@pytest.mark.parametrize("details", ["int", "absent"])
def test_details_that_are_less_are_null_and_not_zero(details, simulate, connect):
    result = read(connect(simulate(jobs=5, habits={"details": details})))
    shown = result["jobs"][-1]["backup_details"]
    assert shown["failed_count"] is None
    assert (shown["total_count"] is None) == (details == "absent")
    assert result["groups"][0]["objects"]["failed_count"] is None


def test_a_server_that_ignores_the_window_changes_nothing(simulate, connect):
    window = {"start": NOW_TICKS - 5 * _time.TICKS_PER_DAY, "finish": NOW_TICKS - 2 * _time.TICKS_PER_DAY}
    answers = []
    for ignored in ([], ["StartTime", "FinishTime"]):
        client = connect(simulate(now=NOW, habits={"ignore": ignored}))
        answers.append(read(client, backups("teams", **window)))
    assert answers[0]["jobs"] == answers[1]["jobs"]
    assert digest(answers[0]) == digest(answers[1])


def test_a_server_that_ignores_the_state_is_refused(simulate, connect):
    client = connect(simulate(scenario="failing", habits={"ignore": ["JobState"]}))
    assert "the server ignores JobState" in refused(client, _queries.Query(states=("failed",)))


def test_a_count_of_a_server_that_ignores_the_state_is_refused(simulate, connect):
    client = connect(simulate(scenario="healthy", habits={"ignore": ["JobState"]}))
    assert "the server ignores JobState" in refused(client, _queries.Query(states=("failed",), count_only=True))


def test_a_server_that_ignores_type_and_location_is_refused(simulate, connect):
    client = connect(simulate(habits={"ignore": ["JobType"], "multi_geo": "on"}))
    message = refused(client, _queries.Query("backup", location="NAM"), _queries.Query("restore"))
    assert "the server ignores JobType" in message


def test_a_server_that_ignores_the_job_type_is_refused(simulate, connect):
    client = connect(simulate(habits={"ignore": ["JobType"]}))
    message = refused(client, _queries.Query("backup"), _queries.Query("restore"))
    assert "the server ignores JobType" in message


def test_a_server_that_ignores_the_service_is_refused(simulate, connect):
    client = connect(simulate(habits={"ignore": ["ObjectType"]}))
    assert "the server ignores ObjectType" in refused(client, backups("teams"), backups("onedrive"))


def test_an_ignored_service_is_noticed_while_jobs_come(simulate, connect):
    client = connect(simulate(habits={"ignore": ["ObjectType"], "growth": 1}))
    message = refused(client, backups("teams"), backups("onedrive"), backups("exchange_online"))
    assert "the server ignores ObjectType" in message


def answer(service, names):
    collected = Collected(backups(service), recent_jobs=0, include_jobs=False)
    for name in names:
        collected.ids.add(name)
    return collected


@pytest.mark.parametrize(
    ("shared", "more", "fewer", "is_ignored"),
    [
        (5, 5, 5, True),
        (4, 4, 4, False),  # no proof on short lists
        (4, 100, 4, False),
        (5, 100, 5, True),
        (9, 10, 10, True),
        (8, 9, 9, False),
        (18, 100, 20, True),
        (17, 100, 20, False),
    ],
)
def test_a_list_with_nine_tenths_of_another_one_is_an_ignored_filter(shared, more, fewer, is_ignored):
    many = answer("teams", [f"T{number}" for number in range(more)])
    few = answer("onedrive", [f"{'T' if number < shared else 'O'}{number}" for number in range(fewer)])
    for pair in ((many, few), (few, many)):
        if is_ignored:
            with pytest.raises(errors.Error, match="the server ignores ObjectType"):
                filters.check(pair)
        else:
            filters.check(pair)
            assert filters.overlaps(pair) == [{"groups": [0, 1], "shared": shared}]


@pytest.mark.parametrize(("rows", "is_ignored"), [(3, True), (2, False)])
def test_a_list_with_the_jobs_of_all_other_short_ones_is_an_ignored_filter(rows, is_ignored):
    """Of a small tenant no single list is proof enough: here two of them are 6 jobs, or 4."""
    others = [answer(service, [f"{service}{number}" for number in range(rows)]) for service in ("onedrive", "teams")]
    everything = answer("power_bi", [f"{name}{number}" for name in ("onedrive", "teams") for number in range(rows)])
    if is_ignored:
        with pytest.raises(errors.Error, match=r"backup jobs of power_bi have the jobs of all others \(6 of 6\)"):
            filters.check([*others, everything])
    else:
        filters.check([*others, everything])
    filters.check(others)


def test_services_without_any_job_are_not_taken_for_an_ignored_filter(simulate, connect):
    result = read(connect(simulate(scenario="empty")), backups("teams"), backups("onedrive"))
    assert result["summary"]["total_count"] == 0
    assert result["complete"] is True


def test_the_same_service_may_be_asked_in_two_windows(simulate, connect):
    client = connect(simulate(now=NOW))
    whole = backups("teams")
    part = backups("teams", start=NOW_TICKS - 2 * _time.TICKS_PER_DAY)
    counts = [group["total_count"] for group in read(client, whole, part)["groups"]]
    assert counts[0] > counts[1] > 0


def test_unknown_states_are_counted_and_never_filtered_away(simulate, connect):
    client = connect(simulate(jobs=20, habits={"unknown_state": 4}))
    everything = read(client)["groups"][0]
    some = read(client, _queries.Query(states=("failed", "in_progress")))
    assert everything["by_state"]["unknown"] > 0
    assert some["groups"][0]["by_state"]["unknown"] == everything["by_state"]["unknown"]
    assert {job["state_text"] for job in some["jobs"] if job["state"] == "unknown"} == {"Suspended"}


def test_a_count_costs_one_request(simulate, connect):
    simulator = simulate(jobs=257)
    client = connect(simulator)
    result = read(client, _queries.Query(count_only=True))
    assert result["groups"][0]["total_count"] == 257
    assert client.traffic.requests == result["pages"] == 1
    assert simulator.requests[-1].query["PageSize"] == "1"


@pytest.mark.parametrize("jobs", [0, 1, 2, 30])
def test_a_count_that_may_mean_the_page_is_not_believed(jobs, simulate, connect):
    habits = {"total_means": "page", "next_link": "absent"}
    client = connect(simulate(jobs=jobs, habits=habits), page_size=10)
    assert read(client, _queries.Query(count_only=True))["groups"][0]["total_count"] == jobs


def test_a_count_of_several_states_is_counted_here(simulate, connect):
    client = connect(simulate(scenario="large", jobs=200))
    states = ("failed", "in_progress")
    counted = read(client, _queries.Query(states=states, count_only=True))["groups"][0]
    assert counted["total_count"] == read(client, _queries.Query(states=states))["groups"][0]["total_count"]
    assert counted["by_state"]["failed"] is None


def test_a_single_page_claims_nothing(simulate, connect):
    client = connect(simulate(jobs=25), page_size=10)
    result = read(client, page_index=2)
    assert (len(result["jobs"]), result["complete"]) == (5, False)
    first = read(client, page_index=0)
    assert first["groups"][0]["next_link"]
    assert first["groups"][0]["reported_total_count"] == 25


def test_running_jobs_are_asked_without_a_time(simulate, connect):
    simulator = simulate()
    read(connect(simulator), _queries.Query(states=("in_progress",)))
    asked = simulator.requests[-1].query
    assert "StartTime" not in asked
    assert "FinishTime" not in asked


def test_a_job_that_changes_its_state_between_filter_and_answer_is_read_again(simulate, connect):
    changed = 'set:on=jobs,times=1,field=Jobs.0.State,value="Finished"'
    client = connect(simulate(changed))
    assert read(client, _queries.Query(states=("in_progress",)))["groups"][0]["by_state"]["in_progress"] == 1
    assert client.traffic.requests > 1


def test_a_job_that_is_always_in_another_state_is_an_ignored_filter(simulate, connect):
    client = connect(simulate('set:on=jobs,field=Jobs.0.State,value="Finished"'))
    assert "the server ignores JobState" in refused(client, _queries.Query(states=("in_progress",)))


@pytest.mark.parametrize("hours", [-12, -8, 0, 8, 14])
def test_a_server_that_takes_a_date_as_its_local_day_loses_no_job(hours, simulate, connect):
    """v2 asks for dates: every job from the start of the window on is there, whatever the server's time zone."""
    rows = [
        {"id": f"J{hour}", "object_type": "teams", "start": f"{hour}h", "finish": f"{hour}h"} for hour in range(1, 100)
    ]
    client = connect(
        simulate(scenario="empty", rows=rows, now=NOW, habits={"date_offset_hours": hours}), api_version="v2"
    )
    window = backups("teams", start=NOW_TICKS - 3 * _time.TICKS_PER_DAY)
    bounded = window._replace(finish=NOW_TICKS - _time.TICKS_PER_DAY)
    counts = [group["total_count"] for group in read(client, window, bounded)["groups"]]
    assert counts == [72, 49]


@pytest.mark.parametrize("page_size", [1, 10, 11, 30, 100])
def test_a_capped_count_is_not_taken_for_the_whole(page_size, simulate, connect):
    """TotalCount never exceeds 20 and no link promises more: the rest of 33 jobs must not be missing."""
    client = connect(simulate(jobs=33, habits={"max_total": 20, "next_link": "absent"}), page_size=page_size)
    with pytest.raises(errors.Error) as caught:
        read(client)
    assert caught.value.failure.kind == "incomplete"


@pytest.mark.parametrize("status", [400, 404])
def test_a_server_that_refuses_the_page_after_the_last_has_none(status, simulate, connect):
    simulator = simulate(f"status:on=jobs,after=1,code={status}", jobs=5)
    assert read(connect(simulator))["complete"] is True
    assert len(simulator.requests) == 3


def test_the_parts_are_read_again_where_jobs_started_meanwhile(simulate, connect):
    """Four jobs a request: the count that came first is too small, and the one that comes last is not."""
    client = connect(simulate(scenario="healthy", habits={"growth": 1}), page_size=1000)
    lists = [backups(service) for service in ("exchange_online", "sharepoint_online", "onedrive", "teams")]
    groups = read(client, _queries.Query("backup", count_only=True), *lists)["groups"]
    whole, *parts = [group["reported_total_count"] for group in groups]
    assert sum(parts) <= whole


def test_a_filter_that_is_ignored_when_the_parts_are_read_again_is_refused(simulate, connect):
    """The second lists are kept. Together they are no more than the whole, since all of them are the same."""
    client = connect(simulate(scenario="healthy"), page_size=1000, concurrency=1)
    services = ("exchange_online", "sharepoint_online", "onedrive", "teams")
    ask, services_asked = client.get, []

    def ask_through_what_drops_the_filter(path, parameters, *others):
        services_asked.append(parameters.get("ObjectType"))
        counts = services_asked.count(None)
        if services_asked[-1] is None and counts <= 2:
            # The count of the whole is late, so that the lists are read anew
            page = ask(path, parameters, *others)
            return page._replace(total_count=page.total_count - 50)
        if counts == 2:
            parameters = {name: value for name, value in parameters.items() if name != "ObjectType"}
        return ask(path, parameters, *others)

    client.get = ask_through_what_drops_the_filter
    message = refused(client, _queries.Query("backup", count_only=True), *map(backups, services))
    assert "the server ignores ObjectType" in message


def test_a_location_is_never_sent_unasked(simulate, connect):
    simulator = simulate(habits={"multi_geo": "off"})
    client = connect(simulator, api_version="v2")
    assert read(client, backups("teams"))["jobs"]
    assert "location" not in {name.lower() for name in simulator.requests[-1].query}
    assert read(client, backups("teams", location="EUR"))["jobs"] == []


@pytest.mark.parametrize("every", [2, 3, 5])
def test_growth_while_a_list_is_read_is_no_fault(every, simulate, connect):
    """Four new jobs every so many requests: none that existed throughout is missing, none counted twice."""
    before = read(connect(simulate(jobs=60, now=NOW, seed=2), page_size=100))["jobs"]
    client = connect(simulate(jobs=60, now=NOW, seed=2, habits={"growth": every}), page_size=10)
    ids = [job["id"] for job in read(client)["jobs"]]
    assert len(ids) == len(set(ids))
    assert {job["id"] for job in before} < set(ids)


@pytest.mark.parametrize("habits", [{"growth": 1}, {"removal": 1}, {"removal": 3}], ids=str)
def test_a_list_that_changes_faster_than_it_is_read_is_never_passed_on_in_part(habits, simulate, connect):
    with pytest.raises(errors.Error) as caught:
        read(connect(simulate(jobs=60, now=NOW, seed=2, habits=habits), page_size=10))
    assert caught.value.failure.kind == "incomplete"


def test_a_whole_is_counted_again_where_jobs_start_between_its_count_and_those_of_its_parts(simulate, connect):
    export = {"id": "E", "object_type": "teams", "job_type": "export", "start": "1h", "finish": "50m"}
    client = connect(simulate(rows=[export], habits={"growth": 1}), concurrency=1)
    counted = [_queries.Query(job_type, "teams", count_only=True) for job_type in (None, "export")]
    whole, exports, own = (
        group["reported_total_count"] for group in read(client, *counted, backups("teams"))["groups"]
    )
    assert exports == 1
    assert own + exports <= whole
