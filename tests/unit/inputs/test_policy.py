# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest
from ansible_collections.cloudbackup.m365.plugins.module_utils import _names
from ansible_collections.cloudbackup.m365.plugins.modules import cloudbackup_jobs_info
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.checks.catalogue import CATALOGUE
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.plan import plan
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.policy_rules import settle_policy
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reading.sources import SOURCES
from ansible_collections.cloudbackup.m365.tests.unit.readings import NOW

HOUR, DAY = 3_600, 86_400
OF_JOBS_OFF = {check.name: {"enabled": False} for check in CATALOGUE if SOURCES[check.source].read == "jobs"}


def recency(settings: Any, **policy: Any) -> dict[str, Any]:
    return {**policy, "checks": {"backup_recency": settings}}


def settled(raw: Any) -> Any:
    policy, mistakes = settle_policy(raw)
    assert mistakes == []
    return policy


def test_the_defaults_are_those_of_the_catalogue() -> None:
    policy = settled({})
    assert policy.services == ("exchange_online", "sharepoint_online", "onedrive", "teams")
    assert (policy.locations, policy.window) == ((), 7 * DAY)
    assert policy.data["checks"] == {
        "license_seats": {"enabled": True, "warn": 90, "fail": 100},
        "license_storage": {"enabled": True, "warn": 85, "fail": 100},
        "license_in_policy": {"enabled": True},
        "backup_recency": {
            "enabled": True,
            "states": ["finished", "finished_with_exception"],
            "warn": "26h",
            "fail": "48h",
            "services": {},
        },
        "backup_presence": {"enabled": True, "services": {}},
        "consecutive_failures": {"enabled": True, "warn": 1, "fail": 2, "services": {}},
        "success_rate": {"enabled": True, "warn": 95, "fail": 80, "min_jobs": 10, "services": {}},
        "degraded_backups": {"enabled": True, "warn": 1, "fail": "7d", "services": {}},
        "failed_objects": {"enabled": True, "warn": 0.5, "fail": 2, "min_objects": 5, "services": {}},
        "hollow_backups": {"enabled": True, "warn": 1, "fail": 3, "span": "72h", "services": {}},
        "coverage_drop": {"enabled": True, "warn": 30, "fail": 50, "min_jobs": 5, "services": {}},
        "stuck_jobs": {"enabled": True, "warn": "12h", "fail": "24h", "services": {}},
        "slow_backups": {"enabled": True, "warn": 2, "fail": None, "min_jobs": 5, "floor": "30m", "services": {}},
        "restore_exercise": {"enabled": True, "warn": "92d", "fail": "365d"},
        "deletion_activity": {"enabled": True, "warn": 1, "fail": None},
        "backup_frequency": {"enabled": False, "warn": None, "fail": 1, "services": {}},
        "retention_period": {"enabled": False, "warn": None, "fail": "1y", "services": {}},
        "unusual_activity": {"enabled": False, "warn": 1, "fail": 1},
        "evidence": {"enabled": True},
    }


@pytest.mark.parametrize("written", ["99.5 %", "99.5%", "99.5", 99.5, " 99.5 % "])
def test_percentages_as_people_write_them_are_exact(written: Any) -> None:
    policy = settled({"checks": {"license_seats": {"fail": written}}})
    assert policy.settings("license_seats").thresholds["fail"] == Fraction(199, 2)


@pytest.mark.parametrize(
    ("written", "value"), [(True, True), ("false", False), ("no", False), (0, False), ("On", True)]
)
def test_booleans_may_arrive_as_text(written: Any, value: bool) -> None:
    assert settled({"checks": {"backup_presence": {"enabled": written}}}).settings("backup_presence").enabled is value


def test_lists_may_arrive_as_text_and_names_in_any_case() -> None:
    policy = settled({"services": "teams, OneDrive", "locations": "eur,nam"})
    assert policy.services == ("teams", "onedrive")
    assert policy.locations == ("EUR", "NAM")


def test_every_state_but_failed_may_be_accepted_as_a_backup() -> None:
    states = ["partially_finished", "finished", "finished_with_exception"]
    shown = settled(recency({"states": states})).settings("backup_recency").thresholds["states"]
    assert shown == ("finished", "finished_with_exception", "partially_finished")


