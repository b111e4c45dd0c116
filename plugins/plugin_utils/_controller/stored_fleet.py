# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""A fleet.json read back: its rows of tenants. Like evidence it is data that anybody may have written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.cloudbackup.m365.plugins.module_utils import _time

from .._compliance.fleet.tenant import SCHEMA_VERSION, VERDICTS
from .._compliance.model import wording
from .._compliance.model.outcome import STATUSES
from .._compliance.reports.metrics import LAST_BACKUPS, LICENSE_FIGURES
from .stored_evidence import parse, read


def rows(path: str) -> list[dict[str, Any]]:
    """Return the rows of a fleet.json, each with all fields that this release writes.

    :raises OSError: it is missing or cannot be read.
    :raises ValueError: what it is instead, to be completed with the name of the file.
    """
    content = parse(read(path))
    if not isinstance(content, Mapping):
        raise ValueError("is not the report of a fleet: the outermost value is not a dictionary")
    version = content.get("schema_version")
    if isinstance(version, bool) or version != SCHEMA_VERSION:
        # In another version every other field may mean something else
        raise ValueError(f"has the schema_version {wording.found(version)}, and this release reads {SCHEMA_VERSION}")
    found = content.get("tenants")
    if not isinstance(found, list):
        raise ValueError("has no list of tenants")
    return [_row(f"tenants[{place}]", row) for place, row in enumerate(found)]


def _row(place: str, row: object) -> dict[str, Any]:
    if not isinstance(row, Mapping):
        raise ValueError(f"is invalid: {place} is {wording.found(row)}, expected a dictionary")
    fields = {}
    for name, (is_valid, default) in _FIELDS.items():
        value = row.get(name, default)
        if not is_valid(value):
            raise ValueError(f"is invalid: {place}.{name} is {wording.found(value)}")
        fields[name] = value
    return fields


def _is_name(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_text_or_null(value: object) -> bool:
    return value is None or isinstance(value, str)


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_time_or_null(value: object) -> bool:
    if value is None:
        return True
    try:
        return isinstance(value, str) and _time.unix_to_iso(_time.unix_from_iso(value)) == value
    except (ValueError, OverflowError):
        return False


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_counts_or_null(value: object) -> bool:
    return value is None or (
        isinstance(value, dict) and set(value) == set(STATUSES) and all(_is_count(count) for count in value.values())
    )


def _is_checks(value: object) -> bool:
    return isinstance(value, dict) and all(
        isinstance(found, dict)
        and set(found) == {"status", "scopes"}
        and found["status"] in STATUSES
        and _is_texts(found["scopes"])
        for found in value.values()
    )


def _is_figures_or_null(value: object) -> bool:
    return value is None or (
        isinstance(value, dict)
        and all(_is_times(found) if name == LAST_BACKUPS else _is_figure(found) for name, found in value.items())
        and set(value) <= {LAST_BACKUPS, *LICENSE_FIGURES}
    )


def _is_figure(value: object) -> bool:
    return _is_count(value) and 0 <= value < 2**63  # type: ignore[operator]


def _is_times(value: object) -> bool:
    return isinstance(value, dict) and all(time is not None and _is_time_or_null(time) for time in value.values())


_FIELDS: dict[str, tuple[Callable[[object], bool], object]] = {
    "subject": (_is_name, None),
    "host": (_is_text_or_null, None),
    "evidence": (_is_text_or_null, None),
    "verdict": (lambda value: value in VERDICTS, None),
    "doubt": (_is_text, ""),
    "reason": (_is_text, ""),
    "evaluated_at": (_is_time_or_null, None),
    "counts": (_is_counts_or_null, None),
    "checks": (_is_checks, {}),
    "worst": (_is_texts, []),
    "report": (_is_text_or_null, None),
    "sha256": (_is_text_or_null, None),
    "figures": (_is_figures_or_null, None),
}
"""By field, what it may be, and what it is where it is missing."""
