# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stays of a list of jobs."""

from __future__ import annotations

from ansible_collections.cloudbackup.m365.plugins.module_utils import _names
from ansible_collections.cloudbackup.m365.plugins.module_utils._api import records
from ansible_collections.cloudbackup.m365.plugins.module_utils._jobs import digest as _digest
from hypothesis import given
from hypothesis import strategies as st


def job(identity, state="finished", start=100, finish=None, details=None):
    return records.Job(identity, state, None, start, finish, details or records.Details(), ())


def digest(*jobs, recent=20):
    running = _digest.Digest(recent)
    running.add(jobs)
    return shown(running)


def shown(running):
    """The digest with jobs as their ids alone, but for their rank by finish."""
    found = running.described(lambda item: {"id": item.id})
    last = {state: one and one["id"] for state, one in found["last_by_state"].items()}
    named = {
        name: found[name] and found[name]["id"] for name in ("last_success", "last_completed", "oldest_in_progress")
    }
    ranks = {one["id"]: one["finish_rank"] for one in found["recent"]}
    return {**found, **named, "last_by_state": last, "recent": [one["id"] for one in found["recent"]], "ranks": ranks}


JOBS = st.lists(
    st.builds(
        job,
        st.uuids().map(str),
        st.sampled_from(_names.ALL_STATES),
        st.none() | st.integers(1, 5),
        st.none() | st.integers(5, 8),
        st.builds(records.Details, st.none() | st.integers(0, 9), st.none() | st.integers(0, 9)),
    ),
    unique_by=lambda item: item.id,
    max_size=30,
)


@given(JOBS, st.integers(0, 40), st.integers(1, 31), st.randoms())
def test_neither_the_order_of_the_jobs_nor_their_portions_make_a_difference(jobs, recent, portion, random):
    shuffled = random.sample(jobs, len(jobs))
    running = _digest.Digest(recent)
    for first in range(0, len(jobs), portion):
        running.add(shuffled[first : first + portion])
    assert shown(running) == digest(*jobs, recent=recent)


@given(JOBS, st.integers(0, 40))
def test_recent_are_the_newest_of_all(jobs, recent):
    assert digest(*jobs, recent=recent)["recent"] == [job.id for job in sorted(jobs, key=_digest.newest_first)[:recent]]


def test_a_later_job_takes_the_place_of_the_oldest_that_was_kept():
    running = _digest.Digest(3)
    running.add([job(f"{start}", start=start) for start in (1, 3, 5)])
    running.add([job("2", start=2)])
    assert shown(running)["recent"] == ["5", "3", "2"]


def test_all_six_states_are_counted_always():
    assert digest()["by_state"] == {
        "in_progress": 0,
        "finished": 0,
        "failed": 0,
        "finished_with_exception": 0,
        "partially_finished": 0,
        "unknown": 0,
    }
    assert digest(job("a"), job("b", "unknown"))["by_state"]["unknown"] == 1


def test_success_is_finished_alone():
    found = digest(*(job(state, state) for state in _names.ALL_STATES if state != "finished"))
    assert found["last_success"] is None
    assert found["last_completed"] is not None


def test_last_is_by_finish_then_start_then_id():
    assert digest(job("a", start=9, finish=10), job("b", start=1, finish=11))["last_success"] == "b"
    assert digest(job("a", start=2, finish=10), job("b", start=1, finish=10))["last_success"] == "a"
    assert digest(job("a", start=1, finish=10), job("b", start=1, finish=10))["last_success"] == "b"
    assert digest(job("a", start=1, finish=10), job("b", start=11))["last_completed"] == "b"


@given(JOBS)
def test_the_last_of_each_state_and_the_ranks_follow_one_order(jobs):
    def by_finish(item):
        return (item.start or 0) if item.finish is None else item.finish, item.start or 0, item.id

    digested = digest(*jobs, recent=40)
    for state in _names.ALL_STATES:
        expected = max((item for item in jobs if item.state == state), key=by_finish, default=None)
        assert digested["last_by_state"][state] == (expected and expected.id)
    running = [item.id for item in jobs if item.state == "in_progress"]
    completed = sorted((item for item in jobs if item.state != "in_progress"), key=by_finish, reverse=True)
    ranks = digested["ranks"]
    assert [ranks[item.id] for item in completed] == list(range(len(completed)))
    assert sorted(ranks[name] for name in running) == list(range(len(completed), len(jobs)))


def test_jobs_of_one_second_are_ranked_by_their_exact_finish():
    early, late = job("z", start=1, finish=10_000_001), job("a", "failed", start=2, finish=10_000_009)
    digested = digest(early, late)
    assert digested["last_completed"] == "a"
    assert digested["ranks"] == {"a": 0, "z": 1}


def test_the_figures_of_ended_jobs_are_kept_apart():
    running = _digest.Digest(5, with_ended=True)
    running.add([job("old", finish=1), job("new", "failed", finish=9)], [job("new", "failed", finish=9)])
    ended = running.described(lambda item: {"id": item.id})["ended_since"]
    assert (ended["total_count"], ended["by_state"]["failed"], ended["by_state"]["finished"]) == (1, 1, 0)
    assert digest(job("a"))["ended_since"] is None


def test_a_running_job_is_not_completed():
    found = digest(job("old", "in_progress", start=1), job("new", "in_progress", start=2))
    assert found["last_completed"] is None
    assert found["oldest_in_progress"] == "old"
    tie = digest(job("b", "in_progress", start=1), job("a", "in_progress", start=1))
    assert tie["oldest_in_progress"] == "a"


def test_what_no_job_tells_is_null_and_not_zero():
    assert digest()["objects"]["total_count"] == 0
    assert digest(job("a"))["objects"]["total_count"] is None
    found = digest(job("a"), job("b", details=records.Details(total_count=3)))["objects"]
    assert (found["total_count"], found["failed_count"]) == (3, None)


def test_the_summary_adds_the_groups_up():
    groups = [digest(job("a", details=records.Details(3, 1)), job("b", "failed")), _digest.counted(7), digest()]
    found = _digest.summary(groups)
    assert found["total_count"] == 9
    assert found["by_state"]["finished"] == found["by_state"]["failed"] == 1
    assert found["objects"] == {"total_count": 3, "failed_count": 1, "successful_count": 0, "skipped_count": 0}
