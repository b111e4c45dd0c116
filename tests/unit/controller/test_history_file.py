# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The history on disk: a line for each run, whoever writes at the same time and wherever a process is killed."""

from __future__ import annotations

import copy
import errno
import hashlib
import json
import multiprocessing
import os
import signal
import stat
import time
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.cloudbackup.m365.plugins.action import compliance_report
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.period import history_line
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller import (
    evidence_folder,
    history_file,
    stored_histories,
)
from ansible_collections.cloudbackup.m365.tests.unit.controller.steps import registered, run_step
from ansible_collections.cloudbackup.m365.tests.unit.readings import NOW_TEXT, evidence_of, healthy, license_result

PROCESSES = multiprocessing.get_context("fork")
FILES = {"evidence.json": b'{"subject": "contoso"}'}
EVIDENCE = {**evidence_of(healthy(), subject="contoso"), "results": evidence_of(healthy())["results"][:1]}


def keep(reports: Path, evidence: Any = EVIDENCE, check_mode: bool = False) -> dict[str, Any]:
    return evidence_folder.keep(evidence, FILES, str(reports), check_mode, True)


def report(reports: Path, reading: Any = None, check_mode: bool = False, **changed: Any) -> dict[str, Any]:
    """Run the step of the gate."""
    reading = reading or healthy()
    given = {"policy": {}, "waivers": [], "now": NOW_TEXT, "report_dir": str(reports), "subject": "contoso", **changed}
    return run_step(compliance_report, {"reads": registered(reading)}, check_mode, reads_variable="reads", **given)


def lines(reports: Path) -> list[bytes]:
    content = (reports / "contoso" / "history.jsonl").read_bytes()
    assert content.endswith(b"\n")
    return content[:-1].split(b"\n")


def assert_chained(found: list[bytes]) -> None:
    hashes = [hashlib.sha256(line).hexdigest() for line in found]
    assert [json.loads(line)["previous"] for line in found] == [None, *hashes[:-1]]


# --- What a line holds ------------------------------------------------------------------------------------------------


def test_each_run_of_the_gate_adds_a_line_that_is_chained_to_the_one_before(tmp_path: Path) -> None:
    results = [report(tmp_path, enforce=enforce) for enforce in (True, False, True)]
    found = lines(tmp_path)
    assert_chained(found)
    assert [json.loads(line)["enforce"] for line in found] == [True, False, True]
    assert [one["summary"]["history_sha256"] for one in results] == [history_line.digest(line) for line in found]
    assert [one["changed"] for one in results] == [True, True, True]
    assert stat.S_IMODE((tmp_path / "contoso" / "history.jsonl").stat().st_mode) == 0o600


def test_a_line_holds_what_the_evidence_holds(tmp_path: Path) -> None:
    waiver = {"check": "license_seats", "scope": "all", "reason": "r", "approver": "CISO", "expires": "2026-12-31"}
    before = int(time.time())
    result = report(tmp_path, healthy(license=license_result(assigned_user_seats=101)), waivers=[waiver])
    content = (tmp_path / "contoso" / "evidence.json").read_bytes()
    evidence, data = json.loads(content), json.loads(lines(tmp_path)[0])
    assert set(data) == {
        *("schema_version", "subject", "evaluated_at", "recorded_at", "server_time", "verdict", "counts", "results"),
        *("waivers", "license", "enforce", "collection_version", "evidence_sha256", "previous"),
    }
    for name in ("schema_version", "subject", "evaluated_at", "verdict", "counts"):
        assert data[name] == evidence[name]
    columns = ("check", "scope", "status", "observed")
    assert data["results"] == [{name: one[name] for name in columns} for one in evidence["results"]]
    assert data["waivers"] == [{**{k: waiver[k] for k in ("check", "scope", "approver", "expires")}, "state": "used"}]
    assert data["license"]["assigned_user_seats"] == 101
    assert data["evidence_sha256"] == hashlib.sha256(content).hexdigest() == result["summary"]["sha256"]
    assert data["server_time"] == evidence["read"]["license"]["api"]["server_time"]
    recorded = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(before))
    assert recorded <= data["recorded_at"] <= time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    assert lines(tmp_path)[0] == json.dumps(data, sort_keys=True, separators=(",", ":")).encode()


