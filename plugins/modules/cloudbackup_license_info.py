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
  - Reads what was purchased and what is used of a Cloud Backup for Microsoft 365 subscription, and tells what follows
    from it, such as whether more user seats are assigned than were purchased.
  - A figure that the server does not send is V(null), never 0.
options:
  location:
    description:
      - A location of a multi-geo tenant. Without it, the figures are those of all locations.
      - Needs O(api_version=v2).
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
  - ref: ansible_collections.cloudbackup.m365.docsite.troubleshooting
    description: What each kind of failure looks like, and what to do about it.
"""

EXAMPLES = r"""
- name: Read the license consumption
  cloudbackup.m365.cloudbackup_license_info:
    data_center: uk
    client_id: "{{ vault_client_id }}"
    client_secret: "{{ vault_client_secret }}"
  register: consumption

- name: Stop when seats ran out
  ansible.builtin.assert:
    that: not consumption.license.seats_exceeded
    fail_msg: >-
      {{ consumption.license.assigned_user_seats }} of {{ consumption.license.purchased_user_seats }} seats are assigned
"""

RETURN = r"""
license:
  description: The subscription. Sizes are in GB. What the server does not send is V(null).
  returned: success
  type: dict
  contains:
    out_of_policy_time:
      description: Since when the license is out of policy (UTC), or V(null) where no time is set.
      type: str
      sample: "2026-01-31T00:00:00Z"
    out_of_policy_raw:
      description: The time as the server sent it, where its unit cannot be read; else V(null).
      type: raw
      sample: null
    out_of_policy:
      description:
        - Whether the license is out of policy. The time is set and past, or cannot be read.
        - It is V(null) where the server did not send the field.
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
        - Purchased less assigned seats; negative when exceeded.
        - The figures of seats are V(null) where seats were not bought (0) and storage was, or an input is missing.
      type: int
      sample: 53
    seats_exceeded:
      description: Whether more seats are assigned than purchased. Equal is not exceeded.
      type: bool
      sample: false
    seats_used_percent:
      description: Assigned seats in percent of the purchased ones, rounded to two digits.
      type: float
      sample: 47.0
    storage_available:
      description: Purchased less protected GB; negative when exceeded. V(null) as for seats.
      type: int
      sample: null
    storage_exceeded:
      description: Whether more GB are protected than purchased.
      type: bool
      sample: null
    storage_used_percent:
      description: Protected GB in percent of the purchased ones, rounded to two digits.
      type: float
      sample: null
    subscription:
      description:
        - By what the subscription is measured. One of V(per_user), V(per_capacity), V(both) and V(none).
        - It is V(null) where a purchased figure is missing.
      type: str
      sample: per_user
api:
  description: How the answer was read.
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
      description: The app registration that was used; V(null) with a ready token that came without.
      type: str
      sample: 11111111-2222-3333-4444-555555555555
    requests:
      description: Requests to the API, retries included and token requests not.
      type: int
      sample: 1
    retries:
      description: How many of the requests were tries after a first one.
      type: int
      sample: 0
    pages:
      description: Pages that were read.
      type: int
      sample: 1
    server_time:
      description: The C(Date) header (UTC) of the first answer, or V(null) without one.
      type: str
      sample: "2026-01-31T06:00:00Z"
    clock_offset_seconds:
      description:
        - The largest difference, over all answers, of the C(Date) header and the clock of the host that ran the task
          when the headers came, in seconds, or V(null). Positive where the server's clock is ahead.
      type: int
      sample: 0
    age_seconds:
      description: The largest C(Age) header of all answers, which a cache sets, in seconds, or V(null) without any.
      type: int
      sample: null
    request_ids:
      description: The first and the last request id that the server told, for the vendor's support.
      type: list
      elements: str
      sample: []
failure:
  description: What happened, for a playbook to branch on. Missing where Ansible itself refused the arguments.
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
      description: The address that was asked, without the query.
      type: str
      sample: https://graph-us.avepointonlineservices.com/cloudbackup/licenseconsumption
    status:
      description: The HTTP status code, or V(null) where no answer came.
      type: int
      sample: 403
    request_id:
      description: The server's request id, where it told one.
      type: str
      sample: 0HNEVHLNSPSEJ:00000003
    trace_id:
      description: The server's trace id, where it told one.
      type: str
      sample: 00-7d7a9360e98bd75eaee0a0ae652adf1d-efcd6c0533a5225d-00
    attempts:
      description: How often the request was sent.
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
