# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""A tenant of a fleet, and the names of the fleet's files and verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

SCHEMA_VERSION = 1
"""Of fleet.json."""
FLEET_FILE = "fleet.json"
PAGE_FILE = "fleet.html"
CSV_FILE = "fleet.csv"
METRICS_FILE = "fleet.prom"
FILES = (PAGE_FILE, CSV_FILE, METRICS_FILE, FLEET_FILE)
"""All that a fleet can have; the two in the middle where the formats ``csv`` and ``metrics`` are asked for."""

NOT_JUDGED = "not_judged"
VERDICTS = ("non_compliant", NOT_JUDGED, "undetermined", "compliant")
"""Of a tenant, worst first. ``not_judged``: there is no evaluation, not even one of errors."""


class Tenant(NamedTuple):
    """What is known of one tenant."""

    subject: str
    host: str | None = None
    """Of the inventory; None if only its evidence is known."""
    evidence: str | None = None
    """Path of its evidence.json, if that is where it was found."""
    evaluated_at: str | None = None
    evaluation: Mapping[str, Any] | None = None
    worst: Sequence[str] = ()
    """Its first few findings."""
    doubt: str = ""
    """Why it is red whatever its verdict, or why it was not judged; a sentence."""
    registration: str = ""
    """The app registration that it was read with; empty if that is not known."""
    report: str = ""
    """Where its report lies, relative to the fleet's; empty if there is none."""
    sha256: str = ""
    """Of its evidence.json."""
    formats: Sequence[str] = ()
    """The formats that its reports were asked for in."""
    figures: Mapping[str, Any] | None = None
    """As ``reports.metrics`` returns them; None where no metrics were asked for."""
