# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleActionFail
from ansible_collections.cloudbackup.m365.plugins.action import compliance_evaluation
from ansible_collections.cloudbackup.m365.plugins.modules import compliance_evaluation as documentation
from ansible_collections.cloudbackup.m365.tests.unit.readings import (
    NOW_TEXT,
    healthy,
    judge,
)


def run(task_vars: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """The action as a task runs it, without a play around it."""
    names = {"license_variable": "the_license", "jobs_variable": "the_jobs"}
    given = {**names, "policy": {}, "waivers": [], "now": NOW_TEXT, **changed}
    task = SimpleNamespace(args=given, check_mode=False, async_val=0, diff=False, environment=None, collections=[])
    connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir=None))
    action = compliance_evaluation.ActionModule(
        task=task, connection=connection, play_context=None, loader=None, templar=None, shared_loader_obj=None
    )
    action._load_name = "compliance_evaluation"
    result: dict[str, Any] = action.run(task_vars=task_vars)
    return result


def test_it_judges_as_the_filter_does() -> None:
    registered = {"the_license": healthy()["license"], "the_jobs": healthy()["jobs"]}
    result = run(registered)
    assert result["evaluation"] == judge(healthy())
    assert (result["changed"], result.get("failed", False)) == (False, False)


@pytest.mark.parametrize("registered", [{}, {"the_license": None, "the_jobs": "text"}])
def test_a_result_that_is_not_there_cannot_be_told(registered: dict[str, Any]) -> None:
    evaluation = run(registered)["evaluation"]
    assert evaluation["verdict"] == "undetermined"
    assert evaluation["counts"]["error"] > 0


def test_every_mistake_is_told_at_once() -> None:
    result = run({}, policy={"widnow": "7d"}, waivers=[{}], now="soon")
    assert result["failed"] is True
    assert [line.partition(":")[0] for line in result["msg"]] == [
        "policy.widnow",
        "waivers[0].check",
        "waivers[0].reason",
        "waivers[0].approver",
        "waivers[0].expires",
        "now",
    ]


def test_an_argument_that_does_not_exist_is_refused() -> None:
    with pytest.raises(AnsibleActionFail, match="polciy"):
        run({}, polciy={})


def test_the_documentation_is_of_the_arguments_that_are_taken() -> None:
    options = yaml.safe_load(documentation.DOCUMENTATION)["options"]
    documented = {
        name: {key: value for key, value in option.items() if key != "description"} for name, option in options.items()
    }
    assert documented == compliance_evaluation.ARGUMENTS
