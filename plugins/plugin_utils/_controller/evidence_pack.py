# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The evidence pack of one run on its way to the disk, and what the action that wrote it returns."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

from .._compliance.reports import findings as _findings
from .._compliance.reports import formats as _formats
from .._compliance.reports import pack
from . import evidence_folder

COLLECTION = {"name": "cloudbackup.m365", "version": "0.1.0"}
"""What makes the evidence. Told here: neither galaxy.yml nor the manifest has to be there for a gate to run."""


def keep(
    evidence: Mapping[str, Any], formats: Iterable[str], report_dir: str | None, directory_name: str, check_mode: bool
) -> dict[str, Any]:
    """Write the files, if there is a ``report_dir``; findings, summary, files and changed, as an action returns them.

    What keeps a file from being written makes the result a failed one: the findings are there all the same.
    """
    files = pack.pack(evidence, formats)
    summary = {
        "verdict": evidence["verdict"],
        "counts": evidence["counts"],
        "worst": _findings.worst(evidence),
        "report": None,
        "sha256": pack.sha256(files),
    }
    findings = _findings.findings(evidence, evidence["subject"])
    result: dict[str, Any] = {"changed": False, "findings": findings, "summary": summary, "files": []}
    if not report_dir:
        return result
    try:
        directory = evidence_folder.place(report_dir, directory_name)
        # Check mode looks at the place all the same: a refusal is no surprise then
        evidence_folder.refuse_other_subject(directory, evidence["subject"])
        if not check_mode:
            result["changed"] = evidence_folder.write(directory, files)
            result["files"] = [str(directory / name) for name in files]
            summary["report"] = str(directory / _formats.for_people(files))
    except (OSError, evidence_folder.Refused) as error:
        place = os.path.join(report_dir, directory_name)
        result.update(failed=True, msg=f"The evidence could not be written to {place}: {error}")
    return result
