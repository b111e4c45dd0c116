# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Structures that arrive as text: an extra-var or a survey answer holds a policy as JSON or YAML."""

from __future__ import annotations

import json
from typing import Any

import yaml  # type: ignore[import-untyped,unused-ignore]


def structure(text: str) -> Any:
    """What a JSON or YAML text holds. Raises ValueError with a sentence for a person."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    try:
        return yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        place = f" in line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise ValueError(f"is neither JSON nor YAML: {error.problem}{place}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ValueError(f"is neither JSON nor YAML: {error}") from error
