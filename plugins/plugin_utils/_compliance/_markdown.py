# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The evidence as report.md. Everything goes through ``_cell``: what the server said cannot become markup."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from . import _controls, _findings, _guide, _instants, _jobs, _reading, _text, _verdict
from ._outcome import STATUSES, CannotTell
from ._policy import Policy
from ._policy_rules import settle_policy
from ._subjects import BACKUPS

_MARKUP = re.compile(r"([\\`*\[\]|~#])|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])", re.ASCII)
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;"}
_CELL = 400

_STANDS_FOR = {
    "compliant": "Everything the policy asks for was seen to be in order.",
    "non_compliant": "At least one requirement of the policy is not met.",
    "undetermined": "It could not be told whether the policy is met. That counts as red.",
}


def report(evidence: Mapping[str, Any]) -> str:
    """The whole report. ``evidence`` is the content of evidence.json."""
    policy, _unused_mistakes = settle_policy(evidence["policy"])
    sections: list[Callable[[Mapping[str, Any], Policy], list[str]]] = [
        _top,
        _findings_table,
        _passed_table,
        _license,
        _backups,
        _controls_table,
        _waivers,
        _not_judged,
        _how_it_was_read,
    ]
    return "\n".join(line for section in sections for line in [*section(evidence, policy), ""])


def _top(evidence: Mapping[str, Any], policy: Policy) -> list[str]:
    verdict, window = evidence["verdict"], evidence["window"]
    counts = ", ".join(f"{evidence['counts'][status]} {_label(status)}" for status in STATUSES)
    return [
        f"# Backup compliance of {_cell(evidence['subject'])}",
        "",
        f"**{_findings.VERDICTS[verdict]}.** {_STANDS_FOR[verdict]} {_cell(evidence['reason'])}",
        "",
        f"- Evaluated at: {_cell(evidence['evaluated_at'])}",
        f"- Window: {_cell(window['start'])} to {_cell(window['end'])} ({_cell(window['length'])})",
        f"- Results: {counts}",
    ]


def _findings_table(evidence: Mapping[str, Any], policy: Policy) -> list[str]:
    columns = ("Status", "Check", "Scope", "Observed", "Expected", "What it means", "What to do", "Jobs")
    rows = [
        (
            _label(result["status"]),
            f"{result['title']} ({result['check']})",
            result["scope"],
            result["observed"],
            result["expected"],
            result["message"],
            result["remediation"] if result["status"] in ("fail", "error", "warn", "waived") else "",
            ", ".join(_text.one_line(job, 80) for job in result["jobs"]),
        )
        for result in _findings.worst_first(evidence["results"])
    ]
    return ["## Findings", "", *_table(columns, rows, "None.")]


def _passed_table(evidence: Mapping[str, Any], policy: Policy) -> list[str]:
    rows = [
        (f"{result['title']} ({result['check']})", result["scope"], result["observed"], result["expected"])
        for result in evidence["results"]
        if result["status"] == "pass"
    ]
    return ["## Seen to be in order", "", *_table(("Check", "Scope", "Observed", "Expected"), rows, "Nothing.")]


def _license(evidence: Mapping[str, Any], policy: Policy) -> list[str]:
    try:
        license_ = _reading.settle(evidence["read"]).license()
    except CannotTell as doubt:
        return ["## License", "", _cell(doubt)]
    rows = [
        ("Seats", license_.get("purchased_user_seats"), license_.get("assigned_user_seats")),
        ("Storage (GB)", license_.get("purchased_storage_size"), license_.get("protected_size")),
    ]
    out = license_.get("out_of_policy_time") or license_.get("out_of_policy_raw") or "not set"
    return ["## License", "", *_table(("", "Purchased", "In use"), rows), "", f"Out of policy at: {_cell(out)}"]


