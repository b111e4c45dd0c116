# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Evaluate a reading: every check at every scope, waivers, verdict. Reads neither the clock nor files."""

from __future__ import annotations

from typing import Any

from ansible_collections.cloudbackup.m365.plugins.module_utils import _names, _time

from ..checks.catalogue import CATALOGUE
from ..model import durations, guide, wording
from ..model.check import ANSWERS, BACKUPS, Check
from ..model.outcome import DoesNotApply, Outcome, Undetermined
from ..model.policy import Policy, Scope
from ..model.waiver import Waiver
from ..reading import results
from ..reading.sources import SOURCES
from . import controls, verdict, waiving

_FIX_THE_READ = "The result could not be determined, which fails the gate. Fix the read error and run the gate again."

_PARTS = {
    check.name: [part for part in ("license", "jobs", BACKUPS) if part in (SOURCES[check.source].read, check.source)]
    for check in CATALOGUE
}
"""The parts of the tenant that each check verifies."""


def evaluate(read: object, policy: Policy, waivers: list[Waiver], now: int) -> dict[str, Any]:
    """Return the evaluation of a reading (plain data of any shape), as plain data in a fixed order.

    :param now: Unix seconds.
    """
    found = _Found(results.parse(read), policy, now)
    judged = [
        _result(check, scope, _judge(check, found, scope))
        for check in CATALOGUE
        for scope in SOURCES[check.source].scopes(policy)
        if policy.settings(check.name, scope.service).enabled
    ]
    judged, waiver_states = waiving.apply_waivers(judged, waivers, now)
    decision, reason = verdict.decide(judged, _PARTS)
    return {
        "verdict": decision,
        "reason": reason,
        "counts": verdict.count(judged),
        "results": judged,
        "waivers": waiver_states,
        "not_judged": _not_judged(found),
        "window": {
            "start": _time.unix_to_iso(now - policy.window),
            "end": _time.unix_to_iso(now),
            "length": durations.text(policy.window),
        },
    }


class _Found:
    """The data of each source, read once for all of its checks."""

    def __init__(self, reading: results.Reading, policy: Policy, now: int) -> None:
        self.reading, self.policy, self.instant = reading, policy, now
        self._found: dict[tuple[str, Scope], Any] = {}

    def find(self, source: str, scope: Scope) -> Any:
        """Return the data of a source at a scope. Raises Undetermined."""
        place = source, scope
        if place not in self._found:
            try:
                self._found[place] = SOURCES[source].find(self.reading, self.policy, self.instant, scope)
            except Undetermined as doubt:
                self._found[place] = doubt
        if isinstance(self._found[place], Undetermined):
            raise self._found[place]
        return self._found[place]


def _judge(check: Check, found: _Found, scope: Scope) -> Outcome:
    """Return the outcome. A doubt becomes an error here."""
    thresholds = found.policy.settings(check.name, scope.service).thresholds
    try:
        return check.judge(found.find(check.source, scope), thresholds, found.instant)
    except Undetermined as doubt:
        return Outcome("error", "not known", "an answer that can be judged", str(doubt))
    except DoesNotApply as reason:
        return Outcome("not_applicable", "nothing to judge", "enough to judge by", str(reason))


def _result(check: Check, scope: Scope, outcome: Outcome) -> dict[str, Any]:
    remediation = _FIX_THE_READ if outcome.status == "error" and check.optional else check.remediation
    return {
        "check": check.name,
        "title": check.title,
        "scope": scope.name,
        "status": outcome.status,
        "observed": outcome.observed,
        "expected": outcome.expected,
        "message": outcome.message,
        "remediation": guide.add_link(remediation, check.name),
        "controls": controls.of(check.name),
        "jobs": list(outcome.jobs),
    }


def _not_judged(found: _Found) -> list[dict[str, str]]:
    """Return what the gate did not evaluate."""
    policy = found.policy
    gaps = []
    for check in CATALOGUE:
        scopes = SOURCES[check.source].scopes(policy)
        off = [scope.name for scope in scopes if not policy.settings(check.name, scope.service).enabled]
        if off:
            suffix = "" if len(off) == len(scopes) else f" for {', '.join(off)}"
            why = "disabled by the policy" if check.is_default else "not enabled by the policy"
            gaps.append({"what": f"{check.name}{suffix}", "why": why})
    if check_names := _of_the_central_location(policy):
        what = f"{' and '.join(check_names)} outside the central location"
        gaps.append({"what": what, "why": "the policy names no locations"})
    others = [service for service in _names.OBJECT_TYPES if service not in policy.services]
    if others:
        gaps.append({"what": f"services {', '.join(others)}", "why": "not among the policy's services"})
    # If it is unknown, the check of the evidence is an error with the reason
    unjudged = found.find(ANSWERS, Scope("run")).unjudged
    if isinstance(unjudged, int) and unjudged:
        backups = wording.amount(unjudged, "backup")
        gaps.append({"what": backups, "why": "of services or locations that the policy does not list"})
    return gaps


def _of_the_central_location(policy: Policy) -> list[str]:
    """Return the enabled checks of settings if the policy has no locations: the service returns those of one only."""
    of_settings = [check for check in CATALOGUE if SOURCES[check.source].read == "settings"]
    return [] if policy.locations else [check.name for check in of_settings if check.source in policy.sources]
