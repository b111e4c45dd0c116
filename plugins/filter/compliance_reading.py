# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filter: from the registered results of both modules to what the evaluator goes by."""

from __future__ import annotations

DOCUMENTATION = r"""
name: compliance_reading
author: The cloudbackup.m365 contributors (@cloudbackup-m365)
version_added: 0.1.0
short_description: Gather what was read for the compliance evaluation
description:
  - Takes the registered results of M(cloudbackup.m365.cloudbackup_license_info) and
    M(cloudbackup.m365.cloudbackup_jobs_info) and returns the input of P(cloudbackup.m365.compliance_results#filter).
  - Of each result only what the server told is kept. A result that is none becomes an error of the reading, and a task
    that was skipped neither.
options:
  _input:
    description: The registered results under C(license) and C(jobs).
    type: dict
    required: true
seealso:
  - plugin: cloudbackup.m365.compliance_results
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Judge what was read
  ansible.builtin.debug:
    msg: "{{ read | cloudbackup.m365.compliance_results({}, [], '2026-11-24T06:00:00Z') }}"
  vars:
    read: "{{ {'license': license_result, 'jobs': jobs_result} | cloudbackup.m365.compliance_reading }}"
"""

RETURN = r"""
_value:
  description: The reading.
  type: dict
  contains:
    license:
      description: C(license) and C(api) of the result, or null.
      type: dict
    jobs:
      description: C(groups), C(summary), C(complete), C(query) and C(api) of the result, or null.
      type: dict
    errors:
      description: The reads that failed, each with C(read), C(message) and C(failure).
      type: list
      elements: dict
"""

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance._plain import plain

KEPT = {
    "license": ("license", "api"),
    "jobs": ("groups", "summary", "complete", "query", "api"),
}
"""Of each result; the first key tells whether it is one. Ansible's own argument errors have no C(failure)."""


def compliance_reading(results: object) -> dict[str, Any]:
    """The evaluator's input. Raises AnsibleFilterError for what is no pair of results."""
    if not isinstance(results, Mapping) or set(results) != set(KEPT):
        raise AnsibleFilterError("compliance_reading takes a dictionary with license and jobs")
    reading: dict[str, Any] = {"errors": []}
    for read, keys in KEPT.items():
        result = plain(results[read])
        result = result if isinstance(result, dict) else {}
        is_read = keys[0] in result and not result.get("failed")
        reading[read] = {key: result.get(key) for key in keys} if is_read else None
        if not is_read and not result.get("skipped"):
            message = str(result.get("msg") or "the task ended without a result")
            reading["errors"].append({"read": read, "message": message, "failure": result.get("failure")})
    return reading


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Any]:
        return {"compliance_reading": compliance_reading}
