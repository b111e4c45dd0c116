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
    count,
    group,
    healthy,
    job,
    judge,
    only,
    outcome,
    read,
    result,
    running,
)

MINUTE, HOUR, DAY = 60, 3_600, 86_400
BACKUP = group([job("a", finish=ago(hours=1))])


def in_progress(*ages: float | None) -> list[dict[str, Any]]:
    """Jobs that started so many seconds ago; None is no start."""
    return [
        job(f"r{index}", "in_progress", start=None if age is None else ago(seconds=age), took=None)
        for index, age in enumerate(ages)
    ]


def stuck(*jobs: dict[str, Any], settings: Any = None, recent: int = 200) -> dict[str, Any]:
    asked = group(list(jobs), since=None, recent=recent, job_type=None, states=("in_progress",))
    return outcome("stuck_jobs", BACKUP, asked, settings=settings)


@pytest.mark.parametrize(
    ("ages", "status"),
    [
        ([], "pass"),
        ([-300], "pass"),  # a clock may be off by five minutes
        ([0], "pass"),
        ([12 * HOUR], "pass"),
        ([12 * HOUR + 1], "warn"),
        ([24 * HOUR], "warn"),
        ([24 * HOUR + 1], "fail"),
        ([6 * DAY + HOUR], "fail"),  # the whole duration counts, not its hours part
        ([400 * DAY], "fail"),  # no window bounds it
        ([HOUR, 30 * HOUR, 2 * HOUR], "fail"),
    ],
)
def test_how_long_the_oldest_job_in_progress_has_been_running(ages: list[float], status: str) -> None:
    assert stuck(*in_progress(*ages))["status"] == status


def test_stuck_jobs_are_counted_and_the_oldest_are_cited_first() -> None:
    shown = stuck(*in_progress(HOUR, 30 * HOUR, 25 * HOUR, 13 * HOUR))
    assert shown["observed"] == "4 jobs in progress, the oldest for 30 h"
    assert shown["message"].endswith("the oldest for 30 h, since 2026-11-23T00:00:00Z, 2 of them over the limit.")
    assert shown["jobs"] == ["r1", "r2", "r3", "r0"]
    assert len(stuck(*in_progress(*[30 * HOUR] * 30))["jobs"]) == 10


@pytest.mark.parametrize(
    ("ages", "status", "observed"),
    [
        ([None], "pass", "1 job queued, none running"),
        ([None, None], "pass", "2 jobs queued, none running"),
        ([HOUR, None], "pass", "2 jobs in progress, the oldest for 1 h"),
        ([13 * HOUR, None], "warn", "2 jobs in progress, the oldest for 13 h"),
        ([25 * HOUR, None], "fail", "2 jobs in progress, the oldest for 25 h"),
    ],
)
def test_a_queued_job_is_counted_and_not_judged(ages: list[Any], status: str, observed: str) -> None:
    shown = stuck(*in_progress(*ages))
    assert (shown["status"], shown["observed"]) == (status, observed)


@pytest.mark.parametrize(
    ("ages", "recent", "status"),
    [
        ([HOUR * hours for hours in range(1, 31)], 5, "fail"),
        ([HOUR * hours for hours in range(1, 10)], 5, "pass"),
        ([600.0] * 250, 200, "pass"),
        ([600.0] * 249 + [12 * HOUR + 1], 200, "warn"),
        ([600.0] * 9 + [None], 5, "pass"),
    ],
)
def test_the_digest_names_the_oldest_whatever_was_kept(ages: list[Any], recent: int, status: str) -> None:
    shown = stuck(*in_progress(*ages), recent=recent)
    assert shown["status"] == status
    assert shown["observed"].startswith(f"{len(ages)} jobs in progress, the oldest for ")
    assert ("at least 1 of them over the limit" in shown["message"]) == (status != "pass")


@pytest.mark.parametrize(
    ("running_ones", "of_backups", "status", "observed"),
    [
        ([], [72 * HOUR], "fail", "1 job in progress, the oldest for 72 h"),
        ([72 * HOUR], [], "fail", "1 job in progress, the oldest for 72 h"),
        ([HOUR], [13 * HOUR], "warn", "1 job in progress, the oldest for 13 h"),
        ([13 * HOUR], [HOUR], "warn", "1 job in progress, the oldest for 13 h"),
        ([13 * HOUR], [13 * HOUR], "warn", "1 job in progress, the oldest for 13 h"),
        ([HOUR, 2 * HOUR], [HOUR], "pass", "2 jobs in progress, the oldest for 2 h"),
        ([], [], "pass", "no job in progress"),
    ],
)
def test_either_list_may_lack_a_job_in_progress(
    running_ones: list[float], of_backups: list[float], status: str, observed: str
) -> None:
    """A job that is in both (they share their ids) counts once, by its earlier start."""
    backups = group([*in_progress(*of_backups), job("a", finish=ago(hours=1))])
    shown = outcome("stuck_jobs", backups, running(*in_progress(*running_ones)))
    assert (shown["status"], shown["observed"]) == (status, observed)


