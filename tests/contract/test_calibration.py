# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guide about calibration has the tables that the simulated year prints, and the policies that it was run with."""

from __future__ import annotations

import re

import pytest
import yaml
from ansible_collections.cloudbackup.m365.tests.contract.guides import blocks, cells, guide
from ansible_collections.cloudbackup.m365.tests.simulation import outages, red_mornings, tables

GUIDE = guide("calibration")
TENANTS = 5


def remedies() -> dict[str, dict[str, object]]:
    """Return the example of each remedy by its letter."""
    _before, *parts = re.split(r"^\*\*([A-Z])\*\* ", GUIDE, flags=re.MULTILINE)
    return {letter: yaml.safe_load(blocks(text, "yaml")[0]) for letter, text in zip(parts[::2], parts[1::2])}


def red_rows() -> list[list[str]]:
    return [row for row in cells(GUIDE) if row[0] in red_mornings.KINDS]


def test_the_guide_has_the_table_of_the_outages() -> None:
    found = {
        name: {runs: outages.find(outages.outages(runs)[name], runs) for runs in red_mornings.RUNS}
        for name in outages.outages(1)
    }
    assert tables.found_rows(found) in GUIDE


def test_the_guide_has_a_row_for_every_kind_of_tenant() -> None:
    rows = [(name, str(runs)) for name in red_mornings.KINDS for runs in red_mornings.RUNS]
    assert [tuple(row[:2]) for row in red_rows()] == rows


@pytest.mark.parametrize("runs", red_mornings.RUNS)
def test_the_guide_has_the_red_mornings_that_the_simulation_counts_for_a_first_month(runs: int) -> None:
    """The one kind that is quick to count."""
    name = "first month"
    counted = [red_mornings.count(red_mornings.KINDS[name], runs, seed) for seed in range(TENANTS)]
    assert tables.rows([tables.red_row(name, runs, red_mornings.added(counted))]) in GUIDE


def test_the_figures_of_the_basic_kinds_are_below_1_percent() -> None:
    assert [row for row in red_rows() if row[0] in red_mornings.BASIC and float(row[2]) >= 1] == []


def test_every_remedy_of_the_guide_is_the_one_that_the_simulation_used() -> None:
    shown = remedies()
    assert list(shown) == list(red_mornings.REMEDIES)
    for letter, remedy in red_mornings.REMEDIES.items():
        assert shown[letter].get("compliance_policy") == remedy.policy
        waivers = shown[letter].get("compliance_waivers", [])
        assert isinstance(waivers, list)
        assert [waiver["check"] for waiver in waivers] == [waiver["check"] for waiver in remedy.waivers]


def test_every_kind_that_is_red_more_often_names_its_remedy() -> None:
    for row in red_rows():
        if row[0] in red_mornings.FURTHER and float(row[2]) >= 1:
            assert row[4].endswith(f"({red_mornings.KINDS[row[0]].remedy})")
