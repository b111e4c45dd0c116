# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The guide that leads from a finding to its fix: one section for each check, named after it."""

from __future__ import annotations

import re

ADDRESS = "https://github.com/cloudbackup/cloudbackup.m365/blob/main/docs/docsite/rst/from_finding_to_fix.rst"

_WITH_LINK = re.compile(rf"(.*) ({re.escape(ADDRESS)}#[a-z-]+)", re.DOTALL)


def add_link(sentence: str, check: str) -> str:
    """The sentence, then the address of the check's section: that anchor is its title in lower case with dashes."""
    return f"{sentence} {ADDRESS}#{check.replace('_', '-')}"


def split_link(text: str) -> tuple[str, str]:
    """The text without its link to the guide, and the link; an empty one if it ends with anything else."""
    match = _WITH_LINK.fullmatch(text)
    return (match[1], match[2]) if match else (text, "")
