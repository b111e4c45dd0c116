# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""What the reports for people show, taken from the evidence once. Each report only lays it out.

Of what was read nothing is believed: a damaged part becomes a sentence that says what cannot be told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from ansible_collections.cloudbackup.m365.plugins.module_utils import _time

from ..evaluation import controls as _controls
from ..evaluation import verdict
from ..model import jobs, wording
from ..model.check import BACKUPS
from ..model.outcome import STATUSES, CannotTell
from ..model.policy import Policy, Scope
from ..reading import questions
from ..reading import results as _reading
from ..reading.fields import figure
from ..reading.sources import SOURCES
from . import findings

STANDS_FOR = {
    "compliant": "Every requirement of the policy was seen to be met, or is waived.",
    "non_compliant": "At least one requirement of the policy is not met.",
    "undetermined": "It could not be told whether the policy is met. That counts as red.",
}

SUPPORTS_AT_MOST = "A check *supports* a control, at most: none is fulfilled by this report alone."

COMPLETED = tuple(state for state in jobs.STATES if state != "in_progress")


class Measure(NamedTuple):
    """One of the two figures that a license is sold by."""

    name: str
    unit: str
    purchased: object
    """As the server sent it, of any shape."""
    used: object
    percent: Fraction | None
    """Of the purchased amount, exact; None where there is none."""
    exceeded: bool
    without: str
    """Why there is no percent, in two words, and in a sentence; empty where there is one."""
    note: str


class Service(NamedTuple):
    """The backups of one service; ``group`` is None where they cannot be told, for the reason in ``doubt``."""

    scope: str
    group: jobs.Group | None
    all_since: int | None
    """No job that started later is missing among the rows; None if none is missing at all."""
    doubt: str

    def last(self, states: Sequence[str]) -> jobs.Job | None:
        return self.group.last(states) if self.group else None


class Read(NamedTuple):
    name: str
    outcome: str
    facts: tuple[tuple[str, object], ...]
    """What is told about a read, by the words for it."""


class ControlRow(NamedTuple):
    control: _controls.Control
    standing: str
    results: str


def measures(license_: Mapping[str, Any]) -> list[Measure]:
    """Seats and storage of a license."""
    seats, storage = "purchased_user_seats", "purchased_storage_size"
    return [
        _measure("Seats", "seats", license_, seats, "assigned_user_seats", storage),
        _measure("Storage", "GB", license_, storage, "protected_size", seats),
    ]


def out_of_policy_at(license_: Mapping[str, Any]) -> object:
    """When the license goes, or went, out of policy, as the server sent it."""
    return license_.get("out_of_policy_time") or license_.get("out_of_policy_raw") or "not set"


def services(evidence: Mapping[str, Any], policy: Policy) -> list[Service]:
    """Every service of the policy, at every location; none where no check of the backups is switched on."""
    reading, now = _reading.parse(evidence["read"]), _time.unix_from_iso(evidence["evaluated_at"])
    if BACKUPS not in policy.sources:
        return []
    found = []
    for scope in SOURCES[BACKUPS].scopes(policy):
        try:
            group = SOURCES[BACKUPS].find(reading, policy, now, scope).jobs
            # A completed job without any time is a doubt about all of them
            group.last(COMPLETED)
            all_since = None if len(group.kept) == group.total else _all_since(reading, policy, now, scope)
            found.append(Service(scope.name, group, all_since, ""))
        except CannotTell as doubt:
            found.append(Service(scope.name, None, None, str(doubt)))
    return found


def controls(evidence: Mapping[str, Any], policy: Policy) -> list[ControlRow]:
    """Every control with what the policy makes of it and how its checks came out."""
    rows = []
    for control in _controls.CONTROLS:
        counts = verdict.count([result for result in evidence["results"] if result["check"] in control.checks])
        seen = ", ".join(f"{counts[status]} {label(status)}" for status in STATUSES if counts[status])
        rows.append(ControlRow(control, _controls.standing(control, policy), seen or "not judged"))
    return rows


def reads(reading: _reading.Reading) -> list[Read]:
    """How each part of the evidence was read."""
    found = []
    for read in ("license", "jobs"):
        api = reading.results.get(read, {}).get("api")
        told = api if isinstance(api, Mapping) else {}
        ids = told.get("request_ids")
        facts = (
            ("URL", told.get("url")),
            ("API", told.get("version")),
            ("Client", told.get("client_id")),
            ("Requests", told.get("requests")),
            ("Retries", told.get("retries")),
            ("Pages", told.get("pages")),
            ("Server time", told.get("server_time")),
            ("Clock off (s)", told.get("clock_offset_seconds")),
            ("Ids", ", ".join(wording.one_line(one, 80) for one in ids) if isinstance(ids, list) else ids),
        )
        outcome = reading.failures.get(read) or ("read" if read in reading.results else "not read")
        found.append(Read(read, outcome, facts))
    return found


def ended(job: jobs.Job | None) -> str:
    """When and how a job ended."""
    return f"{_time.unix_to_iso(job.ended)} {words(job.state)}" if job else "none"


def words(name: str) -> str:
    return name.replace("_", " ")


def label(status: str) -> str:
    return findings.LABELS[status].lower() if status != "not_applicable" else "not applicable"


def cited(result: Mapping[str, Any]) -> str:
    """The jobs that a result rests on."""
    return ", ".join(wording.one_line(job, 80) for job in result["jobs"])


def _all_since(reading: _reading.Reading, policy: Policy, now: int, scope: Scope) -> int:
    """A digest keeps the newest jobs, and a few older ones that it names: those say nothing of the time around them."""
    question = questions.backups(policy, now, scope)
    starts = [row.get("start_time") for row in questions.answer(question, reading.groups())["recent"]]
    return min((_time.unix_from_iso(start) for start in starts if start is not None), default=now)


def _measure(name: str, unit: str, license_: Mapping[str, Any], bought_by: str, used_by: str, other_by: str) -> Measure:
    """0 purchased is "not sold by this measure" if the other one was bought; if not, any use exceeds it (api.md)."""
    raw = name, unit, license_.get(bought_by), license_.get(used_by)
    try:
        bought, used, other = (figure(license_, field) for field in (bought_by, used_by, other_by))
    except CannotTell as doubt:
        return Measure(*raw, None, False, "Not known", str(doubt))
    if bought and used is not None:
        return Measure(*raw, Fraction(100 * used, bought), used > bought, "", "")
    if bought or (not other and None in (bought, used, other)):
        return Measure(*raw, None, False, "Not known", "The answer does not hold all the figures.")
    if other:
        return Measure(*raw, None, False, "Not sold", f"The license is not sold by {unit}.")
    if used:
        return Measure(*raw, None, True, "None purchased", "All that is in use exceeds it.")
    return Measure(*raw, None, False, "None purchased", "Nothing is in use either.")
