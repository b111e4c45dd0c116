# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator, over real sockets. Every scenario, habit and fault of its tables has a row in the tables here."""

from __future__ import annotations

import base64
import datetime
import email.utils
import http.client
import importlib.util
import json
import math
import os
import pathlib
import signal
import socket
import ssl
import stat
import subprocess
import sys
import threading
import time
import urllib.parse
import uuid
from typing import Any, Callable

import jwt
import pytest
import requests
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given, settings
from hypothesis import strategies as st

ROLE = pathlib.Path(__file__).resolve().parents[4] / "roles" / "simulator"
PROGRAM = ROLE / "files" / "cloudbackup_simulator.py"
_SPEC = importlib.util.spec_from_file_location("simulator_under_test", PROGRAM)
simulator = importlib.util.module_from_spec(_SPEC)
sys.modules[_SPEC.name] = simulator  # dataclasses look their module up
_SPEC.loader.exec_module(simulator)

V1_JOBS, V1_LICENSE, V2_JOBS, V2_LICENSE = simulator.ENDPOINTS
NOW = "2026-03-01T12:00:00Z"
NOW_TICKS = simulator.parse_now(NOW)
TIMEOUT = 10.0
PATIENCE = 0.6
"""Seconds after which a client gives up: on any server, and on one that is known not to answer."""


class Client:
    """Requests against one simulator, with the right token."""

    def __init__(self, server: Any) -> None:
        self.server = server
        self.session = requests.Session()
        self.session.trust_env = False
        self.tokens: dict[str, str] = {}

    def ask_token(self, scope: str = simulator.JOBS_SCOPE, **form: Any) -> requests.Response:
        whole = {
            "grant_type": "client_credentials",
            "client_id": self.server.client_id,
            "client_secret": self.server.client_secret,
            "scope": scope,
            **form,
        }
        data = {name: value for name, value in whole.items() if value is not None}
        return self.session.post(self.server.token_url, data=data, timeout=TIMEOUT, allow_redirects=False)

    def token(self, scope: str) -> str:
        if scope not in self.tokens:
            self.tokens[scope] = self.ask_token(scope).json()["access_token"]
        return self.tokens[scope]

    def get(self, path: str = V1_JOBS, timeout: float = TIMEOUT, **query: Any) -> requests.Response:
        scope = simulator.ENDPOINTS[path].scope if path in simulator.ENDPOINTS else simulator.JOBS_SCOPE
        headers = {"Authorization": f"Bearer {self.token(scope)}"}
        return self.session.get(
            self.server.url + path, params=query, headers=headers, timeout=timeout, allow_redirects=False
        )

    def jobs(self, **query: Any) -> list[dict[str, Any]]:
        """All rows, page by page, as long as there is a NextLink."""
        size, rows = query.setdefault("PageSize", 100), []
        for index in range(10_000 // size + 260):
            page = self.get(PageIndex=index, **query).json()
            rows += page["Jobs"]
            if not page.get("NextLink"):
                return rows
        raise AssertionError("the list does not end")

    def license(self) -> dict[str, Any]:
        return self.get(V1_LICENSE).json()


@pytest.fixture(name="serve")
def _serve():
    started = []

    def serve(*arguments: Any, **options: Any) -> Client:
        started.append(simulator.Simulator(*arguments, **{"now": NOW, **options}))
        return Client(started[-1])

    yield serve
    for server in started:
        server.stop()


def ids(rows: list[dict[str, Any]]) -> list[str]:
    return [row.get("Id") or row["id"] for row in rows]


def hours_old(ticks: int) -> float:
    return (NOW_TICKS - ticks) / simulator.HOUR


# --- Scenarios --------------------------------------------------------------------------------------------------------


def newest_backups(client: Client) -> dict[str, list[dict[str, Any]]]:
    """The backups of every service that has some, the newest first."""
    found = {name: client.jobs(JobType=1, ObjectType=number) for name, number in simulator.OBJECT_TYPES.items()}
    return {name: rows for name, rows in found.items() if rows}


def test_a_healthy_tenant_has_four_clean_backups_a_day_of_four_services_and_one_restore(serve):
    client = serve("healthy")
    backups = newest_backups(client)
    assert set(backups) == {"exchange_online", "sharepoint_online", "onedrive", "teams"}
    for rows in backups.values():
        done = [row for row in rows if row["State"] != "In Progress"]
        assert {row["State"] for row in done} == {"Finished"}
        assert hours_old(done[0]["FinishTime"]) < 6
        lately = [row for row in done if hours_old(row["StartTime"]) < 7 * 24]
        assert 27 <= len(lately) <= 29
        totals = [row["BackupDetails"]["TotalCount"] for row in done]
        assert min(totals) > 0
        assert max(totals) - min(totals) <= 2
        assert all(row["FinishTime"] > row["StartTime"] for row in done)
    (restore,) = client.jobs(JobType=2)
    assert restore["State"] == "Finished"
    assert 29 < hours_old(restore["FinishTime"]) / 24 < 31
    assert [len(client.jobs(JobType=number)) for number in (3, 4, 5)] == [0, 0, 0]
    (running,) = client.jobs(JobState=1)
    assert hours_old(running["StartTime"]) < 1
    assert client.license() == {
        "OutOfPolicyTime": 0,
        "PurchasedUserSeats": 100,
        "AssignedUserSeats": 47,
        "PurchasedStorageSize": 0,
        "ProtectedSize": 0,
    }


def test_seats_exceeded_has_108_of_100_seats_assigned(serve):
    told = serve("seats_exceeded").license()
    assert (told["AssignedUserSeats"], told["PurchasedUserSeats"]) == (108, 100)


def test_stale_exchange_has_its_last_success_three_days_ago_and_the_rest_is_fresh(serve):
    ages = {
        name: hours_old(max(row["FinishTime"] for row in rows))
        for name, rows in newest_backups(serve("stale_exchange")).items()
    }
    assert 71 < ages.pop("exchange_online") < 73
    assert max(ages.values()) < 6


def test_silent_teams_stopped_ten_days_ago_and_nothing_failed(serve):
    client = serve("silent_teams")
    rows = newest_backups(client)["teams"]
    assert hours_old(rows[0]["StartTime"]) / 24 >= 10
    assert client.get(JobState=3).json()["TotalCount"] == 0


def test_failing_has_three_failures_in_a_row_and_a_success_before(serve):
    rows = newest_backups(serve("failing"))["exchange_online"]
    assert [row["State"] for row in rows[:4]] == ["Failed", "Failed", "Failed", "Finished"]
    assert rows[0]["BackupDetails"]["SuccessfulCount"] == 0
    assert rows[0]["JobErrors"]


def test_out_of_policy_has_its_time_in_ticks_five_days_ago(serve):
    assert hours_old(serve("out_of_policy").license()["OutOfPolicyTime"]) == 120


def test_per_capacity_bought_storage_alone(serve):
    told = serve("per_capacity").license()
    assert [told[name] for name in simulator.LICENSE_FIELDS] == [0, 0, 0, 500, 320]


def test_empty_has_no_job_and_a_license(serve):
    client = serve("empty")
    assert client.get().json() == {"TotalCount": 0, "Jobs": []}
    assert client.license()["PurchasedUserSeats"] == 100


def test_large_has_all_services_types_and_states_within_a_week(serve):
    client = serve("large")
    assert client.get().json()["TotalCount"] == 100_000
    assert all(client.get(ObjectType=number).json()["TotalCount"] for number in simulator.OBJECT_TYPES.values())
    assert all(client.get(JobType=number).json()["TotalCount"] for number in simulator.JOB_TYPES.values())
    assert all(client.get(JobState=number).json()["TotalCount"] for number in (2, 3, 4, 5))
    week = NOW_TICKS - 7 * simulator.DAY
    assert client.get(StartTime=week).json()["TotalCount"] == 100_000
    newest = [client.get(JobType=1, ObjectType=number, PageSize=1).json()["Jobs"][0] for number in range(1, 13)]
    assert {row["State"] for row in newest} == {"Finished"}


def test_every_scenario_is_an_input_of_the_role():
    options = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text())["argument_specs"]["main"]["options"]
    assert options["simulator_scenario"]["choices"] == list(simulator.SCENARIOS)


