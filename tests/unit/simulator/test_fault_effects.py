# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults: each has the effect that is described."""

from __future__ import annotations

import email.utils
import gzip
import json
import math
import threading
import time
import urllib.parse
from typing import Any, Callable

import pytest
import requests
from cloudbackup_simulator import Mistake, Simulator, facts, faults
from simulator_client import PATIENCE, TIMEOUT, V1_JOBS, V1_LICENSE, V2_JOBS, V2_LICENSE, Client, ids


def raises(*errors: type[Exception]) -> Callable[[Client], None]:
    def check(client: Client) -> None:
        client.token(facts.JOBS_SCOPE)
        with pytest.raises(errors):
            client.get(timeout=PATIENCE if errors == SLOW else TIMEOUT)

    return check


def status(code: int) -> Callable[[Client], None]:
    def check(client: Client) -> None:
        assert client.get().status_code == code

    return check


def field(*path: Any, is_: Any = None, generation: int = 1, target: str = "jobs") -> Callable[[Client], None]:
    """A field of the answer has a value; None is that there is no such field."""
    endpoints = {(1, "jobs"): V1_JOBS, (1, "license"): V1_LICENSE, (2, "jobs"): V2_JOBS, (2, "license"): V2_LICENSE}

    def check(client: Client) -> None:
        value = client.get(endpoints[generation, target]).json()
        for part in path[:-1]:
            value = value[part]
        if is_ is None:
            assert path[-1] not in value
        elif is_ is math.nan:
            assert math.isnan(value[path[-1]])
        else:
            assert value[path[-1]] == is_
            assert type(value[path[-1]]) is type(is_)

    return check


def _check_json_status(client: Client) -> None:
    first, second, third = client.get(), client.get(), client.get()
    assert (first.status_code, first.headers["Retry-After"], first.json()["message"]) == (429, "7", "Slow, please.")
    assert (second.status_code, third.status_code) == (429, 200)


def _check_v2_status(client: Client) -> None:
    answer = client.get(V2_JOBS).json()
    assert (answer["statusCode"], answer["errors"], answer["data"]) == (500, ["The service is not well."], None)


def _check_html_status(client: Client) -> None:
    answer = client.get()
    assert (answer.status_code, answer.headers["Content-Type"]) == (502, "text/html")
    assert "<title>The service is not well.</title>" in answer.text
    later = email.utils.parsedate_to_datetime(answer.headers["Retry-After"]).timestamp()
    assert 55 < later - time.time() < 62


def _check_plain_status(client: Client) -> None:
    assert client.get().text == "a, b"


def _check_token_status(client: Client) -> None:
    answer = client.ask_token()
    assert (answer.status_code, answer.json()["error"]) == (503, "temporarily_unavailable")


def _check_drip(client: Client) -> None:
    begin = time.monotonic()
    assert client.get(timeout=5).json()["TotalCount"] == 40
    assert time.monotonic() - begin > 0.1


def _check_html(client: Client) -> None:
    answer = client.get()
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html")
    assert answer.text.startswith("<html>")


def _check_not_json(client: Client) -> None:
    answer = client.get()
    assert answer.headers["Content-Type"] == "application/json"
    with pytest.raises(ValueError, match="Expecting"):
        json.loads(answer.content)


def _check_content_type(client: Client) -> None:
    answer = client.get()
    assert answer.headers["Content-Type"] == "text/csv"
    assert answer.json()["TotalCount"] == 40


def _check_undecodable(client: Client) -> None:
    with pytest.raises(UnicodeDecodeError):
        client.get().content.decode("utf-8")


def _check_deep(client: Client) -> None:
    assert client.get().content == b"[" * 5000 + b"]" * 5000


