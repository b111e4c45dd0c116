# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A running simulator: a server and its tenants."""

from __future__ import annotations

import datetime
import ipaddress
import re
import secrets
import threading
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from . import values
from .authority import Authority, Connection
from .exchange import Request
from .facts import SCOPES, TOKEN_PATH
from .server import Server, tls_context
from .service import Service
from .tenant import CONTENT_OPTIONS

CLIENT_ID = "11111111-2222-3333-4444-555555555555"
_TENANT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", re.ASCII)
TENANT_OPTIONS = (*CONTENT_OPTIONS, "habits", "faults")
"""Options of each of ``tenants``, with the same meaning as those of Simulator."""


class Simulator:
    """A running server, in threads of this process; a context manager that stops it.

    :param now: an ISO 8601 time, a datetime, or None for the real clock's time at the start.
    :param habits: name -> value, see HABITS. :param faults: texts, see FAULTS and Fault.
    :param license: field -> value; "absent" leaves it out.
    :param rows: explicit jobs, see ROW_KEYS. :param locations: of the scenario's jobs, in turn.
    :param frequency: and retention: service -> value, see read_settings; unusual_activity: see read_activity.
    :param tls: certificate and key (paths of PEM files) and perhaps max_version, to serve https.
    :param tenants: more tenants, each below its own path: name -> scenario, or a dict of TENANT_OPTIONS.
    :raises Mistake: if an option is invalid.
    """

    def __init__(
        self,
        scenario: str = "healthy",
        now: Any = None,
        jobs: int | None = None,
        seed: int = 1,
        habits: Mapping[str, Any] | None = None,
        faults: Sequence[str] = (),
        license: Mapping[str, Any] | None = None,  # noqa: A002 - the word of the API
        client_id: str = CLIENT_ID,
        client_secret: str | None = None,
        certificate_pem: str | None = None,
        granted_scopes: Sequence[str] | None = None,
        token_lifetime: float = 3600,
        tls: Mapping[str, Any] | None = None,
        days: float | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        tenants: Mapping[str, str | Mapping[str, Any]] | None = None,
        rows: Sequence[Mapping[str, Any]] | None = None,
        locations: Sequence[str] | None = None,
        frequency: Mapping[str, Any] | None = None,
        retention: Mapping[str, Any] | None = None,
        unusual_activity: Mapping[str, Any] | None = None,
    ) -> None:
        self._is_stopped = False
        granted = SCOPES if granted_scopes is None else values.some_of(*SCOPES).read("granted_scopes", granted_scopes)
        lifetime = values.number(0, 10**7).read("token_lifetime", token_lifetime)
        first: dict[str, Any] = {"scenario": scenario, "jobs": jobs, "days": days, "seed": seed, "license": license}
        first.update(rows=rows, locations=locations)
        first.update(frequency=frequency, retention=retention, unusual_activity=unusual_activity)
        first.update(habits=habits, faults=faults, client_id=str(client_id), client_secret=client_secret)
        first["certificate"] = None if certificate_pem is None else _certificate(certificate_pem)
        more = values.MAPPING.read("tenants", tenants)
        options = {"": first, **{f"/{name}": _tenant_options(name, given) for name, given in more.items()}}
        moment = values.NOW.read("now", now or datetime.datetime.now(datetime.timezone.utc))
        host, port = _LOOPBACK.read("host", host), values.whole(0, 65535).read("port", port)
        self._server = Server(host, port, None if tls is None else tls_context(tls))
        scheme, port = "http" if tls is None else "https", self._server.server_address[1]
        origin = f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"
        other_origin = f"{scheme}://{'127.0.0.1' if host == 'localhost' else 'localhost'}:{port}"
        connections = {}
        try:
            for prefix, given in options.items():
                url, secret = origin + prefix, given.get("client_secret") or secrets.token_urlsafe(24)
                connections[prefix[1:]] = connection = Connection(url, url + TOKEN_PATH, given["client_id"], secret)
                authority = Authority(connection, given.get("certificate"), granted, lifetime)
                service = Service(given, moment, authority, url, other_origin, self._server.stopping)
                self._server.services[prefix] = service
        except Exception:
            self._server.server_close()
            raise
        self.url, self.token_url, self.client_id, self.client_secret = connections.pop("")
        self.tenants = connections
        self.instance, self.stop_requested = self._server.instance, self._server.stop_requested
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def requests(self) -> list[Request]:
        """The latest 10000 requests to the first tenant, in order."""
        return self.requests_of("")

    def requests_of(self, name: str) -> list[Request]:
        """Return the latest 10000 requests to one of ``tenants``."""
        return list(self._server.services[f"/{name}" if name else ""].requests)

    def stop(self) -> None:
        if not self._is_stopped:
            self._is_stopped = True
            self._server.stop()
            self._thread.join()

    def __enter__(self) -> Simulator:
        return self

    def __exit__(self, *_reason: object) -> None:
        self.stop()


def _tenant_options(name: str, given: str | Mapping[str, Any]) -> dict[str, Any]:
    """Return one tenant's options, with a client id that follows from its name."""
    if not _TENANT_NAME.fullmatch(name):
        raise values.Mistake(f"invalid tenants: expected letters, digits, dots, dashes, underscores, got {name!r}")
    options = {"scenario": given} if isinstance(given, str) else given
    if not isinstance(options, Mapping) or set(options) - set(TENANT_OPTIONS):
        expected = f"a scenario or a dictionary of {', '.join(TENANT_OPTIONS)}"
        raise values.Mistake(f"invalid tenants: {name}: expected {expected}, got {given!r}")
    return {**options, "client_id": str(uuid.uuid5(uuid.NAMESPACE_URL, name))}


def _certificate(pem: str) -> Any:
    from .certificate import Certificate

    return Certificate(pem)


def _loopback(host: Any) -> str:
    if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
        raise ValueError
    return str(host)


_LOOPBACK = values.Kind("a loopback address, because the simulator serves only this machine", _loopback)
