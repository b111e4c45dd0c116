# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""An evaluation as the lines that the gate prints, short enough for a pager."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..model import wording
from ..model.check import EVIDENCE
from ..model.outcome import STATUSES

_BAD = ("fail", "error", "warn")
_MOST_LINES = 60
"""Findings that are still legible in the output of a job; the report has them all."""
_ONE_SCREEN = 20
_MOST_SCOPES = 12
_WORST = 5

VERDICTS = {"compliant": "COMPLIANT", "non_compliant": "NON-COMPLIANT", "undetermined": "UNDETERMINED"}
LABELS = {
    "fail": "FAIL",
    "error": "ERROR",
    "warn": "WARN",
    "waived": "WAIVED",
    "not_applicable": "N/A",
    "pass": "PASS",
}
MEANINGS = {
    "compliant": "Every requirement of the policy was seen to be met, or is waived.",
    "non_compliant": "At least one requirement of the policy is not met.",
    "undetermined": "It could not be told whether the policy is met. That counts as red.",
}


def findings(evaluation: Mapping[str, Any], subject: str) -> list[str]:
    """The headline, the findings from the worst on, the waivers with warnings, the other results, the passed checks."""
    gathered = _gather(worst_first(evaluation["results"]))
    bad = [_finding(*one) for one in gathered if one[0]["status"] in _BAD]
    rest = [_finding(*one) for one in gathered if one[0]["status"] not in _BAD]
    waivers = [_waiver(waiver) for waiver in evaluation["waivers"] if waiver["warnings"]]
    return [
        _headline(evaluation, subject),
        *_first(bad, _MOST_LINES, "finding"),
        *_first(waivers, _ONE_SCREEN, "waiver"),
        *_first(rest, _ONE_SCREEN, "result"),
        *_passed(evaluation["results"]),
    ]


def worst(evaluation: Mapping[str, Any]) -> list[str]:
    """The first few failures, errors and warnings, short enough to be passed around."""
    bad = [one for one in _gather(worst_first(evaluation["results"])) if one[0]["status"] in _BAD]
    return [wording.one_line(f"{_place(*one, most=2)}: {_core(one[0])}", 160) for one in bad[:_WORST]]


def worst_first(results: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """All results except the passed ones. Among errors the evidence comes first: it gives the cause of the others."""
    bad = [result for result in results if result["status"] != "pass"]
    return sorted(bad, key=lambda result: (STATUSES.index(result["status"]), not _is_evidence(result)))


def label(status: str) -> str:
    """A status inside a sentence."""
    return LABELS[status].lower() if status != "not_applicable" else "not applicable"


def cited(result: Mapping[str, Any]) -> str:
    """The ids of the jobs that a result is based on."""
    return ", ".join(wording.one_line(job, 80) for job in result["jobs"])


def _headline(evaluation: Mapping[str, Any], subject: str) -> str:
    counts = ", ".join(f"{evaluation['counts'][status]} {LABELS[status].lower()}" for status in STATUSES)
    name, verdict = wording.one_line(subject, 80), VERDICTS[evaluation["verdict"]]
    return f"{name}: {verdict} at {evaluation['window']['end']} ({counts}). {evaluation['reason']}"


def _gather(results: Sequence[Mapping[str, Any]]) -> list[tuple[Mapping[str, Any], list[str]]]:
    """Each result with its scope; results that fill more than a screen with all scopes where they are the same.

    A read that fails leaves every check of every service without an answer, for one reason.
    """
    together = len(results) > _ONE_SCREEN
    gathered: dict[tuple[str, ...], tuple[Mapping[str, Any], list[str]]] = {}
    for result in results:
        scope = "" if together else result["scope"]
        key = (result["check"], scope, *(result[part] for part in ("status", "observed", "expected", "message")))
        gathered.setdefault(key, (result, []))[1].append(result["scope"])
    return list(gathered.values())


def _first(lines: list[str], most: int, thing: str) -> list[str]:
    rest = len(lines) - most
    return lines[:most] + ([f"... and {rest} more {thing}{'s' if rest > 1 else ''}, in the report"] if rest > 0 else [])


def _finding(result: Mapping[str, Any], scopes: Sequence[str]) -> str:
    line = f"{_place(result, scopes)}: {_core(result)}"
    return f"{line} -> {wording.one_line(result['remediation'], 360)}" if result["status"] in _BAD else line


def _place(result: Mapping[str, Any], scopes: Sequence[str], most: int = _MOST_SCOPES) -> str:
    return f"{LABELS[result['status']]} {result['check']} {wording.listed(scopes, most)}"


def _core(result: Mapping[str, Any]) -> str:
    """Observed against expected where both are figures, else the sentence."""
    if result["status"] in ("fail", "warn") and not _is_evidence(result):
        return wording.one_line(f"{result['observed']}; expected {result['expected']}", 280)
    # The evidence, which comes first, has the read error in full
    limit = 160 if result["status"] == "error" and not _is_evidence(result) else 500
    return wording.one_line(result["message"], limit)


def _is_evidence(result: Mapping[str, Any]) -> bool:
    return bool(result["check"] == EVIDENCE)


def _waiver(waiver: Mapping[str, Any]) -> str:
    warnings = "; ".join(waiver["warnings"])
    line = f"WARN waiver {waiver['check']} {waiver['scope']}: {warnings}"
    return f"{wording.one_line(line, 500)} ({wording.one_line(waiver['approver'], 80)})"


def _passed(results: Sequence[Mapping[str, Any]]) -> list[str]:
    scopes: dict[str, list[str]] = {}
    for result in results:
        if result["status"] == "pass":
            scopes.setdefault(result["check"], []).append(result["scope"])
    passed = "; ".join(f"{check} {wording.listed(names, 4)}" for check, names in scopes.items())
    return [wording.one_line(f"PASS {passed}", 1_200)] if scopes else []
