# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The OSCAL ids of the NIST SP 800-53 revision 5 statements in the catalogue."""

from __future__ import annotations

import re
from typing import NamedTuple

from ..evaluation.controls import CONTROLS, Control

_NIST = "NIST SP 800-53r5 "
_NAME = re.compile(r"([A-Z]{2})-([0-9]+)(?:\(([0-9]+)\))?(?: ([a-z]))?", re.ASCII)


class Statement(NamedTuple):
    """A statement of a NIST control."""

    control_id: str
    """Such as ``cp-9`` and ``cp-9.1``."""
    statement_id: str
    """Such as ``cp-9_smt.a``; ``cp-9.1_smt`` is the whole statement of the control."""
    control: Control


def statements() -> list[Statement]:
    """Return every NIST statement in the catalogue. Controls of other frameworks have no ids in OSCAL."""
    return [
        Statement(*_ids(name), control)
        for control in CONTROLS
        if control.name.startswith(_NIST)
        for name in control.name[len(_NIST) :].split(", ")
    ]


def _ids(name: str) -> tuple[str, str]:
    match = _NAME.fullmatch(name)
    if match is None:
        raise ValueError(f"{name} is not the name of a NIST control")
    family, number, enhancement, part = match.groups()
    control = f"{family.lower()}-{number}" + (f".{enhancement}" if enhancement else "")
    return control, f"{control}_smt" + (f".{part}" if part else "")
