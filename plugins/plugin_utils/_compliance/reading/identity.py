# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Which tenant a read is of: the URL and version of its API, and the app registration that it was read with."""

from __future__ import annotations

import itertools
import urllib.parse
from collections.abc import Mapping
from typing import Any

from ..model import wording

_PARTS = {"url": "API", "version": "API version", "client_id": "app registration"}


def differences(connections: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return a sentence for each part in which two connections differ.

    A part that is not known equals nothing and differs from nothing.

    :param connections: C(url), C(version) and C(client_id) by the name of the read, and the planned ones.
    """
    found = []
    for one, other in itertools.combinations(connections, 2):
        for part, name in _PARTS.items():
            first, second = (normal(part, connections[read].get(part)) for read in (one, other))
            if first is not None and second is not None and first != second:
                found.append(
                    f"The {one} and the {other} are of different tenants: {name} {wording.one_line(first, 120)} and "
                    f"{wording.one_line(second, 120)}."
                )
    return found


def normal(part: str, value: object) -> str | None:
    """Return a part of a connection so that equal ones are the same text; None where it is not known."""
    if not isinstance(value, str) or not value.strip():
        return None
    text = value.strip()
    return _normal_url(text) if part == "url" else text.lower()


def _normal_url(text: str) -> str:
    try:
        parts = urllib.parse.urlsplit(text)
        port = parts.port
    except ValueError:
        return text.rstrip("/")
    host = (parts.hostname or "").rstrip(".")
    is_usual = port is None or port == {"https": 443, "http": 80}.get(parts.scheme)
    return f"{parts.scheme}://{host}{'' if is_usual else f':{port}'}{parts.path.rstrip('/')}"
