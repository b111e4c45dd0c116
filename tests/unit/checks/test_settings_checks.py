# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The checks of the schedule, the retention and unusual activity: at, under and over each limit, and unreadable."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.cloudbackup.m365.plugins.module_utils import _settings
from ansible_collections.cloudbackup.m365.tests.unit.readings import (
    SERVICES,
    YEARS,
    activity_result,
    api,
    detected,
    healthy,
    judge,
    kept,
    period,
    result,
    scheduled,
    settings_result,
)
from hypothesis import given
from hypothesis import strategies as st

UNLIMITED = period("Unlimited")
DAYS_364, DAYS_365 = period("364 days", 364), period("365 days", 365)
UNREADABLE = period("As agreed")
FREQUENCY, RETENTION, ACTIVITY = "backup_frequency", "retention_period", "unusual_activity"


def judged(check: str, thresholds: Any = None, **parts: Any) -> dict[str, Any]:
    """The evaluation of a healthy tenant with one of the checks enabled."""
    return judge(healthy(**parts), {"checks": {check: {"enabled": True, **(thresholds or {})}}})


def of_teams(check: str, found: Any, settings: Any = None) -> tuple[str, str]:
    """Status and message of a check of Teams."""
    one = result(judged(check, settings, settings=found), check, "teams")
    return one["status"], one["message"]


# --- backup_frequency -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("jobs", "settings", "status"),
    [
        (0, {}, "fail"),
        (1, {}, "pass"),
        (2, {}, "pass"),
        (1, {"fail": 2}, "fail"),
        (2, {"fail": 2}, "pass"),
        (3, {"fail": 2, "warn": 4}, "warn"),
        (4, {"fail": 2, "warn": 4}, "pass"),
        (2, {"fail": 1, "warn": "3"}, "warn"),
        (None, {}, "error"),
        (-1, {}, "error"),
        ("4", {}, "error"),
        (True, {}, "error"),
        (0.5, {}, "error"),
    ],
)
def test_the_jobs_of_a_day_are_compared_with_the_limits(jobs: Any, settings: Any, status: str) -> None:
    found = settings_result(frequency=[scheduled(name) for name in SERVICES[:3]] + [scheduled("teams", jobs)])
    assert of_teams(FREQUENCY, found, settings)[0] == status


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [scheduled(name) for name in SERVICES if name != "teams"],
        [scheduled("private_channel"), scheduled("shared_channel"), scheduled("unknown")],
    ],
)
def test_a_service_that_the_schedule_does_not_list_has_no_job(rows: Any) -> None:
    one = result(judged(FREQUENCY, settings=settings_result(frequency=rows)), FREQUENCY, "teams")
    assert (one["status"], one["observed"]) == ("fail", "not scheduled")


@pytest.mark.parametrize(
    "frequency",
    [None, "text", [], [{"location": "EUR", "services": []}], [{"location": None}], [{"location": None}] * 2, [5]],
)
def test_a_schedule_that_cannot_be_read_is_an_error(frequency: Any) -> None:
    assert of_teams(FREQUENCY, settings_result() | {"frequency": frequency})[0] == "error"


def test_a_service_that_is_listed_twice_is_an_error() -> None:
    assert of_teams(FREQUENCY, settings_result(frequency=[scheduled("teams"), scheduled("teams")])) == (
        "error",
        "The schedule contains teams 2 times.",
    )


