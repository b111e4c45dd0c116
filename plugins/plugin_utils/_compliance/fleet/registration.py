# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The app registration of a tenant, client ID and URL, in one spelling: two tenants with the same one are in doubt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def identity(client_id: object, url: object) -> str:
    """Return the registration as one text for people and for comparison; empty without a client ID, as with a token."""
    name = client_id.strip().lower() if isinstance(client_id, str) else ""
    where = url.strip().rstrip("/").lower() if isinstance(url, str) else ""
    return f"{name} at {where}" if name and where else name


def of_text(text: object) -> str:
    """Return the registration that ``compliance_plan`` named, ``CLIENT_ID at URL`` or a client ID alone."""
    name, _at, where = str(text or "").partition(" at ")
    return identity(name, where)


def of_reading(read: Mapping[str, Any]) -> str:
    """Return the registration that evidence was read with: the planned one, else that of the first read."""
    parts = [read.get("connection")]
    parts += [part.get("api") for name, part in read.items() if name != "connection" and isinstance(part, Mapping)]
    known = [part for part in parts if isinstance(part, Mapping)]
    named = next((part for part in known if identity(part.get("client_id"), None)), None)
    if named is None:
        return ""
    urls = [part.get("url") for part in (named, *known)]
    return identity(named.get("client_id"), next((url for url in urls if isinstance(url, str) and url.strip()), None))
