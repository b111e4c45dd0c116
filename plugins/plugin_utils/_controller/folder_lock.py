# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The lock of a folder: one process at a time writes there. It is released when its process ends, however it ends."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path

LOCK_FILE = ".lock"
"""It stays in the folder: a lock on a file that was removed would exclude nobody."""
WAIT = 60.0
_STEP = 0.1
"""Seconds."""

_MODE = 0o600
_HELD = (errno.EACCES, errno.EAGAIN)
"""What ``lockf`` reports where another process has the lock; every other error means that there are no locks here."""


@contextlib.contextmanager
def hold(directory: Path) -> Iterator[str]:
    """Hold the lock of a folder that exists. Yield a warning where its file system has no locks, else an empty text.

    Not to be nested: the inner one would release the lock of the outer one.

    :raises OSError: the lock file cannot be opened, or (TimeoutError) another process held the lock for ``WAIT``.
    """
    path = directory / LOCK_FILE
    # A link would lead out of the folder, and a pipe would wait for its other end
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, _MODE)
    try:
        mode = os.fstat(handle).st_mode
        if not stat.S_ISREG(mode):
            raise OSError(errno.EINVAL, "is not a regular file; remove it", str(path))
        if stat.S_IMODE(mode) != _MODE:
            with contextlib.suppress(OSError):
                os.fchmod(handle, _MODE)
        yield _acquire(handle, path)
    finally:
        os.close(handle)


def _acquire(handle: int, path: Path) -> str:
    """Wait for the lock. Return why there is none on this file system, else an empty text. Raises TimeoutError."""
    deadline = time.monotonic() + WAIT
    while True:
        try:
            fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return ""
        except OSError as error:
            if error.errno not in _HELD:
                return (
                    f"{path} cannot be locked, because the file system refuses locks ({error.strerror}). Make sure "
                    "that no two runs write this folder at the same time."
                )
        if time.monotonic() >= deadline:
            raise TimeoutError(
                f"another process has held the lock {path} for {WAIT:.0f} s. Wait until the other run has ended, then "
                "run the gate again."
            )
        time.sleep(_STEP)
