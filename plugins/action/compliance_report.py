# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Action ``compliance_report``: evaluate what was read and write the evidence, in one step."""

from __future__ import annotations

from typing import Any

from ansible_collections.cloudbackup.m365.plugins.module_utils import _time
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.evaluation.evaluate import evaluate
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.mistakes import Refused
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.settle import (
    Criteria,
    settle_criteria,
)
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.model import wording
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.model.registration import (
    PARTS,
    registration_of_reading,
)
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reading.sources import reads_of
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reports import formats
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reports.evidence_json import evidence
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reports.pack_files import (
    DEFAULT_FORMATS,
    METRICS,
)
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller import evidence_folder, foreign_text
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller.action import ControllerAction, unwritten
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller.plain import plain
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller.registered_results import (
    by_read,
    reading,
    without_results,
)

PUBLISHED = "cloudbackup_compliance"
"""The custom statistic: a dictionary of summaries by subject."""


class ActionModule(ControllerAction):
    """Return the evaluation and where its evidence is. No caller can hand in a verdict."""

    ARGUMENTS = {
        "subject": {"type": "str", "required": True},
        "reads_variable": {"type": "str", "required": True},
        "policy": {"type": "dict", "required": True},
        "waivers": {"type": "list", "elements": "dict", "required": True},
        "now": {"type": "str", "required": True},
        "now_given": {"type": "bool", "default": False},
        "connection": {"type": "dict", "options": {name: {"type": "str"} for name in PARTS}},
        "report_dir": {"type": "path"},
        "formats": {
            "type": "list",
            "elements": "str",
            "choices": list(formats.FORMATS),
            "default": list(DEFAULT_FORMATS),
        },
        "enforce": {"type": "bool", "default": True},
        "history": {"type": "bool", "default": True},
        "deferred": {"type": "bool", "default": False},
    }

    def act(self, arguments: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        arguments = plain(arguments)
        criteria, mistakes = settle_criteria(arguments["policy"], arguments["waivers"], arguments["now"])
        if mistakes:
            raise Refused(mistakes)
        read = reading(
            by_read(variables.get(arguments["reads_variable"]), reads_of(criteria.policy)),
            connection=arguments["connection"],
            now_given=arguments["now_given"],
            cut=lambda text: foreign_text.cut(text, variables.get(foreign_text.CONNECTION, ""), self._templar),
        )
        try:
            evaluation, content, files = _judge(arguments, read, criteria)
        except Exception as error:  # noqa: BLE001 - whatever a server sent, there is evidence that it could not be judged
            read = without_results(read, wording.ended_with(error))
            evaluation, content, files = _judge(arguments, read, criteria)
        figures = formats.figures(content, criteria.policy) if METRICS in arguments["formats"] else None
        enforce = arguments["enforce"] if arguments["history"] else None
        kept = evidence_folder.keep(content, files, arguments["report_dir"] or "", self._task.check_mode, enforce)
        if not arguments["report_dir"]:
            kept["warnings"] = ["No report_dir is given: the evidence of this run is not kept."]
        evaluated = {"evaluation": evaluation, "registration": registration_of_reading(read), "figures": figures}
        if kept.pop("failed", False):
            return {**evaluated, **kept} if arguments["deferred"] else unwritten(kept)
        # As set_stats does it, without the cost of another task on every tenant
        stats = {"data": {PUBLISHED: {arguments["subject"]: kept["summary"]}}, "per_host": False, "aggregate": True}
        return {**evaluated, **kept, "ansible_stats": stats}


def _judge(
    arguments: dict[str, Any], read: dict[str, Any], criteria: Criteria
) -> tuple[dict[str, Any], dict[str, Any], dict[str, bytes]]:
    """Return the evaluation, the content of evidence.json and the files of the pack."""
    evaluation = evaluate(read, *criteria)
    at = _time.unix_to_iso(criteria.instant)
    content = evidence(arguments["subject"], at, criteria.policy.data, read, evaluation)
    return evaluation, content, formats.pack(content, criteria.policy, arguments["formats"])
