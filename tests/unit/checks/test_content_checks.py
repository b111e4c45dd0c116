# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.cloudbackup.m365.tests.unit.readings import (
    SERVICES,
    ago,
    group,
    healthy,
    job,
    judge,
    outcome,
    result,
)

HOUR, DAY = 3_600, 86_400
FULL, EMPTY, SKIPPED = (100, 0, 100, 0), (0, 0, 0, 0), (100, 0, 0, 100)
UNREPORTED = (None, None, None, None)
GOOD, BAD, EXCEPTED, PARTIAL = "finished", "failed", "finished_with_exception", "partially_finished"


def backups(*shown: Any, every: float = 6, newest: float = 1) -> list[dict[str, Any]]:
    """Finished backups with these objects, or pairs of a state and objects, the newest first."""
    pairs = [one if one and isinstance(one[0], str) else (GOOD, one) for one in shown]
    return [
        job(f"j{index:03}", state, finish=ago(hours=newest + every * index), objects=objects)
        for index, (state, objects) in enumerate(pairs)
    ]


@pytest.mark.parametrize(
    ("total", "failed", "status"),
    [
        (1000, 0, "pass"),
        (1000, 5, "pass"),  # 0.5 % is not over 0.5 %
        (1000, 6, "warn"),
        (10_000, 51, "warn"),  # 0.51 % is compared unrounded
        (1000, 20, "warn"),  # 2 % is not over 2 %
        (1000, 21, "fail"),
        (100_000, 2001, "fail"),  # 2.001 %
        (10, 4, "pass"),  # 40 %, but fewer than five
        (10, 5, "fail"),
        (5, 5, "fail"),
        (0, 0, "not_applicable"),  # hollow_backups judges these
        (0, 1, "error"),
        (9, 10, "error"),
        (None, 0, "error"),
        (100, None, "error"),
        (None, None, "error"),
    ],
)
def test_failed_objects_of_the_last_backup_that_did_not_fail(
    total: int | None, failed: int | None, status: str
) -> None:
    objects = (total, failed, None, None)
    shown = outcome("failed_objects", group(backups((BAD, (100, 100, 0, 0)), objects, (100, 100, 0, 0))))
    assert shown["status"] == status
    assert shown["jobs"] == (["j001"] if status in ("pass", "warn", "fail") else [])


@pytest.mark.parametrize(
    ("objects", "status"),
    [
        ((1000, 0, 1000, 0), "pass"),
        ((1000, 0, 995, 0), "pass"),  # 0.5 % unaccounted
        ((1000, 0, 994, 0), "warn"),
        ((1000, 0, 0, 980), "warn"),  # 2 %
        ((1000, 0, 0, 979), "fail"),
        ((1000, 0, 1, 0), "fail"),
        ((1000, 3, 995, 0), "pass"),  # both together are 0.5 %
        ((1000, 3, 994, 0), "warn"),
        ((1000, 15, 979, 0), "fail"),
        ((1000, 5, 1000, 0), "pass"),  # more than all are none unaccounted
        ((1000, 0, 1, None), "pass"),  # that the others were skipped is not denied
        ((1000, 0, None, 0), "pass"),
        ((100, 2, 94, 0), "fail"),
        ((10, 1, 6, 0), "pass"),  # four together, and five are needed
        ((10, 1, 5, 0), "fail"),
    ],
)
def test_objects_that_no_count_holds_are_failed_ones(objects: Any, status: str) -> None:
    assert outcome("failed_objects", group(backups(objects)))["status"] == status


def test_unaccounted_objects_are_counted_apart() -> None:
    shown = outcome("failed_objects", group(backups((1000, 7, 900, 90))))
    assert shown["observed"] == "10 of 1000 objects failed or unaccounted for (3) (1 %)"


@pytest.mark.parametrize("state", [GOOD, EXCEPTED, PARTIAL])
def test_failed_objects_are_looked_at_however_the_backup_finished(state: str) -> None:
    assert outcome("failed_objects", group(backups((state, (100, 9, 91, 0)))))["status"] == "fail"


