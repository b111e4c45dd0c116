# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The reads of the gate: which connection and which arguments they get."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.cloudbackup.m365.plugins.action import compliance_read
from ansible_collections.cloudbackup.m365.tests.unit.controller.steps import AsItIs, Failing, run_step

GROUP = "group/cloudbackup.m365.cloudbackup"


@pytest.fixture
def simulator(simulate: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    for name in ("API_URL", "TOKEN_URL", "CLIENT_ID", "CLIENT_SECRET"):
        monkeypatch.delenv(f"CLOUDBACKUP_{name}", raising=False)
    return simulate()


def connection(simulator: Any, **changed: Any) -> dict[str, Any]:
    names = ("token_url", "client_id", "client_secret")
    return {
        "api_url": simulator.url,
        "retries": 0,
        **{name: getattr(simulator, name) for name in names},
        **changed,
    }


def read(
    given: Any, name: str = "license", defaults: Any = (), templar: AsItIs | None = None, **arguments: Any
) -> dict[str, Any]:
    asked = {"read": name, "arguments": arguments, "connection_variable": "mine"}
    return run_step(compliance_read, {"mine": given}, templar=templar, module_defaults=defaults, **asked)


@pytest.mark.parametrize("form", [dict, json.dumps])
def test_a_read_returns_the_result_of_its_module_without_the_arguments(simulator: Any, form: Any) -> None:
    result = read(form(connection(simulator)))
    assert result["license"]["assigned_user_seats"] == 47
    assert result["api"]["url"] == simulator.url
    assert "invocation" not in result


def test_a_read_gets_its_own_arguments(simulator: Any) -> None:
    result = read(connection(simulator), "jobs", queries=[{"job_type": "backup", "count_only": True}])
    assert [group["query"]["count_only"] for group in result["groups"]] == [True]


def test_the_defaults_of_a_play_do_not_change_a_connection(simulator: Any) -> None:
    defaults = [{GROUP: {"client_id": "theirs", "api_version": "v2"}}]
    assert read(connection(simulator), defaults=defaults)["api"]["version"] == "v1"


@pytest.mark.parametrize("empty", [None, "", {}, {"client_id": ""}])
def test_the_defaults_of_the_action_group_are_for_an_empty_connection(simulator: Any, empty: Any) -> None:
    outer = {GROUP: connection(simulator, client_id="theirs", api_version="v2")}
    of_one_module = {"cloudbackup.m365.cloudbackup_license_info": {"api_url": "http://127.0.0.1:9"}}
    inner = {GROUP: {"client_id": simulator.client_id}}
    result = read(empty, defaults=[outer, of_one_module, inner])
    assert result["api"]["client_id"] == simulator.client_id
    assert result["api"]["version"] == "v2"


def test_without_any_connection_the_environment_counts(simulator: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in connection(simulator).items():
        monkeypatch.setenv(f"CLOUDBACKUP_{name.upper()}", str(value))
    assert read(None)["api"]["url"] == simulator.url


def test_an_option_of_the_query_is_refused_in_a_connection_without_its_value(simulator: Any) -> None:
    result = read(connection(simulator, states="s3cret"), "jobs")
    assert result["failed"]
    assert result["msg"] == "The connection contains states, expected the options of a connection alone"
    assert simulator.requests == []


def test_an_unknown_option_is_refused_without_its_value(simulator: Any) -> None:
    result = read(connection(simulator, client_secrt="s3cret"))
    assert result["failed"]
    assert "client_secrt" in result["msg"]
    assert "s3cret" not in str(result)


@pytest.mark.parametrize(
    ("given", "defaults", "begin"),
    [
        ({"client_secret": "{{ lookup }}"}, [], "mine cannot be read: "),
        ("[1, 2]", [], "mine is not a dictionary"),
        ({}, [{GROUP: {"client_secret": "{{ lookup }}"}}], "The group cloudbackup of module_defaults cannot be read: "),
    ],
)
def test_a_connection_that_cannot_be_read_is_the_failure(given: Any, defaults: Any, begin: str) -> None:
    result = read(given, defaults=defaults, templar=Failing("no answer from https://u:s3cret@vault.example.com"))
    assert result["failed"]
    assert result["msg"].startswith(begin)
    assert "s3cret" not in str(result)
