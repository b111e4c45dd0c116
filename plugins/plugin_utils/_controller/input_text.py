# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The inputs of the gate as they arrive: in variables, and any of them may be text, as in extra-vars and surveys."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from . import connection_variable
from .plain import plain
from .structured_text import structure

_INPUT = re.compile(r"\w*")
_STRUCTURES = ("baseline", "policy", "waivers", "report_formats")


def variable_names(names: Mapping[str, Any], inputs: Collection[str]) -> dict[str, str]:
    """Return the names of the variables that hold inputs, by input. Raises ValueError.

    :param inputs: the names of all inputs.
    """
    for name, variable in names.items():
        if name not in inputs:
            raise ValueError(f"input_variables: {name} is not an input. Allowed: {', '.join(inputs)}")
        if not isinstance(variable, str):
            raise ValueError(f"input_variables.{name}: expected the name of a variable")
    return dict(names)


def of_variable(line: str, names: Mapping[str, str], prefix: str = "") -> str:
    """Return a line about an input with the name of its variable; without one, the input's after the prefix."""
    name = _INPUT.match(line)[0]  # type: ignore[index]
    return names.get(name, f"{prefix}{name}") + line[len(name) :]


def of_variables(
    templar: Any, variables: Mapping[str, Any], names: Mapping[str, str]
) -> tuple[dict[str, Any], list[str]]:
    """Return the values of the variables that hold inputs, by input, and a line for each that cannot be read.

    :param names: of the variables, by input.
    """
    values: dict[str, Any] = {}
    mistakes = []
    for name, variable in names.items():
        try:
            values[name] = connection_variable.value(templar, variables, variable)
        except (ValueError, connection_variable.Unreadable) as error:
            mistakes.append(f"{name}: {error}")
    return values, mistakes


def readable(inputs: Mapping[str, object]) -> tuple[dict[str, Any], list[str]]:
    """Return the inputs in plain data, with structures read from text, and a line for each that cannot be read."""
    read: dict[str, Any] = {}
    mistakes = []
    for name, value in inputs.items():
        try:
            read[name] = _readable(name, value)
        except ValueError as error:
            mistakes.append(f"{name}: {error}")
    return read, mistakes


def _readable(name: str, value: object) -> Any:
    """Return an input in plain data, a structure read from its text. Raises ValueError."""
    is_text = isinstance(value, str)
    if name not in _STRUCTURES or not is_text or not str(value).strip():
        return plain(value)
    if name == "report_formats" and not str(value).lstrip().startswith(("[", "-")):
        # json,markdown is a list as Ansible takes one, and no YAML list
        return plain(value)
    return plain(structure(str(value)))
