# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The report of tenants none of which a play can have: C(--limit) leaves no host on which a task could make it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from .._compliance.fleet import fleet, page
from .._compliance.fleet.tenant import FLEET_FILE, PAGE_FILE
from .._compliance.reports.evidence_json import as_json
from . import fleet_directory, fleet_files, fleet_hosts
from .first_host import CONTROLLER
from .plain import plain

_REPORT_DIR = "compliance_report_dir"


def write(variables: Mapping[str, Any], templar: Any, now: str) -> str:
    """Write the report in which none of the tenants is judged, and return a sentence about it.

    :param variables: those of a play whose hosts are not known yet: its hosts are all that C(--limit) leaves.
    :param now: the instant of the report, in ISO 8601.
    """
    hostvars = variables["hostvars"]
    try:
        hosts = fleet_hosts.of_group(fleet_hosts.GROUP, variables)
    except ValueError:
        return "There is no report, since none of the hosts is in the group tenants."
    left_out = fleet_hosts.left_out(hosts, variables)

    def templar_of(host: str) -> Any:
        return templar.copy_with_new_env(available_variables=hostvars.raw_get(host))

    # Only the variables of other hosts can be read
    others = [CONTROLLER, *sorted(left_out)]
    report_dir, problem = fleet_directory.from_variable(
        _REPORT_DIR, variables, templar, others, hostvars.raw_get, templar_of
    )
    if not report_dir:
        report_dir = fleet_directory.of_hosts(_REPORT_DIR, others, hostvars.raw_get, templar_of)
    if not report_dir:
        reason = problem or f"{_REPORT_DIR} is in no variable that can be read. Give it to the run with -e"
        return f"There is no report: {reason}."
    tenants = fleet_hosts.tenants(hosts, hostvars.raw_get, report_dir)
    limit = plain(variables.get("ansible_limit"))

    def make(earlier: list[fleet_files.Row]) -> fleet_files.Made:
        content = fleet.fleet(tenants, now, limit, earlier)
        evidence = as_json(content).encode()
        result = {
            "findings": [],
            "summary": fleet.summary(content, None, hashlib.sha256(evidence).hexdigest()),
        }
        return fleet_files.Made(result, lambda: {PAGE_FILE: page.report(content).encode(), FLEET_FILE: evidence})

    result = fleet_files.keep(make, left_out, report_dir, bool(variables.get("ansible_check_mode")))
    if result.get("failed"):
        return f"{result['msg']}."
    report = result["summary"]["report"]
    return f"Report: {report}" if report else "Check mode writes no report."
