# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Mistakes that published backup checks make, one test each, named after the mistake. They must not be made here."""

from __future__ import annotations

import pathlib
import re
from typing import Any

import pytest
from ansible_collections.cloudbackup.m365.plugins.module_utils import _license, _time
from ansible_collections.cloudbackup.m365.plugins.module_utils._api import generations, v1
from ansible_collections.cloudbackup.m365.plugins.module_utils._api import queries as _queries
from ansible_collections.cloudbackup.m365.plugins.module_utils._http import errors
from ansible_collections.cloudbackup.m365.plugins.module_utils._jobs import reading as _jobs
from ansible_collections.cloudbackup.m365.plugins.module_utils._jobs.collected import Collected
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.settle import settle_inputs
from ansible_collections.cloudbackup.m365.tests.unit.readings import (
    NOW,
    NOW_TEXT,
    READ_START,
    SERVICES,
    WINDOW_START,
    ago,
    api,
    count,
    group,
    healthy,
    history,
    job,
    judge,
    license_result,
    only,
    outcome,
    read,
    restores,
    result,
    running,
)

COLLECTION = pathlib.Path(__file__).parents[3]
NOW_TICKS = _time.from_iso(NOW_TEXT)
HOUR = 3_600


@pytest.mark.parametrize("place", range(4))
def test_a_later_result_overwrites_an_earlier_failure(place: int) -> None:
    """Whichever service is the one that failed: three others pass before or after it."""
    reading = healthy()
    reading["jobs"]["groups"][place] = group(history("failed", "failed", "finished"), SERVICES[place])
    evaluation = judge(reading)
    assert result(evaluation, "consecutive_failures", SERVICES[place])["status"] == "fail"
    assert evaluation["verdict"] == "non_compliant"


@pytest.mark.parametrize("days", [1, 2, 3, 6])
def test_an_age_rule_that_reads_only_the_hours_part_of_a_duration(days: int) -> None:
    """At so many days and one minute, the hours part is 0."""
    at = ago(days=days, minutes=1)
    stale = group([job("a", finish=at)])
    assert outcome("backup_recency", stale, settings={"fail": "24h"})["status"] == "fail"
    degraded = group([job("clean", finish=at), job("d", "partially_finished", finish=ago(hours=1))])
    assert outcome("degraded_backups", degraded, settings={"fail": "24h"})["status"] == "fail"
    assert outcome("stuck_jobs", stale, running(job("r", "in_progress", start=at)))["status"] == "fail"
    assert (
        outcome("restore_exercise", stale, restores(job("r", finish=at)), settings={"fail": "24h"})["status"] == "fail"
    )


def test_zero_runs_count_as_success() -> None:
    reading = read(*(group([], service) for service in SERVICES), count(0))
    evaluation = judge(reading)
    assert evaluation["verdict"] == "non_compliant"
    seen = {one["check"] for one in evaluation["results"] if one["status"] == "pass" and one["scope"] in SERVICES}
    assert seen == {"stuck_jobs"}


@pytest.mark.parametrize("sent", ["Paused", "Success", "Successful", "OK", "3", "Completed", "Finished Soon", "", None])
def test_an_unknown_state_maps_to_ok(sent: Any) -> None:
    """Through the decoder: what the server sends is one of five states, or it is not a success."""
    evaluation = judge(reading_of(decoded(sent)), only("teams"))
    assert result(evaluation, "backup_recency")["status"] == "fail"
    assert result(evaluation, "consecutive_failures")["status"] == "warn"
    assert result(evaluation, "evidence")["status"] == "warn"


@pytest.mark.parametrize("sent", [2, True, ["Finished"]])
def test_a_state_that_is_no_text_maps_to_ok(sent: Any) -> None:
    with pytest.raises(errors.Error) as caught:
        decoded(sent)
    assert caught.value.failure.kind == "unexpected_answer"


def decoded(sent: Any) -> Any:
    """The jobs of an answer whose one job is in this state."""
    start = NOW_TICKS - 2 * HOUR * _time.TICKS_PER_SECOND
    row = {"Id": "a", "State": sent, "StartTime": start, "FinishTime": start + _time.TICKS_PER_SECOND}
    return v1.decode_jobs({"TotalCount": 1, "Jobs": [row]}).jobs


def test_a_job_that_never_succeeded_skips_the_age_rule() -> None:
    for jobs in ([], history("failed"), history("in_progress"), history("partially_finished")):
        shown = outcome("backup_recency", group(jobs))
        assert (shown["status"], shown["observed"]) == ("fail", "none since 2026-11-03T06:00:00Z")


@pytest.mark.parametrize(("used", "status"), [(0, "not_applicable"), (5, "fail")])
def test_division_by_a_purchased_figure_of_0(used: int, status: str) -> None:
    nothing = license_result(purchased_user_seats=0, assigned_user_seats=used)
    assert result(judge(healthy(license=nothing)), "license_seats")["status"] == status


