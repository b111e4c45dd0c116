# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The metrics of a fleet as fleet.prom, including tenants that were only evaluated in an earlier run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..reports import metrics
from .tenant import NOT_JUDGED


def report(content: Mapping[str, Any]) -> str:
    """Return the file. ``content`` is the content of fleet.json.

    The metrics of a tenant include the time of its run, so a row from an earlier run shows its age.
    """
    return metrics.text(map(_tenant, content["tenants"]))


def _tenant(row: Mapping[str, Any]) -> metrics.Tenant:
    # A metric has three verdicts: a tenant without an evaluation is undetermined
    verdict = "undetermined" if row["verdict"] == NOT_JUDGED else row["verdict"]
    return metrics.Tenant(row["subject"], verdict, row["counts"], row["evaluated_at"], row["figures"] or {})
