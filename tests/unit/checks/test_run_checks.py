# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.cloudbackup.m365.tests.unit.readings import (
    READ_START,
    SERVICES,
    WINDOW_START,
    ago,
    count,
    group,
    healthy,
    history,
    job,
    judge,
    only,
    outcome,
    read,
    result,
)

GOOD, BAD, RUNS, ODD = "finished", "failed", "in_progress", "Paused"
EXCEPTED, PARTIAL = "finished_with_exception", "partially_finished"
DAY = 86_400


def test_an_unknown_state_counts_as_failed_and_is_named_as_the_server_sent_it() -> None:
    found = outcome("consecutive_failures", group(history(ODD, GOOD)))
    assert (found["status"], found["jobs"]) == ("warn", ["j000"])
    assert found["message"] == (
        'The last backup failed, 2026-11-24T05:00:00Z; unknown states count as failed: "Paused".'
    )
    found = outcome("consecutive_failures", group(history(*"ABCDA")))
    assert (found["status"], found["message"].split("; ")[1]) == (
        "fail",
        'unknown states count as failed: "A", "B", "C" and 1 more.',
    )


def test_the_last_backup_is_the_last_to_finish_not_the_last_to_start() -> None:
    long_one = job("long", BAD, start=ago(hours=30), finish=ago(hours=1))
    short_one = job("short", GOOD, start=ago(hours=10), finish=ago(hours=9))
    assert outcome("consecutive_failures", group([short_one, long_one]))["jobs"] == ["long"]


@pytest.mark.parametrize("recent", [2, 0])
@pytest.mark.parametrize(
    ("earlier", "later", "status", "observed"),
    [
        (GOOD, BAD, "warn", "1 failed in a row"),
        (EXCEPTED, ODD, "warn", "1 failed in a row"),
        (BAD, GOOD, "pass", "0 failed in a row"),
        (ODD, EXCEPTED, "pass", "0 failed in a row"),
    ],
)
def test_which_of_two_backups_ended_later_in_one_second_the_digest_alone_knows(
    earlier: str, later: str, status: str, observed: str, recent: int
) -> None:
    end = ago(hours=1)
    # By what is shown, the other one would be the later one
    jobs = [job("z", earlier, start=ago(hours=2), finish=end), job("a", later, start=ago(hours=3), finish=end)]
    teams = group(jobs, recent=recent)
    for one in teams["recent"]:
        one["finish_rank"] = 1 if one["id"] == "z" else 0
    teams["last_completed"] = jobs[1]
    found = outcome("consecutive_failures", teams)
    assert (found["status"], found["observed"]) == (status, observed)


@pytest.mark.parametrize(
    ("states", "status", "observed"),
    [
        ([GOOD, BAD, BAD, BAD], "pass", "0 failed in a row"),
        ([PARTIAL, BAD], "pass", "0 failed in a row"),
        ([BAD, GOOD], "warn", "1 failed in a row"),
        ([RUNS, BAD, GOOD], "warn", "1 failed in a row"),  # what runs has no outcome yet
        ([RUNS, GOOD, BAD], "pass", "0 failed in a row"),
        ([BAD, BAD, GOOD], "fail", "2 failed in a row"),
        ([BAD, BAD, BAD, GOOD], "fail", "3 failed in a row"),
        ([BAD, BAD, BAD, BAD], "fail", "4 failed in a row"),
        ([ODD, BAD, ODD, GOOD], "fail", "3 failed in a row"),
        ([BAD, RUNS, BAD, RUNS, BAD], "fail", "3 failed in a row"),
        ([BAD, BAD, EXCEPTED, BAD, BAD], "fail", "2 failed in a row"),  # a degraded one ends the row, too
        ([BAD, PARTIAL, BAD, BAD], "warn", "1 failed in a row"),
        ([RUNS], "not_applicable", "nothing to judge"),
        ([], "not_applicable", "nothing to judge"),
    ],
)
def test_failures_in_a_row(states: list[str], status: str, observed: str) -> None:
    found = outcome("consecutive_failures", group(history(*states)))
    assert (found["status"], found["observed"]) == (status, observed)


