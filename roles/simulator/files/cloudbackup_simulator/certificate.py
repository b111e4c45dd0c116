# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A registered certificate. Imported only where one is given: cryptography is not in the standard library."""

from __future__ import annotations

import base64
from typing import Any

from .values import Mistake

try:
    from cryptography import exceptions, x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding, rsa
except ImportError:
    raise Mistake("invalid certificate: the Python package cryptography, which reads it, is not installed") from None


class Certificate:
    """A certificate with an RSA key. :raises Mistake: if the text is not one."""

    def __init__(self, pem: str) -> None:
        try:
            certificate = x509.load_pem_x509_certificate(pem.encode())
            self._key: Any = certificate.public_key()
        except (ValueError, exceptions.UnsupportedAlgorithm):
            self._key = None
        if not isinstance(self._key, rsa.RSAPublicKey):
            raise Mistake("invalid certificate: expected a PEM certificate with an RSA key")
        thumbprint = certificate.fingerprint(hashes.SHA1())
        self.x5t = base64.urlsafe_b64encode(thumbprint).rstrip(b"=").decode("ascii")
        self.kid = thumbprint.hex().upper()

    def verifies(self, message: bytes, signature: bytes) -> bool:
        """Return whether the signature is RS256 of the message by the certificate's key."""
        try:
            self._key.verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
        except exceptions.InvalidSignature:
            return False
        return True
