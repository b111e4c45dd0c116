# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Jobs in any number, computed from a seed."""

from __future__ import annotations

import datetime

import pytest
from cloudbackup_simulator import facts, selection, series, tenant
from hypothesis import given, settings
from hypothesis import strategies as st
from simulator_client import NOW_TICKS, ids


@pytest.mark.parametrize("page_size", [1, 10, 100, 1000])
def test_257_jobs_are_exactly_257_for_every_page_size(serve, page_size):
    rows = serve("healthy", jobs=257).jobs(PageSize=page_size)
    assert len(rows) == len(set(ids(rows))) == 257
    starts = [row["StartTime"] for row in rows]
    assert starts == sorted(starts, reverse=True)


@pytest.mark.parametrize("jobs", [0, 1, 3, 6, 29, 10_007])
@pytest.mark.parametrize("scenario", ["healthy", "failing", "large"])
def test_any_number_of_jobs_is_met_exactly(jobs, scenario):
    content = tenant.build_tenant(scenario, now=NOW_TICKS, jobs=jobs)
    slices = selection.select_slices(content, selection.Filters())
    assert sum(map(len, slices)) == jobs
    assert len({job.id for job in selection.select_jobs(slices, 0, jobs)}) == jobs


def test_a_page_in_the_middle_of_a_million_jobs_costs_no_more_than_the_page(serve, monkeypatch):
    client = serve("large", jobs=1_000_000)
    dice = []
    real = series.scramble
    monkeypatch.setattr(series, "scramble", lambda *numbers: dice.append(1) or real(*numbers))
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
    assert client.get(StartTime=NOW_TICKS - 7 * facts.DAY).json()["TotalCount"] == 399  # but for the restore


def test_times_relate_to_the_real_clock_by_default(serve):
    row = serve("healthy", now=None).get(JobState=2, PageSize=1).json()["Jobs"][0]
    real = facts.to_ticks(datetime.datetime.now(datetime.timezone.utc))
    assert 0 < real - row["FinishTime"] < 6 * facts.HOUR


_TENANT = tenant.build_tenant("large", now=NOW_TICKS, jobs=300, seed=5, unknown_every=7)
_MOMENTS = st.one_of(
    st.none(),
    st.integers(NOW_TICKS - 8 * facts.DAY, NOW_TICKS),
    st.sampled_from([each.start(n) for each in _TENANT.series if each.kind == "history" for n in range(each.count)]),
)


@settings(max_examples=200, deadline=None)
@given(
    filters=st.builds(
        selection.Filters,
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
    removes=st.sampled_from(["oldest", "newest"]),
    offset=st.integers(0, 320),
    size=st.integers(1, 320),
)
def test_arithmetic_selects_the_same_jobs_as_a_search(filters, range_on, order, grown, removed, removes, offset, size):
    expected = []
    for rank, each in enumerate(_TENANT.series):
        is_history = each.kind == "history" and each.job_type == 1
        numbers = range(min(grown, each.count)) if each.kind == "arrivals" else range(each.count)
        if is_history:
            numbers = numbers[removed:] if removes == "oldest" else numbers[: max(0, len(numbers) - removed)]
        for number in numbers:
            job, location = each.job(number), each.traits[number % len(each.traits)][1]
            moment = job.start if range_on == "start" else job.finish
            if (
                filters.job_type in (0, each.job_type)
                and filters.object_type in (0, each.object_type)
                and filters.state in (0, job.state)
                and filters.location in (None, location, "PrimaryGeoLocation" if location == "NAM" else None)
                and (filters.start is None or moment >= filters.start)
                and (filters.finish is None or moment <= filters.finish)
            ):
                expected.append((-job.start, rank, job))
    rows = [job for _start, _rank, job in sorted(expected, key=lambda row: row[:2])]
    slices = selection.select_slices(_TENANT, filters, range_on=range_on, grown=grown, removed=removed, removes=removes)
    assert sum(map(len, slices)) == len(rows)
    rows = rows[::-1] if order == "oldest" else rows
    assert selection.select_jobs(slices, offset, size, order) == rows[offset : offset + size]
