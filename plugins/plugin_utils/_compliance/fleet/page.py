# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The fleet as fleet.html: one page that needs nothing else, with a matrix of tenants and checks, the worst first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

from ..model import wording
from ..model.outcome import STATUSES
from ..reports.html import renderer
from . import fleet
from .tenant import FLEET_FILE, NOT_JUDGED, VERDICTS

_SHAPES = {"compliant": "pass", "non_compliant": "fail", "undetermined": "error", NOT_JUDGED: "error"}
"""The status whose shape and colour a verdict has."""
_WORDS = {"fail": "fail", "error": "error", "warn": "warn", "waived": "waived", "not_applicable": "n/a", "pass": "ok"}
_MOST_SCOPES = 12
_NAME = 120


class Field(NamedTuple):
    """A check of a tenant in the matrix."""

    status: str
    word: str
    title: str


class Row(NamedTuple):
    """A tenant."""

    place: int
    subject: str
    name: str
    """The subject, short enough for a table."""
    href: str
    """Of the tenant's own report; empty if there is none."""
    verdict: str
    status: str
    is_red: bool
    fields: list[Field]
    reasons: list[str]


def report(content: Mapping[str, Any]) -> str:
    """The whole page. ``content`` is that of fleet.json."""
    judged = fleet.judged(content)
    rows = [_row(place, row, content["checks"]) for place, row in enumerate(judged)]
    instants = sorted(row["evaluated_at"] for row in judged if row["evaluated_at"])
    return renderer.FLEET.render(
        content=content,
        total=wording.amount(len(rows), "tenant"),
        verdict=fleet.LABELS[content["verdict"]],
        status=_SHAPES[content["verdict"]],
        facts=[
            ("Judged", f"{instants[0]} to {instants[-1]}" if instants else "none"),
            ("Made at", content["made_at"]),
            *([("Limited to", content["limit"])] if content["limit"] else []),
        ],
        counts=[(_SHAPES[verdict], content["counts"][verdict], fleet.LABELS[verdict].lower()) for verdict in VERDICTS],
        rows=rows,
        earlier=[
            (row["evaluated_at"] or "never", _row(place, row, []))
            for place, row in enumerate(content["tenants"])
            if not row["judged_in_this_run"]
        ],
        file=FLEET_FILE,
        words=[(_WORDS[status], status.replace("_", " ")) for status in STATUSES],
    )


def _row(place: int, row: Mapping[str, Any], checks: list[Mapping[str, Any]]) -> Row:
    return Row(
        place,
        row["subject"],
        wording.one_line(row["subject"], _NAME),
        # The name of a folder need not be UTF-8: its own bytes are the link
        quote(row["report"] or "", errors="surrogateescape"),
        fleet.LABELS[row["verdict"]].lower(),
        _SHAPES[row["verdict"]],
        fleet.is_red(row),
        [_field(check["title"], row["checks"].get(check["check"])) for check in checks],
        [reason for reason in (row["doubt"], row["reason"], *row["worst"]) if reason],
    )


def _field(title: str, found: Mapping[str, Any] | None) -> Field:
    if found is None:
        return Field("unknown", "-", f"{title}: not judged")
    status = found["status"]
    scopes = f" ({wording.listed(found['scopes'], _MOST_SCOPES)})" if found["scopes"] else ""
    return Field(status.replace("_", "-"), _WORDS[status], f"{title}: {status.replace('_', ' ')}{scopes}")
