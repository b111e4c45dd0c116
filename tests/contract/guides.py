# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What people read, and what is in it: texts by their path, code blocks, tables."""

from __future__ import annotations

import pathlib
import re
import textwrap

ROOT = pathlib.Path(__file__).parents[2]
GUIDES = ROOT / "docs" / "docsite" / "rst"
EXAMPLES = ROOT / "docs" / "examples"
LABELS = "ansible_collections.cloudbackup.m365.docsite"

_BLOCKS = {
    ".rst": r"^( *)\.\. code-block:: {language}\n\n((?:\1 +.*\n|\n)+)",
    ".md": r"^( *)```{language}\n((?:.*\n)*?)\1```$",
}


def read(path: pathlib.Path) -> str:
    return path.read_text(encoding="utf-8")


def guide(name: str) -> str:
    return read(GUIDES / f"{name}.rst")


def pages() -> dict[str, str]:
    """README, the READMEs of the roles, CONTRIBUTING and all guides, by their path in the repository."""
    paths = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("roles/*/README.md"), *GUIDES.glob("*.rst")]
    return {str(path.relative_to(ROOT)): read(path) for path in sorted(paths)}


def blocks(text: str, language: str, kind: str = ".rst") -> list[str]:
    """The code blocks of a language, without their indentation."""
    found = re.findall(_BLOCKS[kind].format(language=language), text, re.MULTILINE)
    return [textwrap.dedent(block).strip("\n") for _indentation, block in found]


def cells(text: str) -> list[list[str]]:
    """The rows of every list-table of a guide but their heads; what continues a cell is joined to it."""
    found: list[list[str]] = []
    for table in re.findall(r"^\.\. list-table::\n(?:   :.*\n)+\n((?:   .*\n|\n)+)", text, re.MULTILINE):
        rows: list[list[str]] = []
        for line in table.splitlines():
            if line.startswith("   * -"):
                rows.append([line[6:].strip()])
            elif line.startswith("     -"):
                rows[-1].append(line[6:].strip())
            elif line.strip():
                rows[-1][-1] = f"{rows[-1][-1]} {line.strip()}".strip()
        found += rows[1:]
    return found
