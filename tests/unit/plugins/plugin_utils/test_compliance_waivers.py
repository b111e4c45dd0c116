# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance._waivers import settle_waivers
from ansible_collections.cloudbackup.m365.tests.unit.plugins.plugin_utils.compliance_readings import (
    NOW,
    ago,
    group,
    healthy,
    job,
    judge,
    license_result,
    result,
)


def waiver(**fields: Any) -> dict[str, Any]:
    fields = {
        "check": "license_seats",
        "reason": "Order 4711 is on its way",
        "approver": "J. Doe",
        "expires": "2026-12-31",
        **fields,
    }
    return {key: value for key, value in fields.items() if value != "absent"}


EXCEEDED = healthy(license=license_result(assigned_user_seats=101))


def test_a_waived_failure_stays_in_the_report_and_does_not_fail_the_gate() -> None:
    evaluation = judge(EXCEEDED, waivers=[waiver()])
    told = result(evaluation, "license_seats")
    assert (evaluation["verdict"], told["status"]) == ("compliant", "waived")
    assert "101 of 100 seats" in told["observed"]
    assert "Waived through 2026-12-31 by J. Doe: Order 4711 is on its way" in told["message"]
    assert evaluation["waivers"] == [{**waiver(), "scope": "all", "state": "used", "applied_to": ["license"]}]


@pytest.mark.parametrize(
    ("expires", "state", "status"),
    [
        ("2026-11-23", "expired", "fail"),
        ("2026-11-24", "used", "waived"),  # inclusive
        ("2026-11-25", "used", "waived"),
        ("2026-11-24T23:59:59Z", "used", "waived"),
        ("2026-11-24T23:59:59-05:00", "used", "waived"),
    ],
)
def test_a_waiver_holds_through_its_day_in_utc(expires: str, state: str, status: str) -> None:
    evaluation = judge(EXCEEDED, waivers=[waiver(expires=expires)], now=NOW)
    assert evaluation["waivers"][0]["state"] == state
    assert result(evaluation, "license_seats")["status"] == status


def test_a_waiver_that_covers_no_failure_is_unused() -> None:
    for license_ in (
        license_result(),
        license_result(assigned_user_seats=95),
        license_result(assigned_user_seats=None),
    ):
        evaluation = judge(healthy(license=license_), waivers=[waiver()])
        assert evaluation["waivers"][0]["state"] == "unused"
        assert evaluation["counts"]["waived"] == 0


@pytest.mark.parametrize(
    ("scope", "waived"),
    [
        ("all", ["exchange_online", "teams"]),
        ("absent", ["exchange_online", "teams"]),
        ("teams", ["teams"]),
        ("onedrive", []),
    ],
)
def test_a_scope_narrows_a_waiver(scope: str, waived: list[str]) -> None:
    reading = healthy()
    for index, service in ((0, "exchange_online"), (3, "teams")):
        reading["jobs"]["groups"][index] = group([job("a", finish=ago(hours=50))], service)
    evaluation = judge(reading, waivers=[waiver(check="backup_recency", scope=scope)])
    assert [one["scope"] for one in evaluation["results"] if one["status"] == "waived"] == waived
    assert evaluation["waivers"][0]["applied_to"] == waived


def test_an_error_cannot_be_waived() -> None:
    every = ["license_seats", "license_storage", "license_in_policy", "backup_recency", "backup_presence"]
    evaluation = judge({}, waivers=[waiver(check=check) for check in every])
    assert evaluation["verdict"] == "undetermined"
    assert evaluation["counts"]["waived"] == 0


def test_waiving_all_there_is_leaves_nothing_that_was_seen_in_order() -> None:
    reading = healthy()
    reading["jobs"]["groups"][:4] = [
        group([], service) for service in ("exchange_online", "sharepoint_online", "onedrive", "teams")
    ]
    evaluation = judge(reading, waivers=[waiver(check="backup_recency"), waiver(check="backup_presence")])
    assert evaluation["counts"]["waived"] == 8
    assert evaluation["verdict"] == "undetermined"
    assert "backups" in evaluation["reason"]


def test_evaluated_waivers_can_be_read_back() -> None:
    evaluated = judge(EXCEEDED, waivers=[waiver(), waiver(scope="license")])["waivers"]
    assert judge(EXCEEDED, waivers=evaluated)["waivers"] == evaluated


MISTAKES = [
    ("x", ["waivers", '"x"', "a list of waivers"]),
    ({"check": "license_seats"}, ["waivers", "a dictionary"]),
    (["x"], ["waivers[0]", '"x"', "a dictionary with check, reason, approver, expires, scope"]),
    ([waiver(), waiver(check="absent")], ["waivers[1].check", "is missing"]),
    ([waiver(reason="absent")], ["waivers[0].reason", "is missing"]),
    ([waiver(approver="absent")], ["waivers[0].approver", "is missing"]),
    ([waiver(expires="absent")], ["waivers[0].expires", "is missing"]),
    ([waiver(check="licence_seats")], ["waivers[0].check", "did you mean license_seats?"]),
    ([waiver(check=["license_seats"])], ["waivers[0].check", "a list"]),
    ([waiver(check="evidence")], ["waivers[0].check", "cannot be waived"]),
    ([waiver(reason=" ")], ["waivers[0].reason", "not empty"]),
    ([waiver(approver=7)], ["waivers[0].approver", "found 7"]),
    ([waiver(expires="soon")], ["waivers[0].expires", '"soon"', "2026-12-31"]),
    ([waiver(expires="2026-02-30")], ["waivers[0].expires"]),
    ([waiver(expires=20261231)], ["waivers[0].expires", "20261231"]),
    ([waiver(expires=None)], ["waivers[0].expires"]),
    ([waiver(scope="teams")], ["waivers[0].scope", '"teams"', "Allowed: all, license"]),
    ([waiver(check="backup_recency", scope="team")], ["waivers[0].scope", "did you mean teams?"]),
    ([waiver(check="backup_recency", scope="teams@EU")], ["waivers[0].scope"]),
    ([waiver(scope=["license"])], ["waivers[0].scope", "a list"]),
    ([waiver(expiry="2026-12-31")], ["waivers[0].expiry", "did you mean expires?"]),
]


@pytest.mark.parametrize(("raw", "words"), MISTAKES)
def test_a_mistake_in_a_waiver_is_one_line(raw: Any, words: list[str]) -> None:
    waivers, mistakes = settle_waivers(raw)
    assert len(mistakes) == 1
    assert mistakes[0].startswith(f"{words[0]}: ")
    assert all(word in mistakes[0] for word in words[1:])
    assert len(waivers) == (len(raw) - 1 if isinstance(raw, list) else 0)


def test_a_scope_may_name_a_location() -> None:
    assert settle_waivers([waiver(check="backup_recency", scope="teams@EUR")])[1] == []
