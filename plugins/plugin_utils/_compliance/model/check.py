# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The definition of a check: its name, source, thresholds and function."""

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
"""The sources of checks; ``reading.sources`` gets their data from the results of the modules."""

PER_SERVICE = (BACKUPS, RUNNING, SCHEDULE, RETENTION)
"""Sources with a scope for each service of the policy."""

EVIDENCE = "evidence"
"""The check of the evidence itself: it cannot be disabled or waived."""

FEWEST_ROWS = 20
"""Minimum number of newest jobs to keep for each service, for the reports."""


def few_rows(thresholds: Mapping[str, Any], window: int) -> int:
    """Return the number of rows for every check."""
    return FEWEST_ROWS


@dataclass(frozen=True)
class Threshold:
    """A key of a check in the policy, with its default as in user input."""

    key: str
    kind: Kind
    default: Any
    """None: not set by default; null in the policy removes it."""
    within_window: bool = False
    """Whether it must not exceed the window of the policy, since nothing older is read."""


@dataclass(frozen=True)
class Check:
    """A check of the catalogue.

    :ivar judge: returns the outcome for the data of ``source``, the thresholds and now (Unix seconds).
    :ivar fails_below: whether low values fail; then ``warn`` is above ``fail``.
    :ivar is_default: whether it is enabled by default.
    :ivar rows: returns the number of newest jobs that it needs, for its thresholds and the window in seconds.
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
        """Whether it has a scope for each service."""
        return self.source in PER_SERVICE

    @property
    def optional(self) -> bool:
        """Whether it can be disabled and waived."""
        return self.name != EVIDENCE


def by_count(count: int, thresholds: Mapping[str, Any]) -> str:
    """Return the status of a count, for limits that are reached at or over their value."""
    fail = thresholds["fail"]
    return "fail" if fail is not None and count >= fail else "warn" if count >= thresholds["warn"] else "pass"


def over(figure: Any, thresholds: Mapping[str, Any]) -> str:
    """Return the status of an age or a percentage, for limits that are exceeded strictly over their value."""
    return "fail" if figure > thresholds["fail"] else "warn" if figure > thresholds["warn"] else "pass"


def under(figure: Any, thresholds: Mapping[str, Any]) -> str:
    """Return the status of a value that should be high, for limits that are missed strictly under their value."""
    warn = thresholds["warn"]
    return "fail" if figure < thresholds["fail"] else "warn" if warn is not None and figure < warn else "pass"