# --- retention_period -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("retention", "settings", "status"),
    [
        (DAYS_364, {}, "fail"),
        (DAYS_365, {}, "pass"),
        (period("366 days", 366), {}, "pass"),
        (period("0 days", 0), {}, "fail"),
        (UNLIMITED, {"fail": "100y"}, "pass"),
        (period("12 months", 365), {"fail": "12mo"}, "pass"),
        (period("11 months", 334), {"fail": "12mo"}, "fail"),
        (YEARS, {"fail": "7y"}, "pass"),
        (YEARS, {"fail": "2556d"}, "fail"),
        (YEARS, {"fail": "7y", "warn": "10y"}, "warn"),
        (period("10 years", 3650), {"fail": "7y", "warn": "10y"}, "pass"),
        (UNREADABLE, {}, "error"),
        (period(None), {}, "error"),
        (period(""), {}, "error"),
        (None, {}, "error"),
        ("7 years", {}, "error"),
        ({**YEARS, "unlimited": True}, {}, "error"),
        ({**YEARS, "days": -1}, {}, "error"),
        ({**YEARS, "days": "2555"}, {}, "error"),
        ({**UNLIMITED, "unlimited": "true"}, {}, "error"),
        ({"days": 2555, "unlimited": False}, {}, "error"),
    ],
)
def test_the_retention_of_a_service_is_compared_with_the_limits(retention: Any, settings: Any, status: str) -> None:
    assert (
        of_teams(RETENTION, settings_result(services=[kept("teams", retention, period(None))]), settings)[0] == status
    )


@pytest.mark.parametrize(
    ("services", "shortest"),
    [
        ([kept("teams", unassigned=DAYS_364)], "unassigned objects of teams"),
        ([kept("teams", one=YEARS, two=DAYS_364, three=UNLIMITED)], "container two of teams"),
        ([kept("teams"), kept("private_channel", DAYS_364)], "private_channel"),
        ([kept("teams"), kept("shared_channel", general=DAYS_364)], "container general of shared_channel"),
        ([kept("teams"), kept("teams", DAYS_364)], "teams"),
        ([kept("private_channel")], "default of the tenant"),
        ([], "default of the tenant"),
    ],
)
def test_the_shortest_retention_in_force_decides(services: Any, shortest: str) -> None:
    status, message = of_teams(RETENTION, settings_result(services=services, default=DAYS_364))
    assert (status, message) == ("fail", f"The shortest retention in force is 364 days: {shortest}.")


@pytest.mark.parametrize(
    "services",
    [
        [kept("teams", unassigned=UNREADABLE)],
        [kept("teams", unassigned="7 years")],
        [kept("teams", one=UNREADABLE, two=DAYS_364)],
        [kept("teams", one=period(None))],
        [kept("teams") | {"containers": "none"}],
        [kept("teams") | {"containers": [7]}],
        [kept("teams"), kept("private_channel", UNREADABLE)],
        "none",
        None,
    ],
)
def test_a_retention_of_which_a_part_cannot_be_read_is_an_error(services: Any) -> None:
    found = settings_result()
    found["retention"][0]["services"] = services
    assert of_teams(RETENTION, found)[0] == "error"


def test_unassigned_objects_and_containers_count_where_they_are_given() -> None:
    for unassigned in (period(None), None):
        row = kept("teams", unassigned=unassigned) | {"containers": None}
        assert of_teams(RETENTION, settings_result(services=[row]))[0] == "pass"


def test_the_retention_of_another_service_does_not_count() -> None:
    others = [kept("exchange_online", UNREADABLE), kept("public_folder_metadata", DAYS_364), kept("unknown", DAYS_364)]
    found = settings_result(services=[kept("teams"), *others])
    evaluation = judged(RETENTION, settings=found)
    assert result(evaluation, RETENTION, "teams")["status"] == "pass"
    assert result(evaluation, RETENTION, "exchange_online")["status"] == "error"
    # The default holds for a service that is not listed
    assert result(evaluation, RETENTION, "onedrive")["observed"] == "7 years (default of the tenant)"


@pytest.mark.parametrize(("customized", "status"), [(False, "pass"), (True, "fail"), (None, "error"), ("no", "error")])
def test_services_have_a_retention_of_their_own_only_where_it_is_customized(customized: Any, status: str) -> None:
    found = settings_result(services=[kept("teams", DAYS_364)], customized=customized)
    assert of_teams(RETENTION, found)[0] == status


