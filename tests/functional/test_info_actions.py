# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An info module reads in the process of its task where that gives what sending it would give, to the letter."""

from __future__ import annotations

import functools
import json
import os
import pathlib
import signal
import subprocess
import sys
import time
from typing import Any

import pytest
from ansible_collections.cloudbackup.m365.tests.functional.runner import (
    clean_environment,
    connection_of,
    environment_of,
)

JOBS, LICENSE = "cloudbackup.m365.cloudbackup_jobs_info", "cloudbackup.m365.cloudbackup_license_info"
SETTINGS = "cloudbackup.m365.cloudbackup_settings_info"
ACTIVITY = "cloudbackup.m365.cloudbackup_unusual_activity_info"
SECRET = "a-secret-that-nobody-should-see"

FAULTS = {
    "rejected": "status:code=400,on=api",
    "permission": "status:code=403,on=api",
    "not_found": "status:code=404,on=api",
    "throttled": "status:code=429,on=api,retry_after=90",
    "server": "status:code=503,on=api",
    "connection": "reset:on=api",
    "timeout": "silent:on=api",
    "unexpected_answer": "html:on=api",
    "incomplete": "lose_row:on=jobs",
    "authentication": "status:code=401,on=api",
    "echo": "echo_secret:on=token",
    "odd_state": 'set:on=jobs,field=Jobs.0.State,value="{{ 1 + 1 }}"',
}
"""Tenants by what their server does wrong; most are named after the kind of failure."""

ARGUMENTS: tuple[tuple[str, dict[str, Any]], ...] = (
    (JOBS, {"client_secrt": SECRET}),
    (LICENSE, {"job_types": ["backup"]}),
    (JOBS, {"job_types": ["backups"]}),
    (JOBS, {"api_version": "v3"}),
    (JOBS, {"timeout": "soon"}),
    (JOBS, {"timeout": 0}),
    (JOBS, {"page_size": 10_001}),
    (JOBS, {"start_time": "yesterday"}),
    (JOBS, {"start_time": "2026-01-02", "finish_time": "2026-01-01"}),
    (JOBS, {"page_index": -1}),
    (JOBS, {"page_index": 0, "object_types": ["teams", "onedrive"]}),
    (JOBS, {"queries": [{"job_type": "backup", "staes": ["failed"]}]}),
    (JOBS, {"queries": [{"job_type": "backup"}], "states": ["failed"]}),
    (JOBS, {"queries": "text"}),
    (JOBS, {"location": "NAM"}),
    (JOBS, {"recent_jobs": 100_001}),
    (JOBS, {"max_jobs": 0}),
    (JOBS, {"include_jobs": "maybe"}),
    (LICENSE, {"location": "EUR"}),
    (LICENSE, {"api_version": "v2", "location": "MOON"}),
    (LICENSE, {"validate_certs": "perhaps"}),
    (LICENSE, {"api_url": "http://api.example"}),
    (LICENSE, {"data_center": "us"}),
    (LICENSE, {"client_certificate": "no PEM", "client_private_key": SECRET}),
    (LICENSE, {"access_token": f"{SECRET} in two words", "client_secret": ""}),
    (LICENSE, {"ca_path": "/nowhere/ca.pem"}),
)

SUCCESSES: tuple[tuple[str, dict[str, Any]], ...] = (
    (LICENSE, {}),
    (LICENSE, {"api_version": "v2", "timeout": "20", "validate_certs": "no"}),
    (LICENSE, {"api_version": "v2", "location": "EUR"}),
    (JOBS, {"start_time": "2026-02-27", "include_jobs": "yes", "recent_jobs": "3"}),
    (JOBS, {"api_version": "v2", "object_types": "teams,onedrive", "job_types": ["backup"], "location": "NAM"}),
    (JOBS, {"queries": [{"job_type": "backup", "count_only": True}, {"states": ["in_progress"]}]}),
    (JOBS, {"page_index": 1, "page_size": 10}),
)


