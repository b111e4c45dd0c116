# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Random tenants behind random servers, judged by the gate and by a catalogue that was written down a second time.

`make fuzz` does the same with thousands of new ones, and `python -m ...tests.model.run 1 NUMBER` with a single case.
"""

from __future__ import annotations

import pytest
from ansible_collections.cloudbackup.m365.tests.model import oracle, run

CASES = 400
BLOCKS = [range(first, first + 50) for first in range(0, CASES, 50)]


def _numbered(block: range) -> str:
    return f"{block.start}-{block.stop - 1}"


@pytest.mark.parametrize("block", BLOCKS, ids=_numbered)
def test_an_honest_server_is_judged_as_the_catalogue_says(block: range) -> None:
    findings = [run.finding(run.case(number)) for number in block if number % 2 == 0]
    assert all(one.case.is_honest for one in findings)
    assert not [one.described() for one in findings if one.differences]


@pytest.mark.parametrize("block", BLOCKS, ids=_numbered)
def test_no_lie_of_a_server_makes_a_gate_green_that_is_red(block: range) -> None:
    findings = [run.finding(run.case(number)) for number in block if number % 2]
    assert not any(one.case.is_honest for one in findings)
    assert not [one.described() for one in findings if one.is_false_green]


def test_the_cases_meet_every_verdict_and_every_status_of_a_check() -> None:
    expected = [oracle.judge(run.case(number).tenant) for number in range(CASES)]
    verdicts = [one.verdict for one in expected]
    assert min(map(verdicts.count, ("compliant", "undetermined", "non_compliant"))) > CASES // 50
    statuses: dict[str, set[str]] = {}
    for one in expected:
        for (check, _scope), status in one.results.items():
            statuses.setdefault(check, set()).add(status)
    never = {
        "backup_presence": {"warn"},
        "deletion_activity": {"fail"},
        "evidence": {"fail"},
        # Without a limit for a failure by default
        "slow_backups": {"fail"},
    }
    for check, found in statuses.items():
        assert found >= {"pass", "warn", "fail"} - never.get(check, set()), check
