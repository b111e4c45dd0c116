# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Action ``compliance_plan``: settle the inputs of the gate before anything is read."""

from __future__ import annotations

import os
from typing import Any

from ansible.playbook.task_include import TaskInclude
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.checks.catalogue import BY_NAME
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs import policy_rules
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.mistakes import Refused
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.settle import INPUTS, settle_inputs
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.model.registration import registration
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reports.pack_files import (
    DEFAULT_FORMATS,
    FILE_OF,
)
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller import (
    connection_defaults,
    connection_text,
    connection_variable,
    fleet_hosts,
    foreign_text,
    input_text,
    misspelt_inputs,
)
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller.action import ControllerAction
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller.plain import plain

POLICY_KEYS = (*policy_rules.KEYS, *BY_NAME)


class ActionModule(ControllerAction):
    """Return the settled inputs, or every mistake in them at once."""

    ARGUMENTS = {
        **{name: {"type": "raw"} for name in INPUTS},
        "now_default": {"type": "str", "required": True},
        "subject_default": {"type": "str", "default": ""},
        "connection_variable": {"type": "str"},
        "input_variables": {"type": "dict", "default": {}},
        "hosts": {"type": "int", "default": 1},
        "same_subject": {"type": "list", "elements": "str", "default": []},
        "deferred": {"type": "bool", "default": False},
    }

    def act(self, arguments: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        # The connection is no argument: arguments appear in results and logs
        variable = arguments["connection_variable"]
        connection, mistakes = self._options_of(variable, variables, arguments["hosts"]) if variable else ({}, [])
        others = ", ".join(plain(arguments["same_subject"]))
        if others:
            mistakes.append(
                f"subject: every host of the play needs a different subject, this one is also that of {others}"
            )
        names = input_text.variable_names(plain(arguments["input_variables"]), INPUTS)
        given = {name: arguments[name] for name in INPUTS if name not in names}
        found, missing = input_text.of_variables(self._templar, variables, names)
        inputs, unreadable = input_text.readable({**given, **found})
        now, subject = plain(arguments["now_default"]), plain(arguments["subject_default"])
        version = None if mistakes or connection is None else self._api_version(connection)
        plan = settle_inputs(inputs, now, subject, list(FILE_OF), version, DEFAULT_FORMATS)
        mistakes += missing + unreadable + plan.pop("mistakes")
        inputs_of_host = [*names.values(), variable or ""]
        of_the_play = misspelt_inputs.lines(variables, inputs_of_host, POLICY_KEYS, names.get("policy", ""))
        if arguments["hosts"] > 1 and _runs_once(self._task):
            of_the_play.append(
                "run_once: one of several hosts would be judged alone. Remove it from the task of the role"
            )
        pending, run = fleet_hosts.pending(variables)
        if arguments["deferred"] and pending:
            of_the_play.append(
                f"host: {pending} was judged on it and has no verdict yet. Give each tenant its own host"
            )
        runs = {"run": run} if arguments["deferred"] else {}
        if mistakes or of_the_play:
            lines = [input_text.of_variable(line, names, "compliance_") for line in mistakes] + of_the_play
            if arguments["deferred"]:
                # The tenant that the report of all tenants names, unless its name is a mistake itself
                named = not any(line.startswith("compliance_subject:") for line in lines)
                planned_subject = {"subject": plan["subject"]} if named else {}
                return {"mistakes": lines, "formats": plan["formats"], **planned_subject, **runs}
            raise Refused(lines)
        planned = connection_text.planned(connection)
        return {**plan, "connection": planned, "registration": registration(planned), **runs}

    def _api_version(self, connection: Any) -> str | None:
        """Return the API generation of the reads: of the connection, else of module_defaults or the environment.

        None where it cannot be templated: the reads will fail with the cause.
        """
        planned = connection_text.planned(connection)["version"]
        if planned:
            return planned
        environment: dict[str, Any] = {}
        self._compute_environment_string(environment)
        environment = {**os.environ, **environment}
        defaults = {} if connection_text.connection(connection) else connection_defaults.written(self._task)
        try:
            found = foreign_text.template(self._templar, defaults.get("api_version"))
        except Exception:  # noqa: BLE001 - a template or a lookup may raise anything
            return None
        return str(found or environment.get("CLOUDBACKUP_API_VERSION") or "v1")

    def _options_of(self, variable: str, variables: dict[str, Any], hosts: int) -> tuple[Any, list[str]]:
        """Return the connection options in plain data, None where they cannot be read, and the mistakes in them."""
        try:
            connection = connection_variable.value(self._templar, variables, variable)
        except connection_variable.Unreadable:
            # The reads will fail with the cause: then there is evidence of it
            return None, []
        except ValueError as error:
            return None, [f"connection: is {error}"]
        return connection or {}, connection_text.connection_mistakes(connection, hosts)


def _runs_once(task: Any) -> bool:
    """Return whether the task that included the role runs on one host alone."""
    parent = task
    while parent is not None:
        if isinstance(parent, TaskInclude) and not parent.statically_loaded and parent.run_once:
            return True
        parent = getattr(parent, "_parent", None)
    return False
