# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""serviceType identifies a service in settings and unusual activity. It differs from ObjectType (api.md)."""

from __future__ import annotations

from typing import Any

from .. import _names


def described(number: int | None) -> dict[str, Any]:
    """Return a serviceType as in a result.

    ``object_type`` is None for a service type that the jobs endpoint does not know. A missing or undocumented number is
    ``unknown``.
    """
    name = _names.UNKNOWN_SERVICE_TYPE
    if number is not None and 0 <= number < len(_names.SERVICE_TYPES):
        name = _names.SERVICE_TYPES[number]
    return {
        "object_type": name if name in _names.OBJECT_TYPES else None,
        "service_type": name,
        "service_type_number": number,
    }
