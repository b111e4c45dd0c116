# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The metrics of a tenant as metrics.prom, in the text format of Prometheus, without timestamps.

Unknown values are left out, since 0 would be a statement about the tenant.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from ansible_collections.cloudbackup.m365.plugins.module_utils import _time

from ..model.outcome import STATUSES, Undetermined
from ..reading.figures import figure
from . import labels
from .fact_types import Facts

NAMES = {
    "cloudbackup_verdict": "Whether this is the verdict of the tenant's last run (1) or not (0).",
    "cloudbackup_results": "Results of the tenant's last run by status.",
    "cloudbackup_last_backup_timestamp_seconds": "End of the last backup in a state that backup_recency accepts.",
    "cloudbackup_run_timestamp_seconds": "Instant that the tenant was judged at.",
    "cloudbackup_seats_assigned": "User seats in use.",
    "cloudbackup_seats_purchased": "User seats purchased, 0 where the license is not sold by seats.",
    "cloudbackup_storage_protected_gigabytes": "Storage in use in GB.",
    "cloudbackup_storage_purchased_gigabytes": "Storage purchased in GB, 0 where the license is not sold by storage.",
}
"""The metrics in their order, each with its description. All are gauges."""
LICENSE_FIGURES = {
    "seats_assigned": "cloudbackup_seats_assigned",
    "seats_purchased": "cloudbackup_seats_purchased",
    "storage_protected": "cloudbackup_storage_protected_gigabytes",
    "storage_purchased": "cloudbackup_storage_purchased_gigabytes",
}
"""The metric of each figure, by name."""
LAST_BACKUPS = "last_backups"


class Tenant(NamedTuple):
    """The data of a tenant for its metrics."""

    subject: str
    verdict: str
    """``compliant``, ``non_compliant`` or ``undetermined``."""
    counts: Mapping[str, int] | None
    """Results by status; None without an evaluation."""
    judged_at: str | None
    """ISO 8601; None without an evaluation."""
    figures: Mapping[str, Any]
    """As returned by ``figures``."""


def report(evidence: Mapping[str, Any], facts: Facts) -> str:
    """Return the file. ``evidence`` is the content of evidence.json."""
    about = evidence["subject"], evidence["verdict"], evidence["counts"], evidence["evaluated_at"]
    return text([Tenant(*about, figures(facts))])


def figures(facts: Facts) -> dict[str, Any]:
    """Return the known figures of the license and, by service, the end of the last backup in ISO 8601."""
    found: dict[str, Any] = {
        LAST_BACKUPS: {
            service.scope: _time.unix_to_iso(service.last_accepted.ended)
            for service in facts.services
            if service.last_accepted
        }
    }
    measures = facts.license.measures if facts.license else ()
    values = (value for measure in measures for value in (measure.used, measure.purchased))
    for name, value in zip(LICENSE_FIGURES, values):
        try:
            count = figure({name: value}, name)
        except Undetermined:
            continue
        if count is not None:
            found[name] = count
    return found


def text(tenants: Iterable[Tenant]) -> str:
    """Return the metrics of all tenants. Of tenants with the same name, only the first is used: series are unique."""
    found: dict[str, dict[str, int]] = {name: {} for name in NAMES}
    subjects: set[str] = set()
    for tenant in tenants:
        subject = _escaped(tenant.subject)
        if subject not in subjects:
            subjects.add(subject)
            for name, more, value in _samples(tenant):
                found[name][f'{{subject="{subject}"{more}}}'] = value
    lines = []
    for name, series in found.items():
        if series:
            lines += [f"# HELP {name} {NAMES[name]}", f"# TYPE {name} gauge"]
            lines += [f"{name}{own} {value}" for own, value in series.items()]
    return "".join(f"{line}\n" for line in lines)


def _samples(tenant: Tenant) -> Iterable[tuple[str, str, int]]:
    """Yield the name, the labels after the subject and the value of each sample."""
    for verdict in labels.VERDICTS:
        yield "cloudbackup_verdict", _label("verdict", verdict), int(verdict == tenant.verdict)
    if tenant.counts is not None:
        for status in STATUSES:
            yield "cloudbackup_results", _label("status", status), tenant.counts[status]
    for service, ended in sorted(tenant.figures.get(LAST_BACKUPS, {}).items()):
        at = _time.unix_from_iso(ended)
        yield "cloudbackup_last_backup_timestamp_seconds", _label("service", service), at
    if tenant.judged_at is not None:
        yield "cloudbackup_run_timestamp_seconds", "", _time.unix_from_iso(tenant.judged_at)
    for name, metric in LICENSE_FIGURES.items():
        if name in tenant.figures:
            yield metric, "", tenant.figures[name]


def _label(name: str, value: str) -> str:
    return f',{name}="{_escaped(value)}"'


def _escaped(value: str) -> str:
    """Return the text of a label, without lone surrogates, which have no UTF-8 encoding."""
    written = value.encode("utf-8", "replace").decode()
    return written.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
