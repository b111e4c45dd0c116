# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filter: evaluate the data that was read."""

from __future__ import annotations

DOCUMENTATION = r"""
name: compliance_results
author: The cloudbackup.m365 contributors (@cloudbackup-m365)
version_added: 1.0.0
short_description: Evaluate data that was read from Cloud Backup for Microsoft 365
description:
  - Applies every check of a compliance policy to the results of M(cloudbackup.m365.cloudbackup_license_info) and
    M(cloudbackup.m365.cloudbackup_jobs_info) and returns the evaluation.
  - The filter does not read the clock or any file. The same input gives the same output, byte for byte, so stored
    evidence can be evaluated again.
  - A check that cannot be determined from the input is C(error), never C(pass).
positional: policy, waivers, now
options:
  _input:
    description:
      - The results of the info modules under C(license), C(jobs), C(settings) and C(unusual_activity), null where a
        read failed or was not needed, and the failures under C(errors), a list of dictionaries with C(read) (such as
        V(license)), C(message) and C(failure).
      - Optionally C(connection) and C(now_given), as M(cloudbackup.m365.compliance_plan) returns them.
    type: dict
    required: true
  policy:
    description:
      - The policy, merged over the defaults. JSON or YAML text is accepted too.
      - The filter fails on unknown keys, invalid values and contradictions, and reports all of them at once.
    type: dict
    required: true
  waivers:
    description:
      - Waivers, each with C(check), C(scope), C(reason), C(approver) and C(expires). JSON or YAML text is accepted too.
    type: list
    elements: dict
    required: true
  now:
    description: The current time for the evaluation, in ISO 8601. All ages are measured from it.
    type: str
    required: true
seealso:
  - module: cloudbackup.m365.compliance_plan
  - module: cloudbackup.m365.compliance_report
"""

EXAMPLES = r"""
- name: Evaluate the data that was read
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
          V(undetermined) if no check failed, but a result could not be determined or a part of the tenant was not
          verified by any check.
      type: str
      sample: non_compliant
    reason:
      description: The reason for the verdict in one sentence.
      type: str
      sample: 1 check failed.
    counts:
      description: The number of results with each of the six statuses.
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
        - C(days_left) is the number of days from today to the last day of the waiver, in UTC. It is 0 on that day and
          negative once the waiver has expired.
        - C(warnings) is a list of texts. A waiver has a warning if it has expired, if it expires within 14 days, if it
          is unused (with the reason), or if it is too wide. A waiver is too wide if its scope is V(all) and only some
          of the scopes of the check failed. It still applies.
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
      description: What the gate did not evaluate, each with C(what) and C(why).
      type: list
      elements: dict
      sample: [{what: "services power_bi, power_automate", why: not among the policy's services}]
    window:
      description: The window that was evaluated, with C(start) and C(end) (ISO 8601 UTC) and C(length), a duration.
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
    """Return the evaluation of a reading. Raise AnsibleFilterError for mistakes in policy, waivers or now."""
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
    """Return the reading as plain data, with defaults for a reading that no plan was made for."""
    data = plain(read)
    if not isinstance(data, dict):
        return data
    return {"connection": dict.fromkeys(PARTS), "now_given": False, **data}


def _structure(name: str, value: object, default: object) -> object:
    """Return plain data from a structure or its text; the default for null and empty text."""
    if value is None or value == "":
        return default
    try:
        return plain(structure(value) if isinstance(value, str) else value)
    except ValueError as error:
        raise ValueError(f"{name} {error}") from error


class FilterModule:
    """The class that Ansible loads."""

    def filters(self) -> dict[str, Any]:
        return {"compliance_results": compliance_results}
