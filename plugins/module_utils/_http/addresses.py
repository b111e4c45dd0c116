# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.
"""Connect to a host with several addresses, so that an address that drops packets does not use up all the time."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable, Sequence
from typing import Any


class Addresses:
    """The addresses that did not answer in time. From then on they are tried last."""

    def __init__(self) -> None:
        self._silent: set[Any] = set()

    def connect(
        self,
        host: str,
        port: int,
        *,
        timeout: float | None,
        family: int = socket.AF_UNSPEC,
        options: Iterable[tuple[Any, ...]] = (),
    ) -> socket.socket:
        """Return a socket that is connected to the first address that accepts the connection.

        Each address but the last gets an equal share of the remaining time. One share is kept for the exchange.

        :param timeout: seconds for all addresses together, and of the socket from then on; None for no limit.
        :raises OSError: from the last address, or from the name resolution.
        """
        found: Sequence[Any] = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)
        # The sort is stable: it keeps the order of the resolver (RFC 6724)
        found = sorted(found, key=lambda one: one[4] in self._silent)
        deadline = None if timeout is None else time.monotonic() + timeout
        failure: OSError = OSError("the host name has no address")
        for position, (kind, form, protocol, _name, address) in enumerate(found):
            shares = len(found) - position
            share = None
            if deadline is not None:
                left = max(deadline - time.monotonic(), 0.001)
                share = left if shares == 1 else left / (shares + 1)
            try:
                connected = _connected(kind, form, protocol, address, share, options)
            except OSError as error:
                failure = error
                if isinstance(error, socket.timeout):
                    self._silent.add(address)
                continue
            self._silent.discard(address)
            connected.settimeout(timeout)
            return connected
        raise failure


def _connected(
    kind: int, form: int, protocol: int, address: Any, timeout: float | None, options: Iterable[tuple[Any, ...]]
) -> socket.socket:
    made = socket.socket(kind, form, protocol)
    try:
        for option in options:
            made.setsockopt(*option)
        made.settimeout(timeout)
        made.connect(address)
    except BaseException:
        made.close()
        raise
    return made
