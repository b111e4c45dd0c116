# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""From what was read to the evaluation: every check on every scope, waivers, verdict. No clock, no file."""

from __future__ import annotations

from typing import Any

from ..checks import evidence_checks
from ..checks.catalogue import CATALOGUE, Check
from ..inputs.policy_rules import settle_policy
from ..inputs.settle import settle_now
from ..inputs.waivers import Waiver, settle_waivers
from ..model import durations, guide, instants, wording
from ..model.outcome import CannotTell, DoesNotApply, Outcome
from ..model.policy import Policy
from ..model.services import SERVICES
from ..reading import results as _reading
from ..reading.sources import ANSWERS, Scope, Subject
from . import controls
from . import verdict as _verdict
from .waiving import apply_waivers

_MEND_THE_READ = "Not known is not in order: mend the read, then run the gate again."


def evaluate(read: object, policy: Policy, waivers: list[Waiver], now: int) -> dict[str, Any]:
    """The evaluation of a reading, as plain data in a fixed order. The reading is plain data of any shape."""
    reading = _reading.settle(read)
    seen = _Seen(reading, policy, now)
    judged = [
        _result(check, scope, _judge(check, seen, policy, now, scope))
        for check in CATALOGUE
        for scope in check.subject.scopes(policy)
        if policy.settings(check.name, scope.service).enabled
    ]
    results, waiver_states = apply_waivers(judged, waivers, now)
    verdict, reason = _verdict.decide(results)
    return {
        "verdict": verdict,
        "reason": reason,
        "counts": _verdict.count(results),
        "results": results,
        "waivers": waiver_states,
        "not_judged": _not_judged(reading, policy, now),
        "window": {
            "start": instants.iso(now - policy.window),
            "end": instants.iso(now),
            "length": durations.text(policy.window),
        },
    }


def settle_and_evaluate(read: object, policy: object, waivers: object, now: object) -> tuple[dict[str, Any], list[str]]:
    """The evaluation under inputs that are settled here, and the mistakes in them; with mistakes there is none."""
    settled_policy, mistakes = settle_policy(policy)
    settled_waivers, waiver_mistakes = settle_waivers(waivers)
    mistakes += waiver_mistakes
    try:
        instant = settle_now(now)
    except ValueError:
        mistakes.append(f"now: found {wording.found(now)}, allowed is an ISO 8601 time such as 2026-11-24T06:00:00Z")
    return ({}, mistakes) if mistakes else (evaluate(read, settled_policy, settled_waivers, instant), [])


class _Seen:
    """What there is to look at, looked up once for all the checks of a subject."""

    def __init__(self, reading: _reading.Reading, policy: Policy, now: int) -> None:
        self._asked = reading, policy, now
        self._found: dict[tuple[str, Scope], Any] = {}

    def look(self, subject: Subject, scope: Scope) -> Any:
        """What the subject finds at a scope. Raises CannotTell."""
        place = subject.name, scope
        if place not in self._found:
            try:
                self._found[place] = subject.look(*self._asked, scope)
            except CannotTell as doubt:
                self._found[place] = doubt
        if isinstance(self._found[place], CannotTell):
            raise self._found[place]
        return self._found[place]


def _judge(check: Check, seen: _Seen, policy: Policy, now: int, scope: Scope) -> Outcome:
    """The one place where what cannot be told becomes an error."""
    thresholds = policy.settings(check.name, scope.service).thresholds
    try:
        return check.judge(seen.look(check.subject, scope), thresholds, now)
    except CannotTell as doubt:
        return Outcome("error", "not known", "an answer that can be judged", str(doubt))
    except DoesNotApply as reason:
        return Outcome("not_applicable", "nothing to judge", "enough to judge by", str(reason))


def _result(check: Check, scope: Scope, outcome: Outcome) -> dict[str, Any]:
    remediation = _MEND_THE_READ if outcome.status == "error" and check.optional else check.remediation
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


def _not_judged(reading: _reading.Reading, policy: Policy, now: int) -> list[dict[str, str]]:
    """What a green gate says nothing about."""
    gaps = []
    for check in CATALOGUE:
        scopes = check.subject.scopes(policy)
        off = [scope.name for scope in scopes if not policy.settings(check.name, scope.service).enabled]
        if off:
            suffix = "" if len(off) == len(scopes) else f" for {', '.join(off)}"
            gaps.append({"what": f"{check.name}{suffix}", "why": "switched off by the policy"})
    others = [service for service in SERVICES if service not in policy.services]
    if others:
        gaps.append({"what": f"services {', '.join(others)}", "why": "not among the policy's services"})
    try:
        unjudged = evidence_checks.count_unjudged(ANSWERS.look(reading, policy, now, Scope("run")), now)
    except CannotTell:
        # The evidence check says so, as an error
        unjudged = 0
    if unjudged:
        seen = wording.amount(unjudged, "backup")
        gaps.append({"what": f"{seen} in the window", "why": "of services or locations that the policy does not judge"})
    return gaps
