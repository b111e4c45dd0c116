# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Schedule, retention and unusual activity in the reports for people."""

from __future__ import annotations

from typing import Any

from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.policy_rules import settle_policy
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reports import formats
from ansible_collections.cloudbackup.m365.tests.unit.readings import (
    YEARS,
    activity_result,
    detected,
    evidence_of,
    healthy,
    kept,
    period,
    scheduled,
    settings_result,
)
from ansible_collections.cloudbackup.m365.tests.unit.reports.html_pages import page_of, rows, section, tree, words
from hypothesis import given, settings
from hypothesis import strategies as st

NAMES = ("backup_frequency", "retention_period", "unusual_activity")
ENABLED = {"checks": {name: {"enabled": True} for name in NAMES}}
SCHEDULE, ACTIVITY = "schedule-and-retention", "unusual-activity"


def reading(container: str = "Projects") -> dict[str, Any]:
    services = [
        kept("exchange_online"),
        kept("onedrive", period("As agreed")),
        kept("teams", YEARS, period("Unlimited"), **{container: period("6 months", 182)}),
    ]
    frequency = [scheduled("exchange_online"), scheduled("sharepoint_online", 0), scheduled("onedrive", None)]
    activity = activity_result(detected("onedrive", 3, 7), detected("unknown", 0, 2))
    return healthy(settings=settings_result(frequency, services), unusual_activity=activity)


def markdown(read: dict[str, Any], policy: Any = None) -> str:
    evidence = evidence_of(read, policy)
    settled, _mistakes = settle_policy(evidence["policy"])
    return formats.pack(evidence, settled, ["markdown"])["report.md"].decode()


def test_the_page_shows_what_each_service_is_set_to_do() -> None:
    page = page_of(reading(), policy=ENABLED)
    unread = 'The retention of onedrive is "As agreed", which is not a known period.'
    lacking = "The schedule contains no number of jobs a day for onedrive."
    assert rows(section(page, SCHEDULE).find(".//table")) == [
        ["exchange_online", "4", "00:00", "7 years", "7 years: exchange_online, unassigned objects of exchange_online"],
        ["sharepoint_online", "0", "00:00", "7 years", "7 years: default of the tenant"],
        ["onedrive", "not known", "not known", "not known", f"not known{lacking} {unread}"],
        [
            *("teams", "not scheduled", "none", "182 days"),
            "182 days: container Projects of teams; 7 years: teams; without an end: unassigned objects of teams",
        ],
    ]


def test_the_page_shows_the_unusual_activity() -> None:
    found = section(page_of(reading(), policy=ENABLED), ACTIVITY)
    cards = [words(card) for card in found.iterfind(".//article")]
    days = "Reported from 2026-11-17 to 2026-11-24."
    assert cards == [f"Potential ransomware attacks 3 {days}", f"Unusual activities 9 {days}"]
    assert rows(found.find(".//table")) == [["onedrive", "3", "7"], ["service type 99", "0", "2"]]


def test_no_row_and_a_failed_read_are_said() -> None:
    quiet = page_of(healthy(settings=settings_result(), unusual_activity=activity_result()), policy=ENABLED)
    assert "The service reported no row." in words(section(quiet, ACTIVITY))
    error = {"read": "unusual_activity", "message": "403 from the API", "failure": {"kind": "permission"}}
    failed = healthy(settings=settings_result(), errors=[error])
    assert "The unusual activity could not be read: 403" in words(section(page_of(failed, policy=ENABLED), ACTIVITY))
    assert "The unusual activity could not be read: 403" in markdown(failed, ENABLED)


def test_a_report_without_these_checks_has_no_such_sections() -> None:
    page = page_of(reading())
    assert tree(page).find(f".//section[@aria-labelledby='{SCHEDULE}']") is None
    assert tree(page).find(f".//section[@aria-labelledby='{ACTIVITY}']") is None
    assert "## Schedule" not in markdown(reading())
    links = [link.get("href") for link in tree(page).iterfind(".//nav//a")]
    assert f"#{SCHEDULE}" not in links
    assert f"#{ACTIVITY}" not in links


def test_the_reads_behind_the_page_are_listed() -> None:
    table = section(page_of(reading(), policy=ENABLED), "how-the-evidence-was-read").find(".//table")
    assert table is not None
    head = [words(cell) for cell in table.iterfind("thead/tr/th")]
    assert head[1:] == ["License", "Jobs", "Settings", "Unusual activity"]


def test_the_markdown_report_has_the_same_tables() -> None:
    report = markdown(reading(), ENABLED)
    assert "| sharepoint_online | 0 | 00:00 | 7 years | 7 years: default of the tenant |  |" in report
    assert "| All services | 3 | 9 |" in report


@given(st.text(max_size=80) | st.sampled_from(["<script>", "a|b", "{{ 1 }}", "**x**", "https://evil.example"]))
@settings(max_examples=60)
def test_the_name_of_a_container_is_never_markup(name: str) -> None:
    page = page_of(reading(name), policy=ENABLED)
    tags = {element.tag for element in section(page, SCHEDULE).iter()}
    assert tags <= {"section", "h2", "p", "table", "caption", "thead", "tbody", "tr", "th", "td", "small", "wbr"}
    assert "<script" not in markdown(reading(name), ENABLED)