def test_a_running_job_in_the_future_is_an_error() -> None:
    evaluation = judge(read(BACKUP, running(*in_progress(-301)), count(1)), only("teams"))
    assert result(evaluation, "stuck_jobs")["status"] == "error"
    assert result(evaluation, "evidence")["status"] == "error"
    assert result(evaluation, "backup_recency")["status"] == "pass"


def test_an_unknown_state_beside_the_running_jobs_is_not_stuck_but_named() -> None:
    reading = read(BACKUP, running(job("odd", "Paused", start=ago(days=90)), *in_progress(HOUR)), count(1))
    evaluation = judge(reading, only("teams"))
    assert result(evaluation, "stuck_jobs")["status"] == "pass"
    shown = result(evaluation, "evidence")
    assert (shown["status"], shown["jobs"]) == ("warn", ["odd"])
    assert 'Jobs of teams in state in_progress: 1 job in an unknown state ("Paused")' in shown["message"]


@pytest.mark.parametrize(
    "query",
    [
        {"states": []},
        {"states": ["in_progress", "failed"]},
        {"states": "in_progress"},
        {"start_time": "2020-01-01T00:00:00Z"},
        {"location": "EUR"},
        {"count_only": True},
        {"finish_time": "2026-11-24T05:59:59Z"},
    ],
)
def test_only_an_answer_about_all_running_jobs_tells_that_none_is_stuck(query: dict[str, Any]) -> None:
    asked = running()
    reading = read(BACKUP, asked, count(1))
    asked["query"].update(query)
    shown = result(judge(reading, only("teams")), "stuck_jobs")
    assert shown["status"] == "error"
    assert "There is no answer about the jobs of teams in state in_progress" in shown["message"]


def test_running_jobs_are_asked_for_at_each_location() -> None:
    groups = [group([job("a", finish=ago(hours=1))], location=location) for location in ("EUR", "NAM")]
    stuck_there = running(*in_progress(30 * HOUR), location="NAM")
    evaluation = judge(read(*groups, stuck_there, count(2)), {**only("teams"), "locations": ["EUR", "NAM"]})
    shown = {one["scope"]: one["status"] for one in evaluation["results"] if one["check"] == "stuck_jobs"}
    assert shown == {"teams@EUR": "pass", "teams@NAM": "fail"}


def durations(*seconds: float | None, states: Any = None) -> list[dict[str, Any]]:
    """Backups six hours apart that took so long, the newest first."""
    shown = states or ["finished"] * len(seconds)
    return [
        job(f"j{index:03}", state, finish=ago(hours=1 + 6 * index), took=one)
        for index, (one, state) in enumerate(zip(seconds, shown))
    ]


@pytest.mark.parametrize(
    ("seconds", "settings", "status"),
    [
        ([3_600, *[3_600] * 5], {}, "pass"),
        ([7_200, *[3_600] * 5], {}, "pass"),  # twice is not over twice
        ([7_200.001, *[3_600] * 5], {}, "warn"),  # to the millisecond
        ([10**6, *[3_600] * 5], {}, "warn"),  # without a fail it never fails
        ([7_201, *[3_600] * 5], {"fail": 2}, "fail"),
        ([10_800, *[3_600] * 5], {"fail": 3}, "warn"),
        ([10_800.001, *[3_600] * 5], {"fail": 3}, "fail"),
        ([9_000, *[3_600] * 5], {"warn": 2.5}, "pass"),
        ([9_000.001, *[3_600] * 5], {"warn": "2.5x"}, "warn"),
        ([1_800, *[1] * 5], {}, "pass"),  # 30 minutes are not over 30 minutes
        ([1_800.001, *[1] * 5], {}, "warn"),
        ([100, *[1] * 5], {"floor": "1m"}, "warn"),
        ([1_800.001, *[0] * 5], {}, "warn"),  # nothing is usual
        ([0, *[0] * 5], {}, "pass"),
        ([7_201, 1, 1, 3_600, 9_999, 9_999], {}, "warn"),  # the median is 3600
        ([7_201, 1, 1, 3_600, 3_602, 9_999, 9_999], {}, "pass"),  # of 3600 and 3602 it is 3601
        ([10**6, *[3_600] * 4], {}, "not_applicable"),
        ([10**6, *[3_600] * 4], {"min_jobs": 4}, "warn"),
        ([None, *[3_600] * 5], {}, "error"),
        ([3_600, None, *[3_600] * 5], {}, "error"),
        ([-1, *[3_600] * 5], {}, "error"),
        ([3_600, -1, *[3_600] * 5], {}, "error"),
        ([], {}, "not_applicable"),
    ],
)
def test_the_duration_of_the_last_backup_against_what_is_usual(seconds: list[Any], settings: Any, status: str) -> None:
    assert outcome("slow_backups", group(durations(*seconds)), settings=settings)["status"] == status


