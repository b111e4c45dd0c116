# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""CSV: what is written is read back by another reader, and no cell of it can start a formula."""

from __future__ import annotations

import csv
import io

import pytest
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reports.csv_text import cell, table
from hypothesis import given
from hypothesis import strategies as st

SIGNS = "=+-@＝＋－＠"
IGNORED = " \t\r\n\x00\x0b\x1f\x7f\x85\xa0\u200b\u2028\u3000\ufeff"


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("before", ["", *IGNORED, IGNORED])
def test_a_text_that_could_start_a_formula_gets_an_apostrophe(sign, before):
    text = f"{before}{sign}1+1"
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "a=1", "'=1", "108 of 100", "(-1)", "ü-1", " \t"])
def test_any_other_text_is_left_alone(text):
    assert cell(text) == text


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, ""), (True, "true"), (False, "false"), (-1, "-1"), (-0.5, "-0.5"), (["a", "=b"], "a; =b"), (["=a"], "'=a")],
)
def test_values_that_are_no_text(value, expected):
    assert cell(value) == expected


@given(st.lists(st.lists(st.text(st.characters(exclude_characters="\x00")), min_size=2, max_size=2), max_size=4))
def test_a_table_is_read_back_and_holds_no_formula(rows):
    text = table(("a", "b"), rows)
    read = list(csv.reader(io.StringIO(text, newline="")))
    assert read == [["a", "b"], *([cell(value) for value in row] for row in rows)]
    for found in (value for row in read for value in row):
        assert found.lstrip(IGNORED)[:1] not in set(SIGNS)


def test_lines_end_with_a_line_feed():
    assert table(("a",), [["x,y"], ['"']]) == 'a\n"x,y"\n""""\n'
