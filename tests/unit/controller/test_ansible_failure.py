# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tasks and templates that Ansible ended: the cause, what to do, and nothing that Ansible quotes."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleError
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller import ansible_failure
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller.registered_results import reading

OLD_UNDEFINED = (
    "The task includes an option with an undefined variable. The error was: 'nowhere' is undefined. 'nowhere' is "
    "undefined\n\nThe error appears to be in '/p/t.yml': line 8, column 7, but may\nbe elsewhere in the file."
)
NEW_UNDEFINED = (
    "Task failed: Finalization of task args for 'x' failed: Error while resolving value for 'y': 'nowhere' is undefined"
)
QUOTING = (
    "An unhandled exception occurred while templating '{{ lookup('url', 'https://user:pw-of-user@h/') }}'. Error was a "
    "<class 'ansible.errors.AnsibleError'>, original message: Failed lookup url for https://user:pw-of-user@h/ : no"
)


@pytest.mark.parametrize(
    ("result", "words"),
    [
        ({"msg": "The x action failed to execute in the expected time frame (4) and was terminated"}, "limit of 4 s,"),
        ({"msg": "Task failed: Timed out after 8 second(s).", "timedout": {"period": 8}}, "limit of 8 s,"),
        ({"timedout": {}}, "own time limit, before"),
        ({"unreachable": True, "msg": "the cable is cut"}, "as unreachable: the cable is cut. The reads run on"),
        ({"unreachable": True}, "as unreachable: without a reason."),
        ({"msg": OLD_UNDEFINED}, "could not begin the task: nowhere is not defined. Define it for this host"),
        ({"msg": NEW_UNDEFINED}, "could not begin the task: nowhere is not defined. Define it for this host"),
        ({"msg": "Attempting to decrypt but no vault secrets found"}, "Give its vault password"),
        ({"msg": "argument 'timeout' is of type str"}, "argument 'timeout' is of type str"),
        ({"msg": "fatal: https://user:pw@host/ refused"}, "https://host/ refused"),
        ({}, "the task ended without a result"),
        ({"msg": None}, "the task ended without a result"),
    ],
)
def test_a_task_that_ansible_ended(result: dict[str, Any], words: str) -> None:
    assert words in ansible_failure.of_task({"failed": True, **result})
    [error] = reading({"license": {"failed": True, **result}, "jobs": {"skipped": True}})["errors"]
    assert (error["read"], error["failure"]) == ("license", None)
    assert words in error["message"]


def test_templates_that_a_text_quotes_are_left_out() -> None:
    assert "pw-of-user" not in ansible_failure.of_task({"msg": QUOTING})
    assert "{" not in ansible_failure.of_task({"msg": 'template error. String: {"client_secret": "x", "a": "{{"}'})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("'nowhere' is undefined", "nowhere is not defined. Define it for this host"),
        ("'a' is undefined. 'b' is undefined", "a and b are not defined"),
        ("object of type 'dict' has no attribute 'secret'", "secret is not defined"),
        ("Decryption failed (no vault secrets were found that could decrypt)", "a vaulted value cannot be decrypted"),
        (QUOTING, "a template in it ended with AnsibleError"),
        (
            "The lookup plugin 'ansible.builtin.pipe' failed: lookup_plugin.pipe(curl -H 'X: pw-of-user') returned 22",
            "a template in it ended with AnsibleError: the lookup ansible.builtin.pipe, returned 22. Correct",
        ),
        (
            "Failed lookup url for https://vault.example.com/v1?token=pw-of-user : <urlopen error [Errno 111] "
            "Connection refused>",
            "a template in it ended with AnsibleError: the lookup url, https://vault.example.com/v1, "
            "Connection refused. Correct the template",
        ),
        (
            "Received HTTP error for https://vault/?t=pw-of-user : HTTP Error 404: Not Found",
            "a template in it ended with AnsibleError: https://vault/, HTTP Error 404. Correct the template",
        ),
        ("({{ 'pw-of-user' | int + 1 }}): unsupported operand", "a template in it ended with AnsibleError. Correct"),
    ],
)
def test_a_template_that_cannot_be_resolved(text: str, words: str) -> None:
    shown = ansible_failure.of_template(AnsibleError(text))
    assert shown.startswith(words)
    assert "pw-of-user" not in shown


def test_a_failure_of_the_module_keeps_its_words() -> None:
    failed = {"failed": False, "failed_when_result": False, "msg": "argument 'x' is 'y' is undefined"}
    assert reading({"license": failed, "jobs": {"skipped": True}})["errors"][0]["message"] == failed["msg"]
    failed = {"failed": True, "failure": {"kind": "tls"}, "msg": "decrypt error"}
    assert reading({"license": failed, "jobs": {"skipped": True}})["errors"][0] == {
        "read": "license",
        "message": "decrypt error",
        "failure": {"kind": "tls"},
    }
