# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.cloudbackup.m365.plugins.module_utils import _time
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.model import durations
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("45s", 45),
        ("90m", 5_400),
        ("26h", 93_600),
        ("7d", 604_800),
        ("2w", 1_209_600),
        (" 7 days ", 604_800),
        ("1 Hour", 3_600),
        ("3660d", 3_660 * 86_400),
    ],
)
def test_durations_are_read_as_people_write_them(written: str, seconds: int) -> None:
    assert durations.parse(written) == seconds


@pytest.mark.parametrize(
    "written", ["", "7", "d", "-7d", "0h", "7.5d", "7 fortnights", "7dd", "4000d", "9" * 5_000 + "d"]
)
def test_what_is_no_duration_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="not a duration"):
        durations.parse(written)


@given(st.integers(min_value=1, max_value=3_660 * 86_400))
def test_a_duration_survives_being_written_and_read(seconds: int) -> None:
    assert durations.parse(durations.text(seconds)) == seconds


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (48 * 3_600, "48 h"),
        (48 * 3_600 + 1, "48 h 1 s"),
        (50 * 3_600 + 720 + 9, "50 h 12 min"),
        (4 * 86_400 - 1, "95 h 59 min"),
        (4 * 86_400, "4 d"),
        (30 * 86_400 + 7_200, "30 d 2 h"),
    ],
)
def test_ages_read_well_and_show_that_a_limit_is_passed(seconds: int, words: str) -> None:
    assert durations.words(seconds) == words


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        ("2026-11-24", "2026-11-24T00:00:00Z"),
        ("2026-11-24T06:00", "2026-11-24T06:00:00Z"),
        ("2026-11-24T06:00:00.9999999Z", "2026-11-24T06:00:00Z"),
        ("2026-11-24 06:00:00+02:00", "2026-11-24T04:00:00Z"),
        ("2026-11-24T06:00:00-0330", "2026-11-24T09:30:00Z"),
    ],
)
def test_instants_are_utc_whatever_zone_they_are_written_in(written: str, iso: str) -> None:
    assert _time.unix_to_iso(_time.unix_from_iso(written)) == iso


@pytest.mark.parametrize(
    "written", ["", "now", "2026-13-01", "2026-02-30", "2026-11-24T25:00", "1764000000", "24.11.2026"]
)
def test_what_is_no_instant_is_refused(written: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - datetime has its own words
        _time.unix_from_iso(written)


def test_an_instant_beyond_the_calendar_is_shown_as_its_end() -> None:
    assert _time.unix_to_iso(_time.unix_from_iso("9999-12-31T23:59:59-10:00")) == "9999-12-31T23:59:59Z"
    assert _time.unix_to_iso(_time.unix_from_iso("0001-01-01T00:00:00+10:00")) == "0001-01-01T00:00:00Z"


@given(st.integers(min_value=-62_135_596_800, max_value=253_402_300_799))
def test_an_instant_survives_being_written_and_read(instant: int) -> None:
    assert _time.unix_from_iso(_time.unix_to_iso(instant)) == instant
