# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Which control of a published framework a check supports. It supports one at most; it never fulfils one."""

from __future__ import annotations

from dataclasses import dataclass

from . import _durations
from ._policy import Policy


@dataclass(frozen=True)
class Limit:
    """The figure that the control itself names: a policy whose ``fail`` is looser does not support it."""

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
    """What a person still has to show."""
    limit: Limit | None = None


CONTROLS = (
    Control(
        "NIST SP 800-53r5 CP-9 a",
        "backups at a defined frequency",
        ("backup_recency", "backup_presence", "license_in_policy"),
        "supports",
        "that the frequency meets the organisation's own objective",
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
        ("evidence",),
        "partially",
        "that the gate runs on a schedule: one run shows no recurrence",
    ),
    Control(
        "CIS v8 11.2",
        "automated backups, weekly or oftener",
        ("backup_recency", "backup_presence"),
        "supports",
        "that every asset in scope is among the services",
        Limit("backup_recency", 7 * 86_400, "weekly"),
    ),
    Control(
        "ISO 27001:2022 A.8.13",
        "information backup",
        ("backup_recency", "backup_presence"),
        "supports",
        "the backup policy, and that backups are tested",
    ),
    Control("SOC 2 A1.2", "backup processes", ("backup_recency",), "supports", "design and approval of the processes"),
    Control(
        "DORA Art. 12(1)(a)",
        "backup policies and procedures",
        ("backup_recency", "backup_presence"),
        "supports",
        "the written policy and its scope by criticality",
    ),
    Control(
        "HIPAA 164.308(a)(7)(ii)(A)",
        "data backup plan",
        ("backup_recency",),
        "partially",
        "the plan itself, and that copies are exact and retrievable",
    ),
)


def of(check: str) -> list[str]:
    """The controls that a check supports."""
    return [control.name for control in CONTROLS if check in control.checks]


def standing(control: Control, policy: Policy) -> str:
    """What the policy in force makes of a control: its strength, or why it does not support it."""
    if not any(policy.settings(check).enabled for check in control.checks):
        return "not supported by this policy: its checks are switched off"
    if control.limit:
        check = control.limit.check
        scopes = [policy.settings(check, service) for service in policy.services]
        fails = [settings.thresholds["fail"] for settings in scopes if settings.enabled]
        if not fails or max(fails) > control.limit.seconds:
            figure = f"fails after {_durations.text(max(fails))}" if fails else "is switched off"
            return f"not supported by this policy: {check} {figure}, the control says {control.limit.words}"
    return control.strength
