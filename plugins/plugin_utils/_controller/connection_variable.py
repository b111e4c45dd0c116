# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The variable that holds the connection options of a host: a template, vaulted values, or both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import ansible_failure
from .plain import plain


class Unreadable(Exception):
    """Ansible cannot template or decrypt the variable; its text is the cause and what to do, without the value."""


def value(templar: Any, variables: Mapping[str, Any], name: str) -> Any:
    """Return the value of the variable in plain data, templated and decrypted throughout.

    Raises Unreadable, and ValueError for a value that is nested without end.
    """
    try:
        return plain(templar.template(variables.get(name)))
    except ValueError:
        raise
    except Exception as error:  # noqa: BLE001 - a template, a lookup or a vault may raise anything
        raise Unreadable(f"cannot be read: {ansible_failure.of_template(error)}") from None