def test_failures_in_a_row_are_reported_with_what_ended_them() -> None:
    found = outcome("consecutive_failures", group(history(BAD, BAD, EXCEPTED)))
    assert (found["message"], found["jobs"]) == (
        "The last 2 backups failed, newest 2026-11-24T05:00:00Z.",
        ["j000", "j001"],
    )
    found = outcome("consecutive_failures", group(history(EXCEPTED, BAD, BAD)))
    assert (found["message"], found["jobs"]) == ("The last backup ended finished with exception.", ["j000"])


@pytest.mark.parametrize(
    ("states", "recent", "status"),
    [
        ([BAD, BAD, BAD, BAD, GOOD], 3, "fail"),  # however long the row is
        ([BAD, BAD, BAD, BAD, GOOD], 2, "error"),  # two or more: it may be three
        ([BAD, BAD, GOOD, BAD], 2, "error"),
        ([BAD, BAD, GOOD, GOOD], 2, "warn"),  # there are no more failures that could belong to it
        ([BAD, BAD, GOOD, BAD], 3, "warn"),  # the row ends in the rows
        ([GOOD, BAD, BAD, BAD], 1, "pass"),
        ([BAD, GOOD, GOOD, GOOD], 1, "pass"),
        ([BAD, GOOD, BAD, GOOD], 1, "error"),
        ([GOOD, BAD, BAD, BAD], 0, "pass"),  # the digest names the last one whatever was kept
        ([BAD, GOOD, BAD, BAD], 0, "error"),
    ],
)
def test_a_row_of_failures_that_the_kept_rows_do_not_end(states: list[str], recent: int, status: str) -> None:
    settings = {"warn": 2, "fail": 3}
    found = outcome("consecutive_failures", group(history(*states), recent=recent), settings=settings)
    assert found["status"] == status
    if status == "error":
        assert "more rows are needed than were kept" in found["message"]


@pytest.mark.parametrize(("hours", "status"), [(1, "pass"), (40, "error")])
def test_an_older_job_may_have_ended_later_if_jobs_ran_as_long(hours: float, status: str) -> None:
    """A failure that was not kept could lie between the last failure and the success before it."""
    jobs = [
        *history(BAD, GOOD, GOOD, GOOD, newest=0.5),
        job("long", "failed", start=ago(hours=hours + 0.3), finish=ago(hours=0.3)),
        *[{**one, "id": f"x{number}"} for number, one in enumerate(history(BAD, BAD, newest=60))],
    ]
    found = outcome("consecutive_failures", group(jobs, recent=5), settings={"warn": 3, "fail": 3})
    assert found["status"] == status


def test_an_older_job_without_a_start_may_have_ended_at_any_time() -> None:
    """Those are the last to be kept: where one of them was kept, others were not."""
    startless = [
        {**job(name, BAD, finish=ago(hours=hours)), "start_time": None} for name, hours in (("k", 20), ("left-out", 3))
    ]
    teams = group([*history(BAD, GOOD), *startless], recent=3)
    assert [one["id"] for one in teams["recent"]] == ["j000", "j001", "k"]
    assert outcome("consecutive_failures", teams)["status"] == "error"


def test_a_success_that_only_the_digest_names_ends_no_row() -> None:
    """Between it and the oldest row that was kept there may be more failures."""
    found = outcome("consecutive_failures", group(history(*[BAD] * 30, GOOD), recent=20), settings={"fail": 30})
    assert found["status"] == "error"
    found = outcome("consecutive_failures", group(history(*[BAD] * 30, GOOD), recent=20), settings={"fail": 20})
    assert (found["status"], found["observed"]) == ("fail", "at least 20 failed in a row")