@pytest.mark.parametrize("recent", [301, 200])
def test_a_backup_that_ran_for_days_is_slow_however_many_rows_were_kept(recent: int) -> None:
    usual = [job(f"j{index:03}", finish=ago(hours=1 + index / 2)) for index in range(300)]
    jobs = [*usual, job("long", start=ago(hours=98), finish=ago(minutes=6), took=97.9 * HOUR)]
    assert outcome("slow_backups", group(jobs, recent=recent), settings={"fail": 5})["status"] == "fail"


def test_a_slow_backup_says_both_durations() -> None:
    shown = outcome("slow_backups", group(durations(9_000, *[3_600] * 5)), settings={"fail": 4})
    assert shown["observed"] == "2 h 30 min against 1 h usually"
    assert shown["expected"] == "at most 2 times (warn) and 4 times (fail) what is usual, or 30m"
    assert shown["jobs"] == ["j000"]


def test_a_failed_backup_neither_shortens_nor_lengthens_what_is_usual() -> None:
    states = ["finished", *["failed"] * 9, *["finished"] * 5]
    for took in (1, 10**6):
        jobs = durations(7_201, *[took] * 9, *[3_600] * 5, states=states)
        assert outcome("slow_backups", group(jobs))["status"] == "warn"


def test_a_duration_is_reported_by_the_server_not_by_rounded_times() -> None:
    jobs = durations(7_200, *[3_600] * 5)
    assert {one["finish_time"] for one in jobs} != {None}
    assert outcome("slow_backups", group(jobs))["status"] == "pass"


@pytest.mark.parametrize("broken", [True, "3600", [1], float("nan"), float("inf"), 1e308, 10**400])
def test_what_is_no_duration_makes_the_whole_answer_unbelievable(broken: Any) -> None:
    assert outcome("slow_backups", group(durations(broken, *[3_600] * 5)))["status"] == "error"


def test_the_backups_before_the_window_make_what_is_usual_too() -> None:
    older = [job(f"o{index}", finish=WINDOW_START - HOUR * (1 + index), took=3_600) for index in range(5)]
    assert outcome("slow_backups", group([*durations(7_201), *older]))["status"] == "warn"


@pytest.mark.parametrize(("place", "status"), [(0, "error"), (3, "error"), (None, "pass")])
def test_a_backup_that_finished_before_it_started_has_no_duration(place: int | None, status: str) -> None:
    took = [-0.002 if index == place else 3_600 for index in range(7)]
    shown = outcome("slow_backups", group(durations(*took)))
    assert shown["status"] == status
    assert ("finished before it started" in shown["message"]) == (status == "error")


@pytest.mark.parametrize(("count_", "recent", "status"), [(40, 39, "error"), (300, 199, "error"), (300, 200, "pass")])
def test_the_past_rests_on_all_rows_or_on_the_newest_two_hundred(count_: int, recent: int, status: str) -> None:
    jobs = [job(f"j{index}", finish=ago(minutes=1 + index)) for index in range(count_)]
    assert outcome("slow_backups", group(jobs, recent=recent))["status"] == status


@pytest.mark.parametrize(
    ("check", "settings", "status"),
    [("stuck_jobs", {"warn": "1h", "fail": "40h"}, "warn"), ("slow_backups", {"fail": 2}, "fail")],
)
def test_a_service_has_thresholds_of_its_own(check: str, settings: Any, status: str) -> None:
    groups = [group(durations(10_000, *[3_600] * 5)), running(*in_progress(30 * HOUR))]
    general = outcome(check, *groups)["status"]
    assert general != status
    assert outcome(check, *groups, settings={"services": {"teams": settings}})["status"] == status
    assert outcome(check, *groups, settings={"services": {"onedrive": settings}})["status"] == general


def test_several_services_are_judged_each_for_itself() -> None:
    reading = healthy()
    groups = reading["jobs"]["groups"]
    groups[2] = group(durations(10_000, *[3_600] * 5), "onedrive")
    place = next(index for index, one in enumerate(groups) if one == running(service="onedrive"))
    groups[place] = running(*in_progress(30 * HOUR), service="onedrive")
    results = judge(reading)["results"]
    for check, status in (("stuck_jobs", "fail"), ("slow_backups", "warn")):
        shown = {one["scope"]: one["status"] for one in results if one["check"] == check}
        assert shown == dict(zip(SERVICES, ("pass", "pass", status, "pass")))
