#!/usr/bin/python
# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cloudbackup_jobs_info
short_description: Read the jobs of Cloud Backup for Microsoft 365
version_added: 1.0.0
description:
  - Reads backup, restore, export, delete and retention jobs of Cloud Backup for Microsoft 365, and summarizes them.
  - The result is complete or the task fails. The module reads every page of every list and compares the number of jobs
    with the server's own count.
  - The API does not return the type or the service of a job. The module sends one query for each pair of O(job_types)
    and O(object_types), and tags the jobs with that pair. If an option is not set, one query covers all types or
    services, and its jobs are not tagged.
author:
  - The cloudbackup.m365 contributors (@cloudbackup-m365)
extends_documentation_fragment:
  - cloudbackup.m365._connection
  - cloudbackup.m365._attributes
options:
  start_time:
    description:
      - Only jobs that started at this time or later.
      - An ISO 8601 time (V(2026-01-31T06:00:00Z)), a date (V(2026-01-31)), or an age such as V(36h), V(7d) or V(2w).
        Times are UTC, also those without an offset.
    type: str
  finish_time:
    description:
      - Only jobs that started at this time or earlier. A date means the end of that day.
      - Same format as O(start_time).
    type: str
  job_types:
    description:
      - The types of jobs to read. If it is not set or empty, jobs of all types are read and not tagged.
    type: list
    elements: str
    choices:
      - backup
      - restore
      - export
      - delete
      - retention
  object_types:
    description:
      - The services to read. If it is not set or empty, jobs of all services are read and not tagged.
    type: list
    elements: str
    choices:
      - exchange_online
      - sharepoint_online
      - onedrive
      - microsoft_365_groups
      - project_online
      - public_folder
      - teams
      - viva_engage
      - teams_chat
      - power_bi
      - power_automate
      - power_apps
  states:
    description:
      - The states of jobs to return. If it is not set or empty, jobs in all states are returned.
      - A job in a state that the module does not know is always returned.
    type: list
    elements: str
    choices:
      - in_progress
      - finished
      - failed
      - finished_with_exception
      - partially_finished
  location:
    description:
      - Only jobs of this location of a multi-geo tenant. Requires O(api_version=v2).
      - The service returns an empty list for a tenant without multi-geo.
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
  queries:
    description:
      - Queries with separate windows and filters, instead of O(job_types), O(object_types), O(states), O(start_time),
        O(finish_time) and O(location). Each query returns one entry of RV(groups), in the same order.
    type: list
    elements: dict
    suboptions:
      job_type:
        description: The type of jobs. If it is not set, all types.
        type: str
        choices:
          - backup
          - restore
          - export
          - delete
          - retention
      object_type:
        description: The service. If it is not set, all services.
        type: str
        choices:
          - exchange_online
          - sharepoint_online
          - onedrive
          - microsoft_365_groups
          - project_online
          - public_folder
          - teams
          - viva_engage
          - teams_chat
          - power_bi
          - power_automate
          - power_apps
      states:
        description: The states of jobs to return. If it is not set or empty, jobs in all states are returned.
        type: list
        elements: str
        choices:
          - in_progress
          - finished
          - failed
          - finished_with_exception
          - partially_finished
      start_time:
        description: Only jobs that started at this time or later. Same format as O(start_time).
        type: str
      finish_time:
        description: Only jobs that started at this time or earlier. Same format as O(start_time).
        type: str
      location:
        description: Only jobs of this location. Requires O(api_version=v2).
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
      count_only:
        description:
          - Read the server's count of jobs instead of the jobs. Values of the group that need the jobs are V(null).
          - With O(api_version=v2) the server counts whole days; RV(groups[].query) contains the days that were counted.
        type: bool
        default: false
      ended_since:
        description:
          - Count the jobs that ended at this time or later, or are still in progress, in RV(groups[].ended_since).
          - Same format as O(start_time). Mutually exclusive with O(queries[].count_only), which reads no jobs.
        type: str
  page_index:
    description:
      - Read this page only. The number is sent to the service as it is; by its documentation, the first page is 0.
      - Requires a single query without O(queries[].count_only). RV(complete) is V(false).
    type: int
  include_jobs:
    description:
      - Whether to return RV(jobs). RV(groups) and RV(summary) are always returned.
    type: bool
    default: true
  recent_jobs:
    description:
      - How many of the newest jobs each entry of RV(groups) contains. V(0) to V(100000).
    type: int
    default: 20
  max_jobs:
    description:
      - The maximum number of jobs of one query. If there are more, the task fails with RV(failure.kind=incomplete).
    type: int
    default: 5000000
