# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""HTML from parts. What is not ``Html`` is text from outside, and is escaped where it enters: nothing can be forgotten.

What comes out is well-formed XML too, so that any parser agrees about where an element ends.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

from ...model import wording

_LONGEST = 4_000
"""Characters of one text; a message that names hundreds of jobs' doubts is cut, evidence.json has all of it."""
_VOID = ("meta",)
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9:]{8}Z)?[.,;:)]*", re.ASCII)


class Html(str):
    """Markup that this collection wrote."""


SPACE = Html(" ")
"""Between parts on one line: text loses the spaces at its ends."""


def text(value: object) -> Html:
    """Markup as it is; anything else as text that is only text, on one line, without control characters."""
    if isinstance(value, Html):
        return value
    return Html(html.escape(wording.one_line("" if value is None else value, _LONGEST)))


def prose(value: object) -> Html:
    """Text that is laid out well: a time is not broken over two lines, a long name only after an underscore."""
    if isinstance(value, Html):
        return value
    timed = _TIME.sub(lambda match: f'<span class="whole">{match[0]}</span>', text(value))
    return Html(timed.replace("_", "_<wbr/>"))


def element(tag: str, *content: object, **attributes: object) -> Html:
    """An element. The attribute ``class_`` is written ``class``, ``aria_label`` is ``aria-label``."""
    written = "".join(_attribute(key, value) for key, value in attributes.items())
    if tag in _VOID:
        return Html(f"<{tag}{written}/>")
    return Html(f"<{tag}{written}>{joined(content)}</{tag}>")


def joined(parts: Iterable[object], between: str = "") -> Html:
    """Parts one after the other; what is put between them is ours."""
    return Html(between.join(map(text, parts)))


def _attribute(key: str, value: object) -> str:
    return f' {key.rstrip("_").replace("_", "-")}="{html.escape(wording.one_line(value, _LONGEST))}"'
