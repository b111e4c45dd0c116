# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What holds for every tenant, not only for those that somebody thought of."""

from __future__ import annotations

import copy
import itertools
import json
from typing import Any

from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.checks.catalogue import CATALOGUE
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.policy_rules import settle_policy
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.waivers import settle_waivers
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reports import findings
from ansible_collections.cloudbackup.m365.tests.unit.readings import (
    NOW,
    SERVICES,
    STATES,
    count,
    evidence_of,
    group,
    healthy,
    job,
    judge,
    license_result,
    read,
    running,
)
from hypothesis import assume, example, given
from hypothesis import strategies as st

BADNESS = {"compliant": 0, "undetermined": 1, "non_compliant": 2}
WAIVABLE = [check.name for check in CATALOGUE if check.optional]

WEEK = 7 * 86_400
ages = st.integers(min_value=0, max_value=WEEK - 1_800)
older_ages = st.integers(min_value=WEEK, max_value=2 * WEEK)
"""Of jobs that ended before the window began."""
OBJECTS = [(100, 0, 100, 0), (0, 0, 0, 0), (100, 0, 0, 100), (40, 0, 40, 0), (100, 30, 70, 0), (None,) * 4]
SECONDS = [1_800.0, 9_000.0, None]
# One draw for all facts of a job: drawing takes the time
kinds = st.sampled_from(
    [(state, OBJECTS[0], SECONDS[0]) for state in STATES] * 6 + list(itertools.product(STATES, OBJECTS, SECONDS))
)


@st.composite
def histories(draw: st.DrawFn, ages: st.SearchStrategy[int] = ages, name: str = "j") -> list[dict[str, Any]]:
    """The jobs of one service."""
    return [
        job(f"{name}{index}", state_sent, start=NOW - age - 1_800, finish=finish, objects=figures, took=took)
        for index, ((state, figures, took), age) in enumerate(draw(st.lists(st.tuples(kinds, ages), max_size=8)))
        for state_sent in ["Paused" if state == "unknown" else state]
        for finish in [None if state == "in_progress" else NOW - age]
    ]


@st.composite
def tenants(draw: st.DrawFn) -> dict[str, list[dict[str, Any]]]:
    return {service: draw(histories()) for service in SERVICES}


def reading_of(tenant: dict[str, list[dict[str, Any]]], **license_fields: Any) -> dict[str, Any]:
    groups = [group(jobs, service) for service, jobs in tenant.items()]
    total = sum(len(jobs) for jobs in tenant.values())
    return read(*groups, count(total), license=license_result(**license_fields))


def of_teams(teams: dict[str, Any]) -> dict[str, str]:
    """The status of every check of a tenant that has Teams alone."""
    evaluation = judge(read(teams, count(teams["total_count"])), EVERY_LIMIT)
    return {one["check"]: one["status"] for one in evaluation["results"] if one["scope"] == "teams"}


EVERY_LIMIT = {
    "services": ["teams"],
    "checks": {
        "slow_backups": {"fail": 3, "min_jobs": 2},
        "coverage_drop": {"min_jobs": 2},
        "success_rate": {"min_jobs": 2},
        "degraded_backups": {"fail": "3d"},
        "hollow_backups": {"fail": 2, "span": "12h"},
    },
}
"""So that a handful of jobs reaches every branch."""


@given(tenants(), st.randoms(use_true_random=False))
def test_the_order_of_groups_and_jobs_never_matters(tenant: Any, random: Any) -> None:
    reading = reading_of(tenant)
    shuffled = copy.deepcopy(reading)
    random.shuffle(shuffled["jobs"]["groups"])
    for one in shuffled["jobs"]["groups"]:
        random.shuffle(one["recent"])
    policy = {"checks": {**EVERY_LIMIT["checks"], "backup_recency": {"states": ["finished", "partially_finished"]}}}
    assert json.dumps(judge(shuffled, policy)) == json.dumps(judge(reading, policy))


@given(tenants(), st.sampled_from(SERVICES), ages)
def test_one_more_failure_never_improves_a_verdict(tenant: Any, service: str, age: int) -> None:
    before = judge(reading_of(tenant))["verdict"]
    tenant[service] = [*tenant[service], job("more", "failed", finish=NOW - age)]
    assert BADNESS[judge(reading_of(tenant))["verdict"]] >= BADNESS[before]


