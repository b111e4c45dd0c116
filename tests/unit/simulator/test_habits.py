# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Habits: each changes the answers as it is described."""

from __future__ import annotations

from typing import Any, Callable

import pytest
from cloudbackup_simulator import Mistake, Simulator, facts, habits
from simulator_client import NOW_TICKS, UNUSUAL_ACTIVITY, V1_JOBS, V1_LICENSE, V2_JOBS, Client, ids


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


def _check_ignored_values(client: Client) -> None:
    assert _first(client, ObjectType=7)["TotalCount"] == _first(client, JobType=2)["TotalCount"] == 40
    assert _first(client, ObjectType=1)["TotalCount"] < 40 > _first(client, JobType=1)["TotalCount"]
    counts = [client.get(V2_JOBS, location=name).json()["metadata"]["totalCount"] for name in ("EUR", "NAM")]
    assert counts[0] == 40 > counts[1]
    assert ids(_first(client, PageIndex=2)["Jobs"]) == ids(_first(client)["Jobs"])


def _check_lost_states(client: Client) -> None:
    assert _first(client, JobState=1) == {"TotalCount": 0, "Jobs": []}
    assert "In Progress" in {row["State"] for row in client.jobs()}
    assert _first(client, JobState=2)["TotalCount"] == 39


def _check_date_offset(client: Client) -> None:
    # The jobs of 28 February in UTC-8, from 08:00 to 08:00
    since, until = NOW_TICKS - 28 * facts.HOUR, NOW_TICKS - 4 * facts.HOUR
    expected = ids(_first(client, StartTime=since, FinishTime=until - 1, PageSize=40)["Jobs"])
    answer = client.get(V2_JOBS, StartTime="2026-02-28", FinishTime="2026-02-28", PageSize=40).json()
    assert ids(answer["data"]) == expected
    assert len(expected) > 5


def _check_max_total(client: Client) -> None:
    page = _first(client, PageSize=15, PageIndex=1)
    assert (page["TotalCount"], len(page["Jobs"]), "NextLink" in page) == (25, 15, True)
    assert len(client.jobs(PageSize=15)) == 40
    assert _first(client, JobState=1)["TotalCount"] == 1


def _check_page_zero_without_effect(client: Client) -> None:
    assert len(_first(client, PageIndex=0)["Jobs"]) == 10


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
    assert client.get(V2_JOBS, location="JPN").json()["metadata"]["totalCount"] == 40
    assert client.get(V2_JOBS, location="XYZ").status_code == 400
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


def _check_removal_of_the_newest(client: Client) -> None:
    before = ids(_first(client, ObjectType=7)["Jobs"])
    after = ids(_first(client, ObjectType=7)["Jobs"])
    assert before[1:] == after


def _check_v2_numbers(client: Client) -> None:
    page = client.get(V2_JOBS).json()
    assert page["metadata"]["totalNumber"] == 40
    assert set(page["data"][0]["backupDetails"]) == {"totalNumber", "failedNumber", "successfulNumber", "skippedNumber"}


def _check_no_multi_geo(client: Client) -> None:
    assert client.get(V2_JOBS, location="NAM").json()["data"] == []
    assert len(client.get(V2_JOBS).json()["data"]) == 10


def _check_quiet_services(client: Client) -> None:
    answer = client.get(UNUSUAL_ACTIVITY, startTime="2026-02-22", finishTime="2026-03-01").json()
    assert answer["data"] == {"data": []}


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
    ("page_zero", "first", _check_page_zero_without_effect),
    ("max_page_size", "7", _check_max_page_size),
    ("range_on", "finish", _check_range_on_finish),
    ("ignore", list(habits.FILTER_NAMES), _check_ignored),
    ("ignore_values", ["ObjectType=7", "JobType=2", "location=EUR", "PageIndex=2"], _check_ignored_values),
    ("ignore_values", "objecttype=7+jobtype=2+LOCATION=eur+pageindex=2", _check_ignored_values),
    ("lost_states", ["in_progress"], _check_lost_states),
    ("date_offset_hours", "-8", _check_date_offset),
    ("max_total", 25, _check_max_total),
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
    ("removes", "newest", _check_removal_of_the_newest),
    ("v2_counts", "totalNumber", _check_v2_numbers),
    ("multi_geo", False, _check_no_multi_geo),
    ("quiet_services", "absent", _check_quiet_services),
    ("ungranted_scope", "issue", _check_issued),
]


