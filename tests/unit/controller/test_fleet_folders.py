# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Folders of several gates merged: green only if each tenant that any of them names has the evidence of its report."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.cloudbackup.m365.plugins.action import compliance_fleet
from ansible_collections.cloudbackup.m365.tests.unit.controller.fleets import (
    RED,
    huge,
    judged_row,
    lines,
    merged,
    report,
    row,
    store,
    verdict,
    write_rows,
)
from ansible_collections.cloudbackup.m365.tests.unit.controller.steps import run_step
from ansible_collections.cloudbackup.m365.tests.unit.readings import NOW_TEXT


def test_evidence_in_folders_becomes_one_report(tmp_path: Path) -> None:
    store(tmp_path / "one", "contoso")
    store(tmp_path / "two", "fabrikam", RED)
    result = merged(tmp_path / "one", tmp_path / "two", report_dir=str(tmp_path / "all"))
    rows = json.loads((tmp_path / "all" / "fleet.json").read_text())["tenants"]
    assert [(row["subject"], row["verdict"], row["report"]) for row in rows] == [
        ("fabrikam", "non_compliant", "../two/fabrikam/report.html"),
        ("contoso", "compliant", "../one/contoso/report.html"),
    ]
    assert verdict(result) == "non_compliant"


def test_the_report_is_not_written_among_what_it_is_made_from(tmp_path: Path) -> None:
    store(tmp_path, "contoso")
    before = (tmp_path / "fleet.json").read_bytes()
    result = merged(tmp_path, report_dir=f"{tmp_path}/contoso/..")
    assert result["failed"] is True
    assert "a separate folder" in result["msg"]
    assert (tmp_path / "fleet.json").read_bytes() == before


@pytest.mark.parametrize("form", ["{0},{1}", '["{0}", "{1}"]', "- {0}\n- {1}", " {0} , {1},{0}"])
def test_folders_may_be_named_in_a_text(form: str, tmp_path: Path) -> None:
    store(tmp_path / "one", "contoso")
    store(tmp_path / "two", "fabrikam")
    text = form.format(tmp_path / "one", tmp_path / "two")
    assert run_step(compliance_fleet, {}, directories=text, now=NOW_TEXT)["summary"]["tenants"] == 2


# --- The report of each folder ----------------------------------------------------------------------------------------


def test_a_folder_without_a_report_is_red_and_its_evidence_is_judged_all_the_same(tmp_path: Path) -> None:
    store(tmp_path / "one", "contoso")
    store(tmp_path / "two", "fabrikam")
    (tmp_path / "two" / "fleet.json").unlink()
    result = merged(tmp_path / "one", tmp_path / "two")
    assert result["summary"]["red"] == [str(tmp_path / "two")]
    assert result["summary"]["counts"]["compliant"] == 2
    assert "has no fleet.json: its gate ended before the report" in lines(result)
    assert "Run its gate again" in lines(result)


@pytest.mark.parametrize("make", [False, True], ids=["missing", "empty"])
def test_a_folder_without_evidence_is_red(make: bool, tmp_path: Path) -> None:
    if make:
        (tmp_path / "other" / "pictures").mkdir(parents=True)
    store(tmp_path / "one", "contoso")
    assert merged(tmp_path / "one", tmp_path / "other")["summary"]["red"] == [str(tmp_path / "other")]


