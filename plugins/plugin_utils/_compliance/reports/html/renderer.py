# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The templates of the HTML pages, compiled once, when this file is imported.

Every value becomes plain text where a template prints it: shortened to one line of printable characters, then escaped.
Only the templates contain markup. The pages are also well-formed XML, so that all parsers agree about the end of each
element.
"""

from __future__ import annotations

import re
from os.path import dirname, join

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from ...model import wording

_LONGEST = 4_000
"""Maximum characters of a text; evidence.json contains the full text."""
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9:]{8}Z)?[.,;:)]*", re.ASCII)


def _plain(value: object) -> object:
    """Return any value as plain text of one line, markup of the templates unchanged, and None as an empty text."""
    if isinstance(value, Markup):
        return value
    return "" if value is None else wording.one_line(value, _LONGEST)


def _prose(value: object) -> Markup:
    """Return text with line breaks only where they are readable: not in times, and in long names after underscores."""
    if isinstance(value, Markup):
        return value
    timed = _TIME.sub(lambda match: f'<span class="whole">{match[0]}</span>', escape(_plain(value)))
    return Markup(timed.replace("_", "_<wbr/>"))


_LOADER = FileSystemLoader(join(dirname(__file__), "templates"))
_ENVIRONMENT = Environment(
    autoescape=True,
    undefined=StrictUndefined,
    finalize=_plain,
    loader=_LOADER,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
    # The templates contain nothing to optimize, and the optimizer takes a tenth of the compile time
    optimized=False,
)
_ENVIRONMENT.filters.update(prose=_prose, amount=wording.amount)
_ENVIRONMENT.globals["style_sheet"] = Markup(_LOADER.get_source(_ENVIRONMENT, "style.css")[0])

MACROS = _ENVIRONMENT.get_template("macros.html.j2")
"""Loaded here so that it is compiled with the pages, which import it when they are rendered."""
REPORT = _ENVIRONMENT.get_template("report.html.j2")
FLEET = _ENVIRONMENT.get_template("fleet.html.j2")
PERIOD = _ENVIRONMENT.get_template("period.html.j2")
