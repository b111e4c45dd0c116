# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every world, read by the real modules over sockets and judged: red with its reason, or green."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from ansible_collections.cloudbackup.m365.plugins.module_utils import _time
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.plan import plan
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.policy_rules import settle_policy
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller.registered_results import reading
from ansible_collections.cloudbackup.m365.tests.unit.planned_reads import performed
from ansible_collections.cloudbackup.m365.tests.unit.readings import judge
from ansible_collections.cloudbackup.m365.tests.worlds import WORLDS, World


def judged(world: World, simulator: Any) -> dict[str, Any]:
    """Return the evaluation of a world, as the role makes it."""
    given = world.variables.get("compliance_now")
    now = _time.unix_from_iso(given) if given else int(time.time())
    policy, mistakes = settle_policy(world.variables.get("compliance_policy", {}))
    assert mistakes == []
    results = performed(plan(policy, now), simulator, **{"api_version": "v1", "retries": 3, **world.connection})
    read = reading(results, now_given=bool(given))
    return judge(read, world.variables.get("compliance_policy"), now=now)


@pytest.mark.parametrize("name", WORLDS)
def test_a_world_is_judged_as_it_is(name: str, simulate: Any) -> None:
    world = WORLDS[name]
    options = dict(world.tenant)
    evaluation = judged(world, simulate(*options.pop("faults", ()), **options))
    found = {f"{one['check']} {one['scope']}": one["status"] for one in evaluation["results"]}
    messages = {
        key: one["message"] for key, one in zip(found, evaluation["results"]) if found[key] in ("fail", "error")
    }
    assert evaluation["verdict"] == world.verdict, messages
    assert world.results.items() <= found.items(), messages
    assert world.words in json.dumps(evaluation)


BEFORE_FILTERS_WERE_DISPROVED = 12
"""Requests of an ordinary gate: the license, the count of all backups, a page of backups and one of running jobs for
each of four services, restores, deletions."""


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_an_ordinary_gate_asks_at_most_six_requests_more_to_disprove_what_a_server_claims(
    version: str, simulate: Any
) -> None:
    ordinary = WORLDS["ordinary"]
    simulator = simulate(**ordinary.tenant)
    judged(ordinary._replace(connection={"api_version": version}), simulator)
    requests = [request for request in simulator.requests if request.method == "GET"]
    assert len(requests) <= BEFORE_FILTERS_WERE_DISPROVED + 6
    assert all(request.headers["Cache-Control"] == "no-cache" for request in requests)
    # The permissions of an ordinary gate: jobs and license
    assert sum(request.method == "POST" for request in simulator.requests) == 2
