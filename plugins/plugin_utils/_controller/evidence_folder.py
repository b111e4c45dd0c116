# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The folder of one subject: its evidence pack on disk, whole or not there, readable by its owner alone."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from .._compliance.model.subject import directory_name
from .._compliance.reports import findings
from .._compliance.reports.evidence_json import EVIDENCE_FILE

_MODE = 0o600
_DIRECTORY_MODE = 0o700


class OtherOwner(Exception):
    """The folder holds something that may not be overwritten."""


def keep(evidence: Mapping[str, Any], files: Mapping[str, bytes], report_dir: str, check_mode: bool) -> dict[str, Any]:
    """Write the files, if there is a ``report_dir``; return findings, summary, files and changed for a task's result.

    A pack that cannot be written makes the result a failed one: the findings are there all the same.
    """
    summary = {
        "verdict": evidence["verdict"],
        "counts": evidence["counts"],
        "worst": findings.worst(evidence),
        "report": None,
        "sha256": hashlib.sha256(files[EVIDENCE_FILE]).hexdigest(),
    }
    lines = findings.findings(evidence, evidence["subject"])
    result: dict[str, Any] = {"changed": False, "findings": lines, "summary": summary, "files": []}
    if not report_dir:
        return result
    directory = place(report_dir, evidence["subject"])
    try:
        # Check mode looks at the folder too: a refusal is no surprise then
        refuse_other_subject(directory, evidence["subject"])
        if not check_mode:
            result["changed"] = write(directory, files)
            result["files"] = [str(directory / name) for name in files]
            summary["report"] = str(directory / front_page(files))
    except (OSError, OtherOwner) as error:
        result.update(failed=True, msg=f"The evidence could not be written to {directory}: {error}")
    return result


def place(report_dir: str, subject: str) -> Path:
    """Return the folder of a subject, absolute."""
    return Path(os.path.abspath(report_dir)) / directory_name(subject)


def front_page(names: Iterable[str]) -> str:
    """Return the file that a person opens first."""
    return next((name for name in names if name.endswith((".html", ".md"))), EVIDENCE_FILE)


def refuse_other_subject(directory: Path, subject: str) -> None:
    """Raise OtherOwner if the folder's evidence is of another subject, or is nothing that this collection wrote."""
    if directory.is_symlink() or (directory.exists() and not directory.is_dir()):
        raise OtherOwner("there is something else in its place")
    try:
        found = json.loads((directory / EVIDENCE_FILE).read_bytes())
    except FileNotFoundError:
        return
    except ValueError as error:
        raise OtherOwner(f"its {EVIDENCE_FILE} cannot be read as evidence; move it away") from error
    owner = found.get("subject") if isinstance(found, dict) else None
    if owner != subject:
        raise OtherOwner(
            f"it holds the evidence of another subject, {json.dumps(owner)[:80]}; give each subject its own name"
        )


def write(directory: Path, files: Mapping[str, bytes]) -> bool:
    """Put the files into the folder, each whole and in their order. Return whether anything changed. Raises OSError."""
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
    """Return the path of a temporary file with the content, mode 0600 by mkstemp."""
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
