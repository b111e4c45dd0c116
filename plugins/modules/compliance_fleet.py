#!/usr/bin/python
# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The work is done on the controller, by the action plugin of the same name.

from __future__ import annotations

DOCUMENTATION = r"""
module: compliance_fleet
author: The cloudbackup.m365 contributors (@cloudbackup-m365)
version_added: 1.0.0
short_description: Report many tenants together, or find what would hide one of them
description:
  - Makes one report of many tenants, C(fleet.json) and C(fleet.html), a matrix of tenants and checks with the worst
    tenants first and a link to the report of each.
  - The tenants are the hosts of a play that the role P(cloudbackup.m365.compliance#role) has judged, or the evidence
    that is found in folders. Give O(hosts) or O(directories).
  - The fleet is V(compliant) only if every tenant of it was judged and is compliant. A tenant that could not be judged
    is in the report, with the reason.
  - Two tenants of the same subject or with the same app registration, client ID and URL, are in doubt, both of them.
    One of the two was not read.
  - Publishes the summary as the custom statistic C(cloudbackup_fleet), as C(set_stats) does.
  - With O(mode=conflicts) it finds beforehand the hosts that cannot be judged beside the others. A task on a host with
    unreadable variables, such as a vaulted file without its password, would end the whole playbook. Hosts with the same
    subject would overwrite each other's evidence.
  - With the formats V(csv) and V(metrics) also C(fleet.csv), the results of all tenants as rows, and C(fleet.prom), the
    metrics of all tenants for Prometheus.
  - The files have mode C(0600) and are written as one unit, under a lock on the file C(.lock) in O(report_dir). The
    task fails if it cannot get the lock within 60 seconds.
  - Meant to run once for all hosts. The playbooks C(cloudbackup.m365.gate) and C(cloudbackup.m365.fleet_report) do.
extends_documentation_fragment:
  - cloudbackup.m365._attributes.action
options:
  mode:
    description: Whether to report the tenants, or to find conflicts between O(hosts) before they are judged.
    type: str
    choices: [conflicts, report]
    default: report
  hosts:
    description:
      - The hosts whose results are reported, after C(tasks_from=judge) of the role. The results are taken from
        their variables.
      - A host without a judgement is reported as not judged.
    type: list
    elements: str
  group:
    description:
      - Instead of O(hosts) with O(mode=conflicts), the hosts of the play that are in this group of the inventory. The
        task fails if there is none.
    type: str
  directories:
    description:
      - Folders that hold a folder for each tenant, such as the C(compliance_report_dir) of the slices of a job. A list,
        its JSON or YAML text, or names with commas between.
      - The C(fleet.json) in each names the tenants that it should hold. A folder without one, or with one of an unknown
        C(schema_version), is red.
      - Every C(evidence.json) in them is judged again by its own policy, waivers and instant, and is in doubt if the
        verdict in it does not follow from what was read.
      - A tenant that a C(fleet.json) names as not judged is not judged here either. One that it names as judged needs
        the evidence with that C(sha256), in any of the folders.
      - Evidence that cannot be read, that no C(fleet.json) names, and two different ones of one subject are red.
      - A folder that holds a C(period.json) instead of tenants is skipped.
    type: raw
  max_age:
    description:
      - The age over which an evidence in O(directories) is in doubt, since a gate may have stopped running. A duration
        such as V(26h).
      - Measured from the instant of the evidence, or from the time of the server that it was read from, whichever is
        earlier.
    type: str
    default: 26h
  report_dir:
    description:
      - The directory for the files, on the controller. It is made if it is missing. Without it nothing is written.
      - With O(hosts), rows of a C(fleet.json) that is already there are kept if their host is in the inventory group
        C(tenants) and not in O(hosts), as after a run with C(--limit). They have C(judged_in_this_run=false) and are no
        part of the verdict and the counts. If that file cannot be read, the task warns.
      - Links to the reports of the tenants are relative to it.
    type: path
  report_dir_variable:
    description:
      - Instead of O(report_dir), the name of the variable that holds the directory. If it cannot be read for the host
        of the task, the first of O(hosts) for which it can be read decides. If there is none, the report cannot be
        written, and the message names the variable without credentials that a failed lookup in it may quote.
    type: str
  report_formats:
    description:
      - The report formats, out of those of O(cloudbackup.m365.compliance_report#module:formats). V(csv) adds
        C(fleet.csv) and V(metrics) adds C(fleet.prom). C(fleet.json) and C(fleet.html) are always written.
      - A list, its JSON or YAML text, or names with commas between.
      - With O(hosts), those that the role planned for any of the hosts are written as well. A file that is not asked
        for and is there from an earlier run is removed.
    type: raw
  report_formats_variable:
    description:
      - Instead of O(report_formats), the name of the variable that contains the formats. If it cannot be read, none is
        added.
    type: str
  now:
    description: The instant of the report in ISO 8601, which ages are measured from. Required with O(mode=report).
    type: str
  deferred:
    description:
      - Whether a report that cannot be written is returned with the reason in C(msg), instead of failing the task.
    type: bool
    default: false
seealso:
  - module: cloudbackup.m365.compliance_report
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

- name: Find hosts with unreadable variables or a duplicate subject
  cloudbackup.m365.compliance_fleet:
    mode: conflicts
    hosts: "{{ ansible_play_hosts_all }}"
  register: conflicts
  run_once: true

- name: Show what is red
  ansible.builtin.debug:
    var: fleet.findings
"""

