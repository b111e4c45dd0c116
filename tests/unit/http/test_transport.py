# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""TLS, proxies, bounds: one exchange over real sockets."""

from __future__ import annotations

import base64
import gzip
import http.server
import os
import shutil
import socket
import socketserver
import ssl
import subprocess
import sys
import threading
import time

import ansible_collections
import pytest
import requests
from ansible_collections.cloudbackup.m365.plugins.module_utils import _license
from ansible_collections.cloudbackup.m365.plugins.module_utils._api import generations
from ansible_collections.cloudbackup.m365.plugins.module_utils._http import errors
from ansible_collections.cloudbackup.m365.plugins.module_utils._http import session as _session
from ansible_collections.cloudbackup.m365.plugins.module_utils._http import transport as _transport
from ansible_collections.cloudbackup.m365.plugins.module_utils._http.credentials import ReadyToken
from ansible_collections.cloudbackup.m365.tests.unit import certificates


def read_license(client):
    return _license.read(client, generations.generation("v1"), 0)


def failure_of(client):
    with pytest.raises(errors.Error) as caught:
        read_license(client)
    return caught.value


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """A test authority as a file and as a rehashed directory."""
    folder = tmp_path_factory.mktemp("authority")
    signer = certificates.authority()
    (folder / "ca.pem").write_text(certificates.pem(signer[0]))
    directory = folder / "directory"
    directory.mkdir()
    shutil.copy(folder / "ca.pem", directory)
    # What `openssl rehash` makes, without that command on the machine.
    context = ssl.create_default_context(cafile=str(folder / "ca.pem"))
    assert context.cert_store_stats()["x509_ca"] == 1
    (directory / f"{certificates.subject_hash(signer[0])}.0").symlink_to("ca.pem")
    return {"signer": signer, "file": str(folder / "ca.pem"), "directory": str(directory)}


@pytest.fixture
def serve_tls(authority, tmp_path, simulate):
    """A simulator behind TLS with a certificate of the authority."""

    def serve(max_version=None, **options):
        certificate, key = certificates.issued(authority["signer"], **options)
        (tmp_path / "server.pem").write_text(certificates.pem(certificate))
        (tmp_path / "server.key").write_text(certificates.key_pem(key))
        return simulate(
            tls={
                "certificate": str(tmp_path / "server.pem"),
                "key": str(tmp_path / "server.key"),
                "max_version": max_version,
            }
        )

    return serve


@pytest.mark.parametrize("kind", ["file", "directory"])
def test_an_authority_of_ones_own(kind, authority, serve_tls, connect):
    assert read_license(connect(serve_tls(), verify=authority[kind]))["purchased_user_seats"] == 100


def test_an_authority_that_nobody_knows_is_refused_at_once(serve_tls, connect):
    simulator = serve_tls()
    error = failure_of(connect(simulator))
    assert (error.failure.kind, error.failure.attempts) == ("tls", 1)
    assert "certificate" in error.message
    assert "ca_path" in error.failure.hint
    assert not simulator.requests


def test_a_wrong_host_name_is_refused(authority, serve_tls, connect):
    error = failure_of(connect(serve_tls(name="other.example", addresses=()), verify=authority["file"]))
    assert (error.failure.kind, error.failure.attempts) == ("tls", 1)


def test_an_expired_certificate_is_refused(authority, serve_tls, connect):
    error = failure_of(connect(serve_tls(days=-1), verify=authority["file"]))
    assert error.failure.kind == "tls"
    assert "expired" in error.message


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_tls_1_1_is_refused_by_us_though_the_server_offers_it(authority, serve_tls, connect):
    simulator = serve_tls(max_version="1.1")
    host, port = "127.0.0.1", port_of(simulator)
    willing = ssl.create_default_context(cafile=authority["file"])
    willing.minimum_version = ssl.TLSVersion.TLSv1
    willing.set_ciphers("DEFAULT:@SECLEVEL=0")
    with socket.create_connection((host, port)) as plain, willing.wrap_socket(plain, server_hostname=host) as talk:
        assert talk.version() == "TLSv1.1"
    error = failure_of(connect(simulator, verify=authority["file"]))
    assert (error.failure.kind, error.failure.attempts) == ("tls", 1)
    assert "TLS 1.2" in error.failure.hint


def test_tls_1_2_is_spoken(authority, serve_tls, connect):
    assert read_license(connect(serve_tls(max_version="1.2"), verify=authority["file"]))


def test_no_check_when_it_is_switched_off(serve_tls, connect):
    assert read_license(connect(serve_tls(name="other.example", addresses=(), days=-1), verify=False))


