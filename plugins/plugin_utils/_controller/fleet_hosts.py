# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The hosts of a play as tenants: what the gate registered for each, and what would hide one of them.

Raw from the variables and not from a template: Ansible would go through every value of every tenant.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible import constants
from ansible.inventory.manager import split_host_pattern

from .._compliance.fleet.tenant import Tenant
from .._compliance.model import wording
from .._compliance.model.subject import directory_name, shared
from . import foreign_text
from .plain import plain

PLAN = "__compliance_plan"
REPORT = "__compliance_report"
FLEET = "__compliance_fleet"
"""The variables in which the role ``compliance`` registers its steps."""
SUBJECT = "compliance_subject"
GROUP = "tenants"
"""The group of the inventory whose hosts are tenants."""
_FAILED_TASK = "ansible_failed_result"
_REASON = 400
_PLAIN_NAME = re.compile(r"\w[\w.-]*")
"""A part of a limit that is no pattern, exclusion, intersection or file."""


def of_group(group: str, variables: Mapping[str, Any]) -> list[str]:
    """Return the hosts of the play that are in this group. Raises ValueError where there is none."""
    members = set(variables["groups"].get(group, ()))
    hosts = [host for host in variables["ansible_play_hosts_all"] if host in members]
    if not hosts:
        excluded = ", and --limit leaves none of them" if members else ""
        amount = wording.amount(len(members), "host")
        raise ValueError(f"No tenant is judged. The group {group} of the inventory has {amount}{excluded}.")
    return hosts


def unknown_limits(variables: Mapping[str, Any]) -> list[str]:
    """Return the plain names in C(--limit) that are neither a host nor a group, which Ansible ignores."""
    parts = split_host_pattern(str(plain(variables.get("ansible_limit") or "")))
    known = {*variables["hostvars"], *variables.get("groups", ()), *constants.LOCALHOST}
    return [name for name in parts if _PLAIN_NAME.fullmatch(name) and name not in known]


def left_out(hosts: Iterable[str], variables: Mapping[str, Any]) -> set[str]:
    """Return the tenants of the inventory that a run on these hosts does not judge, as with ``--limit``."""
    return set(variables.get("groups", {}).get(GROUP, ())) - set(hosts)


def conflicts(hosts: Iterable[str], hostvars: Any, own: Mapping[str, Any], templar: Any) -> dict[str, Any]:
    """Return the ``hosts``, those with ``unreadable`` variables and why, and those that share something.

    They share a subject or, after the read, an app registration.

    :param hostvars: the variables of all hosts.
    :param own: the variables of the task, which know what a play or role sets for all of its hosts.
    """
    hosts = list(hosts)
    unreadable = {host: reason for host in hosts for reason in _unreadable(hostvars, host)}
    names = {host: _name(hostvars, host, own, templar) for host in hosts if host not in unreadable}
    registrations = {host: _registration(hostvars, host) for host in names}
    return {
        "hosts": hosts,
        "unreadable": unreadable,
        "shared": shared(names),
        "shared_registration": shared(registrations),
    }


def pending(variables: Mapping[str, Any]) -> tuple[str, int]:
    """Return the tenant that the host was judged as without a verdict yet, empty for none, and the number of this run.

    A further tenant on the same host would replace its result, and its verdict would never be given.
    """
    last = _registered(variables, PLAN)
    run = int(last.get("run") or 0)
    name = str(last.get("subject") or "another tenant") if run > _runs(variables) else ""
    return name, run + 1


def _runs(variables: Mapping[str, Any]) -> int:
    """Return the number of the host's run that the last report of all tenants contained."""
    runs = _registered(variables, FLEET).get("runs") or {}
    return int(runs.get(variables.get("inventory_hostname")) or 0)


def runs(hosts: Iterable[str], variables_of: Callable[[str], Any]) -> dict[str, int]:
    """Return the number of the run that each host was judged by; hosts that were not judged are missing."""
    found = {}
    for host in hosts:
        with contextlib.suppress(Exception):  # a vault or an inventory plugin may raise anything
            found[host] = int(_registered(variables_of(host), PLAN).get("run") or 0)
    return {host: number for host, number in found.items() if number}