@pytest.mark.parametrize(
    ("check", "key", "highest", "beyond"),
    [
        ("license_seats", "fail", 1_000, 1_000.1),
        ("success_rate", "warn", 100, 100.1),
        ("coverage_drop", "fail", 99.9999, 100),
        ("slow_backups", "warn", 1_000, 1_000.1),
        ("consecutive_failures", "fail", 10_000, 10_001),
        ("slow_backups", "min_jobs", 100, 101),
    ],
)
def test_a_number_is_taken_up_to_its_limit(check: str, key: str, highest: float, beyond: float) -> None:
    value = settled({"checks": {check: {key: highest}}}).settings(check).thresholds[key]
    assert float(value) == highest
    _policy, mistakes = settle_policy({"checks": {check: {key: beyond}}})
    assert [line.partition(":")[0] for line in mistakes] == [f"policy.checks.{check}.{key}"]


@pytest.mark.parametrize(
    ("raw", "warn", "fail"),
    [
        (recency({"fail": "12h"}), 12 * HOUR, 12 * HOUR),  # a warn that nobody wrote follows
        (recency({"fail": "3d"}), 26 * HOUR, 72 * HOUR),
        (recency({"warn": "30h"}), 30 * HOUR, 48 * HOUR),
        (recency({"warn": "48h"}), 48 * HOUR, 48 * HOUR),
        (recency({}, window="1d"), 24 * HOUR, 24 * HOUR),  # the defaults follow a shorter window
        (recency({}, window="30h"), 26 * HOUR, 30 * HOUR),
        (recency({"fail": "14d"}, window="3w"), 26 * HOUR, 14 * DAY),
        (recency({"fail": "7d"}), 26 * HOUR, 7 * DAY),
    ],
)
def test_thresholds_fit_together(raw: Any, warn: int, fail: int) -> None:
    thresholds = settled(raw).settings("backup_recency").thresholds
    assert (thresholds["warn"], thresholds["fail"]) == (warn, fail)


@pytest.mark.parametrize(
    ("for_all", "for_teams", "warn", "fail"),
    [
        ({"fail": "72h"}, {}, 26, 72),
        ({"fail": "72h"}, {"warn": "60h"}, 60, 72),
        ({"warn": "24h"}, {"fail": "12h"}, 12, 12),  # the more specific fail takes the general warn along
        ({"warn": "24h", "fail": "30h"}, {"warn": "2h", "fail": "3h"}, 2, 3),
    ],
)
def test_a_service_has_thresholds_of_its_own(for_all: Any, for_teams: Any, warn: int, fail: int) -> None:
    policy = settled(recency({**for_all, "services": {"teams": for_teams}}))
    thresholds = policy.settings("backup_recency", "teams").thresholds
    assert (thresholds["warn"], thresholds["fail"]) == (warn * HOUR, fail * HOUR)
    assert policy.settings("backup_recency", "onedrive") == policy.settings("backup_recency")


