# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Texts of structures are bounded before they expand."""

from __future__ import annotations

import json
import time

import pytest
from ansible_collections.cloudbackup.m365.plugins.action import compliance_plan
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller import structured_text, yaml_text
from ansible_collections.cloudbackup.m365.tests.unit.controller.steps import mistakes, run_step
from ansible_collections.cloudbackup.m365.tests.unit.readings import NOW_TEXT


def laughs(merge: bool) -> str:
    """Return a few lines that expand to a billion values."""
    lines = ["a0: &a0 {x: ha}" if merge else "a0: &a0 [ha, ha]"]
    for level in range(1, 40):
        before = ", ".join([f"*a{level - 1}"] * 8)
        lines.append(f"a{level}: &a{level} {{<<: [{before}]}}" if merge else f"a{level}: &a{level} [{before}]")
    return "\n".join(lines)


TOO_MUCH = {
    "laughs": (laughs(merge=False), "has more than 10,000 values"),
    "merged-laughs": (laughs(merge=True), "has more than 10,000 values"),
    "itself": ("&a [*a]", "contains itself through an alias"),
    "itself-within": ("a: &a {b: {c: [*a]}}", "contains itself through an alias"),
    "itself-merged": ("a: &a {<<: *a}", "contains itself through an alias"),
    "values": ("- x\n" * 20_000, "has more than 10,000 values"),
    "deep": ("[" * 100_000, "nested too deeply"),
    "deep-json": ("[" * 500_000 + "]" * 500_000, "nested too deeply"),
    "deep-mappings": ("{a: " * 10_000, "nested too deeply"),
    "long": ("x" * 2_000_000, "has more than 1,048,576 characters"),
    "long-json": (json.dumps(["x" * 2_000_000]), "has more than 1,048,576 characters"),
}


@pytest.mark.parametrize("name", ["policy", "baseline", "waivers"])
@pytest.mark.parametrize(("text", "words"), TOO_MUCH.values(), ids=TOO_MUCH)
def test_a_text_that_stands_for_too_much_is_refused_by_name_and_at_once(name: str, text: str, words: str) -> None:
    begun = time.process_time()
    result = run_step(compliance_plan, now_default=NOW_TEXT, subject_default="contoso", **{name: text})
    assert time.process_time() - begun < 3
    assert result["failed"]
    [line] = [line for line in mistakes(result) if line.startswith(f"compliance_{name}: ")]
    assert words in line
    assert len(line) < 300


@pytest.mark.parametrize("text", [text for text, _words in TOO_MUCH.values()], ids=list(TOO_MUCH))
def test_a_connection_that_stands_for_too_much_is_refused_by_name(text: str) -> None:
    result = run_step(
        compliance_plan, {"c": text}, now_default=NOW_TEXT, subject_default="contoso", connection_variable="c"
    )
    assert mistakes(result)[0].startswith("compliance_connection: ")


def test_honest_aliases_work() -> None:
    text = "services: &s [teams, onedrive]\nwindow: 3d\nother: {a: *s, b: *s, <<: {c: 1}}\n"
    services = ["teams", "onedrive"]
    assert structured_text.structure(text) == {
        "services": services,
        "window": "3d",
        "other": {"a": services, "b": services, "c": 1},
    }


def test_the_values_that_an_alias_repeats_count() -> None:
    half = ", ".join(["x"] * (yaml_text.MOST_VALUES // 2 - 10))
    assert len(structured_text.structure(f"- &a [{half}]\n- *a\n")) == 2
    with pytest.raises(yaml_text.Unbounded):
        structured_text.structure(f"- &a [{half}]\n- *a\n- *a\n")
