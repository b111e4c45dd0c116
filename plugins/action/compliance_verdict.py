# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Action ``compliance_verdict``: give the verdict of a report."""

from __future__ import annotations

from typing import Any

from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.model import wording
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller.action import (
    ControllerAction,
    broken,
    listed,
    shown,
)
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller.plain import plain

_NO_REPORT = "UNDETERMINED: the report is missing, so nothing was verified. See the tasks before this one."
_GREEN = ("compliant", "proven")
"""Verdicts of what was judged, and of a period."""
_NAME = 60
"""Characters."""


class ActionModule(ControllerAction):
    """Print the verdict and its causes, and fail unless it is green."""

    ARGUMENTS = {
        "report_variable": {"type": "str", "required": True},
        "enforce": {"type": "bool", "default": True},
        "refused": {"type": "list", "elements": "str", "default": []},
        "mistakes": {"type": "list", "elements": "str", "default": []},
        "subject": {"type": "str", "default": ""},
    }

    def act(self, arguments: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        report = plain(variables.get(arguments["report_variable"])) or {}
        verdict = (report.get("summary") or {}).get("verdict")
        headline, findings = report.get("headline") or _NO_REPORT, report.get("findings") or []
        refused, mistakes = plain(arguments["refused"]), plain(arguments["mistakes"])
        if mistakes:
            name = plain(arguments["subject"]) or variables.get("inventory_hostname")
            headline, findings = listed(mistakes, f"{wording.one_line(name, _NAME)}: NOT JUDGED, ")
            return {"failed": True, **shown(headline, [*findings, *refused])}
        if refused:
            first, *rest = broken(str(refused[0]))
            known = [headline] if verdict else []
            return {"failed": True, **shown(first, [*rest, *refused[1:], *known, *findings])}
        if verdict in _GREEN:
            # The last line has the counts, as the headline does, or the path of the report
            return {"failed": False, **shown(headline, findings[:-1])}
        return {"failed": not verdict or arguments["enforce"], **shown(headline, findings)}