def test_used_derived_from_free_so_that_over_use_is_capped_at_100_percent() -> None:
    shown = _license.described(
        v1.decode_license({"PurchasedUserSeats": 100, "AssignedUserSeats": 108, "OutOfPolicyTime": 0}), NOW_TICKS
    )
    assert (shown["seats_used_percent"], shown["seats_available"]) == (108, -8)
    seats = result(judge(healthy(license={"license": shown, "api": api()})), "license_seats")
    assert (seats["status"], seats["observed"]) == ("fail", "108 of 100 seats (108 %)")


@pytest.mark.parametrize("field", ["OutOfPolicyTime", "PurchasedUserSeats", "AssignedUserSeats"])
def test_a_missing_vendor_field_of_the_license_read_as_0(field: str) -> None:
    fields = {"OutOfPolicyTime": 0, "PurchasedUserSeats": 100, "AssignedUserSeats": 50}
    for payload in ({**fields, field: None}, {name: value for name, value in fields.items() if name != field}):
        shown = {"license": _license.described(v1.decode_license(payload), NOW_TICKS), "api": api()}
        assert judge(healthy(license=shown))["verdict"] == "undetermined"


@pytest.mark.parametrize(
    ("details", "checks"),
    [
        (None, ("failed_objects", "hollow_backups", "coverage_drop")),
        (100, ("failed_objects", "hollow_backups")),  # a mere number is the total
        ({"TotalCount": 100, "SuccessfulCount": 100}, ("failed_objects",)),
        ({"TotalCount": 100, "FailedCount": 0}, ("hollow_backups",)),
        ({"FailedCount": 0, "SuccessfulCount": 100}, ("failed_objects", "coverage_drop")),
    ],
)
def test_a_missing_vendor_field_of_a_job_read_as_0(details: Any, checks: tuple[str, ...]) -> None:
    starts = [NOW_TICKS - (2 + 6 * number) * HOUR * _time.TICKS_PER_SECOND for number in range(7)]
    rows = [
        {
            "Id": f"a{start}",
            "State": "Finished",
            "StartTime": start,
            "FinishTime": start + 600,
            "BackupDetails": details,
        }
        for start in starts
    ]
    evaluation = judge(reading_of(v1.decode_jobs({"TotalCount": 7, "Jobs": rows}).jobs), only("teams"))
    assert tuple(one["check"] for one in evaluation["results"] if one["status"] == "error") == checks


def test_now_taken_twice_in_one_run() -> None:
    """The role reads the clock in one place; what is asked for and what is judged go by the same instant."""
    files = sorted((COLLECTION / "roles" / "compliance").rglob("*.yml"))
    # The report of a fleet has its own time, and judges nothing by it
    role = "".join(path.read_text(encoding="utf-8") for path in files if path.name != "fleet.yml")
    assert re.findall(r"\bnow\(|strftime|ansible_date_time|ansible_facts.date_time|'pipe'", role) == ["strftime"]
    asked = settle_inputs({}, NOW_TEXT, "contoso", ["json"], "v1")["reads"]["jobs"]["queries"]
    deleted = [query["start_time"] for query in asked if query.get("job_type") == "delete"]
    ended = [query["ended_since"] for query in asked if "ended_since" in query]
    assert {*deleted, *ended} == {judge(healthy(), now=NOW)["window"]["start"]}


@pytest.mark.parametrize("ignored", ["JobType", "ObjectType", "JobState", "StartTime"])
def test_a_filter_that_the_server_ignored_taken_for_an_answer(simulate: Any, connect: Any, ignored: str) -> None:
    simulator = simulate(scenario="stale_exchange", now=NOW_TEXT, habits={"ignore": [ignored]})
    queries = settle_inputs({}, NOW_TEXT, "contoso", ["json"], "v1")["reads"]["jobs"]["queries"]
    asked = _queries.from_options({"queries": queries}, NOW_TICKS)
    options = {"include_jobs": False, "recent_jobs": 200, "max_jobs": 10_000}
    client = connect(simulator, page_size=1_000)
    if ignored == "StartTime":
        # What belongs to the window is reported by the jobs themselves
        answers = _jobs.read(client, generations.generation("v1"), asked, **options)
        oldest = min(one["start_time"] for group_ in answers["groups"] for one in group_["recent"] if is_backup(one))
        assert oldest >= _time.unix_to_iso(READ_START)
    else:
        with pytest.raises(errors.Error, match=f"the server ignores {ignored}"):
            _jobs.read(client, generations.generation("v1"), asked, **options)


def is_backup(one: dict[str, Any]) -> bool:
    return one["job_type"] == "backup"


def reading_of(jobs: Any) -> dict[str, Any]:
    """A reading of backups of Teams as the jobs module digests them."""
    start, ended_since = _time.from_unix(READ_START), _time.from_unix(WINDOW_START)
    query = _queries.Query("backup", "teams", start=start, ended_since=ended_since)
    collected = Collected(query, recent_jobs=200, include_jobs=False)
    collected.add(jobs)
    teams = {
        "job_type": "backup",
        "object_type": "teams",
        "query": query.described(),
        **collected.digest.described(collected.show),
    }
    return read(teams, count(len(jobs)))
