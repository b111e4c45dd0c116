# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.model import periods
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("written", "days"),
    [
        ("30d", 30), ("52w", 364), ("1mo", 30), ("6mo", 182), ("11mo", 334), ("12mo", 365), ("1y", 365), ("7y", 2555),
        (" 7 Years ", 2555), ("1 month", 30), ("2 weeks", 14), ("100y", 36_500),
    ],
)  # fmt: skip
def test_periods_are_read_as_people_write_them(written: str, days: int) -> None:
    assert periods.parse(written) == days


@pytest.mark.parametrize(
    "written", ["", "7", "y", "-1y", "0d", "1.5y", "6m", "26h", "101y", "36501d", "1y 6mo", "Unlimited", "٧y"]
)
def test_a_text_that_is_not_a_period_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="not a period"):
        periods.parse(written)


@pytest.mark.parametrize("value", [7, 365, 7.0, True, None, ["7y"]])
def test_a_period_needs_its_unit(value: object) -> None:
    with pytest.raises(ValueError, match="no unit"):
        periods.PERIOD.read(value)


@given(st.integers(1, 36_500))
def test_a_period_survives_being_written_and_read(days: int) -> None:
    assert periods.parse(periods.text(days)) == days
    assert periods.parse(periods.words(days)) == days
