# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.checks.catalogue import BY_NAME, CATALOGUE
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reading.sources import SOURCES
from ansible_collections.cloudbackup.m365.tests.unit.readings import (
    HEALTHY_BACKUPS,
    WINDOW_START,
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


def outcome(reading: Any, policy: Any = None) -> dict[str, Any]:
    return result(judge(reading, policy), "evidence")


def test_complete_answers_under_a_right_clock_are_evidence() -> None:
    told = outcome(healthy())
    assert (told["status"], told["observed"]) == ("pass", "no doubt")


def test_doubts_are_counted_the_same_one_once() -> None:
    reading = healthy()
    reading["license"]["api"]["clock_offset_seconds"] = None
    assert outcome(reading)["observed"] == "1 doubt"
    reading["jobs"]["api"]["clock_offset_seconds"] = None
    assert outcome(reading)["observed"] == "2 doubts"
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
    ],
)
@pytest.mark.parametrize("which", ["license", "jobs"])
def test_the_clock_against_the_date_of_each_answer(which: str, offset: Any, status: str) -> None:
    reading = healthy()
    reading[which]["api"]["clock_offset_seconds"] = offset
    if offset == "absent":
        del reading[which]["api"]["clock_offset_seconds"]
    assert outcome(reading)["status"] == status


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
    told = outcome(reading, policy)
    assert (told["status"], told["message"]) == ("error", "The list of jobs is not proven complete.")


def test_an_unknown_state_is_named_and_its_jobs_are_cited() -> None:
    reading = healthy()
    jobs = [
        job("a", finish=ago(hours=1)),
        job("p1", "Paused", finish=ago(hours=3)),
        job("p2", "Paused", finish=ago(hours=4)),
    ]
    reading["jobs"]["groups"][3:] = [group(jobs), count(9)]
    told = outcome(reading)
    assert told["status"] == "warn"
    assert 'Backup jobs of teams: 2 jobs in an unknown state ("Paused"), counted as failed.' in told["message"]
    assert told["jobs"] == ["p1", "p2"]


def test_backups_of_services_that_are_not_judged_are_counted_and_listed() -> None:
    reading = healthy()
    reading["jobs"]["groups"][-1] = count(HEALTHY_BACKUPS + 3)
    evaluation = judge(reading)
    assert result(evaluation, "evidence")["status"] == "warn"
    assert "3 backups seen" in result(evaluation, "evidence")["message"]
    assert {
        "what": "3 backups in the window",
        "why": "of services or locations that the policy does not judge",
    } in evaluation["not_judged"]
    assert evaluation["verdict"] == "compliant"


def test_jobs_that_start_between_two_reads_raise_no_alarm() -> None:
    reading = healthy()
    reading["jobs"]["groups"][-1] = count(HEALTHY_BACKUPS - 1)
    assert outcome(reading)["status"] == "pass"


def test_counts_compare_as_the_server_counts() -> None:
    """Its range may hold a job that the exact window does not: such a job is no backup of another service."""
    reading = healthy()
    reading["jobs"]["groups"][-1] = count(HEALTHY_BACKUPS + 1)
    assert outcome(reading)["status"] == "warn"
    reading["jobs"]["groups"][0]["reported_total_count"] = 8
    assert outcome(reading)["status"] == "pass"


@pytest.mark.parametrize("groups", [[], [count(HEALTHY_BACKUPS, WINDOW_START + 1)]])
def test_a_count_that_is_not_there_is_an_error(groups: list[Any]) -> None:
    reading = healthy()
    reading["jobs"]["groups"][-1:] = groups
    assert outcome(reading)["status"] == "error"


def test_a_count_of_another_window_than_the_lists_cannot_be_compared() -> None:
    reading = healthy()
    reading["jobs"]["groups"][-1] = count(80, WINDOW_START - 86_400)
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
    told = result(evaluation, "evidence")
    assert told["status"] == "error"
    for words in ("GET /x: 403 forbidden", "permission", "r-9", "Grant jobInfo.read.all"):
        assert words in told["message"]


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
    assert not any("in the window" in gap["what"] for gap in evaluation["not_judged"])


def test_a_read_that_the_policy_does_not_need_is_not_missed() -> None:
    off = {"enabled": False}
    without_license = {"checks": dict.fromkeys(("license_seats", "license_storage", "license_in_policy"), off)}
    evaluation = judge(healthy(license=None), without_license)
    assert evaluation["verdict"] == "compliant"
    assert {"what": "license_seats", "why": "switched off by the policy"} in evaluation["not_judged"]
    of_jobs = [check.name for check in CATALOGUE if SOURCES[check.source].read == "jobs"]
    without_jobs = {"checks": dict.fromkeys(of_jobs, off)}
    evaluation = judge(read(jobs=None, license=license_result()), without_jobs)
    assert evaluation["verdict"] == "compliant"
    assert result(evaluation, "evidence")["status"] == "pass"
    assert not any("in the window" in gap["what"] for gap in evaluation["not_judged"])


def test_a_broken_group_that_nobody_asked_about_still_counts() -> None:
    reading = healthy()
    reading["jobs"]["groups"].append({**group([], "power_bi"), "by_state": None})
    assert outcome(reading)["status"] == "error"


@pytest.mark.parametrize("groups", [None, {}, [1]])
def test_a_result_without_groups_is_an_error(groups: Any) -> None:
    evaluation = judge(read(jobs={**jobs_result(), "groups": groups}), only("teams"))
    needing = [check for check in CATALOGUE if SOURCES[check.source].read != "license"]
    assert evaluation["counts"]["error"] == len(needing)


def test_the_facts_of_an_answer_are_not_needed_for_its_jobs() -> None:
    reading = healthy()
    reading["jobs"]["api"] = api(clock_offset_seconds=9_999)
    evaluation = judge(reading)
    assert evaluation["verdict"] == "undetermined"
    assert result(evaluation, "backup_recency", "teams")["status"] == "pass"
