# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""An evaluation as the lines that the gate prints: people read them on a pager, at night."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from . import _text
from ._catalogue import BY_NAME
from ._outcome import STATUSES

_MOST_LINES = 60
"""Findings that a job's output still shows legibly; the report has them all."""
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


def findings(evaluation: Mapping[str, Any], subject: str) -> list[str]:
    """The headline, then one line per finding, the worst first; what passed is summed up in the last line."""
    lines = [_finding(result) for result in worst_first(evaluation["results"])]
    waivers = [_waiver(waiver) for waiver in evaluation["waivers"] if waiver["warnings"]]
    rest = len(lines) - _MOST_LINES
    more = [f"... and {_text.amount(rest, 'finding')} more, in the report"] if rest > 0 else []
    return [_headline(evaluation, subject), *lines[:_MOST_LINES], *more, *waivers, *_passed(evaluation["results"])]


def worst(evaluation: Mapping[str, Any]) -> list[str]:
    """The first few failures, errors and warnings, short enough to be passed around."""
    bad = [result for result in worst_first(evaluation["results"]) if result["status"] in ("fail", "error", "warn")]
    return [_text.one_line(f"{_place(result)}: {_core(result)}", 160) for result in bad[:_WORST]]


def worst_first(results: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """All results but the passed ones. Of errors that of the evidence comes first: it names what the others rest on."""
    bad = [result for result in results if result["status"] != "pass"]
    return sorted(bad, key=lambda result: (STATUSES.index(result["status"]), BY_NAME[result["check"]].optional))


def _headline(evaluation: Mapping[str, Any], subject: str) -> str:
    counts = ", ".join(f"{evaluation['counts'][status]} {LABELS[status].lower()}" for status in STATUSES)
    name, verdict = _text.one_line(subject, 80), VERDICTS[evaluation["verdict"]]
    return f"{name}: {verdict} at {evaluation['window']['end']} ({counts}). {evaluation['reason']}"


def _finding(result: Mapping[str, Any]) -> str:
    told = f"{_place(result)}: {_core(result)}"
    if result["status"] in ("fail", "warn", "error"):
        told = f"{_text.one_line(told, 360)} -> {result['remediation']}"
    return _text.one_line(told, 600)


def _place(result: Mapping[str, Any]) -> str:
    return f"{LABELS[result['status']]} {result['check']} {result['scope']}"


def _core(result: Mapping[str, Any]) -> str:
    """Observed against expected where both are figures, else the sentence."""
    if result["status"] in ("fail", "warn") and BY_NAME[result["check"]].optional:
        return f"{result['observed']}; expected {result['expected']}"
    # What could not be read stands in full with the evidence, which comes first
    limit = 160 if result["status"] == "error" and BY_NAME[result["check"]].optional else 360
    return _text.one_line(result["message"], limit)


def _waiver(waiver: Mapping[str, Any]) -> str:
    told = "; ".join(waiver["warnings"])
    line = f"WARN waiver {waiver['check']} {waiver['scope']}: {told}"
    return f"{_text.one_line(line, 500)} ({_text.one_line(waiver['approver'], 80)})"


def _passed(results: Sequence[Mapping[str, Any]]) -> list[str]:
    scopes: dict[str, list[str]] = {}
    for result in results:
        if result["status"] == "pass":
            scopes.setdefault(result["check"], []).append(result["scope"])
    told = "; ".join(f"{check} {', '.join(names)}" for check, names in scopes.items())
    return [_text.one_line(f"PASS {told}", 900)] if scopes else []
