# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

import pytest
from ansible_collections.cloudbackup.m365.plugins.module_utils import _time
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.model import jobs as _jobs
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reports.html import charts
from ansible_collections.cloudbackup.m365.tests.screenshots import tenants
from ansible_collections.cloudbackup.m365.tests.unit.readings import (
    NOW,
    WINDOW_START,
    ago,
    count,
    group,
    healthy,
    job,
    license_result,
    only,
    read,
)
from ansible_collections.cloudbackup.m365.tests.unit.reports.html_pages import (
    lane,
    page_of,
    rows,
    section,
    shown,
    words,
)
from ansible_collections.cloudbackup.m365.tests.unit.reports.test_pack import HOSTILE
from hypothesis import given
from hypothesis import strategies as st


def ticks(element: ElementTree.Element) -> list[int]:
    """Where the finished backups of a lane are, in thousandths of the window."""
    drawn = element.find(".//path[@class='ticks']")
    return [] if drawn is None else [int(place) for place in re.findall(r"M(\d+) 6V22", drawn.attrib["d"])]


def marks(element: ElementTree.Element) -> list[tuple[str, str]]:
    """The other marks of a lane: state and place."""
    uses = element.iterfind(".//svg[@class='strip']/use")
    return [(use.attrib["href"].replace("#state-", ""), use.attrib["x"]) for use in uses]


def gauge(name: str, **fields: Any) -> ElementTree.Element:
    page = page_of(healthy(license=license_result(**fields)))
    cards = section(page, "license").iterfind(".//article")
    return next(card for card in cards if words(card.find(".//h3")) == name)


def widths(card: ElementTree.Element) -> dict[str, str]:
    return {part.attrib["class"]: part.attrib["width"] for part in card.iterfind(".//rect")}


@pytest.mark.parametrize(
    ("assigned", "reported", "bars"),
    [
        (0, "0 % of the purchased seats in use, 100 left.", {"rail": "100%", "used": "0%"}),
        (90, "90 % of the purchased seats in use, 10 left.", {"rail": "100%", "used": "90%"}),
        (100, "100 % of the purchased seats in use, 0 left.", {"rail": "100%", "used": "100%"}),
        (150, "150 % of the purchased seats in use, 50 more than purchased.", {"used": "66.7%", "excess": "33.3%"}),
    ],
)
def test_a_gauge_shows_the_share_in_use(assigned: int, reported: str, bars: dict[str, str]) -> None:
    card = gauge("Seats", assigned_user_seats=assigned)
    assert words(card.find("p[@class='figure']")) == f"{assigned} of 100 seats"
    assert words(card.find("p[@class='small']")) == reported
    assert bars.items() <= widths(card).items()
    assert ("OVER" in words(card)) == ("excess" in widths(card)) == (assigned > 100)
    limit = card.find(".//line[@class='limit']")
    assert limit is not None
    assert limit.attrib["x1"] == ("66.7%" if assigned > 100 else "100%")


@pytest.mark.parametrize(
    ("fields", "name", "figure", "reported", "over"),
    [
        ({}, "Storage", "Not sold", "The license is not sold by GB. In use: 0. Purchased: 0.", False),
        ({"assigned_user_seats": "absent"}, "Seats", "Not known", "In use: not known. Purchased: 100.", False),
        (
            {"purchased_user_seats": -1},
            "Seats",
            "Not known",
            "purchased_user_seats is -1, which is not a count.",
            False,
        ),
        ({"purchased_user_seats": HOSTILE}, "Seats", "Not known", "which is not a count.", False),
        ({"purchased_user_seats": 0}, "Seats", "None purchased", "All that is in use exceeds it. In use: 50.", True),
        ({"purchased_user_seats": 0}, "Storage", "None purchased", "Nothing is in use either.", False),
        ({"purchased_storage_size": "absent"}, "Storage", "Not sold", "Purchased: not known.", False),
        ({"purchased_user_seats": "absent"}, "Storage", "Not known", "does not hold all the figures.", False),
    ],
)
def test_a_gauge_without_a_share_says_why(fields: Any, name: str, figure: str, reported: str, over: bool) -> None:
    card = gauge(name, **fields)
    assert words(card.find("p[@class='figure']")) == figure
    assert reported in words(card)
    assert list(widths(card)) == ["empty"]
    assert ("OVER" in words(card)) == over


