# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The formats for programs from the command line: in the folder of each tenant, of the fleet and of a merged report."""

from __future__ import annotations

import csv
import json

from ansible_collections.cloudbackup.m365.tests.functional.runner import hosts_of
from prometheus_client.parser import text_string_to_metric_families

TENANT = {"evidence.json", "findings.csv", "metrics.prom", "oscal-assessment-results.json"}
FLEET = {"fleet.json", "fleet.html", "fleet.csv", "fleet.prom"}


def files_in(folder):
    return {path.name for path in folder.iterdir() if path.is_file()} - {".lock"}


def verdicts_in(path):
    """By subject, the verdict that holds."""
    families = {family.name: family for family in text_string_to_metric_families(path.read_text(encoding="utf-8"))}
    samples = families["cloudbackup_verdict"].samples
    return {one.labels["subject"]: one.labels["verdict"] for one in samples if one.value}


def statuses_in(path):
    with open(path, encoding="utf-8", newline="") as stream:
        return [(row["subject"], row["check"], row["status"]) for row in csv.DictReader(stream, strict=True)]


def test_a_fleet_has_the_formats_that_were_asked_for(ansible, simulate, tmp_path):
    simulator = simulate(tenants={"red": "seats_exceeded", "green": "healthy", "typo": "healthy", "vault": "healthy"})
    (tmp_path / "host_vars").mkdir()
    (tmp_path / "host_vars" / "vault.yml").write_text("$ANSIBLE_VAULT;1.1;AES256\n3132\n")
    hosts = hosts_of(simulator, typo={"compliance_policy": {"service": ["teams"]}})
    run = ansible.gate(hosts, "-e", "compliance_report_formats=csv,metrics,oscal")
    assert run.status == 2
    assert files_in(run.reports) == FLEET
    for name in ("red", "green"):
        assert files_in(run.reports / name) == TENANT | {"history.jsonl"}
    lost = dict.fromkeys(("typo", "vault"), "undetermined")
    assert verdicts_in(run.reports / "fleet.prom") == {"red": "non_compliant", "green": "compliant", **lost}
    evidence = [
        (name, one["check"], one["status"]) for name in ("red", "green") for one in run.evidence(name)["results"]
    ]
    found = statuses_in(run.reports / "fleet.csv")
    assert [row for row in found if row[0] in ("red", "green")] == evidence
    assert {row for row in found if row[0] in lost} == {(name, "verdict", "error") for name in lost}
    assert statuses_in(run.reports / "red" / "findings.csv") == [row for row in evidence if row[0] == "red"]
    oscal = json.loads((run.reports / "red" / "oscal-assessment-results.json").read_text(encoding="utf-8"))
    states = {
        one["target"]["target-id"]: one["target"]["status"]["state"]
        for one in oscal["assessment-results"]["results"][0]["findings"]
    }
    assert (states["cm-10_smt.b"], states["cp-4_smt"]) == ("not-satisfied", "satisfied")
    # A limit leaves the metrics of the others
    limited = ansible.gate(hosts, "-e", "compliance_report_formats=csv,metrics", "--limit", "green")
    assert limited.status == 0
    assert verdicts_in(run.reports / "fleet.prom") == {"red": "non_compliant", "green": "compliant", **lost}
    assert files_in(run.reports / "green") == (TENANT | {"history.jsonl"}) - {"oscal-assessment-results.json"}
    merged = ansible.playbook(
        *("fleet_report", "-e", "fleet_dirs=reports", "-e", "fleet_report_dir=all"),
        *("-e", "fleet_report_formats=metrics"),
    )
    assert merged.status == 2
    assert files_in(tmp_path / "all") == {"fleet.json", "fleet.html", "fleet.prom"}
    assert verdicts_in(tmp_path / "all" / "fleet.prom")["green"] == "compliant"
    # By default there are none of them, and those of the runs before are removed
    assert ansible.gate(hosts, "--limit", "green").status == 0
    assert files_in(run.reports) == {"fleet.json", "fleet.html"}
    assert files_in(run.reports / "green") == {
        "evidence.json",
        "history.jsonl",
        "junit.xml",
        "report.html",
        "report.md",
    }


def test_where_no_play_can_have_any_tenant_the_formats_are_written_too(ansible, simulate, tmp_path):
    (tmp_path / "host_vars").mkdir()
    (tmp_path / "host_vars" / "vault.yml").write_text("$ANSIBLE_VAULT;1.1;AES256\n3132\n")
    run = ansible.gate(
        hosts_of(simulate(tenants={"vault": "healthy"})), "-e", '{"compliance_report_formats": ["metrics", "csv"]}'
    )
    assert run.status == 2
    assert files_in(run.reports) == FLEET
    assert verdicts_in(run.reports / "fleet.prom") == {"vault": "undetermined"}
    assert statuses_in(run.reports / "fleet.csv") == [("vault", "verdict", "error")]


def test_a_replay_writes_the_formats_byte_for_byte(ansible, simulate, tmp_path):
    formats = "csv,metrics,oscal"
    run = ansible.gate(
        hosts_of(simulate(tenants={"red": "seats_exceeded"})), "-e", f"compliance_report_formats={formats}"
    )
    again = ansible.playbook(
        *("replay", "-e", f"replay_evidence={run.reports / 'red' / 'evidence.json'}"),
        *("-e", "replay_report_dir=replayed", "-e", f"replay_report_formats={formats}"),
    )
    assert again.status == 2
    for name in TENANT:
        assert (tmp_path / "replayed" / "red" / name).read_bytes() == (run.reports / "red" / name).read_bytes()
