# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The chain of a history: every line contains the hash of the line before, and time never goes back.

A line that breaks the chain ends the history: nothing is proven from there on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ansible_collections.cloudbackup.m365.plugins.module_utils import _time

from ..model import wording
from . import history_line, recorded_run
from .recorded_run import Run

MOST_LINES = 500_000
"""A run every ten minutes for nine years."""


class History(NamedTuple):
    """The history of a subject as far as its chain goes."""

    runs: Sequence[Run]
    break_: str = ""
    """Why the chain is broken after these runs, in a sentence; empty if it is not."""
    notes: Sequence[str] = ()

    @property
    def anchor(self) -> str | None:
        """The hash that the first line continues; None where the history begins with it."""
        return self.runs[0].previous if self.runs else None


class Chain:
    """A history that grows line by line. ``add`` returns False from the line on that breaks it."""

    def __init__(self) -> None:
        self.runs: list[Run] = []
        self.break_ = ""

    def add(self, text: bytes) -> bool:
        if self.break_:
            return False
        number = len(self.runs) + 1
        if len(text) > history_line.LONGEST:
            self.break_ = f"Line {number} of the history has over {history_line.LONGEST} bytes."
            return False
        try:
            run = recorded_run.read(text)
        except ValueError as error:
            self.break_ = f"Line {number} of the history {error}."
            return False
        if self.runs:
            last = self.runs[-1]
            self.break_ = _break(number, last, run) or self._backwards(number, run)
            # Most days are like the day before: a year of them takes little memory
            run = run._replace(
                subject=last.subject if run.subject == last.subject else run.subject,
                statuses=last.statuses if run.statuses == last.statuses else run.statuses,
                acceptances=last.acceptances if run.acceptances == last.acceptances else run.acceptances,
            )
        if number > MOST_LINES:
            self.break_ = f"The history has over {MOST_LINES} lines."
        if not self.break_:
            self.runs.append(run)
        return not self.break_

    def history(self, *notes: str) -> History:
        return History(self.runs, self.break_, notes)

    def _backwards(self, number: int, run: Run) -> str:
        """Return that a clock went back, or an empty text.

        Times of the server are compared with each other exactly, and so are times of the machine. The two clocks may
        differ by as much as an evidence may, when a run without an answer follows one with an answer.
        """
        last = self.runs[-1]
        allowed = 0 if run.is_of_server == last.is_of_server else _time.CLOCK_TOLERANCE
        if run.time >= last.time - allowed:
            before = next((one for one in reversed(self.runs) if one.is_of_server == run.is_of_server), run)
            if run.time >= before.time:
                return ""
            last = before
        return (
            f"Time goes back in line {number} of the history, from {_time.unix_to_iso(last.time)} to "
            f"{_time.unix_to_iso(run.time)}: a clock was wrong, or lines were reordered."
        )


def chain(lines: Iterable[bytes], *notes: str) -> History:
    """Return the history in lines without their line ends, as far as the chain goes."""
    found = Chain()
    for text in lines:
        if not found.add(text):
            break
    return found.history(*notes)


def joined(histories: Sequence[History]) -> History:
    """Return the histories of one subject as one: copies count once, and a part continues the one that it fits.

    Histories that do not fit together are a break: which of them is the true one is not known.
    """
    rest = sorted(histories, key=lambda history: (history.runs[0].time if history.runs else 0, -len(history.runs)))
    found = rest.pop(0)
    for other in rest:
        found = _both(found, other)
    return found


def _both(first: History, second: History) -> History:
    notes = (*first.notes, *(note for note in second.notes if note not in first.notes))
    if first.break_ or second.break_:
        return History(max(first.runs, second.runs, key=len), first.break_ or second.break_, notes)
    hashes = [run.sha256 for run in first.runs]
    own = [run.sha256 for run in second.runs]
    if not own or not hashes:
        return History(first.runs or second.runs, "", notes)
    if second.anchor == hashes[-1] and first.runs[-1].time <= second.runs[0].time:
        return History([*first.runs, *second.runs], "", notes)
    if own[0] in hashes:
        place = hashes.index(own[0])
        overlap = min(len(hashes) - place, len(own))
        if hashes[place : place + overlap] == own[:overlap]:
            return History([*first.runs, *second.runs[overlap:]], "", notes)
    begins = _time.unix_to_iso(second.runs[0].time)
    return History(
        first.runs,
        f"There are several histories of this tenant, and that which begins at {begins} does not continue the other.",
        notes,
    )


def _break(number: int, last: Run, run: Run) -> str:
    if run.subject != last.subject:
        return f"Line {number} of the history is of {wording.found(run.subject)}, another subject."
    if run.previous != last.sha256:
        return (
            f"Line {number} of the history, of {_time.unix_to_iso(run.time)}, does not continue line {number - 1}: a "
            "line there or before it was changed, removed, inserted or moved."
        )
    return ""
