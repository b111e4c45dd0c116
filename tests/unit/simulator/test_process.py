# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator as a process: run in the foreground, start in the background, stop."""

from __future__ import annotations

import json
import os
import pathlib
import signal
import socket
import stat
import subprocess
import sys

import pytest
from cloudbackup_simulator import faults, habits, process, scenarios
from simulator_client import Client, wait_until

PROGRAM = pathlib.Path(__file__).parents[3] / "roles" / "simulator" / "files" / "run_simulator.py"


def run(*arguments: object, **options: object) -> subprocess.CompletedProcess[str]:
    """Run the launcher with options on standard input."""
    command = [sys.executable, "-B", str(PROGRAM), *map(str, arguments)]
    given = ["--options=-"] if options else []
    return subprocess.run(
        [*command, *given], input=json.dumps(options), capture_output=True, text=True, timeout=20, check=False
    )


def is_running(state: dict[str, object]) -> bool:
    return process._is_ours(state)


def client_of(held: dict[str, str]) -> Client:
    """Return a client for the address and credentials in a state file."""
    return Client(type("Held", (), {**held, "url": held["api_url"]}))


@pytest.fixture(name="state")
def _state(tmp_path):
    """A state file; its simulator is stopped afterwards."""
    path = tmp_path / "new folder" / "state.json"
    yield path
    run("stop", path)


def test_help_lists_every_scenario_habit_and_fault():
    text = run("--help").stdout
    names = (*scenarios.SCENARIOS, *habits.HABITS, *faults.FAULTS)
    assert [name for name in names if name not in text] == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_foreground_prints_one_line_and_ends_on_a_signal(tmp_path, number):
    state = tmp_path / "state.json"
    command = [sys.executable, "-B", "-m", "cloudbackup_simulator", "run", str(state), "--options", '{"jobs": 3}']
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(PROGRAM.parent)},
    ) as running:
        shown = json.loads(running.stdout.readline())
        assert set(shown) == {"api_url", "token_url", "client_id", "pid"}
        assert shown["pid"] == running.pid
        assert client_of(json.loads(state.read_text())).get().json()["TotalCount"] == 3
        running.send_signal(number)
        rest, errors = running.communicate(timeout=5)
    assert (running.returncode, rest, errors, state.exists()) == (0, "", "", False)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"scenario": "sick"}, "invalid scenario: expected one of"),
        ({"scenarios": "healthy"}, "invalid option"),
        ({"habits": "key_case"}, "invalid habits"),
        ({"faults": ["status:code=1"]}, "code of the fault status"),
        ({"license": {"Seats": 1}}, "Seats"),
        ({"tls": {"certificate": "x"}}, "invalid tls"),
        ({"lifetime": -1}, "invalid lifetime"),
        ({"port": "70000"}, "invalid port"),
        ({"host": "0.0.0.0"}, "loopback"),
        ({"certificate": "/nowhere.pem"}, "/nowhere.pem"),
        ({"tenants": "contoso"}, "invalid tenants"),
        ({"tenants": {"a/b": "healthy"}}, "a/b"),
    ],
)
def test_an_invalid_option_ends_with_a_sentence_and_leaves_nothing(state, options, words):
    ended = run("start", state, **options)
    assert ended.returncode == 2
    assert words in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not state.exists()


def test_a_port_in_use_is_reported(state):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = run("start", state, port=taken.getsockname()[1])
    assert (ended.returncode, "in use" in ended.stderr, state.exists()) == (2, True, False)


def test_in_the_background_it_listens_when_the_command_returns_and_is_gone_after_stop(state):
    options = {
        "jobs": "12",
        "license": "AssignedUserSeats=9,ProtectedSize=absent",
        "habits": '{"next_link": null}',
        "faults": "",
        "now": None,
        "tenants": {"contoso": "empty", "fabrikam": {"jobs": 3}},
    }
    started = run("start", state, **options)
    shown, held = json.loads(started.stdout), json.loads(state.read_text())
    assert stat.S_IMODE(state.stat().st_mode) == 0o600
    assert held["client_secret"] not in started.stdout
    assert started.stderr == ""
    assert os.getsid(shown["pid"]) == shown["pid"]
    assert {os.readlink(f"/proc/{shown['pid']}/fd/{number}") for number in range(3)} == {os.devnull}
    client = client_of(held)
    assert client.get().json()["TotalCount"] == 12
    assert client.license()["AssignedUserSeats"] == 9
    assert client_of(held["tenants"]["fabrikam"]).get().json()["TotalCount"] == 3
    assert json.loads(run("start", state, **options).stdout) == {**shown, "started": False}
    assert json.loads(run("start", state).stdout)["started"]
    assert not is_running(held)
    other = json.loads(state.read_text())
    assert run("stop", state).stdout == '{"stopped": true}\n'
    assert not is_running(other)
    assert list(state.parent.iterdir()) == []
    assert run("stop", state).stdout == '{"stopped": false}\n'


def test_it_ends_with_its_lifetime(state):
    run("start", state, lifetime=0.3)
    wait_until(lambda: not state.exists())


def test_stop_ends_a_process_that_hangs(state):
    run("start", state)
    held = json.loads(state.read_text())
    os.kill(held["pid"], signal.SIGSTOP)
    assert run("stop", state).stdout == '{"stopped": true}\n'
    assert not is_running(held)
    assert not state.exists()


def test_stop_does_not_end_another_process_with_the_number_of_the_state_file(state):
    run("start", state)
    held = json.loads(state.read_text())
    with subprocess.Popen(["sleep", "60"]) as stranger:
        try:
            state.write_text(json.dumps({**held, "pid": stranger.pid}))
            assert run("stop", state).stdout == '{"stopped": false}\n'
            assert stranger.poll() is None
        finally:
            stranger.kill()
    # A server whose state file is gone could not be stopped any more: it ends by itself.
    wait_until(lambda: not is_running(held))


def test_stop_refuses_a_file_that_is_not_a_state_file(tmp_path):
    (tmp_path / "letter").write_text("dear")
    ended = run("stop", tmp_path / "letter")
    assert (ended.returncode, (tmp_path / "letter").exists()) == (2, True)
