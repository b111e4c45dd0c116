# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How often tenants are red in which nothing is wrong, by kind of tenant."""

from __future__ import annotations

import collections
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ansible_collections.cloudbackup.m365.plugins.module_utils import _time

from .mornings import Criteria, Mornings, criteria, scopes
from .tenants import DAY, FIRST, Habits, tenant


class Kind(NamedTuple):
    """A kind of tenant.

    :ivar habits: without the runs a day.
    :ivar waivers: those that such a tenant has.
    :ivar remedy: the name in REMEDIES of what calms the gate where the kind is often red.
    """

    habits: Habits
    waivers: tuple[Mapping[str, Any], ...] = ()
    remedy: str = ""

    def usual(self) -> Criteria:
        """Return the default policy, with the waivers that such a tenant has."""
        return criteria({}, self.waivers)

    def calm(self) -> Criteria | None:
        """Return the criteria that calm the gate; None where nothing has to."""
        if not self.remedy:
            return None
        remedy = REMEDIES[self.remedy]
        return criteria(remedy.policy, (*self.waivers, *remedy.waivers))


def _waiver(check: str, days: int) -> Mapping[str, Any]:
    expires = _time.unix_to_date(FIRST + days * DAY)
    return {"check": check, "reason": "new tenant", "approver": "J. Doe", "expires": expires}


class Remedy(NamedTuple):
    """What calms the gate for a kind of tenant."""

    policy: Mapping[str, Any] | None = None
    waivers: tuple[Mapping[str, Any], ...] = ()


REMEDIES = {
    "A": Remedy(
        {
            "checks": {
                "consecutive_failures": {"warn": 2, "fail": 4},
                "backup_recency": {"fail": "4d"},
                "success_rate": {"fail": "60 %"},
            }
        }
    ),
    "B": Remedy({"checks": {"coverage_drop": {"warn": "60 %", "fail": "80 %"}}}),
    "C": Remedy({"checks": {"coverage_drop": {"enabled": False}}}),
    "D": Remedy(waivers=(_waiver("backup_recency", 5), _waiver("stuck_jobs", 5))),
}
"""By the letter that the guide gives each."""

RUNS = (1, 4)
BASIC = {
    "a run ends alike for all services": Kind(Habits(together=True)),
    "each service by itself": Kind(Habits()),
}
FURTHER = {
    "bad days": Kind(Habits(bad_days=True), remedy="A"),
    "skipped runs": Kind(Habits(skips=True), remedy="A"),
    "rare restores": Kind(Habits(rare_restores=True)),
    "few objects": Kind(Habits(few_objects=True)),
    "objects vary": Kind(Habits(varies=0.1), remedy="B"),
    "all objects counted": Kind(Habits(counts="all")),
    "changed objects counted": Kind(Habits(counts="changes", varies=0.3), remedy="C"),
    "public holidays": Kind(Habits(holidays=True), remedy="C"),
    "first month": Kind(
        Habits(is_new=True),
        waivers=(_waiver("restore_exercise", 30),),
        remedy="D",
    ),
}
KINDS = {**BASIC, **FURTHER}


class Red(NamedTuple):
    """Red mornings.

    :ivar mornings: how many were judged.
    :ivar red: how many of them were red.
    :ivar calmed: how many of them are red by the criteria that calm; None where there are none.
    :ivar checks: on how many mornings each check failed.
    """

    mornings: int
    red: int
    calmed: int | None
    checks: collections.Counter[str]


def count(kind: Kind, runs_a_day: int, seed: int, every: int = 1) -> Red:
    """Return the red mornings of a tenant.

    Criteria that calm are looser at every place, so that a green morning stays green.
    """
    usual, calm = kind.usual(), kind.calm()
    mornings = Mornings(tenant(seed, kind.habits._replace(runs_a_day=runs_a_day)))
    total, red = 0, []
    checks = collections.Counter[str]()
    for day, evaluation in mornings.judged(usual, every):
        total += 1
        if evaluation["verdict"] != "compliant":
            red.append(day)
            checks.update({check for check, _scope in scopes(evaluation, ("fail", "error"))})
    calmed = calm and sum(mornings.judge(day, calm)["verdict"] != "compliant" for day in red)
    return Red(total, len(red), calmed, checks)


def added(parts: Iterator[Red] | list[Red]) -> Red:
    """Return the red mornings of several tenants of one kind."""
    tenants = list(parts)
    calmed = [one.calmed for one in tenants if one.calmed is not None]
    return Red(
        sum(one.mornings for one in tenants),
        sum(one.red for one in tenants),
        sum(calmed) if len(calmed) == len(tenants) else None,
        sum((one.checks for one in tenants), collections.Counter[str]()),
    )
