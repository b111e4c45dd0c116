# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Values as Ansible hands them over, made plain.

ansible-core 2.19 and later wrap every value in a tagged subclass, and YAML turns an unquoted date into an object.
What is kept, compared or written out must be the bare JSON types instead.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping
from typing import Any

from .._compliance.model import wording

_DEEPEST = 60
"""Levels of nesting that any honest value stays under; a YAML anchor can contain itself."""
_LONGEST_NUMBER = 1_000
"""Bits of an integer, about 300 digits: as many as a float can have."""


class TooDeep(ValueError):
    """A value is nested without end, or as if it were."""


def plain(value: object, depth: int = 0) -> Any:
    """The value in bare JSON types: dates as ISO text, keys as text, everything unknown as its text.

    Raises ValueError for a value that is nested without end.
    """
    if depth > _DEEPEST:
        raise TooDeep("nested too deeply")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        # Python converts a number of thousands of digits neither to a text nor to a float
        return int(value) if value.bit_length() <= _LONGEST_NUMBER else wording.whole_number(value)
    if isinstance(value, float):
        # JSON has no word for these
        return float(value) if math.isfinite(value) else str(float(value))
    if isinstance(value, (datetime.datetime, datetime.date)):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(plain(key, depth + 1)): plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item, depth + 1) for item in value]
    return str(value)
