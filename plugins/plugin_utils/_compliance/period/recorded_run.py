# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""A run of the gate, read back from its line. Anybody may have written it: nothing is trusted to be there."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from sys import intern
from typing import Any, NamedTuple

from ansible_collections.cloudbackup.m365.plugins.module_utils import _time

from ..model import wording
from ..model.outcome import STATUSES
from . import history_line

MOST_APART = 3_600
"""Seconds from the instant that a run was evaluated at to the time of the server (or the clock). A run further apart
proves nothing: its ages were measured from another instant."""

VERDICTS = ("non_compliant", "undetermined", "compliant")
"""Worst first."""
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)

Scope = tuple[str, str]
"""A check and its scope."""


class Acceptance(NamedTuple):
    """A waiver that was used in a run."""

    check: str
    scope: str
    approver: str
    expires: str


class Run(NamedTuple):
    """A run. Times are Unix seconds."""

    subject: str
    time: int
    """Of the server; where no read reported one, of the machine that recorded the run."""
    is_of_server: bool
    proves: bool
    verdict: str
    enforce: bool
    statuses: Mapping[Scope, str]
    acceptances: tuple[Acceptance, ...]
    figures: tuple[int | float | None, ...]
    """Of the license, in the order of ``history_line.FIGURES``."""
    previous: str | None
    sha256: str


def is_sha256(value: object) -> bool:
    return isinstance(value, str) and bool(_SHA256.fullmatch(value))


def read(text: bytes) -> Run:
    """Return the run in a line without its line end. Raises ValueError with what is wrong with it."""
    try:
        data = json.loads(text.decode("utf-8"))
    except (ValueError, RecursionError, MemoryError) as error:
        raise ValueError(f"is not JSON: {wording.one_line(error, 80)}") from error
    if not isinstance(data, dict):
        raise ValueError(f"is {wording.found(data)}, expected a dictionary")
    version = data.get("schema_version")
    if isinstance(version, bool) or version != history_line.SCHEMA_VERSION:
        # In another version every other field may mean something else
        raise ValueError(f"has the schema_version {wording.found(version)}, this release reads 1")
    recorded, evaluated = _instant(data, "recorded_at"), _instant(data, "evaluated_at")
    server = None if data.get("server_time") is None else _instant(data, "server_time")
    time = recorded if server is None else server
    previous = data.get("previous")
    if previous is not None and not is_sha256(previous):
        raise ValueError(f"has the field previous {wording.found(previous)}, expected a SHA-256 or null")
    return Run(
        _text(data, "subject"),
        time,
        server is not None,
        abs(evaluated - time) <= MOST_APART,
        _one_of(data, "verdict", VERDICTS),
        _switch(data, "enforce"),
        _statuses(_list(data, "results")),
        _acceptances(_list(data, "waivers")),
        _figures(data.get("license")),
        previous,
        history_line.digest(text),
    )


def _wrong(name: str, value: object, expected: str) -> ValueError:
    return ValueError(f"has the field {name} {wording.found(value)}, expected {expected}")


def _instant(data: Mapping[str, Any], name: str) -> int:
    try:
        return _time.read_now(data.get(name))
    except (ValueError, OverflowError):
        raise _wrong(name, data.get(name), "an ISO 8601 time") from None


def _text(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    if not isinstance(value, str) or not value.strip():
        raise _wrong(name, value, "a text")
    return value


def _one_of(data: Mapping[str, Any], name: str, known: Any) -> str:
    value = data.get(name)
    if not isinstance(value, str) or value not in known:
        raise _wrong(name, value, " or ".join(known))
    return intern(value)


def _switch(data: Mapping[str, Any], name: str) -> bool:
    value = data.get(name)
    if not isinstance(value, bool):
        raise _wrong(name, value, "true or false")
    return value


def _list(data: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    value = data.get(name)
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise _wrong(name, value, "a list of dictionaries")
    return value


def _statuses(results: list[Mapping[str, Any]]) -> dict[Scope, str]:
    """Return the status of each check at each scope; of a duplicate the worse one."""
    found: dict[Scope, str] = {}
    for result in results:
        key = intern(_text(result, "check")), intern(_text(result, "scope"))
        status = _one_of(result, "status", STATUSES)
        if key not in found or STATUSES.index(status) < STATUSES.index(found[key]):
            found[key] = status
    return found


def _acceptances(waivers: list[Mapping[str, Any]]) -> tuple[Acceptance, ...]:
    used = [waiver for waiver in waivers if waiver.get("state") == "used"]
    return tuple(Acceptance(*(_text(waiver, name) for name in Acceptance._fields)) for waiver in used)


def _figures(license_: object) -> tuple[int | float | None, ...]:
    if not isinstance(license_, Mapping):
        return (None,) * len(history_line.FIGURES)
    return tuple(history_line.figure(license_.get(name)) for name in history_line.FIGURES)