def test_a_share_just_over_everything_is_over() -> None:
    card = gauge("Seats", purchased_user_seats=1_000_000, assigned_user_seats=1_000_001)
    assert "OVER" in words(card)
    assert "1 more than purchased" in words(card)


@pytest.mark.parametrize(
    ("fields", "standing"),
    [
        ({}, "In policy"),
        ({"out_of_policy": True, "out_of_policy_time": "2026-11-01T00:00:00Z"}, "Out of policy"),
        ({"out_of_policy": "absent"}, "Not known"),
        ({"out_of_policy": 1}, "Not known"),
    ],
)
def test_the_standing_of_the_license_is_reported(fields: Any, standing: str) -> None:
    assert words(gauge("Standing", **fields).find("p[@class='figure']")) == standing


def timeline_of(*jobs: Any, **parts: Any) -> ElementTree.Element:
    reading = read(group(list(jobs), **parts), count(len(jobs)))
    return lane(page_of(reading, policy={"services": ["teams"]}), "teams")


@pytest.mark.parametrize(
    ("start", "finish", "places"),
    [
        (WINDOW_START, WINDOW_START, [0]),
        (WINDOW_START - 1, WINDOW_START + 900, [1]),
        (ago(days=12), ago(hours=84), [500]),
        (WINDOW_START - 900, WINDOW_START - 1, []),
        (ago(hours=84), ago(hours=84), [500]),
        (NOW, NOW, [1000]),
        (NOW + 299, NOW + 299, [1000]),
        (ago(hours=84), None, [500]),
        (None, ago(hours=84), [500]),
    ],
)
def test_a_finished_job_of_the_window_has_a_mark_at_its_end(start: Any, finish: Any, places: list[int]) -> None:
    made = job("j", "finished", start, finish)
    made["start_time"] = None if start is None else _time.unix_to_iso(start)
    assert ticks(timeline_of(made)) == places


def test_each_state_has_a_mark_of_its_own() -> None:
    states = [*(state for state in _jobs.STATES if state not in ("unknown", "finished")), "Suspended"]
    jobs = [
        job(state, state, ago(hours=84, minutes=-place), None if state == "in_progress" else ago(hours=70))
        for place, state in enumerate(states)
    ]
    drawn = dict(marks(timeline_of(*jobs)))
    assert drawn.pop("in-progress") == "50%"
    assert drawn == dict.fromkeys(("failed", "finished-with-exception", "partially-finished", "unknown"), "58.3%")
    shapes = re.findall(r'<g id="state-[a-z-]+" class="[a-z -]+">(.+?)</g>', page_of(healthy()))
    assert len(set(shapes)) == len(_jobs.STATES)


def test_a_running_job_reaches_to_now_and_a_long_one_to_its_end() -> None:
    running = timeline_of(job("j", "in_progress", ago(hours=84)))
    ended = timeline_of(job("j", "finished", ago(hours=84), ago(hours=42)))
    cut = timeline_of(job("j", "finished", ago(days=10), ago(hours=42)))
    trails = [found.find(".//path[@class='trail']") for found in (running, ended, cut)]
    drawn = [trail.attrib["d"] for trail in trails if trail is not None]
    assert drawn == ["M500 14H1000", "M500 14H750", "M0 14H750"]


def test_a_job_without_any_time_is_no_mark_and_no_crash() -> None:
    assert marks(timeline_of(job("j", "in_progress"))) == []
    assert shown(timeline_of(job("j", "failed"))) == "not known"


def test_what_was_not_kept_is_reported_and_hatched() -> None:
    jobs = [job(f"j{hours}", finish=ago(hours=hours)) for hours in range(1, 101)]
    found = timeline_of(*jobs, recent=30)
    assert shown(found) == "finished 1 h ago 100 jobs; the newest 30 of 100 drawn"
    hatched = found.find(".//rect[@class='unseen']")
    assert hatched is not None
    assert hatched.attrib["width"] == "81.8%"


def test_a_success_that_is_older_than_the_rows_leaves_the_time_between_unknown() -> None:
    jobs = [job(f"j{hours}", "failed", finish=ago(hours=hours)) for hours in range(1, 101)]
    found = timeline_of(*jobs, job("good", finish=ago(hours=160)), recent=30)
    assert ticks(found) == [47]
    hatched = found.find(".//rect[@class='unseen']")
    assert hatched is not None
    assert hatched.attrib["width"] == "81.8%"


