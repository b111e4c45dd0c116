# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What awx_setup.yml would make in an AWX: nothing that AWX refuses, and what the code has."""

from __future__ import annotations

import json
import pathlib
import re

import pytest
import yaml
from ansible_collections.cloudbackup.m365.plugins.module_utils import _names
from ansible_collections.cloudbackup.m365.plugins.module_utils._options import spec, values
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.checks.catalogue import BY_NAME
from ansible_collections.cloudbackup.m365.tests.functional.awx import awx_rules

COLLECTION = pathlib.Path(__file__).parents[3]
PROJECT = COLLECTION / "docs" / "examples" / "awx_project"
SPEC = spec.connection_spec()

# AWX renders a file for what the option takes as a path, and asks for the risk instead of the safety.
ASKED_AS = {"ca_path": "ca_certificates", "validate_certs": "skip_tls_verification"}


@pytest.fixture(scope="session")
def credential_type(made):
    return made.of("credential_type")


@pytest.fixture(scope="session")
def fields(credential_type):
    return {field["id"]: field for field in credential_type["inputs"]["fields"]}


@pytest.fixture(scope="session")
def gate(made):
    return made.of("job_template", playbook="gate.yml")


@pytest.fixture(scope="session")
def questions(gate):
    return {question["variable"]: question for question in gate["survey_spec"]["spec"]}


def test_awx_refuses_nothing_of_it(made, credential_type, gate):
    assert awx_rules.credential_type_mistakes(credential_type["inputs"], credential_type["injectors"]) == []
    for asked in (gate, made.of("workflow_job_template")):
        assert awx_rules.survey_mistakes(asked["survey_spec"]) == []
    assert awx_rules.message_mistakes(made.of("notification_template")["messages"]) == []
    assert awx_rules.schedule_mistakes(made.of("schedule")["rrule"]) == []


@pytest.mark.parametrize("option", SPEC)
def test_every_connection_option_is_a_field_and_is_injected(option, credential_type, fields):
    asked = ASKED_AS.get(option, option)
    injectors = credential_type["injectors"]
    text = injectors["env"][values.environment_name(option)]
    file = re.search(r"tower\.filename\.(\w+)", text)
    assert asked in (injectors["file"][f"template.{file[1]}"] if file else text)
    assert fields[asked]["type"] == ("boolean" if SPEC[option]["type"] == "bool" else "string")
    assert bool(fields[asked].get("secret")) == bool(SPEC[option].get("no_log"))


def test_nothing_else_is_asked_or_injected(credential_type, fields):
    assert set(fields) == {ASKED_AS.get(option, option) for option in SPEC}
    assert set(credential_type["injectors"]["env"]) == {values.environment_name(option) for option in SPEC}
    assert set(credential_type["injectors"]) == {"env", "file"}


@pytest.mark.parametrize("option", [option for option in SPEC if "choices" in SPEC[option]])
def test_a_field_offers_the_choices_of_its_option(option, fields):
    assert [choice for choice in fields[option]["choices"] if choice] == SPEC[option]["choices"]
    assert fields[option].get("default") == SPEC[option].get("default")


@pytest.mark.parametrize("option", [option for option in SPEC if SPEC[option]["type"] == "int"])
def test_a_field_names_the_default_of_its_option(option, fields):
    assert fields[option]["help_text"].endswith(f"Default: {SPEC[option]['default']}.")


def test_a_text_that_has_lines_has_a_field_with_lines(fields):
    assert {name for name, field in fields.items() if field.get("multiline")} == {
        *("client_certificate", "client_private_key", "ca_certificates")
    }


def test_the_workflow_asks_what_the_gate_asks(made, gate):
    workflow = made.of("workflow_job_template")
    assert workflow["survey_enabled"] is gate["survey_enabled"] is True
    assert workflow["survey_spec"] == gate["survey_spec"]


def test_the_survey_offers_every_data_center_and_service(questions):
    assert questions["gate_data_center"]["choices"] == sorted(_names.DATA_CENTERS)
    assert questions["gate_services"]["choices"] == list(_names.OBJECT_TYPES)


