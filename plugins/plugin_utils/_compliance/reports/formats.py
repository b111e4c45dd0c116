# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The report formats: a new one is one file with a function ``report`` and one line here."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping
from typing import Any

from ..model.policy import Policy
from .evidence import EVIDENCE_FILE, as_json

FORMATS = {
    "json": EVIDENCE_FILE,
    "junit": "junit.xml",
    "html": "report.html",
    "markdown": "report.md",
}
FILES = tuple(FORMATS.values())


def pack(evidence: Mapping[str, Any], policy: Policy, formats: Iterable[str]) -> dict[str, bytes]:
    """INTERIM."""
    wanted = set(formats) - {"json"}
    names = [name for name in FORMATS if name in wanted]
    files = {}
    for name in names:
        module = ".html.report" if name == "html" else f".{name}"
        files[FORMATS[name]] = importlib.import_module(module, __package__).report(evidence).encode()
    return {**files, EVIDENCE_FILE: as_json(evidence).encode()}
