# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The gate run as users run it: its inputs, its verdicts, its evidence and its secrets."""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

import pytest
import requests
from ansible_collections.cloudbackup.m365.plugins.filter.compliance_results import FilterModule
from ansible_collections.cloudbackup.m365.tests.functional.runner import (
    connection_of,
    environment_of,
    host_of,
    hosts_of,
)
from ansible_collections.cloudbackup.m365.tests.unit import certificates


class Tenant(NamedTuple):
    """A simulated tenant, what its host adds to the defaults, and what the gate must find."""

    simulated: str | dict[str, Any]
    verdict: str
    results: dict[str, str] = {}
    words: str = ""
    variables: dict[str, Any] = {}
    connection: dict[str, Any] = {}


TENANTS = {
    "seats-at-the-limit": Tenant(
        {"license": {"AssignedUserSeats": 100}}, "compliant", {"license_seats license": "warn"}
    ),
    "seats-exceeded": Tenant("seats_exceeded", "non_compliant", {"license_seats license": "fail"}, "108 of 100 seats"),
    "nothing-purchased": Tenant(
        {"license": {"PurchasedUserSeats": 0, "AssignedUserSeats": 5}},
        "non_compliant",
        {"license_seats license": "fail"},
    ),
    "silent-teams": Tenant(
        "silent_teams",
        "non_compliant",
        {"backup_presence teams": "fail", "backup_recency teams": "fail", "backup_presence onedrive": "pass"},
        "no job seen",
    ),
    "waived": Tenant("no_restore", "compliant", {"restore_exercise run": "waived"}),
    "policy-as-yaml": Tenant(
        "slow",
        "compliant",
        {"slow_backups sharepoint_online": "warn"},
        variables={
            "compliance_policy": "checks:\n  slow_backups: {fail: 5, services: {sharepoint_online: {fail: null}}}\n"
        },
    ),
    "policy-as-json": Tenant(
        "silent_teams",
        "compliant",
        variables={"compliance_policy": '{"services": ["exchange_online", "onedrive"], "window": "3d"}'},
    ),
    "license-unreadable": Tenant(
        {"faults": ["status:on=license,code=403"]},
        "undetermined",
        {"license_seats license": "error", "backup_recency teams": "pass", "evidence run": "error"},
        "microsoft365backup.subscriptionInfo.read.all",
    ),
    "jobs-incomplete": Tenant(
        {"faults": ["lose_row:on=jobs"]},
        "undetermined",
        {"license_seats license": "pass", "backup_recency teams": "error"},
        "could not be proven complete",
    ),
    "clock-off": Tenant({"faults": ["skewed_date:seconds=-3600"]}, "undetermined", {"evidence run": "error"}),
    "odd-server": Tenant(
        {"habits": {"key_case": "camel", "next_link": "token"}}, "compliant", connection={"page_size": 3}
    ),
    "second-generation": Tenant("healthy", "compliant", connection={"api_version": "v2"}),
    "report-only": Tenant(
        "seats_exceeded",
        "non_compliant",
        {"license_seats license": "fail"},
        variables={"compliance_enforce": "false"},
    ),
}
WAIVERS = """
by_tenant:
  waived:
    - {check: restore_exercise, scope: run, reason: planned, approver: J. Doe, expires: "2999-12-31"}
compliance_waivers: "{{ by_tenant[inventory_hostname] | default([]) }}"
"""


