# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filter: from the raw inputs of the gate to everything that it goes by."""

from __future__ import annotations

DOCUMENTATION = r"""
name: compliance_plan
author: The cloudbackup.m365 contributors (@cloudbackup-m365)
version_added: 0.1.0
short_description: Settle the inputs of the compliance gate and plan what to read
description:
  - Takes the inputs of the role P(cloudbackup.m365.compliance#role) as they arrive, structures or text, and returns
    them settled, with the queries that the policy needs and every mistake at once.
  - It does not fail for what a person wrote. The caller asserts that there are no mistakes.
positional: now_default, subject_default
options:
  _input:
    description:
      - C(policy), C(waivers), C(now), C(subject), C(enforce), C(report_dir) and C(report_formats), all optional.
      - C(connection) and C(hosts), the number of hosts in the play, are only looked at for mistakes and not returned.
      - Each may be a text, structures as JSON or YAML. Null and the empty text stand for the default.
    type: dict
    required: true
  now_default:
    description: The instant that ages are measured from if the inputs name none, in ISO 8601.
    type: str
    required: true
  subject_default:
    description: The tenant's name if the inputs name none.
    type: str
    default: ""
seealso:
  - plugin: cloudbackup.m365.compliance_results
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Stop at mistakes before anything is read
  ansible.builtin.assert:
    that: plan.mistakes | length == 0
    fail_msg: "{{ plan.mistakes }}"
  vars:
    plan: "{{ {'policy': policy} | cloudbackup.m365.compliance_plan('2026-11-24T06:00:00Z', inventory_hostname) }}"
    policy:
      window: 2w
      checks:
        backup_recency:
          fail: 36h
"""

RETURN = r"""
_value:
  description: The settled inputs and the plan.
  type: dict
  contains:
    mistakes:
      description: One line per mistake, with its place, what was found and what is allowed.
      type: list
      elements: str
    policy:
      description: The policy with every default spelled out.
      type: dict
    waivers:
      description: The waivers with their scope and the last day on which they hold, as text.
      type: list
      elements: dict
    now:
      description: The instant that ages are measured from.
      type: str
    reads:
      description: Which of V(license) and V(jobs) have to be read.
      type: list
      elements: str
    queries:
      description: The C(queries) for M(cloudbackup.m365.cloudbackup_jobs_info).
      type: list
      elements: dict
    recent_jobs:
      description: How many of the newest jobs of each query the checks need.
      type: int
    subject:
      description: The tenant's name.
      type: str
    directory_name:
      description: The name of the tenant's directory, safe for a path, different for every subject.
      type: str
    enforce:
      description: Whether a red verdict fails the play.
      type: bool
    report_dir:
      description: Where reports go; empty for nowhere.
      type: str
    formats:
      description: The report formats; C(json) is always among them.
      type: list
      elements: str
"""

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.cloudbackup.m365.plugins.plugin_utils import _input_text
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance._inputs import INPUTS, settle_inputs
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance._plain import plain
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._connection_text import connection_mistakes


def compliance_plan(inputs: object, now_default: str, subject_default: str = "") -> dict[str, Any]:
    """The settled inputs. Raises AnsibleFilterError only for what the caller, not a person, got wrong."""
    allowed = (*INPUTS, "connection", "hosts")
    if not isinstance(inputs, Mapping) or not set(inputs) <= set(allowed):
        raise AnsibleFilterError(f"compliance_plan takes a dictionary with {', '.join(allowed)}")
    readable, unreadable = _input_text.readable(inputs)
    unreadable = connection_mistakes(inputs.get("connection"), inputs.get("hosts", 1)) + unreadable
    settled = settle_inputs(readable, plain(now_default), plain(subject_default))
    # The mistakes name the role's variables
    settled["mistakes"] = [f"compliance_{line}" for line in unreadable + settled["mistakes"]]
    if unreadable:
        settled.update(reads=[], queries=[], recent_jobs=0)
    return settled


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Any]:
        return {"compliance_plan": compliance_plan}
