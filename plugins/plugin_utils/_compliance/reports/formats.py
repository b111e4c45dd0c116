# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The report formats: a new one is one file with a function ``report`` and one line here.

The reports themselves are imported by who writes them: a task that only needs the names does not pay for them.
"""

from __future__ import annotations

from collections.abc import Iterable

EVIDENCE_FILE = "evidence.json"

FORMATS = {
    "json": EVIDENCE_FILE,
    "junit": "junit.xml",
    "html": "report.html",
    "markdown": "report.md",
}
"""The file of each; ``report(evidence)`` of the module named after the format, such as ``_markdown``, makes it."""

_FOR_PROGRAMS = (EVIDENCE_FILE, "junit.xml")
"""What nobody reads as it is."""


def for_people(files: Iterable[str]) -> str:
    """The one of the files that a person opens first."""
    return next((name for name in files if name not in _FOR_PROGRAMS), EVIDENCE_FILE)
