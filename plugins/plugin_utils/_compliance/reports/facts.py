# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The facts for the reports, collected from the evidence once.

The data that was read is untrusted: an invalid part becomes a sentence with the reason why it is unknown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from ansible_collections.cloudbackup.m365.plugins.module_utils import _subscription, _time

from ..evaluation import controls
from ..model import jobs, wording
from ..model.check import BACKUPS
from ..model.outcome import STATUSES, Undetermined
from ..model.policy import Policy, Scope
from ..reading import questions, results
from ..reading.figures import figure
from ..reading.sources import SOURCES, reads_of
from . import labels, settings_facts
from .fact_types import ControlRow, Facts, License, Measure, Read, Service

_RECENCY = "backup_recency"


def gather(evidence: Mapping[str, Any], policy: Policy) -> Facts:
    """Return all facts of a run. ``evidence`` is the content of evidence.json, ``policy`` is its policy."""
    reading, now = results.parse(evidence["read"]), _time.unix_from_iso(evidence["evaluated_at"])
    license_, license_doubt = _license(reading)
    names = [name for name in results.READS if name not in results.V2_READS or name in reads_of(policy)]
    reads = tuple(_read(reading, name) for name in names)

    def find(source: str, scope: Scope) -> tuple[Any, str]:
        try:
            return SOURCES[source].find(reading, policy, now, scope), ""
        except Undetermined as doubt:
            return None, str(doubt)

    return Facts(
        start=now - policy.window,
        end=now,
        license=license_,
        license_doubt=license_doubt,
        services=_services(reading, policy, now),
        settings=settings_facts.settings(find, policy),
        activity=settings_facts.activity(find, policy),
        controls=tuple(_control(control, evidence, policy) for control in controls.CONTROLS),
        reads=reads,
        other_errors=tuple((name, error) for name, error in reading.failures.items() if name not in names),
    )


def _license(reading: results.Reading) -> tuple[License | None, str]:
    """Return the license, or None and the reason."""
    try:
        license_ = reading.license()
    except Undetermined as doubt:
        return None, str(doubt)
    seats, storage = "purchased_user_seats", "purchased_storage_size"
    measures = (
        _measure("Seats", "seats", license_, seats, "assigned_user_seats", storage),
        _measure("Storage", "GB", license_, storage, "protected_size", seats),
    )
    out = license_.get("out_of_policy")
    out_at = license_.get("out_of_policy_time") or license_.get("out_of_policy_raw") or "not set"
    return License(measures, out if isinstance(out, bool) else None, out_at), ""


def _measure(name: str, unit: str, license_: Mapping[str, Any], bought_by: str, used_by: str, other_by: str) -> Measure:
    raw = name, unit, license_.get(bought_by), license_.get(used_by)
    try:
        bought, used, other = (figure(license_, field) for field in (bought_by, used_by, other_by))
    except Undetermined as doubt:
        return Measure(*raw, None, False, "Not known", str(doubt))
    standing = _subscription.standing(bought, other)
    if standing == _subscription.NOT_SOLD:
        return Measure(*raw, None, False, "Not sold", f"The license is not sold by {unit}.")
    if standing == _subscription.UNKNOWN or used is None:
        return Measure(*raw, None, False, "Not known", "The answer does not hold all the figures.")
    if bought:
        return Measure(*raw, Fraction(100 * used, bought), used > bought, "", "")
    if used:
        return Measure(*raw, None, True, "None purchased", "All that is in use exceeds it.")
    return Measure(*raw, None, False, "None purchased", "Nothing is in use either.")


def _services(reading: results.Reading, policy: Policy, now: int) -> tuple[Service, ...]:
    if BACKUPS not in policy.sources:
        return ()
    return tuple(_service(reading, policy, now, scope) for scope in policy.scopes())


def _service(reading: results.Reading, policy: Policy, now: int, scope: Scope) -> Service:
    try:
        backups = SOURCES[BACKUPS].find(reading, policy, now, scope)
        # With a completed job without any time, all of them are unknown
        backups.jobs.refuse_timeless(jobs.COMPLETED)
        group = backups.window()
        all_since = None if len(group.kept) == group.total else _all_since(reading, policy, now, scope)
    except Undetermined as doubt:
        return Service(scope.name, None, None, None, None, str(doubt))
    last = backups.jobs.last
    accepted = policy.settings(_RECENCY, scope.service).thresholds["states"]
    return Service(scope.name, group, last(jobs.CLEAN), last(jobs.COMPLETED), all_since, "", last(accepted))


def _all_since(reading: results.Reading, policy: Policy, now: int, scope: Scope) -> int:
    """Return the start from which all jobs are known. Single older jobs in a digest do not count."""
    question = questions.backups(policy, now, scope)
    starts = [row.get("start_time") for row in questions.answer(question, reading.groups())["recent"]]
    return min((_time.unix_from_iso(start) for start in starts if start is not None), default=now)


def _control(control: controls.Control, evidence: Mapping[str, Any], policy: Policy) -> ControlRow:
    """Return a control with its support under the policy and the results of its checks."""
    counts = Counter(result["status"] for result in evidence["results"] if result["check"] in control.checks)
    found = ", ".join(f"{counts[status]} {labels.label(status)}" for status in STATUSES if counts[status])
    standing, checks = controls.standing(control, policy), ", ".join(control.checks)
    return ControlRow(control.name, control.about, standing, checks, found or "not judged", control.manual)


def _read(reading: results.Reading, name: str) -> Read:
    """Return how a part of the evidence was read."""
    api = reading.results.get(name, {}).get("api")
    reported = api if isinstance(api, Mapping) else {}
    ids = reported.get("request_ids")
    facts = (
        ("URL", reported.get("url")),
        ("API", reported.get("version")),
        ("Client", reported.get("client_id")),
        ("Requests", reported.get("requests")),
        ("Retries", reported.get("retries")),
        ("Pages", reported.get("pages")),
        ("Server time", reported.get("server_time")),
        ("Clock offset (s)", reported.get("clock_offset_seconds")),
        ("Cached for (s)", reported.get("age_seconds")),
        ("Ids", ", ".join(wording.one_line(one, 80) for one in ids) if isinstance(ids, list) else ids),
    )
    return Read(
        results.shown(name), reading.failures.get(name) or ("read" if name in reading.results else "not read"), facts
    )
