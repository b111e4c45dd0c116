# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The kinds of credentials."""

from __future__ import annotations

from typing import NamedTuple, Union


class ReadyToken(NamedTuple):
    """An access token that was fetched elsewhere; it cannot be renewed here."""

    access_token: str
    client_id: str | None = None

    def __repr__(self) -> str:
        return _without_secrets(self)


class ClientSecret(NamedTuple):
    """A client secret of an app registration."""

    client_id: str
    client_secret: str

    def __repr__(self) -> str:
        return _without_secrets(self)


class ClientCertificate(NamedTuple):
    """A certificate of an app registration and its RSA key, both as PEM text."""

    client_id: str
    certificate: str
    private_key: str
    passphrase: str | None = None

    def __repr__(self) -> str:
        return _without_secrets(self)


Credentials = Union[ReadyToken, ClientSecret, ClientCertificate]


def _without_secrets(credentials: Credentials) -> str:
    return f"{type(credentials).__name__}(client_id={credentials.client_id!r})"
