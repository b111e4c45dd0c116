# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The registered results of the info modules as the evaluator takes them.

Read from the variables themselves and not from a template: Ansible would go through every value of every job in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .._compliance.model.registration import PARTS
from .plain import plain

_KEPT = {
    "license": ("license", "api"),
    "jobs": ("groups", "overlaps", "summary", "complete", "query", "api"),
}
"""Keys of each result; without the first it is none. Ansible's own argument errors have no ``failure``."""


def reading(
    license_result: object,
    jobs_result: object,
    *,
    connection: Mapping[str, Any] | None = None,
    now_given: bool = False,
    cut: Callable[[str], str] = str,
) -> dict[str, Any]:
    """Return the evaluator's input out of what cloudbackup_license_info and cloudbackup_jobs_info registered.

    It keeps what the server sent. A failed read becomes an error; a task that was skipped is neither.

    :param connection: url, version and client_id as planned; what is missing was not planned.
    :param now_given: whether the instant is an input and not the moment of the run.
    :param cut: takes secrets out of what Ansible says of a task that it stopped.
    """
    planned = {name: (connection or {}).get(name) for name in PARTS}
    read: dict[str, Any] = {"connection": planned, "now_given": now_given, "errors": []}
    for name, registered in (("license", license_result), ("jobs", jobs_result)):
        result = registered if isinstance(registered, Mapping) else {}
        is_read = _KEPT[name][0] in result and not result.get("failed")
        read[name] = {key: plain(result.get(key)) for key in _KEPT[name]} if is_read else None
        if not is_read and not result.get("skipped"):
            failure = plain(result.get("failure"))
            message = str(plain(result.get("msg") or "the task ended without a result"))
            # The words of a module have none
            message = message if failure else cut(message)
            read["errors"].append({"read": name, "message": message, "failure": failure})
    return read