MISTAKES = [
    ("nonsense", ["policy", '"nonsense"', "a dictionary with services, locations, window, checks"]),
    (17, ["policy", "17"]),
    (None, ["policy", "nothing (null)"]),
    ({"window": "7"}, ["policy.window", '"7"', "90m, 26h, 7d or 2w"]),
    ({"window": 7}, ["policy.window", "got 7"]),
    ({"window": "0d"}, ["policy.window"]),
    ({"window": None}, ["policy.window", "null"]),
    ({"windows": "7d"}, ["policy.windows", "unknown key", "did you mean window?"]),
    ({True: 1}, ["policy.True", "unknown key true"]),
    ({"services": []}, ["policy.services", "may not be empty"]),
    ({"services": ""}, ["policy.services", "may not be empty"]),
    ({"services": None}, ["policy.services", "may not be empty"]),
    ({"services": False}, ["policy.services", "got false", "a list out of exchange_online"]),
    ({"services": ["exchange"]}, ["policy.services", '"exchange"', "did you mean exchange_online?"]),
    ({"services": ["zzz"]}, ["policy.services", 'unknown service "zzz". Allowed: exchange_online']),
    ({"services": {"teams": True}}, ["policy.services", "a dictionary", "a list out of"]),
    ({"services": [["teams"]]}, ["policy.services", "a list"]),
    ({"services": ["teams", "teams"]}, ["policy.services", "teams is named more than once"]),
    ({"locations": ["EUR", "primarygeolocation"]}, ["policy.locations", "PrimaryGeoLocation and EUR may be one place"]),
    ({"locations": ["EU"]}, ["policy.locations", '"EU"', "did you mean EUR?"]),
    ({"checks": None}, ["policy.checks", "null"]),
    ({"checks": {"backup_recncy": {}}}, ["policy.checks.backup_recncy", "unknown key", "did you mean backup_recency?"]),
    ({"checks": {"stuck_job": {}}}, ["policy.checks.stuck_job", "unknown key"]),
    ({"checks": {"license_seats": False}}, ["policy.checks.license_seats", "got false", "enabled, warn, fail"]),
    ({"checks": {"license_seats": {"services": {}}}}, ["policy.checks.license_seats.services", "unknown key"]),
    (
        {"checks": {"license_seats": {"enabled": "flase"}}},
        ["policy.checks.license_seats.enabled", '"flase"', "true or false"],
    ),
    ({"checks": {"license_seats": {"enabled": 2}}}, ["policy.checks.license_seats.enabled", "got 2"]),
    ({"checks": {"license_seats": {"fail": "100h"}}}, ["policy.checks.license_seats.fail", '"100h"', "a percentage"]),
    ({"checks": {"license_seats": {"fail": True}}}, ["policy.checks.license_seats.fail", "got true"]),
    ({"checks": {"license_seats": {"fail": 0}}}, ["policy.checks.license_seats.fail", "got 0"]),
    ({"checks": {"license_seats": {"fail": -5}}}, ["policy.checks.license_seats.fail", "got -5"]),
    ({"checks": {"license_seats": {"fail": 1001}}}, ["policy.checks.license_seats.fail", "up to 1000"]),
    ({"checks": {"license_seats": {"fail": "nan"}}}, ["policy.checks.license_seats.fail"]),
    (
        {"checks": {"license_seats": {"warn": 101}}},
        ["policy.checks.license_seats.warn", "101 lies beyond", "100 (the default)"],
    ),
    ({"checks": {"evidence": {"enabled": False}}}, ["policy.checks.evidence.enabled", "cannot be disabled"]),
    (
        recency({"fial": "3d"}),
        ["policy.checks.backup_recency.fial", "did you mean fail?", "enabled, states, warn, fail, services"],
    ),
    (recency({"fail": 48}), ["policy.checks.backup_recency.fail", "got 48", "with its unit"]),
    (recency({"fail": "8d"}), ["policy.checks.backup_recency.fail", "8d", "policy.window, 7d"]),
    (recency({"fail": "25h"}, window="1d"), ["policy.checks.backup_recency.fail", "25h", "policy.window, 24h"]),
    (recency({"warn": "3d", "fail": "2d"}), ["policy.checks.backup_recency.warn", "72h lies beyond", "48h"]),
    (recency({"warn": "60h"}), ["policy.checks.backup_recency.warn", "60h", "48h (the default)"]),
    (recency({"states": []}), ["policy.checks.backup_recency.states", "an empty list"]),
    (recency({"states": ["failed"]}), ["policy.checks.backup_recency.states", "finished_with_exception"]),
    (recency({"states": ["finished", "in_progress"]}), ["policy.checks.backup_recency.states"]),
    (recency({"services": {"team": {}}}), ["policy.checks.backup_recency.services.team", "did you mean teams?"]),
    (recency({"services": {"teams": {"window": "3d"}}}), ["policy.checks.backup_recency.services.teams.window"]),
    (recency({"services": {"teams": "26h"}}), ["policy.checks.backup_recency.services.teams", '"26h"']),
    (
        recency({"services": {"teams": {"warn": "50h"}}}),
        ["policy.checks.backup_recency.services.teams.warn", "50h lies beyond", "48h (the default)"],
    ),
    (recency({"services": {"teams": {"fail": "8d"}}}), ["policy.checks.backup_recency.services.teams.fail", "8d"]),
    ({"checks": {"degraded_backups": {"fail": "8d"}}}, ["policy.checks.degraded_backups.fail", "8d", "policy.window"]),
    ({"checks": {"degraded_backups": {"fail": 7}}}, ["policy.checks.degraded_backups.fail", "got 7", "a duration"]),
    ({"checks": {"degraded_backups": {"warn": "1d"}}}, ["policy.checks.degraded_backups.warn", "a whole number"]),
    ({"checks": {"hollow_backups": {"span": "8d"}}}, ["policy.checks.hollow_backups.span", "8d", "policy.window"]),
    ({"checks": {"hollow_backups": {"warn": 4}}}, ["policy.checks.hollow_backups.warn", "4 lies beyond", "3 (the d"]),
    ({"checks": {"success_rate": {"warn": 70}}}, ["policy.checks.success_rate.warn", "70 lies beyond", "80 (the d"]),
    ({"checks": {"success_rate": {"fail": 101}}}, ["policy.checks.success_rate.fail", "up to 100,"]),
    ({"checks": {"success_rate": {"fail": 0}}}, ["policy.checks.success_rate.fail", "over 0"]),
    ({"checks": {"success_rate": {"min_jobs": 0}}}, ["policy.checks.success_rate.min_jobs", "from 1 to 100"]),
    ({"checks": {"success_rate": {"min_jobs": 101}}}, ["policy.checks.success_rate.min_jobs", "from 1 to 100"]),
    ({"checks": {"success_rate": {"min_jobs": 2.0}}}, ["policy.checks.success_rate.min_jobs", "got 2.0"]),
    ({"checks": {"coverage_drop": {"fail": 100}}}, ["policy.checks.coverage_drop.fail", "under 100"]),
    ({"checks": {"coverage_drop": {"warn": 60}}}, ["policy.checks.coverage_drop.warn", "60 lies beyond", "50 (the d"]),
    ({"checks": {"failed_objects": {"fail": "100 %"}}}, ["policy.checks.failed_objects.fail", "under 100"]),
    ({"checks": {"failed_objects": {"min_objects": 0}}}, ["policy.checks.failed_objects.min_objects", "from 1 to"]),
    ({"checks": {"consecutive_failures": {"fail": True}}}, ["policy.checks.consecutive_failures.fail", "got true"]),
    ({"checks": {"consecutive_failures": {"warn": 4}}}, ["policy.checks.consecutive_failures.warn", "4 lies beyond"]),
    ({"checks": {"consecutive_failures": {"fail": None}}}, ["policy.checks.consecutive_failures.fail", "null"]),
    ({"checks": {"slow_backups": {"warn": None}}}, ["policy.checks.slow_backups.warn", "null", "a factor"]),
    ({"checks": {"slow_backups": {"warn": 0}}}, ["policy.checks.slow_backups.warn", "got 0"]),
    ({"checks": {"slow_backups": {"warn": "2h"}}}, ["policy.checks.slow_backups.warn", '"2h"', '2.5 or "2x"']),
    ({"checks": {"slow_backups": {"warn": 3, "fail": 2}}}, ["policy.checks.slow_backups.warn", "3 lies beyond"]),
    ({"checks": {"stuck_jobs": {"warn": "30h"}}}, ["policy.checks.stuck_jobs.warn", "30h lies beyond"]),
    ({"checks": {"restore_exercise": {"services": {}}}}, ["policy.checks.restore_exercise.services", "unknown key"]),
    ({"checks": {"restore_exercise": {"warn": "400d"}}}, ["policy.checks.restore_exercise.warn", "400d lies beyond"]),
    ({"checks": {"deletion_activity": {"warn": 9, "fail": 5}}}, ["policy.checks.deletion_activity.warn", "9 lies"]),
]


