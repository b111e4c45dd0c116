# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The certificates that are trusted: those of requests or of ca_path, with every version of requests."""

from __future__ import annotations

import ssl

import pytest
import requests.certs
from ansible_collections.cloudbackup.m365.plugins.module_utils import _license
from ansible_collections.cloudbackup.m365.plugins.module_utils._api import generations
from ansible_collections.cloudbackup.m365.plugins.module_utils._http import errors
from ansible_collections.cloudbackup.m365.plugins.module_utils._http import tls as _tls
from ansible_collections.cloudbackup.m365.tests.unit import certificates


def read_license(client):
    return _license.read(client, generations.generation("v1"), 0)


@pytest.fixture
def serve_tls(tmp_path, simulate):
    """A simulator behind TLS, and the file of the authority that signed its certificate."""

    def serve(**options):
        signer = certificates.authority(**options)
        certificate, key = certificates.issued(signer)
        for name, text in (
            ("ca.pem", certificates.pem(signer[0])),
            ("server.pem", certificates.pem(certificate)),
            ("server.key", certificates.key_pem(key)),
        ):
            (tmp_path / name).write_text(text)
        tls = {"certificate": str(tmp_path / "server.pem"), "key": str(tmp_path / "server.key")}
        return simulate(tls=tls), str(tmp_path / "ca.pem")

    return serve


@pytest.fixture
def count_loads(monkeypatch):
    """The paths that were loaded as authorities."""
    loaded = []

    class Counted(ssl.SSLContext):
        def load_verify_locations(self, cafile=None, capath=None, cadata=None):
            loaded.append(cafile or capath)
            super().load_verify_locations(cafile, capath, cadata)

    monkeypatch.setattr("urllib3.util.ssl_.SSLContext", Counted)
    return loaded


def test_the_authorities_of_requests_are_the_default(serve_tls, connect, monkeypatch):
    simulator, authority = serve_tls()
    monkeypatch.setattr(requests.certs, "where", lambda: authority)
    assert read_license(connect(simulator))["purchased_user_seats"] == 100


def test_the_authorities_are_loaded_once_for_all_connections(serve_tls, connect, count_loads):
    simulator, authority = serve_tls()
    client = connect(simulator, verify=authority)
    assert read_license(client)
    client._transport._session = client._transport._open()
    assert read_license(client)
    assert count_loads == [authority]


def test_nothing_is_loaded_where_no_tls_is_spoken(simulate, connect, count_loads):
    assert read_license(connect(simulate()))
    assert count_loads == []


def strict(monkeypatch):
    """Check as Python 3.13 does, on any version."""
    make = _tls.Context._make

    def make_strictly(self):
        context = make(self)
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        return context

    monkeypatch.setattr(_tls.Context, "_make", make_strictly)


def test_an_authority_that_strict_checking_refuses_is_named_as_the_cause(serve_tls, connect, monkeypatch):
    strict(monkeypatch)
    simulator, authority = serve_tls(key_usage=False)
    with pytest.raises(errors.Error) as caught:
        read_license(connect(simulator, verify=authority))
    error = caught.value
    assert (error.failure.kind, error.failure.attempts) == ("tls", 1)
    assert "CA cert does not include key usage extension" in error.message
    assert error.failure.hint == _tls.STRICT_HINT
    assert "ca_path" not in error.failure.hint


def test_an_authority_as_it_should_be_passes_strict_checking(serve_tls, connect, monkeypatch):
    strict(monkeypatch)
    simulator, authority = serve_tls()
    assert read_license(connect(simulator, verify=authority))


def test_an_unknown_authority_is_still_a_matter_of_ca_path(serve_tls, connect, monkeypatch):
    strict(monkeypatch)
    with pytest.raises(errors.Error) as caught:
        read_license(connect(serve_tls()[0]))
    assert "ca_path" in caught.value.failure.hint
