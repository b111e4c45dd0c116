# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The directory of the report of all tenants, from a variable that any of them may have, and may have wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from . import connection_variable, folder_names


def from_variable(
    name: str,
    variables: Mapping[str, Any],
    templar: Any,
    hosts: Iterable[str],
    variables_of: Callable[[str], Mapping[str, Any]],
    templar_of: Callable[[str], Any],
) -> tuple[str, str]:
    """Return the directory, empty for none, and why it cannot be read, empty if it can.

    The variable is that of the host on which the task runs. Where it cannot be read there, it is that of the first
    tenant where it can: one tenant's mistake does not take the report from the others.

    :param name: of the variable.
    :param variables: those of the task's host; ``templar`` reads them.
    :param hosts: the tenants, and by host their variables and what reads them.
    """
    directory, problem = _read(templar, variables, name)
    found = of_hosts(name, hosts, variables_of, templar_of) if problem else directory
    return found, "" if found else problem


def of_hosts(
    name: str,
    hosts: Iterable[str],
    variables_of: Callable[[str], Mapping[str, Any]],
    templar_of: Callable[[str], Any],
) -> str:
    """Return the directory of the first host that has one which can be read; empty if there is none."""
    for host in hosts:
        try:
            found, broken = _read(templar_of(host), variables_of(host), name)
        except Exception:  # noqa: BLE001 - a vault or an inventory plugin may raise anything
            continue
        if found and not broken:
            return found
    return ""


def _read(templar: Any, variables: Mapping[str, Any], name: str) -> tuple[str, str]:
    try:
        value = connection_variable.value(templar, variables, name)
    except (ValueError, connection_variable.Unreadable) as error:
        return "", f"{name}: {error}"
    if value is None:
        return "", ""
    if not isinstance(value, str):
        return "", f"{name}: expected a path"
    return folder_names.expanded(value.strip() and value), ""
