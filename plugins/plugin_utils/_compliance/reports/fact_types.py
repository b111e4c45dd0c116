# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The records of facts for the reports, so that no report has to compute them."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from ..model import jobs, settings

SUPPORTS_AT_MOST = "A check *supports* a control, at most: none is fulfilled by this report alone."


class Measure(NamedTuple):
    """A measure by which the license may be sold."""

    name: str
    unit: str
    purchased: object
    """As the server sent it, of any shape."""
    used: object
    percent: Fraction | None
    """Exact percentage of the purchased amount, or None. With a percentage, both values are counts."""
    exceeded: bool
    without: str
    """The reason for a missing percentage, in two words and as a sentence; empty otherwise."""
    note: str


class License(NamedTuple):
    measures: tuple[Measure, ...]
    out_of_policy: bool | None
    """None if the answer does not contain it."""
    out_of_policy_at: object
    """When the license goes, or went, out of policy, as the server sent it."""


class Service(NamedTuple):
    """The backups of one service; ``group`` is None if they are unknown, for the reason in ``doubt``."""

    scope: str
    group: jobs.Group | None
    last_finished: jobs.Job | None
    last_completed: jobs.Job | None
    all_since: int | None
    """All jobs that started later are in the rows; None if all jobs are."""
    doubt: str
    last_accepted: jobs.Job | None = None
    """The last backup in one of the states that ``backup_recency`` accepts."""


class Setting(NamedTuple):
    """The settings of a service, as text."""

    scope: str
    jobs_per_day: str
    starts: str
    shortest: str
    retention: str
    """All retentions that apply, the shortest first."""
    doubt: str
    """Why a part is unknown."""


class Activity(NamedTuple):
    """The unusual activity; ``found`` is None if it is unknown, for the reason in ``doubt``."""

    found: settings.Activity | None
    doubt: str


class Read(NamedTuple):
    name: str
    outcome: str
    facts: tuple[tuple[str, object], ...]
    """The name and value of each fact about the read."""


class ControlRow(NamedTuple):
    name: str
    about: str
    standing: str
    """The support of the control under the policy."""
    checks: str
    results: str
    manual: str
    """What must be proven by other means."""


@dataclass(frozen=True)
class Facts:
    start: int
    end: int
    """The start of the window, which ends when the evidence was evaluated."""
    license: License | None
    """None if it is unknown, for the reason in ``license_doubt``."""
    license_doubt: str
    services: tuple[Service, ...]
    """The services of the policy, at every location; empty if no check of backups is enabled."""
    settings: tuple[Setting, ...]
    """The settings of the services of the policy, at every location; empty if no check of settings is enabled."""
    activity: Activity | None
    """None if the check of unusual activity is not enabled."""
    controls: tuple[ControlRow, ...]
    reads: tuple[Read, ...]
    other_errors: tuple[tuple[str, str], ...]
    """Name and error of each read that is not in ``reads``."""