def test_plain_http_where_tls_is_spoken_is_reported(connect, simulate):
    simulator = simulate()
    url = simulator.url.replace("http:", "https:")
    error = failure_of(connect(simulator, api_url=url, token_url=url + "/connect/token"))
    assert error.failure.kind == "tls"


def test_the_environment_changes_no_trust(authority, serve_tls, connect, monkeypatch, tmp_path):
    simulator = serve_tls()
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", authority["file"])
    monkeypatch.setenv("CURL_CA_BUNDLE", authority["file"])
    assert failure_of(connect(simulator)).failure.kind == "tls"
    (tmp_path / "empty.pem").write_text("")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "empty.pem"))
    assert read_license(connect(simulator, verify=authority["file"]))


def test_a_hostile_netrc_replaces_no_token(simulate, connect, monkeypatch, tmp_path):
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login mallory password hunter2hunter2\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    simulator = simulate()
    assert read_license(connect(simulator))
    assert all(not request.headers.get("Authorization", "").startswith("Basic") for request in simulator.requests)


class WithCookie(http.server.BaseHTTPRequestHandler):
    """Hands out a cookie and remembers what comes back."""

    seen: list  # set by the test

    def do_GET(self):
        self.seen.append(self.headers.get("Cookie"))
        self.send_response(200)
        self.send_header("Set-Cookie", "session=stolen; Path=/")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments):
        pass


def test_cookies_are_not_kept():
    WithCookie.seen = []
    with http.server.HTTPServer(("127.0.0.1", 0), WithCookie) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        transport = _transport.Transport(verify=True, timeout=5, user_agent="test")
        for _time in range(2):
            transport.exchange("GET", f"http://127.0.0.1:{server.server_port}/", headers={})
        server.shutdown()
    assert WithCookie.seen == [None, None]


