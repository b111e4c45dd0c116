# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an info module in the process of a task passes on, for options that no module has today, too."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller import in_process

MASK = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"


class Module:
    """A module that answers with what it was given to say."""

    specification = {
        "token": {"type": "str", "no_log": True},
        "server": {"type": "str", "aliases": ["host"], "deprecated_aliases": [{"name": "host", "version": "9.0.0"}]},
        "count": {"type": "int"},
    }
    options = {"count": {"type": "int"}}
    answer: Any = None

    def result(self, parameters: Any, environment: Any, warn: Any) -> dict[str, Any]:
        warn("It is late.")
        return {"changed": False, "answer": self.answer}


def read(answer: Any = None, **arguments: Any) -> Any:
    module = Module()
    module.answer = answer
    return in_process.read(module, "a_module", arguments)


def test_warnings_and_deprecations_arrive() -> None:
    result = read(server="a", host="b")
    assert result["warnings"] == ["Both option server and its alias host are set.", "It is late."]
    assert [(note["version"], "host" in note["msg"]) for note in result["deprecations"]] == [("9.0.0", True)]


def test_warnings_and_deprecations_arrive_with_a_mistake() -> None:
    result = read(server="a", host="b", count="many")
    assert result["failed"]
    assert (len(result["warnings"]), len(result["deprecations"]), "invocation" in result) == (1, 1, False)


@pytest.mark.parametrize(
    ("token", "answer", "shown"),
    [
        ("s3cret", "s3cret", MASK),
        ("s3cret", {"deep": ["with s3cret within"]}, {"deep": ["with ******** within"]}),
        ("qu\"o'te\n", "a qu\"o'te\n in it", "a ******** in it"),
        ("--/--", "a --/-- in it", "a ******** in it"),
        ("1234", 1234, MASK),
        ("äöü", "äöü", MASK),
        ("s3cret", "S3CRET", "S3CRET"),
        ("s3cret", {"plain": [1, None, True]}, {"plain": [1, None, True]}),
    ],
)
def test_a_secret_is_masked_wherever_it_comes_back(token: str, answer: Any, shown: Any) -> None:
    result = read(answer, token=token)
    assert result["answer"] == shown
    assert result["invocation"]["module_args"]["token"] == MASK


def test_a_mistake_does_not_show_a_secret() -> None:
    assert "s3cret" not in str(read(token="s3cret", count="s3cret"))
