# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Checks of how long one service's jobs take.

Each takes the jobs that were read, the thresholds and the instant that is now.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..model import durations, instants, wording
from ..model import jobs as _jobs
from ..model.median import median
from ..model.outcome import JOBS_CITED, CannotTell, Outcome
from ..reading.sources import Backups


def judge_stuck(running: _jobs.Group, thresholds: Mapping[str, Any], now: int) -> Outcome:
    """How long the oldest job in progress has been running."""
    warn, fail = thresholds["warn"], thresholds["fail"]
    expected = f"no job in progress for longer than {durations.text(fail)} (warning over {durations.text(warn)})"
    jobs = [job for job in running.kept if job.state in _jobs.RUNNING]
    timed = sorted((now - job.start, job.id) for job in jobs if job.start is not None)[::-1]
    age = timed[0][0] if timed else 0
    if age <= fail and len(timed) < len(jobs):
        raise CannotTell("Not every job in progress tells when it started: how long it has been running is not known.")
    if age <= fail and not running.keeps_all(_jobs.RUNNING):
        raise CannotTell("To see when every job in progress started, more rows are needed than were kept.")
    if not timed:
        return Outcome("pass", "no job in progress", expected, "No job is in progress.")
    status = "fail" if age > fail else "warn" if age > warn else "pass"
    count = wording.amount(running.count(_jobs.RUNNING), "job")
    observed = f"{count} in progress, the oldest for {durations.words(max(0, age))}"
    over = sum(one > (fail if status == "fail" else warn) for one, _id in timed)
    at_least = "" if running.keeps_all(_jobs.RUNNING) else "at least "
    told = f", {at_least}{over} of them over the limit" if over else ""
    message = f"{observed}, since {instants.iso(now - age)}{told}."
    return Outcome(status, observed, expected, message, tuple(name for _age, name in timed)[:JOBS_CITED])


def judge_slow(backups: Backups, thresholds: Mapping[str, Any], now: int) -> Outcome:
    """The duration of the last completed backup against what is usual."""
    last = backups.last_completed()
    usual = median(_duration(job) for job in backups.earlier(thresholds["min_jobs"]))
    took, floor = _duration(last), thresholds["floor"]
    limits = [(key, thresholds[key]) for key in ("fail", "warn") if thresholds[key] is not None]
    status = next((key for key, factor in limits if took > factor * usual and took > floor * 1_000), "pass")
    most = " and ".join(f"{float(factor):g} times ({key})" for key, factor in reversed(limits))
    expected = f"at most {most} what is usual, or {durations.text(floor)}"
    observed = f"{_words(took)} against {_words(int(usual))} usually"
    return Outcome(status, observed, expected, f"The last completed backup took {observed}.", _jobs.ids([last]))


def _duration(job: _jobs.Job) -> int:
    """Milliseconds, as the server's own times give them."""
    if job.duration is None or job.duration < 0:
        told = "does not say how long it took" if job.duration is None else "finished before it started"
        raise CannotTell(f"{job.named} {told}.")
    return job.duration


def _words(milliseconds: int) -> str:
    return durations.words(milliseconds // 1_000)