def _check_bomb(client: Client) -> None:
    with client.session.get(
        client.server.url + V1_JOBS,
        headers={"Authorization": f"Bearer {client.token(facts.JOBS_SCOPE)}"},
        stream=True,
        timeout=5,
    ) as answer:
        packed = answer.raw.read(decode_content=False)
    assert len(packed) < 20_000
    whole = gzip.decompress(packed)
    assert len(whole) > 3 * 2**20
    assert json.loads(whole)["TotalCount"] == 40


def _check_endless(client: Client) -> None:
    with client.session.get(
        client.server.url + V1_JOBS,
        headers={"Authorization": f"Bearer {client.token(facts.JOBS_SCOPE)}"},
        stream=True,
        timeout=5,
    ) as answer:
        assert answer.headers["Transfer-Encoding"] == "chunked"
        assert len(answer.raw.read(2**20)) == 2**20


def _check_huge(client: Client) -> None:
    client.token(facts.JOBS_SCOPE)
    with pytest.raises(requests.ConnectionError):
        client.get(timeout=PATIENCE)
    headers = {"Authorization": f"Bearer {client.token(facts.JOBS_SCOPE)}"}
    with client.session.get(client.server.url + V1_JOBS, headers=headers, stream=True, timeout=PATIENCE) as answer:
        assert answer.headers["Content-Length"] == "99999999"


def _check_redirect(client: Client) -> None:
    answer = client.get()
    assert answer.status_code == 307
    location = answer.headers["Location"]
    assert location.endswith("/elsewhere")
    assert urllib.parse.urlsplit(location).hostname != urllib.parse.urlsplit(client.server.url).hostname
    requests.get(location, timeout=TIMEOUT)
    assert client.server.requests[-1].path == "/elsewhere"


def _check_foreign_link(client: Client) -> None:
    assert client.get(PageIndex=3).json()["NextLink"] == "https://evil.example.com?PageIndex=4"
    metadata = client.get(V2_JOBS).json()["metadata"]
    assert metadata["nextLink"].startswith("https://evil.example.com")


def _check_expiry(client: Client) -> None:
    assert [client.get().status_code for _round in range(3)] == [200, 401, 401]
    client.tokens.clear()
    assert client.get().status_code == 200


def _check_latency(client: Client) -> None:
    begin = time.monotonic()
    client.get()
    assert time.monotonic() - begin >= 0.2


def _check_list(client: Client) -> None:
    assert isinstance(client.get().json(), list)


def _check_null_jobs(client: Client) -> None:
    assert client.get().json()["Jobs"] is None
    assert client.get(V2_JOBS).json()["data"] is None


def _check_repeat(client: Client) -> None:
    pages = [ids(client.get(PageIndex=index).json()["Jobs"]) for index in range(3)]
    assert pages[0] == pages[1] != pages[2]
    assert client.server.requests[-2].query["PageIndex"] == "1"


def _check_shrink(client: Client) -> None:
    assert [client.get().json()["TotalCount"] for _round in range(3)] == [40, 37, 37]
    assert client.get(V2_JOBS).json()["metadata"]["totalCount"] == 37


def _check_lost(client: Client) -> None:
    sizes = [len(client.get(PageIndex=index).json()["Jobs"]) for index in range(4)]
    assert sizes == [10, 10, 9, 10]


def _check_duplicate(client: Client) -> None:
    rows = client.jobs(PageSize=10)
    assert (len(rows), len(set(ids(rows)))) == (40, 36)


def _check_envelope_status(client: Client) -> None:
    answer = client.get(V2_JOBS)
    assert (answer.status_code, answer.json()["statusCode"], answer.json()["message"]) == (200, 403, "no")
    assert client.get().json()["TotalCount"] == 40


def _check_envelope_errors(client: Client) -> None:
    answer = client.get(V2_JOBS).json()
    assert (answer["statusCode"], answer["errors"]) == (200, ["odd"])


def _check_echo(client: Client) -> None:
    answer = client.get()
    assert answer.status_code == 400
    token = client.tokens[facts.JOBS_SCOPE]
    assert answer.text.count(token) >= 3