@pytest.mark.parametrize(
    ("raw", "words"), MISTAKES, ids=[json.dumps(raw, default=str)[:60] for raw, _words in MISTAKES]
)
def test_a_mistake_is_one_line_with_its_place_what_was_found_and_what_is_allowed(raw: Any, words: list[str]) -> None:
    _policy, mistakes = settle_policy(raw)
    assert len(mistakes) == 1
    assert mistakes[0].startswith(f"{words[0]}: ")
    for word in words[1:]:
        assert word in mistakes[0]


def test_every_mistake_is_reported_at_once() -> None:
    _policy, mistakes = settle_policy(
        {
            "windw": "7d",
            "services": ["team"],
            "checks": {"license_seats": {"fail": "x"}, "backup_recency": {"warn": "3d", "fail": "2d"}, "nope": {}},
        }
    )
    assert len(mistakes) == 5


def test_a_policy_with_every_check_switched_off_is_refused() -> None:
    off = {name: {"enabled": False} for name in settled({}).data["checks"] if name != "evidence"}
    _policy, mistakes = settle_policy({"checks": off})
    assert mistakes == ["policy.checks: every check is disabled: a gate that judges nothing would always pass"]


def test_a_check_that_is_switched_on_for_one_service_alone_is_enough_of_a_policy() -> None:
    off: dict[str, Any] = {name: {"enabled": False} for name in settled({}).data["checks"] if name != "evidence"}
    off["stuck_jobs"] = {"enabled": False, "services": {"teams": {"enabled": True}}}
    policy = settled({"checks": off})
    assert policy.settings("stuck_jobs", "teams").enabled
    assert not policy.settings("stuck_jobs", "onedrive").enabled


