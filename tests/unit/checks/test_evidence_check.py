# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.cloudbackup.m365.plugins.module_utils import _time
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.checks.catalogue import BY_NAME, CATALOGUE
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reading.sources import SOURCES
from ansible_collections.cloudbackup.m365.tests.unit.readings import (
    HEALTHY_BACKUPS,
    HEALTHY_OF_A_SERVICE,
    NOW,
    READ_START,
    SERVICES,
    ago,
    api,
    count,
    group,
    healthy,
    job,
    jobs_result,
    judge,
    license_result,
    only,
    read,
    result,
)

DAY = 86_400


def outcome(reading: Any, policy: Any = None) -> dict[str, Any]:
    return result(judge(reading, policy), "evidence")


def test_complete_answers_under_a_right_clock_are_evidence() -> None:
    shown = outcome(healthy())
    assert (shown["status"], shown["observed"]) == ("pass", "no doubt")


def test_doubts_are_counted_the_same_one_once() -> None:
    reading = healthy()
    reading["license"]["api"]["clock_offset_seconds"] = None
    assert outcome(reading)["observed"] == "1 doubt"
    reading["jobs"]["api"]["clock_offset_seconds"] = None
    assert outcome(reading)["observed"] == "1 doubt"
    reading["jobs"] = None
    assert outcome(reading)["observed"] == "2 doubts"  # of the missing answer three looks say the same


@pytest.mark.parametrize(
    ("offset", "status"),
    [
        (0, "pass"),
        (300, "pass"),
        (-300, "pass"),
        (301, "error"),
        (-301, "error"),
        (None, "warn"),
        ("absent", "warn"),
        (True, "error"),
        ("0", "error"),
        (float("nan"), "error"),
        (float("-inf"), "error"),
    ],
)
@pytest.mark.parametrize("which", ["license", "jobs"])
def test_the_clock_against_the_date_of_each_answer(which: str, offset: Any, status: str) -> None:
    reading = healthy()
    reading[which]["api"]["clock_offset_seconds"] = offset
    if offset == "absent":
        del reading[which]["api"]["clock_offset_seconds"]
    assert outcome(reading)["status"] == status


@pytest.mark.parametrize(
    ("age", "status"),
    [(None, "pass"), (0, "pass"), (300, "pass"), (301, "error"), (float("nan"), "error"), ("0", "error")],
)
@pytest.mark.parametrize("which", ["license", "jobs"])
def test_an_answer_that_a_cache_kept_for_more_than_five_minutes_is_not_of_now(
    which: str, age: Any, status: str
) -> None:
    reading = healthy()
    reading[which]["api"]["age_seconds"] = age
    assert outcome(reading)["status"] == status


@pytest.mark.parametrize(
    ("given", "off", "status"),
    [
        (True, 3_600, "pass"),
        (True, -3_600, "pass"),
        (True, 3_601, "error"),
        (True, -3_601, "error"),
        (False, 3_601, "pass"),
        (False, -86_400, "pass"),
        (True, None, "pass"),
    ],
)
@pytest.mark.parametrize("which", ["license", "jobs"])
def test_a_now_that_was_given_is_near_the_servers_time(which: str, given: bool, off: int | None, status: str) -> None:
    reading = healthy(now_given=given)
    reading[which]["api"]["server_time"] = None if off is None else _time.unix_to_iso(NOW + off)
    shown = outcome(reading)
    assert shown["status"] == status
    assert ("The given now is 2026-11-24T06:00:00Z" in shown["message"]) == (status == "error")


def test_a_time_of_the_server_that_is_no_time_is_an_error() -> None:
    reading = healthy()
    reading["jobs"]["api"]["server_time"] = "soon"
    assert outcome(reading)["status"] == "error"


URL = "https://graph-us.example.com"


