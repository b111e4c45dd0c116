# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The chain: whatever is done to a line before the newest one is noticed, and nothing counts from there on."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.period import chain, history_line
from ansible_collections.cloudbackup.m365.tests.unit.period.recorded_years import chained, daily, iso, moment, run
from hypothesis import given
from hypothesis import strategies as st

LINES = chained(daily("2026-01-01", 6))
SMALL = [json.dumps({**json.loads(line), "results": [], "counts": {}}).encode() for line in LINES]


def small(days: int = 6) -> list[bytes]:
    """A history of short lines."""
    return chained([{**one, "results": []} for one in daily("2026-01-01", days)])


def hashes(lines: list[bytes]) -> list[str]:
    return [hashlib.sha256(line).hexdigest() for line in lines]


def test_a_history_as_it_was_written_is_whole() -> None:
    found = chain.chain(LINES)
    assert (found.break_, [one.sha256 for one in found.runs]) == ("", hashes(LINES))
    assert found.anchor is None


@given(st.data())
def test_any_changed_byte_of_any_line_before_the_newest_is_noticed(data: Any) -> None:
    lines = small()
    place = data.draw(st.integers(0, len(lines) - 2))
    at = data.draw(st.integers(0, len(lines[place]) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != lines[place][at]))
    lines[place] = lines[place][:at] + bytes([byte]) + lines[place][at + 1 :]
    # As a file has them: the byte may be a line end
    found = chain.chain(b"\n".join(lines).split(b"\n"))
    assert found.break_
    assert len(found.runs) <= place + 1


@given(st.permutations(range(6)).filter(lambda order: order != list(range(6))))
def test_any_other_order_is_noticed(order: list[int]) -> None:
    lines = small()
    found = chain.chain(lines[place] for place in order)
    kept = next(index for index, place in enumerate(order) if order[0] + index != place) if order else 0
    assert found.break_
    assert len(found.runs) == kept


@given(st.sets(st.integers(0, 5), min_size=1, max_size=5))
def test_removed_lines_are_noticed_unless_they_are_the_first_or_the_last_ones(removed: set[int]) -> None:
    lines = small()
    kept = [place for place in range(6) if place not in removed]
    found = chain.chain(lines[place] for place in kept)
    assert bool(found.break_) is (kept != list(range(kept[0], kept[-1] + 1)))
    if kept[0]:
        assert found.anchor == hashes(lines)[kept[0] - 1]


@given(st.integers(0, 4), st.binary(max_size=80).filter(lambda text: b"\n" not in text) | st.sampled_from(small()))
def test_an_inserted_line_is_noticed(place: int, inserted: bytes) -> None:
    lines = small()
    found = chain.chain([*lines[:place], inserted, *lines[place:]])
    # A copy of the line before it does not continue itself
    assert found.break_
    assert len(found.runs) <= place + 1


def test_an_inserted_line_that_fits_the_one_before_it_is_noticed_by_the_next_one() -> None:
    forged = chained([run(moment("2026-01-02T12:00:00Z"))], hashes(LINES)[1])
    found = chain.chain([*LINES[:2], *forged, *LINES[2:]])
    assert "Line 4 of the history" in found.break_
    assert len(found.runs) == 3


def test_a_history_that_was_written_anew_as_a_whole_is_only_noticed_by_a_hash_that_was_kept() -> None:
    """What a chain does not prove."""
    forged = chained(daily("2026-01-01", 6, hour=4))
    assert chain.chain(forged).break_ == ""
    assert not set(hashes(forged)) & set(hashes(LINES))


# --- Time -------------------------------------------------------------------------------------------------------------


def timed(*times: tuple[str | None, str]) -> list[bytes]:
    """A history of runs, each with the time of its server and that of its machine."""
    return chained(
        [
            {**run(moment(recorded)), "evaluated_at": recorded, "recorded_at": recorded, "server_time": server}
            for server, recorded in times
        ]
    )


@pytest.mark.parametrize(
    ("second", "is_broken"),
    [
        (("2026-01-01T03:00:00Z", "2026-01-01T03:00:00Z"), False),
        (("2026-01-01T02:59:59Z", "2026-01-01T03:00:00Z"), True),
        # The clock of the machine does not matter where the server reported its own
        (("2026-01-01T03:00:01Z", "2026-01-01T02:30:00Z"), False),
        # Without it, the two clocks may differ by five minutes
        ((None, "2026-01-01T02:55:00Z"), False),
        ((None, "2026-01-01T02:54:59Z"), True),
    ],
)
def test_time_may_stop_and_not_go_back(second: tuple[str | None, str], is_broken: bool) -> None:
    found = chain.chain(timed(("2026-01-01T03:00:00Z", "2026-01-01T03:00:00Z"), second))
    assert ("Time goes back in line 2" in found.break_) is is_broken
    assert len(found.runs) == (1 if is_broken else 2)


def test_time_does_not_go_back_in_steps_between_two_clocks() -> None:
    times = [("2026-01-01T03:00:00Z", "2026-01-01T03:00:00Z"), (None, "2026-01-01T02:58:00Z")]
    found = chain.chain(timed(*times, ("2026-01-01T02:56:00Z", "2026-01-01T02:56:00Z")))
    assert "from 2026-01-01T03:00:00Z to 2026-01-01T02:56:00Z" in found.break_