@given(histories(), ages)
def test_one_more_failure_never_turns_a_red_check_of_the_past_green(history: Any, age: int) -> None:
    """But those of the last backup alone: which one that is may change, and then it is one that failed."""
    more = job("more", "failed", finish=NOW - age, objects=(1, 1, 0, 0), took=1.0)
    before, after = of_teams(group(history)), of_teams(group([*history, more]))
    if after["consecutive_failures"] == before["consecutive_failures"] == "pass":
        assert [check for check in before if before[check] == "fail" and after[check] != "fail"] == []


@given(tenants(), st.sampled_from(SERVICES), ages)
def test_one_more_job_that_hangs_is_never_green(tenant: Any, service: str, age: int) -> None:
    reading = reading_of(tenant)
    reading["jobs"]["groups"].remove(running(service=service))
    old = job("old", "in_progress", start=NOW - 86_401 - age)
    reading["jobs"]["groups"].append(running(job("new", "in_progress", start=NOW - age), old, service=service))
    assert judge(reading)["verdict"] == "non_compliant"


@given(histories(), histories(ages=older_ages, name="o"), st.integers(0, 16))
def test_a_window_that_the_digest_cannot_carry_is_an_error(history: Any, older: Any, recent: int) -> None:
    """Without the figures of the window its rows give the same result, or none."""
    jobs = [*history, *older]
    exact, by_rows = of_teams(group(jobs)), of_teams(group(jobs, ended_since=None, recent=recent))
    if len({job["start_time"] for job in jobs}) < len(jobs):
        # Of jobs that started in one second the rows that were kept show no order with those that were not
        by_rows["consecutive_failures"] = exact["consecutive_failures"]
    assert {check: status for check, status in by_rows.items() if status not in ("error", exact[check])} == {}
    if recent >= len(jobs):
        assert by_rows == exact


@given(histories(), st.integers(0, 8))
def test_rows_that_were_not_kept_are_never_guessed(history: Any, recent: int) -> None:
    # Of two that started and ended within the same seconds neither is the later one
    assume(len({one["start_time"] for one in history}) == len(history))
    whole, cut = of_teams(group(history)), of_teams(group(history, recent=recent))
    assert {check: status for check, status in cut.items() if status not in ("error", whole[check])} == {}


@given(tenants(), st.integers(0, 300), st.integers(0, 50))
def test_one_more_seat_in_use_never_improves_a_verdict(tenant: Any, assigned: int, more: int) -> None:
    before = judge(reading_of(tenant, assigned_user_seats=assigned))["verdict"]
    after = judge(reading_of(tenant, assigned_user_seats=assigned + more))["verdict"]
    assert BADNESS[after] >= BADNESS[before]


waivers = st.lists(
    st.fixed_dictionaries(
        {
            "check": st.sampled_from(WAIVABLE),
            "reason": st.just("because"),
            "approver": st.just("J. Doe"),
            "expires": st.sampled_from(["2020-01-01", "2026-11-23", "2026-11-24", "2030-01-01"]),
        }
    ),
    max_size=6,
)


@given(tenants(), waivers, st.sampled_from(["license", "jobs"]))
def test_a_waiver_never_turns_an_error_green(tenant: Any, given_waivers: Any, missing: str) -> None:
    reading = {**reading_of(tenant), missing: None}
    plain = judge(reading)
    waived = judge(reading, waivers=given_waivers)
    assert waived["verdict"] != "compliant"
    assert waived["counts"]["error"] == plain["counts"]["error"]
    assert waived["counts"]["fail"] + waived["counts"]["waived"] == plain["counts"]["fail"]
    statuses = {(one["check"], one["scope"]): one["status"] for one in waived["results"]}
    for one in plain["results"]:
        if one["status"] != "fail":
            assert statuses[one["check"], one["scope"]] == one["status"]