def text(content: str) -> Callable[[Path], Any]:
    return lambda path: path.write_text(content)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (text(""), "is not JSON"),
        (text("\xff"), "is not JSON"),
        (text("[" * 200_000), "is not JSON"),
        (text("[" * 70 + "]" * 70), "nested too deeply"),
        (text("[]"), "is not the report of a fleet"),
        (text("{}"), "has the schema_version nothing (null), and this release reads 1"),
        (text('{"schema_version": 2, "tenants": []}'), "has the schema_version 2"),
        (text('{"schema_version": true, "tenants": []}'), "has the schema_version true"),
        (text('{"schema_version": 1, "tenants": {}}'), "has no list of tenants"),
        (text('{"schema_version": 1, "tenants": [1]}'), "tenants[0] is 1"),
        (text('{"schema_version": 1, "tenants": [{"subject": ""}]}'), "tenants[0].subject is an empty text"),
        (text('{"schema_version": 1, "tenants": [{"subject": "x"}]}'), "tenants[0].verdict is nothing"),
        (
            text('{"schema_version": 1, "tenants": [{"subject": "x", "verdict": "green", "sha256": "0"}]}'),
            'tenants[0].verdict is "green"',
        ),
        (
            text('{"schema_version": 1, "tenants": [{"subject": "x", "verdict": "compliant", "sha256": 1}]}'),
            "tenants[0].sha256 is 1",
        ),
        (text('{"schema_version": 1, "tenants": []}'), "names no tenant"),
        (os.mkfifo, "is not a regular file"),
        (lambda path: path.symlink_to("/dev/zero"), "is not a regular file"),
        (lambda path: path.symlink_to(str(path)), "Too many levels of symbolic links"),
        (lambda path: path.symlink_to("nowhere"), "has no fleet.json"),
        (Path.mkdir, "is a directory"),
        (huge, "is larger than 64 MiB"),
    ],
)
def test_a_report_that_does_not_name_the_tenants_makes_its_folder_red(
    make: Callable[[Path], Any], words: str, tmp_path: Path
) -> None:
    store(tmp_path / "one", "contoso")
    store(tmp_path / "two", "fabrikam")
    (tmp_path / "two" / "fleet.json").unlink()
    make(tmp_path / "two" / "fleet.json")
    result = merged(tmp_path / "one", tmp_path / "two")
    assert result["summary"]["red"] == [str(tmp_path / "two")]
    assert result["summary"]["counts"]["compliant"] == 2
    assert words in lines(result)


# --- Every tenant that a report names ---------------------------------------------------------------------------------


def remove(path: Path) -> None:
    shutil.rmtree(path.parent)


def empty(path: Path) -> None:
    remove(path)
    path.parent.mkdir()


def dangle(path: Path) -> None:
    remove(path)
    path.parent.symlink_to(path.parent.with_name("nowhere"))


def replace_by_file(path: Path) -> None:
    remove(path)
    path.parent.write_text("")


def replace_by_other(path: Path) -> None:
    remove(path)
    store(path.parents[2] / "other", "northwind")
    shutil.copytree(path.parents[2] / "other" / "northwind", path.parent)


def replace_by_older(path: Path) -> None:
    """The same tenant, judged green at another time."""
    remove(path)
    store(path.parents[2] / "older", "fabrikam", reason="older")
    shutil.copytree(path.parents[2] / "older" / "fabrikam", path.parent)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (remove, "is missing"),
        (empty, "holds no evidence.json"),
        (dangle, "is a link to nothing that exists"),
        (replace_by_file, "is not a folder"),
        (Path.unlink, "cannot be read: No such file or directory"),
        (lambda path: path.write_text("{"), "is not JSON"),
        (replace_by_older, "but its folder holds evidence with"),
        (replace_by_other, 'holds the evidence of "northwind"'),
    ],
)
@pytest.mark.parametrize("reading", [None, RED], ids=["green", "red"])
def test_a_tenant_without_the_evidence_of_its_report_is_red_and_the_others_are_judged(
    reading: Any, damage: Callable[[Path], Any], words: str, tmp_path: Path
) -> None:
    store(tmp_path / "one", "contoso")
    path = store(tmp_path / "one", "fabrikam", reading)
    damage(path)
    result = merged(tmp_path / "one")
    assert result["summary"]["red"] == ["fabrikam"]
    assert result["summary"]["counts"]["compliant"] == 1
    assert words in lines(result)
    assert "Run its gate again" in lines(result)


def test_a_judged_row_without_a_sha256_is_in_doubt(tmp_path: Path) -> None:
    path = store(tmp_path, "contoso")
    write_rows(tmp_path, judged_row(path, sha256=None))
    result = merged(tmp_path)
    assert result["summary"]["red"] == ["contoso"]
    assert "with no sha256" in lines(result)


def test_a_red_row_with_its_evidence_is_judged_again(tmp_path: Path) -> None:
    path = store(tmp_path, "contoso")
    write_rows(tmp_path, judged_row(path, verdict="undetermined", doubt="It has the same name as b."))
    assert verdict(merged(tmp_path)) == "compliant"


def test_evidence_that_no_report_names_is_in_doubt(tmp_path: Path) -> None:
    path = store(tmp_path, "contoso")
    store(tmp_path, "fabrikam")
    write_rows(tmp_path, judged_row(path))
    result = merged(tmp_path)
    assert result["summary"]["red"] == ["fabrikam"]
    assert "does not name it" in lines(result)


