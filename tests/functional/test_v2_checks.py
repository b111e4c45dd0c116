# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The checks that need the second API generation, in a gate over several tenants and by the role alone."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.cloudbackup.m365.tests.functional.runner import connection_of, environment_of, hosts_of

NAMES = ("backup_frequency", "retention_period", "unusual_activity")
POLICY = json.dumps({"checks": {name: {"enabled": "true"} for name in NAMES}})
REFUSED = "needs API v2. Set api_version to v2 in the connection, or disable the check"


def statuses(evidence: dict[str, Any]) -> dict[tuple[str, str], str]:
    """Return the status of each result of these checks that did not pass."""
    return {
        (one["check"], one["scope"]): one["status"]
        for one in evidence["results"]
        if one["check"] in NAMES and one["status"] != "pass"
    }


def test_each_tenant_of_a_fleet_is_judged_by_its_settings_and_its_activity(ansible, simulate):
    simulator = simulate(
        tenants={
            "contoso": "healthy",
            "fabrikam": "ransomware",
            "northwind": {"faults": ["status:on=frequency,code=403", "status:on=unusual_activity,code=403"]},
            "tailspin": "uneven_locations",
            "first-generation": "healthy",
        }
    )
    hosts = hosts_of(simulator)
    for name, variables in hosts.items():
        variables["compliance_policy"] = POLICY
        variables["compliance_connection"]["api_version"] = "v1" if name == "first-generation" else "v2"
    locations = {**json.loads(POLICY), "locations": ["NAM", "EUR"]}
    hosts["tailspin"]["compliance_policy"] = locations
    run = ansible.gate(hosts)
    assert run.verdicts() == {
        "contoso": "compliant",
        "fabrikam": "non_compliant",
        "northwind": "undetermined",
        "tailspin": "non_compliant",
        "first-generation": "not_judged",
    }, run.output
    assert statuses(run.evidence("contoso")) == {}
    assert statuses(run.evidence("fabrikam")) == {("unusual_activity", "run"): "fail"}
    assert set(statuses(run.evidence("northwind")).values()) == {"error"}
    bad = [one["check"] for one in run.evidence("northwind")["results"] if one["status"] == "error"]
    assert set(bad) == set(NAMES)
    assert ("retention_period", "onedrive@EUR") in statuses(run.evidence("tailspin"))
    assert ("backup_frequency", "teams@EUR") in statuses(run.evidence("tailspin"))
    for name in NAMES:
        assert f"compliance_policy.checks.{name}.enabled: {name} {REFUSED}" in run.output


def play(policy: str, **more: Any) -> list[dict[str, Any]]:
    role = {"name": "cloudbackup.m365.compliance"}
    variables = {"compliance_policy": policy}
    tasks = [{"ansible.builtin.import_role": role}]
    return [{"hosts": "localhost", "gather_facts": False, "vars": variables, "tasks": tasks, **more}]


@pytest.mark.parametrize(("version", "is_refused"), [("v2", False), ("v1", True), ("", True)])
def test_the_generation_may_come_from_the_environment(version, is_refused, ansible, simulate):
    (ansible.folder / "play.yml").write_text(json.dumps(play(POLICY)))
    environment = environment_of(simulate(), api_version=version)
    run = ansible.playbook("play.yml", "--tags", "nothing", environment=environment)
    assert (REFUSED in run.output) is is_refused, run.output
    assert (run.status == 0) is not is_refused, run.output


def test_the_generation_may_come_from_module_defaults_where_the_role_has_no_connection(ansible, simulate):
    defaults = {"group/cloudbackup.m365.cloudbackup": {**connection_of(simulate()), "api_version": "v2"}}
    run = ansible.play(play(POLICY, module_defaults=defaults))
    assert run.status == 0, run.output


def test_a_read_of_an_earlier_run_in_the_same_play_is_not_taken_for_one_of_this_run(ansible, simulate):
    simulator = simulate(tenants={"contoso": "ransomware", "fabrikam": "healthy"})
    include = "ansible.builtin.include_role"
    tasks = [
        {
            include: {"name": "cloudbackup.m365.compliance"},
            "vars": {
                "compliance_subject": name,
                "compliance_connection": {**connection_of(simulator.tenants[name]), "api_version": "v2"},
                "compliance_policy": policy,
                "compliance_enforce": False,
                "compliance_report_dir": str(ansible.folder / "reports"),
            },
        }
        for name, policy in (("contoso", POLICY), ("fabrikam", {}))
    ]
    run = ansible.play([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}])
    assert run.status == 0, run.output
    assert run.evidence("contoso")["read"]["unusual_activity"]["activity"]
    assert run.evidence("fabrikam")["read"]["unusual_activity"] is None
    assert run.evidence("fabrikam")["verdict"] == "compliant"
