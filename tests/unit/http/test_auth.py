# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Signed assertions, checked by a server that really verifies them."""

from __future__ import annotations

import base64
import hashlib
import ssl

import jwt
import pytest
from ansible_collections.cloudbackup.m365.plugins.module_utils import _license
from ansible_collections.cloudbackup.m365.plugins.module_utils._api import generations
from ansible_collections.cloudbackup.m365.plugins.module_utils._api import queries as _queries
from ansible_collections.cloudbackup.m365.plugins.module_utils._http import assertion, auth, errors
from ansible_collections.cloudbackup.m365.plugins.module_utils._http.credentials import ClientCertificate
from ansible_collections.cloudbackup.m365.plugins.module_utils._jobs import reading
from ansible_collections.cloudbackup.m365.tests.unit import certificates

TOKEN_URL = "https://identity.example/connect/token"
NOW = 1_769_839_200


@pytest.fixture(scope="module")
def app():
    return certificates.self_signed()


@pytest.fixture(scope="module")
def pems(app):
    certificate, key = app
    return certificates.pem(certificate), certificates.key_pem(key)


def read_license(client):
    return _license.read(client, generations.generation("v1"), 0)


def read_jobs(client):
    queries = [_queries.Query()]
    return reading.read(
        client, generations.generation("v1"), queries, include_jobs=False, recent_jobs=1, max_jobs=1_000_000
    )


def test_the_assertion_has_the_claims_and_the_header_that_the_service_wants(app, pems):
    signed = assertion.sign("an-id", *pems, None, TOKEN_URL, NOW, "one-id")
    claims = jwt.decode(
        signed, app[1].public_key(), ["RS256"], audience=TOKEN_URL, options={"verify_exp": False, "verify_nbf": False}
    )
    assert (claims["iss"], claims["sub"], claims["aud"], claims["jti"]) == ("an-id", "an-id", TOKEN_URL, "one-id")
    assert claims["nbf"] <= NOW < claims["exp"] <= NOW + 3600
    thumbprint = hashlib.sha1(ssl.PEM_cert_to_DER_cert(pems[0])).digest()
    header = jwt.get_unverified_header(signed)
    assert header["alg"] == "RS256"
    assert header["kid"] == thumbprint.hex().upper()
    assert header["x5t"] == base64.urlsafe_b64encode(thumbprint).decode().rstrip("=")


@pytest.mark.parametrize("passphrase", [None, "open sesame"])
def test_a_certificate_signs_in(passphrase, app, simulate, connect):
    certificate, key = app
    simulator = simulate(certificate_pem=certificates.pem(certificate))
    held = ClientCertificate(
        simulator.client_id, certificates.pem(certificate), certificates.key_pem(key, passphrase), passphrase
    )
    client = connect(simulator, credentials=held)
    assert read_license(client)["purchased_user_seats"] == 100
    form = simulator.requests[0].form
    assert form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    assert "client_secret" not in form
    assert client.secrets.repeated_in(f"you sent {form['client_assertion']}")


def test_every_assertion_has_an_id_of_its_own(pems, simulate, connect):
    simulator = simulate("expire_tokens:after=0", certificate_pem=pems[0])
    client = connect(simulator, credentials=ClientCertificate(simulator.client_id, *pems))
    read_license(client)
    sent = [request.form["client_assertion"] for request in simulator.requests if request.method == "POST"]
    assert len(sent) == len(set(sent)) == 2


def test_a_certificate_that_is_not_registered_is_refused_with_what_to_check(pems, simulate, connect):
    simulator = simulate(certificate_pem=certificates.pem(certificates.self_signed()[0]))
    client = connect(simulator, credentials=ClientCertificate(simulator.client_id, *pems))
    with pytest.raises(errors.Error) as caught:
        read_license(client)
    assert caught.value.failure.kind == "authentication"
    assert "client_certificate is the one registered" in caught.value.failure.hint


def test_an_assertion_that_is_echoed_is_cut(pems, simulate, connect):
    simulator = simulate("echo_secret:on=token", certificate_pem=pems[0])
    client = connect(simulator, credentials=ClientCertificate(simulator.client_id, *pems))
    with pytest.raises(errors.Error) as caught:
        read_license(client)
    assert "the server's message is not shown, since it contains a secret" in caught.value.message
    sent = simulator.requests[0].form["client_assertion"]
    assert all(part not in caught.value.message for part in sent.split("."))


def test_a_passphrase_for_a_key_that_is_not_encrypted_harms_nobody(pems):
    assert assertion.sign("an-id", *pems, "needless", TOKEN_URL, NOW, "one-id")


def test_what_cannot_be_used_is_named_by_its_option(app, pems):
    certificate, key = pems
    encrypted = certificates.key_pem(app[1], "open sesame")
    other = certificates.key_pem(certificates.rsa_key())
    cases = [
        (("no pem", key, None), "client_certificate does not contain a readable PEM certificate"),
        ((certificate, "no pem", None), "client_private_key does not contain a readable PEM key"),
        ((certificate, encrypted, None), "client_private_key is encrypted: client_private_key_passphrase is missing"),
        ((certificate, encrypted, "wrong"), "with client_private_key_passphrase"),
        ((certificate, other, None), "do not belong together"),
        ((certificate, certificates.elliptic_key_pem(), None), "client_private_key is not an RSA key"),
    ]
    for held, message in cases:
        with pytest.raises(errors.Error) as caught:
            assertion.sign("an-id", *held, TOKEN_URL, NOW, "one-id")
        assert caught.value.failure.kind == "arguments"
        assert message in caught.value.message
        assert "sesame" not in caught.value.message


def test_without_the_libraries_a_certificate_is_refused_and_says_what_to_install(monkeypatch):
    monkeypatch.setattr(assertion, "IMPORT_ERROR", ImportError("No module named 'jwt'"))
    with pytest.raises(errors.Error, match=r"PyJWT and cryptography \(No module named 'jwt'\)") as caught:
        auth.assertion_library()
    assert caught.value.failure.kind == "missing_library"


def test_a_key_that_cannot_sign_is_reported_of_no_request(pems, simulate, connect):
    held = ClientCertificate("an-id", pems[0], certificates.elliptic_key_pem())
    for read in (read_license, read_jobs):
        simulator = simulate()
        with pytest.raises(errors.Error) as caught:
            read(connect(simulator, credentials=held))
        assert (caught.value.failure.kind, caught.value.failure.method) == ("arguments", None)
        assert simulator.url not in caught.value.message
        assert simulator.requests == []
