# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The kinds of values in a policy: how each is read, written and described."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Callable

SUCCESSFUL_STATES = ("finished", "finished_with_exception", "partially_finished")
"""States that a policy may accept as a backup, which never include ``failed``."""

_PERCENT = re.compile(r"([0-9]{1,4}(?:\.[0-9]{1,4})?)\s*%?", re.ASCII)
_FACTOR = re.compile(r"([0-9]{1,4}(?:\.[0-9]{1,4})?)\s*x?", re.ASCII)
_WHOLE = re.compile(r"([0-9]{1,6})", re.ASCII)
_HIGHEST_PERCENT = 1_000
_HIGHEST_FACTOR = 1_000
_HIGHEST_COUNT = 10_000
_MOST_SAMPLES = 100
"""The highest ``minimum`` of jobs: with more than the history that is read, a check would never apply."""
_TRUE = ("true", "yes", "on", "1", "y", "t")
_FALSE = ("false", "no", "off", "0", "n", "f")


@dataclass(frozen=True)
class Kind:
    """``read`` returns the value for computing or raises ValueError; ``write`` returns the value as policy data."""

    read: Callable[[object], Any]
    write: Callable[[Any], Any]
    allowed: str


def _number(
    pattern: re.Pattern[str], is_allowed: Callable[[Any], bool], make: Callable[[str], Any]
) -> Callable[..., Any]:
    """Return a reader of numbers, given as number or text, with or without a unit."""

    def read(value: object) -> Any:
        match = pattern.fullmatch(str(value).strip()) if isinstance(value, (str, int, float)) else None
        if not match or isinstance(value, bool) or not is_allowed(make(match[1])):
            raise ValueError("not such a number")
        return make(match[1])

    return read


def _write_number(value: Fraction) -> int | float:
    return value.numerator if value.denominator == 1 else float(value)


def _read_switch(value: object) -> bool:
    """Return a boolean, also from the texts that users and AWX write for one."""
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower() if isinstance(value, (str, int)) else ""
    if word not in _TRUE + _FALSE:
        raise ValueError("not a boolean")
    return word in _TRUE


def _read_states(value: object) -> tuple[str, ...]:
    states = names(value)
    if not states or not set(states) <= set(SUCCESSFUL_STATES):
        raise ValueError("not a list of states")
    return tuple(state for state in SUCCESSFUL_STATES if state in states)


def names(value: object) -> list[str]:
    """Return names from a list or a comma-separated text; empty for none. Raises ValueError for anything else."""
    if value is None or value == "":
        return []
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, (list, tuple)) or not all(isinstance(part, str) for part in parts):
        raise ValueError("not a list of names")
    return [str(part).strip() for part in parts]


def _same(value: Any) -> Any:
    return value


def _percentage(is_allowed: Callable[[Any], bool], allowed: str) -> Kind:
    # A fraction is exact: 99.99 % is compared without rounding
    return Kind(_number(_PERCENT, is_allowed, Fraction), _write_number, f"a percentage {allowed}")


def _whole_number(highest: int) -> Kind:
    return Kind(_number(_WHOLE, lambda count: 0 < count <= highest, int), _same, f"a whole number from 1 to {highest}")


PERCENT = _percentage(
    lambda percent: 0 < percent <= _HIGHEST_PERCENT, f'over 0 and up to {_HIGHEST_PERCENT}, such as 90 or "90 %"'
)
RATE = _percentage(lambda percent: 0 < percent <= 100, 'over 0 and up to 100, such as 95 or "95 %"')
LOSS = _percentage(lambda percent: 0 <= percent < 100, 'from 0 to under 100, such as 0.5 or "30 %"')
FACTOR = Kind(
    _number(_FACTOR, lambda factor: 0 < factor <= _HIGHEST_FACTOR, Fraction),
    _write_number,
    f'a factor over 0 and up to {_HIGHEST_FACTOR}, such as 2, 2.5 or "2x"',
)
COUNT = _whole_number(_HIGHEST_COUNT)
ATTACKS = _whole_number(_HIGHEST_COUNT)
"""Not the kind COUNT: if warn and fail are limits for different values, they are not compared."""
SAMPLES = _whole_number(_MOST_SAMPLES)
STATES = Kind(_read_states, list, "a list of " + ", ".join(SUCCESSFUL_STATES))
SWITCH = Kind(_read_switch, _same, "true or false")
