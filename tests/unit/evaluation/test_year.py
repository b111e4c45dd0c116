# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A gate that is red for nothing is switched off, and one that sleeps through an outage is worse."""

from __future__ import annotations

from typing import Any, Callable

import pytest
from ansible_collections.cloudbackup.m365.tests.simulation import year

OUTAGE = 100
"""The day of the year on which an outage begins, right after midnight."""
BEGINS = year.FIRST + OUTAGE * year.DAY


def tenant(change: Callable[[year.Backup], list[year.Backup]], runs_a_day: int = 4) -> year.Tenant:
    """An ordinary tenant in which nothing goes wrong but what is planted from the day of the outage on."""
    jobs = []
    for job in year.ordinary(1, runs_a_day, together=True).jobs:
        clean = job._replace(state="finished", failed=0)
        jobs += change(clean) if job.start >= BEGINS else [clean]
    return year.Tenant(jobs, lambda now: (2_500, 2_000))


def morning_after(days: int, planted: year.Tenant) -> dict[str, Any]:
    """The evaluation of the morning so many days after the one on which the outage began."""
    return year.morning(planted, BEGINS + days * year.DAY + year.MORNING)


def of_teams(**changed: Any) -> Callable[[year.Backup], list[year.Backup]]:
    return lambda job: [job._replace(**changed) if (job.job_type, job.service) == ("backup", "teams") else job]


@pytest.mark.parametrize("runs_a_day", [1, 4])
def test_an_ordinary_tenant_is_red_on_less_than_1_percent_of_its_mornings(runs_a_day: int) -> None:
    share, reasons = year.red_share([year.ordinary(0, runs_a_day, together=True)], every=3)
    assert share < 1
    # The others are for outages: none of them is to go off by the ordinary noise
    assert set(reasons) <= {"backup_recency", "success_rate", "consecutive_failures"}


def test_a_tenant_in_which_nothing_goes_wrong_is_never_red() -> None:
    share, _reasons = year.red_share([tenant(lambda job: [job], runs_a_day=1)], every=3)
    assert share == 0


OUTAGES = {
    "teams is backed up no more": (lambda job: [] if job.service == "teams" else [job], 2, "backup_recency"),
    "for a week": (lambda job: [] if job.service == "teams" else [job], 7, "backup_presence"),
    "teams fails again and again": (of_teams(state="failed"), 1, "consecutive_failures"),
    "teams fails for two days": (of_teams(state="failed"), 2, "success_rate"),
    "an unknown state": (of_teams(state="unknown"), 1, "consecutive_failures"),
    "teams is never clean for a week": (of_teams(state="finished_with_exception"), 7, "degraded_backups"),
    "objects fail": (of_teams(failed=200, state="finished_with_exception"), 0, "failed_objects"),
    "teams is hollow": (of_teams(total=0), 3, "hollow_backups"),
    "half of teams is lost": (of_teams(total=1_500), 0, "coverage_drop"),
    "teams hangs": (of_teams(finish=year.FIRST + 500 * year.DAY), 1, "stuck_jobs"),
}


@pytest.mark.parametrize(("change", "days", "check"), OUTAGES.values(), ids=OUTAGES)
def test_a_planted_outage_is_found(change: Any, days: int, check: str) -> None:
    planted = tenant(change)
    assert morning_after(-1, planted)["verdict"] == "compliant"
    evaluation = morning_after(days, planted)
    assert evaluation["verdict"] == "non_compliant"
    failed = [(one["check"], one["scope"]) for one in evaluation["results"] if one["status"] == "fail"]
    assert (check, "teams") in failed
    assert {scope for _check, scope in failed} == {"teams"}


def test_seats_that_run_out_are_found_the_next_morning() -> None:
    planted = tenant(lambda job: [job])._replace(seats=lambda now: (2_500, 2_501 if now >= BEGINS else 2_000))
    assert morning_after(-1, planted)["verdict"] == "compliant"
    failed = [one["check"] for one in morning_after(0, planted)["results"] if one["status"] == "fail"]
    assert failed == ["license_seats"]


def test_a_tenant_that_restores_no_more_is_warned_of_after_a_quarter() -> None:
    planted = tenant(lambda job: [] if job.job_type == "restore" else [job], runs_a_day=1)
    last = max(job.start for job in planted.jobs if job.job_type == "restore")
    for now, evaluation in year.mornings(planted, every=3):
        (result,) = (one for one in evaluation["results"] if one["check"] == "restore_exercise")
        assert result["status"] == ("warn" if now - last > 92 * year.DAY else "pass")
