# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many tenants through the gate, as users run it, and the reports of several runs merged."""

from __future__ import annotations

import json

import pytest
from ansible_collections.cloudbackup.m365.tests.functional.runner import connection_of, host_of, hosts_of

UNREADABLE = {"vault": "$ANSIBLE_VAULT;1.1;AES256\n3132\n", "syntax": "a: [b"}


def test_a_tenant_that_cannot_be_judged_hides_no_other(ansible, simulate, tmp_path):
    simulator = simulate(
        tenants={
            **dict.fromkeys(["green", "typo", "undefined", "wrong-secret", "unreachable", *UNREADABLE], "healthy"),
            "red": "seats_exceeded",
            "server-error": {"faults": ["status:code=500,on=api"]},
            "short-list": {"faults": ["lose_row:on=jobs"]},
        }
    )
    (tmp_path / "host_vars").mkdir()
    for name, content in UNREADABLE.items():
        (tmp_path / "host_vars" / f"{name}.yml").write_text(content)
    hosts = hosts_of(
        simulator,
        typo={"compliance_policy": {"service": ["teams"]}},
        undefined={"compliance_connection": "{{ vault_of_nobody }}"},
    )
    hosts["lost"] = {"ansible_connection": "{{ nowhere }}"}
    hosts["wrong-secret"]["compliance_connection"]["client_secret"] = "a-wrong-secret-that-nobody-should-see"
    hosts["unreachable"]["compliance_connection"]["api_url"] = "http://127.0.0.1:9"
    run = ansible.gate(hosts)
    assert run.status == 2
    undetermined = ("undefined", "wrong-secret", "unreachable", "server-error", "short-list")
    not_judged = ("typo", "lost", *UNREADABLE)
    assert run.verdicts() == {
        "red": "non_compliant",
        **dict.fromkeys(undetermined, "undetermined"),
        **dict.fromkeys(not_judged, "not_judged"),
        "green": "compliant",
    }
    # Ansible can run no task on a host whose variables cannot be read
    assert run.failed_hosts() == {"red", *undetermined, *not_judged, "localhost"} - set(UNREADABLE)
    doubts = run.doubts()
    assert "did you mean services?" in doubts["typo"]
    assert "vault_of_nobody is not defined" in run.evidence("undefined")["read"]["errors"][0]["message"]
    assert all(doubts[name].startswith("Its variables cannot be read: ") for name in UNREADABLE)
    published = run.published("cloudbackup_fleet")
    assert published["counts"] == {"non_compliant": 1, "not_judged": 4, "undetermined": 5, "compliant": 1}
    assert (published["verdict"], published["tenants"], published["red"][0]) == ("non_compliant", 11, "red")
    assert published["report"] == str(run.reports / "fleet.html")
    assert 'href="red/report.html"' in (run.reports / "fleet.html").read_text(encoding="utf-8")
    assert {oct(path.stat().st_mode & 0o777) for path in run.reports.glob("fleet.*")} == {"0o600"}


def test_a_mistake_fails_its_tenant_even_where_verdicts_are_not_enforced(ansible, simulate):
    simulator = simulate(tenants={"contoso": "seats_exceeded", "typo": "healthy"})
    run = ansible.gate(hosts_of(simulator, typo={"compliance_now": "soon"}), "-e", "compliance_enforce=no")
    assert (run.status, run.failed_hosts()) == (2, {"typo"})
    assert run.published("cloudbackup_fleet")["verdict"] == "non_compliant"


def test_no_extra_variable_replaces_what_the_gate_found(ansible, simulate):
    # A survey's question may have such a name
    rivals = {"gate_tenants": {"hosts": [], "unreadable": {}, "shared": {}}, "gate_hosts": ["x"], "gate_group": "x"}
    run = ansible.gate(hosts_of(simulate(tenants={"contoso": "seats_exceeded"})), "-e", json.dumps(rivals))
    assert (run.status, run.failed_hosts()) == (2, {"contoso"})


@pytest.mark.parametrize(
    "arguments", [(), ("--limit", "web1"), ("--limit", "localhost")], ids=["all", "other", "local"]
)
def test_no_tenant_at_all_is_red(arguments, ansible):
    run = ansible.gate({}, *arguments, machines={"web1": {"ansible_connection": "ssh"}})
    assert run.status != 0
    assert not run.reports.exists()


