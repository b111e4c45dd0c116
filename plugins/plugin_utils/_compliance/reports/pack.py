# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The evidence pack: evidence.json and the reports made from it."""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Iterable, Mapping
from typing import Any

from .formats import EVIDENCE_FILE, FORMATS


def pack(evidence: Mapping[str, Any], formats: Iterable[str]) -> dict[str, bytes]:
    """The files by name, the same bytes for the same evidence.

    evidence.json is always among them, and last: whoever writes them in this order has it only with its reports.
    """
    wanted = set(formats) - {"json"}
    names = [name for name in FORMATS if name in wanted] + ["json"]
    return {FORMATS[name]: _report(name, evidence).encode() for name in names}


def sha256(files: Mapping[str, bytes]) -> str:
    """The hash that a summary names the pack by."""
    return hashlib.sha256(files[EVIDENCE_FILE]).hexdigest()


def _report(name: str, evidence: Mapping[str, Any]) -> str:
    module = ".html.report" if name == "html" else f".{name}"
    text: str = importlib.import_module(module, __package__).report(evidence)
    return text
