# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What others wrote is cut of passwords and secrets, and is otherwise kept."""

from __future__ import annotations

import base64
import json

import pytest
from ansible_collections.cloudbackup.m365.plugins.module_utils import _names
from ansible_collections.cloudbackup.m365.plugins.module_utils._options.spec import connection_spec
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller import foreign_text
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller.connection_text import connection_mistakes
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller.registered_results import reading

SECRET = "Zq7~a-secret+that/nobody-should.see"
CONNECTION = {"data_center": "uk", "client_id": "an-id-that-is-long", "client_secret": SECRET}


def test_the_known_options_are_those_of_the_modules():
    assert sorted(_names.CONNECTION_OPTIONS) == sorted(connection_spec())


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://user:password@host/x", "https://********@host/x"),
        ("https://user:pass/w#rd@host/x", "https://********@host/x"),
        ("https://user:p@ssword@host/x", "https://********@host/x"),
        ("https://token@host/x", "https://********@host/x"),
        ("https://host:8443/users/me@example.com", "https://host:8443/users/me@example.com"),
        ("https://host/x", "https://host/x"),
    ],
)
def test_the_credentials_of_a_url_are_cut(url, shown):
    assert (
        foreign_text.cut(f"Failed lookup url for '{url}': refused", None) == f"Failed lookup url for '{shown}': refused"
    )


def test_a_text_that_repeats_the_password_of_its_url_elsewhere_is_not_shown():
    assert foreign_text.cut("https://user:hunter2@host: 'hunter2' is wrong", None) == foreign_text.WITHHELD
    encoded = base64.b64encode(b"https://user:hunter2@host").decode()
    assert foreign_text.cut(f"cannot open {encoded}", None) == foreign_text.WITHHELD


def test_the_password_of_the_url_of_a_lookup_is_a_secret_wherever_it_is_repeated():
    lookup = "{{ lookup('ansible.builtin.url', 'https://user:hunter2@host') }}"
    for connection in (lookup, {"client_secret": lookup}, {"client_id": "an-id", "deep": [lookup]}):
        assert foreign_text.cut("refused: hunter2", connection) == foreign_text.WITHHELD
        assert foreign_text.cut("refused: user", connection) == "refused: user"


@pytest.mark.parametrize(
    "connection",
    [
        CONNECTION,
        json.dumps(CONNECTION),
        {"client_secrt": SECRET},
        {"deep": {"er": [SECRET]}},
        {"client_secret": SECRET + "{{ suffix }}"},
        f"client_secret: {SECRET}: [",
        {"api_url": f"https://user:{SECRET}@host"},
    ],
)
def test_a_text_that_repeats_a_secret_of_the_connection_is_not_shown(connection):
    assert foreign_text.cut(f"{{'x': '{SECRET}'}}: 'y' is undefined", connection) == foreign_text.WITHHELD
    assert foreign_text.cut(f"found {SECRET[5:20]}", connection) == foreign_text.WITHHELD
    assert foreign_text.cut("'y' is undefined in an-id-that-is-long", connection).endswith("an-id-that-is-long")


def test_a_secret_of_the_environment_is_not_shown_either(monkeypatch):
    monkeypatch.setenv("CLOUDBACKUP_CLIENT_SECRET", SECRET)
    monkeypatch.setenv("https_proxy", "http://user:another-password@proxy.example")
    assert foreign_text.cut(f"found {SECRET}", None) == foreign_text.WITHHELD
    assert foreign_text.cut("found another-password", {}) == foreign_text.WITHHELD


def test_the_names_of_variables_are_no_secrets():
    connection = {"client_secret": "{{ vault_of_the_tenant }}"}
    assert foreign_text.cut("'vault_of_the_tenant' is undefined", connection) == "'vault_of_the_tenant' is undefined"


def test_lines_of_a_file_are_not_quoted():
    text = f"mapping values are not allowed here\n\nThe offending line appears to be:\n\n  client_secret: {SECRET}: [\n"
    assert foreign_text.cut(text, None) == "mapping values are not allowed here"
    assert foreign_text.cut(f"cannot read client_secret: '{SECRET}'", None) == "cannot read client_secret: '********'"


@pytest.mark.parametrize(
    ("names", "line"),
    [
        ({"client_secrt": SECRET}, "connection.client_secrt: unknown option, did you mean client_secret?"),
        ({"Client_Secret": SECRET}, "connection.Client_Secret: unknown option, did you mean client_secret?"),
        ({"client_secrt": None}, "connection.client_secrt: unknown option, did you mean client_secret?"),
        (f"client_secrt: {SECRET}", "connection.client_secrt: unknown option, did you mean client_secret?"),
        ({SECRET: "x"}, "connection: unknown option. Allowed: data_center, "),
        ({f"client_secret {SECRET}": None}, "connection: unknown option"),
    ],
)
def test_an_unknown_option_is_a_mistake_by_name_and_never_by_value(names, line):
    (mistake,) = connection_mistakes(names, 1)
    assert mistake.startswith(line)
    assert SECRET not in mistake


def test_a_failed_task_of_ansible_is_cut_and_the_words_of_a_module_are_kept():
    failed = {"failed": True, "msg": f"found {SECRET}"}
    read = reading(
        {"license": failed, "jobs": {**failed, "failure": {"kind": "server"}}},
        cut=lambda text: foreign_text.cut(text, CONNECTION),
    )
    assert [error["message"] for error in read["errors"]] == [foreign_text.WITHHELD, f"found {SECRET}"]
