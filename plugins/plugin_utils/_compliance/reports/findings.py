# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The output of the gate: a headline, a line for each cause, and the counts, short enough for a phone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..model import guide, wording
from ..model.check import EVIDENCE
from ..model.outcome import STATUSES
from . import causes
from .causes import Cause
from .labels import LABELS, VERDICTS

LINE = 400
"""Maximum characters of a line."""
HEADLINE = 200
_WHAT_HAPPENED = 120
"""Minimum characters of a line for what happened, regardless of the length of the remedy."""
_MOST_CAUSES = 20
"""Maximum lines in the output of a job; the report has all results."""
_MOST_WAIVERS = 5
_WORST = 5
_SUBJECT = 60
_PLACES = ("license", "run")
"""Scopes of only one kind of check, for which the name of the check is enough."""


def headline(evidence: Mapping[str, Any]) -> str:
    """Return subject, verdict, and the worst finding or the only cause, in one line.

    :param evidence: the content of evidence.json.
    """
    name, verdict = wording.one_line(evidence["subject"], _SUBJECT), VERDICTS[evidence["verdict"]]
    found = [cause for cause in causes.causes(evidence) if cause.status != "warn"]
    if evidence["verdict"] == "compliant":
        reason = _amounts(evidence["counts"], ("pass", "warn", "waived"))
    elif found:
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        reason = wording.one_line(_brief(found[0]), HEADLINE - len(f"{name}: {verdict}, {more}")) + more
    else:
        reason = evidence["reason"]
    return wording.one_line(f"{name}: {verdict}, {reason}", HEADLINE)


def findings(evidence: Mapping[str, Any]) -> list[str]:
    """Return a line for each cause, the worst first, and for each waiver that needs attention, then the counts."""
    found = [_finding(cause) for cause in causes.causes(evidence)]
    waivers = [_waiver(waiver) for waiver in evidence["waivers"] if waiver["warnings"]]
    return [
        *_first(found, _MOST_CAUSES, "finding"),
        *_first(waivers, _MOST_WAIVERS, "waiver"),
        f"{_amounts(evidence['counts'], STATUSES)}.".capitalize(),
    ]


def worst(evidence: Mapping[str, Any]) -> list[str]:
    """Return the first few causes, short enough for statistics and notifications."""
    found = causes.causes(evidence)[:_WORST]
    return [wording.one_line(f"{LABELS[cause.status]} {_short(cause)}", 160) for cause in found]


def _amounts(counts: Mapping[str, int], statuses: Sequence[str]) -> str:
    """Return the number of results with each status, without zeros."""
    words = {
        "fail": "failed",
        "error": "not determined",
        "warn": "warning" if counts["warn"] == 1 else "warnings",
        "waived": "accepted",
        "not_applicable": "not applicable",
        "pass": "passed",
    }
    return ", ".join(f"{counts[status]} {words[status]}" for status in statuses if counts[status]) or "no results"


def _short(cause: Cause) -> str:
    return cause.brief if cause.name == causes.READ else f"{_place(cause)}: {cause.brief}"


def _brief(cause: Cause) -> str:
    if cause.name == causes.READ:
        return cause.brief
    if cause.name == EVIDENCE:
        return f"the evidence is in doubt: {cause.brief}"
    if cause.status != "fail":
        return f"{cause.name} could not be determined: {cause.brief}"
    # With several scopes, the brief contains the first
    where = "" if cause.about in _PLACES or ", " in cause.about else f"{cause.about} "
    return f"{cause.name} failed: {where}{cause.brief}"


def _finding(cause: Cause) -> str:
    """Return a line with the finding and the remedy; a link to the guide is never shortened."""
    sentence, link = guide.split_link(cause.remedy)
    leaves_open = f" ({wording.amount(cause.results, 'result')} not determined)" if cause.name == causes.READ else ""
    start, end = f"{LABELS[cause.status]} {_place(cause)}{leaves_open}: ", f" {link}" if link else ""
    room = LINE - len(start) - len(" -> ") - len(end)
    what = wording.one_line(cause.what, max(room - len(sentence), _WHAT_HAPPENED))
    to_do = wording.one_line(sentence, room - len(what))
    return f"{start}{what} -> {to_do}{end}" if to_do else f"{start}{what}{end}"


def _place(cause: Cause) -> str:
    if cause.name == causes.READ:
        return f"reading the {cause.about}"
    return cause.name if cause.about in _PLACES else f"{cause.name} {cause.about}"


def _first(lines: list[str], most: int, thing: str) -> list[str]:
    rest = len(lines) - most
    return lines[:most] + ([f"... and {rest} more {thing}{'s' if rest > 1 else ''}, in the report"] if rest > 0 else [])


def _waiver(waiver: Mapping[str, Any]) -> str:
    line = f"WARN waiver {waiver['check']} {waiver['scope']}: {'; '.join(waiver['warnings'])}"
    return f"{wording.one_line(line, LINE - 90)} ({wording.one_line(waiver['approver'], 80)})"