@pytest.mark.parametrize(
    ("good", "degraded", "bad", "odd", "status"),
    [
        (100, 0, 0, 0, "pass"),
        (95, 0, 5, 0, "pass"),  # 95 % is not under 95 %
        (94, 0, 6, 0, "warn"),
        (80, 0, 20, 0, "warn"),  # 80 % is not under 80 %
        (79, 0, 21, 0, "fail"),
        (1899, 0, 101, 0, "warn"),  # 94.95 % is compared unrounded
        (1599, 0, 401, 0, "fail"),  # 79.95 %
        (8, 2, 0, 0, "pass"),  # degraded is not failed
        (5, 4, 0, 1, "warn"),
        (7, 0, 0, 3, "fail"),  # an unknown state is no success
        (0, 0, 10, 0, "fail"),
        (9, 0, 0, 0, "not_applicable"),
        (0, 0, 9, 0, "not_applicable"),
        (0, 0, 0, 0, "not_applicable"),
    ],
)
def test_the_rate_of_backups_that_did_not_fail(good: int, degraded: int, bad: int, odd: int, status: str) -> None:
    states = [GOOD] * good + [PARTIAL] * degraded + [BAD] * bad + [ODD] * odd
    assert outcome("success_rate", group(history(*states, every=0.05, newest=0.1)))["status"] == status


def test_what_still_runs_is_no_part_of_the_rate() -> None:
    found = outcome("success_rate", group(history(*[RUNS] * 50, *[GOOD] * 10, every=1)))
    assert (found["status"], found["observed"]) == ("pass", "100 %, 0 of 10 failed")
    assert outcome("success_rate", group(history(*[RUNS] * 50, *[GOOD] * 9, every=1)))["status"] == "not_applicable"


@pytest.mark.parametrize("ended_since", [WINDOW_START, None])  # by the figures of the digest, and by the rows
@pytest.mark.parametrize(
    ("ends", "observed"),
    [
        ([WINDOW_START - 1] * 3, "100 %, 0 of 4 failed"),
        ([WINDOW_START - 1, WINDOW_START - 1, WINDOW_START], "80 %, 1 of 5 failed"),
        ([WINDOW_START - 1, WINDOW_START, WINDOW_START + 1], "66.7 %, 2 of 6 failed"),
    ],
)
@pytest.mark.parametrize("start", [READ_START, WINDOW_START - 1])
def test_the_rate_counts_what_ended_in_the_window(ends: Any, observed: str, start: int, ended_since: Any) -> None:
    edge = [job(f"e{index}", BAD, start=start, finish=end) for index, end in enumerate(ends)]
    teams = group([*history(*[GOOD] * 4, RUNS), *edge], ended_since=ended_since)
    assert outcome("success_rate", teams, settings={"min_jobs": 4})["observed"] == observed


def test_the_rate_needs_no_rows() -> None:
    found = outcome("success_rate", group(history(*[GOOD] * 70, *[BAD] * 30, every=1), recent=0))
    assert (found["status"], found["observed"]) == ("fail", "70 %, 30 of 100 failed")


def test_fewer_jobs_than_the_policy_asks_for_have_no_rate() -> None:
    states = [GOOD, BAD, BAD]
    assert outcome("success_rate", group(history(*states)), settings={"min_jobs": 3})["status"] == "fail"
    assert outcome("success_rate", group(history(*states)), settings={"min_jobs": 4})["status"] == "not_applicable"


@pytest.mark.parametrize(
    ("jobs", "settings", "status"),
    [
        (history(*[GOOD] * 5), {}, "pass"),
        (history(GOOD, EXCEPTED, GOOD), {}, "warn"),
        (history(GOOD, PARTIAL, GOOD), {}, "warn"),
        (history(EXCEPTED, EXCEPTED, GOOD), {}, "warn"),
        (history(GOOD, EXCEPTED, GOOD), {"warn": 2}, "pass"),
        (history(EXCEPTED, GOOD, EXCEPTED), {"warn": 2}, "warn"),
        (history(BAD, BAD, BAD), {}, "pass"),  # another check's business
        (history(EXCEPTED, BAD, EXCEPTED), {}, "fail"),  # no clean one in the whole window
        (history(EXCEPTED), {"warn": 5}, "fail"),
        (history(RUNS), {}, "not_applicable"),
        ([], {}, "not_applicable"),
    ],
)
def test_degraded_backups_and_none_that_is_clean(jobs: list[dict[str, Any]], settings: Any, status: str) -> None:
    assert outcome("degraded_backups", group(jobs), settings=settings)["status"] == status


