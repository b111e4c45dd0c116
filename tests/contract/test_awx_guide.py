# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guides for AWX and pipelines show what the playbook applies and what the examples contain."""

from __future__ import annotations

import re

import pytest
import yaml
from ansible_collections.cloudbackup.m365.tests.contract.guides import EXAMPLES, ROOT, blocks, cells, guide, read

PIPELINES = ("github", "gitlab")
VALUES = ROOT / "playbooks" / "vars"


class Loader(yaml.SafeLoader):
    """Reads what is tagged !unsafe as text."""


Loader.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))


@pytest.fixture(scope="module")
def applied():
    return {key: value for path in VALUES.glob("awx*.yml") for key, value in yaml.load(read(path), Loader).items()}


@pytest.fixture(scope="module")
def values():
    """The values of a tenant that the guide shows."""
    return next(yaml.safe_load(block) for block in blocks(guide("awx"), "yaml") if "awx_setup_tenant:" in block)


def test_a_person_who_clicks_is_led_to_every_file_to_paste():
    linked = re.findall(r"docs/examples/awx_by_hand/([\w.]+)>`__", guide("awx"))
    assert sorted(linked) == sorted(path.name for path in (EXAMPLES / "awx_by_hand").iterdir())


def test_a_person_who_clicks_finds_the_whole_survey(applied):
    kinds = {
        "text": "Text",
        "integer": "Integer",
        "multiplechoice": "Multiple choice (single select)",
        "multiselect": "Multiple choice (multiple select)",
    }
    rows = [row for row in _table_of_the_survey() if row[0].startswith("``")]
    assert rows == [
        [
            f"``{one['variable']}``",
            kinds[one["type"]],
            one["question_name"],
            one["question_description"],
            ", ".join(one.get("choices", [])) or "—",
            f"{one['min']}, {one['max']}" if "min" in one else "—",
            one["default"] or "none",
        ]
        for one in applied["awx_setup_survey"]["spec"]
    ]
    assert not any(one["required"] for one in applied["awx_setup_survey"]["spec"])


def _table_of_the_survey():
    (table,) = re.findall(r"^   (\.\. list-table::\n.*?)^9\. ", guide("awx"), re.MULTILINE | re.DOTALL)
    return cells(re.sub(r"^   ", "", table, flags=re.MULTILINE))


def test_the_values_of_a_tenant_are_ones_that_the_playbook_takes(applied, values):
    assert set(values) <= set(yaml.load(read(VALUES / "awx.yml"), Loader))
    fields = {field["id"] for field in applied["awx_setup_credential_type_inputs"]["fields"]}
    assert set(values["awx_setup_credential_inputs"]) <= fields
    assert set(values["awx_setup_notification_configuration"]) <= set(
        applied["awx_setup_default_configurations"]["email"]
    )


def test_the_guide_names_the_objects_as_the_playbook_does(applied, values):
    names = {
        key: name.replace("{{ awx_setup_tenant }}", values["awx_setup_tenant"]).replace(
            "{{ awx_setup_organization }}", applied["awx_setup_organization"]
        )
        for key, name in applied["awx_setup_default_names"].items()
    }
    shown = [name for row in cells(guide("awx")) for name in re.findall(r"``(.+?)``", row[1])]
    ends = {f"{names['workflow']}: gate", ": red", ": green"}
    assert {names["gate"], names["workflow"] + ": red", names["workflow"] + ": green"} == {
        *(names[key] for key in ("gate", "red", "green"))
    }
    expected = {name for key, name in names.items() if key not in ("gate", "red", "green", "inventory_source")} | ends
    assert expected <= set(shown)


def test_the_guide_names_the_tasks_that_report_a_change_in_every_run():
    (checked,) = re.findall(r"^ONLY_ENCRYPTED = (\[.*\])$", read(ROOT / "tests" / "awx" / "check.py"), re.MULTILINE)
    (tasks,) = [play["tasks"] for play in yaml.safe_load(read(ROOT / "playbooks" / "awx_setup.yml"))]
    text = " ".join(guide("awx").split())
    for name in yaml.safe_load(checked):
        assert name in {task["name"] for task in tasks}
        assert f"*{name}*" in text


@pytest.mark.parametrize(
    "words",
    [
        "only a system administrator can create a credential type",
        "cannot read an encrypted file in ``host_vars`` or ``group_vars``",
        "*Execute* on the workflow template alone shows the workflow job, not its jobs",
    ],
)
def test_the_guide_says_what_awx_itself_decides(words):
    assert words in " ".join(guide("awx").split())


def test_the_guide_names_every_file_of_the_example_project():
    named = re.findall(r"\* - ``([\w/.]+\.yml)``", guide("awx"))
    project = EXAMPLES / "awx_project"
    assert sorted(named) == sorted(str(path.relative_to(project)) for path in project.rglob("*.yml"))


def test_the_guide_prints_the_examples_of_pipelines():
    inventory = read(EXAMPLES / "awx_project" / "inventory.yml")
    pipelines = [read(EXAMPLES / "pipelines" / f"{name}.yml") for name in PIPELINES]
    printed = [text.removeprefix("---\n").strip("\n") for text in (inventory, *pipelines)]
    assert blocks(guide("pipelines"), "yaml") == printed
