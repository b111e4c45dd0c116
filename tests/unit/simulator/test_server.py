# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The server: loopback, options, recording, stopping, TLS and several tenants."""

from __future__ import annotations

import os
import socket
import ssl
import struct
import threading
import time
import urllib.parse
from typing import Callable

import pytest
import requests
from ansible_collections.cloudbackup.m365.tests.unit import certificates
from cloudbackup_simulator import Mistake, Simulator, facts
from simulator_client import TIMEOUT, V1_JOBS, V1_LICENSE, Client, wait_until


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.com", ""])
def test_only_loopback_is_served(host):
    with pytest.raises(Mistake, match="loopback"):
        Simulator(host=host)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"scenario": "sick"}, "scenario"),
        ({"now": "soon"}, "now"),
        ({"jobs": -1}, "jobs"),
        ({"scenario": "empty", "jobs": 1}, "jobs"),
        ({"days": 0}, "days"),
        ({"scenario": "silent_teams", "days": 7}, "days"),
        ({"license": {"Seats": 1}}, "Seats"),
        ({"granted_scopes": ["all"]}, "scopes"),
    ],
)
def test_an_invalid_option_is_refused_with_its_name(arguments, word):
    with pytest.raises(Mistake, match=word):
        Simulator(**arguments)


def test_requests_are_recorded_completely(serve):
    client = serve()
    client.get(PageSize=3)
    token, jobs = client.server.requests
    assert (token.method, token.path, token.form["scope"]) == ("POST", "/connect/token", facts.JOBS_SCOPE)
    assert (jobs.method, jobs.path, jobs.query) == ("GET", V1_JOBS, {"PageSize": "3"})
    assert jobs.headers["authorization"] == f"Bearer {client.tokens[facts.JOBS_SCOPE]}"


def test_only_the_secret_control_path_requests_a_stop(serve):
    server = serve().server
    control = f"{server.url}/simulator/{server.instance}"
    assert requests.post(control + "x", timeout=TIMEOUT).status_code == 404
    assert requests.get(control, timeout=TIMEOUT).json() == {"pid": os.getpid()}
    assert not server.stop_requested.is_set()
    assert requests.post(control, timeout=TIMEOUT).json() == {"pid": os.getpid()}
    assert server.stop_requested.is_set()
    assert server.requests == []


def test_stopping_ends_waiting_requests_and_closes_the_port(serve):
    client = serve(faults=["silent"])
    client.token(facts.JOBS_SCOPE)
    outcome = []
    waiting = threading.Thread(target=lambda: outcome.append(_error_of(lambda: client.get(timeout=30))))
    waiting.start()
    wait_until(lambda: len(client.server.requests) == 2)
    client.server.stop()
    waiting.join(5)
    assert isinstance(outcome[0], requests.ConnectionError)
    with pytest.raises(requests.ConnectionError):
        requests.get(client.server.url, timeout=TIMEOUT)
    client.server.stop()  # once more is no error


def _error_of(call: Callable[[], object]) -> Exception | None:
    try:
        call()
    except Exception as error:  # noqa: BLE001 - handed to the test's own thread
        return error
    return None


def test_a_client_that_hangs_up_causes_no_traceback(serve, capfd):
    client = serve(jobs=1000, faults=["drip_body:every=0.01", "latency:seconds=0.05"])
    host, port = urllib.parse.urlsplit(client.server.url).netloc.split(":")
    for data in (
        b"",
        b"GET / HT",
        b"GET /cloudbackup/jobs HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x00\xa5\r\n\r\n",
    ):
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(data)
            time.sleep(0.1)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert client.ask_token().status_code == 200
    assert capfd.readouterr() == ("", "")


