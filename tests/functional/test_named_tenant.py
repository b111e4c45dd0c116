# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role reads the tenant that its connection names, whatever defaults a play has for the modules."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible.parsing.vault import VaultLib, VaultSecret
from ansible_collections.cloudbackup.m365.tests.functional.runner import (
    Run,
    connection_of,
    environment_of,
)

JOBS, LICENSE = "cloudbackup.m365.cloudbackup_jobs_info", "cloudbackup.m365.cloudbackup_license_info"
GROUP = "group/cloudbackup.m365.cloudbackup"
ROLE = "cloudbackup.m365.compliance"

OF_THE_QUERY = {
    "page_index": 0,
    "max_jobs": 1,
    "states": ["failed"],
    "job_types": ["delete"],
    "object_types": ["power_bi"],
    "start_time": "2020-01-01",
    "finish_time": "2020-01-02",
    "location": "NAM",
}
"""Options of the jobs module that the role does not set, each of which would change or break its read."""


@pytest.fixture(name="tenants")
def _tenants(simulate: Any) -> Any:
    return simulate(tenants={"named": "healthy", "other": "seats_exceeded"}).tenants


def judged(ansible: Any, variables: dict[str, Any], *arguments: str, environment: Any = None, **play: Any) -> Run:
    """Run the role in a play with these keywords."""
    tasks = play.pop("tasks", [{"name": "Judge", "ansible.builtin.import_role": {"name": ROLE}}])
    plays = [
        {
            "hosts": "localhost",
            "gather_facts": False,
            "vars": {"compliance_subject": "contoso", "compliance_report_dir": "reports", **variables},
            **({} if "roles" in play else {"tasks": tasks}),
            **play,
        }
    ]
    (ansible.folder / "play.yml").write_text(json.dumps(plays))
    run: Run = ansible.playbook("play.yml", *arguments, environment=environment)
    return run


def assert_read(run: Run, license_of: Any, jobs_of: Any, verdict: str) -> None:
    """Assert which tenant each read reached, and the verdict."""
    evidence = run.evidence("contoso")
    assert evidence["read"]["errors"] == [], run.output
    reached = {
        name: (evidence["read"][name]["api"]["url"], evidence["read"][name]["api"]["client_id"])
        for name in ("license", "jobs")
    }
    assert reached == {
        "license": (license_of.api_url, license_of.client_id),
        "jobs": (jobs_of.api_url, jobs_of.client_id),
    }
    assert evidence["verdict"] == verdict, run.output


def planned(tenant: Any, version: Any = None) -> dict[str, Any]:
    return {"url": tenant.api_url, "version": version, "client_id": tenant.client_id}


NOTHING_PLANNED = {"url": None, "version": None, "client_id": None}


def defaults_for(kind: str, other: Any) -> dict[str, Any]:
    """Return module_defaults that would lead a read astray."""
    connection = connection_of(other)
    return {
        "license": {LICENSE: connection},
        "jobs": {JOBS: connection},
        "group": {GROUP: connection},
        "group-and-modules": {GROUP: connection, LICENSE: connection, JOBS: connection},
        "more-of-the-connection": {
            GROUP: {"access_token": "another-tenant's-token", "api_version": "v2", "data_center": "us"}
        },
        "query": {JOBS: OF_THE_QUERY},
        "unknown": {JOBS: {"no_such_option": 1}, LICENSE: {"location": "NAM"}},
    }[kind]


@pytest.mark.parametrize(
    "kind", ["license", "jobs", "group", "group-and-modules", "more-of-the-connection", "query", "unknown"]
)
def test_defaults_of_a_play_neither_change_the_connection_nor_add_to_a_read(
    kind: str, ansible: Any, tenants: Any
) -> None:
    run = judged(
        ansible,
        {"compliance_connection": connection_of(tenants["named"], retries=0)},
        module_defaults=defaults_for(kind, tenants["other"]),
    )
    assert_read(run, tenants["named"], tenants["named"], "compliant")
    assert run.status == 0
    assert run.evidence("contoso")["read"]["connection"] == planned(tenants["named"])
    for name in ("license", "jobs"):
        assert run.evidence("contoso")["read"][name]["api"]["version"] == "v1"


