# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The reads of a plan, performed in this process against a simulator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.cloudbackup.m365.plugins.action.compliance_read import READS
from ansible_collections.cloudbackup.m365.tests.unit import info_modules


def performed(planned: Mapping[str, Mapping[str, Any]], simulator: Any, **connection: Any) -> dict[str, Any]:
    """Return the result of each read."""
    return {
        read: info_modules.run_info(READS[read], simulator, **{**arguments, **connection})
        for read, arguments in planned.items()
    }