def test_a_limit_that_leaves_no_tenant_is_red_and_named(ansible, simulate):
    hosts = hosts_of(simulate(tenants={"contoso": "healthy"}))
    run = ansible.gate(hosts, "--limit", "web1", machines={"web1": {}})
    assert run.status == 2
    assert "The group tenants of the inventory has 1 host, and --limit leaves none of them." in run.output


def test_a_limit_is_named_in_the_report(ansible, simulate):
    hosts = hosts_of(simulate(tenants={"contoso": "healthy", "fabrikam": "empty"}))
    run = ansible.gate(hosts, "--limit", "contoso")
    assert run.status == 0
    assert (list(run.verdicts()), run.fleet()["limit"]) == (["contoso"], "contoso")


def test_a_limit_keeps_the_rows_of_the_others_apart_from_the_verdict(ansible, simulate, tmp_path):
    hosts = hosts_of(simulate(tenants={"contoso": "healthy", "fabrikam": "seats_exceeded"}))
    assert ansible.gate(hosts).status == 2
    run = ansible.gate(hosts, "--limit", "contoso")
    assert run.status == 0
    content = run.fleet()
    assert (content["verdict"], content["limit"], content["counts"]["non_compliant"]) == ("compliant", "contoso", 0)
    assert {row["host"]: row["judged_in_this_run"] for row in content["tenants"]} == {
        "contoso": True,
        "fabrikam": False,
    }
    published = run.published("cloudbackup_fleet")
    assert (published["verdict"], published["tenants"]) == ("compliant", 1)
    assert "Not judged in this run: 1 tenant of earlier runs." in run.output
    merge = ansible.playbook("fleet_report", "-e", "fleet_dirs=reports")
    assert (merge.status, merge.published("cloudbackup_fleet")["red"]) == (2, ["fabrikam"])
    gone = ansible.gate({"contoso": hosts["contoso"]})
    assert list(gone.verdicts()) == ["contoso"]


def test_two_tenants_with_one_name_or_one_app_registration_are_all_red(ansible, simulate):
    names = ("contoso", "fabrikam", "northwind", "wingtip", "third")
    simulator = simulate(tenants=dict.fromkeys(names, "healthy"))
    hosts = hosts_of(simulator, contoso={"compliance_subject": "Same"}, fabrikam={"compliance_subject": "{{ 'same' }}"})
    hosts["wingtip"]["compliance_connection"] = hosts["northwind"]["compliance_connection"]
    run = ansible.gate(hosts)
    assert run.failed_hosts() == set(names) - {"third"}
    assert run.verdicts()["third"] == "compliant"
    doubts = run.doubts()
    assert "the same app registration as wingtip" in doubts["northwind"]
    assert "the same app registration as northwind" in doubts["wingtip"]
    # Those with one name would overwrite each other's evidence: they are not even read
    assert "this one is also that of fabrikam" in run.output
    assert "this one is also that of contoso" in run.output
    assert not simulator.requests_of("contoso") + simulator.requests_of("fabrikam")


def test_the_instant_of_a_tenant_is_that_of_its_own_read_however_many_come_before_it(ansible, simulate):
    # A job that starts while the others are read is not one of the future
    slow = {"faults": ["latency:seconds=1.2,on=jobs,times=1"]}
    run = ansible.gate(hosts_of(simulate(tenants={"first": slow, "second": slow})), "--forks", "1")
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


def test_a_red_first_batch_keeps_no_other_from_being_judged(ansible, simulate, tmp_path):
    simulator = simulate(tenants={"a": "healthy", "b": "empty", "c": "healthy"})
    (tmp_path / "own.yml").write_text(OWN_PLAY)
    run = ansible.gate(hosts_of(simulator, a={"compliance_policy": {"services": []}}), playbook="own.yml")
    assert run.verdicts() == {"a": "not_judged", "b": "non_compliant", "c": "compliant"}
    assert run.failed_hosts() == {"a", "b"}


def test_the_role_alone_refuses_hosts_of_other_batches_with_the_same_name(ansible, simulate, tmp_path):
    simulator = simulate(tenants={"a": "healthy", "b": "healthy"})
    play = "- {hosts: tenants, gather_facts: false, serial: 1, roles: [cloudbackup.m365.compliance]}\n"
    (tmp_path / "own.yml").write_text(play)
    run = ansible.gate(hosts_of(simulator), "-e", "compliance_subject=same", playbook="own.yml")
    # Ansible ends the play after a batch in which every host failed
    assert run.failed_hosts() == {"a"}
    assert "this one is also that of b" in run.output
    assert not simulator.requests_of("a") + simulator.requests_of("b")


