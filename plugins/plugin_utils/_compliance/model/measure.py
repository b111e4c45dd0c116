# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The measures of a license, for the checks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fields:
    """The names of a measure: its unit, and its values in the result of the license module."""

    unit: str
    purchased: str
    used: str
    other_purchased: str


SEATS = Fields("seats", "purchased_user_seats", "assigned_user_seats", "purchased_storage_size")
STORAGE = Fields("GB", "purchased_storage_size", "protected_size", "purchased_user_seats")


@dataclass(frozen=True)
class Measure:
    """A measure of the license; None for a value that the server did not send.

    :ivar other_purchased: the purchased amount of the other measure, read only if this one was not purchased.
    """

    fields: Fields
    purchased: int | None
    used: int | None
    other_purchased: int | None
