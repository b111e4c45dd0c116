# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every scenario of the simulator, read over real sockets and judged: red for its own reason, and for no other."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest
import yaml
from ansible_collections.cloudbackup.m365.plugins.module_utils import _license, _time
from ansible_collections.cloudbackup.m365.plugins.module_utils._api import generations
from ansible_collections.cloudbackup.m365.plugins.module_utils._api import queries as _queries
from ansible_collections.cloudbackup.m365.plugins.module_utils._jobs import reading
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.checks.catalogue import BY_NAME
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.plan import plan
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.policy_rules import settle_policy
from ansible_collections.cloudbackup.m365.tests.unit.readings import (
    NOW,
    NOW_TEXT,
    SERVICES,
    api,
    judge,
)

ROLES = pathlib.Path(__file__).parents[3] / "roles"
NOW_TICKS = _time.from_iso(NOW_TEXT)


@pytest.fixture
def gate(simulate: Any, connect: Any) -> Any:
    """Read a simulated tenant as the role does, and judge it."""

    def run(scenario: str, version: str = "v1", policy: Any = None, **options: Any) -> dict[str, Any]:
        simulator = simulate(scenario=scenario, now=NOW_TEXT, **options)
        client, generation = connect(simulator, page_size=1_000), generations.generation(version)
        settled, _mistakes = settle_policy(policy or {})
        planned = plan(settled, NOW)["jobs"]
        queries = _queries.from_options({"queries": planned["queries"]}, NOW_TICKS)
        options = {"include_jobs": False, "recent_jobs": planned["recent_jobs"], "max_jobs": 10**6}
        answers = reading.read(client, generation, queries, **options)
        read = {
            "license": {"license": _license.read(client, generation, NOW_TICKS), "api": api()},
            "jobs": {**answers, "api": api()},
        }
        return judge(read, policy)

    return run


def shown(evaluation: dict[str, Any], *statuses: str) -> dict[str, str]:
    """What has one of these statuses: check and scope -> status."""
    return {
        f"{one['check']} {one['scope']}": one["status"] for one in evaluation["results"] if one["status"] in statuses
    }


def of(status: str, check: str, *scopes: str) -> dict[str, str]:
    return {f"{check} {scope}": status for scope in scopes}


OF_HISTORY = (
    *("consecutive_failures", "success_rate", "degraded_backups", "failed_objects", "hollow_backups"),
    *("coverage_drop", "slow_backups"),
)
NO_SEATS = of("not_applicable", "license_seats", "license")
NO_STORAGE = of("not_applicable", "license_storage", "license")
SCENARIOS = {
    "healthy": NO_STORAGE,
    "seats_exceeded": {**NO_STORAGE, **of("fail", "license_seats", "license")},
    "stale_exchange": {**NO_STORAGE, **of("fail", "backup_recency", "exchange_online")},
    "silent_teams": {
        **NO_STORAGE,
        **of("fail", "backup_recency", "teams"),
        **of("fail", "backup_presence", "teams"),
        # The last backup before the window finished
        **of("not_applicable", "success_rate", "teams"),
        **of("not_applicable", "hollow_backups", "teams"),
    },
    "failing": {
        **NO_STORAGE,
        **of("fail", "consecutive_failures", "exchange_online"),
        **of("warn", "success_rate", "exchange_online"),
    },
    "unreliable": {**NO_STORAGE, **of("fail", "success_rate", "exchange_online")},
    "degraded": {
        **NO_STORAGE,
        **of("fail", "degraded_backups", "exchange_online"),
        **of("not_applicable", "hollow_backups", "exchange_online"),
    },
    "failed_objects": {
        **NO_STORAGE,
        **of("fail", "failed_objects", "onedrive"),
        **of("warn", "degraded_backups", "onedrive"),
    },
    "hollow": {
        **NO_STORAGE,
        **of("fail", "hollow_backups", "teams"),
        **of("not_applicable", "failed_objects", "teams"),
        **of("not_applicable", "coverage_drop", "teams"),
    },
    "coverage_drop": {**NO_STORAGE, **of("fail", "coverage_drop", "onedrive")},
    "stuck": {**NO_STORAGE, **of("fail", "stuck_jobs", "teams")},
    "slow": {**NO_STORAGE, **of("warn", "slow_backups", "sharepoint_online")},
    "no_restore": {**NO_STORAGE, **of("fail", "restore_exercise", "run")},
    "deletions": {**NO_STORAGE, **of("warn", "deletion_activity", "run")},
    "out_of_policy": {**NO_STORAGE, **of("fail", "license_in_policy", "license")},
    "per_capacity": NO_SEATS,
    "storage_exceeded": {**NO_SEATS, **of("fail", "license_storage", "license")},
    **dict.fromkeys(
        (
            *("rare_schedule", "unscheduled", "short_retention", "short_container", "unreadable_retention"),
            *("ransomware", "unusual_activity", "uneven_locations"),
        ),
        # Their checks are off by default: test_v2_scenarios enables them
        NO_STORAGE,
    ),
    "empty": {
        **NO_STORAGE,
        **of("fail", "backup_recency", *SERVICES),
        **of("fail", "backup_presence", *SERVICES),
        **of("fail", "restore_exercise", "run"),
        **{f"{check} {service}": "not_applicable" for check in OF_HISTORY for service in SERVICES},
    },
    "large": {
        **NO_STORAGE,
        **of("warn", "degraded_backups", *SERVICES),
        **of("warn", "deletion_activity", "run"),
        **of("warn", "evidence", "run"),
    },
}
"""What does not pass."""