RETURN = r"""
headline:
  description:
    - The verdict of the fleet, how many tenants have each, and how many of earlier runs it leaves out, in one line of
      at most 200 characters.
  returned: with O(mode=report), unless the inputs are wrong
  type: str
  sample: "NON-COMPLIANT: 3 tenants (1 non-compliant, 1 not judged, 1 compliant)."
findings:
  description:
    - A line of at most 400 characters for each red tenant, the worst first, and the path of the report.
  returned: with O(mode=report), and if the report could not be written
  type: list
  elements: str
  sample:
    - "NON-COMPLIANT fabrikam: 1 check failed. FAIL license_seats: 108 of 100 seats (108 %)"
    - "Report: /var/lib/compliance/fleet.html"
summary:
  description: The summary that the role publishes. Its size does not grow with the fleet.
  returned: with O(mode=report), unless the inputs are wrong
  type: dict
  contains:
    verdict:
      description: V(compliant), V(non_compliant) or V(undetermined).
      type: str
      sample: non_compliant
    tenants:
      description: How many tenants there are. Rows of an earlier run do not count.
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
    not_judged:
      description: Tenant and reason for those that were not judged, at most 5.
      type: list
      elements: str
      sample: ["northwind: compliance_policy: unknown key service."]
    report:
      description: Path of C(fleet.html). V(null) if nothing was written.
      type: str
      sample: /var/lib/compliance/fleet.html
    sha256:
      description: SHA-256 of the bytes of C(fleet.json), also if it was not written.
      type: str
      sample: 5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef
refused:
  description: By host, why it fails also without enforcement. It was not judged, or what was judged is in doubt.
  returned: with O(mode=report), unless the inputs are wrong
  type: dict
  sample: {web1: ["web1: NOT JUDGED. compliance_policy.window: expected a duration, got \"7 parsecs\""]}
files:
  description: Absolute paths of the files. Empty in check mode and without O(report_dir).
  returned: with O(mode=report), unless the inputs are wrong
  type: list
  elements: str
  sample: [/var/lib/compliance/fleet.html, /var/lib/compliance/fleet.json]
hosts:
  description: O(hosts).
  returned: with O(mode=conflicts)
  type: list
  elements: str
  sample: [web1, web2, web3]
unreadable:
  description: By host, why its variables cannot be read. A host with readable variables is missing.
  returned: with O(mode=conflicts)
  type: dict
  sample: {web3: Attempting to decrypt but no vault secrets found.}
shared:
  description:
    - By host, the other hosts with the same subject, for M(cloudbackup.m365.compliance_plan). A host with a unique
      subject is missing.
  returned: with O(mode=conflicts)
  type: dict
  sample: {web1: [web2], web2: [web1]}
"""
