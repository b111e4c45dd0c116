# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""One HTTP exchange, bounded in time and size and trusted with nothing.

It knows neither tokens nor retries. What goes wrong is an C(_errors.Error) of kind connection, timeout, tls or
unexpected_answer.
"""

from __future__ import annotations

import http.cookiejar
import ipaddress
import queue
import re
import ssl
import threading
import time
import urllib.parse
import zlib
from collections.abc import Mapping
from typing import Any, NamedTuple

from . import errors

try:
    import requests
    import requests.adapters
    import requests.utils
    import urllib3
    import urllib3.util.ssl_
except ImportError as error:
    IMPORT_ERROR: ImportError | None = error
    REQUESTS_VERSION = ""
else:
    IMPORT_ERROR = None
    REQUESTS_VERSION = requests.__version__

BODY_LIMIT = 64 * 1024 * 1024
"""Bytes of a body, before and after decompression."""
_CHUNK = 64 * 1024


class Response(NamedTuple):
    """A whole answer. Header names compare without case; ``received_at`` is Unix time."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    received_at: float


class Transport:
    """Kept-alive connections with one TLS and proxy policy.

    :param verify: True, False, or the path of a CA file or directory.
    :param timeout: seconds for one whole exchange, from before connecting to the last byte.
    :param connections: how many are kept open to a host.
    """

    def __init__(self, *, verify: bool | str, timeout: float, user_agent: str, connections: int = 4) -> None:
        self._verify = verify
        self._timeout = timeout
        self._user_agent = user_agent
        self._connections = connections
        self._session = self._open()

    def exchange(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        parameters: Mapping[str, Any] | None = None,
        form: Mapping[str, str] | None = None,
    ) -> Response:
        """Send a request and read the whole answer, whatever its status. Redirects are answers.

        No socket option bounds a whole exchange (name resolution, handshake, dripping headers), so a daemon thread
        does it and is abandoned at the deadline; its sockets give up by themselves later.
        """
        done: queue.SimpleQueue[Response | Exception] = queue.SimpleQueue()
        deadline = time.monotonic() + self._timeout
        session = self._session

        def work() -> None:
            try:
                done.put(self._send(session, deadline, method, url, headers, parameters, form))
            except Exception as error:  # noqa: BLE001 - whatever it is, the waiting thread raises it
                done.put(error)

        threading.Thread(target=work, daemon=True).start()
        try:
            outcome = done.get(timeout=self._timeout)
        except queue.Empty:
            # The abandoned thread may hold a connection of the old session in any state.
            self._session = self._open()
            raise _timed_out(self._timeout) from None
        if isinstance(outcome, errors.Error):
            raise outcome
        if isinstance(outcome, Exception):
            raise _explained(outcome, self._timeout) from None
        return outcome

    def _open(self) -> requests.Session:
        session = _session()
        # The environment offers more than proxies: a .netrc replaces our token, REQUESTS_CA_BUNDLE our trust.
        session.trust_env = False
        session.cookies.set_policy(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))
        adapter = _strict_adapter(self._connections, check=self._verify is not False)
        session.mount("https://", adapter)
        session.mount("http://", adapter)
        if self._verify is False:
            # The module warns once; urllib3 would warn on standard error at every request.
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        return session

    def _send(
        self,
        session: requests.Session,
        deadline: float,
        method: str,
        url: str,
        headers: Mapping[str, str],
        parameters: Mapping[str, Any] | None,
        form: Mapping[str, str] | None,
    ) -> Response:
        answer = session.request(
            method,
            url,
            params=parameters,
            data=form,
            headers={
                "Accept": "application/json",
                "Accept-Encoding": "gzip",
                "User-Agent": self._user_agent,
                **headers,
            },
            allow_redirects=False,
            proxies=proxies(url),
            verify=self._verify,
            timeout=self._timeout,
            stream=True,
        )
        body = _body(answer, deadline, self._timeout)
        answer.close()
        return Response(answer.status_code, answer.headers, body, time.time())


def _session() -> requests.Session:
    """A session to which a redirect is an answer like any other.

    Told not to follow one, requests still reads its whole body, unbounded and unpacked, to make the next request ready.
    """

    class Session(requests.Session):
        def get_redirect_target(self, resp: requests.Response) -> None:
            return None

    return Session()


def _strict_adapter(connections: int, *, check: bool) -> requests.adapters.HTTPAdapter:
    """An adapter with our TLS settings, for direct connections and those through a proxy.

    Made in a function, since its base class may be missing when this file is imported.
    """

    class StrictAdapter(requests.adapters.HTTPAdapter):
        def init_poolmanager(self, *args: Any, **options: Any) -> None:
            super().init_poolmanager(*args, ssl_context=_tls_context(check=check), **options)

        def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
            return super().proxy_manager_for(proxy, ssl_context=_tls_context(check=check), **options)

    return StrictAdapter(pool_maxsize=connections)


def _tls_context(*, check: bool) -> ssl.SSLContext:
    """TLS 1.2 or later, also where requests, urllib3 or the system would still take less."""
    context = urllib3.util.ssl_.create_urllib3_context()
    if not check:
        # In this order: Python refuses to trust everybody while it checks names.
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def is_loopback(host: str | None) -> bool:
    """Whether a host name or address is this machine's own."""
    if host is None:
        return False
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def proxies(url: str) -> dict[str, str]:
    """The proxies that the standard environment variables name for a URL; never one for loopback."""
    if is_loopback(urllib.parse.urlsplit(url).hostname):
        return {}
    return dict(requests.utils.get_environ_proxies(url, no_proxy=None))


