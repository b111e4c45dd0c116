# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A tenant is not a machine: no variable for the login to a host prevents a read."""

from __future__ import annotations

import json

import pytest
from ansible_collections.cloudbackup.m365.tests.functional.runner import (
    hosts_of,
)

HOSTILE = {
    "become": {"ansible_become": True, "ansible_become_password": "wrong", "ansible_become_user": "nobody-here"},
    "become-method": {"ansible_become": True, "ansible_become_method": "no_such_method"},
    "become-exe": {"ansible_become": "yes", "ansible_become_exe": "/nowhere/sudo"},
    "connection": {"ansible_connection": "ssh", "ansible_host": "192.0.2.1"},
    "no-such-connection": {"ansible_connection": "no_such_connection"},
    "windows": {"ansible_connection": "winrm", "ansible_shell_type": "powershell"},
    "shell-type": {"ansible_connection": "local", "ansible_shell_type": "powershell"},
    "no-such-shell": {"ansible_connection": "local", "ansible_shell_type": "no_such_shell"},
    "shell-executable": {"ansible_connection": "local", "ansible_shell_executable": "/nowhere/sh"},
    "remote-tmp": {"ansible_connection": "local", "ansible_remote_tmp": "/proc/nowhere"},
    "interpreter": {"ansible_connection": "local", "ansible_python_interpreter": "/nowhere/python"},
    "interpreter-auto": {"ansible_connection": "local", "ansible_python_interpreter": "auto"},
    "pipelining": {"ansible_connection": "local", "ansible_pipelining": "perhaps"},
    "async": {"ansible_connection": "local", "ansible_async_dir": "/proc/nowhere"},
    "compression": {"ansible_connection": "local", "ansible_module_compression": "no_such_compression"},
    "user": {"ansible_user": "nobody-here", "ansible_password": "wrong", "ansible_port": "no port"},
}
"""Variables by what they would break."""

UNLOADABLE = {"become-method", "no-such-connection", "no-such-shell", "pipelining", "user"}
"""With these, the validation of inputs that Ansible puts before a role fails. The gate leaves it out."""


@pytest.fixture(name="server")
def _server(simulate):
    return simulate(tenants=dict.fromkeys(HOSTILE, "healthy"))


def test_the_gate_is_green_whatever_the_variables_of_a_host_say(ansible, server):
    run = ansible.gate(hosts_of(server, **HOSTILE))
    assert (run.status, set(run.verdicts().values())) == (0, {"compliant"}), (run.verdicts(), run.doubts(), run.output)


@pytest.mark.parametrize("name", ["become", "connection", "shell-type", "interpreter"])
def test_the_gate_is_green_whatever_a_job_template_says_for_all_hosts(name, ansible, server):
    hosts = hosts_of(server)
    run = ansible.gate({name: hosts[name]}, "-e", json.dumps(HOSTILE[name]))
    assert run.verdicts() == {name: "compliant"}, (run.doubts(), run.output)


def test_the_role_is_green_whatever_the_variables_of_a_host_say(ansible, server):
    hosts = {name: host for name, host in hosts_of(server, **HOSTILE).items() if name not in UNLOADABLE}
    (ansible.folder / "inventory.json").write_text(json.dumps({"all": {"hosts": hosts}}))
    role = {"import_role": {"name": "cloudbackup.m365.compliance"}}
    run = ansible.play(
        [{"hosts": "all", "gather_facts": False, "become": True, "tasks": [role]}], "-i", "inventory.json"
    )
    assert (run.status, run.failed_hosts()) == (0, set()), run.output
