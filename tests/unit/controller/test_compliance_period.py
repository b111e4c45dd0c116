# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The step that reports a period: its inputs as people write them, and folders that anybody may have written."""

from __future__ import annotations

import csv
import io
import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.cloudbackup.m365.plugins.action import compliance_period, compliance_verdict
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.model.subject import directory_name
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller import stored_histories
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller.period_inputs import INPUTS
from ansible_collections.cloudbackup.m365.tests.unit.controller import fleets
from ansible_collections.cloudbackup.m365.tests.unit.controller.steps import Failing, mistakes, run_step
from ansible_collections.cloudbackup.m365.tests.unit.period.recorded_years import chained, daily, moment, run, write

DAYS = {"start": "2026-01-01", "end": "2026-01-10", "now": "2026-02-01T00:00:00Z"}


def step(folder: Any, check_mode: bool = False, **given: Any) -> dict[str, Any]:
    return run_step(compliance_period, {}, check_mode, **{"report_dir": str(folder), **DAYS, **given})


def proven(folder: Path, subject: str, days: int = 10) -> Path:
    """Write the history of a tenant that had a run a day."""
    return write(folder, directory_name(subject), chained(daily("2026-01-01", days, subject)))


def tenants(folder: Path, **given: Any) -> dict[str, Any]:
    """The rows of the report by subject."""
    result = step(folder, **given)
    assert not result.get("failed"), result["msg"]
    content = json.loads(Path(result["files"][-1]).read_text())
    return {row["subject"]: row for row in content["tenants"]}


def standings(folder: Path, **given: Any) -> dict[str, str]:
    return {subject: row["standing"] for subject, row in tenants(folder, **given).items()}


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    """A directory with a tenant whose period is proven."""
    proven(tmp_path / "reports", "contoso")
    return tmp_path / "reports"


# --- What is written and published ------------------------------------------------------------------------------------


def test_three_files_are_written_beside_the_folder_for_their_owner_alone(reports: Path) -> None:
    result = step(f"{reports}/")
    folder = reports.parent / "reports-period-2026-01-01-2026-01-10"
    assert result["files"] == [str(folder / name) for name in ("period.html", "period.csv", "period.json")]
    assert {stat.S_IMODE(os.stat(path).st_mode) for path in result["files"]} == {0o600}
    assert result["changed"] is True
    assert step(reports)["changed"] is False
    assert result["headline"] == ("PROVEN from 2026-01-01 to 2026-01-10: 1 tenant (1 proven); days: 10 compliant.")
    published = result["ansible_stats"]["data"]["cloudbackup_period"]
    assert published == result["summary"]
    assert published["tenants"] == {"no_evidence": 0, "broken_chain": 0, "gaps": 0, "proven": 1}
    assert (published["verdict"], published["report"]) == ("proven", str(folder / "period.html"))


def test_check_mode_gives_the_same_verdict_and_writes_nothing(reports: Path) -> None:
    written, checked = step(reports, output_dir=str(reports.parent / "out")), step(reports, check_mode=True)
    assert checked["headline"] == written["headline"]
    assert checked["summary"] == {**written["summary"], "report": None}
    assert (checked["files"], checked["changed"]) == ([], False)
    assert sorted(path.name for path in reports.parent.iterdir()) == ["out", "reports"]


def verdict_of(result: dict[str, Any]) -> dict[str, Any]:
    return run_step(compliance_verdict, {"it": result}, report_variable="it", enforce=result["enforce"])


def test_a_period_that_is_proven_is_green_and_every_other_one_is_red(reports: Path) -> None:
    green = verdict_of(step(reports))
    assert (green["failed"], green.get("findings", [])) == (False, [])
    red = verdict_of(step(reports, tenants=["contoso", "fabrikam"]))
    assert red["failed"] is True
    assert red["msg"].startswith("NO EVIDENCE from 2026-01-01 to 2026-01-10: 2 tenants (1 without evidence, 1 proven)")
    assert red["findings"] == [
        "NO EVIDENCE fabrikam: It was named, and it has no folder. Days: 10 not proven",
        f"Report: {reports}-period-2026-01-01-2026-01-10/period.html",
    ]
    assert verdict_of(step(reports, tenants=["fabrikam"], enforce="no"))["failed"] is False


def test_no_tenant_at_all_is_red(tmp_path: Path) -> None:
    result = step(tmp_path, output_dir=str(tmp_path / "out"))
    assert (result["summary"]["verdict"], verdict_of(result)["failed"]) == ("no_evidence", True)


