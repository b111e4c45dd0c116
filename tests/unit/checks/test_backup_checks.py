# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.cloudbackup.m365.tests.unit.readings import (
    NOW,
    READ_START,
    SERVICES,
    STATES,
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
    shown = outcome("backup_recency", group([job("a", finish=ago(seconds=age))]))
    assert shown["status"] == status
    assert shown["jobs"] == ["a"]


@pytest.mark.parametrize(
    ("age", "shown"),
    [
        (-300, "0 s ago, 2026-11-24T06:05:00Z"),
        (26 * HOUR + 1, "26 h 1 s ago, 2026-11-23T03:59:59Z"),
        (6 * 24 * HOUR + HOUR, "6 d 1 h ago, 2026-11-18T05:00:00Z"),
    ],
)
def test_the_age_of_the_last_backup_is_reported_with_its_instant(age: int, shown: str) -> None:
    found = outcome("backup_recency", group([job("a", finish=ago(seconds=age))]))
    assert found["observed"] == shown
    assert found["message"] == f"The last finished backup is {shown.partition(' ago')[0]} old by its finish."


@pytest.mark.parametrize("state", ["finished", "finished_with_exception"])
def test_a_backup_with_exceptions_counts_as_one(state: str) -> None:
    shown = outcome("backup_recency", group([job("a", state, finish=ago(hours=1))]))
    assert (shown["status"], shown["jobs"]) == ("pass", ["a"])


@pytest.mark.parametrize("state", ["failed", "partially_finished", "in_progress", "Paused"])
def test_no_other_state_counts(state: str) -> None:
    finish = None if state == "in_progress" else ago(hours=1)
    shown = outcome("backup_recency", group([job("a", state, start=ago(hours=2), finish=finish)]))
    assert shown["status"] == "fail"
    assert shown["observed"] == "none since 2026-11-03T06:00:00Z"
    assert shown["jobs"] == ["a"]


def test_a_job_that_never_succeeded_does_not_skip_the_age_rule() -> None:
    shown = outcome("backup_recency", group([]))
    assert (shown["status"], shown["observed"]) == ("fail", "none since 2026-11-03T06:00:00Z")
    assert "Jobs that ran: none." in shown["message"]


def test_last_is_by_finish_not_by_start() -> None:
    long_one = job("long", start=ago(hours=60), finish=ago(hours=1))
    short_one = job("short", start=ago(hours=50), finish=ago(hours=49))
    assert outcome("backup_recency", group([short_one, long_one]))["jobs"] == ["long"]


def test_a_finished_job_without_a_finish_is_as_old_as_its_start() -> None:
    shown = outcome("backup_recency", group([job("a", start=ago(hours=27))]))
    assert shown["status"] == "warn"
    assert "start" in shown["message"]


def test_a_job_without_any_time_cannot_be_determined() -> None:
    assert outcome("backup_recency", group([job("a")]))["status"] == "error"


@pytest.mark.parametrize(
    ("age", "status"), [(23 * HOUR, "pass"), (24 * HOUR, "pass"), (24 * HOUR + 1, "warn"), (30 * HOUR + 1, "fail")]
)
def test_thresholds_of_one_service(age: int, status: str) -> None:
    settings = {"warn": "25h", "services": {"teams": {"warn": "24h", "fail": "30h"}}}
    assert outcome("backup_recency", group([job("a", finish=ago(seconds=age))]), settings)["status"] == status


def test_the_policy_decides_which_states_count() -> None:
    jobs = [job("good", finish=ago(hours=60)), job("degraded", "finished_with_exception", finish=ago(hours=2))]
    shown = outcome("backup_recency", group(jobs), {"states": ["finished"]})
    assert (shown["status"], shown["jobs"]) == ("fail", ["good"])
    assert outcome("backup_recency", group(jobs))["status"] == "pass"


@pytest.mark.parametrize("recent", [0, 2, 4])
@pytest.mark.parametrize(
    ("state", "age", "status"),
    [("partially_finished", 26, "pass"), ("partially_finished", 27, "warn"), ("failed", 1, "fail")],
)
def test_the_last_backup_of_several_states_needs_no_rows(state: str, age: int, status: str, recent: int) -> None:
    jobs = [job(f"d{day}", "finished_with_exception", finish=ago(days=day)) for day in (4, 5, 6)]
    settings = {"states": ["finished_with_exception", "partially_finished"]}
    teams = group([*jobs, job("new", state, finish=ago(hours=age))], recent=recent)
    shown = outcome("backup_recency", teams, settings)
    assert (shown["status"], shown["jobs"]) == (status, ["d4"] if state == "failed" else ["new"])


@pytest.mark.parametrize(
    ("end", "observed"),
    [
        (WINDOW_START, "7 d ago, 2026-11-17T06:00:00Z"),
        (WINDOW_START - 1, "7 d 1 s ago, 2026-11-17T05:59:59Z"),
        (READ_START, "21 d ago, 2026-11-03T06:00:00Z"),
    ],
)
def test_the_true_age_of_a_backup_before_the_window_is_reported(end: int, observed: str) -> None:
    shown = outcome("backup_recency", group([job("a", start=READ_START, finish=end)]))
    assert (shown["status"], shown["observed"]) == ("fail", observed)


