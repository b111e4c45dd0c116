# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many tenants through the gate, as users run it, and the reports of several runs merged."""

from __future__ import annotations

import json
import re

import pytest

CUSTOM_STATS = {"ANSIBLE_SHOW_CUSTOM_STATS": "1"}


def hosts_of(simulator, **more):
    """A host for each tenant of a simulator. It is no machine: nobody could log in there."""
    return {
        name: {
            "ansible_connection": "ssh",
            "ansible_host": "192.0.2.1",
            "compliance_connection": {**connection._asdict(), "retries": 0},
            **more.get(name, {}),
        }
        for name, connection in simulator.tenants.items()
    }


@pytest.fixture
def gate(tmp_path, playbook):
    """Run the gate, or a playbook of one's own, on hosts of the group of tenants."""

    def run(hosts, *arguments, play=None, others=None, report_dir="reports", **variables):
        inventory = tmp_path / "inventory.json"
        groups = {"tenants": {"hosts": hosts, "vars": variables}, "machines": {"hosts": others or {}}}
        inventory.write_text(json.dumps(groups))
        arguments = ("-i", str(inventory), "-e", f"compliance_report_dir={tmp_path / report_dir}", *arguments)
        return playbook(play or "gate", *arguments, environment=CUSTOM_STATS)

    return run


def failed_hosts(run):
    return {
        name
        for name, failed in re.findall(r"^(\S+)\s+: ok=\d+ .*failed=(\d+)", run.output, re.MULTILINE)
        if int(failed)
    }


def fleet_of(run):
    return json.loads((run.reports / "fleet.json").read_text(encoding="utf-8"))


def verdicts(run):
    return {row["host"]: row["verdict"] for row in fleet_of(run)["tenants"]}


def published(run):
    """The fleet's summary as a later job gets it."""
    stats, _end = json.JSONDecoder().raw_decode(run.output.partition("RUN: ")[2])
    return stats["cloudbackup_fleet"]


