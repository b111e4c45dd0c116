# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Authenticated GETs against the API: decoded JSON, or an error that says what happened and what to do next.

Knows neither Ansible nor what the JSON holds.
"""

from __future__ import annotations

import random
import threading
from typing import Any, Callable, TypeVar

from .. import _time
from . import answers, auth, errors, retry, transport
from . import connection as _connection
from . import hints as _hints
from . import secrets as _secrets

VERSION = "0.1.0"
_ID_LIMIT = 100
_Decoded = TypeVar("_Decoded")


class Traffic:
    """What the API was asked so far; token requests are not counted.

    ``server_time`` in Unix seconds and ``clock_offset_seconds`` are those of the last answer that told its Date,
    ``request_ids`` the first and the last.
    """

    def __init__(self) -> None:
        self.requests = 0
        self.retries = 0
        self.server_time: int | None = None
        self.clock_offset_seconds: int | None = None
        self.request_ids: list[str] = []
        self.lock = threading.Lock()


class Client:
    """One connection to the API.

    :param secrets: told every token and assertion, so that the caller can keep them out of what it prints.
    """

    def __init__(
        self,
        connection: _connection.Connection,
        secrets: _secrets.Secrets,
        *,
        pause: Callable[[float], None] | None = None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.connection = connection
        self.traffic = Traffic()
        self._secrets = secrets
        self._stopped = threading.Event()
        self._pause = pause or self._wait
        self._jitter = jitter
        self._transport = transport.Transport(
            verify=connection.verify,
            timeout=connection.timeout,
            user_agent=f"ansible-collection-cloudbackup.m365/{VERSION}",
            connections=connection.concurrency,
        )
        self._tokens = auth.Tokens(connection.credentials, connection.token_url, self._fetch_token)

    def get(self, path: str, parameters: dict[str, Any], scope: str, decode: Callable[[Any], _Decoded]) -> _Decoded:
        """Ask for a path of the API and return what ``decode`` makes of the JSON.

        :raises _errors.Error: with method, url, status, ids and attempts wherever they are known.
        """
        url = self.connection.api_url + path
        try:
            return self._get(url, parameters, scope, decode)
        except errors.Error as error:
            raise self._told(error, "GET", url, _hints.api(self.connection, scope)) from None

    def stop(self) -> None:
        """Give up: another request has failed, so those that wait for their next attempt need not."""
        self._stopped.set()

    def _wait(self, seconds: float) -> None:
        if self._stopped.wait(seconds):
            raise errors.Error("connection", "given up, since another request had failed")

    def _get(self, url: str, parameters: dict[str, Any], scope: str, decode: Callable[[Any], _Decoded]) -> _Decoded:
        attempts = 0
        for renewed in (False, True):
            token = self._tokens.token(scope)
            self._secrets.add(token)

            def send(token: str = token) -> transport.Response:
                with self.traffic.lock:
                    self.traffic.requests += 1
                headers = {"Authorization": f"Bearer {token}"}
                return self._transport.exchange("GET", url, headers=headers, parameters=parameters)

            response, tries = self._deliver(send)
            attempts += tries
            with self.traffic.lock:
                self.traffic.retries += tries - 1
            # A token may expire while a long list is read: one new token, and the page again.
            if response.status != 401 or renewed or not self._tokens.renew(scope, token):
                break
        self._note(response)
        if response.status != 200:
            raise answers.refusal(response, attempts)
        payload = None
        try:
            payload = answers.decode(response, answers.words)
            decoded = decode(payload)
        except errors.Error as error:
            raise _answered(error, response, attempts, payload) from None
        request_id, _trace_id = answers.ids(response, payload)
        if request_id:
            shown = errors.one_line(self._secrets.cut(request_id), _ID_LIMIT)
            with self.traffic.lock:
                self.traffic.request_ids[1:] = [shown]
        return decoded

    def _fetch_token(self, form: dict[str, str]) -> str:
        url = self.connection.token_url
        self._secrets.add(form.get("client_assertion"))
        try:
            return _issued(*self._deliver(lambda: self._transport.exchange("POST", url, headers={}, form=form)))
        except errors.Error as error:
            raise self._told(error, "POST", url, _hints.token(self.connection, form["scope"])) from None

    def _deliver(self, send: Callable[[], transport.Response]) -> tuple[transport.Response, int]:
        return retry.deliver(send, retries=self.connection.retries, pause=self._pause, jitter=self._jitter)

    def _note(self, response: transport.Response) -> None:
        told = _time.from_http_date(response.headers.get("Date", ""))
        if told is not None:
            self.traffic.server_time = told
            self.traffic.clock_offset_seconds = told - int(response.received_at)

    def _told(self, error: errors.Error, method: str, url: str, hints: dict[str, str]) -> errors.Error:
        """The error with where it happened and what to do, free of secrets."""
        if error.failure.method is not None or error.failure.kind == "arguments":
            return error  # told already, by the token request of a GET; or a key that cannot sign, so nothing was sent
        error = error.with_facts(method=method, url=url, hint=hints.get(error.failure.kind))
        attempts = error.failure.attempts or 1
        tried = f"after {attempts} attempts, " if attempts > 1 else ""
        # A refusal tells its status itself.
        status = "HTTP status 200: " if error.failure.status == 200 else ""
        return error.prefixed(f"{method} {url}: {tried}{status}").presentable(self._secrets.cut)


def _issued(response: transport.Response, attempts: int) -> str:
    """The token in an answer of the token endpoint."""
    if response.status != 200:
        raise answers.token_refusal(response, attempts)
    try:
        return auth.access_token(answers.decode(response, answers.token_words))
    except errors.Error as error:
        raise _answered(error, response, attempts) from None


def _answered(error: errors.Error, response: transport.Response, attempts: int, payload: Any = None) -> errors.Error:
    """What is wrong with an answer of success, with the facts of that answer."""
    request_id, trace_id = answers.ids(response, payload)
    return error.with_facts(status=response.status, request_id=request_id, trace_id=trace_id, attempts=attempts)