@pytest.mark.parametrize(
    ("part", "one", "other", "is_same"),
    [
        ("url", URL, f"{URL}/", True),
        ("url", URL, f" {URL}\n", True),
        ("url", URL, "HTTPS://Graph-US.Example.com", True),
        ("url", URL, f"{URL}:443", True),
        ("url", f"{URL}/Path", f"{URL}:443/Path/", True),
        ("url", URL, "https://graph-eu.example.com", False),
        ("url", URL, "http://graph-us.example.com", False),
        ("url", URL, f"{URL}:8443", False),
        ("url", URL, f"{URL}/path", False),
        ("url", f"{URL}:x", f"{URL}:y", True),  # no URL that a module could have read
        ("version", "v1", " V1", True),
        ("version", "v1", "v2", False),
        ("client_id", "0a1b", "0A1B ", True),
        ("client_id", "0a1b", "0a1c", False),
        *((part, "v1", nothing, True) for part in ("url", "version", "client_id") for nothing in (None, "", " ", True)),
    ],
)
@pytest.mark.parametrize(
    "between", [("license", "jobs"), ("planned connection", "license"), ("jobs", "planned connection")]
)
def test_every_read_is_of_the_planned_tenant(part: str, one: Any, other: Any, is_same: bool, between: Any) -> None:
    found = {**dict.fromkeys(("planned connection", "license", "jobs")), **dict(zip(between, (one, other)))}
    reading = healthy(connection={part: found["planned connection"]})
    for read_ in ("license", "jobs"):
        reading[read_]["api"][part] = found[read_]
    shown = outcome(reading)
    assert shown["status"] == ("pass" if is_same else "error")
    if not is_same:
        assert all(f"the {name}" in shown["message"].lower() for name in between)
        assert "are of different tenants" in shown["message"]


@pytest.mark.parametrize("facts", [None, [], "api"])
def test_an_answer_without_facts_about_it_has_no_date(facts: Any) -> None:
    reading = healthy()
    reading["jobs"]["api"] = facts
    assert outcome(reading)["status"] == "warn"


@pytest.mark.parametrize("complete", [False, None, "true", 1])
def test_a_list_that_is_not_proven_complete_is_no_evidence(complete: Any) -> None:
    reading = healthy()
    reading["jobs"]["complete"] = complete
    evaluation = judge(reading)
    assert evaluation["verdict"] == "undetermined"
    jobs = [one["status"] for one in evaluation["results"] if one["check"].startswith("backup_")]
    assert set(jobs) == {"error"}


def test_an_incomplete_list_is_no_evidence_although_no_backup_is_judged() -> None:
    of_backups = [check.name for check in CATALOGUE if check.source == "backups"]
    policy = {"checks": {name: {"enabled": False} for name in of_backups}}
    assert outcome(healthy(), policy)["status"] == "pass"
    reading = healthy()
    reading["jobs"]["complete"] = False
    shown = outcome(reading, policy)
    assert (shown["status"], shown["message"]) == ("error", "The list of jobs is not proven complete.")


def test_an_unknown_state_is_named_and_its_jobs_are_cited() -> None:
    reading = healthy()
    jobs = [
        job("a", finish=ago(hours=1)),
        job("p1", "Paused", finish=ago(hours=3)),
        job("p2", "Paused", finish=ago(hours=4)),
    ]
    reading["jobs"]["groups"][3] = group(jobs)
    reading["jobs"]["groups"][-1] = count(3 * HEALTHY_OF_A_SERVICE + 3)
    shown = outcome(reading)
    assert shown["status"] == "warn"
    assert 'Backup jobs of teams: 2 jobs in an unknown state ("Paused"), counted as failed.' in shown["message"]
    assert shown["jobs"] == ["p1", "p2"]


def test_backups_of_services_that_are_not_judged_are_counted_and_listed() -> None:
    reading = healthy()
    reading["jobs"]["groups"][-1] = count(HEALTHY_BACKUPS + 3)
    evaluation = judge(reading)
    assert result(evaluation, "evidence")["status"] == "warn"
    assert "The tenant has 3 backups of services" in result(evaluation, "evidence")["message"]
    assert {
        "what": "3 backups",
        "why": "of services or locations that the policy does not list",
    } in evaluation["not_judged"]
    assert evaluation["verdict"] == "compliant"


