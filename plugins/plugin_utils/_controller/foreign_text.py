# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Texts that this collection did not write: why variables could not be read, what a lookup or a task failed with.

They may quote a URL with a password, a line of a file, or a whole dictionary with its secrets. They are cut before they
are kept or shown.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ansible.utils.display import Display
from ansible_collections.cloudbackup.m365.plugins.module_utils import _names
from ansible_collections.cloudbackup.m365.plugins.module_utils._http.secrets import MASK, Secrets, cut_urls

from . import connection_text
from .plain import plain

CONNECTION = "compliance_connection"
"""The variable with the connection options of a tenant."""
WITHHELD = "The message is not shown, since it contains a secret."

_EXCERPT = re.compile(r"\s*(?:The offending line appears to be:|\n\s*Origin: ).*", re.DOTALL)
"""ansible-core quotes the lines of a file that it cannot read, up to 2.18 and from 2.19 on."""
_ASSIGNED = re.compile(
    r"(?i)((?:secret|passw|passphrase|private_key|access_token)\w*['\"]?\s*[:=]\s*['\"]?)[^\s'\",}]+",
)
_EXPRESSION = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_WORD = re.compile(r"[^\s'\",:{}]{8,}")


def cut(text: object, connection: object, templar: Any = None) -> str:
    """Return the text without passwords of URLs, or a sentence in its place if it repeats a secret of the connection.

    :param connection: the connection options of the tenant as its variables have them; None if they are unknown.
    :param templar: reads expressions in them, if given.
    """
    secrets = _secrets(_read(connection, templar))
    words = _EXCERPT.sub("", str(text))
    if connection is None:
        words = _ASSIGNED.sub(rf"\1{MASK}", words)
    # The same text may repeat the password alone
    secrets.add_urls(words)
    words = cut_urls(words, MASK)
    return WITHHELD if secrets.repeated_in(words) else words


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep Ansible quiet: at a high verbosity, ansible-core up to 2.18 prints the words of a failed lookup itself."""
    display = Display()
    before, display.verbosity = display.verbosity, 0
    try:
        yield
    finally:
        display.verbosity = before


def template(templar: Any, value: object) -> Any:
    """Return the value of an expression, quietly."""
    with quiet():
        return templar.template(value)


def _read(connection: object, templar: Any) -> list[object]:
    """Return the connection options as they are written and, if they can be read, their values."""
    if templar is None or connection is None:
        return [connection]
    try:
        return [connection, template(templar, connection)]
    except Exception:  # noqa: BLE001 - a lookup may raise anything
        return [connection]


def _secrets(values: list[object]) -> Secrets:
    secrets = Secrets()
    secrets.add_options({}, os.environ)
    for value in values:
        for add in (_add, _add_urls):
            try:
                add(secrets, value)
            except Exception:  # noqa: BLE001 - a vaulted value that cannot be decrypted is in no text either
                continue
    return secrets


def _add(secrets: Secrets, value: object) -> None:
    try:
        secrets.add_options(_written(connection_text.options(value)), {})
    except ValueError:
        # Neither a dictionary nor its text: any word of it may be a secret
        words = set(_WORD.findall(_EXPRESSION.sub(" ", str(value))))
        secrets.add(*words.difference(_names.CONNECTION_OPTIONS))


def _add_urls(secrets: Secrets, value: object) -> None:
    """Add the passwords of the URLs in a value, also in the expressions: the words of a lookup may repeat a part."""
    secrets.add_urls(str(value))


def _written(value: Any) -> Any:
    """Return plain data without the expressions in its texts: the name of a variable is no secret."""
    if isinstance(value, Mapping):
        return {str(key): _written(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_written(item) for item in value]
    if isinstance(value, str) and _EXPRESSION.search(value):
        return _EXPRESSION.split(value)
    return plain(value)
