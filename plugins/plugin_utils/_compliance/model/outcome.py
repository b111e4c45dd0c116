# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The outcome of a check at one scope."""

from __future__ import annotations

from dataclasses import dataclass

STATUSES = ("fail", "error", "warn", "waived", "not_applicable", "pass")
"""Worst first."""

JOBS_CITED = 10
"""The largest number of job ids in one outcome: a report is not a list of jobs."""


class CannotTell(Exception):
    """The evidence does not carry an answer. ``evaluate`` turns it into the status ``error``, never into ``pass``."""


class DoesNotApply(Exception):
    """There is nothing to judge. ``evaluate`` turns it into the status ``not_applicable``."""


@dataclass(frozen=True)
class Outcome:
    """``observed`` and ``expected`` are short and comparable, ``message`` is a sentence for an operator."""

    status: str
    observed: str
    expected: str
    message: str
    jobs: tuple[str, ...] = ()
