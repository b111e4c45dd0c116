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
short_description: Validate the inputs of the compliance gate and plan what to read
description:
  - Validates the inputs of the role P(cloudbackup.m365.compliance#role), which may be structures or text, and returns
    them complete with their defaults, together with the queries that the policy needs.
  - If there are mistakes, it fails before anything is read and reports all of them, one line each.
extends_documentation_fragment:
  - cloudbackup.m365._attributes.action
options:
  baseline:
    description:
      - A policy that many tenants share. O(policy) is merged over it. It may be JSON or YAML text.
      - Dictionaries are merged recursively; lists and other values are replaced.
    type: raw
  policy:
    description:
      - The policy. It is merged over O(baseline), and the result over the defaults. It may be JSON or YAML text.
      - Null and an empty text mean the default, for this and for every other input.
    type: raw
  waivers:
    description: A list of waivers. It may be JSON or YAML text.
    type: raw
  now:
    description: The instant from which ages are calculated, in ISO 8601.
    type: raw
  subject:
    description: The name of the tenant.
    type: raw
  enforce:
    description: Whether a red verdict fails the play.
    type: raw
  report_dir:
    description: The directory for the reports. Empty for no reports.
    type: raw
  history:
    description: Whether the run adds a line to the history of the tenant.
    type: raw
  report_formats:
    description: The formats of the reports, as a list, its JSON or YAML text, or names separated by commas.
    type: raw
  now_default:
    description: The instant that is used if O(now) is not set, in ISO 8601.
    type: str
    required: true
  subject_default:
    description: The name that is used if O(subject) is not set.
    type: str
    default: ""
  connection_variable:
    description:
      - The name of the variable that contains the connection options. They are validated, but neither returned nor
        repeated in a message, because they may contain a secret.
    type: str
  input_variables:
    description:
      - The names of variables that contain inputs. The key is the option that the variable replaces, which is
        O(baseline), O(policy), O(waivers), O(now), O(subject), O(enforce), O(report_dir), O(report_formats)
        or O(history).
      - If a template, a lookup or a vaulted value in such a variable fails, this is reported as a mistake in the input.
        The message names the variable, and contains no credentials of a URL and no secret of the connection.
      - If the value is passed as an option instead, Ansible evaluates it before the task begins, and prints what a
        failed lookup quotes.
    type: dict
    default: {}
  hosts:
    description: The number of hosts in the play. If there are several, each needs its own connection.
    type: int
    default: 1
  same_subject:
    description: Other hosts of the play with the same subject. Each of them is reported as a mistake.
    type: list
    elements: str
    default: []
  deferred:
    description:
      - Whether to return mistakes instead of failing the task, so that M(cloudbackup.m365.compliance_verdict) can
        print them later.
    type: bool
    default: false
seealso:
  - module: cloudbackup.m365.compliance_read
  - module: cloudbackup.m365.compliance_report
"""

EXAMPLES = r"""
- name: Validate a policy before anything is read
  cloudbackup.m365.compliance_plan:
    baseline: "{{ policy_of_all_tenants }}"
    policy:
      window: 2w
      checks:
        backup_recency:
          fail: 36h
    now_default: "{{ '%Y-%m-%dT%H:%M:%SZ' | ansible.builtin.strftime(utc=true) }}"
    subject_default: "{{ inventory_hostname }}"
  register: plan

- name: Validate a policy from a variable whose lookup may fail, without printing what the failed lookup quotes
  cloudbackup.m365.compliance_plan:
    input_variables:
      policy: policy_of_this_tenant
    now_default: "{{ '%Y-%m-%dT%H:%M:%SZ' | ansible.builtin.strftime(utc=true) }}"
    subject_default: "{{ inventory_hostname }}"
  vars:
    policy_of_this_tenant: "{{ lookup('ansible.builtin.url', policy_address, split_lines=false) }}"
  register: plan
"""

RETURN = r"""
mistakes:
  description: The mistakes in the inputs, one line each. If there are any, RV(subject) is the only other result.
  returned: with O(deferred), if there are any
  type: list
  elements: str
  sample: ["compliance_policy.window: expected a duration, got \"7 parsecs\""]
run:
  description:
    - The number of this run of the entry point C(judge) on the host, within the playbook. With it, a second tenant is
      refused on a host whose first tenant has no verdict yet.
  returned: with O(deferred=true)
  type: int
  sample: 1
policy:
  description: The merged policy, including all defaults.
  returned: success
  type: dict
  sample: {services: [exchange_online], locations: [], window: 7d, checks: {}}
waivers:
  description: The waivers with their scope and the last day on which they are valid, as text.
  returned: success
  type: list
  elements: dict
  sample: []
now:
  description: The instant from which ages are calculated, in ISO 8601, UTC.
  returned: success
  type: str
  sample: "2026-11-24T06:00:00Z"
now_given:
  description: Whether O(now) was set. Otherwise RV(now) is the time of the run.
  returned: success
  type: bool
  sample: false
reads:
  description:
    - The necessary reads, each with its arguments for M(cloudbackup.m365.compliance_read). The keys are V(license),
      V(jobs), V(settings) and V(unusual_activity).
  returned: success
  type: dict
  sample:
    license: {}
    jobs:
      queries: [{job_type: backup, object_type: teams, start_time: "2026-11-17T06:00:00Z"}]
      include_jobs: false
      recent_jobs: 20
subject:
  description: The name of the tenant.
  returned: success
  type: str
  sample: contoso
directory_name:
  description: The name of the tenant's directory. It is safe as part of a path and unique for each subject.
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
  description: The directory for the reports. Empty for no reports.
  returned: success
  type: str
  sample: /var/lib/cloudbackup
connection:
  description:
    - The tenant that the connection options name, to be compared with the tenant that the reads report. A value is
      null if the options do not contain it, because it comes from the environment or from module_defaults.
    - Scheme and host of the URL are in lower case, without a trailing slash. A data center is returned as the URL of
      its API.
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
    - The app registration in RV(connection), which identifies the tenant. It consists of the client ID and the URL, or
      of the client ID only if the URL is unknown. Empty without a client ID.
  returned: success
  type: str
  sample: 11111111-2222-3333-4444-555555555555 at https://graph-uk.avepointonlineservices.com
formats:
  description: The report formats, which always include V(json).
  returned: success, and with mistakes if O(deferred=true)
  type: list
  elements: str
  sample: [json, markdown]
"""
