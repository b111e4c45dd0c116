# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules of docs/architecture.md: layers, what each of them may import, and the size and the names of files."""

from __future__ import annotations

import ast
import collections
import pathlib
from collections.abc import Iterator

import pytest

PLUGINS = pathlib.Path(__file__).parents[2] / "plugins"
TESTS = pathlib.Path(__file__).parents[1]
PACKAGE = "ansible_collections.cloudbackup.m365.plugins"
SHARED = (
    ("module_utils/_names", "module_utils/_time", "module_utils/_subscription"),
    ("module_utils/_http/decoded",),
    ("module_utils/_http/secrets",),
)
"""What both packages may import: facts, times, what was purchased, and what recognizes a secret."""

READING = (
    *SHARED,
    ("module_utils/_http",),
    ("module_utils/_api", "module_utils/_options"),
    ("module_utils/_jobs", "module_utils/_license", "module_utils/_settings", "module_utils/_unusual_activity"),
    ("module_utils/_module",),
    ("modules",),
)
JUDGING = (
    *SHARED,
    *(
        (f"plugin_utils/_compliance/{folder}",)
        for folder in ("model", "reading", "checks", "inputs", "evaluation", "reports", "fleet", "period")
    ),
    ("plugin_utils/_controller",),
    ("action", "filter", "lookup"),
)
"""The layers of both packages, lowest first. A file imports files of its layer's folder and of lower layers."""

ACTIONS_THAT_READ = ("action/cloudbackup_", "action/compliance_read")
"""The action plugins that run a module in the process of the task: they import the reading package."""

LONGEST_CHAIN = 6
LONGEST_FILE = 400
KNOW_ANSIBLE = ("module_utils/_options", "module_utils/_module", "plugin_utils/_controller")
"""The private places that may import Ansible."""

MEANINGLESS = {"utils", "helpers", "helper", "common", "misc", "base", "tools"}

FILES = {
    path.relative_to(PLUGINS).with_suffix("").as_posix(): path
    for path in sorted(PLUGINS.rglob("*.py"))
    if path.parent.name != "doc_fragments"
}
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in FILES.items()}
COMPLIANCE = [name for name in FILES if name.startswith("plugin_utils/_compliance/")]


def imported(name: str) -> Iterator[str]:
    """Yield the full name of everything that a file imports, also within its functions."""
    package = [*PACKAGE.split("."), *name.split("/")[:-1]]
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else []
            yield from (".".join([*start, *filter(None, [node.module]), alias.name]) for alias in node.names)


def files_imported(name: str) -> set[str]:
    """Return the files of plugins that a file imports, or imports a name from."""
    found = set()
    for path in imported(name):
        if path.startswith(f"{PACKAGE}."):
            inside = path[len(PACKAGE) + 1 :].replace(".", "/")
            found |= {file for file in (inside, inside.rpartition("/")[0]) if file in FILES}
    return found - {name}


EDGES = {name: files_imported(name) for name in FILES}


def place(name: str, layers: tuple[tuple[str, ...], ...]) -> tuple[int, str] | None:
    """Return the layer of a file, as its number and its folder or file, or None if it is in none of these layers."""
    for number, layer in enumerate(layers):
        for folder in layer:
            if name == folder or name.startswith(f"{folder}/"):
                return number, folder
    return None


def layers_of(name: str) -> tuple[tuple[str, ...], ...]:
    if name.startswith(("modules/", "module_utils/", *ACTIONS_THAT_READ)):
        return READING
    return JUDGING


def chain(name: str, above: tuple[str, ...] = ()) -> list[str]:
    """Return the longest chain of imports from a file down."""
    assert name not in above, f"import cycle: {' > '.join([*above, name])}"
    return [name, *max((chain(other, (*above, name)) for other in EDGES[name]), key=len, default=[])]


@pytest.mark.parametrize("name", FILES)
def test_imports_go_only_to_the_same_folder_or_to_a_lower_layer(name: str) -> None:
    layers = layers_of(name)
    if name.startswith(ACTIONS_THAT_READ):
        layers = (*READING, JUDGING[-2], JUDGING[-1])
    own = place(name, layers)
    assert own, f"{name} is in no layer: give it one in this test"
    for other in EDGES[name]:
        theirs = place(other, layers)
        assert theirs, f"{name} imports {other}, which is none of the layers below it"
        assert theirs[0] < own[0] or theirs[1] == own[1], f"{name} imports {other}, which is not below it"


@pytest.mark.parametrize("name", [name for name in FILES if "_utils/" in name])
def test_a_reader_reaches_the_bottom_in_few_steps_and_never_in_a_circle(name: str) -> None:
    found = chain(name)
    assert len(found) <= LONGEST_CHAIN, " > ".join(found)


@pytest.mark.parametrize("name", [name for name in FILES if "_utils/" in name])
def test_only_the_edges_know_ansible(name: str) -> None:
    knows = {path.split(".")[0] for path in imported(name)}
    assert "ansible" not in knows or place(name, (KNOW_ANSIBLE,))
    assert "requests" not in knows or name.startswith("module_utils/")


@pytest.mark.parametrize("name", COMPLIANCE)
def test_the_judging_package_has_neither_a_clock_nor_files(name: str) -> None:
    nodes = list(ast.walk(TREES[name]))
    called = {node.func.id for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    packages = {path.split(".")[0] for path in imported(name)}
    assert not packages & {"time", "random", "socket", "subprocess", "tempfile", "shutil"}
    assert not {node.attr for node in nodes if isinstance(node, ast.Attribute)} & {"now", "utcnow", "today"}
    # The HTML renderer reads the templates beside it
    if not name.startswith("plugin_utils/_compliance/reports/html/"):
        assert not packages & {"os", "pathlib", "io"}
        assert "open" not in called


def test_a_file_is_found_by_its_name() -> None:
    names = collections.Counter(
        pathlib.PurePath(name).name for name in FILES if not name.startswith("action/") and "__init__" not in name
    )
    assert [name for name, count in names.items() if count > 1] == []
    assert not MEANINGLESS & {name.strip("_") for name in names}


def test_all_tests_can_be_collected_in_one_run() -> None:
    names = collections.Counter(path.name for path in TESTS.rglob("test_*.py"))
    assert [name for name, count in names.items() if count > 1] == []


def test_no_test_compares_a_value_with_itself() -> None:
    for path in TESTS.rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Compare):
                operands = [ast.dump(operand) for operand in (node.left, *node.comparators)]
                same = [left for left, right in zip(operands, operands[1:]) if left == right]
                assert same == [], f"{path.name}:{node.lineno}"


@pytest.mark.parametrize("name", FILES)
def test_no_file_is_long(name: str) -> None:
    lines = FILES[name].read_text(encoding="utf-8").splitlines()
    # The documentation of a module is a part of it
    assert len(lines) <= LONGEST_FILE or name.startswith("modules/")
