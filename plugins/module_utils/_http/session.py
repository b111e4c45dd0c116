# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Sessions of requests with our settings: TLS 1.2 or later, proxies of the environment, no cookies, no redirects.

requests is imported here and may be missing: whoever runs a task first looks at IMPORT_ERROR.
"""

from __future__ import annotations

import http.cookiejar
import ipaddress
import os
import ssl
import urllib.parse
import urllib.request
from typing import Any

try:
    import requests
    import requests.adapters
    import urllib3
    import urllib3.util.ssl_
except ImportError as error:
    IMPORT_ERROR: ImportError | None = error
    REQUESTS_VERSION = ""
else:
    IMPORT_ERROR = None
    REQUESTS_VERSION = requests.__version__


def open_session(*, verify: bool | str, connections: int) -> requests.Session:
    """Return a session that takes nothing from the environment.

    :param verify: True, False, or the path of a CA file or directory.
    :param connections: how many are kept open to a host.
    """
    session = _session()
    # The environment offers more than proxies: a .netrc replaces our token, REQUESTS_CA_BUNDLE our trust.
    session.trust_env = False
    session.cookies.set_policy(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))
    adapter = _strict_adapter(connections, check=verify is not False)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    if verify is False:
        # The module warns once; urllib3 would warn on standard error at every request.
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    return session


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
    """Return the proxies that the standard environment variables name for a URL; never one for loopback.

    The variables alone: to ask the system's own settings, as requests does on some systems, is not safe after a fork.
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
