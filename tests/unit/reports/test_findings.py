# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the gate prints fits the screen of a phone, and names what to do."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.cloudbackup.m365.plugins.module_utils import _names
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.model import guide
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reports import findings
from ansible_collections.cloudbackup.m365.tests.unit.readings import (
    SERVICES,
    ago,
    count,
    evidence_of,
    group,
    healthy,
    job,
    license_result,
    read,
)

EXCEEDED = license_result(assigned_user_seats=108)
REFUSED = "POST https://id.example/connect/token: HTTP status 400: invalid_client: The secret has expired"
HINT = "Check client_id and client_secret."


def failed(*reads: str, message: str = REFUSED, **failure: Any) -> dict[str, Any]:
    """A reading of which these parts failed."""
    facts = {
        "kind": "authentication",
        "url": "https://id.example/connect/token",
        "status": 400,
        "hint": HINT,
        **failure,
    }
    errors = [{"read": name, "message": f"{message}. {HINT}", "failure": facts} for name in reads]
    return {**healthy(), **dict.fromkeys(reads), "errors": errors}


def silent(*services: str) -> dict[str, Any]:
    """A tenant in which these services have not been backed up."""
    reading = healthy()
    for service in services:
        reading["jobs"]["groups"][SERVICES.index(service)] = group([], service)
    return reading


def clock_off() -> dict[str, Any]:
    reading = healthy(license=license_result(assigned_user_seats=95))
    reading["jobs"]["api"]["clock_offset_seconds"] = 900
    return reading


HEADLINES = [
    (healthy(), "contoso: COMPLIANT, 45 passed"),
    (healthy(license=license_result(assigned_user_seats=95)), "contoso: COMPLIANT, 44 passed, 1 warning"),
    (healthy(license=EXCEEDED), "contoso: NON-COMPLIANT, license_seats failed: 108 of 100 seats (108 %)"),
    (
        silent("teams", "onedrive"),
        "contoso: NON-COMPLIANT, backup_recency failed: onedrive none since 2026-11-03T06:00:00Z (and 1 more)",
    ),
    (
        silent("teams"),
        "contoso: NON-COMPLIANT, backup_recency failed: teams none since 2026-11-03T06:00:00Z (and 1 more)",
    ),
    (failed("license", "jobs"), f"contoso: UNDETERMINED, the API could not be read: authentication, {REFUSED}"),
    (
        clock_off(),
        "contoso: UNDETERMINED, the evidence is in doubt: The clock is off the server's by 900 s (jobs): no age can be "
        "trusted.",
    ),
]


@pytest.mark.parametrize(("reading", "headline"), HEADLINES, ids=[headline for _reading, headline in HEADLINES])
def test_the_headline_is_subject_verdict_and_the_worst_finding(reading: Any, headline: str) -> None:
    shown = findings.headline(evidence_of(reading))
    same_service_first = headline.replace("onedrive none", "teams none")
    assert shown in (headline, same_service_first)


def test_a_failed_read_is_one_line_however_many_checks_it_leaves_open() -> None:
    lines = findings.findings(evidence_of(failed("license", "jobs")))
    assert lines == [
        f"ERROR reading the license and jobs (46 results not determined): {REFUSED} -> {HINT}",
        "46 not determined.",
    ]


def test_reads_that_failed_for_two_reasons_are_two_lines() -> None:
    reading = failed("license", "jobs")
    reading["errors"][1] = failed("jobs", message="GET https://api.example/jobs: no answer", url="other")["errors"][0]
    lines = findings.findings(evidence_of(reading))
    assert [line.split(" (")[0] for line in lines[:2]] == ["ERROR reading the license", "ERROR reading the jobs"]
    assert len(lines) == 3


def test_a_failed_read_does_not_hide_what_else_is_wrong() -> None:
    lines = findings.findings(evidence_of({**failed("jobs"), "license": EXCEEDED}))
    assert [line.split(" (")[0].split(":")[0] for line in lines[:-1]] == [
        "FAIL license_seats",
        "ERROR reading the jobs",
    ]


def test_a_check_that_fails_at_several_scopes_is_one_line_with_every_figure() -> None:
    reading = silent("teams")
    reading["jobs"]["groups"][0] = group([job("a", finish=ago(days=3))], "exchange_online")
    line = findings.findings(evidence_of(reading))[0]
    assert line.startswith(
        "FAIL backup_recency exchange_online, teams: exchange_online 72 h ago, 2026-11-21T06:00:00Z; teams none since "
        "2026-11-03T06:00:00Z; expected "
    )


