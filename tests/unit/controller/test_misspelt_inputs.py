# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Variables that were probably meant to be inputs, and those that only resemble them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.cloudbackup.m365.plugins.action import compliance_plan, compliance_replay
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller.misspelt_inputs import lines
from ansible_collections.cloudbackup.m365.tests.unit.controller.steps import mistakes, run_step

INPUTS = {
    "compliance_connection": {},
    "compliance_baseline": {},
    "compliance_policy": {},
    "compliance_waivers": [],
    "compliance_now": "",
    "compliance_report_dir": None,
    "compliance_subject": "contoso",
}
KEYS = ("services", "window", "license_seats")


def found(**variables: Any) -> list[str]:
    return lines({**INPUTS, **variables}, INPUTS, KEYS, "compliance_policy")


@pytest.mark.parametrize(
    ("variable", "meant"),
    [
        ("compliance_polcy", "compliance_policy"),
        ("compliance_policys", "compliance_policy"),
        ("compliancepolicy", "compliance_policy"),
        ("complaince_policy", "compliance_policy"),
        ("Compliance_Policy", "compliance_policy"),
        ("compliance_conection", "compliance_connection"),
        ("compliance_waiver", "compliance_waivers"),
        ("compliance_basline", "compliance_baseline"),
        ("compliance_report_dirs", "compliance_report_dir"),
    ],
)
def test_a_typo_is_found_with_the_input_that_was_meant(variable: str, meant: str) -> None:
    assert found(**{variable: 1}) == [f"{variable}: unknown input, did you mean {meant}?"]


@pytest.mark.parametrize("key", KEYS)
def test_a_key_of_the_policy_is_found_in_the_place_of_an_input(key: str) -> None:
    expected = [f"compliance_{key}: unknown input. {key} is a key of compliance_policy"]
    assert found(**{f"compliance_{key}": 1}) == expected
    assert found(**{f"compliance_{key}": 1, "compliance_policy": {key: "{{ it }}"}}) == []


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"compliance_policies": {}},
        {"compliance_policys": {}, "compliance_policy": "{{ compliance_policys.gold }}"},
        {"compliance_noc": "noc@example.com", "compliance_node": 1},
        {"compliance_policy_base": {}},
        {"compliance_team": "Backup", "company": "contoso", "gate_policy": {}, "services": [], "window": "7d"},
        {"compliance_same_subject": [], "compliance_fleet_hosts": []},
        {"compliance_subjects": []},
    ],
)
def test_other_variables_are_no_typos(variables: dict[str, Any]) -> None:
    assert found(**variables) == []


class Vaulted:
    """A vaulted value, which may be compared only where it can be decrypted."""

    def __eq__(self, other: object) -> bool:
        raise AssertionError("it was decrypted")

    __hash__ = object.__hash__


def test_a_vaulted_value_is_not_decrypted() -> None:
    assert found(compliance_policy=Vaulted(), compliance_polcy=1) == []


def test_the_gate_refuses_a_typo_beside_every_other_mistake() -> None:
    variables = {"compliance_policy": {}, "compliance_now": "soon", "compliance_polcy": {"window": "1d"}}
    result = run_step(
        compliance_plan,
        variables,
        input_variables={"policy": "compliance_policy", "now": "compliance_now"},
        now_default="2026-11-24T06:00:00Z",
        subject_default="contoso",
    )
    assert [line.partition(":")[0] for line in mistakes(result)] == ["compliance_now", "compliance_polcy"]


def test_a_replay_refuses_a_typo() -> None:
    variables = {"replay_evidence": "evidence.json", "replay_policy": "", "replay_polcy": {}}
    names = {"evidence": "replay_evidence", "policy": "replay_policy"}
    assert mistakes(run_step(compliance_replay, variables, input_variables=names)) == [
        "replay_polcy: unknown input, did you mean replay_policy?"
    ]
