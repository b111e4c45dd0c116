# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two connections are the same tenant where client ID and URL are the same, however they are written."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.model.registration import (
    normalized,
    normalized_url,
    registration,
    registration_of_reading,
)
from ansible_collections.cloudbackup.m365.tests.unit.readings import api, healthy, license_result
from hypothesis import given
from hypothesis import strategies as st

URL = "https://graph-uk.example.com"


@pytest.mark.parametrize(
    ("written", "url"),
    [
        (URL, URL),
        (f" {URL}/\n", URL),
        ("HTTPS://Graph-UK.Example.com//", URL),
        ("http://127.0.0.1:8080/Tenants/A/", "http://127.0.0.1:8080/Tenants/A"),
        ("https://[::1]:8443", "https://[::1]:8443"),
        ("https://user:hunter2@graph.example.com", None),
        ("https://graph.example.com?key=hunter2", None),
        ("https://graph.example.com#hunter2", None),
        ("https://graph example.com", None),
        ("https://graph.example.com\\a", None),
        ("https://graph.example.com:port", None),
        ("https://[", None),
        ("ftp://graph.example.com", None),
        ("https://", None),
        ("graph.example.com", None),
        ("  ", None),
        ("", None),
        (None, None),
        (5, None),
        ([URL], None),
    ],
)
def test_a_url_is_compared_without_case_blanks_and_slash(written: Any, url: Any) -> None:
    assert normalized_url(written) == url


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, (None, None, None)),
        ({"url": URL, "version": " V2 ", "client_id": " 0A1b\n"}, (URL, "v2", "0A1b")),
        ({"version": True, "client_id": 1111}, (None, None, "1111")),
        ({"version": ["v1"], "client_id": {}, "url": 1}, (None, None, None)),
        ({"version": "", "client_id": " ", "url": "", "pages": 3}, (None, None, None)),
    ],
)
def test_what_is_planned_and_what_is_reported_have_one_form(facts: Any, expected: Any) -> None:
    assert tuple(normalized(facts).values()) == expected
    assert list(normalized(facts)) == ["url", "version", "client_id"]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"url": f"{URL}/", "client_id": "0a1b"}, f"0a1b at {URL}"),
        ({"client_id": " 0a1b "}, "0a1b"),
        ({"url": URL}, ""),
        ({"url": URL, "client_id": None}, ""),
    ],
)
def test_a_registration_is_client_id_and_url(facts: Any, expected: str) -> None:
    assert registration(facts) == expected


def test_a_reading_has_the_registration_that_its_reads_reported() -> None:
    ready_token = {**license_result(), "api": api(client_id=None)}
    expected = "0a1b at https://graph-us.example.com"
    assert registration_of_reading(healthy()) == expected
    assert registration_of_reading(healthy(license=ready_token)) == expected
    assert registration_of_reading(healthy(license=ready_token, jobs=None)) == ""
    assert registration_of_reading({"license": {"api": 5}, "jobs": {}, "errors": [], "more": "x"}) == ""


@given(st.text())
def test_no_text_is_a_crash_and_a_normalized_url_stays_as_it_is(text: str) -> None:
    for url in (text, f"https://{text}"):
        known = normalized_url(url)
        assert known is None or normalized_url(known) == known
