# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What README and guides name is there: modules, playbooks, options, inputs, variables, files, sections."""

from __future__ import annotations

import importlib
import pathlib
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from ansible_collections.cloudbackup.m365.plugins.doc_fragments import _connection
from ansible_collections.cloudbackup.m365.plugins.module_utils._options import spec, values
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.policy_rules import settle_policy
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.waivers import settle_waivers
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reports import metrics
from ansible_collections.cloudbackup.m365.tests.contract.guides import (
    EXAMPLES,
    GUIDES,
    ROOT,
    blocks,
    pages,
    read,
)

COLLECTION = "cloudbackup.m365"
REPOSITORY = "https://github.com/cloudbackup/cloudbackup.m365"
PAGES = pages()
MODULES = {path.stem for path in (ROOT / "plugins" / "modules").glob("[a-z]*.py")}
FILTERS = {path.stem for kind in ("filter", "lookup") for path in (ROOT / "plugins" / kind).glob("[a-z]*.py")}
"""The filters and the lookups: what templates use."""
ROLES = {path.name for path in (ROOT / "roles").iterdir()}
PLAYBOOKS = {path.stem for path in (ROOT / "playbooks").glob("*.yml")}


class Loader(yaml.SafeLoader):
    """Reads what is tagged !unsafe as text."""


Loader.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))


def role_inputs(role: str) -> dict[str, Any]:
    shown = yaml.safe_load(read(ROOT / "roles" / role / "meta" / "argument_specs.yml"))
    options: dict[str, Any] = shown["argument_specs"]["main"]["options"]
    return options


def module_options(module: str) -> dict[str, Any]:
    shown = yaml.safe_load(
        importlib.import_module(f"ansible_collections.{COLLECTION}.plugins.modules.{module}").DOCUMENTATION
    )
    shared = yaml.safe_load(_connection.ModuleDocFragment.DOCUMENTATION)["options"]
    connects = f"{COLLECTION}._connection" in shown.get("extends_documentation_fragment", [])
    return {**shown["options"], **(shared if connects else {})} if "options" in shown else shared


INPUTS = {name: option for role in ROLES for name, option in role_inputs(role).items()}


def yaml_blocks() -> Iterator[Any]:
    for name, text in PAGES.items():
        for index, block in enumerate(blocks(text, "yaml", pathlib.Path(name).suffix)):
            yield pytest.param(block, id=f"{name}-{index}")


