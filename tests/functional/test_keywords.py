# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No keyword of a user's play makes a red gate green."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.cloudbackup.m365.tests.functional.runner import hosts_of

ROLE = "cloudbackup.m365.compliance"
TENANTS = {
    "healthy": "healthy",
    "seats": "seats_exceeded",
    "denied": {"faults": ["status:on=license,code=403"]},
    "mistaken": "healthy",
    "unwritten": "healthy",
}
LISTED: dict[str, Any] = {"roles": [ROLE]}
IMPORTED: dict[str, Any] = {"tasks": [{"ansible.builtin.import_role": {"name": ROLE}}]}
INCLUDED: dict[str, Any] = {"tasks": [{"ansible.builtin.include_role": {"name": ROLE}}]}
FLEET: dict[str, Any] = {
    "tasks": [{"ansible.builtin.import_role": {"name": ROLE, "tasks_from": part}} for part in ("judge", "fleet")]
}
PLAYS: dict[str, list[dict[str, Any]]] = {
    "listed": [{**LISTED, "ignore_errors": True, "no_log": True}],
    "imported": [{**IMPORTED, "ignore_errors": True, "vars": {"now": "2026-11-24"}}],
    "imported-by-a-task": [{"tasks": [{**IMPORTED["tasks"][0], "ignore_errors": True, "run_once": True}]}],
    "included": [{**INCLUDED, "ignore_errors": True}],
    "included-by-a-task": [{"tasks": [{**INCLUDED["tasks"][0], "ignore_errors": True}]}],
    "fleet": [{**FLEET, "ignore_errors": True, "ignore_unreachable": True, "no_log": True}],
}
"""Keywords that would hide a failure, and a variable that would replace a function."""


@pytest.mark.parametrize("name", PLAYS)
def test_a_red_tenant_fails(name: str, ansible: Any, simulate: Any) -> None:
    hosts = hosts_of(simulate(tenants=TENANTS))
    hosts["mistaken"]["compliance_policy"] = {"window": "7 parsecs"}
    # A file where the folder should be
    (ansible.folder / "taken").write_text("")
    hosts["unwritten"]["compliance_report_dir"] = str(ansible.folder / "taken")
    common = {"hosts": "tenants", "gather_facts": False, "connection": "local"}
    (ansible.folder / "own.yml").write_text(json.dumps([{**common, **play} for play in PLAYS[name]]))
    (ansible.folder / "inventory.json").write_text(json.dumps({"tenants": {"hosts": hosts}}))
    run = ansible.playbook("own.yml", "-i", "inventory.json")
    assert run.status == 2, run.output
    assert run.failed_hosts() == set(TENANTS) - {"healthy"}
    for words in ("108 of 100 seats", "permission", "compliance_policy.window", "taken"):
        assert words in run.output


def play_with(ansible: Any, hosts: dict[str, Any], *tasks: dict[str, Any], on: str = "tenants") -> Any:
    """Run a play of a user on these tenants."""
    play = {"hosts": on, "gather_facts": False, "connection": "local", "tasks": list(tasks)}
    (ansible.folder / "own.yml").write_text(json.dumps([play]))
    (ansible.folder / "inventory.json").write_text(json.dumps({"tenants": {"hosts": hosts}}))
    return ansible.playbook("own.yml", "-i", "inventory.json")


TWO = {"healthy": "healthy", "seats": "seats_exceeded"}


def test_a_role_that_is_included_for_one_of_several_hosts_is_red(ansible: Any, simulate: Any) -> None:
    once = {**INCLUDED["tasks"][0], "run_once": True}
    run = play_with(ansible, hosts_of(simulate(tenants=TWO)), once)
    assert run.status == 2, run.output
    assert "run_once: one of several hosts would be judged alone" in run.output


def test_a_role_that_is_included_once_is_green_for_a_single_host(ansible: Any, simulate: Any) -> None:
    once = {**INCLUDED["tasks"][0], "run_once": True}
    assert play_with(ansible, hosts_of(simulate(tenants={"healthy": "healthy"})), once).status == 0


def test_a_second_run_of_the_role_in_a_play_is_not_skipped(ansible: Any, simulate: Any) -> None:
    hosts = hosts_of(simulate(tenants=TWO))
    connection = "compliance_connection"
    second = {"ansible.builtin.set_fact": {connection: hosts["seats"][connection], "compliance_subject": "seats"}}
    tasks = [IMPORTED["tasks"][0], second, IMPORTED["tasks"][0]]
    run = play_with(ansible, {"healthy": hosts["healthy"]}, *tasks)
    assert run.status == 2, run.output
    assert "seats: NON-COMPLIANT" in run.output


def test_two_hosts_with_one_connection_are_red(ansible: Any, simulate: Any) -> None:
    hosts = hosts_of(simulate(tenants=TWO))
    run = play_with(ansible, {"healthy": hosts["healthy"], "seats": hosts["healthy"]}, *IMPORTED["tasks"])
    assert run.status == 2, run.output
    assert run.failed_hosts() == set(TWO)
    assert "The app registration is also that of seats. Give each host its own connection." in run.output


def test_a_misspelt_limit_is_red(ansible: Any, simulate: Any) -> None:
    simulator = simulate(tenants=TWO)
    run = ansible.gate(hosts_of(simulator), "--limit", "healthy,seast")
    assert run.status == 2, run.output
    assert "limit: seast is neither a host nor a group. Nothing was read" in run.output
    assert simulator.requests == []


@pytest.mark.parametrize("limit", ["healthy,localhost", "tenants:!seats"])
def test_a_limit_of_any_kind_is_taken(limit: str, ansible: Any, simulate: Any) -> None:
    run = ansible.gate(hosts_of(simulate(tenants=TWO)), "--limit", limit)
    assert run.status == 0, run.output


def part_for(name: str, part: str) -> dict[str, Any]:
    """A task that runs a part of the role for a tenant whose connection another host has."""
    connection = f"{{{{ hostvars['{name}'].compliance_connection }}}}"
    variables = {"compliance_subject": name, "compliance_connection": connection}
    return {"ansible.builtin.include_role": {"name": ROLE, "tasks_from": part}, "vars": variables}


@pytest.mark.parametrize("order", [("seats", "healthy"), ("seats", "healthy", "healthy")])
def test_a_second_tenant_on_a_host_does_not_replace_the_first(order: Any, ansible: Any, simulate: Any) -> None:
    tasks = [*(part_for(name, "judge") for name in order), part_for("healthy", "fleet")]
    run = play_with(ansible, hosts_of(simulate(tenants=TWO)), *tasks, on="healthy")
    assert run.status == 2, run.output
    assert "was judged on it and has no verdict yet. Give each tenant its own host" in run.output


def test_tenants_on_one_host_that_are_judged_one_after_the_other_have_their_verdicts(
    ansible: Any, simulate: Any
) -> None:
    tasks = [part_for(name, part) for name in ("healthy", "seats") for part in ("judge", "fleet")]
    run = play_with(ansible, hosts_of(simulate(tenants=TWO)), *tasks, on="healthy")
    assert run.status == 2, run.output
    assert "healthy: COMPLIANT" in run.output
    assert "seats: NON-COMPLIANT" in run.output