def test_an_answer_that_is_missing_is_one_line_for_all_checks_that_need_it() -> None:
    reading = healthy()
    reading["jobs"]["groups"][3] = {}
    lines = findings.findings(evidence_of(reading))
    assert [line.split(":")[0] for line in lines[:-1]] == [
        "ERROR evidence",
        "ERROR backup_recency and 9 more checks teams",
    ]


def test_the_worst_comes_first_and_the_counts_last() -> None:
    reading = clock_off()
    reading["jobs"]["groups"][3] = group([], "teams")
    lines = findings.findings(evidence_of(reading))
    assert [line.split()[0] for line in lines[:-1]] == ["FAIL", "FAIL", "ERROR", "WARN"]
    assert lines[-1].startswith("2 failed, 1 not determined, 1 warning, ")


def test_every_line_says_what_to_do_and_its_link_is_never_cut() -> None:
    reading = clock_off()
    reading["jobs"]["groups"][3] = group([], "teams")
    for line in findings.findings(evidence_of(reading))[:-1]:
        sentence, link = guide.split_link(line)
        assert " -> " in sentence
        assert link == f"{guide.ADDRESS}#{line.split()[1].rstrip(':').replace('_', '-')}"


def test_waivers_that_need_attention_are_named_with_their_approver() -> None:
    made = {"reason": "r", "approver": "J. Doe", "expires": "2026-12-31"}
    waivers = [{**made, "check": "license_seats"}, {**made, "check": "license_storage", "expires": "2026-01-01"}]
    lines = findings.findings(evidence_of(healthy(), waivers=waivers))
    assert "WARN waiver license_seats all: unused, nothing that it covers fails; take it out (J. Doe)" in lines
    assert "WARN waiver license_storage all: expired after 2026-01-01 and is ignored (J. Doe)" in lines


HOSTILE = "\x1b[2J\u202e\r\n" + "A" * 9_000
PLACES = [location for location in _names.LOCATIONS if location != "PrimaryGeoLocation"]


def hostile() -> dict[str, Any]:
    """A large tenant whose server sends arbitrary texts."""
    groups = [group([job(HOSTILE, HOSTILE, finish=ago(hours=1))], "teams", location=at) for at in PLACES]
    groups += [
        group([job("a", finish=ago(days=3, minutes=n))], service, location=at)
        for service in ("onedrive", "power_bi", "teams_chat")
        for n, at in enumerate(PLACES)
    ]
    failure = {"kind": HOSTILE, "hint": HOSTILE, "url": HOSTILE}
    errors = [{"read": "license", "message": HOSTILE, "failure": failure}]
    return read(*groups, count(len(groups)), license=None, errors=errors)


def test_what_is_printed_stays_short_whatever_the_server_said() -> None:
    waivers = [
        {"check": "license_seats", "reason": HOSTILE, "approver": HOSTILE, "expires": f"2026-01-{day:02}"}
        for day in range(1, 31)
    ]
    policy = {"services": ["teams", "onedrive", "power_bi", "teams_chat"], "locations": PLACES}
    evidence = evidence_of(hostile(), policy, waivers, subject="con\ntoso" + "x" * 900)
    lines = findings.findings(evidence)
    assert len(lines) < 30
    assert "... and 25 more waivers, in the report" in lines
    assert all(len(line) <= findings.LINE and line.isprintable() for line in lines)
    shown = findings.headline(evidence)
    assert len(shown) <= findings.HEADLINE
    assert shown.isprintable()


def test_a_single_cause_fits_the_screen() -> None:
    """With the frame of a failed task, which is four lines and the headline, it stays under 12."""
    for reading in (healthy(license=EXCEEDED), failed("license", "jobs"), clock_off(), silent("teams")):
        assert len(findings.findings(evidence_of(reading))) <= 5


def test_the_worst_findings_are_few_and_short() -> None:
    assert findings.worst(evidence_of(failed("license", "jobs"))) == [
        f"ERROR the API could not be read: authentication, {REFUSED}"
    ]
    assert findings.worst(evidence_of(healthy())) == []
    worst = findings.worst(evidence_of(hostile(), {"services": ["teams", "onedrive"], "locations": PLACES}))
    assert 1 < len(worst) <= 5
    assert all(len(line) <= 160 for line in worst)
