# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.cloudbackup.m365.plugins.module_utils import _time
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.waivers import settle_waivers
from ansible_collections.cloudbackup.m365.tests.unit.readings import (
    NOW,
    ago,
    group,
    healthy,
    job,
    judge,
    license_result,
    read,
    result,
)


def waiver(**fields: Any) -> dict[str, Any]:
    fields = {
        "check": "license_seats",
        "reason": "Order 4711 is on its way",
        "approver": "J. Doe",
        "expires": "2026-12-31",
        **fields,
    }
    return {key: value for key, value in fields.items() if value != "absent"}


EXCEEDED = healthy(license=license_result(assigned_user_seats=101))


def test_a_waived_failure_stays_in_the_report_and_does_not_fail_the_gate() -> None:
    evaluation = judge(EXCEEDED, waivers=[waiver()])
    shown = result(evaluation, "license_seats")
    assert (evaluation["verdict"], shown["status"]) == ("compliant", "waived")
    assert "101 of 100 seats" in shown["observed"]
    assert "Waived through 2026-12-31 by J. Doe: Order 4711 is on its way" in shown["message"]
    became = {"state": "used", "days_left": 37, "applied_to": ["license"], "warnings": []}
    assert evaluation["waivers"] == [{**waiver(), "scope": "all", **became}]


@pytest.mark.parametrize(
    ("expires", "state", "status"),
    [
        ("2026-11-23", "expired", "fail"),
        ("2026-11-24", "used", "waived"),  # inclusive
        ("2026-11-25", "used", "waived"),
        ("2026-11-24T23:59:59Z", "used", "waived"),
        ("2026-11-24T23:59:59-05:00", "used", "waived"),
    ],
)
def test_a_waiver_holds_through_its_day_in_utc(expires: str, state: str, status: str) -> None:
    evaluation = judge(EXCEEDED, waivers=[waiver(expires=expires)], now=NOW)
    assert evaluation["waivers"][0]["state"] == state
    assert result(evaluation, "license_seats")["status"] == status


@pytest.mark.parametrize(
    ("expires", "now", "days_left", "warnings"),
    [
        ("2026-12-09", "2026-11-24T23:59:59Z", 15, []),
        ("2026-12-08", "2026-11-24T00:00:00Z", 14, ["expires after 2026-12-08, 14 days left"]),
        ("2026-12-07", "2026-11-24T00:00:00Z", 13, ["expires after 2026-12-07, 13 days left"]),
        ("2026-11-25", "2026-11-24T23:59:59Z", 1, ["expires after 2026-11-25, 1 day left"]),
        ("2026-11-24", "2026-11-24T00:00:00Z", 0, ["expires after 2026-11-24, today is its last day"]),
        ("2026-11-24", "2026-11-24T23:59:59Z", 0, ["expires after 2026-11-24, today is its last day"]),
        ("2026-11-24", "2026-11-25T00:00:00Z", -1, ["expired after 2026-11-24 and is ignored"]),
        ("2026-03-01", "2026-02-28T12:00:00Z", 1, ["expires after 2026-03-01, 1 day left"]),
        ("9999-12-31", "2026-11-24T06:00:00Z", 2_912_115, []),
        ("0001-01-01", "2026-11-24T06:00:00Z", -739_943, ["expired after 0001-01-01 and is ignored"]),
    ],
)
def test_the_end_of_a_waiver_is_warned_of_from_14_days_on(
    expires: str, now: str, days_left: int, warnings: list[str]
) -> None:
    shown = judge(EXCEEDED, waivers=[waiver(expires=expires)], now=_time.unix_from_iso(now))["waivers"][0]
    assert (shown["days_left"], shown["warnings"]) == (days_left, warnings)
    assert (shown["state"] == "expired") == (days_left < 0)


def test_a_waiver_that_covers_no_failure_is_unused() -> None:
    for license_ in (
        license_result(),
        license_result(assigned_user_seats=95),
        license_result(assigned_user_seats=None),
    ):
        evaluation = judge(healthy(license=license_), waivers=[waiver()])
        assert evaluation["waivers"][0]["state"] == "unused"
        assert evaluation["counts"]["waived"] == 0


