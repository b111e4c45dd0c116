# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

import pytest
from ansible_collections.cloudbackup.m365.plugins.module_utils import _names
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.policy_rules import settle_policy
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.model import guide
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.model.subject import directory_name
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reports import formats as _formats
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reports.formats import FORMATS
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller.plain import plain
from ansible_collections.cloudbackup.m365.tests.unit.readings import (
    NOT_PLANNED,
    ago,
    evidence_of,
    group,
    healthy,
    job,
    judge,
    license_result,
)
from hypothesis import given
from hypothesis import strategies as st

HOSTILE = (
    "<script>alert(1)</script> | `x` *b* [l](http://e.example) www.e.example \\| &lt; \x1b[2J\u202e\u2028 a@b.example"
)


def pack(data: dict[str, Any], formats: Iterable[str]) -> dict[str, bytes]:
    policy, _mistakes = settle_policy(data["policy"])
    return _formats.pack(data, policy, formats)


def markdown(*arguments: Any, **named: Any) -> str:
    return pack(evidence_of(*arguments, **named), ["markdown"])["report.md"].decode()


def test_the_pack_is_the_same_bytes_for_the_same_evidence() -> None:
    first = pack(evidence_of(healthy()), FORMATS)
    shuffled = json.loads(json.dumps(evidence_of(healthy()), sort_keys=True))
    assert pack(shuffled, reversed(list(FORMATS))) == first
    assert list(first) == [
        *("junit.xml", "report.html", "report.md", "findings.csv", "metrics.prom"),
        *("oscal-assessment-results.json", "evidence.json"),
    ]


def test_evidence_is_always_part_of_the_pack() -> None:
    assert list(pack(evidence_of(healthy()), ["markdown"])) == ["report.md", "evidence.json"]
    assert list(pack(evidence_of(healthy()), [])) == ["evidence.json"]


def test_evidence_has_what_was_read_and_how_it_was_judged() -> None:
    data = json.loads(pack(evidence_of(healthy()), [])["evidence.json"])
    assert data["read"] == healthy()
    assert data["schema_version"] == 1
    assert data["collection"] == {"name": _names.COLLECTION, "version": _names.VERSION}
    assert set(data) == {
        *("schema_version", "subject", "evaluated_at", "collection", "policy", "read"),
        *("verdict", "reason", "counts", "results", "waivers", "not_judged", "window"),
    }


def test_the_evaluation_can_be_made_again_from_the_evidence() -> None:
    reading = healthy(license=license_result(assigned_user_seats=101))
    made = {"check": "license_seats", "reason": "r", "approver": "J. Doe", "expires": "2026-12-31"}
    data = json.loads(pack(evidence_of(reading, waivers=[made]), [])["evidence.json"])
    again = judge(data["read"], data["policy"], data["waivers"])
    assert {key: data[key] for key in again} == again


def test_evidence_is_ascii_and_keeps_what_the_server_said() -> None:
    reading = healthy(errors=[{"read": "elsewhere", "message": HOSTILE, "failure": None}])
    content = pack(evidence_of(reading), [])["evidence.json"]
    assert content.isascii()
    assert b"\x1b" not in content
    assert json.loads(content)["read"]["errors"][0]["message"] == HOSTILE


def test_the_report_says_the_verdict_first() -> None:
    lines = markdown(healthy()).splitlines()
    assert lines[0] == "# Backup compliance of contoso"
    assert lines[2].startswith("**COMPLIANT.**")


@pytest.mark.parametrize(
    "words",
    [
        "| fail | Seats in use (license_seats) | license | 101 of 100 seats (101 %) |",
        "| teams | 2026-11-24T05:00:00Z finished | 2026-11-24T05:00:00Z finished | 14 |",
        "| Seats | 100 | 101 |",
        "| NIST SP 800-53r5 CM-10 b |",
        "| used | backup_recency | all | nothing | 2026-12-31 | 37 | J. Doe | r | used, nothing that it covers fails;",
        "| services microsoft_365_groups, project_online, public_folder,",
        "| jobs | read | https&#58;//graph-us.example.com | v1 | 0a1b | 2 | 0 |",
        "| r-1, r-2 |",
        f"Made by cloudbackup.m365 {_names.VERSION}",
        "A check *supports* a control, at most",
    ],
)
def test_the_report_has_everything_that_an_auditor_asks_for(words: str) -> None:
    made = {"check": "backup_recency", "reason": "r", "approver": "J. Doe", "expires": "2026-12-31"}
    report = markdown(healthy(license=license_result(assigned_user_seats=101)), waivers=[made])
    assert words.replace("used", "unused") in report


