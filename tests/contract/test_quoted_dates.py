# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Dates in what users copy are quoted: the form of AWX for extra variables refuses to save a YAML date."""

from __future__ import annotations

import re

import pytest
from ansible_collections.cloudbackup.m365.tests.contract.guides import ROOT, read

UNQUOTED = re.compile(r"^.*\b\w+[\"']?:\s+[0-9]{4}-[0-9]{2}-[0-9]{2}.*$", re.MULTILINE)
PAGES = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "docs/**/*.rst", "docs/**/*.yml", "roles/**/*.md", "roles/**/*.yml")
    for path in ROOT.glob(pattern)
)
PAGES += sorted(path for pattern in ("playbooks/**/*.yml", "plugins/**/*.py") for path in ROOT.glob(pattern))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_date_is_unquoted(path):
    assert UNQUOTED.findall(read(path)) == []


@pytest.mark.parametrize(
    "line", ["    expires: 2026-12-31", "- {check: x, expires: 2026-12-31}", '"now": 2026-12-31T00:00:00Z']
)
def test_an_unquoted_date_is_found(line):
    assert UNQUOTED.findall(line) == [line]


@pytest.mark.parametrize("line", ['    expires: "2026-12-31"', "    expires: '2026-12-31'", "on 2026-12-31: a date"])
def test_a_quoted_date_is_not(line):
    assert UNQUOTED.findall(line) == []
