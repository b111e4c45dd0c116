# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""From the parameters of a task and the environment to a connection."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from .. import _names
from .._http import errors, tls
from .._http.connection import Connection
from .._http.credentials import ReadyToken
from .._http.secrets import Secrets
from . import address_set, credential_set, values


def connect(parameters: Mapping[str, Any], environment: Mapping[str, str], secrets: Secrets) -> Connection:
    """Return the connection, and add every secret of parameters and environment to ``secrets``.

    :raises errors.Error: arguments, naming the option.
    """
    given = {option: parameters.get(option) for option in _names.CONNECTION_OPTIONS}
    secrets.add_options(given, environment)
    address = values.one_set(_names.ADDRESS_OPTIONS, parameters, environment)
    held = values.one_set(_names.CREDENTIAL_OPTIONS, parameters, environment)
    # Also without surrounding blanks
    secrets.add_options(held, {})
    values.refuse_broken_text({**address, **held})
    api_url, token_url = address_set.urls(address)
    credentials = credential_set.credentials(held, secrets)
    if not token_url and not isinstance(credentials, ReadyToken):
        raise errors.Error("arguments", "token_url is required with api_url, unless access_token is given")
    return Connection(
        api_url=api_url,
        token_url=token_url,
        credentials=credentials,
        api_version=parameters["api_version"],
        data_center=address["data_center"].lower() if "data_center" in address else None,
        verify=_verify(parameters["validate_certs"], parameters["ca_path"]),
        timeout=_within("timeout", parameters, 1, 3_600),
        retries=_within("retries", parameters, 0, 20),
        page_size=_within("page_size", parameters, 1, 10_000),
        concurrency=_within("concurrency", parameters, 1, 64),
    )


def _verify(validate_certs: bool, ca_path: str | None) -> bool | str:
    if not validate_certs:
        return False
    ca_path = values.trimmed(ca_path or "")
    if not ca_path:
        return True
    if not os.path.exists(ca_path):
        raise errors.Error(
            "arguments", f"ca_path {ca_path} does not exist on the machine that runs the task", quotes=(ca_path,)
        )
    if values.is_empty_file(ca_path):
        return True
    tls.refuse_unusable(ca_path)
    return ca_path


def _within(option: str, parameters: Mapping[str, Any], least: int, most: int) -> int:
    value: int = parameters[option]
    if not least <= value <= most:
        raise errors.Error("arguments", f"{option} must be {least} to {most}, not {value}")
    return value