@pytest.mark.parametrize(
    ("whole", "status"), [(HEALTHY_BACKUPS - 1, "error"), (HEALTHY_BACKUPS, "pass"), (HEALTHY_BACKUPS + 1, "warn")]
)
def test_the_services_together_are_no_more_than_the_whole(whole: int, status: str) -> None:
    reading = healthy()
    reading["jobs"]["groups"][-1] = count(whole)
    shown = outcome(reading)
    assert shown["status"] == status
    if status == "error":
        assert all(f"{service} {HEALTHY_OF_A_SERVICE}" in shown["message"] for service in SERVICES)


PAIRS_OF_THREE = [[0, 1], [2, 0], [1, 2]]


@pytest.mark.parametrize(
    ("pairs", "whole", "status"),
    [
        ([[0, 1]], HEALTHY_BACKUPS - 3, "pass"),
        ([[0, 1]], HEALTHY_BACKUPS - 4, "error"),
        ([[1, 0], [2, 3]], HEALTHY_BACKUPS - 6, "pass"),
        ([[1, 0], [2, 3]], HEALTHY_BACKUPS - 7, "error"),
        (PAIRS_OF_THREE, HEALTHY_BACKUPS - 6, "pass"),  # the same three jobs in three lists
        (PAIRS_OF_THREE, HEALTHY_BACKUPS - 10, "error"),  # fewer than there are if each pair has its own three
        ([[0, 1]], HEALTHY_BACKUPS, "warn"),  # then three are of other services
        ([[6, 7]], HEALTHY_BACKUPS, "pass"),  # two lists of running jobs
    ],
)
def test_a_backup_of_two_services_counts_once(pairs: list[list[int]], whole: int, status: str) -> None:
    reading = healthy()
    reading["jobs"]["groups"][-1] = count(whole)
    reading["jobs"]["overlaps"] = [{"groups": pair, "shared": 3} for pair in pairs]
    assert outcome(reading)["status"] == status


@pytest.mark.parametrize(("few", "shared", "status"), [(4, 4, "warn"), (4, 3, "pass"), (5, 5, "pass")])
def test_a_few_backups_that_are_all_of_another_service_too_prove_nothing(few: int, shared: int, status: str) -> None:
    reading = healthy()
    reading["jobs"]["groups"][3] = group([job(f"j{hours}", finish=ago(hours=hours)) for hours in range(1, 1 + few)])
    reading["jobs"]["groups"][-1] = count(3 * HEALTHY_OF_A_SERVICE + few - shared)
    reading["jobs"]["overlaps"] = [{"groups": [0, 3], "shared": shared}]
    shown = outcome(reading)
    assert shown["status"] == status
    assert (f"Every backup of teams ({few}) is also one of exchange_online" in shown["message"]) == (status == "warn")


@pytest.mark.parametrize("broken", [7, {"groups": [0]}, {"groups": [0], "shared": 1}, {"shared": 1}])
def test_overlaps_that_are_no_pairs_are_an_error(broken: Any) -> None:
    reading = healthy()
    reading["jobs"]["overlaps"] = [broken]
    assert "overlaps are not pairs of groups" in outcome(reading)["message"]


BACKUPS = [job(f"j{index}", finish=ago(hours=1 + index)) for index in range(7)]
CASES = [(7, 0, "pass"), (7, 1, "error"), (7, 7, "error")]
"""The whole, the first other part, and what they make of a list of 7."""


@pytest.mark.parametrize(("whole", "foreign", "status"), [*CASES, (8, 1, "warn"), (8, 8, "warn"), (6, 0, "error")])
@pytest.mark.parametrize("other", ["exchange_online", "power_apps"])
def test_a_single_service_is_compared_with_the_others(other: str, whole: int, foreign: int, status: str) -> None:
    shown = outcome(read(group(BACKUPS), count(whole), count(foreign, service=other)), only("teams"))
    assert shown["status"] == status
    if whole == 7 and foreign:
        assert f"7 backups of teams and {foreign} backups of {other}, of 7 backups of all" in shown["message"]
        assert "ignores ObjectType" in shown["message"]


