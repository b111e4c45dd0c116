# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Checks of what became of one service's backups: their states, one after the other and taken together.

Each takes the backups that were read, the thresholds and the instant that is now.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from ..model import durations, instants, jobs, wording
from ..model.outcome import CannotTell, DoesNotApply, Outcome
from ..reading.sources import Backups


def judge_last(backups: Backups, thresholds: Mapping[str, Any], now: int) -> Outcome:
    """What became of the last completed backup."""
    last = backups.last_completed()
    status = "fail" if last.state in jobs.FAILED else "pass"
    unknown = ", a state that no document names, which counts as failed" if last.state == "unknown" else ""
    observed = f"{last.said}, {instants.iso(last.ended)}"
    message = f"The last completed backup ended {last.said}{unknown}."
    return Outcome(status, observed, "a last completed backup that did not fail", message, jobs.ids([last]))


def judge_failures_in_a_row(backups: Backups, thresholds: Mapping[str, Any], now: int) -> Outcome:
    """How many of the newest completed backups failed, one after the other."""
    window, last = backups.window(), backups.last_completed()
    newest = window.newest_completed()
    row = list(itertools.takewhile(lambda job: job.state in jobs.FAILED, newest))
    # Where the rows end before the row does, every other failure may belong to it
    is_whole = len(row) < len(newest) or window.keeps_all(jobs.COMPLETED)
    status = _by_count(len(row), thresholds)
    if not is_whole and status != _by_count(window.count(jobs.FAILED), thresholds):
        raise CannotTell("To count the failures in a row, more rows are needed than were kept.")
    expected = f"fewer than {thresholds['fail']} failures in a row (warning from {thresholds['warn']})"
    observed = f"{'' if is_whole else 'at least '}{len(row)} failed in a row"
    message = (
        f"The last {wording.amount(len(row), 'completed backup')} failed."
        if row
        else f"The last one ended {last.said}."
    )
    return Outcome(status, observed, expected, message, jobs.ids(row or [last]))


def judge_success_rate(backups: Backups, thresholds: Mapping[str, Any], now: int) -> Outcome:
    """The share of the window's completed backups that did not fail."""
    window, fewest = backups.window(), thresholds["min_jobs"]
    completed, failed = window.count(jobs.COMPLETED), window.count(jobs.FAILED)
    if completed < fewest:
        told = f"{wording.amount(completed, 'backup')} completed in the window"
        raise DoesNotApply(f"{told}; the rate is judged from {fewest} on.")
    rate = Fraction(100 * (completed - failed), completed)
    status = "fail" if rate < thresholds["fail"] else "warn" if rate < thresholds["warn"] else "pass"
    limits = {key: wording.percent(thresholds[key]) for key in ("warn", "fail")}
    expected = f"at least {limits['fail']} without failure (warning under {limits['warn']})"
    observed = f"{wording.percent(rate)}, {failed} of {completed} failed"
    message = f"{failed} of {wording.amount(completed, 'completed backup')} in the window failed."
    return Outcome(status, observed, expected, message, jobs.ids(_in(window, jobs.FAILED)))


def judge_degraded(backups: Backups, thresholds: Mapping[str, Any], now: int) -> Outcome:
    """Backups that ended with less than all, and whether any was clean meanwhile."""
    window, fail, warn = backups.window(), thresholds["fail"], thresholds["warn"]
    backups.last_completed()
    count, clean = window.count(jobs.DEGRADED), window.last(jobs.CLEAN)
    expected = f"fewer than {warn} degraded, and a clean backup within {durations.text(fail)} where any are"
    observed = f"{count} degraded, " + (f"last clean {instants.iso(clean.ended)}" if clean else "none clean")
    message = f"{wording.amount(count, 'backup')} in the window finished with exceptions or in part."
    cited = jobs.ids(_in(window, jobs.DEGRADED))
    if count and not (clean and now - clean.ended <= fail) and _degraded_within(window, now - fail):
        meanwhile = f"None was clean for {durations.text(fail)} or longer."
        return Outcome("fail", observed, expected, f"{message} {meanwhile}", cited)
    return Outcome("warn" if count >= warn else "pass", observed, expected, message, cited)


def _degraded_within(window: jobs.Group, since: int) -> bool:
    if any(job.ended >= since for job in _in(window, jobs.DEGRADED)):
        return True
    if not window.keeps_all(jobs.DEGRADED):
        raise CannotTell("To find the last degraded backup, more rows are needed than were kept.")
    return False


def _in(window: jobs.Group, states: tuple[str, ...]) -> list[jobs.Job]:
    return [job for job in window.kept if job.state in states]


def _by_count(count: int, thresholds: Mapping[str, Any]) -> str:
    return "fail" if count >= thresholds["fail"] else "warn" if count >= thresholds["warn"] else "pass"
