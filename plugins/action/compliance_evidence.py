# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Action: write the evidence pack of an evaluation on the controller. Documented by the module of the same name."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.settle import settle_now
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reports import evidence as _evidence
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reports.formats import FORMATS
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller import evidence_pack
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller.plain import plain
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller.registered_results import reading

ARGUMENTS: dict[str, dict[str, Any]] = {
    "subject": {"type": "str", "required": True},
    "directory_name": {"type": "str", "required": True},
    "report_dir": {"type": "path"},
    "formats": {"type": "list", "elements": "str", "choices": list(FORMATS), "default": list(FORMATS)},
    "license_variable": {"type": "str", "required": True},
    "jobs_variable": {"type": "str", "required": True},
    "policy": {"type": "dict", "required": True},
    "evaluated_at": {"type": "str", "required": True},
    "evaluation": {"type": "dict", "required": True},
}

EVALUATION = {"verdict", "reason", "counts", "results", "waivers", "not_judged", "window"}


class ActionModule(ActionBase):  # type: ignore[misc]
    """Never connects to the host: the evidence belongs to the controller."""

    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        _validation, arguments = self.validate_argument_spec(argument_spec=ARGUMENTS)
        arguments = plain(arguments)
        unusable = _unusable(arguments)
        if unusable:
            return {**result, "failed": True, "msg": unusable}
        registered = task_vars or {}
        evidence = _evidence.evidence(
            subject=arguments["subject"],
            evaluated_at=arguments["evaluated_at"],
            collection=evidence_pack.COLLECTION,
            policy=arguments["policy"],
            read=reading(registered.get(arguments["license_variable"]), registered.get(arguments["jobs_variable"])),
            evaluation=arguments["evaluation"],
        )
        result.update(
            evidence_pack.keep(
                evidence,
                arguments["formats"],
                arguments["report_dir"],
                arguments["directory_name"],
                self._task.check_mode,
            )
        )
        if not arguments["report_dir"]:
            result["warnings"] = ["No report_dir is given: the evidence of this run is not kept."]
        return result


def _unusable(arguments: dict[str, Any]) -> str:
    """What is wrong with arguments of the right type; empty if nothing."""
    missing = EVALUATION - set(arguments["evaluation"])
    if missing:
        return f"evaluation is not what compliance_evaluation returns: it lacks {', '.join(sorted(missing))}"
    try:
        settle_now(arguments["evaluated_at"])
    except ValueError:
        return "evaluated_at is no ISO 8601 time"
    return ""
