# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The figures of a fleet as fleet.prom: the metrics of each tenant, also of those that only an earlier run judged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..reports import metrics
from .tenant import NOT_JUDGED


def report(content: Mapping[str, Any]) -> str:
    """Return the whole file. ``content`` is that of fleet.json.

    The instant of its run is among the metrics of a tenant, so a row of an earlier run shows its age.
    """
    return metrics.text(map(_tenant, content["tenants"]))


def _tenant(row: Mapping[str, Any]) -> metrics.Tenant:
    # A tenant has three verdicts: what was not judged is not determined
    verdict = "undetermined" if row["verdict"] == NOT_JUDGED else row["verdict"]
    return metrics.Tenant(row["subject"], verdict, row["counts"], row["evaluated_at"], row["figures"] or {})
