# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The backup schedule and the retention: asked per location, periods read by one grammar."""

from __future__ import annotations

import re
from typing import Any

import pytest
from ansible_collections.cloudbackup.m365.plugins.module_utils import _settings
from ansible_collections.cloudbackup.m365.plugins.module_utils._api import v2
from ansible_collections.cloudbackup.m365.plugins.modules import cloudbackup_settings_info
from ansible_collections.cloudbackup.m365.tests.unit.info_modules import asked, run, scopes
from hypothesis import example, given
from hypothesis import strategies as st

FREQUENCY, RETENTION = v2.FREQUENCY_PATH, v2.RETENTION_PATH
YEAR = {"text": "1 years", "days": 365, "unlimited": False}
YEARS = {"text": "7 years", "days": 2555, "unlimited": False}


def fields_of(result: dict[str, Any], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(one[name] for name in names) for one in result["services"]]


# --- Periods ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("1 day", 1), ("30 days", 30), ("1 week", 7), ("4 weeks", 28), ("1 month", 30), ("2 months", 60),
        ("5 months", 152), ("6 months", 182), ("11 months", 334), ("12 months", 365), ("1 years", 365),
        ("7 years", 2555), ("0 days", 0), ("012 months", 365), ("9223372036854775807 days", 2**63 - 1),
    ],
)  # fmt: skip
def test_a_period_of_the_grammar_is_read_in_days(text: str, days: int) -> None:
    assert _settings.period(text) == {"text": text, "days": days, "unlimited": False}


