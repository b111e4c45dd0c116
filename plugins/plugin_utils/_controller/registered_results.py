# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""What both modules returned, as the evaluator takes it.

Read from the variables themselves and not from a template: Ansible would go through every value of every job in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .plain import plain

_KEPT = {
    "license": ("license", "api"),
    "jobs": ("groups", "summary", "complete", "query", "api"),
}
"""Of each result; the first key tells whether it is one. Ansible's own argument errors have no ``failure``."""


def reading(license_result: object, jobs_result: object) -> dict[str, Any]:
    """The evaluator's input out of the registered results of cloudbackup_license_info and cloudbackup_jobs_info.

    Of each only what the server told. A result that is none becomes an error, and a task that was skipped neither.
    """
    read: dict[str, Any] = {"errors": []}
    for name, registered in (("license", license_result), ("jobs", jobs_result)):
        result = registered if isinstance(registered, Mapping) else {}
        is_read = _KEPT[name][0] in result and not result.get("failed")
        read[name] = {key: plain(result.get(key)) for key in _KEPT[name]} if is_read else None
        if not is_read and not result.get("skipped"):
            message = str(plain(result.get("msg") or "the task ended without a result"))
            read["errors"].append({"read": name, "message": message, "failure": plain(result.get("failure"))})
    return read
