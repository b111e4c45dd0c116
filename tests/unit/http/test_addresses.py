# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A host with several addresses: one that drops packets leaves time for the next."""

from __future__ import annotations

import socket
import time

import pytest
from ansible_collections.cloudbackup.m365.plugins.module_utils import _license
from ansible_collections.cloudbackup.m365.plugins.module_utils._api import generations
from ansible_collections.cloudbackup.m365.plugins.module_utils._http import errors
from ansible_collections.cloudbackup.m365.plugins.module_utils._http.addresses import Addresses
from ansible_collections.cloudbackup.m365.tests.unit import certificates

HOST = "api.example"


def read_license(client):
    return _license.read(client, generations.generation("v1"), 0)


@pytest.fixture
def silent():
    """Ports of this machine that drop every packet: a queue of connections that is full."""
    held = []

    def open_one():
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        held.append(listener)
        for _connection in range(4):
            waiting = socket.socket()
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
            held.append(waiting)
        return listener.getsockname()

    yield open_one
    for one in held:
        one.close()


@pytest.fixture
def resolve(monkeypatch):
    """Let every host name have these addresses."""
    genuine = socket.getaddrinfo
    asked = []

    def set_addresses(*addresses):
        def getaddrinfo(host, *arguments, **options):
            if host != HOST:
                return genuine(host, *arguments, **options)
            asked.append(host)
            return [
                (socket.AF_INET6 if ":" in address[0] else socket.AF_INET, socket.SOCK_STREAM, 6, "", address)
                for address in addresses
            ]

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        return asked

    return set_addresses


@pytest.fixture
def listening():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(16)
        yield listener.getsockname()


def connected_after(addresses, timeout=1.2):
    began = time.monotonic()
    with addresses.connect(HOST, 443, timeout=timeout) as connected:
        assert connected.gettimeout() == timeout
        return connected.getpeername(), time.monotonic() - began


def test_the_next_address_is_tried_in_time(silent, listening, resolve):
    resolve(silent(), listening)
    address, seconds = connected_after(Addresses())
    assert address == listening
    assert 0.3 < seconds < 0.8  # one of three shares: two addresses, and the exchange itself


def test_of_many_addresses_the_last_is_reached(silent, listening, resolve):
    resolve(silent(), silent(), silent(), silent(), listening)
    address, seconds = connected_after(Addresses(), timeout=3)
    assert address == listening
    assert seconds < 2.6


def test_an_address_that_did_not_answer_is_tried_last_from_then_on(silent, listening, resolve):
    resolve(silent(), listening)
    addresses = Addresses()
    connected_after(addresses)
    assert connected_after(addresses)[1] < 0.2


def test_an_address_that_refuses_costs_no_time(listening, resolve):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        resolve(closed.getsockname(), ("::1", 9, 0, 0), listening)
        address, seconds = connected_after(Addresses())
    assert address == listening
    assert seconds < 0.2


def test_no_address_answers(silent, resolve):
    resolve(silent(), silent())
    began = time.monotonic()
    with pytest.raises(socket.timeout):
        Addresses().connect(HOST, 443, timeout=0.6)
    assert 0.5 < time.monotonic() - began < 1


def test_a_single_address_has_all_the_time(silent, resolve):
    resolve(silent())
    began = time.monotonic()
    with pytest.raises(socket.timeout):
        Addresses().connect(HOST, 443, timeout=0.5)
    assert time.monotonic() - began > 0.45


def test_a_whole_read_over_the_second_address_checks_the_name_of_the_host(
    silent, resolve, simulate, connect, tmp_path, monkeypatch
):
    signer = certificates.authority()
    certificate, key = certificates.issued(signer, name=HOST, addresses=())
    for name, text in (
        ("ca.pem", certificates.pem(signer[0])),
        ("server.pem", certificates.pem(certificate)),
        ("server.key", certificates.key_pem(key)),
    ):
        (tmp_path / name).write_text(text)
    tls = {"certificate": str(tmp_path / "server.pem"), "key": str(tmp_path / "server.key")}
    simulator = simulate(tls=tls)
    resolve(silent(), ("127.0.0.1", int(simulator.url.rpartition(":")[2])))
    url = f"https://{HOST}"
    options = {"api_url": url, "token_url": url + "/connect/token", "timeout": 3, "retries": 0}
    assert read_license(connect(simulator, verify=str(tmp_path / "ca.pem"), **options))["purchased_user_seats"] == 100
    # The address is that of a certificate for another name
    certificate, key = certificates.issued(signer, name="other.example", addresses=("127.0.0.1",))
    (tmp_path / "server.pem").write_text(certificates.pem(certificate))
    (tmp_path / "server.key").write_text(certificates.key_pem(key))
    other = simulate(tls=tls)
    resolve(silent(), ("127.0.0.1", int(other.url.rpartition(":")[2])))
    with pytest.raises(errors.Error) as caught:
        read_license(connect(other, verify=str(tmp_path / "ca.pem"), **options))
    assert caught.value.failure.kind == "tls"


def test_a_proxy_with_several_addresses_is_reached_too(silent, resolve, simulate, connect, monkeypatch):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        resolve(silent(), closed.getsockname())
        monkeypatch.setenv("HTTPS_PROXY", f"http://{HOST}:3128")
        url = "https://elsewhere.example"
        began = time.monotonic()
        with pytest.raises(errors.Error) as caught:
            read_license(connect(simulate(), api_url=url, token_url=url + "/t", timeout=3, retries=0))
    assert caught.value.failure.kind == "connection"
    assert "proxy" in caught.value.message
    assert "refused" in caught.value.message
    assert time.monotonic() - began < 2


def test_a_host_without_an_address_is_a_failed_connection(simulate, connect, monkeypatch):
    def nowhere(*_arguments, **_options):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    simulator = simulate()
    monkeypatch.setattr(socket, "getaddrinfo", nowhere)
    url = "https://nowhere.example"
    with pytest.raises(errors.Error) as caught:
        read_license(connect(simulator, api_url=url, token_url=url + "/t", retries=0))
    assert caught.value.failure.kind == "connection"
    assert "Name or service not known" in caught.value.message


@pytest.mark.parametrize("host", ["a" * 64 + ".example", "two..dots.example"])
def test_a_host_name_that_is_none_is_a_failed_connection(host, simulate, connect):
    url = f"https://{host}"
    with pytest.raises(errors.Error) as caught:
        read_license(connect(simulate(), api_url=url, token_url=url + "/t", retries=0))
    assert caught.value.failure.kind == "connection"
