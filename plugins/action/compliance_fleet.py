# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Action ``compliance_fleet``: report many tenants together, or find beforehand what would hide one of them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Collection, Sequence
from typing import Any

from ansible_collections.cloudbackup.m365.plugins.module_utils import _time
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.fleet import (
    fleet,
    fleet_csv,
    fleet_metrics,
    page,
)
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.fleet.tenant import (
    CSV_FILE,
    FLEET_FILE,
    METRICS_FILE,
    PAGE_FILE,
    Tenant,
)
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.mistakes import Mistakes, Refused
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.model import durations
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reports import formats as report_formats
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reports.evidence_json import as_json
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reports.pack_files import (
    CSV,
    FILE_OF,
    METRICS,
)
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller import (
    fleet_directory,
    fleet_evidence,
    fleet_files,
    fleet_folders,
    fleet_hosts,
    folder_names,
    input_text,
    misspelt_inputs,
)
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller.action import ControllerAction, unwritten
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller.plain import plain

PUBLISHED = "cloudbackup_fleet"
"""The custom statistic: the summary of the fleet."""

_BY_NAME = ("directories", "max_age", "now", "report_dir", "report_formats")
"""Inputs that may be given by the names of variables."""


class ActionModule(ControllerAction):
    """Return the report of all tenants, or the hosts that cannot be judged beside the others."""

    ARGUMENTS = {
        "mode": {"type": "str", "choices": ["conflicts", "report"], "default": "report"},
        "hosts": {"type": "list", "elements": "str"},
        "group": {"type": "str"},
        "directories": {"type": "raw"},
        "max_age": {"type": "str", "default": "26h"},
        "report_dir": {"type": "path"},
        "report_formats": {"type": "raw"},
        "now": {"type": "str"},
        "input_variables": {"type": "dict", "default": {}},
        "deferred": {"type": "bool", "default": False},
    }
    RULES = {
        "mutually_exclusive": [("hosts", "group", "directories")],
        "required_if": [
            ("mode", "report", ("now",)),
            ("mode", "conflicts", ("hosts", "group"), True),
        ],
    }

    def act(self, arguments: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        arguments = plain(arguments)
        if arguments["mode"] == "conflicts":
            group = arguments["group"]
            if unknown := fleet_hosts.unknown_limits(variables):
                raise ValueError(f"limit: {', '.join(unknown)} is neither a host nor a group. Nothing was read")
            hosts = arguments["hosts"] if group is None else fleet_hosts.of_group(group, variables)
            return fleet_hosts.conflicts(hosts, variables["hostvars"], variables, self._templar)
        names = input_text.variable_names(arguments["input_variables"], _BY_NAME)
        misspelt = misspelt_inputs.lines(variables, names.values()) if "directories" in names else []
        # The report counts more than its place and its formats: a mistake in one of them does not prevent it
        directory, formats_variable = names.pop("report_dir", ""), names.pop("report_formats", "")
        found, unreadable_inputs = input_text.of_variables(self._templar, variables, names)
        if unreadable_inputs or misspelt:
            raise Refused([input_text.of_variable(line, names) for line in unreadable_inputs] + misspelt)
        given = {name: value for name, value in found.items() if value is not None and value != ""}
        arguments.update({name: value if name == "directories" else str(value) for name, value in given.items()})
        if "directories" in names:
            # None there would be the same mistake as an empty list
            arguments["directories"] = found["directories"] or ""
        elif arguments["hosts"] is None and arguments["directories"] is None:
            raise ValueError("one of hosts and directories is required")
        now = _now(arguments["now"])

        def templar_of(host: str) -> Any:
            return self._templar.copy_with_new_env(available_variables=variables["hostvars"].raw_get(host))

        unreadable = ""
        if directory:
            hosts, variables_of = arguments["hosts"] or [], variables["hostvars"].raw_get
            arguments["report_dir"], unreadable = fleet_directory.from_variable(
                directory, variables, self._templar, hosts, variables_of, templar_of
            )
        if formats_variable:
            by_name = {"report_formats": formats_variable}
            readable_formats, _unreadable = input_text.of_variables(self._templar, variables, by_name)
            arguments["report_formats"] = readable_formats.get("report_formats")
        formats = _formats(arguments["report_formats"])
        tenants = _tenants(arguments, variables, now, templar_of, formats)
        # The role's input counts once for each tenant
        formats.update(name for tenant in tenants for name in tenant.formats)
        limit = plain(variables.get("ansible_limit"))

        def make(earlier: list[fleet_files.Row]) -> fleet_files.Made:
            return _made(fleet.fleet(tenants, _time.unix_to_iso(now), limit, earlier), tenants, formats)

        hosts = arguments["hosts"]
        left_out = None if hosts is None else fleet_hosts.left_out(hosts, variables)
        result = fleet_files.keep(make, left_out, arguments["report_dir"], self._task.check_mode)
        if hosts is not None:
            result["runs"] = fleet_hosts.runs(hosts, variables["hostvars"].raw_get)
        if unreadable:
            result.update(failed=True, msg=f"The fleet's report could not be written. {unreadable}")
        if result.pop("failed", False) and not arguments["deferred"]:
            return unwritten(result)
        # As set_stats does it
        stats = {"data": {PUBLISHED: result["summary"]}, "per_host": False, "aggregate": False}
        return {**result, "ansible_stats": stats}


def _now(text: str) -> int:
    try:
        return _time.read_now(text)
    except ValueError:
        raise ValueError("now is not an ISO 8601 time") from None


def _formats(value: object) -> set[str]:
    """Return the formats that are asked for. Raises Refused."""
    given, unreadable = input_text.readable({"report_formats": value})
    mistakes = Mistakes()
    names = mistakes.names("report_formats", given.get("report_formats"), "format", FILE_OF)
    if unreadable or mistakes.lines:
        raise Refused(unreadable + mistakes.lines)
    return set(names)


def _tenants(
    arguments: dict[str, Any],
    variables: dict[str, Any],
    now: int,
    templar_of: Callable[[str], Any],
    formats: Collection[str],
) -> list[Tenant]:
    """Return the tenants of the play's hosts, or of the folders. Raises ValueError."""
    report_dir = arguments["report_dir"]
    try:
        max_age = durations.parse(arguments["max_age"])
    except ValueError:
        raise ValueError("max_age is not a duration such as 26h or 7d") from None
    if arguments["hosts"] is not None:
        variables_of = variables["hostvars"].raw_get
        return fleet_hosts.tenants(arguments["hosts"], variables_of, report_dir, templar_of)
    try:
        directories = folder_names.named(arguments["directories"])
    except ValueError as error:
        raise ValueError(f"directories: {error}") from None
    if report_dir and os.path.realpath(report_dir) in map(os.path.realpath, directories):
        # Its rows of tenants that were not judged would be read as the gate's own the next time
        raise ValueError("report_dir: is one of the folders that are read; give the report a separate folder")
    figures = report_formats.figures if METRICS in formats else None
    return fleet_folders.tenants(
        directories, lambda place: fleet_evidence.tenant(place, now, max_age, report_dir, figures)
    )


def _made(content: dict[str, Any], tenants: Sequence[Tenant], formats: Collection[str]) -> fleet_files.Made:
    """Return the report as the result of the task and as files."""
    evidence = as_json(content).encode()
    result = {
        "headline": fleet.headline(content),
        "findings": fleet.findings(content),
        "summary": fleet.summary(content, None, hashlib.sha256(evidence).hexdigest()),
        "refused": fleet.refused(content),
        "files": [],
    }

    def files() -> dict[str, bytes]:
        made = {PAGE_FILE: page.report(content)}
        if CSV in formats:
            made[CSV_FILE] = fleet_csv.report(content, tenants)
        if METRICS in formats:
            made[METRICS_FILE] = fleet_metrics.report(content)
        return {**{name: text.encode() for name, text in made.items()}, FLEET_FILE: evidence}

    return fleet_files.Made(result, files)
