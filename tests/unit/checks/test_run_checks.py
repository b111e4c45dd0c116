# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.cloudbackup.m365.tests.unit.readings import (
    SERVICES,
    WINDOW_START,
    ago,
    group,
    healthy,
    history,
    job,
    judge,
    outcome,
    result,
)

GOOD, BAD, RUNS, ODD = "finished", "failed", "in_progress", "Paused"
EXCEPTED, PARTIAL = "finished_with_exception", "partially_finished"
DAY = 86_400


@pytest.mark.parametrize(
    ("states", "status"),
    [
        ([GOOD, BAD], "pass"),
        ([EXCEPTED, BAD], "pass"),
        ([PARTIAL, BAD], "pass"),
        ([BAD, GOOD], "fail"),
        ([ODD, GOOD], "fail"),
        ([RUNS, GOOD, BAD], "pass"),  # what runs has no outcome yet
        ([RUNS, BAD, GOOD], "fail"),
        ([], "not_applicable"),
        ([RUNS], "not_applicable"),
    ],
)
def test_the_last_completed_backup_must_not_have_failed(states: list[str], status: str) -> None:
    assert outcome("last_backup", group(history(*states)))["status"] == status


def test_an_unknown_state_of_the_last_backup_is_named_as_the_server_said_it() -> None:
    told = outcome("last_backup", group(history(ODD, GOOD)))
    assert (told["status"], told["jobs"]) == ("fail", ["j000"])
    assert told["observed"] == '"Paused", 2026-11-24T05:00:00Z'
    assert "no document names" in told["message"]


def test_the_last_backup_is_the_last_to_finish_not_the_last_to_start() -> None:
    long_one = job("long", BAD, start=ago(hours=30), finish=ago(hours=1))
    short_one = job("short", GOOD, start=ago(hours=10), finish=ago(hours=9))
    assert outcome("last_backup", group([short_one, long_one]))["jobs"] == ["long"]


@pytest.mark.parametrize(
    ("states", "status", "observed"),
    [
        ([GOOD, BAD, BAD, BAD], "pass", "0 failed in a row"),
        ([BAD, GOOD], "pass", "1 failed in a row"),
        ([BAD, BAD, GOOD], "warn", "2 failed in a row"),
        ([BAD, BAD, BAD, GOOD], "fail", "3 failed in a row"),
        ([BAD, BAD, BAD, BAD], "fail", "4 failed in a row"),
        ([ODD, BAD, ODD, GOOD], "fail", "3 failed in a row"),
        ([BAD, RUNS, BAD, RUNS, BAD], "fail", "3 failed in a row"),
        ([BAD, BAD, EXCEPTED, BAD, BAD], "warn", "2 failed in a row"),  # a degraded one ends the row, too
        ([BAD, PARTIAL, BAD, BAD], "pass", "1 failed in a row"),
        ([RUNS], "not_applicable", "nothing to judge"),
        ([], "not_applicable", "nothing to judge"),
    ],
)
def test_failures_in_a_row(states: list[str], status: str, observed: str) -> None:
    told = outcome("consecutive_failures", group(history(*states)))
    assert (told["status"], told["observed"]) == (status, observed)


def test_failures_in_a_row_are_told_with_what_ended_them() -> None:
    told = outcome("consecutive_failures", group(history(BAD, BAD, EXCEPTED)))
    assert (told["message"], told["jobs"]) == ("The last 2 completed backups failed.", ["j000", "j001"])
    told = outcome("consecutive_failures", group(history(EXCEPTED, BAD, BAD)))
    assert (told["message"], told["jobs"]) == ("The last one ended finished with exception.", ["j000"])


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
    told = outcome("consecutive_failures", group(history(*states), recent=recent))
    assert told["status"] == status
    if status == "error":
        assert "more rows are needed than were kept" in told["message"]


@pytest.mark.parametrize(("hours", "status"), [(1, "pass"), (40, "error")])
def test_an_older_job_may_have_ended_later_if_jobs_ran_as_long(hours: float, status: str) -> None:
    """A failure that was not kept could stand between the last failure and the success before it."""
    jobs = [
        *history(BAD, GOOD, GOOD, GOOD, newest=0.5),
        job("long", "failed", start=ago(hours=hours + 0.3), finish=ago(hours=0.3)),
        *[{**one, "id": f"x{number}"} for number, one in enumerate(history(BAD, BAD, newest=60))],
    ]
    told = outcome("consecutive_failures", group(jobs, recent=5), settings={"warn": 3})
    assert told["status"] == status


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
    told = outcome("consecutive_failures", group(history(*[BAD] * 30, GOOD), recent=20), settings={"fail": 30})
    assert told["status"] == "error"
    told = outcome("consecutive_failures", group(history(*[BAD] * 30, GOOD), recent=20), settings={"fail": 20})
    assert (told["status"], told["observed"]) == ("fail", "at least 20 failed in a row")


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
        (4, 1, 0, 0, "pass"),  # degraded is not failed
        (2, 2, 0, 1, "warn"),
        (3, 0, 0, 2, "fail"),  # an unknown state is no success
        (0, 0, 5, 0, "fail"),
        (4, 0, 0, 0, "not_applicable"),
        (0, 0, 4, 0, "not_applicable"),
        (0, 0, 0, 0, "not_applicable"),
    ],
)
def test_the_rate_of_backups_that_did_not_fail(good: int, degraded: int, bad: int, odd: int, status: str) -> None:
    states = [GOOD] * good + [PARTIAL] * degraded + [BAD] * bad + [ODD] * odd
    assert outcome("success_rate", group(history(*states, every=0.05, newest=0.1)))["status"] == status


