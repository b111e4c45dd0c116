# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Computed jobs: job i is a function of the seed and i, so that a million jobs need no memory."""

from __future__ import annotations

from dataclasses import dataclass

from . import facts

_MASK = (1 << 64) - 1


def scramble(*numbers: int) -> int:
    """Return 64 bits that depend on every number (splitmix64)."""
    value = 0
    for number in numbers:
        value = (value + number + 0x9E3779B97F4A7C15) & _MASK
        value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
        value ^= value >> 31
    return value


@dataclass(frozen=True)
class Job:
    """A job, independent of the wire format.

    :ivar start: in ticks; None for a job that has not started.
    :ivar finish: in ticks; None while the job is running.
    :ivar total: like all counts, None if the answer has no such field.
    :ivar state_text: replaces the documented name of the state.
    :ivar errors: the texts of jobErrors, each of one object; None is one entry for all failed objects.
    """

    id: str
    state: int
    start: int | None
    finish: int | None
    total: int | None
    failed: int | None
    successful: int | None
    skipped: int | None
    state_text: str | None = None
    errors: tuple[str, ...] | None = None

    @property
    def duration(self) -> int | None:
        return None if self.start is None or self.finish is None else self.finish - self.start


@dataclass(frozen=True)
class Series:
    """Jobs of one type and service at regular times, numbered from the oldest (0).

    Start and finish both rise strictly with the number, because neither deviates by more than 0.4 of the interval.
    Every range and every page can therefore be computed.

    :ivar prefix: of the job ids; unique in a tenant, ends with a letter.
    :ivar newest: the latest start.
    :ivar traits: (state, location) of job n is traits[n % len(traits)].
    :ivar kind: history, running, or arrivals (jobs that appear while the server runs).
    :ivar objects: objects per job, plus up to two; 0 means none.
    """

    prefix: str
    job_type: int
    object_type: int
    count: int
    newest: int
    interval: int
    duration: int
    traits: tuple[tuple[int, str], ...]
    seed: int
    objects: int
    kind: str = "history"

    def _deviation(self, number: int, limit: int) -> int:
        # The top bits, because a remainder of a small limit would not be evenly distributed.
        return scramble(self.seed, number) * min(limit, self.interval * 2 // 5) >> 64

    def start(self, number: int) -> int:
        regular = self.newest - (self.count - 1 - number) * self.interval
        return regular - self._deviation(number, 20 * facts.MINUTE)

    def finish(self, number: int) -> int:
        return self.start(number) + self.duration + self._deviation(~number & _MASK, self.duration // 8)

    def first_started_after(self, moment: int) -> int:
        """Return the lowest number whose start is later than a moment; ``count`` if there is none."""
        number = min(max((moment - self.newest) // self.interval + self.count, 0), self.count)
        while number < self.count and self.start(number) <= moment:
            number += 1
        return number

    def first_finished_after(self, moment: int) -> int:
        low, high = 0, self.count
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if self.finish(middle) > moment else (middle + 1, high)
        return low

    def job(self, number: int) -> Job:
        state = self.traits[number % len(self.traits)][0]
        chance = scramble(self.seed, number, 1)
        total = self.objects + chance % 3 if self.objects else 0
        skipped = min(total, chance // 3 % 3)
        shares = {facts.FAILED: total - skipped, facts.WITH_EXCEPTION: 1 + total // 100, facts.PARTIALLY: total // 10}
        failed = shares.get(state, 0)
        return Job(
            id=f"{self.prefix}{chance % 10**12:012d}{number:08d}",
            state=state,
            start=self.start(number),
            finish=None if state == facts.IN_PROGRESS else self.finish(number),
            total=total,
            failed=failed,
            successful=total - failed - skipped,
            skipped=skipped,
        )
