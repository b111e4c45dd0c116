# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures of the simulator's tests."""

from __future__ import annotations

from typing import Any

import pytest
from cloudbackup_simulator import Simulator
from simulator_client import NOW, Client, Keys


@pytest.fixture(name="serve")
def _serve():
    """Start simulators and return a client of each; all are stopped at the end of the test."""
    clients = []

    def serve(*arguments: Any, **options: Any) -> Client:
        clients.append(Client(Simulator(*arguments, **{"now": NOW, **options})))
        return clients[-1]

    yield serve
    for client in clients:
        client.session.close()
        client.server.stop()


@pytest.fixture(name="keys", scope="module")
def _keys() -> Keys:
    return Keys()
