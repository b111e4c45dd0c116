# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Check ``license_seats``: seats in use compared with purchased seats."""

from __future__ import annotations

from ..model import kinds
from ..model.check import SEATS, Check, Threshold
from .license_measures import judge

CHECK = Check(
    "license_seats",
    "Seats in use",
    SEATS,
    judge,
    (Threshold("warn", kinds.PERCENT, "90 %"), Threshold("fail", kinds.PERCENT, "100 %")),
    "Release seats of people who have left, or buy seats before more users have to be protected.",
)
