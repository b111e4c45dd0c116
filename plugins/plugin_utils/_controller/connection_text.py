# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The connection options of the gate, a dictionary or its text. They hold secrets: no message repeats any of it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.cloudbackup.m365.plugins.module_utils import _names

from .._compliance.model.registration import normalized
from .plain import plain
from .structured_text import structure

_SHORTEST_WITHIN = 8
"""Characters of a secret that is looked for within other texts; a shorter one occurs in many."""
_NAME = re.compile(r"[A-Za-z][A-Za-z_-]{0,39}", re.ASCII)
"""What the name of an option looks like."""


def connection(value: object) -> dict[str, Any]:
    """Return the options that are set; an empty text or null is not set.

    :raises ValueError: a sentence for a person, without the value.
    """
    return {name: item for name, item in options(value).items() if item is not None and item != ""}


def options(value: object) -> dict[str, Any]:
    """Return all options, also those that are not set.

    :raises ValueError: a sentence for a person, without the value.
    """
    if not isinstance(value, (str, Mapping, list, tuple)):
        # A whole vaulted text is a special object before ansible-core 2.19
        value = plain(value)
    if value is None or (isinstance(value, str) and not value.strip()):
        return {}
    if isinstance(value, str):
        try:
            value = structure(value)
        except ValueError:
            # The parser's words may quote the text.
            raise ValueError("is neither a dictionary nor JSON or YAML text of one") from None
    if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
        raise ValueError("is not a dictionary of connection options")
    try:
        return {str(name): plain(item) for name, item in value.items()}
    except ValueError:
        raise ValueError("is nested too deeply") from None


def planned(value: object) -> dict[str, str | None]:
    """Return url, version and client_id of connection options without mistakes, normalized.

    None: left to module_defaults or to the environment, or equal to a secret, which a mistake in the options may do.
    """
    given = connection(value)
    code = str(given.get("data_center") or "").strip().lower()
    url = _names.DATA_CENTERS[code][0] if code in _names.DATA_CENTERS else given.get("api_url")
    facts = {"url": url, "version": given.get("api_version"), "client_id": given.get("client_id")}
    secrets = [str(given[option]).strip().lower() for option in _names.SECRET_OPTIONS if option in given]
    return {
        name: None if text and any(_holds(text.lower(), secret) for secret in secrets) else text
        for name, text in normalized(facts).items()
    }


def _holds(text: str, secret: str) -> bool:
    return text == secret or (len(secret) >= _SHORTEST_WITHIN and secret in text)


def connection_mistakes(value: object, hosts: int) -> list[str]:
    """Return the mistakes in it, a line each.

    :param hosts: how many the play has.
    """
    try:
        given = connection(value)
        mistakes = _unknown(options(value))
    except ValueError as error:
        return [f"connection: {error}"]
    # Without any of the credentials the modules take all of them from the environment
    if hosts > 1 and not set(_names.CREDENTIAL_OPTIONS) & set(given):
        what = "without credentials" if given else "empty"
        mistakes.append(
            f"connection: {what}, and the play has {hosts} hosts, which would all read the tenant of the environment. "
            "Give each host its own connection, for example in host_vars"
        )
    return mistakes


def _unknown(names: Iterable[str]) -> list[str]:
    """Return a line for each unknown option, without its value: it may be a misspelt secret."""
    lines = []
    for name in names:
        if name not in _names.CONNECTION_OPTIONS:
            # A name that is none may be a secret, of a text that was not meant as a dictionary
            shown = f"connection.{name}" if _NAME.fullmatch(name) else "connection"
            near = difflib.get_close_matches(name[:100].lower(), _names.CONNECTION_OPTIONS, n=1)
            hint = f", did you mean {near[0]}?" if near else f". Allowed: {', '.join(_names.CONNECTION_OPTIONS)}"
            lines.append(f"{shown}: unknown option{hint}")
    return lines
