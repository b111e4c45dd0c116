#!/usr/bin/python
# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The work is done on the controller, by the action plugin of the same name.

from __future__ import annotations

DOCUMENTATION = r"""
module: compliance_verdict
author: The cloudbackup.m365 contributors (@cloudbackup-m365)
version_added: 1.0.0
short_description: Give the verdict of a compliance report
description:
  - Shows the findings of a registered report, a line each, and fails unless the verdict is V(compliant).
extends_documentation_fragment:
  - cloudbackup.m365._attributes.action
options:
  report_variable:
    description:
      - The name of the variable in which the result of M(cloudbackup.m365.compliance_report),
        M(cloudbackup.m365.compliance_replay) or M(cloudbackup.m365.compliance_fleet) was registered.
    type: str
    required: true
  enforce:
    description: Whether a verdict other than V(compliant) fails the task. Otherwise it is only shown.
    type: bool
    default: true
  refused:
    description:
      - Reasons to fail whatever is enforced, such as RV(cloudbackup.m365.compliance_fleet#module:refused) of the host.
    type: list
    elements: str
    default: []
seealso:
  - module: cloudbackup.m365.compliance_report
"""

EXAMPLES = r"""
- name: Give the verdict
  cloudbackup.m365.compliance_verdict:
    report_variable: report
"""

RETURN = r"""
msg:
  description: The reasons in O(refused), then the findings.
  returned: always
  type: list
  elements: str
  sample: ["contoso: NON-COMPLIANT at 2026-11-24T06:00:00Z (1 fail, 0 error, 0 warn, 0 waived, 1 n/a, 44 pass)."]
"""
