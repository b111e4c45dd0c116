# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""junit.xml has the elements and attributes that the schema of the xUnit plugin of Jenkins, junit-10.xsd, allows."""

from __future__ import annotations

import re
from typing import Any, NamedTuple
from xml.etree import ElementTree

import pytest
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.policy_rules import settle_policy
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reports.formats import pack
from ansible_collections.cloudbackup.m365.tests.unit.readings import (
    NOT_PLANNED,
    evidence_of,
    healthy,
    license_result,
    only,
)


class Rule(NamedTuple):
    """What an element may have."""

    required: frozenset[str]
    optional: frozenset[str]
    within: frozenset[str]
    has_text: bool = False


def rule(required: str = "", optional: str = "", within: str = "", has_text: bool = False) -> Rule:
    return Rule(*(frozenset(words.split()) for words in (required, optional, within)), has_text)


OUTCOME = rule(optional="type message", has_text=True)
RULES = {
    "testsuites": rule(optional="name time tests failures errors", within="testsuite"),
    "testsuite": rule(
        "name tests failures errors",
        "group time skipped timestamp hostname id package file log url",
        "testsuite properties testcase system-out system-err",
    ),
    "testcase": rule("name", "time classname group", "skipped error failure system-out system-err"),
    "properties": rule(within="property"),
    "property": rule("name value"),
    "failure": OUTCOME,
    "error": OUTCOME,
    "skipped": OUTCOME,
    "system-out": rule(has_text=True),
    "system-err": rule(has_text=True),
}
TIME = re.compile(r"(([0-9]{0,3},)*[0-9]{3}|[0-9]{0,3})*(\.[0-9]*)?")
TIMED = ("testsuites", "testsuite")


def mistakes(element: ElementTree.Element) -> list[str]:
    """Return what the schema would refuse in an element and in those within it."""
    allowed = RULES[element.tag]
    found = []
    names = set(element.attrib)
    if not allowed.required <= names or not names <= allowed.required | allowed.optional:
        found.append(f"{element.tag}: attributes {sorted(names)}")
    if element.tag in TIMED and not TIME.fullmatch(element.get("time", "")):
        found.append(f"{element.tag}: time")
    if not allowed.has_text and (element.text or "").strip():
        found.append(f"{element.tag}: text")
    for inner in element:
        if inner.tag not in allowed.within or (inner.tail or "").strip():
            found.append(f"{element.tag}: {inner.tag}")
        else:
            found += mistakes(inner)
    return found


EXCEEDED = healthy(license=license_result(assigned_user_seats=101))
WAIVER = {"check": "license_seats", "reason": "20 are ordered", "approver": "J. Doe", "expires": "2026-12-31"}
NOTHING_READ: dict[str, Any] = {**NOT_PLANNED, "license": None, "jobs": None, "errors": []}
SEATS_ALONE = only("teams", license_storage={"enabled": False}, license_in_policy={"enabled": False})
EVIDENCE = {
    "green": evidence_of(healthy()),
    "warn": evidence_of(healthy(license=license_result(assigned_user_seats=95))),
    "red": evidence_of(EXCEEDED),
    "waived": evidence_of(EXCEEDED, waivers=[WAIVER]),
    "nothing-read": evidence_of(NOTHING_READ),
    "nothing-verified": evidence_of(EXCEEDED, policy=SEATS_ALONE, waivers=[WAIVER]),
}


@pytest.mark.parametrize("evidence", EVIDENCE.values(), ids=EVIDENCE)
def test_the_schema_of_jenkins_accepts_the_report(evidence: dict[str, Any]) -> None:
    policy, _mistakes = settle_policy(evidence["policy"])
    root = ElementTree.fromstring(pack(evidence, policy, ["junit"])["junit.xml"])
    assert root.tag == "testsuites"
    assert mistakes(root) == []


@pytest.mark.parametrize(
    "text",
    [
        '<testsuites skipped="0"/>',
        "<testsuites><testcase name='x'/></testsuites>",
        "<testsuites><testsuite name='x'/></testsuites>",
        "<testsuites>text</testsuites>",
        "<testsuites time='soon'/>",
    ],
)
def test_the_rules_refuse_what_the_schema_refuses(text: str) -> None:
    assert mistakes(ElementTree.fromstring(text)) != []
