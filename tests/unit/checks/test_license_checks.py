# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.cloudbackup.m365.plugins.module_utils import _time
from ansible_collections.cloudbackup.m365.tests.unit.readings import (
    ago,
    healthy,
    judge,
    license_result,
    result,
)


def outcome(check: str, policy: Any = None, **fields: Any) -> dict[str, Any]:
    return result(judge(healthy(license=license_result(**fields)), policy), check)


@pytest.mark.parametrize(
    ("assigned", "purchased", "status"),
    [
        (0, 100, "pass"),
        (89, 100, "pass"),
        (8_999_999, 10_000_000, "pass"),  # 89.99999 %: what is compared is not rounded
        (90, 100, "warn"),
        (100, 100, "warn"),  # equal is not exceeded
        (101, 100, "fail"),
        (10_000_001, 10_000_000, "fail"),  # 100.00001 %
        (2**62, 1, "fail"),
    ],
)
def test_seats_in_use_against_seats_purchased(assigned: int, purchased: int, status: str) -> None:
    shown = outcome("license_seats", assigned_user_seats=assigned, purchased_user_seats=purchased)
    assert shown["status"] == status
    assert f"{assigned} of {purchased} seats" in shown["observed"]


@pytest.mark.parametrize(
    ("protected", "purchased", "status"), [(84, 100, "pass"), (85, 100, "warn"), (100, 100, "warn"), (101, 100, "fail")]
)
def test_storage_in_use_against_storage_purchased(protected: int, purchased: int, status: str) -> None:
    fields = {"protected_size": protected, "purchased_storage_size": purchased}
    assert outcome("license_storage", **fields)["status"] == status


@pytest.mark.parametrize(
    ("percent", "assigned", "status"),
    [
        ("80 %", 80, "warn"),
        ("80%", 81, "fail"),
        (80, 79, "pass"),
        ("79.5", 80, "fail"),
        (110, 110, "warn"),
        (110, 111, "fail"),
    ],
)
def test_the_policy_moves_the_limit_and_the_warning_follows(percent: Any, assigned: int, status: str) -> None:
    policy = {"checks": {"license_seats": {"fail": percent}}}
    assert outcome("license_seats", policy, assigned_user_seats=assigned)["status"] == status


@pytest.mark.parametrize("check", ["license_seats", "license_storage"])
@pytest.mark.parametrize(
    ("bought", "used", "other_bought", "status"),
    [
        (0, 0, 100, "not_applicable"),
        (0, 7, 100, "not_applicable"),  # not sold by this measure: no limit of zero
        (0, None, 100, "not_applicable"),
        (None, None, 100, "not_applicable"),
        (None, 7, 100, "not_applicable"),
        (0, 7, 0, "fail"),  # nothing bought at all: any use exceeds it
        (0, 0, 0, "not_applicable"),  # nothing used of nothing is no success
        (0, None, 0, "error"),
        (0, 7, None, "error"),  # not known whether the other one was bought
        (None, 7, 0, "error"),
        (None, None, None, "error"),
        (100, None, 0, "error"),  # a missing field is not 0
        (100, -1, 0, "error"),
        (100, 2**63 - 1, 0, "fail"),
        (100, 2**63, 0, "error"),  # more than the API can count
        (100, 10**30, 0, "error"),
        (100, True, 0, "error"),
        (100, "50", 0, "error"),
        (-100, 50, 0, "error"),
        ("absent", "absent", "absent", "error"),
        (100, "absent", 0, "error"),
    ],
)
def test_a_measure_that_is_absent_or_was_not_bought(
    check: str, bought: Any, used: Any, other_bought: Any, status: str
) -> None:
    seats, storage = ("purchased_user_seats", "assigned_user_seats"), ("purchased_storage_size", "protected_size")
    mine, other = (seats, storage) if check == "license_seats" else (storage, seats)
    shown = outcome(check, **{mine[0]: bought, mine[1]: used, other[0]: other_bought, other[1]: 0})
    assert shown["status"] == status
    if status == "not_applicable" and other_bought:
        assert "not sold by" in shown["message"]