@pytest.mark.parametrize("check", ["failed_objects", "coverage_drop", "slow_backups"])
@pytest.mark.parametrize("state", [BAD, "Paused"])
def test_what_a_failed_backup_left_out_is_no_further_finding(check: str, state: str) -> None:
    failed = [(state, (10, 10, 0, 0))] * 3
    assert outcome(check, group(backups(*failed, *[FULL] * 6)))["status"] == "pass"
    assert outcome(check, group(backups(*failed)))["status"] == "not_applicable"


@pytest.mark.parametrize(("fewest", "status"), [(9, "fail"), (10, "pass")])
def test_a_handful_of_failed_objects_may_be_allowed(fewest: int, status: str) -> None:
    shown = outcome("failed_objects", group(backups((100, 9, 91, 0))), settings={"min_objects": fewest})
    assert shown["status"] == status


def test_not_one_failed_object_may_be_allowed() -> None:
    settings = {"fail": 0, "min_objects": 1}
    assert outcome("failed_objects", group(backups((10**9, 1, 1, 10**9))), settings=settings)["status"] == "fail"
    assert outcome("failed_objects", group(backups((10**9, 0, 1, 10**9))), settings=settings)["status"] == "pass"


def test_a_backup_without_any_figures_is_not_one_without_failures() -> None:
    for objects in (None, UNREPORTED):
        shown = outcome("failed_objects", group([job("a", finish=ago(hours=1), objects=objects)]))
        assert (shown["status"], "contains no total count" in shown["message"]) == ("error", True)


@pytest.mark.parametrize(
    ("shown", "status"),
    [
        ([FULL, FULL, FULL], "pass"),
        ([EMPTY, FULL, FULL], "warn"),
        ([SKIPPED, FULL, FULL], "warn"),
        ([(100, 40, 0, 60), FULL], "warn"),
        ([(100, 99, 1, 0), FULL], "pass"),  # one object is something
        ([FULL, FULL, EMPTY], "warn"),
        ([EMPTY] * 3 + [FULL], "warn"),  # three, but within 12 hours
        ([EMPTY] * 12 + [FULL], "warn"),  # the first ended 67 hours ago
        ([EMPTY] * 13 + [FULL], "fail"),  # 73 hours ago
        ([EMPTY] * 20, "fail"),
        ([FULL] + [EMPTY] * 13, "warn"),  # there is something in the newest
        ([(BAD, EMPTY)] + [EMPTY] * 12, "fail"),  # a failure neither ends the row
        ([EMPTY] + [(BAD, FULL)] * 11 + [EMPTY], "warn"),  # nor lengthens it
        ([EMPTY] * 2 + [(BAD, FULL)] * 10 + [EMPTY], "fail"),
        ([EMPTY] * 2 + [("Paused", FULL)] * 10 + [EMPTY], "fail"),
        ([EMPTY] * 2 + [("in_progress", FULL)] * 10 + [EMPTY], "fail"),
        ([(EXCEPTED, FULL)] + [EMPTY] * 13, "warn"),  # a degraded one with something in it ends it
        ([(EXCEPTED, EMPTY)] + [EMPTY] * 13, "fail"),  # one without is passed over
        ([(PARTIAL, (9, 9, 0, 0))] * 9, "not_applicable"),  # and is no success
        ([(BAD, EMPTY)] * 9, "not_applicable"),
        ([], "not_applicable"),
    ],
)
def test_hollow_backups(shown: list[Any], status: str) -> None:
    assert outcome("hollow_backups", group(backups(*shown)))["status"] == status


@pytest.mark.parametrize(("count", "status"), [(1, "warn"), (2, "warn"), (3, "fail"), (4, "fail")])
def test_so_many_hollow_backups_in_a_row_fail(count: int, status: str) -> None:
    assert outcome("hollow_backups", group(backups(*[EMPTY] * count, FULL, every=36)))["status"] == status


