# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The results for the page: findings as cards, the worst first, and the passed checks as a table.

A tenant may have hundreds of results. Results that differ only in their scopes are shown together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ...model import guide
from .. import labels

_MOST_ROWS = 15
"""Rows of a card that are always visible; the others can be unfolded."""

_Result = Mapping[str, Any]


class Row(NamedTuple):
    """The findings, with one row for all scopes with the same finding."""

    scopes: str
    checks: list[tuple[str, str]]
    """Checks and their scopes, in a card of several checks."""
    observed: str
    expected: str
    message: str
    jobs: str


class Card(NamedTuple):
    status: str
    label: str
    name: str
    check: str
    """Empty for several checks that have errors for the same reason."""
    amount: int
    columns: list[str]
    kind: str
    rows: list[Row]
    more_rows: list[Row]
    advice: list[tuple[str, list[tuple[str, str]]]]
    """Each remediation, with the names and addresses of sections of the guide."""
    controls: str


class Gathered(NamedTuple):
    """Results of one check that differ only in their scopes."""

    title: str
    check: str
    same: str
    """The expectation, or why they do not apply."""
    scopes: str
    observed: list[tuple[str, str]]
    """Scopes, and what was observed there."""
    amount: int
    """Of results."""


def cards(results: Sequence[_Result]) -> list[Card]:
    """Return failures, errors, warnings and waived failures, with a card per check, or per reason of errors."""
    groups: dict[tuple[str, str], list[_Result]] = {}
    for result in labels.worst_first(results):
        if result["status"] != "not_applicable":
            same = result["message"] if result["status"] == "error" else result["check"]
            groups.setdefault((result["status"], same), []).append(result)
    return [_card(status, group) for (status, _same), group in groups.items()]


def passed(results: Sequence[_Result]) -> list[Gathered]:
    """Return the passed results by check and expectation."""
    return _same_but_for_scopes(results, "pass", "expected")


def not_applicable(results: Sequence[_Result]) -> list[Gathered]:
    """Return the results that do not apply, by check and reason."""
    return _same_but_for_scopes(results, "not_applicable", "message")


def _card(status: str, group: Sequence[_Result]) -> Card:
    first, checks = group[0], len({result["check"] for result in group})
    several, cites = checks > 1, any(result["jobs"] for result in group)
    same = _grouped(group, ("observed", "expected", "message", "jobs"))
    rows = [
        Row(_scopes(alike), _checks(alike) if several else [], observed, expected, message, labels.cited(alike[0]))
        for (observed, expected, message, _jobs), alike in same.items()
    ]
    return Card(
        status,
        labels.label(status).upper(),
        f"{checks} checks could not be judged" if several else first["title"],
        "" if several else first["check"],
        len(group),
        ["Where", "Observed", "Expected", "What it means", *(["Jobs"] if cites else [])],
        "stack found cites" if cites else "stack found several" if several else "stack found",
        rows[:_MOST_ROWS],
        rows[_MOST_ROWS:],
        _advice(group),
        "" if several or not first["controls"] else f"Controls: {', '.join(first['controls'])}.",
    )


def _advice(group: Iterable[_Result]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the remediations without duplicates, each with its address in the guide as a separate value."""
    sentences: dict[str, dict[str, str]] = {}
    for result in group:
        sentence, link = guide.split_link(result["remediation"])
        sentences.setdefault(sentence, {}).update({link: link.rpartition("#")[2]} if link else {})
    return [(sentence, [(name, link) for link, name in links.items()]) for sentence, links in sentences.items()]


def _checks(group: Sequence[_Result]) -> list[tuple[str, str]]:
    """Return checks and their scopes; checks with the same scopes are grouped."""
    titles: dict[str, list[str]] = {}
    for (title,), same in _grouped(group, ("title",)).items():
        titles.setdefault(_scopes(same), []).append(title)
    return [(", ".join(names), scopes) for scopes, names in titles.items()]


def _same_but_for_scopes(results: Iterable[_Result], status: str, field: str) -> list[Gathered]:
    found = _grouped((one for one in results if one["status"] == status), ("check", "title", field))
    return [
        Gathered(
            title,
            check,
            same,
            _scopes(group),
            [(_scopes(alike), observed) for (observed,), alike in _grouped(group, ("observed",)).items()],
            len(group),
        )
        for (check, title, same), group in found.items()
    ]


def _scopes(group: Sequence[_Result]) -> str:
    return ", ".join(result["scope"] for result in group)


def _grouped(results: Iterable[_Result], fields: Sequence[str]) -> dict[tuple[Any, ...], list[_Result]]:
    """Group the results that have the same values in some fields, in their order."""
    found: dict[tuple[Any, ...], list[_Result]] = {}
    for result in results:
        key = tuple(tuple(value) if isinstance(value, list) else value for value in map(result.__getitem__, fields))
        found.setdefault(key, []).append(result)
    return found
