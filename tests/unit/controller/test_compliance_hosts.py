# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The first host of the gate's plays: one whose variables Ansible can read, also where --limit leaves out localhost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleError
from ansible_collections.cloudbackup.m365.plugins.lookup import compliance_hosts
from ansible_collections.cloudbackup.m365.tests.unit.controller.steps import AsItIs


class HostVars(dict[str, Any]):
    """The variables of hosts; text in their place is why they cannot be read."""

    def raw_get(self, host: str) -> Any:
        if isinstance(self.get(host), str):
            raise AnsibleError(self[host])
        return self.get(host, {})


def look_up(hosts: dict[str, Any], limit: str | None = "tenants", **more: Any) -> str:
    variables = {"ansible_play_hosts_all": list(hosts), "hostvars": HostVars(hosts), "groups": {}, **more}
    if limit:
        variables["ansible_limit"] = limit
    [host] = compliance_hosts.LookupModule(templar=AsItIs()).run([], variables)
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
    assert "host4: reason 4; and 2 more. There is no report, since " in str(raised.value)


BROKEN = {"a": "no vault secrets found", "b": "a: [b"}
GROUPS = {"tenants": ["a", "b", "c", "d"]}


def refused(hosts: dict[str, Any], **more: Any) -> str:
    with pytest.raises(AnsibleError) as raised:
        look_up(BROKEN, "a:b", **{"hostvars": HostVars({**BROKEN, **hosts}), "groups": GROUPS, **more})
    return str(raised.value)


@pytest.mark.parametrize("where", ["extra", "localhost", "d"])
def test_where_no_host_can_be_read_the_report_names_each_tenant(where: str, tmp_path: Path) -> None:
    variables = {"compliance_report_dir": str(tmp_path)}
    message = refused(*[{}] if where == "extra" else [{where: variables}], **(variables if where == "extra" else {}))
    assert message.endswith(f"Report: {tmp_path / 'fleet.html'}")
    content = json.loads((tmp_path / "fleet.json").read_text())
    assert content["verdict"] != "compliant"
    assert {row["host"]: row["doubt"] for row in content["tenants"]} == {
        host: f"Its variables cannot be read: {reason}." for host, reason in BROKEN.items()
    }
    assert "no vault secrets found" in (tmp_path / "fleet.html").read_text()


def test_where_no_directory_is_known_the_message_says_what_to_do(tmp_path: Path) -> None:
    assert refused({}).endswith("compliance_report_dir is in no variable that can be read. Give it to the run with -e.")
    path = tmp_path / "file"
    path.touch()
    assert "The fleet's report could not be written to " in refused({}, compliance_report_dir=str(path / "reports"))
    assert list(tmp_path.iterdir()) == [path]


def test_check_mode_writes_no_report(tmp_path: Path) -> None:
    assert "writes no report" in refused({}, compliance_report_dir=str(tmp_path), ansible_check_mode=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("tags", [["always"], ["x", "tagged"]])
def test_tags_that_leave_out_every_step_are_refused(tags: list[str]) -> None:
    with pytest.raises(AnsibleError, match="leaves out every step of the gate"):
        look_up({"a": {}}, ansible_skip_tags=tags)


@pytest.mark.parametrize("tags", [[], ["all"], ["untagged"], ["x"]])
def test_other_tags_leave_nothing_out(tags: list[str]) -> None:
    assert look_up({"a": {}}, ansible_skip_tags=tags) == "a"
