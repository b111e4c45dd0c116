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
  - The lookup fails if no host is left, or if C(--skip-tags) would skip every step of the gate. Otherwise the playbook
    would succeed although nothing was verified.
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

from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.lookup import LookupBase
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller.first_host import first_host


class LookupModule(LookupBase):  # type: ignore[misc]
    """The class that Ansible loads."""

    def run(self, terms: list[Any], variables: dict[str, Any] | None = None, **options: Any) -> list[str]:
        try:
            return [first_host(variables or {})]
        except ValueError as error:
            raise AnsibleError(str(error)) from None
