# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The outcome of a check at one scope."""

from __future__ import annotations

from dataclasses import dataclass

STATUSES = ("fail", "error", "warn", "waived", "not_applicable", "pass")
"""All statuses, worst first."""

JOBS_CITED = 10
"""The maximum number of job ids in one outcome."""


class Undetermined(Exception):
    """The evidence is not sufficient for a result. ``evaluate`` turns it into the status ``error``."""


class DoesNotApply(Exception):
    """There is nothing to evaluate. ``evaluate`` turns it into the status ``not_applicable``."""


@dataclass(frozen=True)
class Outcome:
    """``observed`` and ``expected`` are short, to be compared; ``message`` is an explanation for the operator."""

    status: str
    observed: str
    expected: str
    message: str
    jobs: tuple[str, ...] = ()
