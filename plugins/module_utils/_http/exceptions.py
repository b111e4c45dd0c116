# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""What an exception of requests, urllib3, ssl or zlib means, in the words of its root.

The outer exceptions repeat URLs and class names, and a proxy's URL may hold a password.
"""

from __future__ import annotations

import re
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
    reason = _reason(root)
    if isinstance(error, requests.exceptions.Timeout) or isinstance(root, TimeoutError):
        return body.timed_out(timeout)
    if isinstance(root, ssl.SSLError) and not isinstance(root, (ssl.SSLEOFError, ssl.SSLZeroReturnError)):
        return errors.Error("tls", f"TLS failed: {reason}")
    if isinstance(error, requests.exceptions.SSLError) and not isinstance(root, (ssl.SSLError, OSError)):
        # urllib3's own host name check raises no ssl.SSLError.
        return errors.Error("tls", f"TLS failed: {reason}")
    if isinstance(error, requests.exceptions.InvalidURL):
        # Not the library's words: they repeat parts of the URL, and the proxy's may hold a password.
        return errors.Error("connection", "the URL of the server or of the proxy that the environment names is invalid")
    if isinstance(error, requests.exceptions.ProxyError):
        return errors.Error("connection", f"the proxy that the environment names did not connect: {reason}")
    if isinstance(error, zlib.error):
        return errors.Error("unexpected_answer", f"the body is not the gzip that its header says: {reason}")
    connection_errors = (
        requests.exceptions.ConnectionError,
        requests.exceptions.ChunkedEncodingError,
        urllib3.exceptions.HTTPError,
        OSError,
    )
    if isinstance(error, connection_errors):
        return errors.Error("connection", f"the connection failed: {reason}")
    return errors.Error("unexpected_answer", f"the answer could not be read: {reason}")


def _root(error: BaseException) -> BaseException:
    """The innermost exception: libraries hide it in ``reason``, ``args`` or the chain."""
    seen = set()
    while id(error) not in seen:
        seen.add(id(error))
        inner = [getattr(error, "reason", None), *reversed(error.args), error.__cause__, error.__context__]
        error = next((item for item in inner if isinstance(item, BaseException)), error)
    return error


def _reason(root: BaseException) -> str:
    if str(root).startswith("invalid literal for int()"):
        # Python cuts what it quotes of the server at 200 characters, which may be half a token.
        return "the server's HTTP has no number where one belongs"
    # An ssl.SSLError ends with the place in Python's C source.
    text = getattr(root, "verify_message", None) or getattr(root, "strerror", None) or str(root) or type(root).__name__
    return re.sub(r" \(_ssl\.c:[0-9]+\)$", "", str(text)[: errors.QUOTE_LIMIT])
