# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Variables whose names are almost those of inputs: Ansible ignores them, and the gate would use a default instead."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping
from typing import Any

_NEAR, _NEAR_WITHOUT_PREFIX = 0.9, 0.8
"""The similarities of a typo. The prefix alone makes all names similar, such as compliance_noc and compliance_now."""
_BEGINNING = 2
"""Letters in which a typo is not expected. They leave out most variables before the costly comparison."""


def lines(
    variables: Mapping[str, Any], inputs: Iterable[str], keys: Collection[str] = (), owner: str = ""
) -> list[str]:
    """Return a line for each variable that was probably meant to be an input that is empty.

    If the input is set, the other variable may be a part of its template, such as C(compliance_policies).

    :param inputs: the names of the variables of all inputs.
    :param keys: of the input ``owner``, a dictionary, which a variable may name with the prefix of the inputs.
    """
    known = list(inputs)
    empty = [name for name in known if _is_empty(variables.get(name))]
    beginnings = {name[:_BEGINNING] for name in empty}
    found = []
    for variable in sorted(set(variables) - set(known)):
        if variable[:_BEGINNING].lower() not in beginnings:
            continue
        prefix, _separator, key = variable.partition("_")
        if owner in empty and key in keys and owner.startswith(f"{prefix}_"):
            found.append(f"{variable}: unknown input. {key} is a key of {owner}")
            continue
        near = difflib.get_close_matches(variable[:100].lower(), empty, n=1, cutoff=_NEAR)
        if near and _is_similar(key.lower(), near[0].partition("_")[2]):
            found.append(f"{variable}: unknown input, did you mean {near[0]}?")
    return found


def _is_similar(key: str, other: str) -> bool:
    return not key or difflib.SequenceMatcher(None, key, other).ratio() >= _NEAR_WITHOUT_PREFIX


def _is_empty(value: object) -> bool:
    # A vaulted value is neither of these types; comparing it would decrypt it
    return value is None or (isinstance(value, (str, Mapping, list)) and not value)