@pytest.mark.parametrize(("question", "check"), [("recency", "backup_recency"), ("seats", "license_seats")])
@pytest.mark.parametrize("key", ["warn", "fail"])
def test_the_survey_names_the_default_of_a_threshold(question, check, key, questions):
    (threshold,) = [threshold for threshold in BY_NAME[check].thresholds if threshold.key == key]
    description = questions[f"gate_{question}_{key}"]["question_description"]
    assert description.endswith(f", or {threshold.default.replace(' %', '')}.")


def test_every_answer_is_used_and_every_question_may_be_left_out(gate, questions):
    templates = json.dumps(gate["extra_vars"])
    for variable, question in questions.items():
        assert variable == "compliance_enforce" or re.search(rf"\b{variable} \| default\(''", templates), variable
        # A required one could not be left to its default by a schedule or a workflow
        assert question["required"] is False
        # A variable of the template would be the answer's rival
        assert variable not in gate["extra_vars"]


def test_a_failure_leads_to_a_node_that_fails_and_has_no_way_on(made):
    nodes = {node["identifier"]: node for node in made.of("workflow_job_template")["workflow_nodes"]}
    ends = {kind: [end["identifier"] for end in nodes["gate"]["related"][kind]] for kind in nodes["gate"]["related"]}
    assert ends == {"success_nodes": ["green"], "failure_nodes": ["red"]}
    assert "related" not in nodes["red"]
    assert made.of("job_template", name=nodes["red"]["unified_job_template"]["name"])["playbook"] == "red.yml"


def test_what_is_made_fits_together(made, gate):
    names = {(module.rpartition(".")[2], options["name"]) for module, options in made.tasks}
    for node in made.of("workflow_job_template")["workflow_nodes"]:
        assert ("job_template", node["unified_job_template"]["name"]) in names
    assert ("workflow_job_template", made.of("schedule")["unified_job_template"]) in names
    assert ("notification_template", *gate["notification_templates_error"]) in names
    assert ("credential", *gate["credentials"]) in names
    assert made.of("credential")["credential_type"] == made.of("credential_type")["name"]


def test_the_example_project_has_every_file_that_the_templates_name(made):
    playbooks = {options["playbook"] for module, options in made.tasks if module == "awx.awx.job_template"}
    for name in {*playbooks, made.of("inventory_source")["source_path"], "collections/requirements.yml"}:
        assert (PROJECT / name).is_file(), name


def test_what_awx_refuses_is_noticed():
    field = {"id": "one", "label": "One", "type": "string", "format": "url"}
    injectors = {"env": {"ONE": "{{ two }}", "PATH": "{{ one }}"}}
    assert awx_rules.credential_type_mistakes({"fields": [field]}, injectors) == [
        "one: left out, it is refused as url",
        "env: PATH may not be injected",
        "env: ONE: 'two' is undefined",
    ]
    question = {"variable": "one", "type": "integer", "question_name": "One", "required": False, "default": "90"}
    survey = {"name": "A survey", "description": "", "spec": [question]}
    assert awx_rules.survey_mistakes(survey) == ["one: the default is no integer"]
    undefined = {"error": {"body": "{{ job.stdout }}"}}
    assert awx_rules.message_mistakes(undefined) == ["error: body: 'dict object' has no attribute 'stdout'"]
    assert awx_rules.schedule_mistakes("DTSTART:20260101T070000Z RRULE:FREQ=DAILY") == ["no INTERVAL"]


def test_the_playbook_names_only_variables_of_its_file():
    known = "".join(path.read_text(encoding="utf-8") for path in (COLLECTION / "playbooks" / "vars").glob("awx*.yml"))
    text = (COLLECTION / "playbooks" / "awx_setup.yml").read_text(encoding="utf-8")
    used = set(re.findall(r"(?<![#\w])awx_setup_\w+", re.sub(r"#.*", "", text)))
    assert used
    assert [name for name in used if f"\n{name}:" not in known] == ["awx_setup_unknown_inputs"]


def test_the_secrets_of_a_credential_are_in_no_output():
    tasks = yaml.safe_load((COLLECTION / "playbooks" / "awx_setup.yml").read_text(encoding="utf-8"))[0]["tasks"]
    quiet = {module for task in tasks if task.get("no_log") for module in task if module.startswith("awx.awx.")}
    assert quiet == {"awx.awx.credential", "awx.awx.notification_template"}
