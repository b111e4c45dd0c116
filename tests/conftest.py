# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests share: the simulator, and clients that talk to it over real sockets."""

from __future__ import annotations

import importlib
import pathlib
import sys

import hypothesis
import pytest

ROOT = pathlib.Path(__file__).parents[1]
# The simulator is a package in a role's files, not installed.
sys.path.insert(0, str(ROOT / "roles" / "simulator" / "files"))
PROXY_VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")

# No deadline: a busy machine must not fail a test. The same examples each time: an unchanged checkout must not fail
# today and pass tomorrow. `make fuzz` asks for the profile of that name, and explores.
hypothesis.settings.register_profile("few", max_examples=50, deadline=None, derandomize=True)
hypothesis.settings.register_profile("fuzz", max_examples=10_000, deadline=None)
hypothesis.settings.load_profile("few")


def load_simulator():
    return importlib.import_module("cloudbackup_simulator")


@pytest.fixture(autouse=True)
def no_proxy_of_the_machine(monkeypatch):
    """A proxy that the machine's environment names must not change a test."""
    for name in PROXY_VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def simulate():
    """Start simulators; all are stopped at the end of the test."""
    running = []

    def start(*faults, **options):
        running.append(load_simulator().Simulator(faults=list(faults), **options))
        return running[-1]

    yield start
    for simulator in running:
        simulator.stop()


@pytest.fixture
def connect():
    """Clients for a simulator; ``pauses`` of a client are recorded instead of waited."""
    from ansible_collections.cloudbackup.m365.plugins.module_utils._http.client import Client
    from ansible_collections.cloudbackup.m365.plugins.module_utils._http.connection import Connection
    from ansible_collections.cloudbackup.m365.plugins.module_utils._http.credentials import ClientSecret
    from ansible_collections.cloudbackup.m365.plugins.module_utils._http.secrets import Secrets

    def client(simulator, **options):
        secret = ClientSecret(simulator.client_id, simulator.client_secret)
        connection = Connection(
            **{
                "api_url": simulator.url,
                "token_url": simulator.token_url,
                "credentials": secret,
                "timeout": 5,
                "retries": 2,
                **options,
            }
        )
        secrets = Secrets()
        secrets.add(simulator.client_secret)
        pauses = []
        made = Client(connection, secrets, pause=pauses.append, jitter=lambda: 1.0)
        made.pauses, made.secrets = pauses, secrets
        return made

    return client
