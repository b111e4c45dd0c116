# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""A line of the history of a tenant: one run of its gate, chained to the line before by a hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.cloudbackup.m365.plugins.module_utils import _names, _time

from ..model import wording

SCHEMA_VERSION = 1
LONGEST = 4 * 1024 * 1024
"""Bytes of a line; a hundred times the usual one."""
FIGURES = ("purchased_user_seats", "assigned_user_seats", "purchased_storage_size", "protected_size")
"""Of the license."""
LARGEST_FIGURE = 10**15

_TEXT = 200
"""Characters of a text that a server or a person wrote."""


def line(
    evidence: Mapping[str, Any],
    evidence_sha256: str,
    enforce: bool,
    recorded_at: int,
    last: bytes | None,
) -> bytes:
    """Return the line of a run as canonical JSON (sorted keys, no blanks, ASCII), without its line end.

    :param evidence: the content of evidence.json.
    :param recorded_at: the machine's clock, in Unix seconds.
    :param last: the newest line of the history, without its line end; None where the history begins.
    """
    data = {
        "schema_version": SCHEMA_VERSION,
        "subject": evidence["subject"],
        "evaluated_at": evidence["evaluated_at"],
        "recorded_at": _time.unix_to_iso(recorded_at),
        "server_time": _server_time(evidence, recorded_at, parsed(last)),
        "verdict": evidence["verdict"],
        "counts": dict(evidence["counts"]),
        "results": [_result(result) for result in evidence["results"]],
        "waivers": [_waiver(waiver) for waiver in evidence["waivers"]],
        "license": _license(evidence["read"]),
        "enforce": enforce,
        "collection_version": _names.VERSION,
        "evidence_sha256": evidence_sha256,
        "previous": None if last is None else digest(last),
    }
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode()


def digest(text: bytes) -> str:
    """Return the SHA-256 of a line without its line end."""
    return hashlib.sha256(text).hexdigest()


def parsed(text: bytes | None) -> dict[str, Any]:
    """Return the data in a line that anybody may have written; empty where there is none."""
    try:
        data = json.loads(text or b"null")
    except (ValueError, RecursionError, MemoryError):
        return {}
    return data if isinstance(data, dict) else {}


def figure(value: object) -> int | float | None:
    """Return a figure of a license, or None for what cannot be one."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= LARGEST_FIGURE:
        return None
    return value


def _server_time(evidence: Mapping[str, Any], recorded_at: int, last: Mapping[str, Any]) -> str | None:
    """Return the earliest time that a server reported, or None.

    Two runs at the same time may write their lines in the other order than they read. The line of the run that read
    first then comes second. Its server time would go back, as in a forged history, so its recorded_at counts instead.
    So it does where two servers of the API answer one run after the other: their clocks differ a little.
    """
    own = min(_server_times(evidence["read"].values()), default=None)
    if own is None:
        return None
    try:
        before, recorded = _time.read_now(last.get("server_time")), _time.read_now(last.get("recorded_at"))
        overlapped = _time.read_now(evidence["evaluated_at"]) <= recorded <= recorded_at
    except ValueError:
        return _time.unix_to_iso(own)
    is_little = before - own <= _time.CLOCK_TOLERANCE and recorded <= recorded_at
    return None if own < before and (overlapped or is_little) else _time.unix_to_iso(own)


def _server_times(parts: Iterable[object]) -> list[int]:
    """Return the times of the reads whose answers were current; without any, of those that no cache answered.

    The Date of a cache, or of one server with a wrong clock, is hours away: a later run would go back behind it.
    """
    current: list[int] = []
    others: list[int] = []
    for part in parts:
        api = part.get("api") if isinstance(part, Mapping) else None
        facts = api if isinstance(api, Mapping) else {}
        try:
            time = _time.read_now(facts.get("server_time"))
        except ValueError:
            continue
        if _is_little(facts.get("age_seconds")):
            (current if _is_little(facts.get("clock_offset_seconds")) else others).append(time)
    return current or others


def _is_little(seconds: object) -> bool:
    return not isinstance(seconds, (int, float)) or abs(seconds) <= _time.CLOCK_TOLERANCE


def _result(result: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: result[name] for name in ("check", "scope", "status")}
    return {**kept, "observed": wording.one_line(result["observed"], _TEXT)}


def _waiver(waiver: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: waiver[name] for name in ("check", "scope", "state", "expires")}
    return {**kept, "approver": wording.one_line(waiver["approver"], _TEXT)}


def _license(read: Mapping[str, Any]) -> dict[str, int | float | None]:
    """Return the four figures, each None where it is not known."""
    part = read.get("license")
    found = part.get("license") if isinstance(part, Mapping) else None
    return {name: figure(found.get(name)) if isinstance(found, Mapping) else None for name in FIGURES}
