# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The first host of a play of the gate: its variables are those that Ansible reads for a task which runs once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import fleet_hosts
from .plain import plain

CONTROLLER = "localhost"
_SKIPS_ALWAYS = ("always", "tagged")
"""Tags that skip a step which is tagged C(always)."""
_SHOWN = 5


class NoneReadable(ValueError):
    """Ansible can read the variables of no host that is left."""


def first_host(variables: Mapping[str, Any]) -> str:
    """Return the controller, or, where C(--limit) leaves it out, the first host whose variables can be read.

    :param variables: those of a play; before its hosts are known, its hosts are all that C(--limit) leaves.
    :raises ValueError: no host is left, or C(--skip-tags) leaves out every step.
    """
    skipped = [tag for tag in plain(variables.get("ansible_skip_tags") or []) if tag in _SKIPS_ALWAYS]
    if skipped:
        raise ValueError(
            f"No tenant is judged: --skip-tags {','.join(skipped)} leaves out every step of the gate. Run it without."
        )
    hosts = plain(variables.get("ansible_play_hosts_all") or [])
    if not variables.get("ansible_limit") or not hosts:
        # With --limit localhost, the controller is the only host, and no host of the inventory
        hosts = [CONTROLLER, *hosts]
    reasons = []
    for host in hosts:
        reason = _unreadable(host, variables)
        if not reason:
            return str(host)
        reasons.append(f"{host}: {reason}")
    more = f"; and {len(reasons) - _SHOWN} more" if len(reasons) > _SHOWN else ""
    raise NoneReadable(
        "No tenant is judged: Ansible cannot read the variables of any host. Correct them, or give the vault password. "
        + "; ".join(reasons[:_SHOWN])
        + more
    )


def _unreadable(host: str, variables: Mapping[str, Any]) -> str:
    """Return why Ansible cannot read the host's variables; empty if it can, or where no play has begun."""
    hostvars = variables.get("hostvars")
    if hostvars is None:
        return ""
    return str(fleet_hosts.conflicts([host], hostvars, {}, None)["unreadable"].get(host, ""))
