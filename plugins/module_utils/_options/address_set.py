# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The address set: API URL and token URL, from a data center or given directly."""

from __future__ import annotations

import urllib.parse
from collections.abc import Mapping

from .. import _names
from .._http import errors
from .._http.session import is_loopback
from .values import environment_name


def urls(address: Mapping[str, str]) -> tuple[str, str]:
    """Return the API URL and the token URL, which may be empty."""
    if "data_center" in address:
        extra = [option for option in ("api_url", "token_url") if option in address]
        if extra:
            raise errors.Error(
                "arguments", f"data_center already determines both URLs: leave out either it or {' and '.join(extra)}"
            )
        code = address["data_center"].lower()
        if code not in _names.DATA_CENTERS:
            raise errors.Error(
                "arguments",
                f"data_center {errors.one_line(code, 40)!r} is unknown; expected one of "
                f"{', '.join(sorted(_names.DATA_CENTERS))}",
                quotes=(repr(errors.one_line(code, 40)),),
            )
        return _names.DATA_CENTERS[code]
    if "api_url" not in address:
        raise errors.Error(
            "arguments",
            "no address: give data_center or api_url (with token_url), as an option or as "
            f"{environment_name('data_center')} or {environment_name('api_url')} in the environment",
        )
    token_url = address.get("token_url")
    return _url("api_url", address["api_url"]).rstrip("/"), _url("token_url", token_url) if token_url else ""


def _url(option: str, text: str) -> str:
    """Return an address that is allowed to receive a token or a secret."""
    try:
        parts = urllib.parse.urlsplit(text)
        host, _port = parts.hostname, parts.port
    except ValueError:
        # Without Python's message, which may quote the password of a URL.
        raise errors.Error("arguments", f"{option} is not a URL: its host or its port is invalid") from None
    if parts.scheme not in ("https", "http") or not host:
        raise errors.Error("arguments", f"{option} must be an https URL with a host, such as https://host.example")
    # The rest of the URL may contain a password, so messages do not quote it.
    if "@" in parts.netloc:
        raise errors.Error("arguments", f"{option} must not contain a user name or password")
    if parts.query or parts.fragment or any(character.isspace() or character == "\\" for character in text):
        raise errors.Error("arguments", f"{option} must be a plain URL without query, fragment, spaces or backslashes")
    if parts.scheme == "http" and not is_loopback(host):
        raise errors.Error(
            "arguments", f"{option} must be https: http is accepted for loopback only, not for {host}", quotes=(host,)
        )
    return text
