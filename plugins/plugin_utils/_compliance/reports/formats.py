# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The report formats, and the evidence pack."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from ..model.policy import Policy
from . import evidence_json, findings_csv, junit, markdown, metrics, oscal
from .fact_types import Facts
from .facts import gather
from .html import report as html
from .pack_files import FILE_OF


class Format(NamedTuple):
    """The file of a format and the function that returns its content."""

    file: str
    report: Callable[[Mapping[str, Any], Facts], str]


FORMATS = {
    "json": Format(FILE_OF["json"], evidence_json.report),
    "junit": Format(FILE_OF["junit"], junit.report),
    "html": Format(FILE_OF["html"], html.report),
    "markdown": Format(FILE_OF["markdown"], markdown.report),
    "csv": Format(FILE_OF["csv"], findings_csv.report),
    "metrics": Format(FILE_OF["metrics"], metrics.report),
    "oscal": Format(FILE_OF["oscal"], oscal.report),
}
"""By name. To add a format, add a file with a function ``report``, a line here and a line in ``pack_files``."""
FILES = tuple(one.file for one in FORMATS.values())


def figures(evidence: Mapping[str, Any], policy: Policy) -> dict[str, Any]:
    """Return the figures of the metrics as plain data."""
    return metrics.figures(gather(evidence, policy))


def pack(evidence: Mapping[str, Any], policy: Policy, formats: Iterable[str]) -> dict[str, bytes]:
    """Return the evidence pack: its files by name, the same bytes for the same evidence.

    evidence.json is always included, as the last file, so that it is never written without its reports.

    :param evidence: the content of evidence.json.
    :param policy: the validated policy of the evidence.
    """
    facts = gather(evidence, policy)
    wanted = set(formats) - {"json"}
    chosen = [FORMATS[name] for name in [*(name for name in FORMATS if name in wanted), "json"]]
    return {one.file: one.report(evidence, facts).encode() for one in chosen}