@given(st.integers(0, 10**9), st.sampled_from(["day", "week", "month", "year"]), st.sampled_from(["", "s"]))
def test_every_number_of_every_unit_is_read(number: int, unit: str, plural: str) -> None:
    expected = {"day": number, "week": 7 * number, "month": number * 365 // 12, "year": 365 * number}[unit]
    assert _settings.period(f"{number} {unit}{plural}")["days"] == expected


GRAMMAR = re.compile(r"[0-9]+ (day|week|month|year)s?", re.ASCII)
LIKE_A_PERIOD = st.from_regex(r"\A[-+ ]?[0-9.,٣]{0,3} ?(day|week|Month|year|quarter|decade)s?\s?\Z")


@given(st.text() | LIKE_A_PERIOD)
@example("1.5 years")
@example("-1 years")
@example("1 years 2 months")
@example("١ years")
@example("1 years\n")
@example("1years")
@example("unlimited")
@example("Unlimited ")
@example("years")
@example("")
@example("9" * 20 + " days")
@example("9223372036854775808 days")
@example("9" * 5_000 + " years")
@example("As agreed")
def test_any_other_text_has_no_days_and_is_not_unlimited(text: str) -> None:
    found = _settings.period(text)
    assert found["text"] == text
    assert found["unlimited"] is (text == "Unlimited")
    if not GRAMMAR.fullmatch(text):
        assert found["days"] is None
    assert found["days"] is None or found["days"] < 2**63


# --- Over sockets -----------------------------------------------------------------------------------------------------


def test_without_locations_one_question_is_asked_without_location(simulate: Any) -> None:
    simulator = simulate(now="2026-03-01T12:00:00Z")
    result = run(cloudbackup_settings_info, simulator)
    assert sorted(asked(simulator)) == [(FREQUENCY, {}), (RETENTION, {})]
    assert scopes(simulator) == ["microsoft365backup.settings.read.all"]
    (frequency,), (retention,) = result["frequency"], result["retention"]
    assert frequency["location"] is retention["location"] is None
    starts = [f"2026-03-01T{hour:02}:00:00Z" for hour in (0, 6, 12, 18)]
    healthy = ["exchange_online", "sharepoint_online", "onedrive", "teams"]
    assert fields_of(frequency, "object_type", "jobs_per_day", "start_times") == [(name, 4, starts) for name in healthy]
    assert (retention["default"], retention["customized"], retention["daily_retention_enabled"]) == (YEARS, True, False)
    assert fields_of(retention, "object_type", "retention", "unassigned") == [(name, YEARS, YEARS) for name in healthy]
    assert [one["name"] for one in retention["services"][3]["containers"]] == ["Default Team Container"]
    assert (result["changed"], result["api"]["version"], result["api"]["pages"]) == (False, "v2", 2)
    assert result["api"]["requests"] == 2


def test_each_location_has_an_entry_in_the_order_in_which_it_was_asked(simulate: Any) -> None:
    simulator = simulate(scenario="uneven_locations")
    result = run(cloudbackup_settings_info, simulator, locations=["EUR", "NAM", "EUR"])
    assert sorted(asked(simulator), key=str) == [
        (path, {"location": place}) for path in (FREQUENCY, RETENTION) for place in ("EUR", "NAM")
    ]
    assert [one["location"] for one in result["frequency"]] == [one["location"] for one in result["retention"]]
    assert [one["location"] for one in result["frequency"]] == ["EUR", "NAM"]
    services = [[name for (name,) in fields_of(one, "object_type")] for one in result["frequency"]]
    assert services == [
        ["exchange_online", "sharepoint_online", "onedrive"],
        ["exchange_online", "sharepoint_online", "onedrive", "teams"],
    ]
    kept = [one["services"][2]["retention"]["days"] for one in result["retention"]]
    assert kept == [30, 2555]
    assert result["api"]["pages"] == 4


def test_an_empty_list_of_locations_is_none(simulate: Any) -> None:
    simulator = simulate()
    run(cloudbackup_settings_info, simulator, locations=[])
    assert sorted(asked(simulator)) == [(FREQUENCY, {}), (RETENTION, {})]


def test_a_location_that_the_tenant_does_not_have_is_an_unexpected_answer_that_names_it(simulate: Any) -> None:
    result = run(cloudbackup_settings_info, simulate(), locations=["NAM", "JPN"])
    assert result["failure"]["kind"] == "unexpected_answer"
    assert "location JPN: " in result["msg"]
    assert RETENTION in result["failure"]["url"]


def test_an_unknown_service_type_is_kept(simulate: Any) -> None:
    result = run(cloudbackup_settings_info, simulate(frequency={"77": 2}, retention={"-3": "1 years"}))
    names = ("object_type", "service_type", "service_type_number")
    assert fields_of(result["frequency"][0], *names, "jobs_per_day")[-1] == (None, "unknown", 77, 2)
    assert fields_of(result["retention"][0], *names, "retention")[-1] == (None, "unknown", -3, YEAR)


def test_services_without_an_object_type_keep_their_names(simulate: Any) -> None:
    names = ["public_folder_metadata", "private_channel", "shared_channel"]
    result = run(cloudbackup_settings_info, simulate(frequency=dict.fromkeys(names, 1)))
    assert fields_of(result["frequency"][0], "object_type", "service_type")[-3:] == [(None, name) for name in names]


@pytest.mark.parametrize(
    ("fault", "field"),
    [
        ("bool_count:on=frequency", "data[0].frequency"),
        ("float_count:on=frequency", "data[0].frequency"),
        ("negative_count:on=frequency", "data[0].frequency"),
        ("time_text:on=frequency", "data[0].backupStartTime[0]"),
        ("time_out_of_range:on=frequency", "data[0].backupStartTime[0]"),
        ("missing:on=retention,field=data.servicePolicies", "data.servicePolicies"),
        ("set:on=retention,field=data.retentionPeriod,value=7", "data.retentionPeriod"),
        ("set:on=settings,field=data,value=null", "data should be"),
        ("list_answer:on=settings", "the answer should be an object"),
    ],
)
def test_a_wrong_answer_names_its_field(fault: str, field: str, simulate: Any) -> None:
    result = run(cloudbackup_settings_info, simulate(fault))
    assert result["failure"]["kind"] == "unexpected_answer"
    assert field in result["msg"]


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("status:code=404,on=frequency", "not_found"),
        ("status:code=503,on=retention", "server"),
        ("reset:on=settings", "connection"),
        ("envelope_errors:on=retention", "server"),
        ("status:code=429,on=settings,retry_after=90", "throttled"),
    ],
)
def test_a_failure_of_either_endpoint_fails_the_module(fault: str, kind: str, simulate: Any) -> None:
    assert run(cloudbackup_settings_info, simulate(fault))["failure"]["kind"] == kind


@pytest.mark.parametrize("ungranted", ["refuse", "issue"])
def test_a_permission_that_is_missing_is_named(ungranted: str, simulate: Any) -> None:
    granted = ["microsoft365backup.jobInfo.read.all", "microsoft365backup.subscriptionInfo.read.all"]
    simulator = simulate(granted_scopes=granted, habits={"ungranted_scope": ungranted})
    failure = run(cloudbackup_settings_info, simulator)["failure"]
    assert failure["kind"] == "permission"
    assert "microsoft365backup.settings.read.all" in failure["hint"]


def test_v1_is_refused_by_name_before_anything_is_sent(simulate: Any) -> None:
    simulator = simulate()
    result = run(cloudbackup_settings_info, simulator, api_version="v1")
    assert result["failure"]["kind"] == "arguments"
    assert "cloudbackup_settings_info needs api_version v2" in result["msg"]
    assert simulator.requests == []
