# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The gate run as users run it: by name, from the command line, over an inventory of tenants."""

from __future__ import annotations

import json
import os
import pathlib
import re
import subprocess
import sys

import ansible_collections
import pytest
import requests
from ansible_collections.cloudbackup.m365.tests.unit import certificates

ROOT = os.path.dirname(next(iter(ansible_collections.__path__)))


@pytest.fixture
def gate(tmp_path, playbook):
    """Run the gate on tenants (host name -> simulator, or the host's variables)."""

    def run(tenants, *arguments, variables=None, environment=None):
        hosts = {name: host if isinstance(host, dict) else host_of(host) for name, host in tenants.items()}
        inventory = tmp_path / "tenants.json"
        inventory.write_text(json.dumps({"tenants": {"hosts": hosts, "vars": variables or {}}}))
        return playbook(
            "gate",
            "-i",
            str(inventory),
            "-e",
            f"compliance_report_dir={tmp_path / 'reports'}",
            *arguments,
            environment=environment,
        )

    return run


def connection_of(simulator, **options):
    return {
        "api_url": simulator.url,
        "token_url": simulator.token_url,
        "client_id": simulator.client_id,
        "client_secret": simulator.client_secret,
        **options,
    }


def host_of(simulator, **variables):
    # A tenant is no machine: nobody could log in there.
    login = {"ansible_connection": "ssh", "ansible_host": "192.0.2.1", "ansible_python_interpreter": "/nowhere/python"}
    return {**login, "compliance_connection": connection_of(simulator), **variables}


def test_every_tenant_is_judged_and_only_the_red_one_fails(gate, simulate):
    run = gate({"contoso": simulate(), "fabrikam": simulate(scenario="seats_exceeded")})
    assert run.status == 2
    assert run.evidence("contoso")["verdict"] == "compliant"
    assert run.evidence("fabrikam")["verdict"] == "non_compliant"
    assert re.search(r"contoso\s+: ok=\d+ .*failed=0", run.output)
    assert re.search(r"fabrikam\s+: ok=\d+ .*failed=1", run.output)
    assert "108 of 100 seats" in run.output


def test_extra_vars_are_strings(gate, simulate):
    run = gate(
        {"contoso": simulate(scenario="silent_teams")},
        "-e",
        "compliance_enforce=false",
        "-e",
        "compliance_report_formats=json",
        "-e",
        'compliance_policy=\'{"services": ["exchange_online", "teams"], "window": "3d"}\'',
        environment={"ANSIBLE_SHOW_CUSTOM_STATS": "1"},
    )
    assert run.status == 0
    assert run.evidence("contoso")["verdict"] == "non_compliant"
    assert run.evidence("contoso")["policy"]["services"] == ["exchange_online", "teams"]
    assert "CUSTOM STATS" in run.output
    assert "cloudbackup_compliance" in run.output.partition("CUSTOM STATS")[2]


def test_every_mistake_is_printed_on_a_line_of_its_own(gate, simulate):
    run = gate({"contoso": simulate()}, "-e", "compliance_policy='window: soon'", "-e", "compliance_now=soon")
    assert run.status == 2
    for name in ("compliance_policy.window", "compliance_now"):
        assert re.search(rf'^ +"{name}: found', run.output, re.MULTILINE)


def test_a_waiver_may_end_on_a_date_without_quotes(gate, simulate, tmp_path):
    (tmp_path / "waivers.yml").write_text(
        "by_tenant:\n"
        "  contoso:\n"
        "    - {check: license_seats, reason: ordered, approver: J. Doe, expires: 2999-12-31}\n"
        'compliance_waivers: "{{ by_tenant[inventory_hostname] }}"\n'
    )
    assert gate({"contoso": simulate(scenario="seats_exceeded")}, "-e", "@waivers.yml").status == 0


def test_a_tag_leaves_nothing_of_the_gate_out(gate, simulate):
    run = gate({"contoso": simulate(scenario="seats_exceeded")}, "--tags", "something_else")
    assert run.status == 2
    assert run.evidence("contoso")["verdict"] == "non_compliant"


def test_the_environment_serves_a_single_tenant(gate, simulate):
    options = connection_of(simulate(), validate_certs="", timeout="10", access_token="")
    environment = {f"CLOUDBACKUP_{name.upper()}": value for name, value in options.items()}
    assert gate({"contoso": {}}, environment=environment).status == 0


def test_several_tenants_are_never_judged_by_the_one_of_the_environment(gate, simulate):
    environment = {f"CLOUDBACKUP_{name.upper()}": value for name, value in connection_of(simulate()).items()}
    run = gate({"contoso": {}, "fabrikam": {}}, environment=environment)
    assert run.status == 2
    assert "the play has 2 hosts" in run.output


