# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Folders of several gates merged, such as those of the slices of a job.

The fleet.json of each folder names its tenants and their evidence. Evidence that is missing, that no fleet.json names
or that is not the named one is a doubt about a tenant, so that a merged report is green only for the whole.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

from .._compliance.fleet.tenant import FLEET_FILE, NOT_JUDGED, PAGE_FILE, Tenant
from .._compliance.model import wording
from .._compliance.model.subject import directory_name
from .._compliance.period.file_names import HISTORY_FILE, PERIOD_FILE
from .._compliance.reports.pack_files import EVIDENCE_FILE, FILES
from . import stored_fleet

_REASON = 400
_SHA256 = 13
"""Characters of texts in a doubt."""
_RESTORE = "Run its gate again, or restore its folder."


class _Folder(NamedTuple):
    """What one of the directories holds."""

    path: Path
    rows: list[dict[str, Any]]
    places: list[Path]
    """The folders in it that hold evidence or a part of a pack."""
    doubt: str
    """Why its tenants are not known; empty if they are."""


def tenants(directories: Iterable[str], judge: Callable[[Path], Tenant]) -> list[Tenant]:
    """Return a tenant for each one that a fleet.json names, for each evidence besides, and for each folder in doubt.

    :param judge: returns the tenant whose evidence is in a folder, whatever is in it.
    """
    distinct = {os.path.realpath(directory): Path(os.path.abspath(directory)) for directory in directories}
    scanned = [_scan(directory) for directory in distinct.values()]
    folders = [folder for folder in scanned if folder is not None]
    judged = {place: _with_its_name(place, judge(place)) for folder in folders for place in folder.places}
    found = [Tenant(str(folder.path), doubt=folder.doubt) for folder in folders if folder.doubt]
    used: set[Path] = set()
    for folder in folders:
        for row in folder.rows:
            tenant, places = _of_row(folder.path, row, judged)
            found.append(tenant)
            used.update(places)
    for folder in folders:
        found += [
            judged[place] if folder.doubt else _unreported(judged[place], folder.path)
            for place in folder.places
            if place not in used
        ]
    return _distinct(found)


def _scan(directory: Path) -> _Folder | None:
    """Return what a directory holds, or None for one that holds the report of a period instead of tenants."""
    try:
        places = [directory / name for name in sorted(os.listdir(directory))]
        places = [place for place in places if os.path.isdir(place) and _is_of_a_tenant(place)]
    except OSError as error:
        return _Folder(directory, [], [], _doubt(f"The folder {_words(error)}. Correct its path."))
    try:
        rows = stored_fleet.rows(str(directory / FLEET_FILE))
    except FileNotFoundError:
        if not places and os.path.exists(directory / PERIOD_FILE):
            return None
        reason = (
            f"The folder has no {FLEET_FILE}: its gate ended before the report, or no gate wrote it. Run its gate "
            "again, or leave the folder out."
        )
        return _Folder(directory, [], places, reason)
    except (OSError, ValueError) as error:
        reason = (
            f"Its {FLEET_FILE} {_words(error)}. Which tenants it should hold cannot be determined. Run its gate again "
            "with this release."
        )
        return _Folder(directory, [], places, _doubt(reason))
    empty = "" if rows else f"Its {FLEET_FILE} names no tenant. Run its gate again, or leave the folder out."
    return _Folder(directory, rows, places, empty)


def _is_of_a_tenant(place: Path) -> bool:
    try:
        names = set(os.listdir(place))
    except OSError:
        # What is in it is not known, unless no gate can have made it
        return place.name.isascii() and place.name[0].isalnum() and place.name != "lost+found"
    if names & set(FILES):
        return True
    return HISTORY_FILE in names and not names & {PERIOD_FILE, FLEET_FILE, PAGE_FILE}


def _with_its_name(place: Path, tenant: Tenant) -> Tenant:
    """Return the tenant, in doubt if the name of its folder is not UTF-8: no gate gives such a name."""
    try:
        str(place).encode()
    except UnicodeEncodeError:
        return _add(tenant, f"The name of its folder, {place}, is not UTF-8, and no gate made it. Rename or remove it.")
    return tenant


def _of_row(directory: Path, row: dict[str, Any], judged: dict[Path, Tenant]) -> tuple[Tenant, list[Path]]:
    """Return the tenant of a row of a fleet.json, and the folders of evidence that the row accounts for."""
    subject, sha256, own = row["subject"].strip(), row["sha256"], directory / directory_name(row["subject"])
    if row["verdict"] == NOT_JUDGED:
        # There may be evidence of an earlier run beside it
        return Tenant(subject, doubt=_doubt(row["doubt"] or "It was not judged.")), [own]
    same = [
        place for place, tenant in judged.items() if sha256 and (tenant.sha256, tenant.subject) == (sha256, subject)
    ]
    if same:
        return judged[own if own in same else same[0]], same
    source = f"{directory / FLEET_FILE} reports"
    if own not in judged:
        reason = f"{source} that it was judged, but {_why_missing(own)}. {_RESTORE}"
        return Tenant(subject, evidence=str(own / EVIDENCE_FILE), doubt=_doubt(reason)), []
    tenant = judged[own]._replace(subject=subject)
    if judged[own].sha256 and judged[own].subject != subject:
        held = wording.found(judged[own].subject)
        tenant = _add(tenant, f"{source} that it was judged, but its folder holds the evidence of {held}. {_RESTORE}")
    elif judged[own].sha256:
        shown = f"the sha256 {wording.one_line(sha256, _SHA256)}" if sha256 else "no sha256"
        held = wording.one_line(tenant.sha256, _SHA256)
        reason = (
            f"{source} evidence with {shown}, but its folder holds evidence with {held}: its gate is running, ended "
            f"before its report, or the folder was changed. {_RESTORE}"
        )
        tenant = _add(tenant, reason)
    return tenant, [own]


def _why_missing(own: Path) -> str:
    if not os.path.lexists(own):
        return f"its folder {own} is missing"
    if not os.path.exists(own):
        return f"its folder {own} is a link to nothing that exists"
    if not os.path.isdir(own):
        return f"{own} is not a folder"
    return f"its folder {own} holds no {EVIDENCE_FILE}"


def _unreported(tenant: Tenant, directory: Path) -> Tenant:
    return _add(
        tenant,
        f"The {FLEET_FILE} in {directory} does not name it: the tenant was taken out, or the report is not of the last "
        "run. Run its gate, or remove its folder.",
    )


def _distinct(found: Iterable[Tenant]) -> list[Tenant]:
    """Return the tenants without repetitions: the same evidence in two folders is one, unless only one is in doubt."""
    distinct: dict[tuple[object, ...], Tenant] = {}
    for tenant in found:
        distinct.setdefault((tenant.subject, tenant.sha256 or tenant.evidence, tenant.doubt), tenant)
    return list(distinct.values())


def _add(tenant: Tenant, doubt: str) -> Tenant:
    return tenant._replace(doubt=" ".join(filter(None, [tenant.doubt, _doubt(doubt)])))


def _doubt(reason: str) -> str:
    return wording.one_line(reason, _REASON)


def _words(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"cannot be read: {error.strerror or type(error).__name__}"
    return str(error)
