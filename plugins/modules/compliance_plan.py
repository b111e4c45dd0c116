#!/usr/bin/python
# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The work is done on the controller, by the action plugin of the same name.

from __future__ import annotations

DOCUMENTATION = r"""
module: compliance_plan
author: The cloudbackup.m365 contributors (@cloudbackup-m365)
version_added: 1.0.0
short_description: Settle the inputs of the compliance gate and plan what to read
description:
  - Takes the inputs of the role P(cloudbackup.m365.compliance#role) as they arrive, structures or text, and returns
    them settled, with the queries that the policy needs.
  - Fails with every mistake at once, a line each, before anything is read.
extends_documentation_fragment:
  - cloudbackup.m365._attributes.action
options:
  baseline:
    description:
      - A policy that many tenants share. O(policy) is merged over it. It may be JSON or YAML text.
      - Dictionaries are merged deeply; lists and single values are replaced.
    type: raw
  policy:
    description:
      - The policy, which is merged over O(baseline), and with it over the defaults. It may be JSON or YAML text.
      - Null and an empty text mean the default, for this and for every other input.
    type: raw
  waivers:
    description: A list of waivers. It may be JSON or YAML text.
    type: raw
  now:
    description: The instant that ages are measured from, in ISO 8601.
    type: raw
  subject:
    description: The tenant's name.
    type: raw
  enforce:
    description: Whether a red verdict fails the play.
    type: raw
  report_dir:
    description: Where reports go; empty for nowhere.
    type: raw
  history:
    description: Whether the run adds a line to the history of the tenant.
    type: raw
  report_formats:
    description: The formats of the reports, a list, its JSON or YAML text, or names with commas between them.
    type: raw
  now_default:
    description: The instant that ages are measured from without O(now).
    type: str
    required: true
  subject_default:
    description: The tenant's name without O(subject).
    type: str
    default: ""
  connection_variable:
    description:
      - The name of the variable that holds the connection options. They are checked for mistakes, and neither returned
        nor repeated in a message, since they may hold a secret.
    type: str
  input_variables:
    description:
      - The names of variables that hold inputs, by the name of the option that each takes the place of. These are
        O(baseline), O(policy), O(waivers), O(now), O(subject), O(enforce), O(report_dir), O(report_formats)
        and O(history).
      - If a template, a lookup or a vaulted value in such a variable fails, that is a mistake in this input like any
        other. The message names the variable, and repeats no credentials of a URL and no secret of the connection.
      - If the value is given as an option instead, Ansible reads it before the task begins, and prints what a failed
        lookup quotes.
    type: dict
    default: {}
  hosts:
    description: The number of hosts in the play. With several of them each needs its own connection.
    type: int
    default: 1
  same_subject:
    description: Other hosts of the play that have the same subject. Any of them is a mistake.
    type: list
    elements: str
    default: []
  deferred:
    description:
      - Whether mistakes are returned instead of failing the task, for M(cloudbackup.m365.compliance_verdict), which
        prints them.
    type: bool
    default: false
seealso:
  - plugin: cloudbackup.m365.compliance_results
    plugin_type: filter
  - module: cloudbackup.m365.compliance_report
"""

EXAMPLES = r"""
- name: Settle a policy before anything is read
  cloudbackup.m365.compliance_plan:
    baseline: "{{ policy_of_all_tenants }}"
    policy:
      window: 2w
      checks:
        backup_recency:
          fail: 36h
    now_default: "{{ now(utc=true).strftime('%Y-%m-%dT%H:%M:%SZ') }}"
    subject_default: "{{ inventory_hostname }}"
  register: plan

- name: Settle a policy from a variable whose lookup may fail, without printing what the failed lookup quotes
  cloudbackup.m365.compliance_plan:
    input_variables:
      policy: policy_of_this_tenant
    now_default: "{{ now(utc=true).strftime('%Y-%m-%dT%H:%M:%SZ') }}"
    subject_default: "{{ inventory_hostname }}"
  vars:
    policy_of_this_tenant: "{{ lookup('ansible.builtin.url', policy_address, split_lines=false) }}"
  register: plan
"""

RETURN = r"""
mistakes:
  description: The mistakes in the inputs, a line each. Of the other values RV(subject) alone is returned with them.
  returned: with O(deferred), if there are any
  type: list
  elements: str
  sample: ["compliance_policy.window: expected a duration, got \"7 parsecs\""]
policy:
  description: The merged policy with every default spelled out.
  returned: success
  type: dict
  sample: {services: [exchange_online], locations: [], window: 7d, checks: {}}
waivers:
  description: The waivers with their scope and the last day on which they hold, as text.
  returned: success
  type: list
  elements: dict
  sample: []
now:
  description: The instant that ages are measured from, in ISO 8601, UTC.
  returned: success
  type: str
  sample: "2026-11-24T06:00:00Z"
now_given:
  description: Whether O(now) was given, so that RV(now) is an input and not the moment of the run.
  returned: success
  type: bool
  sample: false
reads:
  description: Which of V(license), V(jobs), V(settings) and V(unusual_activity) have to be read.
  returned: success
  type: list
  elements: str
  sample: [jobs, license]
queries:
  description: The C(queries) for M(cloudbackup.m365.cloudbackup_jobs_info).
  returned: success
  type: list
  elements: dict
  sample: [{job_type: backup, object_type: teams, start_time: "2026-11-17T06:00:00Z"}]
recent_jobs:
  description: How many of the newest jobs of each query the checks need.
  returned: success
  type: int
  sample: 20
settings:
  description: The arguments of M(cloudbackup.m365.cloudbackup_settings_info).
  returned: success
  type: dict
  sample: {locations: []}
unusual_activity:
  description: The arguments of M(cloudbackup.m365.cloudbackup_unusual_activity_info).
  returned: success
  type: dict
  sample: {start_time: "2026-11-17T06:00:00Z", finish_time: "2026-11-24T06:00:00Z"}
subject:
  description: The tenant's name.
  returned: success
  type: str
  sample: contoso
directory_name:
  description: The name of the tenant's directory, safe for a path, different for every subject.
  returned: success
  type: str
  sample: contoso
enforce:
  description: Whether a red verdict fails the play.
  returned: success
  type: bool
  sample: true
history:
  description: Whether the run adds a line to the history of the tenant.
  returned: success
  type: bool
  sample: true
report_dir:
  description: Where reports go; empty for nowhere.
  returned: success
  type: str
  sample: /var/lib/cloudbackup
connection:
  description:
    - The tenant that the connection options name, to compare with what the reads report. A value is null where the
      options do not plan it, because it is left to the environment or to module_defaults.
    - Scheme and host of the URL are in lower case, without a slash at the end. A data center is the URL of its API.
  returned: success
  type: dict
  contains:
    url:
      description: The URL of the API.
      type: str
      sample: https://graph-uk.avepointonlineservices.com
    version:
      description: The generation of the API.
      type: str
      sample: v1
    client_id:
      description: The client ID of the app registration.
      type: str
      sample: 11111111-2222-3333-4444-555555555555
registration:
  description:
    - The app registration that RV(connection) names, which identifies the tenant. The client ID and the URL, or the
      client ID alone where the URL is not planned. Empty without a client ID.
  returned: success
  type: str
  sample: 11111111-2222-3333-4444-555555555555 at https://graph-uk.avepointonlineservices.com
formats:
  description: The report formats; V(json) is always among them.
  returned: success, also with mistakes where O(deferred=true)
  type: list
  elements: str
  sample: [json, markdown]
"""