@pytest.mark.parametrize(("age", "status"), [(2 * DAY - 1, "warn"), (2 * DAY, "warn"), (2 * DAY + 1, "fail")])
def test_the_age_of_the_last_clean_backup_while_degraded_ones_run(age: int, status: str) -> None:
    jobs = [job("clean", finish=ago(seconds=age)), job("degraded", EXCEPTED, finish=ago(hours=3))]
    assert outcome("degraded_backups", group(jobs), settings={"fail": "2d"})["status"] == status


@pytest.mark.parametrize(("age", "status"), [(2 * DAY, "fail"), (2 * DAY + 1, "warn")])
def test_only_what_was_degraded_lately_asks_for_a_clean_one(age: int, status: str) -> None:
    jobs = [job("degraded", EXCEPTED, finish=ago(seconds=age)), job("failed", BAD, finish=ago(hours=3))]
    assert outcome("degraded_backups", group(jobs), settings={"fail": "2d"})["status"] == status


@pytest.mark.parametrize(
    ("jobs", "recent", "status"),
    [
        ([job("clean", finish=ago(hours=40)), *history(BAD, EXCEPTED, EXCEPTED)], 0, "warn"),  # the digest suffices
        (history(EXCEPTED, EXCEPTED, EXCEPTED), 0, "fail"),
        (history(BAD, EXCEPTED, EXCEPTED), 0, "fail"),
    ],
)
def test_degraded_backups_need_no_rows(jobs: Any, recent: int, status: str) -> None:
    found = outcome("degraded_backups", group(jobs, recent=recent), settings={"fail": "2d"})
    assert found["status"] == status


CHECKS = ("consecutive_failures", "success_rate", "degraded_backups")


@pytest.mark.parametrize(
    ("check", "states", "settings"),
    [
        ("consecutive_failures", [BAD, GOOD], {"fail": 1}),
        ("success_rate", [GOOD, GOOD, GOOD, BAD], {"min_jobs": 4}),
        ("degraded_backups", [EXCEPTED, BAD, GOOD], {"fail": "10h"}),
    ],
)
def test_a_service_has_thresholds_of_its_own(check: str, states: list[str], settings: Any) -> None:
    assert outcome(check, group(history(*states)))["status"] in ("warn", "not_applicable", "pass")
    override = {"services": {"teams": settings}}
    assert outcome(check, group(history(*states)), settings=override)["status"] == "fail"
    assert outcome(check, group(history(*states)), settings={"services": {"onedrive": settings}})["status"] != "fail"


@pytest.mark.parametrize("check", CHECKS)
def test_several_services_are_judged_each_for_itself(check: str) -> None:
    reading = healthy()
    states = [EXCEPTED if check == "degraded_backups" else BAD] * 10
    reading["jobs"]["groups"][2] = group(history(*states), "onedrive")
    found = {one["scope"]: one["status"] for one in judge(reading)["results"] if one["check"] == check}
    assert found == dict(zip(SERVICES, ("pass", "pass", "fail", "pass")))


@pytest.mark.parametrize("check", CHECKS)
def test_at_most_ten_jobs_are_cited(check: str) -> None:
    states = [EXCEPTED] * 30 if check == "degraded_backups" else [BAD] * 30
    assert 1 <= len(outcome(check, group(history(*states, every=1)))["jobs"]) <= 10


OLDER = [{**one, "id": f"older-{one['id']}"} for one in history(*[BAD] * 9, newest=7 * 24 + 5)]
"""Failures before the window."""


