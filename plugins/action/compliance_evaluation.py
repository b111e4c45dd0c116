# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Action: judge what the modules registered, on the controller. Documented by the module of the same name."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.evaluation.evaluate import (
    settle_and_evaluate,
)
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller.plain import plain
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller.registered_results import reading

ARGUMENTS: dict[str, dict[str, Any]] = {
    "license_variable": {"type": "str", "required": True},
    "jobs_variable": {"type": "str", "required": True},
    "policy": {"type": "dict", "required": True},
    "waivers": {"type": "list", "elements": "dict", "required": True},
    "now": {"type": "str", "required": True},
}


class ActionModule(ActionBase):  # type: ignore[misc]
    """Never connects to the host."""

    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        _validation, arguments = self.validate_argument_spec(argument_spec=ARGUMENTS)
        arguments = plain(arguments)
        registered = task_vars or {}
        read = reading(registered.get(arguments["license_variable"]), registered.get(arguments["jobs_variable"]))
        inputs = arguments["policy"], arguments["waivers"], arguments["now"]
        evaluation, mistakes = settle_and_evaluate(read, *inputs)
        if mistakes:
            return {**result, "failed": True, "changed": False, "msg": mistakes}
        return {**result, "changed": False, "evaluation": evaluation}
