# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No secret is in the output, the events of a job, or the reports: misspelt options, and words that others wrote."""

from __future__ import annotations

import json
import os
import sys

import pytest
from ansible_collections.cloudbackup.m365.tests.functional.runner import connection_of, host_of, hosts_of

SECRET = "Zq7~a-secret+that/nobody-should.see"
URL = "https://someone:hunter2~hunter2@127.0.0.1:9/vault"
SAME_PYTHON = os.path.join(os.path.dirname(sys.executable), ".", os.path.basename(sys.executable))
"""Written in another way, so that the module is sent."""
LOOKUP = f"{{{{ lookup('ansible.builtin.url', '{URL}') }}}}"

EVENTS = '''
import json, os
from ansible.plugins.callback import CallbackBase

class CallbackModule(CallbackBase):
    """Write what a job runner would keep of each event: the result, and the arguments of the task."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "events"

    def _keep(self, *parts):
        with open(os.environ["EVENTS"], "a") as file:
            file.write(json.dumps(parts, default=str) + "\\n")

    def v2_playbook_on_task_start(self, task, is_conditional):
        self._keep(task.name, task.args)

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self._keep(result._result, result._task.args)

    def v2_runner_on_ok(self, result):
        self._keep(result._result, result._task.args)

    v2_runner_on_unreachable = v2_runner_item_on_ok = v2_runner_item_on_failed = v2_runner_on_ok
'''


@pytest.fixture
def events(tmp_path):
    """Keep the events of the runs in this folder; returns the environment of the runs and what reads the events."""
    (tmp_path / "callbacks").mkdir()
    (tmp_path / "callbacks" / "events.py").write_text(EVENTS)
    kept = tmp_path / "events.jsonl"
    kept.touch()
    environment = {
        "EVENTS": str(kept),
        "ANSIBLE_CALLBACK_PLUGINS": str(tmp_path / "callbacks"),
        "ANSIBLE_CALLBACKS_ENABLED": "events",
    }
    return environment, kept.read_text


def everything(run, events):
    """Return all that a run left: its output, its events, its files."""
    files = (path.read_text(encoding="utf-8") for path in run.reports.rglob("*") if path.is_file())
    return "".join([run.output, events(), *files])


@pytest.mark.parametrize("verbosity", [[], ["-vvvvv"]], ids=["quiet", "verbose"])
def test_an_unknown_connection_option_is_refused_by_name_and_its_value_is_nowhere(verbosity, ansible, simulate, events):
    environment, read = events
    simulator = simulate()
    connection = connection_of(simulator)
    del connection["client_secret"]
    misspelt = {**connection, "client_secrt": SECRET}
    hosts = {
        "misspelt": host_of(misspelt, compliance_policy={"service": ["teams"]}),
        "as-text": host_of(json.dumps(misspelt)),
        "unlike": host_of({**connection, "pw": SECRET}),
        "beside": host_of({**connection, "client_secret": "right", "acces_token": SECRET}),
    }
    run = ansible.gate(hosts, *verbosity, environment=environment)
    doubts = run.doubts()
    assert set(doubts) == set(hosts)
    for name in ("misspelt", "as-text"):
        assert "compliance_connection.client_secrt: unknown option, did you mean client_secret?" in doubts[name]
    assert "did you mean services?" in doubts["misspelt"]
    assert "compliance_connection.pw: unknown option. Allowed: data_center, " in doubts["unlike"]
    assert "compliance_connection.acces_token: unknown option, did you mean access_token?" in doubts["beside"]
    assert not simulator.requests
    assert read()
    assert SECRET not in everything(run, read)
    assert SECRET[5:] not in everything(run, read)