V2 = {"api_version": "v2"}
WINDOW = {"start_time": "2026-02-22", "finish_time": "2026-03-01"}
V2_ONLY: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("healthy", SETTINGS, V2),
    ("healthy", SETTINGS, {**V2, "locations": "EUR,NAM"}),
    ("healthy", ACTIVITY, {**V2, **WINDOW}),
    ("healthy", ACTIVITY, {**V2, "start_time": "7d", "location": "EUR"}),
    ("healthy", SETTINGS, {}),
    ("healthy", SETTINGS, {**V2, "locations": ["EUR", "MOON"]}),
    ("healthy", SETTINGS, {**V2, "location": "EUR"}),
    ("healthy", SETTINGS, {**V2, "locations": ["EUR", "JPN"]}),
    ("healthy", ACTIVITY, V2),
    ("healthy", ACTIVITY, {"start_time": "7d"}),
    ("healthy", ACTIVITY, {**V2, "start_time": ""}),
    ("healthy", ACTIVITY, {**V2, "start_time": "2026-01-02", "finish_time": "2026-01-01"}),
    *((name, SETTINGS, V2) for name in ("permission", "server", "unexpected_answer")),
    *((name, ACTIVITY, {**V2, **WINDOW}) for name in ("permission", "connection", "unexpected_answer")),
)
"""Tenant, module and arguments of the modules that need v2."""


@pytest.fixture(name="server")
def _server(simulate: Any) -> Any:
    # Fixed, so that both ways see the same jobs
    tenants = {name: {"faults": [text]} for name, text in FAULTS.items()}
    return simulate(now="2026-03-01T12:00:00Z", tenants={"healthy": "healthy", "defaults": "healthy", **tenants})


def cases(server: Any) -> dict[str, dict[str, Any]]:
    """Return a task for every case, by its name."""
    connections = {name: connection_of(tenant, retries=0) for name, tenant in server.tenants.items()}
    connections["timeout"]["timeout"] = 1
    wrong = {**connections["healthy"], "client_secret": SECRET}
    calls = [
        *((module, {**connections["healthy"], **more}) for module, more in SUCCESSES + ARGUMENTS),
        *((module, connections[name]) for name in FAULTS for module in (JOBS, LICENSE)),
        (LICENSE, wrong),
        (LICENSE, {**connections["healthy"], "api_url": connections["healthy"]["api_url"].replace("http:", "https:")}),
        (LICENSE, {}),
    ]
    tasks = {f"case_{number}": {module: arguments} for number, (module, arguments) in enumerate(calls)}
    in_environment = environment_of(server.tenants["healthy"], retries="0", timeout="20")
    tasks["from_environment"] = {JOBS: {"start_time": "2026-02-28"}, "environment": [in_environment]}
    tasks["by_proxy"] = {
        LICENSE: {"data_center": "us", "client_id": "x", "client_secret": SECRET, "retries": 0, "timeout": 5},
        "environment": {"HTTPS_PROXY": f"http://user:{SECRET}@127.0.0.1:9"},
    }
    tasks["by_defaults"] = {
        LICENSE: None,
        "module_defaults": {"group/cloudbackup.m365.cloudbackup": connections["defaults"]},
    }
    tasks["in_check_mode"] = {JOBS: {**connections["healthy"], "start_time": "2026-02-28"}, "check_mode": True}
    return tasks


def cases_of_v2(server: Any) -> dict[str, dict[str, Any]]:
    """Return the same for the modules that need v2."""
    return {
        f"case_{number}": {module: {**connection_of(server.tenants[tenant], retries=0), **more}}
        for number, (tenant, module, more) in enumerate(V2_ONLY)
    }


V2_KINDS = {"arguments", "permission", "server", "connection", "unexpected_answer", None}


def comparable(result: Any) -> Any:
    """Return a result without what ansible-core adds itself, and without what differs between any two runs."""
    added = ("invocation", "ansible_facts", "exception", "failed_when_result", "deprecations", "ansible_parsed")
    kept = {name: value for name, value in result.items() if name not in added}
    if isinstance(kept.get("api"), dict):
        kept["api"] = {
            name: type(value).__name__ if name in ("server_time", "clock_offset_seconds", "request_ids") else value
            for name, value in kept["api"].items()
        }
    if isinstance(kept.get("failure"), dict):
        kept["failure"] = {**kept["failure"], "request_id": None, "trace_id": None}
    return kept


