# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The JSON of an answer of success, taken strictly: nothing in it may be lost or mean two things."""

from __future__ import annotations

import collections
import json
import re
import sys
from typing import Any, Callable

from . import errors
from .body import Response

_FIELDS = 1_000
"""Of one object. The API's own have a dozen."""
_DIGITS = 4_300
"""Of a number, as in Python itself from 3.11 on."""
_LONG_NUMBER = f"a number has more than {_DIGITS} digits"
_OLDEST = 2**31
"""Seconds. Caches report no more (RFC 9111)."""


def decode(response: Response, words_of: Callable[[Response], str]) -> Any:
    """The JSON of a 200 answer.

    :param words_of: the server's words where it is not JSON: C(words) or C(token_words).
    :raises errors.Error: unexpected_answer, where it is not JSON, by its content or its type.
    """
    content_type = response.headers.get("Content-Type", "")
    if not re.fullmatch(r"application/(?:[\w.+-]+\+)?json|text/json", content_type.partition(";")[0].strip().lower()):
        shown = repr(content_type[: errors.QUOTE_LIMIT]) if content_type else "no content type"
        words = words_of(response)
        raise errors.Error("unexpected_answer", f"the answer is not JSON but {shown}: {words}", quotes=(shown, words))
    try:
        # Decoded here: json.loads would also take UTF-16 and swallow broken bytes of it.
        text = response.body.decode("utf-8-sig")
        payload = json.loads(text, parse_constant=_no_constant, parse_int=_parse_int(), object_pairs_hook=_fields)
        if re.search(r"\\u[dD][89a-fA-F]", text):
            _refuse_half_characters(payload)
        return payload
    except UnicodeDecodeError as error:
        raise errors.Error("unexpected_answer", f"the answer is not UTF-8 (byte {error.start})") from None
    except RecursionError:
        raise errors.Error("unexpected_answer", "the answer is nested too deeply to be read") from None
    except ValueError as error:
        # Python's own words on long numbers name a setting of Python
        reason = _LONG_NUMBER if str(error).startswith("Exceeds the limit") else str(error)
        raise errors.Error("unexpected_answer", f"the answer is not valid JSON: {reason}", quotes=(reason,)) from None


def age(response: Response) -> int | None:
    """Return the seconds for which a cache has kept an answer, by its Age header; None without one (RFC 9111).

    An Age that cannot be read counts as the largest: such an answer did come out of a cache.
    """
    value = response.headers.get("Age")
    if value is None:
        return None
    # Two headers arrive as one, with a comma
    ages = [text.strip() for text in value.split(",")]
    return max(min(int(age), _OLDEST) if re.fullmatch(r"[0-9]{1,19}", age, re.ASCII) else _OLDEST for age in ages)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number")


def _fields(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object. The second of two fields with one name would silently win, and a failure be read as a success."""
    if len(pairs) > _FIELDS:
        raise ValueError(f"an object has {len(pairs)} fields, more than {_FIELDS}")
    fields = dict(pairs)
    if len(fields) < len(pairs):
        ((name, _times),) = collections.Counter(name for name, _value in pairs).most_common(1)
        raise ValueError(f"{name!r} comes twice")
    return fields


def _parse_int() -> Callable[[str], int] | None:
    """How an integer is read: by Python alone where it has a limit. Without one, a million digits take minutes."""
    return None if getattr(sys, "get_int_max_str_digits", lambda: 0)() else _short_integer


def _short_integer(digits: str) -> int:
    if len(digits) > _DIGITS:
        raise ValueError(_LONG_NUMBER)
    return int(digits)


def _refuse_half_characters(payload: Any) -> None:
    """A lone half of an escaped pair is valid JSON and no text: no result of a module could carry it."""
    waiting = [payload]
    try:
        while waiting:
            value = waiting.pop()
            if isinstance(value, str):
                value.encode("utf-8")
            elif isinstance(value, dict):
                waiting.extend(value)
                waiting.extend(value.values())
            elif isinstance(value, list):
                waiting.extend(value)
    except UnicodeEncodeError:
        raise ValueError("a text holds half a character") from None
