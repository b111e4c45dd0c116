# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.cloudbackup.m365.tests.unit.readings import (
    NOW,
    SERVICES,
    WINDOW_START,
    ago,
    count,
    group,
    healthy,
    job,
    judge,
    only,
    read,
    result,
)

HOUR = 3_600


def outcome(check: str, teams: dict[str, Any], settings: dict[str, Any] | None = None, **policy: Any) -> dict[str, Any]:
    policy = {**only("teams"), **policy}
    policy["checks"] = {check: settings or {}}
    return result(judge(read(teams, count(teams["total_count"])), policy), check)


@pytest.mark.parametrize(
    ("age", "status"),
    [
        (-300, "pass"),  # a clock may be off by five minutes
        (0, "pass"),
        (26 * HOUR, "pass"),
        (26 * HOUR + 1, "warn"),
        (48 * HOUR, "warn"),
        (48 * HOUR + 1, "fail"),
        (6 * 24 * HOUR, "fail"),  # the whole duration counts, not its hours part
        (6 * 24 * HOUR + HOUR, "fail"),
    ],
)
def test_the_age_of_the_last_finished_backup(age: int, status: str) -> None:
    told = outcome("backup_recency", group([job("a", finish=ago(seconds=age))]))
    assert told["status"] == status
    assert told["jobs"] == ["a"]


@pytest.mark.parametrize(
    ("age", "told"),
    [
        (-300, "0 s ago, 2026-11-24T06:05:00Z"),
        (26 * HOUR + 1, "26 h 1 s ago, 2026-11-23T03:59:59Z"),
        (6 * 24 * HOUR + HOUR, "6 d 1 h ago, 2026-11-18T05:00:00Z"),
    ],
)
def test_the_age_of_the_last_backup_is_told_with_its_instant(age: int, told: str) -> None:
    found = outcome("backup_recency", group([job("a", finish=ago(seconds=age))]))
    assert found["observed"] == told
    assert found["message"] == f"The last finished backup is {told.partition(' ago')[0]} old by its finish."


@pytest.mark.parametrize("state", ["failed", "finished_with_exception", "partially_finished", "in_progress", "Paused"])
def test_no_other_state_than_finished_counts(state: str) -> None:
    finish = None if state == "in_progress" else ago(hours=1)
    told = outcome("backup_recency", group([job("a", state, start=ago(hours=2), finish=finish)]))
    assert told["status"] == "fail"
    assert told["observed"] == "none since 2026-11-17T06:00:00Z"
    assert told["jobs"] == ["a"]


def test_a_job_that_never_succeeded_does_not_skip_the_age_rule() -> None:
    told = outcome("backup_recency", group([]))
    assert (told["status"], told["observed"]) == ("fail", "none since 2026-11-17T06:00:00Z")
    assert "Jobs that ran: none." in told["message"]


def test_last_is_by_finish_not_by_start() -> None:
    long_one = job("long", start=ago(hours=60), finish=ago(hours=1))
    short_one = job("short", start=ago(hours=50), finish=ago(hours=49))
    assert outcome("backup_recency", group([short_one, long_one]))["jobs"] == ["long"]


def test_a_finished_job_without_a_finish_is_as_old_as_its_start() -> None:
    told = outcome("backup_recency", group([job("a", start=ago(hours=27))]))
    assert told["status"] == "warn"
    assert "start" in told["message"]


def test_a_job_without_any_time_cannot_be_told() -> None:
    assert outcome("backup_recency", group([job("a")]))["status"] == "error"


@pytest.mark.parametrize(
    ("age", "status"), [(23 * HOUR, "pass"), (24 * HOUR, "pass"), (24 * HOUR + 1, "warn"), (30 * HOUR + 1, "fail")]
)
def test_thresholds_of_one_service(age: int, status: str) -> None:
    settings = {"warn": "25h", "services": {"teams": {"warn": "24h", "fail": "30h"}}}
    assert outcome("backup_recency", group([job("a", finish=ago(seconds=age))]), settings)["status"] == status


def test_other_states_count_where_the_policy_accepts_them() -> None:
    jobs = [job("good", finish=ago(hours=60)), job("degraded", "finished_with_exception", finish=ago(hours=2))]
    settings = {"states": ["finished", "finished_with_exception"]}
    told = outcome("backup_recency", group(jobs), settings)
    assert (told["status"], told["jobs"]) == ("pass", ["degraded"])
    assert outcome("backup_recency", group(jobs))["status"] == "fail"


