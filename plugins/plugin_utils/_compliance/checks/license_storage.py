# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Check ``license_storage``: protected data compared with purchased storage."""

from __future__ import annotations

from ..model import kinds
from ..model.check import STORAGE, Check, Threshold
from .license_measures import judge

CHECK = Check(
    "license_storage",
    "Storage in use",
    STORAGE,
    judge,
    (Threshold("warn", kinds.PERCENT, "85 %"), Threshold("fail", kinds.PERCENT, "100 %")),
    "Buy storage, or remove data that needs no backup from the backup scope, with the agreement of its owner.",
)
