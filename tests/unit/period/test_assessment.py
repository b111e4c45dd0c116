# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Gaps, days, episodes, waivers and license of a tenant: each threshold just under, at and just over it."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.period import (
    assessment,
    chain,
    coverage,
    period_report,
)
from ansible_collections.cloudbackup.m365.tests.unit.period.recorded_years import chained, daily, iso, moment, run
from hypothesis import given
from hypothesis import strategies as st

DAY, HOUR = 86_400, 3_600
START = int(moment("2026-01-01").timestamp())
SPAN = coverage.Span(START, START + 10 * DAY, START + 30 * DAY)


def at(text: str) -> int:
    return int(moment(text).timestamp())


def assess(runs: list[dict[str, Any]], end: str = "2026-01-10", now: str = "2026-02-01T00:00:00Z", **asked: Any) -> Any:
    """The row of a tenant from 2026-01-01 on; a gap is over 26 hours."""
    span = period_report.span(START, at(end), at(now))
    history = chain.chain(chained(runs))
    return assessment.assess("contoso", history, "", [], assessment.Asked(span, 26 * HOUR, span.at, **asked)).row


# --- Gaps -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("seconds", "is_gap"), [(-1, False), (0, False), (1, True)])
@pytest.mark.parametrize("where", ["first", "between", "last", "before", "now"])
def test_a_gap_is_longer_than_the_limit(where: str, seconds: int, is_gap: bool) -> None:
    limit, end = 26 * HOUR, SPAN.end
    span, times = {
        "first": (SPAN, [START + limit + seconds, end]),
        "between": (SPAN, [START, START + limit + seconds, end]),
        "last": (SPAN, [START, end - limit - seconds]),
        "before": (SPAN, [START - 5 * HOUR, START + 21 * HOUR + seconds, end]),
        "now": (coverage.Span(START, end, START + limit + seconds), [START, START + 3 * DAY]),
    }[where]
    # Whatever is in the middle has runs enough
    filled = [*times, *range(max(times[:-1] or times), times[-1], 20 * HOUR)] if where != "now" else times
    if where == "last":
        filled = [*range(START, times[-1], 20 * HOUR), times[-1]]
    assert bool(coverage.gaps(filled, span, limit)) is is_gap


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ([], [(0, 10 * DAY)]),
        ([-DAY], [(-DAY, 10 * DAY)]),
        # The run before the period ends a stretch that is none of this period
        ([-9 * DAY, 0, 5 * DAY], [(0, 5 * DAY), (5 * DAY, 10 * DAY)]),
        # A run after the end does not close the last gap
        ([-DAY, 8 * DAY, 11 * DAY], [(-DAY, 8 * DAY), (8 * DAY, 10 * DAY)]),
        ([8 * DAY, -DAY], [(-DAY, 8 * DAY), (8 * DAY, 10 * DAY)]),
    ],
)
def test_gaps_are_between_runs_and_the_ends_of_the_period(times: list[int], expected: list[Any]) -> None:
    found = coverage.gaps([START + time for time in times], SPAN, 26 * HOUR)
    assert found == [(START + first, START + second) for first, second in expected]


@given(st.lists(st.integers(-3 * DAY, 13 * DAY), max_size=40), st.integers(1, 5 * DAY), st.integers(0, 15 * DAY))
def test_every_second_of_the_period_is_near_a_run_or_in_a_gap(times: list[int], most: int, now: int) -> None:
    span = coverage.Span(START, START + 10 * DAY, START + now)
    found = coverage.gaps([START + time for time in times], span, most)
    limit = min(10 * DAY, now)
    for second in range(1, limit, 7_919):
        before = max((time for time in times if time <= min(second, limit)), default=0)
        before = before if before > 0 or any(time <= 0 for time in times) else 0
        after = min((time for time in times if second < time <= limit), default=limit)
        inside = any(first <= START + second < last for first, last in found)
        assert inside is (after - before > most)
    for first, last in found:
        assert last - first > most
        assert not any(first < START + time < last for time in times)


@pytest.mark.parametrize(("seconds", "hours"), [(26 * HOUR, 26), (26 * HOUR + 1, 26), (95_400, 26.5), (4_000, 1.11)])
def test_hours_have_two_places(seconds: int, hours: float) -> None:
    assert coverage.hours(seconds) == hours


# --- Standings --------------------------------------------------------------------------------------------------------


