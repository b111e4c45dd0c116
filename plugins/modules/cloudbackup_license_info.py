#!/usr/bin/python
# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cloudbackup_license_info
short_description: Read the license consumption of Cloud Backup for Microsoft 365
version_added: 1.0.0
description:
  - Reads the purchased and the used seats and storage of a Cloud Backup for Microsoft 365 subscription, and derives
    values such as whether more user seats are assigned than were purchased.
  - A value that the server does not send is V(null), never 0.
options:
  location:
    description:
      - A location of a multi-geo tenant. If it is not set, the values cover all locations.
      - Requires O(api_version=v2).
    type: str
    version_added: 1.0.0
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
  - module: cloudbackup.m365.cloudbackup_jobs_info
  - name: Troubleshooting
    link: https://github.com/cloudbackup/cloudbackup.m365/blob/main/docs/docsite/rst/troubleshooting.rst
    description: The kinds of failure, and how to fix each.
"""

EXAMPLES = r"""
- name: Read the license consumption
  cloudbackup.m365.cloudbackup_license_info:
    data_center: uk
    client_id: "{{ vault_client_id }}"
    client_secret: "{{ vault_client_secret }}"
  register: consumption

- name: Fail if more seats are assigned than purchased
  ansible.builtin.assert:
    that: not consumption.license.seats_exceeded
    fail_msg: >-
      {{ consumption.license.assigned_user_seats }} of {{ consumption.license.purchased_user_seats }} seats are assigned
"""

RETURN = r"""
license:
  description: The subscription. Sizes are in GB. A value that the server does not send is V(null).
  returned: success
  type: dict
  contains:
    out_of_policy_time:
      description: When the license went out of policy (UTC); V(null) if no time is set.
      type: str
      sample: "2026-01-31T00:00:00Z"
    out_of_policy_raw:
      description: The time as the server sent it, if it cannot be parsed; otherwise V(null).
      type: raw
      sample: null
    out_of_policy:
      description:
        - Whether the license is out of policy, which means that the time is in the past or cannot be parsed.
        - It is V(null) if the server did not send the field.
      type: bool
      sample: false
    purchased_user_seats:
      description: User seats that were purchased.
      type: int
      sample: 100
    assigned_user_seats:
      description: User seats that are assigned.
      type: int
      sample: 47
    purchased_storage_size:
      description: Storage that was purchased, in GB.
      type: int
      sample: 0
    protected_size:
      description: Storage that is used by protected data, in GB.
      type: int
      sample: 0
    seats_available:
      description:
        - Purchased minus assigned seats; negative if exceeded.
        - The values of seats are V(null) if storage was purchased and seats were not (0), or an input is missing.
      type: int
      sample: 53
    seats_exceeded:
      description: Whether more seats are assigned than purchased.
      type: bool
      sample: false
    seats_used_percent:
      description: Assigned seats in percent of the purchased seats, rounded to two digits.
      type: float
      sample: 47.0
    storage_available:
      description:
        - Purchased minus protected GB; negative if exceeded.
        - The values of storage are V(null) if seats were purchased and storage was not (0), or an input is missing.
      type: int
      sample: null
    storage_exceeded:
      description: Whether more GB are protected than purchased.
      type: bool
      sample: null
    storage_used_percent:
      description: Protected GB in percent of the purchased GB, rounded to two digits.
      type: float
      sample: null
    subscription:
      description:
        - The unit of the subscription. One of V(per_user), V(per_capacity), V(both) and V(none).
        - It is V(null) if a purchased figure is missing.
      type: str
      sample: per_user
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
      sample: v1
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
      sample: https://graph-us.avepointonlineservices.com/cloudbackup/licenseconsumption
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
      sample: Grant the app registration the permission microsoft365backup.subscriptionInfo.read.all.
"""

from collections.abc import Mapping
from typing import Any

from ansible_collections.cloudbackup.m365.plugins.module_utils import _license, _module, _names
from ansible_collections.cloudbackup.m365.plugins.module_utils._api.generations import Generation
from ansible_collections.cloudbackup.m365.plugins.module_utils._http.client import Client

OPTIONS: dict[str, Any] = {"location": {"type": "str", "choices": list(_names.LOCATIONS)}}


def work(client: Client, api: Generation, parameters: Mapping[str, Any], now: int) -> dict[str, Any]:
    """Return the license, as a module result."""
    return {"license": _license.read(client, api, now, parameters["location"]), "pages": 1}


INFO = _module.Info(OPTIONS, work)


def main() -> None:
    """Run the module."""
    _module.run(INFO)


if __name__ == "__main__":
    main()
