# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.cloudbackup.m365.plugins.action import compliance_verdict
from ansible_collections.cloudbackup.m365.tests.unit.controller.steps import run_step


def verdict(report: Any, **arguments: Any) -> dict[str, Any]:
    return run_step(compliance_verdict, {"report": report}, report_variable="report", **arguments)


def reported(verdict: str) -> dict[str, Any]:
    return {"findings": ["contoso: headline", "FAIL one"], "summary": {"verdict": verdict}}


@pytest.mark.parametrize(
    ("reached", "enforce", "is_red"),
    [
        ("compliant", True, False),
        ("non_compliant", True, True),
        ("undetermined", True, True),
        ("non_compliant", False, False),
        ("undetermined", "false", False),
        ("non_compliant", "yes", True),
    ],
)
def test_only_a_compliant_tenant_is_green_where_the_verdict_is_enforced(
    reached: str, enforce: Any, is_red: bool
) -> None:
    result = verdict(reported(reached), enforce=enforce)
    assert result["failed"] is is_red
    assert result["changed"] is False
    assert result["msg"] == ["contoso: headline", "FAIL one"]


def test_a_refused_tenant_is_red_whatever_is_enforced() -> None:
    result = verdict(reported("compliant"), enforce=False, refused=["web1: NOT JUDGED."])
    assert result["failed"] is True
    assert result["msg"] == ["web1: NOT JUDGED.", "contoso: headline", "FAIL one"]


@pytest.mark.parametrize("report", [None, {}, {"failed": True, "msg": "no"}, {"summary": None}, {"summary": {}}])
@pytest.mark.parametrize("enforce", [True, False])
def test_without_a_verdict_it_is_red(report: Any, enforce: bool) -> None:
    assert verdict(report, enforce=enforce)["failed"] is True
