# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Sessions of requests with our settings: TLS 1.2 or later, proxies from the environment, no cookies, no redirects.

requests is imported here and may be missing. Callers check IMPORT_ERROR first.
"""

from __future__ import annotations

import http.cookiejar
import ipaddress
import os
import socket
import urllib.parse
import urllib.request
from typing import Any

from .addresses import Addresses
from .tls import Context

try:
    import requests
    import requests.adapters
    import urllib3
    import urllib3.connection
    import urllib3.util.connection
except ImportError as error:
    IMPORT_ERROR: ImportError | None = error
    REQUESTS_VERSION = ""
else:
    IMPORT_ERROR = None
    REQUESTS_VERSION = requests.__version__


def open_session(*, tls: Context, addresses: Addresses, connections: int, check: bool = True) -> requests.Session:
    """Return a session that ignores the environment.

    :param tls: the trusted certificates; ``check`` verifies that there are any.
    :param addresses: the addresses of a host that did not answer.
    :param connections: the number of connections kept open to a host.
    """
    session = _session()
    # The environment affects more than proxies: .netrc replaces our token, REQUESTS_CA_BUNDLE our trusted certificates.
    session.trust_env = False
    session.cookies.set_policy(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))
    adapter = _strict_adapter(tls, addresses, connections)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    if not check:
        # The module warns once; urllib3 would warn on standard error at every request.
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    return session


def _session() -> requests.Session:
    """A session that treats a redirect like any other response.

    Even if redirects are not followed, requests reads the whole body, unlimited and decoded, for the next request.
    """

    class Session(requests.Session):
        def get_redirect_target(self, resp: requests.Response) -> None:
            return None

    return Session()


def _strict_adapter(tls: Context, addresses: Addresses, connections: int) -> requests.adapters.HTTPAdapter:
    """An adapter with our TLS settings and connections, direct or through a proxy.

    Created in a function, since its base class may be missing when this file is imported.
    """
    pools = _pools(tls, addresses)

    class StrictAdapter(requests.adapters.HTTPAdapter):
        def init_poolmanager(self, *args: Any, **options: Any) -> None:
            super().init_poolmanager(*args, **options)
            self.poolmanager.pool_classes_by_scheme = pools

        def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
            if proxy.lower().startswith("socks"):
                # PySocks connects, and it or the proxy resolves the host name
                return super().proxy_manager_for(proxy, ssl_context=tls.get(), **options)
            secure = {"proxy_ssl_context": tls.get()} if proxy.lower().startswith("https:") else {}
            manager = super().proxy_manager_for(proxy, **secure, **options)
            manager.pool_classes_by_scheme = pools
            return manager

    return StrictAdapter(pool_maxsize=connections)


def _pools(tls: Context, addresses: Addresses) -> dict[str, Any]:
    """Return the connection pools of urllib3 by scheme, with our connection classes.

    The connection class works with all versions of requests and urllib3, which differ in how they pass on the context
    of an adapter.
    """

    class Connection(urllib3.connection.HTTPConnection):
        def _new_conn(self) -> Any:
            return _connected(self, addresses)

    class SecureConnection(urllib3.connection.HTTPSConnection):
        def _new_conn(self) -> Any:
            return _connected(self, addresses)

        def connect(self) -> None:
            self.ssl_context = tls.get()
            self.cert_reqs = self.ssl_context.verify_mode
            # The certificates are loaded already, once for all connections
            self.ca_certs = self.ca_cert_dir = self.ca_cert_data = None
            super().connect()

    class Pool(urllib3.HTTPConnectionPool):
        ConnectionCls = Connection

    class SecurePool(urllib3.HTTPSConnectionPool):
        ConnectionCls = SecureConnection

    return {"http": Pool, "https": SecurePool}


def _connected(connection: Any, addresses: Addresses) -> Any:
    """Return a connected socket, or raise the exceptions of urllib3."""
    # An IPv6 address is in brackets in a URL
    host = connection._dns_host.strip("[]")
    try:
        return addresses.connect(
            host,
            connection.port,
            timeout=connection.timeout,
            family=urllib3.util.connection.allowed_gai_family(),
            options=connection.socket_options or (),
        )
    except UnicodeError:
        raise urllib3.exceptions.LocationParseError("a label of the host name is empty or too long") from None
    except socket.timeout as error:
        raise urllib3.exceptions.ConnectTimeoutError(connection, "no address of the host answered in time") from error
    except OSError as error:
        raise urllib3.exceptions.NewConnectionError(connection, f"no connection: {error}") from error


def is_loopback(host: str | None) -> bool:
    """Return whether a host name or address is loopback."""
    if host is None:
        return False
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def proxies(url: str) -> dict[str, str]:
    """Return the proxies that the standard environment variables name for a URL; never one for loopback.

    Only variables are read: reading the system settings, as requests does on some systems, is not safe after a fork.
    """
    parts = urllib.parse.urlsplit(url)
    host = parts.hostname or ""
    if is_loopback(host) or _is_excluded(host, parts.port):
        return {}
    return urllib.request.getproxies_environment()


def _is_excluded(host: str, port: int | None) -> bool:
    """Return whether NO_PROXY names a host: by name, by domain, with a port, or by a network of addresses."""
    if urllib.request.proxy_bypass_environment(f"{host}:{port}" if port else host):  # type: ignore[attr-defined]
        return True
    excluded = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    return any(_is_in_network(host, entry.strip()) for entry in excluded.split(",") if "/" in entry)


def _is_in_network(host: str, network: str) -> bool:
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False
