# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Make text from other sources safe to show in one line."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from fractions import Fraction

_SPACES = re.compile(r"\s+")
_LONGEST_NUMBER = 1_000
"""Maximum bits of a number to print. Python rejects thousands of digits."""
_DIGITS_OF_A_BIT = 0.30103


def one_line(text: object, limit: int = 300) -> str:
    """Return the text in printable characters, on one line, shortened to ``limit`` characters.

    Terminal escapes could hide a finding, right-to-left marks could reverse one, and lone surrogates and unassigned
    characters cannot be shown or written.
    """
    written = whole_number(text) if isinstance(text, int) and text.bit_length() > _LONGEST_NUMBER else str(text)
    visible = "".join(sign if sign.isprintable() else " " for sign in written[: limit * 8])
    shown = _SPACES.sub(" ", visible).strip()
    return shown if len(shown) <= limit else shown[: limit - 1].rstrip() + "…"


def found(value: object) -> str:
    """Return a short description of an invalid value for messages."""
    if isinstance(value, Mapping):
        return "a dictionary"
    if isinstance(value, (list, tuple)):
        return "a list" if value else "an empty list"
    if isinstance(value, str):
        return f'"{one_line(value, 60)}"' if value else "an empty text"
    if value is None:
        return "nothing (null)"
    if isinstance(value, int) and value.bit_length() > _LONGEST_NUMBER:
        return whole_number(value)
    if isinstance(value, (bool, int, float)):
        return one_line(json.dumps(value), 60)
    return one_line(value, 60)


def whole_number(value: int) -> str:
    """Return a text for a whole number with too many digits for Python to print."""
    return f"a whole number of about {int(value.bit_length() * _DIGITS_OF_A_BIT) + 1} digits"


def ended_with(error: Exception) -> str:
    """Return the sentence for an evaluation that failed because of unexpected data."""
    return f"evaluating it ended with {type(error).__name__}: {one_line(error, 120)}"


def amount(count: int, thing: str) -> str:
    """Return ``1 job``, ``2 jobs``."""
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def listed(names: Sequence[str], most: int) -> str:
    """Return the first names, and the number of the others."""
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more" if rest > 0 else "")


def percent(value: Fraction) -> str:
    """Return a rounded percentage for display. Comparisons use the exact value."""
    return f"{float(value):.1f}".replace(".0", "") + " %"
