# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The folder of a fleet: fleet.json and its reports, written as one unit, with the rows that this run did not judge."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from .._compliance.fleet.tenant import FILES, FLEET_FILE, PAGE_FILE
from .._compliance.model import wording
from . import file_set, folder_lock, stored_fleet

Row = Mapping[str, Any]
"""A row of a fleet.json."""


class Made(NamedTuple):
    """A report that was made."""

    result: dict[str, Any]
    """Of the task."""
    files: Callable[[], dict[str, bytes]]
    """Makes its files, by name."""


def keep(
    make: Callable[[list[Row]], Made], left_out: Collection[str] | None, report_dir: str | None, check_mode: bool
) -> dict[str, Any]:
    """Make the report and write it, if there is a ``report_dir``. Return the result of the task.

    A report that cannot be written makes the result a failed one.

    :param make: makes the report, given the rows of an earlier one that it should contain too.
    :param left_out: the hosts whose rows are such; None if the new report replaces the earlier one altogether.
    """
    if not report_dir:
        return make([]).result
    directory = Path(os.path.abspath(report_dir))
    if check_mode:
        rows, warning = _earlier(directory / FLEET_FILE, left_out)
        return {**make(rows).result, **_warnings(warning)}
    try:
        file_set.make(directory)
        # From reading to writing: another run may be adding its rows
        with folder_lock.hold(directory) as unlocked:
            rows, warning = _earlier(directory / FLEET_FILE, left_out)
            made = make(rows)
            files = made.files()
            changed = file_set.replace(directory, files, FLEET_FILE, FILES, not unlocked)
    except OSError as error:
        problem = f"The fleet's report could not be written to {directory}: {error}"
        return {**make([]).result, "failed": True, "msg": problem}
    made.result["summary"]["report"] = str(directory / PAGE_FILE)
    made.result["findings"].append(f"Report: {directory / PAGE_FILE}")
    written = {"changed": changed, "files": [str(directory / name) for name in files]}
    return {**made.result, **written, **_warnings(unlocked, warning)}


def _earlier(path: Path, left_out: Collection[str] | None) -> tuple[list[Row], str]:
    """Return the rows of an earlier report that are kept, and a warning where it cannot be read, else an empty text."""
    if left_out is None:
        return [], ""
    try:
        return [row for row in stored_fleet.rows(str(path)) if row["host"] in left_out], ""
    except FileNotFoundError:
        return [], ""
    except (OSError, ValueError) as error:
        problem = f"cannot be read: {error.strerror}" if isinstance(error, OSError) else str(error)
        return [], (
            f"The earlier {path} {wording.one_line(problem, 200)}. Its rows of tenants that this run did not judge are "
            "not in the new report. Run the gate without --limit."
        )


def _warnings(*texts: str) -> dict[str, list[str]]:
    given = [text for text in texts if text]
    return {"warnings": given} if given else {}
