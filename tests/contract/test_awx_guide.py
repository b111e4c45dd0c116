# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the guides for AWX and pipelines print is what the playbook applies and what the examples hold."""

from __future__ import annotations

import json
import re

import pytest
import yaml
from ansible_collections.cloudbackup.m365.tests.contract.guides import EXAMPLES, ROOT, blocks, guide

PIPELINES = ("github", "gitlab")


class Loader(yaml.SafeLoader):
    """Reads what is tagged !unsafe as text."""


Loader.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))


@pytest.fixture(scope="module")
def applied():
    return yaml.load((ROOT / "playbooks" / "vars" / "awx.yml").read_text(encoding="utf-8"), Loader)


def test_a_person_who_clicks_finds_the_same_json(applied):
    inputs, injectors = [json.loads(block) for block in blocks(guide("awx"), "json")]
    assert inputs == applied["awx_setup_credential_type_inputs"]
    assert injectors == applied["awx_setup_credential_type_injectors"]


def test_a_person_who_clicks_finds_the_same_message(applied):
    texts = applied["awx_setup_messages"]["error"]
    assert blocks(guide("awx"), "jinja") == [texts["message"], texts["body"].strip("\n")]


def test_a_person_who_clicks_finds_the_same_variables(applied):
    told = yaml.safe_load(blocks(guide("awx"), "yaml")[-1])
    own = {"gate_tenant_default": "contoso", "gate_policy": {}, "compliance_report_dir": "/var/lib/compliance"}
    assert told == {**applied["awx_setup_gate_variables"], **own}


def test_a_person_who_clicks_finds_the_same_questions(applied):
    kinds = {
        "text": "Text",
        "integer": "Integer",
        "multiplechoice": "Multiple choice (single select)",
        "multiselect": "Multiple choice (multiple select)",
    }
    (section,) = re.findall(r"^7\. \*\*Survey\*\*(.*?)^8\. ", guide("awx"), re.MULTILINE | re.DOTALL)
    told = re.findall(r"\* - ``(\w+)``\n +- (.*)\n +- (.*)\n", section)
    assert told == [
        (one["variable"], kinds[one["type"]], f"{one['question_name']}. {one['question_description']}")
        for one in applied["awx_setup_survey"]["spec"]
    ]


def test_the_values_of_a_tenant_are_ones_that_the_playbook_takes(applied):
    values = next(yaml.safe_load(block) for block in blocks(guide("awx"), "yaml") if "awx_setup_tenant:" in block)
    assert set(values) <= set(applied)
    fields = {field["id"] for field in applied["awx_setup_credential_type_inputs"]["fields"]}
    assert set(values["awx_setup_credential_inputs"]) <= fields
    # AWX wants every value of a type of notification
    assert set(values["awx_setup_notification_configuration"]) == set(applied["awx_setup_notification_configuration"])


def test_the_guide_names_every_file_of_the_example_project():
    told = re.findall(r"\* - ``([\w/.]+\.yml)``", guide("awx"))
    project = EXAMPLES / "awx_project"
    assert sorted(told) == sorted(str(path.relative_to(project)) for path in project.rglob("*.yml"))


def test_the_guide_prints_the_examples():
    definition = (EXAMPLES / "execution_environment" / "execution-environment.yml").read_text(encoding="utf-8")
    assert definition.removeprefix("---\n").strip("\n") in blocks(guide("awx"), "yaml")
    inventory = (EXAMPLES / "awx_project" / "inventory.yml").read_text(encoding="utf-8")
    pipelines = [(EXAMPLES / "pipelines" / f"{name}.yml").read_text(encoding="utf-8") for name in PIPELINES]
    printed = [text.removeprefix("---\n").strip("\n") for text in (inventory, *pipelines)]
    assert blocks(guide("pipelines"), "yaml") == printed
