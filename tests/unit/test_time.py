# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Instants are ticks; text is made at the edge only."""

from __future__ import annotations

import datetime

import pytest
from ansible_collections.cloudbackup.m365.plugins.module_utils import _time
from hypothesis import given
from hypothesis import strategies as st

NOW = _time.from_iso("2026-01-31T06:00:00Z")
ANY_INSTANT = st.integers(_time.EPOCH, _time.END - 1)


def test_the_published_sample_is_the_instant_that_it_names():
    assert _time.to_iso(638645575921780695) == "2024-10-15T02:53:12Z"
    assert _time.to_iso(638645576438386696) == "2024-10-15T02:54:03Z"


def test_the_epoch_is_where_the_document_says():
    assert _time.from_iso("1970-01-01T00:00:00Z") == _time.EPOCH == 621355968000000000
    assert _time.from_unix(0) == _time.EPOCH


def test_the_end_is_the_tick_after_the_last_date():
    assert _time.from_iso("9999-12-31T23:59:59.9999999Z") == _time.END - 1


@given(ANY_INSTANT)
def test_truncated_texts_sort_as_the_instants_do(ticks):
    text = _time.to_iso(ticks)
    assert len(text) == 20
    assert _time.from_iso(text) == ticks - ticks % _time.TICKS_PER_SECOND
    assert _time.to_iso(min(ticks + _time.TICKS_PER_SECOND, _time.END - 1)) >= text


@given(st.datetimes(datetime.datetime(1970, 1, 1), datetime.datetime(9999, 12, 31)))
def test_reads_what_python_writes(moment):
    since = moment - datetime.datetime(1970, 1, 1)
    microseconds = (since.days * 86400 + since.seconds) * 10**6 + since.microseconds
    assert _time.from_iso(moment.isoformat()) == _time.EPOCH + microseconds * 10


@pytest.mark.parametrize(
    ("text", "same_as"),
    [
        ("2026-01-31T06:00:00", "2026-01-31T06:00:00Z"),
        ("2026-01-31 06:00", "2026-01-31T06:00:00Z"),
        ("2026-01-31T07:00:00+01:00", "2026-01-31T06:00:00Z"),
        ("2026-01-31T01:30:00-0430", "2026-01-31T06:00:00Z"),
        ("2026-01-31T06:00:00.0000000Z", "2026-01-31T06:00:00Z"),
        (" 2026-01-31 ", "2026-01-31T00:00:00Z"),
    ],
)
def test_reads_the_ways_of_iso_8601(text, same_as):
    assert _time.from_iso(text) == _time.from_iso(same_as)


def test_keeps_every_digit_of_a_fraction():
    assert _time.from_iso("2024-10-15T02:53:12.0780695Z") == 638645575920780695


@pytest.mark.parametrize(
    "text",
    ["", "soon", "2026-02-30", "2026-13-01", "2026-01-01T25:00:00Z", "2026-01-01T00:00:60Z", "1769839200", "7 days ago",
     "2026-01-01T00:00:00+99:00", "2026-1-1", "٢٠٢٦-٠١-٠١"],
)  # fmt: skip
def test_refuses_what_is_no_time(text):
    with pytest.raises(ValueError, match=r"."):
        _time.from_iso(text)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("36h", "2026-01-29T18:00:00Z"),
        ("7d", "2026-01-24T06:00:00Z"),
        ("2w", "2026-01-17T06:00:00Z"),
        ("90m", "2026-01-31T04:30:00Z"),
        ("30 s", "2026-01-31T05:59:30Z"),
        ("0h", "2026-01-31T06:00:00Z"),
        ("2026-01-30", "2026-01-30T00:00:00Z"),
    ],
)
def test_an_age_is_that_long_ago(text, meant):
    assert _time.to_iso(_time.parse_option(text, NOW)) == meant


def test_a_date_as_an_end_means_its_last_tick():
    end = _time.parse_option("2026-01-30", NOW, end_of_day=True)
    assert end == _time.from_iso("2026-01-31T00:00:00Z") - 1
    assert _time.parse_option("2026-01-30T12:00:00Z", NOW, end_of_day=True) == _time.from_iso("2026-01-30T12:00:00Z")


@pytest.mark.parametrize(
    "text", ["yesterday", "7", "d", "-7d", "7y", "1.5h", "99999999w", "1969-12-31", "9999-12-31T23:00:00-01:00"]
)
def test_a_nonsense_option_says_how_to_write_one(text):
    with pytest.raises(ValueError, match=r"time"):
        _time.parse_option(text, NOW)


@pytest.mark.parametrize(
    ("ticks", "none"),
    [
        (0, True),
        (1, False),  # Unix seconds read as ticks fall on 0001-01-01 too: wrong, and no "none"
        (1_728_960_792, False),
        (_time.END - _time.TICKS_PER_DAY, True),
        (_time.END - _time.TICKS_PER_DAY - 1, False),
        (3155378975999999999, True),
        (_time.EPOCH, False),
    ],
)
def test_minimum_and_maximum_dates_are_none(ticks, none):
    assert _time.is_none(ticks) is none


def test_an_http_date_is_unix_time_whatever_its_zone():
    for text in ("Sat, 31 Jan 2026 06:00:00 GMT", "Sat, 31 Jan 2026 06:00:00", "Sat, 31 Jan 2026 07:00:00 +0100"):
        assert _time.from_http_date(text) == 1_769_839_200


@pytest.mark.parametrize(
    "text",
    [
        "",
        "today",
        "Sat, 31 Jan 99999 06:00:00 GMT",
        "Sat, 31 Jan 2026 06:00:00 +" + "9" * 20,
        "Fri, 31 Dec 9999 23:59:59 -1200",
        "Thu, 01 Jan 0500 00:00:00 GMT",
    ],
)
def test_an_http_date_that_names_no_time_of_ours_is_none(text):
    assert _time.from_http_date(text) is None


@given(st.text())
def test_any_text_is_an_http_date_or_none(text):
    shown = _time.from_http_date(text)
    assert shown is None or _time.to_iso(_time.from_unix(shown))
