# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The sources of option values: the task, the environment, files."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from .._http import errors

FILES = ("client_certificate", "client_private_key")
"""Options that are PEM text or the path of a file."""
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff"
"""Zero-width characters, which often surround copied text, and the byte order mark that some editors add."""


def environment_name(option: str) -> str:
    """Return the variable that an option falls back to."""
    return f"CLOUDBACKUP_{option.upper()}"


def one_set(options: tuple[str, ...], parameters: Mapping[str, Any], environment: Mapping[str, str]) -> dict[str, str]:
    """Return the options of a set that are set: from the task, or from the environment if the task sets none."""
    given = {option: parameters.get(option) for option in options}
    found = {option: environment.get(environment_name(option)) for option in options}
    return _set_ones(given) or _set_ones(found)


def _set_ones(values: Mapping[str, Any]) -> dict[str, str]:
    found = {option: trimmed(value) for option, value in values.items() if isinstance(value, str)}
    return {
        option: value for option, value in found.items() if value and not (option in FILES and is_empty_file(value))
    }


def trimmed(value: str) -> str:
    """Return a value without surrounding blanks, line ends and invisible characters, which files often contain.

    None of them is part of a credential or an address.
    """
    return value.strip().strip(_INVISIBLE).strip()


def refuse_broken_text(values: Mapping[str, str]) -> None:
    """Reject text that is not UTF-8; a path may contain any bytes."""
    for option, value in values.items():
        if option not in FILES and any("\ud800" <= character <= "\udfff" for character in value):
            raise errors.Error("arguments", f"{option} is not UTF-8 text")


def is_empty_file(value: str) -> bool:
    """Return whether a value is the path of an empty file, which AWX creates for an omitted file."""
    # A PEM text is not a path. It may be too long for a file name, hence ValueError and OSError.
    if "\n" in value or "\0" in value or value.lstrip().startswith("-----BEGIN"):
        return False
    path = os.path.expanduser(value)
    return os.path.isfile(path) and os.path.getsize(path) == 0


def pem(option: str, value: str) -> str:
    """Return PEM text, either given directly or read from the given path. It ends with a line end."""
    if "-----BEGIN" in value:
        return trimmed(value) + "\n"
    try:
        with open(os.path.expanduser(value), encoding="utf-8") as file:
            return trimmed(file.read(1024 * 1024)) + "\n"
    except (OSError, ValueError) as error:
        # The message does not contain the value, which may be a broken PEM text.
        reason = getattr(error, "strerror", None) or "not a text file"
        raise errors.Error(
            "arguments", f"{option} is neither PEM text nor the path of a readable file: {reason}"
        ) from None
