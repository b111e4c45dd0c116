# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kind of an error follows from the exception that caused it, on each supported Python."""

from __future__ import annotations

import socket

import pytest
import requests
import urllib3
from ansible_collections.cloudbackup.m365.plugins.module_utils._http import exceptions


def while_reading(cause: Exception) -> requests.exceptions.ConnectionError:
    """Return the exception of requests for one that a socket raised while the body was read."""
    try:
        try:
            raise cause
        except Exception as error:
            raise urllib3.exceptions.ReadTimeoutError(None, None, "Read timed out.") from error
    except urllib3.exceptions.ReadTimeoutError as error:
        return requests.exceptions.ConnectionError(error)


@pytest.mark.parametrize("cause", [socket.timeout("timed out"), TimeoutError("timed out")], ids=["socket", "Python"])
def test_a_timeout_of_the_socket_is_a_timeout(cause: Exception) -> None:
    assert exceptions.explained(while_reading(cause), 30).failure.kind == "timeout"


def test_a_reset_is_a_failed_connection() -> None:
    error = requests.exceptions.ConnectionError(ConnectionResetError(104, "Connection reset by peer"))
    assert exceptions.explained(error, 30).failure.kind == "connection"
