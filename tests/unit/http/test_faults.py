# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of faults: what a server, a network or an attacker does, and what comes of it.

Each line is a fault of the simulator and the kind of failure that it ends in, or None where the read recovers.
The next fault is one line.
"""

from __future__ import annotations

import time

import pytest
import requests
from ansible_collections.cloudbackup.m365.plugins.module_utils import _license
from ansible_collections.cloudbackup.m365.plugins.module_utils._api import generations, queries
from ansible_collections.cloudbackup.m365.plugins.module_utils._http import errors
from ansible_collections.cloudbackup.m365.plugins.module_utils._http.credentials import ClientSecret, ReadyToken
from ansible_collections.cloudbackup.m365.plugins.module_utils._jobs import reading

MANY = 30
"""More than the first page of ten."""

BOTH_GENERATIONS = {
    # passing: tried again
    "status:code=408,times=1": None,
    "status:code=429,times=2": None,
    "status:code=429,times=1,retry_after=1": None,
    "status:code=503,times=1,retry_after_date=5": None,
    "status:code=500,times=1": None,
    "status:code=502,times=1,as=html": None,
    "status:code=503,times=2,as=plain": None,
    "status:code=504,times=1": None,
    "reset:times=2": None,
    "close_before_answer:times=1": None,
    "truncated:times=1": None,
    "truncated_chunked:times=1": None,
    "silent:times=1": None,
    "status:on=token,code=503,times=1": None,
    "reset:on=token,times=1": None,
    # passing, but not in time
    "status:code=408": "timeout",
    "status:code=429": "throttled",
    "status:code=429,retry_after=61": "throttled",
    "status:code=503,retry_after=3600": "server",
    "status:code=500": "server",
    "status:code=502,as=html": "server",
    "status:code=503,as=plain": "server",
    "status:code=504": "server",
    "reset": "connection",
    "close_before_answer": "connection",
    "truncated": "connection",
    "truncated_chunked": "connection",
    "status:on=token,code=429": "throttled",
    "status:on=token,code=500": "server",
    "truncated:on=token": "connection",
    # cut on time
    "drip_headers:every=0.2": "timeout",
    "drip_body:every=0.2": "timeout",
    "silent": "timeout",
    "silent_after_headers": "timeout",
    "drip_headers:on=token,every=0.2": "timeout",
    "drip_body:on=token,every=0.2": "timeout",
    # refused by the server
    "status:code=400": "rejected",
    "status:code=401": "authentication",
    "status:code=403": "permission",
    "status:code=404": "not_found",
    "status:code=405": "rejected",
    "status:code=410": "rejected",
    "status:code=501": "server",
    "status:code=204": "unexpected_answer",
    "status:on=token,code=400,error=invalid_client": "authentication",
    "status:on=token,code=401,error=invalid_client": "authentication",
    "status:on=token,code=400,error=invalid_scope": "permission",
    "status:on=token,code=404": "not_found",
    # redirects are answers, and none that anybody wants
    "redirect": "unexpected_answer",
    "redirect:code=301": "unexpected_answer",
    "redirect:code=307": "unexpected_answer",
    "redirect:code=308": "unexpected_answer",
    "redirect:on=token,code=307": "unexpected_answer",
    # bodies that are none
    "html": "unexpected_answer",
    "not_json": "unexpected_answer",
    "wrong_content_type": "unexpected_answer",
    "undecodable": "unexpected_answer",
    "deep_nesting": "unexpected_answer",
    "gzip_bomb": "unexpected_answer",
    "corrupt_gzip": "unexpected_answer",
    "endless_chunked": "unexpected_answer",
    "huge_content_length": "unexpected_answer",
    "html:on=token": "unexpected_answer",
    "list_answer:on=token": "unexpected_answer",
    "missing:on=token,field=access_token": "unexpected_answer",
    "set:on=token,field=access_token,value=5": "unexpected_answer",
    'set:on=token,field=access_token,value="a\\r\\nX-Evil: 1"': "unexpected_answer",
    'set:on=token,field=token_type,value="mac"': "unexpected_answer",
    # bodies that are wrong
    "list_answer": "unexpected_answer",
    "null_jobs": "unexpected_answer",
    "missing:field=Jobs": "unexpected_answer",
    "bool_count": "unexpected_answer",
    "float_count": "unexpected_answer",
    "nan": "unexpected_answer",
    "negative_count": "unexpected_answer",
    "time_out_of_range": "unexpected_answer",
    "time_text": "unexpected_answer",
    "set:field=Jobs.0.State,value=2": "unexpected_answer",
    "set:field=Jobs.0.Id,value=null": "unexpected_answer",
    "set:field=Jobs.0.BackupDetails,value=[]": "unexpected_answer",
    'set:field=NextLink,value={"href": "x"}': "unexpected_answer",
    "foreign_next_link": "unexpected_answer",
    'set:field=TotalCount,value="30"': None,
    "missing:field=Jobs.0.StartTime": None,
    # lists that are not whole
    "missing:field=TotalCount": "incomplete",
    "repeat_page:page=2": "incomplete",
    "repeat_page": None,  # that is a server which counts pages from 1
    "lose_row": "incomplete",
    "duplicate_row": "incomplete",
    "shrink_total": "incomplete",
    "lose_row:times=1": None,
    "duplicate_row:times=1": None,
    "set:field=TotalCount,value=5000001": "incomplete",
    # a token that expires while pages are read
    "expire_tokens:after=1": None,
}
SECOND_GENERATION = {
    "envelope_status:code=500": "server",
    "envelope_status:code=403": "permission",
    "envelope_status:code=404": "not_found",
    "envelope_status:code=400": "rejected",
    "envelope_errors": "server",
    "missing:field=statusCode": "unexpected_answer",
    "missing:field=metadata": "incomplete",
}
FAULTS = [(version, *row) for version in ("v1", "v2") for row in BOTH_GENERATIONS.items()]
FAULTS += [("v2", *row) for row in SECOND_GENERATION.items()]
SLOW = ("silent", "drip")


def read(client, query=None):
    return reading.read(
        client,
        generations.generation(client.connection.api_version),
        [query or queries.Query()],
        include_jobs=True,
        recent_jobs=5,
        max_jobs=5_000_000,
    )


def failure_of(client):
    with pytest.raises(errors.Error) as caught:
        read(client)
    return caught.value


@pytest.mark.parametrize(("version", "fault", "kind"), FAULTS, ids=[f"{row[0]} {row[1]}" for row in FAULTS])
def test_a_fault_ends_in_its_kind_of_failure_or_is_recovered_from(version, fault, kind, simulate, connect):
    simulator = simulate(fault, jobs=MANY)
    client = connect(
        simulator, api_version=version, page_size=10, timeout=0.6 if fault.startswith(SLOW) else 30, retries=2
    )
    if kind is None:
        result = read(client)
        assert result["complete"] is True
        assert len({job["id"] for job in result["jobs"]}) == MANY
        return
    error = failure_of(client)
    assert error.failure.kind == kind, error.message
    assert error.failure.hint
    assert error.failure.url.startswith(simulator.url)
    for secret in (simulator.client_secret, "Bearer "):
        assert secret not in repr(error.failure) + error.message
    assert all("localhost" not in request.headers.get("Host", "") for request in simulator.requests)


def test_the_table_is_long_enough():
    assert len(FAULTS) >= 40


@pytest.mark.parametrize("fault", ["status:code=503", "reset", "silent", "truncated"])
@pytest.mark.parametrize("retries", [0, 1, 3])
def test_never_more_than_retries_further_tries(fault, retries, simulate, connect):
    simulator = simulate(fault)
    error = failure_of(connect(simulator, timeout=0.3 if fault == "silent" else 5, retries=retries))
    assert error.failure.attempts == retries + 1
    assert len([request for request in simulator.requests if request.method == "GET"]) == retries + 1


@pytest.mark.parametrize("code", [400, 401, 403, 404, 501])
def test_what_cannot_pass_is_asked_once(code, simulate, connect):
    simulator = simulate(f"status:code={code}")
    client = connect(simulator, credentials=_ready_token(simulator))
    assert failure_of(client).failure.attempts == 1
    assert len(simulator.requests) == 2  # the token of the test, and one try


def _ready_token(simulator):
    form = {
        "grant_type": "client_credentials",
        "client_id": simulator.client_id,
        "client_secret": simulator.client_secret,
        "scope": "microsoft365backup.jobInfo.read.all",
    }
    return ReadyToken(requests.post(simulator.token_url, data=form, timeout=5).json()["access_token"])


def test_the_pauses_are_those_of_the_policy(simulate, connect):
    client = connect(simulate("status:code=503"), retries=4)
    failure_of(client)
    assert client.pauses == [0.5, 1.0, 2.0, 4.0]
    client = connect(simulate("status:code=429,retry_after=7"), retries=1)
    failure_of(client)
    assert client.pauses == [7.0]


def test_a_longer_pause_than_is_waited_is_reported(simulate, connect):
    error = failure_of(connect(simulate("status:code=429,retry_after=300")))
    assert error.failure.attempts == 1
    assert "asks for a delay of 300 s" in error.message


def test_a_refusal_gives_the_servers_own_words_and_ids(simulate, connect):
    error = failure_of(connect(simulate("status:code=400,text=PageSize is too large, even for us"), api_version="v2"))
    assert "PageSize is too large, even for us" in error.message
    assert error.failure.request_id
    assert error.failure.trace_id
    assert error.failure.status == 400
    assert error.failure.method == "GET"


def test_a_403_names_the_permission_and_a_404_the_data_center_and_the_product(simulate, connect):
    error = failure_of(connect(simulate("status:code=403")))
    assert "microsoft365backup.jobInfo.read.all" in error.failure.hint
    error = failure_of(connect(simulate("status:code=404"), data_center="uk"))
    assert "data_center uk" in error.failure.hint
    assert "Cloud Backup for Microsoft 365" in error.failure.hint
    assert "api_version v1" in error.failure.hint


def test_a_scope_that_was_not_granted_is_named_wherever_it_is_refused(simulate, connect):
    granted = ["microsoft365backup.subscriptionInfo.read.all"]
    for habit in ("refuse", "issue"):
        simulator = simulate(granted_scopes=granted, habits={"ungranted_scope": habit})
        error = failure_of(connect(simulator))
        assert error.failure.kind == "permission"
        assert "microsoft365backup.jobInfo.read.all" in error.failure.hint


def test_a_wrong_secret_is_reported_as_such(simulate, connect):
    simulator = simulate()
    error = failure_of(connect(simulator, credentials=ClientSecret(simulator.client_id, "another")))
    assert error.failure.kind == "authentication"
    assert error.failure.method == "POST"
    assert "client_secret" in error.failure.hint


@pytest.mark.parametrize("on", ["api", "token"])
def test_a_secret_that_is_echoed_is_cut(on, simulate, connect):
    simulator = simulate(f"echo_secret:on={on}")
    error = failure_of(connect(simulator))
    sent = simulator.requests[-1]
    found = error.message + repr(error.failure)
    assert "the server's message is not shown, since it contains a secret" in found
    assert simulator.client_secret not in found
    if on == "api":
        assert sent.headers["Authorization"].split()[1] not in found


def test_a_token_that_expires_while_paging_is_fetched_anew_once(simulate, connect):
    simulator = simulate("expire_tokens:after=2", jobs=MANY)
    client = connect(simulator, page_size=10)
    assert read(client)["complete"] is True
    methods = [request.method for request in simulator.requests]
    assert methods == ["POST", "GET", "GET", "GET", "POST", "GET", "GET", "GET"]
    assert client.traffic.retries == 0


def test_a_token_that_is_refused_anew_is_not_fetched_for_ever(simulate, connect):
    simulator = simulate("status:code=401")
    failure = failure_of(connect(simulator)).failure
    assert (failure.kind, failure.attempts) == ("authentication", 2)
    assert [request.method for request in simulator.requests] == ["POST", "GET", "POST", "GET"]


def test_a_ready_token_that_is_refused_says_what_to_do(simulate, connect):
    simulator = simulate()
    error = failure_of(connect(simulator, credentials=ReadyToken("not-a-good-token")))
    assert (error.failure.kind, error.failure.attempts) == ("authentication", 1)
    assert "access_token" in error.failure.hint
    assert "not-a-good-token" not in error.message


def test_one_scope_per_token_and_a_token_per_scope(simulate, connect):
    simulator = simulate()
    client = connect(simulator)
    read(client)
    _license.read(client, generations.generation("v1"), 0)
    read(client)
    asked = [request.form["scope"] for request in simulator.requests if request.method == "POST"]
    assert asked == ["microsoft365backup.jobInfo.read.all", "microsoft365backup.subscriptionInfo.read.all"]


def test_the_clock_of_the_server_is_reported(simulate, connect):
    client = connect(simulate("skewed_date:seconds=-600"))
    read(client)
    assert -602 <= client.traffic.clock_offset_seconds <= -598
    client = connect(simulate("no_date"))
    read(client)
    assert client.traffic.clock_offset_seconds is client.traffic.server_time is None


@pytest.mark.parametrize(
    ("fault", "offset", "age"),
    [
        ("skewed_date:seconds=10800,after=1,times=1", 10_800, None),
        ("skewed_date:seconds=-10800,times=1", -10_800, None),
        ("cached:seconds=7200,after=1,times=1", -7_200, 7_200),
        ("cached:age=301,date=0,times=1", 0, 301),
        ("cached:age=0,date=0", 0, 0),
        ("cached:age=old,date=0,times=1", 0, 2**31),
        ("cached:age=99999999999999999999,date=0,times=1", 0, 2**31),
    ],
)
def test_the_largest_clock_offset_and_age_of_all_answers_count(fault, offset, age, simulate, connect):
    """Whichever of them came last: one page out of a cache is an old page."""
    client = connect(simulate(fault, jobs=30), page_size=10)
    assert read(client)["complete"] is True
    assert abs(client.traffic.clock_offset_seconds - offset) <= 2
    assert client.traffic.age_seconds == age


def test_an_answer_that_was_not_used_says_nothing_of_the_clock(simulate, connect):
    client = connect(simulate("status:code=503,times=1", "skewed_date:seconds=10800,times=1"))
    read(client)
    assert abs(client.traffic.clock_offset_seconds) <= 2


def test_a_body_that_takes_its_time_is_no_clock_offset(simulate, connect):
    """The Date is compared with the moment when the headers came."""
    client = connect(simulate("drip_body:every=0.01,on=jobs", jobs=1), timeout=30)
    started = time.monotonic()
    read(client)
    assert time.monotonic() - started > 2
    assert abs(client.traffic.clock_offset_seconds) <= 1


def test_no_connection_at_all(connect, simulate):
    simulator = simulate()
    simulator.stop()
    error = failure_of(connect(simulator))
    assert error.failure.kind == "connection"
    assert "Connection refused" in error.message


@pytest.mark.parametrize("field", ["Jobs.0.StartTime", "Jobs.0.State", "NextLink"])
def test_half_a_secret_is_not_reported_either(field, simulate, connect):
    """A long secret in a wrong field: cut out before the message is shortened, not after."""
    secret = "long-secret-" + "x" * 900
    value = f'["{secret}"]' if field != "NextLink" else f'"https://evil.example/{secret}"'
    simulator = simulate(f"set:field={field},value={value}", client_secret=secret)
    error = failure_of(connect(simulator))
    assert error.failure.kind == "unexpected_answer"
    assert "the server's message is not shown, since it contains a secret" in error.message
    assert "xxxx" not in error.message


def test_a_message_is_one_line_that_a_person_reads(simulate, connect):
    error = failure_of(connect(simulate("status:code=400,text=" + "many words\n\x1b[31m" * 500)))
    assert len(error.message) <= 600 + len("all jobs of all services: ")
    assert error.message.isprintable()


FORM = "access_token=a-token-that-nobody-knows&token_type=bearer"


@pytest.mark.parametrize("code", [200, 201])
def test_a_token_in_an_answer_that_is_none_is_not_reported(code, simulate, connect):
    """Not JSON, so nobody knows which part of it is the token."""
    error = failure_of(connect(simulate(f"status:on=token,code={code},as=plain,text={FORM}")))
    assert (error.failure.kind, error.failure.method, error.failure.status) == ("unexpected_answer", "POST", code)
    assert "a-token" not in error.message


@pytest.mark.parametrize("fault", ["missing:on=token,field=access_token", 'set:on=token,field=token_type,value="mac"'])
def test_an_answer_without_a_token_is_reported_of_the_token_endpoint(fault, simulate, connect):
    simulator = simulate(fault)
    error = failure_of(connect(simulator))
    assert (error.failure.method, error.failure.url) == ("POST", simulator.token_url)
    assert "is the token URL" in error.failure.hint


ANSWERED = ["html", "not_json", "undecodable", "wrong_content_type", "gzip_bomb", "corrupt_gzip"]


@pytest.mark.parametrize("fault", [*ANSWERED, "null_jobs", "nan", *(f"{name}:on=token" for name in ANSWERED)])
def test_an_answer_that_cannot_be_used_is_reported_with_its_status_and_attempts(fault, simulate, connect):
    error = failure_of(connect(simulate(fault), timeout=30))
    assert (error.failure.status, error.failure.attempts) == (200, 1)
    assert "HTTP status 200" in error.message