@pytest.mark.parametrize("place", ["block", "task", "role", "include"])
def test_the_place_of_the_defaults_does_not_matter(place: str, ansible: Any, tenants: Any) -> None:
    defaults = {"module_defaults": {**defaults_for("group-and-modules", tenants["other"])}}
    role = {"name": "Judge", "ansible.builtin.import_role": {"name": ROLE}}
    play: dict[str, Any] = {
        "block": {"tasks": [{"block": [role], **defaults}]},
        "task": {"tasks": [{**role, **defaults}]},
        "role": {"roles": [{"role": ROLE, **defaults}]},
        "include": {"tasks": [{"ansible.builtin.include_role": {"name": ROLE, "apply": defaults}}]},
    }[place]
    run = judged(ansible, {"compliance_connection": connection_of(tenants["named"], retries=0)}, **play)
    assert_read(run, tenants["named"], tenants["named"], "compliant")


@pytest.mark.parametrize("form", ["json", "yaml", "extra-vars"])
def test_a_connection_that_is_text_counts_as_well(form: str, ansible: Any, tenants: Any) -> None:
    connection = connection_of(tenants["named"], retries="0", ca_path="")
    text = (
        json.dumps(connection) if form == "json" else "".join(f"{name}: {connection[name]!r}\n" for name in connection)
    )
    defaults = {"module_defaults": {GROUP: connection_of(tenants["other"])}}
    if form == "extra-vars":
        run = judged(ansible, {}, "-e", json.dumps({"compliance_connection": connection}), **defaults)
    else:
        run = judged(ansible, {"compliance_connection": text}, **defaults)
    assert_read(run, tenants["named"], tenants["named"], "compliant")


def vaulted(name: str, text: str, indent: str = "") -> str:
    """Return a line of YAML with an inline vault text."""
    cipher = VaultLib([("default", VaultSecret(b"the-password"))]).encrypt(text).decode().splitlines()
    return "\n".join([f"{indent}{name}: !vault |", *(f"{indent}  {line}" for line in cipher)]) + "\n"


def vaulted_connection(form: str, connection: dict[str, Any]) -> str:
    """Return the connection as YAML, whole or option by option vaulted."""
    if form in ("json", "yaml"):
        lines = "".join(f"{name}: {value!r}\n" for name, value in connection.items())
        return vaulted("compliance_connection", json.dumps(connection) if form == "json" else lines)
    options = ["client_secret"] if form == "secret" else list(connection)
    parts = [
        vaulted(name, str(value), "  ") if name in options else f"  {name}: {value!r}\n"
        for name, value in connection.items()
    ]
    return "compliance_connection:\n" + "".join(parts)


VAULTED = ["json", "yaml", "secret", "every-option"]


@pytest.mark.parametrize("form", VAULTED)
def test_a_vaulted_connection_counts_as_well(form: str, ansible: Any, tenants: Any) -> None:
    connection = connection_of(tenants["named"], retries=0, validate_certs=True)
    (ansible.folder / "connection.yml").write_text(vaulted_connection(form, connection))
    (ansible.folder / "password").write_text("the-password")
    run = judged(
        ansible,
        {},
        *("--vault-password-file", "password", "-vvvv"),
        vars_files=["connection.yml"],
        module_defaults={GROUP: connection_of(tenants["other"])},
    )
    assert_read(run, tenants["named"], tenants["named"], "compliant")
    assert run.evidence("contoso")["read"]["connection"] == planned(tenants["named"])
    assert tenants["named"].client_secret not in run.output


def test_the_gate_judges_tenants_with_vaulted_connections(ansible: Any, simulate: Any) -> None:
    server = simulate(tenants=dict.fromkeys(VAULTED, "healthy"))
    (ansible.folder / "host_vars").mkdir()
    (ansible.folder / "password").write_text("the-password")
    for form, tenant in server.tenants.items():
        text = vaulted_connection(form, connection_of(tenant, retries=0))
        (ansible.folder / "host_vars" / f"{form}.yml").write_text(text)
    run = ansible.gate({form: {} for form in VAULTED}, "--vault-password-file", "password", "-vvvv")
    assert (run.status, run.verdicts()) == (0, dict.fromkeys(VAULTED, "compliant")), run.output
    assert [name for name, tenant in server.tenants.items() if tenant.client_secret in run.output] == []


def test_credentials_alone_take_the_address_of_the_environment_and_not_of_the_defaults(
    ansible: Any, tenants: Any
) -> None:
    named = connection_of(tenants["named"])
    credentials = {name: named[name] for name in ("client_id", "client_secret")}
    address = {name: value for name, value in environment_of(tenants["named"]).items() if name.endswith("_URL")}
    run = judged(
        ansible,
        {"compliance_connection": credentials},
        environment=address,
        module_defaults={GROUP: connection_of(tenants["other"])},
    )
    assert_read(run, tenants["named"], tenants["named"], "compliant")


