# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Validate and complete the inputs of the gate before anything is read. Mistakes are returned, not raised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ansible_collections.cloudbackup.m365.plugins.module_utils import _time

from ..model import kinds
from ..model.policy import Policy
from ..model.subject import directory_name
from ..model.waiver import Waiver
from .mistakes import Mistakes
from .plan import needs_v2, plan
from .policy_rules import settle_policy
from .waivers import settle_waivers

INPUTS = ("baseline", "policy", "waivers", "now", "subject", "enforce", "report_dir", "report_formats", "history")

_PLACEHOLDER = _time.unix_from_iso("2000-01-01")
"""The instant that replaces an invalid one while further mistakes are collected."""


class Criteria(NamedTuple):
    """The criteria of an evaluation; ``instant`` is "now" in Unix seconds."""

    policy: Policy
    waivers: list[Waiver]
    instant: int


def settle_criteria(
    policy: object, waivers: object, now: object, baseline: object = None
) -> tuple[Criteria, list[str]]:
    """Return the criteria and their mistakes. With mistakes, use the criteria only to find further ones.

    :param baseline: a policy that ``policy`` is merged over, or None.
    """
    mistakes = Mistakes()
    instant = _settle_now(mistakes, now)
    settled_policy, policy_mistakes = settle_policy(policy, baseline)
    settled_waivers, waiver_mistakes = settle_waivers(waivers)
    return Criteria(settled_policy, settled_waivers, instant), policy_mistakes + waiver_mistakes + mistakes.lines


def settle_inputs(
    inputs: Mapping[str, Any],
    now_default: str,
    subject_default: str,
    formats: Sequence[str],
    api_version: str | None,
    formats_default: Sequence[str] = (),
) -> dict[str, Any]:
    """Return all settings of the gate as plain data, with defaults for null and empty inputs.

    With mistakes, there is nothing to read.

    :param formats: the names of the report formats.
    :param api_version: of the reads; None if it is unknown or nothing will be read.
    :param formats_default: the formats to write if none are given.
    """
    given = {name: value for name, value in inputs.items() if value is not None and value != ""}
    mistakes = Mistakes()
    criteria, found = settle_criteria(
        given.get("policy", {}), given.get("waivers", []), given.get("now", now_default), given.get("baseline")
    )
    subject = _settle_subject(mistakes, given.get("subject", subject_default))
    wanted = mistakes.names("report_formats", given.get("report_formats", list(formats_default)), "format", formats)
    enforce = mistakes.value("enforce", given.get("enforce", True), kinds.SWITCH, True)
    history = mistakes.value("history", given.get("history", True), kinds.SWITCH, True)
    report_dir = given.get("report_dir", "")
    if not isinstance(report_dir, str):
        mistakes.add("report_dir", report_dir, "a path")
    for name in needs_v2(criteria.policy) if api_version not in (None, "v2") else []:
        mistakes.add_line(
            f"policy.checks.{name}.enabled",
            f"{name} needs API v2. Set api_version to v2 in the connection, or disable the check",
        )
    lines = found + mistakes.lines
    return {
        "mistakes": lines,
        "policy": dict(criteria.policy.data),
        "waivers": [waiver.as_data() for waiver in criteria.waivers],
        "now": _time.unix_to_iso(criteria.instant),
        "now_given": "now" in given,
        "reads": plan(criteria.policy, criteria.instant) if not lines else {},
        "subject": subject,
        "directory_name": directory_name(subject),
        "enforce": enforce,
        "history": history,
        "report_dir": str(report_dir),
        "formats": [name for name in formats if name in wanted or name == "json"],
    }


def _settle_now(mistakes: Mistakes, value: object) -> int:
    try:
        return _time.read_now(value)
    except ValueError:
        mistakes.add("now", value, "an ISO 8601 time such as 2026-11-24T06:00:00Z, from 1990 on")
        return _PLACEHOLDER


def _settle_subject(mistakes: Mistakes, value: object) -> str:
    """Return the name of a tenant, which may be a number in an inventory."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)) or not str(value).strip():
        mistakes.add("subject", value, "the tenant's name, a text that is not empty")
        return "subject"
    return str(value).strip()
