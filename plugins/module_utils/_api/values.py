# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The reading of values that neither generation may get wrong.

The server is not trusted: every reader here returns a value of its type, None where the field is absent or null
(absent is not 0), or raises an C(unexpected_answer) that names the field.
"""

from __future__ import annotations

import functools
import re
from typing import Any

from .. import _time
from .._http import errors

INTEGER_TEXT = re.compile(r"-?[0-9]{1,19}", re.ASCII)
LONG_END = 2**63
"""The first integer that is no long any more."""


def wrong(field: str, expected: str, value: Any) -> errors.Error:
    """The error for a value that is not what the API's document says."""
    try:
        shown = repr(value)[: errors.QUOTE_LIMIT]
    except RecursionError:
        shown = "something deeply nested"
    return errors.Error("unexpected_answer", f"{field} should be {expected}, the server sent {shown}")


def fold(value: Any, field: str) -> dict[str, Any]:
    """A JSON object with its keys in lower case: the published documents disagree on the case (api.md)."""
    if not isinstance(value, dict):
        raise wrong(field, "an object", value)
    names = lower(tuple(value))
    if names is None:
        raise errors.Error("unexpected_answer", f"{field} names a field twice: {shown_keys(value)}")
    return dict(zip(names, value.values()))


def shown_keys(value: dict[str, Any]) -> str:
    """The keys of an object as an error shows them."""
    return "it has " + (", ".join(sorted(value))[: errors.QUOTE_LIMIT] if value else "no field at all")


@functools.lru_cache(maxsize=64)
def lower(keys: tuple[str, ...]) -> tuple[str, ...] | None:
    """The keys in lower case, None where two are the same then. Remembered: every job of a list has the same keys."""
    names = tuple(key.lower() for key in keys)
    return names if len(set(names)) == len(names) else None


def items(value: Any, field: str) -> list[Any]:
    """A JSON list; a missing one is not an empty one."""
    if not isinstance(value, list):
        raise wrong(field, "a list", value)
    return value


def text(value: Any, field: str) -> str | None:
    """A text or None."""
    if value is None or isinstance(value, str):
        return value
    raise wrong(field, "a text", value)


def integer(value: Any, field: str) -> int | None:
    """An integer, also one written as text (a sibling API turned its counts into strings, api.md); or None."""
    # A bool is an int to Python, not to an API.
    if isinstance(value, int) and value is not True and value is not False and -LONG_END <= value < LONG_END:
        return value
    if value is None:
        return None
    if isinstance(value, str) and INTEGER_TEXT.fullmatch(value):
        return integer(int(value), field)
    raise wrong(field, "a 64-bit integer", value)


def count(value: Any, field: str) -> int | None:
    """An integer of 0 or more, or None."""
    number = integer(value, field)
    if number is None or number >= 0:
        return number
    raise wrong(field, "a count of 0 or more", value)


def instant(ticks: int | None, field: str, value: Any) -> int | None:
    """A time within the years 1970 to 9999, or None; the minimum and maximum dates are none (api.md)."""
    if ticks is None or _time.is_none(ticks):
        return None
    if _time.EPOCH <= ticks < _time.END:
        return ticks
    raise wrong(field, "a time in the years 1970 to 9999", value)
