# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""What the gate registered for each host of a play, read back for the fleet.

Raw from the variables and not from a template: Ansible would go through every value of every tenant.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .._compliance.fleet.fleet import Tenant
from .._compliance.model import wording
from .plain import plain

PLAN = "__compliance_plan"
EVALUATION = "__compliance_judged"
EVIDENCE = "__compliance_evidence"
"""Where the tasks of the role C(compliance) keep their results."""
_FAILED_TASK = "ansible_failed_result"
_REASON = 400


def tenants(hosts: Iterable[str], variables_of: Callable[[str], Any], report_dir: str | None) -> list[Tenant]:
    """A tenant for each host, in their order; one that was not judged says why.

    :param variables_of: the untemplated variables of a host; whatever it raises is that host's alone.
    :param report_dir: where the fleet's report goes, which links to reports are relative to.
    """
    return [_tenant(host, variables_of, report_dir) for host in hosts]


def _tenant(host: str, variables_of: Callable[[str], Any], report_dir: str | None) -> Tenant:
    try:
        variables = variables_of(host)
    except Exception as error:  # noqa: BLE001 - a vault or an inventory plugin may raise anything
        return Tenant(host, host, doubt=_sentence(f"Its variables cannot be read: {error}"))
    plan, judged, kept = (_registered(variables, name) for name in (PLAN, EVALUATION, EVIDENCE))
    subject = str(plan.get("subject") or host)
    tenant = Tenant(subject, host, registration=str(plan.get("registration") or ""))
    evaluation, summary = plain(judged.get("evaluation")), plain(kept.get("summary"))
    # An evaluation of another instant is one that an earlier task left behind
    is_judged = isinstance(evaluation, dict) and evaluation["window"]["end"] == plan.get("now")
    if not is_judged or not isinstance(summary, dict) or kept.get("failed"):
        return tenant._replace(doubt=_why(variables, plan, kept if is_judged else {}))
    report = os.path.relpath(summary["report"], report_dir) if summary["report"] and report_dir else ""
    return tenant._replace(
        evaluated_at=plan["now"], evaluation=evaluation, report=report, sha256=str(summary["sha256"])
    )


def _registered(variables: object, name: str) -> Mapping[str, Any]:
    result = variables.get(name) if isinstance(variables, Mapping) else None
    return result if isinstance(result, Mapping) else {}


def _why(variables: object, *results: Mapping[str, Any]) -> str:
    """Why there is no evaluation, in the words of the task that failed."""
    for result in (*results, _registered(variables, _FAILED_TASK)):
        if result.get("failed"):
            told = plain(result.get("msg"))
            return _sentence("; ".join(map(str, told)) if isinstance(told, list) else str(told or "a task failed"))
    return "It left the play before it was judged: it is unreachable, or an earlier task failed."


def _sentence(text: str) -> str:
    told = wording.one_line(text, _REASON)
    return told if told.endswith((".", "…", "!", "?")) else f"{told}."
