# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Checks of what one service's backups hold, by the counts of objects that their jobs tell.

Each takes the backups that were read, the thresholds and the instant that is now. A count that the server did not send
is not 0: where a check needs it, it cannot tell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from ..model import durations, wording
from ..model import jobs as _jobs
from ..model.median import median
from ..model.outcome import CannotTell, DoesNotApply, Outcome
from ..reading.sources import Backups


def judge_failed_objects(backups: Backups, thresholds: Mapping[str, Any], now: int) -> Outcome:
    """The share of objects that the last completed backup failed to take."""
    last, fewest = backups.last_completed(), thresholds["min_objects"]
    total, failed = _count(last, "total"), _count(last, "failed")
    if failed > total:
        raise CannotTell(f"{last.named} tells of {failed} failed objects of {total}.")
    if not total:
        raise DoesNotApply("The last completed backup has nothing in it.")
    percent = Fraction(100 * failed, total)
    status = _over(percent, thresholds) if failed >= fewest else "pass"
    limits = {key: wording.percent(thresholds[key]) for key in ("warn", "fail")}
    expected = f"at most {limits['fail']} failed (warning over {limits['warn']}), or fewer than {fewest}"
    observed = f"{failed} of {wording.amount(total, 'object')} failed ({wording.percent(percent)})"
    return Outcome(status, observed, expected, f"In the last completed backup {observed}.", _jobs.ids([last]))


def judge_hollow(backups: Backups, thresholds: Mapping[str, Any], now: int) -> Outcome:
    """Backups that call themselves finished and have nothing in them."""
    window, fail, warn = backups.window(), thresholds["fail"], thresholds["warn"]
    if not window.count(_jobs.CLEAN):
        raise DoesNotApply("No backup finished in the window.")
    window.refuse_few_rows()
    jobs = window.newest_completed()
    successes = [job for job in window.kept if job.state in _jobs.CLEAN]
    hollow = [job for job in successes if is_hollow(job)]
    row = _hollow_in_a_row(jobs)
    span = row[0].ended - row[-1].ended if row else 0
    if len(row) >= fail and span >= thresholds["span"]:
        status = "fail"
    else:
        _refuse_open_row(window, jobs)
        status = "warn" if len(hollow) >= warn else "pass"
        if status == "pass":
            _refuse_doubts(successes, warn - len(hollow))
    limit = f"{fail} in a row over {durations.text(thresholds['span'])}"
    observed = f"{len(hollow)} of {wording.amount(len(successes), 'finished backup')} hollow"
    observed += f", the last {len(row)} in a row over {durations.words(span)}" if len(row) > 1 else ""
    expected = f"fewer than {warn} hollow (failure from {limit})"
    return Outcome(status, observed, expected, f"{observed}{_of_objects(hollow)}.", _jobs.ids(hollow))


def judge_coverage(backups: Backups, thresholds: Mapping[str, Any], now: int) -> Outcome:
    """How far the last completed backup's objects are under what is usual."""
    last = backups.last_completed()
    if last.state in _jobs.CLEAN and is_hollow(last):
        raise DoesNotApply("The last completed backup has nothing in it.")
    usual = median(_count(job, "total") for job in backups.earlier(thresholds["min_jobs"]))
    if not usual:
        raise DoesNotApply("The backups before the last one had nothing in them: there is nothing to lose.")
    total = _count(last, "total")
    drop = 100 * (usual - total) / usual
    limits = {key: wording.percent(thresholds[key]) for key in ("warn", "fail")}
    expected = f"a drop of at most {limits['fail']} (warning over {limits['warn']})"
    told = f"{total} objects against {float(usual):g} usually"
    observed = f"{told}, {wording.percent(abs(drop))} {'fewer' if drop > 0 else 'more'}" if drop else told
    message = f"The last completed backup has {observed}."
    return Outcome(_over(drop, thresholds), observed, expected, message, _jobs.ids([last]))


def is_hollow(job: _jobs.Job) -> bool | None:
    """Whether a backup has nothing in it; None where its counts do not tell, or contradict each other."""
    total, successful = job.objects.total, job.objects.successful
    if total is not None and successful is not None and successful > total:
        return None
    if total == 0 or successful == 0:
        return True
    return None if successful is None else False


def _hollow_in_a_row(jobs: Sequence[_jobs.Job]) -> list[_jobs.Job]:
    """The newest clean successes as long as they are hollow. A failure is none; a degraded one ends the row, too."""
    row = []
    for job in jobs:
        if job.state not in _jobs.FAILED:
            if not is_hollow(job):
                break
            if job.state in _jobs.CLEAN:
                row.append(job)
    return row


def _refuse_open_row(window: _jobs.Group, jobs: Sequence[_jobs.Job]) -> None:
    """Raises CannotTell where the row may be longer than what was told of it."""
    ends = next((job for job in jobs if job.state not in _jobs.FAILED and not is_hollow(job)), None)
    if ends is None and not window.keeps_all(_jobs.COMPLETED):
        raise CannotTell("To find the last backup with something in it, more rows are needed than were kept.")
    if ends is not None:
        _refuse_doubts([ends], 1)


def _refuse_doubts(jobs: Sequence[_jobs.Job], many: int) -> None:
    """Raises CannotTell where so many of the jobs do not tell whether they are hollow."""
    doubtful = [job for job in jobs if is_hollow(job) is None]
    if len(doubtful) >= many:
        raise CannotTell(f"{doubtful[0].named} does not say well enough how many objects it backed up.")


def _of_objects(hollow: Sequence[_jobs.Job]) -> str:
    """What the newest hollow one says of its objects: skipped ones may only be unchanged."""
    if not hollow:
        return ""
    total, skipped = hollow[0].objects.total, hollow[0].objects.skipped
    if not total:
        return "; the newest of them had no object at all"
    told = f", {skipped} of them skipped" if skipped else ""
    return f"; the newest of them took none of {wording.amount(total, 'object')}{told}"


def _count(job: _jobs.Job, name: str) -> int:
    count: int | None = getattr(job.objects, name)
    if count is None:
        raise CannotTell(f"{job.named} does not say its {name} count of objects.")
    return count


def _over(percent: Fraction, thresholds: Mapping[str, Any]) -> str:
    return "fail" if percent > thresholds["fail"] else "warn" if percent > thresholds["warn"] else "pass"
