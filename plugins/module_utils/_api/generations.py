# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The API generations by name. Each is a module with the same few names; the next one is a file and a line here."""

from __future__ import annotations

from typing import Any, Callable, Protocol

from .queries import Query
from .records import License, Page


class Generation(Protocol):
    """The names that a generation's module has."""

    JOBS_PATH: str
    LICENSE_PATH: str
    HAS_LOCATION: bool
    jobs_parameters: Callable[[Query, int, int], dict[str, Any]]
    counted_query: Callable[[Query], Query]
    decode_jobs: Callable[[Any, int], Page]
    decode_license: Callable[[Any], License]


def generation(version: str) -> Generation:
    """Return a generation by name, C(v1) or C(v2). Only that one is imported: each costs time at every start."""
    api: Any
    if version == "v2":
        from . import v2 as api
    else:
        from . import v1 as api
    named: Generation = api
    return named