@pytest.fixture(name="files", scope="module")
def _files(tmp_path_factory) -> dict[str, str]:
    """A certificate and its key, and the authority that signed it, as files."""
    signer = certificates.authority()
    certificate, key = certificates.issued(signer)
    folder = tmp_path_factory.mktemp("tls")
    (folder / "certificate.pem").write_text(certificates.pem(certificate))
    (folder / "key.pem").write_text(certificates.key_pem(key))
    (folder / "authority.pem").write_text(certificates.pem(signer[0]))
    return {name: str(folder / f"{name}.pem") for name in ("certificate", "key", "authority")}


def tls_of(files: dict[str, str], **more: str) -> dict[str, str]:
    return {"certificate": files["certificate"], "key": files["key"], **more}


def test_https_is_served_with_a_certificate_and_its_key(serve, files):
    client = serve(tls=tls_of(files))
    assert client.server.url.startswith("https://127.0.0.1:")
    client.session.verify = files["authority"]
    assert client.get().json()["TotalCount"] == 562
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(client.server.url, timeout=TIMEOUT)


@pytest.mark.parametrize("wrong", [{"key": "none.pem"}, {"key": ""}, {"max_version": "2.0"}, {"cert": "x"}])
def test_invalid_tls_options_are_refused(files, wrong):
    with pytest.raises(Mistake, match="tls"):
        Simulator(tls=tls_of(files, **wrong))


def test_tls_1_1_is_offered_and_nothing_newer(serve, files):
    server = serve(tls=tls_of(files, max_version="1.1")).server
    host, port = urllib.parse.urlsplit(server.url).netloc.split(":")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection((host, int(port))) as plain, pytest.raises(ssl.SSLError):
        context.wrap_socket(plain)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    with socket.create_connection((host, int(port))) as plain, context.wrap_socket(plain) as secure:
        assert secure.version() == "TLSv1.1"


def tenant_of(server: Simulator, name: str) -> Client:
    connection = server.tenants[name]
    return Client(type("Tenant", (), {**connection._asdict(), "url": connection.api_url}))


def test_each_of_several_tenants_has_its_own_path_and_credentials(serve):
    tenants = {"contoso": "healthy", "fabrikam": {"scenario": "empty", "license": {"AssignedUserSeats": 7}}}
    server = serve("healthy", jobs=8, tenants=tenants).server
    contoso, fabrikam = (tenant_of(server, name) for name in tenants)
    assert contoso.get().json()["TotalCount"] > 400
    assert fabrikam.get().json()["TotalCount"] == 0
    assert fabrikam.license()["AssignedUserSeats"] == 7
    assert Client(server).get().json()["TotalCount"] == 8
    own = (server.url, server.token_url, server.client_id, server.client_secret)
    for part, *others in zip(own, *server.tenants.values()):
        assert len({part, *others}) == 3
    asked = [request.path for request in server.requests_of("fabrikam")]
    assert asked == [facts.TOKEN_PATH, V1_JOBS, facts.TOKEN_PATH, V1_LICENSE]


def test_the_secret_of_one_tenant_is_refused_by_another(serve):
    server = serve(tenants={"contoso": "healthy", "fabrikam": "healthy"}).server
    form = {"grant_type": "client_credentials", "scope": facts.JOBS_SCOPE}
    form.update(client_id=server.tenants["contoso"].client_id, client_secret=server.tenants["contoso"].client_secret)
    assert requests.post(server.tenants["contoso"].token_url, data=form, timeout=5).ok
    assert requests.post(server.tenants["fabrikam"].token_url, data=form, timeout=5).status_code == 400


def test_a_fault_of_one_tenant_does_not_affect_the_others(serve):
    server = serve(tenants={"contoso": "healthy", "fabrikam": {"faults": ["status:code=500"]}}).server
    assert tenant_of(server, "fabrikam").get().status_code == 500
    assert tenant_of(server, "contoso").get().status_code == 200


def test_the_next_link_of_a_tenant_leads_to_itself(serve):
    server = serve(tenants={"contoso": "healthy"}).server
    link = tenant_of(server, "contoso").get(PageSize=10).json()["NextLink"]
    assert link.startswith(server.tenants["contoso"].api_url + "/")
