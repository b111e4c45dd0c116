# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stored evidence with settings and unusual activity, judged again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.cloudbackup.m365.plugins.action import compliance_replay
from ansible_collections.cloudbackup.m365.tests.unit.controller.steps import run_step, store
from ansible_collections.cloudbackup.m365.tests.unit.readings import (
    NOW_TEXT,
    activity_result,
    healthy,
    settings_result,
)

NAMES = ("backup_frequency", "retention_period", "unusual_activity")
ENABLED = {"checks": {name: {"enabled": True} for name in NAMES}}
READ = healthy(settings=settings_result(), unusual_activity=activity_result())


def replayed(folder: Path, **given: Any) -> dict[str, set[str]]:
    """The statuses of the three checks after a replay, by check."""
    run_step(
        compliance_replay,
        evidence=str(folder / "stored" / "evidence.json"),
        report_dir=str(folder / "reports"),
        **given,
    )
    data = json.loads((folder / "reports" / "contoso" / "evidence.json").read_bytes())
    return {name: {one["status"] for one in data["results"] if one["check"] == name} for name in NAMES}


@pytest.mark.parametrize(
    ("now", "frequency", "activity"),
    [
        (NOW_TEXT, "pass", "pass"),
        ("2026-11-24T06:00:01Z", "error", "error"),
        # Settings have no history; the unusual activity of an earlier window was not asked for
        ("2026-11-24T05:59:59Z", "error", "pass"),
        ("2026-11-23T06:00:00Z", "error", "error"),
    ],
)
def test_settings_are_known_at_their_own_instant_alone(tmp_path: Path, now: str, frequency: str, activity: str) -> None:
    store(tmp_path / "stored", READ, ENABLED)
    assert replayed(tmp_path, now=now) == {
        "backup_frequency": {frequency},
        "retention_period": {frequency},
        "unusual_activity": {activity},
    }


def test_a_policy_that_asks_for_more_than_was_read_is_an_error(tmp_path: Path) -> None:
    store(tmp_path / "stored", healthy())
    assert replayed(tmp_path, policy=ENABLED) == {name: {"error"} for name in NAMES}


def test_a_stricter_policy_judges_what_was_read(tmp_path: Path) -> None:
    store(tmp_path / "stored", READ, ENABLED)
    strict = {"checks": {**ENABLED["checks"], "retention_period": {"enabled": True, "fail": "10y"}}}
    assert replayed(tmp_path, policy=strict)["retention_period"] == {"fail"}
