#!/usr/bin/python
# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The work is done on the controller, by the action plugin of the same name.

from __future__ import annotations

DOCUMENTATION = r"""
module: compliance_tenants
author: The cloudbackup.m365 contributors (@cloudbackup-m365)
version_added: 0.2.0
short_description: Find hosts that cannot be judged beside the others
description:
  - Compares the subjects of all hosts of a play before any of them is read, so that no tenant's evidence is written
    over that of another.
  - Finds hosts whose variables Ansible cannot read, such as those of a vaulted file without its password. The first
    task on such a host ends the whole playbook, so that it has to be left out of the plays.
  - Only variables of the inventory and extra variables are seen. What a play sets itself is not.
  - Meant to run once for all hosts. The playbook C(cloudbackup.m365.gate) does.
attributes:
  action:
    description: Runs on the controller.
    support: full
  async:
    description: Can be run in the background.
    support: none
  check_mode:
    description: Never changes anything.
    support: full
  diff_mode:
    description: Shows what changes in the files.
    support: none
  platform:
    description: Where it runs.
    support: full
    platforms: posix
options:
  hosts:
    description: The hosts to compare.
    type: list
    elements: str
    required: true
  variable:
    description:
      - The name of the variable that holds a host's subject. A host without it has its own name as subject.
      - A host whose variable cannot be told is left to itself.
    type: str
    default: compliance_subject
seealso:
  - module: cloudbackup.m365.compliance_plan
"""

EXAMPLES = r"""
- name: Find tenants that cannot be judged beside the others
  cloudbackup.m365.compliance_tenants:
    hosts: "{{ ansible_play_hosts_all }}"
  register: tenants
  run_once: true
"""

RETURN = r"""
hosts:
  description: O(hosts).
  returned: success
  type: list
  elements: str
  sample: [web1, web2, web3]
unreadable:
  description: By host, why its variables cannot be read. A host whose variables can be read is not in it.
  returned: success
  type: dict
  sample: {web3: Attempting to decrypt but no vault secrets found.}
shared:
  description:
    - By host, the other hosts with the same subject, for M(cloudbackup.m365.compliance_plan). A host with a subject of
      its own is not in it.
  returned: success
  type: dict
  sample: {web1: [web2], web2: [web1]}
"""
