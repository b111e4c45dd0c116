# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""fleet.csv and fleet.prom: every tenant is in them, also one that was not judged, and a stale one is removed."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.cloudbackup.m365.plugins.action import compliance_fleet, compliance_report
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.settle import settle_inputs
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reports.pack_files import FILE_OF
from ansible_collections.cloudbackup.m365.tests.unit.controller.fleets import RED, merged, store
from ansible_collections.cloudbackup.m365.tests.unit.controller.steps import registered, run_step
from ansible_collections.cloudbackup.m365.tests.unit.controller.test_compliance_fleet import HostVars
from ansible_collections.cloudbackup.m365.tests.unit.readings import NOW, NOW_TEXT, api, healthy, judge
from ansible_collections.cloudbackup.m365.tests.unit.reports.test_metrics import LICENSE, samples

GROUP = ("a", "b", "c")
FORMATS = ("csv", "metrics")


def host(subject: str, reading: dict[str, Any], formats: tuple[str, ...]) -> dict[str, Any]:
    """The variables of a host after the steps of the role."""
    plan = settle_inputs({"report_formats": list(formats)}, NOW_TEXT, subject, list(FILE_OF), None)
    for name in ("license", "jobs"):
        if reading[name]:
            reading[name]["api"] = api(client_id=f"{subject}-id")
    about = {"subject": subject, "policy": {}, "waivers": [], "now": NOW_TEXT, "formats": plan["formats"]}
    report = run_step(compliance_report, {"reads": registered(reading)}, reads_variable="reads", **about)
    return {"__compliance_plan": plan, "__compliance_report": report}


def run(folder: Path, **hosts: dict[str, Any]) -> dict[str, Any]:
    variables = {"hostvars": HostVars(hosts), "groups": {"tenants": GROUP}}
    return run_step(compliance_fleet, variables, hosts=list(hosts), now=NOW_TEXT, report_dir=str(folder))


def rows_in(folder: Path) -> list[dict[str, str]]:
    return list(
        csv.DictReader(io.StringIO((folder / "fleet.csv").read_text(encoding="utf-8"), newline=""), strict=True)
    )


def metrics_in(folder: Path) -> dict[str, dict[str, dict[Any, float]]]:
    """By subject and metric, the value of each other label."""
    found: dict[str, dict[str, dict[Any, float]]] = {}
    for name, series in samples((folder / "fleet.prom").read_text(encoding="utf-8")).items():
        for labels, value in series:
            own = found.setdefault(labels.pop("subject"), {}).setdefault(name, {})
            assert tuple(labels.values()) not in own
            own[tuple(labels.values())] = value
    return found


def verdicts_in(folder: Path) -> dict[str, str]:
    return {
        subject: verdict
        for subject, found in metrics_in(folder).items()
        for (verdict,), value in found["cloudbackup_verdict"].items()
        if value
    }


def test_they_are_written_where_the_tenants_ask_for_these_formats(tmp_path: Path) -> None:
    result = run(tmp_path, a=host("a", healthy(), FORMATS), b=host("b", healthy(), ("junit",)))
    names = ["fleet.html", "fleet.csv", "fleet.prom", "fleet.json"]
    assert result["files"] == [str(tmp_path / name) for name in names]
    assert {(tmp_path / name).stat().st_mode & 0o777 for name in names} == {0o600}


def test_those_of_an_earlier_run_are_removed(tmp_path: Path) -> None:
    run(tmp_path, a=host("a", healthy(), FORMATS))
    run(tmp_path, a=host("a", healthy(), ("csv",)))
    assert sorted(path.name for path in tmp_path.iterdir()) == [".lock", "fleet.csv", "fleet.html", "fleet.json"]
    assert json.loads((tmp_path / "fleet.json").read_text())["tenants"][0]["figures"] is None
    run(tmp_path, a=host("a", healthy(), ()))
    assert sorted(path.name for path in tmp_path.iterdir()) == [".lock", "fleet.html", "fleet.json"]


def test_the_results_of_all_tenants_are_rows_and_the_worst_tenant_is_first(tmp_path: Path) -> None:
    run(tmp_path, a=host("a", healthy(), FORMATS), b=host("b", RED, FORMATS))
    expected = [
        (subject, one["check"], one["scope"], one["status"], one["message"])
        for subject, reading in (("b", RED), ("a", healthy()))
        for one in judge(reading)["results"]
    ]
    names = ("subject", "check", "scope", "status", "message")
    assert [tuple(row[name] for name in names) for row in rows_in(tmp_path)] == expected