def tenants(
    hosts: Iterable[str],
    variables_of: Callable[[str], Any],
    report_dir: str | None,
    templar_of: Callable[[str], Any] = lambda host: None,
) -> list[Tenant]:
    """Return a tenant for each host, in their order; one that was not judged has the reason.

    :param variables_of: the untemplated variables of a host; whatever it raises concerns that host alone.
    :param report_dir: where the fleet's report goes; links to reports are relative to it.
    :param templar_of: what reads the expressions in the variables of a host.
    """
    return [_tenant(host, variables_of, report_dir, templar_of) for host in hosts]


def _unreadable(hostvars: Any, host: str) -> list[str]:
    """Return why Ansible cannot read the host's variables at all; nothing if it can."""
    try:
        hostvars.raw_get(host)
    except Exception as error:  # noqa: BLE001 - a vault or an inventory plugin may raise anything
        return [wording.one_line(foreign_text.cut(error, None), 300)]
    return []


def _name(hostvars: Any, host: str, own: Mapping[str, Any], templar: Any) -> str:
    """Return the name of the host's folder, in lower case: a file system may not distinguish it from upper case.

    Empty for a host whose name is unknown: that host reports it itself when it is judged, and does not stop others.
    """
    try:
        with foreign_text.quiet():
            subject = hostvars[host].get(SUBJECT)
            if subject is None and SUBJECT in own:
                # Set by the play or the role, for every host in the same words
                subject = templar.copy_with_new_env(available_variables=hostvars.raw_get(host)).template(own[SUBJECT])
        subject = plain(subject)
        return directory_name(str(subject).strip() or host).lower() if subject is not None else host.lower()
    except Exception:  # noqa: BLE001 - a template in an inventory may raise anything
        return ""


def _registration(hostvars: Any, host: str) -> str:
    """Return the app registration that the host was read with, empty before the read."""
    try:
        return str(plain(_registered(hostvars.raw_get(host), REPORT).get("registration")) or "")
    except Exception:  # noqa: BLE001 - a vault or an inventory plugin may raise anything
        return ""


def _tenant(
    host: str, variables_of: Callable[[str], Any], report_dir: str | None, templar_of: Callable[[str], Any]
) -> Tenant:
    try:
        variables = variables_of(host)
    except Exception as error:  # noqa: BLE001 - a vault or an inventory plugin may raise anything
        return Tenant(host, host, doubt=_sentence(f"Its variables cannot be read: {foreign_text.cut(error, None)}"))
    plan, report = (_registered(variables, name) for name in (PLAN, REPORT))
    subject = str(plan.get("subject") or host)
    registration = report.get("registration") or plan.get("registration")
    tenant = Tenant(
        subject, host, registration=str(plain(registration) or ""), formats=plain(plan.get("formats")) or ()
    )
    evaluation, summary = plain(report.get("evaluation")), plain(report.get("summary"))
    # An evaluation of another instant is one that an earlier task left behind
    is_judged = isinstance(evaluation, dict) and evaluation["window"]["end"] == plan.get("now")
    if not is_judged or not isinstance(summary, dict) or report.get("msg"):
        return tenant._replace(doubt=_why(variables, templar_of(host), plan, report if is_judged else {}))
    link = os.path.relpath(summary["report"], report_dir) if summary["report"] and report_dir else ""
    return tenant._replace(
        evaluated_at=plan["now"],
        evaluation=evaluation,
        worst=summary["worst"],
        report=link,
        sha256=str(summary["sha256"]),
        figures=plain(report.get("figures")),
    )


def _registered(variables: object, name: str) -> Mapping[str, Any]:
    result = variables.get(name) if isinstance(variables, Mapping) else None
    return result if isinstance(result, Mapping) else {}


def _why(variables: Mapping[str, Any], templar: Any, *results: Mapping[str, Any]) -> str:
    """Return why there is no evaluation, in the words of the task that failed."""
    for result in (*results, _registered(variables, _FAILED_TASK)):
        if result.get("failed") or result.get("mistakes") or result.get("msg"):
            lines = result.get("findings" if result.get("failed") else "mistakes")
            message = plain(lines or result.get("msg"))
            reason = "; ".join(map(str, message)) if isinstance(message, list) else str(message or "a task failed")
            return _sentence(foreign_text.cut(reason, variables.get(foreign_text.CONNECTION, ""), templar))
    return "It left the play before it was judged: it is unreachable, or an earlier task failed."


def _sentence(text: str) -> str:
    line = wording.one_line(text, _REASON)
    return line if line.endswith((".", "…", "!", "?")) else f"{line}."
