# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""One HTTP exchange with limits on time and size, independent of tokens and retries.

Every problem is an C(errors.Error) of kind connection, timeout, tls or unexpected_answer.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from . import body, bounds, errors, exceptions, tls
from .addresses import Addresses
from .pool import STEP, start_thread
from .session import open_session, proxies

if TYPE_CHECKING:
    import requests

_Done = TypeVar("_Done")


class Transport:
    """Kept-alive connections with one TLS and proxy policy.

    :param verify: True, False, or the path of a CA file or directory.
    :param timeout: seconds for a whole exchange, from connecting to the last byte.
    :param connections: the number of connections kept open to a host.
    """

    def __init__(self, *, verify: bool | str, timeout: float, user_agent: str, connections: int = 4) -> None:
        self._verify = verify
        self._timeout = timeout
        self._user_agent = user_agent
        self._connections = connections
        self._tls = tls.Context(verify)
        self._addresses = Addresses()
        self._session = self._open()

    def exchange(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        parameters: Mapping[str, Any] | None = None,
        form: Mapping[str, str] | None = None,
        limit: int = body.LIMIT,
        side_by_side: int | None = None,
    ) -> body.Response:
        """Send a request and read the whole response, regardless of its status. Redirects are not followed.

        :param limit: maximum bytes of the body of a successful response. More than ``side_by_side`` are not read.

        No socket option limits a whole exchange (name resolution, handshake, slow headers), so it runs in a daemon
        thread, which is abandoned at the deadline. Its sockets time out by themselves later.
        """
        done: queue.SimpleQueue[body.Response | Exception] = queue.SimpleQueue()
        deadline = time.monotonic() + self._timeout
        session = self._session
        limits = (limit, side_by_side)

        def work() -> None:
            try:
                done.put(self._send(session, deadline, method, url, headers, parameters, form, limits))
            except Exception as error:  # noqa: BLE001 - the waiting thread raises it
                done.put(error)

        start_thread(work)
        try:
            outcome = _wait(done, deadline)
        except queue.Empty:
            # The abandoned thread may hold a connection of the old session in any state.
            self._session = self._open()
            raise body.timed_out(self._timeout) from None
        if isinstance(outcome, errors.Error):
            # Its traceback would keep the data read so far in memory
            raise outcome.with_traceback(None) from None
        if isinstance(outcome, Exception):
            raise exceptions.explained(outcome, self._timeout).with_facts(hint=tls.hint(outcome)) from None
        return outcome

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._session.close()

    def _open(self) -> requests.Session:
        return open_session(
            tls=self._tls,
            addresses=self._addresses,
            connections=self._connections,
            check=self._verify is not False,
        )

    def _send(
        self,
        session: requests.Session,
        deadline: float,
        method: str,
        url: str,
        headers: Mapping[str, str],
        parameters: Mapping[str, Any] | None,
        form: Mapping[str, str] | None,
        limits: tuple[int, int | None],
    ) -> body.Response:
        answer = session.request(
            method,
            url,
            params=parameters,
            data=form,
            headers={
                "Accept": "application/json",
                "Accept-Encoding": "gzip",
                "User-Agent": self._user_agent,
                **headers,
            },
            allow_redirects=False,
            proxies=proxies(url),
            verify=self._verify is not False,
            timeout=self._timeout,
            stream=True,
        )
        # The arrival time for the comparison with Date, before the body, which may take long
        received_at = time.time()
        content = self._read(answer, deadline, limits)
        answer.close()
        return body.Response(answer.status_code, answer.headers, content or b"", received_at, content is None)

    def _read(self, answer: requests.Response, deadline: float, limits: tuple[int, int | None]) -> bytes | None:
        """Return the body; empty for an error response whose body cannot be read, since its status decides.

        None if it is too large to be read concurrently with others.
        """
        if answer.status_code != 200:
            limits = (bounds.REFUSAL, None)
        try:
            return body.read(answer.raw, answer.headers, deadline, self._timeout, *limits)
        except body.Cut:
            answer.raw.close()
            return None
        except Exception as error:  # noqa: BLE001 - the connection is closed, and the status is reported
            answer.raw.close()
            if answer.status_code != 200:
                return b""
            known = error if isinstance(error, errors.Error) else exceptions.explained(error, self._timeout)
            raise known.with_facts(status=answer.status_code) from None


def _wait(done: queue.SimpleQueue[_Done], deadline: float) -> _Done:
    """Return the next item of a queue. Raise queue.Empty at the deadline."""
    while (left := deadline - time.monotonic()) > STEP:
        try:
            return done.get(timeout=STEP)
        except queue.Empty:
            continue
    return done.get(timeout=max(left, 0))
