# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tables of the guide, as reStructuredText."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .outages import Found, outages
from .red_mornings import KINDS, RUNS, Red

_MOST_CHECKS = 3
"""Checks that are named of one kind."""


def rows(lines: Iterable[Iterable[str]]) -> str:
    """Return the rows of a list-table."""
    return "\n".join(
        f"   {'*' if not column else ' '} - {cell}".rstrip() for line in lines for column, cell in enumerate(line)
    )


def red_row(name: str, runs_a_day: int, red: Red) -> list[str]:
    """Return the row of a kind of tenant."""
    checks = sorted(red.checks.items(), key=lambda item: (-item[1], item[0]))[:_MOST_CHECKS]
    named = ", ".join(f"``{check}`` {_percent(count, red.mornings)}" for check, count in checks)
    calmed = "" if red.calmed is None else f"{_percent(red.calmed, red.mornings)} ({KINDS[name].remedy})"
    return [name, str(runs_a_day), _percent(red.red, red.mornings), named, calmed]


def red_rows(measured: Mapping[tuple[str, int], Red]) -> str:
    """Return the rows of every kind of tenant."""
    return rows(red_row(name, runs, measured[name, runs]) for name in KINDS for runs in RUNS)


def found_row(name: str, found: Mapping[int, Found]) -> list[str]:
    """Return the row of an outage, with the checks and limits in days of each number of runs a day."""
    planted = {runs: outages(runs)[name] for runs in RUNS}
    checks = list(dict.fromkeys(f"``{one.check}``{' (warns)' * (one.status == 'warn')}" for one in planted.values()))
    limits = list(dict.fromkeys(f"{one.limit:g}" for one in planted.values()))
    return [name, ", ".join(checks), ", ".join(limits), *(f"{found[runs].days:.1f}" for runs in RUNS)]


def found_rows(found: Mapping[str, Mapping[int, Found]]) -> str:
    """Return the rows of every outage."""
    return rows(found_row(name, of_runs) for name, of_runs in found.items())


def _percent(count: int, total: int) -> str:
    return f"{100 * count / total:.1f}"
