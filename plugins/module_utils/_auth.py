# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""OAuth 2.0 client credentials: from what the user holds to a bearer token for one scope (api.md)."""

from __future__ import annotations

import base64
import re
import time
import uuid
from dataclasses import dataclass, field
from typing import Any, Callable, Union

from . import _errors

try:
    import cryptography.exceptions
    import cryptography.hazmat.primitives.hashes
    import cryptography.hazmat.primitives.serialization
    import cryptography.x509
    import jwt
    from cryptography.hazmat.primitives.asymmetric import rsa
except ImportError as error:
    ASSERTION_IMPORT_ERROR: ImportError | None = error
else:
    ASSERTION_IMPORT_ERROR = None

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_LIFETIME = 600
"""Seconds. The service takes at most one hour (api.md); a request needs a few seconds."""
_CLOCK_LEEWAY = 60


@dataclass(frozen=True)
class ReadyToken:
    """A token that somebody else fetched; it cannot be renewed here."""

    access_token: str = field(repr=False)
    client_id: str | None = None


@dataclass(frozen=True)
class ClientSecret:
    """A client secret of an app registration."""

    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True)
class ClientCertificate:
    """A certificate of an app registration and its RSA key, both as PEM text."""

    client_id: str
    certificate: str = field(repr=False)
    private_key: str = field(repr=False)
    passphrase: str | None = field(default=None, repr=False)


Credentials = Union[ReadyToken, ClientSecret, ClientCertificate]


class Tokens:
    """The tokens of one run, one scope each, as public clients of this API do (api.md).

    :param fetch: posts a form to the token URL and returns the decoded answer.
    """

    def __init__(self, credentials: Credentials, token_url: str, fetch: Callable[[dict[str, str]], Any]) -> None:
        self._credentials = credentials
        self._token_url = token_url
        self._fetch = fetch
        self._held: dict[str, str] = {}

    def token(self, scope: str) -> str:
        """A token for the scope, fetched at its first use."""
        if isinstance(self._credentials, ReadyToken):
            return self._credentials.access_token
        if scope not in self._held:
            self._held[scope] = _access_token(self._fetch(self._form(self._credentials, scope)))
        return self._held[scope]

    def renew(self, scope: str, refused: str) -> bool:
        """Forget a refused token, so that the next use fetches anew; False where that is not possible."""
        if isinstance(self._credentials, ReadyToken):
            return False
        if self._held.get(scope) == refused:
            del self._held[scope]
        return True

    def _form(self, credentials: ClientSecret | ClientCertificate, scope: str) -> dict[str, str]:
        form = {"grant_type": "client_credentials", "client_id": credentials.client_id, "scope": scope}
        if isinstance(credentials, ClientSecret):
            return {**form, "client_secret": credentials.client_secret}
        signed = assertion(credentials, self._token_url, int(time.time()), str(uuid.uuid4()))
        return {**form, "client_assertion_type": ASSERTION_TYPE, "client_assertion": signed}


def _access_token(answer: Any) -> str:
    if not isinstance(answer, dict):
        raise _errors.Error("unexpected_answer", "the token endpoint answered something else than an object")
    token, kind = answer.get("access_token"), answer.get("token_type", "Bearer")
    # It becomes a header: nothing but visible ASCII, or a hostile endpoint would write headers of its own.
    if not isinstance(token, str) or not re.fullmatch(r"[\x21-\x7e]+", token):
        raise _errors.Error("unexpected_answer", "the token endpoint answered without a usable access_token")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise _errors.Error("unexpected_answer", "the token endpoint answered a token that is no bearer token")
    return token


def assertion(credentials: ClientCertificate, token_url: str, now: int, jti: str) -> str:
    """The signed assertion that stands for a client secret (RS256; claims and header of api.md).

    :param now: Unix time in seconds.
    :raises _errors.Error: arguments, where certificate or key cannot be used, by their option names.
    """
    certificate = _certificate(credentials.certificate)
    key = _private_key(credentials.private_key, credentials.passphrase)
    if certificate.public_key() != key.public_key():
        raise _errors.Error(
            "arguments", "client_certificate and client_private_key do not belong together: their public keys differ"
        )
    thumbprint = certificate.fingerprint(cryptography.hazmat.primitives.hashes.SHA1())
    return jwt.encode(
        {
            "iss": credentials.client_id,
            "sub": credentials.client_id,
            "aud": token_url,
            "jti": jti,
            "iat": now,
            "nbf": now - _CLOCK_LEEWAY,
            "exp": now + ASSERTION_LIFETIME,
        },
        key,
        algorithm="RS256",
        headers={
            "kid": thumbprint.hex().upper(),
            "x5t": base64.urlsafe_b64encode(thumbprint).rstrip(b"=").decode("ascii"),
        },
    )


def _certificate(pem: str) -> cryptography.x509.Certificate:
    try:
        return cryptography.x509.load_pem_x509_certificate(pem.encode("utf-8"))
    except ValueError:
        raise _errors.Error("arguments", "client_certificate holds no PEM certificate that can be read") from None


def _private_key(pem: str, passphrase: str | None) -> rsa.RSAPrivateKey:
    load = cryptography.hazmat.primitives.serialization.load_pem_private_key
    password = passphrase.encode("utf-8") if passphrase else None
    try:
        try:
            key = load(pem.encode("utf-8"), password)
        except TypeError:
            if password is None:
                raise _errors.Error(
                    "arguments", "client_private_key is encrypted: client_private_key_passphrase is missing"
                ) from None
            # A passphrase for a key that is not encrypted harms nobody.
            key = load(pem.encode("utf-8"), None)
    except ValueError:
        raise _errors.Error(
            "arguments",
            "client_private_key holds no PEM key that can be read"
            + (" with client_private_key_passphrase" if password else ""),
        ) from None
    except cryptography.exceptions.UnsupportedAlgorithm:
        raise _errors.Error("arguments", "client_private_key is of a kind that cannot be read") from None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise _errors.Error("arguments", "client_private_key is no RSA key: the service takes RS256 alone")
    return key
