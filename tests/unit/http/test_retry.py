# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One retry policy."""

from __future__ import annotations

import email.utils
import time

import pytest
from ansible_collections.cloudbackup.m365.plugins.module_utils._http import errors
from ansible_collections.cloudbackup.m365.plugins.module_utils._http import retry as _retry
from ansible_collections.cloudbackup.m365.plugins.module_utils._http.body import Response
from hypothesis import given
from hypothesis import strategies as st

NOW = 1_769_839_200.0


def answer(status, **headers):
    return Response(status, {name.replace("_", "-"): value for name, value in headers.items()}, b"", NOW)


class Server:
    """Gives its outcomes one by one and records the pauses between them."""

    def __init__(self, *outcomes):
        self.outcomes = list(outcomes)
        self.pauses = []

    def deliver(self, retries=4, jitter=1.0):
        return _retry.deliver(self.send, retries=retries, pause=self.pauses.append, jitter=lambda: jitter)

    def send(self):
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, str):
            raise errors.Error(outcome, "no answer")
        return answer(outcome) if isinstance(outcome, int) else outcome


def test_the_pauses_double_from_half_a_second_to_thirty():
    pauses = [_retry.backoff(retry, 1.0) for retry in range(9)]
    assert pauses == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0]


@given(st.integers(0, 10**6), st.floats(0, 1))
def test_a_pause_is_never_negative_nor_over_the_cap(retry, jitter):
    assert 0 <= _retry.backoff(retry, jitter) <= 30


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_passing_status_is_tried_again(status):
    server = Server(status, status, 200)
    response, attempts = server.deliver()
    assert (response.status, attempts, server.pauses) == (200, 3, [0.5, 1.0])


@pytest.mark.parametrize("status", [200, 301, 400, 401, 403, 404, 405, 409, 410, 422, 501, 505])
def test_any_other_status_is_an_answer_at_once(status):
    assert Server(status).deliver()[1] == 1


@pytest.mark.parametrize("kind", ["connection", "timeout"])
def test_no_answer_is_tried_again(kind):
    assert Server(kind, 200).deliver()[1] == 2


@pytest.mark.parametrize("kind", ["tls", "unexpected_answer", "arguments"])
def test_what_cannot_pass_is_not_tried_again(kind):
    with pytest.raises(errors.Error) as caught:
        Server(kind).deliver()
    assert caught.value.failure.attempts == 1


@pytest.mark.parametrize("retries", [0, 1, 4])
def test_never_more_than_retries_further_tries(retries):
    server = Server(*[503] * 10)
    response, attempts = server.deliver(retries)
    assert (response.status, attempts, len(server.pauses)) == (503, retries + 1, retries)
    server = Server(*["timeout"] * 10)
    with pytest.raises(errors.Error) as caught:
        server.deliver(retries)
    assert (caught.value.failure.attempts, len(server.pauses)) == (retries + 1, retries)


@pytest.mark.parametrize(("asked", "pause"), [("1", 1.0), ("7", 7.0), ("60", 60.0)])
def test_retry_after_is_obeyed_up_to_a_minute(asked, pause):
    server = Server(answer(429, Retry_After=asked), 200)
    assert server.deliver()[1] == 2
    assert server.pauses == [pause]


@pytest.mark.parametrize("asked", ["61", "9999999999", "9" * 400])
def test_retry_after_beyond_a_minute_fails_at_once(asked):
    server = Server(answer(503, Retry_After=asked), 200)
    response, attempts = server.deliver()
    assert (response.status, attempts, server.pauses) == (503, 1, [])


def test_retry_after_may_be_a_date():
    for seconds in (5, 60):
        asked = {"Retry-After": email.utils.formatdate(NOW + seconds, usegmt=True)}
        assert _retry.retry_after(asked, NOW) == seconds
    assert _retry.retry_after({"Retry-After": email.utils.formatdate(NOW - 5, usegmt=True)}, NOW) == 0
    assert _retry.retry_after({"Retry-After": "Sat, 31 Jan 2026 08:00:10 +0200"}, NOW) == 10


@pytest.mark.parametrize("ahead", [-45, 0, 45, 86_400])
def test_a_date_is_measured_by_the_clock_of_the_server(ahead):
    """The clock of this machine may be ahead of the server's or behind it."""
    headers = {"Date": email.utils.formatdate(NOW, usegmt=True)}
    headers["Retry-After"] = email.utils.formatdate(NOW + 30, usegmt=True)
    assert _retry.retry_after(headers, NOW + ahead) == 30
    assert _retry.retry_after({**headers, "Date": "soon"}, NOW + 10) == 20


@pytest.mark.parametrize("asked", ["0", "00", email.utils.formatdate(NOW - 3600, usegmt=True)])
def test_a_pause_of_nothing_still_backs_off(asked):
    server = Server(*[answer(503, Retry_After=asked)] * 5)
    server.deliver()
    assert server.pauses == [0.5, 1.0, 2.0, 4.0]


def test_a_pause_is_never_shorter_than_the_backoff():
    server = Server(*[answer(503, Retry_After="3")] * 5)
    server.deliver()
    assert server.pauses == [3.0, 3.0, 3.0, 4.0]


def test_a_date_without_a_zone_is_utc_wherever_the_machine_is(monkeypatch):
    try:
        with monkeypatch.context() as far_away:
            far_away.setenv("TZ", "UTC+9")
            time.tzset()
            assert _retry.retry_after({"Retry-After": "Sat, 31 Jan 2026 06:00:10"}, NOW) == 10
    finally:
        time.tzset()


@pytest.mark.parametrize(
    "value", ["", "soon", "-1", "1.5", "1e3", "٣", "5, 10", "Sat, 31 Jan 2026 06:00:10 +" + "9" * 20]
)
def test_nonsense_in_retry_after_is_ignored(value):
    assert _retry.retry_after({"Retry-After": value}, NOW) is None
