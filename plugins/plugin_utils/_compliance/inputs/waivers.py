# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Waivers: a person answers for a failure until a day. The failure stays in every report, as ``waived``."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from ..checks.catalogue import BY_NAME
from ..model import instants
from ..model.services import LOCATIONS, SERVICES, scope_name
from .mistakes import Mistakes

EVERY_SCOPE = "all"

_EVALUATED = ("state", "days_left", "applied_to", "warnings")
"""Written by an evaluation and computed anew when one is read back."""


@dataclass(frozen=True)
class Waiver:
    check: str
    scope: str
    reason: str
    approver: str
    expires: str
    """The last day on which it holds, YYYY-MM-DD in UTC."""

    def is_about(self, result: dict[str, Any]) -> bool:
        return result["check"] == self.check and self.scope in (EVERY_SCOPE, result["scope"])

    def covers(self, result: dict[str, Any]) -> bool:
        """Only a failure can be waived: what cannot be told nobody can answer for."""
        return result["status"] == "fail" and self.is_about(result)

    def days_left(self, now: int) -> int:
        """Days in UTC from today to its last one: 0 on that day, negative once it has expired."""
        return instants.parse(self.expires) // instants.DAY - now // instants.DAY

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


def _settle(mistakes: Mistakes, path: str, raw: object) -> Waiver | None:
    before = len(mistakes.lines)
    needed = ("check", "reason", "approver", "expires")
    if isinstance(raw, dict):
        raw = {key: value for key, value in raw.items() if key not in _EVALUATED}
    written = mistakes.mapping(path, raw, (*needed, "scope"))
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
        return instants.date(instants.parse(value)) if isinstance(value, str) else _refuse(value)
    except ValueError:
        mistakes.add(path, value, "a date such as 2026-12-31, the last day on which the waiver holds")
        return ""


def _refuse(value: object) -> str:
    raise ValueError(f"{type(value)} is no date")
