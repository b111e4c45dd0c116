# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No secret leaves, however it is written; nothing else is masked."""

from __future__ import annotations

import html
import json
import threading
import urllib.parse

from ansible_collections.cloudbackup.m365.plugins.module_utils._http import secrets as _secrets
from hypothesis import given
from hypothesis import strategies as st

SECRET = 'p+a/ss"w<o>rd~x'


def known(*values):
    secrets = _secrets.Secrets()
    secrets.add(*values)
    return secrets


def test_a_secret_is_cut_in_every_form_a_server_may_write_it():
    for written in (
        SECRET,
        urllib.parse.quote(SECRET),
        urllib.parse.quote(SECRET, safe=""),
        urllib.parse.quote_plus(SECRET),
        json.dumps({"echo": SECRET}),
        html.escape(SECRET),
        repr(SECRET),
        repr([SECRET + "'"]),
    ):
        cut = known(SECRET).cut(f"you sent {written}!")
        assert _secrets.MASK in cut
        assert "ss" not in cut


def test_a_pem_key_is_cut_also_where_its_lines_are_escaped():
    pem = "-----BEGIN PRIVATE KEY-----\nMIIBVQIBADAN\n-----END PRIVATE KEY-----\n"
    assert "MIIB" not in known(pem).cut(json.dumps({"key": pem}))
    assert "MIIB" not in known(pem).cut(pem.strip())


def test_the_longer_secret_goes_first():
    assert known("secret-one", "secret-one-and-two").cut("secret-one-and-two") == _secrets.MASK


def test_a_short_secret_is_cut_where_it_stands_alone():
    assert known("1234").cut("pin=1234, job FB20241234") == f"pin={_secrets.MASK}, job FB20241234"


def test_ordinary_values_stay():
    secrets = known(None, "", "  ", SECRET)
    data = {"id": "FB1", "count": 3, "none": None, "flag": True, "list": ["teams", 1.5]}
    assert secrets.clean(data) == data
    assert _secrets.Secrets().cut("text") == "text"


def test_data_is_cleaned_at_every_depth_keys_included():
    cleaned = known(SECRET).clean({"a": [{"b": (SECRET, 1)}], SECRET: SECRET})
    assert SECRET not in json.dumps(cleaned)
    assert cleaned["a"] == [{"b": [_secrets.MASK, 1]}]


@given(st.text(min_size=8))
def test_no_long_secret_survives_where_a_wrong_value_is_shown(secret):
    """A value that is no such thing is shown in Python's notation, quotes and backslashes escaped."""
    if secret.strip() and secret not in _secrets.MASK:
        for shown in ([secret], {"key": secret}, secret + "'", secret + "\"'"):
            assert _secrets.MASK in known(secret).cut(repr(shown))


@given(st.text(min_size=8), st.text(max_size=5), st.text(max_size=5))
def test_no_long_secret_survives(secret, before, after):
    if secret.strip() and secret not in _secrets.MASK:
        assert secret not in known(secret).cut(before + secret + after)


def test_a_secret_that_is_learned_while_another_one_is_stays_known(monkeypatch):
    secrets, begun, learned = _secrets.Secrets(), threading.Event(), threading.Event()
    make = _secrets._expression

    def dawdle(form):
        if not begun.is_set():
            begun.set()
            learned.wait(0.5)
        return make(form)

    monkeypatch.setattr(_secrets, "_expression", dawdle)
    slower = threading.Thread(target=secrets.add, args=("the-token-of-a-thread",))
    slower.start()
    begun.wait()
    secrets.add("the-token-of-another")
    learned.set()
    slower.join()
    assert secrets.cut("the-token-of-a-thread the-token-of-another") == f"{_secrets.MASK} {_secrets.MASK}"