class Proxy(socketserver.ThreadingTCPServer):
    """A CONNECT proxy that sends everything to one place, whatever host is asked for; to none it refuses."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, target):
        self.target, self.asked, self.refusal = target, [], "Proxy Authentication Required"
        super().__init__(("127.0.0.1", 0), Tunnel)


class Tunnel(socketserver.StreamRequestHandler):
    def handle(self):
        line = self.rfile.readline().decode()
        headers = []
        while (header := self.rfile.readline().decode().strip()) != "":
            headers.append(header)
        self.server.asked.append((line.split()[:2], headers))
        if self.server.target is None:
            self.wfile.write(f"HTTP/1.1 407 {self.server.refusal}\r\nContent-Length: 0\r\n\r\n".encode())
            return
        with socket.create_connection(self.server.target) as there:
            self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            self.wfile.flush()
            back = threading.Thread(target=self.pump, args=(there, self.connection), daemon=True)
            back.start()
            self.pump(self.connection, there)
            back.join(5)

    @staticmethod
    def pump(source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass


@pytest.fixture
def proxy():
    running = []

    def start(target):
        running.append(Proxy(target))
        threading.Thread(target=running[-1].serve_forever, args=(0.02,), daemon=True).start()
        return running[-1]

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


def port_of(simulator):
    return int(simulator.url.rpartition(":")[2])


def test_a_proxy_of_the_environment_is_used(authority, serve_tls, connect, proxy, monkeypatch):
    simulator = serve_tls(name="api.example")
    tunnel = proxy(("127.0.0.1", port_of(simulator)))
    monkeypatch.setenv("HTTPS_PROXY", f"http://user:proxy-password@127.0.0.1:{tunnel.server_address[1]}")
    client = connect(
        simulator,
        api_url="https://api.example",
        token_url=simulator.token_url,
        verify=authority["file"],
    )
    assert read_license(client)["purchased_user_seats"] == 100
    assert [asked[0] for asked in tunnel.asked] == [["CONNECT", "api.example:443"]]  # and loopback went directly
    assert any(header.lower().startswith("proxy-authorization: basic ") for header in tunnel.asked[0][1])


def test_a_proxy_that_refuses_is_reported_without_its_password(simulate, connect, proxy, monkeypatch):
    closed = proxy(None)
    monkeypatch.setenv("HTTPS_PROXY", f"http://user:proxy-password@127.0.0.1:{closed.server_address[1]}")
    error = failure_of(connect(simulate(), api_url="https://api.example", token_url="https://api.example/t"))
    assert error.failure.kind == "connection"
    assert "proxy" in error.message
    assert "407" in error.message
    assert "proxy-password" not in error.message + repr(error.failure)


PAIR = "corporate-user:proxy-pass~word"


@pytest.mark.parametrize(
    "refusal",
    [
        f"no access for {PAIR}",
        "no access with proxy-pass%7eword",
        "no access with proxy-pass&#126;word",
        f"Basic {base64.b64encode(PAIR.encode()).decode()} is unknown",
        f"Basic {base64.b64encode(PAIR.encode()).decode()[:36]}... is unknown",
        f"http://{PAIR}@127.0.0.1:3128 is no proxy for you",
        "https://another:password@elsewhere.example knows you",
    ],
)
def test_a_proxy_that_repeats_its_credentials_is_not_quoted(refusal, simulate, connect, proxy, monkeypatch):
    closed = proxy(None)
    closed.refusal = refusal
    monkeypatch.setenv("HTTPS_PROXY", f"http://{PAIR}@127.0.0.1:{closed.server_address[1]}")
    error = failure_of(connect(simulate(), api_url="https://api.example", token_url="https://api.example/t"))
    assert error.failure.kind == "connection"
    assert "the connection to the proxy in the environment failed" in error.message
    assert not any(part in error.message + repr(error.failure) for part in refusal.split() if len(part) > 12)


def test_a_proxy_that_names_its_user_is_quoted(simulate, connect, proxy, monkeypatch):
    closed = proxy(None)
    closed.refusal = "no access for corporate-user"
    monkeypatch.setenv("HTTPS_PROXY", f"http://{PAIR}@127.0.0.1:{closed.server_address[1]}")
    error = failure_of(connect(simulate(), api_url="https://api.example", token_url="https://api.example/t"))
    assert "407 no access for corporate-user" in error.message


@pytest.mark.parametrize(
    "password",
    [
        "hun#ter2hunter2",
        "hun/ter2hunter2",
        "hun?ter2",
        "hun ter2",
        "hun@ter2",
        "hun[ter2",
        "hun:ter2",
        "hun%zzter2",
        "hun\\ter2",
        "hünter2",
        "hun]ter2@[x",
        "a" * 70 + "#hunter2",
    ],
)
@pytest.mark.parametrize("scheme", ["http://", "https://", "", "socks5://", "htp://", "http:/"])
def test_a_proxy_url_with_odd_characters_is_never_quoted(scheme, password, simulate, connect, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", f"{scheme}someone:{password}@127.0.0.1:9")
    error = failure_of(
        connect(simulate(), api_url="https://api.example", token_url="https://api.example/t", retries=0, timeout=3)
    )
    assert error.failure.method == "POST"
    for part in ("hun", "ter2", "a" * 12, "someone"):
        assert part not in error.message + repr(error.failure), error.message


def test_no_proxy_is_obeyed(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    assert _session.proxies("https://api.example/x")["https"] == "http://127.0.0.1:9"
    monkeypatch.setenv("NO_PROXY", "api.example")
    assert "https" not in _session.proxies("https://api.example/x")


def test_a_host_in_no_proxy_is_not_asked_through_it(simulate, connect, proxy, monkeypatch):
    unused = proxy(None)
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{unused.server_address[1]}")
    monkeypatch.setenv("NO_PROXY", "nowhere.invalid")
    elsewhere = "https://nowhere.invalid"
    error = failure_of(connect(simulate(), api_url=elsewhere, token_url=elsewhere + "/t", retries=0))
    assert error.failure.kind == "connection"
    assert "proxy" not in error.message
    assert unused.asked == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "127.9.9.9"])
def test_loopback_has_no_proxy(host, monkeypatch):
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert _session.proxies(f"http://{host}:8080/") == {}


@pytest.mark.parametrize("fault", ["drip_headers:every=0.05", "drip_body:every=0.05", "silent", "silent_after_headers"])
def test_a_whole_request_is_cut_on_time(fault, simulate, connect):
    client = connect(simulate(fault), timeout=1, retries=0)
    began = time.monotonic()
    assert failure_of(client).failure.kind == "timeout"
    assert time.monotonic() - began < 5


def test_a_server_that_never_answers_a_connection_is_cut_on_time(connect, simulate):
    simulator = simulate()
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        error = failure_of(connect(simulator, api_url=url, token_url=url + "/t", timeout=1, retries=0))
    assert error.failure.kind == "timeout"
    assert "timeout (now 1 s)" in error.failure.hint


PEAK = """
import sys
sys.path.insert(0, {root!r})
from ansible_collections.cloudbackup.m365.plugins.module_utils._http import errors as _errors, transport as _transport
transport = _transport.Transport(verify=True, timeout=60, user_agent="test")
try:
    transport.exchange("GET", {url!r}, headers={{"Authorization": {token!r}}})
