# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Effects of faults on the delivery of an answer: the bytes on the connection, and when they are sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .exchange import Answer, Outlet


def truncated(outlet: Outlet, answer: Answer, given: Mapping[str, Any]) -> None:
    outlet.send(answer.sized_head() + answer.content()[: -given["by"]])
    outlet.close()


def truncated_chunked(outlet: Outlet, answer: Answer, given: Mapping[str, Any]) -> None:
    outlet.send(answer.head("Transfer-Encoding", "chunked") + _chunk(answer.content()))
    outlet.close()


def drip_headers(outlet: Outlet, answer: Answer, given: Mapping[str, Any]) -> None:
    _drip(outlet, answer.sized_head(), given["every"])
    outlet.send(answer.content())


def drip_body(outlet: Outlet, answer: Answer, given: Mapping[str, Any]) -> None:
    outlet.send(answer.sized_head())
    _drip(outlet, answer.content(), given["every"])


def silent_after_headers(outlet: Outlet, answer: Answer, given: Mapping[str, Any]) -> None:
    outlet.send(answer.sized_head())
    outlet.pause(None)


def endless_chunked(outlet: Outlet, answer: Answer, given: Mapping[str, Any]) -> None:
    outlet.send(answer.head("Transfer-Encoding", "chunked"))
    while True:
        outlet.send(_chunk(b" " * 65536))
        outlet.pause(0)


def huge_content_length(outlet: Outlet, answer: Answer, given: Mapping[str, Any]) -> None:
    outlet.send(answer.head("Content-Length", given["bytes"]) + answer.content())
    outlet.pause(None)


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def _drip(outlet: Outlet, data: bytes, every: float) -> None:
    for position in range(len(data)):
        outlet.send(data[position : position + 1])
        outlet.pause(every)
