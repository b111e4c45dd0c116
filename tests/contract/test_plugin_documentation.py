# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ansible-doc shows is complete: types, units, samples, markup, links, examples."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
import yaml
from ansible_collections.cloudbackup.m365.plugins.doc_fragments import _connection
from ansible_collections.cloudbackup.m365.tests.contract.guides import ROOT, read
from ansible_collections.cloudbackup.m365.tests.unit.readings import (
    healthy,
    judge,
    license_result,
)

KINDS = ("modules", "filter", "lookup")
PLUGINS = [(kind, path.stem) for kind in KINDS for path in (ROOT / "plugins" / kind).glob("[a-z]*.py")]
ROLES = sorted(path.name for path in (ROOT / "roles").iterdir())

UNITS = {
    r"(_seconds|^timeout|_lifetime)$": r"[Ss]econds",
    r"(_time|_at|^now|_now)$": r"ISO 8601|UTC|Same format as O\(start_time\)",
    r"_percent$": r"percent",
    r"(_storage_size|protected_size|storage_available)$": r"\bGB\b",
}
"""The description that an option or value of such a name has."""


class Part(NamedTuple):
    """An option or a returned value."""

    where: str
    name: str
    shown: dict[str, Any]

    @property
    def sentences(self) -> list[str]:
        shown = self.shown.get("description", "")
        return shown if isinstance(shown, list) else [shown]

    @property
    def description(self) -> str:
        return " ".join(self.sentences)


def documentation(kind: str, name: str) -> Any:
    return importlib.import_module(f"ansible_collections.cloudbackup.m365.plugins.{kind}.{name}")


def role(name: str) -> dict[str, Any]:
    shown: dict[str, Any] = yaml.safe_load(read(ROOT / "roles" / name / "meta" / "argument_specs.yml"))
    entry: dict[str, Any] = shown["argument_specs"]["main"]
    return entry


def parts(where: str, shown: dict[str, Any], below: tuple[str, ...]) -> Iterator[Part]:
    """Every option or value with those within it."""
    for name, one in shown.items():
        yield Part(f"{where} {name}", name, one)
        for key in below:
            yield from parts(f"{where} {name}", one.get(key) or {}, below)


def heads() -> Iterator[tuple[str, dict[str, Any]]]:
    for kind, name in PLUGINS:
        yield name, yaml.safe_load(documentation(kind, name).DOCUMENTATION)
    for name in ROLES:
        yield f"role {name}", role(name)
    yield "_connection", yaml.safe_load(_connection.ModuleDocFragment.DOCUMENTATION)


OPTIONS = [
    part for name, shown in heads() for part in parts(name, shown.get("options") or {}, ("options", "suboptions"))
]
RETURNED = [
    part
    for kind, name in PLUGINS
    for part in parts(name, yaml.safe_load(documentation(kind, name).RETURN), ("contains",))
]
TEXTS = {part.where: part.description for part in OPTIONS + RETURNED} | {
    name: " ".join(shown.get("description", [])) for name, shown in heads()
}


def test_there_is_much_to_look_at() -> None:
    assert {kind for kind, _name in PLUGINS} == set(KINDS)
    assert len(OPTIONS) > 150
    assert len(RETURNED) > 100


def test_everything_has_a_type() -> None:
    assert [part.where for part in OPTIONS + RETURNED if not part.shown.get("type")] == []
    lists = [part for part in OPTIONS + RETURNED if part.shown["type"] == "list"]
    assert [part.where for part in lists if not part.shown.get("elements")] == []


def test_everything_is_described_in_whole_sentences() -> None:
    assert [part.where for part in OPTIONS + RETURNED if not all(text.endswith(".") for text in part.sentences)] == []


def test_a_value_has_a_sample_or_says_what_is_within_it() -> None:
    assert [part.where for part in RETURNED if "sample" not in part.shown and not part.shown.get("contains")] == []


@pytest.mark.parametrize(("name", "unit"), UNITS.items())
def test_a_time_a_size_or_a_percent_says_its_unit(name: str, unit: str) -> None:
    such = [part for part in OPTIONS + RETURNED if re.search(name, part.name)]
    assert such
    assert [part.where for part in such if not re.search(unit, part.description)] == []


@pytest.mark.parametrize(
    ("default", "described"), [(r"\d+[smhdw]", r"duration|V\(\d+[smhdw]\)"), (r"[\d.]+ %", r"[Pp]ercent")]
)
def test_a_default_with_a_unit_is_of_an_option_that_names_its_unit(default: str, described: str) -> None:
    such = [part for part in OPTIONS if re.fullmatch(default, str(part.shown.get("default", "")))]
    assert len(such) > 5
    assert [part.where for part in such if not re.search(described, part.description)] == []


