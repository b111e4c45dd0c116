# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From registered results to the evaluator's input."""

from __future__ import annotations

import pytest
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller.registered_results import reading

LICENSE = {"changed": False, "failed": False, "license": {"assigned_user_seats": 1}, "api": {"url": "u"}}
JOBS = {"changed": False, "groups": [], "summary": {}, "complete": True, "query": {}, "api": {}, "warnings": ["w"]}


def test_only_what_the_server_reported_is_kept():
    assert reading({"license": LICENSE, "jobs": JOBS}) == {
        "connection": {"url": None, "version": None, "client_id": None},
        "now_given": False,
        "license": {"license": {"assigned_user_seats": 1}, "api": {"url": "u"}},
        "jobs": {"groups": [], "overlaps": None, "summary": {}, "complete": True, "query": {}, "api": {}},
        "settings": None,
        "unusual_activity": None,
        "errors": [],
    }


def test_a_failed_read_is_an_error_with_its_message():
    failed = {"failed": False, "msg": "no", "failure": {"kind": "server"}, "failed_when_result": False}
    read = reading({"license": failed, "jobs": JOBS})
    assert read["license"] is None
    assert read["errors"] == [{"read": "license", "message": "no", "failure": {"kind": "server"}}]


@pytest.mark.parametrize("result", [{}, None, "text", {"failed": True, "groups": []}, {"msg": None}])
def test_whatever_is_no_result_is_an_error(result):
    read = reading({"license": LICENSE, "jobs": result})
    assert read["jobs"] is None
    assert read["errors"] == [{"read": "jobs", "message": "the task ended without a result", "failure": None}]


def test_a_task_that_was_skipped_is_neither():
    assert reading({"license": {"skipped": True, "changed": False}, "jobs": JOBS})["errors"] == []


def test_the_planned_connection_and_a_given_instant_are_part_of_the_reading():
    read = reading(
        {"license": LICENSE, "jobs": JOBS},
        connection={"url": "https://u", "client_id": "0a1b", "more": 1},
        now_given=True,
    )
    assert read["connection"] == {"url": "https://u", "version": None, "client_id": "0a1b"}
    assert read["now_given"] is True
