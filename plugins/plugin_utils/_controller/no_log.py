# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Masks the secrets in a result as ansible-core 2.16 to 2.21 mask those in a module's result.

ansible-core 2.22 deprecates C(remove_values): it masks secrets only when it prints. Here they are masked in the
result as well, because a registered result can also be written to a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

MASK = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
"""What Ansible shows in place of a value that is a secret."""
_MASK_IN_TEXT = "********"
"""What Ansible shows in place of a secret within a longer text."""

_LETTERS_AND_DIGITS = re.compile(r"[0-9A-Za-z]+")


def masked(data: Any, secrets: Iterable[str]) -> Any:
    """Return plain data (mappings, lists, text, numbers) without secrets.

    A copy takes its time with thousands of jobs: without a trace of a secret, the data themselves are returned. Letters
    and digits are shown as they are, whatever else a secret contains.
    """
    longest_first = sorted(filter(None, secrets), key=len, reverse=True)
    shown = repr(data)
    pieces = (max(_LETTERS_AND_DIGITS.findall(secret), key=len, default="") for secret in longest_first)
    return _masked(data, longest_first) if any(piece in shown for piece in pieces) else data


def _masked(data: Any, secrets: list[str]) -> Any:
    if data is None or isinstance(data, bool):
        return data
    if isinstance(data, str):
        return _masked_text(data, secrets)
    if isinstance(data, Mapping):
        return {name: _masked(value, secrets) for name, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [_masked(value, secrets) for value in data]
    return MASK if any(secret in str(data) for secret in secrets) else data


def _masked_text(text: str, secrets: list[str]) -> str:
    if text in secrets:
        return MASK
    for secret in secrets:
        text = text.replace(secret, _MASK_IN_TEXT)
    return text