@pytest.mark.parametrize(
    ("changed", "check_mode"), [({}, True), ({"history": False}, False), ({"policy": {"nope": 1}}, False)]
)
def test_check_mode_a_switch_and_a_mistake_add_nothing(changed: Any, check_mode: bool, tmp_path: Path) -> None:
    report(tmp_path)
    before = lines(tmp_path)
    result = report(tmp_path, check_mode=check_mode, **changed)
    assert lines(tmp_path) == before
    assert result.get("failed") or result["summary"]["history_sha256"] is None


@pytest.mark.parametrize("value", [None, "soon", 1e308, 10**400, [], "9999-12-31T00:00:00Z"])
def test_times_and_figures_of_a_server_that_are_none_are_null(value: Any, tmp_path: Path) -> None:
    reading = healthy()
    reading["license"]["license"]["assigned_user_seats"] = value
    for name in ("license", "jobs"):
        reading[name]["api"]["server_time"] = value
    report(tmp_path, reading)
    data = json.loads(lines(tmp_path)[0])
    assert (data["server_time"], data["license"]["assigned_user_seats"]) == (None, None)


def test_of_several_reads_the_earliest_time_of_the_server_counts(tmp_path: Path) -> None:
    reading = healthy()
    reading["license"]["api"]["server_time"] = "2026-11-24T06:00:09Z"
    reading["jobs"]["api"]["server_time"] = "2026-11-24T06:00:05Z"
    report(tmp_path, reading)
    assert json.loads(lines(tmp_path)[0])["server_time"] == "2026-11-24T06:00:05Z"


@pytest.mark.parametrize(
    ("license_api", "server_time"),
    [
        ({"age_seconds": 300}, "2026-11-24T04:00:00Z"),
        ({"age_seconds": 301}, "2026-11-24T06:00:05Z"),
        ({"clock_offset_seconds": -300}, "2026-11-24T04:00:00Z"),
        ({"clock_offset_seconds": -301}, "2026-11-24T06:00:05Z"),
        ({"age_seconds": "no number"}, "2026-11-24T04:00:00Z"),
    ],
)
def test_the_time_of_a_read_that_is_not_current_does_not_count(
    license_api: Any, server_time: str, tmp_path: Path
) -> None:
    reading = healthy()
    reading["license"]["api"].update(server_time="2026-11-24T04:00:00Z", **license_api)
    reading["jobs"]["api"]["server_time"] = "2026-11-24T06:00:05Z"
    report(tmp_path, reading)
    assert json.loads(lines(tmp_path)[0])["server_time"] == server_time


@pytest.mark.parametrize(
    ("facts", "server_time"),
    [
        # The clock of the machine may be the wrong one, but an answer with an age is an old one
        ({"clock_offset_seconds": -7200}, "2026-11-24T04:00:00Z"),
        ({"clock_offset_seconds": -7200, "age_seconds": 7200}, None),
    ],
)
def test_where_no_read_is_current_a_cache_does_not_count(facts: Any, server_time: Any, tmp_path: Path) -> None:
    reading = healthy()
    for name in ("license", "jobs"):
        reading[name]["api"].update(server_time="2026-11-24T04:00:00Z", **facts)
    report(tmp_path, reading)
    assert json.loads(lines(tmp_path)[0])["server_time"] == server_time


