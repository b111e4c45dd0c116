# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""OAuth 2.0 client credentials: from credentials to a bearer token for one scope (api.md)."""

from __future__ import annotations

import re
import threading
import time
from typing import Any, Callable

from . import errors
from .credentials import ClientCertificate, ClientSecret, Credentials, ReadyToken


def assertion_library() -> Any:
    """Return the module that signs assertions.

    :raises errors.Error: missing_library, if PyJWT or cryptography is missing.
    """
    from . import assertion

    if assertion.IMPORT_ERROR is not None:
        raise errors.Error(
            "missing_library",
            f"client_certificate needs the Python libraries PyJWT and cryptography ({assertion.IMPORT_ERROR})",
        )
    return assertion


class Tokens:
    """The tokens of one run, one for each scope, as in public clients of this API (api.md).

    :param fetch: function that posts a form to the token URL and returns the token.
    """

    def __init__(self, credentials: Credentials, token_url: str, fetch: Callable[[dict[str, str]], str]) -> None:
        self._credentials = credentials
        self._token_url = token_url
        self._fetch = fetch
        self._held: dict[str, str] = {}
        self._failure: errors.Error | None = None
        self._lock = threading.Lock()

    def token(self, scope: str) -> str:
        """Return a token for the scope, fetched at first use."""
        if isinstance(self._credentials, ReadyToken):
            return self._credentials.access_token
        with self._lock:
            if self._failure is not None:
                raise self._failure
            try:
                if scope not in self._held:
                    self._held[scope] = self._fetch(self._form(self._credentials, scope))
            except errors.Error as error:
                # Threads that wait for the same token use this one.
                self._failure = error
                raise
            return self._held[scope]

    def renew(self, scope: str, refused: str) -> bool:
        """Forget a rejected token, so that the next use fetches another; return False if that is not possible."""
        if isinstance(self._credentials, ReadyToken):
            return False
        with self._lock:
            # Another thread may have renewed it already.
            if self._held.get(scope) == refused:
                del self._held[scope]
        return True

    def _form(self, credentials: ClientSecret | ClientCertificate, scope: str) -> dict[str, str]:
        form = {"grant_type": "client_credentials", "client_id": credentials.client_id, "scope": scope}
        if isinstance(credentials, ClientSecret):
            return {**form, "client_secret": credentials.client_secret}
        assertion = assertion_library()
        signed = assertion.sign(
            credentials.client_id,
            credentials.certificate,
            credentials.private_key,
            credentials.passphrase,
            self._token_url,
            int(time.time()),
            assertion.fresh_id(),
        )
        return {**form, "client_assertion_type": assertion.TYPE, "client_assertion": signed}


def access_token(answer: Any) -> str:
    """Return the token from the decoded response of the token endpoint.

    :raises errors.Error: unexpected_answer, without quotes, since any part of the response may be a token.
    """
    if not isinstance(answer, dict):
        raise errors.Error("unexpected_answer", "the token endpoint returned JSON that is not an object")
    token, kind = answer.get("access_token"), answer.get("token_type", "Bearer")
    # It becomes a header: only visible ASCII, or a hostile endpoint could add headers.
    if not isinstance(token, str) or not re.fullmatch(r"[\x21-\x7e]+", token):
        raise errors.Error("unexpected_answer", "the token endpoint returned no usable access_token")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise errors.Error("unexpected_answer", "the token endpoint returned a token that is not a bearer token")
    return token