def walk(value: Any) -> Iterator[tuple[str, Any]]:
    """Every key with its value, at any depth."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield str(key), inner
            yield from walk(inner)
    elif isinstance(value, list):
        for item in value:
            yield from walk(item)


def unknown_options(given: Any, options: dict[str, Any]) -> set[str]:
    """The keys of a structure, with those of the structures in it, that no option has."""
    found = set()
    for name, value in given.items() if isinstance(given, dict) else ():
        if name not in options:
            found.add(name)
            continue
        inner = options[name].get("suboptions") or options[name].get("options")
        for item in value if isinstance(value, list) else [value]:
            found |= unknown_options(item, inner) if inner else set()
    return found


def is_written_out(value: Any) -> bool:
    """Whether nothing in it is a template."""
    return "{{" not in str(value)


@pytest.mark.parametrize("block", list(yaml_blocks()))
def test_every_yaml_block_parses_and_names_options_that_there_are(block: str) -> None:
    for key, value in walk(yaml.load(block, Loader)):
        module = key.removeprefix(f"{COLLECTION}.")
        if key != module and module in MODULES:
            assert unknown_options(value, module_options(module)) == set()
        if key == "compliance_connection" and isinstance(value, dict):
            assert set(value) <= set(spec.connection_spec())
        if key == "compliance_policy" and isinstance(value, dict) and is_written_out(value):
            assert settle_policy(value)[1] == []
        if key == "compliance_waivers":
            days = [{**waiver, "expires": str(waiver.get("expires"))} for waiver in value]
            assert settle_waivers(days)[1] == []


def test_there_are_blocks_of_every_kind() -> None:
    keys = {key for block in yaml_blocks() for key, _value in walk(yaml.load(block.values[0], Loader))}
    assert {"compliance_connection", "compliance_policy", "compliance_waivers"} <= keys
    assert {f"{COLLECTION}.cloudbackup_jobs_info", f"{COLLECTION}.cloudbackup_license_info"} <= keys


def variables() -> set[str]:
    """Names that are not variables and begin like one of the collection."""
    playbooks = "".join(map(read, (ROOT / "playbooks").rglob("*.yml")))
    examples = "".join(map(read, EXAMPLES.rglob("*.yml")))
    facts = read(ROOT / "roles" / "simulator" / "tasks" / "start.yml")
    written = re.findall(r"^ *(\w+):", playbooks + examples + facts, re.MULTILINE)
    published = re.findall(r"\b(cloudbackup_\w+)\b", "".join(map(read, (ROOT / "roles").rglob("*.yml"))))
    actions = "".join(map(read, (ROOT / "plugins" / "action").glob("*.py")))
    published += re.findall(r'^PUBLISHED = "(\w+)"', actions, re.MULTILINE)
    return {*metrics.NAMES, *written, *published, *INPUTS, *MODULES, *FILTERS, *PLAYBOOKS}


@pytest.mark.parametrize("name", PAGES)
def test_every_variable_that_a_page_names_is_one_of_the_collection(name: str) -> None:
    named = re.findall(
        r"(?<![\w./-])((?:compliance|simulator|awx_setup|replay|fleet|period|cloudbackup)_\w+)", PAGES[name]
    )
    assert set(named) - variables() == set()


@pytest.mark.parametrize("name", PAGES)
def test_every_environment_variable_that_a_page_names_is_one_of_an_option(name: str) -> None:
    known = {values.environment_name(option) for option in spec.connection_spec()}
    assert set(re.findall(r"\bCLOUDBACKUP_[A-Z]\w+", PAGES[name])) - known == set()


@pytest.mark.parametrize("name", PAGES)
def test_everything_of_the_collection_that_a_page_names_is_there(name: str) -> None:
    named = set(re.findall(rf"(?<![\w/.]){re.escape(COLLECTION)}\.([a-z_]+)", PAGES[name]))
    assert named - MODULES - FILTERS - ROLES - PLAYBOOKS - {"cloudbackup", "git"} == set()


def anchors(path: pathlib.Path) -> set[str]:
    """Those of a page's sections, as GitHub makes them."""
    pattern = r"^(.+)\n[-=]{5,}$" if path.suffix == ".rst" else r"^#+ (.+)$"
    return {
        re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") for title in re.findall(pattern, read(path), re.MULTILINE)
    }


@pytest.mark.parametrize("name", PAGES)
def test_every_link_into_the_repository_leads_somewhere(name: str) -> None:
    addresses = rf"(?:{re.escape(REPOSITORY)}/(?:blob|tree)|https://raw.githubusercontent.com/cloudbackup/{COLLECTION})"
    for path, anchor in re.findall(rf"{addresses}/main/([\w./-]+)(?:#([\w-]+))?", PAGES[name]):
        assert (ROOT / path).exists(), path
        assert not anchor or anchor in anchors(ROOT / path), (path, anchor)


@pytest.mark.parametrize("name", PAGES)
def test_every_file_of_the_repository_that_a_page_names_is_there(name: str) -> None:
    for path in re.findall(r"`((?:docs|playbooks|plugins|roles|tests)/[\w./-]+)`", PAGES[name]):
        # The one file that the archive leaves out, where these tests run too
        assert (ROOT / path).exists() or path == "tests/certify.py", path


@pytest.mark.parametrize("path", sorted(GUIDES.glob("*.rst")), ids=lambda path: path.stem)
def test_every_reference_of_a_guide_leads_to_a_label(path: pathlib.Path) -> None:
    labels = {label for text in PAGES.values() for label in re.findall(r"^\.\. _([\w.]+):$", text, re.MULTILINE)}
    named = {inner or outer for inner, outer in re.findall(r":ref:`(?:[^`<]+<([\w.]+)>|([\w.]+))`", read(path))}
    assert named - labels == set()
    assert f".. _ansible_collections.{COLLECTION}.docsite.{path.stem}:" in read(path)


def test_every_guide_has_its_place_in_the_list_of_guides() -> None:
    listed = yaml.safe_load(read(ROOT / "docs" / "docsite" / "extra-docs.yml"))["sections"]
    assert sorted(name for section in listed for name in section["toctree"]) == sorted(
        path.stem for path in GUIDES.glob("*.rst")
    )


@pytest.mark.parametrize("path", sorted((EXAMPLES / "gate").glob("*.yml")), ids=lambda path: path.stem)
def test_every_example_of_the_gate_is_printed(path: pathlib.Path) -> None:
    printed = [block.values[0] for block in yaml_blocks()]
    assert read(path).removeprefix("---\n").strip("\n") in printed
