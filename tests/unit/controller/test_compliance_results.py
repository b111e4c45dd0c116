# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.cloudbackup.m365.plugins.filter.compliance_results import FilterModule
from ansible_collections.cloudbackup.m365.tests.unit.readings import (
    NOW_TEXT,
    healthy,
    judge,
    license_result,
)

compliance_results = FilterModule().filters()["compliance_results"]


class TaggedText(str):
    """As ansible-core 2.19 hands values over: instances of a subclass."""


class TaggedDict(dict):
    pass


class TaggedList(list):
    pass


def tagged(value: Any) -> Any:
    if isinstance(value, dict):
        return TaggedDict({TaggedText(key): tagged(item) for key, item in value.items()})
    if isinstance(value, list):
        return TaggedList(tagged(item) for item in value)
    return TaggedText(value) if isinstance(value, str) else value


def types_in(value: Any) -> set[type]:
    if isinstance(value, dict):
        return {type(value)}.union(*(types_in(part) for pair in value.items() for part in pair))
    if isinstance(value, list):
        return {type(value)}.union(*(types_in(item) for item in value))
    return {type(value)}


def test_the_filter_is_the_evaluation() -> None:
    assert compliance_results(healthy(), {}, [], NOW_TEXT) == judge(healthy())


def test_tagged_values_make_no_difference_and_leave_no_trace() -> None:
    made = {"check": "license_seats", "reason": "r", "approver": "J. Doe", "expires": "2026-12-31"}
    reading = healthy(license=license_result(assigned_user_seats=101))
    policy = {"services": ["teams", "onedrive"]}
    evaluation = compliance_results(tagged(reading), tagged(policy), tagged([made]), TaggedText(NOW_TEXT))
    assert evaluation == compliance_results(reading, policy, [made], NOW_TEXT)
    assert types_in(evaluation) <= {dict, list, str, int}


@pytest.mark.parametrize("now", [NOW_TEXT, datetime.datetime(2026, 11, 24, 6, tzinfo=datetime.timezone.utc)])
@pytest.mark.parametrize("policy", [None, "", "{}", '{"window": "7d"}', "window: 7d\n"])
@pytest.mark.parametrize("waivers", [None, "", "[]", []])
def test_inputs_may_be_text_or_nothing(now: Any, policy: Any, waivers: Any) -> None:
    assert compliance_results(healthy(), policy, waivers, now) == judge(healthy())


@pytest.mark.parametrize("expires", [datetime.date(2026, 12, 31), datetime.datetime(2026, 12, 31, 12)])
def test_an_unquoted_date_is_a_date_object(expires: Any) -> None:
    made = {"check": "license_seats", "reason": "r", "approver": "J. Doe", "expires": expires}
    assert compliance_results(healthy(), {}, [made], NOW_TEXT)["waivers"][0]["expires"] == "2026-12-31"


@pytest.mark.parametrize(
    ("policy", "waivers", "now", "words"),
    [
        ({"windw": 1, "services": ["x"]}, [], NOW_TEXT, ["policy.windw", "policy.services"]),
        ({}, [{"check": "x"}], NOW_TEXT, ["waivers[0].check", "waivers[0].reason"]),
        ("{", [], NOW_TEXT, ["policy", "neither JSON nor YAML"]),
        ({}, [], "soon", ["ISO 8601"]),
        ({}, [], "9999-12-31", ["now: ", "9999-12-31"]),
        ({}, [], None, ["time"]),
    ],
)
def test_mistakes_fail_the_filter_and_are_all_named(policy: Any, waivers: Any, now: Any, words: list[str]) -> None:
    with pytest.raises(AnsibleFilterError) as caught:
        compliance_results(healthy(), policy, waivers, now)
    assert all(word in str(caught.value) for word in words)


def test_a_template_in_the_evidence_is_data() -> None:
    reading = healthy()
    reading["jobs"]["groups"][3]["recent"][0]["state"] = "{{ lookup('pipe', 'id') }}"
    evaluation = compliance_results(reading, {}, [], NOW_TEXT)
    assert "uid=" not in json.dumps(evaluation)