@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_scenario_is_red_for_its_own_reason_and_for_no_other(gate: Any, scenario: str, version: str) -> None:
    evaluation = gate(scenario, version)
    assert shown(evaluation, "fail", "error", "warn", "not_applicable") == SCENARIOS[scenario]
    is_red = "fail" in SCENARIOS[scenario].values()
    assert evaluation["verdict"] == ("non_compliant" if is_red else "compliant")


def row(name: str, state: str, start: str | None, finish: str | None = None) -> dict[str, Any]:
    counts = {"total": 9, "failed": 0, "successful": 9, "skipped": 0}
    return {"id": name, "object_type": "teams", "state": state, "start": start, "finish": finish, **counts}


NO_RESTORE = of("fail", "restore_exercise", "run")
WORLDS = {
    "the value of the one judged service is ignored": (
        "v1",
        {"scenario": "healthy", "habits": {"ignore_values": ["ObjectType=7"]}},
        {"services": ["teams"]},
        of("error", "evidence", "run"),
    ),
    "the one judged location is ignored": (
        "v2",
        {"scenario": "healthy", "habits": {"ignore_values": ["location=EUR"]}},
        {"locations": ["EUR"]},
        of("error", "evidence", "run"),
    ),
    "the filter for running jobs finds none": (
        "v1",
        {"scenario": "stuck", "habits": {"lost_states": ["in_progress"]}},
        {},
        of("fail", "stuck_jobs", "teams"),
    ),
    "the first full backup took ten days": (
        "v1",
        {"scenario": "empty", "rows": [row("a", "Finished", "10d", "1h")]},
        {"services": ["teams"]},
        NO_RESTORE,
    ),
    "two failures ended at .8 and .9 s and a success at .1 s of the same second": (
        "v1",
        {
            "scenario": "empty",
            "rows": [
                row("b", "Finished", "2026-11-24T04:00:00Z", "2026-11-24T05:00:00.1Z"),
                row("a", "Failed", "2026-11-24T03:00:00Z", "2026-11-24T05:00:00.9Z"),
                row("aa", "Failed", "2026-11-24T03:00:00Z", "2026-11-24T05:00:00.8Z"),
            ],
        },
        {"services": ["teams"]},
        {**NO_RESTORE, **of("fail", "consecutive_failures", "teams")},
    ),
    "250 young jobs are in progress and one has no start": (
        "v1",
        {
            "scenario": "empty",
            "rows": [
                row("a", "Finished", "3h", "2h"),
                row("queued", "In Progress", None),
                *(row(f"r{number}", "In Progress", "10m") for number in range(250)),
            ],
        },
        {"services": ["teams"]},
        NO_RESTORE,
    ),
}


@pytest.mark.parametrize(("version", "options", "policy", "red"), WORLDS.values(), ids=WORLDS)
def test_a_world_is_red_for_its_own_reason(gate: Any, version: str, options: Any, policy: Any, red: Any) -> None:
    assert shown(gate(version=version, policy=policy, **options), "fail", "error") == red


def test_every_scenario_has_its_row() -> None:
    specs = yaml.safe_load((ROLES / "simulator" / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))
    assert specs["argument_specs"]["main"]["options"]["simulator_scenario"]["choices"] == list(SCENARIOS)


def test_every_check_is_tripped_by_some_scenario() -> None:
    tripped = {
        name.split()[0] for row in SCENARIOS.values() for name, status in row.items() if status in ("fail", "warn")
    }
    assert tripped == {name for name, check in BY_NAME.items() if check.is_default}


@pytest.mark.parametrize("seed", [2, 3, 4])
@pytest.mark.parametrize("scenario", ["healthy", "failed_objects", "coverage_drop", "slow"])
def test_it_is_so_for_every_seed(gate: Any, scenario: str, seed: int) -> None:
    assert shown(gate(scenario, seed=seed), "fail", "error", "warn", "not_applicable") == SCENARIOS[scenario]


def test_a_healthy_tenant_is_so_at_each_of_its_locations(gate: Any) -> None:
    evaluation = gate("healthy", "v2", {"services": ["teams", "onedrive"], "locations": ["NAM", "EUR"]})
    assert shown(evaluation, "fail", "error", "warn") == {
        # The other two services are backed up, too
        "evidence run": "warn"
    }
    assert {one["scope"] for one in evaluation["results"] if one["check"] == "stuck_jobs"} == {
        *("teams@NAM", "teams@EUR", "onedrive@NAM", "onedrive@EUR")
    }


def test_a_longer_window_reads_more_rows_and_is_judged_as_well(gate: Any) -> None:
    assert shown(gate("healthy", policy={"window": "3w"}), "fail", "error", "warn") == {}
