# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.cloudbackup.m365.tests.unit.readings import (
    WINDOW_START,
    ago,
    count,
    deletions,
    group,
    job,
    judge,
    only,
    outcome,
    read,
    restores,
    result,
)

DAY = 86_400
BACKUP = group([job("a", finish=ago(hours=1))])


def restored(*ages: float, state: str = "finished") -> list[dict[str, Any]]:
    """Restores that ended so many seconds ago."""
    return [job(f"r{index}", state, finish=ago(seconds=age)) for index, age in enumerate(ages)]


@pytest.mark.parametrize(
    ("ages", "status"),
    [
        ([-300], "pass"),
        ([0], "pass"),
        ([92 * DAY], "pass"),
        ([92 * DAY + 1], "warn"),
        ([365 * DAY - 1_800], "warn"),
        ([365 * DAY], "warn"),
        ([365 * DAY + 1], "fail"),
        ([200 * DAY, 3 * DAY, 300 * DAY], "pass"),  # the last one counts
        ([], "fail"),
    ],
)
def test_the_age_of_the_last_restore_that_finished(ages: list[float], status: str) -> None:
    asked = restores(*restored(*ages), since=ago(days=366))
    assert outcome("restore_exercise", BACKUP, asked)["status"] == status


def test_a_restore_that_finished_proves_no_more_than_that() -> None:
    shown = outcome("restore_exercise", BACKUP, restores(*restored(DAY)))
    assert shown["message"].startswith("A restore finished 24 h ago, 2026-11-23T06:00:00Z.")
    assert "No job reports" in shown["message"]
    assert shown["jobs"] == ["r0"]


def test_a_restore_ahead_of_the_clock_is_of_this_moment() -> None:
    shown = outcome("restore_exercise", BACKUP, restores(*restored(-300)))
    assert shown["observed"] == "0 s ago, 2026-11-24T06:05:00Z"


def test_no_restore_at_all_is_reported_with_the_day_it_was_looked_back_to() -> None:
    shown = outcome("restore_exercise", BACKUP, restores())
    assert (shown["status"], shown["observed"]) == ("fail", "none since 2025-11-24T06:00:00Z")


def test_a_restore_in_an_unknown_state_is_no_success_and_is_named() -> None:
    evaluation = judge(read(BACKUP, restores(*restored(DAY, state="Paused")), count(1)), only("teams"))
    shown = result(evaluation, "restore_exercise")
    assert (shown["status"], shown["observed"]) == ("fail", "none since 2025-11-24T06:00:00Z")
    assert (
        'Restore jobs of all services in state finished: 1 job in an unknown state ("Paused")'
        in (result(evaluation, "evidence")["message"])
    )


@pytest.mark.parametrize(
    ("settings", "status"),
    [
        ({"fail": "30d"}, "fail"),
        ({"fail": "31d"}, "pass"),  # a warn that nobody wrote follows
        ({"warn": "30d", "fail": "31d"}, "warn"),
        ({"warn": "31d"}, "pass"),
    ],
)
def test_the_policy_says_how_often_a_restore_is_tried(settings: Any, status: str) -> None:
    asked = restores(*restored(30 * DAY + 3_600))
    assert outcome("restore_exercise", BACKUP, asked, settings=settings)["status"] == status


def test_a_look_back_that_was_not_read_is_an_error() -> None:
    asked = restores(since=ago(days=100))
    assert outcome("restore_exercise", BACKUP, asked)["status"] == "error"
    assert outcome("restore_exercise", BACKUP, asked, settings={"fail": "100d"})["status"] == "fail"
    assert outcome("restore_exercise", BACKUP, asked, settings={"fail": "101d"})["status"] == "error"


@pytest.mark.parametrize(
    "query",
    [
        {"states": []},
        {"states": ["failed"]},
        {"location": "EUR"},
        {"count_only": True},
        {"states": ["finished", "failed"]},
    ],
)
def test_only_an_answer_about_finished_restores_tells_of_them(query: dict[str, Any]) -> None:
    asked = restores(*restored(DAY))
    reading = read(BACKUP, asked, count(1))
    asked["query"].update(query)
    assert result(judge(reading, only("teams")), "restore_exercise")["status"] == "error"


def test_restores_of_one_service_say_nothing_of_all() -> None:
    asked = {**restores(*restored(DAY)), "object_type": "teams"}
    reading = read(BACKUP, count(1))
    groups = reading["jobs"]["groups"]
    groups[groups.index(restores(job("restore", finish=ago(days=30))))] = asked
    assert result(judge(reading, only("teams")), "restore_exercise")["status"] == "error"