def test_every_tenant_is_judged_by_its_own_inputs_and_leaves_evidence_for_its_owner_alone(ansible, simulate, tmp_path):
    (tmp_path / "waivers.yml").write_text(WAIVERS)
    trap = tmp_path / "trap"
    template = f"{{{{ lookup('pipe', 'touch {trap}') }}}}"
    hostile = {"faults": [f"set:on=jobs,field=Jobs.0.State,value={json.dumps(template)}"]}
    simulated = {name: tenant.simulated for name, tenant in TENANTS.items()}
    hosts = hosts_of(
        simulate(tenants={**simulated, "hostile": hostile}),
        **{name: tenant.variables for name, tenant in TENANTS.items()},
    )
    for name, tenant in TENANTS.items():
        hosts[name]["compliance_connection"].update(tenant.connection)
    run = ansible.gate(hosts, "-e", "@waivers.yml")
    assert run.status == 2
    judge = FilterModule().filters()["compliance_results"]
    for name, tenant in TENANTS.items():
        evidence = run.evidence(name)
        found = {f"{one['check']} {one['scope']}": one["status"] for one in evidence["results"]}
        assert (evidence["subject"], evidence["verdict"]) == (name, tenant.verdict)
        assert tenant.results.items() <= found.items(), name
        assert tenant.words in json.dumps(evidence)
        pack = run.reports / name
        packed = {"evidence.json", "junit.xml", "report.html", "report.md"}
        assert {path.name for path in pack.iterdir()} == {".lock", "history.jsonl", *packed}
        assert {oct(path.stat().st_mode & 0o777) for path in pack.iterdir()} == {"0o600"}
        assert (pack / "report.md").read_text(encoding="utf-8").startswith(f"# Backup compliance of {name}")
        again = judge(evidence["read"], evidence["policy"], evidence["waivers"], evidence["evaluated_at"])
        assert again["results"] == evidence["results"]
    red = {name for name, tenant in TENANTS.items() if tenant.verdict != "compliant"} - {"report-only"}
    assert run.failed_hosts() - {"hostile"} == red
    # What a server answers is never run as a template
    assert template in json.dumps(run.evidence("hostile")["read"], ensure_ascii=False)
    assert not trap.exists()


MISTAKES = {
    "unknown-key": (
        {"compliance_policy": {"service": ["teams"]}},
        *("compliance_policy.service: unknown key", "did you mean services?"),
    ),
    "no-services": ({"compliance_policy": {"services": []}}, "compliance_policy.services"),
    "two": (
        {"compliance_policy": {"checks": {"backup_recensy": {"warn": "1h"}}, "window": "7 parsecs"}},
        *("did you mean backup_recency?", "compliance_policy.window"),
    ),
    "broken-yaml": ({"compliance_policy": "services: [teams"}, "compliance_policy: is neither JSON nor YAML"),
    "waiver": (
        {"compliance_waivers": [{"check": "license_seats"}], "compliance_now": "soon"},
        *("compliance_waivers", "compliance_now: expected"),
    ),
    "misspelt-input": (
        {"compliance_polcy": {"services": ["exchange_online"]}},
        "compliance_polcy: unknown input, did you mean compliance_policy?",
    ),
    "connection": (
        {"compliance_connection": "client_secret: *a-secret-alias"},
        "compliance_connection: is neither a dictionary nor JSON or YAML text of one",
    ),
}


def test_every_mistake_is_named_before_anything_is_read(ansible, simulate):
    simulator = simulate()
    run = ansible.gate({name: host_of(connection_of(simulator), **row[0]) for name, row in MISTAKES.items()})
    assert run.failed_hosts() == set(MISTAKES)
    doubts = run.doubts()
    for name, (_variables, *words) in MISTAKES.items():
        assert [word for word in words if word not in doubts[name]] == [], doubts[name]
    assert "a-secret-alias" not in run.output + json.dumps(run.fleet())
    assert not simulator.requests


def test_extra_vars_are_strings(ansible, simulate):
    run = ansible.gate(
        {"contoso": host_of(connection_of(simulate(scenario="silent_teams")))},
        *("-e", "compliance_enforce=false"),
        *("-e", "compliance_report_formats=json"),
        *("-e", 'compliance_policy=\'{"services": ["exchange_online", "teams"], "window": "3d"}\''),
    )
    assert run.status == 0
    assert run.evidence("contoso")["verdict"] == run.published("cloudbackup_compliance")["contoso"]["verdict"]
    assert run.evidence("contoso")["verdict"] == "non_compliant"
    assert run.evidence("contoso")["policy"]["services"] == ["exchange_online", "teams"]


