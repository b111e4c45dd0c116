# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kinds of values: the expected value of an option, and how to read it from text or data."""

from __future__ import annotations

import datetime
import json
import math
import re
from dataclasses import dataclass
from typing import Any, Callable

from . import facts


class Mistake(ValueError):
    """An invalid option; the message names it."""


@dataclass(frozen=True)
class Kind:
    """A kind of value. ``convert`` raises ValueError for a value that is not as ``expected``."""

    expected: str
    convert: Callable[[Any], Any]

    def read(self, name: str, value: Any) -> Any:
        """Convert a value. :raises Mistake: with the name, the expected and the given value."""
        try:
            return self.convert(value)
        except (ValueError, TypeError, AttributeError, OverflowError):
            raise Mistake(f"invalid {name}: expected {self.expected}, got {value!r}") from None


def one_of(*words: str) -> Kind:
    def convert(value: Any) -> str:
        # YAML reads the unquoted words on and off as booleans, and null as nothing.
        yaml_words = ((True, "on"), (False, "off"), (None, "null"))
        text = next((word for parsed, word in yaml_words if value is parsed), str(value))
        if text not in words:
            raise ValueError
        return text

    return Kind(f"one of {', '.join(words)}", convert)


def names_of(value: Any) -> tuple[str, ...]:
    """Return the names in a list or in a text with commas, plus signs or spaces between them."""
    given = re.split(r"[,+\s]+", value.strip()) if isinstance(value, str) else list(value or ())
    return tuple(filter(None, given))


def some_of(*words: str, at_least: int = 0) -> Kind:
    def convert(value: Any) -> tuple[str, ...]:
        names = names_of(value)
        if len(names) < at_least or not set(names) <= set(words):
            raise ValueError
        return names

    return Kind(f"a list out of {', '.join(words)}", convert)


def whole(low: int = 0, high: int = 10**9) -> Kind:
    def convert(value: Any) -> int:
        if isinstance(value, (bool, float)) or not re.fullmatch(r"-?[0-9]{1,19}", str(value).strip()):
            raise ValueError
        if not low <= int(value) <= high:
            raise ValueError
        return int(value)

    return Kind(f"a whole number from {low} to {high}", convert)


def number(low: float = -math.inf, high: float = math.inf) -> Kind:
    def convert(value: Any) -> float:
        if isinstance(value, bool) or not low <= float(value) <= high or not math.isfinite(float(value)):
            raise ValueError
        return float(value)

    return Kind("a number" if math.isinf(high) else f"a number from {low:g} to {high:.12g}", convert)


def _switch(value: Any) -> bool:
    word = str(value).strip().lower()
    if word not in ("true", "false", "on", "off", "yes", "no", "1", "0"):
        raise ValueError
    return word in ("true", "on", "yes", "1")


def _every(value: Any) -> int:
    given = float(str(value))
    every = round(1 / given) if 0 < given < 1 else int(given)
    if not 0 <= every <= 1000 or (given >= 1 and given != every):
        raise ValueError
    return every


def _now(value: Any) -> int:
    moment = value
    if not isinstance(value, datetime.datetime):
        moment = datetime.datetime.fromisoformat(re.sub(r"[zZ]$", "+00:00", str(value).strip()))
    if not 1990 <= moment.year <= 9000:
        raise ValueError
    return facts.to_ticks(moment if moment.tzinfo else moment.replace(tzinfo=datetime.timezone.utc))


def _mapping(value: Any) -> dict[str, Any]:
    if not isinstance(value, str):
        return {str(name): item for name, item in (value or {}).items()}
    if value.strip().startswith("{"):
        return _mapping(json.loads(value))
    pairs = [pair.split("=", 1) for pair in re.split(r",\s*(?=[\w@]+=)", value.strip()) if pair]
    return {name.strip(): _json_or_text(text) for name, text in pairs}


def _json_or_text(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text.strip()


def _list(value: Any) -> list[str]:
    if isinstance(value, str):
        return _list(json.loads(value)) if value.strip().startswith("[") else [value] if value.strip() else []
    if isinstance(value, dict) or not all(isinstance(item, str) for item in value or ()):
        raise ValueError
    return list(value or ())


SWITCH = Kind("on or off", _switch)
EVERY = Kind("a whole number up to 1000 or a share from 0.001", _every)
NOW = Kind("an ISO 8601 time such as 2026-01-31T06:00:00Z, from the year 1990 to 9000", _now)
TEXT = Kind("a text", str)
JSON = Kind('JSON (a text needs quotes: value="Finished")', json.loads)
STATUS = whole(200, 999)
SECONDS = number(0, 86400)
MAPPING = Kind("a dictionary, or a text such as name=value,name=value", _mapping)
LIST = Kind("a list of texts", _list)