@pytest.mark.parametrize(
    ("scope", "waived"),
    [
        ("all", ["exchange_online", "teams"]),
        ("absent", ["exchange_online", "teams"]),
        ("teams", ["teams"]),
        ("onedrive", []),
    ],
)
def test_a_scope_narrows_a_waiver(scope: str, waived: list[str]) -> None:
    reading = healthy()
    for index, service in ((0, "exchange_online"), (3, "teams")):
        reading["jobs"]["groups"][index] = group([job("a", finish=ago(hours=50))], service)
    evaluation = judge(reading, waivers=[waiver(check="backup_recency", scope=scope)])
    assert [one["scope"] for one in evaluation["results"] if one["status"] == "waived"] == waived
    assert evaluation["waivers"][0]["applied_to"] == waived


UNUSED = "unused, nothing that it covers fails; take it out"
NOT_JUDGED = "unused, the policy judges nothing that it covers; take it out"


@pytest.mark.parametrize(
    ("given", "policy", "license_", "warning"),
    [
        ({}, {}, license_result(), UNUSED),
        ({}, {}, license_result(assigned_user_seats=95), UNUSED),
        ({}, {"checks": {"license_seats": {"enabled": False}}}, license_result(), NOT_JUDGED),
        ({"check": "backup_recency", "scope": "power_bi"}, {}, license_result(), NOT_JUDGED),
        ({}, {}, None, "unused, license could not be judged, and an error cannot be waived"),
    ],
)
def test_an_unused_waiver_says_why(given: Any, policy: Any, license_: Any, warning: str) -> None:
    evaluation = judge(healthy(license=license_), policy, [waiver(**given)])
    assert evaluation["waivers"][0]["warnings"] == [warning]


def test_an_unused_waiver_that_ends_soon_says_both() -> None:
    shown = judge(healthy(), waivers=[waiver(expires="2026-11-26")])["waivers"][0]
    assert shown["warnings"] == [UNUSED, "expires after 2026-11-26, 2 days left"]


ALL_SERVICES = ("exchange_online", "sharepoint_online", "onedrive", "teams")
NARROW_IT = "; write a waiver for each scope that fails, or the next failure is waived unseen"


@pytest.mark.parametrize(
    ("scope", "failing", "services", "warnings"),
    [
        ("all", ["teams"], ALL_SERVICES, [f"too wide: covers 4 scopes and only teams fails{NARROW_IT}"]),
        (
            "all",
            ["onedrive", "teams"],
            ALL_SERVICES,
            [f"too wide: covers 4 scopes and only onedrive, teams fail{NARROW_IT}"],
        ),
        ("all", ALL_SERVICES, ALL_SERVICES, []),
        ("all", ["teams"], ["teams"], []),
        ("teams", ["teams"], ALL_SERVICES, []),
        ("teams", ["onedrive", "teams"], ALL_SERVICES, []),
    ],
)
def test_a_waiver_for_all_scopes_is_too_wide_when_only_some_fail(
    scope: str, failing: list[str], services: list[str], warnings: list[str]
) -> None:
    reading = healthy()
    for index, service in enumerate(ALL_SERVICES):
        if service in failing:
            reading["jobs"]["groups"][index] = group([job("a", finish=ago(hours=50))], service)
    evaluation = judge(reading, {"services": list(services)}, [waiver(check="backup_recency", scope=scope)])
    assert evaluation["waivers"][0]["warnings"] == warnings
    assert evaluation["waivers"][0]["state"] == "used"
    waived = [one["scope"] for one in evaluation["results"] if one["status"] == "waived"]
    assert waived == [service for service in services if service in failing and scope in ("all", service)]


def test_a_waiver_for_all_of_a_check_with_one_scope_is_not_too_wide() -> None:
    assert judge(EXCEEDED, waivers=[waiver(scope="all")])["waivers"][0]["warnings"] == []


def test_many_failing_scopes_are_named_shortly_and_listed_in_full() -> None:
    locations = ["NAM", "EUR", "GBR", "JPN", "APC", "AUS", "CAN", "IND"]
    groups = [group([], "teams", location=location) for location in locations[:-1]]
    fresh = group([job("a", finish=ago(hours=1))], "teams", location=locations[-1])
    policy = {"services": ["teams"], "locations": locations}
    shown = judge(read(*groups, fresh), policy, [waiver(check="backup_recency")])["waivers"][0]
    assert (
        "only teams@NAM, teams@EUR, teams@GBR, teams@JPN, teams@APC, teams@AUS and 1 more fail;" in shown["warnings"][0]
    )
    assert shown["applied_to"] == [f"teams@{location}" for location in locations[:-1]]