def test_a_run_a_day_proves_a_period_whatever_it_found() -> None:
    row = assess(daily("2026-01-01", 10, statuses={("license_seats", "license"): "fail"}))
    assert (row["standing"], row["runs"], row["days"]["non_compliant"], row["reason"]) == ("proven", 10, 10, "")


@pytest.mark.parametrize(
    ("runs", "standing"),
    [
        ([], "no_evidence"),
        (daily("2025-11-01", 10), "no_evidence"),
        (daily("2026-01-11", 10), "no_evidence"),
        (daily("2026-01-03", 8), "gaps"),
        (daily("2025-12-20", 30), "proven"),
        ([*daily("2026-01-01", 10), *daily("2026-01-05", 1)], "broken_chain"),
    ],
)
def test_the_standing_of_a_history(runs: list[dict[str, Any]], standing: str) -> None:
    assert assess(runs)["standing"] == standing


def test_a_run_in_report_only_mode_closes_a_gap_and_is_counted() -> None:
    runs = daily("2026-01-01", 10)
    runs[4]["enforce"] = False
    row = assess(runs)
    assert (row["standing"], row["runs"], row["report_only_runs"]) == ("proven", 10, 1)


@pytest.mark.parametrize("sign", [-1, 1])
@pytest.mark.parametrize(("seconds", "standing"), [(3_599, "proven"), (3_600, "proven"), (3_601, "gaps")])
@pytest.mark.parametrize("clock", ["server_time", "recorded_at"])
def test_a_run_that_was_evaluated_for_another_instant_proves_nothing(
    clock: str, seconds: int, standing: str, sign: int
) -> None:
    runs = daily("2026-01-01", 10)
    time = moment(runs[4]["server_time"])
    if clock == "recorded_at":
        runs[4].update(server_time=None, recorded_at=iso(time))
    runs[4]["evaluated_at"] = iso(time + datetime.timedelta(seconds=sign * seconds))
    row = assess(runs)
    assert (row["standing"], row["runs"]) == (standing, 10 if standing == "proven" else 9)
    assert ("1 run evaluated for an instant over 1 h away" in row["reason"]) is (standing == "gaps")


def test_two_lines_of_one_instant_are_two_runs() -> None:
    runs = daily("2026-01-01", 10)
    row = assess([*runs[:5], runs[4], *runs[5:]])
    assert (row["standing"], row["runs"]) == ("proven", 11)


def test_a_tenant_is_expected_from_a_day_on() -> None:
    runs = daily("2026-01-06", 5)
    assert assess(runs)["standing"] == "gaps"
    span = coverage.Span(at("2026-01-06"), at("2026-01-11"), at("2026-02-01T00:00:00Z"))
    asked = assessment.Asked(span, 26 * HOUR, span.at, "2026-01-06")
    row = assessment.assess("contoso", chain.chain(chained(runs)), "", [], asked).row
    assert (row["standing"], row["since"], sum(row["days"].values())) == ("proven", "2026-01-06", 5)


def test_an_anchor_has_to_be_in_the_history() -> None:
    runs = daily("2026-01-01", 10)
    kept = [one.sha256 for one in chain.chain(chained(runs)).runs]
    assert assess(runs, anchors=[kept[3], kept[9]])["standing"] == "proven"
    row = assess(runs[:9], anchors=[kept[3], kept[9]])
    assert row["standing"] == "broken_chain"
    assert kept[9] in row["reason"]
    assert row["newest"] == kept[8]


# --- Days -------------------------------------------------------------------------------------------------------------


def test_a_day_has_the_verdict_of_its_worst_run_and_may_not_be_over() -> None:
    runs = daily("2026-01-01", 4)
    noon = moment("2026-01-02T12:00:00Z")
    worse = [run(noon, statuses={("evidence", "run"): "error"}), run(noon, statuses={("evidence", "run"): "fail"})]
    row = assess([*runs[:2], *worse, *runs[3:]], now="2026-01-05T10:00:00Z")
    assert row["days"] == {"compliant": 2, "non_compliant": 1, "undetermined": 0, "not_proven": 1, "not_yet": 6}


@pytest.mark.parametrize(("now", "counted"), [("2026-01-04T03:00:01Z", 3), ("2026-01-04T03:00:02Z", 4)])
def test_a_run_after_now_does_not_count(now: str, counted: int) -> None:
    assert assess(daily("2026-01-01", 10), now=now)["runs"] == counted


# --- Episodes ---------------------------------------------------------------------------------------------------------

SEATS = ("license_seats", "license")