seealso:
  - module: cloudbackup.m365.cloudbackup_license_info
  - name: Troubleshooting
    link: https://github.com/cloudbackup/cloudbackup.m365/blob/main/docs/docsite/rst/troubleshooting.rst
    description: The kinds of failure, and how to fix each.
"""

EXAMPLES = r"""
- name: Read the backups of mail and Teams of the last week
  cloudbackup.m365.cloudbackup_jobs_info:
    data_center: us
    client_id: "{{ vault_client_id }}"
    client_secret: "{{ vault_client_secret }}"
    job_types: [backup]
    object_types: [exchange_online, teams]
    start_time: 7d
  register: backups

- name: Show when each service was last backed up
  ansible.builtin.debug:
    msg: "{{ item.object_type }}: {{ item.last_success.finish_time | default('never') }}"
  loop: "{{ backups.groups }}"
  loop_control:
    label: "{{ item.object_type }}"

- name: Read the failed jobs of January with credentials from the environment
  cloudbackup.m365.cloudbackup_jobs_info:
    states: [failed]
    start_time: "2026-01-01"
    finish_time: "2026-01-31"

- name: Send several queries in one task and return their summaries only
  cloudbackup.m365.cloudbackup_jobs_info:
    queries:
      - {job_type: backup, object_type: teams, start_time: 7d}
      - {job_type: restore, states: [finished], start_time: 365d}
      - {states: [in_progress]}
      - {job_type: delete, start_time: 7d, count_only: true}
    include_jobs: false
"""

RETURN = r"""
jobs:
  description: The jobs by start time, newest first, then by id.
  returned: success and O(include_jobs) is true
  type: list
  elements: dict
  contains:
    id:
      description: The job id.
      type: str
      sample: FB20241015105312327583
    state:
      description:
        - One of V(in_progress), V(finished), V(failed), V(finished_with_exception), V(partially_finished) and
          V(unknown). Success is V(finished) alone.
      type: str
      sample: finished
    state_text:
      description: The state as the server sent it, if it is V(unknown); otherwise V(null).
      type: str
      sample: null
    start_time:
      description: When the job started (ISO 8601 UTC, truncated to the second), or V(null).
      type: str
      sample: "2024-10-15T02:53:12Z"
    finish_time:
      description: When the job finished (ISO 8601 UTC, truncated to the second), or V(null).
      type: str
      sample: "2024-10-15T02:54:03Z"
    duration_seconds:
      description:
        - The time from start to finish in seconds, truncated to the millisecond. V(null) while the job is running.
      type: float
      sample: 51.66
    job_type:
      description: The job type of the query; V(null) if it covered all types.
      type: str
      sample: backup
    object_type:
      description: The service of the query; V(null) if it covered all services.
      type: str
      sample: exchange_online
    backup_details:
      description: The objects of the job. A count that the server does not send is V(null).
      type: dict
      contains:
        total_count:
          description: All objects.
          type: int
          sample: 16
        failed_count:
          description: Failed objects.
          type: int
          sample: 0
        successful_count:
          description: Successful objects.
          type: int
          sample: 14
        skipped_count:
          description: Skipped objects.
          type: int
          sample: 2
    errors:
      description:
        - The errors of the job by kind, the most frequent first. At most 10 are returned; the others are counted in
          RV(jobs[].errors_left_out).
      type: list
      elements: dict
      contains:
        message:
          description: The error message, shortened to 300 characters.
          type: str
          sample: The mailbox is locked.
        code_url:
          description: A link to an explanation, shortened to 300 characters.
          type: str
          sample: https://help.example/errors/1
        count:
          description: How many times it occurred.
          type: int
          sample: 3
      sample: []
    errors_left_out:
      description: How many more kinds of errors the job has than RV(jobs[].errors) contains.
      type: int
      sample: 0
