# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The evidence as a file: what the evaluation can be made from again, and the evaluation."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def report(evidence: Mapping[str, Any]) -> str:
    """ASCII alone: whatever the server said, a terminal that shows the file is safe."""
    return json.dumps(evidence, sort_keys=True, indent=2, ensure_ascii=True, allow_nan=False) + "\n"
