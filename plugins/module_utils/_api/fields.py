# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Typed values from JSON: single values, or a whole column of a list at once.

The server is not trusted: every reader returns a value of its type, None where the field is absent or null (absent is
not 0), or raises an C(unexpected_answer) that names the field. A page may have thousands of jobs, so a column of
ordinary values is checked as a whole; only a column with an unusual value is read value by value.
"""

from __future__ import annotations

import functools
import itertools
import operator
import re
from collections.abc import Sequence
from typing import Any, Callable, TypeVar

from .. import _time
from .._http import errors

INTEGER_TEXT = re.compile(r"-?[0-9]{1,19}", re.ASCII)
LONG_END = 2**63
"""The first integer that is not a long."""

_FEW = 64
"""Limits of the cache of key spellings: number of keys, and their characters."""

_Read = TypeVar("_Read")

LONGEST_TEXT = 1_000
"""Characters of a name or a period; no document has a limit."""


def wrong(field: str, expected: str, value: Any) -> errors.Error:
    """Return the error for a value that differs from the API's document."""
    if isinstance(value, (str, list)):
        value = value[: errors.QUOTE_LIMIT]
    elif isinstance(value, dict):
        value = dict(itertools.islice(value.items(), errors.QUOTE_LIMIT))
    try:
        shown = repr(value)[: errors.QUOTE_LIMIT]
    except RecursionError:
        shown = "something deeply nested"
    return errors.Error("unexpected_answer", f"{field} should be {expected}, the server sent {shown}", quotes=(shown,))


def fold(value: Any, field: str) -> dict[str, Any]:
    """Return a JSON object with lower-case keys: the published documents disagree on the case (api.md)."""
    if not isinstance(value, dict):
        raise wrong(field, "an object", value)
    names = lower(tuple(value))
    if names is None:
        shown = shown_keys(value)
        raise errors.Error("unexpected_answer", f"{field} names a field twice: {shown}", quotes=(shown,))
    return dict(zip(names, value.values()))


def shown_keys(value: dict[str, Any]) -> str:
    """The keys of an object as an error shows them."""
    names = sorted(name[: errors.QUOTE_LIMIT] for name in itertools.islice(value, errors.QUOTE_LIMIT))
    return "it has " + (", ".join(names)[: errors.QUOTE_LIMIT] if value else "no field at all")


