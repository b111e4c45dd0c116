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
short_description: Create the report of a fleet of tenants, or find conflicts between its hosts
description:
  - Creates one report of many tenants, C(fleet.json) and C(fleet.html). It contains a matrix of tenants and checks,
    with the worst tenants first and a link to the report of each.
  - The tenants are the hosts of a play that the role P(cloudbackup.m365.compliance#role) has evaluated, or the evidence
    in directories. Set O(hosts) or O(directories).
  - The fleet is V(compliant) only if every tenant was evaluated and is compliant. The report also lists each tenant
    that could not be evaluated, with the reason.
  - Two tenants with the same subject, or with the same app registration (client ID and URL), are both in doubt, because
    one of them was not read.
  - Publishes the summary as the custom statistic C(cloudbackup_fleet), as C(set_stats) does.
  - With O(mode=conflicts), it finds hosts with unreadable variables or a duplicate subject before the gate begins. A
    task on a host with unreadable variables, such as a vaulted file without its password, would end the whole playbook.
    Hosts with the same subject would overwrite each other's evidence.
  - With the format V(csv), it also writes C(fleet.csv), with a row for each result of each tenant. With V(metrics), it
    writes C(fleet.prom), with the metrics of all tenants for Prometheus.
  - The files have mode C(0600) and are written as one unit, under a lock on the file C(.lock) in O(report_dir). The
    task fails if it cannot get the lock within 60 seconds.
  - Run the task once for all hosts, as the playbooks C(cloudbackup.m365.gate) and C(cloudbackup.m365.fleet_report) do.
extends_documentation_fragment:
  - cloudbackup.m365._attributes.action
options:
  mode:
    description: Whether to report the tenants, or to find conflicts between O(hosts) before they are evaluated.
    type: str
    choices: [conflicts, report]
    default: report
  hosts:
    description:
      - The hosts whose results are reported, after C(tasks_from=judge) of the role. The results are taken from
        their variables.
      - A host without an evaluation is reported as not judged.
    type: list
    elements: str
  group:
    description:
      - With O(mode=conflicts), an inventory group whose hosts in the play are used instead of O(hosts). The task fails
        if there are none.
    type: str
  directories:
    description:
      - Directories with a folder for each tenant, such as the C(compliance_report_dir) of each slice of a job. A list,
        its JSON or YAML text, or names separated by commas.
      - The C(fleet.json) of a directory lists its tenants. A directory without this file, or with an unknown
        C(schema_version) in it, is red.
      - Every C(evidence.json) is evaluated again by its own policy, waivers and instant. It is in doubt if its verdict
        does not follow from its data.
      - A tenant that a C(fleet.json) lists as not judged is reported as not judged. For a tenant that it lists as
        judged, one of the directories must contain the evidence with that C(sha256).
      - Evidence that cannot be read, evidence that no C(fleet.json) lists, and different evidence for the same subject
        are red.
      - A folder with a C(period.json) is skipped.
    type: raw
  max_age:
    description:
      - The age over which evidence in O(directories) is in doubt, because the gate may have stopped running. A duration
        such as V(26h).
      - It is calculated from the instant of the evidence or the time of the server in it, whichever is earlier.
    type: str
    default: 26h
  report_dir:
    description:
      - The directory for the files, on the controller. It is created if it is missing. If it is not set, nothing is
        written.
      - With O(hosts), rows of an existing C(fleet.json) are kept if their host is in the inventory group C(tenants) but
        not in O(hosts), as after a run with C(--limit). They have C(judged_in_this_run=false) and do not count for the
        verdict and the counts. If the existing file cannot be read, the task warns.
      - Links to the reports of the tenants are relative to it.
    type: path
  report_formats:
    description:
      - The report formats, with the choices of O(cloudbackup.m365.compliance_report#module:formats). V(csv) adds
        C(fleet.csv) and V(metrics) adds C(fleet.prom). C(fleet.json) and C(fleet.html) are always written.
      - A list, its JSON or YAML text, or names separated by commas.
      - With O(hosts), the formats that any of the hosts requests are added. Files of an earlier run in other formats
        are removed.
    type: raw
  input_variables:
    description:
      - The names of variables that contain inputs. The key is the option that the variable replaces, which is
        O(directories), O(max_age), O(now), O(report_dir) or O(report_formats). An empty variable leaves O(max_age) and
        O(now) as they are.
      - If a template, a lookup or a vaulted value in such a variable fails, this is reported as a mistake in the input.
        The message names the variable, and contains no credentials of a URL.
      - The variables of O(report_dir) and O(report_formats) do not prevent the report. If the directory of the host of
        the task cannot be read, that of the first of O(hosts) for which it can be read is used. If there is none, the
        report cannot be written. If the formats cannot be read, none is added.
    type: dict
    default: {}
  now:
    description: The instant of the report in ISO 8601, from which ages are calculated. Required with O(mode=report).
    type: str
  deferred:
    description:
      - Whether to return the reason in C(msg) if the report cannot be written, instead of failing the task.
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
    now: "{{ '%Y-%m-%dT%H:%M:%SZ' | ansible.builtin.strftime(utc=true) }}"
  register: fleet

- name: Find hosts with unreadable variables or a duplicate subject
  cloudbackup.m365.compliance_fleet:
    mode: conflicts
    hosts: "{{ ansible_play_hosts_all }}"
  register: conflicts
  run_once: true

- name: Show the red tenants
  ansible.builtin.debug:
    var: fleet.findings
"""

RETURN = r"""
headline:
  description:
    - The verdict of the fleet, the number of tenants with each verdict, and the number of rows of earlier runs that do
      not count, in one line of at most 200 characters.
  returned: with O(mode=report), unless the inputs are invalid
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
  returned: with O(mode=report), unless the inputs are invalid
  type: dict
  contains:
    verdict:
      description: V(compliant), V(non_compliant) or V(undetermined).
      type: str
      sample: non_compliant
    tenants:
      description: The number of tenants. Rows of an earlier run do not count.
      type: int
      sample: 3
    counts:
      description: The number of tenants that are V(non_compliant), V(not_judged), V(undetermined) and V(compliant).
      type: dict
      sample: {non_compliant: 1, not_judged: 1, undetermined: 0, compliant: 1}
    red:
      description: The subjects of the red tenants, the worst first, at most 20.
      type: list
      elements: str
      sample: [fabrikam, northwind]
    not_judged:
      description: The tenants that were not judged, at most 5, each with the reason.
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
  description: The reasons, by host, for failing it even without enforcement. It was not judged, or is in doubt.
  returned: with O(mode=report), unless the inputs are invalid
  type: dict
  sample: {web1: ["web1: NOT JUDGED. compliance_policy.window: expected a duration, got \"7 parsecs\""]}
runs:
  description: RV(cloudbackup.m365.compliance_plan#module:run) of each host, by host.
  returned: with O(hosts) and O(mode=report), unless the inputs are invalid
  type: dict
  sample: {contoso: 1}
files:
  description: Absolute paths of the files. Empty in check mode and without O(report_dir).
  returned: with O(mode=report), unless the inputs are invalid
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
  description: The reason, by host, for which its variables cannot be read. Hosts with readable variables are missing.
  returned: with O(mode=conflicts)
  type: dict
  sample: {web3: Attempting to decrypt but no vault secrets found.}
shared:
  description:
    - The other hosts with the same subject, by host, for M(cloudbackup.m365.compliance_plan). Hosts with a unique
      subject are missing.
  returned: with O(mode=conflicts)
  type: dict
  sample: {web1: [web2], web2: [web1]}
shared_registration:
  description:
    - The other hosts that were read with the same app registration, by host. Hosts that were not read yet are missing.
  returned: with O(mode=conflicts)
  type: dict
  sample: {web1: [web2], web2: [web1]}
"""
