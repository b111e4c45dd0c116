# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A gate that is red for no reason is switched off, and one that misses an outage is worse: samples of the year."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from ansible_collections.cloudbackup.m365.tests.simulation import outages, red_mornings, tenants
from ansible_collections.cloudbackup.m365.tests.simulation.mornings import Mornings, criteria, scopes
from ansible_collections.cloudbackup.m365.tests.simulation.tenants import DAY, FIRST, HOUR, Habits, tenant

RUNS = red_mornings.RUNS
PLANTED = [
    pytest.param(outage, runs, id=f"{name}, {runs} a day")
    for runs in RUNS
    for name, outage in outages.outages(runs).items()
]


def backups(habits: Habits, service: str = "teams", seed: int = 0) -> list[Any]:
    return [job for job in tenant(seed, habits).jobs if (job.job_type, job.service) == ("backup", service)]


@pytest.mark.parametrize("runs", RUNS)
@pytest.mark.parametrize("name", red_mornings.BASIC)
def test_an_ordinary_tenant_is_red_on_less_than_1_percent_of_its_mornings(name: str, runs: int) -> None:
    counted = red_mornings.count(red_mornings.BASIC[name], runs, seed=0, every=15)
    assert 100 * counted.red / counted.mornings < 1, counted.checks


@pytest.mark.parametrize(("outage", "runs"), PLANTED)
def test_an_outage_is_found_no_later_than_a_morning_after_the_limit_of_its_check(
    outage: outages.Outage, runs: int
) -> None:
    found = outages.find(outage, runs)
    assert found.days <= outage.limit + 1
    assert found.verdict == ("non_compliant" if outage.status == "fail" else "compliant")
    assert {scope for _check, scope in found.failed} == (set(outage.scopes) if outage.status == "fail" else set())


@pytest.mark.parametrize(("outage", "runs"), PLANTED)
def test_nothing_of_an_outage_is_found_on_the_morning_before(outage: outages.Outage, runs: int) -> None:
    evaluation = Mornings(outages.planted(outage, runs)).judge(outages.BEGINS_ON - 1, criteria())
    assert outage.check not in {check for check, _scope in scopes(evaluation, (outage.status,))}
    assert evaluation["verdict"] == "compliant"


@pytest.mark.parametrize("name", red_mornings.REMEDIES)
def test_a_remedy_is_accepted_and_calms_a_kind_of_tenant(name: str) -> None:
    kinds = [kind for kind in red_mornings.KINDS.values() if kind.remedy == name]
    assert kinds
    assert all(kind.calm() != kind.usual() for kind in kinds)


def test_half_of_the_objects_are_counted_at_weekends() -> None:
    by_day = {(job.start - FIRST - 6 * HOUR) // DAY % 7: job.total for job in backups(Habits(runs_a_day=4))}
    assert [by_day[day] for day in range(7)] == [4_000, 4_000, 2_000, 2_000, 4_000, 4_000, 4_000]


def test_an_outcome_is_shared_by_all_services_or_each_has_its_own() -> None:
    for together in (True, False):
        states = [[job.state for job in backups(Habits(together=together), service)] for service in tenants.SERVICES]
        assert all(one == states[0] for one in states) == together


def test_failures_follow_failures_on_bad_days_alone() -> None:
    shares = []
    for bad_days in (False, True):
        states = [job.state for job in backups(Habits(runs_a_day=4, bad_days=bad_days))]
        after = [later for earlier, later in itertools.pairwise(states) if earlier == "failed"]
        shares.append(after.count("failed") / len(after))
    assert shares[0] < 0.1 < 0.35 < shares[1] < 0.65


def test_a_due_run_is_skipped_while_one_still_runs() -> None:
    jobs = backups(Habits(runs_a_day=4, skips=True))
    assert all(earlier.finish <= later.start for earlier, later in itertools.pairwise(jobs))
    assert any(job.finish - job.start > 8 * HOUR for job in jobs)
    assert len(jobs) < 0.97 * len(backups(Habits(runs_a_day=4)))


def test_rare_restores_are_two_to_five_months_apart() -> None:
    days = [job.start // DAY for job in tenant(0, Habits(rare_restores=True)).jobs if job.job_type == "restore"]
    assert all(60 <= later - earlier <= 150 for earlier, later in itertools.pairwise(days))


def test_a_service_of_few_objects_has_5_to_50() -> None:
    sizes = {max(job.total for job in backups(Habits(few_objects=True), seed=seed)) for seed in range(9)}
    assert len(sizes) > 3
    assert sizes <= set(range(5, 51))


def test_next_to_nothing_is_counted_on_a_public_holiday() -> None:
    totals = [
        job.total for job in backups(Habits(holidays=True)) if (job.start - 6 * HOUR - FIRST) // DAY in tenants.HOLIDAYS
    ]
    assert len(totals) == 11
    assert max(totals) <= 40


def test_a_new_tenant_has_no_history_and_a_first_backup_that_takes_long() -> None:
    new = tenant(0, Habits(is_new=True))
    jobs = backups(Habits(is_new=True))
    assert (new.days, jobs[0].start // DAY) == (range(1, 31), FIRST // DAY)
    assert jobs[0].finish - jobs[0].start >= 10 * HOUR
    assert jobs[1].start >= jobs[0].finish
