# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Action ``compliance_replay``: judge stored evidence again, without the API."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.cloudbackup.m365.plugins.module_utils import _time
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.evaluation import replay
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.evaluation.evaluate import evaluate
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.mistakes import Refused
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.settle import (
    settle_criteria,
    settle_inputs,
)
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.model import wording
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reports import formats
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reports.evidence_json import (
    as_json,
    evidence,
)
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reports.pack_files import (
    DEFAULT_FORMATS,
    EVIDENCE_FILE,
    FILE_OF,
)
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller import (
    evidence_folder,
    folder_names,
    input_text,
    misspelt_inputs,
    stored_evidence,
)
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller.action import (
    LINE,
    ControllerAction,
    unwritten,
)
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller.plain import plain


class ActionModule(ControllerAction):
    """Return a new evaluation of stored evidence, and whether it is the stored one."""

    ARGUMENTS = {
        "evidence": {"type": "path"},
        "policy": {"type": "raw"},
        "waivers": {"type": "raw"},
        "now": {"type": "raw"},
        "enforce": {"type": "raw", "default": True},
        "report_dir": {"type": "path"},
        "report_formats": {"type": "raw"},
        "input_variables": {"type": "dict", "default": {}},
    }

    def act(self, arguments: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        arguments = plain(arguments)
        names = input_text.variable_names(arguments.pop("input_variables"), list(arguments))
        # By name: Ansible would print what a failed lookup in one of them quotes, such as a URL with a password
        found, unreadable = input_text.of_variables(self._templar, variables, names)
        misspelt = misspelt_inputs.lines(variables, names.values())
        if unreadable or misspelt:
            raise Refused([input_text.of_variable(line, names) for line in unreadable] + misspelt)
        try:
            return self._replayed({**arguments, **{name: _expanded(name, value) for name, value in found.items()}})
        except Refused as refused:
            raise Refused([input_text.of_variable(line, names) for line in refused.lines]) from None

    def _replayed(self, arguments: dict[str, Any]) -> dict[str, Any]:
        path = arguments["evidence"]
        if not path or not isinstance(path, str):
            raise Refused(["evidence: expected the path of an evidence.json, got nothing"])
        stored = stored_evidence.load(path)
        settled = _settle(path, arguments, stored.evidence)
        try:
            content, files = _judge(stored.evidence, settled)
        except Exception as error:  # noqa: BLE001 - of stored data nothing is certain
            raise Refused([f"{path}: {wording.ended_with(error)}. Run the gate of the tenant again"]) from None
        is_same = as_json(content).encode() == stored.content
        if not is_same and _would_replace(path, settled):
            problem = "the reports would replace the evidence that they are made from; give another report_dir"
            raise Refused([f"{path}: {problem}"])
        kept = evidence_folder.keep(content, files, settled["report_dir"], self._task.check_mode)
        if kept.get("failed"):
            return unwritten(kept)
        return {
            **kept,
            "enforce": settled["enforce"],
            "reproduced": is_same,
            "comparison": wording.one_line(_compare(path, stored.evidence, content, is_same), LINE),
        }


def _expanded(name: str, value: Any) -> Any:
    """Return the value of a variable as the argument of that name has it."""
    is_path = name in ("evidence", "report_dir") and isinstance(value, str)
    return folder_names.expanded(value) if is_path else value


def _settle(path: str, arguments: Mapping[str, Any], stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return what to judge by: the options, and the criteria of the stored evidence where an option is missing."""
    options = {name: value for name, value in arguments.items() if name != "evidence"}
    readable, unreadable = input_text.readable(options)
    given = {name: value for name, value in readable.items() if value is not None and value != ""}
    own = {name: stored[name] for name in ("policy", "waivers", "subject")}
    settled = settle_inputs({**own, **given}, stored["evaluated_at"], "", list(FILE_OF), None, DEFAULT_FORMATS)
    found = [line if re.split(r"\W", line)[0] in given else f"{path}: {line}" for line in settled["mistakes"]]
    if unreadable or found:
        raise Refused(unreadable + found)
    return settled


def _judge(stored: Mapping[str, Any], settled: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return the evidence of this replay and its files.

    Raises whatever unexpected data make the evaluation raise: anybody may have written them.
    """
    criteria, _no_mistakes = settle_criteria(settled["policy"], settled["waivers"], settled["now"])
    read = replay.reading_at(stored["read"], _time.unix_from_iso(stored["evaluated_at"]), criteria.instant)
    evaluation = evaluate(read, *criteria)
    content = evidence(settled["subject"], settled["now"], criteria.policy.data, read, evaluation)
    return content, formats.pack(content, criteria.policy, settled["formats"])


def _would_replace(path: str, settled: Mapping[str, Any]) -> bool:
    if not settled["report_dir"]:
        return False
    place = evidence_folder.place(settled["report_dir"], settled["subject"]) / EVIDENCE_FILE
    return place.exists() and os.path.samefile(place, path)


def _compare(path: str, stored: Mapping[str, Any], content: Mapping[str, Any], is_same: bool) -> str:
    """Return whether the stored evidence follows from its own parts, for whoever asks if it was changed."""
    if is_same:
        return f"The same as {path}, byte for byte."
    differing = [name for name in sorted({*stored, *content}) if stored.get(name) != content.get(name)]
    if not differing:
        return f"The same content as {path}, which is formatted differently."
    return f"Differs from {path} in {wording.listed(differing, 10)}."
