#!/usr/bin/python
# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The work is done on the controller, by the action plugin of the same name.

from __future__ import annotations

DOCUMENTATION = r"""
module: compliance_evaluation
author: The cloudbackup.m365 contributors (@cloudbackup-m365)
version_added: 0.2.0
short_description: Judge what was registered of Cloud Backup for Microsoft 365
description:
  - Applies every check of a compliance policy to the registered results of
    M(cloudbackup.m365.cloudbackup_license_info) and M(cloudbackup.m365.cloudbackup_jobs_info), as
    P(cloudbackup.m365.compliance_results#filter) does.
  - The results are named and not given, since a template would go through every value of every job in them.
  - A read that failed is no mistake. What cannot be told without it is C(error) in the evaluation.
attributes:
  action:
    description: Runs on the controller.
    support: full
  async:
    description: Can be run in the background.
    support: none
  check_mode:
    description: Changes nothing and returns the same.
    support: full
  diff_mode:
    description: Shows what changes.
    support: none
  platform:
    description: Where it runs.
    support: full
    platforms: posix
options:
  license_variable:
    description: The name of the variable in which the result of the license module was registered.
    type: str
    required: true
  jobs_variable:
    description: The name of the variable in which the result of the jobs module was registered.
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
    description: The instant that ages are measured from, in ISO 8601.
    type: str
    required: true
seealso:
  - module: cloudbackup.m365.compliance_plan
  - module: cloudbackup.m365.compliance_evidence
  - plugin: cloudbackup.m365.compliance_results
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Judge what was read
  cloudbackup.m365.compliance_evaluation:
    license_variable: license_result
    jobs_variable: jobs_result
    policy: "{{ plan.policy }}"
    waivers: "{{ plan.waivers }}"
    now: "{{ plan.now }}"
  register: judged
"""

RETURN = r"""
evaluation:
  description: The evaluation, as P(cloudbackup.m365.compliance_results#filter) returns it.
  returned: success
  type: dict
  contains:
    verdict:
      description:
        - V(compliant) if every check was seen to be in order, warned or is waived; V(non_compliant) if a check failed;
          V(undetermined) if it cannot be told.
      type: str
      sample: non_compliant
    reason:
      description: The verdict's reason in one sentence.
      type: str
      sample: 1 check failed.
    counts:
      description: How many results have each status, all six always.
      type: dict
      sample: {fail: 1, error: 0, warn: 0, waived: 0, not_applicable: 1, pass: 48}
    results:
      description:
        - One entry per check and scope, in the order of the catalogue and of the policy's services, with C(check),
          C(title), C(scope), C(status) (V(pass), V(warn), V(fail), V(error), V(waived) or V(not_applicable)),
          C(observed), C(expected), C(message), C(remediation), C(controls) and C(jobs).
      type: list
      elements: dict
      sample:
        - check: license_seats
          title: Seats in use
          scope: license
          status: fail
          observed: 108 of 100 seats (108 %)
          expected: at most 100 % of the purchased seats in use (warning from 90 %)
          message: 108 of 100 seats (108 %) are in use, 8 more than purchased.
          remediation: "Release seats of people who have left, or buy seats before more users are to be protected.
            https://github.com/cloudbackup/cloudbackup.m365/blob/main/docs/docsite/rst/from_finding_to_fix.rst#license-seats"
          controls: [NIST SP 800-53r5 CM-10 b]
          jobs: []
    waivers:
      description:
        - Every waiver with its C(state) (V(used), V(unused) or V(expired)), its C(days_left), the scopes in
          C(applied_to) and its C(warnings).
        - C(days_left) counts the days from today to the last one on which the waiver holds, in UTC. It is 0 on that
          day and negative once the waiver has expired.
        - C(warnings) is a list of texts. It says that the waiver has expired, that it expires within 14 days, that it
          is unused and why, or that it is too wide. Too wide is a waiver for the scope V(all) where the check was
          judged at several scopes and only some of them failed. It still holds.
      type: list
      elements: dict
      sample:
        - check: license_seats
          scope: all
          reason: 20 seats are ordered
          approver: J. Doe
          expires: "2026-12-31"
          state: used
          days_left: 37
          applied_to: [license]
          warnings: []
    not_judged:
      description: What a green verdict says nothing about, each with C(what) and C(why).
      type: list
      elements: dict
      sample: [{what: "services power_bi, power_automate", why: not among the policy's services}]
    window:
      description: The window that was judged, with C(start) and C(end) (ISO 8601 UTC) and C(length), a duration.
      type: dict
      sample: {start: "2026-11-17T06:00:00Z", end: "2026-11-24T06:00:00Z", length: 7d}
"""
