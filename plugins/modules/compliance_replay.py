#!/usr/bin/python
# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The work is done on the controller, by the action plugin of the same name.

from __future__ import annotations

DOCUMENTATION = r"""
module: compliance_replay
author: The cloudbackup.m365 contributors (@cloudbackup-m365)
version_added: 1.0.0
short_description: Judge stored compliance evidence again
description:
  - Takes the C(evidence.json) of an earlier run of the role P(cloudbackup.m365.compliance#role) and judges what was
    read then, without the API, by its own policy, waivers and instant or by others.
  - The same policy, waivers and instant give the same files, byte for byte, as long as it is the same version of the
    collection. A later version also applies the checks that it adds.
  - What the evidence does not cover is an error and never a pass. That is a longer look-back, another service, an
    instant after the evidence, and the license at an instant before it.
  - The evidence never becomes a variable, so that nothing in it can be run as a template.
  - The playbook C(cloudbackup.m365.replay) is this module and the verdict.
extends_documentation_fragment:
  - cloudbackup.m365._attributes.action
options:
  evidence:
    description:
      - Path of the C(evidence.json) on the controller, of at most 64 MiB. It has to be given.
    type: path
  policy:
    description:
      - Another policy, merged over the defaults and not over the stored one. A dictionary, or its JSON or YAML text.
      - Null or an empty text is the stored one.
    type: raw
  waivers:
    description:
      - Other waivers instead of the stored ones. A list, or its JSON or YAML text. An empty list is none.
      - Null or an empty text is the stored ones.
    type: raw
  now:
    description:
      - Another instant in ISO 8601. Null or an empty text is the stored one.
    type: raw
  enforce:
    description:
      - Whether the caller lets a red verdict fail, as a boolean or a text of one. It is returned as RV(enforce); the
        module itself does not fail for a verdict.
    type: raw
    default: true
  report_dir:
    description:
      - The directory for the files of all tenants, as in M(cloudbackup.m365.compliance_report). Without it nothing is
        written.
      - The evidence that is judged is never replaced by another one.
    type: path
  report_formats:
    description:
      - The files to write, as a list or a text with commas.
      - Choices and default are those of O(cloudbackup.m365.compliance_report#module:formats); V(json) is always among
        them.
    type: raw
  input_variables:
    description:
      - The names of variables that hold inputs, by the name of the option that each takes the place of. Any option
        above can be given so.
      - If a template, a lookup or a vaulted value in such a variable fails, that is a mistake in this input like any
        other. The message names the variable, and repeats no credentials of a URL.
      - If the value is given as an option instead, Ansible reads it before the task begins, and prints what a failed
        lookup quotes.
    type: dict
    default: {}
seealso:
  - plugin: cloudbackup.m365.compliance_results
    plugin_type: filter
  - module: cloudbackup.m365.compliance_report
"""

EXAMPLES = r"""
- name: Judge last quarter's evidence by this quarter's policy
  cloudbackup.m365.compliance_replay:
    evidence: /var/lib/compliance/contoso/evidence.json
    policy:
      checks:
        backup_recency:
          fail: 24h
  register: replayed

- name: Show the findings
  ansible.builtin.debug:
    var: replayed.findings
"""

RETURN = r"""
headline:
  description: Tenant, verdict, and the worst finding or the cause, in one line of at most 200 characters.
  returned: success
  type: str
  sample: "contoso: NON-COMPLIANT, license_seats failed: 108 of 100 seats (108 %)"
findings:
  description: A line for each cause, as of M(cloudbackup.m365.compliance_report), and the counts.
  returned: success, and if the files could not be written
  type: list
  elements: str
  sample:
    - "1 failed, 1 not applicable, 44 passed. Report: /var/lib/compliance/contoso/report.html"
summary:
  description:
    - C(verdict), C(counts), C(worst), C(report) and C(sha256), as of M(cloudbackup.m365.compliance_report).
    - C(history_sha256) is V(null), since a replay is not a run of the gate.
  returned: success
  type: dict
  sample:
    verdict: non_compliant
    counts: {fail: 1, error: 0, warn: 0, waived: 0, not_applicable: 1, pass: 44}
    worst: ["FAIL license_seats: 108 of 100 seats (108 %)"]
    report: /var/lib/compliance/contoso/report.html
    sha256: 5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef
    history_sha256: null
files:
  description: Absolute paths of the files that were written. Empty in check mode and without O(report_dir).
  returned: success
  type: list
  elements: str
  sample: [/var/lib/compliance/contoso/evidence.json]
enforce:
  description: O(enforce) as a boolean.
  returned: success
  type: bool
  sample: true
reproduced:
  description: Whether the evidence of this replay is the stored one, byte for byte.
  returned: success
  type: bool
  sample: false
comparison:
  description: The same in one line, with the fields that differ.
  returned: success
  type: str
  sample: Differs from /var/lib/compliance/contoso/evidence.json in counts, policy, results, verdict.
"""
