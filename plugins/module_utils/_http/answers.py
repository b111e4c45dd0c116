# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""What an HTTP answer means: decoded JSON, or the error that its status and body describe."""

from __future__ import annotations

import collections
import json
import re
from typing import Any, Callable

from .._api import values
from . import errors, retry, transport

_WORD_FIELDS = ("error_description", "message", "detail", "title", "error", "errors", "description")
_REQUEST_ID_HEADERS = ("X-Request-Id", "Request-Id", "X-Correlation-Id")
_TRACE_ID_HEADERS = ("X-Trace-Id", "Traceparent")


def decode(response: transport.Response, said: Callable[[transport.Response], str]) -> Any:
    """The JSON of a 200 answer.

    :param said: the server's words where it is no JSON: C(words) or C(token_words).
    :raises _errors.Error: unexpected_answer, where it is no JSON or says that it is none.
    """
    content_type = response.headers.get("Content-Type", "")
    if not re.fullmatch(r"application/(?:[\w.+-]+\+)?json|text/json", content_type.partition(";")[0].strip().lower()):
        shown = repr(content_type[: errors.QUOTE_LIMIT]) if content_type else "no content type"
        raise errors.Error("unexpected_answer", f"the answer is not JSON but {shown}: {said(response)}")
    try:
        # Decoded here: json.loads would also take UTF-16 and swallow broken bytes of it.
        text = response.body.decode("utf-8-sig")
        payload = json.loads(text, parse_constant=_no_constant, object_pairs_hook=_fields)
        if re.search(r"\\u[dD][89a-fA-F]", text):
            _refuse_half_characters(payload)
        return payload
    except UnicodeDecodeError as error:
        raise errors.Error("unexpected_answer", f"the answer is not UTF-8 (byte {error.start})") from None
    except RecursionError:
        raise errors.Error("unexpected_answer", "the answer is nested too deeply to be read") from None
    except ValueError as error:
        raise errors.Error("unexpected_answer", f"the answer is not valid JSON: {error}") from None


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number")


def _fields(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object. The second of two fields with one name would silently win, and a failure be read as a success."""
    fields = dict(pairs)
    if len(fields) < len(pairs):
        ((name, _times),) = collections.Counter(name for name, _value in pairs).most_common(1)
        raise ValueError(f"{name!r} comes twice")
    return fields


def _refuse_half_characters(payload: Any) -> None:
    """A lone half of an escaped pair is valid JSON and no text: no result of a module could carry it."""
    try:
        json.dumps(payload, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise ValueError("a text holds half a character") from None


def refusal(response: transport.Response, attempts: int) -> errors.Error:
    """The error for an answer of the API with another status than 200."""
    return _refused(_kind(response.status), response, words(response), attempts)


def token_refusal(response: transport.Response, attempts: int) -> errors.Error:
    """The error for an answer of the token endpoint with another status than 200 (OAuth 2.0, RFC 6749 5.2)."""
    kind = _kind(response.status)
    if response.status in (400, 401, 403):
        kind = "permission" if _oauth_error(response) == "invalid_scope" else "authentication"
    return _refused(kind, response, token_words(response), attempts)


def _refused(kind: str, response: transport.Response, said: str, attempts: int) -> errors.Error:
    request_id, trace_id = ids(response)
    hint = None
    if 300 <= response.status < 400:
        hint = "Redirects are never followed: check the URL, and whether a proxy or a login page is between."
    pause = retry.retry_after(response.headers, response.received_at) or 0.0
    asked = ""
    if pause > retry.RETRY_AFTER_CAP:
        asked = f" (it asks for a pause of {pause:.0f} s; {retry.RETRY_AFTER_CAP:.0f} s is the most that is waited)"
    return errors.Error(
        kind,
        f"HTTP status {response.status}{asked}: {said}",
        status=response.status,
        request_id=request_id,
        trace_id=trace_id,
        attempts=attempts,
        hint=hint,
    )


def envelope_refusal(status: int, payload: Any) -> errors.Error:
    """The error for an envelope (v2) whose own status or errors say that the request failed."""
    kind = _kind(status) if status != 200 else "server"
    said = spoken(payload)[: errors.QUOTE_LIMIT] or "the server gave no reason"
    return errors.Error(kind, f"the answer's own status is {status}: {said}")


def lacking(field: str, payload: dict[str, Any]) -> errors.Error:
    """The error for an answer of success without what was asked for, such as one that holds a message instead."""
    said = spoken(payload)[: errors.QUOTE_LIMIT]
    told = f". The server says: {said}" if said else ""
    return errors.Error("unexpected_answer", f"the answer has no {field}: {values.shown_keys(payload)}{told}")


def _oauth_error(response: transport.Response) -> Any:
    try:
        payload = json.loads(response.body)
    except (ValueError, RecursionError):
        return None
    return payload.get("error") if isinstance(payload, dict) else None


def _kind(status: int) -> str:
    named = {401: "authentication", 403: "permission", 404: "not_found", 408: "timeout", 429: "throttled"}
    if status in named:
        return named[status]
    if 400 <= status < 500:
        return "rejected"
    return "server" if 500 <= status < 600 else "unexpected_answer"


def words(response: transport.Response) -> str:
    """The server's own words about a failure, as they are: secrets are cut out and lines made before they are shown."""
    body = response.body[: 64 * 1024].decode("utf-8", "replace")
    try:
        said = spoken(json.loads(body))
    except (ValueError, RecursionError):
        title = re.search(r"<title[^>]*>(.*?)</title>", body, re.IGNORECASE | re.DOTALL)
        is_markup = body.lstrip().startswith("<")
        said = f"an HTML page titled {title[1].strip()!r}" if title else "a page of markup" if is_markup else body
    location = response.headers.get("Location") if 300 <= response.status < 400 else None
    return (f"redirect to {location}" if location else said)[: errors.QUOTE_LIMIT] or "the server gave no reason"


def token_words(response: transport.Response) -> str:
    """The same of the token endpoint. An answer of success may hold a token, and nobody knows where."""
    return "its body may hold a token and is not shown" if response.status < 300 else words(response)


def spoken(payload: Any, depth: int = 5) -> str:
    """The sentences in an error object of any of the shapes that services use, down to a depth."""
    if isinstance(payload, str):
        return payload
    if isinstance(payload, list) and depth:
        return "; ".join(filter(None, (spoken(item, depth - 1) for item in payload[:5])))
    if isinstance(payload, dict) and depth:
        folded = {str(key).lower(): value for key, value in payload.items()}
        found = [spoken(folded[name], depth - 1) for name in _WORD_FIELDS if folded.get(name)]
        code = folded.get("error")
        if isinstance(code, str) and found and code != found[0]:
            found = [code, *(item for item in found if item != code)]
        return ": ".join(dict.fromkeys(filter(None, found)))
    return ""


def ids(response: transport.Response, payload: Any = None) -> tuple[str | None, str | None]:
    """The request id and the trace id that the vendor's support asks for: from the body (v2) or a header."""
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


def _identifier(told: Any, response: transport.Response, names: tuple[str, ...]) -> str | None:
    candidates = [told, *(response.headers.get(name) for name in names)]
    return next((item[: errors.QUOTE_LIMIT] for item in candidates if isinstance(item, str) and item.strip()), None)