def test_a_report_that_cannot_be_written_leaves_no_tenant_green(ansible, simulate, tmp_path):
    (tmp_path / "reports" / "fleet.html").mkdir(parents=True)
    run = ansible.gate({"contoso": host_of(connection_of(simulate()))})
    assert (run.status, run.failed_hosts()) == (2, {"contoso"})
    assert "The fleet's report could not be written" in run.output
    assert "contoso: COMPLIANT" in run.output


def test_the_reports_of_slices_become_one(ansible, simulate, tmp_path):
    for part, tenants in {"one": ["contoso", "fabrikam"], "two": ["northwind"]}.items():
        green = ansible.gate(hosts_of(simulate(tenants=dict.fromkeys(tenants, "healthy"))), report_dir=part)
        assert (green.status, green.published("cloudbackup_fleet")["verdict"]) == (0, "compliant")
    merge = ("-e", "fleet_dirs=one,two", "-e", "fleet_report_dir=merged")
    run = ansible.playbook("fleet_report", *merge)
    assert run.status == 0
    assert run.published("cloudbackup_fleet")["counts"]["compliant"] == 3
    page = (tmp_path / "merged" / "fleet.html").read_text(encoding="utf-8")
    assert 'href="../two/northwind/report.html"' in page
    assert (tmp_path / "merged" / "../two/northwind/report.html").is_file()
    late = ansible.playbook("fleet_report", *merge, "-e", "fleet_now=2999-01-01", "--tags", "other")
    assert late.status == 2
    assert "its gate did not run" in late.output
    (tmp_path / "two" / "fleet.json").unlink()
    (tmp_path / "one" / "fabrikam").rename(tmp_path / "lost")
    cut_off = ansible.playbook("fleet_report", *merge)
    assert cut_off.status == 2
    assert cut_off.published("cloudbackup_fleet")["red"] == [str(tmp_path / "two"), "fabrikam"]


def test_a_merge_of_nothing_is_red(ansible):
    run = ansible.playbook("fleet_report")
    assert run.status == 2
    assert "names no folder" in run.output


def test_the_policy_of_a_tenant_is_merged_over_that_of_the_fleet(ansible, simulate):
    # 95 of 100 seats: accepted by the defaults, not by the baseline
    tenant = {"license": {"AssignedUserSeats": 95}}
    server = simulate(tenants=dict.fromkeys(("fleet", "own", "looser", "wrong"), tenant))
    baseline = {"window": "2w", "checks": {"license_seats": {"warn": 80, "fail": 90}}}
    own = {"services": ["teams"]}
    hosts = hosts_of(
        server,
        own={"compliance_policy": own},
        looser={"compliance_policy": "checks:\n  license_seats: {fail: 100 %}\n"},
        wrong={"compliance_policy": {"checks": {"license_seats": {"warn": 91}}}},
    )
    variables = ("-e", json.dumps({"compliance_baseline": json.dumps(baseline)}))
    run = ansible.gate(hosts, *variables)
    assert run.verdicts() == {
        "fleet": "non_compliant",
        "own": "non_compliant",
        "looser": "compliant",
        "wrong": "not_judged",
    }, run.output
    assert "compliance_policy.checks.license_seats.warn: 91 lies beyond baseline" in run.doubts()["wrong"]
    policies = {name: run.evidence(name)["policy"] for name in ("fleet", "own", "looser")}
    assert {policy["window"] for policy in policies.values()} == {"14d"}
    assert policies["own"]["services"] == ["teams"]
    assert policies["looser"]["checks"]["license_seats"] == {"enabled": True, "warn": 80, "fail": 100}


def test_a_baseline_in_group_vars_holds_for_a_tenant_with_a_policy_in_host_vars(ansible, simulate):
    server = simulate(tenants={"contoso": {"license": {"AssignedUserSeats": 95}}})
    for folder, content in (
        ("group_vars/tenants", {"compliance_baseline": {"checks": {"license_seats": {"warn": 80, "fail": 90}}}}),
        ("host_vars/contoso", {"compliance_policy": {"window": "2w"}}),
    ):
        (ansible.folder / folder).parent.mkdir()
        (ansible.folder / f"{folder}.json").write_text(json.dumps(content))
    run = ansible.gate(hosts_of(server))
    assert run.verdicts() == {"contoso": "non_compliant"}, run.output
    policy = run.evidence("contoso")["policy"]
    assert (policy["window"], policy["checks"]["license_seats"]["fail"]) == ("14d", 90)
