# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The sum of the parts and the count of the whole: a part that is more than its share was not filtered as asked.

A whole is a query that only counts the jobs of all services and locations; its parts are the lists of services or
locations in the same window.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Callable

from .ids import Ids
from .question import Question


def settle(questions: Sequence[Question], read: Callable[[Question], None]) -> None:
    """Read parts that are more than their whole once more, with the count before and after them.

    Jobs that started meanwhile explain a difference, and are in the later count. Nothing is refused here: the counts
    are part of the result, and who judges it compares them.
    """
    for whole in questions:
        parts = [question for question in questions if _is_part(question, whole)] if _is_whole(whole) else []
        count = whole.reading.total_count or 0
        if _distinct(parts, count) <= count:
            continue
        count = _count_again(whole, count, read)
        if _distinct(parts, count) > count:
            for part in parts:
                read(part)
            _count_again(whole, count, read)


def _is_whole(question: Question) -> bool:
    query = question.query
    return query.count_only and query.object_type is None and query.location is None


def _is_part(question: Question, whole: Question) -> bool:
    one, other = question.query, whole.query
    asked = [(query.job_type, query.states, query.start, query.finish) for query in (one, other)]
    return not one.count_only and (one.object_type, one.location) != (None, None) and asked[0] == asked[1]


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
