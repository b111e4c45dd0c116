# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No secret leaves, however it is written; nothing else is masked."""

from __future__ import annotations

import base64
import html
import json
import string
import threading
import time
import urllib.parse

import pytest
from ansible_collections.cloudbackup.m365.plugins.module_utils._http import decoded, errors
from ansible_collections.cloudbackup.m365.plugins.module_utils._http import secrets as _secrets
from hypothesis import given
from hypothesis import strategies as st

SECRET = 'p+a/ss"w<o>rd~x&Y z\\k'
TOKEN = (
    base64.urlsafe_b64encode(b'{"alg":"RS256","typ":"JWT"}').decode().rstrip("=")
    + "."
    + base64.urlsafe_b64encode(b'{"iss":"https://identity.example","sub":"1b2c3d"}').decode().rstrip("=")
    + ".c2lnbmF0dXJlLW9mLXRoaXMtdG9rZW4tYW5kLW5vLW90aGVy"
)
KEY_LINES = ("MIIBVQIBADANBgkqhkiG9w0BAQEFAASCAT8wggE7AgEAAkEAx1", "q9TzVb7Jc0dQm4YxN2rLsWk8HpEuFgAoIi6vD5tXyZaBcCeRfS")
KEY = "-----BEGIN PRIVATE KEY-----\n{}\n{}\n-----END PRIVATE KEY-----\n".format(*KEY_LINES)
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIDdzCCAl8wgZANBgkqhkiG9w0BAQEFAAOCAQ8A\n-----END CERTIFICATE-----\n"


def known(*values):
    secrets = _secrets.Secrets()
    secrets.add(*values)
    return secrets


def url_safe(text):
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


ENCODERS = {
    "url": urllib.parse.quote,
    "whole url": lambda text: urllib.parse.quote(text, safe=""),
    "form": urllib.parse.quote_plus,
    "lower-case url": lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    ".NET": lambda text: (
        urllib.parse.quote_plus(text).replace("~", "%7e").lower()
        if text.islower()
        else urllib.parse.quote_plus(text).replace("~", "%7e")
    ),
    "escape()": lambda text: "".join(c if c.isalnum() else f"%u{ord(c):04X}" for c in text),
    "html": html.escape,
    "html without quotes": lambda text: html.escape(text, quote=False),
    "decimal references": lambda text: "".join(f"&#{ord(c)};" for c in text),
    "hexadecimal references": lambda text: "".join(f"&#x{ord(c):x};" for c in text),
    "long references": lambda text: "".join(f"&#X{ord(c):06X};" for c in text),
    "json": json.dumps,
    "json with slashes": lambda text: json.dumps(text).replace("/", "\\/"),
    "\\u": lambda text: "".join(f"\\u{ord(c):04X}" for c in text),
    "\\x": lambda text: "".join(f"\\x{ord(c):02x}" for c in text),
    "octal": lambda text: "".join(f"\\{ord(c):03o}" for c in text),
    "repr": repr,
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64url": url_safe,
    "base64 in lines": lambda text: base64.encodebytes(text.encode()).decode(),
    "UTF-16 in base64": lambda text: base64.b64encode(text.encode("utf-16-le")).decode(),
    "hex": lambda text: text.encode().hex(),
    "HEX": lambda text: text.encode().hex().upper(),
    "hex with colons": lambda text: text.encode().hex(":"),
    "hex with dashes": lambda text: text.encode().hex("-").upper(),
    "hex bytes": lambda text: ", ".join(f"0x{byte:02X}" for byte in text.encode()),
}


@pytest.mark.parametrize("encoding", ENCODERS)
@pytest.mark.parametrize("text", ["you sent {}!", "{}", "see /v1/clients/{}/x", "id=ab{}"])
def test_a_secret_is_found_in_every_encoding_that_a_server_may_write(encoding, text):
    assert known(SECRET).repeated_in(text.format(ENCODERS[encoding](SECRET)))


@pytest.mark.parametrize("outer", ENCODERS)
@pytest.mark.parametrize("inner", ENCODERS)
def test_a_secret_is_found_in_two_encodings_around_each_other(inner, outer):
    assert known(SECRET).repeated_in(f"you sent {ENCODERS[outer](ENCODERS[inner](SECRET))} twice")


@pytest.mark.parametrize("encoding", ENCODERS)
def test_the_parts_of_a_secret_are_found(encoding):
    assert known(SECRET).repeated_in(f"you sent {ENCODERS[encoding](SECRET[:12])}...")
    assert not known(SECRET).repeated_in(f"you sent {ENCODERS[encoding](SECRET[:11])}...")


def test_a_text_that_is_encoded_too_deeply_counts_as_a_secret():
    text = SECRET
    for _time in range(8):
        text = urllib.parse.quote(text, safe="")
    assert known(SECRET).repeated_in(text)
    assert known(SECRET).repeated_in("&#" + "9" * 5000 + ";")
    assert known(SECRET).repeated_in("a" * 2_000_000)


