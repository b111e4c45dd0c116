# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The endpoints of both generations, and their wire formats."""

from __future__ import annotations

import datetime
import email.utils
import http.client
import time
import urllib.parse

import pytest
import requests
from cloudbackup_simulator import facts
from simulator_client import TIMEOUT, V1_JOBS, V2_JOBS, V2_LICENSE, ids


def test_the_first_generation_has_the_documented_keys_and_ticks_as_integers(serve):
    page = serve(jobs=30).get(JobState=2).json()
    assert list(page) == ["TotalCount", "Jobs", "NextLink"]
    row = page["Jobs"][0]
    assert set(row) == {"Id", "State", "StartTime", "FinishTime", "Duration", "BackupDetails", "JobErrors"}
    assert set(row["BackupDetails"]) == {"TotalCount", "FailedCount", "SuccessfulCount", "SkippedCount"}
    assert row["Duration"] == row["FinishTime"] - row["StartTime"]
    assert all(isinstance(row[name], int) for name in ("StartTime", "FinishTime", "Duration"))
    details = row["BackupDetails"]
    assert details["TotalCount"] == details["FailedCount"] + details["SuccessfulCount"] + details["SkippedCount"]


def test_the_second_generation_has_an_envelope_iso_times_and_hours_as_text(serve):
    client = serve(jobs=30)
    page = client.get(V2_JOBS, JobState=2).json()
    assert set(page) == {"statusCode", "message", "data", "requestId", "timestamp", "metadata", "traceId"}
    assert (page["statusCode"], page["metadata"]["totalCount"]) == (200, 29)
    row = page["data"][0]
    assert set(row) == {"id", "state", "startTime", "finishTime", "duration", "backupDetails", "jobErrors"}
    start, finish = (
        datetime.datetime.strptime(row[name], "%Y-%m-%dT%H:%M:%SZ") for name in ("startTime", "finishTime")
    )
    assert float(row["duration"]) == pytest.approx((finish - start).total_seconds() / 3600, abs=0.001)
    assert ids(page["data"]) == ids(client.get(JobState=2).json()["Jobs"])
    answer = client.get(V2_LICENSE).json()
    assert answer["data"]["purchasedUserSeats"] == 100
    assert answer["requestId"] != page["requestId"]


@pytest.mark.parametrize(
    ("path", "query", "word"),
    [
        (V1_JOBS, {"JobType": "6"}, "JobType"),
        (V1_JOBS, {"ObjectType": "13"}, "ObjectType"),
        (V1_JOBS, {"JobState": "finished"}, "JobState"),
        (V1_JOBS, {"PageIndex": "-1"}, "PageIndex"),
        (V1_JOBS, {"PageSize": "0"}, "PageSize"),
        (V1_JOBS, {"StartTime": "2024-01-01"}, "StartTime"),
        (V1_JOBS, {"FinishTime": str(2**63)}, "FinishTime"),
        (V1_JOBS, {"PageSize": ["1", "2"]}, "more than once"),
        (V2_JOBS, {"StartTime": "2024-01-01T00:00:00Z"}, "StartTime"),
        (V2_JOBS, {"FinishTime": "2024-02-30"}, "FinishTime"),
        (V2_JOBS, {"location": "MOON"}, "location"),
    ],
)
def test_a_bad_parameter_is_refused_with_its_name(serve, path, query, word):
    answer = serve().get(path, **query)
    assert answer.status_code == 400
    assert word in answer.json()["message"]


def test_zero_and_the_extreme_dates_are_not_a_bound(serve):
    client = serve(jobs=40)
    for bounds in ({"StartTime": 0, "FinishTime": 0}, {"FinishTime": facts.MAXIMUM_DATE}):
        assert client.get(**bounds).json()["TotalCount"] == 40
    assert client.get(V2_JOBS, FinishTime="9999-12-31").json()["metadata"]["totalCount"] == 40


def test_the_second_generation_takes_whole_days_the_last_one_included(serve):
    client = serve("healthy")
    rows = client.get(V2_JOBS, StartTime="2026-02-20", FinishTime="2026-02-20", PageSize=100).json()["data"]
    assert {row["startTime"][:10] for row in rows} == {"2026-02-20"}
    assert 15 <= len(rows) <= 17


def test_a_location_has_its_own_jobs(serve):
    client = serve(jobs=40)
    shares = {
        place: set(ids(client.get(V2_JOBS, location=place, PageSize=100).json()["data"]))
        for place in ("NAM", "EUR", "PrimaryGeoLocation", "JPN")
    }
    assert shares["NAM"] == shares["PrimaryGeoLocation"]
    assert not shares["NAM"] & shares["EUR"]
    assert len(shares["NAM"] | shares["EUR"]) == 40
    assert shares["JPN"] == set()


def test_a_next_link_leads_to_the_next_page_with_the_same_filters(serve):
    client = serve(jobs=30)
    link = client.get(JobType=1, PageSize=5).json()["NextLink"]
    split = urllib.parse.urlsplit(link)
    assert f"{split.scheme}://{split.netloc}" == client.server.url
    assert dict(urllib.parse.parse_qsl(split.query)) == {"JobType": "1", "PageSize": "5", "PageIndex": "1"}
    assert "NextLink" not in client.get(PageSize=30).json()


def test_an_unknown_path_is_404_and_another_method_is_405(serve):
    client = serve()
    assert client.get("/cloudbackup/nothing").status_code == 404
    assert "message" in client.get("/").json()
    assert requests.delete(client.server.url + V1_JOBS, timeout=TIMEOUT).status_code == 405
    assert requests.get(client.server.token_url, timeout=TIMEOUT).status_code == 405


def test_answers_have_the_real_date_and_keep_the_connection(serve):
    client = serve("healthy", now="2020-01-01")
    host, port = urllib.parse.urlsplit(client.server.url).netloc.split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=TIMEOUT)
    ports = set()
    for _round in range(3):
        connection.request("GET", V1_JOBS, headers={"Authorization": f"Bearer {client.token(facts.JOBS_SCOPE)}"})
        answer = connection.getresponse()
        answer.read()
        ports.add(connection.sock.getsockname()[1])
        date = email.utils.parsedate_to_datetime(answer.headers["Date"])
        assert abs(date.timestamp() - time.time()) < 3
    assert len(ports) == 1
    connection.close()
