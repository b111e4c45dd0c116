# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A simulator as a process: serve in the foreground, start in the background, stop.

The state file contains process, address and credentials while the server runs, readable only by its owner. The process
ends on a POST to its control path, on a signal, after its lifetime, and when its state file is gone or replaced.
"""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import json
import math
import os
import pathlib
import signal
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.parse
from collections.abc import Mapping
from typing import Any, Callable

from .options import BACKGROUND_LIFETIME, read_options
from .server import CONTROL_PATH
from .simulator import Simulator
from .values import Mistake

State = dict[str, Any]
_PATIENCE = 5.0


def serve(path: str, options: Mapping[str, Any], *, is_background: bool = False) -> None:
    """Serve until the process has to end, and remove the state file."""
    settings, lifetime = read_options(options)
    if is_background:
        lifetime = lifetime or BACKGROUND_LIFETIME
    if lifetime is not None:
        # The system alarm also ends a process that hangs.
        signal.setitimer(signal.ITIMER_REAL, lifetime + 5)
    end = time.monotonic() + (lifetime or math.inf)
    with Simulator(**settings) as simulator:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: simulator.stop_requested.set())
        state = {
            "api_url": simulator.url,
            "token_url": simulator.token_url,
            "client_id": simulator.client_id,
            "client_secret": simulator.client_secret,
            "tenants": {name: connection._asdict() for name, connection in simulator.tenants.items()},
            "pid": os.getpid(),
            "process_started": _process_started(os.getpid()),
            "instance": simulator.instance,
            "fingerprint": _fingerprint(options),
        }
        _write_private(path, json.dumps(state) + "\n")
        if is_background:
            _detach()
        else:
            print(json.dumps(_public(state)), flush=True)
        while _is_current(path, state) and time.monotonic() < end:
            if simulator.stop_requested.wait(max(0.0, min(1.0, end - time.monotonic()))):
                break
    if _is_current(path, state):
        os.unlink(path)


def start(path: str, options: Mapping[str, Any]) -> State:
    """Serve in the background. A running server with the same options is kept; any other is replaced.

    :returns: the public part of the state, and ``started``. :raises Mistake: with the reason if it does not start.
    """
    read_options(options)
    state = _read_state(path)
    if state is not None:
        if state.get("fingerprint") == _fingerprint(options) and _ask(state, "GET"):
            return {**_public(state), "started": False}
        stop(path)
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    folder = pathlib.Path(__file__).parents[1]
    search = os.pathsep.join(filter(None, (str(folder), os.environ.get("PYTHONPATH"))))
    process = subprocess.Popen(
        [sys.executable, "-B", "-m", __package__, "serve", path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "PYTHONPATH": search},
        start_new_session=True,
    )
    # If the process ends before it reads the options, the reason is in its output.
    with contextlib.suppress(BrokenPipeError), process.stdin as pipe:
        pipe.write(json.dumps(options).encode())
    # The output ends as soon as the process serves, or with the process.
    with process.stdout as pipe:
        output = pipe.read().decode("utf-8", "replace")
    state = _read_state(path)
    if state is None or state["pid"] != process.pid:
        process.wait()
        raise Mistake(output.strip() or "the server ended before it listened")
    process.returncode = 0  # it keeps running: avoid the warning about a process without wait()
    return {**_public(state), "started": True}


def stop(path: str) -> bool:
    """Stop the process of a state file, remove the file, and return whether there was one to stop.

    A process that does not answer is killed if it is proven to have written the file (Linux only). Otherwise it ends by
    itself as soon as its state file is gone.
    """
    state = _read_state(path)
    if state is None:
        return False
    is_answering = _ask(state, "GET") and _ask(state, "POST")
    if is_answering:
        _wait_while(lambda: _is_current(path, state) or _is_ours(state))
    is_hanging = _is_ours(state)
    if is_hanging:
        os.kill(state["pid"], signal.SIGKILL)
        _wait_while(lambda: _is_ours(state))
    if os.path.exists(path):
        os.unlink(path)
    return is_answering or is_hanging


def _wait_while(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + _PATIENCE
    while is_so() and time.monotonic() < end:
        time.sleep(0.02)


def _detach() -> None:
    """Release the inherited working directory, and the pipes whose readers wait for their end."""
    os.chdir("/")
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    os.close(null)


def _public(state: Mapping[str, Any]) -> State:
    return {name: state[name] for name in ("api_url", "token_url", "client_id", "pid")}


def _fingerprint(options: Mapping[str, Any]) -> str:
    kept = {name: value for name, value in options.items() if name != "lifetime"}
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()


def _write_private(path: str, text: str) -> None:
    """Write a file completely or not at all, never readable by others."""
    descriptor, draft = tempfile.mkstemp(dir=os.path.dirname(path))
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(draft, path)


def _read_state(path: str) -> State | None:
    try:
        state = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError:
        state = None
    if not isinstance(state, dict) or not isinstance(state.get("pid"), int) or "instance" not in state:
        raise Mistake(f"{path} is not a state file of the simulator")
    return state


def _is_current(path: str, state: Mapping[str, Any]) -> bool:
    """Return whether the file still has this state. Without it, the process could not be stopped."""
    current = _read_state(path)
    return current is not None and current["instance"] == state["instance"]


def _ask(state: Mapping[str, Any], method: str) -> bool:
    """Send a request to the control path, and return whether the process of the state answers it."""
    split = urllib.parse.urlsplit(state["api_url"])
    connection = http.client.HTTPConnection(split.hostname or "", split.port, timeout=2)
    if split.scheme == "https":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection = http.client.HTTPSConnection(split.hostname or "", split.port, timeout=2, context=context)
    try:
        connection.request(method, CONTROL_PATH + state["instance"])
        answer = json.loads(connection.getresponse().read(1000))
        return isinstance(answer, dict) and answer.get("pid") == state["pid"]
    except (OSError, http.client.HTTPException, ValueError):
        return False
    finally:
        connection.close()


def _process_started(pid: int) -> str | None:
    """Return when a process started, as Linux reports it; None for one that has ended, and on other systems."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in ("Z", "X") else fields[19]


def _is_ours(state: Mapping[str, Any]) -> bool:
    """Return whether the process of the state is alive, and not a later process with the same number."""
    started = _process_started(state["pid"])
    return started is not None and started == state.get("process_started")