@pytest.mark.parametrize(("age", "status"), [(72 * HOUR - 1, "warn"), (72 * HOUR, "fail"), (72 * HOUR + 1, "fail")])
def test_the_first_hollow_backup_of_a_row_must_have_ended_three_days_ago_to_fail(age: int, status: str) -> None:
    ends = (60 * HOUR, 70 * HOUR, age)
    jobs = [job(f"j{end}", finish=ago(seconds=end), objects=EMPTY) for end in ends]
    assert outcome("hollow_backups", group(jobs))["status"] == status


@pytest.mark.parametrize(("warn", "status"), [(1, "warn"), (2, "warn"), (3, "pass")])
def test_so_many_hollow_backups_in_the_window_warn(warn: int, status: str) -> None:
    jobs = backups(FULL, EMPTY, FULL, EMPTY, FULL)
    assert outcome("hollow_backups", group(jobs), settings={"warn": warn})["status"] == status


@pytest.mark.parametrize(
    ("shown", "settings", "status"),
    [
        ([UNREPORTED, FULL], {}, "error"),
        ([FULL, UNREPORTED], {}, "error"),  # it may be the one that warns
        ([FULL, EMPTY, UNREPORTED], {}, "warn"),  # that is certain without it
        ([EMPTY, UNREPORTED, EMPTY], {}, "error"),  # it may be the one that fails
        ([EMPTY] * 13 + [UNREPORTED], {}, "fail"),  # that is certain, too
        ([FULL, UNREPORTED], {"warn": 2}, "pass"),  # one alone can do nothing
        ([(EXCEPTED, UNREPORTED), FULL], {}, "error"),  # whether it ends a row is not known
        ([FULL, (EXCEPTED, UNREPORTED)], {}, "pass"),
        ([(BAD, UNREPORTED), FULL], {}, "pass"),  # of a failure it does not matter
        ([(100, 0, None, 0), FULL], {}, "error"),  # a total alone may have been skipped
        ([(0, None, None, None), FULL], {}, "warn"),  # without an object no other figure is needed
        ([(None, None, 0, None), FULL], {}, "warn"),
        ([(None, None, 7, None), FULL], {}, "pass"),
        ([(0, 0, 7, 0), FULL], {}, "error"),  # a contradiction
        ([(5, 0, 7, 0), FULL], {}, "error"),
    ],
)
def test_a_backup_that_does_not_tell_its_objects_is_neither_hollow_nor_full(
    shown: list[Any], settings: Any, status: str
) -> None:
    assert outcome("hollow_backups", group(backups(*shown)), settings=settings)["status"] == status


def test_a_hollow_backup_says_what_was_skipped() -> None:
    shown = outcome("hollow_backups", group(backups(SKIPPED, SKIPPED, FULL)))
    assert shown["observed"] == "2 of 3 finished backups hollow, the last 2 in a row since 2026-11-23T23:00:00Z"
    assert "took none of 100 objects, 100 of them skipped" in shown["message"]
    assert "had no object at all" in outcome("hollow_backups", group(backups(EMPTY, FULL)))["message"]


TOTALS = [(total, 0, 1, 0) for total in (90, 110, 100, 1000, 10)]
"""Their median is 100."""


@pytest.mark.parametrize(
    ("last", "status"),
    [
        ((100, 0, 1, 0), "pass"),
        ((1000, 0, 1, 0), "pass"),  # growth is no fault
        ((70, 0, 1, 0), "pass"),  # 30 % is not over 30 %
        ((69, 0, 1, 0), "warn"),
        ((50, 0, 1, 0), "warn"),
        ((49, 0, 1, 0), "fail"),
        ((0, 0, 0, 0), "not_applicable"),  # hollow_backups judges it
        ((100, 0, 0, 100), "not_applicable"),
        ((None, 0, 1, 0), "error"),
        ((49, None, None, None), "fail"),  # a drop is a drop whatever else is not reported
        ((EXCEPTED, (49, 9, 40, 0)), "fail"),
    ],
)
def test_the_last_backup_against_the_median_of_those_before_it(last: Any, status: str) -> None:
    assert outcome("coverage_drop", group(backups(last, *TOTALS)))["status"] == status