def test_a_first_full_backup_of_ten_days_that_ended_an_hour_ago_is_the_last_backup() -> None:
    first = job("first", start=ago(days=10, hours=1), finish=ago(hours=1), took=10 * 24 * HOUR)
    evaluation = judge(read(group([first]), count(1)), only("teams"))
    assert evaluation["verdict"] == "compliant"
    for check in ("backup_recency", "backup_presence", "consecutive_failures"):
        assert (result(evaluation, check)["status"], result(evaluation, check)["jobs"]) == ("pass", ["first"])


def test_the_last_finished_job_is_known_however_few_rows_were_kept() -> None:
    failures = [job(f"f{hours}", "failed", finish=ago(hours=hours)) for hours in range(1, 40)]
    successes = [job("good", finish=ago(hours=47)), job("older", finish=ago(hours=71))]
    teams = group([*failures, *successes], recent=5)
    shown = outcome("backup_recency", teams)
    assert (shown["status"], shown["jobs"]) == ("warn", ["good"])


def test_a_service_whose_jobs_stopped_fails_although_nothing_failed() -> None:
    reading = healthy()
    reading["jobs"]["groups"][3] = group([])
    evaluation = judge(reading)
    assert evaluation["verdict"] == "non_compliant"
    shown = result(evaluation, "backup_presence", "teams")
    assert (shown["status"], shown["observed"]) == ("fail", "no job seen")


@pytest.mark.parametrize("state", ["failed", "in_progress", "Paused"])
def test_presence_is_any_job_whatever_became_of_it(state: str) -> None:
    assert outcome("backup_presence", group([job("a", state, start=ago(days=6))]))["status"] == "pass"


@pytest.mark.parametrize("ended_since", [WINDOW_START, None])  # by the figures of the digest, and by the rows
@pytest.mark.parametrize("start", [READ_START, WINDOW_START - 1])
@pytest.mark.parametrize(
    ("end", "status"),
    [(WINDOW_START - 1, "fail"), (WINDOW_START, "pass"), (WINDOW_START + 1, "pass"), (None, "pass")],
)
def test_a_backup_belongs_to_the_window_by_its_end_or_still_runs(
    end: int | None, status: str, start: int, ended_since: int | None
) -> None:
    state = "in_progress" if end is None else "finished"
    shown = outcome("backup_presence", group([job("a", state, start=start, finish=end)], ended_since=ended_since))
    assert (shown["status"], shown["jobs"]) == (status, ["a"])


@pytest.mark.parametrize(("ended_since", "observed"), [(WINDOW_START, "2 jobs seen"), (None, "1 job or more seen")])
def test_presence_by_rows_alone_says_that_there_may_be_more(ended_since: int | None, observed: str) -> None:
    jobs = [job("a", finish=ago(hours=1)), job("b", finish=ago(hours=9))]
    assert outcome("backup_presence", group(jobs, recent=1, ended_since=ended_since))["observed"] == observed


def test_presence_cannot_be_determined_where_the_rows_that_could_show_it_were_not_kept() -> None:
    jobs = [job("a", finish=WINDOW_START - 9), job("b", start=READ_START, finish=WINDOW_START - 99)]
    assert outcome("backup_presence", group(jobs))["status"] == "fail"
    assert outcome("backup_presence", group(jobs, ended_since=None, recent=0))["status"] == "error"


def test_several_services_are_judged_each_for_itself() -> None:
    reading = healthy()
    reading["jobs"]["groups"][1] = group([job("old", finish=ago(hours=49))], "sharepoint_online")
    reading["jobs"]["groups"][2] = group([job("older", finish=ago(hours=27))], "onedrive")
    evaluation = judge(reading)
    shown = {one["scope"]: one["status"] for one in evaluation["results"] if one["check"] == "backup_recency"}
    assert shown == dict(zip(SERVICES, ("pass", "fail", "warn", "pass")))


