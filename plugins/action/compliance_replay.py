# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Action: judge a stored evidence.json again. Documented by the module of the same name.

The evidence stays in here from the file to the reports. As a variable, what a server once said could be run as a
template.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.evaluation import replay
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.evaluation.evaluate import evaluate
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.policy_rules import settle_policy
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.settle import settle_inputs
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.waivers import settle_waivers
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.model import instants
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reports import evidence as _evidence
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reports import json
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reports.formats import EVIDENCE_FILE
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller import (
    evidence_folder,
    evidence_pack,
    input_text,
    stored_evidence,
)
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller.plain import plain

ARGUMENTS: dict[str, dict[str, Any]] = {
    "evidence": {"type": "path", "required": True},
    "policy": {"type": "raw"},
    "waivers": {"type": "raw"},
    "now": {"type": "raw"},
    "enforce": {"type": "raw", "default": True},
    "report_dir": {"type": "path"},
    "report_formats": {"type": "raw"},
}


class ActionModule(ActionBase):  # type: ignore[misc]
    """Never connects to the host: the evidence lies on the controller."""

    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        _validation, arguments = self.validate_argument_spec(argument_spec=ARGUMENTS)
        arguments = plain(arguments)
        path = arguments["evidence"]
        if not path:
            return {**result, **_failed(["evidence: found nothing, allowed is the path of an evidence.json"])}
        try:
            stored = stored_evidence.load(path)
        except stored_evidence.Refused as refused:
            return {**result, **_failed(refused.lines)}
        settled = _settle(path, arguments, stored.evidence)
        if settled["mistakes"]:
            return {**result, **_failed(settled["mistakes"])}
        evidence = _judge(stored.evidence, settled)
        is_same = json.report(evidence).encode() == stored.content
        if not is_same and _would_replace(path, settled):
            told = "the reports would replace the evidence that they are made from; give another report_dir"
            return {**result, **_failed([f"{path}: {told}"])}
        result.update(
            evidence_pack.keep(
                evidence,
                settled["formats"],
                settled["report_dir"],
                settled["directory_name"],
                self._task.check_mode,
            ),
            enforce=settled["enforce"],
            reproduced=is_same,
            comparison=_compare(path, stored.evidence, evidence, is_same),
        )
        return result


def _failed(lines: list[str]) -> dict[str, Any]:
    # A list is printed with a line for each on every version of ansible-core, if it is asked for
    return {"failed": True, "msg": lines, "_ansible_verbose_always": True}


def _settle(path: str, arguments: Mapping[str, Any], stored: Mapping[str, Any]) -> dict[str, Any]:
    """What to judge by: the options, and what the evidence was judged by where there is none."""
    readable, unreadable = input_text.readable({name: arguments[name] for name in ARGUMENTS if name != "evidence"})
    given = {name: value for name, value in readable.items() if value is not None and value != ""}
    own = {name: stored[name] for name in ("policy", "waivers", "subject")}
    settled = settle_inputs({**own, **given}, stored["evaluated_at"], "")
    found = [line if re.split(r"\W", line)[0] in given else f"{path}: {line}" for line in settled["mistakes"]]
    return {**settled, "mistakes": unreadable + found}


def _judge(stored: Mapping[str, Any], settled: Mapping[str, Any]) -> dict[str, Any]:
    """The evidence of this replay."""
    policy, _no_mistakes = settle_policy(settled["policy"])
    waivers, _no_mistakes = settle_waivers(settled["waivers"])
    now = instants.parse(settled["now"])
    read = replay.reading_at(stored["read"], instants.parse(stored["evaluated_at"]), now)
    return _evidence.evidence(
        subject=settled["subject"],
        evaluated_at=settled["now"],
        collection=evidence_pack.COLLECTION,
        policy=policy.data,
        read=read,
        evaluation=evaluate(read, policy, waivers, now),
    )


def _would_replace(path: str, settled: Mapping[str, Any]) -> bool:
    if not settled["report_dir"]:
        return False
    place = evidence_folder.place(settled["report_dir"], settled["directory_name"]) / EVIDENCE_FILE
    return place.exists() and os.path.samefile(place, path)


def _compare(path: str, stored: Mapping[str, Any], evidence: Mapping[str, Any], is_same: bool) -> str:
    """Whether the stored evidence is what its own parts give, for whoever asks if it was changed."""
    if is_same:
        return f"The same as {path}, byte for byte."
    differing = [name for name in sorted({*stored, *evidence}) if stored.get(name) != evidence.get(name)]
    if not differing:
        return f"Says the same as {path}, which is written in another way."
    return f"Differs from {path} in {', '.join(differing)[:200]}."