@pytest.mark.parametrize(
    "unit", ["many words ", "%25", "%2525", "&amp;", "\\\\", "aGVsbG8gd29ybGQ", "0a", "://a:", "p+a/ss"]
)
def test_a_long_text_takes_milliseconds(unit):
    secrets = known(SECRET, TOKEN * 20, KEY)
    text = unit * (64 * 1024 // len(unit))
    begun = time.process_time()
    secrets.repeated_in(text)
    assert time.process_time() - begun < 1


def test_a_short_secret_is_found_where_it_is_a_word_of_its_own():
    secrets = known("s3cr3t", "password")
    for text in (
        "pin=s3cr3t!",
        "s3cr3t",
        url_safe("s3cr3t"),
        f"x {url_safe('user:s3cr3t')}=",
        "%3ds3cr3t",
        "your password",
    ):
        assert secrets.repeated_in(text)
    for text in ("as3cr3tb", "two passwords", "passwordless", "S3CR3T"):
        assert not secrets.repeated_in(text)
    assert not known("1234").repeated_in("job FB20241234")


def test_a_private_key_is_found_by_its_lines_but_not_by_its_armour():
    for pem in (KEY, KEY.replace("\n", "\\n"), KEY.replace("\n", "\r\n"), KEY[:-30], "\n".join(KEY_LINES)):
        for line in KEY_LINES:
            assert known(pem).repeated_in(f"the key {line[20:40]} is wrong")
        assert known(pem).repeated_in(json.dumps({"key": pem}))
        assert not known(pem).repeated_in("no -----BEGIN PRIVATE KEY----- found, -----END PRIVATE KEY----- expected")


def test_a_certificate_is_no_secret_and_neither_is_what_a_key_shares_with_it():
    secrets = known(CERTIFICATE + KEY, "another-long-secret")
    assert not secrets.repeated_in(CERTIFICATE)
    assert not secrets.repeated_in(json.dumps(CERTIFICATE))
    assert secrets.repeated_in(KEY_LINES[1])


def test_the_header_of_a_token_is_public_and_all_else_of_it_is_not():
    secrets = known(TOKEN)
    header, payload, signature = TOKEN.split(".")
    assert not secrets.repeated_in(f"the header {header} is invalid")
    for text in (payload, signature, payload[3:15], signature[-12:], TOKEN[:60] + "..."):
        assert secrets.repeated_in(f"the token {text} is invalid")


PROXY = "http://corporate-proxy-user:pr0xy%21password@proxy.example:8080"


@pytest.mark.parametrize("name", ["https_proxy", "HTTPS_PROXY", "http_proxy", "ALL_PROXY"])
def test_the_password_of_a_proxy_is_a_secret_and_its_user_is_not(name):
    secrets = _secrets.Secrets()
    secrets.add_proxies({name: PROXY, "NO_PROXY": "a:b@c"})
    pair = "corporate-proxy-user:pr0xy!password"
    for text in ("pr0xy!password", "pr0xy%21password", pair, base64.b64encode(pair.encode()).decode(), PROXY):
        assert secrets.repeated_in(f"407 {text}")
    assert not secrets.repeated_in("407: no access for corporate-proxy-user at proxy.example:8080")


@pytest.mark.parametrize("password", ["pw", "p@ss:w/o#r?d", "12345"])
def test_the_credentials_of_any_url_are_secrets(password):
    secrets = _secrets.Secrets()
    secrets.add_url(f"https://user:{password}@host.example/path")
    assert secrets.repeated_in(f"no access with {password}")
    assert _secrets.Secrets().repeated_in(f"cannot open https://user:{password}@host.example/path")
    assert _secrets.Secrets().repeated_in(urllib.parse.quote(f"https://user:{password}@host.example/path", safe=""))


@pytest.mark.parametrize(
    "text",
    [
        "see https://host.example:8443/users/me@example.com and mail a@b.example",
        "https://user@host.example",
        "https://host.example/a:b@c",
        "https://user:****@host.example",
        "ratio 3:4 @ noon",
        "",
    ],
)
def test_other_urls_are_shown(text):
    assert not known(SECRET).repeated_in(text)


def test_ordinary_values_stay():
    secrets = known(None, "", "  ", SECRET)
    data = {"id": "FB1", "count": 3, "none": None, "flag": True, "list": ["teams", 1.5]}
    assert secrets.clean(data) is data
    assert not _secrets.Secrets().repeated_in("text")


def test_data_is_masked_as_a_whole_at_every_depth_keys_included():
    cleaned = known(SECRET).clean({"a": [{"b": (f"you sent {SECRET}", 1)}], SECRET: ["x", ENCODERS["hex"](SECRET)]})
    assert cleaned == {"a": [{"b": [_secrets.MASK, 1]}], _secrets.MASK: ["x", _secrets.MASK]}


def test_names_and_times_of_our_own_are_data_whatever_the_secret_is():
    data = {"object_type": "teams", "state": "finished", "start_time": "2026-11-24T06:00:00Z"}
    assert known("teams", "finished", "2026").clean(data) == data


def test_much_data_is_cleaned_in_good_time():
    data = [{"id": f"FB{number:032x}", "start_time": "2026-11-24T06:00:00Z"} for number in range(20_000)]
    begun = time.process_time()
    assert known(SECRET, TOKEN).clean([*data, SECRET])[-1] == _secrets.MASK
    assert time.process_time() - begun < 5


def test_a_message_loses_the_words_that_repeat_a_secret_and_nothing_else():
    error = errors.Error(
        "rejected", f"HTTP status 400: you sent {SECRET}", quotes=(f"you sent {SECRET}",), request_id=f"r-{SECRET}"
    ).presentable(known(SECRET))
    assert error.message == "HTTP status 400: (the server's message is not shown, since it contains a secret)"
    assert error.failure.request_id == _secrets.MASK


def test_a_message_that_names_no_quote_is_dropped_if_it_has_a_secret_all_the_same():
    error = errors.Error("rejected", f"you sent {SECRET}").presentable(known(SECRET))
    assert error.message == "(the server's message is not shown, since it contains a secret)"
    assert errors.Error("rejected", "the answer is late").presentable(known("answer")).message == "the answer is late"


VISIBLE = st.text(string.ascii_letters + string.digits + string.punctuation + " ", min_size=12, max_size=60)
WORDS = ("the", "job", "of", "a", "tenant", "was", "not", "found", "(404),", "id=7;", "try", "later.", "\n")
ORDINARY = st.lists(st.sampled_from(WORDS), max_size=20)


@given(st.data(), VISIBLE.map(str.strip).filter(lambda secret: len(secret) >= 12))
def test_no_part_of_a_secret_survives_in_any_spelling(data, secret):
    start = data.draw(st.integers(0, len(secret) - 12))
    part = secret[start : data.draw(st.integers(start + 12, len(secret)))]
    for encoding in data.draw(st.lists(st.sampled_from(sorted(ENCODERS)), max_size=2)):
        part = ENCODERS[encoding](part)
    before, after = (" ".join(data.draw(ORDINARY)) for _side in range(2))
    quote = f"{before} {part} {after}"
    error = errors.Error("rejected", f"HTTP status 400: {quote}", quotes=(quote,)).presentable(known(secret))
    assert part not in error.message
    assert error.message.startswith("HTTP status 400: (the server's message is not shown")


@given(st.text(min_size=12), st.text(max_size=5), st.text(max_size=5))
def test_no_long_secret_of_any_script_survives(secret, before, after):
    if len(secret.strip()) >= 12:
        for written in (secret, json.dumps(secret), urllib.parse.quote(secret), repr([secret])):
            assert known(secret).repeated_in(before + written + after)


@given(st.data(), VISIBLE)
def test_a_text_without_a_part_of_the_secret_is_kept(data, secret):
    text = " ".join(data.draw(ORDINARY)) + data.draw(st.sampled_from(["", secret[:8].replace(":", "")]))
    if len(secret.strip()) >= 12 and secret not in text:
        assert not known(secret).repeated_in(text)


def test_a_secret_that_is_learned_while_another_one_is_stays_known(monkeypatch):
    secrets, begun, learned = _secrets.Secrets(), threading.Event(), threading.Event()
    compiled = _secrets.re.escape

    def dawdle(form):
        if not begun.is_set():
            begun.set()
            learned.wait(0.5)
        return compiled(form)

    monkeypatch.setattr(_secrets.re, "escape", dawdle)
    slower = threading.Thread(target=secrets.add, args=("a-thread",))
    slower.start()
    begun.wait()
    secrets.add("another")
    learned.set()
    slower.join()
    assert secrets.repeated_in("from a-thread")
    assert secrets.repeated_in("from another")


def test_a_text_of_half_an_escape_is_decoded_without_an_error():
    for text in ("\\u12", "\\", "%", "%u", "&#;", "&#x;", "\\ud83d", "\\U99999999", "\\u{999999}", "\ud83d %", "é%C3"):
        assert list(decoded.forms(text, 4, False))


@pytest.mark.parametrize("length", range(1, _secrets.RUN + 2))
def test_a_secret_of_any_length_is_found_where_it_is_a_word_and_ends_no_search(length):
    secrets = _secrets.Secrets()
    secret = "y4Kd9mPqT1zBx"[:length]
    secrets.add(secret)
    assert secrets.repeated_in(f"the secret {secret} is wrong")
    other = "POST https://identity.example/connect/token: the name or service is not known"
    # A single character occurs in something that words mean as base64
    assert secrets.repeated_in(other) is (length == 1)
