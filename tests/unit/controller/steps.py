# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The steps of the role, run in this process as a task runs them, without a play around."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from ansible.errors import AnsibleError
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.policy_rules import settle_policy
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reading.results import READS
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reports import formats
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reports.pack_files import DEFAULT_FORMATS
from ansible_collections.cloudbackup.m365.tests.unit.readings import evidence_of


class AsItIs:
    """A templar that leaves every value alone."""

    def template(self, value: Any) -> Any:
        return value

    def copy_with_new_env(self, available_variables: Any) -> AsItIs:
        return self


class Failing(AsItIs):
    """A templar for which a lookup fails with these words, in every value that has an expression."""

    def __init__(self, words: str) -> None:
        self._words = words

    def template(self, value: Any) -> Any:
        if "{{" in str(value):
            raise AnsibleError(self._words)
        return value


def run_step(
    action: Any,
    variables: dict[str, Any] | None = None,
    check_mode: bool = False,
    templar: AsItIs | None = None,
    module_defaults: Sequence[dict[str, Any]] = (),
    **arguments: Any,
) -> dict[str, Any]:
    """Run an action module with arguments and the variables of its host."""
    task = SimpleNamespace(
        args=arguments,
        check_mode=check_mode,
        async_val=0,
        diff=False,
        environment=None,
        collections=[],
        module_defaults=module_defaults,
    )
    connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir=None, env_prefix=lambda **values: str(values)))
    step = action.ActionModule(
        task=task,
        connection=connection,
        play_context=None,
        loader=None,
        templar=templar or AsItIs(),
        shared_loader_obj=None,
    )
    step._load_name = action.__name__.rpartition(".")[2]
    result: dict[str, Any] = step.run(task_vars=variables or {})
    return result


def registered(reading: Mapping[str, Any]) -> dict[str, Any]:
    """What the loop over the reads registers, with the results of a reading."""
    results = [{**(reading[read] or {}), "ansible_loop_var": "a", "a": read} for read in READS if read in reading]
    return {"results": results, "changed": False}


def mistakes(result: dict[str, Any]) -> list[str]:
    """The mistakes that a step failed with; a single one begins in the headline."""
    if not result.get("failed"):
        return []
    further = list(result.get("findings", []))
    return further if " mistakes: " in result["msg"] else [" ".join([result["msg"], *further])]


def write_pack(folder: Path, content: dict[str, Any]) -> dict[str, bytes]:
    """Write the files of an evidence, and return them by name."""
    policy, _mistakes = settle_policy(content["policy"])
    files = formats.pack(content, policy, DEFAULT_FORMATS)
    folder.mkdir(parents=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return files


def store(folder: Path, *arguments: Any, **named: Any) -> dict[str, bytes]:
    """Write the files that a gate leaves behind; the arguments are those of evidence_of."""
    return write_pack(folder, evidence_of(*arguments, **named))
