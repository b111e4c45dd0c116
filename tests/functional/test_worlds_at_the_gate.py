# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every world as a tenant of one gate: the role judges it as the modules do."""

from __future__ import annotations

import json

from ansible_collections.cloudbackup.m365.tests.functional.runner import hosts_of
from ansible_collections.cloudbackup.m365.tests.worlds import WORLDS


def test_the_gate_judges_every_world_as_it_is(ansible, simulate):
    hosts = hosts_of(
        simulate(tenants={name: world.tenant for name, world in WORLDS.items()}),
        **{name: world.variables for name, world in WORLDS.items()},
    )
    for name, world in WORLDS.items():
        hosts[name]["compliance_connection"].update(world.connection)
    run = ansible.gate(hosts, "--forks", "2")
    assert run.verdicts() == {name: world.verdict for name, world in WORLDS.items()}
    for name, world in WORLDS.items():
        evidence = run.evidence(name)
        found = {f"{one['check']} {one['scope']}": one["status"] for one in evidence["results"]}
        assert world.results.items() <= found.items(), name
        assert world.words in json.dumps(evidence), name
    assert run.failed_hosts() == {name for name, world in WORLDS.items() if world.verdict != "compliant"}
