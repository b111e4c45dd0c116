#!/usr/bin/python
# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cloudbackup_settings_info
short_description: Read the backup schedule and the retention of Cloud Backup for Microsoft 365
version_added: 1.0.0
description:
  - Reads how often each service is backed up, and how long its backups are kept.
  - A schedule does not prove that backups ran. Read the jobs with M(cloudbackup.m365.cloudbackup_jobs_info) for that.
  - Requires O(api_version=v2) and the permission C(microsoft365backup.settings.read.all).
  - A value that the server does not send is V(null), never an empty list or 0.
options:
  locations:
    description:
      - The locations of a multi-geo tenant. Each location has separate settings.
      - If it is not set or empty, one request without a location is sent, and the service returns the settings of its
        central location only.
      - A tenant without multi-geo has no settings for a location.
    type: list
    elements: str
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
  - module: cloudbackup.m365.cloudbackup_unusual_activity_info
  - name: API generations
    link: https://github.com/cloudbackup/cloudbackup.m365/blob/main/docs/docsite/rst/api_generations.rst
    description: The differences between the API generations, and how locations are read.
  - name: Troubleshooting
    link: https://github.com/cloudbackup/cloudbackup.m365/blob/main/docs/docsite/rst/troubleshooting.rst
    description: The kinds of failure, and how to fix each.
"""

EXAMPLES = r"""
- name: Read the settings of the central location
  cloudbackup.m365.cloudbackup_settings_info:
    data_center: uk
    api_version: v2
    client_id: "{{ vault_client_id }}"
    client_secret: "{{ vault_client_secret }}"
  register: settings

- name: Fail unless Exchange Online is backed up every day
  ansible.builtin.assert:
    that: exchange.jobs_per_day | default(0, true) >= 1
    fail_msg: Exchange Online has no daily backup
  vars:
    services: "{{ settings.frequency[0].services }}"
    exchange: "{{ services | selectattr('object_type', 'equalto', 'exchange_online') | first | default({}) }}"

- name: Read the settings of two locations
  cloudbackup.m365.cloudbackup_settings_info:
    data_center: uk
    api_version: v2
    client_id: "{{ vault_client_id }}"
    client_secret: "{{ vault_client_secret }}"
    locations: [NAM, EUR]
"""

RETURN = r"""
frequency:
  description: The backup schedule. One entry for each location, in the order of O(locations).
  returned: success
  type: list
  elements: dict
  contains:
    location:
      description: The location; V(null) for the request without a location.
      type: str
      sample: null
    services:
      description: The services that are backed up. Inactive services are missing.
      type: list
      elements: dict
      contains:
        object_type:
          description: The service, as in the other modules; V(null) if they do not have it.
          type: str
          sample: exchange_online
        service_type:
          description:
            - The service by the API's own number. One of V(exchange_online), V(sharepoint_online), V(onedrive),
              V(microsoft_365_groups), V(project_online), V(public_folder), V(teams), V(public_folder_metadata),
              V(private_channel), V(viva_engage), V(teams_chat), V(power_bi), V(power_automate), V(shared_channel) and
              V(power_apps), or V(unknown) for any other number and for none.
          type: str
          sample: exchange_online
        service_type_number:
          description: The number as the server sent it, or V(null).
          type: int
          sample: 0
        jobs_per_day:
          description: How many backups are scheduled per day, or V(null).
          type: int
          sample: 4
        start_times:
          description: The start times of the backups of the current day (ISO 8601 UTC), or V(null).
          type: list
          elements: str
          sample: ["2026-02-27T03:54:22Z", "2026-02-27T09:54:22Z", "2026-02-27T15:54:22Z", "2026-02-27T21:54:22Z"]