@pytest.mark.parametrize(("whole", "foreign", "status"), [*CASES, (8, 1, "pass"), (8, 8, "pass")])
@pytest.mark.parametrize("other", ["restore", "retention"])
def test_a_single_service_is_compared_by_the_types_of_its_jobs(
    other: str, whole: int, foreign: int, status: str
) -> None:
    counts = [count(whole, job_type=None, service="teams"), count(foreign, job_type=other, service="teams")]
    shown = outcome(read(group(BACKUPS), count(7), *counts), only("teams"))
    assert shown["status"] == status
    assert ("ignores JobType" in shown["message"]) == (status == "error")


@pytest.mark.parametrize(("whole", "foreign", "status"), [*CASES, (8, 1, "warn"), (8, 8, "warn")])
@pytest.mark.parametrize("other", ["NAM", "ZAF"])
def test_a_single_location_is_compared_with_the_others(other: str, whole: int, foreign: int, status: str) -> None:
    there = group(BACKUPS, location="EUR"), group([], "onedrive", location="EUR")
    shown = outcome(
        read(*there, count(whole), count(foreign, location=other)), {**only("teams", "onedrive"), "locations": ["EUR"]}
    )
    assert shown["status"] == status
    assert ("ignores location" in shown["message"]) == (status == "error")


def test_the_primary_location_is_one_of_the_named_ones_and_not_compared() -> None:
    place = "PrimaryGeoLocation"
    there = group(BACKUPS, location=place), group([], "onedrive", location=place)
    reading = read(*there, count(7), count(7, location="EUR"))
    assert outcome(reading, {**only("teams", "onedrive"), "locations": [place]})["status"] == "pass"


@pytest.mark.parametrize(
    ("missing", "whole", "status"),
    [
        (("backup", "exchange_online", None), 7, "error"),
        (("backup", "power_apps", None), 7, "error"),
        (("backup", "power_apps", None), 8, "warn"),  # not asked for where the whole is more
        ((None, "teams", None), 7, "error"),
        (("retention", "teams", None), 7, "error"),
        (("backup", None, "EUR"), 7, "error"),
        (("backup", None, "NAM"), 7, "error"),
    ],
)
def test_a_count_of_other_parts_that_is_not_there_is_an_error(missing: Any, whole: int, status: str) -> None:
    reading = read(group(BACKUPS, location="EUR"), count(whole))
    reading["jobs"]["groups"] = [
        one
        for one in reading["jobs"]["groups"]
        if not one["query"]["count_only"] or (one["job_type"], one["object_type"], one["query"]["location"]) != missing
    ]
    assert outcome(reading, {**only("teams"), "locations": ["EUR"]})["status"] == status


@pytest.mark.parametrize(("seconds", "status"), [(-1, "error"), (0, "pass"), (1, "error")])
def test_a_count_of_whole_days_begins_a_day_earlier_than_the_lists(seconds: int, status: str) -> None:
    reading = healthy()
    reading["jobs"]["groups"][-1] = count(HEALTHY_BACKUPS, READ_START - READ_START % DAY - DAY + seconds)
    assert outcome(reading)["status"] == status


def test_counts_compare_as_the_server_counts() -> None:
    """Its range may hold a job that the exact window does not: such a job is no backup of another service."""
    reading = healthy()
    reading["jobs"]["groups"][-1] = count(HEALTHY_BACKUPS + 1)
    assert outcome(reading)["status"] == "warn"
    reading["jobs"]["groups"][0]["reported_total_count"] = HEALTHY_OF_A_SERVICE + 1
    assert outcome(reading)["status"] == "pass"


@pytest.mark.parametrize("groups", [[], [count(HEALTHY_BACKUPS, READ_START + 1)]])
def test_a_count_that_is_not_there_is_an_error(groups: list[Any]) -> None:
    reading = healthy()
    reading["jobs"]["groups"][-1:] = groups
    assert outcome(reading)["status"] == "error"


def test_a_count_of_another_window_than_the_lists_cannot_be_compared() -> None:
    reading = healthy()
    reading["jobs"]["groups"][-1] = count(80, READ_START - DAY)
    assert "another window" in outcome(reading)["message"]


FAILURE = {"kind": "permission", "status": 403, "request_id": "r-9", "hint": "Grant jobInfo.read.all."}


