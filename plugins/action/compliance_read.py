# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Action ``compliance_read``: one read of the gate, in the process of the task."""

from __future__ import annotations

from typing import Any

from ansible_collections.cloudbackup.m365.plugins.modules import (
    cloudbackup_jobs_info,
    cloudbackup_license_info,
    cloudbackup_settings_info,
    cloudbackup_unusual_activity_info,
)
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller import (
    connection_defaults,
    connection_text,
    connection_variable,
    in_process,
)
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller.action import ControllerAction
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller.plain import plain

READS = {
    "license": cloudbackup_license_info.INFO,
    "jobs": cloudbackup_jobs_info.INFO,
    "settings": cloudbackup_settings_info.INFO,
    "unusual_activity": cloudbackup_unusual_activity_info.INFO,
}


class ActionModule(ControllerAction):
    """Return what the info module of the read returns for exactly the planned connection and arguments."""

    ARGUMENTS = {
        "read": {"type": "str", "required": True, "choices": list(READS)},
        "arguments": {"type": "dict", "default": {}},
        "connection_variable": {"type": "str", "required": True},
    }

    def act(self, arguments: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        info, module = READS[arguments["read"]], f"cloudbackup.m365.cloudbackup_{arguments['read']}_info"
        try:
            connection = self._connection_options(arguments["connection_variable"], variables)
        except connection_variable.Unreadable as error:
            return {"failed": True, "msg": str(error)}
        misplaced = sorted(set(connection) & set(info.options))
        if misplaced:
            names = ", ".join(misplaced)
            return {
                "failed": True,
                "msg": f"The connection contains {names}, expected the options of a connection alone",
            }
        environment: dict[str, Any] = {}
        self._compute_environment_string(environment)
        with in_process.environment_set(environment):
            result = in_process.read(info, module, {**connection, **plain(arguments["arguments"])})
        # The arguments of the module, which would repeat the connection in every log
        result.pop("invocation", None)
        return result

    def _connection_options(self, variable: str, variables: dict[str, Any]) -> dict[str, Any]:
        """Return the options of the variable or, where it has none, of module_defaults. Raises Unreadable."""
        try:
            given = connection_text.connection(connection_variable.value(self._templar, variables, variable))
        except (ValueError, connection_variable.Unreadable) as error:
            raise connection_variable.Unreadable(f"{variable} {error}") from None
        if given:
            return given
        defaults = {"module_defaults": connection_defaults.written(self._task)}
        try:
            found: dict[str, Any] = connection_variable.value(self._templar, defaults, "module_defaults")
        except (ValueError, connection_variable.Unreadable) as error:
            raise connection_variable.Unreadable(f"The group cloudbackup of module_defaults {error}") from None
        return found
