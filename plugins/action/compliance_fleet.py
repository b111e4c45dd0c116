# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Action: the report of many tenants, once, on the controller. Documented by the module of the same name."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.fleet import fleet
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.settle import settle_now
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.model import durations, instants
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reports import json
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller import (
    evidence_folder,
    evidence_pack,
    fleet_folders,
    fleet_hosts,
)
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller.plain import plain

ARGUMENTS: dict[str, dict[str, Any]] = {
    "hosts": {"type": "list", "elements": "str"},
    "directories": {"type": "raw"},
    "max_age": {"type": "str", "default": "26h"},
    "report_dir": {"type": "path"},
    "now": {"type": "str", "required": True},
}


class ActionModule(ActionBase):  # type: ignore[misc]
    """Never connects to the host: the report belongs to the controller."""

    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        _validation, arguments = self.validate_argument_spec(
            argument_spec=ARGUMENTS,
            mutually_exclusive=[("hosts", "directories")],
            required_one_of=[("hosts", "directories")],
        )
        arguments = plain(arguments)
        variables = task_vars or {}
        try:
            now, max_age = _times(arguments)
            tenants = _tenants(arguments, variables, now, max_age)
        except ValueError as error:
            return {**result, "failed": True, "changed": False, "msg": str(error)}
        limit = plain(variables.get("ansible_limit"))
        content = fleet.fleet(tenants, instants.iso(now), evidence_pack.COLLECTION, limit)
        return {**result, **_keep(content, arguments["report_dir"], self._task.check_mode)}


def _times(arguments: dict[str, Any]) -> tuple[int, int]:
    """The instant of the report, and the oldest that stored evidence may be. Raises ValueError."""
    try:
        now = settle_now(arguments["now"])
    except ValueError:
        raise ValueError("now is no ISO 8601 time") from None
    try:
        return now, durations.parse(arguments["max_age"])
    except ValueError:
        raise ValueError("max_age is no duration such as 26h or 7d") from None


def _tenants(arguments: dict[str, Any], variables: dict[str, Any], now: int, max_age: int) -> list[fleet.Tenant]:
    """Raises ValueError."""
    report_dir = arguments["report_dir"]
    if arguments["hosts"] is not None:
        return fleet_hosts.tenants(arguments["hosts"], variables["hostvars"].raw_get, report_dir)
    try:
        directories = fleet_folders.named(arguments["directories"])
    except ValueError as error:
        raise ValueError(f"directories: {error}") from None
    if report_dir and os.path.realpath(report_dir) in map(os.path.realpath, directories):
        # What it says of tenants that were not judged would be read as the gate's own the next time
        raise ValueError("report_dir: is one of the folders that are read; give the report a folder of its own")
    return fleet_folders.tenants(directories, now, max_age, report_dir)


def _keep(content: dict[str, Any], report_dir: str | None, check_mode: bool) -> dict[str, Any]:
    """Write the report, if there is a ``report_dir``; what cannot be written makes the result a failed one."""
    evidence = json.report(content).encode()
    summary = fleet.summary(content, None, hashlib.sha256(evidence).hexdigest())
    result: dict[str, Any] = {
        "changed": False,
        "findings": fleet.findings(content),
        "summary": summary,
        "refused": fleet.refused(content),
        "files": [],
    }
    if not report_dir or check_mode:
        return result
    from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.fleet import page

    directory = Path(os.path.abspath(report_dir))
    files = {fleet.PAGE_FILE: page.report(content).encode(), fleet.FLEET_FILE: evidence}
    try:
        result["changed"] = evidence_folder.write(directory, files)
    except OSError as error:
        return {**result, "failed": True, "msg": f"The fleet's report could not be written to {directory}: {error}"}
    result["files"] = [str(directory / name) for name in files]
    summary["report"] = str(directory / fleet.PAGE_FILE)
    return result
