#!/usr/bin/python
# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The work is done on the controller, by the action plugin of the same name.

from __future__ import annotations

DOCUMENTATION = r"""
module: compliance_read
author: The cloudbackup.m365 contributors (@cloudbackup-m365)
version_added: 1.0.0
short_description: Perform a read of the compliance gate
description:
  - Returns what the info module of O(read) returns for the given arguments. It always runs on the controller, in the
    process of the task, so variables of the host such as C(ansible_become) do not affect it.
  - All reads of a tenant are a loop of one task, since each task costs a process for each tenant.
  - The read gets exactly the given arguments and the connection options of the given variable. Other tasks and
    C(module_defaults) cannot change them, because they may name another tenant. Only if the variable has no options,
    those of C(group/cloudbackup.m365.cloudbackup) in C(module_defaults) count. The environment supplies the others.
extends_documentation_fragment:
  - cloudbackup.m365._attributes.action
options:
  read:
    description:
      - What to read. V(license) is M(cloudbackup.m365.cloudbackup_license_info), V(jobs)
        M(cloudbackup.m365.cloudbackup_jobs_info), V(settings) M(cloudbackup.m365.cloudbackup_settings_info) and
        V(unusual_activity) M(cloudbackup.m365.cloudbackup_unusual_activity_info).
    type: str
    required: true
    choices: [license, jobs, settings, unusual_activity]
  arguments:
    description: The arguments of the module, without the connection options.
    type: dict
    default: {}
  connection_variable:
    description:
      - The name of the variable that contains the connection options. It may be a dictionary, or its JSON or YAML text.
      - The name is passed instead of the options, because arguments appear in logs.
    type: str
    required: true
seealso:
  - module: cloudbackup.m365.compliance_plan
  - module: cloudbackup.m365.compliance_report
"""

EXAMPLES = r"""
- name: Perform the planned reads
  cloudbackup.m365.compliance_read:
    read: "{{ item }}"
    arguments: "{{ plan.reads[item] }}"
    connection_variable: compliance_connection
  loop: "{{ plan.reads | list }}"
  register: reads
  # A failed read is evaluated by compliance_report
  failed_when: false
"""

RETURN = r"""
result:
  description:
    - The keys of the module's own result, such as RV(cloudbackup.m365.cloudbackup_license_info#module:license) and
      RV(cloudbackup.m365.cloudbackup_license_info#module:api), at the top level.
  returned: success
  type: dict
  sample: {}
failure:
  description: The failure, as each info module returns it.
  returned: if the read failed
  type: dict
  sample: {kind: permission, method: GET, url: https://graph-uk.avepointonlineservices.com/cloudbackup/license}
"""