def test_a_report_that_cannot_be_written_is_a_failure_with_the_findings(reports: Path) -> None:
    for place in (reports / "contoso", reports.parent / "file" / "below"):
        (reports.parent / "file").write_text("")
        result = step(reports, tenants=["fabrikam"], output_dir=str(place))
        assert result["failed"] is True
        assert str(place) in result["msg"]
        assert any(line.startswith("NO EVIDENCE fabrikam") for line in result["findings"])
    assert sorted(os.listdir(reports / "contoso")) == ["history.jsonl"]


def test_the_lines_of_many_red_tenants_are_bounded(tmp_path: Path) -> None:
    result = step(tmp_path / "none", tenants=[f"tenant {number}" for number in range(99)] + ["x" * 5_000])
    assert len(result["findings"]) == 62
    assert max(map(len, [*result["findings"], result["headline"]])) <= 400
    assert len(result["headline"]) <= 200


# --- Inputs -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given",
    [
        {"tenants": "contoso, fabrikam"},
        {"tenants": '["contoso", "fabrikam"]'},
        {"tenants": "- contoso\n- fabrikam\n"},
        {"tenants": [{"subject": "contoso"}, {"subject": "fabrikam", "since": "2026-01-06"}]},
        {"tenants": "- contoso\n- subject: fabrikam\n  since: 2026-01-06\n"},
        {"tenants": ["fabrikam"], "max_gap": "", "anchors": "", "enforce": "", "output_dir": None},
        {"anchors": {"fabrikam": "0" * 64}},
        {"anchors": '{"fabrikam": "' + "A" * 64 + '"}'},
        {"anchors": "fabrikam:\n  - " + "a" * 64},
    ],
)
def test_tenants_and_anchors_may_be_text_and_name_what_has_to_be_there(given: dict[str, Any], reports: Path) -> None:
    assert standings(reports, **given) == {"contoso": "proven", "fabrikam": "no_evidence"}


def test_a_tenant_that_is_expected_later_is_no_part_of_the_period(reports: Path) -> None:
    given = [{"subject": "fabrikam", "since": "2026-01-11"}, {"subject": "northwind", "since": "2026-01-10"}]
    assert standings(reports, tenants=given) == {"contoso": "proven", "northwind": "no_evidence"}


def test_a_tenant_that_is_expected_after_now_is_not_missing_yet(reports: Path) -> None:
    given = [{"subject": "fabrikam", "since": "2026-01-07"}, {"subject": "northwind", "since": "2026-01-06"}]
    found = standings(reports, tenants=given, now="2026-01-06T00:00:00Z")
    assert found == {"contoso": "proven", "northwind": "no_evidence"}


def test_the_folder_of_a_tenant_in_place_of_the_one_above_it_is_named(reports: Path, tmp_path: Path) -> None:
    given = {"report_dir": f"{reports}/contoso", "output_dir": str(tmp_path / "out")}
    (row,) = tenants(reports, **given).values()
    assert (row["subject"], row["standing"]) == (str(reports / "contoso"), "no_evidence")
    assert row["reason"] == f"{reports}/contoso is the folder of a tenant. Give the folder above it, {reports}."


def test_directories_may_be_several(reports: Path, tmp_path: Path) -> None:
    proven(tmp_path / "more", "fabrikam")
    both = [str(reports), f"{tmp_path}/more"]
    for given in (",".join(both), both, str(both)):
        assert standings(reports, report_dir=given, output_dir=f"{tmp_path}/out") == {
            "contoso": "proven",
            "fabrikam": "proven",
        }