def test_the_roles_readme_names_every_habit_fault_and_argument():
    readme = (ROLE / "README.md").read_text()
    assert [name for name in (*simulator.HABITS, *simulator.FAULTS) if f"`{name}`" not in readme] == []
    arguments = {argument for kind in simulator.FAULTS.values() for argument in kind.arguments}
    assert [name for name in arguments if f"`{name}" not in readme] == []


# --- Jobs in any number -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page_size", [1, 10, 100, 1000])
def test_257_jobs_are_exactly_257_for_every_page_size(serve, page_size):
    rows = serve("healthy", jobs=257).jobs(PageSize=page_size)
    assert len(rows) == len(set(ids(rows))) == 257
    starts = [row["StartTime"] for row in rows]
    assert starts == sorted(starts, reverse=True)


@pytest.mark.parametrize("jobs", [0, 1, 3, 6, 29, 10_007])
@pytest.mark.parametrize("scenario", ["healthy", "failing", "large"])
def test_any_number_of_jobs_is_met_exactly(jobs, scenario):
    tenant = simulator.build_tenant(scenario, NOW_TICKS, jobs=jobs)
    slices = simulator.select_slices(tenant, simulator.Filters())
    assert sum(map(len, slices)) == jobs
    assert len({job.id for job in simulator.select_jobs(slices, 0, jobs)}) == jobs


def test_a_page_in_the_middle_of_a_million_jobs_costs_no_more_than_the_page(serve, monkeypatch):
    client = serve("large", jobs=1_000_000)
    dice = []
    real = simulator.scramble
    monkeypatch.setattr(simulator, "scramble", lambda *numbers: dice.append(1) or real(*numbers))
    costs = []
    for index in (0, 5000, 9999):
        dice.clear()
        page = client.get(PageIndex=index, PageSize=100, timeout=10).json()
        assert page["TotalCount"] == 1_000_000
        assert len(set(ids(page["Jobs"]))) == 100
        costs.append(len(dice))
    # About six figures a row, and a search over 28 series that does not know how many jobs there are.
    assert max(costs) < 8000
    assert "NextLink" not in page
    before, after = (
        ids(client.get(PageIndex=index, PageSize=100, timeout=10).json()["Jobs"]) for index in (4999, 5001)
    )
    assert not set(before) & set(after)


def test_ids_depend_on_the_seed_alone(serve):
    first = ids(serve("healthy", jobs=50).jobs())
    assert ids(serve("healthy", jobs=50, now="2024-06-01").jobs()) == first
    assert not set(ids(serve("healthy", jobs=50, seed=2).jobs())) & set(first)


def test_days_spread_the_jobs_over_a_window(serve):
    client = serve("healthy", jobs=400, days=7)
    assert client.get(StartTime=NOW_TICKS - 7 * simulator.DAY).json()["TotalCount"] == 399  # but for the restore


def test_times_relate_to_the_real_clock_by_default(serve):
    row = serve("healthy", now=None).get(JobState=2, PageSize=1).json()["Jobs"][0]
    real = simulator.to_ticks(datetime.datetime.now(datetime.timezone.utc))
    assert 0 < real - row["FinishTime"] < 6 * simulator.HOUR


_TENANT = simulator.build_tenant("large", NOW_TICKS, jobs=300, seed=5, unknown_every=7)
_MOMENTS = st.one_of(
    st.none(),
    st.integers(NOW_TICKS - 8 * simulator.DAY, NOW_TICKS),
    st.sampled_from([each.start(n) for each in _TENANT.series if each.kind == "history" for n in range(each.count)]),
)