def found_in(*statuses: str | None, start: str = "2026-01-01") -> list[tuple[Any, ...]]:
    """The episodes of one check that a run a day found so; None where the run did not judge it."""
    runs = daily(start, len(statuses))
    for one, status in zip(runs, statuses):
        one["results"] = [{"check": SEATS[0], "scope": SEATS[1], "status": status}] if status else []
    return [
        (
            one["first_seen"][:10],
            one["last_seen"][:10],
            one["ended"] and one["ended"][:10],
            one["hours"],
            one["statuses"],
        )
        for one in assess(runs)["episodes"]
    ]


@pytest.mark.parametrize("ended_by", ["pass", "warn", "not_applicable"])
@pytest.mark.parametrize("red", ["fail", "error", "waived"])
def test_an_episode_is_red_until_the_next_run_that_is_not(red: str, ended_by: str) -> None:
    assert found_in("pass", red, red, ended_by, red) == [
        ("2026-01-02", "2026-01-03", "2026-01-04", 48, [red]),
        ("2026-01-05", "2026-01-05", None, 0, [red]),
    ]


def test_a_check_that_a_run_does_not_judge_continues_its_episode() -> None:
    assert found_in("fail", None, "error", None, None) == [("2026-01-01", "2026-01-03", None, 48, ["fail", "error"])]
    assert found_in("fail", None, "pass") == [("2026-01-01", "2026-01-01", "2026-01-03", 48, ["fail"])]


def test_an_episode_that_began_before_the_period_is_clipped_to_it() -> None:
    assert found_in("fail", "waived", "waived", "fail", "pass", start="2025-12-30") == [
        ("2026-01-01", "2026-01-02", "2026-01-03", 51, ["waived", "fail"])
    ]
    assert found_in("fail", "pass", "pass", start="2025-12-30") == []
    # Red when the period began, whatever the next run found
    assert found_in("fail", "pass", start="2025-12-31") == [("2026-01-01", "2026-01-01", "2026-01-01", 3, ["fail"])]
    assert found_in("fail", start="2025-12-31") == [("2026-01-01", "2026-01-01", None, 0, ["fail"])]


def test_who_accepted_an_episode_is_named_once_each() -> None:
    runs = daily("2026-01-01", 5, statuses={SEATS: "waived"})
    about = {"check": SEATS[0], "expires": "2026-02-01"}
    for place, (approver, scope, state) in enumerate(
        [("CISO", "all", "used"), ("CFO", SEATS[1], "used"), ("CISO", "all", "used"), ("X", "all", "unused")]
    ):
        runs[place]["waivers"] = [
            {**about, "approver": approver, "scope": scope, "state": state},
            {**about, "approver": "other", "scope": "other", "state": "used"},
        ]
    row = assess(runs)
    assert row["episodes"][0]["waived_by"] == ["CISO", "CFO"]
    assert [(one["approver"], one["runs"]) for one in row["waivers"]] == [("CISO", 2), ("CFO", 1), ("other", 4)]


# --- License ----------------------------------------------------------------------------------------------------------


def usage_of(*used: Any, days: int = 31, bought: Any = 100) -> dict[str, Any]:
    """Seats of the first and the last day and those between."""
    runs = daily("2026-01-01", days)
    for one, value in zip([*runs[: len(used) - 1], runs[-1]], used):
        one["license"] = {**one["license"], "assigned_user_seats": value, "purchased_user_seats": bought}
    for one in runs[len(used) - 1 : -1]:
        one["license"] = {}
    measure: dict[str, Any] = assess(runs, end="2026-04-01", now="2026-05-01T00:00:00Z")["license"]["seats"]
    return measure


def test_the_runway_is_a_line_from_the_first_to_the_last_value() -> None:
    assert usage_of(40, 90, 70) == {"first": 40, "last": 70, "highest": 90, "purchased": 100, "runway_days": 30}
    assert usage_of(40, 71)["runway_days"] == 28
    assert usage_of(40, 101)["runway_days"] == 0


@pytest.mark.parametrize(
    "measure",
    [
        usage_of(40, 70, days=30),
        usage_of(40, 40),
        usage_of(70, 40),
        usage_of(40, 70, bought=0),
        usage_of(40, 70, bought=None),
        usage_of(1, 1.0000000001, bought=10**15),
        usage_of(None, None),
    ],
    ids=["29 days", "level", "falling", "not sold", "not known", "never", "no value"],
)
def test_there_is_no_forecast(measure: dict[str, Any]) -> None:
    assert measure["runway_days"] is None