@pytest.mark.parametrize("verbosity", [[], ["-vvvvv"]], ids=["quiet", "verbose"])
@pytest.mark.parametrize("interpreter", [sys.executable, SAME_PYTHON], ids=["in process", "sent"])
def test_an_unsupported_parameter_of_a_module_is_refused_without_its_value(
    interpreter, verbosity, ansible, simulate, events
):
    environment, read = events
    simulator = simulate()
    connection = connection_of(simulator)
    del connection["client_secret"]
    (ansible.folder / "given.json").write_text(json.dumps({"given": SECRET}))
    task = {"cloudbackup.m365.cloudbackup_license_info": {**connection, "client_secrt": "{{ given }}"}}
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "vars": {"ansible_python_interpreter": interpreter},
        "tasks": [task],
    }
    (ansible.folder / "play.yml").write_text(json.dumps([play]))
    run = ansible.playbook("play.yml", "-e", "@given.json", *verbosity, environment=environment)
    assert run.status == 2
    assert "client_secrt" in run.output, run.output
    assert not simulator.requests
    assert SECRET not in everything(run, read)


@pytest.mark.parametrize("verbosity", [[], ["-vvv"]], ids=["quiet", "verbose"])
def test_a_failed_lookup_that_quotes_a_url_is_cut_of_its_credentials(verbosity, ansible, simulate, events):
    environment, read = events
    connection = connection_of(simulate())
    hosts = {
        "secret": host_of({**connection, "client_secret": LOOKUP}),
        "whole": host_of(LOOKUP),
        "undefined": host_of({**connection, "client_secret": SECRET, "client_id": "{{ id_of_nobody }}"}),
        "fine": host_of(connection),
    }
    run = ansible.gate(hosts, *verbosity, environment=environment)
    assert run.verdicts()["fine"] == "compliant"
    assert {host for host, verdict in run.verdicts().items() if verdict == "undetermined"} == {*hosts} - {"fine"}
    kept = everything(run, read)
    for part in ("hunter2", "someone:", SECRET, SECRET[5:]):
        assert part not in kept
    causes = {name: json.dumps(run.evidence(name)["read"]["errors"]) for name in ("undefined", "secret")}
    assert "id_of_nobody" in causes["undefined"]
    assert "127.0.0.1:9/vault" in causes["secret"]


INPUTS = ("baseline", "policy", "waivers", "now", "subject", "enforce", "report_dir", "report_formats", "history")


@pytest.mark.parametrize("verbosity", [[], ["-vvvvv"]], ids=["quiet", "verbose"])
def test_an_input_whose_lookup_fails_is_a_mistake_that_names_it(verbosity, ansible, simulate, events):
    """In the first tenant it is the directory of all reports."""
    environment, read = events
    connection = connection_of(simulate())
    reports = {"compliance_report_dir": str(ansible.folder / "reports")}
    hosts = {
        f"{'a' if name == 'report_dir' else 'b'}-{name}": host_of(
            connection, **{**reports, f"compliance_{name}": LOOKUP}
        )
        for name in INPUTS
    }
    nested = {"checks": {"license_seats": {"warn": LOOKUP}}}
    hosts["c-nested"] = host_of(connection, **reports, compliance_policy=nested)
    hosts["d-fine"] = host_of(connection, **reports)
    (ansible.folder / "inventory.json").write_text(json.dumps({"tenants": {"hosts": hosts}}))
    run = ansible.playbook("gate", "-i", "inventory.json", *verbosity, environment=environment)
    assert run.verdicts() == {**dict.fromkeys(hosts, "not_judged"), "d-fine": "compliant"}, run.output
    doubts = run.doubts()
    for name in INPUTS:
        (doubt,) = [doubts[host] for host in hosts if host.endswith(f"-{name}")]
        assert doubt.startswith(f"compliance_{name}: cannot be read: a template in it ended with ")
        assert "127.0.0.1:9/vault" in doubt
    assert doubts["c-nested"].startswith("compliance_policy: cannot be read: ")
    kept = everything(run, read)
    for part in ("hunter2", "someone:"):
        assert part not in kept


