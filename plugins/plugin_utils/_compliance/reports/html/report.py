# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The evidence as report.html, a single page without external files or scripts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...model import wording
from ...model.jobs import STATES
from ...model.outcome import STATUSES
from .. import labels
from ..fact_types import SUPPORTS_AT_MOST, Facts
from . import backups, charts, finding_cards, renderer

_SHAPES = {"compliant": "pass", "non_compliant": "fail", "undetermined": "error"}
"""The status with the shape and colour of each verdict."""

_TITLE = 120
"""Maximum characters of a subject in a headline."""
_MOST_JOBS = 100
"""Maximum single jobs on a page; evidence.json contains all that were kept."""


def report(evidence: Mapping[str, Any], facts: Facts) -> str:
    """Return the page. ``evidence`` is the content of evidence.json."""
    verdict, results = evidence["verdict"], evidence["results"]
    return renderer.REPORT.render(
        evidence=evidence,
        facts=facts,
        subject=wording.one_line(evidence["subject"], _TITLE),
        status=_SHAPES[verdict],
        verdict=labels.VERDICTS[verdict],
        meaning=labels.MEANINGS[verdict],
        counts=[(status, evidence["counts"][status], labels.label(status)) for status in STATUSES],
        titles=_titles(facts),
        gauges=backups.gauges(facts),
        days=charts.axis(facts.start, facts.end),
        states=STATES,
        doubts=backups.doubts(facts),
        lanes=backups.lanes(facts),
        unclean=backups.unclean(facts),
        most_jobs=_MOST_JOBS,
        cards=finding_cards.cards(results),
        not_applicable=finding_cards.not_applicable(results),
        passed=finding_cards.passed(results),
        read_columns=["", *(read.name.capitalize() for read in facts.reads)],
        read_rows=_read_rows(facts),
        supports_at_most=SUPPORTS_AT_MOST.replace("*", ""),
    )


def _titles(facts: Facts) -> list[str]:
    """Return the titles of the sections, for the table of contents."""
    of_v2 = [("Schedule and retention", facts.settings), ("Unusual activity", facts.activity)]
    return [
        *("License", "Backups"),
        *(title for title, found in of_v2 if found),
        *("Findings", "Passed checks", "Controls", "Waivers", "Not judged", "How the evidence was read"),
    ]


def _read_rows(facts: Facts) -> list[list[object]]:
    """Return a row for each fact, with a column for each read."""
    rows: list[list[object]] = [["Outcome", *(read.outcome for read in facts.reads)]]
    for same in zip(*(read.facts for read in facts.reads)):
        rows.append([same[0][0], *("not known" if value is None else value for _name, value in same)])
    return rows
