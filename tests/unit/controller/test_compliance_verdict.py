# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.cloudbackup.m365.plugins.action import compliance_verdict
from ansible_collections.cloudbackup.m365.tests.unit.controller.steps import run_step

COUNTS = "1 failed. Report: /reports/contoso/report.html"


def verdict(report: Any, **arguments: Any) -> dict[str, Any]:
    return run_step(compliance_verdict, {"report": report}, report_variable="report", **arguments)


def reported(verdict: str, *findings: str) -> dict[str, Any]:
    return {"headline": f"contoso: {verdict}", "findings": [*findings, COUNTS], "summary": {"verdict": verdict}}


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
    result = verdict(reported(reached, "FAIL one"), enforce=enforce)
    assert result["failed"] is is_red
    assert result["changed"] is False
    assert result["msg"] == f"contoso: {reached}"


def test_a_red_verdict_prints_every_cause_and_the_counts_also_where_it_is_not_enforced() -> None:
    for enforce in (True, False):
        assert verdict(reported("non_compliant", "FAIL one"), enforce=enforce)["findings"] == ["FAIL one", COUNTS]


def test_a_green_verdict_prints_its_line_and_its_warnings() -> None:
    assert verdict(reported("compliant", "WARN one"))["findings"] == ["WARN one"]
    assert "findings" not in verdict(reported("compliant"))


def test_a_refused_tenant_is_red_whatever_is_enforced() -> None:
    result = verdict(
        reported("compliant", "WARN one"), enforce=False, refused=["web1: NOT JUDGED.", "web1: also this."]
    )
    assert result["failed"] is True
    assert result["msg"] == "web1: NOT JUDGED."
    assert result["findings"] == ["web1: also this.", "contoso: compliant", "WARN one", COUNTS]


def test_mistakes_are_counted_in_the_headline_and_printed_once() -> None:
    lines = ["compliance_policy.window: wrong", "compliance_now: wrong"]
    report = {"report": {"skipped": True}, "inventory_hostname": "web1"}
    result = run_step(compliance_verdict, report, report_variable="report", enforce=False, mistakes=lines)
    assert result["failed"] is True
    assert result["msg"] == "web1: NOT JUDGED, 2 mistakes: compliance_policy.window, compliance_now"
    assert result["findings"] == lines
    result = run_step(compliance_verdict, report, report_variable="report", mistakes=lines[:1])
    assert result["msg"] == "web1: NOT JUDGED, compliance_policy.window: wrong"
    assert "findings" not in result


def test_mistakes_are_those_of_the_tenant_where_its_name_is_known() -> None:
    given = {"report_variable": "report", "mistakes": ["compliance_now: wrong"], "subject": "contoso"}
    result = run_step(compliance_verdict, {"inventory_hostname": "localhost"}, **given)
    assert result["msg"] == "contoso: NOT JUDGED, compliance_now: wrong"


def test_what_has_no_room_in_the_headline_goes_on_in_the_list() -> None:
    reason = " ".join(f"word{place}" for place in range(60))
    result = verdict(None, refused=[f"web1: NOT JUDGED. {reason}"])
    assert len(result["msg"]) <= 200
    assert " ".join([result["msg"], *result["findings"]]) == f"web1: NOT JUDGED. {reason}"


@pytest.mark.parametrize("report", [None, {}, {"failed": True, "msg": "no"}, {"summary": None}, {"summary": {}}])
@pytest.mark.parametrize("enforce", [True, False])
def test_without_a_verdict_it_is_red(report: Any, enforce: bool) -> None:
    assert verdict(report, enforce=enforce)["failed"] is True
