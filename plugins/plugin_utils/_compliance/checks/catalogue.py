# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The catalogue: every check, in the order of the reports. To add a check, add a file and a line here."""

from __future__ import annotations

from . import (
    backup_frequency,
    backup_presence,
    backup_recency,
    consecutive_failures,
    coverage_drop,
    degraded_backups,
    deletion_activity,
    evidence,
    failed_objects,
    hollow_backups,
    license_in_policy,
    license_seats,
    license_storage,
    restore_exercise,
    retention_period,
    slow_backups,
    stuck_jobs,
    success_rate,
    unusual_activity,
)

CATALOGUE = (
    license_seats.CHECK,
    license_storage.CHECK,
    license_in_policy.CHECK,
    backup_recency.CHECK,
    backup_presence.CHECK,
    consecutive_failures.CHECK,
    success_rate.CHECK,
    degraded_backups.CHECK,
    failed_objects.CHECK,
    hollow_backups.CHECK,
    coverage_drop.CHECK,
    stuck_jobs.CHECK,
    slow_backups.CHECK,
    restore_exercise.CHECK,
    deletion_activity.CHECK,
    backup_frequency.CHECK,
    retention_period.CHECK,
    unusual_activity.CHECK,
    evidence.CHECK,
)

BY_NAME = {check.name: check for check in CATALOGUE}
