# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The evidence of one run: what was read, by which policy it was judged, and the evaluation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SCHEMA_VERSION = 1


def evidence(
    subject: str,
    evaluated_at: str,
    collection: Mapping[str, str],
    policy: Mapping[str, Any],
    read: Mapping[str, Any],
    evaluation: Mapping[str, Any],
) -> dict[str, Any]:
    """Plain data that the same evaluation can be made from again.

    It takes ``read``, ``policy``, ``waivers`` and ``evaluated_at``.
    """
    return {
        **evaluation,
        "schema_version": SCHEMA_VERSION,
        "subject": subject,
        "evaluated_at": evaluated_at,
        "collection": dict(collection),
        "policy": dict(policy),
        "read": dict(read),
    }
