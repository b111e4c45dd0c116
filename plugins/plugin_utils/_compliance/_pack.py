# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The evidence pack: evidence.json and the reports made from it. A new format is one file and one line here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any, Callable

from . import _markdown

EVIDENCE_FILE = "evidence.json"


def _json(evidence: Mapping[str, Any]) -> str:
    # ASCII alone: whatever the server said, a terminal that shows the file is safe
    return json.dumps(evidence, sort_keys=True, indent=2, ensure_ascii=True, allow_nan=False) + "\n"


_WRITERS: dict[str, tuple[str, Callable[[Mapping[str, Any]], str]]] = {
    "json": (EVIDENCE_FILE, _json),
    "markdown": ("report.md", _markdown.report),
}

FORMATS = tuple(_WRITERS)


def pack(evidence: Mapping[str, Any], formats: Iterable[str]) -> dict[str, bytes]:
    """The files by name, the same bytes for the same evidence.

    evidence.json is always among them, and last: whoever writes them in this order has it only with its reports.
    """
    wanted = set(formats) - {"json"}
    reports = [name for name in FORMATS if name in wanted]
    files = {}
    for name in (*reports, "json"):
        file_name, write = _WRITERS[name]
        files[file_name] = write(evidence).encode()
    return files


def sha256(files: Mapping[str, bytes]) -> str:
    """The hash that a summary names the pack by."""
    return hashlib.sha256(files[EVIDENCE_FILE]).hexdigest()
