# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""A pool of a few threads that send requests."""

from __future__ import annotations

import queue
import threading
from concurrent.futures import Future, wait
from typing import Any, Callable, TypeVar

_Result = TypeVar("_Result")

STEP = 0.5
"""Maximum seconds of a single wait. A signal (Ctrl-C, the timeout of a task) that arrives just as a wait begins may not
be noticed until the wait is over."""


def start_thread(work: Callable[[], None]) -> None:
    """Start a daemon thread. Raises MemoryError if there is no memory for its stack."""
    try:
        threading.Thread(target=work, daemon=True).start()
    except RuntimeError:
        raise MemoryError from None


class _Answer(Future[_Result]):
    """A future that waits for its result in short steps."""

    def result(self, timeout: float | None = None) -> _Result:
        while timeout is None and not self.done():
            wait([self], STEP)
        return super().result(timeout)


class Pool:
    """Run calls on a limited number of daemon threads, in order of arrival.

    An executor of the standard library would keep the process alive until its last thread ends. With daemon threads the
    process ends with the result or the first failure, even if a server is still sending slowly.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._threads = 0
        self._calls: queue.SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = queue.SimpleQueue()

    def submit(self, call: Callable[[], _Result]) -> Future[_Result]:
        """Run a call when a thread is free. The result of the future raises the exception of the call."""
        future: Future[_Result] = _Answer()
        self._calls.put((future, call))
        if self._threads < self._size:
            self._threads += 1
            start_thread(self._work)
        return future

    def close(self) -> None:
        """Let the threads end, and drop calls that have not begun."""
        while not self._calls.empty():
            self._calls.get()
        for _thread in range(self._threads):
            self._calls.put(None)

    def _work(self) -> None:
        while (item := self._calls.get()) is not None:
            future, call = item
            try:
                future.set_result(call())
            except Exception as error:  # noqa: BLE001 - the waiting thread raises it
                future.set_exception(error)
