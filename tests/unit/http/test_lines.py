# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lines of a chunked body: read as they are, up to a length and a deadline."""

from __future__ import annotations

import io
import time
from types import SimpleNamespace

import pytest
from ansible_collections.cloudbackup.m365.plugins.module_utils._http import lines


def bounded(content, seconds=60.0):
    """The file of an answer of urllib3, with its lines bounded."""
    raw = SimpleNamespace(_fp=SimpleNamespace(fp=io.BytesIO(content)))
    lines.bound(raw, time.monotonic() + seconds, lambda: TimeoutError("late"), lambda: ValueError("long"))
    return raw._fp.fp


@pytest.mark.parametrize("length", [0, 1, lines.LONGEST - 2, lines.LONGEST - 1])
def test_a_line_is_read_as_it_is(length):
    file = bounded(b"x" * length + b"\nrest")
    assert file.readline() == b"x" * length + b"\n"
    assert file.read() == b"rest"


@pytest.mark.parametrize("end", [b"\n", b"", b"x" * 10])
def test_a_longer_line_is_refused(end):
    with pytest.raises(ValueError, match="long"):
        bounded(b"x" * lines.LONGEST + b"x" + end).readline()


def test_a_size_that_is_asked_for_counts():
    assert bounded(b"x" * (2 * lines.LONGEST)).readline(lines.LONGEST + 5) == b"x" * (lines.LONGEST + 5)
    assert bounded(b"abc\n").readline(2) == b"ab"


def test_no_line_is_read_after_the_deadline():
    with pytest.raises(TimeoutError, match="late"):
        bounded(b"x\n", seconds=-1).readline()


def test_the_rest_of_the_file_is_as_before():
    file = bounded(b"abc")
    into = bytearray(2)
    assert (file.readinto(into), bytes(into), file.closed) == (2, b"ab", False)
    file.close()
    assert file.closed


@pytest.mark.parametrize("raw", [object(), SimpleNamespace(_fp=None), SimpleNamespace(_fp=SimpleNamespace(fp=None))])
def test_an_answer_without_a_file_has_no_lines(raw):
    lines.bound(raw, 0, lambda: TimeoutError("late"), lambda: ValueError("long"))
