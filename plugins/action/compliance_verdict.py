# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Action ``compliance_verdict``: give the verdict of a report."""

from __future__ import annotations

from typing import Any

from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.model import wording
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller.action import (
    HEADLINE,
    LINE,
    ControllerAction,
    shown,
)
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller.plain import plain

_NO_REPORT = "UNDETERMINED: the report is missing, so nothing was verified. See the tasks before this one."


class ActionModule(ControllerAction):
    """Print the verdict and its causes, and fail unless it is green."""

    ARGUMENTS = {
        "report_variable": {"type": "str", "required": True},
        "enforce": {"type": "bool", "default": True},
        "refused": {"type": "list", "elements": "str", "default": []},
    }

    def act(self, arguments: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        report = plain(variables.get(arguments["report_variable"])) or {}
        verdict = (report.get("summary") or {}).get("verdict")
        headline, findings = report.get("headline") or _NO_REPORT, report.get("findings") or []
        refused = plain(arguments["refused"])
        is_green = verdict == "compliant" and not refused
        if is_green:
            # The last line has the counts, as the headline does, or the path of the report
            findings = findings[:-1]
        if refused:
            first, *further = _broken(refused[0])
            known = [headline] if verdict else []
            headline, findings = first, [*further, *refused[1:], *known, *findings]
        is_failed = bool(refused) or not verdict or (arguments["enforce"] and not is_green)
        return {"failed": is_failed, **shown(headline, findings)}


def _broken(line: str) -> list[str]:
    """Return a line as a headline and the rest of it, if it is too long for one."""
    line = wording.one_line(line, HEADLINE + LINE)
    if len(line) <= HEADLINE:
        return [line]
    # Where a sentence ends, else where a word does
    place = line.rfind(". ", 0, HEADLINE) + 1 or line.rfind(" ", 0, HEADLINE)
    return [line[:place], line[place:].strip()] if place > 0 else [line[:HEADLINE], line[HEADLINE:]]
