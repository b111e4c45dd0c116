# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Threads that requests are handed to."""

from __future__ import annotations

import threading

import pytest
from ansible_collections.cloudbackup.m365.plugins.module_utils._http import pool as _pool


@pytest.mark.parametrize("size", [1, 2, 8])
def test_so_many_calls_run_side_by_side_and_no_more(size):
    meeting = threading.Barrier(size, timeout=10)
    running, most, lock = 0, 0, threading.Lock()

    def call(number):
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        meeting.wait()  # broken, and so an error, unless as many calls as the size get here
        with lock:
            running -= 1
        return number

    pool = _pool.Pool(size)
    futures = [pool.submit(lambda number=number: call(number)) for number in range(3 * size)]
    assert [future.result(timeout=10) for future in futures] == list(range(3 * size))
    assert most == size
    pool.close()


def test_what_a_call_raises_is_raised_by_its_result():
    pool = _pool.Pool(1)
    failing = pool.submit(lambda: 1 // 0)
    good = pool.submit(lambda: "good")
    with pytest.raises(ZeroDivisionError):
        failing.result(timeout=10)
    assert good.result(timeout=10) == "good"
    pool.close()


def test_after_closing_no_thread_is_left_and_nothing_is_begun():
    before = set(threading.enumerate())
    begun, go = threading.Barrier(3, timeout=10), threading.Event()

    def call():
        begun.wait()
        return go.wait(10)

    pool = _pool.Pool(2)
    running = [pool.submit(call) for _number in range(2)]
    begun.wait()
    dropped = pool.submit(lambda: "never")
    pool.close()
    go.set()
    assert [future.result(timeout=10) for future in running] == [True, True]
    for thread in set(threading.enumerate()) - before:
        thread.join(10)
        assert not thread.is_alive()
    assert not dropped.done()
