# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Evidence of many tenants in folders, such as those of the slices of a job. It is judged again, not believed."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

from ansible_collections.cloudbackup.m365.plugins.module_utils import _time

from .._compliance.evaluation.evaluate import evaluate
from .._compliance.fleet.fleet import FLEET_FILE, NOT_JUDGED, Tenant
from .._compliance.inputs.mistakes import Refused
from .._compliance.inputs.policy_rules import settle_policy
from .._compliance.inputs.waivers import settle_waivers
from .._compliance.model import durations, wording
from .._compliance.model.subject import directory_name
from .._compliance.reports.pack_files import EVIDENCE_FILE
from . import stored_evidence
from .evidence_folder import front_page
from .plain import plain
from .structured_text import structure

_REASON = 400


def named(value: object) -> list[str]:
    """Return the folders of an input: a list, its JSON or YAML text, or names between commas. Raises ValueError."""
    if isinstance(value, str):
        text = value.strip()
        value = structure(text) if text.startswith(("[", "-")) else text.split(",")
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise ValueError(f"found {wording.found(value)}, allowed is a list of folders")
    names = [name.strip() for name in value if name.strip()]
    if not names:
        raise ValueError("names no folder")
    return list(dict.fromkeys(names))


def tenants(
    directories: Iterable[str], now: int, max_age: int, report_dir: str | None, pack_files: Collection[str]
) -> list[Tenant]:
    """Return a tenant for each evidence below the directories, and one for whatever should be an evidence and is none.

    :param max_age: seconds from an evidence's instant to ``now`` over which it is stale.
    :param report_dir: where the fleet's report goes; links to reports are relative to it.
    :param pack_files: the names by which a folder is recognized as one that holds an evidence pack.
    """
    found: dict[str, list[Tenant]] = {}
    for directory in directories:
        for tenant in _in_directory(Path(os.path.abspath(directory)), now, max_age, report_dir, pack_files):
            held = found.setdefault(tenant.subject, [])
            # The same evidence twice, as where a folder is named twice, is one
            if not any(other.sha256 == tenant.sha256 and tenant.sha256 for other in held):
                held.append(tenant)
    return [tenant for held in found.values() for tenant in held]


def _in_directory(
    directory: Path, now: int, max_age: int, report_dir: str | None, pack_files: Collection[str]
) -> list[Tenant]:
    try:
        places = sorted(place for place in directory.iterdir() if place.is_dir())
        unjudged = _not_judged(directory / FLEET_FILE)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return [Tenant(str(directory), doubt=f"The folder cannot be read: {wording.one_line(reason, _REASON)}.")]
    held = [place for place in places if any((place / name).exists() for name in pack_files)]
    if not held and not unjudged:
        return [Tenant(str(directory), doubt=f"The folder holds no {EVIDENCE_FILE} of any tenant.")]
    # A tenant that the last run did not judge may have evidence of an earlier one beside it
    taken = {directory_name(tenant.subject) for tenant in unjudged}
    judged = [_from_evidence(place, now, max_age, report_dir) for place in held if place.name not in taken]
    return unjudged + judged


def _not_judged(path: Path) -> list[Tenant]:
    """Return the tenants that a gate could not judge, so that they have no evidence. Raises OSError and ValueError."""
    try:
        content = plain(json.loads(stored_evidence.read(str(path))))
    except FileNotFoundError:
        return []
    except (ValueError, RecursionError) as error:
        raise ValueError(f"its {FLEET_FILE} cannot be told") from error
    rows = content.get("tenants") if isinstance(content, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError(f"its {FLEET_FILE} lists no tenants")
    return [
        Tenant(str(row.get("subject")), doubt=wording.one_line(row.get("doubt") or "It was not judged.", _REASON))
        for row in rows
        if row.get("verdict") == NOT_JUDGED
    ]


def _from_evidence(place: Path, now: int, max_age: int, report_dir: str | None) -> Tenant:
    path = place / EVIDENCE_FILE
    try:
        stored = stored_evidence.load(str(path))
    except Refused as refused:
        return _unusable(path, refused.lines)
    data = stored.evidence
    policy, mistakes = settle_policy(data["policy"])
    waivers, waiver_mistakes = settle_waivers(data["waivers"])
    if mistakes or waiver_mistakes:
        return _unusable(path, mistakes + waiver_mistakes)
    at = _time.unix_from_iso(data["evaluated_at"])
    evaluation = evaluate(data["read"], policy, waivers, at)
    return Tenant(
        data["subject"].strip() or str(path),
        evidence=str(path),
        evaluated_at=_time.unix_to_iso(at),
        evaluation=evaluation,
        doubt=" ".join([*_verdict_doubts(data.get("verdict"), evaluation["verdict"]), *_age_doubts(at, now, max_age)]),
        registration=_registration(data["read"]),
        report=os.path.relpath(place / front_page(sorted(os.listdir(place))), report_dir) if report_dir else "",
        sha256=hashlib.sha256(stored.content).hexdigest(),
    )


def _unusable(path: Path, reasons: Iterable[str]) -> Tenant:
    return Tenant(str(path), doubt=wording.one_line(f"It cannot be judged. {'; '.join(reasons)}.", _REASON))


def _verdict_doubts(stored: object, judged: str) -> list[str]:
    if stored == judged:
        return []
    return [f"Its evidence says {wording.found(stored)}, which does not follow from what was read: that is {judged}."]


def _age_doubts(at: int, now: int, max_age: int) -> list[str]:
    """Return the doubt about old evidence: a gate that stopped running leaves a green one behind."""
    if at > now + _time.CLOCK_TOLERANCE:
        return [f"Its evidence is of {_time.unix_to_iso(at)}, and it is {_time.unix_to_iso(now)} now."]
    if now - at > max_age:
        age, most = durations.words(now - at), durations.text(max_age)
        return [f"Its evidence is {age} old, over {most}: its gate did not run, or the tenant was taken out."]
    return []


def _registration(read: dict[str, Any]) -> str:
    for name in ("license", "jobs"):
        api = (read.get(name) or {}).get("api")
        if isinstance(api, dict) and api.get("client_id"):
            return f"{api['client_id']} at {api.get('url')}"
    return ""
