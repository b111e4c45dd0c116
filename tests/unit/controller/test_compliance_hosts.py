# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The first host of the gate's plays: one whose variables Ansible can read, also where --limit leaves out localhost."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleError
from ansible_collections.cloudbackup.m365.plugins.lookup import compliance_hosts


class HostVars(dict[str, Any]):
    """The variables of hosts; text in their place is why they cannot be read."""

    def raw_get(self, host: str) -> Any:
        if isinstance(self.get(host), str):
            raise AnsibleError(self[host])
        return self.get(host, {})


def look_up(hosts: dict[str, Any], limit: str | None = "tenants", **more: Any) -> str:
    variables = {"ansible_play_hosts_all": list(hosts), "hostvars": HostVars(hosts), **more}
    if limit:
        variables["ansible_limit"] = limit
    [host] = compliance_hosts.LookupModule().run([], variables)
    return host


@pytest.mark.parametrize(
    ("limit", "hosts", "first"),
    [
        (None, {"a": {}}, "localhost"),
        (None, {"a": "no vault secrets"}, "localhost"),
        (None, {}, "localhost"),
        (None, {"localhost": "no vault secrets", "a": {}}, "a"),
        ("tenants", {"a": {}, "b": {}}, "a"),
        ("tenants", {"a": "no vault secrets", "b": "no vault secrets", "c": {}, "d": "no"}, "c"),
        ("localhost", {}, "localhost"),
    ],
)
def test_it_is_the_controller_or_the_first_that_can_be_read(
    limit: str | None, hosts: dict[str, Any], first: str
) -> None:
    assert look_up(hosts, limit) == first


def test_before_any_play_nothing_is_known_of_variables() -> None:
    assert look_up({"a": "no vault secrets"}, hostvars=None) == "a"


def test_where_no_host_can_be_read_each_of_the_first_is_named() -> None:
    with pytest.raises(AnsibleError, match="cannot read the variables of any host") as raised:
        look_up({f"host{number}": f"reason {number}" for number in range(7)})
    assert "host0: reason 0; host1: reason 1" in str(raised.value)
    assert str(raised.value).endswith("host4: reason 4; and 2 more")


@pytest.mark.parametrize("tags", [["always"], ["x", "tagged"]])
def test_tags_that_leave_out_every_step_are_refused(tags: list[str]) -> None:
    with pytest.raises(AnsibleError, match="leaves out every step of the gate"):
        look_up({"a": {}}, ansible_skip_tags=tags)


@pytest.mark.parametrize("tags", [[], ["all"], ["untagged"], ["x"]])
def test_other_tags_leave_nothing_out(tags: list[str]) -> None:
    assert look_up({"a": {}}, ansible_skip_tags=tags) == "a"
