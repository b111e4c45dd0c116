# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lookup: a host for the steps of the gate that concern all tenants."""

from __future__ import annotations

DOCUMENTATION = r"""
name: compliance_hosts
author: The cloudbackup.m365 contributors (@cloudbackup-m365)
version_added: 1.0.0
short_description: Find a host for the steps of the gate that concern all tenants
description:
  - Returns the host that the playbook C(cloudbackup.m365.gate) puts first in its plays. The steps that concern all
    tenants run once on that host, on the controller. Ansible must be able to read the variables of that host.
  - Without C(--limit) it is C(localhost). With C(--limit), Ansible leaves C(localhost) out of every play. Then it is
    the first host of the limit whose variables can be read.
  - The lookup fails if the variables of no host can be read. Then no task can run either, so the lookup writes the
    report C(fleet.json) and C(fleet.html) itself, in which every tenant of the limit is not judged. The directory is
    the value of the variable C(compliance_report_dir), from the extra variables or from a host outside the limit.
  - The lookup also fails if C(--skip-tags) would skip every step of the gate. Otherwise the playbook would succeed
    although nothing was verified.
  - Use it in the C(hosts) of a play that follows another play of the same playbook.
options: {}
seealso:
  - module: cloudbackup.m365.compliance_fleet
"""

EXAMPLES = r"""
- name: Load the variables of all hosts for the next play
  hosts: all
  gather_facts: false
  strategy: ansible.builtin.linear

- name: Find the tenants to evaluate
  hosts: "{{ lookup('cloudbackup.m365.compliance_hosts') }},all"
  gather_facts: false
  strategy: ansible.builtin.linear
  tasks:
    - name: Find the tenants
      cloudbackup.m365.compliance_fleet:
        mode: conflicts
        group: tenants
      run_once: true
"""

RETURN = r"""
_raw:
  description: The name of the host.
  type: list
  elements: str
  sample: [localhost]
"""

import hashlib
import time
from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.lookup import LookupBase
from ansible_collections.cloudbackup.m365.plugins.module_utils import _time
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.fleet import fleet, page
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.fleet.tenant import FLEET_FILE, PAGE_FILE
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reports.evidence_json import as_json
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller import (
    fleet_directory,
    fleet_files,
    fleet_hosts,
)
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller.first_host import (
    CONTROLLER,
    NoneReadable,
    first_host,
)
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller.plain import plain

_REPORT_DIR = "compliance_report_dir"


class LookupModule(LookupBase):  # type: ignore[misc]
    """The class that Ansible loads."""

    def run(self, terms: list[Any], variables: dict[str, Any] | None = None, **options: Any) -> list[str]:
        variables = variables or {}
        try:
            return [first_host(variables)]
        except NoneReadable as error:
            now = _time.unix_to_iso(int(time.time()))
            raise AnsibleError(f"{error}. {_report(variables, self._templar, now)}") from None
        except ValueError as error:
            raise AnsibleError(str(error)) from None


def _report(variables: Mapping[str, Any], templar: Any, now: str) -> str:
    """Write the report of a run that evaluated no tenant, and return a sentence about it.

    Within C(--limit), there is no host on which a task could write it.

    :param variables: those of a play whose hosts are not determined yet, so its hosts are all within C(--limit).
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