def plugin_of(where: str) -> str:
    """Of a place the plugin or the role that it is in."""
    words = where.split()
    return " ".join(words[:2]) if words[0] == "role" else words[0]


def test_markup_says_what_a_word_is() -> None:
    """V() is for values, E() for variables of the environment, O() for options."""
    options: dict[str, set[str]] = {}
    for part in OPTIONS:
        options.setdefault(plugin_of(part.where), set()).add(part.name)
    wrong = [
        (where, word)
        for where, text in TEXTS.items()
        for word in re.findall(r"\bC\(([^)]+)\)", text)
        if word in {"true", "false", "null"} | options.get(plugin_of(where), set())
        or re.fullmatch(r"CLOUDBACKUP_[A-Z_]+", word)
    ]
    assert wrong == []
    assert [where for where, text in TEXTS.items() if "`" in text] == []


ACTIONS = sorted(path.stem for path in (ROOT / "plugins" / "action").glob("compliance_*.py"))


def specification(options: dict[str, Any]) -> dict[str, Any]:
    """Return the argument specification of documented options."""
    found: dict[str, Any] = {}
    for option, facts in options.items():
        found[option] = {key: value for key, value in facts.items() if key not in ("description", "suboptions")}
        if "suboptions" in facts:
            found[option]["options"] = specification(facts["suboptions"])
    return found


@pytest.mark.parametrize("name", ACTIONS)
def test_an_action_takes_the_arguments_of_its_documentation(name: str) -> None:
    action = importlib.import_module(f"ansible_collections.cloudbackup.m365.plugins.action.{name}").ActionModule
    options = yaml.safe_load(documentation("modules", name).DOCUMENTATION)["options"]
    assert specification(options) == action.ARGUMENTS


def test_the_samples_of_an_evaluation_are_those_of_one() -> None:
    where = "compliance_results _value"
    sample = {part.name: part.shown["sample"] for part in RETURNED if part.where == f"{where} {part.name}"}
    waiver = {key: sample["waivers"][0][key] for key in ("check", "scope", "reason", "approver", "expires")}
    red = judge(healthy(license=license_result(assigned_user_seats=108)))
    waived = judge(healthy(license=license_result(assigned_user_seats=108)), waivers=[waiver])
    assert set(sample) == set(red)
    assert sample["results"][0] in red["results"]
    assert sample["waivers"] == waived["waivers"]
    assert {name: red[name] for name in ("verdict", "reason", "window")} == {
        name: sample[name] for name in ("verdict", "reason", "window")
    }
    assert set(sample["counts"]) == set(red["counts"])


@pytest.mark.parametrize(("name", "shown"), [pytest.param(*head, id=head[0]) for head in heads()])
def test_a_plugin_leads_on_to_what_belongs_to_it(name: str, shown: dict[str, Any]) -> None:
    assert name == "_connection" or shown.get("seealso")
    for link in shown.get("seealso", []):
        # Not ref: ansible-doc prints it as an address of docs.ansible.com, which does not have the pages
        assert set(link) & {"module", "plugin", "link"}
        if "link" in link:
            prefix, _main, page = link["link"].partition("/blob/main/")
            assert prefix == "https://github.com/cloudbackup/cloudbackup.m365"
            assert (ROOT / page).is_file()


@pytest.mark.parametrize(("kind", "name"), PLUGINS)
def test_an_example_is_a_list_of_named_tasks(kind: str, name: str) -> None:
    tasks = yaml.safe_load(documentation(kind, name).EXAMPLES)
    assert tasks
    assert [task for task in tasks if not task.get("name")] == []
    assert f"cloudbackup.m365.{name}" in documentation(kind, name).EXAMPLES


def test_the_changelog_lists_each_plugin_in_its_release() -> None:
    """antsibull-changelog records them when a release is made, and does not change a release afterwards."""
    releases = yaml.safe_load(read(ROOT / "changelogs" / "changelog.yaml"))["releases"]
    recorded = {
        (version, kind, one["name"])
        for version, release in releases.items()
        for kind, found in {"modules": release.get("modules", []), **release.get("plugins", {})}.items()
        for one in found
    }
    added = {
        (str(yaml.safe_load(documentation(kind, name).DOCUMENTATION)["version_added"]), kind, name)
        for kind, name in PLUGINS
    }
    assert recorded == {one for one in added if one[0] in releases}