@pytest.mark.parametrize("empty", [{}, "", {"client_id": "", "client_secret": None}])
def test_without_a_connection_the_defaults_of_the_group_count_before_the_environment(
    empty: Any, ansible: Any, tenants: Any
) -> None:
    run = judged(
        ansible,
        {"compliance_connection": empty},
        environment=environment_of(tenants["named"]),
        module_defaults={GROUP: connection_of(tenants["other"]), JOBS: OF_THE_QUERY},
    )
    assert_read(run, tenants["other"], tenants["other"], "non_compliant")
    assert run.evidence("contoso")["read"]["connection"] == NOTHING_PLANNED


def test_the_defaults_of_a_single_module_do_not_count(ansible: Any, tenants: Any) -> None:
    run = judged(
        ansible,
        {},
        module_defaults={
            GROUP: connection_of(tenants["named"]),
            LICENSE: connection_of(tenants["other"]),
            JOBS: {"page_size": 3, **OF_THE_QUERY},
        },
    )
    assert_read(run, tenants["named"], tenants["named"], "compliant")
    assert run.evidence("contoso")["read"]["connection"] == NOTHING_PLANNED


def test_without_a_connection_and_without_defaults_the_environment_counts(ansible: Any, tenants: Any) -> None:
    run = judged(ansible, {}, environment=environment_of(tenants["named"]), module_defaults={JOBS: OF_THE_QUERY})
    assert_read(run, tenants["named"], tenants["named"], "compliant")


@pytest.mark.parametrize("given", [True, False])
def test_the_evidence_holds_the_planned_connection_in_one_form_and_whether_the_instant_was_given(
    given: bool, ansible: Any, tenants: Any
) -> None:
    named = tenants["named"]
    address = named.api_url.replace("http:", "HTTP:") + "/"
    now = {"compliance_now": "{{ now(utc=true).strftime('%Y-%m-%dT%H:%M:%SZ') }}"} if given else {}
    connection = connection_of(named, api_url=address, api_version="v2")
    read = judged(ansible, {"compliance_connection": connection, **now}).evidence("contoso")["read"]
    assert (read["connection"], read["now_given"]) == (planned(named, "v2"), given)


def test_each_tenant_of_a_fleet_is_the_one_that_its_host_names(ansible: Any, simulate: Any) -> None:
    tenants = simulate(tenants={"first": "healthy", "second": "healthy", "other": "seats_exceeded"}).tenants
    hosts = {name: {"compliance_connection": connection_of(tenants[name], retries=0)} for name in ("first", "second")}
    (ansible.folder / "inventory.json").write_text(json.dumps({"all": {"hosts": hosts}}))
    role = {"ansible.builtin.import_role": {"name": ROLE, "tasks_from": "judge"}}
    play = {
        "hosts": "all",
        "gather_facts": False,
        "vars": {"compliance_report_dir": str(ansible.folder / "reports")},
        "module_defaults": {GROUP: connection_of(tenants["other"]), JOBS: OF_THE_QUERY},
        "tasks": [role],
    }
    run = ansible.play([play], "-i", "inventory.json")
    for name in hosts:
        read = run.evidence(name)["read"]
        assert {read[part]["api"]["client_id"] for part in ("license", "jobs")} == {tenants[name].client_id}, run.output
        assert run.evidence(name)["verdict"] == "compliant"


def test_no_secret_is_shown_however_much_is_printed(ansible: Any, tenants: Any) -> None:
    named, other = tenants["named"], tenants["other"]
    run = judged(
        ansible,
        {"compliance_connection": connection_of(named, timeout="soon")},
        "-vvvv",
        module_defaults={GROUP: connection_of(other)},
    )
    assert [error["read"] for error in run.evidence("contoso")["read"]["errors"]] == ["license", "jobs"]
    assert "timeout" in run.output
    assert named.client_secret not in run.output
    assert other.client_secret not in run.output


def test_an_unknown_option_fails_the_reads_without_its_value(ansible: Any, tenants: Any) -> None:
    connection = connection_of(tenants["named"], client_secrt="a-secret-that-nobody-should-see")
    run = judged(ansible, {"compliance_connection": connection}, "-vvvv")
    assert run.status == 2
    assert "client_secrt" in run.output
    assert "nobody-should-see" not in run.output