def test_a_tenant_that_was_not_judged_is_a_row_and_is_not_determined(tmp_path: Path) -> None:
    mistaken = {"__compliance_plan": {"mistakes": ["compliance_policy.window: wrong"], "formats": list(FORMATS)}}
    run(tmp_path, a=host("a", healthy(), FORMATS), b=mistaken)
    (row,) = [row for row in rows_in(tmp_path) if row["subject"] == "b"]
    assert (row["check"], row["status"], row["observed"]) == ("verdict", "error", "not judged")
    assert "compliance_policy.window: wrong" in row["message"]
    assert verdicts_in(tmp_path) == {"a": "compliant", "b": "undetermined"}
    assert set(metrics_in(tmp_path)["b"]) == {"cloudbackup_verdict"}


def test_a_fleet_of_mistakes_alone_still_has_metrics(tmp_path: Path) -> None:
    run(tmp_path, a={"__compliance_plan": {"mistakes": ["x"], "formats": list(FORMATS)}})
    assert verdicts_in(tmp_path) == {"a": "undetermined"}


def test_a_green_tenant_in_doubt_has_a_row_that_shows_it(tmp_path: Path) -> None:
    run(tmp_path, a=host("a", healthy(), FORMATS), b=host("a", healthy(), FORMATS))
    doubts = [row for row in rows_in(tmp_path) if row["check"] == "verdict"]
    assert [row["observed"] for row in doubts] == ["undetermined"] * 2
    assert verdicts_in(tmp_path) == {"a": "undetermined"}


def test_the_metrics_are_those_of_each_tenant(tmp_path: Path) -> None:
    run(tmp_path, a=host("a", healthy(), FORMATS), b=host("b", RED, FORMATS))
    for subject, seats in (("a", 50), ("b", 101)):
        found = metrics_in(tmp_path)[subject]
        assert found["cloudbackup_seats_assigned"] == {(): seats}
        assert found["cloudbackup_run_timestamp_seconds"] == {(): NOW}
        assert len(found["cloudbackup_last_backup_timestamp_seconds"]) == 4


def test_the_metrics_of_tenants_that_a_limit_leaves_out_are_kept(tmp_path: Path) -> None:
    run(tmp_path, a=host("a", healthy(), FORMATS), b=host("b", RED, FORMATS))
    before = metrics_in(tmp_path)
    run(tmp_path, a=host("a", healthy(), FORMATS))
    assert metrics_in(tmp_path) == before
    assert {row["subject"] for row in rows_in(tmp_path)} == {"a"}


@pytest.mark.parametrize(
    "figures", [1, {"seats": 1}, {"seats_assigned": -1}, {"seats_assigned": 2**63}, {"last_backups": {"teams": "soon"}}]
)
def test_figures_that_are_none_are_refused_with_their_file(tmp_path: Path, figures: Any) -> None:
    run(tmp_path, a=host("a", healthy(), FORMATS), b=host("b", RED, FORMATS))
    content = json.loads((tmp_path / "fleet.json").read_text())
    content["tenants"][0]["figures"] = figures
    (tmp_path / "fleet.json").write_text(json.dumps(content))
    result = run(tmp_path, a=host("a", healthy(), FORMATS))
    assert "figures is" in result["warnings"][0]
    assert set(verdicts_in(tmp_path)) == {"a"}


@pytest.mark.parametrize(
    "formats", [["csv", "metrics", "json"], "csv,metrics", '["csv", "metrics"]', "- metrics\n- csv"]
)
def test_a_merged_report_has_them_where_they_are_asked_for(tmp_path: Path, formats: Any) -> None:
    store(tmp_path / "one", "contoso")
    store(tmp_path / "two", "fabrikam", RED)
    merged(tmp_path / "one", tmp_path / "two", tmp_path / "nowhere", report_dir=str(tmp_path / "all"))
    assert not (tmp_path / "all" / "fleet.csv").exists()
    folders = tmp_path / "one", tmp_path / "two", tmp_path / "nowhere"
    merged(*folders, report_dir=str(tmp_path / "all"), report_formats=formats)
    nowhere = str(tmp_path / "nowhere")
    found = {"contoso": "compliant", "fabrikam": "non_compliant", nowhere: "undetermined"}
    assert verdicts_in(tmp_path / "all") == found
    assert {row["subject"] for row in rows_in(tmp_path / "all")} == set(found)
    assert metrics_in(tmp_path / "all")["fabrikam"]["cloudbackup_seats_assigned"] == {(): 101}
    own = json.loads((tmp_path / "all" / "fleet.json").read_text())["tenants"]
    assert {len(row["figures"] or {}) for row in own} == {0, len(LICENSE) + 1}


@pytest.mark.parametrize(
    ("formats", "words"), [("pdf", 'unknown format "pdf"'), ({"csv": True}, "got a dictionary"), ("[1", "YAML")]
)
def test_unknown_formats_of_a_merged_report_are_refused(tmp_path: Path, formats: Any, words: str) -> None:
    store(tmp_path / "one", "contoso")
    result = merged(tmp_path / "one", report_formats=formats)
    assert result["failed"] is True
    assert words in result["msg"]
