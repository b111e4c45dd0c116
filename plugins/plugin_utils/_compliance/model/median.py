# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The median of numbers."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction


def median(figures: Iterable[int]) -> Fraction:
    """Return the exact median of at least one number."""
    ordered = sorted(figures)
    middle = len(ordered) // 2
    return Fraction(ordered[middle] + ordered[~middle], 2)
