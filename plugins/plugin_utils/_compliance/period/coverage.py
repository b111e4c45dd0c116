# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Gaps: stretches of time without a run, within a period. The run before the period counts, later ones do not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Span(NamedTuple):
    """The instants that are reported, in Unix seconds."""

    start: int
    end: int
    """The first instant after it."""
    at: int
    """The instant of the report."""

    @property
    def limit(self) -> int:
        """The last instant that can have been proven."""
        return min(self.end, self.at)


def gaps(times: Iterable[int], span: Span, most: int) -> list[tuple[int, int]]:
    """Return the stretches of over ``most`` seconds without a run, as their two instants.

    The first one may begin before the span, at the run before it. A stretch that ends where the span begins is none of
    this span.

    :param times: of the runs that prove something.
    """
    if span.limit <= span.start:
        return []
    known = sorted(time for time in times if time <= span.limit)
    before = max((time for time in known if time <= span.start), default=span.start)
    points = [before, *(time for time in known if time > span.start), span.limit]
    return [(first, second) for first, second in zip(points, points[1:]) if second - first > most]


def hours(seconds: int) -> int | float:
    """Return hours, with two places where they are not whole."""
    found = round(seconds / 3_600, 2)
    return int(found) if found.is_integer() else found
