# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filter: from what was read to the evaluation."""

from __future__ import annotations

DOCUMENTATION = r"""
name: compliance_results
author: The cloudbackup.m365 contributors (@cloudbackup-m365)
version_added: 1.0.0
short_description: Judge what was read from Cloud Backup for Microsoft 365
description:
  - Applies every check of a compliance policy to the results of M(cloudbackup.m365.cloudbackup_license_info) and
    M(cloudbackup.m365.cloudbackup_jobs_info) and returns the evaluation.
  - It reads no clock and no file. The same input gives the same output, byte for byte, so that stored evidence can be
    judged again.
  - What cannot be told from the input is C(error) and never C(pass).
positional: policy, waivers, now
options:
  _input:
    description:
      - The whole results of the info modules under C(license), C(jobs), C(settings) and C(unusual_activity), null where
        a read failed or was not needed, and the failures under C(errors), a list of dictionaries with C(read) (such as
        V(license)), C(message) and C(failure).
      - Optionally C(connection) and C(now_given), as M(cloudbackup.m365.compliance_plan) returns them.
    type: dict
    required: true
  policy:
    description:
      - The policy, merged over the defaults. JSON or YAML text is accepted too.
      - An unknown key, a wrong value or a contradiction fails the filter, with every mistake at once.
    type: dict
    required: true
  waivers:
    description:
      - Waivers, each with C(check), C(scope), C(reason), C(approver) and C(expires). JSON or YAML text is accepted too.
    type: list
    elements: dict
    required: true
  now:
    description: The instant that every age is measured from, in ISO 8601.
    type: str
    required: true
seealso:
  - module: cloudbackup.m365.compliance_plan
  - module: cloudbackup.m365.compliance_report
"""

EXAMPLES = r"""
- name: Judge what was read
  ansible.builtin.debug:
    msg: "{{ (read | cloudbackup.m365.compliance_results(policy, waivers, '2026-11-24T06:00:00Z')).verdict }}"
  vars:
    read:
      license: "{{ license_result }}"
      jobs: "{{ jobs_result }}"
      errors: []
    policy:
      services: [exchange_online, teams]
    waivers: []
"""

RETURN = r"""
_value:
  description: The evaluation.
  type: dict
  contains:
    verdict:
      description:
        - V(compliant) if every check passed, warned or is waived; V(non_compliant) if a check failed;
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
      sample: {fail: 1, error: 0, warn: 0, waived: 0, not_applicable: 1, pass: 44}
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
          remediation: "Release seats of people who have left, or buy seats before more users have to be protected.
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

from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.evaluation.evaluate import evaluate
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.settle import settle_criteria
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.model.registration import PARTS
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller.plain import plain
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller.structured_text import structure


def compliance_results(read: object, policy: object, waivers: object, now: object) -> dict[str, Any]:
    """Return the evaluation of a reading. Raises AnsibleFilterError for mistakes in policy, waivers or now."""
    try:
        criteria, mistakes = settle_criteria(
            _structure("policy", policy, {}), _structure("waivers", waivers, []), plain(now)
        )
        if mistakes:
            raise AnsibleFilterError("compliance_results: " + "\n".join(mistakes))
        return evaluate(_reading(read), *criteria)
    except ValueError as error:
        raise AnsibleFilterError(f"compliance_results: {error}") from error


def _reading(read: object) -> Any:
    """Return the reading in plain data. Without C(connection) nothing was planned, and the instant was not given."""
    data = plain(read)
    if not isinstance(data, dict):
        return data
    return {"connection": dict.fromkeys(PARTS), "now_given": False, **data}


def _structure(name: str, value: object, default: object) -> object:
    """Return plain data out of a structure or its text; the default for nothing."""
    if value is None or value == "":
        return default
    try:
        return plain(structure(value) if isinstance(value, str) else value)
    except ValueError as error:
        raise ValueError(f"{name} {error}") from error


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Any]:
        return {"compliance_results": compliance_results}
