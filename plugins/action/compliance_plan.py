# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Action: from the raw inputs of the gate to everything that it goes by, in one task on the controller.

Ansible imports an action before it forks a worker for each host, so that what is imported here is there in the
workers of all later tasks too; a filter would be imported anew by each.
"""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.settle import INPUTS, settle_inputs
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller import input_text
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller.connection_text import (
    connection_mistakes,
    registration,
)
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller.plain import plain

ARGUMENTS: dict[str, dict[str, Any]] = {
    **{name: {"type": "raw"} for name in INPUTS},
    "now_default": {"type": "str", "required": True},
    "subject_default": {"type": "str", "default": ""},
    "connection_variable": {"type": "str"},
    "hosts": {"type": "int", "default": 1},
    "same_subject": {"type": "list", "elements": "str", "default": []},
}


class ActionModule(ActionBase):  # type: ignore[misc]
    """Never connects to the host."""

    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        _validation, arguments = self.validate_argument_spec(argument_spec=ARGUMENTS)
        # Not an argument: those stand in results and logs
        variable = arguments["connection_variable"]
        connection = self._templar.template((task_vars or {}).get(variable)) if variable else None
        mistakes = connection_mistakes(connection, arguments["hosts"]) if variable else []
        others = ", ".join(plain(arguments["same_subject"]))
        if others:
            mistakes.append(
                f"subject: every host of the play needs a subject of its own, this one is also that of {others}"
            )
        plan = settle(
            {name: arguments[name] for name in INPUTS}, arguments["now_default"], arguments["subject_default"]
        )
        mistakes = [f"compliance_{line}" for line in mistakes] + plan.pop("mistakes")
        if mistakes:
            # A list is printed with a line for each on every version of ansible-core, if it is asked for
            return {**result, "failed": True, "changed": False, "msg": mistakes, "_ansible_verbose_always": True}
        return {**result, "changed": False, **plan, "registration": registration(connection)}


def settle(inputs: dict[str, Any], now_default: str, subject_default: str = "") -> dict[str, Any]:
    """The settled inputs and, under ``mistakes``, a line for each thing that is wrong with them."""
    readable, unreadable = input_text.readable(inputs)
    settled = settle_inputs(readable, plain(now_default), plain(subject_default))
    # The mistakes name the role's variables
    settled["mistakes"] = [f"compliance_{line}" for line in unreadable + settled["mistakes"]]
    return settled