@pytest.mark.parametrize(("name", "value", "check"), HABIT_CASES)
def test_a_habit_has_the_effect_that_is_described(serve, name, value, check):
    more = {"removal": 1} if name == "removes" else {}
    check(
        serve(jobs=40, habits={name: value, **more}, granted_scopes=None if name != "ungranted_scope" else SOME_SCOPES)
    )


@pytest.mark.parametrize("page_zero", ["empty", "refused"])
def test_page_zero_is_no_page_where_pages_count_from_one(serve, page_zero):
    client = serve(jobs=40, habits={"page_base": 1, "page_zero": page_zero})
    answer = client.get(PageIndex=0)
    if page_zero == "refused":
        assert answer.status_code == 400
        assert "PageIndex" in answer.json()["message"]
    else:
        page = answer.json()
        assert (page["TotalCount"], page["Jobs"]) == (40, [])
        assert page["NextLink"].endswith("PageIndex=1")
    pages = [ids(_first(client, PageIndex=index)["Jobs"]) for index in range(1, 5)]
    assert len({name for page in pages for name in page}) == 40
    assert ids(_first(client)["Jobs"]) == pages[0]
    assert serve(jobs=40, habits={"page_zero": page_zero}).get(PageIndex=0).json()["Jobs"]


def test_a_list_beyond_the_highest_count_has_all_its_rows_without_a_next_link(serve):
    client = serve(jobs=40, habits={"max_total": 15, "next_link": "absent", "max_page_size": 10})
    pages = [_first(client, PageIndex=index, PageSize=100) for index in range(5)]
    assert [len(page["Jobs"]) for page in pages] == [10, 10, 10, 10, 0]
    assert {page["TotalCount"] for page in pages} == {15}
    assert not any("NextLink" in page for page in pages)


def test_a_removal_of_the_newest_between_two_pages_hides_a_row(serve):
    table = [{"id": f"R{age}", "object_type": "teams", "start": age + 1, "finish": age} for age in range(6)]
    client = serve("empty", rows=table, habits={"removal": 1, "removes": "newest"})
    pages = [ids(_first(client, PageIndex=index, PageSize=2)["Jobs"]) for index in range(2)]
    assert pages == [["R0", "R1"], ["R3", "R4"]]


def test_a_service_whose_filter_is_ignored_lists_the_jobs_of_all_services(serve):
    table = [{"id": "A", "object_type": 1, "start": 5}, {"id": "B", "object_type": 2, "start": 9}]
    client = serve("empty", rows=table, habits={"ignore_values": ["ObjectType=2"], "ignore": "JobState"})
    assert [ids(client.jobs(ObjectType=number, JobState=3)) for number in (1, 2)] == [["A"], ["A", "B"]]


SOME_SCOPES = [facts.JOBS_SCOPE]


def test_every_habit_has_a_case():
    assert {name for name, _value, _check in HABIT_CASES} == set(habits.HABITS)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("keycase", "camel"),
        ("key_case", "Camel"),
        ("page_base", 2),
        ("page_base", True),
        ("page_zero", "none"),
        ("ignore_values", ["ObjectType"]),
        ("ignore_values", ["ObjectType=teams"]),
        ("ignore_values", ["PageSize=10"]),
        ("ignore_values", ["location=XYZ"]),
        ("ignore_values", [7]),
        ("lost_states", "running"),
        ("date_offset_hours", 15),
        ("max_total", -1),
        ("removes", "all"),
        ("max_page_size", "-1"),
        ("ignore", "JobTypes"),
        ("count_text", "maybe"),
        ("unknown_state", 0.0001),
        ("unknown_state", 1.5),
        ("growth", 1.5),
    ],
)
def test_an_invalid_habit_is_refused_with_its_name(name, value):
    with pytest.raises(Mistake, match=f"{name}"):
        Simulator(habits={name: value})