def test_where_all_jobs_were_kept_nothing_is_hatched() -> None:
    assert timeline_of(job("j", finish=ago(hours=1))).find(".//rect[@class='unseen']") is None


def test_the_counts_are_of_the_window_and_the_last_ones_of_all_that_was_read() -> None:
    before = [job("old", finish=ago(days=9)), job("older", finish=ago(days=10))]
    assert shown(timeline_of(*before)) == "finished 9 d ago 0 jobs"
    page = page_of(read(group([*before, job("j", "failed", finish=ago(hours=1))]), count(3)), policy=only("teams"))
    figures = rows(section(page, "backups").find(".//table"))
    times = ["2026-11-15T06:00:00Z", "2026-11-24T05:00:00Z failed"]
    assert figures == [["teams", *times, "1", "0", "0", "1", "0", "0", "0"]]


def test_a_service_that_could_not_be_read_says_so_in_its_lane_and_why_once() -> None:
    page = tenants.page_of(tenants.undetermined())
    assert shown(lane(page, "teams")) == "not known"
    reason = "The jobs could not be read: The jobs were refused"
    assert len(re.findall(reason, words(section(page, "backups")))) == 1
    figures = rows(section(page, "backups").find(".//table"))
    assert figures[3] == ["teams", "not known", "not known", *["?"] * 7]


def test_the_figures_stand_below_the_timeline() -> None:
    figures = rows(section(tenants.page_of(tenants.failing()), "backups").find(".//table"))
    exchange = ["exchange_online", "2026-11-22T00:57:00Z", "2026-11-24T01:00:00Z failed"]
    assert figures[0] == [*exchange, "14", "0", "10", "4", "0", "0", "0"]
    assert figures[3] == ["teams", "none", "none", *["0"] * 7]


def test_the_jobs_that_did_not_finish_cleanly_are_named() -> None:
    details = section(tenants.page_of(tenants.failing()), "backups").find("details")
    assert words(details).startswith("Jobs that did not finish cleanly: 7")
    assert details is not None
    named = rows(details.find("table"))
    assert [row[1] for row in named if row[0] == "onedrive"] == ["partially finished", 'unknown: "Suspended"']
    assert [row[2] for row in named] == sorted((row[2] for row in named), reverse=True)


def test_of_many_such_jobs_the_newest_are_named() -> None:
    jobs = [job(f"j{number:03}", "failed", finish=ago(minutes=number)) for number in range(150)]
    reading = read(group(jobs, recent=150), count(150))
    details = section(page_of(reading, policy={"services": ["teams"]}), "backups").find("details")
    assert words(details).startswith("Jobs that did not finish cleanly: 150, the newest 100 shown")
    assert details is not None
    assert [row[4] for row in rows(details.find("table"))] == [f"j{number:03}" for number in range(100)]


@pytest.mark.parametrize(
    ("days", "names"),
    [
        (1, ["24 Nov"]),
        (7, ["18 Nov", "19 Nov", "20 Nov", "21 Nov", "22 Nov", "23 Nov", "24 Nov"]),
        (14, ["11 Nov", "13 Nov", "15 Nov", "17 Nov", "19 Nov", "21 Nov", "23 Nov"]),
        (365, ["Jan 2026", "Apr 2026", "Jul 2026", "Oct 2026"]),
    ],
)
def test_the_days_of_a_window_are_named_as_far_as_there_is_room(days: int, names: list[str]) -> None:
    assert [name for _place, name in charts.days(NOW - days * 86_400, NOW)] == names


@given(st.integers(1, 10 * 366 * 86_400), st.integers(700_000_000, 4_000_000_000))
def test_every_window_has_days_within_it_and_never_too_many(length: int, now: int) -> None:
    places = [place for place, _name in charts.days(now - length, now)]
    assert len(places) <= 9
    assert places == sorted(places)
    assert all(0 <= place <= 1000 for place in places)


def test_jobs_at_the_same_place_are_one_mark() -> None:
    jobs = [
        job(f"j{number}", ("failed", "finished")[number % 2], finish=ago(seconds=number)) for number in range(2_000)
    ]
    reading = read(group(jobs, recent=2_000), count(2_000))
    found = lane(page_of(reading, policy={"services": ["teams"]}), "teams")
    assert len(marks(found)) + len(ticks(found)) <= 10
