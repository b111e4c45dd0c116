# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""A set of files in a folder, replaced as one unit: a process that is killed leaves it whole or visibly incomplete."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

_MODE = 0o600
_DIRECTORY_MODE = 0o700
_TEMPORARY = ".evidence-"


def make(directory: Path) -> None:
    """Make a folder for its owner alone, and the folders above it. Raises OSError."""
    directory.parent.mkdir(mode=_DIRECTORY_MODE, parents=True, exist_ok=True)
    directory.mkdir(mode=_DIRECTORY_MODE, exist_ok=True)


def replace(directory: Path, files: Mapping[str, bytes], main: str, known: Iterable[str], is_locked: bool) -> bool:
    """Make the folder hold these files, and none of the known ones besides. Return whether any of them changed.

    Without ``main`` the set is incomplete. While other files change there is none: the old ``main`` is removed before
    the first of them, and the new one comes last. Readers rely on that.

    :param files: the content of each by name, ``main`` among them.
    :param known: the names that an earlier run may have written.
    :param is_locked: whether this process has the lock of the folder, so that no other one can be writing there.
    :raises OSError: also where a folder has the name of a file.
    """
    if is_locked:
        _remove_leftovers(directory)
    changed = [name for name in files if not _holds(directory / name, files[name])]
    stale = [name for name in known if name not in files and os.path.lexists(directory / name)]
    others = [name for name in changed if name != main]
    if not changed and not stale:
        return False
    for name in (main, *others, *stale):
        if os.path.isdir(directory / name) and not os.path.islink(directory / name):
            raise IsADirectoryError(
                errno.EISDIR, "a folder has the name of a report; move it away", str(directory / name)
            )
    ready: dict[str, str] = {}
    try:
        # All are written before anything is removed: a full disk leaves the old files as they were
        for name in (*others, main):
            ready[name] = _write_beside(directory, files[name])
        if others or stale:
            _remove(directory / main)
        for name in stale:
            _remove(directory / name)
        for name in (*others, main):
            os.replace(ready[name], directory / name)
            del ready[name]
    finally:
        for leftover in ready.values():
            _remove(Path(leftover))
    return True


def _remove_leftovers(directory: Path) -> None:
    """Remove the temporary files of a process that was killed."""
    for name in os.listdir(directory):
        path = directory / name
        if name.startswith(_TEMPORARY) and (path.is_symlink() or not path.is_dir()):
            _remove(path)


def _remove(path: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)


def _write_beside(directory: Path, content: bytes) -> str:
    """Return the path of a temporary file with the content, mode 0600 by mkstemp."""
    handle, path = tempfile.mkstemp(dir=directory, prefix=_TEMPORARY)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
    except BaseException:
        os.unlink(path)
        raise
    return path


def _holds(path: Path, content: bytes) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    status = path.stat()
    return status.st_mode & 0o777 == _MODE and status.st_size == len(content) and path.read_bytes() == content
