# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The signed assertion instead of a client secret: RS256, with the claims and header of the service (api.md).

Imported only where a certificate is used: PyJWT and cryptography are optional and take long to load.
"""

from __future__ import annotations

import base64
import uuid

from . import errors

try:
    import cryptography.exceptions
    import cryptography.hazmat.primitives.hashes
    import cryptography.hazmat.primitives.serialization
    import cryptography.x509
    import jwt
    from cryptography.hazmat.primitives.asymmetric import rsa
except ImportError as error:
    IMPORT_ERROR: ImportError | None = error
else:
    IMPORT_ERROR = None

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LIFETIME = 600
"""Seconds. The service accepts at most one hour (api.md); a request takes a few seconds."""
_CLOCK_LEEWAY = 60


def fresh_id() -> str:
    """Return a unique jti."""
    return str(uuid.uuid4())


def sign(
    client_id: str, certificate_pem: str, key_pem: str, passphrase: str | None, token_url: str, now: int, jti: str
) -> str:
    """Return the assertion.

    :param now: Unix time in seconds.
    :raises errors.Error: arguments, naming the option, if certificate or key cannot be used.
    """
    certificate = _certificate(certificate_pem)
    key = _private_key(key_pem, passphrase)
    if certificate.public_key() != key.public_key():
        raise errors.Error(
            "arguments", "client_certificate and client_private_key do not belong together: their public keys differ"
        )
    thumbprint = certificate.fingerprint(cryptography.hazmat.primitives.hashes.SHA1())
    return jwt.encode(
        {
            "iss": client_id,
            "sub": client_id,
            "aud": token_url,
            "jti": jti,
            "iat": now,
            "nbf": now - _CLOCK_LEEWAY,
            "exp": now + LIFETIME,
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
        raise errors.Error("arguments", "client_certificate does not contain a readable PEM certificate") from None


def _private_key(pem: str, passphrase: str | None) -> rsa.RSAPrivateKey:
    load = cryptography.hazmat.primitives.serialization.load_pem_private_key
    password = passphrase.encode("utf-8") if passphrase else None
    try:
        try:
            key = load(pem.encode("utf-8"), password)
        except TypeError:
            if password is None:
                raise errors.Error(
                    "arguments", "client_private_key is encrypted: client_private_key_passphrase is missing"
                ) from None
            # A passphrase for a key that is not encrypted is harmless.
            key = load(pem.encode("utf-8"), None)
    except ValueError:
        raise errors.Error(
            "arguments",
            "client_private_key does not contain a readable PEM key"
            + (" with client_private_key_passphrase" if password else ""),
        ) from None
    except cryptography.exceptions.UnsupportedAlgorithm:
        raise errors.Error("arguments", "client_private_key is of an unsupported kind") from None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise errors.Error("arguments", "client_private_key is not an RSA key: the service accepts only RS256")
    return key
