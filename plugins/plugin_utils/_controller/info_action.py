# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The base of the actions of the info modules: they read in the process of the task where that is the same thing.

A module costs a second Python, a transfer and a shell. Where the task runs on the controller anyway, by the Python
that runs Ansible, the same function makes the same result without them (C(InfoModule.result)).

The reads of the role C(compliance) always take place here, with exactly the arguments that the role gives: a play's
C(module_defaults) may name another tenant.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Mapping
from typing import Any, Callable, Protocol

from ansible import constants
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.errors import UnsupportedError
from ansible.plugins.action import ActionBase
from ansible.plugins.action.normal import ActionModule as NormalAction

from . import connection_text, connection_variable, no_log
from .plain import plain

CONNECTION = "__compliance_connection_variable"
"""The variable of a task of the role that names the variable with its connection options. No other task has it."""
ARGUMENTS = "__compliance_arguments"
"""The variable of a task of the role that lists the arguments which the task itself gives."""


class InfoModule(Protocol):
    """What an action needs of its module: C(module_utils/_module.Info) is one."""

    @property
    def specification(self) -> dict[str, Any]:
        """The argument specification."""

    @property
    def options(self) -> dict[str, Any]:
        """The part of the argument specification that does not belong to the connection."""

    def result(
        self, parameters: Mapping[str, Any], environment: Mapping[str, str], warn: Callable[[str], None]
    ) -> dict[str, Any]:
        """Return what the module exits with, success or failure."""


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
        try:
            arguments = self._arguments(variables)
        except (ValueError, connection_variable.Unreadable) as error:
            return {**result, "failed": True, "msg": f"compliance_connection {error}"}
        with _variables_set(environment):
            result.update(_read(self.INFO, self._task.action, arguments))
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
        if CONNECTION in variables:
            return True
        if self._connection.transport != "local" or self._connection.become or self._task.async_val:
            return False
        if self._task.delegate_to:
            variables = variables.get("ansible_delegated_vars", {}).get(self._task.delegate_to, {})
        wanted = self._templar.template(variables.get("ansible_python_interpreter"))
        # An interpreter that Ansible would have to discover first ("auto") may be another one
        return bool((wanted or constants.config.get_config_value("INTERPRETER_PYTHON")) == sys.executable)

    def _arguments(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Return the arguments of the read.

        Raises ValueError and Unreadable for a connection that cannot be used, without its values.

        Ansible has merged C(module_defaults) into those of the task. For a task of the role the connection options of
        C(module_defaults) count where it has no connection at all, and all others never.
        """
        merged: dict[str, Any] = plain(self._task.args)
        if CONNECTION not in variables:
            return merged
        given = connection_text.connection(connection_variable.value(self._templar, variables, variables[CONNECTION]))
        misplaced = sorted(set(given) & set(self.INFO.options))
        if misplaced:
            raise ValueError(f"contains {', '.join(misplaced)}, expected the options of a connection alone")
        if not given:
            names = set(self.INFO.specification) - set(self.INFO.options)
            given = {name: value for name, value in merged.items() if name in names}
        own = plain(variables.get(ARGUMENTS) or [])
        return {**given, **{name: merged[name] for name in own if name in merged}}


def _shows_invocation(variables: Mapping[str, Any]) -> bool:
    """Return whether results hold the arguments of their tasks: newer releases of ansible-core let users choose."""
    is_always = not hasattr(constants, "INJECT_INVOCATION")
    return is_always or bool(constants.config.get_config_value("INJECT_INVOCATION", variables=variables))


def _read(info: InfoModule, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return what the module named C(name) returns for these arguments, its secrets masked as Ansible masks them."""
    validated = ArgumentSpecValidator(info.specification).validate(arguments)
    secrets = validated._no_log_values
    warnings = [f"Both option {both['option']} and its alias {both['alias']} are set." for both in validated._warnings]
    if validated.error_messages:
        message = validated.errors.msg
        if isinstance(validated.errors[0], UnsupportedError):
            message = f"Unsupported parameters for ({name}) module: {message}"
        result = {"failed": True, "msg": message}
    else:
        result = info.result(validated.validated_parameters, os.environ, warnings.append)
    if warnings:
        result["warnings"] = warnings
    if validated._deprecations:
        result["deprecations"] = validated._deprecations
    result = dict(no_log.masked(result, secrets))
    if not validated.error_messages:
        result["invocation"] = no_log.masked({"module_args": validated.validated_parameters}, secrets)
    return result


@contextlib.contextmanager
def _variables_set(changed: Mapping[str, Any]) -> Iterator[None]:
    """Set variables of the environment for a while. A worker runs one task at a time, so nothing else sees them."""
    before = dict(os.environ)
    os.environ.update({name: str(value) for name, value in changed.items()})
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