def test_what_was_found_is_shortened_and_shown_without_control_characters() -> None:
    _policy, mistakes = settle_policy({"window": "\x1b[2J" + "x" * 5_000})
    assert "\x1b" not in mistakes[0]
    assert len(mistakes[0]) < 250


@pytest.mark.parametrize(
    "raw",
    [
        {},
        {"window": "1d"},
        {"services": ["teams"], "locations": ["EUR"], "window": "3w"},
        recency({"fail": "14d", "services": {"teams": {"fail": "2h", "enabled": "no"}}}, window="2w"),
        {"checks": {"license_seats": {"fail": "99.5 %"}, "license_storage": {"enabled": False}}},
    ],
)
def test_the_merged_policy_read_again_is_the_same_policy(raw: Any) -> None:
    policy = settled(raw)
    again = settled(json.loads(json.dumps(policy.data)))
    assert again.data == policy.data
    for check in policy.checks:
        for service in (None, "teams", "onedrive"):
            assert again.settings(check, service).thresholds == policy.settings(check, service).thresholds


@pytest.mark.parametrize(
    ("check", "settings", "thresholds"),
    [
        ("slow_backups", {}, {"warn": 2, "fail": None}),
        ("slow_backups", {"warn": "2.5"}, {"warn": Fraction(5, 2), "fail": None}),
        ("slow_backups", {"warn": "3x", "fail": 4.5}, {"warn": 3, "fail": Fraction(9, 2)}),
        ("slow_backups", {"fail": 1.5}, {"warn": Fraction(3, 2), "fail": Fraction(3, 2)}),
        ("slow_backups", {"fail": None}, {"warn": 2, "fail": None}),
        ("deletion_activity", {"fail": "4"}, {"warn": 1, "fail": 4}),
        ("consecutive_failures", {"fail": 1}, {"warn": 1, "fail": 1}),
        ("success_rate", {"fail": "97 %"}, {"warn": 97, "fail": 97}),
        ("degraded_backups", {"warn": 100}, {"warn": 100, "fail": 7 * DAY}),  # a count and an age do not compare
        ("degraded_backups", {"fail": "1h"}, {"warn": 1, "fail": HOUR}),
        ("failed_objects", {"warn": 0, "fail": 0}, {"warn": 0, "fail": 0}),
        ("failed_objects", {"fail": 0.0005}, {"warn": Fraction(1, 2000), "fail": Fraction(1, 2000)}),
        ("stuck_jobs", {"fail": "3w"}, {"warn": 12 * HOUR, "fail": 21 * DAY}),  # no window bounds it
        ("restore_exercise", {"fail": "30d"}, {"warn": 30 * DAY, "fail": 30 * DAY}),
    ],
)
def test_thresholds_of_every_kind(check: str, settings: Any, thresholds: dict[str, Any]) -> None:
    policy = settled({"checks": {check: settings}})
    shown = policy.settings(check).thresholds
    assert {key: shown[key] for key in thresholds} == thresholds
    assert settled(json.loads(json.dumps(policy.data))).settings(check).thresholds == shown


