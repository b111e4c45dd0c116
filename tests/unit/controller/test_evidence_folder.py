# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A pack on disk is one unit, whoever else writes the folder and wherever a process is killed."""

from __future__ import annotations

import errno
import multiprocessing
import os
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reports import formats
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reports.pack_files import FILES
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller import evidence_folder, folder_lock
from ansible_collections.cloudbackup.m365.tests.unit.readings import evidence_of, healthy

PROCESSES = multiprocessing.get_context("fork")
EVIDENCE = evidence_of(healthy())


def pack(mark: str, *names: str) -> dict[str, bytes]:
    """The files of a run, each with its mark, in the order of a pack: evidence.json last."""
    content = {name: f"{mark} {name}".encode() for name in (names or FILES[1:])}
    return {**content, "evidence.json": b'{"subject": "contoso", "run": "%s"}' % mark.encode()}


def keep(reports: Path, files: dict[str, bytes], check_mode: bool = False) -> dict[str, Any]:
    return evidence_folder.keep(EVIDENCE, files, str(reports), check_mode)


def found(reports: Path) -> dict[str, bytes]:
    """The files of the pack."""
    return {path.name: path.read_bytes() for path in (reports / "contoso").iterdir() if path.name != ".lock"}


def in_a_process(work: Callable[[], object]) -> Any:
    """Start a process; its exit status is 0 only if the work returned."""
    process = PROCESSES.Process(target=work)
    process.start()
    return process


def ends(process: Any) -> int | None:
    process.join(30)
    if process.is_alive():
        process.kill()
        process.join()
    status: int | None = process.exitcode
    return status


def test_every_format_has_a_known_file() -> None:
    assert formats.FILES == FILES


# --- What an earlier run left behind ----------------------------------------------------------------------------------


def test_a_run_with_fewer_formats_removes_the_reports_of_the_earlier_one(tmp_path: Path) -> None:
    keep(tmp_path, pack("old"))
    result = keep(tmp_path, pack("new", "report.md"))
    assert found(tmp_path) == pack("new", "report.md")
    assert result["changed"] is True


def test_removing_a_report_is_a_change_even_where_the_evidence_is_the_same(tmp_path: Path) -> None:
    keep(tmp_path, pack("same"))
    assert keep(tmp_path, pack("same", "report.md"))["changed"] is True
    assert found(tmp_path) == pack("same", "report.md")
    assert keep(tmp_path, pack("same", "report.md"))["changed"] is False


def test_history_and_what_is_not_ours_stay(tmp_path: Path) -> None:
    keep(tmp_path, pack("old"))
    for name in ("history.jsonl", "notes.txt"):
        (tmp_path / "contoso" / name).write_text("kept")
    keep(tmp_path, pack("new", "junit.xml"))
    assert set(found(tmp_path)) == {"evidence.json", "junit.xml", "history.jsonl", "notes.txt"}


def test_a_stale_link_is_removed_and_not_followed(tmp_path: Path) -> None:
    keep(tmp_path, pack("old", "report.md"))
    (tmp_path / "outside").write_text("kept")
    (tmp_path / "contoso" / "junit.xml").symlink_to(tmp_path / "outside")
    (tmp_path / "contoso" / "report.html").symlink_to(tmp_path / "nowhere")
    assert keep(tmp_path, pack("old", "report.md"))["changed"] is True
    assert found(tmp_path) == pack("old", "report.md")
    assert (tmp_path / "outside").read_text() == "kept"


def test_temporary_files_of_a_killed_run_are_removed(tmp_path: Path) -> None:
    keep(tmp_path, pack("old"))
    (tmp_path / "contoso" / ".evidence-x1y2").write_text("half")
    assert keep(tmp_path, pack("old"))["changed"] is False
    assert found(tmp_path) == pack("old")


@pytest.mark.parametrize("name", ["report.md", "junit.xml"], ids=["written", "stale"])
def test_a_folder_in_the_place_of_a_file_leaves_the_old_pack_as_it_was(name: str, tmp_path: Path) -> None:
    keep(tmp_path, pack("old", "report.html"))
    (tmp_path / "contoso" / name).mkdir()
    result = keep(tmp_path, pack("new", "report.html", "report.md"))
    assert result["failed"] is True
    assert f"{tmp_path}/contoso/{name}" in result["msg"]
    (tmp_path / "contoso" / name).rmdir()
    assert found(tmp_path) == pack("old", "report.html")


