# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The API generations by name. Each is a module with the same names. To add one, add a file and a line here."""

from __future__ import annotations

from typing import Any, Callable, Protocol, TypeVar

from .._http import errors
from .queries import Query
from .records import License, Page

_Offered = TypeVar("_Offered")


class Generation(Protocol):
    """The names that the module of a generation has. The path of an endpoint that it does not offer is None."""

    JOBS_PATH: str
    LICENSE_PATH: str
    FREQUENCY_PATH: str | None
    RETENTION_PATH: str | None
    UNUSUAL_ACTIVITY_PATH: str | None
    HAS_LOCATION: bool
    content: Callable[[Any], Any]
    jobs_parameters: Callable[[Query, int, int], dict[str, Any]]
    counted_query: Callable[[Query], Query]
    decode_jobs: Callable[[Any, int], Page]
    decode_license: Callable[[Any], License]


def generation(version: str) -> Generation:
    """Return a generation by name, C(v1) or C(v2). Import that module only, to save time at every start."""
    api: Any
    if version == "v2":
        from . import v2 as api
    else:
        from . import v1 as api
    named: Generation = api
    return named


def require(offered: _Offered | None, what: str) -> _Offered:
    """Return a value of the chosen generation, such as a path, if it is supported.

    :param what: the option or the module that requires it.
    :raises errors.Error: arguments, where the value is None or false. Nothing is sent.
    """
    if not offered:
        raise errors.Error("arguments", f"{what} needs api_version v2: v1 does not support it")
    return offered
