# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import re
from typing import Any
from xml.etree import ElementTree

import pytest
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.checks.catalogue import CATALOGUE
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.fleet import fleet as _fleet
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.fleet import page as _fleet_html
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reports import evidence_json as _evidence
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reports import findings
from ansible_collections.cloudbackup.m365.tests.unit.readings import (
    NOW_TEXT,
    evidence_of,
    healthy,
    license_result,
)
from ansible_collections.cloudbackup.m365.tests.unit.reports.html_pages import only_its_own_markup
from hypothesis import example, given, settings
from hypothesis import strategies as st

EVALUATIONS = {
    "compliant": evidence_of(healthy()),
    "non_compliant": evidence_of(healthy(license=license_result(assigned_user_seats=101))),
    "undetermined": evidence_of(healthy(jobs=None)),
}


def tenant(name: str, verdict: str = "compliant", **changed: Any) -> _fleet.Tenant:
    if verdict == "not_judged":
        return _fleet.Tenant(name, name, doubt="'vault_secret' is undefined.")._replace(**changed)
    worst = findings.worst(EVALUATIONS[verdict])
    made = _fleet.Tenant(name, name, None, NOW_TEXT, EVALUATIONS[verdict], worst, report=f"{name}/report.html")
    made = made._replace(sha256=name)
    return made._replace(**changed)


def fleet(*tenants: _fleet.Tenant, **options: Any) -> dict[str, Any]:
    return _fleet.fleet(tenants, NOW_TEXT, **options)


def by_subject(content: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {row["subject"]: row for row in content["tenants"]}


@pytest.mark.parametrize("verdict", EVALUATIONS)
def test_the_evaluations_of_these_tests_are_what_they_say(verdict: str) -> None:
    assert EVALUATIONS[verdict]["verdict"] == verdict


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ([], "undetermined"),
        (["compliant"], "compliant"),
        (["compliant", "compliant"], "compliant"),
        (["compliant", "not_judged"], "undetermined"),
        (["compliant", "undetermined"], "undetermined"),
        (["not_judged"], "undetermined"),
        (["compliant", "non_compliant"], "non_compliant"),
        (["not_judged", "undetermined", "non_compliant"], "non_compliant"),
    ],
)
def test_a_fleet_is_compliant_only_if_every_tenant_was_judged_and_is(verdicts: list[str], expected: str) -> None:
    content = fleet(*(tenant(f"t{number}", verdict) for number, verdict in enumerate(verdicts)))
    assert content["verdict"] == expected
    assert sum(content["counts"].values()) == len(verdicts)


def test_the_worst_tenants_come_first_and_equals_by_name() -> None:
    verdicts = {"e": "compliant", "c": "undetermined", "b": "not_judged", "a": "compliant", "d": "non_compliant"}
    content = fleet(*(tenant(name, verdict) for name, verdict in verdicts.items()))
    assert [row["subject"] for row in content["tenants"]] == ["d", "b", "c", "a", "e"]


def test_of_several_scopes_the_worst_status_stands_with_the_scopes_that_have_it() -> None:
    results = [
        {"check": "backup_recency", "scope": scope, "status": status, "observed": "", "expected": "", "message": ""}
        for scope, status in (("teams", "pass"), ("onedrive", "fail"), ("sharepoint_online", "fail"))
    ]
    evaluation = {**EVALUATIONS["compliant"], "results": results}
    checks = fleet(tenant("contoso", evaluation=evaluation))["tenants"][0]["checks"]
    assert checks == {"backup_recency": {"status": "fail", "scopes": ["onedrive", "sharepoint_online"]}}


@pytest.mark.parametrize(
    ("field", "word"), [("subject", "the same name as"), ("registration", "the same app registration as")]
)
def test_what_two_tenants_share_puts_both_in_doubt(field: str, word: str) -> None:
    same: list[dict[str, Any]] = [{field: "Same"}, {field: "same"}]
    content = fleet(tenant("a", **same[0]), tenant("b", "non_compliant", **same[1]), tenant("c"))
    rows = {row["host"]: row for row in content["tenants"]}
    assert (rows["a"]["verdict"], rows["b"]["verdict"], rows["c"]["verdict"]) == (
        "undetermined",
        "non_compliant",
        "compliant",
    )
    assert f"{word} b: Same." in rows["a"]["doubt"]
    assert f"{word} a: same." in rows["b"]["doubt"]
    assert set(_fleet.refused(content)) == {"a", "b"}


def test_what_is_not_known_is_not_shared() -> None:
    assert fleet(tenant("a", registration=""), tenant("b", registration=""))["verdict"] == "compliant"


def test_a_tenant_that_was_not_judged_shares_as_well() -> None:
    content = fleet(tenant("a", registration="id"), tenant("b", "not_judged", registration="id"))
    assert "the same app registration as b" in by_subject(content)["a"]["doubt"]
    assert by_subject(content)["b"]["doubt"].startswith("'vault_secret' is undefined. It has the same app registration")


def test_only_hosts_in_doubt_fail_whatever_is_enforced() -> None:
    content = fleet(
        tenant("a"), tenant("b", "non_compliant"), tenant("c", "not_judged"), tenant("d", host=None, doubt="x")
    )
    assert _fleet.refused(content) == {"c": ["c: NOT JUDGED. 'vault_secret' is undefined."]}


