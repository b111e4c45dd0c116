# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read over TLS with the requests that is installed here: a private authority as the default bundle and as ca_path.

    PYTHONPATH=FOLDER_OF_ansible_collections python tests/tls_reads.py

`make certify` runs it with several versions of requests, in environments that have no Ansible. Prints what was read and
the versions. Exits with 1 at the first read that ends otherwise than it should.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import shutil
import socket
import socketserver
import sys
import tempfile
import threading

import requests
import requests.certs
import urllib3
from ansible_collections.cloudbackup.m365.plugins.module_utils import _license
from ansible_collections.cloudbackup.m365.plugins.module_utils._api import generations
from ansible_collections.cloudbackup.m365.plugins.module_utils._http import errors
from ansible_collections.cloudbackup.m365.plugins.module_utils._http.client import Client
from ansible_collections.cloudbackup.m365.plugins.module_utils._http.connection import Connection
from ansible_collections.cloudbackup.m365.plugins.module_utils._http.credentials import ClientSecret
from ansible_collections.cloudbackup.m365.plugins.module_utils._http.secrets import Secrets
from ansible_collections.cloudbackup.m365.tests.unit import certificates

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "roles" / "simulator" / "files"))
from cloudbackup_simulator import Simulator

HOST = "api.example"
PROXY = ("HTTPS_PROXY", "https_proxy")


class Tunnel(socketserver.StreamRequestHandler):
    """A CONNECT proxy that sends everything to its server's ``target``."""

    def handle(self):
        while self.rfile.readline().strip():
            pass
        with socket.create_connection(self.server.target) as there:
            self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=self.pump, args=(there, self.connection), daemon=True)
            back.start()
            self.pump(self.connection, there)

    @staticmethod
    def pump(source, sink):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def proxy_to(port):
    """Name a proxy in the environment that connects to a port of this machine."""
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Tunnel)
    server.daemon_threads, server.target = True, ("127.0.0.1", port)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    os.environ.update(dict.fromkeys(PROXY, f"http://127.0.0.1:{server.server_address[1]}"))
    try:
        yield
    finally:
        for name in PROXY:
            del os.environ[name]
        server.shutdown()
        server.server_close()


def read(simulator, url, verify):
    """Return the purchased seats, or the kind of the failure."""
    connection = Connection(
        api_url=url,
        token_url=f"{url}/connect/token",
        credentials=ClientSecret(simulator.client_id, simulator.client_secret),
        verify=verify,
        timeout=10,
        retries=0,
    )
    try:
        with Client(connection, Secrets()) as client:
            return _license.read(client, generations.generation("v1"), 0)["purchased_user_seats"]
    except errors.Error as error:
        return error.failure.kind


def expect(name, wanted, found):
    if found != wanted:
        raise SystemExit(f"{name}: expected {wanted}, got {found}")
    print(f"{name}: {found}")


def main():
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            del os.environ[name]
    with tempfile.TemporaryDirectory() as folder:
        signer = certificates.authority()
        certificate, key = certificates.issued(signer, name=HOST)
        paths = {name: os.path.join(folder, name) for name in ("ca.pem", "server.pem", "server.key", "directory")}
        for name, text in (
            ("ca.pem", certificates.pem(signer[0])),
            ("server.pem", certificates.pem(certificate)),
            ("server.key", certificates.key_pem(key)),
        ):
            pathlib.Path(paths[name]).write_text(text)
        os.mkdir(paths["directory"])
        shutil.copy(paths["ca.pem"], os.path.join(paths["directory"], f"{certificates.subject_hash(signer[0])}.0"))
        simulator = Simulator(tls={"certificate": paths["server.pem"], "key": paths["server.key"]})
        try:
            check(simulator, paths)
        finally:
            simulator.stop()
    print(f"requests {requests.__version__}, urllib3 {urllib3.__version__}, Python {sys.version.split()[0]}")


def check(simulator, paths):
    port = int(simulator.url.rpartition(":")[2])
    direct, genuine = f"https://127.0.0.1:{port}", requests.certs.where
    with proxy_to(port):
        for way, url in (("direct", direct), ("proxied", f"https://{HOST}")):
            expect(f"{way}, unknown authority", "tls", read(simulator, url, True))
            expect(f"{way}, no check", 100, read(simulator, url, False))
            expect(f"{way}, ca_path is a file", 100, read(simulator, url, paths["ca.pem"]))
            expect(f"{way}, ca_path is a directory", 100, read(simulator, url, paths["directory"]))
            requests.certs.where = lambda: paths["ca.pem"]
            expect(f"{way}, default bundle", 100, read(simulator, url, True))
            requests.certs.where = genuine
        requests.certs.where = lambda: paths["ca.pem"]
        expect("proxied, another host name", "tls", read(simulator, "https://other.example", True))
        requests.certs.where = genuine


if __name__ == "__main__":
    main()
