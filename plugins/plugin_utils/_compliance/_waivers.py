# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Waivers: a person answers for a failure until a day. The failure stays in every report, as ``waived``."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from . import _instants
from ._catalogue import BY_NAME
from ._mistakes import Mistakes
from ._services import LOCATIONS, SERVICES, scope_name

EVERY_SCOPE = "all"

_EVALUATED = ("state", "applied_to")
"""Written by an evaluation and computed anew when one is read back."""


@dataclass(frozen=True)
class Waiver:
    check: str
    scope: str
    reason: str
    approver: str
    expires: str
    """The last day on which it holds, YYYY-MM-DD in UTC."""

    def covers(self, result: dict[str, Any]) -> bool:
        """Only a failure can be waived: what cannot be told nobody can answer for."""
        same_scope = self.scope in (EVERY_SCOPE, result["scope"])
        return result["status"] == "fail" and result["check"] == self.check and same_scope

    def as_data(self) -> dict[str, Any]:
        return asdict(self)


def settle_waivers(raw: object) -> tuple[list[Waiver], list[str]]:
    """The waivers and the mistakes in them."""
    mistakes = Mistakes()
    if not isinstance(raw, list):
        mistakes.add("waivers", raw, "a list of waivers")
        return [], mistakes.lines
    waivers = [_settle(mistakes, f"waivers[{index}]", waiver) for index, waiver in enumerate(raw)]
    return [waiver for waiver in waivers if waiver is not None], mistakes.lines


def apply_waivers(
    results: list[dict[str, Any]], waivers: list[Waiver], now: int
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The results with the waived failures marked, and every waiver with its ``state`` and what it was applied to."""
    today = _instants.date(now)
    valid = [waiver for waiver in waivers if today <= waiver.expires]
    waived = [_waive(result, next((waiver for waiver in valid if waiver.covers(result)), None)) for result in results]
    return waived, [_state(waiver, waiver in valid, results) for waiver in waivers]


def _settle(mistakes: Mistakes, path: str, raw: object) -> Waiver | None:
    before = len(mistakes.lines)
    needed = ("check", "reason", "approver", "expires")
    written = mistakes.mapping(path, raw, (*needed, "scope", *_EVALUATED))
    if isinstance(raw, dict):
        for key in needed:
            if key not in written:
                mistakes.say(f"{path}.{key}", "is missing: a waiver says what, why, who answers for it and until when")
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
        mistakes.say(f"{path}.check", f"{check.name} cannot be waived: without evidence there is nothing to judge")
    else:
        scopes = [check.subject.scope] if check.subject.scope else list(SERVICES)
        located = [scope_name(service, location) for service in SERVICES for location in LOCATIONS]
        if scope not in [EVERY_SCOPE, *scopes, *(located if check.per_service else [])]:
            mistakes.unknown(f"{path}.scope", "scope", scope, [EVERY_SCOPE, *scopes])


def _settle_day(mistakes: Mistakes, path: str, value: object) -> str:
    """The day as text. YAML makes a date of an unquoted one; plain data has it as text again, maybe with a time."""
    try:
        return _instants.date(_instants.parse(value)) if isinstance(value, str) else _refuse(value)
    except ValueError:
        mistakes.add(path, value, "a date such as 2026-12-31, the last day on which the waiver holds")
        return ""


def _refuse(value: object) -> str:
    raise ValueError(f"{type(value)} is no date")


def _waive(result: dict[str, Any], waiver: Waiver | None) -> dict[str, Any]:
    if waiver is None:
        return result
    told = f"{result['message']} Waived through {waiver.expires} by {waiver.approver}: {waiver.reason}"
    return {**result, "status": "waived", "message": told}


def _state(waiver: Waiver, valid: bool, results: list[dict[str, Any]]) -> dict[str, Any]:
    applied_to = [result["scope"] for result in results if waiver.covers(result)] if valid else []
    state = "expired" if not valid else "used" if applied_to else "unused"
    return {**waiver.as_data(), "state": state, "applied_to": applied_to}