def _backups(evidence: Mapping[str, Any], policy: Policy) -> list[str]:
    reading, now = _reading.settle(evidence["read"]), _instants.parse(evidence["evaluated_at"])
    columns = ("Service", "Last finished backup", "Last completed backup", "Jobs", *(_words(s) for s in _jobs.STATES))
    rows: list[tuple[object, ...]] = []
    for scope in BACKUPS.scopes(policy) if BACKUPS.name in policy.looks_at else []:
        try:
            jobs = BACKUPS.look(reading, policy, now, scope).jobs
            ended = (_ended(jobs.last(["finished"])), _ended(jobs.last(set(_jobs.STATES) - {"in_progress"})))
            rows.append((scope.name, *ended, jobs.total, *(jobs.by_state[state] for state in _jobs.STATES)))
        except CannotTell as doubt:
            rows.append((scope.name, "not known", doubt, *("" for _column in columns[3:])))
    return ["## Backups by service", "", *_table(columns, rows, "No check of the jobs is switched on.")]


def _controls_table(evidence: Mapping[str, Any], policy: Policy) -> list[str]:
    results = evidence["results"]
    rows = []
    for control in _controls.CONTROLS:
        counts = _verdict.count([result for result in results if result["check"] in control.checks])
        seen = ", ".join(f"{counts[status]} {_label(status)}" for status in STATUSES if counts[status]) or "not judged"
        standing = _controls.standing(control, policy)
        rows.append((control.name, control.about, standing, ", ".join(control.checks), seen, control.manual))
    columns = ("Control", "About", "These checks", "Checks", "Results", "Stays manual")
    note = "A check *supports* a control, at most: none is fulfilled by this report alone."
    return ["## Controls", "", note, "", *_table(columns, rows)]


def _waivers(evidence: Mapping[str, Any], policy: Policy) -> list[str]:
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


def _not_judged(evidence: Mapping[str, Any], policy: Policy) -> list[str]:
    rows = [(gap["what"], gap["why"]) for gap in evidence["not_judged"]]
    return ["## Not judged", "", *_table(("What", "Why"), rows, "Nothing was left out.")]


def _how_it_was_read(evidence: Mapping[str, Any], policy: Policy) -> list[str]:
    reading = _reading.settle(evidence["read"])
    rows = []
    for read in ("license", "jobs"):
        api = reading.results.get(read, {}).get("api")
        facts = api if isinstance(api, Mapping) else {}
        ids = facts.get("request_ids")
        rows.append(
            (
                read,
                reading.failures.get(read) or ("read" if read in reading.results else "not read"),
                *(facts.get(name) for name in ("url", "version", "client_id", "requests", "retries")),
                facts.get("server_time"),
                facts.get("clock_offset_seconds"),
                ", ".join(_text.one_line(one, 80) for one in ids) if isinstance(ids, list) else ids,
            )
        )
    columns = ("Read", "Outcome", "URL", "API", "Client", "Requests", "Retries", "Server time", "Clock off (s)", "Ids")
    collection = evidence["collection"]
    made = f"Made by {_cell(collection['name'])} {_cell(collection['version'])} from the evidence.json beside it."
    return ["## How the evidence was read", "", *_table(columns, rows), "", made]


def _ended(job: _jobs.Job | None) -> str:
    return f"{_instants.iso(job.ended)} {_words(job.state)}" if job else "none"


def _words(name: str) -> str:
    return name.replace("_", " ")


def _label(status: str) -> str:
    return _findings.LABELS[status].lower() if status != "not_applicable" else "not applicable"


def _table(columns: Iterable[str], rows: Iterable[Iterable[object]], empty: str = "") -> list[str]:
    body = [[_cell(value) for value in row] for row in rows]
    if not body:
        return [empty]
    names = list(columns)
    return [_row(names), _row(["---"] * len(names)), *map(_row, body)]


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(value: object) -> str:
    """Any value as text that is only text: one line, no control characters, no markup, no HTML.

    No link either, but for one to the guide at its end.
    """
    text, link = _guide.split_link(_text.one_line("" if value is None else value, _CELL))
    text = "".join(_ENTITIES.get(sign, sign) for sign in text)
    text = _MARKUP.sub(lambda match: "\\" + match[0], text)
    return text.replace("://", "&#58;//").replace("www.", "www&#46;") + (link and f" {link}")
