# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A baseline that all tenants share, and a tenant's policy merged over it."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.checks.catalogue import CATALOGUE
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.policy_rules import settle_policy
from hypothesis import given
from hypothesis import strategies as st

HOUR, DAY = 3_600, 86_400


def settled(baseline: Any, policy: Any) -> Any:
    merged, mistakes = settle_policy(policy, baseline)
    assert mistakes == []
    return merged


def mistakes_of(baseline: Any, policy: Any) -> list[str]:
    return settle_policy(policy, baseline)[1]


def seats(**settings: Any) -> dict[str, Any]:
    return {"checks": {"license_seats": settings}}


def recency(**settings: Any) -> dict[str, Any]:
    return {"checks": {"backup_recency": settings}}


@pytest.mark.parametrize("nothing", [None, {}, {"checks": {}}])
def test_an_empty_baseline_changes_nothing(nothing: Any) -> None:
    policy = {"window": "3w", **recency(fail="36h")}
    assert settled(nothing, policy).data == settled(None, policy).data


def test_a_baseline_alone_is_the_policy() -> None:
    baseline = {"services": ["teams"], "locations": ["EUR"], "window": "2w", **seats(warn=80)}
    assert settled(baseline, {}).data == settled(None, baseline).data


def test_dictionaries_are_merged_and_lists_and_single_values_are_replaced() -> None:
    baseline = {
        "services": ["teams", "onedrive"],
        "window": "3w",
        "checks": {
            "license_seats": {"warn": 80, "fail": 95},
            "slow_backups": {"fail": 4},
            "stuck_jobs": {"enabled": False},
            "backup_recency": {
                "fail": "36h",
                "states": ["finished", "partially_finished"],
                "services": {"teams": {"fail": "30h"}, "onedrive": {"warn": "10h", "fail": "20h"}},
            },
        },
    }
    policy = {
        "services": ["teams"],
        "checks": {
            "license_seats": {"fail": 100},
            "slow_backups": {"fail": None},
            "stuck_jobs": {"enabled": True},
            "backup_recency": {"states": ["finished"], "services": {"onedrive": {"fail": "5d"}}},
        },
    }
    before = copy.deepcopy((baseline, policy))
    merged = settled(baseline, policy)
    assert (baseline, policy) == before
    assert (merged.services, merged.window) == (("teams",), 21 * DAY)
    assert merged.settings("license_seats").thresholds == {"warn": 80, "fail": 100}
    assert merged.settings("slow_backups").thresholds["fail"] is None
    assert merged.settings("stuck_jobs").enabled
    everywhere, teams, onedrive = (merged.settings("backup_recency", one) for one in (None, "teams", "onedrive"))
    assert everywhere.thresholds == {"states": ("finished",), "warn": 26 * HOUR, "fail": 36 * HOUR}
    assert teams.thresholds == {"states": ("finished",), "warn": 26 * HOUR, "fail": 30 * HOUR}
    assert onedrive.thresholds == {"states": ("finished",), "warn": 10 * HOUR, "fail": 5 * DAY}
    assert settled(None, json.loads(json.dumps(merged.data))).data == merged.data


def test_a_check_that_the_baseline_switches_off_for_one_service_stays_off() -> None:
    baseline = {"checks": {"slow_backups": {"services": {"teams": {"enabled": False}}}}}
    merged = settled(baseline, {"checks": {"slow_backups": {"warn": 3, "services": {"onedrive": {"warn": 4}}}}})
    assert not merged.settings("slow_backups", "teams").enabled
    assert merged.settings("slow_backups", "teams").thresholds["warn"] == 3
    assert merged.settings("slow_backups", "onedrive").thresholds["warn"] == 4


