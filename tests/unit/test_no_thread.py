# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A read for which the machine has no memory for another thread."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from ansible_collections.cloudbackup.m365.plugins.modules import cloudbackup_license_info
from ansible_collections.cloudbackup.m365.tests.unit.info_modules import run


def test_a_thread_that_cannot_be_started_is_a_clear_failure(simulate: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    simulator = simulate()

    def start(_thread: Any) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", start)
    result = run(cloudbackup_license_info, simulator)
    assert result["failure"]["kind"] == "unexpected_answer"
    assert "more memory than is available" in result["msg"]