# --- Killed or failed at any step -------------------------------------------------------------------------------------


OLD, NEW = pack("old", "junit.xml", "report.html"), pack("new", "report.html", "report.md")
STEPS = ("fsync", "unlink", "replace")


def interrupted(reports: Path, step: int, stop: Callable[[], None], after: bool) -> None:
    """Write the new pack, and stop before or after a step that changes the folder."""
    count = iter(range(1_000))

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def run(*arguments: Any, **named: Any) -> Any:
            is_last = next(count) == step
            if is_last and not after:
                stop()
            result = real(*arguments, **named)
            if is_last:
                stop()
            return result

        return run

    for name in STEPS:
        setattr(os, name, counted(getattr(os, name)))
    result = keep(reports, NEW)
    os._exit(3 if result.get("failed") else 0)


def assert_whole_or_visibly_incomplete(reports: Path) -> str:
    files = {name: content for name, content in found(reports).items() if not name.startswith(".evidence-")}
    if "evidence.json" not in files:
        return "incomplete"
    assert files in (OLD, NEW)
    return "old" if files == OLD else "new"


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_process_that_is_killed_at_any_step_leaves_no_mix_and_the_next_run_repairs_it(
    after: bool, tmp_path: Path
) -> None:
    seen = []
    for step in range(100):
        reports = tmp_path / str(step)
        keep(reports, OLD)
        status = ends(in_a_process(lambda: interrupted(reports, step, lambda: os._exit(9), after)))  # noqa: B023
        seen.append(assert_whole_or_visibly_incomplete(reports))
        assert not keep(reports, NEW).get("failed")
        assert found(reports) == NEW
        if status == 0:
            break
    assert status == 0
    # Three temporary files, the old evidence and a stale report removed, three moved
    assert len(seen) == 9
    assert list(dict.fromkeys(seen)) == ["old", "incomplete", "new"]


def test_a_step_that_fails_leaves_no_mix_and_no_temporary_file(tmp_path: Path) -> None:
    def fail() -> None:
        raise OSError(errno.EIO, "Input/output error")

    seen, statuses = [], []
    for step in range(8):
        reports = tmp_path / str(step)
        keep(reports, OLD)
        statuses.append(ends(in_a_process(lambda: interrupted(reports, step, fail, False))))  # noqa: B023
        seen.append(assert_whole_or_visibly_incomplete(reports))
        assert not [name for name in found(reports) if name.startswith(".evidence-")]
    assert set(statuses) == {3}
    assert list(dict.fromkeys(seen)) == ["old", "incomplete"]


# --- Two at the same time ---------------------------------------------------------------------------------------------


def test_two_runs_that_write_one_folder_leave_the_pack_of_one_of_them(tmp_path: Path) -> None:
    packs = (pack("one", "report.html", "junit.xml"), pack("two", "report.html", "report.md"))

    def write(files: dict[str, bytes]) -> None:
        real = os.replace

        def slow(*arguments: Any) -> None:
            time.sleep(0.002)
            real(*arguments)

        os.replace = slow  # type: ignore[assignment]
        os._exit(sum(bool(keep(tmp_path, files).get("failed")) for _turn in range(20)))

    processes = [in_a_process(lambda files=files: write(files)) for files in packs]  # type: ignore[misc]
    while any(process.is_alive() for process in processes):
        time.sleep(0.01)
    assert [ends(process) for process in processes] == [0, 0]
    assert found(tmp_path) in packs


def hold_until(directory: Path, ready: Any, done: Any) -> None:
    with folder_lock.hold(directory):
        ready.set()
        done.wait(30)
    os._exit(0)


@pytest.fixture
def held(tmp_path: Path) -> Any:
    """A folder of which another process has the lock, and what makes that process end."""
    (tmp_path / "contoso").mkdir()
    ready, done = PROCESSES.Event(), PROCESSES.Event()
    process = in_a_process(lambda: hold_until(tmp_path / "contoso", ready, done))
    assert ready.wait(30)
    yield done
    done.set()
    assert ends(process) == 0


