# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The server's error text for a failure, and the ids that the vendor's support needs.

The text is not masked: callers pass it as a quote, which is dropped if it contains a secret."""

from __future__ import annotations

import json
import re
from typing import Any

from . import errors
from .body import Response

_WORD_FIELDS = ("error_description", "message", "detail", "title", "error", "errors", "description")
_DEPTH = 5
_REQUEST_ID_HEADERS = ("X-Request-Id", "Request-Id", "X-Correlation-Id")
_TRACE_ID_HEADERS = ("X-Trace-Id", "Traceparent")


def words(response: Response) -> str:
    """Return the server's error text for a failure."""
    body = response.body[: 64 * 1024].decode("utf-8", "replace")
    try:
        text = spoken(json.loads(body))
    except (ValueError, RecursionError):
        title = re.search(r"<title[^>]*>(.*?)</title>", body, re.IGNORECASE | re.DOTALL)
        is_markup = body.lstrip().startswith("<")
        text = f"an HTML page titled {title[1].strip()!r}" if title else "a page of markup" if is_markup else body
    location = response.headers.get("Location") if 300 <= response.status < 400 else None
    return (f"redirect to {location}" if location else text)[: errors.QUOTE_LIMIT] or "the server gave no reason"


def token_words(response: Response) -> str:
    """Return the error text of the token endpoint. A successful response may contain a token, so it is not quoted."""
    return "its body may contain a token and is not shown" if response.status < 300 else words(response)


def spoken(payload: Any, depth: int = _DEPTH) -> str:
    """Return the messages in an error object of any common shape, down to a limited depth."""
    if isinstance(payload, str):
        return payload
    if isinstance(payload, list) and depth:
        return "; ".join(filter(None, (spoken(item, depth - 1) for item in payload[:5])))
    if isinstance(payload, dict) and depth:
        folded = {str(key).lower(): value for key, value in payload.items()}
        found = [_labelled(name, spoken(folded[name], depth - 1)) for name in _WORD_FIELDS if folded.get(name)]
        code = folded.get("error")
        if isinstance(code, str) and found and code != found[0]:
            found = [code, *(item for item in found if item != code)]
        subject = _subject(folded) if depth < _DEPTH else ""
        return ": ".join(dict.fromkeys(filter(None, [subject, *found])))
    return ""


def _labelled(name: str, text: str) -> str:
    """Return messages with the name of their list as prefix."""
    return f"{name}: {text}" if name == "errors" and text else text


def _subject(error: dict[str, Any]) -> str:
    """Return the code and the request field of a single error of v2."""
    code, field = (
        str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
        for value in (error.get("code"), error.get("field"))
    )
    return f"{code} ({field})" if code and field else code or field


def ids(response: Response, payload: Any = None) -> tuple[str | None, str | None]:
    """Return the request id and the trace id that the vendor's support needs, from the body (v2) or a header."""
    if payload is None:
        try:
            payload = json.loads(response.body) if len(response.body) < 64 * 1024 else None
        except (ValueError, RecursionError):
            payload = None
    folded = {key.lower(): value for key, value in payload.items()} if isinstance(payload, dict) else {}
    return (
        _identifier(folded.get("requestid"), response, _REQUEST_ID_HEADERS),
        _identifier(folded.get("traceid"), response, _TRACE_ID_HEADERS),
    )


def _identifier(sent: Any, response: Response, names: tuple[str, ...]) -> str | None:
    candidates = [sent, *(response.headers.get(name) for name in names)]
    return next((item[: errors.QUOTE_LIMIT] for item in candidates if isinstance(item, str) and item.strip()), None)