@pytest.mark.parametrize(
    ("make", "kinds"),
    [(cases, {*FAULTS} - {"echo", "odd_state"} | {"arguments", "tls", None}), (cases_of_v2, V2_KINDS)],
)
def test_both_ways_give_the_same_result(
    make: Any, kinds: set[Any], server: Any, ansible: Any, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Messages of ansible-core list a set of words in an order that follows from it
    monkeypatch.setenv("PYTHONHASHSEED", "0")
    tasks = make(server)
    # The same Python by another name: Ansible sends the module
    sent = os.path.join(os.path.dirname(sys.executable), "..", "bin", os.path.basename(sys.executable))
    hosts = {
        "here": {"ansible_connection": "local", "ansible_python_interpreter": sys.executable},
        "sent": {"ansible_connection": "local", "ansible_python_interpreter": sent},
    }
    (tmp_path / "inventory.json").write_text(json.dumps({"all": {"hosts": hosts}}))
    registered = [{"name": name, **task, "register": name, "ignore_errors": True} for name, task in tasks.items()]
    keep = {
        "name": "Keep the results",
        "ansible.builtin.copy": {
            "content": "{{ names | zip(query('ansible.builtin.vars', *names)) | list | to_json }}",
            "dest": str(tmp_path / "{{ inventory_hostname }}.json"),
            "mode": "0600",
        },
        "vars": {"names": list(tasks)},
    }
    play = {"hosts": "all", "gather_facts": False, "tasks": [*registered, keep]}
    run = ansible.play([play], "-i", "inventory.json", "-vvvv")
    assert run.status == 0, run.output[-2_000:]
    here, there = (dict(json.loads((tmp_path / f"{host}.json").read_text())) for host in ("here", "sent"))
    failures = set()
    for name, task in tasks.items():
        assert comparable(here[name]) == comparable(there[name]), task
        failures.add((here[name].get("failure") or {}).get("kind"))
        assert here[name].get("invocation") == there[name].get("invocation"), task
    assert failures >= kinds
    # Ansible prints the value of an unknown option with the arguments of the task, and the environment of a shell
    lines = [line for line in run.output.splitlines() if "client_secrt" not in line and " EXEC " not in line]
    secrets = (SECRET, *(tenant.client_secret for tenant in server.tenants.values()))
    assert [line for line in lines if any(secret in line for secret in secrets)] == []


SAME_PYTHON = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
PLACES: dict[str, tuple[dict[str, Any], dict[str, Any], bool]] = {
    # Variables of the host, keywords of the task, and whether the module is sent
    "here": (SAME_PYTHON, {}, False),
    "interpreter": ({**SAME_PYTHON, "ansible_python_interpreter": "/nowhere/python"}, {}, True),
    "other-machine": ({"ansible_host": "192.0.2.1", "ansible_connection": "no_such_connection"}, {}, True),
    "become": (SAME_PYTHON, {"become": True, "become_method": "ansible.builtin.su"}, True),
    "async": ({**SAME_PYTHON, "ansible_async_dir": "{{ playbook_dir }}/jobs"}, {"async": 30, "poll": 1}, True),
    "delegated-here": ({"ansible_connection": "ssh", "ansible_host": "192.0.2.1"}, {"delegate_to": "here"}, False),
    "delegated-away": (SAME_PYTHON, {"delegate_to": "interpreter"}, True),
}
UNREACHABLE = {"interpreter", "other-machine", "delegated-away"}


@pytest.mark.parametrize("name", PLACES)
def test_a_module_is_sent_wherever_that_may_differ(name: str, ansible: Any, simulate: Any) -> None:
    hosts = {host: variables for host, (variables, _keywords, _sent) in PLACES.items()}
    (ansible.folder / "inventory.json").write_text(json.dumps({"all": {"hosts": hosts}}))
    _variables, keywords, sent = PLACES[name]
    tasks = [{LICENSE: connection_of(simulate(), retries=0), **keywords}]
    run = ansible.play([{"hosts": name, "gather_facts": False, "tasks": tasks}], "-i", "inventory.json", "-vvv")
    assert (" EXEC " in run.output or "no_such_connection" in run.output) is sent, run.output
    assert run.status == (2 if name in UNREACHABLE else 0), run.output


def test_a_discovered_python_may_be_another_one(ansible: Any, simulate: Any) -> None:
    host = {**SAME_PYTHON, "ansible_python_interpreter": "auto"}
    (ansible.folder / "inventory.json").write_text(json.dumps({"all": {"hosts": {"discovered": host}}}))
    task = {LICENSE: connection_of(simulate(), retries=0)}
    run = ansible.play([{"hosts": "all", "gather_facts": False, "tasks": [task]}], "-i", "inventory.json", "-vvv")
    assert " EXEC " in run.output


def test_ad_hoc(ansible: Any, simulate: Any) -> None:
    run = ansible.run("ansible", "localhost", "-m", LICENSE, environment=environment_of(simulate()))
    assert run.status == 0, run.output
    assert '"purchased_user_seats": 100' in run.output


def test_the_environment_counts_for_its_task_alone(ansible: Any, simulate: Any) -> None:
    by_play = {"CLOUDBACKUP_API_URL": "http://127.0.0.1:9/by-play"}
    by_task = {**environment_of(simulate()), "CLOUDBACKUP_RETRIES": "0"}
    read = {LICENSE: None, "ignore_errors": True}
    block = {"block": [{**read, "environment": by_task, "register": "first"}, {**read, "register": "second"}]}
    shown = {"ansible.builtin.debug": {"msg": "{{ first.failed }} {{ second.msg }}"}}
    play = {"hosts": "localhost", "gather_facts": False, "environment": by_play, "tasks": [block, shown]}
    run = ansible.play([play])
    assert '"msg": "False ' in run.output, run.output
    assert "client_id" in run.output.partition('"msg": "False ')[2]


def processes_of(session: int) -> list[str]:
    """Return the processes that are still in a session."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                state, _parent, _group, its_session = (entry / "stat").read_text().rpartition(")")[2].split()[:4]
            except OSError:
                continue
            if int(its_session) == session and state != "Z":
                found.append((entry / "cmdline").read_text().replace("\0", " "))
    return found


@pytest.mark.parametrize("stopped_by", ["timeout", "interrupt"])
def test_a_task_that_is_stopped_leaves_nothing_behind(stopped_by: str, simulate: Any, tmp_path: pathlib.Path) -> None:
    server = simulate("silent:on=api")
    task = {JOBS: connection_of(server, timeout=300), "timeout": 2 if stopped_by == "timeout" else 0}
    (tmp_path / "play.yml").write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": [task]}]))
    with subprocess.Popen(
        [sys.executable, "-m", "ansible", "playbook", "play.yml"],
        cwd=tmp_path,
        env=clean_environment(tmp_path),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        # A shell starts background jobs with SIGINT ignored, which all their processes inherit
        preexec_fn=functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    ) as process:
        if stopped_by == "interrupt":
            until = time.monotonic() + 60
            while not any("/jobs" in request.path for request in server.requests) and time.monotonic() < until:
                time.sleep(0.05)
            os.killpg(process.pid, signal.SIGINT)
        try:
            output = process.communicate(timeout=60)[0]
        except subprocess.TimeoutExpired:
            left = processes_of(process.pid)
            os.killpg(process.pid, signal.SIGKILL)
            pytest.fail(f"still running: {left}\n{process.communicate()[0]}")
    assert process.returncode in ((2,) if stopped_by == "timeout" else (99, -2)), output
    assert processes_of(process.pid) == []
    assert list((tmp_path / "tmp").iterdir()) == []