@pytest.mark.parametrize(
    ("evaluated_at", "server_time", "recorded_at", "is_kept"),
    [
        # The run before ended while this one ran
        ("2026-11-24T06:00:00Z", "2026-11-24T05:00:00Z", "2026-11-24T06:11:00Z", False),
        ("2026-11-24T06:10:01Z", "2026-11-24T05:00:00Z", "2026-11-24T06:11:00Z", True),
        # One server is a little behind another one
        ("2026-11-24T06:10:01Z", "2026-11-24T05:55:06Z", "2026-11-24T06:11:00Z", False),
        ("2026-11-24T06:10:01Z", "2026-11-24T05:55:05Z", "2026-11-24T06:11:00Z", True),
        ("2026-11-24T06:10:01Z", "2026-11-24T06:00:06Z", "2026-11-24T06:11:00Z", True),
        # The clock of the machine went back as well
        ("2026-11-24T06:09:00Z", "2026-11-24T06:00:05Z", "2026-11-24T06:09:59Z", True),
    ],
)
def test_a_run_that_overlaps_another_one_or_asks_another_server_does_not_take_the_time_back(
    evaluated_at: str, server_time: str, recorded_at: str, is_kept: bool
) -> None:
    evidence = copy.deepcopy(EVIDENCE)
    evidence["evaluated_at"] = evaluated_at
    for name in ("license", "jobs"):
        evidence["read"][name]["api"]["server_time"] = server_time
    last = json.dumps({"server_time": "2026-11-24T06:00:06Z", "recorded_at": "2026-11-24T06:10:00Z"}).encode()
    at = history_line._time.unix_from_iso(recorded_at)
    data = json.loads(history_line.line(evidence, "0" * 64, True, at, last))
    assert data["server_time"] == (server_time if is_kept else None)


def test_what_is_written_is_read_back_as_an_unbroken_history(tmp_path: Path) -> None:
    for enforce in (True, False):
        report(tmp_path, healthy(license=license_result(assigned_user_seats=101)), enforce=enforce)
    (found,) = stored_histories.find([str(tmp_path)])
    assert found.history is not None
    assert (found.subject, found.reason, found.history.break_) == ("contoso", "", "")
    assert [run.enforce for run in found.history.runs] == [True, False]
    assert found.history.runs[0].statuses["license_seats", "license"] == "fail"
    assert found.history.runs[0].figures == (100, 101, 0, 0)


# --- Killed and failed writes -----------------------------------------------------------------------------------------


def test_a_write_that_ended_at_any_byte_leaves_a_history_that_the_next_run_continues(tmp_path: Path) -> None:
    for _run in range(3):
        keep(tmp_path)
    whole = lines(tmp_path)
    path, torn = tmp_path / "contoso" / "history.jsonl", tmp_path / "contoso" / "history.torn"
    content = path.read_bytes()
    start = len(content) - len(whole[2]) - 1
    for end in range(start, len(content) + 1):
        path.write_bytes(content[:end])
        torn.unlink(missing_ok=True)
        result = keep(tmp_path)
        is_torn = start < end < len(content)
        found = lines(tmp_path)
        assert_chained(found)
        assert found[:2] == whole[:2]
        assert len(found) == (4 if end == len(content) else 3)
        assert torn.exists() is is_torn is ("warnings" in result)
        if is_torn:
            assert torn.read_bytes() == content[start:end] + b"\n"
            assert "history.torn" in result["warnings"][0]


@pytest.mark.parametrize("length", [1, 5_000, 65_535, 65_536, 65_537, 200_000])
def test_the_newest_line_is_found_however_long_it_and_a_torn_one_are(length: int, tmp_path: Path) -> None:
    keep(tmp_path)
    path = tmp_path / "contoso" / "history.jsonl"
    long = json.dumps({"subject": "contoso", "pad": "x" * length}).encode()
    for torn in (b"", b"y" * length):
        path.write_bytes(b"{}\n" + long + b"\n" + torn)
        keep(tmp_path)
        assert json.loads(lines(tmp_path)[-1])["previous"] == hashlib.sha256(long).hexdigest()
        assert len(lines(tmp_path)) == 3


def test_torn_lines_are_collected(tmp_path: Path) -> None:
    for mark in (b"one", b"two"):
        keep(tmp_path)
        with open(tmp_path / "contoso" / "history.jsonl", "ab") as stream:
            stream.write(mark)
    keep(tmp_path)
    assert (tmp_path / "contoso" / "history.torn").read_bytes() == b"one\ntwo\n"


