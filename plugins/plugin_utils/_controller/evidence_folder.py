# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The folder of one subject: its evidence pack on disk, whole or not there, readable by its owner alone."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from .._compliance.model.subject import directory_name
from .._compliance.reports import findings
from .._compliance.reports.pack_files import EVIDENCE_FILE, FILES
from . import file_set, folder_lock, history_file, stored_evidence


class OtherOwner(Exception):
    """The folder holds something that may not be overwritten."""


def keep(
    evidence: Mapping[str, Any],
    files: Mapping[str, bytes],
    report_dir: str,
    check_mode: bool,
    enforce: bool | None = None,
) -> dict[str, Any]:
    """Write the files, if there is a ``report_dir``; return the part of a task's result about them.

    That is ``headline``, ``findings``, ``summary``, ``files`` and ``changed``.

    Waits up to a minute for another process that writes the same folder. A pack that cannot be
    written makes the result a failed one: the findings are there all the same.

    :param enforce: whether the verdict of the run counts, for its line in the history; None adds no line.
    """
    summary = {
        "verdict": evidence["verdict"],
        "counts": evidence["counts"],
        "worst": findings.worst(evidence),
        "report": None,
        "sha256": hashlib.sha256(files[EVIDENCE_FILE]).hexdigest(),
        "history_sha256": None,
    }
    lines = findings.findings(evidence)
    result: dict[str, Any] = {
        "changed": False,
        "headline": findings.headline(evidence),
        "findings": lines,
        "summary": summary,
        "files": [],
    }
    if not report_dir:
        return result
    directory = place(report_dir, evidence["subject"])
    try:
        # Also in check mode, and before a lock file is made in a folder that is another subject's
        refuse_other_subject(directory, evidence["subject"])
        if not check_mode:
            result["changed"], warnings, summary["history_sha256"] = _write(directory, evidence, files, enforce)
            if warnings:
                result["warnings"] = warnings
            result["files"] = [str(directory / name) for name in files]
            summary["report"] = str(directory / front_page(files))
            lines[-1] += f" Report: {summary['report']}"
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
    """Raise OtherOwner if the folder's evidence is of another subject, or is nothing that this collection wrote.

    Raises OSError where that cannot be determined.
    """
    if directory.is_symlink() or (directory.exists() and not directory.is_dir()):
        raise OtherOwner("there is something else in its place")
    try:
        found = stored_evidence.parse(stored_evidence.read(str(directory / EVIDENCE_FILE)))
    except FileNotFoundError:
        return
    except ValueError as error:
        raise OtherOwner(f"its {EVIDENCE_FILE} cannot be read as evidence, it {error}; move it away") from error
    owner = found.get("subject") if isinstance(found, dict) else None
    if owner != subject:
        raise OtherOwner(
            f"it holds the evidence of another subject, {json.dumps(owner)[:80]}; give each subject its own name"
        )


def _write(
    directory: Path, evidence: Mapping[str, Any], files: Mapping[str, bytes], enforce: bool | None
) -> tuple[bool, list[str], str | None]:
    """Make the folder hold this pack alone, and add the run to its history.

    Return whether that changed anything, the warnings, and the hash of the new line of the history, if there is one.
    Raises OSError and OtherOwner.
    """
    subject = evidence["subject"]
    file_set.make(directory)
    with folder_lock.hold(directory) as unlocked:
        refuse_other_subject(directory, subject)
        if enforce is not None:
            _refuse_other_history(directory, subject)
        changed = file_set.replace(directory, files, EVIDENCE_FILE, FILES, not unlocked)
        if enforce is None:
            return changed, [unlocked] if unlocked else [], None
        sha256 = hashlib.sha256(files[EVIDENCE_FILE]).hexdigest()
        appended = history_file.append(directory, evidence, sha256, enforce)
    return True, [text for text in (unlocked, appended.warning) if text], appended.sha256


def _refuse_other_history(directory: Path, subject: str) -> None:
    owner = history_file.owner(directory)
    if owner not in (None, subject):
        raise OtherOwner(
            f"it holds the history of another subject, {json.dumps(owner)[:80]}; give each subject its own name"
        )
