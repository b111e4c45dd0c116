# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Explicit jobs: every key, every filter, and what is refused."""

from __future__ import annotations

import datetime
import pathlib
from typing import Any

import pytest
from cloudbackup_simulator import Mistake, Simulator, facts, rows, selection, tenant
from hypothesis import given, settings
from hypothesis import strategies as st
from simulator_client import NOW_TICKS, V2_JOBS, Client, ids


def _serve_row(serve: Any, **row: Any) -> Client:
    return serve("empty", rows=[{"id": "A", "object_type": "teams", **row}])


def _row(serve: Any, **row: Any) -> dict[str, Any]:
    (only,) = _serve_row(serve, **row).jobs()
    return only


def test_a_row_is_answered_as_it_is_given(serve):
    client = _serve_row(
        serve,
        state="Partially Finished",
        start="2026-02-28T10:00:00.1234567Z",
        finish="2026-02-28T12:00:00.9+01:00",
        total=10,
        failed=2,
        successful=7,
        skipped=1,
        errors=2,
    )
    (row,) = client.jobs()
    assert row.pop("FinishTime") - row["StartTime"] == row.pop("Duration") == 3600 * facts.SECOND + 7765433
    assert row.pop("StartTime") % facts.SECOND == 1234567
    assert [error["Value"] for error in row.pop("JobErrors")] == [
        "Object 1 is locked for editing.",
        "Object 2 is locked for editing.",
    ]
    counts = {"TotalCount": 10, "FailedCount": 2, "SuccessfulCount": 7, "SkippedCount": 1}
    assert row == {"Id": "A", "State": "Partially Finished", "BackupDetails": counts}
    (row,) = client.get(V2_JOBS).json()["data"]
    assert (row["startTime"], row["finishTime"]) == ("2026-02-28T10:00:00Z", "2026-02-28T11:00:00Z")
    assert (row["duration"], row["backupDetails"]["totalCount"], len(row["jobErrors"])) == ("1.000", 10, 2)


@pytest.mark.parametrize(
    ("given", "ticks"),
    [
        ("3h", NOW_TICKS - 3 * facts.HOUR),
        ("1.5 d", NOW_TICKS - 36 * facts.HOUR),
        ("2ms", NOW_TICKS - 20_000),
        ("-10m", NOW_TICKS + 10 * facts.MINUTE),
        ("1w", NOW_TICKS - 7 * facts.DAY),
        (90, NOW_TICKS - 90 * facts.SECOND),
        (0.5, NOW_TICKS - 5_000_000),
        ("0.0000001", NOW_TICKS - 1),
        ("2026-03-01T12:00:00.0000001Z", NOW_TICKS + 1),
        ("2026-03-01 12:00", NOW_TICKS),
        ("2026-03-01", NOW_TICKS - 12 * facts.HOUR),
        ("2026-03-01T04:00:00-08:00", NOW_TICKS),
        (datetime.datetime(2026, 3, 1, 12), NOW_TICKS),
    ],
)
def test_a_time_is_iso_8601_or_an_age(serve, given, ticks):
    assert _row(serve, start=given)["StartTime"] == ticks


def test_what_a_row_does_not_give_is_left_out_and_its_times_follow_the_habit(serve):
    row = _row(serve)
    assert row == {"Id": "A", "State": "Finished", "StartTime": 0, "FinishTime": 0, "Duration": 0, "JobErrors": []}
    assert _row(serve, total=5, failed=None)["BackupDetails"] == {"TotalCount": 5}
    client = serve("empty", rows=[{"object_type": 7}], habits={"running_finish": "absent"})
    assert client.jobs() == [{"Id": "ROW00000001", "State": "Finished", "JobErrors": []}]
    client = serve("empty", rows=[{"object_type": 7, "start": 5}], habits={"running_finish": "null", "details": "int"})
    assert client.jobs()[0]["FinishTime"] is client.jobs()[0]["Duration"] is None
    assert "BackupDetails" not in client.jobs()[0]


def test_names_of_states_follow_the_habit_and_other_texts_are_unchanged(serve):
    given = ["Finished with Exception", "InProgress", "finished", "Queued", ""]
    table = [{"object_type": "teams", "state": state, "start": -place} for place, state in enumerate(given)]
    client = serve("empty", rows=table, habits={"state_names": "joined", "order": "oldest"})
    assert [row["State"] for row in client.jobs()] == ["FinishedException", "InProgress", "finished", "Queued", ""]
    assert [len(client.jobs(JobState=number)) for number in range(6)] == [5, 1, 1, 0, 1, 0]


