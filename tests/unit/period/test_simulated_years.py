# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report of a simulated year, with every figure computed a second time from the contract alone."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.cloudbackup.m365.plugins.action import compliance_period
from ansible_collections.cloudbackup.m365.tests.unit.controller.steps import run_step
from ansible_collections.cloudbackup.m365.tests.unit.period import period_oracle, recorded_years

NOW = "2027-02-01T12:00:00Z"
PERIODS = [
    ("2026-01-01", "2026-12-31"),
    ("2026-01-01", "2026-03-31"),
    ("2026-04-01", "2026-06-30"),
    ("2026-10-01", "2026-12-31"),
    ("2026-05-05", "2026-05-05"),
    ("2025-12-01", "2026-01-31"),
    ("2026-12-15", "2027-03-31"),
]


def reported(folder: Path, start: str, end: str, now: str = NOW, **given: Any) -> dict[str, Any]:
    """Run the step, and return the content of period.json."""
    result = run_step(
        compliance_period, {}, report_dir=str(folder), start=start, end=end, now=now, **{"output_dir": "", **given}
    )
    assert not result.get("failed"), result["msg"]
    path = next(path for path in result["files"] if path.endswith("period.json"))
    content: dict[str, Any] = json.loads(Path(path).read_text())
    return content


def rows(content: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {row["subject"]: row for row in content["tenants"]}


def assert_as_computed(row: dict[str, Any], expected: dict[str, Any]) -> None:
    assert {name: row[name] for name in expected} == expected


@pytest.mark.parametrize("seed", range(4))
def test_every_figure_of_a_year_is_that_of_the_oracle(seed: int, tmp_path: Path) -> None:
    lines = recorded_years.chained(recorded_years.year(seed))
    recorded_years.write(tmp_path / "reports", "contoso", lines)
    for start, end in PERIODS:
        content = reported(tmp_path / "reports", start, end)
        expected = period_oracle.tenant(lines, start, end, NOW)
        assert_as_computed(content["tenants"][0], expected)
        assert content["standing"] == content["verdict"] == expected["standing"]


def test_the_years_have_what_they_should() -> None:
    """Otherwise the test above would prove little."""
    expected = [
        period_oracle.tenant(recorded_years.chained(recorded_years.year(seed)), "2026-01-01", "2026-12-31", NOW)
        for seed in range(4)
    ]
    assert all(1 < len(row["gaps"]) < 25 for row in expected)
    assert all(len(row["episodes"]) > 10 for row in expected)
    assert sum(len(row["waivers"]) for row in expected) > 3
    assert any("fail" in one["statuses"] and "waived" in one["statuses"] for row in expected for one in row["episodes"])
    assert all(row["report_only_runs"] and row["license"]["seats"]["runway_days"] for row in expected)


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("kind", ["changed", "removed", "inserted", "swapped", "subject", "time", "cut"])
def test_of_a_history_that_was_tampered_with_the_figures_are_those_up_to_there(
    kind: str, seed: int, tmp_path: Path
) -> None:
    runs = recorded_years.year(seed)
    place = 100 + 31 * seed
    lines = recorded_years.chained(runs)
    if kind == "changed":
        lines[place] = lines[place].replace(b'"pass"', b'"warn"', 1)
    elif kind == "removed":
        del lines[place]
    elif kind == "inserted":
        lines.insert(place, lines[place])
    elif kind == "swapped":
        lines[place], lines[place + 1] = lines[place + 1], lines[place]
    elif kind == "cut":
        # The oldest lines are not kept: the rest is a chain, with an anchor
        del lines[:place]
    else:
        long_ago = recorded_years.iso(recorded_years.moment(runs[place]["recorded_at"]) - datetime.timedelta(days=20))
        new = {"subject": "fabrikam"} if kind == "subject" else dict.fromkeys(("server_time", "recorded_at"), long_ago)
        runs[place] = {**runs[place], **new}
        lines = recorded_years.chained(runs)
    recorded_years.write(tmp_path / "reports", "contoso", lines)
    for start, end in PERIODS[:3]:
        row = reported(tmp_path / "reports", start, end)["tenants"][0]
        assert_as_computed(row, period_oracle.tenant(lines, start, end, NOW))
        assert (row["standing"] == "broken_chain") is (kind != "cut")
        assert (row["anchor"] is None) is (kind != "cut")


def test_ten_tenants_are_reported_side_by_side_the_worst_first(tmp_path: Path) -> None:
    of = {f"tenant{seed}": recorded_years.year(seed, subject=f"tenant{seed}") for seed in range(8)}
    lines = {subject: recorded_years.chained(runs) for subject, runs in of.items()}
    lines["tenant1"] = recorded_years.chained(recorded_years.daily("2026-01-01", 365, "tenant1"))
    lines["tenant2"][50] = lines["tenant2"][50].replace(b"pass", b"warn")
    for subject, found in lines.items():
        recorded_years.write(tmp_path / "reports", subject, found)
    (tmp_path / "reports" / "empty").mkdir()
    (tmp_path / "reports" / "empty" / "evidence.json").write_text("{}")
    content = reported(tmp_path / "reports", "2026-01-01", "2026-12-31", tenants=["missing", "tenant1"])
    found = rows(content)
    for subject, one in lines.items():
        assert_as_computed(found[subject], period_oracle.tenant(one, "2026-01-01", "2026-12-31", NOW))
    standings = [row["standing"] for row in content["tenants"]]
    assert standings == sorted(standings, key=period_oracle.WORST.index)
    assert [found[name]["standing"] for name in ("missing", "empty", "tenant2", "tenant1")] == [
        "no_evidence",
        "no_evidence",
        "broken_chain",
        "proven",
    ]
    assert content["counts"] == {one: standings.count(one) for one in period_oracle.WORST}
    assert content["verdict"] == "no_evidence"
