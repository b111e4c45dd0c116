# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The errors for responses that reject a request."""

from __future__ import annotations

import json
from typing import Any

from . import errors, retry, words
from .body import Response


def refusal(response: Response, attempts: int) -> errors.Error:
    """Return the error for a response of the API with a status other than 200."""
    return _refused(errors.kind_of_status(response.status), response, words.words(response), attempts)


def token_refusal(response: Response, attempts: int) -> errors.Error:
    """Return the error for a response of the token endpoint with a status other than 200 (OAuth 2.0, RFC 6749 5.2)."""
    kind = errors.kind_of_status(response.status)
    if response.status in (400, 401, 403):
        kind = "permission" if _oauth_error(response) == "invalid_scope" else "authentication"
    return _refused(kind, response, words.token_words(response), attempts)


def _refused(kind: str, response: Response, reason: str, attempts: int) -> errors.Error:
    request_id, trace_id = words.ids(response)
    hint = None
    if 300 <= response.status < 400:
        hint = "Redirects are never followed: check the URL, and whether a proxy or a login page is in between."
    pause = retry.retry_after(response.headers, response.received_at) or 0.0
    asked = ""
    if pause > retry.RETRY_AFTER_CAP:
        asked = f" (it asks for a delay of {pause:.0f} s; {retry.RETRY_AFTER_CAP:.0f} s is the maximum)"
    return errors.Error(
        kind,
        f"HTTP status {response.status}{asked}: {reason}",
        status=response.status,
        request_id=request_id,
        trace_id=trace_id,
        attempts=attempts,
        hint=hint,
        quotes=(reason,),
    )


def _oauth_error(response: Response) -> Any:
    try:
        payload = json.loads(response.body)
    except (ValueError, RecursionError):
        return None
    return payload.get("error") if isinstance(payload, dict) else None