@pytest.mark.parametrize("failed", ["license", "jobs"])
def test_a_read_that_fails_makes_only_what_needs_it_an_error(failed: str) -> None:
    error = {"read": failed, "message": "GET /x: 403 forbidden", "failure": FAILURE}
    evaluation = judge(healthy(**{failed: None, "errors": [error]}))
    assert evaluation["verdict"] == "undetermined"
    by_read: dict[Any, set[str]] = {}
    for one in evaluation["results"]:
        by_read.setdefault(SOURCES[BY_NAME[one["check"]].source].read, set()).add(one["status"])
    assert by_read.pop(failed) == {"error"}
    assert by_read.pop(None) == {"error"}
    assert by_read.popitem()[1] <= {"pass", "not_applicable"}
    shown = result(evaluation, "evidence")
    assert shown["status"] == "error"
    for words in ("GET /x: 403 forbidden", "permission", "r-9", "Grant jobInfo.read.all"):
        assert words in shown["message"]


def test_what_to_do_about_a_failed_read_is_said_once_as_the_modules_say_it() -> None:
    facts = {"kind": "connection", "status": None, "request_id": None, "hint": "Check the network."}
    error = {"message": "refused. Check the network.", "failure": facts}
    errors = [{"read": name, **error} for name in ("license", "jobs")]
    assert outcome(read(license=None, jobs=None, errors=errors))["message"] == (
        "The jobs could not be read: refused. Check the network (connection). "
        "The license could not be read: refused. Check the network (connection)."
    )


def test_an_answer_beside_its_own_failure_is_not_believed() -> None:
    error = {"read": "jobs", "message": "incomplete", "failure": None}
    assert judge(healthy(errors=[error]))["verdict"] == "undetermined"


@pytest.mark.parametrize(
    "reading", [None, [], {}, "x", {"license": [], "jobs": 1, "errors": {}}, {"errors": [None, {}]}]
)
def test_nothing_read_is_never_green(reading: Any) -> None:
    evaluation = judge(reading)
    assert evaluation["verdict"] == "undetermined"
    assert {one["status"] for one in evaluation["results"]} == {"error"}
    assert not any("does not list" in gap["why"] for gap in evaluation["not_judged"])


def test_a_read_that_the_policy_does_not_need_is_not_missed() -> None:
    off = {"enabled": False}
    without_license = {"checks": dict.fromkeys(("license_seats", "license_storage", "license_in_policy"), off)}
    evaluation = judge(healthy(license=None), without_license)
    assert evaluation["verdict"] == "compliant"
    assert {"what": "license_seats", "why": "disabled by the policy"} in evaluation["not_judged"]
    of_jobs = [check.name for check in CATALOGUE if SOURCES[check.source].read == "jobs"]
    without_jobs = {"checks": dict.fromkeys(of_jobs, off)}
    evaluation = judge(read(jobs=None, license=license_result()), without_jobs)
    assert evaluation["verdict"] == "compliant"
    assert result(evaluation, "evidence")["status"] == "pass"
    assert not any("does not list" in gap["why"] for gap in evaluation["not_judged"])


def test_a_broken_group_that_nobody_asked_about_still_counts() -> None:
    reading = healthy()
    reading["jobs"]["groups"].append({**group([], "power_bi"), "by_state": None})
    assert outcome(reading)["status"] == "error"


@pytest.mark.parametrize("groups", [None, {}, [1]])
def test_a_result_without_groups_is_an_error(groups: Any) -> None:
    evaluation = judge(read(jobs={**jobs_result(), "groups": groups}), only("teams"))
    needing = [check for check in CATALOGUE if SOURCES[check.source].read in ("jobs", None)]
    assert evaluation["counts"]["error"] == len(needing)


def test_the_facts_of_an_answer_are_not_needed_for_its_jobs() -> None:
    reading = healthy()
    reading["jobs"]["api"] = api(clock_offset_seconds=9_999)
    evaluation = judge(reading)
    assert evaluation["verdict"] == "undetermined"
    assert result(evaluation, "backup_recency", "teams")["status"] == "pass"
