# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.
"""How large an answer may be, before anything of it is built: its bytes, and the memory that its JSON would take."""

from __future__ import annotations

import contextlib
import re
from typing import NamedTuple

from . import errors

KIB, MIB = 1024, 1024 * 1024
_SURELY_SMALL = 512 * KIB
"""Bytes of JSON that, whatever they are, take no memory worth a count."""
_M_MMAP_THRESHOLD = -3
"""Of malloc.h."""
LARGE = 32 * MIB
"""Bytes of memory from which on answers are decoded one at a time."""


class Bound(NamedTuple):
    """The bounds of one answer.

    :ivar size: bytes of the body, before and after decompression.
    :ivar memory: bytes that its text and its objects may take.
    :ivar side_by_side: bytes of a body that may be read while others are.
    """

    size: int
    memory: int
    side_by_side: int


def of_page(rows: int) -> Bound:
    """Return the bounds of a page of so many jobs. A job with a thousand errors has some 200 KiB."""
    return Bound(
        size=min(32 * MIB, 16 * MIB + rows * 256 * KIB),
        memory=min(240 * MIB, 64 * MIB + rows * 2 * MIB),
        side_by_side=max(2 * MIB, rows * 2 * KIB),
    )


def most_rows(rows: int) -> int:
    """Return how many jobs a page may have that was asked for with so many.

    More rows than asked are not a fault: the list is proven by its count, and a server may have its own page sizes.
    """
    return 1_000 + 10 * rows


OBJECT = Bound(size=16 * MIB, memory=64 * MIB, side_by_side=2 * MIB)
"""Of an answer that is not a list of jobs."""
TOKEN = Bound(size=MIB, memory=64 * MIB, side_by_side=MIB)
REFUSAL = 256 * KIB
"""Bytes of the body of an answer that is none of success: its words are shortened anyway."""


def memory(content: bytes) -> int:
    """Return about how many bytes of memory a body of JSON, its text and its objects take at most.

    Counted are the characters that begin or separate values; the figures are those of CPython on 64 bits.
    """
    if len(content) <= _SURELY_SMALL:
        return 0
    objects = 240 * content.count(b"{") + 130 * content.count(b":") + 64 * content.count(b"[")
    values = 40 * content.count(b",") + 30 * content.count(b'"')
    # The body itself, its text, and the texts in it
    return (1 + 2 * _width(content)) * len(content) + objects + values


def _width(content: bytes) -> int:
    """Return the bytes that each character of a text may take: its widest one decides."""
    if content.isascii() or not re.search(rb"[\xc4-\xf4]", content):
        return 1
    return 4 if re.search(rb"[\xf0-\xf4]", content) else 2


def refuse_beyond(content: bytes, bound: Bound) -> int:
    """Return the memory that the JSON of a body takes.

    :raises errors.Error: unexpected_answer, where it is more than the bound.
    """
    needed = memory(content)
    if needed > bound.memory:
        raise errors.Error(
            "unexpected_answer",
            f"the body has {len(content)} bytes of JSON, which would take about {needed // MIB} MiB of memory: more "
            f"than {bound.memory // MIB} MiB",
        )
    return needed


def return_large_blocks() -> None:
    """Let the C library return large blocks of memory to the system as soon as they are freed, where it is glibc.

    Left alone, it keeps blocks of up to 32 MiB for each thread, and large answers are read by many threads.
    """
    import ctypes

    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, MIB)
