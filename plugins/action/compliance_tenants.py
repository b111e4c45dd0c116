# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Action: what keeps hosts of a play from being judged beside the others. Documented by the module of the same name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.fleet.fleet import shared
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.model import wording
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.model.subject import directory_name
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller.plain import plain

ARGUMENTS: dict[str, dict[str, Any]] = {
    "hosts": {"type": "list", "elements": "str", "required": True},
    "variable": {"type": "str", "default": "compliance_subject"},
}


class ActionModule(ActionBase):  # type: ignore[misc]
    """Never connects to the host."""

    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        _validation, arguments = self.validate_argument_spec(argument_spec=ARGUMENTS)
        hostvars = (task_vars or {})["hostvars"]
        hosts = plain(arguments["hosts"])
        unreadable = {host: reason for host in hosts for reason in _unreadable(hostvars, host)}
        names = {host: _name(hostvars, host, arguments["variable"]) for host in hosts if host not in unreadable}
        told = {"hosts": hosts, "unreadable": unreadable, "shared": shared(names)}
        return {**result, "changed": False, **told}


def _unreadable(hostvars: Any, host: str) -> list[str]:
    """Why Ansible cannot read the host's variables at all; nothing if it can."""
    try:
        hostvars.raw_get(host)
    except Exception as error:  # noqa: BLE001 - a vault or an inventory plugin may raise anything
        return [wording.one_line(error, 300)]
    return []


def _name(hostvars: Mapping[str, Any], host: str, variable: str) -> str:
    """What the host's directory would be called, in lower case: a file system may not tell it from upper case.

    Empty for a host whose name cannot be told: that host says so itself when it is judged, and is not to stop others.
    """
    try:
        subject = plain(hostvars[host].get(variable))
        return directory_name(str(subject).strip() or host).lower() if subject is not None else host.lower()
    except Exception:  # noqa: BLE001 - a template in an inventory may raise anything
        return ""
