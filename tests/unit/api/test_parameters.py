# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parameters of a request for jobs, in both generations of the API."""

from __future__ import annotations

import pytest
from ansible_collections.cloudbackup.m365.plugins.module_utils import _time
from ansible_collections.cloudbackup.m365.plugins.module_utils._api import queries as _queries
from ansible_collections.cloudbackup.m365.plugins.module_utils._api import v1, v2

FULL = _queries.Query(
    "backup",
    "teams",
    ("failed",),
    _time.from_iso("2026-01-24T06:30:00Z"),
    _time.from_iso("2026-01-31T06:30:00Z"),
    "EUR",
)


def test_every_filter_goes_out_under_its_wire_name():
    assert v1.jobs_parameters(FULL, 3, 50) == {
        "StartTime": 639048330000000000,
        "FinishTime": 639054378000000000 + 2 * 864000000000,
        "JobType": 1,
        "ObjectType": 7,
        "JobState": 3,
        "PageIndex": 3,
        "PageSize": 50,
    }


def test_v2_asks_for_whole_days_outward_and_from_a_day_earlier():
    """A server may read a date in its local time zone."""
    assert v2.jobs_parameters(FULL, 0, 10) == {
        "StartTime": "2026-01-23",
        "FinishTime": "2026-02-02",
        "JobType": 1,
        "ObjectType": 7,
        "JobState": 3,
        "location": "EUR",
        "PageIndex": 0,
        "PageSize": 10,
    }


WIRE_ORDER = {
    "JobType": ("job_type", "backup restore export delete retention"),
    "ObjectType": (
        "object_type",
        "exchange_online sharepoint_online onedrive microsoft_365_groups project_online public_folder teams "
        "viva_engage teams_chat power_bi power_automate power_apps",
    ),
    "JobState": ("states", "in_progress finished failed finished_with_exception partially_finished"),
}
"""As the published document numbers them, from 1 on."""


@pytest.mark.parametrize("parameter", WIRE_ORDER)
@pytest.mark.parametrize("generation", [v1, v2])
def test_every_name_goes_out_as_the_number_that_the_document_gives_it(generation, parameter):
    field, names = WIRE_ORDER[parameter]
    queries = [_queries.Query(**{field: (name,) if field == "states" else name}) for name in names.split()]
    sent = [generation.jobs_parameters(query, 0, 10)[parameter] for query in queries]
    assert sent == list(range(1, len(queries) + 1))


def test_what_is_not_restricted_is_not_sent():
    assert v1.jobs_parameters(_queries.Query(), 0, 10) == {"PageIndex": 0, "PageSize": 10}
    assert v2.jobs_parameters(_queries.Query(), 0, 10) == {"PageIndex": 0, "PageSize": 10}
    several = _queries.Query(states=("failed", "finished"))
    assert "JobState" not in v1.jobs_parameters(several, 0, 10)


def test_a_finish_at_the_end_of_time_can_be_asked():
    late = _queries.Query(finish=_time.END - 1)
    assert v1.jobs_parameters(late, 0, 10)["FinishTime"] == _time.END - 1
    assert v2.jobs_parameters(late, 0, 10)["FinishTime"] == "9999-12-31"
