# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A client of the simulator, and what its tests share."""

from __future__ import annotations

import base64
import datetime
import time
import uuid
from typing import Any, Callable

import jwt
import requests
from cloudbackup_simulator import facts, simulator
from cryptography.hazmat.primitives import hashes

V1_JOBS, V1_LICENSE, V2_JOBS, V2_LICENSE, FREQUENCY, RETENTION, UNUSUAL_ACTIVITY = facts.ENDPOINTS
NOW = "2026-03-01T12:00:00Z"
NOW_TICKS = facts.to_ticks(datetime.datetime.fromisoformat(NOW.replace("Z", "+00:00")))
TIMEOUT = 10.0
PATIENCE = 0.6
"""Seconds after which a client gives up: on any server, and on one that is known not to answer."""


class Client:
    """Requests against one simulator, with the right token."""

    def __init__(self, server: Any) -> None:
        self.server = server
        self.session = requests.Session()
        self.session.trust_env = False
        self.tokens: dict[str, str] = {}

    def ask_token(self, scope: str = facts.JOBS_SCOPE, **form: Any) -> requests.Response:
        whole = {
            "grant_type": "client_credentials",
            "client_id": self.server.client_id,
            "client_secret": self.server.client_secret,
            "scope": scope,
            **form,
        }
        data = {name: value for name, value in whole.items() if value is not None}
        return self.session.post(self.server.token_url, data=data, timeout=TIMEOUT, allow_redirects=False)

    def token(self, scope: str) -> str:
        if scope not in self.tokens:
            self.tokens[scope] = self.ask_token(scope).json()["access_token"]
        return self.tokens[scope]

    def get(self, path: str = V1_JOBS, timeout: float = TIMEOUT, **query: Any) -> requests.Response:
        scope = facts.ENDPOINTS[path].scope if path in facts.ENDPOINTS else facts.JOBS_SCOPE
        headers = {"Authorization": f"Bearer {self.token(scope)}"}
        return self.session.get(
            self.server.url + path, params=query, headers=headers, timeout=timeout, allow_redirects=False
        )

    def jobs(self, **query: Any) -> list[dict[str, Any]]:
        """All rows, page by page, as long as there is a NextLink."""
        size, rows = query.setdefault("PageSize", 100), []
        for index in range(10_000 // size + 260):
            page = self.get(PageIndex=index, **query).json()
            rows += page["Jobs"]
            if not page.get("NextLink"):
                return rows
        raise AssertionError("the list does not end")

    def license(self) -> dict[str, Any]:
        return self.get(V1_LICENSE).json()


class Keys:
    """A private key and its certificate."""

    def __init__(self) -> None:
        # Here, since a conftest imports this file: pytest-ansible makes the collection importable only later
        from ansible_collections.cloudbackup.m365.tests.unit import certificates

        self.certificate, self.key = certificates.self_signed()
        self.pem, self.key_pem = certificates.pem(self.certificate), certificates.key_pem(self.key)

    def assertion(self, token_url: str, headers: dict[str, Any] | None = None, **claims: Any) -> str:
        thumbprint = self.certificate.fingerprint(hashes.SHA1())
        now = int(time.time())
        whole = {
            "iss": simulator.CLIENT_ID,
            "sub": simulator.CLIENT_ID,
            "aud": token_url,
            "jti": str(uuid.uuid4()),
            "nbf": now - 5,
            "exp": now + 600,
            **claims,
        }
        return jwt.encode(
            {name: value for name, value in whole.items() if value is not None},
            self.key,
            algorithm="RS256",
            headers={
                "kid": thumbprint.hex().upper(),
                "x5t": base64.urlsafe_b64encode(thumbprint).rstrip(b"=").decode(),
                **(headers or {}),
            },
        )


def ids(rows: list[dict[str, Any]]) -> list[str]:
    return [row.get("Id") or row["id"] for row in rows]


def hours_old(ticks: int) -> float:
    return (NOW_TICKS - ticks) / facts.HOUR


def wait_until(is_so: Callable[[], bool], patience: float = 5.0) -> None:
    end = time.monotonic() + patience
    while not is_so():
        assert time.monotonic() < end, "the condition was not met in time"
        time.sleep(0.01)
