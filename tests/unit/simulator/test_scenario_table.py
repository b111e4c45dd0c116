# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Scenarios: the jobs and the license of each tenant."""

from __future__ import annotations

import pathlib
from typing import Any

import yaml
from cloudbackup_simulator import facts, faults, habits, scenarios
from simulator_client import NOW_TICKS, Client, hours_old

ROLE = pathlib.Path(__file__).parents[3] / "roles" / "simulator"


def newest_backups(client: Client) -> dict[str, list[dict[str, Any]]]:
    """The backups of every service that has some, the newest first."""
    found = {name: client.jobs(JobType=1, ObjectType=number) for name, number in facts.OBJECT_TYPES.items()}
    return {name: rows for name, rows in found.items() if rows}


def test_a_healthy_tenant_has_four_clean_backups_a_day_of_four_services_and_one_restore(serve):
    client = serve("healthy")
    backups = newest_backups(client)
    assert set(backups) == {"exchange_online", "sharepoint_online", "onedrive", "teams"}
    for rows in backups.values():
        done = [row for row in rows if row["State"] != "In Progress"]
        assert {row["State"] for row in done} == {"Finished"}
        assert hours_old(done[0]["FinishTime"]) < 6
        lately = [row for row in done if hours_old(row["StartTime"]) < 7 * 24]
        assert 27 <= len(lately) <= 29
        totals = [row["BackupDetails"]["TotalCount"] for row in done]
        assert min(totals) > 0
        assert max(totals) - min(totals) <= 2
        assert all(row["FinishTime"] > row["StartTime"] for row in done)
    (restore,) = client.jobs(JobType=2)
    assert restore["State"] == "Finished"
    assert 29 < hours_old(restore["FinishTime"]) / 24 < 31
    assert [len(client.jobs(JobType=number)) for number in (3, 4, 5)] == [0, 0, 0]
    (running,) = client.jobs(JobState=1)
    assert hours_old(running["StartTime"]) < 1
    assert client.license() == {
        "OutOfPolicyTime": 0,
        "PurchasedUserSeats": 100,
        "AssignedUserSeats": 47,
        "PurchasedStorageSize": 0,
        "ProtectedSize": 0,
    }


def test_seats_exceeded_has_108_of_100_seats_assigned(serve):
    figures = serve("seats_exceeded").license()
    assert (figures["AssignedUserSeats"], figures["PurchasedUserSeats"]) == (108, 100)


def test_stale_exchange_has_its_last_success_three_days_ago_and_the_rest_is_fresh(serve):
    ages = {
        name: hours_old(max(row["FinishTime"] for row in rows))
        for name, rows in newest_backups(serve("stale_exchange")).items()
    }
    assert 71 < ages.pop("exchange_online") < 73
    assert max(ages.values()) < 6


def test_silent_teams_stopped_ten_days_ago_and_nothing_failed(serve):
    client = serve("silent_teams")
    rows = newest_backups(client)["teams"]
    assert hours_old(rows[0]["StartTime"]) / 24 >= 10
    assert client.get(JobState=3).json()["TotalCount"] == 0


def test_failing_has_three_failures_in_a_row_and_a_success_before(serve):
    rows = newest_backups(serve("failing"))["exchange_online"]
    assert [row["State"] for row in rows[:4]] == ["Failed", "Failed", "Failed", "Finished"]
    assert rows[0]["BackupDetails"]["SuccessfulCount"] == 0
    assert rows[0]["JobErrors"]


def test_out_of_policy_has_its_time_in_ticks_five_days_ago(serve):
    assert hours_old(serve("out_of_policy").license()["OutOfPolicyTime"]) == 120


def test_per_capacity_bought_storage_alone(serve):
    figures = serve("per_capacity").license()
    assert [figures[name] for name in facts.LICENSE_FIELDS] == [0, 0, 0, 500, 320]


def test_empty_has_no_job_and_a_license(serve):
    client = serve("empty")
    assert client.get().json() == {"TotalCount": 0, "Jobs": []}
    assert client.license()["PurchasedUserSeats"] == 100


def test_large_has_all_services_types_and_states_within_a_week(serve):
    client = serve("large")
    assert client.get().json()["TotalCount"] == 100_000
    assert all(client.get(ObjectType=number).json()["TotalCount"] for number in facts.OBJECT_TYPES.values())
    assert all(client.get(JobType=number).json()["TotalCount"] for number in facts.JOB_TYPES.values())
    assert all(client.get(JobState=number).json()["TotalCount"] for number in (2, 3, 4, 5))
    week = NOW_TICKS - 7 * facts.DAY
    assert client.get(StartTime=week).json()["TotalCount"] == 100_000
    newest = [client.get(JobType=1, ObjectType=number, PageSize=1).json()["Jobs"][0] for number in range(1, 13)]
    assert {row["State"] for row in newest} == {"Finished"}


def test_the_role_describes_every_scenario_as_the_simulator_does():
    options = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text())["argument_specs"]["main"]["options"]
    option = options["simulator_scenario"]
    assert option["choices"] == list(scenarios.SCENARIOS)
    described = [f"V({name}): {scenario.description}." for name, scenario in scenarios.SCENARIOS.items()]
    assert option["description"][1:] == described


def test_the_roles_readme_names_every_habit_fault_and_argument():
    readme = (ROLE / "README.md").read_text()
    assert [name for name in (*habits.HABITS, *faults.FAULTS) if f"`{name}`" not in readme] == []
    arguments = {argument for kind in faults.FAULTS.values() for argument in kind.arguments}
    assert [name for name in arguments if f"`{name}" not in readme] == []


def test_license_figures_can_be_replaced_left_out_and_have_an_invalid_type(serve):
    figures = serve(license={"AssignedUserSeats": 101, "protectedsize": "absent", "PurchasedUserSeats": [1]}).license()
    assert figures == {
        "OutOfPolicyTime": 0,
        "PurchasedUserSeats": [1],
        "AssignedUserSeats": 101,
        "PurchasedStorageSize": 0,
    }
