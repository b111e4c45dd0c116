# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The mistakes in user input, collected so that all are reported at once."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from ..model import kinds, wording


class Refused(Exception):
    """An input that cannot be used; ``lines`` are its mistakes."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = list(lines)
        super().__init__("\n".join(self.lines))


class Mistakes:
    """Collects one line per mistake: the place, the value, the allowed values, and the nearest name for a typo."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def add_line(self, path: str, sentence: str) -> None:
        self.lines.append(f"{path}: {sentence}")

    def add(self, path: str, value: object, allowed: str) -> None:
        self.add_line(path, f"expected {allowed}, got {wording.found(value)}")

    def unknown(self, path: str, what: str, name: object, known: Iterable[str]) -> None:
        """Report an unknown name."""
        allowed = list(known)
        near = difflib.get_close_matches(str(name)[:100].lower(), [one.lower() for one in allowed], n=1)
        guess = next((f", did you mean {one}?" for one in allowed if near and one.lower() == near[0]), ".")
        self.add_line(path, f"unknown {what} {wording.found(name)}{guess} Allowed: {', '.join(allowed)}")

    def mapping(self, path: str, value: object, known: Iterable[str]) -> dict[str, Any]:
        """Return the known keys of a dictionary, and report every other key."""
        allowed = list(known)
        if not isinstance(value, Mapping):
            self.add(path, value, f"a dictionary with {', '.join(allowed)}")
            return {}
        for key in value:
            if key not in allowed:
                self.unknown(f"{path}.{wording.one_line(key, 60)}", "key", key, allowed)
        return {key: value[key] for key in allowed if key in value}

    def value(self, path: str, value: object, kind: kinds.Kind, default: Any) -> Any:
        """Return the value as read by its kind; the default if it is invalid, so that the rest can be validated."""
        try:
            return kind.read(value)
        except ValueError:
            self.add(path, value, kind.allowed)
            return default

    def names(self, path: str, value: object, what: str, known: Iterable[str]) -> list[str]:
        """Return names out of the known names, in the given order; case is ignored."""
        spelled = {name.lower(): name for name in known}
        try:
            written = kinds.names(value)
        except ValueError:
            self.add(path, value, f"a list out of {', '.join(spelled.values())}")
            return []
        for name in written:
            if name.lower() not in spelled:
                self.unknown(path, what, name, spelled.values())
        names = [spelled[name.lower()] for name in written if name.lower() in spelled]
        for name in sorted({name for name in names if names.count(name) > 1}):
            self.add_line(path, f"{name} is named more than once")
        return list(dict.fromkeys(names))
