# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.cloudbackup.m365.plugins.module_utils import _names
from ansible_collections.cloudbackup.m365.tests.screenshots import tenants
from ansible_collections.cloudbackup.m365.tests.unit.readings import (
    ago,
    api,
    count,
    group,
    healthy,
    job,
    read,
)
from ansible_collections.cloudbackup.m365.tests.unit.reports.html_pages import (
    GUIDE,
    NOTHING_READ,
    PAGES,
    only_its_own_markup,
    page_of,
    rows,
    section,
    tree,
    words,
)


@pytest.mark.parametrize("tenant", PAGES)
def test_the_page_is_the_same_bytes_for_the_same_evidence(tenant: str) -> None:
    evidence = PAGES[tenant]()
    shuffled = json.loads(json.dumps(evidence, sort_keys=True))
    assert tenants.page_of(shuffled) == tenants.page_of(evidence)


@pytest.mark.parametrize(
    ("tenant", "verdict", "reason"),
    [
        (tenants.healthy, "COMPLIANT", "Every requirement of the policy is met or waived."),
        (tenants.failing, "NON-COMPLIANT", "checks failed."),
        (tenants.undetermined, "UNDETERMINED", "checks could not be judged."),
    ],
)
def test_the_verdict_comes_first_with_its_reason(tenant: Any, verdict: str, reason: str) -> None:
    header = tree(tenants.page_of(tenant())).find("body/header")
    assert header is not None
    assert words(header.find(".//p[@class='word']")) == verdict
    assert reason in words(header)
    assert "Meaning: " in words(header)
    assert "2026-11-17T06:00:00Z to 2026-11-24T06:00:00Z (7d)" in words(header)


def test_the_counts_of_all_states_are_at_the_top() -> None:
    evidence = tenants.failing()
    chips = tree(tenants.page_of(evidence)).findall(".//ul[@class='chips']/li")
    counts = [f"{count} {status.replace('_', ' ')}" for status, count in evidence["counts"].items()]
    assert [words(chip) for chip in chips] == counts


def test_findings_come_worst_first_with_what_to_do() -> None:
    evidence = tenants.failing()
    cards = section(tenants.page_of(evidence), "findings").findall("article")
    shown = [(words(card.find("div/span")), words(card.find("div/code"))) for card in cards]
    assert [status for status, _check in shown] == sorted(
        (status for status, _check in shown), key=["FAIL", "ERROR", "WARN", "WAIVED"].index
    )
    assert set(shown) == {
        (result["status"].upper(), result["check"])
        for result in evidence["results"]
        if result["status"] not in ("pass", "not_applicable")
    }
    assert {("FAIL", "license_seats"), ("WARN", "license_in_policy"), ("WAIVED", "backup_presence")} <= set(shown)
    assert all("What to do:" in words(card) for card in cards)
    recency = rows(cards[shown.index(("FAIL", "backup_recency"))].find("table"))
    assert recency[0] == [
        "exchange_online",
        "53 h 3 min ago, 2026-11-22T00:57:00Z",
        "a finished or finished with exception backup within 24h (warning after 12h)",
        "The last finished backup is 53 h 3 min old by its finish.",
        "exch-ffc",
    ]


def test_errors_for_the_same_reason_are_one_card() -> None:
    evidence = tenants.undetermined()
    cards = section(tenants.page_of(evidence), "findings").findall("article")
    assert [words(card.find("div/span")) for card in cards] == ["ERROR", "WARN"]
    checks = {result["check"] for result in evidence["results"] if result["status"] == "error"}
    assert words(cards[0].find("div/h3")) == f"{len(checks)} checks could not be judged"
    found = rows(cards[0].find("table"))
    assert found[0][0].startswith("Reliability of the evidence")
    scopes = "exchange_online, sharepoint_online, onedrive, teams"
    assert any(row[0].startswith("Age of the last backup, Presence of backups") and scopes in row[0] for row in found)


def test_many_rows_of_a_check_are_folded() -> None:
    places = _names.LOCATIONS[1:18]
    groups = [group([job(place, finish=ago(hours=50))], location=place) for place in places]
    policy = {"services": ["teams"], "locations": list(places)}
    page = page_of(read(*groups, count(17)), policy=policy)
    card = next(card for card in section(page, "findings").findall("article") if words(card.find("div/span")) == "FAIL")
    assert len(rows(card.find("table"))) == 15
    details = card.find("details")
    assert words(details).startswith("2 more rows")
    assert details is not None
    assert [row[0] for row in rows(details.find("table"))] == [f"teams@{place}" for place in places[15:]]


def with_remediation(text: str) -> str:
    evidence = tenants.failing()
    for result in evidence["results"]:
        result["remediation"] = text
    return tenants.page_of(evidence)


