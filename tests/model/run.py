# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cases by their number: a tenant, a server, what the gate finds and what is right.

    python -m ansible_collections.cloudbackup.m365.tests.model.run [CASES [FIRST]]

runs so many cases from a first number on, a random one by default, and prints the figures.
"""

from __future__ import annotations

import collections
import random
import sys
import time
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from . import oracle, servers, tenants
from .gate import Server, judged
from .tenant import Job, Tenant


class Case(NamedTuple):
    """A tenant behind a server; everything follows from the number."""

    number: int
    tenant: Tenant
    behaviour: servers.Behaviour

    @property
    def is_honest(self) -> bool:
        return not self.behaviour.lies


def case(number: int) -> Case:
    """Return a case: the server of an even number is honest, that of an odd one lies."""
    dice = random.Random(number)
    is_honest = number % 2 == 0
    tenant = tenants.tenant(dice, shares_all=not is_honest)
    return Case(number, tenant, (servers.honest if is_honest else servers.lying)(dice, tenant))


class Finding(NamedTuple):
    """What the gate found and what is right.

    :ivar expected: of the tenant as it was when the gate began; ``verdicts`` are right while it read.
    :ivar failing: what failed all the time, while the server removed jobs.
    :ivar differences: results that are not as expected.
    """

    case: Case
    got: dict[str, Any]
    expected: oracle.Expected
    verdicts: list[str]
    failing: list[tuple[str, str]]
    differences: list[str]

    @property
    def is_false_green(self) -> bool:
        return self.got["verdict"] == "compliant" and bool(self.failing)

    @property
    def is_false_red(self) -> bool:
        return self.got["verdict"] != "compliant" and set(self.verdicts) == {"compliant"}

    @property
    def is_wrong(self) -> bool:
        return self.is_false_green or (self.case.is_honest and bool(self.differences))

    def described(self) -> str:
        tenant, behaviour = self.case.tenant, self.case.behaviour
        lines = [
            f"case {self.case.number}: {self.got['verdict']}, expected {self.expected.verdict}",
            f"  tenant: {tenant.version} {tenant.kinds} {tenant.license} {tenant.limits.failures}",
            f"  server: {behaviour}",
            f"  errors of the reads: {self.got['errors']}",
            f"  expected to fail: {self.failing}",
            *(f"  {difference}" for difference in self.differences),
        ]
        return "\n".join(lines)


def finding(of: Case) -> Finding:
    behaviour, tenant = of.behaviour, of.tenant
    server = Server(
        tenant,
        behaviour.habits,
        behaviour.faults,
        page_size=behaviour.page_size,
        concurrency=behaviour.concurrency,
        arrivals=behaviour.arrivals,
    )
    got = judged(server, tenant.policy())
    moments = [_right(of, jobs) for jobs in _histories(of, server.jobs_requests())]
    failing = [key for key in moments[0].results if all(one.results[key] == "fail" for one in moments)]
    return Finding(of, got, moments[0], [one.verdict for one in moments], failing, list(_differences(got, moments)))


def _histories(of: Case, requests: int) -> list[list[Job]]:
    """Return the jobs of the tenant at each moment of a run: some arrive, some are removed."""
    habits, jobs = of.behaviour.habits, of.tenant.jobs
    new = [job for moment, job in of.behaviour.arrivals if moment < requests]
    grown = [[*jobs, *new[:count]] for count in range(len(new) + 1)]
    removed = range(requests // habits["removal"] + 1) if "removal" in habits else range(1)
    return [servers.remaining(one, count, habits.get("removes", "oldest")) for one in grown for count in removed]


def _right(of: Case, jobs: list[Job]) -> oracle.Expected:
    """Return what is right of a tenant with these jobs, and with the counts that its server has of a job."""
    habits = of.behaviour.habits
    if "details" in habits:
        fewer = {"failed": None, "successful": None, "skipped": None}
        fewer |= {"total": None} if habits["details"] == "absent" else {}
        jobs = [job._replace(**fewer) for job in jobs]
    return oracle.judge(
        of.tenant._replace(jobs=jobs),
        has_dates="no_date" not in of.behaviour.faults,
        lists_running=habits.get("range_on") != "finish",
    )


def _differences(got: dict[str, Any], moments: list[oracle.Expected]) -> Iterator[str]:
    """Return a sentence for each status that is right at no moment, and for a verdict that is."""
    verdicts = [one.verdict for one in moments]
    if got["verdict"] not in verdicts:
        yield f"verdict {got['verdict']}, expected {_either(verdicts)} ({got['reason']})"
    found = {(one["check"], one["scope"]): one for one in got["results"]}
    for key in {**found, **moments[0].results}:
        expected = [one.results.get(key, "none") for one in moments]
        status, message = (found[key]["status"], found[key]["message"]) if key in found else ("none", "")
        if len(moments) > 1 and key[0] == "evidence" and {"pass", "warn"} & set(expected):
            # What is not judged is the difference of counts of several moments: it only warns
            expected += ["pass", "warn"]
        if status not in expected:
            yield f"{' '.join(key)}: {status}, expected {_either(expected)} ({message})"


def _either(texts: list[str]) -> str:
    return " or ".join(dict.fromkeys(texts))


def figures(findings: Iterable[Finding]) -> tuple[dict[str, int], list[Finding]]:
    """Return how many cases are of which kind, and those that are wrong."""
    counts: dict[str, int] = collections.Counter()
    wrong = []
    for one in findings:
        kind = "honest" if one.case.is_honest else "lying"
        counts["cases"] += 1
        counts["red truths"] += one.expected.verdict == "non_compliant"
        counts["green truths"] += one.expected.verdict == "compliant"
        counts[f"{kind} servers"] += 1
        counts[f"compliant of {kind} servers"] += one.got["verdict"] == "compliant"
        counts[f"false greens of {kind} servers"] += one.is_false_green
        counts[f"false reds of {kind} servers"] += one.is_false_red
        counts["other differences of honest servers"] += one.case.is_honest and bool(one.differences)
        if one.is_wrong:
            wrong.append(one)
    return counts, wrong


def main(arguments: list[str]) -> int:
    cases = int(arguments[0]) if arguments else 1_000
    first = int(arguments[1]) if len(arguments) > 1 else random.randrange(10**9)
    began = time.monotonic()
    counts, wrong = figures(finding(case(number)) for number in range(first, first + cases))
    for one in wrong[:20]:
        print(one.described())
    for name, count in counts.items():
        print(f"{name:40} {count}")
    print(f"first case {first}, {1000 * (time.monotonic() - began) / cases:.0f} ms a case")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
