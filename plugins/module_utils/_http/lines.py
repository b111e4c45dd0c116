# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Limit the time and length of the lines of a chunked body: chunk sizes and trailers.

urllib3 1.26 reads lines of any length and any number of trailers before it returns a part of the body.
"""

from __future__ import annotations

import time
from typing import Any, Callable

LONGEST = 64 * 1024
"""Maximum bytes of a line, the same as for a header."""


def bound(raw: Any, deadline: float, late: Callable[[], Exception], long: Callable[[], Exception]) -> None:
    """Limit the lines that a response of urllib3 reads from now on.

    :param deadline: on the monotonic clock; ``late`` returns the error for a line that is read after it.
    :param long: returns the error for a line that is longer than ``LONGEST``.
    """
    answer = getattr(raw, "_fp", None)
    if answer is not None and getattr(answer, "fp", None) is not None:
        answer.fp = _Lines(answer.fp, deadline, late, long)


class _Lines:
    """A file object for http.client with limited lines."""

    def __init__(
        self, file: Any, deadline: float, late: Callable[[], Exception], long: Callable[[], Exception]
    ) -> None:
        self._file = file
        self._deadline = deadline
        self._late = late
        self._long = long

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def readline(self, size: int = -1) -> bytes:
        """Return the next line, or a part of it if a size is given."""
        if time.monotonic() > self._deadline:
            raise self._late()
        line: bytes = self._file.readline(LONGEST + 1 if size < 0 else size)
        if size < 0 and len(line) > LONGEST:
            raise self._long()
        return line
