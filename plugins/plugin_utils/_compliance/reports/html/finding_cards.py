# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The results of a page: what was found as cards, the worst first, and what was seen to be in order as a table.

A tenant may have hundreds of results. What differs in its scopes alone is told once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ...model import guide, wording
from .. import facts as _tables
from .. import findings
from . import charts
from .markup import SPACE, Html, element, joined, prose
from .markup_tables import table

_MOST_ROWS = 15
"""Rows of a card that are shown at once; the others can be unfolded."""

_Result = Mapping[str, Any]


def cards(results: Sequence[_Result]) -> Html:
    """Failures, errors, warnings and waived failures, a card per check; errors for the same reason share one."""
    groups: dict[tuple[str, str], list[_Result]] = {}
    for result in findings.worst_first(results):
        if result["status"] != "not_applicable":
            same = result["message"] if result["status"] == "error" else result["check"]
            groups.setdefault((result["status"], same), []).append(result)
    return joined(_card(status, group) for (status, _same), group in groups.items())


def passed(results: Sequence[_Result]) -> Html:
    """A row per check and expectation, with what was observed where."""
    found = _gathered((one for one in results if one["status"] == "pass"), ("check", "title", "expected"))
    rows = [
        [element("span", title, SPACE, element("small", check)), expected, _by_observed(group)]
        for (check, title, expected), group in found.items()
    ]
    return table("Checks that passed, and what was observed.", ("Check", "Expected", "Observed"), rows, "stack passed")


def not_applicable(results: Sequence[_Result]) -> Html:
    """The results that say neither yes nor no; empty without any."""
    found = _gathered((one for one in results if one["status"] == "not_applicable"), ("check", "title", "message"))
    if not found:
        return Html()
    rows = [
        [element("span", title, SPACE, element("small", check)), _scopes(group), message]
        for (check, title, message), group in found.items()
    ]
    count = sum(map(len, found.values()))
    return element(
        "details",
        element("summary", f"Not applicable: {wording.amount(count, 'result')}"),
        table("Checks that had nothing to judge, and why.", ("Check", "Where", "Why"), rows),
    )


def _card(status: str, group: Sequence[_Result]) -> Html:
    titles = {result["check"]: result["title"] for result in group}
    if len(titles) == 1:
        ((check, name),) = titles.items()
        head = [element("h3", name), element("code", check)]
        controls = f"Controls: {', '.join(group[0]['controls'])}." if group[0]["controls"] else ""
    else:
        name, controls = f"{len(titles)} checks could not be judged", ""
        head = [element("h3", name)]
    return element(
        "article",
        element("div", pill(status), *head, class_="card-head"),
        *_found(name, group, several=len(titles) > 1),
        _advice(group),
        element("p", controls, class_="soft small") if controls else "",
        class_="card",
    )


def _found(name: str, group: Sequence[_Result], several: bool) -> Iterable[Html]:
    """What was found, a row for all scopes where it is the same; many rows are folded."""
    rows = [
        [_checks(same) if several else _scopes(same), *facts, element("code", _tables.cited(same[0]))]
        for (*facts, _jobs), same in _gathered(group, ("observed", "expected", "message", "jobs")).items()
    ]
    columns, kind = ["Where", "Observed", "Expected", "What it means", "Jobs"], "cites"
    if not any(result["jobs"] for result in group):
        columns, rows, kind = columns[:-1], [row[:-1] for row in rows], "several" if several else ""
    kind = f"stack found {kind}".strip()
    yield table(f"{name}: {wording.amount(len(group), 'result')}", columns, rows[:_MOST_ROWS], kind)
    if len(rows) > _MOST_ROWS:
        summary = element("summary", wording.amount(len(rows) - _MOST_ROWS, "more row"))
        yield element("details", summary, table(f"{name}, continued", columns, rows[_MOST_ROWS:], kind))


def pill(status: str) -> Html:
    """A status as a shape and a word."""
    css = status.replace("_", "-")
    return element("span", charts.status_shape(status), _tables.label(status).upper(), class_=f"pill {css}")


def _advice(group: Iterable[_Result]) -> Html:
    """What to do, each sentence once; where a remediation ends with the guide's address, that becomes a link."""
    told: dict[str, dict[str, str]] = {}
    for result in group:
        sentence, link = guide.split_link(result["remediation"])
        told.setdefault(sentence, {}).update({link: link.rpartition("#")[2]} if link else {})
    return joined(
        element(
            "p",
            element("b", "What to do:"),
            SPACE,
            sentence,
            *(joined([SPACE, element("a", f"Guide: {anchor}", href=address)]) for address, anchor in links.items()),
            class_="todo",
        )
        for sentence, links in told.items()
    )


def _checks(group: Sequence[_Result]) -> Html:
    """Several checks and their scopes; checks that have the same ones are named together."""
    titles: dict[str, list[str]] = {}
    for (title,), same in _gathered(group, ("title",)).items():
        titles.setdefault(_named(same), []).append(title)
    places = (
        joined([element("b", ", ".join(names)), SPACE, element("small", prose(scopes))])
        for scopes, names in titles.items()
    )
    return element("ul", *(element("li", place) for place in places))


def _by_observed(group: Sequence[_Result]) -> Html:
    """What was observed where."""
    found = _gathered(group, ("observed",))
    places = (
        joined([element("b", prose(f"{_named(same)}:")), SPACE, prose(observed)]) for (observed,), same in found.items()
    )
    return element("ul", *(element("li", place) for place in places))


def _scopes(group: Sequence[_Result]) -> Html:
    return prose(_named(group))


def _named(group: Sequence[_Result]) -> str:
    return ", ".join(result["scope"] for result in group)


def _gathered(results: Iterable[_Result], fields: Sequence[str]) -> dict[tuple[Any, ...], list[_Result]]:
    """Results that are the same in some fields, in the order in which they came."""
    found: dict[tuple[Any, ...], list[_Result]] = {}
    for result in results:
        key = tuple(tuple(value) if isinstance(value, list) else value for value in map(result.__getitem__, fields))
        found.setdefault(key, []).append(result)
    return found
