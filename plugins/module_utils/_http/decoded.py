# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Decode nested encodings in a text: URL, HTML, JSON and JavaScript, base64 and hexadecimal.

Depth and work are limited. The time for each decoded form is linear in the length of the text.
"""

from __future__ import annotations

import binascii
import re
import urllib.parse
from collections.abc import Iterator

LONGEST = 64 * 1024
"""Maximum characters of a text that is decoded."""
_DEPTH = 6
_WORK = 16 * LONGEST
"""Maximum characters of all decoded forms of a text together."""
_WORTH_DECODING = 8
"""Characters."""

_WIDE_ESCAPE = re.compile(r"%u([0-9A-Fa-f]{4})")
_ESCAPE = re.compile(
    r"\\(?:u([0-9A-Fa-f]{4})|u\{([0-9A-Fa-f]{1,6})\}|U([0-9A-Fa-f]{8})|x([0-9A-Fa-f]{2})|([0-7]{3})|(.))"
)
_LETTERS = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "0": "\0"}
_SURROGATE = re.compile("[\ud800-\udfff]")
_ASCII = re.compile(r"[\t\n\r -~]+")
_TEXT = re.compile(r"[\t\n\r -~\x80-\xff]+")

_DIGITS_64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_FROM_URL = bytes.maketrans(b"-_", b"+/")
_IS_64 = bytes(b"01"[chr(code) in _DIGITS_64] for code in range(256))
_IS_HEX = bytes(b"01"[chr(code) in "0123456789abcdefABCDEF"] for code in range(256))
_IS_ASCII = b"2" + bytes(b"01"[32 <= code < 127 or code in b"\t\n\r"] for code in range(1, 256))
_IS_TEXT = _IS_ASCII[:128] + b"1" * 128
"""Classes of bytes: 1 is a member, 2 is zero, as in UTF-16."""
_NO_64 = re.compile(rb"[^A-Za-z0-9+/]+")
_NO_HEX = re.compile(rb"[^0-9A-Fa-f]+")


class Undecidable(Exception):
    """A text with too many nested encodings to be decoded."""


def forms(text: str, least: int, is_ascii: bool) -> Iterator[str]:
    """Yield the text and all of its possible decoded forms.

    :param least: the length of the shortest text that is searched for.
    :param is_ascii: whether only ASCII is searched for.
    :raises Undecidable: after the forms within the limits.
    """
    seen = {text}
    frontier = [text]
    work = 0
    yield text
    for _depth in range(_DEPTH):
        found = []
        for form in frontier:
            for decoded in (_percent(form), _entities(form), _escapes(form), *_digits(form, least, is_ascii)):
                if decoded not in seen:
                    work += len(decoded)
                    seen.add(decoded)
                    found.append(decoded)
                    yield decoded
            if work > _WORK:
                raise Undecidable
        # Short forms occur by chance in any digits, and contain no further encodings
        frontier = [form for form in found if len(form) >= _WORTH_DECODING]
        if not frontier:
            return
    raise Undecidable


def _percent(text: str) -> str:
    """Decode URL encoding, except the plus sign, which the search treats as a blank."""
    if "%" not in text:
        return text
    if "%u" in text:
        text = _WIDE_ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
    # Each byte as a character: it may be Latin-1 or UTF-8, and the search has secrets in this form, too
    return urllib.parse.unquote(text, encoding="latin-1")


def _entities(text: str) -> str:
    """Decode the character references of HTML and XML: named, decimal, hexadecimal."""
    if "&" not in text:
        return text
    # Imported only when needed: it takes a tenth of the import time of this collection
    import html

    try:
        return html.unescape(text)
    except ValueError:
        raise Undecidable from None  # a reference of thousands of digits


def _escapes(text: str) -> str:
    r"""Decode the escapes of JSON, JavaScript and Python: \u002B, \x2b, \053, \/ and so on."""
    if "\\" not in text:
        return text
    decoded = _ESCAPE.sub(_unescaped, text)
    if _SURROGATE.search(decoded):
        return decoded.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return decoded


def _unescaped(match: re.Match[str]) -> str:
    letter = match[6]
    if letter is not None:
        return _LETTERS.get(letter, letter)
    octal = match[5]
    code = int(octal, 8) if octal else int(match[1] or match[2] or match[3] or match[4], 16)
    return chr(code) if code <= 0x10FFFF else ""


def _digits(text: str, least: int, is_ascii: bool) -> Iterator[str]:
    """Yield the readable text in base64, base64url and hexadecimal digits anywhere in the text.

    The whole text is decoded at every offset, so that each run of digits is decoded from its first digit once. Other
    characters become zero bytes. Character classes show whether there is anything to decode or to read, in a hundredth
    of the time of a search.
    """
    plain = text.encode("ascii", "replace")
    for digits in dict.fromkeys((plain.translate(_FROM_URL), plain.translate(_FROM_URL, b"\r\n"))):
        if b"1" * (least * 4 // 3) in digits.translate(_IS_64):
            row = b"AAAA" + _NO_64.sub(b"AAAA", digits) + b"AAAA"
            for offset in range(4):
                yield from _read(binascii.a2b_base64(row[offset : len(row) - (len(row) - offset) % 4]), least, is_ascii)
    listed = plain.replace(b"0x", b"").replace(b"0X", b"")
    for digits in dict.fromkeys((plain, listed.translate(None, b" \t\r\n,:;+-"))):
        if b"11" * least in digits.translate(_IS_HEX):
            row = b"00" + _NO_HEX.sub(b"00", digits) + b"00"
            for offset in range(2):
                yield from _read(binascii.a2b_hex(row[offset : len(row) - (len(row) - offset) % 2]), least, is_ascii)


def _read(data: bytes, least: int, is_ascii: bool) -> Iterator[str]:
    """Yield the readable runs of characters in bytes, each byte as a character, and also those in UTF-16."""
    classes = data.translate(_IS_ASCII if is_ascii else _IS_TEXT)
    if b"1" * least in classes:
        rows = (_ASCII if is_ascii else _TEXT).findall(data.decode("latin-1"))
        yield "\n".join(row for row in rows if len(row) >= least)
    # A single character is there already
    if least > 1 and b"12" * (least - 1) in classes:
        yield from _read(data.replace(b"\0", b""), least, is_ascii)
