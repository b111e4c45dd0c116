# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The kinds of value that a policy holds: how each is read, written back and described."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Callable

from . import _durations

SUCCESSFUL_STATES = ("finished", "finished_with_exception", "partially_finished")
"""States that a policy may accept as a backup. ``failed`` is none, whatever a policy says."""

_PERCENT = re.compile(r"([0-9]{1,4}(?:\.[0-9]{1,6})?)\s*%?", re.ASCII)
_HIGHEST_PERCENT = 1_000
_TRUE = ("true", "yes", "on", "1", "y", "t")
_FALSE = ("false", "no", "off", "0", "n", "f")


@dataclass(frozen=True)
class Kind:
    """``read`` makes the value that is computed with and raises ValueError; ``write`` makes policy data of it again."""

    read: Callable[[object], Any]
    write: Callable[[Any], Any]
    allowed: str


def _read_duration(value: object) -> int:
    if not isinstance(value, str):
        # A bare 48 could be hours or days
        raise ValueError("no unit")
    return _durations.parse(value)


def _read_percent(value: object) -> Fraction:
    """Exact, so that 99.99 % is compared unrounded."""
    match = _PERCENT.fullmatch(str(value).strip()) if not isinstance(value, (bool, Mapping, list)) else None
    if not match or not 0 < Fraction(match[1]) <= _HIGHEST_PERCENT:
        raise ValueError("not a percentage")
    return Fraction(match[1])


def _write_percent(value: Fraction) -> int | float:
    return value.numerator if value.denominator == 1 else float(value)


def _read_switch(value: object) -> bool:
    """A boolean, or what people and AWX write for one."""
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
    """A list of names, or a text with commas between them. Raises ValueError for anything else."""
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, (list, tuple)) or not all(isinstance(part, str) for part in parts):
        raise ValueError("not a list of names")
    return [str(part).strip() for part in parts if value != ""]


def _same(value: Any) -> Any:
    return value


DURATION = Kind(_read_duration, _durations.text, "a duration with its unit, such as 90m, 26h, 7d or 2w")
PERCENT = Kind(_read_percent, _write_percent, f'a percentage over 0 and up to {_HIGHEST_PERCENT}, such as 90 or "90 %"')
STATES = Kind(_read_states, list, "a list of " + ", ".join(SUCCESSFUL_STATES))
SWITCH = Kind(_read_switch, _same, "true or false")