@given(st.text() | st.from_regex(r"\A[0-9]{1,4} ?(day|week|month|year|Unlimited)s?\Z"))
def test_no_text_of_a_period_passes_unread(text: str) -> None:
    found = _settings.period(text)
    status, _message = of_teams(RETENTION, settings_result(services=[kept("teams", found)]))
    is_long = found["unlimited"] or (found["days"] is not None and found["days"] >= 365)
    assert status == ("pass" if is_long else "error" if found["days"] is None else "fail")


# --- unusual_activity -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "settings", "status", "observed"),
    [
        ([], {}, "pass", "no row"),
        ([("teams", 0, 0)], {}, "pass", "0 potential ransomware attacks, 0 unusual activities"),
        ([("teams", 1, 0)], {}, "fail", "1 potential ransomware attack, 0 unusual activities (teams)"),
        ([("teams", 0, 1)], {}, "warn", "0 potential ransomware attacks, 1 unusual activity (teams)"),
        ([("teams", 1, 0), ("onedrive", 1, 0)], {"fail": 3}, "pass",
         "2 potential ransomware attacks, 0 unusual activities (teams, onedrive)"),
        ([("teams", 2, 0), ("onedrive", 1, 0)], {"fail": 3}, "fail",
         "3 potential ransomware attacks, 0 unusual activities (teams, onedrive)"),
        ([("teams", 0, 4)], {"warn": 5, "fail": 1}, "pass",
         "0 potential ransomware attacks, 4 unusual activities (teams)"),
        ([("teams", 0, 5)], {"warn": 5, "fail": 1}, "warn",
         "0 potential ransomware attacks, 5 unusual activities (teams)"),
        ([("teams", 0, 6)], {"warn": 5, "fail": 1}, "warn",
         "0 potential ransomware attacks, 6 unusual activities (teams)"),
        ([("shared_channel", 0, 1), ("unknown", 0, 1)], {}, "warn",
         "0 potential ransomware attacks, 2 unusual activities (shared_channel, service type 99)"),
    ],
)  # fmt: skip
def test_the_sums_of_all_services_are_compared_with_the_limits(
    rows: Any, settings: Any, status: str, observed: str
) -> None:
    found = activity_result(*(detected(*row) for row in rows))
    one = result(judged(ACTIVITY, settings, unusual_activity=found), ACTIVITY)
    assert (one["scope"], one["status"], one["observed"]) == ("run", status, observed)


@pytest.mark.parametrize(
    "found",
    [
        activity_result(detected("teams", None, 0)),
        activity_result(detected("teams", 0, None)),
        activity_result(detected("teams"), detected("onedrive", "1", 0)),
        activity_result(detected("teams", True, 0)),
        activity_result() | {"activity": None},
        activity_result() | {"activity": [5]},
        activity_result() | {"query": None},
        activity_result(start_time="2026-11-17T06:00:01Z"),
        activity_result(finish_time="2026-11-24T05:59:59Z"),
        activity_result(start_time=None),
        activity_result(finish_time="soon"),
        activity_result(location="EUR"),
    ],
)
def test_unusual_activity_that_cannot_be_read_is_an_error(found: Any) -> None:
    assert result(judged(ACTIVITY, unusual_activity=found), ACTIVITY)["status"] == "error"


def test_the_days_of_the_window_are_enough() -> None:
    exact = activity_result(start_time="2026-11-17T06:00:00Z", finish_time="2026-11-24T06:00:00Z")
    assert result(judged(ACTIVITY, unusual_activity=exact), ACTIVITY)["message"] == (
        "No row of unusual activity was reported from 2026-11-17 to 2026-11-24."
    )


# --- All three --------------------------------------------------------------------------------------------------------

ENABLED = {"checks": {name: {"enabled": True} for name in (FREQUENCY, RETENTION, ACTIVITY)}}


