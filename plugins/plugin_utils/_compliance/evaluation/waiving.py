# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Apply waivers to the results of a run, and find what needs attention in each waiver."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..model import wording
from ..model.waiver import EVERY_SCOPE, Waiver

SOON = 14
"""Days left from which the end of a waiver is a warning: time to fix the cause or to renew the approval."""

_MOST_NAMES = 6


def apply_waivers(
    results: list[dict[str, Any]], waivers: list[Waiver], now: int
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the results with waived failures marked, and all waivers with their state.

    Added to a waiver are ``state`` (used, unused, expired), ``days_left`` (days until its last day: 0 on that day,
    negative once it has expired), ``applied_to`` (scopes) and ``warnings`` (texts).
    """
    valid = [waiver for waiver in waivers if waiver.days_left(now) >= 0]
    waived = [_waive(result, next((waiver for waiver in valid if waiver.covers(result)), None)) for result in results]
    return waived, [_state(waiver, results, now) for waiver in waivers]


def accepted_by(result: Mapping[str, Any], states: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Return the waiver that made a result ``waived``, out of the waivers of its evaluation; None for other results."""
    if result["status"] != "waived":
        return None
    return next(
        (one for one in states if one["check"] == result["check"] and result["scope"] in one["applied_to"]), None
    )


def _waive(result: dict[str, Any], waiver: Waiver | None) -> dict[str, Any]:
    if waiver is None:
        return result
    message = f"{result['message']} Waived through {waiver.expires} by {waiver.approver}: {waiver.reason}"
    return {**result, "status": "waived", "message": message}


def _state(waiver: Waiver, results: list[dict[str, Any]], now: int) -> dict[str, Any]:
    days = waiver.days_left(now)
    met = [result for result in results if waiver.is_about(result)]
    covered = [result["scope"] for result in met if waiver.covers(result)] if days >= 0 else []
    if days < 0:
        state, warnings = "expired", [f"expired after {waiver.expires} and is ignored"]
    elif covered:
        state, warnings = "used", [*_too_wide(waiver, covered, met), *_ends_soon(waiver, days)]
    else:
        state, warnings = "unused", [_why_unused(met), *_ends_soon(waiver, days)]
    return {**waiver.as_data(), "state": state, "days_left": days, "applied_to": covered, "warnings": warnings}


def _ends_soon(waiver: Waiver, days: int) -> list[str]:
    if days > SOON:
        return []
    left = f"{wording.amount(days, 'day')} left" if days else "today is its last day"
    return [f"expires after {waiver.expires}, {left}"]


def _too_wide(waiver: Waiver, covered: Sequence[str], met: Sequence[dict[str, Any]]) -> list[str]:
    """Warn of a waiver for every scope if some do not fail: their next failure was not approved."""
    if waiver.scope != EVERY_SCOPE or len(covered) == len(met):
        return []
    fails = "fails" if len(covered) == 1 else "fail"
    reason = f"covers {len(met)} scopes and only {wording.listed(covered, _MOST_NAMES)} {fails}"
    return [f"too wide: {reason}; write a waiver for each scope that fails, or the next failure is waived unseen"]


def _why_unused(met: Sequence[dict[str, Any]]) -> str:
    if not met:
        return "unused, the policy judges nothing that it covers; take it out"
    unknown = [result["scope"] for result in met if result["status"] == "error"]
    if unknown:
        return f"unused, {wording.listed(unknown, _MOST_NAMES)} could not be judged, and an error cannot be waived"
    return "unused, nothing that it covers fails; take it out"
