# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Evidence of many tenants out of folders, such as those of the slices of a job. It is judged again, not believed."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .._compliance.evaluation.evaluate import evaluate
from .._compliance.fleet.fleet import FLEET_FILE, NOT_JUDGED, Tenant
from .._compliance.inputs.policy_rules import settle_policy
from .._compliance.inputs.waivers import settle_waivers
from .._compliance.model import durations, instants, wording
from .._compliance.model.subject import directory_name
from .._compliance.reports.formats import EVIDENCE_FILE, FORMATS, for_people
from . import stored_evidence
from .plain import plain
from .structured_text import structure

_REASON = 400


def named(value: object) -> list[str]:
    """The folders of an input: a list, its JSON or YAML text, or names with commas between. Raises ValueError."""
    if isinstance(value, str):
        text = value.strip()
        value = structure(text) if text.startswith(("[", "-")) else text.split(",")
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise ValueError(f"found {wording.found(value)}, allowed is a list of folders")
    names = [name.strip() for name in value if name.strip()]
    if not names:
        raise ValueError("names no folder")
    return list(dict.fromkeys(names))


def tenants(directories: Iterable[str], now: int, max_age: int, report_dir: str | None) -> list[Tenant]:
    """A tenant for each evidence below the directories, and one for whatever should be an evidence and is none.

    :param max_age: seconds from an evidence's instant to ``now`` over which it is stale.
    :param report_dir: where the fleet's report goes, which links to reports are relative to.
    """
    found: dict[str, list[Tenant]] = {}
    for directory in directories:
        for tenant in _in_directory(Path(os.path.abspath(directory)), now, max_age, report_dir):
            held = found.setdefault(tenant.subject, [])
            # The same evidence twice, as where a folder is named twice, is one
            if not any(other.sha256 == tenant.sha256 and tenant.sha256 for other in held):
                held.append(tenant)
    return [tenant for held in found.values() for tenant in held]


def _in_directory(directory: Path, now: int, max_age: int, report_dir: str | None) -> list[Tenant]:
    try:
        places = sorted(place for place in directory.iterdir() if place.is_dir())
        unjudged = _not_judged(directory / FLEET_FILE)
    except (OSError, ValueError) as error:
        told = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return [Tenant(str(directory), doubt=f"The folder cannot be read: {wording.one_line(told, _REASON)}.")]
    held = [place for place in places if any((place / name).exists() for name in FORMATS.values())]
    if not held and not unjudged:
        return [Tenant(str(directory), doubt=f"The folder holds no {EVIDENCE_FILE} of any tenant.")]
    # Who was not judged by the last run may have evidence of an earlier one beside it
    taken = {directory_name(tenant.subject) for tenant in unjudged}
    judged = [_from_evidence(place, now, max_age, report_dir) for place in held if place.name not in taken]
    return unjudged + judged


def _not_judged(path: Path) -> list[Tenant]:
    """The tenants that a gate could not judge, so that there is no evidence of them. Raises OSError and ValueError."""
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
    except stored_evidence.Refused as refused:
        return Tenant(str(path), doubt=wording.one_line(f"It cannot be judged. {'; '.join(refused.lines)}.", _REASON))
    data = stored.evidence
    policy, mistakes = settle_policy(data["policy"])
    waivers, waiver_mistakes = settle_waivers(data["waivers"])
    if mistakes or waiver_mistakes:
        told = "; ".join(mistakes + waiver_mistakes)
        return Tenant(str(path), doubt=wording.one_line(f"It cannot be judged. {told}.", _REASON))
    at = instants.parse(data["evaluated_at"])
    evaluation = evaluate(data["read"], policy, waivers, at)
    return Tenant(
        data["subject"].strip() or str(path),
        evidence=str(path),
        evaluated_at=instants.iso(at),
        evaluation=evaluation,
        doubt=" ".join([*_verdict_doubts(data.get("verdict"), evaluation["verdict"]), *_age_doubts(at, now, max_age)]),
        registration=_registration(data["read"]),
        report=_report(place, report_dir),
        sha256=hashlib.sha256(stored.content).hexdigest(),
    )


def _verdict_doubts(stored: object, judged: str) -> list[str]:
    if stored == judged:
        return []
    return [f"Its evidence says {wording.found(stored)}, which does not follow from what was read: that is {judged}."]


def _age_doubts(at: int, now: int, max_age: int) -> list[str]:
    """A gate that stopped running leaves green evidence behind."""
    if at > now + instants.CLOCK_TOLERANCE:
        return [f"Its evidence is of {instants.iso(at)}, and it is {instants.iso(now)} now."]
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


def _report(place: Path, report_dir: str | None) -> str:
    """Where the tenant's report lies, relative to the fleet's; empty where that is not kept."""
    if not report_dir:
        return ""
    return os.path.relpath(
        place / for_people(name for name in FORMATS.values() if (place / name).is_file()), report_dir
    )
