# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A request, its answer, and the connection to the client."""

from __future__ import annotations

import email.message
import email.utils
import http.client
import json
import os
import socket
import struct
import threading
import time
import urllib.parse
from dataclasses import dataclass, field
from typing import Any, Callable


@dataclass
class Request:
    """A request as it arrived. ``headers`` ignore case; ``repeated`` are query parameters given more than once."""

    method: str
    path: str
    query: dict[str, str]
    headers: email.message.Message
    body: str = ""
    repeated: tuple[str, ...] = ()

    @property
    def form(self) -> dict[str, str]:
        return dict(urllib.parse.parse_qsl(self.body, keep_blank_values=True))


class Stopping(Exception):
    """The server is stopping."""


class Outlet:
    """The connection to one client."""

    def __init__(self, connection: socket.socket, stopping: threading.Event) -> None:
        self._connection = connection
        self._stopping = stopping
        self.is_open = True

    def send(self, data: bytes) -> None:
        self._connection.sendall(data)

    def pause(self, seconds: float | None) -> None:
        """Wait; None means forever. :raises Stopping: as soon as the server stops."""
        if self._stopping.wait(seconds):
            raise Stopping

    def close(self) -> None:
        self.is_open = False

    def reset(self) -> None:
        """Close with RST, which a pending read receives as an error."""
        self.is_open = False
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        # Detached, because the files made from the socket would delay close().
        os.close(self._connection.detach())


@dataclass
class Answer:
    """An answer that faults can change.

    :ivar payload: becomes JSON, unless ``body`` is set.
    :ivar deliver: sends the answer; None means the normal way.
    :ivar date_skew: seconds added to the Date header; None leaves it out.
    """

    status: int
    payload: Any = None
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json; charset=utf-8"})
    body: bytes | None = None
    deliver: Callable[[Outlet], None] | None = None
    date_skew: float | None = 0.0

    def content(self) -> bytes:
        return self.body if self.body is not None else json.dumps(self.payload).encode("utf-8")

    def head(self, name: str, value: Any) -> bytes:
        """Return status line and headers, with the header that frames the body."""
        lines = [f"HTTP/1.1 {self.status} {http.client.responses.get(self.status, 'Unknown')}"]
        if self.date_skew is not None:
            # The machine's clock, not the tenant's time: clients compare it with their clock.
            lines.append(f"Date: {email.utils.formatdate(time.time() + self.date_skew, usegmt=True)}")
        lines += [f"{key}: {text}" for key, text in {**self.headers, name: value}.items()]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")

    def sized_head(self) -> bytes:
        return self.head("Content-Length", len(self.content()))

    def send(self, outlet: Outlet) -> None:
        if self.deliver is not None:
            self.deliver(outlet)
        else:
            outlet.send(self.sized_head() + self.content())