@pytest.mark.parametrize("failing", ["write", "fsync"])
def test_a_disk_that_is_full_leaves_the_history_as_it_was(
    failing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(tmp_path)
    before = lines(tmp_path)
    real = os.write

    def fail(handle: int, *content: bytes) -> int:
        if failing == "write" and content:
            return real(handle, content[0][:100])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(history_file.os, failing, fail)
    # The pack is not rewritten: only the history is
    result = keep(tmp_path)
    monkeypatch.undo()
    assert result["failed"] is True
    assert result["summary"]["history_sha256"] is None
    assert lines(tmp_path) == before


def test_a_killed_process_leaves_a_readable_history(tmp_path: Path) -> None:
    """SIGKILL, as the kernel and a container's end send it, wherever it meets the loop."""
    for turn in range(8):
        process = PROCESSES.Process(target=lambda: [keep(tmp_path) for _run in range(10_000)])
        process.start()
        time.sleep(0.1 + 0.01 * turn)
        assert process.pid
        os.kill(process.pid, signal.SIGKILL)
        process.join(30)
        keep(tmp_path)
        assert_chained(lines(tmp_path))
    assert len(lines(tmp_path)) > 8


# --- Several writers --------------------------------------------------------------------------------------------------


def test_processes_that_write_at_the_same_time_lose_nothing(tmp_path: Path) -> None:
    def write(mark: int) -> None:
        evidence = {**EVIDENCE, "reason": str(mark)}
        os._exit(sum(bool(keep(tmp_path, evidence).get("failed")) for _turn in range(25)))

    processes = [PROCESSES.Process(target=write, args=(mark,)) for mark in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
    assert [process.exitcode for process in processes] == [0] * 4
    assert len(lines(tmp_path)) == 100
    assert_chained(lines(tmp_path))


# --- What is in its place ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["history.jsonl", "history.torn"])
@pytest.mark.parametrize("kind", ["link", "pipe", "directory"])
def test_what_is_no_file_is_a_failure_at_once_and_is_not_followed(name: str, kind: str, tmp_path: Path) -> None:
    keep(tmp_path)
    place = tmp_path / "contoso" / name
    if name == "history.jsonl":
        place.unlink()
    else:
        with open(tmp_path / "contoso" / "history.jsonl", "ab") as stream:
            stream.write(b"torn")
    if kind == "link":
        place.symlink_to(tmp_path / "outside")
    elif kind == "pipe":
        os.mkfifo(place)
    else:
        place.mkdir()
    result = keep(tmp_path)
    assert result["failed"] is True
    assert str(place) in result["msg"]
    assert result["findings"]
    assert not (tmp_path / "outside").exists()


def test_a_last_line_without_end_is_a_failure_that_names_it(tmp_path: Path) -> None:
    keep(tmp_path)
    path = tmp_path / "contoso" / "history.jsonl"
    with open(path, "ab") as stream:
        stream.truncate(20 * 1024**3)
    result = keep(tmp_path)
    assert "move it away" in result["msg"]
    assert str(path) in result["msg"]


def test_the_history_of_another_subject_is_not_continued(tmp_path: Path) -> None:
    keep(tmp_path)
    path = tmp_path / "contoso" / "history.jsonl"
    path.write_bytes(b'{"subject": "fabrikam"}\n')
    before = path.read_bytes()
    assert "history of another subject" in keep(tmp_path)["msg"]
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"\n", b"[]\n", b"\xff\xfe\n", b"[" * 100_000 + b"\n", b'{"subject": 1}\n'])
def test_whatever_the_last_line_is_the_next_one_is_chained_to_it(content: bytes, tmp_path: Path) -> None:
    keep(tmp_path)
    path = tmp_path / "contoso" / "history.jsonl"
    path.write_bytes(content)
    keep(tmp_path)
    expected = hashlib.sha256(content[:-1]).hexdigest() if content else None
    assert json.loads(lines(tmp_path)[-1])["previous"] == expected
