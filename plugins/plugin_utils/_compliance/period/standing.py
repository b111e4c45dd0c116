# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""What a period can be: the standings of a tenant, the states of a day, and their words."""

from __future__ import annotations

LABELS = {
    "no_evidence": "NO EVIDENCE",
    "broken_chain": "BROKEN CHAIN",
    "gaps": "GAPS",
    "proven": "PROVEN",
}
"""By standing, worst first."""
STANDINGS = tuple(LABELS)
DAYS = ("compliant", "non_compliant", "undetermined", "not_proven", "not_yet")
"""The worst verdict of a day, or that it has no run, or that it is not over and has none yet."""
