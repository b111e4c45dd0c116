#!/usr/bin/python
# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cloudbackup_unusual_activity_info
short_description: Read the unusual activity that Cloud Backup for Microsoft 365 detected
version_added: 1.0.0
description:
  - Reads how many potential ransomware attacks and unusual activities were detected in each service of a tenant.
  - Requires O(api_version=v2) and the permission C(microsoft365backup.unusualActivity.read.all).
  - The API documentation does not define whether a service without unusual activity has a row. A service that is
    missing from RV(activity) may or may not have had any.
options:
  start_time:
    description:
      - The start of the window. An ISO 8601 time (V(2026-01-31T06:00:00Z), UTC without an offset), a date
        (V(2026-01-31)), or an age such as V(36h), V(7d) or V(2w).
      - The endpoint takes days, so the window begins with the whole day. RV(query) contains the actual window.
    type: str
    required: true
  finish_time:
    description:
      - The end of the window, by default now. Same format as O(start_time); a date means the end of that day.
      - The window includes the whole day.
    type: str
  location:
    description: A location of a multi-geo tenant. If it is not set, the service returns the activity of all locations.
    type: str
    choices:
      - PrimaryGeoLocation
      - NAM
      - EUR
      - GBR
      - JPN
      - APC
      - AUS
      - CAN
      - IND
      - FRA
      - ARE
      - ZAF
      - CHE
      - KOR
      - DEU
      - BRA
      - NOR
      - SWE
      - QAT
      - POL
      - ITA
      - ISR
      - MEX
      - NZL
      - ESP
      - TWN
author:
  - The cloudbackup.m365 contributors (@cloudbackup-m365)
extends_documentation_fragment:
  - cloudbackup.m365._connection
  - cloudbackup.m365._attributes
seealso:
  - module: cloudbackup.m365.cloudbackup_settings_info
  - name: API generations
    link: https://github.com/cloudbackup/cloudbackup.m365/blob/main/docs/docsite/rst/api_generations.rst
    description: The differences between the API generations, and how locations are read.
  - name: Troubleshooting
    link: https://github.com/cloudbackup/cloudbackup.m365/blob/main/docs/docsite/rst/troubleshooting.rst
    description: The kinds of failure, and how to fix each.
"""

EXAMPLES = r"""
- name: Read the unusual activity of the last week
  cloudbackup.m365.cloudbackup_unusual_activity_info:
    data_center: uk
    api_version: v2
    client_id: "{{ vault_client_id }}"
    client_secret: "{{ vault_client_secret }}"
    start_time: 7d
  register: unusual

- name: Fail if there was a potential ransomware attack
  ansible.builtin.assert:
    that: unusual.summary.potential_ransomware_attacks == 0
    fail_msg: "{{ attacked | map(attribute='service_type') | join(', ') }}"
  vars:
    attacked: "{{ unusual.activity | selectattr('potential_ransomware_attacks') }}"
"""

RETURN = r"""
activity:
  description: The detected activity, one row for each tenant and service that the server returns.
  returned: success
  type: list
  elements: dict
  contains:
    tenant_owner:
      description: The owner of the tenant, or V(null).
      type: str
      sample: John Doe
    tenant_id:
      description: The id of the tenant in Microsoft 365, or V(null).
      type: str
      sample: 12345678-1234-1234-1234-123456789012
    object_type:
      description: The service, as in the other modules; V(null) if they do not have it.
      type: str
      sample: sharepoint_online
    service_type:
      description:
        - The service by the API's own number. One of V(exchange_online), V(sharepoint_online), V(onedrive),
          V(microsoft_365_groups), V(project_online), V(public_folder), V(teams), V(public_folder_metadata),
          V(private_channel), V(viva_engage), V(teams_chat), V(power_bi), V(power_automate), V(shared_channel) and
          V(power_apps), or V(unknown) for any other number and for none.
      type: str
      sample: sharepoint_online
    service_type_number:
      description: The number as the server sent it, or V(null).
      type: int
      sample: 1
    potential_ransomware_attacks:
      description: How many potential ransomware attacks were detected, or V(null).
      type: int
      sample: 5
    unusual_activities:
      description: How many unusual activities were detected, or V(null).
      type: int
      sample: 10
