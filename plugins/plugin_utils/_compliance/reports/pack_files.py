# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The names of an evidence pack: the file of each report format, and the schema version of evidence.json.

Separate from ``formats``, so that code that handles the files does not import the reports.
"""

from __future__ import annotations

SCHEMA_VERSION = 1
EVIDENCE_FILE = "evidence.json"
CSV = "csv"
METRICS = "metrics"
"""The two formats that a fleet has too."""
FILE_OF = {
    "json": EVIDENCE_FILE,
    "junit": "junit.xml",
    "html": "report.html",
    "markdown": "report.md",
    CSV: "findings.csv",
    METRICS: "metrics.prom",
    "oscal": "oscal-assessment-results.json",
}
"""By format."""
DEFAULT_FORMATS = ("json", "junit", "html", "markdown")
"""What is written unless somebody asks for other formats."""
FILES = tuple(FILE_OF.values())
