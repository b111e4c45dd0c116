# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Keeps what must not be seen out of every text that leaves.

Ansible's no_log masks parameters only. A secret can also come from the environment or a file, and a token from the
token endpoint; and a server may echo any of them back, escaped in some way.
"""

from __future__ import annotations

import json
import re
import threading
import urllib.parse
from typing import Any

MASK = "********"

# Shorter ones are cut only where they stand alone: "1234" is no reason to shred every job id that contains it.
_CUT_ANYWHERE = 8


class Secrets:
    """The secrets known so far. Tokens join while a module runs, from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: set[str] = set()
        self._forms: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def add(self, *values: str | None) -> None:
        """Register secrets; None and empty ones are none."""
        # One at a time: a pattern made from what was known before must not take the place of a later one.
        with self._lock:
            new = {value for value in values if value and value.strip()} - self._known
            if not new:
                return
            self._known |= new
            for value in new:
                self._forms |= _forms(value) | _forms(value.strip())
            longest_first = sorted(self._forms, key=lambda form: (-len(form), form))
            self._pattern = re.compile("|".join(_expression(form) for form in longest_first))

    def cut(self, text: str) -> str:
        """The text with every secret masked."""
        return text if self._pattern is None else self._pattern.sub(MASK, text)

    def clean(self, data: Any) -> Any:
        """Plain data (dicts, lists, texts, numbers) with every secret masked, keys included."""
        if isinstance(data, str):
            return self.cut(data)
        if isinstance(data, dict):
            return {self.clean(key): self.clean(value) for key, value in data.items()}
        if isinstance(data, (list, tuple)):
            return [self.clean(item) for item in data]
        return data


def _forms(value: str) -> set[str]:
    """The ways a server may write a secret back."""
    marked_up: set[str] = set()
    if set(value) & set("&<>\"'"):
        # Few secrets need it, and it takes a tenth of all that this collection imports.
        from html import escape

        marked_up = {escape(value), escape(value, quote=False)}
    # As Python shows it in the repr of a longer text or a list: within single quotes, then within double ones.
    shown = repr('"' + value)[2:-1]
    return marked_up | {
        value,
        shown,
        shown.replace("\\'", "'"),
        # A variable of the environment that is not UTF-8 holds surrogates.
        urllib.parse.quote(value, safe="", errors="surrogatepass"),
        urllib.parse.quote(value, errors="surrogatepass"),
        urllib.parse.quote_plus(value, errors="surrogatepass"),
        json.dumps(value)[1:-1],
        json.dumps(value)[1:-1].replace("/", "\\/"),
    }


def _expression(form: str) -> str:
    escaped = re.escape(form)
    return escaped if len(form) >= _CUT_ANYWHERE else rf"(?<![^\W_]){escaped}(?![^\W_])"