def test_what_a_service_need_not_meet_is_taken_out_with_null() -> None:
    policy = settled({"checks": {"slow_backups": {"fail": 4, "services": {"teams": {"fail": None}}}}})
    assert policy.settings("slow_backups", "teams").thresholds["fail"] is None
    assert policy.settings("slow_backups", "onedrive").thresholds["fail"] == 4
    assert settled(json.loads(json.dumps(policy.data))).data == policy.data


def test_the_defaults_follow_a_shorter_window() -> None:
    policy = settled({"window": "1d"})
    assert policy.settings("degraded_backups").thresholds["fail"] == DAY
    assert policy.settings("hollow_backups").thresholds["span"] == DAY
    assert policy.settings("stuck_jobs").thresholds["fail"] == DAY


def queries(raw: Any) -> list[dict[str, Any]]:
    return plan(settled(raw), NOW)["jobs"]["queries"]


def test_the_plan_asks_for_all_that_the_checks_look_at_and_counts_first() -> None:
    read_from, start = "2026-11-03T06:00:00Z", "2026-11-17T06:00:00Z"
    backups = {"job_type": "backup", "start_time": read_from}
    assert plan(settled({"services": ["teams", "onedrive"]}), NOW) == {
        "license": {},
        "jobs": {
            "queries": [
                {**backups, "count_only": True},
                {**backups, "object_type": "teams", "ended_since": start},
                {**backups, "object_type": "onedrive", "ended_since": start},
                {"object_type": "teams", "states": ["in_progress"]},
                {"object_type": "onedrive", "states": ["in_progress"]},
                {"job_type": "restore", "start_time": "2025-11-24T06:00:00Z", "states": ["finished"]},
                {"job_type": "delete", "start_time": start},
                *({"job_type": other, "start_time": backups["start_time"]} for other in ("export", "retention")),
            ],
            "include_jobs": False,
            "recent_jobs": 200,
        },
    }


def test_the_plan_reads_settings_and_unusual_activity_for_their_checks() -> None:
    enabled = {name: {"enabled": True} for name in ("retention_period", "unusual_activity")}
    planned = plan(settled({"locations": ["EUR"], "checks": enabled}), NOW)
    assert list(planned) == ["license", "jobs", "settings", "unusual_activity"]
    assert planned["settings"] == {"locations": ["EUR"]}
    assert planned["unusual_activity"] == {"start_time": "2026-11-17T06:00:00Z", "finish_time": "2026-11-24T06:00:00Z"}


def counted(raw: Any) -> list[tuple[Any, Any, Any]]:
    """The job type, service and location of each query for a mere count."""
    asked = [query for query in queries(raw) if query.get("count_only")]
    assert {query["start_time"] for query in asked} <= {"2026-11-03T06:00:00Z"}
    return [(query.get("job_type"), query.get("object_type"), query.get("location")) for query in asked]


def test_a_single_service_is_counted_with_all_others_and_by_the_types_of_its_jobs() -> None:
    services = [service for service in _names.OBJECT_TYPES if service != "teams"]
    assert counted({"services": ["teams"]}) == [
        ("backup", None, None),
        *(("backup", service, None) for service in services),
        *((job_type, "teams", None) for job_type in (None, "restore", "export", "delete", "retention")),
    ]
    assert counted({"services": ["teams", "onedrive"]}) == [("backup", None, None)]


def test_a_single_location_is_counted_with_all_others() -> None:
    named = [place for place in _names.LOCATIONS if place not in ("EUR", "PrimaryGeoLocation")]
    assert counted({"locations": ["EUR"]}) == [
        ("backup", None, None),
        *(("backup", None, place) for place in ("EUR", *named)),
    ]
    for places in (["EUR", "NAM"], ["PrimaryGeoLocation"]):
        assert counted({"locations": places}) == [("backup", None, None)]


def test_the_plan_asks_each_location_and_sends_none_unasked() -> None:
    asked = queries({"services": ["teams", "onedrive"], "locations": ["EUR", "NAM"], "window": "1d"})
    located = [(query.get("object_type"), query.get("location")) for query in asked if "object_type" in query]
    assert located == [(service, place) for service in ("teams", "onedrive") for place in ("EUR", "NAM")] * 2
    assert all("location" not in query for query in queries({}))


