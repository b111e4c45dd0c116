# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The connection options of the gate, a dictionary or its text. They hold secrets: no message repeats any of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.cloudbackup.m365.plugins.module_utils import _names

from .plain import plain
from .structured_text import structure


def connection(value: object) -> dict[str, Any]:
    """Return the options that are set; an empty text or null is not set.

    :raises ValueError: a sentence for a person, without the value.
    """
    if not isinstance(value, (str, Mapping, list, tuple)):
        # A whole vaulted text is an object of its own before ansible-core 2.19
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
        raise ValueError("is no dictionary of connection options")
    try:
        return {str(name): plain(item) for name, item in value.items() if item is not None and item != ""}
    except ValueError:
        raise ValueError("is nested too deeply") from None


def registration(value: object) -> str:
    """Return the app registration of connection options without mistakes, which identifies the tenant; may be empty."""
    given = connection(value)
    where = given.get("token_url")
    name = str(given.get("client_id") or "").strip()
    return f"{name} at {where}" if name and where else name


def connection_mistakes(value: object, hosts: int) -> list[str]:
    """Return the mistakes in it, a line each.

    :param hosts: how many the play has.
    """
    try:
        given = connection(value)
    except ValueError as error:
        return [f"connection: {error}"]
    # Without any of the credentials the modules take all of them from the environment
    if hosts > 1 and not set(_names.CREDENTIAL_OPTIONS) & set(given):
        what = "without credentials" if given else "empty"
        return [
            f"connection: {what}, and the play has {hosts} hosts: all of them would be judged by the one tenant of the "
            "environment. Give each host a connection of its own, such as in host_vars"
        ]
    return []
