# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The sum of the parts and the count of the whole: a part that is more than its share was not filtered as asked.

A whole is a query that only counts jobs, of all services, locations or types; its parts are the lists, and the counts,
of single ones in the same window.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Callable

from .ids import Ids
from .question import Question


def settle(questions: Sequence[Question], read: Callable[[Question], None]) -> bool:
    """Count a whole again that its parts exceed; read lists that still exceed it once more, and count it after them.

    Jobs that started meanwhile explain a difference, and are in the later count. Nothing is refused here: the counts
    are part of the result, and who judges it compares them.

    :returns: whether a list was read anew, so that what was proven of the earlier one has to be proven again.
    """
    is_read_anew = False
    for whole in questions:
        parts = [question for question in questions if _is_part(question, whole)] if whole.query.count_only else []
        lists = [part for part in parts if not part.query.count_only]
        counted = sum(part.reading.total_count or 0 for part in parts if part.query.count_only)
        count = whole.reading.total_count or 0
        if not lists or _distinct(lists, max(0, count - counted)) + counted <= count:
            continue
        count = _count_again(whole, count, read)
        if _distinct(lists, count) > count:
            is_read_anew = True
            for part in lists:
                read(part)
            _count_again(whole, count, read)
    return is_read_anew


def _is_part(question: Question, whole: Question) -> bool:
    """Return whether one query asks for some of another one's jobs: of one type, service or location."""
    one, other = question.query, whole.query
    pairs = [(one.job_type, other.job_type), (one.object_type, other.object_type), (one.location, other.location)]
    is_within = all(value in (None, wanted) for wanted, value in pairs)
    asked = [(query.states, query.start, query.finish) for query in (one, other)]
    return is_within and any(wanted != value for wanted, value in pairs) and asked[0] == asked[1]


def _distinct(parts: Sequence[Question], enough: int) -> int:
    """Return how many different jobs the parts have, or the sum of their lengths where that is not over ``enough``."""
    total = sum(len(part.collected.ids) for part in parts)
    if total <= enough:
        return total
    union = Ids()
    for part in parts:
        union.update(part.collected.ids)
    return len(union)


def _count_again(whole: Question, before: int, read: Callable[[Question], None]) -> int:
    """Return the larger of two counts, and keep it as the whole's."""
    read(whole)
    count = max(before, whole.reading.total_count or 0)
    whole.reading = whole.reading._replace(total_count=count)
    return count