groups:
  description: One summary per query, in the same order. Its size does not depend on the number of jobs.
  returned: success
  type: list
  elements: dict
  contains:
    job_type:
      description: The job type of the query; V(null) if it covered all types.
      type: str
      sample: backup
    object_type:
      description: The service of the query; V(null) if it covered all services.
      type: str
      sample: teams
    query:
      description: The window and filters of the query.
      type: dict
      contains:
        start_time:
          description: The start of the window (UTC); V(null) if it is unbounded.
          type: str
          sample: "2026-01-24T06:00:00Z"
        finish_time:
          description: The end of the window (UTC); V(null) if it is unbounded.
          type: str
          sample: null
        states:
          description: The states of the query; empty for all.
          type: list
          elements: str
          sample: []
        location:
          description: The location of the query, or V(null).
          type: str
          sample: null
        count_only:
          description: Whether only the count was read.
          type: bool
          sample: false
        ended_since:
          description: The start of the period of RV(groups[].ended_since), or V(null).
          type: str
          sample: null
    total_count:
      description: How many jobs match the query.
      type: int
      sample: 7
    by_state:
      description: How many of them are in each of the six states; V(null) if only the count was read.
      type: dict
      sample:
        in_progress: 0
        finished: 6
        failed: 1
        finished_with_exception: 0
        partially_finished: 0
        unknown: 0
    objects:
      description:
        - The sums of RV(jobs[].backup_details) over the jobs that contain them; V(null) if no job does.
      type: dict
      sample:
        total_count: 112
        failed_count: 0
        successful_count: 98
        skipped_count: 14
    last_success:
      description:
        - The job in state V(finished) with the latest finish, then start, then id. A job as in RV(jobs), or V(null).
      type: dict
      sample:
        id: FB20241015105312327583
        state: finished
        state_text: null
        start_time: "2026-01-31T04:00:00Z"
        finish_time: "2026-01-31T04:12:31Z"
        duration_seconds: 751.204
        job_type: backup
        object_type: teams
        backup_details: {total_count: 16, failed_count: 0, successful_count: 14, skipped_count: 2}
        errors: []
        errors_left_out: 0
    last_completed:
      description: The same for all jobs that are not in progress.
      type: dict
      sample:
        id: FB20241015105312327583
        state: finished
        state_text: null
        start_time: "2026-01-31T04:00:00Z"
        finish_time: "2026-01-31T04:12:31Z"
        duration_seconds: 751.204
        job_type: backup
        object_type: teams
        backup_details: {total_count: 16, failed_count: 0, successful_count: 14, skipped_count: 2}
        errors: []
        errors_left_out: 0
    last_by_state:
      description:
        - The last job in each of the six states by finish, then start, then id. A job as in RV(jobs), or V(null).
      type: dict
      sample:
        in_progress: null
        finished:
          id: FB20241015105312327583
          state: finished
          state_text: null
          start_time: "2026-01-31T04:00:00Z"
          finish_time: "2026-01-31T04:12:31Z"
          duration_seconds: 751.204
          job_type: backup
          object_type: teams
          backup_details: {total_count: 16, failed_count: 0, successful_count: 14, skipped_count: 2}
          errors: []
          errors_left_out: 0
        failed: null
        finished_with_exception: null
        partially_finished: null
        unknown: null
    oldest_in_progress:
      description: The job in progress with the earliest start, as in RV(jobs), or V(null).
      type: dict
      sample: null
    recent:
      description:
        - The newest jobs by start time, as in RV(jobs), at most O(recent_jobs). Each also has C(finish_rank), its rank
          by finish time among these jobs. The last to finish has V(0); jobs in progress rank after all others.
      type: list
      elements: dict
      sample:
        - id: FB20241015105312327583
          state: finished
          state_text: null
          start_time: "2026-01-31T04:00:00Z"
          finish_time: "2026-01-31T04:12:31Z"
          duration_seconds: 751.204
          job_type: backup
          object_type: teams
          backup_details: {total_count: 16, failed_count: 0, successful_count: 14, skipped_count: 2}
          errors: []
          errors_left_out: 0
          finish_rank: 0
    ended_since:
      description:
        - Counts of the jobs that ended at O(queries[].ended_since) or later, or are in progress, as C(total_count),
          C(by_state) and C(objects) as in the group. V(null) without O(queries[].ended_since).
      type: dict
      sample: null
    reported_total_count:
      description:
        - The server's own count, which is the last C(TotalCount) of the list, or the number of rows if
          C(TotalCount) counts the rows of a page. The server's filters are coarser than the query, so it may be more
          than RV(groups[].total_count). For a count of all services it is the larger of two counts.
      type: int
      sample: 7
    next_link:
      description:
        - The C(NextLink) of the last page that was read, as the server sent it, or V(null). It is never fetched.
      type: str
      sample: null
