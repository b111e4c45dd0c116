# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""An info module in the process of a task: the result that it would return as a module.

A module costs a second Python, a transfer and a shell.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from typing import Any, Callable, Protocol

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.errors import UnsupportedError

from . import no_log


class InfoModule(Protocol):
    """What an action needs of its module: C(module_utils/_module.Info) is one."""

    @property
    def specification(self) -> dict[str, Any]:
        """The argument specification."""

    @property
    def options(self) -> dict[str, Any]:
        """The part of the argument specification that does not belong to the connection."""

    def result(
        self, parameters: Mapping[str, Any], environment: Mapping[str, str], warn: Callable[[str], None]
    ) -> dict[str, Any]:
        """Return what the module exits with, success or failure."""


def read(info: InfoModule, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return what the module named C(name) returns for these arguments, its secrets masked as Ansible masks them."""
    validated = ArgumentSpecValidator(info.specification).validate(arguments)
    secrets = validated._no_log_values
    warnings = [f"Both option {both['option']} and its alias {both['alias']} are set." for both in validated._warnings]
    if validated.error_messages:
        message = validated.errors.msg
        if isinstance(validated.errors[0], UnsupportedError):
            message = f"Unsupported parameters for ({name}) module: {message}"
        result = {"failed": True, "msg": message}
    else:
        result = info.result(validated.validated_parameters, os.environ, warnings.append)
    if warnings:
        result["warnings"] = warnings
    if validated._deprecations:
        result["deprecations"] = validated._deprecations
    result = dict(no_log.masked(result, secrets))
    if not validated.error_messages:
        result["invocation"] = no_log.masked({"module_args": validated.validated_parameters}, secrets)
    return result


@contextlib.contextmanager
def environment_set(changed: Mapping[str, Any]) -> Iterator[None]:
    """Set variables of the environment for a while. A worker runs one task at a time, so nothing else sees them."""
    before = dict(os.environ)
    os.environ.update({name: str(value) for name, value in changed.items()})
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