def test_locations_are_scopes_of_their_own() -> None:
    groups = [group([job("a", finish=ago(hours=1))], location="EUR"), group([], location="NAM")]
    evaluation = judge(read(*groups, count(1)), {**only("teams"), "locations": ["EUR", "NAM"]})
    shown = {one["scope"]: one["status"] for one in evaluation["results"] if one["check"] == "backup_presence"}
    assert shown == {"teams@EUR": "pass", "teams@NAM": "fail"}


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
        {"query": {"start_time": "2026-11-03T06:00:01Z"}},  # begins a second too late
        {"query": {"start_time": "2026-11-10T06:00:00Z", "finish_time": "2026-11-20T00:00:00Z"}},
        {"query": {"start_time": "2026-11-10T06:00:00Z", "states": ["finished"]}},
        {"query": {"start_time": "2026-11-10T06:00:00Z", "count_only": True}},
        {"query": {"start_time": "yesterday"}},
        {"query": {"start_time": 17}},
        {"total_count": None},
        {"total_count": 2},
        {"ended_since": {"by_state": None}},
        {"ended_since": {"by_state": dict.fromkeys(STATES, 1)}},  # more than there are
        {"ended_since": {"by_state": dict.fromkeys(STATES, 0)}},  # fewer than were kept
        {"total_count": True},
        {"by_state": None},
        {"by_state": {"finished": 1}},
        {"by_state": dict.fromkeys(("in_progress", "finished", "failed", "unknown"), 0)},
        {"recent": None},
        {"recent": [17]},
        {"recent": [{"id": 1, "state": "finished"}]},
        {"recent": [{"id": "a"}]},
        {"recent": [{"id": "a", "state": "finished", "start_time": "soon"}]},
        {"last_by_state": None},
        {"last_by_state": {}},
        {"last_by_state": {"failed": {"id": "a", "state": "failed"}}},
        {"last_success": None},
        {"last_success": "absent"},
        {"last_completed": None},
        {"last_completed": {"id": "b", "state": "failed"}},
    ],
)
def test_an_answer_that_is_missing_broken_or_contradicts_itself_is_an_error(check: str, broken: dict[str, Any]) -> None:
    teams = group([job("a", finish=ago(hours=1))])
    reading = read(teams, count(1))
    teams.update(broken)
    if broken.get("last_success") == "absent":
        del teams["last_success"]
    shown = result(judge(reading, only("teams")), check)
    assert shown["status"] == "error"
    assert shown["message"]


BEFORE = {"finished": 2, "failed": 1, "partially_finished": 0}
"""The ranks of three backups that ended one after the other."""


@pytest.mark.parametrize(
    ("ranks", "last", "shown"),
    [
        ({}, {}, None),
        ({"finished": 1, "failed": 2}, {}, "contradicts the times"),
        ({"failed": 2}, {}, "does not count them"),
        ({"failed": 3}, {}, "does not count them"),
        ({"failed": None}, {}, "no count finish_rank"),
        ({"failed": -1}, {}, "which is not a count"),
        ({}, {"last_completed": "failed"}, "is named as the last, and Job partially_finished ended after it"),
    ],
)
def test_ranks_and_last_jobs_that_contradict_each_other_are_an_error(ranks: Any, last: Any, shown: str | None) -> None:
    jobs = [job(state, state, finish=ago(hours=rank + 1)) for state, rank in BEFORE.items()]
    teams = group(jobs)
    for one in teams["recent"]:
        one["finish_rank"] = {**BEFORE, **ranks}[one["id"]]
    teams.update({name: one for name, state in last.items() for one in jobs if one["id"] == state})
    found = outcome("backup_recency", teams)
    assert found["status"] == ("error" if shown else "pass")
    assert (shown or "") in found["message"]


def test_a_last_job_is_an_error_where_that_of_another_state_ended_later_although_no_row_was_kept() -> None:
    older, newer = job("older", finish=ago(hours=2)), job("newer", "failed", finish=ago(hours=1))
    teams = {**group([older, newer], recent=0), "last_completed": older}
    message = outcome("consecutive_failures", teams)["message"]
    assert "Job older is named as the last, and Job newer ended after it" in message


def test_a_last_job_is_an_error_where_the_digest_names_another_one_of_the_same_second() -> None:
    jobs = [job(name, finish=ago(hours=1)) for name in ("a", "b")]
    teams = {**group(jobs), "last_completed": jobs[0]}
    assert "last_completed is none of its last_by_state" in outcome("backup_recency", teams)["message"]
    teams = group(jobs)
    for one in teams["recent"]:
        one["finish_rank"] = 1 - one["finish_rank"]
    assert "Job b is named as the last, and Job a ended after it" in outcome("backup_recency", teams)["message"]


def test_a_job_whose_id_is_no_text_is_an_error_although_all_else_fits() -> None:
    teams = group([job("a", finish=ago(hours=1))])
    for named in (teams["recent"][0], teams["last_success"], teams["last_completed"]):
        named["id"] = 17
    assert outcome("backup_recency", teams)["message"] == "A job has no id."


def test_a_last_success_is_an_error_where_no_success_is_counted() -> None:
    teams = group([job("a", "failed", finish=ago(hours=1))])
    teams["last_success"] = teams["last_completed"]
    shown = outcome("backup_recency", teams)
    assert (shown["status"], "last_success does not fit" in shown["message"]) == ("error", True)


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
    wide = group([job("a", start=READ_START - 50, finish=READ_START - 10)], since=READ_START - 100)
    exact = group([])
    evaluation = judge(read(wide, exact, count(0)), only("teams"))
    assert result(evaluation, "backup_recency")["observed"] == "none since 2026-11-03T06:00:00Z"


def test_at_most_ten_jobs_are_cited() -> None:
    failures = [job(f"f{minute:02}", "failed", finish=ago(minutes=minute)) for minute in range(30)]
    assert len(outcome("backup_recency", group(failures))["jobs"]) == 10


def test_a_finding_says_what_ran_instead() -> None:
    shown = outcome("backup_recency", group([job("a", "failed", finish=ago(hours=1))]))
    assert "Jobs that ran: 1 failed." in shown["message"]


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
