#!/usr/bin/python
# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The work is done on the controller, by the action plugin of the same name.

from __future__ import annotations

DOCUMENTATION = r"""
module: compliance_fleet
author: The cloudbackup.m365 contributors (@cloudbackup-m365)
version_added: 0.2.0
short_description: Report many tenants together
description:
  - Makes one report of many tenants, C(fleet.json) and C(fleet.html), a matrix of tenants and checks with the worst
    tenants first and a link to the report of each.
  - The tenants are the hosts of a play that the role P(cloudbackup.m365.compliance#role) has judged, or the evidence
    that is found in folders. Give O(hosts) or O(directories).
  - The fleet is V(compliant) only if every tenant of it was judged and is compliant. A tenant that could not be judged
    is in the report, with the reason.
  - Two tenants of the same subject or with the same app registration are in doubt, both of them. One of the two was not
    looked at.
  - Both files have mode C(0600) and are written beside their places and then moved into them.
  - Meant to run once for all hosts. The playbooks C(cloudbackup.m365.gate) and C(cloudbackup.m365.fleet_report) do.
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
  hosts:
    description:
      - The hosts whose results are reported, in tasks after C(tasks/judge.yml) of the role. The results are taken from
        their variables.
      - A host without a judgement is reported as not judged.
    type: list
    elements: str
  directories:
    description:
      - Folders that hold a folder for each tenant, such as the C(compliance_report_dir) of the slices of a job. A list,
        its JSON or YAML text, or names with commas between.
      - Every C(evidence.json) in them is judged again by its own policy, waivers and instant, and is in doubt if the
        verdict in it does not follow from what was read.
      - Tenants that a C(fleet.json) in such a folder names as not judged are not judged here either.
      - An evidence that cannot be read, a folder without any, and two different ones of one subject are red.
    type: raw
  max_age:
    description:
      - The age over which an evidence in O(directories) is in doubt, since a gate may have stopped running. A duration
        such as V(26h).
    type: str
    default: 26h
  report_dir:
    description:
      - The directory for the two files, on the controller. It is made if it is missing. Without it nothing is written.
      - Links to the reports of the tenants are relative to it.
    type: path
  now:
    description: The instant of the report in ISO 8601, which ages are measured from.
    type: str
    required: true
seealso:
  - module: cloudbackup.m365.compliance_evidence
  - module: cloudbackup.m365.compliance_tenants
"""

EXAMPLES = r"""
- name: Report the tenants of two slices
  cloudbackup.m365.compliance_fleet:
    directories:
      - /var/lib/compliance/slice1
      - /var/lib/compliance/slice2
    report_dir: /var/lib/compliance
    now: "{{ now(utc=true).strftime('%Y-%m-%dT%H:%M:%SZ') }}"
  register: fleet

- name: Show what is red
  ansible.builtin.debug:
    var: fleet.findings
"""

RETURN = r"""
findings:
  description: The fleet in lines. A headline, then a line for each red tenant, the worst first.
  returned: when the tenants could be told
  type: list
  elements: str
  sample:
    - "NON-COMPLIANT: 3 tenants (1 non-compliant, 1 not judged, 0 undetermined, 1 compliant). Of 3: 1 not compliant, 1
      not judged at all."
    - "NON-COMPLIANT fabrikam: 1 check failed. FAIL license_seats license: 108 of 100 seats (108 %)"
summary:
  description: What is worth passing around. Its size does not grow with the fleet.
  returned: when the tenants could be told
  type: dict
  contains:
    verdict:
      description: V(compliant), V(non_compliant) or V(undetermined).
      type: str
      sample: non_compliant
    tenants:
      description: How many tenants there are.
      type: int
      sample: 3
    counts:
      description: How many of them are V(non_compliant), V(not_judged), V(undetermined) and V(compliant).
      type: dict
      sample: {non_compliant: 1, not_judged: 1, undetermined: 0, compliant: 1}
    red:
      description: The subjects of the red tenants, the worst first, at most 20.
      type: list
      elements: str
      sample: [fabrikam, northwind]
    report:
      description: Path of C(fleet.html). V(null) if nothing was written.
      type: str
      sample: /var/lib/compliance/fleet.html
    sha256:
      description: SHA-256 of the bytes of C(fleet.json), also if it was not written.
      type: str
      sample: 5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef
refused:
  description: By host, why it fails whatever is enforced. It was not judged, or what was judged is in doubt.
  returned: when the tenants could be told
  type: dict
  sample: {web1: ["web1: NOT JUDGED. compliance_policy.window: found \"7 parsecs\", allowed is a duration."]}
files:
  description: Absolute paths of the files. Empty in check mode and without O(report_dir).
  returned: when the tenants could be told
  type: list
  elements: str
  sample: [/var/lib/compliance/fleet.html, /var/lib/compliance/fleet.json]
"""
