# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Years of runs as the gate records them, written without the code that records them: daily, with what goes wrong."""

from __future__ import annotations

import datetime
import hashlib
import json
import random
from pathlib import Path
from typing import Any

Line = dict[str, Any]
UTC = datetime.timezone.utc
CHECKS = [
    ("evidence", "run"),
    ("license_seats", "license"),
    ("license_storage", "license"),
    *(
        (check, scope)
        for check in ("backup_presence", "backup_recency", "success_rate")
        for scope in ("teams", "onedrive")
    ),
]


def moment(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).replace(tzinfo=UTC)


def iso(at: datetime.datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def run(at: datetime.datetime, subject: str = "contoso", statuses: Any = None, **changed: Any) -> Line:
    """What the gate records of a run, without its place in the chain."""
    found = {**dict.fromkeys(CHECKS, "pass"), **(statuses or {})}
    is_red, is_unknown = "fail" in found.values(), "error" in found.values()
    return {
        "schema_version": 1,
        "subject": subject,
        "evaluated_at": iso(at),
        "recorded_at": iso(at + datetime.timedelta(seconds=9)),
        "server_time": iso(at + datetime.timedelta(seconds=2)),
        "verdict": "non_compliant" if is_red else "undetermined" if is_unknown else "compliant",
        "counts": {status: list(found.values()).count(status) for status in sorted(set(found.values()))},
        "results": [
            {"check": check, "scope": scope, "status": status, "observed": "1 of 2"}
            for (check, scope), status in found.items()
        ],
        "waivers": [],
        "license": {
            "purchased_user_seats": 100,
            "assigned_user_seats": 50,
            "purchased_storage_size": 0,
            "protected_size": 0,
        },
        "enforce": True,
        "collection_version": "1.0.0",
        "evidence_sha256": "0" * 64,
        **changed,
    }


def chained(runs: list[Line], previous: str | None = None) -> list[bytes]:
    """The lines of a history, without their line ends."""
    lines = []
    for one in runs:
        lines.append(json.dumps({**one, "previous": previous}, sort_keys=True, separators=(",", ":")).encode())
        previous = hashlib.sha256(lines[-1]).hexdigest()
    return lines


def write(folder: Path, subject: str, lines: list[bytes]) -> Path:
    """Write a history as the gate leaves it."""
    path = folder / subject / "history.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return path


def daily(start: str, days: int, subject: str = "contoso", hour: int = 3, **changed: Any) -> list[Line]:
    """A run a day."""
    first = moment(start) + datetime.timedelta(hours=hour)
    return [run(first + datetime.timedelta(days=day), subject, **changed) for day in range(days)]


def year(seed: int, start: str = "2026-01-01", days: int = 365, subject: str = "contoso") -> list[Line]:
    """A year of a tenant: outages of the gate, failures, errors, waivers, report-only weeks, a growing license."""
    dice = random.Random(seed)
    first, runs = moment(start), []
    red: dict[tuple[str, str], list[str]] = {}
    skip, waiver = 0, None
    for day in range(days):
        if dice.random() < 0.02:
            skip = dice.choice([1, 1, 2, 9])
        if skip:
            skip -= 1
            continue
        if dice.random() < 0.06:
            red[dice.choice(CHECKS)] = [dice.choice(["fail", "error", "fail"])] * dice.randint(1, 20)
        if dice.random() < 0.02:
            expires = iso(first + datetime.timedelta(days=day + 20))[:10]
            check = dice.choice(CHECKS)
            scope = dice.choice(["all", check[1]])
            waiver = {"check": check[0], "scope": scope, "approver": dice.choice(["CISO", "=Ops"]), "expires": expires}
        for hour in [2, 14] if dice.random() < 0.05 else [2]:
            at = first + datetime.timedelta(days=day, hours=hour, seconds=dice.randint(0, 3_000))
            runs.append(_one(dice, at, subject, day, red, waiver))
            if dice.random() < 0.02:
                runs.append({**runs[-1], "enforce": not runs[-1]["enforce"]})
        red = {key: rest[1:] for key, rest in red.items() if rest[1:]}
    return runs


def _one(dice: random.Random, at: datetime.datetime, subject: str, day: int, red: Any, waiver: Any) -> Line:
    statuses = {key: rest[0] for key, rest in red.items()}
    state = "unused"
    for key, status in statuses.items():
        if waiver and status == "fail" and waiver["check"] == key[0] and waiver["scope"] in ("all", key[1]):
            statuses[key], state = "waived", "used"
    one = run(at, subject, statuses)
    if waiver:
        one["waivers"] = [{**waiver, "state": state}]
    if dice.random() < 0.1:
        del one["results"][dice.randrange(len(one["results"]))]
    if dice.random() < 0.03:
        one["license"] = dict.fromkeys(one["license"])
    else:
        one["license"]["assigned_user_seats"] += day // 20
        one["license"]["protected_size"] = 7 - day // 100
    kind = dice.random()
    if kind < 0.03:
        one["server_time"] = None
    elif kind < 0.06:
        # The instant of the run was an input
        one["evaluated_at"] = iso(at - datetime.timedelta(days=3))
    one["enforce"] = day % 90 > 6
    return one