def test_what_still_runs_is_no_part_of_the_rate() -> None:
    told = outcome("success_rate", group(history(*[RUNS] * 50, *[GOOD] * 5, every=1)))
    assert (told["status"], told["observed"]) == ("pass", "100 %, 0 of 5 failed")
    assert outcome("success_rate", group(history(*[RUNS] * 50, *[GOOD] * 4, every=1)))["status"] == "not_applicable"


def test_the_rate_needs_no_rows() -> None:
    told = outcome("success_rate", group(history(*[GOOD] * 70, *[BAD] * 30, every=1), recent=0))
    assert (told["status"], told["observed"]) == ("fail", "70 %, 30 of 100 failed")


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
        (history(BAD, EXCEPTED, EXCEPTED), 1, "error"),  # how old the last degraded one is, no row says
        (history(BAD, EXCEPTED, EXCEPTED), 2, "fail"),
    ],
)
def test_degraded_backups_by_the_rows_that_were_kept(jobs: Any, recent: int, status: str) -> None:
    told = outcome("degraded_backups", group(jobs, recent=recent), settings={"fail": "2d"})
    assert told["status"] == status


CHECKS = ("last_backup", "consecutive_failures", "success_rate", "degraded_backups")


@pytest.mark.parametrize(
    ("check", "states", "settings"),
    [
        ("consecutive_failures", [BAD, BAD, GOOD], {"fail": 2}),
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
    states = [EXCEPTED] * 9 if check == "degraded_backups" else [BAD] * 9
    reading["jobs"]["groups"][2] = group(history(*states), "onedrive")
    told = {one["scope"]: one["status"] for one in judge(reading)["results"] if one["check"] == check}
    assert told == dict(zip(SERVICES, ("pass", "pass", "fail", "pass")))


@pytest.mark.parametrize("check", CHECKS)
def test_at_most_ten_jobs_are_cited(check: str) -> None:
    states = [EXCEPTED] * 30 if check == "degraded_backups" else [BAD] * 30
    assert 1 <= len(outcome(check, group(history(*states, every=1)))["jobs"]) <= 10


LONGER = WINDOW_START - 7 * DAY
OLDER = [{**one, "id": f"older-{one['id']}"} for one in history(*[BAD] * 9, newest=7 * 24 + 5)]
"""A week of failures before the window."""


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize(
    ("states", "status"),
    [([GOOD] * 9, "pass"), ([RUNS], "not_applicable"), ([], "not_applicable")],
)
def test_only_the_window_is_judged_of_an_answer_that_reaches_further_back(
    check: str, states: list[str], status: str
) -> None:
    assert outcome(check, group([*history(*states), *OLDER], since=LONGER))["status"] == status


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize(("recent", "status"), [(9, "error"), (10, "pass"), (18, "pass")])
def test_rows_that_do_not_reach_beyond_the_window_prove_nothing_of_it(check: str, recent: int, status: str) -> None:
    told = outcome(check, group([*history(*[GOOD] * 9), *OLDER], since=LONGER, recent=recent))
    assert told["status"] == status
    if status == "error":
        assert "reaches back beyond the window" in told["message"]


def test_a_job_without_a_start_belongs_to_no_window_for_certain() -> None:
    jobs = [*history(*[GOOD] * 6), {**job("x", finish=ago(hours=3)), "start_time": None}]
    assert outcome("success_rate", group(jobs, since=LONGER))["status"] == "error"
    assert outcome("success_rate", group(jobs))["status"] == "pass"


def test_a_running_job_without_a_start_is_left_out_of_a_window_within_a_longer_answer() -> None:
    jobs = [*history(*[GOOD] * 6), {**job("x", RUNS), "start_time": None}]
    assert outcome("success_rate", group(jobs, since=LONGER))["status"] == "pass"


def test_a_job_that_a_group_tells_of_in_two_ways_is_believed_in_neither() -> None:
    teams = group(history(*[GOOD] * 6))
    teams["last_success"] = {**teams["last_success"], "finish_time": "2026-11-24T05:59:00Z"}
    told = result(judge({"jobs": {"groups": [teams], "complete": True}}, {"services": ["teams"]}), "last_backup")
    assert "in two ways" in told["message"]