def _check_echo_at_token(client: Client) -> None:
    client.server.client_secret = 'a"b/c+d'
    description = client.ask_token().json()["error_description"]
    assert description == 'refused: a"b/c+d / a%22b%2Fc%2Bd / a\\"b/c+d'


def _check_skewed(client: Client) -> None:
    date = email.utils.parsedate_to_datetime(client.get().headers["Date"])
    assert -605 < date.timestamp() - time.time() < -595


def _check_cached(date: float, age: str) -> Callable[[Client], None]:
    def check(client: Client) -> None:
        answers = [client.get() for _round in range(3)]
        assert {answer.json()["TotalCount"] for answer in answers} == {40}
        assert [answer.headers.get("Age") for answer in answers] == [None, age, None]
        ages = [
            time.time() - email.utils.parsedate_to_datetime(answer.headers["Date"]).timestamp() for answer in answers
        ]
        assert ages == pytest.approx([0, date, 0], abs=5)

    return check


def _check_no_date(client: Client) -> None:
    assert "Date" not in client.get().headers


def _check_token_field(name: str, value: Any) -> Callable[[Client], None]:
    def check(client: Client) -> None:
        assert client.ask_token().json().get(name) == value

    return check


BROKEN = (requests.ConnectionError, requests.exceptions.ChunkedEncodingError)
SLOW = (requests.Timeout, requests.ConnectionError)

FAULT_CASES: list[tuple[str, Callable[[Client], None]]] = [
    ("status:code=429,on=jobs,times=2,retry_after=7,text=Slow, please.", _check_json_status),
    ("status:code=500", _check_v2_status),
    ("status:code=502,as=html,retry_after_date=60", _check_html_status),
    ("status:as=plain,text=a, b", _check_plain_status),
    ("status:on=token", _check_token_status),
    ("status:on=any,after=1", status(503)),
    ("reset", raises(*BROKEN)),
    ("close_before_answer", raises(*BROKEN)),
    ("truncated:by=5", raises(*BROKEN)),
    ("truncated_chunked", raises(*BROKEN)),
    ("drip_headers:every=0.001", _check_drip),
    ("drip_body:every=0.0001", _check_drip),
    ("silent", raises(*SLOW)),
    ("silent_after_headers", raises(*SLOW)),
    ("html", _check_html),
    ("not_json", _check_not_json),
    ("wrong_content_type:type=text/csv", _check_content_type),
    ("undecodable", _check_undecodable),
    ("deep_nesting:depth=5000", _check_deep),
    ("gzip_bomb:mib=3", _check_bomb),
    ("corrupt_gzip", raises(requests.exceptions.ContentDecodingError)),
    ("endless_chunked", _check_endless),
    ("huge_content_length:bytes=99999999", _check_huge),
    ("redirect:code=307", _check_redirect),
    ("foreign_next_link:to=https://evil.example.com", _check_foreign_link),
    ("expire_tokens:after=1", _check_expiry),
    ("latency:seconds=0.2", _check_latency),
    ('set:field=Jobs.0.State,value="Paused, for now"', field("Jobs", 0, "State", is_="Paused, for now")),
    ("set:field=jobs.1.backupdetails.totalcount,value=-4", field("Jobs", 1, "BackupDetails", "TotalCount", is_=-4)),
    ("set:field=Jobs.0.BackupDetails,value=[]", field("data", 0, "backupDetails", is_=[], generation=2)),
    ("set:field=TotalCount,value=9", field("metadata", "totalCount", is_=9, generation=2)),
    ("set:field=statusCode,value=201", field("statusCode", is_=201, generation=2)),
    ("set:field=Jobs.99.State,value=1", status(200)),
    ("set:field=Nothing.at.all,value=1", status(200)),
    (
        "set:field=AssignedUserSeats,on=license,value=true",
        field("data", "assignedUserSeats", is_=True, generation=2, target="license"),
    ),
    ('set:on=token,field=token_type,value="mac"', _check_token_field("token_type", "mac")),
    (r'set:on=token,field=access_token,value="a\r\nX: b"', _check_token_field("access_token", "a\r\nX: b")),
    ("missing:on=token,field=access_token", _check_token_field("access_token", None)),
    ("missing:field=TotalCount", field("TotalCount")),
    ("missing:field=Jobs.0.Id", field("data", 0, "id", generation=2)),
    ("bool_count", field("TotalCount", is_=True)),
    ("bool_count", field("PurchasedUserSeats", is_=True, target="license")),
    ("float_count", field("metadata", "totalCount", is_=1.5, generation=2)),
    ("nan", field("TotalCount", is_=math.nan)),
    ("negative_count", field("TotalCount", is_=-1)),
    ("list_answer", _check_list),
    ("null_jobs", _check_null_jobs),
    ("time_out_of_range", field("Jobs", 0, "StartTime", is_=4 * 10**18)),
    ("time_out_of_range", field("data", 0, "startTime", is_="10000-01-01T00:00:00Z", generation=2)),
    ("time_text", field("OutOfPolicyTime", is_="yesterday", target="license")),
    ("repeat_page:page=1", _check_repeat),
    ("shrink_total:after=1,by=3", _check_shrink),
    ("lose_row:page=2,row=4", _check_lost),
    ("duplicate_row", _check_duplicate),
    ("envelope_status:code=403,text=no", _check_envelope_status),
    ("envelope_errors:text=odd", _check_envelope_errors),
    ("echo_secret", _check_echo),
    ("echo_secret:on=token", _check_echo_at_token),
    ("skewed_date:seconds=-600", _check_skewed),
    ("cached:after=1,times=1", _check_cached(7200, "7200")),
    ("cached:seconds=60.5,on=jobs,after=1,times=1", _check_cached(60.5, "60")),
    ("cached:age=400,date=0,after=1,times=1", _check_cached(0, "400")),
    ("cached:date=500,age=old,after=1,times=1", _check_cached(500, "old")),
    ("no_date", _check_no_date),
]