@pytest.mark.parametrize(
    ("baseline", "policy", "thresholds"),
    [
        # A warn that the policy does not write follows its fail, written in the baseline or not
        (seats(warn=95), seats(fail=90), {"warn": 90, "fail": 90}),
        (seats(fail=80), {}, {"warn": 80, "fail": 80}),
        # Only the merged figures are compared
        (seats(fail=80), seats(fail=100), {"warn": 90, "fail": 100}),
        (seats(fail=80), seats(warn=70), {"warn": 70, "fail": 80}),
        (seats(warn=95), seats(fail=100), {"warn": 95, "fail": 100}),
        (seats(warn=120, fail=110), seats(fail=130), {"warn": 120, "fail": 130}),
    ],
)
def test_a_warn_follows_a_fail_that_was_written_more_specifically(
    baseline: Any, policy: Any, thresholds: dict[str, Any]
) -> None:
    assert settled(baseline, policy).settings("license_seats").thresholds == thresholds


@pytest.mark.parametrize(
    ("baseline", "policy", "teams"),
    [
        ({"warn": "30h", "services": {"teams": {"fail": "20h"}}}, {}, ("20h", "20h")),
        ({"services": {"teams": {"fail": "20h"}}}, {"warn": "30h"}, ("20h", "20h")),
        ({"services": {"teams": {"warn": "40h"}}}, {"services": {"teams": {"fail": "30h"}}}, ("30h", "30h")),
        ({"services": {"teams": {"fail": "30h"}}}, {"services": {"teams": {"warn": "10h"}}}, ("10h", "30h")),
    ],
)
def test_what_is_written_for_a_service_counts_before_what_is_written_for_all(
    baseline: Any, policy: Any, teams: tuple[str, str]
) -> None:
    data = settled(recency(**baseline), recency(**policy)).data["checks"]["backup_recency"]["services"]["teams"]
    assert (data["warn"], data["fail"]) == teams


MISTAKES: list[tuple[Any, Any, str]] = [
    ("x", {}, 'baseline: expected a dictionary with services, locations, window, checks, got "x"'),
    ([], {}, "baseline: expected a dictionary with services, locations, window, checks, got an empty list"),
    ({"windw": "7d"}, {}, 'baseline.windw: unknown key "windw", did you mean window?'),
    ({"services": ["team"]}, {"services": ["teams"]}, 'baseline.services: unknown service "team"'),
    ({"services": []}, {}, "baseline.services: may not be empty"),
    ({}, {"services": []}, "policy.services: may not be empty"),
    ({"window": "7"}, {"window": "7d"}, "baseline.window: expected a duration"),
    ({"window": "3w"}, {"window": "7"}, "policy.window: expected a duration"),
    ({"checks": {"nope": {}}}, {}, "baseline.checks.nope: unknown key"),
    ({"checks": []}, {}, "baseline.checks: expected a dictionary with license_seats"),
    (seats(wran=80), seats(warn=80), "baseline.checks.license_seats.wran: unknown key"),
    (seats(warn="x"), seats(warn=80), "baseline.checks.license_seats.warn: expected a percentage"),
    (seats(warn=80), seats(warn="x"), "policy.checks.license_seats.warn: expected a percentage"),
    (recency(services={"mail": {}}), {}, "baseline.checks.backup_recency.services.mail: unknown key"),
    (recency(services={"teams": {"fial": 1}}), {}, "baseline.checks.backup_recency.services.teams.fial: unknown key"),
    ({"checks": {"evidence": {"enabled": False}}}, {}, "baseline.checks.evidence.enabled: evidence cannot be disabled"),
    # What only the merged policy has wrong
    (
        seats(warn=110),
        {},
        "baseline.checks.license_seats.warn: 110 lies beyond baseline.checks.license_seats.fail, 100 (the default)",
    ),
    (
        seats(fail=80),
        seats(warn=85),
        "policy.checks.license_seats.warn: 85 lies beyond baseline.checks.license_seats.fail, 80:",
    ),
    (
        seats(fail=80),
        seats(warn=85, fail=82),
        "policy.checks.license_seats.warn: 85 lies beyond policy.checks.license_seats.fail, 82:",
    ),
    (
        recency(services={"teams": {"warn": "40h"}}),
        recency(fail="30h"),
        "baseline.checks.backup_recency.services.teams.warn: 40h lies beyond policy.checks.backup_recency.fail, 30h:",
    ),
    (
        recency(fail="10d"),
        {},
        "baseline.checks.backup_recency.fail: 10d reaches beyond policy.window, 7d: older jobs are not read",
    ),
    (
        {"window": "5d"},
        recency(fail="6d"),
        "policy.checks.backup_recency.fail: 6d reaches beyond baseline.window, 5d: older jobs are not read",
    ),
    (
        {"window": "3w", **recency(fail="10d")},
        {"window": "1w"},
        "policy.window: 7d is shorter than baseline.checks.backup_recency.fail, 10d: older jobs are not read",
    ),
    ({"locations": ["EUR", "PrimaryGeoLocation"]}, {}, "baseline.locations: PrimaryGeoLocation and EUR may be one"),
    ({"locations": ["EUR"]}, {"locations": "NAM,PrimaryGeoLocation"}, "policy.locations: PrimaryGeoLocation and NAM"),
]


