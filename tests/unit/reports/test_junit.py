# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import copy
import re
from typing import Any

import junitparser
import pytest
from ansible_collections.cloudbackup.m365.plugins.module_utils import _names
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.policy_rules import settle_policy
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.model.outcome import STATUSES
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reports.formats import pack
from ansible_collections.cloudbackup.m365.tests.unit.readings import (
    NOT_PLANNED,
    NOW_TEXT,
    ago,
    evidence_of,
    group,
    healthy,
    job,
    license_result,
    only,
)
from hypothesis import example, given
from hypothesis import strategies as st

EXCEEDED = healthy(license=license_result(assigned_user_seats=101))
WAIVER = {"check": "license_seats", "reason": "20 are ordered", "approver": "J. Doe", "expires": "2026-12-31"}
NOTHING_READ: dict[str, Any] = {**NOT_PLANNED, "license": None, "jobs": None, "errors": []}
SEATS_ALONE = only(
    *("teams", "onedrive"),
    license_storage={"enabled": False},
    license_in_policy={"enabled": False},
)
HOSTILE = "</failure><testcase name='x'/> ]]> &amp; \x00\x1b[2J\u202e\u2028\ufffe\ud800 [[ATTACHMENT|/etc/passwd]] [[[x"
FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What is no character of an XML 1.0 document."""


def written(data: dict[str, Any]) -> bytes:
    policy, _mistakes = settle_policy(data["policy"])
    return pack(data, policy, ["junit"])["junit.xml"]


def suite_of(data: dict[str, Any]) -> junitparser.TestSuite:
    """The one suite, as a program that knows the format reads it."""
    (suite,) = junitparser.JUnitXml.fromstring(written(data))
    return suite


def case_of(suite: junitparser.TestSuite, name: str) -> junitparser.TestCase:
    (case,) = [case for case in suite if case.name == name]
    return case


def is_green(suite: junitparser.TestSuite) -> bool:
    return not any(
        isinstance(outcome, (junitparser.Failure, junitparser.Error)) for case in suite for outcome in case.result
    )


def test_every_check_and_scope_is_a_case_of_its_own() -> None:
    data = evidence_of(healthy())
    suite = suite_of(data)
    assert [case.name for case in suite] == [f"{one['check']} [{one['scope']}]" for one in data["results"]]
    assert [case.classname for case in suite] == [f"cloudbackup.m365.contoso.{one['check']}" for one in data["results"]]


def test_the_suite_says_whose_it_is_when_and_why() -> None:
    suite = suite_of(evidence_of(EXCEEDED))
    assert (suite.name, suite.hostname) == ("Backup compliance of contoso", "contoso")
    assert suite.timestamp == NOW_TEXT
    shown = {one.name: one.value for one in suite.properties()}
    assert list(shown) == ["verdict", "reason", "window", "not_judged", "collection"]
    assert shown["verdict"] == "non_compliant"
    assert shown["reason"] == "1 check failed."
    assert shown["window"] == "2026-11-17T06:00:00Z to 2026-11-24T06:00:00Z (7d)"
    assert "power_bi" in shown["not_judged"]
    assert shown["collection"] == f"cloudbackup.m365 {_names.VERSION}"


@pytest.mark.parametrize(
    ("data", "name", "outcome", "shown"),
    [
        (evidence_of(EXCEEDED), "license_seats [license]", junitparser.Failure, "101 of 100 seats (101 %); expected "),
        (evidence_of(NOTHING_READ), "license_seats [license]", junitparser.Error, "The license could not be read"),
        (
            evidence_of(EXCEEDED, waivers=[WAIVER]),
            "license_seats [license]",
            junitparser.Skipped,
            "J. Doe: 20 are ordered",
        ),
        (evidence_of(healthy()), "license_storage [license]", junitparser.Skipped, "The license is not sold by GB"),
    ],
    ids=["fail", "error", "waived", "not applicable"],
)
def test_a_status_is_the_outcome_that_readers_know(data: Any, name: str, outcome: type, shown: str) -> None:
    (found,) = case_of(suite_of(data), name).result
    assert isinstance(found, outcome)
    assert shown in found.message


def test_a_warning_is_green_and_says_that_it_is_one() -> None:
    case = case_of(
        suite_of(evidence_of(healthy(license=license_result(assigned_user_seats=95)))), "license_seats [license]"
    )
    assert case.is_passed
    assert case.system_out.startswith("WARN: Seats in use, license\nObserved: 95 of 100 seats (95 %)\n")
    assert "\nWhat to do: Release seats" in case.system_out


def test_a_failure_holds_all_that_a_person_needs() -> None:
    reading = healthy()
    reading["jobs"]["groups"][3] = group([job("j-1", finish=ago(hours=60))])
    (failure,) = case_of(suite_of(evidence_of(reading)), "backup_recency [teams]").result
    lines = dict(line.split(": ", 1) for line in failure.text.splitlines())
    assert list(lines) == ["FAIL", "Observed", "Expected", "What it means", "What to do", "Jobs", "Controls"]
    assert lines["Observed"].startswith("60 h ago")
    assert lines["Jobs"] == "j-1"
    assert "CIS v8 11.2" in lines["Controls"]


@pytest.mark.parametrize(
    ("reading", "policy", "waivers"),
    [
        (healthy(), None, None),
        (EXCEEDED, None, None),
        (EXCEEDED, None, [WAIVER]),
        (NOTHING_READ, None, None),
        (EXCEEDED, SEATS_ALONE, None),
        (EXCEEDED, SEATS_ALONE, [WAIVER]),
    ],
)
def test_it_is_green_exactly_where_the_verdict_is(reading: Any, policy: Any, waivers: Any) -> None:
    data = evidence_of(reading, policy=policy, waivers=waivers)
    assert is_green(suite_of(data)) == (data["verdict"] == "compliant")


def test_a_verdict_that_is_red_without_a_failure_is_red_here_too() -> None:
    data = evidence_of(EXCEEDED, policy=SEATS_ALONE, waivers=[WAIVER])
    assert (data["verdict"], data["counts"]["fail"], data["counts"]["error"]) == ("undetermined", 0, 0)
    case = list(suite_of(data))[-1]
    assert (case.name, case.classname) == ("verdict", "cloudbackup.m365.contoso.verdict")
    (error,) = case.result
    assert error.message == data["reason"]


@pytest.mark.parametrize("data", [evidence_of(healthy()), evidence_of(EXCEEDED), evidence_of(NOTHING_READ)])
def test_the_counts_are_those_of_the_cases(data: dict[str, Any]) -> None:
    whole = junitparser.JUnitXml.fromstring(written(data))
    (suite,) = whole
    outcomes = [type(outcome) for case in suite for outcome in case.result]
    expected = (
        len(list(suite)),
        *(outcomes.count(getattr(junitparser, name)) for name in ("Failure", "Error", "Skipped")),
    )
    assert (suite.tests, suite.failures, suite.errors, suite.skipped) == expected
    assert (whole.tests, whole.failures, whole.errors) == expected[:3]
    counts = data["counts"]
    assert expected[1:] == (counts["fail"], counts["error"], counts["waived"] + counts["not_applicable"])


def test_two_tenants_share_no_case() -> None:
    # GitLab shows the first case of a class and name and drops the others
    first, second = (
        {(case.classname, case.name) for case in suite_of(evidence_of(healthy(), subject=subject))}
        for subject in ("contoso.example", "contoso_example")
    )
    assert not first & second


def test_the_same_evidence_gives_the_same_bytes() -> None:
    data = evidence_of(EXCEEDED)
    assert written(copy.deepcopy(data)) == written(data)


def spoilt(data: dict[str, Any], text: str) -> dict[str, Any]:
    """The evidence with the text wherever a foreign text may appear."""
    data = copy.deepcopy(data)
    data.update(subject=text, reason=text)
    data["collection"]["version"] = text
    data["not_judged"].append({"what": text, "why": text})
    for result, status in zip(data["results"], STATUSES * 9):
        result.update(
            status=status, scope=text, observed=text, expected=text, message=text, jobs=[text], controls=[text]
        )
    return data


@given(st.text(st.characters(exclude_categories=[])))
@example(HOSTILE)
@example("\ud800\udfff\ufffe\uffff\x0b")
@example("[[ATTACHMENT|/etc/passwd]]")
def test_no_text_breaks_out_of_its_place(text: str) -> None:
    content = written(spoilt(evidence_of(healthy()), text)).decode()
    assert not FORBIDDEN.search(content)
    assert "[[" not in content
    (suite,) = junitparser.JUnitXml.fromstring(content.encode())
    assert len(list(suite)) == suite.tests == len(evidence_of(healthy())["results"])
    assert all(len(case.result) <= 1 for case in suite)


def test_hostile_words_of_the_server_stay_words() -> None:
    reading = healthy()
    reading["jobs"]["groups"][3] = group([job(HOSTILE, HOSTILE, finish=ago(hours=60))])
    data = evidence_of(reading)
    (failure,) = case_of(suite_of(data), "backup_recency [teams]").result
    assert "</failure><testcase name='x'/> ]]> &amp;" in failure.text
    assert "[ [ATTACHMENT|" in failure.text