overlaps:
  description: The pairs of groups that contain the same jobs. The service may list one job under two object types.
  returned: success
  type: list
  elements: dict
  contains:
    groups:
      description: The indexes of the two groups in RV(groups), counted from 0.
      type: list
      elements: int
      sample: [0, 1]
    shared:
      description: How many job ids are in both.
      type: int
      sample: 2
summary:
  description: The sums over all of RV(groups).
  returned: success
  type: dict
  contains:
    total_count:
      description: Jobs of all groups.
      type: int
      sample: 7
    by_state:
      description: Jobs in each of the six states.
      type: dict
      sample:
        in_progress: 0
        finished: 6
        failed: 1
        finished_with_exception: 0
        partially_finished: 0
        unknown: 0
    objects:
      description: The four sums of objects.
      type: dict
      sample:
        total_count: 112
        failed_count: 0
        successful_count: 98
        skipped_count: 14
complete:
  description: V(true) only if every page of every query was read and verified to be complete.
  returned: success
  type: bool
  sample: true
query:
  description: The query, with times in ISO 8601 UTC. With O(queries), see RV(groups[].query).
  returned: success
  type: dict
  contains:
    start_time:
      description: The start of the window (UTC), or V(null).
      type: str
      sample: "2026-01-24T06:00:00Z"
    finish_time:
      description: The end of the window (UTC), or V(null).
      type: str
      sample: null
    job_types:
      description: The job types; empty for all.
      type: list
      elements: str
      sample: [backup]
    object_types:
      description: The services; empty for all.
      type: list
      elements: str
      sample: [exchange_online, teams]
    states:
      description: The states of the query; empty for all.
      type: list
      elements: str
      sample: []
    location:
      description: The location of the query, or V(null).
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
      sample: v1
    client_id:
      description: The app registration that was used; V(null) for a token without O(client_id).
      type: str
      sample: 11111111-2222-3333-4444-555555555555
    requests:
      description: Number of requests to the API, including retries but not token requests.
      type: int
      sample: 6
    retries:
      description: How many of the requests were retries.
      type: int
      sample: 0
    pages:
      description: Number of pages that were read.
      type: int
      sample: 5
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
      sample:
        - 0HNEVHLNSPSEJ:00000001
        - 0HNEVHLNSPSEJ:00000006
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
      sample: https://graph-us.avepointonlineservices.com/cloudbackup/jobs
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
      sample: Grant the app registration the permission microsoft365backup.jobInfo.read.all.
