# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The folder of a fleet: fleet.json and fleet.html, written as one unit."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .._compliance.fleet.tenant import FLEET_FILE, PAGE_FILE
from . import file_set, folder_lock


def keep(files: Mapping[str, bytes], summary: dict[str, Any], report_dir: str) -> dict[str, Any]:
    """Write the files. Return the part of a task's result that says so, and name the page in the summary.

    A report that cannot be written makes the result a failed one.
    """
    directory = Path(os.path.abspath(report_dir))
    try:
        file_set.make(directory)
        with folder_lock.hold(directory) as warning:
            changed = file_set.replace(directory, files, FLEET_FILE, (FLEET_FILE, PAGE_FILE), not warning)
    except OSError as error:
        return {"failed": True, "msg": f"The fleet's report could not be written to {directory}: {error}"}
    summary["report"] = str(directory / PAGE_FILE)
    warnings = {"warnings": [warning]} if warning else {}
    return {"changed": changed, "files": [str(directory / name) for name in files], **warnings}