summary:
  description: The sums over all rows of RV(activity). A sum is V(null) if a row does not contain the value.
  returned: success
  type: dict
  contains:
    potential_ransomware_attacks:
      description: Potential ransomware attacks.
      type: int
      sample: 5
    unusual_activities:
      description: Unusual activities.
      type: int
      sample: 10
query:
  description: The window and location that were read.
  returned: success
  type: dict
  contains:
    start_time:
      description: The start of the first day (UTC).
      type: str
      sample: "2026-01-24T00:00:00Z"
    finish_time:
      description: The end of the last day (UTC).
      type: str
      sample: "2026-01-31T23:59:59Z"
    location:
      description: The location, or V(null) for all.
      type: str
      sample: null
api:
  description: How the API was read.
  returned: success
  type: dict
  contains:
    url:
      description: The address of the API.
      type: str
      sample: https://graph-us.avepointonlineservices.com
    version:
      description: The generation of the API.
      type: str
      sample: v2
    client_id:
      description: The app registration that was used; V(null) for a token without O(client_id).
      type: str
      sample: 11111111-2222-3333-4444-555555555555
    requests:
      description: Number of requests to the API, including retries but not token requests.
      type: int
      sample: 1
    retries:
      description: How many of the requests were retries.
      type: int
      sample: 0
    pages:
      description: Number of pages that were read.
      type: int
      sample: 1
    server_time:
      description: The C(Date) header (UTC) of the first response; V(null) if it had none.
      type: str
      sample: "2026-01-31T06:00:00Z"
    clock_offset_seconds:
      description:
        - The largest difference between the C(Date) header of a response and the clock of the host that ran the task,
          in seconds, or V(null). Positive if the server's clock is ahead.
      type: int
      sample: 0
    age_seconds:
      description: The largest C(Age) header of all responses in seconds, set by a cache; V(null) if none had one.
      type: int
      sample: null
    request_ids:
      description: The first and the last request id that the server sent, for the vendor's support.
      type: list
      elements: str
      sample: []
failure:
  description: The failure, for a playbook to branch on. Missing if Ansible itself rejected the arguments.
  returned: failure
  type: dict
  contains:
    kind:
      description:
        - One of V(arguments), V(missing_library), V(authentication), V(permission), V(not_found), V(rejected),
          V(throttled), V(server), V(connection), V(tls), V(timeout), V(unexpected_answer) and V(incomplete).
      type: str
      sample: permission
    method:
      description: The HTTP method.
      type: str
      sample: GET
    url:
      description: The address of the request, without the query string.
      type: str
      sample: https://graph-us.avepointonlineservices.com/backup/m365/cloudbackupunusualactivitydata
    status:
      description: The HTTP status code; V(null) if there was no response.
      type: int
      sample: 403
    request_id:
      description: The server's request id; V(null) if it sent none.
      type: str
      sample: 0HNEVHLNSPSEJ:00000003
    trace_id:
      description: The server's trace id; V(null) if it sent none.
      type: str
      sample: 00-7d7a9360e98bd75eaee0a0ae652adf1d-efcd6c0533a5225d-00
    attempts:
      description: How many times the request was sent.
      type: int
      sample: 1
    hint:
      description: What to do next.
      type: str
      sample: Grant the app registration the permission microsoft365backup.unusualActivity.read.all.
"""

from collections.abc import Mapping
from typing import Any

from ansible_collections.cloudbackup.m365.plugins.module_utils import _module, _names, _unusual_activity
from ansible_collections.cloudbackup.m365.plugins.module_utils._api.generations import Generation
from ansible_collections.cloudbackup.m365.plugins.module_utils._http.client import Client

OPTIONS: dict[str, Any] = {
    "start_time": {"type": "str", "required": True},
    "finish_time": {"type": "str"},
    "location": {"type": "str", "choices": list(_names.LOCATIONS)},
}


def work(client: Client, api: Generation, parameters: Mapping[str, Any], now: int) -> dict[str, Any]:
    """Return the unusual activity, as a module result."""
    return {**_unusual_activity.read(client, api, parameters, now), "pages": 1}


INFO = _module.Info(OPTIONS, work)


def main() -> None:
    """Run the module."""
    _module.run(INFO)


if __name__ == "__main__":
    main()
