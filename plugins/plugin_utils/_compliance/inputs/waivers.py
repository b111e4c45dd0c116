# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Validate waivers as users write them. Reports every mistake."""

from __future__ import annotations

from typing import Any

from ansible_collections.cloudbackup.m365.plugins.module_utils import _names, _time

from ..checks.catalogue import BY_NAME
from ..model.policy import scope_name
from ..model.waiver import EVERY_SCOPE, Waiver
from ..reading.sources import SOURCES
from .mistakes import Mistakes

_EVALUATED = ("state", "days_left", "applied_to", "warnings")
"""Keys that an evaluation adds, which are computed again if they are in the input."""
_REQUIRED = ("check", "reason", "approver", "expires")


def settle_waivers(raw: object) -> tuple[list[Waiver], list[str]]:
    """Return the waivers and the mistakes in them."""
    mistakes = Mistakes()
    if not isinstance(raw, list):
        mistakes.add("waivers", raw, "a list of waivers")
        return [], mistakes.lines
    waivers = [_settle(mistakes, f"waivers[{index}]", waiver) for index, waiver in enumerate(raw)]
    return [waiver for waiver in waivers if waiver is not None], mistakes.lines


def _settle(mistakes: Mistakes, path: str, raw: object) -> Waiver | None:
    before = len(mistakes.lines)
    if isinstance(raw, dict):
        raw = {key: value for key, value in raw.items() if key not in _EVALUATED}
    written = mistakes.mapping(path, raw, (*_REQUIRED, "scope"))
    if isinstance(raw, dict):
        for key in _REQUIRED:
            if key not in written:
                mistakes.add_line(f"{path}.{key}", "is missing: a waiver needs check, reason, approver and expires")
    if "check" in written:
        _settle_check(mistakes, path, written["check"], written.get("scope", EVERY_SCOPE))
    for key in ("reason", "approver"):
        if key in written and not (isinstance(written[key], str) and written[key].strip()):
            mistakes.add(f"{path}.{key}", written[key], "a text that is not empty")
    expires = _settle_day(mistakes, f"{path}.expires", written["expires"]) if "expires" in written else ""
    if len(mistakes.lines) > before:
        return None
    scope = written.get("scope", EVERY_SCOPE)
    return Waiver(written["check"], scope, written["reason"].strip(), written["approver"].strip(), expires)


def _settle_check(mistakes: Mistakes, path: str, name: object, scope: object) -> None:
    check = BY_NAME.get(name) if isinstance(name, str) else None
    if check is None:
        mistakes.unknown(f"{path}.check", "check", name, [one.name for one in BY_NAME.values() if one.optional])
    elif not check.optional:
        mistakes.add_line(f"{path}.check", f"{check.name} cannot be waived: without evidence there is nothing to judge")
    else:
        one_scope = SOURCES[check.source].scope
        scopes = [one_scope] if one_scope else list(_names.OBJECT_TYPES)
        located = [scope_name(service, location) for service in _names.OBJECT_TYPES for location in _names.LOCATIONS]
        if scope not in [EVERY_SCOPE, *scopes, *(located if check.per_service else [])]:
            mistakes.unknown(f"{path}.scope", "scope", scope, [EVERY_SCOPE, *scopes])


def _settle_day(mistakes: Mistakes, path: str, value: Any) -> str:
    """Return the day as text. An unquoted date is a date in YAML, and text with or without a time in plain data."""
    try:
        return _time.unix_to_date(_time.unix_from_iso(value))
    except (AttributeError, ValueError):
        mistakes.add(path, value, "a date such as 2026-12-31, the last day on which the waiver holds")
        return ""