@settings(max_examples=200, deadline=None)
@given(
    filters=st.builds(
        simulator.Filters,
        start=_MOMENTS,
        finish=_MOMENTS,
        job_type=st.integers(0, 5),
        object_type=st.integers(0, 12),
        state=st.integers(0, 5),
        location=st.sampled_from([None, "NAM", "EUR", "PrimaryGeoLocation", "JPN"]),
    ),
    range_on=st.sampled_from(["start", "finish"]),
    order=st.sampled_from(["newest", "oldest"]),
    grown=st.integers(0, 3),
    removed=st.integers(0, 3),
    offset=st.integers(0, 320),
    size=st.integers(1, 320),
)
def test_arithmetic_finds_what_looking_at_every_job_finds(filters, range_on, order, grown, removed, offset, size):
    expected = []
    for rank, series in enumerate(_TENANT.series):
        is_history = series.kind == "history" and series.job_type == 1
        numbers = range(min(grown, series.count)) if series.kind == "arrivals" else range(series.count)
        for number in numbers[removed:] if is_history else numbers:
            job, location = series.job(number), series.traits[number % len(series.traits)][1]
            moment = job.start if range_on == "start" else job.finish
            if (
                filters.job_type in (0, series.job_type)
                and filters.object_type in (0, series.object_type)
                and filters.state in (0, job.state)
                and filters.location in (None, location, "PrimaryGeoLocation" if location == "NAM" else None)
                and (filters.start is None or moment >= filters.start)
                and (filters.finish is None or moment <= filters.finish)
            ):
                expected.append((-job.start, rank, job))
    rows = [job for _start, _rank, job in sorted(expected, key=lambda row: row[:2])]
    slices = simulator.select_slices(_TENANT, filters, range_on=range_on, grown=grown, removed=removed)
    assert sum(map(len, slices)) == len(rows)
    rows = rows[::-1] if order == "oldest" else rows
    assert simulator.select_jobs(slices, offset, size, order) == rows[offset : offset + size]


# --- The license ------------------------------------------------------------------------------------------------------


def test_license_figures_can_be_overridden_left_out_and_be_of_a_wrong_type(serve):
    told = serve(license={"AssignedUserSeats": 101, "protectedsize": "absent", "PurchasedUserSeats": [1]}).license()
    assert told == {
        "OutOfPolicyTime": 0,
        "PurchasedUserSeats": [1],
        "AssignedUserSeats": 101,
        "PurchasedStorageSize": 0,
    }


# --- The wire format --------------------------------------------------------------------------------------------------


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
    told = client.get(V2_LICENSE).json()
    assert told["data"]["purchasedUserSeats"] == 100
    assert told["requestId"] != page["requestId"]


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


def test_zero_and_the_extreme_dates_are_no_bound(serve):
    client = serve(jobs=40)
    for bounds in ({"StartTime": 0, "FinishTime": 0}, {"FinishTime": simulator.MAXIMUM_DATE}):
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


def test_what_is_not_there_is_404_and_other_methods_are_405(serve):
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
        connection.request("GET", V1_JOBS, headers={"Authorization": f"Bearer {client.token(simulator.JOBS_SCOPE)}"})
        answer = connection.getresponse()
        answer.read()
        ports.add(connection.sock.getsockname()[1])
        date = email.utils.parsedate_to_datetime(answer.headers["Date"])
        assert abs(date.timestamp() - time.time()) < 3
    assert len(ports) == 1
    connection.close()


# --- Tokens -----------------------------------------------------------------------------------------------------------


def test_a_secret_gets_a_token_for_its_scope(serve):
    client = serve()
    answer = client.ask_token()
    told = answer.json()
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert (told["token_type"], told["expires_in"], told["scope"]) == ("Bearer", 3600, simulator.JOBS_SCOPE)
    assert client.get().status_code == 200


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"client_id": "somebody"}, "invalid_client"),
        ({"client_id": None}, "invalid_request"),
        ({"client_secret": None}, "invalid_request"),
        ({"client_assertion": "x", "client_assertion_type": simulator.ASSERTION_TYPE}, "invalid_request"),
        ({"scope": None}, "invalid_scope"),
        ({"scope": "openid"}, "invalid_scope"),
        ({"scope": f"{simulator.JOBS_SCOPE} {simulator.LICENSE_SCOPE}"}, "invalid_scope"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": None}, "invalid_request"),
        ({"scope": [simulator.JOBS_SCOPE, simulator.JOBS_SCOPE]}, "invalid_request"),
    ],
)
def test_a_wrong_token_request_is_refused_in_the_words_of_oauth(serve, form, error):
    answer = serve().ask_token(**form)
    assert answer.status_code == 400
    assert answer.json()["error"] == error
    assert answer.json()["error_description"]


def test_a_token_request_must_be_a_form(serve):
    answer = requests.post(serve().server.token_url, json={}, timeout=TIMEOUT)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer made-up"}, {"Authorization": "Basic eDp5"}])
def test_the_api_refuses_who_has_no_token(serve, headers):
    client = serve()
    for path in simulator.ENDPOINTS:
        answer = requests.get(client.server.url + path, headers=headers, timeout=TIMEOUT)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert answer.json()["message"]


def test_an_expired_token_is_refused(serve):
    client = serve(token_lifetime=0.1)
    assert client.get().status_code == 200
    time.sleep(0.15)
    assert client.get().status_code == 401


def test_a_token_for_another_scope_is_refused(serve):
    client = serve()
    client.tokens[simulator.JOBS_SCOPE] = client.token(simulator.LICENSE_SCOPE)
    answer = client.get()
    assert answer.status_code == 403
    assert simulator.JOBS_SCOPE in answer.json()["message"]


