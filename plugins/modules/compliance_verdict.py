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
  - Prints the headline and the findings of a registered report, one line each, and fails unless the verdict is
    V(compliant), or V(proven) for the report of a period. If it does not fail, it prints the headline and any warnings.
extends_documentation_fragment:
  - cloudbackup.m365._attributes.action
options:
  report_variable:
    description:
      - The name of the variable in which the result of M(cloudbackup.m365.compliance_report),
        M(cloudbackup.m365.compliance_replay), M(cloudbackup.m365.compliance_fleet) or
        M(cloudbackup.m365.compliance_period) was registered.
    type: str
    required: true
  enforce:
    description: Whether a verdict other than V(compliant) or V(proven) fails the task. Otherwise it is only printed.
    type: bool
    default: true
  refused:
    description:
      - Reasons for which the task fails even with O(enforce=false), such as
        RV(cloudbackup.m365.compliance_fleet#module:refused) of the host.
    type: list
    elements: str
    default: []
  mistakes:
    description:
      - The RV(cloudbackup.m365.compliance_plan#module:mistakes) in the inputs of the host, because of which it was not
        judged. The task fails for them even with O(enforce=false).
    type: list
    elements: str
    default: []
  subject:
    description: The name of the tenant in the line about O(mistakes). Empty for the name of the host.
    type: str
    default: ""
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
  description: The headline of the report, the first reason in O(refused), or the number of O(mistakes), in one line.
  returned: always
  type: str
  sample: "contoso: NON-COMPLIANT, license_seats failed: 108 of 100 seats (108 %)"
findings:
  description: The other reasons and the findings, or the mistakes, one line each.
  returned: if there are any
  type: list
  elements: str
  sample:
    - "1 failed, 1 not applicable, 44 passed. Report: /var/lib/compliance/contoso/report.html"
"""
