# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The files of a period's report: written as one unit, under the lock of their folder."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from .._compliance.period.file_names import FILES, HISTORY_FILE, PERIOD_FILE, TORN_FILE
from .._compliance.reports.pack_files import EVIDENCE_FILE
from . import file_set, folder_lock

_OF_A_TENANT = (EVIDENCE_FILE, HISTORY_FILE, TORN_FILE)


def write(output_dir: str, files: Mapping[str, bytes]) -> tuple[bool, str]:
    """Make the folder hold these files. Return whether that changed anything, and a warning or an empty text.

    Raises OSError, also for the folder of a tenant.
    """
    directory = Path(os.path.abspath(output_dir))
    if any(os.path.lexists(directory / name) for name in _OF_A_TENANT):
        raise OSError("it is the folder of a tenant; give the report another one")
    file_set.make(directory)
    with folder_lock.hold(directory) as unlocked:
        return file_set.replace(directory, files, PERIOD_FILE, FILES, not unlocked), unlocked
