# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Structures that arrive as text: an extra-var or a survey answer holds a policy as JSON or YAML."""

from __future__ import annotations

import json
from typing import Any

import yaml  # type: ignore[import-untyped,unused-ignore]

from .._compliance.model import wording
from .python_text import data


class _Loader(yaml.SafeLoader):  # type: ignore[misc,unused-ignore]
    """Of a name that stands twice only the last value would be left: a limit that somebody wrote would be gone."""

    def compose_mapping_node(self, anchor: Any) -> Any:
        node = super().compose_mapping_node(anchor)
        seen = set()
        for name, _value in node.value:
            if isinstance(name, yaml.ScalarNode):
                if name.value in seen:
                    problem = f"{wording.found(name.value)} stands twice"
                    raise yaml.MarkedYAMLError(problem=problem, problem_mark=name.start_mark)
                seen.add(name.value)
        return node


def structure(text: str) -> Any:
    """What a JSON or YAML text holds. Raises ValueError with a sentence for a person."""
    # YAML reads JSON too, and says where it is wrong
    for read in (_json, data):
        try:
            return read(text)
        except (ValueError, RecursionError):
            pass
    try:
        return yaml.load(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        place = f" in line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise ValueError(f"is neither JSON nor YAML: {error.problem}{place}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ValueError(f"is neither JSON nor YAML: {error}") from error


def _json(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_distinct)


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object. Raises ValueError for one with a name twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice")
    return found
