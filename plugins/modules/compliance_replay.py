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
short_description: Evaluate stored compliance evidence again
description:
  - Reads the C(evidence.json) of an earlier run of the role P(cloudbackup.m365.compliance#role) and evaluates its data
    again, without the API, by the stored policy, waivers and instant or by others.
  - With the same policy, waivers and instant, the same version of the collection writes the same files byte for byte. A
    later version also applies the checks that were added since.
  - Results that need data which the evidence does not contain are errors. This applies to a longer look-back, another
    service, an instant after the evidence, and the license at an instant before it.
  - The evidence never becomes a variable, so that no text in it can be run as a template.
  - The playbook C(cloudbackup.m365.replay) runs this module and then M(cloudbackup.m365.compliance_verdict).
extends_documentation_fragment:
  - cloudbackup.m365._attributes.action
options:
  evidence:
    description:
      - Path of the C(evidence.json) on the controller, of at most 64 MiB. It has to be given.
    type: path
  policy:
    description:
      - Another policy, merged over the defaults and not over the stored policy. A dictionary, or its JSON or YAML text.
      - Null or an empty text means the stored policy.
    type: raw
  waivers:
    description:
      - Other waivers instead of the stored ones. A list, or its JSON or YAML text. An empty list means none.
      - Null or an empty text means the stored waivers.
    type: raw
  now:
    description:
      - Another instant in ISO 8601. Null or an empty text means the stored instant.
    type: raw
  enforce:
    description:
      - Whether a red verdict fails the play, as a boolean or as text. It is returned as RV(enforce) for
        M(cloudbackup.m365.compliance_verdict). This module does not fail for a verdict.
    type: raw
    default: true
  report_dir:
    description:
      - The directory for the files of all tenants, as in M(cloudbackup.m365.compliance_report). If it is not set,
        nothing is written.
      - The file O(evidence) is never replaced.
    type: path
  report_formats:
    description:
      - The files to write, as a list or as names separated by commas.
      - The choices and the default are those of O(cloudbackup.m365.compliance_report#module:formats). V(json) is always
        written.
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
- name: Evaluate last quarter's evidence by this quarter's policy
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
  description: A line for each cause, as in M(cloudbackup.m365.compliance_report), and the counts.
  returned: success, and if the files could not be written
  type: list
  elements: str
  sample:
    - "1 failed, 1 not applicable, 44 passed. Report: /var/lib/compliance/contoso/report.html"
summary:
  description:
    - C(verdict), C(counts), C(worst), C(report) and C(sha256), as in M(cloudbackup.m365.compliance_report).
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
  description: Whether the evidence of this replay is identical to the stored evidence, byte for byte.
  returned: success
  type: bool
  sample: false
comparison:
  description: The result of this comparison in one line, with the fields that differ.
  returned: success
  type: str
  sample: Differs from /var/lib/compliance/contoso/evidence.json in counts, policy, results, verdict.
"""
