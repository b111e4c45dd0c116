# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The credential set: the kind of credentials that the options define."""

from __future__ import annotations

from collections.abc import Mapping

from .._http import errors
from .._http.credentials import ClientCertificate, ClientSecret, Credentials, ReadyToken
from .._http.secrets import Secrets
from .values import FILES, environment_name, pem


def credentials(given: Mapping[str, str], secrets: Secrets) -> Credentials:
    """Return the credentials, and add every secret read from a file to ``secrets``."""
    kinds = {
        "access_token": "access_token" in given,
        "client_secret": "client_secret" in given,
        "client_certificate": "client_certificate" in given or "client_private_key" in given,
    }
    chosen = [kind for kind, is_given in kinds.items() if is_given]
    if len(chosen) > 1:
        raise errors.Error("arguments", f"{' and '.join(chosen)} are mutually exclusive: give one kind of credentials")
    if not chosen:
        missing = "client_secret or client_certificate" if "client_id" in given else "client_id with client_secret"
        raise errors.Error(
            "arguments",
            f"no credentials: give {missing}, or access_token, as options or as {environment_name('client_id')}, "
            f"{environment_name('client_secret')} and so on in the environment",
        )
    if chosen == ["access_token"]:
        return ReadyToken(_header_safe("access_token", given["access_token"]), given.get("client_id"))
    if "client_id" not in given:
        raise errors.Error("arguments", f"client_id is missing: {chosen[0]} requires it")
    if chosen == ["client_secret"]:
        return ClientSecret(given["client_id"], given["client_secret"])
    for option in FILES:
        if option not in given:
            raise errors.Error(
                "arguments", f"{option} is missing: client_certificate and client_private_key are required together"
            )
    key = pem("client_private_key", given["client_private_key"])
    certificate = pem("client_certificate", given["client_certificate"])
    # The certificate is public, but its text may also contain a key
    secrets.add(key, certificate)
    return ClientCertificate(
        given["client_id"],
        certificate,
        key,
        given.get("client_private_key_passphrase"),
    )


def _header_safe(option: str, value: str) -> str:
    if not value.isascii() or not value.isprintable() or " " in value:
        raise errors.Error("arguments", f"{option} contains characters that are not valid in a token")
    return value
