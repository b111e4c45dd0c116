# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""What a check is: its name, what it judges, its thresholds and its function."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Callable

from .kinds import Kind
from .outcome import Outcome

LICENSE = "license"
SEATS = "seats"
STORAGE = "storage"
BACKUPS = "backups"
RUNNING = "running"
RESTORES = "restores"
DELETIONS = "deletions"
SCHEDULE = "schedule"
RETENTION = "retention"
ACTIVITY = "activity"
ANSWERS = "answers"
"""The sources of checks; ``reading.sources`` finds each of them in the results of the modules."""

PER_SERVICE = (BACKUPS, RUNNING, SCHEDULE, RETENTION)
"""Sources with one scope for each service of the policy."""

EVIDENCE = "evidence"
"""The check of the evidence itself: it can be neither switched off nor waived."""

FEWEST_ROWS = 20
"""Newest jobs that are kept of each service in any case, for the reports."""


def few_rows(thresholds: Mapping[str, Any], window: int) -> int:
    """Return the number of rows that every check gets."""
    return FEWEST_ROWS


@dataclass(frozen=True)
class Threshold:
    """A key of a check in the policy, with its default as a person would write it."""

    key: str
    kind: Kind
    default: Any
    """None: not set unless the policy sets it; null in the policy removes it again."""
    within_window: bool = False
    """Whether it may not exceed the policy's window, since nothing older is read."""


@dataclass(frozen=True)
class Check:
    """A check of the catalogue.

    :ivar judge: from what ``source`` provides, the thresholds and now (Unix seconds) to an outcome.
    :ivar fails_below: whether small figures are the bad ones: then ``warn`` lies above ``fail``.
    :ivar is_default: whether it is enabled unless the policy switches it off.
    :ivar rows: how many of the newest jobs must be kept for it, by its thresholds and the window in seconds.
    """

    name: str
    title: str
    source: str
    judge: Callable[[Any, Mapping[str, Any], int], Outcome]
    thresholds: tuple[Threshold, ...]
    remediation: str
    fails_below: bool = False
    is_default: bool = True
    rows: Callable[[Mapping[str, Any], int], int] = few_rows

    @property
    def per_service(self) -> bool:
        """Whether it is judged at one scope for each service."""
        return self.source in PER_SERVICE

    @property
    def optional(self) -> bool:
        """Whether a policy may switch it off and a waiver may cover it."""
        return self.name != EVIDENCE


def by_count(count: int, thresholds: Mapping[str, Any]) -> str:
    """Return the status of a count: at or over a limit is enough."""
    fail = thresholds["fail"]
    return "fail" if fail is not None and count >= fail else "warn" if count >= thresholds["warn"] else "pass"


def over(figure: Any, thresholds: Mapping[str, Any]) -> str:
    """Return the status of an age or a percentage: only strictly over a limit counts."""
    return "fail" if figure > thresholds["fail"] else "warn" if figure > thresholds["warn"] else "pass"


def under(figure: Any, thresholds: Mapping[str, Any]) -> str:
    """Return the status of a figure that should be large: only strictly under a limit counts."""
    warn = thresholds["warn"]
    return "fail" if figure < thresholds["fail"] else "warn" if warn is not None and figure < warn else "pass"