def test_paths_may_name_a_home_folder_and_variables(
    reports: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("OUT", f"{tmp_path}/out")
    assert standings(reports, report_dir="~/reports", output_dir="$OUT") == {"contoso": "proven"}
    assert (tmp_path / "out" / "period.json").exists()


@pytest.mark.parametrize(
    ("given", "mistake"),
    [
        ({"report_dir": ""}, "report_dir"),
        ({"report_dir": "[1]"}, "report_dir"),
        ({"start": ""}, "start: expected"),
        ({"start": "2026-13-01"}, "start: expected"),
        ({"end": "2026-01-01T00:00:00Z"}, "end: expected"),
        ({"end": "2025-12-31"}, "end: is before start"),
        ({"end": "2036-01-10"}, "end: is over 3660 days after start"),
        ({"now": "2025-12-31T23:59:59Z"}, "start: is in the future"),
        ({"now": "noon"}, "now: expected"),
        ({"max_gap": "26"}, "max_gap: expected"),
        ({"max_gap": "0h"}, "max_gap: expected"),
        ({"tenants": "{"}, "tenants: is neither JSON nor YAML"),
        ({"tenants": {"a": 1}}, "tenants: expected"),
        ({"tenants": ["a", "a"]}, "tenants[1]: a is named more than once"),
        ({"tenants": [{"subject": "a", "from": "2026-01-01"}]}, "tenants[0].from: unknown key"),
        ({"tenants": [{"subject": "a", "since": "May"}]}, "tenants[0].since: expected"),
        ({"tenants": [None]}, "tenants[0]: expected"),
        ({"anchors": {"a": "0" * 63}}, "anchors.a: expected"),
        ({"anchors": "abc"}, "anchors: expected"),
        ({"anchors": {"a": ["0" * 64, 1]}}, "anchors.a: expected"),
        ({"enforce": "perhaps"}, "enforce: expected"),
        ({"output_dir": ["a"]}, "output_dir: expected"),
    ],
)
def test_a_mistake_is_named(given: dict[str, Any], mistake: str, reports: Path) -> None:
    (line,) = mistakes(step(reports, **given))
    assert line.startswith(mistake)


def test_all_mistakes_are_named_at_once(reports: Path) -> None:
    assert len(mistakes(step("", start="x", end="y", max_gap="z", enforce="perhaps"))) == 5
    assert "give the report another one" in mistakes(step(reports, output_dir=str(reports)))[0]


NAMES = {name: f"period_{name}" for name in INPUTS}


def test_inputs_may_be_in_variables_and_one_that_cannot_be_read_is_a_mistake_beside_the_others(reports: Path) -> None:
    variables = {f"period_{name}": value for name, value in {"report_dir": str(reports), **DAYS}.items()}
    found = run_step(compliance_period, variables, input_variables=NAMES)
    assert found["headline"] == step(reports)["headline"]
    templar = Failing("cannot open https://someone:hunter2@vault/x")
    variables.update(period_anchors={"contoso": "{{ it }}"}, period_start="{{ it }}", period_end="May")
    lines = mistakes(run_step(compliance_period, variables, templar=templar, input_variables=NAMES))
    assert [line.partition(" ")[0] for line in lines] == ["period_start:", "period_anchors:", "period_end:"]
    assert "cannot be read: a template in it ended with AnsibleError: https://vault/x. Correct" in lines[1]
    assert "hunter2" not in "".join(lines)
    assert "sart is not an input" in mistakes(step(reports, input_variables={"sart": "mine"}))[0]


def test_a_run_of_a_server_whose_clock_is_a_little_ahead_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    proven(tmp_path / "reports", "contoso", 1)
    for text, count in (("2026-01-01T02:55:02Z", 1), ("2026-01-01T02:55:01Z", 0)):
        monkeypatch.setattr(compliance_period.time, "time", moment(text).timestamp)
        row = tenants(tmp_path / "reports", now="", max_gap="2h")["contoso"]
        assert (row["runs"], len(row["gaps"])) == (count, 1)


# --- Folders that anybody may have written ----------------------------------------------------------------------------


def make_odd(place: Path, kind: str) -> None:
    """Put something else in the place of a history."""
    place.parent.mkdir(parents=True)
    if kind == "pipe":
        os.mkfifo(place)
    elif kind == "link":
        place.symlink_to("../contoso/history.jsonl")
    elif kind == "circle":
        place.symlink_to(place)
    elif kind == "endless":
        place.symlink_to("/dev/zero")
    elif kind == "directory":
        place.mkdir()
    elif kind == "sparse":
        with open(place, "wb") as stream:
            stream.truncate(900 * 1024**2)
    elif kind == "huge":
        with open(place, "wb") as stream:
            stream.truncate(20 * 1024**3)
    elif kind == "unreadable":
        place.with_name("evidence.json").write_text("{")
    else:
        place.write_bytes({"empty": b"", "binary": b"\xff\n", "deep": b"[" * 10**6 + b"\n", "torn": b'{"sub'}[kind])


@pytest.mark.parametrize(
    ("kind", "standing", "reason"),
    [
        ("pipe", "no_evidence", "is not a regular file"),
        ("link", "no_evidence", "cannot be read: Too many levels of symbolic links"),
        ("circle", "no_evidence", "cannot be read"),
        ("endless", "no_evidence", "cannot be read"),
        ("directory", "no_evidence", "cannot be read"),
        ("sparse", "broken_chain", "Line 1 of the history has over"),
        ("huge", "no_evidence", "is larger than 1024 MiB"),
        ("unreadable", "no_evidence", "is missing"),
        ("empty", "no_evidence", "has no line"),
        ("torn", "no_evidence", "has no line"),
        ("binary", "broken_chain", "Line 1 of the history is not JSON"),
        ("deep", "broken_chain", "Line 1 of the history is not JSON"),
    ],
)
def test_what_is_no_history_is_a_doubt_and_hides_no_other(kind: str, standing: str, reason: str, reports: Path) -> None:
    make_odd(reports / "fabrikam" / "history.jsonl", kind)
    rows = tenants(reports)
    assert (rows["contoso"]["standing"], rows["fabrikam"]["standing"]) == ("proven", standing)
    assert reason in rows["fabrikam"]["reason"]


def test_a_tenant_without_history_has_the_name_of_its_evidence(reports: Path) -> None:
    folder = reports / directory_name("Wide World / Importers")
    folder.mkdir()
    (folder / "evidence.json").write_text(json.dumps({"subject": "Wide World / Importers"}))
    (reports / "copied").mkdir()
    (reports / "copied" / "evidence.json").write_text(json.dumps({"subject": "contoso"}))
    assert standings(reports) == {
        "contoso": "proven",
        "Wide World / Importers": "no_evidence",
        "copied": "no_evidence",
    }


def test_a_folder_whose_gate_never_ended_is_a_tenant_and_a_report_is_none(reports: Path) -> None:
    for name, file in (
        ("fabrikam", ".lock"),
        ("northwind", "history.torn"),
        ("all", "fleet.json"),
        ("q1", "period.json"),
    ):
        (reports / name).mkdir()
        (reports / name / file).write_text("")
    for name in ("all", "q1"):
        (reports / name / ".lock").write_text("")
    (reports / "lost+found").mkdir()
    (reports / "notes.txt").write_text("")
    assert standings(reports) == {"contoso": "proven", "fabrikam": "no_evidence", "northwind": "no_evidence"}


def test_a_tenant_whose_folder_leads_nowhere_or_whose_evidence_the_fleet_names_is_not_overlooked(
    reports: Path,
) -> None:
    (reports / "fabrikam").symlink_to(reports / "nowhere")
    (reports / "northwind").mkdir()
    judged = {"verdict": "compliant", "sha256": "0" * 64}
    rows = [fleets.row(name, **judged) for name in ("contoso", "northwind", "tailspin")]
    fleets.write_rows(reports, *rows, fleets.row("web1"))
    found = tenants(reports)
    missing = dict.fromkeys(("fabrikam", "northwind", "tailspin"), "no_evidence")
    assert {subject: one["standing"] for subject, one in found.items()} == {**missing, "contoso": "proven"}
    assert found["tailspin"]["reason"] == (
        f"The fleet.json of {reports} names its evidence, and there is no folder of it."
    )
    (reports / "fleet.json").write_text("{")
    assert standings(reports) == {"contoso": "proven", "fabrikam": "no_evidence"}


def test_the_report_of_a_period_hides_no_tenant(reports: Path) -> None:
    (reports / "contoso" / "period.json").write_text("{}")
    assert standings(reports) == {"contoso": "proven"}


def test_the_history_of_another_tenant_proves_nothing(reports: Path) -> None:
    write(reports, "fabrikam", chained(daily("2026-01-01", 10)))
    rows = tenants(reports)
    assert [rows[name]["standing"] for name in ("contoso", "fabrikam")] == ["proven", "no_evidence"]
    assert 'is of "contoso"' in rows["fabrikam"]["reason"]


def test_a_second_folder_of_a_tenant_that_cannot_be_read_is_named(reports: Path, tmp_path: Path) -> None:
    make_odd(tmp_path / "more" / "contoso" / "history.jsonl", "pipe")
    row = tenants(reports, report_dir=f"{reports},{tmp_path}/more", output_dir=f"{tmp_path}/out")["contoso"]
    assert (row["standing"], row["runs"]) == ("broken_chain", 10)
    assert row["reason"].startswith("Its history.jsonl is not a regular file. Runs after")
    (tmp_path / "more" / "contoso" / "history.jsonl").unlink()
    (tmp_path / "more" / "contoso" / "evidence.json").write_text("{}")
    row = tenants(reports, report_dir=f"{reports},{tmp_path}/more", output_dir=f"{tmp_path}/out")["contoso"]
    assert (row["standing"], row["reason"]) == ("proven", "Its history.jsonl is missing.")
    assert row["folders"] == [f"{reports}/contoso", f"{tmp_path}/more/contoso"]


def test_a_directory_that_cannot_be_read_is_red(reports: Path, tmp_path: Path) -> None:
    missing = str(tmp_path / "nowhere")
    rows = tenants(reports, report_dir=[str(reports), missing])
    assert rows[missing]["standing"] == "no_evidence"
    assert "cannot be read" in rows[missing]["reason"]


def test_a_folder_with_a_name_that_is_no_text_is_reported(reports: Path) -> None:
    place = os.path.join(os.fsencode(reports), b"caf\xe9")
    os.mkdir(place)
    with open(os.path.join(place, b"history.jsonl"), "wb") as stream:
        stream.write(chained(daily("2026-01-01", 10))[0] + b"\n")
    assert standings(reports) == {"contoso": "proven", '"caf\\\\xe9"': "no_evidence"}


def test_an_incomplete_last_line_does_not_count_and_breaks_nothing(reports: Path) -> None:
    path = reports / "contoso" / "history.jsonl"
    content = path.read_bytes()
    start = content.rindex(b"\n", 0, -1) + 1
    for end in (*range(start + 1, len(content), 97), len(content) - 1):
        path.write_bytes(content[:end])
        row = tenants(reports, end="2026-01-09")["contoso"]
        assert (row["standing"], row["runs"]) == ("proven", 9)
        assert "The last line of the history is incomplete" in row["reason"]


def test_what_the_evaluation_stumbles_over_is_a_doubt(reports: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    proven(reports, "fabrikam")
    real = stored_histories._read

    def read(place: Path) -> Any:
        if place.name == "fabrikam":
            raise RuntimeError("of a kind that nobody thought of")
        return real(place)

    monkeypatch.setattr(stored_histories, "_read", read)
    rows = tenants(reports)
    assert [rows[name]["standing"] for name in ("contoso", "fabrikam")] == ["proven", "no_evidence"]
    assert "RuntimeError: of a kind that nobody thought of" in rows["fabrikam"]["reason"]


# --- The table --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["=1+1", "\ufeff＝A1", "a\ud800b", 'x","=2', "-\n@x"])
def test_no_cell_of_the_table_starts_a_formula(name: str, tmp_path: Path) -> None:
    statuses = {(name, name): "waived"}
    waiver = {"check": name, "scope": name, "approver": name, "expires": "2026-02-01", "state": "used"}
    runs = [{**one, "waivers": [waiver]} for one in daily("2026-01-01", 5, name, statuses=statuses)]
    write(tmp_path / "reports", directory_name(name), chained(runs))
    result = step(tmp_path / "reports")
    text = Path(result["files"][1]).read_text()
    table = list(csv.reader(io.StringIO(text, newline="")))
    assert table[0] == ["subject", "kind", "check", "scope", "start", "end", "hours", "statuses", "waived_by"]
    assert [row[1] for row in table[1:]] == ["gap", "episode"]
    assert table[2][4:8] == ["2026-01-01T03:00:02Z", "2026-01-05T03:00:02Z", "96", "waived"]
    for cell in (cell for row in table for cell in row):
        assert cell.strip(" \t\r\n\ufeff")[:1] not in set("=+-@＝＋－＠")


def test_a_row_of_the_table_ends_where_the_episode_was_last_seen(tmp_path: Path) -> None:
    day = run(moment("2026-01-09T03:00:00Z"), statuses={("evidence", "run"): "error"})
    write(tmp_path / "reports", "contoso", chained([*daily("2026-01-01", 8), day]))
    result = step(tmp_path / "reports")
    rows = list(csv.reader(Path(result["files"][1]).read_text().splitlines()))
    assert rows[1] == ["contoso", "gap", "", "", "2026-01-09T03:00:02Z", "2026-01-11T00:00:00Z", "45", "", ""]
    assert rows[2][5:7] == ["2026-01-09T03:00:02Z", "0"]
