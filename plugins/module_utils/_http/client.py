# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Authenticated GET requests to the API: decoded JSON, or an error with a hint.

Independent of Ansible and of the content of the JSON.
"""

from __future__ import annotations

import contextlib
import os
import random
import threading
import time
from typing import Any, Callable, TypeVar

from .. import _names, _time
from . import answers, auth, bounds, errors, hints, refusals, retry, words
from .body import Response
from .connection import Connection
from .pool import STEP
from .secrets import Secrets
from .transport import Transport

_ID_LIMIT = 100
_NO_MEMORY = "the answer is too large or too deeply nested for the memory of this process"
_Decoded = TypeVar("_Decoded")


class Traffic:
    """The requests to the API so far; token requests are not counted.

    For the responses that were used, ``server_time`` (Unix seconds) is the first Date, ``clock_offset_seconds`` the
    largest difference between a Date and the arrival of its headers, ``age_seconds`` the largest Age, and
    ``request_ids`` the first and the last id. The largest values show a single response that came from a cache or from
    a node with a wrong clock, regardless of the order of responses.
    """

    def __init__(self) -> None:
        self.requests = 0
        self.retries = 0
        self.server_time: int | None = None
        self.clock_offset_seconds: int | None = None
        self.age_seconds: int | None = None
        self.request_ids: list[str] = []
        self.lock = threading.Lock()

    def described(self) -> dict[str, Any]:
        """Return the values as in a result."""
        server_time = None if self.server_time is None else _time.unix_to_iso(self.server_time)
        return {
            "requests": self.requests,
            "retries": self.retries,
            "server_time": server_time,
            "clock_offset_seconds": self.clock_offset_seconds,
            "age_seconds": self.age_seconds,
            "request_ids": list(self.request_ids),
        }

    def note(self, response: Response) -> None:
        """Record the times and id of a response that is used."""
        date = _time.from_http_date(response.headers.get("Date", ""))
        age = answers.age(response)
        with self.lock:
            if date is not None:
                offset = date - int(response.received_at)
                if self.server_time is None:
                    self.server_time = date
                if self.clock_offset_seconds is None or abs(offset) > abs(self.clock_offset_seconds):
                    self.clock_offset_seconds = offset
            if age is not None:
                self.age_seconds = max(age, self.age_seconds or 0)


class Client:
    """One connection to the API.

    :param secrets: every token and assertion is added, so that the caller can mask them in its output.
    """

    def __init__(
        self,
        connection: Connection,
        secrets: Secrets,
        *,
        pause: Callable[[float], None] | None = None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.connection = connection
        # For messages: a URL may contain a secret by mistake
        self._shown = connection._replace(
            api_url=secrets.clean(connection.api_url), token_url=secrets.clean(connection.token_url)
        )
        self.traffic = Traffic()
        self._secrets = secrets
        # The connections that the requests will use
        secrets.add_proxies(os.environ)
        self._stopped = threading.Event()
        self._one_large = threading.RLock()
        self._has_large = False
        self._pause = pause or self._wait
        self._jitter = jitter
        self._transport = Transport(
            verify=connection.verify,
            timeout=connection.timeout,
            user_agent=f"ansible-collection-{_names.COLLECTION}/{_names.VERSION}",
            connections=connection.concurrency,
        )
        self._tokens = auth.Tokens(connection.credentials, connection.token_url, self._fetch_token)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_reason: object) -> None:
        """Cancel waiting requests and close every connection, so that nothing outlives the task."""
        self.stop()
        self._transport.close()

    def get(
        self,
        path: str,
        parameters: dict[str, Any],
        scope: str,
        decode: Callable[[Any], _Decoded],
        bound: bounds.Bound = bounds.OBJECT,
    ) -> _Decoded:
        """Request a path of the API and return the result of ``decode`` for the JSON.

        :raises errors.Error: with method, url, status, ids and attempts, as far as they are known.
        """
        url = self.connection.api_url + path
        try:
            return self._get(url, parameters, scope, decode, bound)
        except errors.Error as error:
            shown = self._shown
            failure = self._explained(error, "GET", shown.api_url + path, hints.api(shown, scope))
        # Without its cause: the frames of the traceback would keep the whole response in memory
        failure.__context__ = failure.__traceback__ = None
        raise failure

    def stop(self) -> None:
        """Cancel waiting retries, because another request has failed."""
        self._stopped.set()

    def _wait(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._stopped.wait(min(left, STEP))
            self._refuse_when_stopped()

    def _get(
        self,
        url: str,
        parameters: dict[str, Any],
        scope: str,
        decode: Callable[[Any], _Decoded],
        bound: bounds.Bound,
    ) -> _Decoded:
        """Read small responses concurrently. Request a large response again and read it alone."""
        if not self._has_large:
            response, attempts = self._authorized(url, parameters, scope, bound.size, bound.side_by_side)
            if not response.is_cut:
                return self._decoded(response, attempts, decode, bound)
        if not self._has_large:
            self._has_large = True
            bounds.return_large_blocks()
        with self._one_large:
            self._refuse_when_stopped()
            return self._decoded(*self._authorized(url, parameters, scope, bound.size, None), decode, bound)

    def _authorized(
        self, url: str, parameters: dict[str, Any], scope: str, limit: int, side_by_side: int | None
    ) -> tuple[Response, int]:
        """Return a successful response and the number of attempts."""
        attempts = 0
        for renewed in (False, True):
            token = self._tokens.token(scope)
            self._secrets.add(token)

            def send(token: str = token) -> Response:
                with self.traffic.lock:
                    self.traffic.requests += 1
                # A cached response would be evaluated as the current state (RFC 9111).
                headers = {"Authorization": f"Bearer {token}", "Cache-Control": "no-cache", "Pragma": "no-cache"}
                return self._transport.exchange(
                    "GET", url, headers=headers, parameters=parameters, limit=limit, side_by_side=side_by_side
                )

            response, tries = self._deliver(send)
            attempts += tries
            with self.traffic.lock:
                self.traffic.retries += tries - 1
            # A token may expire while a long list is read: get one new token and retry the page.
            if response.status != 401 or renewed or not self._tokens.renew(scope, token):
                break
        if response.status != 200:
            raise refusals.refusal(response, attempts)
        return response, attempts

    def _decoded(
        self, response: Response, attempts: int, decode: Callable[[Any], _Decoded], bound: bounds.Bound
    ) -> _Decoded:
        payload = None
        try:
            is_large = bounds.refuse_beyond(response.body, bound) > bounds.LARGE
            with self._one_large if is_large else contextlib.nullcontext():
                payload = answers.decode(response, words.words)
                decoded = decode(payload)
        except errors.Error as error:
            raise _with_answer(error, response, attempts, payload) from None
        except (MemoryError, RecursionError):
            payload = None
            raise _with_answer(errors.Error("unexpected_answer", _NO_MEMORY), response, attempts) from None
        self.traffic.note(response)
        request_id, _trace_id = words.ids(response, payload)
        if request_id:
            shown = errors.one_line(self._secrets.clean(request_id), _ID_LIMIT)
            with self.traffic.lock:
                self.traffic.request_ids[1:] = [shown]
        return decoded

    def _refuse_when_stopped(self) -> None:
        if self._stopped.is_set():
            raise errors.Error("connection", "cancelled, because another request failed")

    def _fetch_token(self, form: dict[str, str]) -> str:
        url = self.connection.token_url
        self._secrets.add(form.get("client_assertion"))
        try:
            return _issued(
                *self._deliver(
                    lambda: self._transport.exchange("POST", url, headers={}, form=form, limit=bounds.TOKEN.size)
                )
            )
        except errors.Error as error:
            shown = self._shown
            raise self._explained(error, "POST", shown.token_url, hints.token(shown, form["scope"])) from None

    def _deliver(self, send: Callable[[], Response]) -> tuple[Response, int]:
        return retry.deliver(send, retries=self.connection.retries, pause=self._pause, jitter=self._jitter)

    def _explained(self, error: errors.Error, method: str, url: str, by_kind: dict[str, str]) -> errors.Error:
        """Return the error with its place and a hint, without secrets."""
        if error.failure.method is not None or error.failure.kind == "arguments":
            return error  # complete already: from a token request, or from a key that cannot sign (nothing was sent)
        error = error.with_facts(method=method, url=url, hint=by_kind.get(error.failure.kind))
        attempts = error.failure.attempts or 1
        tried = f"after {attempts} attempts, " if attempts > 1 else ""
        # The message of another status contains it.
        status = "HTTP status 200: " if error.failure.status == 200 else ""
        # The prefix is added last, so that the masking never removes it
        return error.presentable(self._secrets).prefixed(f"{method} {url}: {tried}{status}").shortened()


def _issued(response: Response, attempts: int) -> str:
    """Return the token from a response of the token endpoint."""
    if response.status != 200:
        raise refusals.token_refusal(response, attempts)
    try:
        bounds.refuse_beyond(response.body, bounds.TOKEN)
        return auth.access_token(answers.decode(response, words.token_words))
    except errors.Error as error:
        raise _with_answer(error, response, attempts) from None


def _with_answer(error: errors.Error, response: Response, attempts: int, payload: Any = None) -> errors.Error:
    """Return an error about a successful response, with the details of that response."""
    request_id, trace_id = words.ids(response, payload)
    return error.with_facts(status=response.status, request_id=request_id, trace_id=trace_id, attempts=attempts)