def test_a_folder_that_stays_locked_is_a_failure_that_names_it(
    held: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_lock, "WAIT", 0.3)
    result = keep(tmp_path, NEW)
    assert result["failed"] is True
    assert f"{tmp_path}/contoso/.lock" in result["msg"]
    assert "run the gate again" in result["msg"]
    assert result["findings"]
    assert found(tmp_path) == {}


def test_a_run_waits_for_the_other_one(held: Any, tmp_path: Path) -> None:
    waiting = in_a_process(lambda: os._exit(bool(keep(tmp_path, NEW).get("failed"))))
    time.sleep(0.3)
    assert found(tmp_path) == {}
    held.set()
    assert ends(waiting) == 0
    assert found(tmp_path) == NEW


def test_the_folder_is_judged_again_once_its_lock_is_held(
    held: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def while_waiting(_seconds: float) -> None:
        (tmp_path / "contoso" / "evidence.json").write_text('{"subject": "fabrikam"}')
        held.set()
        real(0.05)

    real = time.sleep
    monkeypatch.setattr(folder_lock.time, "sleep", while_waiting)
    assert "another subject" in keep(tmp_path, NEW)["msg"]
    monkeypatch.undo()


@pytest.mark.parametrize("name", ["ENOLCK", "EOPNOTSUPP", "ENOTSUP", "ENOSYS", "EINVAL"])
def test_a_file_system_without_locks_is_warned_of(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: Any) -> None:
        raise OSError(getattr(errno, name), os.strerror(getattr(errno, name)))

    (tmp_path / "contoso").mkdir()
    (tmp_path / "contoso" / ".evidence-other").write_text("of a run that may still write")
    monkeypatch.setattr(folder_lock.fcntl, "lockf", refuse)
    result = keep(tmp_path, NEW)
    assert not result.get("failed")
    assert f"{tmp_path}/contoso/.lock cannot be locked" in result["warnings"][0]
    assert found(tmp_path) == {**NEW, ".evidence-other": b"of a run that may still write"}


def test_the_lock_file_stays_and_is_its_owners_alone(tmp_path: Path) -> None:
    keep(tmp_path, NEW)
    lock = tmp_path / "contoso" / ".lock"
    before = lock.stat()
    assert stat.S_IMODE(before.st_mode) == 0o600
    lock.chmod(0o666)
    keep(tmp_path, OLD)
    assert (lock.stat().st_ino, stat.S_IMODE(lock.stat().st_mode)) == (before.st_ino, 0o600)


@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_what_is_no_lock_file_is_a_failure_at_once(kind: str, tmp_path: Path) -> None:
    lock = tmp_path / "contoso" / ".lock"
    lock.parent.mkdir()
    if kind == "link":
        lock.symlink_to(tmp_path / "outside")
    else:
        os.mkfifo(lock)
    result = keep(tmp_path, NEW)
    assert result["failed"] is True
    assert str(lock) in result["msg"]
    assert not (tmp_path / "outside").exists()


def test_check_mode_makes_no_lock_file(tmp_path: Path) -> None:
    keep(tmp_path, NEW, check_mode=True)
    assert list(tmp_path.iterdir()) == []


# --- What is in the place of the evidence -----------------------------------------------------------------------------


def make_odd(place: Path, kind: str) -> None:
    place.parent.mkdir(parents=True)
    if kind == "pipe":
        os.mkfifo(place)
    elif kind == "endless":
        place.symlink_to("/dev/zero")
    elif kind == "circle":
        place.symlink_to(place)
    elif kind == "nested":
        place.write_text("[" * 200_000)
    elif kind == "huge":
        with open(place, "wb") as stream:
            stream.truncate(20 * 1024**3)
    elif kind == "directory":
        place.mkdir()


@pytest.mark.parametrize("check_mode", [False, True])
@pytest.mark.parametrize("kind", ["pipe", "endless", "circle", "nested", "huge", "directory"])
def test_what_is_no_evidence_is_refused_by_name_and_at_once(kind: str, check_mode: bool, tmp_path: Path) -> None:
    make_odd(tmp_path / "contoso" / "evidence.json", kind)
    result = keep(tmp_path, NEW, check_mode)
    assert result["failed"] is True
    assert f"{tmp_path}/contoso" in result["msg"]
    assert [path.name for path in (tmp_path / "contoso").iterdir()] == ["evidence.json"]
