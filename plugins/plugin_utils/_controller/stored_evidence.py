# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""An evidence.json read back. It is data that anybody may have written: no part of it is trusted to be there."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping
from typing import Any, NamedTuple

from ansible_collections.cloudbackup.m365.plugins.module_utils import _time

from .._compliance.inputs.mistakes import Mistakes, Refused
from .._compliance.model import wording
from .._compliance.reports.pack_files import EVIDENCE_FILE, SCHEMA_VERSION
from .plain import plain

LARGEST = 64 * 1024 * 1024
"""Bytes. An evidence of a thousand times the usual size still fits."""

_PARTS: dict[str, tuple[type, str]] = {
    "subject": (str, "a text"),
    "evaluated_at": (str, "an ISO 8601 time"),
    "policy": (dict, "a dictionary"),
    "waivers": (list, "a list"),
    "read": (dict, "a dictionary"),
}
"""What another evaluation needs."""
_READS: dict[str, tuple[tuple[type, ...], str]] = {
    "license": ((dict, type(None)), "a dictionary or null"),
    "jobs": ((dict, type(None)), "a dictionary or null"),
    "errors": ((list,), "a list"),
    "connection": ((dict,), "a dictionary"),
    "now_given": ((bool,), "true or false"),
}


class Stored(NamedTuple):
    """The bytes of a file and the evidence in it."""

    content: bytes
    evidence: dict[str, Any]


def load(path: str) -> Stored:
    """Return the evidence in a file. Raises Refused, with a line for each reason that names the file and the field."""
    if os.path.isdir(path):
        raise Refused([f"{path}: is a directory; give the path of the {EVIDENCE_FILE} in it"])
    try:
        return _load(path)
    except Refused as refused:
        raise Refused(f"{path}: {line}" for line in refused.lines) from refused


def read(path: str) -> bytes:
    """Return the bytes of a file that anybody may have put there.

    Raises OSError, and ValueError with what it is instead of a file of a usual size.
    """
    # Without waiting: a pipe opens only when its other end does
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        status = os.fstat(handle)
        if stat.S_ISDIR(status.st_mode):
            raise ValueError("is a directory, expected a file")
        if not stat.S_ISREG(status.st_mode):
            # A device might never end
            raise ValueError("is not a regular file")
        with open(handle, "rb", closefd=False) as stream:
            content = stream.read(LARGEST + 1) if status.st_size <= LARGEST else None
    finally:
        os.close(handle)
    if content is None or len(content) > LARGEST:
        raise ValueError(f"is larger than {LARGEST // 1024 // 1024} MiB, the largest file that is read")
    return content


def parse(content: bytes) -> Any:
    """Return the plain data in a JSON text that anybody may have written. Raises ValueError."""
    try:
        return plain(json.loads(content.decode("utf-8"), parse_constant=_no_constant))
    except (ValueError, RecursionError, MemoryError) as error:
        raise ValueError(f"is not JSON: {wording.one_line(error, 120)}") from error


def _load(path: str) -> Stored:
    try:
        content = read(path)
        data = parse(content)
    except OSError as error:
        raise Refused([f"cannot be read: {error.strerror}"]) from error
    except ValueError as error:
        raise Refused([str(error)]) from error
    mistakes = _mistakes(data)
    if mistakes:
        raise Refused(mistakes)
    return Stored(content, data)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number")


def _mistakes(data: object) -> list[str]:
    """Return what is missing or wrong, by field."""
    mistakes = Mistakes()
    if not isinstance(data, Mapping):
        return ["holds no evidence: the outermost value is not a dictionary"]
    version = data.get("schema_version")
    if isinstance(version, bool) or version != SCHEMA_VERSION:
        # In another version every other field may mean something else
        return [f"schema_version: expected {SCHEMA_VERSION}, got {wording.found(version)}"]
    for name, (kind, allowed) in _PARTS.items():
        _require(mistakes, name, data, name, kind, allowed)
    reading = data.get("read")
    if isinstance(reading, Mapping):
        for name, (kinds, allowed) in _READS.items():
            _require(mistakes, f"read.{name}", reading, name, kinds, allowed)
    if isinstance(data.get("evaluated_at"), str):
        try:
            _time.read_now(data["evaluated_at"])
        except ValueError:
            mistakes.add("evaluated_at", data["evaluated_at"], _PARTS["evaluated_at"][1])
    return mistakes.lines


def _require(
    mistakes: Mistakes, path: str, data: Mapping[str, Any], name: str, kinds: type | tuple[type, ...], allowed: str
) -> None:
    if name not in data:
        mistakes.add_line(path, f"is missing, it has to be {allowed}")
    elif not isinstance(data[name], kinds):
        mistakes.add(path, data[name], allowed)
