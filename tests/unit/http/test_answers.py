# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""JSON that would mean two things, or that no result could carry, is none."""

from __future__ import annotations

import json

import pytest
from ansible_collections.cloudbackup.m365.plugins.module_utils._http import answers, errors, words
from ansible_collections.cloudbackup.m365.plugins.module_utils._http.body import Response
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (
            {
                "message": "Bad Request",
                "errors": [{"code": "InvalidParameter", "field": "startTime", "message": "too old"}],
            },
            "Bad Request: errors: InvalidParameter (startTime): too old",
        ),
        ({"errors": [{"code": "A", "message": "x"}, {"field": "b", "message": "y"}]}, "errors: A: x; b: y"),
        ({"Errors": [{"Code": "A", "Field": "b"}]}, "errors: A (b)"),
        (
            {"errors": [{"code": 17, "message": "x"}, {"code": None, "field": ["b"], "message": "y"}]},
            "errors: 17: x; y",
        ),
        ({"error": {"code": "Forbidden", "message": "no role"}}, "Forbidden: no role"),
        ({"error": "invalid_client", "error_description": "unknown"}, "invalid_client: unknown"),
        ({"code": 400, "message": "Bad Request"}, "Bad Request"),
    ],
)
def test_the_code_and_the_field_of_an_error_are_a_part_of_the_words(payload, expected):
    assert words.spoken(payload) == expected


def decode(body):
    headers = {"Content-Type": "application/json"}
    return answers.decode(Response(200, headers, body, 0.0), words.words)


def refused(body):
    with pytest.raises(errors.Error) as caught:
        decode(body)
    assert caught.value.failure.kind == "unexpected_answer"
    return caught.value.message


@pytest.mark.parametrize(
    "body",
    [
        b'{"TotalCount": 1, "TotalCount": 2}',
        b'{"Jobs": [{"Id": "1", "State": "Failed", "State": "Finished"}]}',
        b'{"Jobs": [{"BackupDetails": {"FailedCount": 3, "SuccessfulCount": 4, "FailedCount": 0}}]}',
    ],
)
def test_a_field_that_comes_twice_is_refused_and_named(body):
    named = [name for name in ("TotalCount", "State", "FailedCount") if body.count(f'"{name}"'.encode()) == 2]
    assert f"{named[0]!r} comes twice" in refused(body)


@pytest.mark.parametrize("half", [rb"\ud800", rb"\uDFFF", rb"\ude00\ud83d", rb"\ud83d.\ude00", rb"\\\ud83d"])
def test_half_a_character_is_refused(half):
    """Ansible could not hand on a result with it."""
    assert "half of a surrogate pair" in refused(b'{"Jobs": [{"Id": "job ' + half + b'"}]}')


def test_a_whole_character_in_two_halves_is_read():
    assert decode(rb'{"Id": "\ud83d\ude00 \\ud800"}') == {"Id": "\U0001f600 \\ud800"}


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(ANY_JSON, st.booleans(), st.sampled_from(["utf-8", "utf-8-sig"]))
def test_any_json_is_read_as_it_is(value, ascii_only, encoding):
    assert decode(json.dumps(value, ensure_ascii=ascii_only).encode(encoding)) == value