@pytest.mark.parametrize(
    ("total", "observed"),
    [
        (40, "40 objects against 100 usually, 60 % fewer"),
        (100, "100 objects against 100 usually"),
        (1000, "1000 objects against 100 usually, 900 % more"),
    ],
)
def test_the_last_backup_is_reported_as_fewer_or_more_than_usual(total: int, observed: str) -> None:
    assert outcome("coverage_drop", group(backups((total, 0, 1, 0), *TOTALS)))["observed"] == observed


@pytest.mark.parametrize(
    ("before", "total", "status"),
    [
        ([1001, 1000, 1001, 1000, 1001, 1000], 501, "warn"),  # the median is 1000.5, half of it 500.25
        ([1001, 1000, 1001, 1000, 1001, 1000], 500, "fail"),
        ([1000, 999, 999, 999, 999], 700, "pass"),
        ([1000, 999, 999, 999, 999], 699, "warn"),  # 30.03 % is compared unrounded
        ([0, 0, 0, 100, 100], 50, "not_applicable"),  # nothing is usual, so nothing can drop
        ([100, 100, 100, 100], 1, "not_applicable"),  # fewer than five
        ([None, 100, 100, 100, 100], 100, "error"),
    ],
)
def test_what_is_usual_is_exact(before: list[int | None], total: int, status: str) -> None:
    shown = [(one, 0, 1, 0) for one in [total, *before]]
    assert outcome("coverage_drop", group(backups(*shown)))["status"] == status


def test_a_failed_backup_does_not_lower_what_is_usual() -> None:
    failed = [(BAD, EMPTY)] * 9
    assert outcome("coverage_drop", group(backups((40, 0, 40, 0), *failed, *[FULL] * 5)))["status"] == "fail"
    assert outcome("coverage_drop", group(backups((40, 0, 40, 0), *failed, *[FULL] * 4)))["status"] == "not_applicable"


@pytest.mark.parametrize(("fewest", "status"), [(3, "fail"), (4, "not_applicable")])
def test_fewer_backups_than_the_policy_asks_for_make_nothing_usual(fewest: int, status: str) -> None:
    shown = outcome("coverage_drop", group(backups((1, 0, 1, 0), *[FULL] * 3)), settings={"min_jobs": fewest})
    assert shown["status"] == status


def test_only_the_newest_two_hundred_make_what_is_usual() -> None:
    now, before = (60, 0, 60, 0), (1000, 0, 1000, 0)
    jobs = backups(now, *[FULL] * 200, *[before] * 400, every=0.25)
    assert outcome("coverage_drop", group(jobs, recent=601))["observed"].startswith("60 objects against 100 usually")


@pytest.mark.parametrize("recent", [301, 200])
def test_a_backup_that_ran_for_days_hides_no_drop_however_many_rows_were_kept(recent: int) -> None:
    long = job("long", start=ago(hours=100), finish=ago(hours=1.2), objects=FULL)
    jobs = [*backups((10, 0, 10, 0), *[FULL] * 299, every=0.5), long]
    assert outcome("coverage_drop", group(jobs, recent=recent))["status"] == "fail"


CHECKS = ("failed_objects", "hollow_backups", "coverage_drop")
OF_HISTORY = ("hollow_backups", "coverage_drop")


@pytest.mark.parametrize("check", OF_HISTORY)
@pytest.mark.parametrize(
    ("count", "recent", "status"), [(40, 39, "error"), (40, 40, "pass"), (300, 199, "error"), (300, 200, "pass")]
)
def test_the_past_rests_on_all_rows_or_on_the_newest_two_hundred(
    check: str, count: int, recent: int, status: str
) -> None:
    shown = outcome(check, group(backups(*[FULL] * count, every=0.5), recent=recent))
    assert shown["status"] == status
    if status == "error":
        assert "more rows are needed than were kept" in shown["message"]


def test_the_past_may_rest_on_the_jobs_that_the_digest_names_where_there_are_no_others() -> None:
    teams = group(backups((EXCEPTED, (10, 0, 10, 0)), FULL), recent=0)
    assert outcome("coverage_drop", teams, settings={"min_jobs": 1})["status"] == "fail"