def test_two_tenants_with_one_name_are_refused(gate, simulate):
    simulator = simulate()
    run = gate({"contoso": simulator, "fabrikam": simulator}, "-e", "compliance_subject=same")
    assert run.status == 2
    assert "every host of the play needs a subject of its own" in run.output
    assert not simulator.requests


@pytest.mark.parametrize("mode", [[], ["--check"]], ids=["run", "check"])
def test_no_secret_at_the_highest_verbosity(mode, gate, simulate):
    tenants = {
        "in-order": simulate(),
        "refused": simulate("echo_secret:on=api"),
        "wrong-secret": simulate("echo_secret:on=token"),
    }
    hosts = {name: host_of(simulator) for name, simulator in tenants.items()}
    hosts["wrong-secret"]["compliance_connection"]["client_secret"] = "a-wrong-secret-that-nobody-should-see"
    run = gate(hosts, "-vvvv", *mode)
    assert run.status == 2
    told = run.output
    if not mode:
        told += json.dumps([run.evidence(name) for name in hosts])
    secrets = ["a-wrong-secret-that-nobody-should-see"]
    for simulator in tenants.values():
        secrets.append(simulator.client_secret)
        sent = [request.headers.get("Authorization", "") for request in simulator.requests]
        secrets += [header.split()[1] for header in sent if header]
    assert len(secrets) > 4
    for secret in secrets:
        assert secret not in told


def test_a_single_module_keeps_its_secrets_at_the_highest_verbosity(simulate, tmp_path):
    simulator = simulate()
    form = {**connection_of(simulator), "grant_type": "client_credentials"}
    form["scope"] = "microsoft365backup.jobInfo.read.all"
    token = requests.post(simulator.token_url, data=form, timeout=5).json()["access_token"]
    variables = tmp_path / "vars.json"
    variables.write_text(json.dumps({"given": {"api_url": simulator.url, "access_token": token}}))
    playbook = tmp_path / "play.yml"
    task = {
        "cloudbackup.m365.cloudbackup_jobs_info": {
            name: f"{{{{ given.{name} }}}}" for name in ("api_url", "access_token")
        }
    }
    playbook.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": [task]}]))
    command = [sys.executable, "-m", "ansible", "playbook", str(playbook), "-e", f"@{variables}", "-vvvv"]
    environment = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": ROOT, "ANSIBLE_HOME": str(tmp_path)}
    ended = subprocess.run(command, env=environment, check=False, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stdout
    assert "summary" in ended.stdout
    assert token not in ended.stdout + ended.stderr


@pytest.mark.parametrize("as_path", [False, True], ids=["text", "path"])
def test_a_certificate_signs_in_and_its_key_is_never_shown(as_path, gate, simulate, tmp_path):
    certificate, key = certificates.self_signed()
    pems = {
        "client_certificate": certificates.pem(certificate),
        "client_private_key": certificates.key_pem(key, "a-passphrase-nobody-should-see"),
    }
    simulator = simulate(certificate_pem=pems["client_certificate"])
    connection = connection_of(simulator, client_private_key_passphrase="a-passphrase-nobody-should-see", **pems)
    del connection["client_secret"]
    if as_path:
        for option, text in pems.items():
            (tmp_path / option).write_text(text)
            connection[option] = str(tmp_path / option)
    run = gate({"contoso": {"compliance_connection": connection}}, "-vvvv")
    assert run.status == 0
    told = run.output + json.dumps(run.evidence("contoso"))
    sent = [request.form["client_assertion"] for request in simulator.requests if request.method == "POST"]
    assert len(sent) == 2
    secrets = [*sent, "a-passphrase-nobody-should-see", *pems["client_private_key"].splitlines()[1:-1]]
    assert not [secret for secret in secrets if secret in told]


def test_what_a_server_says_is_never_run_as_a_template(gate, simulate, tmp_path):
    trap = tmp_path / "trap"
    template = f"{{{{ lookup('pipe', 'touch {trap}') }}}}"
    fault = f"set:on=jobs,field=Jobs.0.State,value={json.dumps(template)}"
    run = gate({"contoso": simulate(fault)})
    assert template in json.dumps(run.evidence("contoso")["read"], ensure_ascii=False)
    assert not trap.exists()


def test_a_report_is_for_its_owners_eyes(gate, simulate, tmp_path):
    gate({"contoso": simulate()})
    pack = tmp_path / "reports" / "contoso"
    assert {path.name for path in pack.iterdir()} == {"evidence.json", "junit.xml", "report.html", "report.md"}
    assert {oct(path.stat().st_mode & 0o777) for path in pack.iterdir()} == {"0o600"}
    assert pathlib.Path(pack / "report.md").read_text(encoding="utf-8").startswith("# Backup compliance of contoso")
