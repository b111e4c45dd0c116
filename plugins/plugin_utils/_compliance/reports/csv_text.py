# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""CSV as in RFC 4180, in which spreadsheets find no formulas."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

_STARTS_A_FORMULA = frozenset("=+-@\uff1d\uff0b\uff0d\uff20")
"""Including full-width forms, which spreadsheets with East Asian locales treat like the others."""
_QUOTED = frozenset(',;\t"\r\n')
_IGNORED = ("Cc", "Cf", "Zs", "Zl", "Zp")
"""Unicode categories of blanks, controls and invisible characters that spreadsheets may remove before a text."""


def cell(value: object) -> str:
    """Return a value as the text of a cell, without quotes. Null is an empty cell, a list is joined with "; ".

    A text that begins, after blanks and controls, with = + - @ or their full-width forms gets an apostrophe in front.
    Numbers are not changed.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    text = "; ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
    first = next((sign for sign in text if not _is_ignored(sign)), "")
    return f"'{text}" if first in _STARTS_A_FORMULA else text


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table as text: a header line, then a line for each row. Lines end with a line feed."""
    return "".join(",".join(_quoted(cell(value)) for value in row) + "\n" for row in (header, *rows))


def _is_ignored(sign: str) -> bool:
    return sign.isspace() or unicodedata.category(sign) in _IGNORED


def _quoted(text: str) -> str:
    """Return the text of a cell, quoted if it contains special characters or outer blanks."""
    if text == text.strip() and not _QUOTED.intersection(text):
        return text
    return '"' + text.replace('"', '""') + '"'