def deleted(count_: int, state: str = "finished") -> list[dict[str, Any]]:
    return [job(f"d{index:02}", state, finish=ago(hours=1 + index)) for index in range(count_)]


@pytest.mark.parametrize(
    ("count_", "settings", "status"),
    [
        (0, {}, "pass"),
        (1, {}, "warn"),
        (99, {}, "warn"),  # without a fail it never fails
        (1, {"fail": 1}, "fail"),
        (4, {"fail": 5}, "warn"),
        (5, {"fail": 5}, "fail"),
        (2, {"warn": 3}, "pass"),
        (3, {"warn": 3}, "warn"),
        (9, {"warn": 3, "fail": None}, "warn"),
    ],
)
def test_delete_jobs_in_the_window(count_: int, settings: Any, status: str) -> None:
    assert outcome("deletion_activity", BACKUP, deletions(*deleted(count_)), settings=settings)["status"] == status


@pytest.mark.parametrize(
    ("settings", "expected"),
    [({}, "fewer than 1 delete jobs"), ({"fail": 5}, "fewer than 1 delete jobs (failure from 5)")],
)
def test_what_is_expected_of_deletions_names_a_failure_only_where_there_is_one(settings: Any, expected: str) -> None:
    assert outcome("deletion_activity", BACKUP, deletions(), settings=settings)["expected"] == expected


@pytest.mark.parametrize("state", ["finished", "failed", "in_progress", "partially_finished", "Paused"])
def test_a_deletion_counts_whatever_became_of_it(state: str) -> None:
    shown = outcome("deletion_activity", BACKUP, deletions(*deleted(1, state)))
    assert (shown["status"], shown["observed"], shown["jobs"]) == ("warn", "1 delete job", ["d00"])


def test_at_most_ten_deletions_are_cited() -> None:
    shown = outcome("deletion_activity", BACKUP, deletions(*deleted(40)))
    assert (shown["observed"], len(shown["jobs"])) == ("40 delete jobs", 10)


@pytest.mark.parametrize(
    ("recent", "status"),
    [
        (1, "error"),  # there may be more in the window
        (2, "error"),
        (3, "warn"),
        (9, "warn"),
    ],
)
def test_deletions_before_the_window_do_not_count(recent: int, status: str) -> None:
    older = [job(f"o{index}", finish=WINDOW_START - 3_600 * (1 + index)) for index in range(4)]
    shown = outcome("deletion_activity", BACKUP, deletions(*deleted(2), *older, since=ago(days=30), recent=recent))
    assert shown["status"] == status
    if status == "warn":
        assert (shown["observed"], shown["jobs"]) == ("2 delete jobs", ["d00", "d01"])


@pytest.mark.parametrize(("start", "count_"), [(WINDOW_START - 1, 0), (WINDOW_START, 1)])
def test_a_deletion_belongs_to_the_window_from_its_first_second_on(start: int, count_: int) -> None:
    asked = deletions(job("d", start=start, finish=start + 60), since=ago(days=30))
    assert outcome("deletion_activity", BACKUP, asked)["observed"] == f"{count_} delete job{'s' * (count_ != 1)}"


@pytest.mark.parametrize("check", ["restore_exercise", "deletion_activity"])
def test_a_group_that_is_not_there_is_an_error_and_not_an_empty_one(check: str) -> None:
    reading = read(BACKUP, count(1))
    reading["jobs"]["groups"] = [one for one in reading["jobs"]["groups"] if one["job_type"] in ("backup", None)]
    shown = result(judge(reading, only("teams")), check)
    assert (shown["status"], "There is no answer about the" in shown["message"]) == ("error", True)


@pytest.mark.parametrize("asked", [restores, deletions])
def test_a_time_in_the_future_makes_the_ages_of_its_answer_unknown(asked: Any) -> None:
    evaluation = judge(read(BACKUP, asked(job("x", finish=ago(seconds=-301))), count(1)), only("teams"))
    check = "restore_exercise" if asked is restores else "deletion_activity"
    assert result(evaluation, check)["status"] == "error"
    assert result(evaluation, "evidence")["status"] == "error"
    assert result(evaluation, "consecutive_failures")["status"] == "pass"


def test_restores_and_deletions_are_of_the_whole_tenant_whatever_the_locations() -> None:
    groups = [group([job("a", finish=ago(hours=1))], location=location) for location in ("EUR", "NAM")]
    evaluation = judge(read(*groups, count(2)), {**only("teams"), "locations": ["EUR", "NAM"]})
    shown = [(one["scope"], one["status"]) for one in evaluation["results"] if one["check"] in OF_THE_RUN]
    assert shown == [("run", "pass"), ("run", "pass")]


OF_THE_RUN = ("restore_exercise", "deletion_activity")
