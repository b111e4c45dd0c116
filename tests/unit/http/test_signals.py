# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A signal is handled while a thread waits, also one that arrives just before the wait begins."""

from __future__ import annotations

import _thread
import signal
import threading
import time

import pytest
from ansible_collections.cloudbackup.m365.plugins.module_utils import _names
from ansible_collections.cloudbackup.m365.plugins.module_utils._http import client, connection, credentials, secrets
from ansible_collections.cloudbackup.m365.plugins.module_utils._http.pool import Pool


def for_a_call(simulate):
    release = threading.Event()
    pool = Pool(1)
    try:
        pool.submit(lambda: release.wait(30)).result()
    finally:
        release.set()
        pool.close()


def for_an_answer(simulate):
    read(simulate("silent:on=api"), retries=0, timeout=30)


def for_the_next_attempt(simulate):
    read(simulate("status:code=429,on=api,retry_after=30"), retries=1, timeout=5)


def read(server, **options):
    known = credentials.ClientSecret(server.client_id, server.client_secret)
    asked = connection.Connection(api_url=server.url, token_url=server.token_url, credentials=known, **options)
    with client.Client(asked, secrets.Secrets()) as opened:
        opened.get("/cloudbackup/jobs", {}, _names.JOBS_SCOPE, lambda payload: payload)


@pytest.fixture(autouse=True)
def _default_handler():
    # A process that was started in the background of a shell ignores the signal
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("wait", [for_a_call, for_an_answer, for_the_next_attempt])
def test_a_signal_ends_a_wait_that_it_did_not_interrupt(wait, simulate):
    # Marks the signal as arrived, and wakes nothing
    timer = threading.Timer(0.7, _thread.interrupt_main)
    timer.start()
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        wait(simulate)
    timer.join()
    assert time.monotonic() - began < 10
