# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever ends a read is a finding with evidence, for the role, for plays of one's own and for the gate."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import pytest
from ansible.parsing.vault import VaultLib, VaultSecret
from ansible.release import __version__ as ansible_version
from ansible_collections.cloudbackup.m365.tests.functional.runner import Run, hosts_of

EVERY_TASK_TEMPLATES_DEFAULTS = tuple(map(int, ansible_version.split(".")[:2])) < (2, 19)
"""Then no task of such a play can begin, whatever its action."""

ROLE = "cloudbackup.m365.compliance"
GROUP = "group/cloudbackup.m365.cloudbackup"
SECRET = "a-secret-that-nobody-should-see"
LOOKUP = "{{ lookup('ansible.builtin.url', 'http://someone:" + SECRET + "@127.0.0.1:9/') }}"

BROKEN_CONNECTION = """
from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.connection.local import Connection as Local

DOCUMENTATION = '''
name: broken
short_description: fails for the reads
description: A connection that fails.
extends_documentation_fragment: [connection_pipelining]
'''


class Connection(Local):
    transport = "broken"

    def set_options(self, task_keys=None, var_options=None, direct=None):
        super().set_options(task_keys=task_keys, var_options=var_options, direct=direct)
        if str((task_keys or {}).get("action")).endswith("compliance_read"):
            raise AnsibleConnectionFailure("the cable is cut")
"""


class Ended(NamedTuple):
    """How a read is ended, and the words of its error."""

    variables: dict[str, Any] = {}
    connection: dict[str, Any] = {}
    words: str = ""
    both: bool = True


def vaulted(text: str) -> list[str]:
    return VaultLib([("default", VaultSecret(b"the-password"))]).encrypt(text).decode().splitlines()


ENDED = {
    "undefined": Ended({"compliance_connection": "{{ vault_of_nobody }}"}, words="vault_of_nobody is not defined"),
    "undefined-within": Ended(connection={"client_secret": "{{ secret_of_nobody }}"}, words="secret_of_nobody is not"),
    "lookup": Ended(connection={"client_secret": LOOKUP}, words="a template in it ended with"),
    "refused": Ended(connection={"client_secret": "wrong"}, words="authentication"),
    "silent": Ended(words="own time limit", both=False),
    "vault": Ended(words="cannot be decrypted"),
    "vault-within": Ended(words="cannot be decrypted"),
}
GREEN = "green"
SILENT = {"faults": ["latency:seconds=60,on=jobs"]}


def play_of(step: str) -> dict[str, Any]:
    # Ansible's own validation before a role would end the play of a tenant whose variables it cannot template
    role = {"name": ROLE, "tasks_from": step, "rolespec_validate": False}
    return {"hosts": "tenants", "gather_facts": False, "tasks": [{"ansible.builtin.import_role": role}]}


PLAYS = {"gate": None, "judge-and-fleet": [play_of("judge"), play_of("fleet")], "main": [play_of("main")]}


@pytest.fixture(name="hosts")
def _hosts(simulate: Any, ansible: Any) -> dict[str, Any]:
    simulator = simulate(tenants={**dict.fromkeys([*ENDED, GREEN], "healthy"), "silent": SILENT})
    hosts = hosts_of(simulator, **{name: ended.variables for name, ended in ENDED.items()})
    for name, ended in ENDED.items():
        if not ended.variables:
            hosts[name]["compliance_connection"].update(ended.connection)
    (ansible.folder / "host_vars").mkdir()
    connection = hosts["vault"].pop("compliance_connection")
    lines = ["compliance_connection: !vault |", *(f"  {line}" for line in vaulted(json.dumps(connection)))]
    (ansible.folder / "host_vars" / "vault.yml").write_text("\n".join(lines) + "\n")
    connection = hosts["vault-within"].pop("compliance_connection")
    lines = ["compliance_connection:", f"  api_url: {connection['api_url']}", f"  token_url: {connection['token_url']}"]
    lines += [f"  client_id: {connection['client_id']}", "  client_secret: !vault |"]
    lines += [f"    {line}" for line in vaulted(SECRET)]
    (ansible.folder / "host_vars" / "vault-within.yml").write_text("\n".join(lines) + "\n")
    return hosts


