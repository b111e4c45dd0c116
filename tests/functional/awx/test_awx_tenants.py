# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What awx_setup.yml makes of the values that a person gives: several tenants, teams and organizations stay apart."""

from __future__ import annotations

import json

import pytest
from ansible.parsing.vault import VaultLib, VaultSecret
from ansible_collections.cloudbackup.m365.tests.functional.awx import setup

SHARED_BY_ALL = {"credential_type"}
SHARED_BY_AN_ORGANIZATION = {
    "execution_environment",
    "project",
    "inventory",
    "inventory_source",
    "inventory_source_update",
}
OWN = {"credential", "notification_template", "job_template", "workflow_job_template", "schedule"}


@pytest.fixture(scope="session")
def make(tmp_path_factory):
    return lambda **values: setup.run(tmp_path_factory.mktemp("awx_setup"), json.dumps(values))


@pytest.fixture(scope="session")
def fabrikam(make):
    return make(awx_setup_tenant="fabrikam", awx_setup_team="Backup of fabrikam")


@pytest.fixture(scope="session")
def finance(make):
    return make(awx_setup_organization="Finance", awx_setup_report_dir="/var/lib/compliance")


def kinds(names):
    return {module for module, _name in names}


def test_a_second_tenant_shares_only_what_holds_no_value_of_a_tenant(made, fabrikam):
    shared = made.names().keys() & fabrikam.names().keys()
    assert kinds(shared) == SHARED_BY_ALL | SHARED_BY_AN_ORGANIZATION
    assert all(made.names()[one] == fabrikam.names()[one] for one in shared)
    own = fabrikam.names().keys() - shared
    assert kinds(own) == OWN
    assert all("fabrikam" in name for _module, name in own)


def test_a_second_organization_shares_the_credential_type_alone(made, finance):
    ours, theirs = made.names(), finance.names()
    # An inventory source is found by its inventory
    shared = {one for one in ours.keys() & theirs.keys() if ours[one].get("inventory") == theirs[one].get("inventory")}
    assert kinds(shared) == SHARED_BY_ALL
    named = [name for module, name in theirs if module not in SHARED_BY_ALL and "inventory_source" not in module]
    assert all("Finance" in name for name in named)
    assert all(options.get("organization", "Finance") == "Finance" for options in theirs.values())


def test_no_task_refers_to_what_another_tenant_has(made, fabrikam, finance):
    assert "contoso" not in json.dumps(fabrikam.tasks)
    recorded = json.dumps(finance.tasks)
    assert not [word for word in ('"Default"', "(Default)") if word in recorded]


def test_a_team_gets_roles_for_its_tenant_alone(made, fabrikam):
    start, read = (options for module, options in fabrikam.tasks if module == "awx.awx.role")
    assert (start["team"], start["role"], start["lookup_organization"]) == ("Backup of fabrikam", "execute", "Default")
    assert start["workflows"] == [fabrikam.of("workflow_job_template")["name"]]
    templates = [name for module, name in fabrikam.names() if module == "job_template"]
    assert (read["team"], read["role"], read["job_templates"]) == ("Backup of fabrikam", "read", templates)
    assert not any(module == "awx.awx.role" for module, _options in made.tasks)


def gate_variables(one):
    return one.of("job_template", playbook="gate.yml")["extra_vars"]


def test_each_tenant_has_a_folder_for_its_reports(finance, make):
    assert gate_variables(finance)["compliance_report_dir"] == "/var/lib/compliance/Finance/contoso"
    odd = {"awx_setup_tenant": "../Contoso Ltd.", "awx_setup_organization": "R & D"}
    folder = gate_variables(make(awx_setup_report_dir="/reports/", **odd))["compliance_report_dir"]
    organization, tenant = folder.removeprefix("/reports/").split("/")
    assert organization.startswith("R_D-")
    assert tenant.startswith(".._Contoso_Ltd.-")
    assert len(tenant) == len(".._Contoso_Ltd.-") + 12


def test_without_a_folder_the_template_does_not_override_the_one_of_a_play(made):
    assert "compliance_report_dir" not in gate_variables(made)


def test_one_name_can_be_set_and_the_others_stay(make, made):
    one = make(awx_setup_names={"project": "Gates"})
    assert one.of("project")["name"] == one.of("inventory_source")["source_project"] == "Gates"
    assert one.of("inventory") == made.of("inventory")


def test_one_value_of_the_notification_can_be_set_and_the_others_stay(make, made):
    one = make(
        awx_setup_notification_configuration={"recipients": ["a@example.com"]},
        awx_setup_messages={"error": {"message": "red"}, "success": {"message": "green"}},
    )
    before, after = made.of("notification_template"), one.of("notification_template")
    assert after["notification_configuration"] == {
        **before["notification_configuration"],
        "recipients": ["a@example.com"],
    }
    assert after["messages"]["error"] == {**before["messages"]["error"], "message": "red"}
    assert after["messages"]["success"] == {"message": "green"}


def test_another_type_of_notification_gets_no_value_of_e_mail(make):
    slack = make(
        awx_setup_notification_type="slack",
        awx_setup_notification_configuration={"token": "t", "channels": ["#backup"]},
    )
    configuration = slack.of("notification_template")["notification_configuration"]
    assert configuration == {"token": "t", "channels": ["#backup"]}


def test_credential_inputs_become_what_awx_accepts(make):
    given = {
        "client_id": 12345,
        "client_secret": "007",
        "timeout": 30,
        "retries": 0,
        "skip_tls_verification": True,
        "client_private_key": "-----BEGIN\nabc\n",
        "access_token": None,
    }
    assert make(awx_setup_credential_inputs=given).of("credential")["inputs"] == {
        "client_id": "12345",
        "client_secret": "007",
        "timeout": "30",
        "retries": "0",
        "skip_tls_verification": True,
        "client_private_key": "-----BEGIN\nabc\n",
    }


def test_an_encrypted_credential_input_is_decrypted(tmp_path):
    vault = VaultLib([("default", VaultSecret(b"a vault password"))])
    lines = vault.encrypt("a-secret").decode().replace("\n", "\n      ")
    (tmp_path / "password").write_text("a vault password")
    (tmp_path / "given.yml").write_text(
        f"awx_setup_credential_inputs:\n  client_id: an-id\n  client_secret: !vault |\n      {lines}\n"
    )
    made = setup.run(tmp_path, f"@{tmp_path / 'given.yml'}", "--vault-password-file", str(tmp_path / "password"))
    assert made.of("credential")["inputs"] == {"client_id": "an-id", "client_secret": "a-secret"}


def test_a_misspelt_value_is_named(make):
    with pytest.raises(setup.Refused, match="awx_setup_polcy, awx_setup_tenat: unknown, expected a value of"):
        make(awx_setup_polcy={"services": ["teams"]}, awx_setup_tenat="fabrikam")


def test_an_unknown_credential_input_is_named_and_its_value_is_not_shown(make):
    with pytest.raises(setup.Refused) as refused:
        make(awx_setup_credential_inputs={"client_id": "an-id", "client_secrte": "a-hidden-value"})
    assert "expected fields of the credential type, got client_secrte" in str(refused.value)
    assert "a-hidden-value" not in str(refused.value)


def test_the_prefix_of_the_api_reaches_every_module(make):
    assert set(make(awx_setup_api_prefix="/api/controller/").prefixes) == {"/api/controller/"}
    assert set(make().prefixes) == {None}