def test_the_lines_name_the_red_and_not_the_green() -> None:
    content = fleet(tenant("a"), tenant("b", "non_compliant"), tenant("c", "not_judged"), limit="a:b:c")
    assert _fleet.headline(content) == (
        "NON-COMPLIANT: 3 tenants (1 non-compliant, 1 not judged, 1 compliant). Limited to a:b:c."
    )
    lines = _fleet.findings(content)
    assert lines[0].startswith("NON-COMPLIANT b: 1 check failed. FAIL license_seats: 101 of 100 seats")
    assert lines[1:] == ["NOT JUDGED c: 'vault_secret' is undefined."]


def test_five_hundred_red_tenants_fit_a_screen_and_a_summary() -> None:
    content = fleet(*(tenant(f"a-tenant-with-quite-a-long-name-{number}", "undetermined") for number in range(500)))
    lines = _fleet.findings(content)
    assert len(lines) == 61
    assert lines[-1] == "... and 440 more red tenants, in the report"
    summary = _fleet.summary(content, "/reports/fleet.html", "0" * 64)
    assert (summary["tenants"], len(summary["red"])) == (500, 20)
    assert len(json.dumps(summary)) < 2_000
    assert len(_evidence.as_json(content)) < 500 * 5_000


def test_the_summary_names_the_first_tenants_that_were_not_judged_with_the_reason() -> None:
    stopped = [tenant(f"t{number}", "not_judged")._replace(doubt="x" * 999) for number in range(9)]
    named = _fleet.summary(fleet(tenant("red", "non_compliant"), *stopped), None, "0" * 64)["not_judged"]
    assert [line.partition(": ")[0] for line in named] == ["t0", "t1", "t2", "t3", "t4"]
    assert {len(line.partition(": ")[2]) for line in named} == {240}
    assert _fleet.summary(fleet(tenant("red", "non_compliant")), None, "0" * 64)["not_judged"] == []


def test_the_same_tenants_in_another_order_make_the_same_report() -> None:
    tenants = [tenant("a"), tenant("b", "non_compliant"), tenant("c", "not_judged")]
    assert _evidence.as_json(fleet(*tenants)) == _evidence.as_json(fleet(*reversed(tenants)))


# --- The page ---------------------------------------------------------------------------------------------------------


def page_of(*tenants: _fleet.Tenant, **options: Any) -> tuple[str, ElementTree.Element]:
    text = _fleet_html.report(fleet(*tenants, **options))
    return text, ElementTree.fromstring(text.partition("\n")[2])


def test_the_matrix_has_a_row_for_each_tenant_and_a_column_for_each_check() -> None:
    _text, page = page_of(tenant("a"), tenant("b", "non_compliant"), tenant("c", "not_judged"))
    matrix = page.find(".//div[@class='matrix']/table")
    head = ["".join(cell.itertext()) for cell in matrix.iterfind("thead/tr/th")]
    assert head == ["Tenant", "Verdict", *(check.title for check in CATALOGUE if check.is_default)]
    rows = [["".join(cell.itertext()) for cell in row] for row in matrix.iterfind("tbody/tr")]
    assert [row[:3] for row in rows] == [
        ["b", "non-compliant", "fail"],
        ["c", "not judged", "-"],
        ["a", "compliant", "ok"],
    ]
    assert {len(row) for row in rows} == {len(head)}


def test_a_tenant_links_to_its_report_and_a_red_one_to_its_reasons() -> None:
    _text, page = page_of(tenant("a b", "undetermined", report="a b-1/report.html"), tenant("c", report=""))
    links = [link.get("href") for link in page.iterfind(".//div[@class='matrix']//a")]
    assert links == ["a%20b-1/report.html", "#tenant-0"]
    assert page.find(".//*[@id='tenant-0']") is not None


def test_a_failed_check_names_its_scopes() -> None:
    _text, page = page_of(tenant("a", "non_compliant"))
    assert page.find(".//td[@class='fail'][@title='Seats in use: fail (license)']") is not None


HOSTILE = "<script>alert(1)</script>\u202e\x1b[31m\" onload='x' {{ 7*7 }} &amp;"


def test_what_came_from_outside_is_only_text() -> None:
    text, page = page_of(tenant(HOSTILE, "non_compliant"), tenant("b", "not_judged", doubt=HOSTILE), limit=HOSTILE)
    assert not re.search(r"<script|\x1b|\u202e", text)
    assert {name for element in page.iter() for name in element.attrib if name.startswith("on")} == set()
    shown = "".join(page.find("body").itertext())
    assert "<script>alert(1)</script>" in shown
    assert not re.search(r"(src|href)=.(https?:|//|data:|javascript:)", text)


@given(st.text(max_size=60))
@settings(max_examples=50)
@example("_\u2028_2026-11-24T06:00:00Z")
def test_any_text_is_text_alone(text: str) -> None:
    changed = {"doubt": text, "report": text}
    page, _tree = page_of(tenant(text, "non_compliant", **changed), tenant("b", "not_judged", **changed), limit=text)
    only_its_own_markup(page, links=r"[A-Za-z0-9/_.~%-]+")


def test_the_page_of_five_hundred_tenants_can_be_opened() -> None:
    text, _page = page_of(*(tenant(f"tenant-{number}", report=f"t/{number}.html") for number in range(500)))
    assert len(text) < 1_500_000