def test_filters_select_rows(serve):
    client = serve(
        "empty",
        rows=[
            {"id": "both", "object_types": ["teams", 1], "start": "3h", "finish": "1h", "location": "EUR"},
            {"id": "alone", "object_types": [], "start": "2h", "state": "Failed", "job_type": "restore"},
            {"id": "none", "object_type": "onedrive", "state": "Queued"},
        ],
    )
    assert ids(client.jobs()) == ["none", "alone", "both"]
    assert [ids(client.jobs(ObjectType=number)) for number in (1, 7, 3, 2)] == [["both"], ["both"], ["none"], []]
    assert ids(client.jobs(JobType=2)) == ["alone"]
    assert ids(client.jobs(JobState=1)) == []
    assert ids(client.jobs(JobState=3)) == ["alone"]
    assert ids(client.get(V2_JOBS, location="EUR").json()["data"]) == ["both"]
    assert ids(client.get(V2_JOBS, location="PrimaryGeoLocation").json()["data"]) == ["none", "alone"]
    assert ids(client.jobs(StartTime=NOW_TICKS - 2 * facts.HOUR)) == ["none", "alone"]
    assert ids(client.jobs(FinishTime=NOW_TICKS - 3 * facts.HOUR)) == ["none", "both"]


def test_the_range_of_finish_times_finds_rows_that_ended_and_rows_without_a_start(serve):
    table = [
        {"id": "ended", "object_type": 1, "start": "3h", "finish": "1h"},
        {"id": "runs", "object_type": 1, "start": "1h", "state": "In Progress"},
        {"id": "none", "object_type": 1, "state": "Queued"},
    ]
    client = serve("empty", rows=table, habits={"range_on": "finish"})
    assert ids(client.jobs(StartTime=NOW_TICKS - 2 * facts.HOUR)) == ["none", "ended"]
    assert ids(client.jobs()) == ["none", "runs", "ended"]


@pytest.mark.parametrize("page_size", [1, 7, 100])
@pytest.mark.parametrize("order", ["newest", "oldest", "shuffled"])
def test_rows_and_a_scenario_share_one_list(serve, page_size, order):
    table = [{"id": f"R{place}", "object_type": "teams", "start": f"{place % 20}h"} for place in range(60)]
    client = serve("healthy", jobs=40, rows=table, habits={"order": order})
    found = client.jobs(PageSize=page_size)
    assert len(found) == len(set(ids(found))) == 100
    assert sum(name.startswith("R") for name in ids(found)) == 60
    starts = [row["StartTime"] for row in found]
    assert order == "shuffled" or starts == sorted(starts, reverse=order == "newest")
    assert client.get().json()["TotalCount"] == 100


def test_a_tenant_can_have_its_own_rows(serve):
    client = serve(tenants={"contoso": {"scenario": "empty", "rows": [{"object_type": "teams"}]}})
    assert client.server.tenants["contoso"]
    assert len(serve("empty", rows='[{"object_type": "teams"}]').jobs()) == 1


def test_removal_removes_ended_backups_of_the_rows(serve):
    table = [{"id": f"R{place}", "object_types": [1, 7], "start": place, "finish": 0} for place in range(5)]
    table += [{"id": "runs", "object_type": 7, "start": "9h"}, {"id": "restore", "object_type": 7, "job_type": 2}]
    client = serve("empty", rows=table, habits={"removal": 1})
    pages = [ids(client.jobs(PageSize=10)) for _round in range(6)]
    assert pages[0] == ["restore", "R0", "R1", "R2", "R3", "R4", "runs"]
    assert pages[1] == ["restore", "R0", "R1", "R2", "R3", "runs"]
    assert pages[5] == ["restore", "runs"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("teams", "invalid rows: expected a list of dictionaries"),
        ({"object_type": "teams"}, "invalid rows: expected a list of dictionaries"),
        (["teams"], "invalid rows: expected a list of dictionaries"),
        ([{"object_type": "teams"}, {"service": "teams"}], r"key of rows\[1\]: expected one of id, .*, got 'service'"),
        ([{}], r"rows\[0\]: expected either object_type or object_types"),
        ([{"object_type": 1, "object_types": []}], r"rows\[0\]: expected either object_type or object_types"),
        *(
            ([{"object_type": "teams", key: value}], rf"rows\[0\]\.{key}: expected .*, got ")
            for key, value in [
                ("id", [1]),
                ("id", True),
                ("job_type", "backups"),
                ("job_type", True),
                ("object_type", 13),
                ("object_type", ["teams"]),
                ("object_types", ["teams", "mail"]),
                ("object_types", 7),
                ("state", 2),
                ("start", "yesterday"),
                ("start", True),
                ("start", "2026-02-30"),
                ("start", "2026-02-28T10:00:00.12345678Z"),
                ("start", "9999999d"),
                ("start", [1]),
                ("finish", "2026-02-28T24:00:00Z"),
                ("finish", float("nan")),
                ("location", "PrimaryGeoLocation"),
                ("total", -1),
                ("total", 1.5),
                ("failed", True),
                ("successful", "many"),
                ("skipped", [1]),
                ("errors", 100_001),
            ]
        ),
    ],
)
def test_an_invalid_row_is_refused_with_its_place_and_key(given, words):
    with pytest.raises(Mistake, match=words):
        Simulator("empty", rows=given)


