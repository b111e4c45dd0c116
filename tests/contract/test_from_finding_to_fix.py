# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guide has a section for every check, its examples are accepted, and its quotes are real messages."""

from __future__ import annotations

import pathlib
import re
import textwrap
from typing import Any

import pytest
import yaml
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.checks.catalogue import CATALOGUE
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.policy_rules import settle_policy
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.waivers import settle_waivers
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.model import guide
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.model.check import Check
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reports import findings
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller.plain import plain
from ansible_collections.cloudbackup.m365.tests.unit.readings import (
    ago,
    evidence_of,
    group,
    healthy,
    job,
    license_result,
)

ROOT = pathlib.Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "docsite" / "rst" / "from_finding_to_fix.rst").read_text(encoding="utf-8")
SOURCES = "".join(
    path.read_text(encoding="utf-8")
    for path in sorted((ROOT / "plugins" / "plugin_utils" / "_compliance").rglob("*.py"))
)
LABEL = "ansible_collections.cloudbackup.m365.docsite.from_finding_to_fix"
FIELDS = [
    *("Means", "Does not mean", "Defaults", "Check", "Usual causes"),
    *("Fix", "Green again", "Auditors ask", "Waive or loosen"),
]
SECTIONS = dict(
    re.findall(
        rf"^\.\. _{re.escape(LABEL)}\.\w+:\n\n([^\n]+)\n-+\n\n(.*?)(?=^\.\. _|\Z)", GUIDE, re.MULTILINE | re.DOTALL
    )
)
"""Their texts by their titles."""
EXAMPLES = [
    pytest.param(title, yaml.safe_load(textwrap.dedent(block)), id=f"{title}-{index}")
    for title, text in SECTIONS.items()
    for index, block in enumerate(re.findall(r"^\.\. code-block:: yaml\n\n((?:    .*\n|\n)+)", text, re.MULTILINE))
]
ABOUT_CHECKS = [title for title, text in SECTIONS.items() if ":Means: " in text]


def anchor(title: str) -> str:
    """The anchor that docutils, and so GitHub, makes of a title."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def test_the_guide_has_a_section_for_every_check_in_the_order_of_the_catalogue() -> None:
    assert [check.name for check in CATALOGUE] == ABOUT_CHECKS


@pytest.mark.parametrize("check", CATALOGUE, ids=lambda check: check.name)
def test_the_link_of_a_result_leads_to_a_section_of_its_own(check: Check) -> None:
    anchors = [anchor(title) for title in re.findall(r"^(.+)\n[-=]{5,}$", GUIDE, re.MULTILINE)]
    _sentence, link = guide.split_link(guide.add_link(check.remediation, check.name))
    assert anchors.count(link.removeprefix(f"{guide.ADDRESS}#")) == 1


@pytest.mark.parametrize("title", ABOUT_CHECKS)
def test_a_section_about_a_check_answers_every_question_and_shows_an_example(title: str) -> None:
    assert re.findall(r"^:([^:]+): \S", SECTIONS[title], re.MULTILINE) == FIELDS
    assert f".. _{LABEL}.{title}:\n\n{title}\n" in GUIDE
    assert title in [example.values[0] for example in EXAMPLES]


@pytest.mark.parametrize("check", CATALOGUE, ids=lambda check: check.name)
def test_the_guide_gives_the_defaults_of_the_catalogue(check: Check) -> None:
    line = re.search(r"^:Defaults: (.*)$", SECTIONS[check.name], re.MULTILINE)
    assert ("the check is off" in SECTIONS[check.name]) is not check.is_default
    assert line
    found = dict(re.findall(r"``(\w+): ([^`]+)``", line[1]))
    kinds = {threshold.key: threshold.kind for threshold in check.thresholds}
    defaults = {one.key: one.kind.read(one.default) for one in check.thresholds if one.default is not None}
    assert {key: kinds[key].read(value) for key, value in found.items()} == defaults
    assert found or line[1] == "none to set"


@pytest.mark.parametrize(("title", "example"), EXAMPLES)
def test_every_example_is_accepted(title: str, example: dict[str, Any]) -> None:
    assert set(example) <= {"compliance_policy", "compliance_waivers"}
    policy, mistakes = settle_policy(plain(example.get("compliance_policy", {})))
    waivers, more = settle_waivers(plain(example.get("compliance_waivers", [])))
    assert mistakes + more == []
    assert waivers or policy.data != settle_policy({})[0].data


@pytest.mark.parametrize(("title", "example"), EXAMPLES)
def test_an_example_is_about_the_check_of_its_section(title: str, example: dict[str, Any]) -> None:
    waived = [waiver["check"] for waiver in example.get("compliance_waivers", [])]
    policy = example.get("compliance_policy", {})
    if title in ABOUT_CHECKS:
        assert title in [*waived, *policy.get("checks", {})] or "services" in policy


def test_the_guide_shows_findings_as_they_are_printed() -> None:
    reading = healthy(license=license_result(assigned_user_seats=95))
    reading["jobs"]["groups"][3] = group([job("x", "failed", finish=ago(hours=2))])
    reading["jobs"]["api"]["clock_offset_seconds"] = 900
    evidence = evidence_of(reading)
    printed = [findings.headline(evidence), *findings.findings(evidence)]
    shown = re.findall(r"^    ((?:contoso|FAIL|ERROR|WARN|\d+ failed).*)$", GUIDE, re.MULTILINE)
    assert [line.split()[0] for line in shown] == ["contoso:", "FAIL", "ERROR", "WARN", "WARN", "1"]
    for line in shown:
        core = re.split(r"(?: \.\.\.)? -> | Report: ", line)[0]
        assert any(one.startswith(core) for one in printed)


QUOTES = [
    pytest.param(quote, id=quote)
    for title in ("When the result could not be determined", "Waivers and thresholds")
    for item in re.findall(r"^- (\*[^:]+):", SECTIONS[title], re.MULTILINE)
    for quote in re.findall(r"\*([^*]+)\*", item)
]


@pytest.mark.parametrize("quote", QUOTES)
def test_what_the_guide_quotes_is_what_the_gate_says(quote: str) -> None:
    assert quote in SOURCES
