# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The evidence as report.md. Every value goes through ``_cell``, so that text from the server cannot become markup."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible_collections.cloudbackup.m365.plugins.module_utils import _time

from ..model import guide, jobs, wording
from ..model.outcome import STATUSES
from . import labels
from .fact_types import SUPPORTS_AT_MOST, Facts

_MARKUP = re.compile(r"([\\`*\[\]|~#])|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])", re.ASCII)
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;"}
_CELL = 400


def report(evidence: Mapping[str, Any], facts: Facts) -> str:
    """Return the report. ``evidence`` is the content of evidence.json."""
    sections: list[Callable[[Mapping[str, Any], Facts], list[str]]] = [
        _top,
        _findings_table,
        _passed_table,
        _license,
        _backups,
        *([_settings] if facts.settings else []),
        *([_activity] if facts.activity else []),
        _controls_table,
        _waivers,
        _not_judged,
        _how_it_was_read,
    ]
    return "\n".join(line for section in sections for line in [*section(evidence, facts), ""])


def _top(evidence: Mapping[str, Any], facts: Facts) -> list[str]:
    verdict, window = evidence["verdict"], evidence["window"]
    counts = ", ".join(f"{evidence['counts'][status]} {labels.label(status)}" for status in STATUSES)
    return [
        f"# Backup compliance of {_cell(evidence['subject'])}",
        "",
        f"**{labels.VERDICTS[verdict]}.** {labels.MEANINGS[verdict]} {_cell(evidence['reason'])}",
        "",
        f"- Evaluated at: {_cell(evidence['evaluated_at'])}",
        f"- Window: {_cell(window['start'])} to {_cell(window['end'])} ({_cell(window['length'])})",
        f"- Results: {counts}",
    ]


def _findings_table(evidence: Mapping[str, Any], facts: Facts) -> list[str]:
    columns = ("Status", "Check", "Scope", "Observed", "Expected", "What it means", "What to do", "Jobs")
    rows = [
        (
            labels.label(result["status"]),
            f"{result['title']} ({result['check']})",
            result["scope"],
            result["observed"],
            result["expected"],
            result["message"],
            result["remediation"] if result["status"] in ("fail", "error", "warn", "waived") else "",
            labels.cited(result),
        )
        for result in labels.worst_first(evidence["results"])
    ]
    return ["## Findings", "", *_table(columns, rows, "None.")]


def _passed_table(evidence: Mapping[str, Any], facts: Facts) -> list[str]:
    rows = [
        (f"{result['title']} ({result['check']})", result["scope"], result["observed"], result["expected"])
        for result in evidence["results"]
        if result["status"] == "pass"
    ]
    return ["## Passed checks", "", *_table(("Check", "Scope", "Observed", "Expected"), rows, "Nothing.")]


def _license(evidence: Mapping[str, Any], facts: Facts) -> list[str]:
    if facts.license is None:
        return ["## License", "", _cell(facts.license_doubt)]
    rows = [
        (measure.name if measure.unit != "GB" else "Storage (GB)", measure.purchased, measure.used)
        for measure in facts.license.measures
    ]
    out = _cell(facts.license.out_of_policy_at)
    return ["## License", "", *_table(("", "Purchased", "In use"), rows), "", f"Out of policy at: {out}"]


def _backups(evidence: Mapping[str, Any], facts: Facts) -> list[str]:
    states = [state.replace("_", " ") for state in jobs.STATES]
    columns = ("Service", "Last finished backup", "Last completed backup", "Jobs", *states)
    rows: list[tuple[object, ...]] = []
    for service in facts.services:
        if service.group is None:
            rows.append((service.scope, "not known", service.doubt, *("" for _column in columns[3:])))
            continue
        last = (_ended(service.last_finished), _ended(service.last_completed))
        counts = (service.group.by_state[state] for state in jobs.STATES)
        rows.append((service.scope, *last, service.group.total, *counts))
    return ["## Backups by service", "", *_table(columns, rows, "No check of the jobs is enabled.")]


def _settings(evidence: Mapping[str, Any], facts: Facts) -> list[str]:
    columns = ("Service", "Jobs a day", "Starts (UTC)", "Shortest retention", "Retention in force", "Not known because")
    return ["## Schedule and retention", "", *_table(columns, facts.settings)]


def _activity(evidence: Mapping[str, Any], facts: Facts) -> list[str]:
    found, doubt = facts.activity or (None, "")
    if found is None:
        return ["## Unusual activity", "", _cell(doubt)]
    columns = ("Service", "Potential ransomware attacks", "Unusual activities")
    rows: list[tuple[object, ...]] = [(row.service, row.attacks, row.activities) for row in found.rows]
    total = [("All services", found.attacks, found.activities)] if rows else []
    table = _table(columns, [*rows, *total], "The service reported no row.")
    return ["## Unusual activity", "", f"Reported {found.days}.", "", *table]


def _ended(job: jobs.Job | None) -> str:
    """Return when and how a job ended."""
    return f"{_time.unix_to_iso(job.ended)} {job.state.replace('_', ' ')}" if job else "none"


def _controls_table(evidence: Mapping[str, Any], facts: Facts) -> list[str]:
    columns = ("Control", "About", "These checks", "Checks", "Results", "Manual verification")
    return ["## Controls", "", SUPPORTS_AT_MOST, "", *_table(columns, facts.controls)]


def _waivers(evidence: Mapping[str, Any], facts: Facts) -> list[str]:
    rows = [
        (
            waiver["state"],
            waiver["check"],
            waiver["scope"],
            ", ".join(waiver["applied_to"]) or "nothing",
            waiver["expires"],
            waiver["days_left"] if waiver["days_left"] >= 0 else "none",
            waiver["approver"],
            waiver["reason"],
            "; ".join(waiver["warnings"]),
        )
        for waiver in evidence["waivers"]
    ]
    columns = ("State", "Check", "Scope", "Applied to", "Holds through", "Days left", "Approver", "Reason", "Warnings")
    return ["## Waivers", "", *_table(columns, rows, "None.")]


def _not_judged(evidence: Mapping[str, Any], facts: Facts) -> list[str]:
    rows = [(gap["what"], gap["why"]) for gap in evidence["not_judged"]]
    return ["## Not judged", "", *_table(("What", "Why"), rows, "Nothing was left out.")]


def _how_it_was_read(evidence: Mapping[str, Any], facts: Facts) -> list[str]:
    rows = [(read.name, read.outcome, *(value for _name, value in read.facts)) for read in facts.reads]
    columns = ("Read", "Outcome", *(name for name, _value in facts.reads[0].facts))
    collection = evidence["collection"]
    made = f"Made by {_cell(collection['name'])} {_cell(collection['version'])} from the evidence.json beside it."
    return ["## How the evidence was read", "", *_table(columns, rows), "", made]


def _table(columns: Iterable[str], rows: Iterable[Iterable[object]], empty: str = "") -> list[str]:
    body = [[_cell(value) for value in row] for row in rows]
    if not body:
        return [empty]
    names = list(columns)
    return [_row(names), _row(["---"] * len(names)), *map(_row, body)]


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(value: object) -> str:
    return plain_text(value, _CELL)


def plain_text(value: object, limit: int) -> str:
    """Return any value as one line of Markdown without control characters, markup, HTML or links.

    A link to the guide at the end is kept.
    """
    text, link = guide.split_link(wording.one_line("" if value is None else value, limit))
    text = "".join(_ENTITIES.get(sign, sign) for sign in text)
    text = _MARKUP.sub(lambda match: "\\" + match[0], text)
    return text.replace("://", "&#58;//").replace("www.", "www&#46;") + (link and f" {link}")