_ROW = st.fixed_dictionaries(
    {"object_types": st.lists(st.integers(1, 3), max_size=2)},
    optional={
        "job_type": st.integers(1, 3),
        "state": st.sampled_from(["Finished", "Failed", "In Progress", "Queued"]),
        "start": st.integers(0, 40),
        "finish": st.integers(0, 40),
        "location": st.sampled_from(["NAM", "EUR"]),
    },
)


@settings(max_examples=200, deadline=None)
@given(
    table=st.lists(_ROW, max_size=20),
    job_type=st.integers(0, 2),
    object_type=st.integers(0, 3),
    state=st.integers(0, 3),
    location=st.sampled_from([None, "NAM", "EUR"]),
    since=st.one_of(st.none(), st.integers(0, 40)),
    order=st.sampled_from(["newest", "oldest"]),
    size=st.integers(1, 25),
)
def test_pages_of_rows_are_a_search_in_the_table(table, job_type, object_type, state, location, since, order, size):
    numbers = {"Finished": 2, "Failed": 3, "In Progress": 1, "Queued": 6}
    expected = {
        f"R{place}"
        for place, row in enumerate(table)
        if job_type in (0, row.get("job_type", 1))
        and (not object_type or object_type in row["object_types"])
        and state in (0, numbers[row.get("state", "Finished")])
        and location in (None, row.get("location", "NAM"))
        and (since is None or row.get("start") is None or row["start"] <= since)
    }
    named = [{"id": f"R{place}", **row} for place, row in enumerate(table)]
    content = tenant.build_tenant("empty", now=NOW_TICKS, rows=named)
    start = None if since is None else NOW_TICKS - since * facts.SECOND
    filters = selection.Filters(start, None, job_type, object_type, state, location)
    slices = selection.select_slices(content, filters)
    pages = [selection.select_jobs(slices, offset, size, order) for offset in range(0, len(table) + 1, size)]
    found = [job for page in pages for job in page]
    assert sum(map(len, slices)) == len(found)
    assert {job.id for job in found} == expected
    ranks = [facts.MAXIMUM_DATE if job.start is None else job.start for job in found]
    assert ranks == sorted(ranks, reverse=order == "newest")


def test_locations_are_where_the_scenarios_jobs_are(serve):
    client = serve("healthy", jobs=40, locations=["NAM"], rows=[{"object_type": "teams", "location": "EUR"}])
    count = {name: client.get(V2_JOBS, location=name).json()["metadata"]["totalCount"] for name in ("NAM", "EUR")}
    assert count == {"NAM": 40, "EUR": 1}
    client = serve("healthy", jobs=40, locations="JPN,EUR,GBR", rows=[{"id": "A", "object_type": "teams"}])
    assert client.get(V2_JOBS, location="NAM").json()["data"] == []
    found = [ids(client.get(V2_JOBS, location=name, PageSize=50).json()["data"]) for name in ("JPN", "EUR", "GBR")]
    assert sum(map(len, found)) == len({name for page in found for name in page}) == 41
    assert all(found)
    assert "A" in ids(client.get(V2_JOBS, location="PrimaryGeoLocation", PageSize=50).json()["data"])


@pytest.mark.parametrize("given", ["NAM,XYZ", "PrimaryGeoLocation", [], 5])
def test_invalid_locations_are_refused(given):
    with pytest.raises(Mistake, match="invalid locations"):
        Simulator(locations=given)


def test_the_roles_readme_describes_every_key():
    readme = (pathlib.Path(__file__).parents[3] / "roles" / "simulator" / "README.md").read_text()
    section = readme.partition("## Explicit jobs")[2].partition("\n## ")[0]
    assert [name for name in rows.ROW_KEYS if f"`{name}`" not in section] == []
