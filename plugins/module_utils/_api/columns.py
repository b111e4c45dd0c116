# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The columns of a list of JSON objects.

A page holds a thousand jobs of one make. By columns, what is in order is seen in a few steps of the interpreter's own;
only a column with anything unusual in it is read value by value.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Sequence
from typing import Any, Callable, TypeVar

from .. import _time
from .._http import errors
from . import values

_Read = TypeVar("_Read")


def split(rows: Sequence[Any], where: str, what: str, names: tuple[str, ...]) -> list[Sequence[Any]]:
    """One column for each name (in lower case); None where an object has no such key.

    :param where: the list as an error names it, and C(what) one of its objects.
    :raises _errors.Error: unexpected_answer, where a row is no object or names a field twice.
    """
    keys = layout(rows)
    present, pick = _picker(keys, names) if keys is not None else ((), None)
    if pick is not None:
        columns = dict(zip(present, zip(*map(pick, rows))))
        return [columns.get(name) or (None,) * len(rows) for name in names]
    folded = read_each(rows, where, what, values.fold)
    return [[row.get(name) for row in folded] for name in names]


def read_each(
    column: Sequence[Any],
    where: str,
    field: str,
    read: Callable[[Any, str], _Read],
    read_whole: Callable[[Sequence[Any]], Sequence[_Read] | None] = lambda column: None,
) -> Sequence[_Read]:
    """A column, read.

    :param where: the list; an error says in which of its rows it is.
    :param read_whole: the same for all values at once, or None where it is not seen at once that all are ordinary.
    """
    whole = read_whole(column)
    if whole is not None:
        return whole
    told: list[_Read] = []
    for value in column:
        try:
            told.append(read(value, field))
        except errors.Error as error:
            raise error.prefixed(f"{where}[{len(told)}]: ") from None
    return told


def counts(column: Sequence[Any]) -> Sequence[int | None] | None:
    """The column if it is of ordinary counts."""
    return column if types(column) == {int} and min(column) >= 0 and max(column) < values.LONG_END else None


def instants(column: Sequence[Any]) -> Sequence[int | None] | None:
    """The column if it is of ordinary ticks, none of them one that stands for "no time"."""
    return column if types(column) == {int} and min(column) >= _time.EPOCH and max(column) < _time.LAST_DAY else None


def names(column: Sequence[Any]) -> Sequence[str] | None:
    """The column if it is of texts that are not empty."""
    return column if types(column) == {str} and all(column) else None


def types(column: Sequence[Any]) -> set[type]:
    """The types in a column, to the letter: a bool is no int here."""
    return set(map(type, column))


def layout(rows: Sequence[Any]) -> tuple[str, ...] | None:
    """The keys of every row, where all are objects with the same keys in the same order; None where they are not."""
    if types(rows) != {dict}:
        return None
    layouts = set(map(tuple, rows))
    return layouts.pop() if len(layouts) == 1 else None


@functools.lru_cache(maxsize=64)
def _picker(
    keys: tuple[str, ...], wanted: tuple[str, ...]
) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]] | None]:
    """Those of the wanted names that the keys have, and what picks their values out of a row."""
    lower = values.lower(keys) or ()
    present = tuple(name for name in wanted if name in lower)
    # Of a single name an itemgetter makes no tuple
    return present, operator.itemgetter(*(keys[lower.index(name)] for name in present)) if len(present) > 1 else None
