# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A run with --limit does not erase the rows of the tenants that it did not judge."""

from __future__ import annotations

import json
import multiprocessing
import os
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.cloudbackup.m365.plugins.action import compliance_fleet
from ansible_collections.cloudbackup.m365.tests.unit.controller.fleets import RED, lines, merged, store, write_rows
from ansible_collections.cloudbackup.m365.tests.unit.controller.steps import run_step
from ansible_collections.cloudbackup.m365.tests.unit.controller.test_compliance_fleet import HostVars, judged
from ansible_collections.cloudbackup.m365.tests.unit.readings import NOW_TEXT

GROUP = ("a", "b", "c")


def run(
    report_dir: Path, *hosts: str, group: Any = GROUP, check_mode: bool = False, red: tuple[str, ...] = (), **given: Any
) -> dict[str, Any]:
    """A gate that judges these hosts of the group."""
    found = {host: judged(host, RED if host in red else None, report_dir=str(report_dir)) for host in hosts}
    variables = {"hostvars": HostVars(found), "groups": {"tenants": group, "other": ["x"]}}
    arguments = {"hosts": list(hosts), "now": NOW_TEXT, "report_dir": str(report_dir), **given}
    return run_step(compliance_fleet, variables, check_mode, **arguments)


def fleet_in(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / "fleet.json").read_text())
    return content


def by_host(folder: Path) -> dict[str, bool]:
    return {row["host"]: row["judged_in_this_run"] for row in fleet_in(folder)["tenants"]}


def test_every_row_of_a_whole_run_is_of_this_run(tmp_path: Path) -> None:
    run(tmp_path, "a", "b", "c")
    assert by_host(tmp_path) == {"a": True, "b": True, "c": True}


def test_the_rows_of_the_others_are_kept_and_are_no_part_of_the_verdict(tmp_path: Path) -> None:
    run(tmp_path, "a", "b", "c", red=("b", "c"))
    before = {row["host"]: row for row in fleet_in(tmp_path)["tenants"]}
    result = run(tmp_path, "a")
    content = fleet_in(tmp_path)
    assert by_host(tmp_path) == {"a": True, "b": False, "c": False}
    assert [row for row in content["tenants"] if row["host"] != "a"] == [
        {**before[host], "judged_in_this_run": False} for host in ("b", "c")
    ]
    assert (content["verdict"], content["counts"]["non_compliant"]) == ("compliant", 0)
    assert (result["summary"]["verdict"], result["summary"]["tenants"], result["summary"]["red"]) == (
        "compliant",
        1,
        [],
    )
    assert result["refused"] == {}
    assert result["headline"].endswith(" Not judged in this run: 2 tenants of earlier runs.")
    assert result["findings"] == [f"Report: {tmp_path / 'fleet.html'}"]


def test_a_kept_row_stays_until_its_host_is_judged_or_leaves_the_group(tmp_path: Path) -> None:
    run(tmp_path, "a", "b", "c")
    run(tmp_path, "a")
    run(tmp_path, "b")
    assert by_host(tmp_path) == {"b": True, "a": False, "c": False}
    run(tmp_path, "b", group=["a", "b"])
    assert by_host(tmp_path) == {"b": True, "a": False}
    run(tmp_path, "a", "b", group=["a", "b"])
    assert by_host(tmp_path) == {"a": True, "b": True}


@pytest.mark.parametrize("groups", [{}, {"other": GROUP}])
def test_a_host_of_another_group_is_no_tenant(groups: dict[str, Any], tmp_path: Path) -> None:
    run(tmp_path, "a", "b")
    variables = {"hostvars": HostVars(a=judged("a")), "groups": groups}
    run_step(compliance_fleet, variables, hosts=["a"], now=NOW_TEXT, report_dir=str(tmp_path))
    assert by_host(tmp_path) == {"a": True}


def test_who_was_not_judged_by_the_earlier_run_is_kept_as_that(tmp_path: Path) -> None:
    broken = {"hostvars": HostVars(b={}), "groups": {"tenants": GROUP}}
    run_step(compliance_fleet, broken, hosts=["b"], now=NOW_TEXT, report_dir=str(tmp_path))
    assert run(tmp_path, "a")["refused"] == {}
    kept = fleet_in(tmp_path)["tenants"][1]
    assert (kept["host"], kept["verdict"], kept["judged_in_this_run"]) == ("b", "not_judged", False)
    assert "never" in (tmp_path / "fleet.html").read_text()


