# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""How a subscription is sold: by seats, by storage, by both or by neither (api.md).

0 purchased means "not sold by this measure" rather than "a limit of zero", unless nothing was purchased.
"""

from __future__ import annotations

SOLD = "sold"
NOT_SOLD = "not_sold"
"""Only the other measure was purchased."""
NOTHING_SOLD = "nothing_sold"
"""Neither measure was purchased: any use exceeds it."""
UNKNOWN = "unknown"
"""A required value is missing."""


def standing(purchased: int | None, other_purchased: int | None) -> str:
    """Return how one measure is sold, from the purchased amounts of both measures."""
    if purchased:
        return SOLD
    if other_purchased:
        return NOT_SOLD
    return UNKNOWN if purchased is None or other_purchased is None else NOTHING_SOLD


def kind(seats: int | None, storage: int | None) -> str | None:
    """Return the kind of a subscription from the purchased amounts; None if one is missing."""
    if seats is None or storage is None:
        return None
    if seats and storage:
        return "both"
    return "per_user" if seats else "per_capacity" if storage else "none"
