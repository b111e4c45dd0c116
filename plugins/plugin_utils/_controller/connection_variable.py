# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""A variable of a host that holds its connection options or another input: a template, vaulted values, or both.

Where it is an argument of a task, Ansible reads it before the task begins, and prints what a failed lookup quotes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import ansible_failure, foreign_text
from .plain import TooDeep, plain


class Unreadable(Exception):
    """Ansible cannot template or decrypt the variable; its text is the cause and what to do, without the value."""


def value(templar: Any, variables: Mapping[str, Any], name: str) -> Any:
    """Return the value of the variable in plain data, templated and decrypted throughout; None if there is none.

    Raises Unreadable, and TooDeep for a value that is nested without end.
    """
    written = variables.get(name)
    try:
        # From ansible-core 2.19 on a vaulted value is decrypted where it is used
        return plain(foreign_text.template(templar, written))
    except TooDeep:
        raise
    except Exception as error:  # noqa: BLE001 - a template, a lookup or a vault may raise anything, and quote secrets
        text = foreign_text.cut(ansible_failure.of_template(error), written)
        if name != foreign_text.CONNECTION:
            # A lookup of any variable may repeat a secret of the tenant
            text = foreign_text.cut(text, variables.get(foreign_text.CONNECTION, ""), templar)
        raise Unreadable(f"cannot be read: {text}") from None