# --- Lines that are none ----------------------------------------------------------------------------------------------


def changed(**new: Any) -> bytes:
    line = {**run(moment("2026-01-02T03:00:00Z")), "previous": hashes(LINES)[0], **new}
    return json.dumps({name: value for name, value in line.items() if value is not ...}).encode()


@pytest.mark.parametrize(
    "text",
    [
        *(b"", b" ", b"\xff\xfe", b"null", b"[]", b"[" * 100_000, b'"x"', b"{}", b"NaN", b"1" * 5_000, b"\x00" * 100),
        *(changed(schema_version=value) for value in (2, True, "1", None)),
        *(
            changed(recorded_at=value)
            for value in (..., None, 1, "yesterday", "9999-12-31T00:00:00Z", [], "2026-02-30")
        ),
        *(changed(server_time=value) for value in (1e308, 10**400, "x", {}, "0001-01-01T00:00:00Z")),
        *(changed(evaluated_at=value) for value in (..., None, 0)),
        *(changed(previous=value) for value in (..., None, "", "a" * 63, "A" * 64, 1)),
        *(changed(verdict=value) for value in (..., "green", None, 1, [])),
        *(changed(enforce=value) for value in (..., "true", 1, None)),
        *(changed(subject=value) for value in (..., "", " ", 1, "fabrikam", None)),
        *(
            changed(results=value)
            for value in (..., None, {}, [1], [{}], [{"check": 1, "scope": "x", "status": "pass"}])
        ),
        changed(results=[{"check": "a", "scope": "b", "status": "green"}]),
        *(changed(waivers=value) for value in (..., None, [1], [{"state": "used"}])),
    ],
)
def test_what_is_no_line_of_this_history_ends_it(text: bytes) -> None:
    found = chain.chain([LINES[0], text, *LINES[1:]])
    assert found.break_.startswith("Line 2 of the history")
    assert len(found.break_) < 400
    assert len(found.runs) == 1


@pytest.mark.parametrize("value", [1e308, 10**400, -1, "1", True, None, [], float("nan"), float("inf")])
def test_a_figure_that_is_none_is_not_known(value: Any) -> None:
    text = changed(license={"assigned_user_seats": value, "protected_size": 7}, counts=..., collection_version=...)
    found = chain.chain([LINES[0], text])
    assert (found.break_, found.runs[1].figures) == ("", (None, None, None, 7))


@pytest.mark.parametrize("value", [None, 1, [], "x"])
def test_a_license_that_is_none_is_not_known(value: Any) -> None:
    assert chain.chain([LINES[0], changed(license=value)]).runs[1].figures == (None,) * 4


def test_of_a_check_that_is_judged_twice_the_worse_status_counts() -> None:
    results = [{"check": "a", "scope": "b", "status": status} for status in ("pass", "fail", "warn")]
    assert chain.chain([LINES[0], changed(results=results)]).runs[1].statuses == {("a", "b"): "fail"}


def test_a_line_that_is_too_long_ends_the_history(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_line, "LONGEST", len(LINES[1]) - 1)
    assert f"over {len(LINES[1]) - 1} bytes" in chain.chain(LINES).break_


# --- Several histories of one tenant ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parts", "count"),
    [
        ([(0, 6), (0, 6)], 6),
        ([(0, 6), (0, 3)], 6),
        ([(0, 6), (2, 4)], 6),
        ([(0, 3), (3, 6)], 6),
        ([(3, 6), (0, 3)], 6),
        ([(0, 4), (2, 6)], 6),
        ([(0, 2), (4, 6), (2, 4)], 6),
        ([(0, 0), (0, 6)], 6),
        ([(0, 2), (3, 6)], None),
    ],
)
def test_parts_and_copies_of_a_history_are_one(parts: list[tuple[int, int]], count: int | None) -> None:
    found = chain.joined([chain.chain(LINES[first:last]) for first, last in parts])
    if count is None:
        assert "several histories" in found.break_
    else:
        assert (found.break_, [one.sha256 for one in found.runs]) == ("", hashes(LINES)[:count])


def test_two_histories_that_went_apart_are_a_break() -> None:
    apart = [*LINES[:3], *chained([run(moment("2026-01-04T09:00:00Z"))], hashes(LINES)[2])]
    for order in ([LINES, apart], [apart, LINES]):
        assert "several histories" in chain.joined([chain.chain(lines) for lines in order]).break_


def test_a_broken_copy_is_a_break() -> None:
    broken = chain.chain([LINES[0], LINES[2]])
    assert chain.joined([chain.chain(LINES), broken]).break_ == broken.break_


def test_a_year_of_days_alike_shares_what_it_found() -> None:
    found = chain.chain(chained(daily("2026-01-01", 50)))
    assert len({id(one.statuses) for one in found.runs}) == 1
    assert iso(moment("2026-01-01")) == "2026-01-01T00:00:00Z"