def test_the_page_shows_them_apart(tmp_path: Path) -> None:
    run(tmp_path, "a", "b", red=("b",))
    assert "Not judged in this run" not in (tmp_path / "fleet.html").read_text()
    run(tmp_path, "a")
    page = (tmp_path / "fleet.html").read_text()
    above, _title, below = page.partition('<h2 id="earlier">Not judged in this run</h2>')
    assert 'href="b/report.html"' not in above
    assert 'href="b/report.html"' in below
    assert NOW_TEXT in below
    assert "Backup compliance of 1 tenant" in above


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("{", "is not JSON"),
        ('{"schema_version": 2, "tenants": []}', "has the schema_version 2"),
        ('{"schema_version": 1, "tenants": [{"subject": "b", "verdict": "compliant", "worst": [1]}]}', "worst"),
        ('{"schema_version": 1, "tenants": [{"subject": "b", "verdict": "compliant", "checks": {"x": 1}}]}', "checks"),
        ('{"schema_version": 1, "tenants": [{"subject": "b", "verdict": "compliant", "counts": {}}]}', "counts"),
        ('{"schema_version": 1, "tenants": [{"subject": "b", "verdict": "compliant", "evaluated_at": "x"}]}', "evalu"),
        (None, "is not a regular file"),
    ],
)
@pytest.mark.parametrize("check_mode", [False, True])
def test_an_earlier_report_that_cannot_be_read_is_warned_of(
    content: str | None, expected: str, check_mode: bool, tmp_path: Path
) -> None:
    if content is None:
        os.mkfifo(tmp_path / "fleet.json")
    else:
        (tmp_path / "fleet.json").write_text(content)
    result = run(tmp_path, "a", check_mode=check_mode)
    assert not result.get("failed")
    (warning,) = result["warnings"]
    assert warning.startswith(f"The earlier {tmp_path}/fleet.json ")
    assert expected in warning
    if not check_mode:
        assert by_host(tmp_path) == {"a": True}
        assert "warnings" not in run(tmp_path, "a")


def test_check_mode_tells_the_same_and_writes_nothing(tmp_path: Path) -> None:
    run(tmp_path, "a", "b")
    before = (tmp_path / "fleet.json").read_bytes()
    checked = run(tmp_path, "a", check_mode=True)
    assert (tmp_path / "fleet.json").read_bytes() == before
    written = run(tmp_path, "a")
    assert (checked["headline"], checked["summary"]["sha256"]) == (written["headline"], written["summary"]["sha256"])
    assert checked["findings"] == written["findings"][:-1]


def test_a_merged_report_replaces_the_earlier_one_altogether(tmp_path: Path) -> None:
    store(tmp_path / "one", "contoso")
    run(tmp_path / "all", "a", "b")
    variables = {"groups": {"tenants": GROUP}}
    arguments = {"directories": [str(tmp_path / "one")], "report_dir": str(tmp_path / "all"), "now": NOW_TEXT}
    run_step(compliance_fleet, variables, **arguments)
    assert [(row["subject"], row["judged_in_this_run"]) for row in fleet_in(tmp_path / "all")["tenants"]] == [
        ("contoso", True)
    ]


def test_what_a_kept_row_contains_is_text_on_the_page(tmp_path: Path) -> None:
    hostile = "<script>alert(1)</script>\u202e"
    run(tmp_path, "a", "b")
    rows = fleet_in(tmp_path)["tenants"]
    words = {
        "subject": hostile,
        "doubt": hostile,
        "reason": hostile,
        "worst": [hostile],
        "report": "javascript:alert(1)",
    }
    write_rows(tmp_path, rows[0], {**rows[1], **words})
    run(tmp_path, "a")
    page = (tmp_path / "fleet.html").read_text()
    assert by_host(tmp_path) == {"a": True, "b": False}
    assert "<script" not in page
    assert 'href="javascript:' not in page
    assert "\u202e" not in page


def test_two_limited_runs_at_the_same_time_keep_the_rows_of_each_other(tmp_path: Path) -> None:
    processes = multiprocessing.get_context("fork")
    started = [processes.Process(target=run, args=(tmp_path, host)) for host in GROUP for _turn in range(3)]
    for process in started:
        process.start()
    for process in started:
        process.join(60)
    assert [process.exitcode for process in started] == [0] * len(started)
    assert set(by_host(tmp_path)) == set(GROUP)
    assert sum(by_host(tmp_path).values()) == 1


def test_a_merged_report_wants_the_evidence_of_a_kept_row(tmp_path: Path) -> None:
    paths = {host: store(tmp_path, host) for host in ("a", "b")}
    rows = {row["subject"]: row for row in fleet_in(tmp_path)["tenants"]}
    write_rows(tmp_path, rows["a"], {**rows["b"], "judged_in_this_run": False})
    assert merged(tmp_path)["summary"]["verdict"] == "compliant"
    paths["b"].unlink()
    result = merged(tmp_path)
    assert result["summary"]["red"] == ["b"]
    assert "No such file" in lines(result)