def gate(ansible: Any, kind: str, hosts: dict[str, Any], *arguments: str, **environment: str) -> Run:
    if PLAYS[kind]:
        (ansible.folder / "own.yml").write_text(json.dumps(PLAYS[kind]))
    playbook = "own.yml" if PLAYS[kind] else "gate"
    run: Run = ansible.gate(hosts, *arguments, playbook=playbook, environment=environment)
    return run


@pytest.mark.parametrize("kind", PLAYS)
def test_a_read_that_anything_ends_is_a_finding_with_evidence(kind: str, ansible: Any, hosts: dict[str, Any]) -> None:
    run = gate(ansible, kind, hosts, ANSIBLE_TASK_TIMEOUT="8")
    assert run.status == 2
    assert run.failed_hosts() == set(ENDED), run.output
    for name, ended in ENDED.items():
        evidence = run.evidence(name)
        assert evidence["verdict"] == "undetermined", name
        errors = {error["read"]: error["message"] for error in evidence["read"]["errors"]}
        assert set(errors) == ({"license", "jobs"} if ended.both else {"jobs"}), (name, errors)
        shown = " ".join(map(str, errors.values())) + json.dumps(evidence["read"]["errors"])
        assert ended.words in shown, (name, errors)
    assert run.evidence(GREEN)["verdict"] == "compliant"
    assert SECRET not in "".join(path.read_text() for path in run.reports.rglob("*.*") if path.is_file())
    if kind != "main":
        assert run.verdicts() == {**dict.fromkeys(ENDED, "undetermined"), GREEN: "compliant"}, run.doubts()


@pytest.mark.parametrize("kind", ["main", "judge-and-fleet"])
def test_a_time_limit_of_the_play_ends_reads_and_no_other_step(kind: str, ansible: Any, simulate: Any) -> None:
    plays: Any = [{**play, "timeout": 4} for play in PLAYS[kind] or []]
    (ansible.folder / "own.yml").write_text(json.dumps(plays))
    simulator = simulate(tenants={"silent": SILENT, GREEN: "healthy"})
    run = ansible.gate(hosts_of(simulator), playbook="own.yml")
    [error] = run.evidence("silent")["read"]["errors"]
    assert (error["read"], "own time limit of 4 s" in error["message"]) == ("jobs", True), error
    assert run.failed_hosts() == {"silent"}


@pytest.mark.parametrize("kind", PLAYS)
def test_a_connection_plugin_that_fails_is_a_finding(kind: str, ansible: Any, simulate: Any) -> None:
    (ansible.folder / "plugins").mkdir()
    (ansible.folder / "plugins" / "broken.py").write_text(BROKEN_CONNECTION)
    hosts = hosts_of(simulate(tenants={"contoso": "healthy"}))
    broken = ("-e", "ansible_connection=broken")
    run = gate(ansible, kind, hosts, *broken, ANSIBLE_CONNECTION_PLUGINS=str(ansible.folder / "plugins"))
    assert run.status == 2
    evidence = run.evidence("contoso")
    assert evidence["verdict"] == "undetermined"
    assert [error["read"] for error in evidence["read"]["errors"]] == ["license", "jobs"], run.output
    assert all("the cable is cut" in error["message"] for error in evidence["read"]["errors"])


@pytest.mark.parametrize("kind", ["main", "judge-and-fleet"])
def test_defaults_of_a_play_that_cannot_be_templated_are_a_finding(kind: str, ansible: Any) -> None:
    defaults = {GROUP: {"client_secret": "{{ secret_of_nobody }}"}}
    plays: Any = [{**play, "module_defaults": defaults} for play in PLAYS[kind] or []]
    (ansible.folder / "own.yml").write_text(json.dumps(plays))
    run = ansible.gate({"contoso": {}}, playbook="own.yml")
    assert run.status == 2
    if EVERY_TASK_TEMPLATES_DEFAULTS:
        assert "secret_of_nobody" in run.output
        return
    errors = run.evidence("contoso")["read"]["errors"]
    assert [error["read"] for error in errors] == ["license", "jobs"], run.output
    assert all("secret_of_nobody is not defined" in error["message"] for error in errors)
