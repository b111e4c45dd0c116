# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Folders as a gate leaves them behind: evidence of tenants, and the fleet.json that names it."""

from __future__ import annotations

import copy
import hashlib
import json
from pathlib import Path
from typing import Any

from ansible_collections.cloudbackup.m365.plugins.action import compliance_fleet
from ansible_collections.cloudbackup.m365.tests.unit.controller.steps import run_step, write_pack
from ansible_collections.cloudbackup.m365.tests.unit.readings import NOW_TEXT, evidence_of, healthy, license_result

RED = healthy(license=license_result(assigned_user_seats=101))


def row(subject: str, **changed: Any) -> dict[str, Any]:
    """A row of a fleet.json; without a verdict it is that of a tenant that was not judged."""
    nothing = {"evidence": None, "evaluated_at": None, "counts": None, "report": None, "sha256": None}
    words = {"verdict": "not_judged", "doubt": "'nope' is undefined.", "reason": "", "checks": {}, "worst": []}
    return {"subject": subject, "host": subject, "judged_in_this_run": True, **nothing, **words, **changed}


def judged_row(path: Path, **changed: Any) -> dict[str, Any]:
    """The row of evidence as it is now."""
    content = path.read_bytes()
    data = json.loads(content)
    about = {name: data[name] for name in ("verdict", "reason", "evaluated_at", "counts")}
    sha256 = hashlib.sha256(content).hexdigest()
    return {**row(data["subject"]), **about, "sha256": sha256, "doubt": "", **changed}


def write_rows(folder: Path, *rows: dict[str, Any], **changed: Any) -> Path:
    """Write the report of a gate."""
    path = folder / "fleet.json"
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"schema_version": 1, "made_at": NOW_TEXT, "tenants": list(rows), **changed}))
    return path


def store(folder: Path, subject: str, reading: Any = None, **changed: Any) -> Path:
    """Write the evidence of one tenant, and the report that names it beside the others."""
    reading = copy.deepcopy(reading or healthy())
    for name in ("license", "jobs"):
        reading[name]["api"].setdefault("client_id", None)
        if reading[name]["api"]["client_id"] == "0a1b":
            reading[name]["api"]["client_id"] = f"{subject}-id"
    write_pack(folder / subject, {**evidence_of(reading, subject=subject), **changed})
    report(folder)
    return folder / subject / "evidence.json"


def report(folder: Path, *more: dict[str, Any]) -> None:
    """Write the report of all evidence in the folder as it is now."""
    write_rows(folder, *map(judged_row, sorted(folder.glob("*/evidence.json"))), *more)


def merged(*directories: Any, **given: Any) -> dict[str, Any]:
    return run_step(compliance_fleet, {}, directories=[str(one) for one in directories], **{"now": NOW_TEXT, **given})


def lines(result: dict[str, Any]) -> str:
    """Everything that a person reads of it, without the headline."""
    return "\n".join(result["findings"])


def verdict(result: dict[str, Any]) -> str:
    """The verdict of the fleet."""
    found: str = result["summary"]["verdict"]
    return found


def huge(path: Path) -> None:
    """Make a file of 20 GiB that takes no place."""
    with open(path, "wb") as stream:
        stream.truncate(20 * 1024**3)