def test_a_healthy_tenant_passes() -> None:
    evaluation = judge(healthy(settings=settings_result(), unusual_activity=activity_result()), ENABLED)
    assert evaluation["verdict"] == "compliant"
    assert {one["status"] for one in evaluation["results"] if one["check"] in ENABLED["checks"]} == {"pass"}
    gap = {
        "what": "backup_frequency and retention_period outside the central location",
        "why": "the policy names no locations",
    }
    assert gap in evaluation["not_judged"]


@pytest.mark.parametrize("parts", [{}, {"settings": settings_result()}, {"unusual_activity": activity_result()}])
def test_they_are_off_by_default_and_listed_as_not_judged(parts: Any) -> None:
    evaluation = judge(healthy(**parts))
    assert evaluation["verdict"] == "compliant"
    assert [one["what"] for one in evaluation["not_judged"]][:3] == [FREQUENCY, RETENTION, ACTIVITY]


@pytest.mark.parametrize(("read", "failed"), [("settings", {FREQUENCY, RETENTION}), ("unusual_activity", {ACTIVITY})])
@pytest.mark.parametrize("is_said", [True, False])
def test_a_read_that_failed_makes_its_checks_an_error_and_no_others(read: str, failed: set[str], is_said: bool) -> None:
    parts: dict[str, Any] = {"settings": settings_result(), "unusual_activity": activity_result(), read: None}
    if is_said:
        parts["errors"] = [{"read": read, "message": "no", "failure": {"kind": "permission"}}]
    evaluation = judge(healthy(**parts), ENABLED)
    assert {one["check"] for one in evaluation["results"] if one["status"] == "error"} == failed
    assert evaluation["verdict"] == "undetermined"


def test_several_locations_are_judged_each() -> None:
    found = settings_result(locations=("NAM", "EUR"))
    found["frequency"][1]["services"] = [scheduled("teams", 0)]
    found["retention"][0]["services"] = [kept("teams", DAYS_364)]
    policy = {"services": ["teams"], "locations": ["NAM", "EUR"], **ENABLED}
    evaluation = judge(healthy(settings=found, unusual_activity=activity_result()), policy)
    statuses = {(one["check"], one["scope"]): one["status"] for one in evaluation["results"]}
    assert [statuses[FREQUENCY, scope] for scope in ("teams@NAM", "teams@EUR")] == ["pass", "fail"]
    assert [statuses[RETENTION, scope] for scope in ("teams@NAM", "teams@EUR")] == ["fail", "pass"]
    assert not any("central" in one["what"] for one in evaluation["not_judged"])


def test_a_location_that_was_not_read_is_an_error() -> None:
    policy = {"services": ["teams"], "locations": ["NAM", "EUR"], **ENABLED}
    evaluation = judge(healthy(settings=settings_result(locations=("NAM",))), policy)
    assert result(evaluation, RETENTION, "teams@EUR")["message"] == (
        "The answer contains 0 retention policies for EUR, expected 1."
    )


def test_settings_of_another_tenant_are_an_error_of_the_evidence() -> None:
    found = settings_result() | {"api": api(client_id="another")}
    evaluation = judge(healthy(settings=found, unusual_activity=activity_result()), ENABLED)
    assert "of different tenants" in result(evaluation, "evidence")["message"]


def test_a_policy_that_judges_nothing_else_gives_its_own_verdict() -> None:
    off = {name: {"enabled": False} for name in judge_names()}
    policy = {"checks": {**off, RETENTION: {"enabled": True}}}
    assert judge(healthy(settings=settings_result()), policy)["verdict"] == "compliant"
    assert judge(healthy(), policy)["verdict"] == "undetermined"


def judge_names() -> list[str]:
    """The names of the checks that are enabled by default and may be disabled."""
    return list(dict.fromkeys(one["check"] for one in judge(healthy())["results"] if one["check"] != "evidence"))
