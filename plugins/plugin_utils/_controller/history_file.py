# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The history of a tenant on disk: a line is appended in one write. The caller has the lock of the folder."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from .._compliance.period import history_line
from .._compliance.period.file_names import HISTORY_FILE, TORN_FILE
from .._compliance.period.history_line import LONGEST

_MODE = 0o600
_BLOCK = 65_536
_OPEN = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
"""A link would lead out of the folder, and a pipe would wait for its other end."""


class Appended(NamedTuple):
    """A line that is on the disk."""

    sha256: str
    warning: str
    """About an incomplete line that was moved away; empty if there was none."""


def owner(directory: Path) -> str | None:
    """Return the subject in the newest line of a folder's history; None where there is no line, or none that is ours.

    Raises OSError.
    """
    if not os.path.lexists(directory / HISTORY_FILE):
        return None
    with _opened(directory / HISTORY_FILE) as handle:
        last, _torn = _end(handle, directory / HISTORY_FILE)
    subject = history_line.parsed(last).get("subject")
    return subject if isinstance(subject, str) else None


def append(directory: Path, evidence: Mapping[str, Any], evidence_sha256: str, enforce: bool) -> Appended:
    """Append the line of a run. Raises OSError; then the history is as it was."""
    path = directory / HISTORY_FILE
    is_new = not os.path.lexists(path)
    with _opened(path) as handle:
        last, torn = _end(handle, path)
        if torn:
            _set_apart(directory / TORN_FILE, torn)
            os.ftruncate(handle, os.fstat(handle).st_size - len(torn))
        # The clock is read under the lock, so that lines are in the order of their times
        line = history_line.line(evidence, evidence_sha256, enforce, int(time.time()), last)
        if len(line) > LONGEST:
            raise OSError(errno.EFBIG, f"the line of this run has over {LONGEST} bytes", str(path))
        _write(handle, line + b"\n", path)
    if is_new:
        _sync(directory)
    return Appended(history_line.digest(line), _about(path, torn))


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[int]:
    handle = os.open(path, _OPEN, _MODE)
    try:
        mode = os.fstat(handle).st_mode
        if not stat.S_ISREG(mode):
            raise OSError(errno.EINVAL, "is not a regular file; move it away", str(path))
        if stat.S_IMODE(mode) != _MODE:
            with contextlib.suppress(OSError):
                os.fchmod(handle, _MODE)
        yield handle
    finally:
        os.close(handle)


def _end(handle: int, path: Path) -> tuple[bytes | None, bytes]:
    """Return the newest whole line without its line end, or None, and what comes after its line end."""
    start = os.fstat(handle).st_size
    end = b""
    # The line end before the newest whole line is enough
    while start and end.count(b"\n") < 2 and len(end) <= 2 * LONGEST:
        length = min(_BLOCK, start)
        start -= length
        end = os.pread(handle, length, start) + end
    whole, newline, torn = end.rpartition(b"\n")
    last = whole.rpartition(b"\n")[2]
    if len(torn) > LONGEST or len(last) > LONGEST:
        raise OSError(errno.EFBIG, f"ends in a line of over {LONGEST} bytes; move it away", str(path))
    return (last if newline else None), torn


def _set_apart(path: Path, torn: bytes) -> None:
    with _opened(path) as handle:
        _write(handle, torn + b"\n", path)


def _write(handle: int, content: bytes, path: Path) -> None:
    """Append in one write, or leave the file as it was. Raises OSError."""
    before = os.fstat(handle).st_size
    try:
        if os.write(handle, content) != len(content):
            raise OSError(errno.ENOSPC, "there was room for a part of the line only", str(path))
        os.fsync(handle)
    except OSError:
        with contextlib.suppress(OSError):
            os.ftruncate(handle, before)
        raise


def _sync(directory: Path) -> None:
    """Make the name of a new file last, where the file system can."""
    with contextlib.suppress(OSError):
        handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _about(path: Path, torn: bytes) -> str:
    if not torn:
        return ""
    return (
        f"{path} ended in an incomplete line, as a process leaves it that is killed while it writes. Its {len(torn)} "
        f"bytes were moved to {TORN_FILE} beside it: that run is not part of the history."
    )
