# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What follows from the five figures of a subscription."""

from __future__ import annotations

import pytest
from ansible_collections.cloudbackup.m365.plugins.module_utils import _license, _time
from ansible_collections.cloudbackup.m365.plugins.module_utils._api import records, v2
from ansible_collections.cloudbackup.m365.plugins.modules import cloudbackup_license_info
from ansible_collections.cloudbackup.m365.tests.unit.info_modules import asked, run

NOW = _time.from_iso("2026-01-31T06:00:00Z")
NOW_SECONDS = (NOW - _time.EPOCH) // _time.TICKS_PER_SECOND


def described(out_of_policy=0, seats=100, assigned=47, storage=0, protected=0):
    return _license.described(records.License(out_of_policy, seats, assigned, storage, protected), NOW)


def test_the_published_sample():
    assert described() == {
        "out_of_policy_time": None,
        "out_of_policy_raw": None,
        "out_of_policy": False,
        "purchased_user_seats": 100,
        "assigned_user_seats": 47,
        "purchased_storage_size": 0,
        "protected_size": 0,
        "seats_available": 53,
        "seats_exceeded": False,
        "seats_used_percent": 47.0,
        "storage_available": None,
        "storage_exceeded": None,
        "storage_used_percent": None,
        "subscription": "per_user",
    }


@pytest.mark.parametrize(
    ("assigned", "available", "exceeded", "percent"),
    [(99, 1, False, 99.0), (100, 0, False, 100.0), (101, -1, True, 101.0), (0, 100, False, 0.0)],
)
def test_seats_just_under_at_and_over(assigned, available, exceeded, percent):
    shown = described(assigned=assigned)
    assert (shown["seats_available"], shown["seats_exceeded"], shown["seats_used_percent"]) == (
        available,
        exceeded,
        percent,
    )


def test_percents_are_rounded_to_two_digits():
    assert described(seats=3, assigned=1)["seats_used_percent"] == 33.33


def test_zero_purchased_is_not_sold_by_this_measure_whatever_is_used():
    shown = described(storage=0, protected=500)
    assert (shown["storage_available"], shown["storage_exceeded"], shown["storage_used_percent"]) == (None, None, None)
    shown = described(seats=0, assigned=12, storage=1000, protected=500)
    assert (shown["seats_available"], shown["seats_exceeded"], shown["seats_used_percent"]) == (None, None, None)
    assert shown["storage_used_percent"] == 50.0
    assert shown["subscription"] == "per_capacity"


def test_where_neither_was_bought_any_use_is_too_much():
    shown = described(seats=0, assigned=1, storage=0, protected=0)
    assert shown["subscription"] == "none"
    assert (shown["seats_available"], shown["seats_exceeded"], shown["seats_used_percent"]) == (-1, True, None)
    assert (shown["storage_available"], shown["storage_exceeded"], shown["storage_used_percent"]) == (0, False, None)


def test_both_bought():
    assert described(storage=10, protected=11)["subscription"] == "both"
    assert described(storage=10, protected=11)["storage_exceeded"] is True


@pytest.mark.parametrize("missing", ["seats", "assigned", "storage", "protected"])
def test_a_missing_figure_is_null_and_so_is_what_needs_it(missing):
    shown = described(**{"storage": 10, "protected": 5, missing: None})
    name = {"seats": "seats", "assigned": "seats", "storage": "storage", "protected": "storage"}[missing]
    assert shown[f"{name}_available"] is shown[f"{name}_exceeded"] is shown[f"{name}_used_percent"] is None
    if missing in ("seats", "storage"):
        assert shown["subscription"] is None


def test_zero_purchased_beside_a_missing_figure_tells_nothing():
    shown = described(seats=0, assigned=5, storage=None, protected=None)
    assert shown["seats_exceeded"] is None


def test_a_missing_out_of_policy_time_is_null():
    assert described(out_of_policy=None)["out_of_policy"] is None


TIMES = {
    "seconds": NOW_SECONDS,
    "milliseconds": NOW_SECONDS * 1000,
    "ticks": NOW,
    "ticks as text": str(NOW),
    "ISO 8601": "2026-01-31T06:00:00Z",
}


@pytest.mark.parametrize("value", TIMES.values(), ids=TIMES)
def test_the_unit_is_read_by_its_magnitude(value):
    shown = described(out_of_policy=value)
    assert shown["out_of_policy_time"] == "2026-01-31T06:00:00Z"
    assert shown["out_of_policy"] is True
    assert shown["out_of_policy_raw"] is None


@pytest.mark.parametrize(
    ("value", "time"),
    [
        (10**8, "1973-03-03T09:46:40Z"),
        (10**11 - 1, "5138-11-16T09:46:39Z"),
        (10**11, "1973-03-03T09:46:40Z"),
        (10**14 - 1, "5138-11-16T09:46:39Z"),
    ],
)
def test_seconds_end_where_milliseconds_begin(value, time):
    assert described(out_of_policy=value)["out_of_policy_time"] == time


@pytest.mark.parametrize(("seconds", "past"), [(-1, True), (0, True), (1, False)])
def test_past_begins_now(seconds, past):
    assert described(out_of_policy=NOW_SECONDS + seconds)["out_of_policy"] is past


NONES = [
    0, "0", 3155378975999999999, 3155378112000000000, -62135596800, -62135596800000, 253402300799, 253402300799999,
    "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "", " ",
]  # fmt: skip


@pytest.mark.parametrize("value", NONES)
def test_none_in_every_unit_is_in_policy(value):
    shown = described(out_of_policy=value)
    assert (shown["out_of_policy"], shown["out_of_policy_time"], shown["out_of_policy_raw"]) == (False, None, None)


@pytest.mark.parametrize(
    "value",
    [1, -1, 99_999_999, 10**14, 10**15, 621355967999999999, 3155378976000000000, "soon", "1969-12-31T23:59:59Z"],
)
def test_a_time_of_an_unreadable_unit_counts_as_past(value):
    shown = described(out_of_policy=value)
    assert (shown["out_of_policy"], shown["out_of_policy_time"], shown["out_of_policy_raw"]) == (True, None, value)


def test_a_location_is_asked_for_where_it_is_given(simulate):
    simulator = simulate()
    both = [run(cloudbackup_license_info, simulator, **options) for options in ({}, {"location": "EUR"})]
    assert asked(simulator) == [(v2.LICENSE_PATH, {}), (v2.LICENSE_PATH, {"location": "EUR"})]
    assert both[0]["license"] == both[1]["license"]


def test_a_location_that_the_tenant_does_not_have_is_an_unexpected_answer(simulate):
    """The server answers with an empty list."""
    result = run(cloudbackup_license_info, simulate(), location="JPN")
    assert (result["failure"]["kind"], "data should be an object" in result["msg"]) == ("unexpected_answer", True)


def test_v1_does_not_support_a_location(simulate):
    simulator = simulate()
    result = run(cloudbackup_license_info, simulator, location="EUR", api_version="v1")
    assert result["failure"]["kind"] == "arguments"
    assert "location needs api_version v2" in result["msg"]
    assert simulator.requests == []
