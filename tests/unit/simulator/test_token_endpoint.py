# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The token endpoint, secrets, assertions and scopes."""

from __future__ import annotations

import base64
import json
import time

import jwt
import pytest
import requests
from cloudbackup_simulator import Mistake, Simulator, facts, simulator
from simulator_client import TIMEOUT, V1_LICENSE, Client, Keys


def test_a_secret_gets_a_token_for_its_scope(serve):
    client = serve()
    answer = client.ask_token()
    token = answer.json()
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert (token["token_type"], token["expires_in"], token["scope"]) == ("Bearer", 3600, facts.JOBS_SCOPE)
    assert client.get().status_code == 200


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"client_id": "somebody"}, "invalid_client"),
        ({"client_id": None}, "invalid_request"),
        ({"client_secret": None}, "invalid_request"),
        ({"client_assertion": "x", "client_assertion_type": facts.ASSERTION_TYPE}, "invalid_request"),
        ({"scope": None}, "invalid_scope"),
        ({"scope": "openid"}, "invalid_scope"),
        ({"scope": f"{facts.JOBS_SCOPE} {facts.LICENSE_SCOPE}"}, "invalid_scope"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": None}, "invalid_request"),
        ({"scope": [facts.JOBS_SCOPE, facts.JOBS_SCOPE]}, "invalid_request"),
    ],
)
def test_an_invalid_token_request_is_refused_as_in_oauth(serve, form, error):
    answer = serve().ask_token(**form)
    assert answer.status_code == 400
    assert answer.json()["error"] == error
    assert answer.json()["error_description"]


def test_a_token_request_must_be_a_form(serve):
    answer = requests.post(serve().server.token_url, json={}, timeout=TIMEOUT)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer made-up"}, {"Authorization": "Basic eDp5"}])
def test_the_api_refuses_a_request_without_a_valid_token(serve, headers):
    client = serve()
    for path in facts.ENDPOINTS:
        answer = requests.get(client.server.url + path, headers=headers, timeout=TIMEOUT)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert answer.json()["message"]


def test_an_expired_token_is_refused(serve):
    client = serve(token_lifetime=0.1)
    assert client.get().status_code == 200
    time.sleep(0.15)
    assert client.get().status_code == 401


def test_a_token_for_another_scope_is_refused(serve):
    client = serve()
    client.tokens[facts.JOBS_SCOPE] = client.token(facts.LICENSE_SCOPE)
    answer = client.get()
    assert answer.status_code == 403
    assert facts.JOBS_SCOPE in answer.json()["message"]


def test_a_scope_that_is_not_granted_is_refused(serve):
    client = serve(granted_scopes=[facts.LICENSE_SCOPE])
    assert client.ask_token().json()["error"] == "invalid_scope"
    assert client.get(V1_LICENSE).status_code == 200


def sign_in(client: Client, assertion: str) -> requests.Response:
    kind = {"client_assertion_type": facts.ASSERTION_TYPE, "client_assertion": assertion}
    return client.ask_token(client_secret=None, **kind)


def test_a_signed_assertion_gets_a_token_once(serve, keys):
    client = serve(certificate_pem=keys.pem)
    assertion = keys.assertion(client.server.token_url)
    assert sign_in(client, assertion).status_code == 200
    answer = sign_in(client, assertion)
    assert (answer.status_code, answer.json()["error_description"]) == (400, "the assertion was used before")


@pytest.mark.parametrize(
    ("headers", "claims", "word"),
    [
        ({"kid": "AB"}, {}, "thumbprint"),
        ({"x5t": "AB"}, {}, "thumbprint"),
        ({}, {"aud": "https://identity.example.com/connect/token"}, "aud"),
        ({}, {"iss": "somebody"}, "iss"),
        ({}, {"sub": "somebody"}, "sub"),
        ({}, {"exp": 1_000_000_000}, "expired"),
        ({}, {"exp": 4_000_000_000}, "an hour"),
        ({}, {"exp": None}, "exp"),
        ({}, {"nbf": 4_000_000_000}, "nbf"),
        ({}, {"nbf": None}, "nbf"),
        ({}, {"jti": None}, "jti"),
    ],
)
def test_an_invalid_assertion_is_refused_with_the_reason(serve, keys, headers, claims, word):
    client = serve(certificate_pem=keys.pem)
    answer = sign_in(client, keys.assertion(client.server.token_url, headers, **claims))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client")
    assert word in answer.json()["error_description"]


def test_the_signature_of_an_assertion_is_checked(serve, keys):
    client = serve(certificate_pem=keys.pem)
    url = client.server.token_url
    thief = Keys()
    thief.certificate = keys.certificate  # the right thumbprints, the wrong key
    head, claims, signature = keys.assertion(url).split(".")
    forged = json.loads(base64.urlsafe_b64decode(claims + "=="))
    forged["jti"] = "another"
    other_claims = base64.urlsafe_b64encode(json.dumps(forged).encode()).rstrip(b"=").decode()
    for assertion in (thief.assertion(url), f"{head}.{other_claims}.{signature}", f"{head}.{claims}.AAAA"):
        assert "signature" in sign_in(client, assertion).json()["error_description"]
    unsigned = jwt.encode({"iss": simulator.CLIENT_ID}, None, algorithm="none")
    assert sign_in(client, unsigned).json()["error"] == "invalid_client"
    assert "JWT" in sign_in(client, "no.jwt").json()["error_description"]
    assert sign_in(serve(), keys.assertion(url)).json()["error"] == "invalid_client"


def test_an_invalid_certificate_is_refused_at_the_start(keys):
    with pytest.raises(Mistake, match="certificate"):
        Simulator(certificate_pem=keys.key_pem)