@pytest.mark.parametrize(("baseline", "policy", "line"), MISTAKES, ids=[line[:70] for _one, _two, line in MISTAKES])
def test_a_mistake_names_the_input_that_has_it(baseline: Any, policy: Any, line: str) -> None:
    (mistake,) = mistakes_of(baseline, policy)
    assert mistake.startswith(line)


@pytest.mark.parametrize("locations", [["PrimaryGeoLocation"], ["EUR", "NAM"], []])
def test_locations_that_are_different_places_are_accepted(locations: list[str]) -> None:
    assert list(settled({"locations": ["JPN", "EUR"]}, {"locations": locations}).locations) == locations


def test_mistakes_of_both_are_reported_at_once() -> None:
    found = mistakes_of({"windw": 1, **seats(warn="x")}, {"widow": 1, **seats(fail="x")})
    assert [line.partition(":")[0] for line in found] == [
        "baseline.windw",
        "policy.widow",
        "baseline.checks.license_seats.warn",
        "policy.checks.license_seats.fail",
    ]


def test_a_baseline_and_a_policy_that_switch_every_check_off_together_are_refused() -> None:
    names = [check.name for check in CATALOGUE if check.optional]
    off = {name: {"enabled": False} for name in names}
    some = {name: off.pop(name) for name in names[:5]}
    line = "every check is disabled: a gate that judges nothing would always pass"
    assert mistakes_of({"checks": some}, {"checks": off}) == [f"policy.checks: {line}"]
    assert mistakes_of({"checks": {**some, **off}}, {}) == [f"baseline.checks: {line}"]
    assert settled({"checks": {**some, **off}}, {"checks": {"stuck_jobs": {"enabled": True}}})


percents = st.integers(1, 200)
settings = st.fixed_dictionaries({}, optional={"warn": percents, "fail": percents})


@given(settings, settings)
def test_the_merged_figures_are_those_of_one_policy_with_all_that_both_write(baseline: Any, policy: Any) -> None:
    merged, mistakes = settle_policy(seats(**policy), seats(**baseline))
    whole, whole_mistakes = settle_policy(seats(**{**baseline, **policy}))
    if not mistakes and not whole_mistakes:
        assert merged.data == whole.data
    # Only a warn of the baseline beyond a fail of the policy follows it, and is no mistake
    if mistakes:
        assert whole_mistakes


names = st.sampled_from(["checks", "window", "services", "license_seats", "warn", "x"])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)


@given(values, values)
def test_whatever_is_written_every_line_names_its_input(baseline: Any, policy: Any) -> None:
    assert all(line.startswith(("baseline", "policy")) for line in mistakes_of(baseline, policy))