except _errors.Error as error:
    print(error.failure.kind, error.message)
# Not ru_maxrss: that begins with the size of the process that started this one.
print(*(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="the peak of a process is read from Linux")
@pytest.mark.parametrize("fault", ["gzip_bomb:mib=600", "endless_chunked", "huge_content_length"])
def test_a_body_is_bounded_in_memory(fault, simulate):
    """In a separate process, whose peak is the client's alone."""
    simulator = simulate(fault)
    form = {
        "grant_type": "client_credentials",
        "client_id": simulator.client_id,
        "client_secret": simulator.client_secret,
        "scope": "microsoft365backup.jobInfo.read.all",
    }
    token = requests.post(simulator.token_url, data=form, timeout=5).json()["access_token"]
    root = os.path.dirname(next(iter(ansible_collections.__path__)))
    code = PEAK.format(root=root, url=simulator.url + "/cloudbackup/jobs", token=f"Bearer {token}")
    ended = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    shown, peak = ended.stdout.splitlines()
    assert shown == "unexpected_answer the body is larger than 64 MiB"
    assert int(peak) < 300 * 1024, "kilobytes"


@pytest.fixture
def say():
    """Servers that say one thing, byte for byte, to whoever asks."""
    running = []

    def serve(sent):
        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                while self.rfile.readline().strip():
                    pass
                self.wfile.write(sent)

        running.append(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler))
        running[-1].daemon_threads = True
        threading.Thread(target=running[-1].serve_forever, args=(0.02,), daemon=True).start()
        return f"http://127.0.0.1:{running[-1].server_address[1]}/"

    yield serve
    for server in running:
        server.shutdown()
        server.server_close()


def raw_answer(status, body, *headers):
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers, "", ""]
    return "\r\n".join(head).encode() + body


def exchange(url, timeout=30):
    return _transport.Transport(verify=True, timeout=timeout, user_agent="test").exchange("GET", url, headers={})


@pytest.mark.parametrize("to", ["https://elsewhere.example/", "https://[no-address"])
def test_a_redirect_is_an_answer_like_any_other_wherever_it_points(to, say):
    answer = exchange(say(raw_answer("302 Found", b"moved", f"Location: {to}")))
    assert (answer.status, answer.body) == (302, b"moved")


@pytest.mark.parametrize("status", ["302 Found", "403 Forbidden", "429 Too Many Requests", "503 Service Unavailable"])
@pytest.mark.parametrize(
    ("body", "encoding"),
    [(gzip.compress(b" " * 70 * 1024 * 1024, 1), "gzip"), (b"plain text", "gzip"), (b"who knows", "br")],
    ids=["too large", "not what its header names", "not asked for"],
)
def test_a_refusal_counts_though_its_body_cannot_be_read(status, body, encoding, say):
    headers = ["Location: https://elsewhere.example/", f"Content-Encoding: {encoding}"]
    answer = exchange(say(raw_answer(status, body, *headers)))
    assert (answer.status, answer.body) == (int(status[:3]), b"")


TOKEN = "Half-of-this-is-no-secret-that-could-be-recognised" * 20


@pytest.mark.parametrize(
    "answer",
    [
        raw_answer("200 OK", b"hello", f"Content-Type: text/html; charset={TOKEN}"),
        raw_answer("200 OK", b"hello", f"Content-Encoding: {TOKEN}"),
        f"HTTP/1.1 {TOKEN}\r\n\r\n".encode(),
        f"{TOKEN}\r\n\r\n".encode(),
        f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{TOKEN}\r\n".encode(),
    ],
    ids=["content type", "content encoding", "status", "status line", "chunk size"],
)
def test_half_a_token_is_not_reported_wherever_it_is_echoed(answer, say, simulate, connect):
    client = connect(simulate(), api_url=say(answer).rstrip("/"), credentials=ReadyToken(TOKEN), retries=0)
    assert "Half" not in failure_of(client).message


def test_a_proxy_that_is_no_url_is_reported_without_any_of_it(simulate, connect, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://user:proxy/password@127.0.0.1:9")
    error = failure_of(connect(simulate(), api_url="https://api.example", token_url="https://api.example/t"))
    assert error.failure.kind == "connection"
    assert "proxy" in error.message
    assert "user:" not in error.message


def test_a_body_that_cannot_be_read_is_reported_with_its_status(say):
    with pytest.raises(errors.Error) as caught:
        exchange(say(raw_answer("200 OK", b"plain text", "Content-Encoding: gzip")))
    assert (caught.value.failure.kind, caught.value.failure.status) == ("unexpected_answer", 200)
