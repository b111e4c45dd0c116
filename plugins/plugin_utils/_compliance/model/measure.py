# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The measures of a license as the checks take them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fields:
    """The names of a measure: its unit, and its figures as the license module names them."""

    unit: str
    purchased: str
    used: str
    other_purchased: str


SEATS = Fields("seats", "purchased_user_seats", "assigned_user_seats", "purchased_storage_size")
STORAGE = Fields("GB", "purchased_storage_size", "protected_size", "purchased_user_seats")


@dataclass(frozen=True)
class Measure:
    """One of the two measures; None where the server did not send a figure.

    :ivar other_purchased: the purchased figure of the other measure, read only where this one was not purchased.
    """

    fields: Fields
    purchased: int | None
    used: int | None
    other_purchased: int | None
