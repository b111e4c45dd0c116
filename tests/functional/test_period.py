# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The history of the gate and the report of a period, run as users run them: every extra-var is text."""

from __future__ import annotations

import datetime
import hashlib
import json

from ansible_collections.cloudbackup.m365.tests.functional.runner import connection_of, host_of
from ansible_collections.cloudbackup.m365.tests.unit.period.recorded_years import chained, daily, write


def days():
    """Today and tomorrow, as the server of a test has them."""
    today = datetime.datetime.now(datetime.timezone.utc).date()
    return today, today + datetime.timedelta(days=1)


def period(ansible, *arguments, **given):
    extra = [part for name, value in given.items() for part in ("-e", f"period_{name}={value}")]
    return ansible.playbook("period", *extra, *arguments)


def lines_of(tmp_path, subject="contoso"):
    return (tmp_path / "reports" / subject / "history.jsonl").read_bytes().splitlines()


def test_every_gate_adds_a_line_whose_hash_it_publishes_and_the_period_is_proven_by_them(ansible, simulate, tmp_path):
    hosts = {"contoso": host_of(connection_of(simulate(scenario="healthy")))}
    before = days()[0]
    published = []
    for more in ((), ("-e", "compliance_enforce=false")):
        gate = ansible.gate(hosts, *more)
        assert gate.status == 0
        published.append(gate.published("cloudbackup_compliance")["contoso"]["history_sha256"])
    for more in (("--check",), ("-e", "compliance_history=no"), ("-e", "compliance_policy={window: nonsense}")):
        ansible.gate(hosts, *more)
    lines = lines_of(tmp_path)
    assert [hashlib.sha256(line).hexdigest() for line in lines] == published
    data = [json.loads(line) for line in lines]
    assert [one["enforce"] for one in data] == [True, False]
    assert data[0]["evidence_sha256"] != data[1]["previous"] == published[0]

    run = period(
        ansible,
        *("-e", json.dumps({"period_anchors": json.dumps({"contoso": published[-1]})})),
        report_dir="reports",
        start=before,
        end=days()[1],
        tenants="'[{subject: contoso, since: " + str(before) + "}]'",
        output_dir="quarter",
        max_gap="30h",
        enforce="yes",
    )
    assert run.status == 0, run.output
    assert run.output.count(f"PROVEN from {before}") == 1
    content = json.loads((tmp_path / "quarter" / "period.json").read_text())
    assert run.published("cloudbackup_period") == {
        "verdict": "proven",
        "tenants": {"no_evidence": 0, "broken_chain": 0, "gaps": 0, "proven": 1},
        "report": str(tmp_path / "quarter" / "period.html"),
        "sha256": hashlib.sha256((tmp_path / "quarter" / "period.json").read_bytes()).hexdigest(),
    }
    (row,) = content["tenants"]
    assert (row["runs"], row["report_only_runs"], row["newest"]) == (2, 1, published[-1])


def test_a_red_gate_and_one_that_read_nothing_add_their_lines_too(ansible, simulate, tmp_path):
    simulator = simulate(scenario="seats_exceeded")
    hosts = {"contoso": host_of(connection_of(simulator, retries=0))}
    assert ansible.gate(hosts).status == 2
    simulator.stop()
    assert ansible.gate(hosts).status == 2
    data = [json.loads(line) for line in lines_of(tmp_path)]
    assert [(one["verdict"], one["server_time"] is None) for one in data] == [
        ("non_compliant", False),
        ("undetermined", True),
    ]
    assert data[0]["license"]["assigned_user_seats"] == 108


def test_a_period_that_is_not_proven_is_red_once_and_is_written_all_the_same(ansible, tmp_path):
    lines = chained(daily("2026-01-01", 31))
    write(tmp_path / "reports", "contoso", [*lines[:10], *lines[13:]])
    write(tmp_path / "reports", "fabrikam", chained(daily("2026-01-01", 31, "fabrikam")[::2]))
    given = {"report_dir": tmp_path / "reports", "start": "2026-01-01", "end": "2026-01-31"}
    run = period(ansible, **given)
    assert run.status == 2
    folder = tmp_path / "reports-period-2026-01-01-2026-01-31"
    assert sorted(path.name for path in folder.iterdir()) == [".lock", "period.csv", "period.html", "period.json"]
    assert "BROKEN CHAIN from 2026-01-01 to 2026-01-31: 2 tenants" in run.output
    for line in ("BROKEN CHAIN contoso: Line 11", "GAPS fabrikam: 15 gaps"):
        assert run.output.count(line) == 1
    assert f"Report: {folder}/period.html" in run.output
    assert period(ansible, enforce="false", **given).status == 0


def test_check_mode_gives_the_verdict_and_writes_nothing(ansible, tmp_path):
    write(tmp_path / "reports", "contoso", chained(daily("2026-01-01", 30)))
    given = {"report_dir": "reports", "start": "2026-01-01", "end": "2026-01-31"}
    run = period(ansible, "--check", now="2026-01-31T00:00:00Z", **given)
    assert (run.status, "PROVEN from 2026-01-01" in run.output) == (0, True)
    assert period(ansible, "--check", now="2026-02-01T00:00:00Z", **given).status == 2
    assert not list(tmp_path.glob("reports-*"))


def test_mistakes_are_all_named_and_a_tag_leaves_nothing_out(ansible, tmp_path):
    run = period(ansible, "--tags", "other", start="May", end="2026-01-31", max_gap="2")
    assert run.status == 2
    for line in ("report_dir: ", "start: expected a date", "max_gap: expected"):
        assert line in run.output


def test_dates_of_a_file_of_variables_need_no_quotes(ansible, tmp_path):
    write(tmp_path / "reports", "contoso", chained(daily("2026-01-01", 31)))
    (tmp_path / "january.yml").write_text(
        "period_report_dir: [reports]\nperiod_start: 2026-01-01\nperiod_end: 2026-01-31\n"
        "period_tenants:\n  - contoso\n  - {subject: fabrikam, since: 2026-02-01}\n"
    )
    assert ansible.playbook("period", "-e", "@january.yml").status == 0


def test_a_fleet_report_takes_the_report_of_a_period_for_no_folder_of_tenants(ansible, simulate, tmp_path):
    hosts = {"contoso": host_of(connection_of(simulate(scenario="healthy")))}
    ansible.gate(hosts)
    first, last = days()
    period(ansible, report_dir="reports", start=first, end=last, output_dir="reports/period")
    assert (tmp_path / "reports" / "period" / "period.json").exists()
    before = lines_of(tmp_path)
    run = ansible.playbook("fleet_report", "-e", "fleet_dirs=reports", "-e", "fleet_report_dir=all")
    assert run.status == 0, run.output
    assert lines_of(tmp_path) == before
