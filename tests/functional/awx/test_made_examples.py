# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The examples for automation controller and for AWX by hand are what awx_setup.yml makes."""

from __future__ import annotations

import pathlib

import pytest
import yaml
from ansible_collections.cloudbackup.m365.tests.functional.awx import made_examples

EXAMPLES = pathlib.Path(__file__).parents[3] / "docs" / "examples"

# What the tasks of infra.aap_configuration 3 take from an item, as far as it is used here. They ignore any other key.
TAKEN = {
    "controller_credential_types": {"name", "kind", "inputs", "injectors"},
    "controller_credentials": {"name", "organization", "credential_type", "inputs"},
    "controller_execution_environments": {"name", "organization", "image"},
    "controller_notifications": {
        "name",
        "organization",
        "notification_type",
        "notification_configuration",
        "messages",
    },
    "controller_projects": {"name", "organization", "scm_type", "scm_url", "scm_branch", "update_project"},
    "controller_inventories": {"name", "organization"},
    "controller_inventory_sources": {
        *("name", "organization", "inventory", "source", "source_project", "source_path", "overwrite"),
    },
    "controller_templates": {
        *("name", "organization", "project", "playbook", "inventory", "execution_environment", "credentials"),
        *("extra_vars", "survey_enabled", "survey_spec", "timeout", "notification_templates_error"),
    },
    "controller_workflows": {"name", "organization", "survey_enabled", "survey_spec", "workflow_nodes"},
    "controller_schedules": {"name", "organization", "unified_job_template", "rrule"},
}


class Loader(yaml.SafeLoader):
    """Keeps apart what is tagged !unsafe: a later job renders it."""


class Unsafe(str):
    pass


Loader.add_constructor("!unsafe", lambda loader, node: Unsafe(loader.construct_scalar(node)))


@pytest.fixture(scope="session")
def files(tmp_path_factory):
    return made_examples.files(tmp_path_factory.mktemp("made_examples"))


@pytest.fixture(scope="session")
def variables(files):
    return yaml.load(files["aap_configuration/controller.yml"], Loader)


def test_the_committed_files_are_what_the_setup_makes(files):
    for path, text in files.items():
        assert (EXAMPLES / path).read_text(encoding="utf-8") == text, path
    assert sorted(str(path.relative_to(EXAMPLES)) for path in (EXAMPLES / "awx_by_hand").iterdir()) == sorted(
        path for path in files if path.startswith("awx_by_hand/")
    )


def test_automation_controller_gets_the_same_objects_as_awx(variables, files):
    assert list(variables) == list(TAKEN)
    for variable, items in variables.items():
        assert items, variable
        assert {key for item in items for key in item} == TAKEN[variable], variable
    assert len(variables["controller_templates"]) == 3


def texts(value):
    if isinstance(value, dict):
        for item in value.values():
            yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)
    elif isinstance(value, str):
        yield value


def test_only_references_to_a_vault_are_rendered_by_the_configuring_run(variables):
    templates = {text for text in texts(variables) if "{{" in text or "{%" in text}
    rendered = {str(text) for text in templates if not isinstance(text, Unsafe)}
    assert rendered == {"{{ vault_contoso_client_secret }}", "{{ vault_smtp_password }}"}
    assert len(templates) > 20


def test_a_text_is_the_same_after_it_was_written_and_read():
    for text in ("a  b " * 40, "{{ a }}\n{% b %}\n\n  c\n", "{{ x }}", "x" * 200, "a: b # c", "007", "true"):
        assert yaml.load(made_examples.as_yaml({"a": text}), Loader) == {"a": text}