@given(tenants(), waivers)
def test_no_waiver_is_hidden_and_every_one_that_needs_a_look_is_printed(tenant: Any, given_waivers: Any) -> None:
    evaluation = evidence_of(reading_of(tenant), waivers=given_waivers)
    assert [one["check"] for one in evaluation["waivers"]] == [one["check"] for one in given_waivers]
    printed = [line for line in findings.findings(evaluation) if line.startswith("WARN waiver ")]
    more = [line for line in findings.findings(evaluation) if line.startswith("... and ") and "more waiver" in line]
    assert len(printed) + sum(int(line.split()[2]) for line in more) == (
        sum(bool(one["warnings"]) for one in evaluation["waivers"])
    )
    for one in evaluation["waivers"]:
        quiet = (
            one["state"] == "used" and one["days_left"] > 14 and not any("too wide" in text for text in one["warnings"])
        )
        assert bool(one["warnings"]) != quiet


@given(tenants())
def test_a_green_tenant_has_a_fresh_backup_of_every_service(tenant: Any) -> None:
    if judge(reading_of(tenant))["verdict"] == "compliant":
        for jobs in tenant.values():
            finished = [one["finish_time"] for one in jobs if one["state"] == "finished"]
            assert max(finished) >= "2026-11-22T06:00:00Z"
            completed = [one for one in jobs if one["state"] != "in_progress"]
            last = max(completed, key=lambda one: (one["finish_time"], one["start_time"], one["id"]))
            assert last["state"] not in ("failed", "unknown")
            assert None not in last["backup_details"].values()


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
PLACES = [
    ("license",),
    ("license", "license"),
    ("license", "license", "out_of_policy_time"),
    ("license", "license", "purchased_user_seats"),
    ("license", "api"),
    ("jobs",),
    ("jobs", "api", "clock_offset_seconds"),
    ("jobs", "groups"),
    ("jobs", "groups", 1),
    ("jobs", "groups", 1, "object_type"),
    ("jobs", "groups", 1, "query"),
    ("jobs", "groups", 1, "query", "location"),
    ("jobs", "groups", 1, "by_state"),
    ("jobs", "groups", 1, "total_count"),
    ("jobs", "groups", 1, "recent"),
    ("jobs", "groups", 1, "recent", 0),
    ("jobs", "groups", 1, "recent", 0, "backup_details"),
    ("jobs", "groups", 1, "recent", 0, "backup_details", "successful_count"),
    ("jobs", "groups", 1, "recent", 0, "duration_seconds"),
    ("jobs", "groups", 1, "query", "states"),
    ("jobs", "groups", 4, "job_type"),
    ("jobs", "groups", 4, "last_success"),
    ("jobs", "groups", 5, "total_count"),
    ("jobs", "groups", 6, "query", "states"),
    ("jobs", "groups", 6, "oldest_in_progress"),
    ("jobs", "groups", 1, "last_success"),
    ("jobs", "groups", 1, "last_completed", "finish_time"),
    ("errors",),
]


@given(anything)
def test_no_reading_of_any_shape_is_a_crash_or_green(reading: Any) -> None:
    assert judge(reading)["verdict"] == "undetermined"


@given(st.sampled_from(PLACES), anything)
@example(("license", "license", "purchased_user_seats"), "\ud7fc")  # no character at all, in no hidden category
@example(("license", "license", "purchased_user_seats"), "\ud800\u2028\ue000\x1b")
def test_garbage_at_any_place_of_a_healthy_reading_is_no_crash(place: tuple[Any, ...], garbage: Any) -> None:
    reading = copy.deepcopy(healthy())
    inner: Any = reading
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = garbage
    evidence = evidence_of(reading)
    shown = [findings.headline(evidence), *findings.findings(evidence), *findings.worst(evidence)]
    assert all(line.isprintable() and len(line) <= findings.LINE for line in shown)


@given(anything)
def test_no_policy_and_no_waivers_of_any_shape_are_a_crash(raw: Any) -> None:
    settle_policy(raw)
    settle_policy({"checks": raw, "services": raw, "locations": raw, "window": raw})
    settle_policy({"checks": {"backup_recency": raw, "license_seats": {"fail": raw}}})
    written = {check.name: {one.key: raw for one in check.thresholds} for check in CATALOGUE}
    settle_policy({"checks": {name: {**keys, "services": {"teams": keys}} for name, keys in written.items()}})
    settle_waivers(raw)
    settle_waivers([raw, {"check": raw, "scope": raw, "reason": raw, "approver": raw, "expires": raw}])