def _body(answer: requests.Response, deadline: float, timeout: float) -> bytes:
    """The body; of a refusal nothing where it cannot be read, since its status alone says what to do."""
    try:
        return _read(answer.raw, answer.headers, deadline, timeout)
    except Exception as error:  # noqa: BLE001 - whatever it is, the connection is closed and the status told
        answer.raw.close()
        if answer.status_code != 200:
            return b""
        explained = error if isinstance(error, errors.Error) else _explained(error, timeout)
        raise explained.with_facts(status=answer.status_code) from None


def _read(raw: Any, headers: Mapping[str, str], deadline: float, timeout: float) -> bytes:
    """The decoded body. Decompressed here, since only then the bound holds before the memory is taken."""
    inflate = _inflater(headers.get("Content-Encoding", ""))
    expected = _declared_length(raw.status, headers)
    if expected is not None and expected > BODY_LIMIT:
        raise _too_large()
    received = size = 0
    parts = []
    for chunk in raw.stream(_CHUNK, decode_content=False):
        if time.monotonic() > deadline:
            raise _timed_out(timeout)
        received += len(chunk)
        part = chunk if inflate is None else inflate.decompress(chunk, BODY_LIMIT + 1 - size)
        size += len(part)
        if size > BODY_LIMIT or received > BODY_LIMIT:
            raise _too_large()
        parts.append(part)
    if expected is not None and received < expected:
        raise errors.Error("connection", f"the body ended after {received} of {expected} bytes")
    if inflate is not None and received and not inflate.eof:
        raise errors.Error("connection", f"the compressed body ended early, after {received} bytes")
    return b"".join(parts)


def _inflater(encoding: str) -> Any:
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return None
    if name in ("gzip", "x-gzip"):
        return zlib.decompressobj(16 + zlib.MAX_WBITS)
    raise errors.Error(
        "unexpected_answer",
        f"the body has a Content-Encoding that was not asked for: {encoding[: errors.QUOTE_LIMIT]!r}",
    )


def _declared_length(status: int, headers: Mapping[str, str]) -> int | None:
    declared = headers.get("Content-Length", "")
    # 204 and 304 have no body, whatever they declare (RFC 9110).
    if status in (204, 304) or "Transfer-Encoding" in headers or not declared.isascii() or not declared.isdigit():
        return None
    return int(declared[:20])


def _too_large() -> errors.Error:
    return errors.Error("unexpected_answer", f"the body is larger than {BODY_LIMIT // 1024 // 1024} MiB")


def _timed_out(timeout: float) -> errors.Error:
    return errors.Error("timeout", f"no complete answer within {timeout:g} s")


def _explained(error: Exception, timeout: float) -> errors.Error:
    """What a library's exception means, in the words of its root: the outer ones repeat URLs and class names."""
    root = _root(error)
    reason = _reason(root)
    if isinstance(error, requests.exceptions.Timeout) or isinstance(root, TimeoutError):
        return _timed_out(timeout)
    if isinstance(root, ssl.SSLError) and not isinstance(root, (ssl.SSLEOFError, ssl.SSLZeroReturnError)):
        return errors.Error("tls", f"TLS failed: {reason}")
    if isinstance(error, requests.exceptions.SSLError) and not isinstance(root, (ssl.SSLError, OSError)):
        # urllib3's own host name check raises no ssl.SSLError.
        return errors.Error("tls", f"TLS failed: {reason}")
    if isinstance(error, requests.exceptions.InvalidURL):
        # Not the library's words: they repeat parts of the URL, and the proxy's may hold a password.
        return errors.Error("connection", "the URL of the server or of the proxy that the environment names is invalid")
    if isinstance(error, requests.exceptions.ProxyError):
        return errors.Error("connection", f"the proxy that the environment names did not connect: {reason}")
    if isinstance(error, zlib.error):
        return errors.Error("unexpected_answer", f"the body is not the gzip that its header says: {reason}")
    connection_errors = (
        requests.exceptions.ConnectionError,
        requests.exceptions.ChunkedEncodingError,
        urllib3.exceptions.HTTPError,
        OSError,
    )
    if isinstance(error, connection_errors):
        return errors.Error("connection", f"the connection failed: {reason}")
    return errors.Error("unexpected_answer", f"the answer could not be read: {reason}")


def _root(error: BaseException) -> BaseException:
    """The innermost exception: libraries hide it in ``reason``, ``args`` or the chain."""
    seen = set()
    while id(error) not in seen:
        seen.add(id(error))
        inner = [getattr(error, "reason", None), *reversed(error.args), error.__cause__, error.__context__]
        error = next((item for item in inner if isinstance(item, BaseException)), error)
    return error


def _reason(root: BaseException) -> str:
    if str(root).startswith("invalid literal for int()"):
        # Python cuts what it quotes of the server at 200 characters, which may be half a token.
        return "the server's HTTP has no number where one belongs"
    # An ssl.SSLError ends with the place in Python's C source.
    text = getattr(root, "verify_message", None) or getattr(root, "strerror", None) or str(root) or type(root).__name__
    return re.sub(r" \(_ssl\.c:[0-9]+\)$", "", str(text)[: errors.QUOTE_LIMIT])
