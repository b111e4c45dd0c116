# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The identity of a tenant: the client ID of its app registration and the URL of its API, normalized."""

from __future__ import annotations

import urllib.parse
from collections.abc import Mapping
from typing import Any

PARTS = ("url", "version", "client_id")
"""The parts of a planned connection, and of C(api) in the result of a read. None: not planned, or unknown."""


def normalized(facts: Mapping[str, Any]) -> dict[str, str | None]:
    """Return url, version and client_id of a planned connection or of C(api) of a read, so that they can be compared.

    :param facts: may have other keys, and values of any type.
    """
    version = _text(facts.get("version"))
    return {
        "url": normalized_url(facts.get("url")),
        "version": version and version.lower(),
        "client_id": _text(facts.get("client_id")),
    }


def normalized_url(value: object) -> str | None:
    """Return the URL of an API with scheme and host in lower case, without the usual port or a slash at its end.

    None for anything that a read rejects as an address, since it may contain a password.
    """
    text = _text(value)
    try:
        parts = urllib.parse.urlsplit(text or "")
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if not text or not host or parts.scheme not in ("https", "http") or "@" in parts.netloc:
        return None
    if parts.query or parts.fragment or any(character.isspace() or character == "\\" for character in text):
        return None
    is_usual = port is None or port == {"https": 443, "http": 80}[parts.scheme]
    netloc = parts.netloc.lower().rpartition(":")[0] if is_usual and port is not None else parts.netloc.lower()
    return f"{parts.scheme}://{netloc.rstrip(':')}{parts.path.rstrip('/')}"


def registration(facts: Mapping[str, Any]) -> str:
    """Return "client_id at url", only the client ID if the URL is unknown, or "" if the client ID is unknown.

    Two connections with the same non-empty text have the same registration.
    """
    known = normalized(facts)
    if known["client_id"] is None:
        return ""
    return f"{known['client_id']} at {known['url']}" if known["url"] else known["client_id"]


def registration_of_reading(read: Mapping[str, Any]) -> str:
    """Return the registration that the reads reported; "" if none of them did."""
    reported = [part.get("api") for _name, part in sorted(read.items()) if isinstance(part, Mapping)]
    found = [registration(api) for api in reported if isinstance(api, Mapping)]
    return next(filter(None, found), "")


def _text(value: object) -> str | None:
    """Return a text without surrounding blanks; also from a number, which is how YAML reads digits."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return None
    return str(value).strip() or None
