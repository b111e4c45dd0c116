# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Strict parsing of the JSON of a successful response: no data may be lost or be ambiguous."""

from __future__ import annotations

import collections
import json
import re
import sys
from typing import Any, Callable

from . import errors
from .body import Response

_FIELDS = 1_000
"""Maximum fields of one object. Those of the API have a dozen."""
_DIGITS = 4_300
"""Maximum digits of a number, as in Python 3.11 and later."""
_LONG_NUMBER = f"a number has more than {_DIGITS} digits"
_OLDEST = 2**31
"""Seconds, the maximum that caches report (RFC 9111)."""


def decode(response: Response, words_of: Callable[[Response], str]) -> Any:
    """Return the JSON of a response with status 200.

    :param words_of: gets the error text of a body that is not JSON: C(words) or C(token_words).
    :raises errors.Error: unexpected_answer, if its content or its content type is not JSON.
    """
    content_type = response.headers.get("Content-Type", "")
    if not re.fullmatch(r"application/(?:[\w.+-]+\+)?json|text/json", content_type.partition(";")[0].strip().lower()):
        shown = repr(content_type[: errors.QUOTE_LIMIT]) if content_type else "no content type"
        words = words_of(response)
        raise errors.Error("unexpected_answer", f"the answer is not JSON but {shown}: {words}", quotes=(shown, words))
    try:
        # json.loads would also accept UTF-16, and ignore invalid bytes in it.
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
        # Python's message about long numbers names a setting of Python
        reason = _LONG_NUMBER if str(error).startswith("Exceeds the limit") else str(error)
        raise errors.Error("unexpected_answer", f"the answer is not valid JSON: {reason}", quotes=(reason,)) from None


def age(response: Response) -> int | None:
    """Return the Age header in seconds, set by a cache (RFC 9111); None without one.

    An Age that cannot be parsed counts as the maximum, since the response did come from a cache.
    """
    value = response.headers.get("Age")
    if value is None:
        return None
    # Two headers are combined into one, with a comma
    ages = [text.strip() for text in value.split(",")]
    return max(min(int(age), _OLDEST) if re.fullmatch(r"[0-9]{1,19}", age, re.ASCII) else _OLDEST for age in ages)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number")


def _fields(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object without duplicate fields: the last would win, and a failure might be read as a success."""
    if len(pairs) > _FIELDS:
        raise ValueError(f"an object has {len(pairs)} fields, more than {_FIELDS}")
    fields = dict(pairs)
    if len(fields) < len(pairs):
        ((name, _times),) = collections.Counter(name for name, _value in pairs).most_common(1)
        raise ValueError(f"{name!r} comes twice")
    return fields


def _parse_int() -> Callable[[str], int] | None:
    """Return the parser of integers: Python's own, if it has a limit. Unlimited, a million digits take minutes."""
    return None if getattr(sys, "get_int_max_str_digits", lambda: 0)() else _short_integer


def _short_integer(digits: str) -> int:
    if len(digits) > _DIGITS:
        raise ValueError(_LONG_NUMBER)
    return int(digits)


def _refuse_half_characters(payload: Any) -> None:
    """Reject half of an escaped surrogate pair: it is valid JSON, but a module result cannot contain it."""
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
        raise ValueError("a text contains half of a surrogate pair") from None
