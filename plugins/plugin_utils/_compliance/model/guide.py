# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Links to the guide "From a finding to its fix", which has a section for each check, with the same title."""

from __future__ import annotations

import re

ADDRESS = "https://github.com/cloudbackup/cloudbackup.m365/blob/main/docs/docsite/rst/from_finding_to_fix.rst"

_WITH_LINK = re.compile(rf"(.*) ({re.escape(ADDRESS)}#[a-z-]+)", re.DOTALL)


def add_link(sentence: str, check: str) -> str:
    """Return the sentence with the address of the section: its anchor is the title in lower case with dashes."""
    return f"{sentence} {ADDRESS}#{check.replace('_', '-')}"


def split_link(text: str) -> tuple[str, str]:
    """Return the text without its link to the guide, and the link; an empty link if it does not end with one."""
    match = _WITH_LINK.fullmatch(text)
    return (match[1], match[2]) if match else (text, "")