@pytest.mark.parametrize(
    ("recent", "fresh", "status"),
    [
        (3, False, "fail"),  # every row was kept: it is known
        (2, False, "error"),  # one more degraded job is counted than was kept
        (2, True, "pass"),  # a fresh one is fresh whatever was not kept
    ],
)
def test_what_would_rest_on_rows_that_were_not_kept_cannot_be_told(recent: int, fresh: bool, status: str) -> None:
    jobs = [job(f"d{day}", "finished_with_exception", finish=ago(days=day)) for day in (4, 5, 6)]
    if fresh:
        jobs.append(job("new", "partially_finished", finish=ago(hours=1)))
    settings = {"states": ["finished_with_exception", "partially_finished"]}
    teams = group(jobs, recent=recent)
    if not fresh:
        teams["last_completed"] = teams["recent"][0]
    told = outcome("backup_recency", teams, settings)
    assert told["status"] == status
    if status == "error":
        assert "more rows are needed than were kept" in told["message"]


def test_the_last_finished_job_is_known_however_few_rows_were_kept() -> None:
    failures = [job(f"f{hours}", "failed", finish=ago(hours=hours)) for hours in range(1, 40)]
    successes = [job("good", finish=ago(hours=47)), job("older", finish=ago(hours=71))]
    teams = group([*failures, *successes], recent=5)
    told = outcome("backup_recency", teams)
    assert (told["status"], told["jobs"]) == ("warn", ["good"])


def test_a_service_whose_jobs_stopped_fails_although_nothing_failed() -> None:
    reading = healthy()
    reading["jobs"]["groups"][3] = group([])
    evaluation = judge(reading)
    assert evaluation["verdict"] == "non_compliant"
    told = result(evaluation, "backup_presence", "teams")
    assert (told["status"], told["observed"]) == ("fail", "no job seen")


@pytest.mark.parametrize("state", ["failed", "in_progress", "Paused"])
def test_presence_is_any_job_whatever_became_of_it(state: str) -> None:
    assert outcome("backup_presence", group([job("a", state, start=ago(days=6))]))["status"] == "pass"


@pytest.mark.parametrize(
    ("start", "status"), [(WINDOW_START - 1, "fail"), (WINDOW_START, "pass"), (WINDOW_START + 1, "pass")]
)
def test_presence_in_an_answer_that_reaches_further_back_counts_the_window_alone(start: int, status: str) -> None:
    for since in (WINDOW_START - 86_400, None):
        teams = group([job("a", start=start, finish=start + 60)], since=since)
        told = outcome("backup_presence", teams)
        assert (told["status"], told["jobs"]) == (status, ["a"])


def test_presence_in_an_answer_that_reaches_further_back_says_that_there_may_be_more() -> None:
    jobs = [job("a", finish=ago(hours=1))]
    assert outcome("backup_presence", group(jobs))["observed"] == "1 job seen"
    assert outcome("backup_presence", group(jobs, since=None))["observed"] == "1 job or more seen"


def test_presence_cannot_be_told_from_an_older_answer_without_rows() -> None:
    teams = group([job("a", "in_progress", start=ago(days=1))], since=None, recent=0)
    teams["oldest_in_progress"] = None
    assert outcome("backup_presence", teams)["status"] == "error"


def test_several_services_are_judged_each_for_itself() -> None:
    reading = healthy()
    reading["jobs"]["groups"][1] = group([job("old", finish=ago(hours=49))], "sharepoint_online")
    reading["jobs"]["groups"][2] = group([job("older", finish=ago(hours=27))], "onedrive")
    evaluation = judge(reading)
    told = {one["scope"]: one["status"] for one in evaluation["results"] if one["check"] == "backup_recency"}
    assert told == dict(zip(SERVICES, ("pass", "fail", "warn", "pass")))


def test_locations_are_scopes_of_their_own() -> None:
    groups = [group([job("a", finish=ago(hours=1))], location="EUR"), group([], location="NAM")]
    evaluation = judge(read(*groups, count(1)), {**only("teams"), "locations": ["EUR", "NAM"]})
    told = {one["scope"]: one["status"] for one in evaluation["results"] if one["check"] == "backup_presence"}
    assert told == {"teams@EUR": "pass", "teams@NAM": "fail"}


def test_an_answer_for_another_location_answers_nothing() -> None:
    evaluation = judge(read(group([job("a", finish=ago(hours=1))], location="EUR"), count(1)), only("teams"))
    assert result(evaluation, "backup_presence")["status"] == "error"


