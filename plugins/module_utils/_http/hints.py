# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The hints: what to do next about a failure."""

from __future__ import annotations

from .connection import Connection
from .credentials import ClientCertificate, ClientSecret, ReadyToken

_REGISTRATION = "AvePoint Online Services > Administration > App registrations"


def api(connection: Connection, scope: str) -> dict[str, str]:
    """Hints for a request to the API, by kind of failure."""
    where = f"data_center {connection.data_center}" if connection.data_center else f"api_url {connection.api_url}"
    return {
        **_anywhere(connection),
        "authentication": _token_refused(connection),
        "permission": f"Grant the app registration the permission {scope} ({_REGISTRATION}).",
        "not_found": (
            f"Check that {where} is this tenant's data center, that the tenant has the product Cloud Backup for "
            f"Microsoft 365, and that api_version {connection.api_version} is offered there."
        ),
        "rejected": "The service rejected the request: check its message above and api_version "
        f"{connection.api_version}.",
        "unexpected_answer": (
            f"This is not the documented API {connection.api_version}: check {where} and api_version, and whether a "
            "proxy or a login page answered instead. The answer was discarded."
        ),
    }


def token(connection: Connection, scope: str) -> dict[str, str]:
    """Hints for a request to the token endpoint, by kind of failure."""
    return {
        **_anywhere(connection),
        "authentication": _credentials_refused(connection),
        "permission": f"The app registration may not ask for {scope}: grant it that permission ({_REGISTRATION}).",
        "not_found": f"There is no token endpoint at {connection.token_url}: check data_center or token_url.",
        "rejected": f"Check that {connection.token_url} is the token URL: data_center or token_url.",
        "unexpected_answer": (
            f"Check that {connection.token_url} is the token URL (data_center or token_url), and whether a proxy or a "
            "login page answered instead."
        ),
    }


def _anywhere(connection: Connection) -> dict[str, str]:
    return {
        "throttled": "The service limits requests: lower concurrency, spread the jobs over time, or raise retries.",
        "server": (
            "The service failed. Run it again later; if it persists, give the request id to the vendor's support."
        ),
        "connection": (
            "Check the host name, the network and the proxy (HTTPS_PROXY, NO_PROXY) from the host that runs the task."
        ),
        "tls": (
            "Check the server's certificate (its name, its dates, its issuer); for a private CA give ca_path. "
            "TLS 1.2 or later is required."
        ),
        "timeout": f"Raise timeout (now {connection.timeout:g} s) or lower page_size; check the network and the proxy.",
    }


def _token_refused(connection: Connection) -> str:
    if isinstance(connection.credentials, ReadyToken):
        return (
            "The access_token was rejected. Tokens last one hour and are valid for one environment and one permission: "
            "fetch a new one, or give client_id with client_secret or client_certificate."
        )
    return (
        f"A new token was rejected too: check that token_url {connection.token_url} and api_url {connection.api_url} "
        "belong to the same environment."
    )


def _credentials_refused(connection: Connection) -> str:
    held = {
        ClientSecret: "client_id and client_secret (it may have expired or been replaced)",
        ClientCertificate: (
            "client_id, and that client_certificate is the one registered and has not expired; "
            "the clock of this machine must be correct"
        ),
    }
    return (
        f"Check {held.get(type(connection.credentials), 'the credentials')} in {_REGISTRATION}, and that "
        f"{connection.token_url} is the token URL of that environment."
    )
