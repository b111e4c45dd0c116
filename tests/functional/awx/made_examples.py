# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The examples that are made from what awx_setup.yml would make. To write them again, in a sandbox as the tests have:

python -m ansible_collections.cloudbackup.m365.tests.functional.awx.made_examples FOLDER
"""

from __future__ import annotations

import json
import pathlib
import sys
import tempfile
from typing import Any

import yaml
from ansible_collections.cloudbackup.m365.tests.functional.awx import setup

GIVEN = """
awx_setup_tenant: contoso
awx_setup_report_dir: /var/lib/compliance
awx_setup_policy:
  services: [exchange_online, onedrive, teams]
awx_setup_credential_inputs:
  data_center: uk
  client_id: 11111111-2222-3333-4444-555555555555
  client_secret: !unsafe "{{ vault_contoso_client_secret }}"
awx_setup_notification_configuration:
  port: 587
  username: awx
  password: !unsafe "{{ vault_smtp_password }}"
  use_tls: true
"""
WEBHOOK = '{"awx_setup_notification_type": "webhook"}'

VARIABLES = {
    "credential_type": "controller_credential_types",
    "credential": "controller_credentials",
    "execution_environment": "controller_execution_environments",
    "notification_template": "controller_notifications",
    "project": "controller_projects",
    "inventory": "controller_inventories",
    "inventory_source": "controller_inventory_sources",
    "job_template": "controller_templates",
    "workflow_job_template": "controller_workflows",
    "schedule": "controller_schedules",
}
"""The variables of infra.aap_configuration, in the order in which its role dispatch uses them."""

_ABOUT = """---
# The gate of the tenant contoso as variables of infra.aap_configuration: the same objects as awx_setup makes. Values to
# replace: the names, the credential, the image, the project's address, the policy (gate_policy), the notification, the
# folder of the reports (compliance_report_dir) and the schedule.
"""
_LONG = 80
"""Characters of a text that is folded."""


class _Plain(str):
    """A text that this playbook's run may render: a reference to a vault."""


class _Dumper(yaml.SafeDumper):
    """Tags what AWX or a later job renders, and this run must not."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> Any:
        return super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return not (isinstance(data, dict) and "spec" in data)

    def generate_anchor(self, node: yaml.Node) -> str:
        return "survey"


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    is_template = "{{" in text or "{%" in text
    style = "|" if "\n" in text else ">" if len(text) > _LONG else '"' if is_template else None
    tag = "!unsafe" if is_template and not isinstance(text, _Plain) else "tag:yaml.org,2002:str"
    return dumper.represent_scalar(tag, text, style=style)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(_Plain, _text)


def as_yaml(data: Any) -> str:
    return str(yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=84))


def controller_variables(made: setup.Made) -> dict[str, list[dict[str, Any]]]:
    """Return the objects of a setup as variables of infra.aap_configuration."""
    found: dict[str, list[dict[str, Any]]] = {variable: [] for variable in VARIABLES.values()}
    (survey,) = [options["survey_spec"] for action, options in made.tasks if action == "awx.awx.workflow_job_template"]
    for action, options in made.tasks:
        variable = VARIABLES.get(action.rpartition(".")[2])
        if variable:
            item = {key: _referring(key, options[key]) for key in sorted(options, key=_place)}
            # One object: the file has it once
            found[variable].append({**item, "survey_spec": survey} if item.get("survey_spec") == survey else item)
    return found


def _place(key: str) -> tuple[int, str]:
    """Sort the keys of an item: what it is called before what it is."""
    first = ("name", "organization", "kind", "credential_type", "notification_type")
    return (first.index(key), "") if key in first else (len(first), key)


def _referring(key: str, value: Any) -> Any:
    """Return the values of a credential or a notification with its references to a vault as such."""
    if key not in ("inputs", "notification_configuration"):
        return value
    return {name: _Plain(text) if isinstance(text, str) and "{{" in text else text for name, text in value.items()}


def files(folder: pathlib.Path) -> dict[str, str]:
    """Return the text of each example, by its path in docs/examples.

    :param folder: where the setups may run.
    """
    given = folder / "given.yml"
    given.write_text(GIVEN, encoding="utf-8")
    (folder / "webhook").mkdir()
    made, webhook = setup.run(folder, f"@{given}"), setup.run(folder / "webhook", WEBHOOK)
    credential_type, gate = made.of("credential_type"), made.of("job_template", playbook="gate.yml")
    messages = made.of("notification_template")["messages"]["error"]
    return {
        "aap_configuration/controller.yml": _ABOUT + as_yaml(controller_variables(made)),
        "awx_by_hand/credential_type_inputs.json": _as_json(credential_type["inputs"]),
        "awx_by_hand/credential_type_injectors.json": _as_json(credential_type["injectors"]),
        "awx_by_hand/error_message.txt": messages["message"] + "\n",
        "awx_by_hand/error_body.txt": messages["body"],
        "awx_by_hand/error_body_of_a_webhook.txt": webhook.of("notification_template")["messages"]["error"]["body"]
        + "\n",
        # AWX renders these texts when a job starts: a YAML file for its form has no tag
        "awx_by_hand/gate_variables.yml": "---\n" + as_yaml(gate["extra_vars"]).replace("!unsafe ", ""),
    }


def _as_json(data: Any) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        for path, text in files(pathlib.Path(place)).items():
            (pathlib.Path(sys.argv[1]) / path).write_text(text, encoding="utf-8")
