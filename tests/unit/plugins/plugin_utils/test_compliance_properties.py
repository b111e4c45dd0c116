# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What holds for every tenant, not only for those that somebody thought of."""

from __future__ import annotations

import copy
import json
from typing import Any

from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance._catalogue import CATALOGUE
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance._findings import findings
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance._policy_rules import settle_policy
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance._waivers import settle_waivers
from ansible_collections.cloudbackup.m365.tests.unit.plugins.plugin_utils.compliance_readings import (
    NOW,
    SERVICES,
    STATES,
    count,
    group,
    healthy,
    job,
    judge,
    license_result,
    read,
)
from hypothesis import example, given
from hypothesis import strategies as st

BADNESS = {"compliant": 0, "undetermined": 1, "non_compliant": 2}
WAIVABLE = [check.name for check in CATALOGUE if check.optional]

ages = st.integers(min_value=0, max_value=7 * 86_400 - 1_800)


@st.composite
def histories(draw: st.DrawFn) -> list[dict[str, Any]]:
    """The jobs of one service."""
    drawn = draw(st.lists(st.tuples(st.sampled_from(STATES), ages), max_size=8))
    return [
        job(f"j{index}", "Paused" if state == "unknown" else state, start=NOW - age - 1_800, finish=finish)
        for index, (state, age) in enumerate(drawn)
        for finish in [None if state == "in_progress" else NOW - age]
    ]


@st.composite
def tenants(draw: st.DrawFn) -> dict[str, list[dict[str, Any]]]:
    return {service: draw(histories()) for service in SERVICES}


def reading_of(tenant: dict[str, list[dict[str, Any]]], **license_fields: Any) -> dict[str, Any]:
    groups = [group(jobs, service) for service, jobs in tenant.items()]
    total = sum(len(jobs) for jobs in tenant.values())
    return read(*groups, count(total), license=license_result(**license_fields))


@given(tenants(), st.randoms(use_true_random=False))
def test_the_order_of_groups_and_jobs_never_matters(tenant: Any, random: Any) -> None:
    reading = reading_of(tenant)
    shuffled = copy.deepcopy(reading)
    random.shuffle(shuffled["jobs"]["groups"])
    for one in shuffled["jobs"]["groups"]:
        random.shuffle(one["recent"])
    policy = {"checks": {"backup_recency": {"states": ["finished", "partially_finished"]}}}
    assert json.dumps(judge(shuffled, policy)) == json.dumps(judge(reading, policy))


@given(tenants(), st.sampled_from(SERVICES), ages)
def test_one_more_failure_never_improves_a_verdict(tenant: Any, service: str, age: int) -> None:
    before = judge(reading_of(tenant))["verdict"]
    tenant[service] = [*tenant[service], job("more", "failed", finish=NOW - age)]
    assert BADNESS[judge(reading_of(tenant))["verdict"]] >= BADNESS[before]


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
    evaluation = judge(reading_of(tenant), waivers=given_waivers)
    assert [one["check"] for one in evaluation["waivers"]] == [one["check"] for one in given_waivers]
    printed = [line for line in findings(evaluation, "contoso") if line.startswith("WARN waiver ")]
    assert len(printed) == sum(bool(one["warnings"]) for one in evaluation["waivers"])
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
    evaluation = judge(reading)
    assert all(line.isprintable() for line in findings(evaluation, "contoso"))


@given(anything)
def test_no_policy_and_no_waivers_of_any_shape_are_a_crash(raw: Any) -> None:
    settle_policy(raw)
    settle_policy({"checks": raw, "services": raw, "locations": raw, "window": raw})
    settle_policy({"checks": {"backup_recency": raw, "license_seats": {"fail": raw}}})
    settle_waivers(raw)
    settle_waivers([raw, {"check": raw, "scope": raw, "reason": raw, "approver": raw, "expires": raw}])