@pytest.mark.parametrize(("newest", "status"), [(EMPTY, "error"), (FULL, "pass")])
def test_a_hollow_row_that_the_kept_rows_do_not_end(newest: Any, status: str) -> None:
    jobs = backups(newest, *[EMPTY if newest == EMPTY else FULL] * 250, every=0.1)
    assert outcome("hollow_backups", group(jobs))["status"] == status


def test_failed_objects_need_no_rows() -> None:
    shown = outcome("failed_objects", group(backups((100, 9, 91, 0), *[FULL] * 50, every=1), recent=0))
    assert shown["status"] == "fail"


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("jobs", [[], [job("a", "in_progress", start=ago(hours=2), objects=FULL)]])
def test_without_a_completed_backup_there_is_nothing_to_look_into(check: str, jobs: list[Any]) -> None:
    assert outcome(check, group(jobs))["status"] == "not_applicable"


@pytest.mark.parametrize(
    ("check", "settings"),
    [("failed_objects", {"fail": "20 %"}), ("hollow_backups", {"span": "5d"}), ("coverage_drop", {"fail": "95 %"})],
)
def test_a_service_has_thresholds_of_its_own(check: str, settings: Any) -> None:
    bad = {"failed_objects": (10, 1, 9, 0)}.get(check, EMPTY)
    jobs = backups(*[(100, 10, 90, 0)] + [bad] * 5 if check != "hollow_backups" else [bad] * 4 + [FULL], every=24)
    if check == "coverage_drop":
        jobs = backups((10, 0, 10, 0), *[FULL] * 5)
    assert outcome(check, group(jobs))["status"] == "fail"
    assert outcome(check, group(jobs), settings={"services": {"teams": settings}})["status"] == "warn"
    assert outcome(check, group(jobs), settings={"services": {"onedrive": settings}})["status"] == "fail"


@pytest.mark.parametrize("check", CHECKS)
def test_several_services_are_judged_each_for_itself(check: str) -> None:
    reading = healthy()
    shown = {
        "failed_objects": [(100, 50, 50, 0)],
        "hollow_backups": [EMPTY] * 13,
        "coverage_drop": [(9, 0, 9, 0), *[FULL] * 6],
    }[check]
    reading["jobs"]["groups"][1] = group(backups(*shown), "sharepoint_online")
    statuses = {one["scope"]: one["status"] for one in judge(reading)["results"] if one["check"] == check}
    assert statuses == dict(zip(SERVICES, ("pass", "fail", "pass", "pass")))


@pytest.mark.parametrize(
    ("check", "newest", "older", "status"),
    [
        ("failed_objects", [], (100, 9, 91, 0), "fail"),
        ("coverage_drop", [(40, 0, 40, 0)], FULL, "fail"),
        ("hollow_backups", [EMPTY], EMPTY, "fail"),
        ("hollow_backups", [], EMPTY, "not_applicable"),  # nothing finished in the window
        ("hollow_backups", [FULL], EMPTY, "pass"),  # only those of the window warn
    ],
)
def test_the_last_one_and_those_before_it_reach_back_beyond_the_window(
    check: str, newest: Any, older: Any, status: str
) -> None:
    before = [{**one, "id": f"o-{one['id']}"} for one in backups(*[older] * 6, newest=7 * 24 + 1)]
    assert outcome(check, group([*backups(*newest), *before]))["status"] == status


@pytest.mark.parametrize("broken", [True, "9", -1, 1.5, [9], {"total": 9}])
@pytest.mark.parametrize("figure", ["total_count", "failed_count", "successful_count", "skipped_count"])
def test_what_is_no_count_makes_the_whole_answer_unbelievable(figure: str, broken: Any) -> None:
    reading = healthy()
    reading["jobs"]["groups"][3]["recent"][2]["backup_details"][figure] = broken
    evaluation = judge(reading)
    for check in CHECKS:
        assert result(evaluation, check, "teams")["status"] == "error"
        assert result(evaluation, check, "onedrive")["status"] == "pass"
