# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The folders that an input names, as people write them."""

from __future__ import annotations

import os

from .._compliance.model import wording
from .structured_text import structure


def named(value: object) -> list[str]:
    """Return the folders of an input: a list, its JSON or YAML text, or names between commas. Raises ValueError.

    A home folder and variables of the environment count, as in the paths of the gate.
    """
    if isinstance(value, str):
        text = value.strip()
        value = structure(text) if text.startswith(("[", "-")) else text.split(",")
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise ValueError(f"expected a list of folders, got {wording.found(value)}")
    names = [name.strip() for name in value if name.strip()]
    if not names:
        raise ValueError("names no folder")
    return list(dict.fromkeys(map(expanded, names)))


def expanded(path: str) -> str:
    """Return a path as Ansible takes one."""
    return os.path.expanduser(os.path.expandvars(path))
