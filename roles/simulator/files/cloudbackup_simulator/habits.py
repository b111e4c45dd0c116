# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of habits: how servers may differ where the documents disagree or leave it open."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from . import facts, values

FILTER_NAMES = ("StartTime", "FinishTime", "JobType", "ObjectType", "JobState", "PageIndex", "location")


@dataclass(frozen=True)
class Habit:
    """A way in which servers may differ."""

    default: Any
    kind: values.Kind
    meaning: str


def _ignored_values(value: Any) -> tuple[tuple[str, str], ...]:
    """Read texts such as ObjectType=7 into pairs of name and value in lower case."""
    names, places = {name.lower() for name in FILTER_NAMES}, {place.lower() for place in facts.LOCATIONS}
    pairs = []
    for text in values.names_of(value):
        name, _equals, filtered = text.lower().partition("=")
        is_known = filtered in places if name == "location" else bool(re.fullmatch("[0-9-]{1,19}", filtered))
        if name not in names or not is_known:
            raise ValueError
        pairs.append((name, filtered))
    return tuple(pairs)


_IGNORED_VALUES = values.Kind(
    f'a list of texts such as "ObjectType=7", "location=EUR", out of {", ".join(FILTER_NAMES)}', _ignored_values
)


def _choice(meaning: str, *words: str) -> Habit:
    """Return a habit whose default is the first word."""
    return Habit(words[0], values.one_of(*words), meaning)


HABITS = {
    "key_case": _choice(
        "case of the JSON keys; documented is Pascal in v1 and camel in v2",
        *("documented", "pascal", "camel", "lower", "upper"),
    ),
    "state_names": _choice('"Finished with Exception" or "FinishedException"', "spaced", "joined"),
    "next_link": _choice(
        "NextLink while there are more pages; on the last page it is left out (empty and null: always present)",
        *("absolute", "path", "token", "empty", "absent", "null"),
    ),
    "page_base": Habit(0, values.whole(0, 1), "number of the first page; with 1, page_zero is what page 0 is"),
    "page_zero": _choice(
        "page 0 where page_base is 1: the first page, no row and the true TotalCount, or status 400",
        *("first", "empty", "refused"),
    ),
    "max_page_size": Habit(0, values.whole(), "a larger PageSize silently counts as this number; 0 is no limit"),
    "range_on": _choice("the time that StartTime and FinishTime are compared with", "start", "finish"),
    "ignore": Habit((), values.some_of(*FILTER_NAMES), "query parameters without effect"),
    "ignore_values": Habit((), _IGNORED_VALUES, "values of query parameters that are ignored"),
    "lost_states": Habit((), values.some_of(*facts.STATES), "states whose filter returns no jobs"),
    "date_offset_hours": Habit(
        0.0, values.number(-14, 14), "v2: a date means the day in this time zone, such as -8; 0 is UTC"
    ),
    "total_means": _choice("TotalCount of the whole list or of the page", "whole", "page"),
    "max_total": Habit(0, values.whole(), "TotalCount never exceeds this number, the rows do; 0 is no limit"),
    "count_text": Habit(False, values.SWITCH, "counts and license figures as text instead of numbers"),
    "details": _choice("shape of BackupDetails", "object", "int", "absent"),
    "running_finish": _choice("FinishTime of a job in progress; zero is the minimum date", "zero", "null", "absent"),
    "order": _choice("order of the rows", "newest", "oldest", "shuffled"),
    "unknown_state": Habit(0, values.EVERY, 'every K-th job, or this share, ends in the undocumented "Suspended"'),
    "growth": Habit(0, values.whole(), "every K job requests, each service with backups gets a new job"),
    "removal": Habit(0, values.whole(), "every K job requests, each service with backups loses a job"),
    "removes": _choice("which of its ended backups a service loses by removal", "oldest", "newest"),
    "v2_counts": _choice("spelling of counts in v2", "totalCount", "totalNumber"),
    "multi_geo": _choice(
        "on: jobs are in the tenant's locations; off: a query with a location returns no jobs", "on", "off"
    ),
    "quiet_services": _choice("services without unusual activity: rows of 0, or no rows", "listed", "absent"),
    "ungranted_scope": _choice(
        "a scope that is not granted: invalid_scope, or a token that the API rejects with 403", "refuse", "issue"
    ),
}


def read_habits(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return every habit with its value. :raises Mistake: with the name of the habit."""
    for name in given:
        values.one_of(*HABITS).read("habit", name)
    return {
        name: habit.kind.read(f"habit {name}", given[name]) if name in given else habit.default
        for name, habit in HABITS.items()
    }