def test_a_scope_that_is_not_granted_is_refused(serve):
    client = serve(granted_scopes=[simulator.LICENSE_SCOPE])
    assert client.ask_token().json()["error"] == "invalid_scope"
    assert client.get(V1_LICENSE).status_code == 200


class Keys:
    """A private key and its certificate."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
        now = datetime.datetime.now(datetime.timezone.utc)
        self.certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(
                x509.SubjectAlternativeName([x509.IPAddress(simulator.ipaddress.ip_address("127.0.0.1"))]), False
            )
            .sign(self.key, hashes.SHA256())
        )
        self.pem = self.certificate.public_bytes(serialization.Encoding.PEM).decode()
        self.key_pem = self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()

    def assertion(self, token_url: str, headers: dict[str, Any] | None = None, **claims: Any) -> str:
        thumbprint = self.certificate.fingerprint(hashes.SHA1())
        now = int(time.time())
        whole = {
            "iss": simulator.CLIENT_ID,
            "sub": simulator.CLIENT_ID,
            "aud": token_url,
            "jti": str(uuid.uuid4()),
            "nbf": now - 5,
            "exp": now + 600,
            **claims,
        }
        return jwt.encode(
            {name: value for name, value in whole.items() if value is not None},
            self.key,
            algorithm="RS256",
            headers={
                "kid": thumbprint.hex().upper(),
                "x5t": base64.urlsafe_b64encode(thumbprint).rstrip(b"=").decode(),
                **(headers or {}),
            },
        )


@pytest.fixture(name="keys", scope="module")
def _keys() -> Keys:
    return Keys()


def sign_in(client: Client, assertion: str) -> requests.Response:
    kind = {"client_assertion_type": simulator.ASSERTION_TYPE, "client_assertion": assertion}
    return client.ask_token(client_secret=None, **kind)


def test_a_signed_assertion_gets_a_token_once(serve, keys):
    client = serve(certificate_pem=keys.pem)
    assertion = keys.assertion(client.server.token_url)
    assert sign_in(client, assertion).status_code == 200
    answer = sign_in(client, assertion)
    assert (answer.status_code, answer.json()["error_description"]) == (400, "the assertion was used before")


@pytest.mark.parametrize(
    ("headers", "claims", "word"),
    [
        ({"kid": "AB"}, {}, "thumbprint"),
        ({"x5t": "AB"}, {}, "thumbprint"),
        ({}, {"aud": "https://identity.example.com/connect/token"}, "aud"),
        ({}, {"iss": "somebody"}, "iss"),
        ({}, {"sub": "somebody"}, "sub"),
        ({}, {"exp": 1_000_000_000}, "expired"),
        ({}, {"exp": 4_000_000_000}, "an hour"),
        ({}, {"exp": None}, "exp"),
        ({}, {"nbf": 4_000_000_000}, "nbf"),
        ({}, {"nbf": None}, "nbf"),
        ({}, {"jti": None}, "jti"),
    ],
)
def test_a_wrong_assertion_is_refused_with_what_is_wrong(serve, keys, headers, claims, word):
    client = serve(certificate_pem=keys.pem)
    answer = sign_in(client, keys.assertion(client.server.token_url, headers, **claims))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client")
    assert word in answer.json()["error_description"]


def test_the_signature_of_an_assertion_is_really_checked(serve, keys):
    client = serve(certificate_pem=keys.pem)
    url = client.server.token_url
    thief = Keys()
    thief.certificate = keys.certificate  # the right thumbprints, the wrong key
    head, claims, signature = keys.assertion(url).split(".")
    forged = json.loads(base64.urlsafe_b64decode(claims + "=="))
    forged["jti"] = "another"
    other_claims = base64.urlsafe_b64encode(json.dumps(forged).encode()).rstrip(b"=").decode()
    for assertion in (thief.assertion(url), f"{head}.{other_claims}.{signature}", f"{head}.{claims}.AAAA"):
        assert "signature" in sign_in(client, assertion).json()["error_description"]
    unsigned = jwt.encode({"iss": simulator.CLIENT_ID}, None, algorithm="none")
    assert sign_in(client, unsigned).json()["error"] == "invalid_client"
    assert "JWT" in sign_in(client, "no.jwt").json()["error_description"]
    assert sign_in(serve(), keys.assertion(url)).json()["error"] == "invalid_client"


def test_a_certificate_that_is_none_is_refused_at_the_start(keys):
    with pytest.raises(simulator.Mistake, match="certificate"):
        simulator.Simulator(certificate_pem=keys.key_pem)


# --- Habits -----------------------------------------------------------------------------------------------------------


def _first(client: Client, **query: Any) -> dict[str, Any]:
    return client.get(**query).json()


def _check_camel(client: Client) -> None:
    assert set(_first(client)) == {"totalCount", "jobs", "nextLink"}
    assert "backupDetails" in _first(client)["jobs"][0]
    assert "purchasedUserSeats" in client.license()


def _check_lower(client: Client) -> None:
    assert set(_first(client)) == {"totalcount", "jobs", "nextlink"}
    assert "statuscode" in client.get(V2_JOBS).json()


def _check_upper(client: Client) -> None:
    assert "SUCCESSFULCOUNT" in _first(client)["JOBS"][0]["BACKUPDETAILS"]


def _check_pascal(client: Client) -> None:
    assert "StatusCode" in client.get(V2_JOBS).json()


def _check_joined(client: Client) -> None:
    assert _first(client, JobState=1)["Jobs"][0]["State"] == "InProgress"


def _check_path(client: Client) -> None:
    assert _first(client)["NextLink"] == f"{V1_JOBS}?PageIndex=1"


def _check_token(client: Client) -> None:
    assert "/" not in _first(client)["NextLink"]


def _check_empty_link(client: Client) -> None:
    assert _first(client)["NextLink"] == _first(client, PageSize=40)["NextLink"] == ""


def _check_absent_link(client: Client) -> None:
    assert "NextLink" not in _first(client)


def _check_null_link(client: Client) -> None:
    assert _first(client)["NextLink"] is None


def _check_page_base(client: Client) -> None:
    pages = [ids(_first(client, PageIndex=index)["Jobs"]) for index in range(5)]
    assert pages[0] == pages[1]
    assert [len(page) for page in pages[1:]] == [10, 10, 10, 10]
    assert len({name for page in pages[1:] for name in page}) == 40
    assert "NextLink" in _first(client, PageIndex=3)
    assert "NextLink" not in _first(client, PageIndex=4)


def _check_max_page_size(client: Client) -> None:
    assert len(_first(client, PageSize=1000)["Jobs"]) == 7
    assert len(_first(client, PageSize=5)["Jobs"]) == 5
    assert len(client.jobs(PageSize=1000)) == 40


def _check_range_on_finish(client: Client) -> None:
    row = _first(client, JobState=2, PageSize=1)["Jobs"][0]
    begun = _first(client, StartTime=row["StartTime"] + 1)["Jobs"]
    assert row["Id"] in ids(begun)
    assert row["Id"] not in ids(_first(client, StartTime=row["FinishTime"] + 1)["Jobs"])
    assert _first(client, JobState=1, StartTime=1)["TotalCount"] == 0


def _check_ignored(client: Client) -> None:
    filters = {"JobType": 4, "ObjectType": 9, "JobState": 3, "StartTime": NOW_TICKS, "FinishTime": 1}
    assert _first(client, **filters)["TotalCount"] == 40
    assert ids(_first(client, PageIndex=3)["Jobs"]) == ids(_first(client)["Jobs"])


def _check_total_of_page(client: Client) -> None:
    page = _first(client, PageSize=15, PageIndex=2)
    assert (page["TotalCount"], len(page["Jobs"])) == (10, 10)


def _check_count_text(client: Client) -> None:
    page = _first(client)
    assert page["TotalCount"] == "40"
    assert isinstance(page["Jobs"][0]["BackupDetails"]["TotalCount"], str)
    assert isinstance(page["Jobs"][0]["StartTime"], int)
    assert (client.license()["PurchasedUserSeats"], client.license()["OutOfPolicyTime"]) == ("100", 0)


def _check_details_int(client: Client) -> None:
    assert isinstance(_first(client)["Jobs"][0]["BackupDetails"], int)


def _check_details_absent(client: Client) -> None:
    assert "BackupDetails" not in _first(client)["Jobs"][0]


def _check_running_null(client: Client) -> None:
    row = _first(client, JobState=1)["Jobs"][0]
    assert (row["FinishTime"], row["Duration"]) == (None, None)


def _check_running_absent(client: Client) -> None:
    assert not {"FinishTime", "Duration"} & set(_first(client, JobState=1)["Jobs"][0])


def _check_oldest(client: Client) -> None:
    starts = [row["StartTime"] for row in client.jobs(PageSize=7)]
    assert starts == sorted(starts)


def _check_shuffled(client: Client) -> None:
    rows = client.jobs(PageSize=7)
    starts = [row["StartTime"] for row in rows]
    assert starts not in (sorted(starts), sorted(starts, reverse=True))
    assert len(set(ids(rows))) == 40


def _check_unknown(client: Client) -> None:
    rows = [row for row in client.jobs(JobType=1) if row["State"] != "In Progress"]
    assert sum(row["State"] == "Suspended" for row in rows) == 8
    assert "Suspended" not in {row["State"] for row in client.jobs(JobState=2)}


def _check_growth(client: Client) -> None:
    counts = [_first(client, ObjectType=7)["TotalCount"] for _round in range(5)]
    assert [count - counts[0] for count in counts] == [0, 0, 1, 1, 2]
    assert ids(_first(client, ObjectType=7)["Jobs"])[0].startswith("TMBN")


def _check_removal(client: Client) -> None:
    before = ids(_first(client, ObjectType=7)["Jobs"])
    after = ids(_first(client, ObjectType=7)["Jobs"])
    assert before[:-1] == after


def _check_v2_numbers(client: Client) -> None:
    page = client.get(V2_JOBS).json()
    assert page["metadata"]["totalNumber"] == 40
    assert set(page["data"][0]["backupDetails"]) == {"totalNumber", "failedNumber", "successfulNumber", "skippedNumber"}


def _check_no_multi_geo(client: Client) -> None:
    assert client.get(V2_JOBS, location="NAM").json()["data"] == []
    assert len(client.get(V2_JOBS).json()["data"]) == 10


def _check_issued(client: Client) -> None:
    assert client.get(V1_LICENSE).status_code == 403


HABIT_CASES: list[tuple[str, Any, Callable[[Client], None]]] = [
    ("key_case", "camel", _check_camel),
    ("key_case", "lower", _check_lower),
    ("key_case", "upper", _check_upper),
    ("key_case", "pascal", _check_pascal),
    ("state_names", "joined", _check_joined),
    ("next_link", "path", _check_path),
    ("next_link", "token", _check_token),
    ("next_link", "empty", _check_empty_link),
    ("next_link", "absent", _check_absent_link),
    ("next_link", None, _check_null_link),
    ("page_base", 1, _check_page_base),
    ("max_page_size", "7", _check_max_page_size),
    ("range_on", "finish", _check_range_on_finish),
    ("ignore", list(simulator._FILTER_NAMES), _check_ignored),
    ("total_means", "page", _check_total_of_page),
    ("count_text", "on", _check_count_text),
    ("details", "int", _check_details_int),
    ("details", "absent", _check_details_absent),
    ("running_finish", "null", _check_running_null),
    ("running_finish", "absent", _check_running_absent),
    ("order", "oldest", _check_oldest),
    ("order", "shuffled", _check_shuffled),
    ("unknown_state", 4, _check_unknown),
    ("unknown_state", "0.25", _check_unknown),
    ("growth", 2, _check_growth),
    ("removal", 1, _check_removal),
    ("v2_counts", "totalNumber", _check_v2_numbers),
    ("multi_geo", False, _check_no_multi_geo),
    ("ungranted_scope", "issue", _check_issued),
]


@pytest.mark.parametrize(("name", "value", "check"), HABIT_CASES)
def test_a_habit_changes_what_it_says(serve, name, value, check):
    check(serve(jobs=40, habits={name: value}, granted_scopes=None if name != "ungranted_scope" else SOME_SCOPES))


SOME_SCOPES = [simulator.JOBS_SCOPE]


def test_every_habit_has_a_case():
    assert {name for name, _value, _check in HABIT_CASES} == set(simulator.HABITS)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("keycase", "camel"),
        ("key_case", "Camel"),
        ("page_base", 2),
        ("page_base", True),
        ("max_page_size", "-1"),
        ("ignore", "JobTypes"),
        ("count_text", "maybe"),
        ("unknown_state", 0.0001),
        ("unknown_state", 1.5),
        ("growth", 1.5),
    ],
)
def test_a_wrong_habit_is_refused_by_its_name(name, value):
    with pytest.raises(simulator.Mistake, match=f"{name}"):
        simulator.Simulator(habits={name: value})


# --- Faults -----------------------------------------------------------------------------------------------------------


def raises(*errors: type[Exception]) -> Callable[[Client], None]:
    def check(client: Client) -> None:
        client.token(simulator.JOBS_SCOPE)
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
    told = client.get(V2_JOBS).json()
    assert (told["statusCode"], told["errors"], told["data"]) == (500, ["The service is not well."], None)


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
        headers={"Authorization": f"Bearer {client.token(simulator.JOBS_SCOPE)}"},
        stream=True,
        timeout=5,
    ) as answer:
        packed = answer.raw.read(decode_content=False)
    assert len(packed) < 20_000
    whole = simulator.gzip.decompress(packed)
    assert len(whole) > 3 * 2**20
    assert json.loads(whole)["TotalCount"] == 40


def _check_endless(client: Client) -> None:
    with client.session.get(
        client.server.url + V1_JOBS,
        headers={"Authorization": f"Bearer {client.token(simulator.JOBS_SCOPE)}"},
        stream=True,
        timeout=5,
    ) as answer:
        assert answer.headers["Transfer-Encoding"] == "chunked"
        assert len(answer.raw.read(2**20)) == 2**20


def _check_huge(client: Client) -> None:
    client.token(simulator.JOBS_SCOPE)
    with pytest.raises(requests.ConnectionError):
        client.get(timeout=PATIENCE)
    headers = {"Authorization": f"Bearer {client.token(simulator.JOBS_SCOPE)}"}
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
    told = client.get(V2_JOBS).json()
    assert (told["statusCode"], told["errors"]) == (200, ["odd"])


def _check_echo(client: Client) -> None:
    answer = client.get()
    assert answer.status_code == 400
    token = client.tokens[simulator.JOBS_SCOPE]
    assert answer.text.count(token) >= 3


def _check_echo_at_token(client: Client) -> None:
    client.server.client_secret = 'a"b/c+d'
    said = client.ask_token().json()["error_description"]
    assert said == 'refused: a"b/c+d / a%22b%2Fc%2Bd / a\\"b/c+d'


def _check_skewed(client: Client) -> None:
    date = email.utils.parsedate_to_datetime(client.get().headers["Date"])
    assert -605 < date.timestamp() - time.time() < -595


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
    ("no_date", _check_no_date),
]


@pytest.mark.parametrize(("text", "check"), FAULT_CASES, ids=[text for text, _check in FAULT_CASES])
def test_a_fault_does_what_it_says(serve, text, check):
    check(serve(jobs=40, faults=[text]))


def test_every_fault_has_a_case():
    assert {text.partition(":")[0] for text, _check in FAULT_CASES} == set(simulator.FAULTS)


def test_faults_add_up_and_count_their_own_requests(serve):
    client = serve(faults=["status:times=1", "status:code=500,after=1,times=1", "no_date:on=license"])
    assert [client.get().status_code for _round in range(3)] == [503, 500, 200]
    assert "Date" not in client.get(V1_LICENSE).headers


def test_a_fault_hits_exactly_as_often_as_it_says_under_concurrency(serve):
    client = serve(jobs=5, faults=["status:times=20,on=jobs"])
    headers = {"Authorization": f"Bearer {client.token(simulator.JOBS_SCOPE)}"}
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
        ("stautus", "none of"),
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
def test_a_wrong_fault_is_refused_with_what_is_wrong(text, word):
    with pytest.raises(simulator.Mistake, match=word):
        simulator.Simulator(faults=[text])


# --- Serving ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.com", ""])
def test_nothing_but_loopback_is_served(host):
    with pytest.raises(simulator.Mistake, match="loopback"):
        simulator.Simulator(host=host)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"scenario": "sick"}, "scenario"),
        ({"now": "soon"}, "now"),
        ({"jobs": -1}, "jobs"),
        ({"scenario": "empty", "jobs": 1}, "jobs"),
        ({"days": 0}, "days"),
        ({"scenario": "silent_teams", "days": 7}, "days"),
        ({"license": {"Seats": 1}}, "Seats"),
        ({"granted_scopes": ["all"]}, "scopes"),
    ],
)
def test_a_wrong_argument_is_refused_by_its_name(arguments, word):
    with pytest.raises(simulator.Mistake, match=word):
        simulator.Simulator(**arguments)


def test_requests_are_recorded_with_all_that_was_sent(serve):
    client = serve()
    client.get(PageSize=3)
    token, jobs = client.server.requests
    assert (token.method, token.path, token.form["scope"]) == ("POST", "/connect/token", simulator.JOBS_SCOPE)
    assert (jobs.method, jobs.path, jobs.query) == ("GET", V1_JOBS, {"PageSize": "3"})
    assert jobs.headers["authorization"] == f"Bearer {client.tokens[simulator.JOBS_SCOPE]}"


def test_stopping_ends_what_waits_and_closes_the_port(serve):
    client = serve(faults=["silent"])
    client.token(simulator.JOBS_SCOPE)
    outcome = []
    waiting = threading.Thread(target=lambda: outcome.append(_error_of(lambda: client.get(timeout=30))))
    waiting.start()
    _until(lambda: len(client.server.requests) == 2)
    client.server.stop()
    waiting.join(5)
    assert isinstance(outcome[0], requests.ConnectionError)
    with pytest.raises(requests.ConnectionError):
        requests.get(client.server.url, timeout=TIMEOUT)
    client.server.stop()  # once more is no error


def _error_of(call: Callable[[], object]) -> Exception | None:
    try:
        call()
    except Exception as error:  # noqa: BLE001 - handed to the test's own thread
        return error
    return None


def _until(is_so: Callable[[], bool], patience: float = 5.0) -> None:
    end = time.monotonic() + patience
    while not is_so():
        assert time.monotonic() < end, "it never came about"
        time.sleep(0.01)


def test_a_client_that_hangs_up_leaves_no_traceback(serve, capfd):
    client = serve(jobs=1000, faults=["drip_body:every=0.01", "latency:seconds=0.05"])
    host, port = urllib.parse.urlsplit(client.server.url).netloc.split(":")
    for data in (
        b"",
        b"GET / HT",
        b"GET /cloudbackup/jobs HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x00\xa5\r\n\r\n",
    ):
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(data)
            time.sleep(0.1)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, simulator.struct.pack("ii", 1, 0))
    assert client.ask_token().status_code == 200
    assert capfd.readouterr() == ("", "")


def _files(folder: pathlib.Path, keys: Keys) -> dict[str, str]:
    (folder / "certificate.pem").write_text(keys.pem)
    (folder / "key.pem").write_text(keys.key_pem)
    return {"certificate": str(folder / "certificate.pem"), "key": str(folder / "key.pem")}


def test_https_is_served_with_a_certificate_and_its_key(serve, keys, tmp_path):
    files = _files(tmp_path, keys)
    client = serve(tls=files)
    assert client.server.url.startswith("https://127.0.0.1:")
    client.session.verify = files["certificate"]
    assert client.get().json()["TotalCount"] == 562
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(client.server.url, timeout=TIMEOUT)
    with pytest.raises(simulator.Mistake, match="tls"):
        serve(tls={**files, "key": str(tmp_path / "none.pem")})


def test_tls_1_1_is_really_offered_and_nothing_newer(serve, keys, tmp_path):
    server = serve(tls={**_files(tmp_path, keys), "max_version": "1.1"}).server
    host, port = urllib.parse.urlsplit(server.url).netloc.split(":")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection((host, int(port))) as plain, pytest.raises(ssl.SSLError):
        context.wrap_socket(plain)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    with socket.create_connection((host, int(port))) as plain, context.wrap_socket(plain) as secure:
        assert secure.version() == "TLSv1.1"


# --- Several tenants --------------------------------------------------------------------------------------------------


def tenant_of(server: simulator.Simulator, name: str) -> Client:
    connection = server.tenants[name]
    return Client(type("Tenant", (), {**connection._asdict(), "url": connection.api_url}))


def test_each_of_several_tenants_has_a_path_and_credentials_of_its_own(serve):
    tenants = {"contoso": "healthy", "fabrikam": {"scenario": "empty", "license": {"AssignedUserSeats": 7}}}
    server = serve("healthy", jobs=8, tenants=tenants).server
    contoso, fabrikam = (tenant_of(server, name) for name in tenants)
    assert contoso.get().json()["TotalCount"] > 400
    assert fabrikam.get().json()["TotalCount"] == 0
    assert fabrikam.license()["AssignedUserSeats"] == 7
    assert Client(server).get().json()["TotalCount"] == 8
    own = (server.url, server.token_url, server.client_id, server.client_secret)
    for part, *others in zip(own, *server.tenants.values()):
        assert len({part, *others}) == 3
    asked = [request.path for request in server.requests_of("fabrikam")]
    assert asked == [simulator.TOKEN_PATH, V1_JOBS, simulator.TOKEN_PATH, V1_LICENSE]


def test_the_secret_of_one_tenant_opens_no_other(serve):
    server = serve(tenants={"contoso": "healthy", "fabrikam": "healthy"}).server
    form = {"grant_type": "client_credentials", "scope": simulator.JOBS_SCOPE}
    form.update(client_id=server.tenants["contoso"].client_id, client_secret=server.tenants["contoso"].client_secret)
    assert requests.post(server.tenants["contoso"].token_url, data=form, timeout=5).ok
    assert requests.post(server.tenants["fabrikam"].token_url, data=form, timeout=5).status_code == 400


def test_a_fault_of_one_tenant_is_no_fault_of_the_others(serve):
    server = serve(tenants={"contoso": "healthy", "fabrikam": {"faults": ["status:code=500"]}}).server
    assert tenant_of(server, "fabrikam").get().status_code == 500
    assert tenant_of(server, "contoso").get().status_code == 200


def test_the_next_link_of_a_tenant_leads_to_itself(serve):
    server = serve(tenants={"contoso": "healthy"}).server
    link = tenant_of(server, "contoso").get(PageSize=10).json()["NextLink"]
    assert link.startswith(server.tenants["contoso"].api_url + "/")


# --- The command line -------------------------------------------------------------------------------------------------


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-B", str(PROGRAM), *arguments],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
        env={**os.environ, **environment},
    )


def is_running(pid: int) -> bool:
    return bool(simulator._is_alive(pid))


@pytest.fixture(name="state")
def _state(tmp_path):
    """A state file whose simulator is stopped for certain."""
    path = tmp_path / "new folder" / "state.json"
    yield path
    run("--stop", str(path))


def test_help_names_every_scenario_habit_and_fault():
    told = run("--help").stdout
    assert [name for name in (*simulator.SCENARIOS, *simulator.HABITS, *simulator.FAULTS) if name not in told] == []


def test_the_foreground_prints_one_line_and_ends_on_a_signal(tmp_path):
    arguments = [sys.executable, "-B", str(PROGRAM), "--client-secret-file", str(tmp_path / "secret")]
    for number in (signal.SIGTERM, signal.SIGINT):
        with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            told = json.loads(process.stdout.readline())
            assert set(told) == {"api_url", "token_url", "client_id", "pid", "started"}
            assert told["pid"] == process.pid
            secret = (tmp_path / "secret").read_text().strip()
            form = {"grant_type": "client_credentials", "scope": simulator.JOBS_SCOPE, "client_id": told["client_id"]}
            assert requests.post(told["token_url"], data={**form, "client_secret": secret}, timeout=5).ok
            process.send_signal(number)
            rest, errors = process.communicate(timeout=5)
            assert (process.returncode, rest, errors) == (0, "", "")
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ((), "client secret"),
        (("--scenario", "sick"), "scenario"),
        (("--habit", "key_case"), "NAME=VALUE"),
        (("--fault", "status:code=1"), "fault status"),
        (("--license", "Seats=1"), "Seats"),
        (("--tls-certificate", "x"), "tls"),
        (("--lifetime", "-1"), "lifetime"),
        (("--port", "70000"), "port"),
        (("--host", "0.0.0.0"), "loopback"),
        (("--tenant", "contoso"), "NAME=VALUE"),
        (("--tenant", "a/b=healthy"), "no name for a path"),
        (("--tenant", "contoso=sick"), "scenario"),
        (("--tenant", "contoso=[1]"), "neither a scenario nor"),
        (("--tenant", 'contoso={"scenarios": "healthy"}'), "'scenarios' is none of"),
    ],
)
def test_a_wrong_command_line_ends_with_a_sentence(arguments, word):
    environment = {simulator.SECRET_VARIABLE: "given"} if arguments else {}
    ended = run(*arguments, **environment)
    assert ended.returncode == 2
    assert word in ended.stderr
    assert "Traceback" not in ended.stderr


def test_in_the_background_it_listens_when_the_command_returns_and_is_gone_after_stop(state):
    arguments = (
        "--state",
        str(state),
        "--jobs",
        "12",
        "--habit",
        "next_link=null",
        "--license",
        "AssignedUserSeats=9,ProtectedSize=absent",
    )
    started = run(*arguments)
    told, held = json.loads(started.stdout), json.loads(state.read_text())
    assert stat.S_IMODE(state.stat().st_mode) == 0o600
    assert held["client_secret"] not in started.stdout
    assert started.stderr == ""
    assert os.getsid(told["pid"]) != os.getsid(0)
    assert os.readlink(f"/proc/{told['pid']}/fd/1") == os.devnull
    server = type("Held", (), {**held, "url": held["api_url"]})
    client = Client(server)
    assert client.get().json()["TotalCount"] == 12
    assert client.license()["AssignedUserSeats"] == 9
    again = json.loads(run(*arguments).stdout)
    assert again == {**told, "started": False}
    other = json.loads(run("--state", str(state)).stdout)
    assert other["started"]
    assert not is_running(told["pid"])
    assert run("--stop", str(state)).stdout == '{"stopped": true}\n'
    assert not is_running(other["pid"])
    assert list(state.parent.iterdir()) == []
    assert run("--stop", str(state)).stdout == '{"stopped": false}\n'


def test_the_state_file_holds_the_credentials_of_every_tenant(state):
    told = run("--state", str(state), "--tenant", "contoso=healthy", "--tenant", 'fabrikam={"jobs": 3}').stdout
    held = json.loads(state.read_text())["tenants"]
    assert list(held) == ["contoso", "fabrikam"]
    assert "client_secret" not in told
    fabrikam = Client(type("Held", (), {**held["fabrikam"], "url": held["fabrikam"]["api_url"]}))
    assert fabrikam.get().json()["TotalCount"] == 3


def test_in_the_background_a_mistake_is_told_and_nothing_stays(state):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = run("--state", str(state), "--port", str(taken.getsockname()[1]))
    assert ended.returncode == 2
    assert "in use" in ended.stderr
    assert not state.exists()


def test_what_nobody_stops_ends_with_its_lifetime(state):
    told = json.loads(run("--state", str(state), "--lifetime", "0.3").stdout)
    _until(lambda: not is_running(told["pid"]))
    assert not state.exists()


def test_stop_leaves_a_process_alone_that_only_has_the_number_of_ours(state):
    run("--state", str(state))
    held = json.loads(state.read_text())
    with subprocess.Popen(["sleep", "60"]) as stranger:
        try:
            state.write_text(json.dumps({**held, "pid": stranger.pid}))
            assert run("--stop", str(state)).stdout == '{"stopped": false}\n'
            assert stranger.poll() is None
        finally:
            stranger.kill()
    # The one whose file is gone could not be stopped any more: it ends by itself.
    _until(lambda: not is_running(held["pid"]))


def test_stop_refuses_a_file_that_is_no_state_file(tmp_path):
    (tmp_path / "letter").write_text("dear")
    ended = run("--stop", str(tmp_path / "letter"))
    assert (ended.returncode, (tmp_path / "letter").exists()) == (2, True)
