# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names in --limit that Ansible ignores because they are neither a host nor a group."""

from __future__ import annotations

import pytest
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller.fleet_hosts import unknown_limits


@pytest.mark.parametrize(
    ("limit", "unknown"),
    [
        (None, []),
        ("", []),
        ("a", []),
        ("a,tenants", []),
        ("a,b", ["b"]),
        ("a:b", ["b"]),
        ("a, b", ["b"]),
        ("b,c", ["b", "c"]),
        ("all", []),
        ("localhost,127.0.0.1,::1", []),
        ("a:!b", []),
        ("tenants:&b*", []),
        ("@failed.retry", []),
        ("tenants[0:2]", []),
        ("~b.*", []),
        ("b*", []),
    ],
)
def test_a_plain_name_that_is_no_host_and_no_group_is_found(limit: str | None, unknown: list[str]) -> None:
    variables = {"ansible_limit": limit, "hostvars": {"a": {}}, "groups": {"tenants": ["a"], "all": ["a"]}}
    assert unknown_limits(variables) == unknown
