# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The registered results of the info modules as the evaluator takes them.

Read from the variables themselves and not from a template: Ansible would go through every value of every job in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .._compliance.model.registration import PARTS
from . import ansible_failure
from .plain import plain

_KEPT = {
    "license": ("license", "api"),
    "jobs": ("groups", "overlaps", "summary", "complete", "query", "api"),
    "settings": ("frequency", "retention", "api"),
    "unusual_activity": ("activity", "summary", "query", "api"),
}
"""Keys of each result; without the first it is none. Ansible's own argument errors have no ``failure``."""


def by_read(registered: object, planned: Sequence[str]) -> dict[str, object]:
    """Return the result of each planned read out of what the loop over them registered.

    Where Ansible could not begin the loop there are no items, and the failure is that of every read.
    """
    items = registered.get("results") if isinstance(registered, Mapping) else None
    if not isinstance(items, list):
        return dict.fromkeys(planned, registered)
    found = {item.get(item.get("ansible_loop_var")): item for item in items if isinstance(item, Mapping)}
    return {read: found.get(read) for read in planned}


def reading(
    registered: Mapping[str, object],
    *,
    connection: Mapping[str, Any] | None = None,
    now_given: bool = False,
    cut: Callable[[str], str] = str,
) -> dict[str, Any]:
    """Return the evaluator's input out of what the info modules registered.

    It keeps what the server sent. A failed read becomes an error; a task that was skipped is neither.

    :param registered: by read; a read that is missing was not needed.
    :param connection: url, version and client_id as planned; what is missing was not planned.
    :param now_given: whether the instant is an input and not the moment of the run.
    :param cut: removes secrets from Ansible's words about a task that it stopped.
    """
    planned = {name: (connection or {}).get(name) for name in PARTS}
    read: dict[str, Any] = {"connection": planned, "now_given": now_given, "errors": []}
    for name in _KEPT:
        if name not in registered:
            read[name] = None
            continue
        found = registered[name]
        result = found if isinstance(found, Mapping) else {}
        is_read = _KEPT[name][0] in result and not result.get("failed")
        read[name] = {key: plain(result.get(key)) for key in _KEPT[name]} if is_read else None
        if not is_read and not result.get("skipped"):
            failure = plain(result.get("failure"))
            # The words of a module repeat no secret
            message = _message(result) if failure else cut(_message(result))
            read["errors"].append({"read": name, "message": message, "failure": failure})
    return read


def _message(result: Mapping[str, Any]) -> str:
    """Return why a read failed: in the words of the module, or, where Ansible ended the task itself, in ours."""
    is_by_module = result.get("failure") or "failed_when_result" in result
    if is_by_module and result.get("msg") and not result.get("unreachable"):
        return str(plain(result["msg"]))
    return ansible_failure.of_task(result)


def without_results(read: Mapping[str, Any], reason: str) -> dict[str, Any]:
    """Return a reading without the results that nothing can be made of, and with an error for each of them."""
    message = f"Its answer cannot be judged: {reason}. Report this to the authors of the collection"
    names = [name for name in _KEPT if read.get(name) is not None]
    errors = [{"read": name, "message": message, "failure": None} for name in names]
    return {**read, **dict.fromkeys(names), "errors": [*read["errors"], *errors]}
