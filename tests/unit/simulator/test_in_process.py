# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A service without sockets: the way of tests that need thousands of servers."""

from __future__ import annotations

import email.message
import json
import sys
import threading
import urllib.parse
from typing import Any

import pytest
from cloudbackup_simulator import facts
from cloudbackup_simulator.authority import Authority, Connection
from cloudbackup_simulator.exchange import Request
from cloudbackup_simulator.service import Service
from simulator_client import NOW_TICKS, V1_JOBS, V2_JOBS

CONNECTION = Connection("http://tenant", f"http://tenant{facts.TOKEN_PATH}", "client", "secret")


class InProcess:
    """Requests to a separate service, with the right token."""

    def __init__(self, **options: Any) -> None:
        authority = Authority(CONNECTION, None, facts.SCOPES, 3600)
        self.service = Service(options, NOW_TICKS, authority, CONNECTION.api_url, "http://other", threading.Event())
        form = {"grant_type": "client_credentials", "client_id": "client", "client_secret": "secret"}
        body = urllib.parse.urlencode({**form, "scope": facts.JOBS_SCOPE})
        answer = self._send("POST", facts.TOKEN_PATH, body, {"Content-Type": "application/x-www-form-urlencoded"})
        self._authorization = {"Authorization": f"Bearer {answer['access_token']}"}

    def get(self, path: str = V1_JOBS, **query: Any) -> Any:
        return self._send("GET", path, "", self._authorization, **query)

    def _send(self, method: str, path: str, body: str, headers: dict[str, str], **query: Any) -> Any:
        message = email.message.Message()
        for name, value in headers.items():
            message[name] = value
        request = Request(method, path, {name: str(value) for name, value in query.items()}, message, body)
        return json.loads(self.service.answer(request).content())


def _table(count: int) -> list[dict[str, Any]]:
    return [
        {"id": f"R{place}", "object_type": 1 + place % 12, "start": f"{place}m", "finish": place, "total": place}
        for place in range(count)
    ]


def _calls(function: Any, *arguments: Any, **options: Any) -> int:
    """Return how many functions of Python were called: a measure of work that no busy machine changes."""
    calls = []
    sys.setprofile(lambda _frame, event, _argument: calls.append(1) if event == "call" else None)
    try:
        function(*arguments, **options)
    finally:
        sys.setprofile(None)
    return len(calls)


@pytest.mark.parametrize("path", [V1_JOBS, V2_JOBS])
def test_a_service_answers_without_sockets_as_with_them(serve, path):
    options = {"scenario": "healthy", "jobs": 30, "rows": _table(50), "habits": {"next_link": "path"}}
    here, there = InProcess(**options), serve(**options)
    for query in ({}, {"PageSize": 100}, {"ObjectType": 7, "PageIndex": 1, "PageSize": 3}, {"JobState": 9}):
        ours, theirs = here.get(path, **query), there.get(path, **query).json()
        for name in ("requestId", "timestamp", "traceId"):
            assert (name in ours) == (name in theirs) == (path == V2_JOBS)
            ours.pop(name, None), theirs.pop(name, None)
        assert ours == theirs


def test_the_work_grows_no_faster_than_the_number_of_rows():
    small, large = (_calls(InProcess, scenario="empty", rows=_table(count)) for count in (100, 1000))
    assert large < 10 * small
    assert small < 100 * 40
    services = [InProcess(scenario="empty", rows=_table(count)) for count in (100, 1000)]
    small, large = (_calls(each.get, PageSize=10, StartTime=1, ObjectType=7) for each in services)
    assert large < 10 * small
    small, large = (_calls(services[1].get, PageSize=size) for size in (10, 100))
    assert large < 10 * small
