#!/usr/bin/python
# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The work is done on the controller, by the action plugin of the same name.

from __future__ import annotations

DOCUMENTATION = r"""
module: compliance_period
author: The cloudbackup.m365 contributors (@cloudbackup-m365)
version_added: 1.0.0
short_description: Report what the histories of tenants prove for a period
description:
  - Reads C(history.jsonl) of each tenant, to which M(cloudbackup.m365.compliance_report) adds a line for each run of
    the gate, and writes C(period.json), C(period.html) and C(period.csv). They show when the gate ran and when it did
    not, what was red for how long, and who accepted it.
  - A tenant is V(proven) if no interval without a run is longer than O(max_gap), and its history is an unbroken chain.
    Otherwise it is V(gaps), V(broken_chain) or V(no_evidence). This does not depend on the verdicts of the runs.
  - Every line of a history contains the hash of the line before it. The chain is broken if a line was changed, removed,
    inserted or moved, or if a clock was set back. Later lines do not count. The newest line, and a history that was
    rewritten completely, are protected only by a hash that is stored separately. Pass it in O(anchors).
  - The time of a run is the time that the server reported, or the clock of the controller if no read was answered. A
    run does not count if its instant differs from that time by more than 1 hour, for example because C(compliance_now)
    was set.
  - If the history of a tenant cannot be read, the tenant is V(no_evidence), with the reason. The others are reported.
  - Publishes the summary as the custom statistic C(cloudbackup_period), as C(set_stats) does.
  - The files have mode C(0600) and are written as one unit, under a lock on the file C(.lock) in O(output_dir).
  - The task does not fail if the period is not proven. M(cloudbackup.m365.compliance_verdict) does, and the playbook
    C(cloudbackup.m365.period) runs both.
extends_documentation_fragment:
  - cloudbackup.m365._attributes.action
options:
  report_dir:
    description:
      - The directories with the folders of the tenants, such as the C(compliance_report_dir) of the gate. A list, its
        JSON or YAML text, or names separated by commas. It is required.
      - Several histories of a tenant are read as one if one continues the other or is a copy of a part of it.
    type: raw
  start:
    description: The first day of the period in UTC, such as V(2026-01-01). It is required.
    type: raw
  end:
    description: The last day of the period in UTC. It is required, and may be in the future.
    type: raw
  now:
    description: The instant of the report in ISO 8601. Later runs do not count. By default, the time of the run.
    type: raw
  max_gap:
    description:
      - The longest accepted interval without a run, such as V(26h). A longer one is a gap.
      - By default and with an empty text, V(26h).
    type: raw
  tenants:
    description:
      - The expected tenants. A tenant that is missing is V(no_evidence). By default, all tenants in the directories and
        those whose evidence the C(fleet.json) in O(report_dir) names.
      - A list of subjects, or of dictionaries with C(subject) and C(since), the first day on which the tenant is
        expected; its JSON or YAML text; or names separated by commas.
      - Tenants in the directories that are not listed are reported too. A tenant that is expected only after the period
        or after O(now) is not reported.
    type: raw
  anchors:
    description:
      - Hashes of lines that the history of a tenant must contain, by subject. A value is the C(history_sha256) that a
        run of the gate published, or a list of them. If the line is missing, the chain is broken.
      - A dictionary, or its JSON or YAML text.
    type: raw
  enforce:
    description:
      - Whether a period that is not proven fails the play. It is returned for M(cloudbackup.m365.compliance_verdict).
    type: raw
  output_dir:
    description:
      - The directory for the files of the report. It is created if it is missing.
      - By default, it is next to the first of O(report_dir) and named after it and the period, such as
        C(/var/lib/compliance-period-2026-01-01-2026-03-31).
    type: raw
  input_variables:
    description:
      - The names of variables that contain inputs. The key is the option that the variable replaces, which can be any
        option above.
      - If a template, a lookup or a vaulted value in such a variable fails, this is reported as a mistake in the input.
        The message names the variable, and contains no credentials of a URL.
      - If the value is passed as an option instead, Ansible evaluates it before the task begins, and prints what a
        failed lookup quotes.
    type: dict
    default: {}
seealso:
  - module: cloudbackup.m365.compliance_report
  - module: cloudbackup.m365.compliance_verdict
"""

EXAMPLES = r"""
- name: Report the first quarter
  cloudbackup.m365.compliance_period:
    report_dir: /var/lib/compliance
    start: "2026-01-01"
    end: "2026-03-31"
    tenants:
      - contoso
      - subject: fabrikam
        since: "2026-02-15"
    anchors:
      contoso: 0a1c1f0d3f9f5f0c6c2a54c6a2a6c6b9b7a6c4d8f5e1d2c3b4a5968778695a4b
  register: period

- name: Give the verdict
  cloudbackup.m365.compliance_verdict:
    report_variable: period
"""

RETURN = r"""
headline:
  description:
    - The worst standing, the period, the tenants by standing and the days by verdict, in at most 200 characters.
  returned: unless the inputs are invalid or the files could not be written
  type: str
  sample: "GAPS from 2026-01-01 to 2026-03-31: 2 tenants (1 with gaps, 1 proven); days: 176 compliant, 4 not proven."
findings:
  description:
    - A line of at most 400 characters for each tenant whose period is not proven, the worst first, and the path of the
      report.
  returned: unless the inputs are invalid
  type: list
  elements: str
  sample:
    - "GAPS fabrikam: 1 gap of over 26h without a run; the longest is 4 d 1 h, from 2026-02-01T02:00:00Z to
      2026-02-05T03:00:00Z. Days: 86 compliant, 4 not proven"
    - "Report: /var/lib/compliance-period-2026-01-01-2026-03-31/period.html"
summary:
  description: The summary that the task publishes.
  returned: unless the inputs are invalid
  type: dict
  contains:
    verdict:
      description: The worst standing of a tenant. V(no_evidence), V(broken_chain), V(gaps) or V(proven).
      type: str
      sample: gaps
    tenants:
      description: The number of tenants with each standing.
      type: dict
      sample: {no_evidence: 0, broken_chain: 0, gaps: 1, proven: 1}
    report:
      description: Path of C(period.html). V(null) in check mode.
      type: str
      sample: /var/lib/compliance-period-2026-01-01-2026-03-31/period.html
    sha256:
      description: SHA-256 of the bytes of C(period.json), also if it was not written.
      type: str
      sample: 5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef
enforce:
  description: O(enforce).
  returned: unless the inputs are invalid or the files could not be written
  type: bool
  sample: true
files:
  description: Absolute paths of the files. Empty in check mode.
  returned: unless the inputs are invalid or the files could not be written
  type: list
  elements: str
  sample: [/var/lib/compliance-period-2026-01-01-2026-03-31/period.json]
"""
