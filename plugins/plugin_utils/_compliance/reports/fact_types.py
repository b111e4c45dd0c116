# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The facts that the reports for people show: records alone, which every report can lay out without computing."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from ..model import jobs, settings

SUPPORTS_AT_MOST = "A check *supports* a control, at most: none is fulfilled by this report alone."


class Measure(NamedTuple):
    """One of the two figures that a license is sold by."""

    name: str
    unit: str
    purchased: object
    """As the server sent it, of any shape."""
    used: object
    percent: Fraction | None
    """Of the purchased amount, exact; None where there is none. With a percent, both figures are counts."""
    exceeded: bool
    without: str
    """The reason without a percent, in two words and in a sentence; empty where there is one."""
    note: str


class License(NamedTuple):
    measures: tuple[Measure, ...]
    out_of_policy: bool | None
    """None where the answer does not contain it."""
    out_of_policy_at: object
    """When the license goes, or went, out of policy, as the server sent it."""


class Service(NamedTuple):
    """The backups of one service; ``group`` is None where they are not known, for the reason in ``doubt``."""

    scope: str
    group: jobs.Group | None
    last_finished: jobs.Job | None
    last_completed: jobs.Job | None
    all_since: int | None
    """No job that started later is missing from the rows; None if none is missing at all."""
    doubt: str
    last_accepted: jobs.Job | None = None
    """The last backup in one of the states that ``backup_recency`` accepts."""


class Setting(NamedTuple):
    """What a service is set to do, in words."""

    scope: str
    jobs_per_day: str
    starts: str
    shortest: str
    retention: str
    """Every retention in force, the shortest first."""
    doubt: str
    """Why a part is not known."""


class Activity(NamedTuple):
    """The unusual activity; ``found`` is None where it is not known, for the reason in ``doubt``."""

    found: settings.Activity | None
    doubt: str


class Read(NamedTuple):
    name: str
    outcome: str
    facts: tuple[tuple[str, object], ...]
    """Each fact about the read, after its name."""


class ControlRow(NamedTuple):
    name: str
    about: str
    standing: str
    """What the policy makes of the control."""
    checks: str
    results: str
    manual: str
    """What a person still has to show."""


@dataclass(frozen=True)
class Facts:
    start: int
    end: int
    """Of the window; it ends when the evidence was evaluated."""
    license: License | None
    """None where it is not known, for the reason in ``license_doubt``."""
    license_doubt: str
    services: tuple[Service, ...]
    """Of the policy, at every location; none where no check of the backups is enabled."""
    settings: tuple[Setting, ...]
    """Of the policy's services, at every location; none where no check of the settings is enabled."""
    activity: Activity | None
    """None where the check of unusual activity is not enabled."""
    controls: tuple[ControlRow, ...]
    reads: tuple[Read, ...]
    other_errors: tuple[tuple[str, str], ...]
    """Name and error of each read that is not in ``reads``."""
