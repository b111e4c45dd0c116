# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The HTTP layer: connections, TLS, parsing of requests, sending of answers."""

from __future__ import annotations

import collections
import dataclasses
import hmac
import http.server
import os
import re
import secrets
import socket
import socketserver
import ssl
import sys
import threading
import urllib.parse
import warnings
from collections.abc import Mapping
from typing import Any

from . import values
from .exchange import Answer, Outlet, Request, Stopping
from .service import Service

_LARGEST_BODY = 64 * 1024
CONTROL_PATH = "/simulator/"


class _Handler(http.server.BaseHTTPRequestHandler):
    """One connection."""

    server: Server
    protocol_version = "HTTP/1.1"
    timeout = 120
    disable_nagle_algorithm = True

    def handle(self) -> None:
        try:
            super().handle()
        except (OSError, Stopping):
            self.close_connection = True

    def do_GET(self) -> None:
        outlet = Outlet(self.connection, self.server.stopping)
        body = self._body()
        if body is None:
            outlet.close()
            answer = Answer(413, {"message": "The body is too large or of unknown length."})
        else:
            answer = self.server.answer(self._request(body))
        answer.send(outlet)
        if not outlet.is_open:
            self.close_connection = True

    do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_GET

    def _body(self) -> bytes | None:
        size = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not re.fullmatch(r"[0-9]{1,9}", size) or int(size) > _LARGEST_BODY:
            return None
        return self.rfile.read(int(size))

    def _request(self, body: bytes) -> Request:
        split = urllib.parse.urlsplit(self.path)
        pairs = urllib.parse.parse_qsl(split.query, keep_blank_values=True)
        names = collections.Counter(name for name, _value in pairs)
        repeated = tuple(name for name, count in names.items() if count > 1)
        text = body.decode("utf-8", "replace")
        return Request(self.command, split.path, dict(pairs), self.headers, text, repeated)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Log nothing: a request line may contain a secret."""


class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """Serves tenants by path prefix; C("") is the tenant for every other path.

    A POST to the control path sets ``stop_requested``; the owner of the server then stops it.
    """

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, host: str, port: int, tls: ssl.SSLContext | None) -> None:
        self.services: dict[str, Service] = {}
        self.instance = secrets.token_urlsafe(24)
        self.stopping = threading.Event()
        self.stop_requested = threading.Event()
        self._tls = tls
        self._connections: set[socket.socket] = set()
        self._connections_lock = threading.Lock()
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__((host, port), _Handler)

    def answer(self, request: Request) -> Answer:
        if request.path.startswith(CONTROL_PATH):
            return self._control(request)
        prefixes = [prefix for prefix in self.services if request.path.startswith(f"{prefix}/") or not prefix]
        prefix = max(prefixes, key=len)
        return self.services[prefix].answer(dataclasses.replace(request, path=request.path[len(prefix) :]))

    def _control(self, request: Request) -> Answer:
        # Only readers of the state file know the key, so the answer proves that this is its process.
        key = request.path[len(CONTROL_PATH) :]
        if not hmac.compare_digest(key.encode(), self.instance.encode()):
            return Answer(404, {"message": "There is nothing at this path."})
        if request.method == "POST":
            self.stop_requested.set()
        return Answer(200, {"pid": os.getpid()})

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Handle a connection in its own thread, because a slow TLS handshake must not delay the others."""
        if self._tls is not None:
            request.settimeout(10)
            try:
                request = self._tls.wrap_socket(request, server_side=True)
            except OSError:  # includes ssl.SSLError
                return
            request.settimeout(None)
        with self._connections_lock:
            self._connections.add(request)
        try:
            if not self.stopping.is_set():
                super().finish_request(request, client_address)
        finally:
            with self._connections_lock:
                self._connections.discard(request)
            if self._tls is not None:
                # Wrapping detached the plain socket, which is all that the base class would close.
                self.shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)

    def stop(self) -> None:
        """Stop listening and end every connection."""
        self.stopping.set()
        self.shutdown()
        self.server_close()
        with self._connections_lock:
            held = list(self._connections)
        for connection in held:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # closed already


_TLS_VERSIONS = {"1.0": "TLSv1", "1.1": "TLSv1_1", "1.2": "TLSv1_2", "1.3": "TLSv1_3"}


def tls_context(options: Mapping[str, Any]) -> ssl.SSLContext:
    """Return a context. :param options: the paths ``certificate`` and ``key`` (PEM), and perhaps ``max_version``."""
    unknown = set(options) - {"certificate", "key", "max_version"}
    if unknown or not options.get("certificate") or not options.get("key"):
        raise values.Mistake(f"invalid tls: expected certificate, key, max_version, got {', '.join(options)}")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    version = options.get("max_version")
    if version is not None:
        version = values.one_of(*_TLS_VERSIONS).read("tls max_version", version)
        with warnings.catch_warnings():
            # Python deprecates the old versions; tests need them to verify that clients reject them.
            warnings.simplefilter("ignore", DeprecationWarning)
            if version in ("1.0", "1.1"):
                # OpenSSL 3 offers them only at security level 0.
                context.set_ciphers("DEFAULT:@SECLEVEL=0")
                context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = ssl.TLSVersion[_TLS_VERSIONS[version]]
    try:
        context.load_cert_chain(options["certificate"], options["key"])
    except OSError as error:
        raise values.Mistake(f"invalid tls: cannot use certificate and key: {error.strerror or error}") from None
    return context
