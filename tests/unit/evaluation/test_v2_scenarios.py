# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Scenarios of what the second API generation alone answers, read by the modules over real sockets and judged."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.cloudbackup.m365.plugins.module_utils import _names
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.checks.catalogue import BY_NAME
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.plan import plan
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.policy_rules import settle_policy
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller.registered_results import reading
from ansible_collections.cloudbackup.m365.tests.unit.info_modules import scopes
from ansible_collections.cloudbackup.m365.tests.unit.planned_reads import performed
from ansible_collections.cloudbackup.m365.tests.unit.readings import NOW, NOW_TEXT, judge

NAMES = [name for name, check in BY_NAME.items() if not check.is_default]
ENABLED = {name: {"enabled": True} for name in NAMES}
SCENARIOS = {
    "healthy": {},
    "rare_schedule": {("backup_frequency", "onedrive"): "fail"},
    "unscheduled": {("backup_frequency", "teams"): "fail"},
    "short_retention": {("retention_period", "exchange_online"): "fail"},
    "short_container": {("retention_period", "teams"): "fail"},
    "unreadable_retention": {("retention_period", "onedrive"): "error"},
    "ransomware": {("unusual_activity", "run"): "fail"},
    "unusual_activity": {("unusual_activity", "run"): "warn"},
}
LOCATIONS = {("backup_frequency", "teams@EUR"): "fail", ("retention_period", "onedrive@EUR"): "fail"}


def judged(simulator: Any, policy: Any) -> dict[str, Any]:
    """Return the evaluation of a tenant, read as the role reads it."""
    settled, mistakes = settle_policy(policy)
    assert mistakes == []
    results = performed(plan(settled, NOW), simulator)
    now_of_the_server = {**reading(results), "now_given": False}
    for part in ("license", "jobs", "settings", "unusual_activity"):
        if now_of_the_server[part]:
            # The simulated now is another than that of the test's clock
            now_of_the_server[part]["api"].update(clock_offset_seconds=0, server_time=NOW_TEXT)
    return judge(now_of_the_server, policy)


def unclean(evaluation: dict[str, Any]) -> dict[tuple[str, str], str]:
    """Return the status of each result that is neither a pass nor not applicable, by check and scope."""
    return {
        (one["check"], one["scope"]): one["status"]
        for one in evaluation["results"]
        if one["status"] not in ("pass", "not_applicable")
    }


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_scenario_turns_its_one_check(scenario: str, simulate: Any) -> None:
    evaluation = judged(simulate(scenario=scenario, now=NOW_TEXT), {"checks": ENABLED})
    assert unclean(evaluation) == SCENARIOS[scenario]


def test_each_location_is_judged_by_its_settings(simulate: Any) -> None:
    simulator = simulate(scenario="uneven_locations", now=NOW_TEXT, locations=["NAM", "EUR"])
    evaluation = judged(simulator, {"checks": ENABLED, "locations": ["NAM", "EUR"]})
    found = {place: status for place, status in unclean(evaluation).items() if place[0] in NAMES}
    assert found == LOCATIONS


def test_every_check_of_v2_alone_has_a_scenario() -> None:
    assert {check for found in (*SCENARIOS.values(), LOCATIONS) for check, _scope in found} == set(NAMES)


def test_the_default_gate_asks_for_two_permissions_and_an_enabled_check_for_its_own(simulate: Any) -> None:
    simulator = simulate(scenario="healthy", now=NOW_TEXT)
    judged(simulator, {})
    default = {_names.JOBS_SCOPE, _names.LICENSE_SCOPE}
    assert set(scopes(simulator)) == default
    judged(simulator, {"checks": {"retention_period": {"enabled": True}}})
    assert set(scopes(simulator)) == default | {_names.SETTINGS_SCOPE}
    judged(simulator, {"checks": ENABLED})
    assert set(scopes(simulator)) == default | {_names.SETTINGS_SCOPE, _names.UNUSUAL_ACTIVITY_SCOPE}


@pytest.mark.parametrize(
    ("read", "failed"),
    [("settings", {"backup_frequency", "retention_period"}), ("unusual_activity", {"unusual_activity"})],
)
def test_a_permission_that_was_not_granted_leaves_its_checks_open_and_no_others(
    read: str, failed: set[str], simulate: Any
) -> None:
    scope = {"settings": _names.SETTINGS_SCOPE, "unusual_activity": _names.UNUSUAL_ACTIVITY_SCOPE}[read]
    granted = [one for one in SCOPES if one != scope]
    evaluation = judged(simulate(scenario="healthy", now=NOW_TEXT, granted_scopes=granted), {"checks": ENABLED})
    assert {check for check, _scope in unclean(evaluation)} == failed
    (message,) = {one["message"] for one in evaluation["results"] if one["check"] in failed}
    assert scope in message


SCOPES = (_names.JOBS_SCOPE, _names.LICENSE_SCOPE, _names.SETTINGS_SCOPE, _names.UNUSUAL_ACTIVITY_SCOPE)
