#!/usr/bin/python
# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The work is done on the controller, by the action plugin of the same name.

from __future__ import annotations

DOCUMENTATION = r"""
module: compliance_evidence
author: The cloudbackup.m365 contributors (@cloudbackup-m365)
version_added: 0.1.0
short_description: Write the evidence pack of a compliance evaluation
description:
  - Writes what was read, the policy and the evaluation of P(cloudbackup.m365.compliance_results#filter) as
    C(evidence.json), and the reports made from it, into a directory of the tenant on the controller.
  - Every file is written beside its place and then moved into it, so that no half of one can be seen. Files have mode
    C(0600), a directory that has to be made C(0700).
  - Files that already hold the same bytes are left alone.
attributes:
  action:
    description: Runs on the controller.
    support: full
  async:
    description: Can be run in the background.
    support: none
  check_mode:
    description: Writes nothing and returns the same findings and summary.
    support: full
  diff_mode:
    description: Shows what changes in the files.
    support: none
  platform:
    description: Where it runs.
    support: full
    platforms: posix
options:
  subject:
    description: The tenant's name, as reports show it.
    type: str
    required: true
  directory_name:
    description:
      - The tenant's directory below O(report_dir), one path component, as P(cloudbackup.m365.compliance_plan#filter)
        makes it.
      - A directory whose evidence is of another subject is refused.
    type: str
    required: true
  report_dir:
    description:
      - The directory for all tenants. It is made if it is missing.
      - Without it nothing is written, which is warned of.
    type: path
  formats:
    description:
      - The files to write, V(json) as C(evidence.json), V(html) as C(report.html) and V(markdown) as C(report.md).
      - The V(json) evidence is always written.
    type: list
    elements: str
    choices: [json, html, markdown]
    default: [json, html, markdown]
  read:
    description: The input of the evaluation, a dictionary with C(license), C(jobs) and C(errors).
    type: dict
    required: true
  policy:
    description: The policy with every default spelled out.
    type: dict
    required: true
  evaluated_at:
    description: The instant of the evaluation in ISO 8601.
    type: str
    required: true
  evaluation:
    description: What P(cloudbackup.m365.compliance_results#filter) returned.
    type: dict
    required: true
seealso:
  - plugin: cloudbackup.m365.compliance_results
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Write the evidence
  cloudbackup.m365.compliance_evidence:
    subject: contoso
    directory_name: contoso
    report_dir: /var/lib/compliance
    read: "{{ read }}"
    policy: "{{ plan.policy }}"
    evaluated_at: "{{ plan.now }}"
    evaluation: "{{ read | cloudbackup.m365.compliance_results(plan.policy, plan.waivers, plan.now) }}"
  register: evidence

- name: Show the findings
  ansible.builtin.debug:
    var: evidence.findings
"""

RETURN = r"""
findings:
  description:
    - The evaluation in lines. A headline, then one line per finding, the worst first. What passed is summed up in the
      last line.
    - Returned on failure too.
  returned: always
  type: list
  elements: str
  sample:
    - "contoso: NON-COMPLIANT at 2026-11-24T06:00:00Z (1 fail, 0 error, 0 warn, 0 waived, 1 n/a, 10 pass).
      1 check failed."
    - "FAIL backup_presence teams: no job seen; expected a backup job started since 2026-11-17T06:00:00Z -> Look whether
      the service is still in the backup scope."
summary:
  description: What is worth passing around.
  returned: always
  type: dict
  contains:
    verdict:
      description: V(compliant), V(non_compliant) or V(undetermined).
      type: str
    counts:
      description: How many results have each status.
      type: dict
    worst:
      description: The first few failures, errors and warnings, shortened.
      type: list
      elements: str
    report:
      description: Path of the report for people, or of C(evidence.json) without one. Null if nothing was written.
      type: str
    sha256:
      description: SHA-256 of the bytes of C(evidence.json), also if it was not written.
      type: str
files:
  description: Absolute paths of the files of the pack. Empty in check mode and without O(report_dir).
  returned: always
  type: list
  elements: str
"""