@pytest.mark.parametrize("name", ["compliance_policy", "compliance_report_dir"])
def test_a_lookup_that_fails_for_every_tenant_is_named_without_what_it_quotes(name, ansible, simulate, events):
    environment, read = events
    simulator = simulate(tenants={"contoso": "healthy", "fabrikam": "healthy"})
    reports = {"compliance_report_dir": str(ansible.folder / "reports")}
    inventory = {"tenants": {"hosts": hosts_of(simulator), "vars": {**reports, name: LOOKUP}}}
    (ansible.folder / "inventory.json").write_text(json.dumps(inventory))
    run = ansible.playbook("gate", "-i", "inventory.json", "-vvvvv", environment=environment)
    assert run.failed_hosts() == {"contoso", "fabrikam"}
    assert f"{name}: cannot be read: a template in it ended with " in run.output
    assert "hunter2" not in everything(run, read)


@pytest.mark.parametrize("name", ["compliance_policy", "compliance_now", "compliance_subject"])
def test_one_tenant_alone_whose_lookup_fails_is_refused_without_what_it_quotes(name, ansible, simulate, events):
    environment, read = events
    role = {"name": "cloudbackup.m365.compliance", "rolespec_validate": False}
    variables = {"compliance_connection": connection_of(simulate()), name: LOOKUP}
    play = {"hosts": "localhost", "gather_facts": False, "vars": variables, "tasks": [{"import_role": role}]}
    (ansible.folder / "play.yml").write_text(json.dumps([play]))
    run = ansible.playbook("play.yml", "-vvvvv", environment=environment)
    assert run.status == 2
    assert f"{name}: cannot be read: a template in it ended with " in run.output
    assert "hunter2" not in everything(run, read)


@pytest.mark.parametrize("name", ["anchors", "tenants", "report_dir", "enforce"])
def test_an_input_of_a_period_whose_lookup_fails_is_a_mistake_that_names_it(name, ansible, events):
    environment, read = events
    given = {"period_report_dir": "reports", "period_start": "2026-01-01", "period_end": "2026-01-31"}
    given[f"period_{name}"] = LOOKUP
    (ansible.folder / "given.json").write_text(json.dumps(given))
    run = ansible.playbook("period", "-e", "@given.json", "-vvvvv", environment=environment)
    assert run.status == 2
    assert f"period_{name}: cannot be read: a template in it ended with " in run.output
    assert "hunter2" not in everything(run, read)


@pytest.mark.parametrize("name", ["evidence", "policy", "report_dir"])
def test_an_input_of_a_replay_whose_lookup_fails_is_a_mistake_that_names_it(name, ansible, events):
    environment, read = events
    given = {"replay_evidence": "reports/contoso/evidence.json", f"replay_{name}": LOOKUP}
    (ansible.folder / "given.json").write_text(json.dumps(given))
    run = ansible.playbook("replay", "-e", "@given.json", "-vvvvv", environment=environment)
    assert run.status == 2
    assert f"replay_{name}: cannot be read: a template in it ended with " in run.output
    assert "hunter2" not in everything(run, read)


@pytest.mark.parametrize("name", ["dirs", "max_age", "now", "report_dir", "report_formats"])
def test_an_input_of_a_fleet_report_whose_lookup_fails_is_not_quoted(name, ansible, events):
    environment, read = events
    given = {"fleet_dirs": "reports", f"fleet_{name}": LOOKUP}
    (ansible.folder / "given.json").write_text(json.dumps(given))
    run = ansible.playbook("fleet_report", "-e", "@given.json", "-vvvvv", environment=environment)
    assert run.status == 2, run.output
    if name != "report_formats":
        assert f"fleet_{name}: cannot be read: a template in it ended with " in run.output
    assert "hunter2" not in everything(run, read)


def test_the_lines_of_a_file_that_cannot_be_read_are_not_quoted(ansible, simulate):
    (ansible.folder / "host_vars").mkdir()
    content = f"compliance_connection:\n  client_secret: {SECRET}: [\n  client_id: x\n"
    (ansible.folder / "host_vars" / "broken.yml").write_text(content)
    fine = host_of(connection_of(simulate()))
    run = ansible.gate({"broken": fine, "fine": fine})
    assert run.doubts()["broken"].startswith("Its variables cannot be read: ")
    assert SECRET[5:] not in json.dumps(run.fleet()) + (run.reports / "fleet.html").read_text(encoding="utf-8")
