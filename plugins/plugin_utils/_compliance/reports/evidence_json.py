# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""evidence.json: the data that was read, the policy, and the evaluation."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ansible_collections.cloudbackup.m365.plugins.module_utils import _names

from .fact_types import Facts
from .pack_files import SCHEMA_VERSION


def evidence(
    subject: str,
    evaluated_at: str,
    policy: Mapping[str, Any],
    read: Mapping[str, Any],
    evaluation: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the content of evidence.json, as plain data.

    Its ``read``, ``policy``, ``waivers`` and ``evaluated_at`` reproduce the evaluation.
    """
    return {
        **evaluation,
        "schema_version": SCHEMA_VERSION,
        "subject": subject,
        "evaluated_at": evaluated_at,
        "collection": {"name": _names.COLLECTION, "version": _names.VERSION},
        "policy": dict(policy),
        "read": dict(read),
    }


def as_json(content: Mapping[str, Any]) -> str:
    """Return plain data as the text of a JSON file, in ASCII, so that any terminal can show it safely."""
    return json.dumps(content, sort_keys=True, indent=2, ensure_ascii=True, allow_nan=False) + "\n"


def report(evidence: Mapping[str, Any], facts: Facts) -> str:
    """Return the whole file."""
    return as_json(evidence)
