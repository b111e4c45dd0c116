# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""What a check says of one scope."""

from __future__ import annotations

from dataclasses import dataclass

STATUSES = ("fail", "error", "warn", "waived", "not_applicable", "pass")
"""Worst first."""

JOBS_CITED = 10
"""An outcome names the jobs it rests on, but a report is no job list."""


class CannotTell(Exception):
    """The evidence does not carry an answer. One place turns it into the status ``error``, never into ``pass``."""


class DoesNotApply(Exception):
    """There is nothing that the question could be about. The same place turns it into ``not_applicable``."""


@dataclass(frozen=True)
class Outcome:
    """``observed`` and ``expected`` are short and comparable, ``message`` is a sentence an operator understands."""

    status: str
    observed: str
    expected: str
    message: str
    jobs: tuple[str, ...] = ()
