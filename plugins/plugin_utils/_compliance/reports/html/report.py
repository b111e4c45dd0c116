# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The evidence as report.html, one page that needs nothing else: no network, no script, no font, no picture.

Everything that came from outside becomes text in ``_markup``, wherever it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ...inputs.policy_rules import settle_policy
from ...model import wording
from ...model.outcome import STATUSES
from ...model.policy import Policy
from ...reading import results as _reading
from .. import facts as _tables
from .. import findings
from . import backups, charts, finding_cards, style
from .markup import SPACE, Html, element, joined, prose
from .markup_tables import table

_SHAPES = {"compliant": "pass", "non_compliant": "fail", "undetermined": "error"}
"""The status whose shape and colour a verdict has."""

_TITLE = 120
"""Characters of a subject in a headline."""

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"

_Section = Callable[[Mapping[str, Any], Policy], Html]


def report(evidence: Mapping[str, Any]) -> str:
    """The whole page. ``evidence`` is the content of evidence.json; what is damaged in its ``read`` is told as such."""
    policy, _unused_mistakes = settle_policy(evidence["policy"])
    name = f"Backup compliance of {wording.one_line(evidence['subject'], _TITLE)}"
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", f"{name}: {findings.VERDICTS[evidence['verdict']]}"),
        element("style", Html(style.sheet())),
    )
    body = element(
        "body",
        charts.shapes(),
        _top(evidence),
        _contents(),
        element("main", *(_section(title, make(evidence, policy)) for title, make in _SECTIONS.items())),
        _foot(evidence),
    )
    return f"<!DOCTYPE html>\n{element('html', head, body, lang='en')}\n"


def _top(evidence: Mapping[str, Any]) -> Html:
    verdict, window = evidence["verdict"], evidence["window"]
    status = _SHAPES[verdict]
    banner = element(
        "div",
        charts.status_shape(status),
        element(
            "div",
            element("p", findings.VERDICTS[verdict], class_="word"),
            element("p", evidence["reason"], class_="reason"),
            element("p", f"What this verdict stands for: {_tables.STANDS_FOR[verdict]}", class_="small"),
        ),
        class_=f"verdict {status}",
    )
    facts = {
        "Subject": evidence["subject"],
        "Evaluated at": evidence["evaluated_at"],
        "Window": f"{window['start']} to {window['end']} ({window['length']})",
    }
    return element(
        "header",
        element("p", "Cloud Backup for Microsoft 365", class_="kicker"),
        element("h1", "Backup compliance of", SPACE, element("bdi", wording.one_line(evidence["subject"], _TITLE))),
        banner,
        element(
            "dl",
            *(element("div", element("dt", word), element("dd", prose(value))) for word, value in facts.items()),
            class_="facts",
        ),
        element(
            "ul",
            *(_chip(status, evidence["counts"][status]) for status in STATUSES),
            class_="chips",
            aria_label="Results",
        ),
    )


def _chip(status: str, count: int) -> Html:
    css = status.replace("_", "-") if count else "none"
    return element("li", charts.status_shape(status), f"{count} {_tables.label(status)}", class_=css)


def _contents() -> Html:
    links = (element("li", element("a", title, href=f"#{_anchor(title)}")) for title in _SECTIONS)
    return element("nav", element("ul", *links), aria_label="On this page")


def _section(title: str, content: Html) -> Html:
    anchor = _anchor(title)
    heading = element("h2", title, id=anchor)
    return element("section", heading, content, aria_labelledby=anchor)


def _anchor(title: str) -> str:
    return title.lower().replace(" ", "-")


def _license(evidence: Mapping[str, Any], policy: Policy) -> Html:
    return backups.license_cards(evidence)


def _found(evidence: Mapping[str, Any], policy: Policy) -> Html:
    results = evidence["results"]
    return joined([finding_cards.cards(results) or element("p", "None."), finding_cards.not_applicable(results)])


def _passed(evidence: Mapping[str, Any], policy: Policy) -> Html:
    if not evidence["counts"]["pass"]:
        return element("p", "Nothing.")
    return finding_cards.passed(evidence["results"])


def _controls(evidence: Mapping[str, Any], policy: Policy) -> Html:
    rows = [
        [
            element("span", control.name, SPACE, element("small", control.about)),
            element("b", standing) if standing.startswith("not ") else standing,
            ", ".join(control.checks),
            results,
            control.manual,
        ]
        for control, standing, results in _tables.controls(evidence, policy)
    ]
    columns = ("Control", "These checks", "Checks", "Results", "Stays manual")
    return table(_tables.SUPPORTS_AT_MOST.replace("*", ""), columns, rows, "stack controls")


def _waivers(evidence: Mapping[str, Any], policy: Policy) -> Html:
    rows = [
        [
            element("span", prose(waiver["check"]), SPACE, element("small", waiver["scope"])),
            _waiver_state(waiver),
            ", ".join(waiver["applied_to"]) or "nothing",
            waiver["expires"],
            waiver["approver"],
            waiver["reason"],
        ]
        for waiver in evidence["waivers"]
    ]
    columns = ("Waiver", "State", "Applied to", "Holds through", "Approver", "Reason")
    return (
        table("What somebody answers for, for a while.", columns, rows, "stack waivers")
        if rows
        else element("p", "None.")
    )


def _waiver_state(waiver: Mapping[str, Any]) -> Html:
    return joined([element("b", waiver["state"]), *(element("small", told) for told in waiver["warnings"])])


def _not_judged(evidence: Mapping[str, Any], policy: Policy) -> Html:
    rows = [(gap["what"], gap["why"]) for gap in evidence["not_judged"]]
    if not rows:
        return element("p", "Nothing was left out.")
    return table("What this verdict says nothing about.", ("What", "Why"), rows)


def _how_it_was_read(evidence: Mapping[str, Any], policy: Policy) -> Html:
    reading = _reading.parse(evidence["read"])
    reads = _tables.reads(reading)
    rows: list[list[object]] = [["Outcome", *(read.outcome for read in reads)]]
    rows += [[facts[0][0], *(_fact(value) for _word, value in facts)] for facts in zip(*(read.facts for read in reads))]
    others = [(name, words) for name, words in reading.failures.items() if name not in {read.name for read in reads}]
    return joined(
        [
            table(
                "The requests behind this page.", ("", *(read.name.capitalize() for read in reads)), rows, "stack reads"
            ),
            table("Other errors.", ("Read", "Error"), others) if others else "",
        ]
    )


def _fact(value: object) -> object:
    return "not known" if value is None else value


def _foot(evidence: Mapping[str, Any]) -> Html:
    collection = evidence["collection"]
    made = f"Made by {collection['name']} {collection['version']} from the evidence.json beside it"
    return element("footer", element("p", f"{made}, which holds everything that this page shows and was judged by."))


_SECTIONS: dict[str, _Section] = {
    "License": _license,
    "Backups": backups.timeline,
    "Findings": _found,
    "Seen to be in order": _passed,
    "Controls": _controls,
    "Waivers": _waivers,
    "Not judged": _not_judged,
    "How the evidence was read": _how_it_was_read,
}
"""From top to bottom."""