def test_who_was_not_judged_by_a_gate_is_not_judged_by_older_evidence(tmp_path: Path) -> None:
    store(tmp_path, "contoso")
    path = store(tmp_path, "fabrikam")
    write_rows(tmp_path, row("contoso"), row("late", doubt="Lost."), judged_row(path))
    result = merged(tmp_path)
    assert result["summary"]["counts"] == {"non_compliant": 0, "not_judged": 2, "undetermined": 0, "compliant": 1}
    assert result["findings"][0] == "NOT JUDGED contoso: 'nope' is undefined."


def test_a_row_of_an_earlier_run_needs_its_evidence_as_well(tmp_path: Path) -> None:
    path = store(tmp_path, "contoso")
    write_rows(tmp_path, judged_row(path, judged_in_this_run=False))
    assert verdict(merged(tmp_path)) == "compliant"
    remove(path)
    assert merged(tmp_path)["summary"]["red"] == ["contoso"]


@pytest.mark.parametrize("order", [("one", "two"), ("two", "one")])
def test_the_evidence_of_a_row_may_be_in_another_folder(order: tuple[str, str], tmp_path: Path) -> None:
    path = store(tmp_path / "one", "contoso")
    store(tmp_path / "two", "fabrikam")
    report(tmp_path / "two", judged_row(path, judged_in_this_run=False))
    result = merged(*(tmp_path / name for name in order))
    assert (verdict(result), result["summary"]["tenants"]) == ("compliant", 2)


def test_a_row_is_no_proof_for_another_tenant_with_its_sha256(tmp_path: Path) -> None:
    path = store(tmp_path, "contoso")
    write_rows(tmp_path, judged_row(path), judged_row(path, subject="fabrikam"))
    assert merged(tmp_path)["summary"]["red"] == ["fabrikam"]


def test_two_evidences_of_one_tenant_are_in_doubt_and_the_same_one_twice_is_one(tmp_path: Path) -> None:
    one, two = store(tmp_path / "one", "contoso"), store(tmp_path / "two", "contoso")
    same = merged(tmp_path / "one", tmp_path / "two", tmp_path / "one" / ".." / "one")
    assert (verdict(same), same["summary"]["tenants"]) == ("compliant", 1)
    two.write_text(two.read_text() + "\n")
    report(tmp_path / "two")
    differing = merged(tmp_path / "one", tmp_path / "two")
    assert differing["summary"]["counts"]["undetermined"] == 2
    assert f"the same name as {two}" in " ".join(differing["findings"])
    assert f"the same name as {one}" in " ".join(differing["findings"])


def test_a_named_tenant_of_a_lost_older_slice_is_in_doubt_beside_the_newer_evidence(tmp_path: Path) -> None:
    remove(store(tmp_path / "older", "contoso", reason="older"))
    store(tmp_path / "newer", "contoso")
    result = merged(tmp_path / "older", tmp_path / "newer")
    assert result["summary"]["red"] == ["contoso", "contoso"]
    assert "is missing" in lines(result)


# --- What is none of it -----------------------------------------------------------------------------------------------


def test_the_report_of_a_period_is_no_folder_of_tenants(tmp_path: Path) -> None:
    store(tmp_path / "one", "contoso")
    for place in (tmp_path / "one-period", tmp_path / "one" / "period"):
        place.mkdir()
        (place / "period.json").write_text("{}")
        (place / ".lock").write_text("")
    result = merged(tmp_path / "one", tmp_path / "one-period")
    assert (verdict(result), result["summary"]["tenants"]) == ("compliant", 1)
    assert verdict(merged(tmp_path / "one-period")) == "undetermined"


def test_the_report_of_a_period_hides_no_tenant(tmp_path: Path) -> None:
    store(tmp_path, "contoso", RED)
    for place in (tmp_path, tmp_path / "contoso"):
        (place / "period.json").write_text("{}")
    assert verdict(merged(tmp_path)) == "non_compliant"


def test_a_merged_report_and_a_foreign_folder_in_it_are_no_tenants(tmp_path: Path) -> None:
    store(tmp_path, "contoso")
    (tmp_path / ".snapshot").mkdir()
    (tmp_path / "lost+found").mkdir()
    merged(tmp_path, report_dir=str(tmp_path / "all"))
    assert verdict(merged(tmp_path)) == "compliant"


def test_a_history_without_evidence_is_a_tenant_in_doubt(tmp_path: Path) -> None:
    store(tmp_path, "contoso")
    (tmp_path / "fabrikam").mkdir()
    (tmp_path / "fabrikam" / "history.jsonl").write_text("")
    assert merged(tmp_path)["summary"]["red"] == [str(tmp_path / "fabrikam" / "evidence.json")]
