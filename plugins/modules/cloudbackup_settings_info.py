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
  - A schedule is what is intended. Whether the backups ran is in the jobs, which
    M(cloudbackup.m365.cloudbackup_jobs_info) reads.
  - Needs O(api_version=v2), and the permission C(microsoft365backup.settings.read.all).
  - What the server does not send is V(null), never an empty list or 0.
options:
  locations:
    description:
      - The locations of a multi-geo tenant, each of which has its own settings.
      - Without any, one question is asked without location, which the service answers for its central location alone.
      - A tenant without multi-geo has no settings at a location.
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
  - ref: ansible_collections.cloudbackup.m365.docsite.api_generations
    description: What the generations of the API differ in, and how locations are read.
  - ref: ansible_collections.cloudbackup.m365.docsite.troubleshooting
    description: What each kind of failure looks like, and what to do about it.
"""

EXAMPLES = r"""
- name: Read the settings of the central location
  cloudbackup.m365.cloudbackup_settings_info:
    data_center: uk
    api_version: v2
    client_id: "{{ vault_client_id }}"
    client_secret: "{{ vault_client_secret }}"
  register: settings

- name: Stop unless Exchange Online is backed up every day
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
  description: The backup schedule, one entry for each location that was asked, in their order.
  returned: success
  type: list
  elements: dict
  contains:
    location:
      description: The location, or V(null) for the question without one.
      type: str
      sample: null
    services:
      description: The services that are backed up. A service that is not active is missing.
      type: list
      elements: dict
      contains:
        object_type:
          description: The service, as in the other modules; V(null) where they have no such service.
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
          description: How many backups are scheduled within a day, or V(null).
          type: int
          sample: 4
        start_times:
          description: When those of the current day start, in ISO 8601 UTC, or V(null).
          type: list
          elements: str
          sample: ["2026-02-27T03:54:22Z", "2026-02-27T09:54:22Z", "2026-02-27T15:54:22Z", "2026-02-27T21:54:22Z"]
retention:
  description:
    - How long backups are kept, one entry for each location that was asked, in their order.
    - A period is a whole number of days, weeks, months (365 / 12 days, rounded down together) or years (365 days), or
      C(Unlimited). Any other text has no days and is not unlimited.
  returned: success
  type: list
  elements: dict
  contains:
    location:
      description: The location, or V(null) for the question without one.
      type: str
      sample: null
    daily_retention_enabled:
      description: Whether the service's daily retention policy is enabled, or V(null).
      type: bool
      sample: false
    customized:
      description:
        - Whether services have periods of their own. Otherwise RV(retention[].default) is the period of them all.
        - It is V(null) where the server did not send the field.
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
          description: Its length in days, or V(null) where it has no end or cannot be read.
          type: int
          sample: 365
        unlimited:
          description: Whether the text is C(Unlimited).
          type: bool
          sample: false
    services:
      description:
        - The services with a period of their own; empty where the retention is not customized.
        - It is V(null) where the server sent neither RV(retention[].customized) nor services.
      type: list
      elements: dict
      contains:
        object_type:
          description: The service, as in the other modules; V(null) where they have no such service.
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
              description: Its length in days, or V(null) where it has no end or cannot be read.
              type: int
              sample: 365
            unlimited:
              description: Whether the text is C(Unlimited).
              type: bool
              sample: false
        unassigned:
          description: The period of objects that are in no container.
          type: dict
          contains:
            text:
              description: The period as the server sent it, or V(null).
              type: str
              sample: Unlimited
            days:
              description: Its length in days, or V(null) where it has no end or cannot be read.
              type: int
              sample: null
            unlimited:
              description: Whether the text is C(Unlimited).
              type: bool
              sample: true
        containers:
          description: The containers of the service with a period of their own, or V(null).
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
              description: Its period.
              type: dict
              contains:
                text:
                  description: The period as the server sent it, or V(null).
                  type: str
                  sample: 6 months
                days:
                  description: Its length in days, or V(null) where it has no end or cannot be read.
                  type: int
                  sample: 182
                unlimited:
                  description: Whether the text is C(Unlimited).
                  type: bool
                  sample: false
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
      sample: v2
    client_id:
      description: The app registration that was used; V(null) with a ready token that came without.
      type: str
      sample: 11111111-2222-3333-4444-555555555555
    requests:
      description: Requests to the API, retries included and token requests not.
      type: int
      sample: 2
    retries:
      description: How many of the requests were tries after a first one.
      type: int
      sample: 0
    pages:
      description: Answers that were read, two for each location.
      type: int
      sample: 2
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
      sample: https://graph-us.avepointonlineservices.com/backup/m365/settings/retention-policy
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