@pytest.mark.parametrize("check", ["backup_recency", "backup_presence"])
@pytest.mark.parametrize(
    "broken",
    [
        {"job_type": "restore"},
        {"job_type": None},
        {"object_type": "onedrive"},
        {"query": None},
        {"query": {"start_time": "2026-11-17T06:00:01Z"}},  # begins a second too late
        {"query": {"start_time": "2026-11-10T06:00:00Z", "finish_time": "2026-11-20T00:00:00Z"}},
        {"query": {"start_time": "2026-11-10T06:00:00Z", "states": ["finished"]}},
        {"query": {"start_time": "2026-11-10T06:00:00Z", "count_only": True}},
        {"query": {"start_time": "yesterday"}},
        {"query": {"start_time": 17}},
        {"total_count": None},
        {"total_count": 2},
        {"total_count": True},
        {"by_state": None},
        {"by_state": {"finished": 1}},
        {"by_state": dict.fromkeys(("in_progress", "finished", "failed", "unknown"), 0)},
        {"recent": None},
        {"recent": [17]},
        {"recent": [{"id": 1, "state": "finished"}]},
        {"recent": [{"id": "a"}]},
        {"recent": [{"id": "a", "state": "finished", "start_time": "soon"}]},
        {"last_success": None},
        {"last_success": "absent"},
        {"last_completed": None},
        {"last_completed": {"id": "b", "state": "failed"}},
    ],
)
def test_an_answer_that_is_missing_broken_or_contradicts_itself_is_an_error(check: str, broken: dict[str, Any]) -> None:
    teams = group([job("a", finish=ago(hours=1))])
    teams.update(broken)
    if broken.get("last_success") == "absent":
        del teams["last_success"]
    told = result(judge(read(teams, count(1)), only("teams")), check)
    assert told["status"] == "error"
    assert told["message"]


def test_a_job_whose_id_is_no_text_is_an_error_although_all_else_fits() -> None:
    teams = group([job("a", finish=ago(hours=1))])
    for named in (teams["recent"][0], teams["last_success"], teams["last_completed"]):
        named["id"] = 17
    assert outcome("backup_recency", teams)["message"] == "A job has no id."


def test_a_last_success_is_an_error_where_no_success_is_counted() -> None:
    teams = group([job("a", "failed", finish=ago(hours=1))])
    teams["last_success"] = teams["last_completed"]
    told = outcome("backup_recency", teams)
    assert (told["status"], "last_success does not fit" in told["message"]) == ("error", True)


@pytest.mark.parametrize(
    ("start", "finish", "status"),
    [
        (NOW + 300, NOW + 300, "pass"),
        (NOW + 301, NOW + 301, "error"),
        (NOW - 60, NOW + 301, "error"),
    ],
)
def test_a_job_in_the_future_makes_every_age_unknown(start: int, finish: int, status: str) -> None:
    jobs = [job("future", start=start, finish=finish), job("a", finish=ago(hours=2))]
    evaluation = judge(read(group(jobs), count(2)), only("teams"))
    assert result(evaluation, "backup_recency")["status"] == status
    assert result(evaluation, "evidence")["status"] == status


def test_of_several_answers_the_one_with_the_closest_window_counts() -> None:
    wide = group([job("a", start=WINDOW_START - 50, finish=WINDOW_START - 10)], since=WINDOW_START - 100)
    exact = group([])
    evaluation = judge(read(wide, exact, count(0)), only("teams"))
    assert result(evaluation, "backup_recency")["observed"] == "none since 2026-11-17T06:00:00Z"


def test_at_most_ten_jobs_are_cited() -> None:
    failures = [job(f"f{minute:02}", "failed", finish=ago(minutes=minute)) for minute in range(30)]
    assert len(outcome("backup_recency", group(failures))["jobs"]) == 10


def test_a_finding_says_what_ran_instead() -> None:
    told = outcome("backup_recency", group([job("a", "failed", finish=ago(hours=1))]))
    assert "Jobs that ran: 1 failed." in told["message"]


@pytest.mark.parametrize(
    ("finish_time", "status"),
    [
        (None, "pass"),
        ("2026-11-24T06:00:01Z", "pass"),
        ("2026-11-24T06:00:00Z", "pass"),
        ("2026-11-24T05:59:59Z", "error"),
    ],
)
def test_an_answer_must_reach_up_to_now(finish_time: str | None, status: str) -> None:
    teams = group([job("a", finish=ago(hours=1))])
    teams["query"]["finish_time"] = finish_time
    assert result(judge(read(teams, count(1)), only("teams")), "backup_recency")["status"] == status
