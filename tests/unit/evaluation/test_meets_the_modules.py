# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The judging side reads what the reading side returns: they share no code, so this holds the two together."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.cloudbackup.m365.plugins.module_utils import _license, _time
from ansible_collections.cloudbackup.m365.plugins.module_utils._api import queries as _queries
from ansible_collections.cloudbackup.m365.plugins.module_utils._api import records
from ansible_collections.cloudbackup.m365.plugins.module_utils._jobs import digest as _digest
from ansible_collections.cloudbackup.m365.plugins.module_utils._jobs.collected import Collected
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.plan import plan
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.policy_rules import settle_policy
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.model import kinds
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.model.jobs import STATES
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reading.groups import parse
from ansible_collections.cloudbackup.m365.tests.unit.readings import (
    NOW,
    NOW_TEXT,
    healthy,
    judge,
    only,
    read,
    result,
)
from hypothesis import given
from hypothesis import strategies as st

NOW_TICKS = _time.from_iso(NOW_TEXT)


def queries(policy: Any) -> list[_queries.Query]:
    settled, _mistakes = settle_policy(policy)
    return _queries.from_options({"queries": plan(settled, NOW)["jobs"]["queries"]}, NOW_TICKS)


def answer(query: _queries.Query, jobs: list[records.Job], recent_jobs: int = 20) -> dict[str, Any]:
    """A group as the jobs module returns it."""
    collected = Collected(query, recent_jobs=recent_jobs, include_jobs=False)
    collected.add([job for job in jobs if not query.states or job.state in (*query.states, "unknown")])
    digest = _digest.counted(len(jobs)) if query.count_only else collected.digest.described(collected.show)
    return {
        "job_type": query.job_type,
        "object_type": query.object_type,
        "query": query.described(),
        **digest,
        "reported_total_count": len(jobs),
    }


def a_job(index: int, state: str, tenths_ago: int) -> records.Job:
    finish = NOW_TICKS - tenths_ago * _time.TICKS_PER_SECOND // 10
    start = finish - 1_234_567_891
    text = "Paused" if state == "unknown" else None
    return records.Job(
        f"j{index}", state, text, start, None if state == "in_progress" else finish, records.Details(9, 0, 9, 0), ()
    )


WINDOW = 7 * 864_000
# Some of them end in the same second, before the window, and at its edge
tenths = st.integers(0, 12) | st.integers(0, 20 * 864_000) | st.integers(WINDOW - 6, WINDOW + 6)
histories = st.lists(st.tuples(st.sampled_from(STATES), tenths), max_size=12)


@given(histories, st.integers(0, 6))
def test_every_digest_that_the_jobs_module_makes_is_understood(history: Any, recent_jobs: int) -> None:
    jobs = [a_job(index, *drawn) for index, drawn in enumerate(history)]
    (teams,) = (query for query in queries(only("teams")) if query.ended_since)
    group = parse(answer(teams, jobs, recent_jobs))
    assert group.total == len(jobs)
    assert group.ended_from(NOW - WINDOW // 10).total == sum(is_of_the_window(*drawn) for drawn in history)
    completed = [job for job in jobs if job.state != "in_progress"]
    in_order = [job.id for job in sorted(completed, key=lambda job: (job.finish, job.id), reverse=True)]
    newest = [job.id for job in group.newest_completed()]
    assert newest[:1] == in_order[:1]
    if recent_jobs >= len(jobs):
        assert newest == in_order
    for state in ("finished", "failed"):
        named = group.last([state])
        of_state = {job.id for job in jobs if job.state == state}
        assert (named and named.id) == next((name for name in in_order if name in of_state), None)


def is_of_the_window(state: str, tenths_ago: int) -> bool:
    return state == "in_progress" or tenths_ago <= WINDOW


@given(histories)
def test_the_plan_asks_the_jobs_module_what_the_checks_look_for(history: Any) -> None:
    jobs = [a_job(index, *drawn) for index, drawn in enumerate(history)]
    there = dict.fromkeys((("backup", "teams"), ("backup", None), (None, "teams")), jobs)
    there["restore", None] = [a_job(99, "finished", 864_000)]
    asked = queries(only("teams"))
    answers = [answer(query, there.get((query.job_type, query.object_type), []), 200) for query in asked]
    evaluation = judge(read(*answers), only("teams"))
    assert evaluation["counts"]["error"] == 0
    assert result(evaluation, "restore_exercise")["status"] == "pass"
    is_running = any(state == "in_progress" for state, _age in history)
    assert ("no job in progress" in result(evaluation, "stuck_jobs")["observed"]) != is_running
    assert result(evaluation, "backup_presence")["status"] == (
        "pass" if any(is_of_the_window(*drawn) for drawn in history) else "fail"
    )


@pytest.mark.parametrize(
    ("figures", "statuses"),
    [
        ((0, 100, 100, 0, 0), ("warn", "not_applicable", "pass")),
        ((0, 100, 101, 0, 0), ("fail", "not_applicable", "pass")),
        ((0, 0, 5, 0, 0), ("fail", "not_applicable", "pass")),
        ((0, 0, 5, 500, 100), ("not_applicable", "pass", "pass")),
        ((None, 100, 50, None, None), ("pass", "not_applicable", "error")),
        ((None, None, 50, None, None), ("error", "error", "error")),
        ((638645575921780695, 100, 50, 0, 0), ("pass", "not_applicable", "fail")),
        (("soon", 100, 50, 0, 0), ("pass", "not_applicable", "fail")),
        ((_time.from_iso("2027-01-01"), 100, 50, 0, 0), ("pass", "not_applicable", "warn")),
    ],
)
def test_every_license_that_the_license_module_returns_is_understood(figures: Any, statuses: tuple[str, ...]) -> None:
    shown = {"license": _license.described(records.License(*figures), NOW_TICKS), "api": healthy()["license"]["api"]}
    evaluation = judge(healthy(license=shown))
    checks = ("license_seats", "license_storage", "license_in_policy")
    assert tuple(result(evaluation, check)["status"] for check in checks) == statuses


def test_states_that_count_as_success_are_states() -> None:
    assert set(kinds.SUCCESSFUL_STATES) < set(STATES)
