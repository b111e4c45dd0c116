# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A year of tenants through the default policy: how often is a gate red, and how soon does it find an outage?

    python -m ansible_collections.cloudbackup.m365.tests.simulation.year [TENANTS]

prints the two tables of the guide. A tenant is judged each morning. It takes minutes; the guide
shows the tables of 5 tenants of each kind.
"""

from __future__ import annotations

import multiprocessing
import sys

from . import outages, red_mornings, tables
from .red_mornings import KINDS, RUNS, Red

_TENANTS = 5


def _count(part: tuple[str, int, int]) -> Red:
    name, runs, seed = part
    return red_mornings.count(KINDS[name], runs, seed)


def main() -> None:
    tenants = int(sys.argv[1]) if len(sys.argv) > 1 else _TENANTS
    parts = [(name, runs, seed) for name in KINDS for runs in RUNS for seed in range(tenants)]
    with multiprocessing.Pool() as pool:
        counted = dict(zip(parts, pool.imap(_count, parts)))
    measured = {
        (name, runs): red_mornings.added([counted[name, runs, seed] for seed in range(tenants)])
        for name in KINDS
        for runs in RUNS
    }
    print(f"Red mornings in percent, {tenants} tenants of each kind\n")
    print(tables.red_rows(measured), flush=True)
    found = {
        name: {runs: outages.find(outages.outages(runs)[name], runs) for runs in RUNS} for name in outages.outages(1)
    }
    print("\nDays until an outage is found\n")
    print(tables.found_rows(found))


if __name__ == "__main__":
    main()
