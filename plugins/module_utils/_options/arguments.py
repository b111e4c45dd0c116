# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The connection options: their argument specification, and from parameters and environment to a connection.

Options outside the two sets have a plain environment fallback. The credential set and the address set come whole from
the task or whole from the environment: otherwise one tenant's id would meet another's secret.
"""

from __future__ import annotations

import os
import urllib.parse
from collections.abc import Mapping
from typing import Any

from ansible.module_utils.basic import AnsibleFallbackNotFound

from .. import _data_centers
from .._http import auth, errors, transport
from .._http import connection as _connection
from .._http import secrets as _secrets

CREDENTIALS = (
    "client_id",
    "client_secret",
    "client_certificate",
    "client_private_key",
    "client_private_key_passphrase",
    "access_token",
)
ADDRESSES = ("data_center", "api_url", "token_url")
_SECRET = ("client_secret", "client_private_key", "client_private_key_passphrase", "access_token")
_FILES = ("client_certificate", "client_private_key")


def environment_name(option: str) -> str:
    """The variable that an option falls back to."""
    return f"CLOUDBACKUP_{option.upper()}"


def _from_environment(option: str) -> str:
    """A fallback for Ansible. An empty variable is not set: AWX renders an omitted field so."""
    value = os.environ.get(environment_name(option), "")
    if not value.strip() or (option == "ca_path" and _is_empty_file(value)):
        raise AnsibleFallbackNotFound
    return value


def _fallback(option: str) -> dict[str, Any]:
    return {"fallback": (_from_environment, [option])}


def connection_spec() -> dict[str, Any]:
    """The argument specification of the connection options, for both modules."""
    return {
        "data_center": {"type": "str", "choices": sorted(_data_centers.DATA_CENTERS)},
        "api_url": {"type": "str"},
        "token_url": {"type": "str", "no_log": False},
        "api_version": {"type": "str", "choices": ["v1", "v2"], "default": "v1", **_fallback("api_version")},
        "client_id": {"type": "str"},
        "client_secret": {"type": "str", "no_log": True},
        # A PEM text may hold the key beside the certificate.
        "client_certificate": {"type": "str", "no_log": True},
        "client_private_key": {"type": "str", "no_log": True},
        "client_private_key_passphrase": {"type": "str", "no_log": True},
        "access_token": {"type": "str", "no_log": True},
        "validate_certs": {"type": "bool", "default": True, **_fallback("validate_certs")},
        "ca_path": {"type": "path", **_fallback("ca_path")},
        "timeout": {"type": "int", "default": 30, **_fallback("timeout")},
        "retries": {"type": "int", "default": 4, **_fallback("retries")},
        "page_size": {"type": "int", "default": 100, **_fallback("page_size")},
        "concurrency": {"type": "int", "default": 4, **_fallback("concurrency")},
    }


def connection(
    parameters: Mapping[str, Any], environment: Mapping[str, str], secrets: _secrets.Secrets
) -> _connection.Connection:
    """The connection that parameters and environment describe; ``secrets`` is told every secret of either.

    :raises _errors.Error: arguments, naming the option.
    """
    secrets.add(*(parameters.get(option) for option in _SECRET))
    secrets.add(*(environment.get(environment_name(option)) for option in _SECRET))
    address = _one_set(ADDRESSES, parameters, environment)
    held = _one_set(CREDENTIALS, parameters, environment)
    _refuse_broken_text({**address, **held})
    api_url, token_url = _urls(address)
    credentials = _credentials(held, secrets)
    if not token_url and not isinstance(credentials, auth.ReadyToken):
        raise errors.Error("arguments", "token_url is required with api_url, unless access_token is given")
    return _connection.Connection(
        api_url=api_url,
        token_url=token_url,
        credentials=credentials,
        api_version=parameters["api_version"],
        data_center=address["data_center"].strip().lower() if "data_center" in address else None,
        verify=_verify(parameters["validate_certs"], parameters["ca_path"]),
        timeout=_within("timeout", parameters, 1, 3_600),
        retries=_within("retries", parameters, 0, 20),
        page_size=_within("page_size", parameters, 1, 10_000),
        concurrency=_within("concurrency", parameters, 1, 64),
    )


def _one_set(options: tuple[str, ...], parameters: Mapping[str, Any], environment: Mapping[str, str]) -> dict[str, str]:
    """The options of a set that are set: all from the task, or, where it sets none, all from the environment."""
    given = {option: parameters.get(option) for option in options}
    found = {option: environment.get(environment_name(option)) for option in options}
    return _set_ones(given) or _set_ones(found)


def _set_ones(values: Mapping[str, Any]) -> dict[str, str]:
    return {
        option: value
        for option, value in values.items()
        if isinstance(value, str) and value.strip() and not (option in _FILES and _is_empty_file(value))
    }


def _refuse_broken_text(values: Mapping[str, str]) -> None:
    for option, value in values.items():
        # A path may be of any bytes.
        if option not in _FILES and any("\ud800" <= character <= "\udfff" for character in value):
            raise errors.Error("arguments", f"{option} is not UTF-8 text")


def _is_empty_file(value: str) -> bool:
    # A PEM text is no path: too long a name for some systems, hence the ValueError and OSError of isfile's kin.
    if "\n" in value or "\0" in value or value.lstrip().startswith("-----BEGIN"):
        return False
    path = os.path.expanduser(value)
    return os.path.isfile(path) and os.path.getsize(path) == 0


def _urls(address: Mapping[str, str]) -> tuple[str, str]:
    if "data_center" in address:
        extra = [option for option in ("api_url", "token_url") if option in address]
        if extra:
            raise errors.Error(
                "arguments", f"data_center already gives both URLs: leave out either it or {' and '.join(extra)}"
            )
        code = address["data_center"].strip().lower()
        if code not in _data_centers.DATA_CENTERS:
            raise errors.Error(
                "arguments",
                f"data_center {code!r} is not known; it is one of {', '.join(sorted(_data_centers.DATA_CENTERS))}",
            )
        return _data_centers.DATA_CENTERS[code]
    if "api_url" not in address:
        raise errors.Error(
            "arguments",
            "no address: give data_center or api_url (with token_url), as an option or as "
            f"{environment_name('data_center')} or {environment_name('api_url')} in the environment",
        )
    token_url = address.get("token_url")
    return _url("api_url", address["api_url"]).rstrip("/"), _url("token_url", token_url) if token_url else ""


def _url(option: str, text: str) -> str:
    """An address that a token or a secret may be sent to."""
    text = text.strip()
    try:
        parts = urllib.parse.urlsplit(text)
        host, _port = parts.hostname, parts.port
    except ValueError as error:
        raise errors.Error("arguments", f"{option} is no URL: {error}") from None
    if parts.scheme not in ("https", "http") or not host:
        raise errors.Error("arguments", f"{option} must be an https URL with a host, such as https://host.example")
    # What follows may hold a password, so the URL itself is not repeated.
    if "@" in parts.netloc:
        raise errors.Error("arguments", f"{option} must not carry a user name or password")
    if parts.query or parts.fragment or any(character.isspace() or character == "\\" for character in text):
        raise errors.Error("arguments", f"{option} must be a plain URL without query, fragment, spaces or backslashes")
    if parts.scheme == "http" and not transport.is_loopback(host):
        raise errors.Error("arguments", f"{option} must be https: http is accepted for loopback alone, not for {host}")
    return text


def _credentials(given: Mapping[str, str], secrets: _secrets.Secrets) -> auth.Credentials:
    kinds = {
        "access_token": "access_token" in given,
        "client_secret": "client_secret" in given,
        "client_certificate": "client_certificate" in given or "client_private_key" in given,
    }
    chosen = [kind for kind, is_given in kinds.items() if is_given]
    if len(chosen) > 1:
        raise errors.Error("arguments", f"{' and '.join(chosen)} exclude each other: give one kind of credentials")
    if not chosen:
        missing = "client_secret or client_certificate" if "client_id" in given else "client_id with client_secret"
        raise errors.Error(
            "arguments",
            f"no credentials: give {missing}, or access_token, as options or as {environment_name('client_id')}, "
            f"{environment_name('client_secret')} and so on in the environment",
        )
    if chosen == ["access_token"]:
        return auth.ReadyToken(_header_safe("access_token", given["access_token"].strip()), given.get("client_id"))
    if "client_id" not in given:
        raise errors.Error("arguments", f"client_id is missing: {chosen[0]} needs it")
    if chosen == ["client_secret"]:
        return auth.ClientSecret(given["client_id"], given["client_secret"])
    for option in _FILES:
        if option not in given:
            raise errors.Error(
                "arguments", f"{option} is missing: client_certificate and client_private_key go together"
            )
    key = _pem("client_private_key", given["client_private_key"])
    secrets.add(key)
    return auth.ClientCertificate(
        given["client_id"],
        _pem("client_certificate", given["client_certificate"]),
        key,
        given.get("client_private_key_passphrase"),
    )


def _header_safe(option: str, value: str) -> str:
    if not value.isascii() or not value.isprintable() or " " in value:
        raise errors.Error("arguments", f"{option} has characters that no token has")
    return value


def _pem(option: str, value: str) -> str:
    """PEM text as given, or read from the path that was given."""
    if "-----BEGIN" in value:
        return value
    try:
        with open(os.path.expanduser(value), encoding="utf-8") as file:
            return file.read(1024 * 1024)
    except (OSError, ValueError) as error:
        # The value itself is not shown: it may be a broken PEM text.
        reason = getattr(error, "strerror", None) or "not a text file"
        raise errors.Error(
            "arguments", f"{option} is neither PEM text nor the path of a readable file: {reason}"
        ) from None


def _verify(validate_certs: bool, ca_path: str | None) -> bool | str:
    if not validate_certs:
        return False
    if not ca_path:
        return True
    if not os.path.exists(ca_path):
        raise errors.Error("arguments", f"ca_path {ca_path} does not exist on the machine that runs the task")
    return True if _is_empty_file(ca_path) else ca_path


def _within(option: str, parameters: Mapping[str, Any], least: int, most: int) -> int:
    value: int = parameters[option]
    if not least <= value <= most:
        raise errors.Error("arguments", f"{option} must be {least} to {most}, not {value}")
    return value
