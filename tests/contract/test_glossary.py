# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Everything that a person reads uses the field's terms: no phrase that has a plain one instead."""

from __future__ import annotations

import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).parents[2]
INSTEAD = {
    r"(?<![a-z])(un)?told(?![a-z])|\btell(s|ing)?\b": "reports, returns, contains; reported; determined",
    r"\b(says|said)\b": "reports, returns, contains",
    r"\bst(and|ands|ood)\b(?!-)": "is, appears, represents",
    r"\bmend(s|ed|ing)?\b": "fix",
    r"\bheld (against|to)\b": "compared with, checked against",
    r"\bseen to be\b": "verified, passed",
    r"\b(is|are|was|were) in order\b": "passed, is verified",
    r"\bfound\b.{0,40}, allowed is\b": "expected Y, got X",
    r"\b(cannot|could not|can not) be told\b": "cannot be determined",
    r"\b(looks|looked|looking) at\b": "evaluates, judges, reads",
    r"\banswers for\b": "approver, accepted by",
    r"\bof (its|their|his|her) own\b": "name the thing: separate, own X",
    r"\bwings?\b": "package",
    r"\bhouse\b": "project, collection",
}
"""A phrase, and what to write."""
TEXT = {".py", ".yml", ".yaml", ".md", ".rst", ".j2", ".json", ".css", ".cfg", ".toml", ""}
QUOTED = ("LICENSE", "docs/api/", "tests/contract/test_glossary.py", "CODE_OF_CONDUCT.md")
"""Texts of others, and the list itself."""


def pages() -> dict[str, str]:
    """Return every text of the checkout by its path."""
    found = {}
    for path in sorted(ROOT.rglob("*")):
        name = str(path.relative_to(ROOT))
        if any(part.startswith(".") or part in ("output", "collections") for part in path.relative_to(ROOT).parts[:-1]):
            continue
        if path.suffix in TEXT and path.is_file() and not name.startswith(QUOTED):
            found[name] = path.read_text(encoding="utf-8", errors="replace")
    return found


PAGES = pages()


@pytest.mark.parametrize(("phrase", "instead"), INSTEAD.items())
def test_a_plain_word_is_used(phrase: str, instead: str) -> None:
    places = [
        f"{name}:{number}: {line.strip()[:120]}"
        for name, text in PAGES.items()
        for number, line in enumerate(text.splitlines(), 1)
        if re.search(phrase, line, re.IGNORECASE)
    ]
    assert places == [], f"write: {instead}"


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("def test_a_mistake_is_told():", 1),
        ("a house that stands, of its own", 3),
        ("an outstanding list in the stand-in", 0),
    ],
)
def test_the_glossary_finds_phrases_in_names_and_in_sentences(line: str, number: int) -> None:
    assert sum(bool(re.search(phrase, line, re.IGNORECASE)) for phrase in INSTEAD) == number