retention:
  description:
    - The retention periods. One entry for each location, in the order of O(locations).
    - A period is C(Unlimited) or a whole number of days, weeks, months (365 / 12 days, the total rounded down) or years
      (365 days). For any other text, C(days) is V(null) and C(unlimited) is V(false).
  returned: success
  type: list
  elements: dict
  contains:
    location:
      description: The location; V(null) for the request without a location.
      type: str
      sample: null
    daily_retention_enabled:
      description: Whether the service's daily retention policy is enabled, or V(null).
      type: bool
      sample: false
    customized:
      description:
        - Whether services have separate periods. Otherwise RV(retention[].default) applies to all services.
        - It is V(null) if the server did not send the field.
      type: bool
      sample: true
    default:
      description: The period of the tenant.
      type: dict
      contains:
        text:
          description: The period as the server sent it, or V(null).
          type: str
          sample: 1 years
        days:
          description: The period in days; V(null) if it is unlimited or cannot be parsed.
          type: int
          sample: 365
        unlimited:
          description: Whether the period is unlimited.
          type: bool
          sample: false
    services:
      description:
        - The services with separate periods; empty if the retention is not customized.
        - It is V(null) if the server sent neither RV(retention[].customized) nor services.
      type: list
      elements: dict
      contains:
        object_type:
          description: The service, as in the other modules; V(null) if they do not have it.
          type: str
          sample: teams
        service_type:
          description:
            - The service by the API's own number. One of V(exchange_online), V(sharepoint_online), V(onedrive),
              V(microsoft_365_groups), V(project_online), V(public_folder), V(teams), V(public_folder_metadata),
              V(private_channel), V(viva_engage), V(teams_chat), V(power_bi), V(power_automate), V(shared_channel) and
              V(power_apps), or V(unknown) for any other number and for none.
          type: str
          sample: teams
        service_type_number:
          description: The number as the server sent it, or V(null).
          type: int
          sample: 6
        retention:
          description: The period of the service.
          type: dict
          contains:
            text:
              description: The period as the server sent it, or V(null).
              type: str
              sample: 1 years
            days:
              description: The period in days; V(null) if it is unlimited or cannot be parsed.
              type: int
              sample: 365
            unlimited:
              description: Whether the period is unlimited.
              type: bool
              sample: false
        unassigned:
          description: The period of objects that are not in a container.
          type: dict
          contains:
            text:
              description: The period as the server sent it, or V(null).
              type: str
              sample: Unlimited
            days:
              description: The period in days; V(null) if it is unlimited or cannot be parsed.
              type: int
              sample: null
            unlimited:
              description: Whether the period is unlimited.
              type: bool
              sample: true
        containers:
          description: The containers of the service with separate periods, or V(null).
          type: list
          elements: dict
          contains:
            id:
              description: The id of the container, or V(null).
              type: str
              sample: 438d1332-44bc-445b-9b1d-e9e3802694e8
            name:
              description: Its name, or V(null).
              type: str
              sample: Default Team Container
            retention:
              description: The period of the container.
              type: dict
              contains:
                text:
                  description: The period as the server sent it, or V(null).
                  type: str
                  sample: 6 months
                days:
                  description: The period in days; V(null) if it is unlimited or cannot be parsed.
                  type: int
                  sample: 182
                unlimited:
                  description: Whether the period is unlimited.
                  type: bool
                  sample: false
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
      sample: 2
    retries:
      description: How many of the requests were retries.
      type: int
      sample: 0
    pages:
      description: Number of responses that were read, two for each location.
      type: int
      sample: 2
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
      sample: https://graph-us.avepointonlineservices.com/backup/m365/settings/retention-policy
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
      sample: Grant the app registration the permission microsoft365backup.settings.read.all.
"""

from collections.abc import Mapping
from typing import Any

from ansible_collections.cloudbackup.m365.plugins.module_utils import _module, _names, _settings
from ansible_collections.cloudbackup.m365.plugins.module_utils._api.generations import Generation
from ansible_collections.cloudbackup.m365.plugins.module_utils._http.client import Client

OPTIONS: dict[str, Any] = {
    "locations": {"type": "list", "elements": "str", "choices": list(_names.LOCATIONS)},
}


def work(client: Client, api: Generation, parameters: Mapping[str, Any], now: int) -> dict[str, Any]:
    """Return the settings, as a module result."""
    return _settings.read(client, api, parameters["locations"] or [])


INFO = _module.Info(OPTIONS, work)


def main() -> None:
    """Run the module."""
    _module.run(INFO)


if __name__ == "__main__":
    main()
