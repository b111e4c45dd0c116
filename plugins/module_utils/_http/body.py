# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The answer to a request, and the reading of its body within bounds of time and size."""

from __future__ import annotations

import time
import zlib
from collections.abc import Mapping
from typing import Any, NamedTuple

from . import errors, lines

LIMIT = 64 * 1024 * 1024
"""Bytes of a body, before and after decompression, where nothing smaller is asked for."""
_CHUNK = 64 * 1024


class Response(NamedTuple):
    """A whole answer. Header names compare without case; ``received_at`` is when the headers came, in
    Unix time.

    :ivar is_cut: whether its body was larger than may be read while others are. Then it is empty.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    received_at: float
    is_cut: bool = False


class Cut(Exception):
    """The body is larger than may be read while others are."""


def read(
    raw: Any,
    headers: Mapping[str, str],
    deadline: float,
    timeout: float,
    limit: int = LIMIT,
    side_by_side: int | None = None,
) -> bytes:
    """Return the decoded body of an answer of urllib3.

    It is decompressed here, since only then the bound holds before the memory is taken.

    :param deadline: on the monotonic clock.
    :param limit: bytes, before and after decompression.
    :param side_by_side: the same, beyond which Cut is raised.
    :raises errors.Error: timeout, connection, unexpected_answer; what urllib3 and zlib raise passes through.
    """
    least = limit if side_by_side is None else min(limit, side_by_side)
    inflate = _inflater(headers.get("Content-Encoding", ""))
    expected = _declared_length(raw.status, headers)
    if expected is not None and expected > least:
        raise _beyond(expected, limit)
    lines.bound(raw, deadline, lambda: timed_out(timeout), _line_too_long)
    received = 0
    size = 0
    parts = []
    for chunk in raw.stream(_CHUNK, decode_content=False):
        if time.monotonic() > deadline:
            raise timed_out(timeout)
        received += len(chunk)
        part = chunk if inflate is None else inflate.decompress(chunk, least + 1 - size)
        size += len(part)
        if size > least or received > least:
            raise _beyond(max(size, received), limit)
        parts.append(part)
    if expected is not None and received < expected:
        raise errors.Error("connection", f"the body ended after {received} of {expected} bytes")
    if inflate is not None and received and not inflate.eof:
        raise errors.Error("connection", f"the compressed body ended early, after {received} bytes")
    return b"".join(parts)


def _inflater(encoding: str) -> Any:
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return None
    if name in ("gzip", "x-gzip"):
        return zlib.decompressobj(16 + zlib.MAX_WBITS)
    raise errors.Error(
        "unexpected_answer",
        f"the body has a Content-Encoding that was not asked for: {encoding[: errors.QUOTE_LIMIT]!r}",
        quotes=(repr(encoding[: errors.QUOTE_LIMIT]),),
    )


def _declared_length(status: int, headers: Mapping[str, str]) -> int | None:
    declared = headers.get("Content-Length", "")
    # 204 and 304 have no body, whatever they declare (RFC 9110).
    if status in (204, 304) or "Transfer-Encoding" in headers or not declared.isascii() or not declared.isdigit():
        return None
    return int(declared[:20])


def _beyond(size: int, limit: int) -> Exception:
    if size <= limit:
        return Cut()
    return errors.Error("unexpected_answer", f"the body is larger than {limit / 1024 / 1024:g} MiB")


def _line_too_long() -> errors.Error:
    return errors.Error("unexpected_answer", f"a line of the body is longer than {lines.LONGEST // 1024} KiB")


def timed_out(timeout: float) -> errors.Error:
    return errors.Error("timeout", f"no complete answer within {timeout:g} s")