def test_the_plan_reads_only_what_the_enabled_checks_need() -> None:
    off = {"enabled": False}
    no_license = dict.fromkeys(("license_seats", "license_storage", "license_in_policy"), off)
    assert plan(settled({"checks": no_license}), NOW).keys() == {"jobs"}
    assert plan(settled({"checks": OF_JOBS_OFF}), NOW) == {"license": {}}
    one_service = {**OF_JOBS_OFF, "backup_recency": {**off, "services": {"teams": {"enabled": True}}}}
    assert plan(settled({"checks": one_service}), NOW).keys() == {"license", "jobs"}


TEAMS_BACKUPS = {"job_type": "backup", "object_type": "teams", "ended_since": "2026-11-17T06:00:00Z"}
ONEDRIVE_BACKUPS = {**TEAMS_BACKUPS, "object_type": "onedrive"}


@pytest.mark.parametrize(
    ("check", "asked"),
    [
        (
            "backup_presence",
            [
                {"job_type": "backup", "count_only": True},
                *(TEAMS_BACKUPS, ONEDRIVE_BACKUPS),
                *({"job_type": "export"}, {"job_type": "retention"}),
            ],
        ),
        (
            "stuck_jobs",
            [
                {"object_type": "teams", "states": ["in_progress"]},
                {"object_type": "onedrive", "states": ["in_progress"]},
                *(TEAMS_BACKUPS, ONEDRIVE_BACKUPS),
            ],
        ),
        ("restore_exercise", [{"job_type": "restore", "states": ["finished"]}]),
        ("deletion_activity", [{"job_type": "delete"}]),
    ],
)
def test_a_check_that_stands_alone_asks_for_nothing_else(check: str, asked: list[dict[str, Any]]) -> None:
    shown = queries({"services": ["teams", "onedrive"], "checks": {**OF_JOBS_OFF, check: {"enabled": True}}})
    assert [{name: query[name] for name in query if name != "start_time"} for query in shown] == asked


def test_restores_are_read_as_far_back_as_they_may_fail_whatever_the_window() -> None:
    asked = queries({"window": "1d", "checks": {**OF_JOBS_OFF, "restore_exercise": {"fail": "30d"}}})
    assert [query["start_time"] for query in asked] == ["2026-10-25T06:00:00Z"]


@pytest.mark.parametrize(
    ("window", "checks", "rows"),
    [
        ("7d", {"stuck_jobs": {}, "success_rate": {}, "failed_objects": {}}, 20),
        # The digest itself names the last job of each state
        ("7d", {"backup_recency": {"states": ["finished", "finished_with_exception"]}, "degraded_backups": {}}, 20),
        ("7d", {"consecutive_failures": {}}, 22),
        ("7d", {"consecutive_failures": {"fail": 50}}, 70),
        ("7d", {"consecutive_failures": {"enabled": False, "fail": 50}}, 20),
        ("7d", {"consecutive_failures": {"services": {"teams": {"fail": 50}}}}, 70),
        ("7d", {"consecutive_failures": {"enabled": False, "services": {"teams": {"fail": 50}}}}, 20),
        ("7d", {"consecutive_failures": {"services": {"onedrive": {"fail": 50}}}}, 22),  # not among the services
        ("1d", {"hollow_backups": {}}, 200),
        ("7d", {"hollow_backups": {}}, 200),
        ("3w", {"hollow_backups": {}}, 600),
        ("8d", {"coverage_drop": {}}, 229),
        ("7d", {"slow_backups": {}}, 200),
        ("520w", {"slow_backups": {}}, 100_000),  # what the module takes
    ],
)
def test_so_many_rows_are_kept_as_the_most_demanding_check_needs(window: str, checks: Any, rows: int) -> None:
    switched = {name: {"enabled": True, **settings} for name, settings in {"stuck_jobs": {}, **checks}.items()}
    policy = {"services": ["teams"], "window": window, "checks": {**OF_JOBS_OFF, **switched}}
    assert plan(settled(policy), NOW)["jobs"]["recent_jobs"] == rows


def test_the_jobs_module_keeps_as_many_rows_as_a_plan_may_ask_for() -> None:
    longest = settled({"window": "520w"})
    parameters = {"page_index": None, "recent_jobs": plan(longest, NOW)["jobs"]["recent_jobs"], "max_jobs": 1}
    cloudbackup_jobs_info.check(parameters, [], has_location=True)
