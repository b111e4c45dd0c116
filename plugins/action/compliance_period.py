# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Action ``compliance_period``: report what the histories of tenants prove of a period."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Sequence
from typing import Any

from ansible_collections.cloudbackup.m365.plugins.module_utils import _time
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.mistakes import Refused
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.model import wording
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.period import (
    chain,
    file_names,
    period_page,
    period_report,
)
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.period.assessment import (
    Asked,
    Assessed,
    assess,
)
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reports.evidence_json import as_json
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller import (
    input_text,
    misspelt_inputs,
    period_files,
    period_inputs,
    stored_histories,
)
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller.action import ControllerAction, unwritten
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller.period_inputs import Inputs
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller.plain import plain
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller.stored_histories import Found

PUBLISHED = "cloudbackup_period"
"""The custom statistic: the summary of the period."""
_NAMED = "It was named, and it has no folder."


class ActionModule(ControllerAction):
    """Return the report of a period, and write it."""

    ARGUMENTS = {
        **{name: {"type": "raw"} for name in period_inputs.INPUTS},
        "input_variables": {"type": "dict", "default": {}},
    }

    def act(self, arguments: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        names = input_text.variable_names(plain(arguments["input_variables"]), period_inputs.INPUTS)
        # By name: Ansible would print what a failed lookup in one of them quotes, such as a URL with a password
        found, unreadable = input_text.of_variables(self._templar, variables, names)
        given = {name: plain(arguments[name]) for name in period_inputs.INPUTS if name not in names}
        inputs, mistakes = period_inputs.settle({**given, **found}, int(time.time()))
        failed = {line.partition(":")[0] for line in unreadable}
        mistakes = unreadable + [line for line in mistakes if line.partition(":")[0] not in failed]
        misspelt = misspelt_inputs.lines(variables, names.values())
        if mistakes or misspelt:
            raise Refused([input_text.of_variable(line, names) for line in mistakes] + misspelt)
        assessed = _assessed(inputs)
        start, end = _time.unix_to_date(inputs.start), _time.unix_to_date(inputs.end)
        content = period_report.period([one.row for one in assessed], start, end, inputs.now, inputs.max_gap)
        calendars = {one.row["subject"]: one.calendar for one in assessed}
        data = as_json(content).encode()
        result: dict[str, Any] = {
            "changed": False,
            "headline": period_report.headline(content),
            "findings": period_report.findings(content),
            "summary": period_report.summary(content, None, hashlib.sha256(data).hexdigest()),
            "enforce": inputs.enforce,
            "files": [],
        }
        if not self._task.check_mode:
            files = {
                file_names.PAGE_FILE: period_page.report(content, calendars).encode(),
                file_names.TABLE_FILE: period_report.table(content).encode(),
                file_names.PERIOD_FILE: data,
            }
            try:
                result["changed"], warning = period_files.write(inputs.output_dir, files)
            except OSError as error:
                problem = f"The report of the period could not be written to {inputs.output_dir}: {error}"
                return unwritten({**result, "msg": problem})
            directory = os.path.abspath(inputs.output_dir)
            result["files"] = [os.path.join(directory, name) for name in files]
            result["summary"]["report"] = os.path.join(directory, file_names.PAGE_FILE)
            result["warnings"] = [warning] if warning else []
        # The last line of the findings is not printed where the period is proven
        result["findings"].append(f"Report: {result['summary']['report'] or 'not written'}")
        # As set_stats does it
        stats = {"data": {PUBLISHED: result["summary"]}, "per_host": False, "aggregate": False}
        return {**result, "ansible_stats": stats}


def _assessed(inputs: Inputs) -> list[Assessed]:
    """Return each tenant that was found or named, except one that is expected only after the period or after now."""
    by_subject: dict[str, list[Found]] = {subject: [] for subject in (*inputs.tenants, *inputs.anchors)}
    for found in stored_histories.find(inputs.directories):
        by_subject.setdefault(found.subject, []).append(found)
    span = period_report.span(inputs.start, inputs.end, inputs.now)
    # The clock of the server may be a little ahead of the one that "now" was taken from
    until = inputs.now if inputs.now_given else inputs.now + _time.CLOCK_TOLERANCE
    assessed = []
    for subject, places in by_subject.items():
        since = inputs.tenants.get(subject)
        if since is not None and (since >= span.end or since > span.at):
            continue
        asked = Asked(
            span if since is None else span._replace(start=max(span.start, since)),
            inputs.max_gap,
            until,
            None if since is None else _time.unix_to_date(since),
            inputs.anchors.get(subject, ()),
        )
        assessed.append(_assess(subject, places, asked))
    return assessed


def _assess(subject: str, places: Sequence[Found], asked: Asked) -> Assessed:
    histories = [place.history for place in places if place.history is not None]
    if histories:
        histories += [chain.History([], place.reason) for place in places if place.is_unreadable]
    reasons = [place.reason for place in places if place.reason] or ([] if places else [_NAMED])
    folders = [place.folder for place in places]
    try:
        history = chain.joined(histories) if histories else None
        return assess(subject, history, " ".join(reasons), folders, asked)
    except Exception as error:  # noqa: BLE001 - anybody may have written the histories, and the others have to be reported
        return assess(subject, None, _about(error), folders, asked)


def _about(error: Exception) -> str:
    return f"Reading its history ended with {type(error).__name__}: {wording.one_line(error, 120)}."
