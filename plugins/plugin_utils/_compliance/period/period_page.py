# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The period as period.html: a calendar for each tenant, its gaps, its episodes and who accepted them."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ..model import wording
from ..reports.html import renderer
from .file_names import PERIOD_FILE, TABLE_FILE
from .standing import DAYS, LABELS, STANDINGS

_SHAPES = {"proven": "pass", "gaps": "warn", "broken_chain": "fail", "no_evidence": "error"}
"""The status whose shape and colour a standing has."""
_SIGNS = {
    "compliant": "pass",
    "non_compliant": "fail",
    "undetermined": "error",
    "not_proven": "not_proven",
    "not_yet": "not_yet",
}
_WORDS = {
    "compliant": "compliant",
    "non_compliant": "non-compliant",
    "undetermined": "undetermined",
    "not_proven": "not proven: no run that counts",
    "not_yet": "not yet over",
}
_MEASURES = {"seats": "Seats", "storage": "Storage (GB)"}
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
"""Not those of the locale: the same histories make the same page."""
_WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_NAME = 120
MOST_ROWS = 100
"""Of a table; the files beside the page have all of them."""


class Day(NamedTuple):
    number: int
    sign: str
    title: str


class Month(NamedTuple):
    title: str
    weeks: list[list[Day | None]]
    """None for a day of another month, or outside the period."""


class Section(NamedTuple):
    """A tenant."""

    place: int
    subject: str
    row: Mapping[str, Any]
    label: str
    shape: str
    days: list[tuple[str, int, str]]
    months: list[Month]
    usage: list[tuple[object, ...]]
    """A row for each measure of the license."""


def report(content: Mapping[str, Any], calendars: Mapping[str, Sequence[tuple[str, str]]]) -> str:
    """Return the whole page.

    :param content: that of period.json.
    :param calendars: by subject, each day with its state.
    """
    tenants = [
        Section(
            place,
            wording.one_line(row["subject"], _NAME),
            row,
            LABELS[row["standing"]].lower(),
            _SHAPES[row["standing"]],
            [(_SIGNS[name], row["days"][name], _WORDS[name]) for name in DAYS if row["days"][name]],
            _months(calendars[row["subject"]]),
            [_usage(name, figures) for name, figures in row["license"].items()],
        )
        for place, row in enumerate(content["tenants"])
    ]
    of = content["period"]
    return renderer.PERIOD.render(
        content=content,
        title=f"Backup compliance from {of['start']} to {of['end']}",
        verdict=LABELS[content["verdict"]],
        status=_SHAPES[content["verdict"]],
        facts=[
            ("Period", f"{of['start']} to {of['end']}, UTC"),
            ("Made at", content["made_at"]),
            ("Allowed time without a run", content["max_gap"]),
        ],
        counts=[(_SHAPES[one], content["counts"][one], LABELS[one].lower()) for one in STANDINGS],
        tenants=tenants,
        legend=[(_SIGNS[name], _WORDS[name]) for name in DAYS],
        weekdays=_WEEKDAYS,
        most=MOST_ROWS,
        files=(PERIOD_FILE, TABLE_FILE),
    )


def _usage(name: str, figures: Mapping[str, Any]) -> tuple[object, ...]:
    known = [figures[field] for field in ("first", "last", "highest", "purchased")]
    runway = figures["runway_days"]
    cells = ["not known" if value is None else value for value in known]
    return (_MEASURES[name], *cells, "no forecast" if runway is None else runway)


def _months(calendar: Sequence[tuple[str, str]]) -> list[Month]:
    months: list[Month] = []
    for text, state in calendar:
        date = datetime.date.fromisoformat(text)
        title = f"{_MONTHS[date.month - 1]} {date.year}"
        if not months or months[-1].title != title:
            months.append(Month(title, []))
        weeks = months[-1].weeks
        if not weeks or date.weekday() == 0:
            weeks.append([None] * 7)
        weeks[-1][date.weekday()] = Day(date.day, _SIGNS[state], f"{text}: {_WORDS[state]}")
    return months