def test_an_error_cannot_be_waived() -> None:
    every = ["license_seats", "license_storage", "license_in_policy", "backup_recency", "backup_presence"]
    evaluation = judge({}, waivers=[waiver(check=check) for check in every])
    assert evaluation["verdict"] == "undetermined"
    assert evaluation["counts"]["waived"] == 0


def test_waiving_all_there_is_leaves_nothing_that_was_seen_in_order() -> None:
    reading = healthy()
    reading["jobs"]["groups"][:4] = [
        group([], service) for service in ("exchange_online", "sharepoint_online", "onedrive", "teams")
    ]
    evaluation = judge(reading, waivers=[waiver(check="backup_recency"), waiver(check="backup_presence")])
    assert evaluation["counts"]["waived"] == 8
    assert evaluation["verdict"] == "undetermined"
    assert "backups" in evaluation["reason"]


def test_evaluated_waivers_can_be_read_back() -> None:
    written = [waiver(), waiver(scope="license"), waiver(expires="2026-11-24"), waiver(expires="2020-01-01")]
    evaluated = judge(EXCEEDED, waivers=written)["waivers"]
    assert judge(EXCEEDED, waivers=evaluated)["waivers"] == evaluated


MISTAKES = [
    ("x", ["waivers", '"x"', "a list of waivers"]),
    ({"check": "license_seats"}, ["waivers", "a dictionary"]),
    (["x"], ["waivers[0]", '"x"', "a dictionary with check, reason, approver, expires, scope"]),
    ([waiver(), waiver(check="absent")], ["waivers[1].check", "is missing"]),
    ([waiver(reason="absent")], ["waivers[0].reason", "is missing"]),
    ([waiver(approver="absent")], ["waivers[0].approver", "is missing"]),
    ([waiver(expires="absent")], ["waivers[0].expires", "is missing"]),
    ([waiver(check="licence_seats")], ["waivers[0].check", "did you mean license_seats?"]),
    ([waiver(check=["license_seats"])], ["waivers[0].check", "a list"]),
    ([waiver(check="evidence")], ["waivers[0].check", "cannot be waived"]),
    ([waiver(reason=" ")], ["waivers[0].reason", "not empty"]),
    ([waiver(approver=7)], ["waivers[0].approver", "got 7"]),
    ([waiver(expires="soon")], ["waivers[0].expires", '"soon"', "2026-12-31"]),
    ([waiver(expires="2026-02-30")], ["waivers[0].expires"]),
    ([waiver(expires=20261231)], ["waivers[0].expires", "20261231"]),
    ([waiver(expires=None)], ["waivers[0].expires"]),
    ([waiver(scope="teams")], ["waivers[0].scope", '"teams"', "Allowed: all, license"]),
    ([waiver(check="backup_recency", scope="team")], ["waivers[0].scope", "did you mean teams?"]),
    ([waiver(check="backup_recency", scope="teams@EU")], ["waivers[0].scope"]),
    ([waiver(scope=["license"])], ["waivers[0].scope", "a list"]),
    (
        [waiver(expiry="2026-12-31")],
        ["waivers[0].expiry", "did you mean expires?", "Allowed: check, reason, approver, expires, scope"],
    ),
]


@pytest.mark.parametrize(("raw", "words"), MISTAKES)
def test_a_mistake_in_a_waiver_is_one_line(raw: Any, words: list[str]) -> None:
    waivers, mistakes = settle_waivers(raw)
    assert len(mistakes) == 1
    assert mistakes[0].startswith(f"{words[0]}: ")
    assert all(word in mistakes[0] for word in words[1:])
    assert len(waivers) == (len(raw) - 1 if isinstance(raw, list) else 0)


def test_a_scope_may_name_a_location() -> None:
    assert settle_waivers([waiver(check="backup_recency", scope="teams@EUR")])[1] == []
