# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The results of the modules, which may be incomplete.

A reading is {connection, now_given, license, jobs, settings, unusual_activity, errors}: the planned connection, the
results of the modules (null if one failed or was not needed), and the failures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..model import wording
from ..model.outcome import Undetermined

V2_READS = ("settings", "unusual_activity")
"""Reads that require the second generation of the API."""
READS = ("license", "jobs", *V2_READS)
"""By the keys of a reading."""


@dataclass(frozen=True)
class Reading:
    """The data that was read.

    :ivar results: by read (``READS``), without reads that failed or were not needed.
    :ivar failures: by read, the error message.
    :ivar connection: the C(url), C(version) and C(client_id) that were planned.
    :ivar now_given: whether the instant of the evaluation is an input.
    """

    results: Mapping[str, Mapping[str, Any]]
    failures: Mapping[str, str]
    connection: Mapping[str, Any]
    now_given: bool

    def result(self, read: str) -> Mapping[str, Any]:
        """Return the result of a module. Raises Undetermined if there is none."""
        if read in self.results and read not in self.failures:
            return self.results[read]
        reason = self.failures.get(read, "there is no answer")
        raise Undetermined(f"{could_not_be_read(read)}{reason}.")

    def license(self) -> Mapping[str, Any]:
        """Return the license. Raises Undetermined."""
        license_ = self.result("license").get("license")
        if not isinstance(license_, Mapping):
            raise Undetermined("The answer holds no license.")
        return license_

    def groups(self) -> list[Mapping[str, Any]]:
        """Return the groups of jobs. Raises Undetermined if the result is not complete."""
        jobs = self.result("jobs")
        if jobs.get("complete") is not True:
            raise Undetermined("The list of jobs is not proven complete.")
        groups = jobs.get("groups")
        if not isinstance(groups, list) or not all(isinstance(group, Mapping) for group in groups):
            raise Undetermined("The answer holds no groups of jobs.")
        return groups


def could_not_be_read(read: str) -> str:
    """Return the beginning of a sentence about a failed read."""
    return f"The {shown(read)} could not be read: "


def shown(read: str) -> str:
    """Return the display name of a read."""
    return read.replace("_", " ")


def parse(raw: object) -> Reading:
    """Return the reading from plain data of any shape."""
    read = raw if isinstance(raw, Mapping) else {}
    results = {name: read[name] for name in READS if isinstance(read.get(name), Mapping)}
    failures: dict[str, str] = {}
    errors = read.get("errors")
    for error in errors if isinstance(errors, list) else []:
        if isinstance(error, Mapping):
            failures.setdefault(wording.one_line(error.get("read"), 20), _failure(error))
    connection = read.get("connection")
    return Reading(
        results, failures, connection if isinstance(connection, Mapping) else {}, bool(read.get("now_given"))
    )


def _failure(error: Mapping[str, Any]) -> str:
    """Return the message with the hint, without a full stop: the messages of the modules end with the hint."""
    failure = error.get("failure")
    facts = failure if isinstance(failure, Mapping) else {}
    names = {"kind": "", "status": "status ", "request_id": "request "}
    facts_text = ", ".join(f"{words}{facts[name]}" for name, words in names.items() if facts.get(name) is not None)
    message, hint = str(error.get("message") or "no message"), str(facts.get("hint") or "")
    if hint not in message:
        message = f"{message.rstrip('.')}. {hint}"
    suffix = f" ({facts_text})" if facts_text else ""
    return wording.one_line(f"{message.rstrip('.')}{suffix}", 500)
