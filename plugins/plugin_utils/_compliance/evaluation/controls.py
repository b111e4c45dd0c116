# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The controls of published frameworks that checks may support. A check alone never fulfils a control."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.cloudbackup.m365.plugins.module_utils import _time

from ..model import durations
from ..model.policy import Policy


@dataclass(frozen=True)
class Limit:
    """The value that the control itself requires: a policy with a weaker ``fail`` does not support it."""

    check: str
    seconds: int
    words: str


@dataclass(frozen=True)
class Control:
    name: str
    about: str
    checks: tuple[str, ...]
    strength: str
    """``supports`` or ``partially``."""
    manual: str
    """What must be proven by other means."""
    limit: Limit | None = None


CONTROLS = (
    Control(
        "NIST SP 800-53r5 CP-9 a",
        "backups at a defined frequency",
        (
            *("backup_recency", "backup_presence", "consecutive_failures", "backup_frequency", "success_rate"),
            *("degraded_backups", "hollow_backups", "coverage_drop", "failed_objects", "license_in_policy"),
        ),
        "supports",
        "that the frequency meets the organisation's own objective",
    ),
    Control(
        "NIST SP 800-53r5 CP-9(1), CP-4",
        "backups and contingency plans are tested",
        ("restore_exercise",),
        "partially",
        "that what was restored was compared with the original, and the test of the plan itself",
    ),
    Control(
        "NIST SP 800-53r5 CP-9 d",
        "backups are protected",
        ("deletion_activity", "unusual_activity"),
        "partially",
        "who may delete backups, and that each deletion was asked for",
    ),
    Control(
        "NIST SP 800-53r5 SI-12",
        "information is managed and retained",
        ("retention_period",),
        "partially",
        "which retention law and contract ask for, and that no backup was deleted before its time",
    ),
    Control(
        "NIST SP 800-53r5 SI-4",
        "systems are monitored for attacks",
        ("unusual_activity",),
        "partially",
        "the monitoring of the tenant itself, and what was done about each report",
    ),
    Control(
        "NIST SP 800-53r5 CM-10 b",
        "the use of quantity licenses is tracked",
        ("license_seats", "license_storage", "license_in_policy"),
        "supports",
        "the contract that the purchased figures come from",
    ),
    Control(
        "NIST SP 800-53r5 CA-7",
        "ongoing monitoring",
        ("evidence", "stuck_jobs", "slow_backups"),
        "partially",
        "that the gate runs on a schedule: one run shows no recurrence",
    ),
    Control(
        "CIS v8 11.2",
        "automated backups, weekly or oftener",
        ("backup_recency", "backup_presence"),
        "supports",
        "that every asset in scope is among the services",
        Limit("backup_recency", 7 * _time.DAY, "weekly"),
    ),
    Control(
        "CIS v8 11.5",
        "recovery is tested quarterly",
        ("restore_exercise",),
        "partially",
        "that the restored data was whole, for a sample of the assets in scope",
        Limit("restore_exercise", 92 * _time.DAY, "quarterly"),
    ),
    Control(
        "ISO 27001:2022 A.8.13",
        "information backup",
        ("backup_recency", "backup_presence", "success_rate", "retention_period"),
        "supports",
        "the backup policy",
    ),
    Control(
        "ISO 27001:2022 A.8.13, testing",
        "backups are regularly tested",
        ("restore_exercise",),
        "partially",
        "that the restored data was whole, and that it took no longer than the policy allows",
    ),
    Control(
        "SOC 2 A1.2",
        "backup processes",
        ("backup_recency", "success_rate", "consecutive_failures"),
        "supports",
        "design and approval of the processes",
    ),
    Control(
        "SOC 2 A1.3",
        "recovery is tested",
        ("restore_exercise", "failed_objects"),
        "partially",
        "the test of the recovery plan, and its result",
    ),
    Control(
        "DORA Art. 12(1)(a)",
        "backup policies and procedures",
        ("backup_recency", "backup_presence"),
        "supports",
        "the written policy and its scope by criticality",
    ),
    Control(
        "DORA Art. 12(2)",
        "backup and restoration are tested periodically",
        ("restore_exercise",),
        "partially",
        "the record of the tests",
    ),
    Control(
        "NIS2 CIR 2024/2690 4.2.2",
        "backups are complete and accurate",
        ("failed_objects", "coverage_drop"),
        "partially",
        "recovery times, storage apart from the network, and access to the copies",
    ),
    Control(
        "NIS2 CIR 2024/2690 4.2.6",
        "recovery of backups is tested",
        ("restore_exercise",),
        "partially",
        "the record of the tests and of what was done about their findings",
    ),
    Control(
        "HIPAA 164.308(a)(7)(ii)(A)",
        "data backup plan",
        ("backup_recency",),
        "partially",
        "the plan itself, and that copies are exact and retrievable",
    ),
)


_EVERYWHERE = ""
"""Where a check is disabled, as text after its name."""


def of(check: str) -> list[str]:
    """Return the controls that a check supports."""
    return [control.name for control in CONTROLS if check in control.checks]


def standing(control: Control, policy: Policy) -> str:
    """Return the strength of a control under a policy, or the reason why the policy does not support it."""
    off = {check: where for check in control.checks for where in [_where_off(check, policy)] if where is not None}
    if len(off) == len(control.checks) and set(off.values()) == {_EVERYWHERE}:
        return "not supported by this policy: its checks are disabled"
    if control.limit:
        check, words = control.limit.check, f"{control.limit.words} ({durations.text(control.limit.seconds)})"
        if check in off:
            return f"not supported by this policy: {check} is disabled{off[check]}, the control requires {words}"
        longest = max(policy.settings(check, service).thresholds["fail"] for service in policy.services)
        if longest > control.limit.seconds:
            figure = durations.text(longest)
            return f"not supported by this policy: {check} fails after {figure}, the control requires {words}"
    disabled = ", ".join(f"{check}{where}" for check, where in off.items())
    return f"{control.strength}, but disabled: {disabled}" if disabled else control.strength


def _where_off(check: str, policy: Policy) -> str | None:
    """Return the services for which a check is disabled, as text; None if it is enabled."""
    off = [service for service in policy.services if not policy.settings(check, service).enabled]
    if not off:
        return None
    return _EVERYWHERE if len(off) == len(policy.services) else f" for {', '.join(off)}"