@pytest.mark.parametrize(
    ("assigned", "shown"),
    [
        (70, "70 of 100 seats (70 %) are in use, 30 left."),
        (100, "100 of 100 seats (100 %) are in use, 0 left."),
        (130, "130 of 100 seats (130 %) are in use, 30 more than purchased."),
    ],
)
def test_the_message_says_how_many_are_left_or_too_many(assigned: int, shown: str) -> None:
    assert outcome("license_seats", assigned_user_seats=assigned)["message"] == shown


@pytest.mark.parametrize(
    ("bought", "used", "shown"),
    [(0, 7, "0 purchased, 7 in use"), (None, None, "no figure purchased, an unknown amount in use")],
)
def test_what_a_license_is_not_sold_by_is_reported_as_the_server_said_it(bought: Any, used: Any, shown: str) -> None:
    fields = {"purchased_user_seats": bought, "assigned_user_seats": used, "purchased_storage_size": 500}
    found = outcome("license_seats", **fields)
    assert found["observed"] == shown
    assert found["message"] == "The license is not sold by seats: purchased_storage_size is 500."


def test_in_policy_is_what_the_module_says_without_a_time() -> None:
    assert outcome("license_in_policy")["status"] == "pass"


@pytest.mark.parametrize(
    ("seconds_from_now", "status", "shown"),
    [
        (-86_400, "fail", "out of policy since 2026-11-23T06:00:00Z"),
        (0, "fail", "out of policy since 2026-11-24T06:00:00Z"),
        (1, "warn", "0 days left"),
        (86_400, "warn", "1 day left"),
        (12 * 86_400 + 5, "warn", "12 days left"),
    ],
)
def test_out_of_policy_is_past_or_to_come(seconds_from_now: int, status: str, shown: str) -> None:

    time = _time.unix_to_iso(ago(seconds=-seconds_from_now))
    # The module's own clock may say otherwise: now is the gate's
    found = outcome("license_in_policy", out_of_policy_time=time, out_of_policy=seconds_from_now > 0)
    assert found["status"] == status
    assert shown in found["observed"]


@pytest.mark.parametrize(
    ("seats", "storage", "named", "unnamed"),
    [
        (100, 0, ["new objects are not backed up", "per-user subscription existing objects go on."], ["per-capacity"]),
        (0, 500, ["new objects are not backed up", "go on for 90 days and stop on 2027-01-30"], ["per-user"]),
        (100, 500, ["per-user", "2027-01-30"], []),
        (None, None, ["new objects are not backed up"], ["per-user", "per-capacity"]),
    ],
)
def test_the_message_says_what_the_vendor_stops_doing(
    seats: Any, storage: Any, named: list[str], unnamed: list[str]
) -> None:
    message = outcome(
        "license_in_policy",
        out_of_policy_time="2026-11-01T00:00:00Z",
        out_of_policy=True,
        purchased_user_seats=seats,
        purchased_storage_size=storage,
    )["message"]
    assert all(words in message for words in named)
    assert not any(words in message for words in unnamed)


def test_a_time_of_an_unknown_unit_counts_as_past() -> None:
    shown = outcome("license_in_policy", out_of_policy=True, out_of_policy_raw=123)
    assert shown["status"] == "fail"
    assert "123" in shown["observed"]


@pytest.mark.parametrize(
    "fields",
    [
        {"out_of_policy": None},
        {"out_of_policy": "absent"},
        {"out_of_policy": "absent", "out_of_policy_time": "absent"},
        {"out_of_policy": 0},
        {"out_of_policy": False, "out_of_policy_time": "soon"},
        {"out_of_policy": False, "out_of_policy_time": 17},
    ],
)
def test_a_license_that_does_not_say_whether_it_is_in_policy_is_an_error(fields: Any) -> None:
    assert outcome("license_in_policy", **fields)["status"] == "error"


def test_the_last_days_of_the_calendar_are_no_crash() -> None:
    shown = outcome("license_in_policy", out_of_policy_time="9999-12-30T00:00:00Z", purchased_storage_size=1)
    assert shown["status"] == "warn"