@pytest.mark.parametrize(("text", "check"), FAULT_CASES, ids=[text for text, _check in FAULT_CASES])
def test_a_fault_has_the_effect_that_is_described(serve, text, check):
    check(serve(jobs=40, faults=[text]))


def test_every_fault_has_a_case():
    assert {text.partition(":")[0] for text, _check in FAULT_CASES} == set(faults.FAULTS)


def test_several_faults_act_together_and_each_counts_its_requests(serve):
    client = serve(faults=["status:times=1", "status:code=500,after=1,times=1", "no_date:on=license"])
    assert [client.get().status_code for _round in range(3)] == [503, 500, 200]
    assert "Date" not in client.get(V1_LICENSE).headers


def test_a_fault_affects_exactly_its_number_of_requests_under_concurrency(serve):
    client = serve(jobs=5, faults=["status:times=20,on=jobs"])
    headers = {"Authorization": f"Bearer {client.token(facts.JOBS_SCOPE)}"}
    seen: list[int] = []

    def ask() -> None:
        with requests.Session() as session:
            seen.extend(session.get(client.server.url + V1_JOBS, headers=headers).status_code for _round in range(10))

    threads = [threading.Thread(target=ask) for _number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (seen.count(503), seen.count(200)) == (20, 40)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("stautus", "one of"),
        ("status:cod=1", "cod"),
        ("status:code=abc", "code"),
        ("status:code=42", "code"),
        ("status:on=everything", "on"),
        ("status:times=0", "times"),
        ("status:code", "argument=value"),
        ("set:field=State", "value is missing"),
        ("set:field=State,value=Finished", "JSON"),
        ("latency:seconds=-1", "seconds"),
    ],
)
def test_an_invalid_fault_is_refused_with_the_reason(text, word):
    with pytest.raises(Mistake, match=word):
        Simulator(faults=[text])