def lower(keys: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return the keys in lower case; None where two are then the same."""
    return _lower_remembered(keys) if len(keys) <= _FEW and max(map(len, keys), default=0) <= _FEW else _lower(keys)


def _lower(keys: tuple[str, ...]) -> tuple[str, ...] | None:
    names = tuple(key.lower() for key in keys)
    return names if len(set(names)) == len(names) else None


# Every job of a list has the same keys
_lower_remembered = functools.lru_cache(maxsize=64)(_lower)


def items(value: Any, field: str, most: int | None = None) -> list[Any]:
    """Return a JSON list of at most so many items; a missing list is an error, not an empty list."""
    if not isinstance(value, list):
        raise wrong(field, "a list", value)
    if most is not None:
        refuse_more(len(value), field, most)
    return value


def refuse_more(count: int, field: str, most: int) -> None:
    """Raise the error for more items than are read: each becomes a part of the result, and of the evidence."""
    if count > most:
        raise errors.Error("unexpected_answer", f"{field} has over {most} items, the most that are read")


def text(value: Any, field: str) -> str | None:
    """Return a text or None."""
    if value is None or isinstance(value, str):
        return value
    raise wrong(field, "a text", value)


def short_text(value: Any, field: str) -> str | None:
    """Return a text that becomes a part of the result unchanged, or None."""
    found = text(value, field)
    if found is not None and len(found) > LONGEST_TEXT:
        raise wrong(field, f"a text of at most {LONGEST_TEXT} characters", found)
    return found


def link(value: Any, field: str) -> str | None:
    """Return a link, or None for an empty or missing one."""
    link = text(value, field)
    if link is not None and len(link) > errors.QUOTE_LIMIT:
        raise wrong(field, f"a link of at most {errors.QUOTE_LIMIT} characters", link)
    return link or None


def integer(value: Any, field: str) -> int | None:
    """Return an integer, also from text (a sibling API turned its counts into strings, api.md), or None."""
    # In Python, a bool is an int.
    if isinstance(value, int) and value is not True and value is not False and -LONG_END <= value < LONG_END:
        return value
    if value is None:
        return None
    if isinstance(value, str) and INTEGER_TEXT.fullmatch(value):
        return integer(int(value), field)
    raise wrong(field, "a 64-bit integer", value)


def count(value: Any, field: str) -> int | None:
    """Return an integer of 0 or more, or None."""
    number = integer(value, field)
    if number is None or number >= 0:
        return number
    raise wrong(field, "a count of 0 or more", value)


def instant(ticks: int | None, field: str, value: Any) -> int | None:
    """Return a time in the years 1970 to 9999, or None, also for the minimum and maximum dates (api.md)."""
    if ticks is None or _time.is_none(ticks):
        return None
    if _time.EPOCH <= ticks < _time.END:
        return ticks
    raise wrong(field, "a time in the years 1970 to 9999", value)


def iso_instant(value: Any, field: str) -> int | None:
    """Return a time from ISO 8601 text, in ticks; None for an empty or missing text."""
    written = text(value, field)
    if not written:
        return None
    try:
        return instant(_time.from_iso(written), field, value)
    except ValueError:
        raise wrong(field, "an ISO 8601 time", value) from None


def flag(value: Any, field: str) -> bool | None:
    """Return a boolean or None."""
    if value is None or isinstance(value, bool):
        return value
    raise wrong(field, "a boolean", value)


def split(rows: Sequence[Any], where: str, what: str, names: tuple[str, ...]) -> list[Sequence[Any]]:
    """Return one column for each name (in lower case); None where an object lacks the key.

    :param where: the list in error messages; C(what) is one of its objects.
    :raises errors.Error: unexpected_answer, where a row is not an object or contains a field twice.
    """
    keys = layout(rows)
    present, pick = _picker(keys, names) if keys is not None else ((), None)
    if pick is not None:
        columns = dict(zip(present, zip(*map(pick, rows))))
        return [columns.get(name) or (None,) * len(rows) for name in names]
    folded = read_each(rows, where, what, fold)
    return [[row.get(name) for row in folded] for name in names]


def read_each(
    column: Sequence[Any],
    where: str,
    field: str,
    read: Callable[[Any, str], _Read],
    read_whole: Callable[[Sequence[Any]], Sequence[_Read] | None] = lambda column: None,
) -> Sequence[_Read]:
    """Return the values of a column.

    :param where: the list; an error names the row.
    :param read_whole: reads all values at once, or returns None where any of them may be unusual.
    """
    whole = read_whole(column)
    if whole is not None:
        return whole
    done: list[_Read] = []
    for value in column:
        try:
            done.append(read(value, field))
        except errors.Error as error:
            raise error.prefixed(f"{where}[{len(done)}]: ") from None
    return done


def counts(column: Sequence[Any]) -> Sequence[int | None] | None:
    """Return the column if all values are ordinary counts."""
    return column if types(column) == {int} and min(column) >= 0 and max(column) < LONG_END else None


def instants(column: Sequence[Any]) -> Sequence[int | None] | None:
    """Return the column if all values are ordinary ticks, none of which means "no time"."""
    return column if types(column) == {int} and min(column) >= _time.EPOCH and max(column) < _time.LAST_DAY else None


def filled_texts(column: Sequence[Any], longest: int) -> Sequence[str] | None:
    """Return the column if all values are texts of 1 to ``limit`` characters."""
    return column if types(column) == {str} and all(column) and max(map(len, column)) <= longest else None


def shortened(text: str, limit: int) -> str:
    """Return the text, shortened with dots at its end if it is too long."""
    return text if len(text) <= limit else text[: limit - 3] + "..."


def types(column: Sequence[Any]) -> set[type]:
    """Return the exact types in a column: a bool is not an int here."""
    return set(map(type, column))


def layout(rows: Sequence[Any]) -> tuple[str, ...] | None:
    """Return the keys of the rows if all are objects with the same keys in the same order, else None."""
    if types(rows) != {dict}:
        return None
    layouts = set(map(tuple, rows))
    return layouts.pop() if len(layouts) == 1 else None


def _picker(
    keys: tuple[str, ...], wanted: tuple[str, ...]
) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]] | None]:
    """Return the wanted names that are among the keys, and a function that gets their values from a row."""
    found = lower(keys) or ()
    present = tuple(name for name in wanted if name in found)
    # An itemgetter with a single name does not return a tuple
    return present, operator.itemgetter(*(keys[found.index(name)] for name in present)) if len(present) > 1 else None
