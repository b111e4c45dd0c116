# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The errors for exceptions of requests, urllib3, ssl or zlib, with the text of the root exception.

The outer exceptions contain URLs and class names, and the URL of a proxy may contain a password. The text of the root
is a quote, which is dropped if it contains a secret.
"""

from __future__ import annotations

import re
import socket
import ssl
import zlib

from . import body, errors

try:
    import requests
    import urllib3
except ImportError:
    pass  # session.IMPORT_ERROR reports it


def explained(error: Exception, timeout: float) -> errors.Error:
    """Return the error for an exception."""
    root = _root(error)
    # In Python 3.9 socket.timeout is not a TimeoutError.
    if isinstance(error, requests.exceptions.Timeout) or isinstance(root, (TimeoutError, socket.timeout)):
        return body.timed_out(timeout)
    kind, sentence = _meaning(error, root)
    reason = _reason(root)
    return errors.Error(kind, f"{sentence}: {reason}" if reason else sentence, quotes=(reason,) if reason else ())


def _meaning(error: Exception, root: BaseException) -> tuple[str, str]:
    """Return the kind of the error and its message."""
    if isinstance(root, ssl.SSLError) and not isinstance(root, (ssl.SSLEOFError, ssl.SSLZeroReturnError)):
        return "tls", "TLS failed"
    if isinstance(error, requests.exceptions.SSLError) and not isinstance(root, (ssl.SSLError, OSError)):
        # urllib3's own host name check does not raise an ssl.SSLError.
        return "tls", "TLS failed"
    if isinstance(error, _invalid_urls()) or isinstance(root, _invalid_urls()):
        return "connection", "the URL of the server, or of the proxy in the environment, is invalid"
    if isinstance(error, requests.exceptions.ProxyError):
        return "connection", "the connection to the proxy in the environment failed"
    if isinstance(error, zlib.error):
        return "unexpected_answer", "the body is not gzip, but its Content-Encoding header is"
    connection_errors = (
        requests.exceptions.ConnectionError,
        requests.exceptions.ChunkedEncodingError,
        urllib3.exceptions.HTTPError,
        OSError,
    )
    if isinstance(error, connection_errors):
        return "connection", "the connection failed"
    return "unexpected_answer", "the answer could not be read"


def _invalid_urls() -> tuple[type[BaseException], ...]:
    """Return the exceptions that contain parts of a URL, even one cut inside the password of a proxy."""
    return (
        requests.exceptions.InvalidURL,
        requests.exceptions.InvalidSchema,
        requests.exceptions.MissingSchema,
        urllib3.exceptions.LocationValueError,
        UnicodeError,
    )


def _root(error: BaseException) -> BaseException:
    """Return the innermost exception, from ``reason``, ``args`` or the chain."""
    seen = set()
    while id(error) not in seen:
        seen.add(id(error))
        inner = [getattr(error, "reason", None), *reversed(error.args), error.__cause__, error.__context__]
        error = next((item for item in inner if isinstance(item, BaseException)), error)
    return error


def _reason(root: BaseException) -> str:
    """Return the reason of an exception; empty if its text may contain a URL or a part of one."""
    text = getattr(root, "verify_message", None) or getattr(root, "strerror", None)
    if not text and isinstance(root, _invalid_urls()):
        return ""
    text = str(text or root)
    if text.startswith("invalid literal for int()"):
        # Python shortens its quote of the server to 200 characters, which may be half of a token.
        return "the server's HTTP response has an invalid number"
    # An ssl.SSLError ends with the place in Python's C source.
    text = re.sub(r" \(_ssl\.c:[0-9]+\)$", "", text[: errors.QUOTE_LIMIT])
    return type(root).__name__ if not text or re.search(r"://|@|%40", text) else text
