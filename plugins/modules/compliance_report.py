#!/usr/bin/python
# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The work is done on the controller, by the action plugin of the same name.

from __future__ import annotations

DOCUMENTATION = r"""
module: compliance_report
author: The cloudbackup.m365 contributors (@cloudbackup-m365)
version_added: 1.0.0
short_description: Evaluate what was read and write the evidence
description:
  - Applies every check of a compliance policy to the registered results of M(cloudbackup.m365.compliance_read), as
    P(cloudbackup.m365.compliance_results#filter) does. Writes the data, the policy and the evaluation to
    C(evidence.json), and reports that are generated from it, in the folder of the tenant on the controller.
  - Evaluation and evidence are one step, so that the verdict in the evidence always follows from the data.
  - Publishes the summary as the custom statistic C(cloudbackup_compliance), by subject, as C(set_stats)
    does.
  - A failed read does not fail the task. Results that cannot be determined without it are C(error) in the evaluation.
  - The files are replaced as a unit. Reports of an earlier run that this run does not write are removed, and
    C(evidence.json) is missing while files are replaced. A lock on the file C(.lock) in the folder serializes parallel
    runs. A run that cannot get the lock within 60 seconds fails.
  - Then, under the same lock, the run is appended to C(history.jsonl) as one line, which contains the hash of the line
    before it. This file is not part of the unit, and no run removes it. If a process was killed while it was writing,
    its incomplete line is moved to C(history.torn) with a warning.
  - Files have mode C(0600), a new folder C(0700). Files whose content does not change are not written again.
extends_documentation_fragment:
  - cloudbackup.m365._attributes.action
options:
  subject:
    description:
      - The name of the tenant in the reports. The folder in O(report_dir) is named after it.
      - The task fails if the folder contains the evidence of another subject.
    type: str
    required: true
  reads_variable:
    description:
      - The name of the variable in which the loop over M(cloudbackup.m365.compliance_read) was registered.
      - The name is passed instead of the results, because a template would process every value in them.
    type: str
    required: true
  policy:
    description: The policy, as M(cloudbackup.m365.compliance_plan) returns it.
    type: dict
    required: true
  waivers:
    description: The waivers, as M(cloudbackup.m365.compliance_plan) returns them.
    type: list
    elements: dict
    required: true
  now:
    description: The instant from which ages are calculated, in ISO 8601.
    type: str
    required: true
  now_given:
    description:
      - Whether O(now) was set by the user, as M(cloudbackup.m365.compliance_plan) returns it. Otherwise it is the time
        of the run. The value becomes part of the evidence.
    type: bool
    default: false
  connection:
    description:
      - The planned connection, as M(cloudbackup.m365.compliance_plan) returns it. It becomes part of the evidence.
      - If it is not set or a value is null, the tenant that the reads report is not compared with it.
    type: dict
    suboptions:
      url:
        description: The URL of the API.
        type: str
      version:
        description: The generation of the API.
        type: str
      client_id:
        description: The client ID of the app registration.
        type: str
  report_dir:
    description:
      - The directory for the folders of all tenants. It is created if it is missing.
      - If it is not set, nothing is written and the task warns.
    type: path
  formats:
    description:
      - The files to write. V(json) is C(evidence.json), V(junit) C(junit.xml), V(html) C(report.html), V(markdown)
        C(report.md), V(csv) C(findings.csv), V(metrics) C(metrics.prom) and V(oscal)
        C(oscal-assessment-results.json).
      - The V(json) evidence is always written.
    type: list
    elements: str
    choices: [json, junit, html, markdown, csv, metrics, oscal]
    default: [json, junit, html, markdown]
  history:
    description:
      - Whether the run is appended to C(history.jsonl), from which M(cloudbackup.m365.compliance_period) creates the
        report of a period. In check mode, nothing is appended.
    type: bool
    default: true
  enforce:
    description: Whether a red verdict fails the play. It is recorded in the history and has no other effect here.
    type: bool
    default: true
  deferred:
    description:
      - Whether to return the reason in C(msg) if files cannot be written, instead of failing the task.
    type: bool
    default: false
seealso:
  - module: cloudbackup.m365.compliance_plan
  - module: cloudbackup.m365.compliance_read
  - module: cloudbackup.m365.compliance_verdict
  - plugin: cloudbackup.m365.compliance_results
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Evaluate what was read and write the evidence
  cloudbackup.m365.compliance_report:
    subject: contoso
    reads_variable: reads
    policy: "{{ plan.policy }}"
    waivers: "{{ plan.waivers }}"
    now: "{{ plan.now }}"
    now_given: "{{ plan.now_given }}"
    connection: "{{ plan.connection }}"
    report_dir: /var/lib/compliance
  register: report

- name: Show the findings
  ansible.builtin.debug:
    var: report.findings
"""