def test_nothing_that_the_server_said_is_markup_in_the_report() -> None:
    reading = healthy()
    hostile = job(HOSTILE, HOSTILE, finish=ago(hours=1))
    reading["jobs"]["groups"][3] = group([hostile])
    reading["jobs"]["api"].update(url=HOSTILE, request_ids=[HOSTILE], server_time=HOSTILE)
    reading["license"]["license"].update(out_of_policy=True, out_of_policy_raw=HOSTILE)
    reading["errors"] = [{"read": "license", "message": HOSTILE, "failure": {"hint": HOSTILE}}]
    made = {"check": "backup_recency", "reason": HOSTILE, "approver": HOSTILE, "expires": "2026-12-31"}
    report = markdown(reading, subject=HOSTILE, waivers=[made])
    assert all(line.isprintable() for line in report.splitlines())
    assert "<" not in report
    assert not re.search(r"(?<!\\)`", report)
    assert not re.search(r"(?<!\\)\[", report)
    assert "http://" not in report
    assert "www." not in report
    for line in report.splitlines():
        if line.startswith("|"):
            # Every row of a table has the cells of its head
            assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) >= 3
    tables = [block for block in report.split("\n\n") if block.startswith("|")]
    for table in tables:
        widths = {len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) for line in table.splitlines()}
        assert len(widths) == 1


def test_a_report_of_nothing_read_still_tells_all_there_is() -> None:
    errors = [{"read": "jobs", "message": "timed out", "failure": None}]
    report = markdown({**NOT_PLANNED, "license": None, "jobs": None, "errors": errors})
    assert "**UNDETERMINED.**" in report
    assert "| teams | not known | The jobs could not be read: timed out. |" in report
    assert "| license | not read |" in report
    assert "| jobs | timed out |" in report


def test_the_report_links_to_the_guide_and_to_nothing_else() -> None:
    report = markdown(healthy(license=license_result(assigned_user_seats=101)), subject="https://e.example/#a")
    assert f"have to be protected. {guide.ADDRESS}#license-seats |" in report
    links = re.findall(r"https?://\S+", report)
    assert links
    assert all(link.startswith(f"{guide.ADDRESS}#") for link in links)


@pytest.mark.parametrize("subject", ["contoso", "contoso.onmicrosoft.com", "Contoso_2-b", "365", "a" * 80])
def test_a_safe_subject_is_its_own_directory(subject: str) -> None:
    assert directory_name(subject) == subject


@pytest.mark.parametrize(
    "subject",
    [
        "",
        ".",
        "..",
        "../../etc",
        "/",
        "a/b",
        "a\\b",
        "a\x00b",
        "a\nb",
        " ",
        "-x",
        "~",
        "Übung",
        "a" * 81,
        "x-0123456789ab",
        "\ud800",
    ],
)
def test_any_other_subject_gets_a_safe_likeness(subject: str) -> None:
    name = directory_name(subject)
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}-[0-9a-f]{12}", name)
    assert len(name) <= 80
    assert name != subject


@given(st.lists(st.text(alphabet="ab/._-\n 0Ü", max_size=5), min_size=2, unique=True))
def test_two_subjects_never_share_a_directory(subjects: list[str]) -> None:
    names = [directory_name(subject) for subject in subjects]
    assert len(set(names)) == len(names)
    assert len({directory_name(name) for name in [*names, *subjects]}) == len({*names, *subjects})


def test_what_is_nested_without_end_is_refused() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(ValueError, match="nested too deeply"):
        plain(endless)
