# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No tenant that Ansible cannot read hides another, whichever hosts, tags and strategies a run is given."""

from __future__ import annotations

import json

import pytest
from ansible_collections.cloudbackup.m365.tests.functional.runner import hosts_of

BROKEN = {
    "a-vault": "$ANSIBLE_VAULT;1.1;AES256\n3132\n",
    "b-syntax": "a: [b",
    "c-list": "- no\n- dictionary\n",
}
"""Host variables that Ansible cannot read, of hosts that come before all others."""
ODD = {
    "d-login": {
        "ansible_connection": "no_such_connection",
        "ansible_become": True,
        "ansible_become_method": "no_such_method",
        "ansible_shell_type": "no_such_shell",
        "ansible_port": "no port",
        "ansible_pipelining": "perhaps",
        "ansible_python_interpreter": "/nowhere/python",
    },
    "e-login-undefined": dict.fromkeys(("ansible_connection", "ansible_become", "ansible_port"), "{{ nowhere }}"),
    "f-far-away": {"ansible_connection": "ssh", "ansible_host": "192.0.2.1"},
}
"""Host variables of tenants that are judged whatever these say."""
GREEN = (*ODD, "y-green")
JUDGED = (*GREEN, "z-red")
RUNS = {
    "limit": ("--limit", "tenants"),
    "limit-without-one": ("--limit", "tenants:!c-list"),
    "limit-of-names": ("--limit", ",".join([*BROKEN, *JUDGED])),
    "limit-with-controller": ("--limit", "tenants,localhost"),
    "no-limit": (),
    "tags": ("--limit", "tenants", "--tags", "anything"),
    "skip-tags": ("--limit", "tenants", "--skip-tags", "anything,untagged,all"),
    "one-fork": ("--limit", "tenants", "--forks", "1"),
}


@pytest.fixture(name="hosts")
def _hosts(simulate, ansible):
    simulator = simulate(tenants={**dict.fromkeys([*BROKEN, *GREEN], "healthy"), "z-red": "seats_exceeded"})
    folder = ansible.folder / "host_vars"
    folder.mkdir()
    for name, content in BROKEN.items():
        (folder / f"{name}.yml").write_text(content)
    hosts = hosts_of(simulator, **ODD)
    for name in ODD:
        hosts[name].update(ODD[name])
    return hosts


def expect(run, broken):
    assert run.status != 0
    assert run.verdicts() == {
        "z-red": "non_compliant",
        **dict.fromkeys(broken, "not_judged"),
        **dict.fromkeys(GREEN, "compliant"),
    }, run.output
    assert set(run.doubts()) == set(broken)
    assert {reason.partition(":")[0] for reason in run.doubts().values()} == {"Its variables cannot be read"}
    assert {name for name in JUDGED if not (run.reports / name / "evidence.json").is_file()} == set()
    assert run.published("cloudbackup_fleet")["verdict"] == "non_compliant"


@pytest.mark.parametrize("arguments", RUNS.values(), ids=RUNS)
def test_tenants_that_cannot_be_read_hide_no_other(arguments, ansible, hosts):
    broken = [name for name in BROKEN if f"!{name}" not in "".join(arguments)]
    expect(ansible.gate(hosts, *arguments), broken)


@pytest.mark.parametrize("strategy", ["free", "linear", "host_pinned"])
def test_a_strategy_of_the_configuration_hides_no_tenant(strategy, ansible, hosts):
    environment = {"ANSIBLE_STRATEGY": strategy}
    expect(ansible.gate(hosts, "--limit", "tenants", environment=environment), BROKEN)


def test_green_tenants_are_green_and_the_run_is_red_beside_one_that_cannot_be_read(ansible, hosts):
    run = ansible.gate(hosts, "--limit", "a-vault:y-green")
    assert run.status == 2
    assert run.verdicts() == {"a-vault": "not_judged", "y-green": "compliant"}
    assert "NOT JUDGED: a-vault. " in run.output.rpartition("TASK")[2]


@pytest.mark.parametrize("limit", ["y-green", "z-red", "d-login"])
def test_a_limit_to_one_tenant_judges_that_one(limit, ansible, hosts):
    run = ansible.gate(hosts, "--limit", limit)
    assert (run.status, list(run.verdicts())) == (2 if limit == "z-red" else 0, [limit]), run.output


@pytest.mark.parametrize("limit", ["a-vault", "a-vault:b-syntax"])
def test_a_limit_to_tenants_that_cannot_be_read_is_red_and_names_them(limit, ansible, hosts):
    run = ansible.gate(hosts, "--limit", limit)
    assert run.status != 0
    assert "No tenant is judged: Ansible cannot read the variables of any host." in run.output
    assert [name for name in limit.split(":") if f"{name}: " not in run.output] == []
    assert run.verdicts() == dict.fromkeys(limit.split(":"), "not_judged")
    assert {reason.partition(":")[0] for reason in run.doubts().values()} == {"Its variables cannot be read"}
    assert "cannot be read" in (run.reports / "fleet.html").read_text(encoding="utf-8")
    assert f"Report: {run.reports / 'fleet.html'}" in run.output.replace("\n", " ").replace("  ", " ")


def test_such_a_limit_keeps_the_rows_of_the_others_and_takes_the_directory_from_them(ansible, hosts):
    for host in hosts.values():
        host["compliance_report_dir"] = str(ansible.folder / "reports")
    (ansible.folder / "inventory.json").write_text(json.dumps({"tenants": {"hosts": hosts}}))
    assert ansible.playbook("gate", "-i", "inventory.json", "--limit", "y-green").status == 0
    run = ansible.playbook("gate", "-i", "inventory.json", "--limit", "a-vault")
    assert run.status != 0
    rows = {row["host"]: (row["verdict"], row["judged_in_this_run"]) for row in run.fleet()["tenants"]}
    assert rows == {"a-vault": ("not_judged", True), "y-green": ("compliant", False)}


@pytest.mark.parametrize("option", ["--list-hosts", "--list-tasks", "--syntax-check", "--check"])
def test_a_run_that_is_none_writes_nothing(option, ansible, hosts):
    run = ansible.gate(hosts, "--limit", "a-vault", option)
    assert (run.status != 0) == (option == "--check")
    assert not run.reports.exists()


def test_all_tenants_unreadable_are_red_and_reported(ansible, hosts):
    run = ansible.gate({name: hosts[name] for name in BROKEN})
    assert run.status == 2
    assert run.verdicts() == dict.fromkeys(BROKEN, "not_judged")
    assert run.published("cloudbackup_fleet")["verdict"] != "compliant"


@pytest.mark.parametrize("tags", ["always", "tagged"])
@pytest.mark.parametrize("limit", [(), ("--limit", "tenants")], ids=["all", "limit"])
def test_leaving_out_every_step_is_red(tags, limit, ansible, hosts):
    run = ansible.gate(hosts, "--skip-tags", tags, *limit)
    assert run.status != 0
    assert f"No tenant is judged: --skip-tags {tags} leaves out every step of the gate." in run.output


def test_a_machine_first_in_the_limit_that_cannot_be_read_hides_no_tenant(ansible, hosts):
    (ansible.folder / "host_vars" / "a-machine.yml").write_text(BROKEN["a-vault"])
    run = ansible.gate(hosts, "--limit", "all", machines={"a-machine": {}})
    expect(run, BROKEN)
    assert json.loads(json.dumps(run.verdicts())).get("a-machine") is None
