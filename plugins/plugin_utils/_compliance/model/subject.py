# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The name of a tenant (its subject): its folder, and duplicates."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import TypeVar

_Key = TypeVar("_Key", int, str)

_LONGEST = 80
_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*", re.ASCII)
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+", re.ASCII)
_MARK = re.compile(r"-[0-9a-f]{12}", re.ASCII)


def directory_name(subject: str) -> str:
    """Return the subject if it is a safe name for a path component, else a similar safe name with a hash.

    Different subjects have different names: a subject that already ends like such a hash gets another hash.
    """
    if _SAFE.fullmatch(subject) and len(subject) <= _LONGEST and not _MARK.fullmatch(subject[-13:]):
        return subject
    mark = hashlib.sha256(subject.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    likeness = _UNSAFE.sub("_", subject).strip("._-")[: _LONGEST - 13]
    return f"{likeness or 'subject'}-{mark}"


def shared(values: Mapping[_Key, str]) -> dict[_Key, list[_Key]]:
    """Return the other keys with the same value, by key; keys with a unique or empty value are missing."""
    holders: dict[str, list[_Key]] = {}
    for name, value in values.items():
        holders.setdefault(value, []).append(name)
    return {
        name: [other for other in holders[value] if other != name]
        for name, value in values.items()
        if value and len(holders[value]) > 1
    }
