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
      - The tenant's directory below O(report_dir), one path component, as M(cloudbackup.m365.compliance_plan)
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
      - The files to write. V(json) is C(evidence.json), V(junit) C(junit.xml), V(html) C(report.html) and V(markdown)
        C(report.md).
      - The V(json) evidence is always written.
    type: list
    elements: str
    choices: [json, junit, html, markdown]
    default: [json, junit, html, markdown]
  license_variable:
    description:
      - The name of the variable in which the result of M(cloudbackup.m365.cloudbackup_license_info) was registered.
      - The result is named and not given, since a template would go through every value in it.
    type: str
    required: true
  jobs_variable:
    description: The same of M(cloudbackup.m365.cloudbackup_jobs_info).
    type: str
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
    description: What M(cloudbackup.m365.compliance_evaluation) returned.
    type: dict
    required: true
seealso:
  - module: cloudbackup.m365.compliance_evaluation
"""

EXAMPLES = r"""
- name: Write the evidence
  cloudbackup.m365.compliance_evidence:
    subject: contoso
    directory_name: contoso
    report_dir: /var/lib/compliance
    license_variable: license_result
    jobs_variable: jobs_result
    policy: "{{ plan.policy }}"
    evaluated_at: "{{ plan.now }}"
    evaluation: "{{ judged.evaluation }}"
  register: evidence

- name: Show the findings
  ansible.builtin.debug:
    var: evidence.findings
"""

RETURN = r"""
findings:
  description:
    - The evaluation in lines. A headline, then one line per finding, the worst first, then the waivers that need a
      look. What passed is summed up in the last line.
    - Where there are more findings than fit a screen, those that say the same of several scopes share a line.
    - What to do about a finding ends with a link to its section of the guide.
    - Returned on failure too.
  returned: always
  type: list
  elements: str
  sample:
    - "contoso: NON-COMPLIANT at 2026-11-24T06:00:00Z (2 fail, 0 error, 0 warn, 0 waived, 9 n/a, 39 pass).
      2 checks failed."
    - "FAIL backup_presence teams: no job seen; expected a backup job started since 2026-11-17T06:00:00Z -> Look whether
      the service is still in the backup scope.
      https://github.com/cloudbackup/cloudbackup.m365/blob/main/docs/docsite/rst/from_finding_to_fix.rst#backup-presence"
summary:
  description: What is worth passing around.
  returned: always
  type: dict
  contains:
    verdict:
      description: V(compliant), V(non_compliant) or V(undetermined).
      type: str
      sample: non_compliant
    counts:
      description: How many results have each status.
      type: dict
      sample: {fail: 1, error: 0, warn: 0, waived: 0, not_applicable: 1, pass: 48}
    worst:
      description: The first few failures, errors and warnings, shortened.
      type: list
      elements: str
      sample:
        - "FAIL backup_presence teams: no job seen; expected a backup job started since 2026-11-17T06:00:00Z"
    report:
      description: Path of the report for people, or of C(evidence.json) without one. V(null) if nothing was written.
      type: str
      sample: /var/lib/compliance/contoso/report.html
    sha256:
      description: SHA-256 of the bytes of C(evidence.json), also if it was not written.
      type: str
      sample: 5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef
files:
  description: Absolute paths of the files of the pack. Empty in check mode and without O(report_dir).
  returned: always
  type: list
  elements: str
  sample: [/var/lib/compliance/contoso/report.html, /var/lib/compliance/contoso/evidence.json]
"""