def test_the_guides_address_becomes_a_link() -> None:
    page = with_remediation(f"Release seats. {GUIDE}#license-seats")
    advice = tree(page).find(".//p[@class='todo']")
    assert words(advice) == "What to do: Release seats. Guide: license-seats"
    links = [link.attrib["href"] for link in tree(page).iter("a") if not link.attrib["href"].startswith("#")]
    assert links
    assert set(links) == {f"{GUIDE}#license-seats"}


@pytest.mark.parametrize(
    "address",
    [
        f"{GUIDE}#a b",
        f"{GUIDE}",
        f'{GUIDE}#a"onclick="x',
        f"{GUIDE}.evil.example#a",
        "https://github.com/other/repository#a",
        f"http{GUIDE[5:]}#a",
        "javascript:alert(1)",
        f"{GUIDE}#a and more",
    ],
)
def test_nothing_else_becomes_a_link(address: str) -> None:
    page = with_remediation(f"Do it. {address}")
    only_its_own_markup(page)
    assert all(link.attrib["href"].startswith("#") for link in tree(page).iter("a"))
    assert address in words(tree(page).find(".//p[@class='todo']"))


def test_what_passed_is_reported_once_per_check() -> None:
    evidence = tenants.healthy()
    found = rows(section(tenants.page_of(evidence), "passed-checks").find("table"))
    assert [row[0].rsplit(" ", 1)[1] for row in found] == list(
        dict.fromkeys(result["check"] for result in evidence["results"] if result["status"] == "pass")
    )
    assert found[3][2].startswith("exchange_online: 1 h ago, 2026-11-24T05:00:00Zsharepoint_online: 2 h ago")
    assert found[4][2] == "exchange_online, sharepoint_online, onedrive, teams: 14 jobs seen"


def test_what_was_not_applicable_is_folded_with_its_reason() -> None:
    details = section(tenants.page_of(tenants.undetermined()), "findings").find("details")
    assert words(details).startswith("Not applicable: 1 result")
    assert "The license is not sold by GB" in words(details)


def test_a_control_that_the_policy_does_not_support_is_reported() -> None:
    policy = {"window": "30d", "checks": {"backup_recency": {"warn": "8d", "fail": "9d"}}}
    found = rows(section(page_of(healthy(), policy=policy), "controls").find("table"))
    shown = {row[0]: row[1] for row in found}
    assert shown["CIS v8 11.2 automated backups, weekly or oftener"] == (
        "not supported by this policy: backup_recency fails after 9d, the control requires weekly (7d)"
    )
    assert shown["HIPAA 164.308(a)(7)(ii)(A) data backup plan"] == "partially"
    assert "A check supports a control, at most" in words(section(page_of(healthy()), "controls"))


def test_waivers_are_shown_with_their_state_and_its_warnings() -> None:
    evidence = tenants.failing()
    evidence["waivers"][0]["warnings"] = ["It is too wide."]
    found = rows(section(tenants.page_of(evidence), "waivers").find("table"))
    assert found[0][:4] == ["backup_presence teams", "usedIt is too wide.", "teams", "2026-12-15"]
    assert found[1][0] == "license_storage all"
    assert found[1][1] == "expired" + evidence["waivers"][1]["warnings"][0]


def test_what_was_not_judged_is_reported() -> None:
    assert "services microsoft_365_groups, project_online" in words(section(page_of(healthy()), "not-judged"))


def test_how_the_evidence_was_read_is_reported() -> None:
    reading = healthy()
    reading["jobs"]["api"] = api(pages=5, retries=2, age_seconds=7)
    found = rows(section(page_of(reading), "how-the-evidence-was-read").find("table"))
    assert found == [
        ["Outcome", "read", "read"],
        ["URL", "https://graph-us.example.com", "https://graph-us.example.com"],
        ["API", "v1", "v1"],
        ["Client", "0a1b", "0a1b"],
        ["Requests", "2", "2"],
        ["Retries", "0", "2"],
        ["Pages", "not known", "5"],
        ["Server time", "2026-11-24T06:00:00Z", "2026-11-24T06:00:00Z"],
        ["Clock offset (s)", "0", "0"],
        ["Cached for (s)", "not known", "7"],
        ["Ids", "r-1, r-2", "r-1, r-2"],
    ]


def test_errors_of_every_read_are_reported() -> None:
    errors = [{"read": "jobs", "message": "timed out"}, {"read": "elsewhere", "message": "gone"}]
    shown = section(page_of({**NOTHING_READ, "errors": errors}), "how-the-evidence-was-read")
    assert rows(shown.find("table"))[0] == ["Outcome", "not read", "timed out"]
    assert rows(shown.findall("table")[1]) == [["elsewhere", "gone"]]


def test_the_page_names_what_made_it() -> None:
    foot = tree(tenants.page_of(tenants.healthy())).find("body/footer")
    assert words(foot).startswith(f"Made by cloudbackup.m365 {_names.VERSION} from the evidence.json beside it")


def test_nothing_but_the_license_is_judged_where_the_policy_says_so() -> None:
    page = tenants.page_of(PAGES["no jobs judged"]())
    assert "No check of the jobs is enabled." in words(section(page, "backups"))
