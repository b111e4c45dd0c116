# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The token endpoint of one tenant, and the verification of its tokens."""

from __future__ import annotations

import base64
import hmac
import json
import re
import secrets
import threading
import time
import urllib.parse
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from . import facts
from .exchange import Request

if TYPE_CHECKING:
    from .certificate import Certificate


class Refusal(Exception):
    """An OAuth error response (RFC 6749, 5.2)."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


class Connection(NamedTuple):
    """Address and credentials of one tenant."""

    api_url: str
    token_url: str
    client_id: str
    client_secret: str


class Authority:
    """Issues tokens for client credentials, and verifies them."""

    def __init__(
        self, connection: Connection, certificate: Certificate | None, granted: Sequence[str], token_lifetime: float
    ) -> None:
        self._token_url, self._client_id, self._client_secret = connection[1:]
        self._certificate = certificate
        self._granted = frozenset(granted)
        self._lifetime = token_lifetime
        self._tokens: dict[str, tuple[str, float]] = {}
        self._assertions: dict[str, float] = {}
        self._lock = threading.Lock()

    def issue(self, request: Request, *, issues_ungranted: bool) -> dict[str, Any]:
        """Answer a token request. :raises Refusal: if it is rejected."""
        form = self._form(request)
        if "grant_type" not in form:
            raise Refusal("invalid_request", "grant_type is missing")
        if form["grant_type"] != "client_credentials":
            raise Refusal("unsupported_grant_type", "only client_credentials is supported")
        self._check_client(form)
        scope = self._scope(form, issues_ungranted)
        token = secrets.token_urlsafe(48)
        now = time.monotonic()
        with self._lock:
            self._tokens = {known: item for known, item in self._tokens.items() if item[1] > now}
            self._tokens[token] = (scope, now + self._lifetime)
        return {"access_token": token, "token_type": "Bearer", "expires_in": int(self._lifetime), "scope": scope}

    def check(self, authorization: str | None, scope: str) -> tuple[int, str] | None:
        """Return status and reason if a request to the API is rejected, or None."""
        if not authorization:
            return 401, "The Authorization header is missing."
        kind, _space, token = authorization.partition(" ")
        with self._lock:
            held = self._tokens.get(token.strip()) if kind.lower() == "bearer" else None
        if held is None or held[1] <= time.monotonic():
            return 401, "The access token is not valid or has expired."
        if held[0] != scope or scope not in self._granted:
            return 403, f"The application is not granted the permission {scope}."
        return None

    def revoke_all(self) -> None:
        with self._lock:
            self._tokens.clear()

    def _form(self, request: Request) -> dict[str, str]:
        if request.headers.get_content_type() != "application/x-www-form-urlencoded":
            raise Refusal("invalid_request", "the body must be application/x-www-form-urlencoded")
        pairs = urllib.parse.parse_qsl(request.body, keep_blank_values=True)
        if len({name for name, _value in pairs}) < len(pairs):
            raise Refusal("invalid_request", "a parameter is given twice")
        return dict(pairs)

    def _scope(self, form: Mapping[str, str], issues_ungranted: bool) -> str:
        asked = form.get("scope", "").split()
        if len(asked) != 1:
            raise Refusal("invalid_scope", "exactly one scope is required")
        if asked[0] not in facts.SCOPES:
            raise Refusal("invalid_scope", f"unknown scope {asked[0]}")
        if asked[0] not in self._granted and not issues_ungranted:
            raise Refusal("invalid_scope", f"the application is not granted {asked[0]}")
        return asked[0]

    def _check_client(self, form: Mapping[str, str]) -> None:
        if not form.get("client_id"):
            raise Refusal("invalid_request", "client_id is missing")
        has_assertion = "client_assertion" in form or "client_assertion_type" in form
        if has_assertion == ("client_secret" in form):
            raise Refusal("invalid_request", "either client_secret or client_assertion is required")
        is_known = hmac.compare_digest(form["client_id"].encode(), self._client_id.encode())
        if has_assertion:
            if not is_known:
                raise Refusal("invalid_client", "the client is unknown")
            if form.get("client_assertion_type") != facts.ASSERTION_TYPE:
                raise Refusal("invalid_request", f"client_assertion_type must be {facts.ASSERTION_TYPE}")
            self._check_assertion(form.get("client_assertion", ""))
        elif not is_known or not hmac.compare_digest(form["client_secret"].encode(), self._client_secret.encode()):
            raise Refusal("invalid_client", "the client is unknown or its secret is wrong")

    def _check_assertion(self, assertion: str) -> None:
        certificate = self._certificate
        if certificate is None:
            raise Refusal("invalid_client", "no certificate is registered for the client")
        try:
            parts = [part.encode("ascii") for part in assertion.split(".")]
            header_part, claims_part, signature_part = parts
            header, claims = json.loads(_base64url(header_part)), json.loads(_base64url(claims_part))
            signature = _base64url(signature_part)
        except (ValueError, RecursionError):
            raise Refusal("invalid_client", "the assertion is not a JWT") from None
        if not isinstance(header, dict) or not isinstance(claims, dict):
            raise Refusal("invalid_client", "the assertion is not a JWT")
        if header.get("alg") != "RS256":
            raise Refusal("invalid_client", "the assertion must be signed with RS256")
        if header.get("x5t") != certificate.x5t or header.get("kid") != certificate.kid:
            raise Refusal("invalid_client", "x5t and kid are not the registered certificate's thumbprint")
        if not certificate.verifies(header_part + b"." + claims_part, signature):
            raise Refusal("invalid_client", "the signature of the assertion is wrong")
        error = self._claims_error(claims)
        if error is not None:
            raise Refusal("invalid_client", error)

    def _claims_error(self, claims: Mapping[str, Any]) -> str | None:
        now = time.time()
        audience, identity = claims.get("aud"), claims.get("jti")
        if self._token_url not in (audience if isinstance(audience, list) else [audience]):
            return "aud is not this token URL"
        if claims.get("iss") != self._client_id or claims.get("sub") != self._client_id:
            return "iss and sub must be the client id"
        for name in ("exp", "nbf"):
            if isinstance(claims.get(name), bool) or not isinstance(claims.get(name), (int, float)):
                return f"{name} is missing or not a time"
        if claims["exp"] <= now:
            return "the assertion has expired"
        if claims["exp"] > now + facts.ASSERTION_LIFETIME + 1:
            return "exp is more than an hour ahead"
        if claims["nbf"] > now + 1:
            return "nbf is in the future"
        if not isinstance(identity, str) or not identity:
            return "jti is missing"
        with self._lock:
            self._assertions = {known: end for known, end in self._assertions.items() if end > now}
            if identity in self._assertions:
                return "the assertion was used before"
            self._assertions[identity] = claims["exp"]
        return None


def _base64url(part: bytes) -> bytes:
    if not re.fullmatch(rb"[A-Za-z0-9_-]+", part):
        raise ValueError("not base64url")
    return base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4))
