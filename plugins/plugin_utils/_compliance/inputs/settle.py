# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The inputs of the gate, settled before anything is read. Nothing raises: mistakes are a list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..model import instants, kinds
from ..model.subject import directory_name
from ..reports.formats import FORMATS
from .mistakes import Mistakes
from .plan import plan
from .policy_rules import settle_policy
from .waivers import settle_waivers

INPUTS = ("policy", "waivers", "now", "subject", "enforce", "report_dir", "report_formats")

_EARLIEST = instants.parse("1990-01-01")
_LATEST = instants.parse("9990-01-01")
"""Between them every window and every grace period is a date."""


def settle_inputs(inputs: Mapping[str, Any], now_default: str, subject_default: str) -> dict[str, Any]:
    """Everything that the gate goes by, in plain data; an input that is null or an empty text has its default.

    With mistakes there is nothing to read, so ``queries`` and ``reads`` are empty.
    """
    given = {name: value for name, value in inputs.items() if value is not None and value != ""}
    mistakes = Mistakes()
    now = _settle_now(mistakes, given.get("now", now_default))
    subject = _settle_subject(mistakes, given.get("subject", subject_default))
    formats = mistakes.names("report_formats", given.get("report_formats", list(FORMATS)), "format", FORMATS)
    enforce = mistakes.value("enforce", given.get("enforce", True), kinds.SWITCH, True)
    report_dir = given.get("report_dir", "")
    if not isinstance(report_dir, str):
        mistakes.add("report_dir", report_dir, "a path")
    policy, policy_mistakes = settle_policy(given.get("policy", {}))
    waivers, waiver_mistakes = settle_waivers(given.get("waivers", []))
    lines = policy_mistakes + waiver_mistakes + mistakes.lines
    return {
        "mistakes": lines,
        "policy": dict(policy.data),
        "waivers": [waiver.as_data() for waiver in waivers],
        "now": instants.iso(now),
        **(plan(policy, now) if not lines else {"reads": [], "queries": [], "recent_jobs": 0}),
        "subject": subject,
        "directory_name": directory_name(subject),
        "enforce": enforce,
        "report_dir": str(report_dir),
        "formats": [name for name in FORMATS if name in formats or name == "json"],
    }


def settle_now(value: object) -> int:
    """The instant that ages are measured from. Raises ValueError for what is none, or lies outside of all reason."""
    if not isinstance(value, str):
        raise ValueError("not a time")
    now = instants.parse(value)
    if not _EARLIEST <= now <= _LATEST:
        raise ValueError("not a time in reach")
    return now


def _settle_now(mistakes: Mistakes, value: object) -> int:
    try:
        return settle_now(value)
    except ValueError:
        mistakes.add("now", value, "an ISO 8601 time such as 2026-11-24T06:00:00Z, from 1990 on")
        return _EARLIEST + 3_660 * instants.DAY


def _settle_subject(mistakes: Mistakes, value: object) -> str:
    """A tenant's name; a number, as an inventory may have it, is a name too."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)) or not str(value).strip():
        mistakes.add("subject", value, "the tenant's name, a text that is not empty")
        return "subject"
    return str(value).strip()
