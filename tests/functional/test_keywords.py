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
    "listed": [{**LISTED, "ignore_errors": True}],
    "imported": [{**IMPORTED, "ignore_errors": True}],
    "imported-by-a-task": [{"tasks": [{**IMPORTED["tasks"][0], "ignore_errors": True}]}],
    "included": [{**INCLUDED, "ignore_errors": True}],
    "included-by-a-task": [{"tasks": [{**INCLUDED["tasks"][0], "ignore_errors": True}]}],
    "fleet": [{**FLEET, "ignore_errors": True, "ignore_unreachable": True}],
    "no-log": [{**IMPORTED, "no_log": True}],
}


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
