# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""What a text contains once its encodings are undone: URL, HTML, JSON and JavaScript, base64 and hexadecimal, nested.

Bounded in depth and in work, and linear in the length of the text for each form of it.
"""

from __future__ import annotations

import binascii
import re
import urllib.parse
from collections.abc import Iterator

LONGEST = 64 * 1024
"""Characters of a text that is decoded at once."""
_DEPTH = 6
_WORK = 16 * LONGEST
"""Characters of all forms of a text together."""
_WORTH_DECODING = 8
"""Printable characters in a row out of base64 or hexadecimal digits. Shorter ones come about by chance."""

_WIDE_ESCAPE = re.compile(r"%u([0-9A-Fa-f]{4})")
_ESCAPE = re.compile(
    r"\\(?:u([0-9A-Fa-f]{4})|u\{([0-9A-Fa-f]{1,6})\}|U([0-9A-Fa-f]{8})|x([0-9A-Fa-f]{2})|([0-7]{3})|(.))"
)
_LETTERS = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "0": "\0"}
_SURROGATE = re.compile("[\ud800-\udfff]")
_PRINTABLE = re.compile(rf"[\t\n\r -~]{{{_WORTH_DECODING},}}")

_FROM_URL = bytes.maketrans(b"-_", b"+/")
_NO_64 = re.compile(rb"[^A-Za-z0-9+/]+")
_NO_HEX = re.compile(rb"[^0-9A-Fa-f]+")


class Undecidable(Exception):
    """A text that is encoded too deeply, or too often, to be decoded."""


def forms(text: str, least: int) -> Iterator[str]:
    """Yield the text and all that it may say once it is decoded. What base64 and digits give has garbage around it.

    :param least: characters of the shortest text that is searched for.
    :raises Undecidable: after the forms that were found within the bounds.
    """
    seen = {text}
    frontier = [text]
    work = 0
    yield text
    for _depth in range(_DEPTH):
        found = []
        for form in frontier:
            for result in (_percent(form), _entities(form), _escapes(form)):
                if result not in seen:
                    work += len(result)
                    seen.add(result)
                    found.append(result)
                    yield result
            for result in _digits(form, least):
                work += len(result)
                yield result
                readable = "\n".join(_PRINTABLE.findall(result))
                if readable and readable not in seen:
                    seen.add(readable)
                    found.append(readable)
            if work > _WORK:
                raise Undecidable
        frontier = found
        if not frontier:
            return
    raise Undecidable


def _percent(text: str) -> str:
    """Undo the encoding of URLs. A plus is left to the search, to which it is a blank."""
    if "%" not in text:
        return text
    if "%u" in text:
        text = _WIDE_ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
    # Each byte as a character: the search knows secrets in this form, too, and it may be Latin-1 as well as UTF-8
    return urllib.parse.unquote(text, encoding="latin-1")


def _entities(text: str) -> str:
    """Undo the character references of HTML and XML: by name, decimal, hexadecimal."""
    if "&" not in text:
        return text
    # Few texts need it, and it takes a tenth of all that this collection imports
    import html

    try:
        return html.unescape(text)
    except ValueError:
        raise Undecidable from None  # a reference of thousands of digits


def _escapes(text: str) -> str:
    r"""Undo the escapes of JSON, JavaScript and Python: \u002B, \x2b, \053, \/ and so on."""
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


def _digits(text: str, least: int) -> Iterator[str]:
    """Yield what base64, base64url and hexadecimal digits anywhere in the text may mean, each byte as a character.

    The whole text is decoded at every offset, so that each row of digits in it is decoded from its beginning once.
    What is no digit becomes zero bytes around it.
    """
    if re.search(rf"[A-Za-z0-9+/_-]{{{least * 4 // 3}}}", text):
        digits = text.encode("ascii", "replace").translate(_FROM_URL)
        for row in _rows(digits, b"\r\n", _NO_64, b"AAAA"):
            for offset in range(4):
                data = binascii.a2b_base64(row[offset : len(row) - (len(row) - offset) % 4])
                yield data.decode("latin-1")
                if re.search(rb"[ -~]\0[ -~]\0", data):
                    # UTF-16, as PowerShell and .NET encode texts
                    yield data.replace(b"\0", b"").decode("latin-1")
    if re.search(rf"(?:(?:0[xX])?[0-9A-Fa-f]{{2}}[\s,:;+-]{{0,2}}){{{least}}}", text):
        digits = text.encode("ascii", "replace").replace(b"0x", b"").replace(b"0X", b"")
        for row in _rows(digits, b" \t\r\n,:;+-", _NO_HEX, b"00"):
            for offset in range(2):
                yield binascii.a2b_hex(row[offset : len(row) - (len(row) - offset) % 2]).decode("latin-1")


def _rows(digits: bytes, within: bytes, others: re.Pattern[bytes], filler: bytes) -> set[bytes]:
    """Return the digits with a filler for all others, and the same where what may be within a number is left out."""
    return {filler + others.sub(filler, text) + filler for text in (digits, digits.translate(None, within))}