RETURN = r"""
evaluation:
  description: The evaluation, as P(cloudbackup.m365.compliance_results#filter) returns it.
  returned: unless the inputs are invalid
  type: dict
  sample: {verdict: compliant, results: []}
registration:
  description:
    - The client ID and the URL that the reads themselves reported, in the form in which
      M(cloudbackup.m365.compliance_plan) returns them. Empty if no read reported a client ID.
  returned: unless the inputs are invalid
  type: str
  sample: 11111111-2222-3333-4444-555555555555 at https://graph-uk.avepointonlineservices.com
figures:
  description:
    - The figures of the metrics for the report of the fleet. V(null) unless O(formats) contains V(metrics).
    - Unknown figures are missing. C(last_backups) is the end of the last backup of each service.
  returned: unless the inputs are invalid
  type: dict
  sample:
    last_backups: {teams: "2026-11-24T05:00:00Z"}
    seats_assigned: 50
    seats_purchased: 100
headline:
  description: Tenant, verdict, and the worst finding or the cause, in one line of at most 200 characters.
  returned: unless the inputs are invalid or the files could not be written
  type: str
  sample: "contoso: NON-COMPLIANT, license_seats failed: 108 of 100 seats (108 %)"
findings:
  description:
    - A line of at most 400 characters for each cause, the worst first, with the observed value, the expected value and
      the remediation, then the waivers with a warning. The last line contains the counts and the path of the report.
    - A check that fails for several scopes is one line. All results that a failed read leaves undetermined are one line
      with their number.
    - The remediation ends with a link to the section of the check in the guide.
  returned: unless the inputs are invalid
  type: list
  elements: str
  sample:
    - "FAIL license_seats: 108 of 100 seats (108 %); expected at most 100 % of the purchased seats in use (warning from
      90 %) -> Release seats of people who have left, or buy seats before more users have to be protected.
      https://github.com/cloudbackup/cloudbackup.m365/blob/main/docs/docsite/rst/from_finding_to_fix.rst#license-seats"
    - "1 failed, 1 not applicable, 44 passed. Report: /var/lib/compliance/contoso/report.html"
summary:
  description: The summary that the role publishes.
  returned: unless the inputs are invalid
  type: dict
  contains:
    verdict:
      description: V(compliant), V(non_compliant) or V(undetermined).
      type: str
      sample: non_compliant
    counts:
      description: The number of results with each status.
      type: dict
      sample: {fail: 1, error: 0, warn: 0, waived: 0, not_applicable: 1, pass: 44}
    worst:
      description: The first few causes, in a few words each.
      type: list
      elements: str
      sample:
        - "FAIL backup_presence teams: no job seen"
    report:
      description:
        - Path of C(report.html), or of C(report.md), or of C(evidence.json) if neither was requested.
        - V(null) if nothing was written.
      type: str
      sample: /var/lib/compliance/contoso/report.html
    sha256:
      description: SHA-256 of the bytes of C(evidence.json), also if it was not written.
      type: str
      sample: 5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef
    history_sha256:
      description:
        - SHA-256 of the new line of C(history.jsonl), without its line end. If it is stored separately from the files,
          it proves that no line up to this one was changed later.
        - V(null) if no line was added.
      type: str
      sample: 0a1c1f0d3f9f5f0c6c2a54c6a2a6c6b9b7a6c4d8f5e1d2c3b4a5968778695a4b
files:
  description: Absolute paths of the files. Empty in check mode and without O(report_dir).
  returned: unless the inputs are invalid
  type: list
  elements: str
  sample: [/var/lib/compliance/contoso/report.html, /var/lib/compliance/contoso/evidence.json]
"""
