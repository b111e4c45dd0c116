# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Action ``compliance_verdict``: give the verdict of a report."""

from __future__ import annotations

from typing import Any

from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller.action import ControllerAction, shown
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller.plain import plain


class ActionModule(ControllerAction):
    """Show the findings, and fail unless they are green."""

    ARGUMENTS = {
        "report_variable": {"type": "str", "required": True},
        "enforce": {"type": "bool", "default": True},
        "refused": {"type": "list", "elements": "str", "default": []},
    }

    def act(self, arguments: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        report = plain(variables.get(arguments["report_variable"])) or {}
        findings, verdict = report.get("findings") or [], (report.get("summary") or {}).get("verdict")
        refused = plain(arguments["refused"])
        is_green = verdict == "compliant" or (verdict and not arguments["enforce"])
        return {"failed": bool(refused) or not is_green, **shown([*refused, *findings])}