@pytest.mark.parametrize(
    ("check", "states", "status", "observed"),
    [
        ("consecutive_failures", [GOOD], "pass", "0 failed in a row"),
        ("consecutive_failures", [RUNS], "fail", "9 failed in a row"),
        ("consecutive_failures", [BAD], "fail", "10 failed in a row"),
        ("consecutive_failures", [BAD, GOOD], "warn", "1 failed in a row"),
        ("success_rate", [GOOD] * 10, "pass", "100 %, 0 of 10 failed"),
        ("success_rate", [RUNS], "not_applicable", "nothing to judge"),
        ("degraded_backups", [EXCEPTED, GOOD], "warn", "1 degraded, last clean 2026-11-23T23:00:00Z"),
        ("degraded_backups", [], "pass", "0 degraded, none clean"),
    ],
)
def test_rates_and_counts_are_of_the_window_and_rows_reach_back_beyond_it(
    check: str, states: list[str], status: str, observed: str
) -> None:
    found = outcome(check, group([*history(*states), *OLDER]))
    assert (found["status"], found["observed"]) == (status, observed)


@pytest.mark.parametrize(("recent", "status"), [(9, "error"), (17, "error"), (18, "pass")])
def test_rows_that_do_not_reach_beyond_another_window_prove_nothing_of_it(recent: int, status: str) -> None:
    """As in a replay by another policy: the figures of the digest are those of its window."""
    teams = group([*history(*[GOOD] * 9), *OLDER], recent=recent, ended_since=WINDOW_START - DAY)
    for check in ("success_rate", "degraded_backups"):
        found = outcome(check, teams, settings={"min_jobs": 9} if check == "success_rate" else {})
        assert found["status"] == status
        assert ("about another window" in found["message"]) == (status == "error")


OF_THE_LAST = {"consecutive_failures", "degraded_backups", "hollow_backups"}
OF_GOOD_ONES = {"failed_objects", "coverage_drop", "slow_backups"}


@pytest.mark.parametrize(
    ("odd", "errors"),
    [
        # Finished before it started, as the last one and as an earlier one
        (job("odd", start=ago(minutes=5), finish=ago(minutes=6), took=-60), {"slow_backups"}),
        (job("odd", start=ago(hours=9), finish=ago(hours=10), took=-3_600), {"slow_backups"}),
        # Without a start, without a finish
        ({**job("odd", finish=ago(hours=2), took=None), "start_time": None}, {"slow_backups"}),
        (job("odd", start=ago(hours=2), took=None), {"slow_backups"}),
        (job("odd", BAD, start=ago(hours=2), took=None), set()),
        # Without any time: it may be the last one
        (job("odd", took=None), OF_THE_LAST | OF_GOOD_ONES),
        (job("odd", PARTIAL, took=None), OF_THE_LAST | OF_GOOD_ONES),
        (job("odd", BAD, took=None), OF_THE_LAST),
        # Queued
        (job("odd", RUNS, took=None), set()),
    ],
)
def test_an_odd_row_makes_only_the_checks_that_need_it_an_error(odd: dict[str, Any], errors: set[str]) -> None:
    evaluation = judge(read(group([*history(*[GOOD] * 7), odd]), count(8)), only("teams"))
    assert {one["check"] for one in evaluation["results"] if one["status"] == "error"} == errors


@pytest.mark.parametrize("state", [GOOD, BAD])
def test_a_job_without_any_time_alone_shows_neither_presence_nor_age(state: str) -> None:
    teams = group([job("odd", state, took=None)])
    assert outcome("backup_presence", teams)["status"] == "error"
    assert outcome("backup_recency", teams)["status"] == ("error" if state == GOOD else "fail")


def test_a_job_that_a_group_tells_of_in_two_ways_is_believed_in_neither() -> None:
    teams = group(history(*[GOOD] * 6))
    teams["last_success"] = {**teams["last_success"], "finish_time": "2026-11-24T05:59:00Z"}
    found = result(judge({"jobs": {"groups": [teams], "complete": True}}, {"services": ["teams"]}), "backup_recency")
    assert "in two ways" in found["message"]