def test_a_tenant_that_cannot_be_judged_hides_no_other(gate, simulate):
    simulator = simulate(
        tenants={"green": "healthy", "red": "seats_exceeded", "typo": "healthy", "undefined": "healthy"}
    )
    more = {
        "typo": {"compliance_policy": {"service": ["teams"]}},
        "undefined": {"compliance_connection": "{{ vault_of_nobody }}"},
    }
    run = gate({**hosts_of(simulator, **more), "lost": {"ansible_connection": "{{ nowhere }}"}})
    assert run.status == 2
    assert verdicts(run) == {
        "green": "compliant",
        "red": "non_compliant",
        "typo": "not_judged",
        "undefined": "not_judged",
        "lost": "not_judged",
    }
    assert failed_hosts(run) == {"red", "typo", "undefined", "lost"}
    told = {row["host"]: row["doubt"] for row in fleet_of(run)["tenants"]}
    assert "did you mean services?" in told["typo"]
    assert "vault_of_nobody" in told["undefined"]
    assert published(run) == {
        "verdict": "non_compliant",
        "tenants": 5,
        "counts": {"non_compliant": 1, "not_judged": 3, "undetermined": 0, "compliant": 1},
        "red": ["red", "lost", "typo", "undefined"],
        "report": str(run.reports / "fleet.html"),
        "sha256": published(run)["sha256"],
    }
    assert 'href="red/report.html"' in (run.reports / "fleet.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("content", ["$ANSIBLE_VAULT;1.1;AES256\n3132\n", "a: [b"], ids=["vault", "syntax"])
def test_a_tenant_whose_variables_cannot_be_read_hides_no_other(content, gate, simulate, tmp_path):
    (tmp_path / "host_vars").mkdir()
    (tmp_path / "host_vars" / "locked.yml").write_text(content)
    run = gate(hosts_of(simulate(tenants={"green": "healthy", "locked": "healthy"})))
    assert (run.status, verdicts(run)) == (2, {"locked": "not_judged", "green": "compliant"})
    assert fleet_of(run)["tenants"][0]["doubt"].startswith("Its variables cannot be read: ")
    # Ansible can run no task on the host itself
    assert failed_hosts(run) == {"localhost"}


def test_a_fleet_in_order_is_green(gate, simulate):
    run = gate(hosts_of(simulate(tenants={"contoso": "healthy", "fabrikam": "healthy"})))
    assert run.status == 0
    assert published(run)["verdict"] == "compliant"


def test_a_red_fleet_that_is_not_enforced_is_only_told(gate, simulate):
    run = gate(hosts_of(simulate(tenants={"contoso": "seats_exceeded"})), "-e", "compliance_enforce=no")
    assert run.status == 0
    assert published(run)["verdict"] == "non_compliant"


def test_no_extra_variable_stands_in_for_what_the_gate_found(gate, simulate):
    # A survey's question may be called like this
    run = gate(
        hosts_of(simulate(tenants={"contoso": "seats_exceeded"})),
        "-e",
        '{"gate_tenants": {"hosts": [], "unreadable": {}, "shared": {}}, "gate_hosts": ["x"], "gate_group": "x"}',
    )
    assert (run.status, failed_hosts(run)) == (2, {"contoso"})


def test_a_mistake_fails_its_tenant_even_where_verdicts_are_not_enforced(gate, simulate):
    hosts = hosts_of(simulate(tenants={"contoso": "healthy", "typo": "healthy"}), typo={"compliance_now": "soon"})
    run = gate(hosts, "-e", "compliance_enforce=no")
    assert (run.status, failed_hosts(run)) == (2, {"typo"})


@pytest.mark.parametrize(
    "arguments", [(), ("--limit", "web1"), ("--limit", "localhost")], ids=["all", "other", "local"]
)
def test_no_tenant_at_all_is_red(arguments, gate):
    run = gate({}, *arguments, others={"web1": {"ansible_connection": "ssh"}})
    assert run.status != 0
    assert not run.reports.exists()


def test_a_limit_that_leaves_no_tenant_is_red_and_says_so(gate, simulate):
    run = gate(hosts_of(simulate(tenants={"contoso": "healthy"})), "--limit", "web1", others={"web1": {}})
    assert run.status == 2
    assert "The group tenants of the inventory has 1 hosts, none of which --limit leaves." in run.output


def test_a_limit_is_named_in_the_report(gate, simulate):
    run = gate(hosts_of(simulate(tenants={"contoso": "healthy", "fabrikam": "empty"})), "--limit", "contoso")
    assert run.status == 0
    assert (list(verdicts(run)), fleet_of(run)["limit"]) == (["contoso"], "contoso")


def test_two_tenants_with_one_app_registration_are_both_red(gate, simulate):
    hosts = hosts_of(simulate(tenants={"contoso": "healthy", "fabrikam": "healthy", "third": "healthy"}))
    hosts["fabrikam"]["compliance_connection"] = hosts["contoso"]["compliance_connection"]
    run = gate(hosts)
    assert failed_hosts(run) == {"contoso", "fabrikam"}
    told = {row["host"]: row["doubt"] for row in fleet_of(run)["tenants"]}
    assert "the same app registration as fabrikam" in told["contoso"]
    assert "the same app registration as contoso" in told["fabrikam"]


def test_two_tenants_with_one_name_are_both_refused_before_they_are_read(gate, simulate):
    simulator = simulate(tenants={"contoso": "healthy", "fabrikam": "healthy", "third": "healthy"})
    same = {"compliance_subject": "Same"}
    run = gate(hosts_of(simulator, contoso=same, fabrikam={"compliance_subject": "{{ 'same' }}"}))
    assert failed_hosts(run) == {"contoso", "fabrikam"}
    assert "this one is also that of fabrikam" in run.output
    assert "this one is also that of contoso" in run.output
    assert not simulator.requests_of("contoso") + simulator.requests_of("fabrikam")
    assert verdicts(run)["third"] == "compliant"


def test_the_instant_of_a_tenant_is_that_of_its_own_read_however_many_come_before_it(gate, simulate):
    # A job that starts while the others are read is not one of the future
    slow = {"faults": ["latency:seconds=1.2,on=jobs,times=1"]}
    run = gate(hosts_of(simulate(tenants={"first": slow, "second": slow})), "--forks", "1")
    answered = [run.evidence(name)["read"]["jobs"]["api"]["server_time"] for name in ("first", "second")]
    assert run.evidence("second")["evaluated_at"] >= answered[0]
    assert answered[1] > answered[0]


OWN_PLAY = """
- hosts: tenants
  gather_facts: false
  serial: 1
  tasks:
    - ansible.builtin.import_role: {name: cloudbackup.m365.compliance, tasks_from: judge}
- hosts: tenants
  gather_facts: false
  tasks:
    - ansible.builtin.import_role: {name: cloudbackup.m365.compliance, tasks_from: fleet}
"""


def test_a_red_first_batch_keeps_no_other_from_being_judged(gate, simulate, tmp_path):
    simulator = simulate(tenants={"a": "healthy", "b": "empty", "c": "healthy"})
    play = tmp_path / "own.yml"
    play.write_text(OWN_PLAY)
    run = gate(hosts_of(simulator, a={"compliance_policy": {"services": []}}), play=play)
    assert verdicts(run) == {"a": "not_judged", "b": "non_compliant", "c": "compliant"}
    assert failed_hosts(run) == {"a", "b"}


def test_the_role_alone_holds_later_batches_against_earlier_ones(gate, simulate, tmp_path):
    simulator = simulate(tenants={"a": "healthy", "b": "healthy"})
    play = tmp_path / "own.yml"
    play.write_text("- {hosts: tenants, gather_facts: false, serial: 1, roles: [cloudbackup.m365.compliance]}\n")
    run = gate(hosts_of(simulator), "-e", "compliance_subject=same", play=play)
    assert failed_hosts(run) == {"b"}
    assert "every host of the play needs a subject of its own" in run.output
    assert not simulator.requests_of("b")


def test_check_mode_tells_the_same_and_writes_nothing(gate, simulate):
    run = gate(hosts_of(simulate(tenants={"contoso": "healthy", "fabrikam": "seats_exceeded"})), "--check")
    assert (run.status, failed_hosts(run)) == (2, {"fabrikam"})
    assert (published(run)["tenants"], published(run)["report"]) == (2, None)
    assert not run.reports.exists()


def test_a_report_that_cannot_be_written_leaves_no_tenant_green(gate, simulate, tmp_path):
    (tmp_path / "reports" / "fleet.html").mkdir(parents=True)
    run = gate(hosts_of(simulate(tenants={"contoso": "healthy"})))
    assert (run.status, failed_hosts(run)) == (2, {"contoso"})
    assert "The fleet's report could not be written" in run.output
    assert "contoso: COMPLIANT" in run.output


def test_the_reports_of_slices_become_one(gate, simulate, playbook, tmp_path):
    for part, tenants in {"one": ["contoso", "fabrikam"], "two": ["northwind"]}.items():
        assert gate(hosts_of(simulate(tenants=dict.fromkeys(tenants, "healthy"))), report_dir=part).status == 0
    merge = ("-e", "fleet_dirs=one,two", "-e", "fleet_report_dir=merged")
    run = playbook("fleet_report", *merge, environment=CUSTOM_STATS)
    assert run.status == 0
    assert published(run)["counts"]["compliant"] == 3
    page = (tmp_path / "merged" / "fleet.html").read_text(encoding="utf-8")
    assert 'href="../two/northwind/report.html"' in page
    assert (tmp_path / "merged" / "../two/northwind/report.html").is_file()
    late = playbook("fleet_report", *merge, "-e", "fleet_now=2999-01-01", "--tags", "other")
    assert late.status == 2
    assert "its gate did not run" in late.output


def test_a_merge_of_nothing_is_red(playbook):
    run = playbook("fleet_report")
    assert run.status == 2
    assert "names no folder" in run.output
