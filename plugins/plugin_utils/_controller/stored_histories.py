# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The histories in folders of tenants. Anybody may have written them, and whatever is in one of them hides no other."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from .._compliance.fleet.tenant import FLEET_FILE, PAGE_FILE
from .._compliance.model import wording
from .._compliance.model.subject import directory_name
from .._compliance.period.chain import Chain, History
from .._compliance.period.file_names import HISTORY_FILE, PERIOD_FILE, TORN_FILE
from .._compliance.period.history_line import LONGEST
from .._compliance.reports.pack_files import EVIDENCE_FILE, FILES
from . import folder_lock, stored_evidence, stored_fleet

LARGEST = 1024 * 1024 * 1024
"""Bytes of a history; two hundred years of a run a day."""
_MARKS = {HISTORY_FILE, TORN_FILE, *FILES}
"""A folder with one of them is that of a tenant, whatever else is in it."""
_REPORTS = {PERIOD_FILE, FLEET_FILE, PAGE_FILE}
_REASON = 300


class Found(NamedTuple):
    """A folder of a tenant."""

    subject: str
    folder: str
    history: History | None
    reason: str = ""
    """Why there is no history; a sentence, or empty if there is one."""
    is_unreadable: bool = False
    """Whether something is there that is not known: it might not fit a history of the tenant in another folder."""


def find(directories: Iterable[str]) -> list[Found]:
    """Return what is in each folder of a tenant, and a directory that cannot be read as if it were a tenant."""
    found = []
    distinct = {os.path.realpath(directory): Path(os.path.abspath(directory)) for directory in directories}
    for directory in distinct.values():
        try:
            places = [directory / name for name in sorted(os.listdir(directory))]
        except OSError as error:
            reason = f"The folder {_shown(directory)} cannot be read: {error.strerror}. Correct its path."
            found.append(Found(_shown(directory), str(directory), None, reason))
            continue
        if not {HISTORY_FILE, EVIDENCE_FILE}.isdisjoint(place.name for place in places):
            above = _shown(directory.parent)
            reason = f"{_shown(directory)} is the folder of a tenant. Give the folder above it, {above}."
            found.append(Found(_shown(directory), str(directory), None, reason))
        # A link that leads nowhere was the folder of a tenant
        own = [place for place in places if os.path.isdir(place) or not os.path.exists(place)]
        own = [place for place in own if _is_of_a_tenant(place)]
        found += [*map(_found, own), *_removed(directory, {place.name for place in own})]
    return found


def _removed(directory: Path, names: Collection[str]) -> Iterator[Found]:
    """Yield each tenant of which the fleet.json names evidence, and whose folder is none of the names."""
    try:
        rows = stored_fleet.rows(str(directory / FLEET_FILE))
    except (OSError, ValueError):
        # It is no part of what a history proves
        return
    for row in rows:
        subject = row["subject"].strip()
        if row["sha256"] and directory_name(subject) not in names:
            reason = f"The {FLEET_FILE} of {_shown(directory)} names its evidence, and there is no folder of it."
            yield Found(subject, str(directory / directory_name(subject)), None, wording.one_line(reason, _REASON))


def _is_of_a_tenant(place: Path) -> bool:
    try:
        names = set(os.listdir(place))
    except OSError:
        # What is in it is not known, unless no gate can have made it
        return place.name.isascii() and place.name[0].isalnum() and place.name != "lost+found"
    # A gate makes the lock first, and may have ended then
    return bool(names & _MARKS) or (folder_lock.LOCK_FILE in names and not names & _REPORTS)


def _found(place: Path) -> Found:
    try:
        return _read(place)
    except OSError as error:
        if isinstance(error, FileNotFoundError):
            return _without(place, f"Its {HISTORY_FILE} is missing.")
        return _unreadable(place, f"Its {HISTORY_FILE} cannot be read: {error.strerror}.")
    except ValueError as error:
        return _unreadable(place, f"Its {HISTORY_FILE} {error}.")
    except Exception as error:  # noqa: BLE001 - anybody may have written it, and the other tenants have to be reported
        words = wording.one_line(error, 120)
        return _unreadable(place, f"Reading its {HISTORY_FILE} ended with {type(error).__name__}: {words}.")


def _read(place: Path) -> Found:
    """Return the folder with its history. Raises OSError and ValueError."""
    path = place / HISTORY_FILE
    # A link could lead to the history of another tenant, and a pipe opens only when its other end does
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(handle, "rb") as stream:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise ValueError("is not a regular file")
        if status.st_size > LARGEST:
            raise ValueError(f"is larger than {LARGEST // 1024 // 1024} MiB, the largest history that is read")
        history = _history(stream)
    if not history.runs:
        return _without(place, f"Its {HISTORY_FILE} has no line.", history)
    subject = history.runs[0].subject
    if os.fsencode(directory_name(subject)) != os.fsencode(place.name):
        raise ValueError(f"is of {wording.found(subject)}, which has another folder: it was moved or copied here")
    return Found(subject, str(place), history)


def _history(stream: BinaryIO) -> History:
    chain = Chain()
    for text in _lines(stream):
        if not text.endswith(b"\n") and len(text) <= LONGEST:
            return chain.history(
                "The last line of the history is incomplete, as a process leaves it that is killed while it writes. It "
                "does not count."
            )
        if not chain.add(text[:-1] if text.endswith(b"\n") else text):
            break
    return chain.history()


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    while True:
        text = stream.readline(LONGEST + 2)
        if not text:
            return
        yield text


def _without(place: Path, reason: str, history: History | None = None) -> Found:
    """Return a folder without a run. A first line that breaks the chain is no evidence, but more than none."""
    broken = history if history is not None and history.break_ else None
    return Found(_subject(place), str(place), broken, wording.one_line(reason, _REASON))


def _unreadable(place: Path, reason: str) -> Found:
    return _without(place, reason)._replace(is_unreadable=True)


def _subject(place: Path) -> str:
    """Return the subject of a folder by its evidence, if it is that of the folder, else the name of the folder."""
    try:
        data = stored_evidence.parse(stored_evidence.read(str(place / EVIDENCE_FILE)))
        subject = data.get("subject") if isinstance(data, dict) else None
        if isinstance(subject, str) and subject.strip() and directory_name(subject) == place.name:
            return subject
    except (OSError, ValueError):
        pass
    return _shown(Path(place.name))


def _shown(place: Path) -> str:
    """Return a path as text: the bytes of a name need not be UTF-8."""
    try:
        str(place).encode()
    except UnicodeEncodeError:
        return json.dumps(os.fsencode(place).decode("utf-8", "backslashreplace"))
    return str(place)
