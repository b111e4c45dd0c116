# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of a process, as the role or a person gives them: a JSON object."""

from __future__ import annotations

import inspect
import os
from collections.abc import Mapping
from typing import Any

from . import values
from .simulator import Simulator

BACKGROUND_LIFETIME = 3600.0
SIMULATOR_OPTIONS = tuple(inspect.signature(Simulator).parameters)


def read_options(given: Any) -> tuple[dict[str, Any], float | None]:
    """Return the arguments of Simulator, and the lifetime in seconds.

    Null and an empty text are the default. ``certificate`` is the path of what ``certificate_pem`` holds.

    :raises Mistake: if an option is unknown. :raises OSError: if the certificate cannot be read.
    """
    if not isinstance(given, Mapping):
        raise values.Mistake(f"invalid options: expected a JSON object, got {given!r}")
    options = {name: value for name, value in given.items() if value is not None and value != ""}
    lifetime, certificate = options.pop("lifetime", None), options.pop("certificate", None)
    for name in options:
        values.one_of(*SIMULATOR_OPTIONS, "certificate", "lifetime").read("option", name)
    if lifetime is not None:
        lifetime = values.number(0.001, 10**7).read("lifetime", lifetime)
    if certificate is not None:
        with open(os.path.expanduser(certificate), encoding="utf-8") as file:
            options["certificate_pem"] = file.read()
    return options, lifetime