def test_a_tag_leaves_nothing_of_the_gate_out(ansible, simulate):
    environment = environment_of(simulate(scenario="seats_exceeded"), validate_certs="", timeout="10", access_token="")
    # The connection of a single tenant may come from the environment
    run = ansible.gate({"contoso": {}}, "--tags", "something_else", environment=environment)
    assert run.status == 2
    assert run.evidence("contoso")["verdict"] == "non_compliant"


def test_several_tenants_are_never_judged_by_the_one_of_the_environment(ansible, simulate):
    run = ansible.gate({"contoso": {}, "fabrikam": {}}, environment=environment_of(simulate()))
    assert run.status == 2
    assert "the play has 2 hosts" in run.output


PASSPHRASE = "a-passphrase-nobody-should-see"
WRONG_SECRET = "a-wrong-secret-that-nobody-should-see"


def signed_in(simulate, folder=None):
    """A simulator that takes a certificate, the connection with it, as text or as paths, and its secrets."""
    certificate, key = certificates.self_signed()
    pems = {
        "client_certificate": certificates.pem(certificate),
        "client_private_key": certificates.key_pem(key, PASSPHRASE),
    }
    simulator = simulate(certificate_pem=pems["client_certificate"])
    secrets = pems["client_private_key"].splitlines()[1:-1]
    if folder:
        for option, text in pems.items():
            (folder / option).write_text(text)
            pems[option] = str(folder / option)
    connection = connection_of(simulator, client_private_key_passphrase=PASSPHRASE, **pems)
    del connection["client_secret"]
    return simulator, connection, secrets


@pytest.mark.parametrize("mode", [[], ["--check"]], ids=["run", "check"])
def test_no_secret_at_the_highest_verbosity(mode, ansible, simulate, tmp_path):
    simulators = {
        "in-order": simulate(),
        "refused": simulate("echo_secret:on=api"),
        "wrong-secret": simulate("echo_secret:on=token"),
    }
    hosts = {name: host_of(connection_of(simulator)) for name, simulator in simulators.items()}
    hosts["wrong-secret"]["compliance_connection"]["client_secret"] = WRONG_SECRET
    secrets = [PASSPHRASE, WRONG_SECRET, *(simulator.client_secret for simulator in simulators.values())]
    for name, folder in {"pem-text": None, "pem-path": tmp_path}.items():
        simulators[name], connection, key = signed_in(simulate, folder)
        hosts[name] = host_of(connection)
        secrets += key
    run = ansible.gate(hosts, "-vvvv", *mode)
    assert run.failed_hosts() == {"refused", "wrong-secret"}
    for simulator in simulators.values():
        secrets += [request.headers.get("Authorization", " ").split(" ")[1] for request in simulator.requests]
        secrets += [request.form.get("client_assertion") for request in simulator.requests if request.method == "POST"]
    kept = run.output + "".join(path.read_text(encoding="utf-8") for path in run.reports.rglob("*") if path.is_file())
    sent = {secret for secret in secrets if secret}
    assert len(sent) > 60
    assert not [secret for secret in sent if secret in kept]
    # Check mode reports the same and writes nothing
    assert run.reports.exists() != bool(mode)
    assert run.published("cloudbackup_fleet")["tenants"] == len(hosts)
    assert bool(run.published("cloudbackup_fleet")["report"]) != bool(mode)


def test_a_single_module_keeps_its_secrets_at_the_highest_verbosity(ansible, simulate, tmp_path):
    simulator = simulate()
    form = {**connection_of(simulator), "grant_type": "client_credentials"}
    form["scope"] = "microsoft365backup.jobInfo.read.all"
    token = requests.post(simulator.token_url, data=form, timeout=5).json()["access_token"]
    (tmp_path / "given.json").write_text(json.dumps({"given": {"api_url": simulator.url, "access_token": token}}))
    options = {name: f"{{{{ given.{name} }}}}" for name in ("api_url", "access_token")}
    task = {"cloudbackup.m365.cloudbackup_jobs_info": options}
    play = {"hosts": "localhost", "gather_facts": False, "tasks": [task]}
    run = ansible.play([play], "-e", "@given.json", "-vvvv")
    assert run.status == 0, run.output
    assert re.search(r'"summary"', run.output)
    assert token not in run.output
