# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a period's report should contain, computed a second time, from the contract and from the lines alone.

It shares no code with the collection: another reader of times, another way to each figure. It knows no line that is not
well-formed.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from typing import Any

DAY = datetime.timedelta(days=1)
HOUR = datetime.timedelta(hours=1)
WORST = ["no_evidence", "broken_chain", "gaps", "proven"]


def at(text: str) -> datetime.datetime:
    return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=datetime.timezone.utc)


def date(text: str) -> datetime.datetime:
    return datetime.datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=datetime.timezone.utc)


def text(moment: datetime.datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def time_of(line: dict[str, Any]) -> datetime.datetime:
    return at(line["server_time"] or line["recorded_at"])


def proving(lines: list[bytes]) -> tuple[list[dict[str, Any]], bool]:
    """The lines before the chain breaks, and whether it does."""
    good: list[dict[str, Any]] = []
    for place, raw in enumerate(lines):
        line = json.loads(raw)
        if place:
            hash_fits = line["previous"] == hashlib.sha256(lines[place - 1]).hexdigest()
            if not hash_fits or time_of(line) < time_of(good[-1]) or line["subject"] != good[0]["subject"]:
                return good, True
        good.append(line)
    return good, False


def tenant(lines: list[bytes], start: str, end: str, now: str, max_gap: float = 26) -> dict[str, Any]:
    """The row of a tenant."""
    begin, finish, instant = date(start), date(end) + DAY, at(now)
    good, is_broken = proving(lines)
    counted = [
        line
        for line in good
        if abs(at(line["evaluated_at"]) - time_of(line)) <= HOUR and time_of(line) <= instant and time_of(line) < finish
    ]
    within = [line for line in counted if time_of(line) >= begin]
    gaps = gaps_of(counted, begin, min(finish, instant), max_gap)
    if is_broken:
        standing = "broken_chain"
    elif not counted or (gaps and not within):
        standing = "no_evidence"
    else:
        standing = "gaps" if gaps else "proven"
    return {
        "standing": standing,
        "anchor": json.loads(lines[0])["previous"] if lines else None,
        "runs": len(within),
        "report_only_runs": len([line for line in within if not line["enforce"]]),
        "gaps": gaps,
        "days": days_of(within, begin, finish, instant),
        "episodes": episodes_of(counted, begin),
        "waivers": waivers_of(within),
        "license": {
            "seats": license_of(within, "assigned_user_seats", "purchased_user_seats"),
            "storage": license_of(within, "protected_size", "purchased_storage_size"),
        },
    }


def gaps_of(
    counted: list[dict[str, Any]], begin: datetime.datetime, limit: datetime.datetime, max_gap: float
) -> list[dict[str, Any]]:
    """Walk from run to run and note each stretch that is too long and reaches into the period."""
    found = []
    last = begin
    for line in [*counted, None]:
        here = limit if line is None else time_of(line)
        if here > begin and (here - last) > max_gap * HOUR:
            found.append({"start": text(last), "end": text(here), "hours": round((here - last) / HOUR, 2)})
        last = here if here <= begin else max(here, last)
    return found


def days_of(
    within: list[dict[str, Any]], begin: datetime.datetime, finish: datetime.datetime, now: datetime.datetime
) -> dict[str, int]:
    days = dict.fromkeys(["compliant", "non_compliant", "undetermined", "not_proven", "not_yet"], 0)
    day = begin
    while day < finish:
        verdicts = {line["verdict"] for line in within if day <= time_of(line) < day + DAY}
        for verdict in ("non_compliant", "undetermined", "compliant"):
            if verdict in verdicts:
                days[verdict] += 1
                break
        else:
            days["not_yet" if day + DAY > now else "not_proven"] += 1
        day += DAY
    return days


def episodes_of(counted: list[dict[str, Any]], begin: datetime.datetime) -> list[dict[str, Any]]:
    """Follow each check at each scope by itself."""
    keys = {(result["check"], result["scope"]) for line in counted for result in line["results"]}
    found = [one for key in keys for one in episodes_at(key, counted, begin)]
    return sorted(found, key=lambda one: (one["first_seen"], one["check"], one["scope"]))


def episodes_at(key: tuple[str, str], counted: list[dict[str, Any]], begin: datetime.datetime) -> list[dict[str, Any]]:
    seen = [
        (time_of(line), result["status"], line["waivers"])
        for line in counted
        for result in line["results"]
        if (result["check"], result["scope"]) == key
    ]
    stretches: list[tuple[list[Any], datetime.datetime | None]] = []
    current: list[Any] = []
    for one in seen:
        if one[1] in ("fail", "error", "waived"):
            current.append(one)
        elif current:
            stretches.append((current, one[0]))
            current = []
    if current:
        stretches.append((current, None))
    found = []
    for red, ended in stretches:
        if ended is not None and ended <= begin:
            continue
        # Of what was before the period, only how it was when the period began
        earlier = [one for one in red if one[0] < begin][-1:]
        shown = earlier + [one for one in red if one[0] >= begin]
        first, last = max(shown[0][0], begin), max(shown[-1][0], begin)
        approvers = [
            waiver["approver"]
            for _time, status, waivers in shown
            if status == "waived"
            for waiver in waivers
            if waiver["state"] == "used" and waiver["check"] == key[0] and waiver["scope"] in ("all", key[1])
        ]
        found.append(
            {
                "check": key[0],
                "scope": key[1],
                "first_seen": text(first),
                "last_seen": text(last),
                "ended": None if ended is None else text(ended),
                "hours": round(((ended or last) - first) / HOUR, 2),
                "statuses": list(dict.fromkeys(status for _time, status, _waivers in shown)),
                "waived_by": list(dict.fromkeys(approvers)),
            }
        )
    return found


def waivers_of(within: list[dict[str, Any]]) -> list[dict[str, Any]]:
    names = ("check", "scope", "approver", "expires")
    used = [
        {tuple(one[name] for name in names) for one in line["waivers"] if one["state"] == "used"} for line in within
    ]
    return [{**dict(zip(names, one)), "runs": sum(one in run for run in used)} for one in sorted(set().union(*used))]


def license_of(within: list[dict[str, Any]], used: str, bought: str) -> dict[str, Any]:
    values = [(time_of(line), line["license"][used]) for line in within if line["license"][used] is not None]
    purchased = [line["license"][bought] for line in within if line["license"][bought] is not None]
    figures = {
        "first": values[0][1] if values else None,
        "last": values[-1][1] if values else None,
        "highest": max(value for _time, value in values) if values else None,
        "purchased": purchased[-1] if purchased else None,
        "runway_days": None,
    }
    if values and purchased and purchased[-1]:
        length, rise = values[-1][0] - values[0][0], values[-1][1] - values[0][1]
        if length >= 30 * DAY and rise > 0:
            figures["runway_days"] = max((purchased[-1] - values[-1][1]) * length // rise // DAY, 0)
    return figures
