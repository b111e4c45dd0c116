# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The files of an evidence pack on disk: whole or not there, readable by their owner alone."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from .._compliance.reports.formats import EVIDENCE_FILE

_MODE = 0o600
_DIRECTORY_MODE = 0o700


class Refused(Exception):
    """The place holds something that may not be overwritten."""


def place(report_dir: str, directory_name: str) -> Path:
    """The directory of one subject, absolute. Raises Refused for a name that would lead elsewhere."""
    if directory_name in ("", ".", "..") or os.path.basename(directory_name) != directory_name:
        raise Refused(f"{directory_name!r} is no name of a directory of its own")
    return Path(os.path.abspath(report_dir)) / directory_name


def refuse_other_subject(directory: Path, subject: str) -> None:
    """Raises Refused if the directory's evidence is of another subject, or is nothing that this collection wrote."""
    if directory.is_symlink() or (directory.exists() and not directory.is_dir()):
        raise Refused("there is something else in its place")
    try:
        found = json.loads((directory / EVIDENCE_FILE).read_bytes())
    except FileNotFoundError:
        return
    except ValueError as error:
        raise Refused(f"its {EVIDENCE_FILE} cannot be read as evidence; move it away") from error
    owner = found.get("subject") if isinstance(found, dict) else None
    if owner != subject:
        raise Refused(
            f"it holds the evidence of another subject, {json.dumps(owner)[:80]}; give each subject its own name"
        )


def write(directory: Path, files: Mapping[str, bytes]) -> bool:
    """Put the files into the directory, each whole and in their order. Whether anything changed. Raises OSError."""
    directory.parent.mkdir(mode=_DIRECTORY_MODE, parents=True, exist_ok=True)
    directory.mkdir(mode=_DIRECTORY_MODE, exist_ok=True)
    changed = {name: content for name, content in files.items() if not _holds(directory / name, content)}
    ready: dict[str, str] = {}
    try:
        # All are written before the first is moved: a full disk leaves the old pack as it was
        for name, content in changed.items():
            ready[name] = _write_beside(directory, content)
        for name in changed:
            os.replace(ready.pop(name), directory / name)
    finally:
        for leftover in ready.values():
            os.unlink(leftover)
    return bool(changed)


def _write_beside(directory: Path, content: bytes) -> str:
    """A temporary file with the content, mode 0600 by mkstemp."""
    handle, path = tempfile.mkstemp(dir=directory, prefix=".evidence-")
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
    return path.stat().st_mode & 0o777 == _MODE and path.read_bytes() == content