"""

from collections.abc import Mapping
from typing import Any

from ansible_collections.cloudbackup.m365.plugins.module_utils import _module, _names
from ansible_collections.cloudbackup.m365.plugins.module_utils._api import generations, queries
from ansible_collections.cloudbackup.m365.plugins.module_utils._api.generations import Generation
from ansible_collections.cloudbackup.m365.plugins.module_utils._http.client import Client
from ansible_collections.cloudbackup.m365.plugins.module_utils._http.errors import Error
from ansible_collections.cloudbackup.m365.plugins.module_utils._jobs import reading


def choice(values: Any) -> dict[str, Any]:
    """Return an option that takes one of the values."""
    return {"type": "str", "choices": list(values)}


def choices(values: Any) -> dict[str, Any]:
    """Return an option that takes some of the values."""
    return {"type": "list", "elements": "str", "choices": list(values)}


OPTIONS: dict[str, Any] = {
    "start_time": {"type": "str"},
    "finish_time": {"type": "str"},
    "job_types": choices(_names.JOB_TYPES),
    "object_types": choices(_names.OBJECT_TYPES),
    "states": choices(_names.STATES),
    "location": choice(_names.LOCATIONS),
    "queries": {
        "type": "list",
        "elements": "dict",
        "options": {
            "job_type": choice(_names.JOB_TYPES),
            "object_type": choice(_names.OBJECT_TYPES),
            "states": choices(_names.STATES),
            "start_time": {"type": "str"},
            "finish_time": {"type": "str"},
            "location": choice(_names.LOCATIONS),
            "count_only": {"type": "bool", "default": False},
            "ended_since": {"type": "str"},
        },
    },
    "page_index": {"type": "int"},
    "include_jobs": {"type": "bool", "default": True},
    "recent_jobs": {"type": "int", "default": 20},
    "max_jobs": {"type": "int", "default": 5_000_000},
}


def work(client: Client, api: Generation, parameters: Mapping[str, Any], now: int) -> dict[str, Any]:
    """Return the jobs, as a module result.

    :raises _Error: also arguments, before anything is asked.
    """
    asked = queries.from_options(parameters, now)
    check(parameters, asked, has_location=api.HAS_LOCATION)
    result = reading.read(
        client,
        api,
        asked,
        include_jobs=parameters["include_jobs"],
        recent_jobs=parameters["recent_jobs"],
        max_jobs=parameters["max_jobs"],
        page_index=parameters["page_index"],
    )
    return {**result, "query": queries.described(parameters, now)}


def check(parameters: Mapping[str, Any], asked: list[queries.Query], *, has_location: bool) -> None:
    """Reject options that are mutually exclusive or out of range, by name."""
    page_index, recent_jobs, max_jobs = (parameters[name] for name in ("page_index", "recent_jobs", "max_jobs"))
    if page_index is not None and page_index < 0:
        raise Error("arguments", f"page_index must be 0 or more, not {page_index}")
    if page_index is not None and len(asked) != 1:
        raise Error("arguments", f"page_index needs a single query, these options make {len(asked)}")
    if page_index is not None and asked[0].count_only:
        raise Error("arguments", "page_index reads one page and count_only none: leave out one of them")
    if not 0 <= recent_jobs <= 100_000:
        raise Error("arguments", f"recent_jobs must be 0 to 100000, not {recent_jobs}")
    if max_jobs < 1:
        raise Error("arguments", f"max_jobs must be 1 or more, not {max_jobs}")
    generations.require(has_location or not any(query.location for query in asked), "location")


INFO = _module.Info(OPTIONS, work)


def main() -> None:
    """Run the module."""
    _module.run(INFO)


if __name__ == "__main__":
    main()
