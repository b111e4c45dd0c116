# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The base of the actions of the info modules: they read in the process of the task where that is the same thing.

It is the same where the task runs on the controller anyway, by the Python that runs Ansible.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from ansible import constants
from ansible.plugins.action import ActionBase
from ansible.plugins.action.normal import ActionModule as NormalAction

from . import in_process, no_log
from .in_process import InfoModule
from .plain import plain


class InfoAction(NormalAction):  # type: ignore[misc]
    """An action of an info module's own name."""

    INFO: InfoModule
    """The module."""

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        variables = task_vars or {}
        self._mask_unknown()
        if not self._is_here(variables):
            sent: dict[str, Any] = super().run(tmp, task_vars)
            if sent.get("failed") and "failure" not in sent:
                # After some mistakes in arguments ansible-core knows no secret yet, and shows all arguments as they are
                sent.pop("invocation", None)
            return sent
        result: dict[str, Any] = ActionBase.run(self, tmp, task_vars)
        environment: dict[str, Any] = {}
        self._compute_environment_string(environment)
        with in_process.environment_set(environment):
            result.update(in_process.read(self.INFO, self._task.action, plain(self._task.args)))
        if not _shows_invocation(variables):
            result.pop("invocation", None)
        return result

    def _mask_unknown(self) -> None:
        """Mask the values of unknown arguments, which may be misspelt secrets: no_log masks known ones alone.

        In the task itself: callbacks get its arguments, and a module that is sent only needs the names.
        """
        unknown = {name for name in self._task.args if name not in self.INFO.specification and name[:1] != "_"}
        if unknown:
            self._task.args = {
                name: no_log.MASK if name in unknown else value for name, value in self._task.args.items()
            }

    def _is_here(self, variables: Mapping[str, Any]) -> bool:
        """Return whether the module would run on this machine, as this user, by the Python that runs Ansible."""
        if self._connection.transport != "local" or self._connection.become or self._task.async_val:
            return False
        if self._task.delegate_to:
            variables = variables.get("ansible_delegated_vars", {}).get(self._task.delegate_to, {})
        wanted = self._templar.template(variables.get("ansible_python_interpreter"))
        # An interpreter that Ansible would have to discover first ("auto") may be another one
        return bool((wanted or constants.config.get_config_value("INTERPRETER_PYTHON")) == sys.executable)


def _shows_invocation(variables: Mapping[str, Any]) -> bool:
    """Return whether results hold the arguments of their tasks: newer releases of ansible-core let users choose."""
    is_always = not hasattr(constants, "INJECT_INVOCATION")
    return is_always or bool(constants.config.get_config_value("INJECT_INVOCATION", variables=variables))
