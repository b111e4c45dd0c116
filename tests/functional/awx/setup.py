# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the playbook awx_setup.yml would make in an AWX, found out without one."""

from __future__ import annotations

import json
import os
import pathlib
import re
from typing import Any

from ansible_collections.cloudbackup.m365.tests.functional import runner

PLAYBOOK = pathlib.Path(__file__).parents[3] / "playbooks" / "awx_setup.yml"
RECORDER = '''
import json
import os

from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    """In the place of a module of awx.awx: write the task's options down."""

    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        with open(os.environ["RECORD"], "a", encoding="utf-8") as file:
            environment = {}
            for part in self._task.environment:
                environment.update(self._templar.template(part) if isinstance(part, str) else part)
            prefix = environment.get("CONTROLLER_OPTIONAL_API_URLPATTERN_PREFIX")
            file.write(json.dumps([self._task.action, self._task.args, prefix]) + "\\n")
        return {"changed": False}
'''


class Refused(Exception):
    """The playbook failed: its output."""


class Made:
    """What the playbook would make: the module and the options of each task, in their order."""

    def __init__(self, recorded: list[tuple[str, dict[str, Any], str | None]]) -> None:
        self.tasks = [(action, options) for action, options, _prefix in recorded]
        self.prefixes = [prefix for _action, _options, prefix in recorded]
        """Of the API, by task: what the playbook puts into the environment of the module."""

    def names(self) -> dict[tuple[str, str], dict[str, Any]]:
        """Return the options of the tasks that make something with a name, by module and name."""
        return {
            (made_by.rpartition(".")[2], options["name"]): options
            for made_by, options in self.tasks
            if "name" in options
        }

    def of(self, module: str, **known: str) -> dict[str, Any]:
        """Return the options of the only task with this module and these options."""
        found = [options for made_by, options in self.tasks if made_by == f"awx.awx.{module}"]
        (options,) = [options for options in found if known.items() <= options.items()]
        return options


def run(folder: pathlib.Path, extra_vars: str, *options: str) -> Made:
    """Run awx_setup.yml with modules that only write their options down. Raises Refused."""
    actions = folder / "stubs" / "ansible_collections" / "awx" / "awx" / "plugins" / "action"
    actions.mkdir(parents=True)
    for module in set(re.findall(r"\bawx\.awx\.(\w+):", PLAYBOOK.read_text(encoding="utf-8"))):
        (actions / f"{module}.py").write_text(RECORDER)
    record = folder / "record"
    paths = os.pathsep.join([str(folder / "stubs"), runner.COLLECTIONS])
    environment = {"ANSIBLE_COLLECTIONS_PATH": paths, "RECORD": str(record)}
    ended = runner.Ansible(folder).playbook("awx_setup", "-e", extra_vars, *options, environment=environment)
    if ended.status:
        raise Refused(ended.output)
    return Made([json.loads(line) for line in record.read_text(encoding="utf-8").splitlines()])
