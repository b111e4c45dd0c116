# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Any short history of any shape has the figures of the oracle, whatever part of it is reported."""

from __future__ import annotations

import datetime
from typing import Any

from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.period import (
    assessment,
    chain,
    period_report,
)
from ansible_collections.cloudbackup.m365.tests.unit.period import period_oracle
from ansible_collections.cloudbackup.m365.tests.unit.period.recorded_years import chained, iso, moment, run
from hypothesis import given
from hypothesis import strategies as st

HOUR = 3_600
KEYS = [("license_seats", "license"), ("success_rate", "teams")]
STATUSES = ("pass", "fail", "error", "waived", "warn", "not_applicable")
FIRST = moment("2026-02-25")

WAIVERS = st.fixed_dictionaries(
    {
        "check": st.sampled_from([check for check, _scope in KEYS]),
        "scope": st.sampled_from(["all", "license", "teams"]),
        "approver": st.sampled_from(["CISO", "CFO"]),
        "expires": st.just("2026-12-31"),
        "state": st.sampled_from(["used", "unused", "expired"]),
    }
)
FIGURES = st.none() | st.integers(0, 120)
RUNS = st.fixed_dictionaries(
    {
        # Hours to the next run: usual ones, none at all, and gaps
        "after": st.sampled_from([0, 1, 23, 24, 25, 26]) | st.integers(0, 120),
        "seconds": st.sampled_from([0, 0, 0, 1]),
        "statuses": st.fixed_dictionaries({}, optional={key: st.sampled_from(STATUSES) for key in KEYS}),
        "verdict": st.sampled_from(["compliant", "non_compliant", "undetermined"]),
        "waivers": st.lists(WAIVERS, max_size=2),
        "enforce": st.booleans(),
        "off": st.sampled_from([0, 0, 0, 3_600, 3_601, -3_600, -3_601]),
        "used": FIGURES,
        "bought": FIGURES,
    }
)


def recorded(drawn: list[dict[str, Any]]) -> list[bytes]:
    time, runs = FIRST, []
    for one in drawn:
        time += datetime.timedelta(hours=one["after"], seconds=one["seconds"])
        runs.append(
            {
                **run(time),
                "evaluated_at": iso(time + datetime.timedelta(seconds=one["off"])),
                "recorded_at": iso(time),
                "server_time": iso(time),
                "results": [
                    {"check": check, "scope": scope, "status": status}
                    for (check, scope), status in one["statuses"].items()
                ],
                **{name: one[name] for name in ("verdict", "waivers", "enforce")},
                "license": {
                    "assigned_user_seats": one["used"],
                    "purchased_user_seats": one["bought"],
                    **dict.fromkeys(("purchased_storage_size", "protected_size")),
                },
            }
        )
    return chained(runs)


@given(
    st.lists(RUNS, max_size=25),
    st.integers(-2, 40),
    st.integers(0, 60),
    st.integers(0, 60 * 24),
    st.sampled_from([1, 24, 26, 72]),
)
def test_every_figure_of_any_history_is_that_of_the_oracle(
    drawn: list[dict[str, Any]], begin: int, length: int, hours: int, max_gap: int
) -> None:
    lines = recorded(drawn)
    start = FIRST + datetime.timedelta(days=begin)
    end, now = start + datetime.timedelta(days=length), start + datetime.timedelta(hours=hours)
    first, last = (int(day.timestamp()) for day in (start, end))
    span = period_report.span(first, last, int(now.timestamp()))
    found = assessment.assess("x", chain.chain(lines), "", [], assessment.Asked(span, max_gap * HOUR, span.at)).row
    expected = period_oracle.tenant(lines, iso(start)[:10], iso(end)[:10], iso(now), max_gap)
    assert {name: found[name] for name in expected} == expected
