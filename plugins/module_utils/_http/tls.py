# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.
"""TLS: the trusted certificates, and how they are verified.

The context loads its certificates itself: some versions of requests (2.32.3, 2.32.4) load none into the context of an
adapter, and 2.32.2 replaces it.
"""

from __future__ import annotations

import os
import ssl
import threading

from . import errors

try:
    import requests.certs
    import urllib3.util.ssl_
except ImportError:
    pass  # session.IMPORT_ERROR reports it

_STRICT = range(79, 95)
"""The numbers under which OpenSSL (x509_vfy.h) reports a certificate that violates RFC 5280."""
STRICT_HINT = (
    "A certificate of the server's chain violates RFC 5280, which Python 3.13 and later reject. Usually it is that of "
    "a private CA: reissue it with critical basicConstraints CA:TRUE, critical keyUsage keyCertSign and key "
    "identifiers, then the server's certificate. No option of the module changes this. Until then run the task with "
    "Python 3.12 or earlier (ansible_python_interpreter)."
)


class Context:
    """A TLS context, created at its first use, since loading the certificates of certifi takes time.

    :param verify: True for the certificates of requests, False for no check, or the path of a CA file or directory.
    """

    def __init__(self, verify: bool | str) -> None:
        self._verify = verify
        self._lock = threading.Lock()
        self._made: ssl.SSLContext | None = None

    def get(self) -> ssl.SSLContext:
        """Return the context: TLS 1.2 or later, even if requests, urllib3 or the system would accept less."""
        with self._lock:
            if self._made is None:
                self._made = self._make()
            return self._made

    def _make(self) -> ssl.SSLContext:
        context: ssl.SSLContext = urllib3.util.ssl_.create_urllib3_context()
        if self._verify is False:
            # In this order: Python rejects CERT_NONE while check_hostname is set.
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        else:
            context.verify_mode = ssl.CERT_REQUIRED
            # The type stubs of requests lack the name
            default = requests.certs.where  # type: ignore[attr-defined]
            _load(context, default() if self._verify is True else str(self._verify))
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context


def _load(context: ssl.SSLContext, path: str) -> None:
    if os.path.isdir(path):
        context.load_verify_locations(capath=path)
    else:
        context.load_verify_locations(cafile=path)


def refuse_unusable(path: str) -> None:
    """Reject a CA file without readable certificates. A directory is read at the first connection.

    :raises errors.Error: arguments, naming ca_path.
    """
    if os.path.isdir(path):
        return
    try:
        _load(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), path)
    except ssl.SSLError:
        raise errors.Error("arguments", f"ca_path {path} {_fault(path)}") from None
    except OSError as error:
        raise errors.Error("arguments", f"ca_path {path} cannot be read: {error.strerror or error}") from None


def _fault(path: str) -> str:
    with open(path, "rb") as file:
        beginning = file.read(1024 * 1024)
    if b"-----BEGIN CERTIFICATE-----" in beginning or b"-----BEGIN TRUSTED CERTIFICATE-----" in beginning:
        return "has a certificate that cannot be read: it must be PEM, with whole lines from BEGIN to END CERTIFICATE"
    wanted = "expected PEM text (-----BEGIN CERTIFICATE-----)"
    if beginning[:1] == b"\x30":
        # The SEQUENCE of ASN.1, with which a DER certificate and a PKCS #12 or #7 file begin
        return f"is binary, such as DER: {wanted}. Convert it: openssl x509 -inform DER -in FILE -out FILE.pem"
    return f"has no certificate: {wanted}"


def hint(error: BaseException) -> str | None:
    """Return the hint for a certificate that strict verification rejects; None for any other error.

    :param error: the exception of requests, which contains the TLS error at some level.
    """
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        one = waiting.pop()
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, ssl.SSLCertVerificationError) and one.verify_code in _STRICT:
            return STRICT_HINT
        waiting += [getattr(one, "reason", None), *one.args, one.__cause__, one.__context__]
    return None
