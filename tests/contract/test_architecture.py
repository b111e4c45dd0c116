# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may know whom: what the design says of the house, held to its imports."""

from __future__ import annotations

import ast
import pathlib

import pytest

PLUGINS = pathlib.Path(__file__).parents[2] / "plugins"
AT_THE_EDGE = {"arguments.py", "_module.py"}
"""The files of the reading side that know Ansible."""


def imported(path):
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add("." * node.level + (node.module or ""))
    return found


@pytest.mark.parametrize("path", sorted((PLUGINS / "module_utils").rglob("*.py")), ids=lambda path: path.name)
def test_not_one_line_of_the_client_knows_ansible(path):
    knows = {name for name in imported(path) if name.split(".")[0] == "ansible"}
    assert bool(knows) == (path.name in AT_THE_EDGE)


@pytest.mark.parametrize("path", sorted((PLUGINS / "plugin_utils").rglob("*.py")), ids=lambda path: path.name)
def test_the_judging_side_knows_neither_ansible_nor_the_reading_side(path):
    outside = {name.split(".")[0] for name in imported(path) if not name.startswith(".")}
    assert not outside & {"ansible", "ansible_collections", "requests"}


@pytest.mark.parametrize(
    "path", sorted((PLUGINS / "plugin_utils" / "_compliance").rglob("*.py")), ids=lambda path: path.name
)
def test_the_evaluator_has_no_clock_and_no_files(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert "open" not in called
    assert not imported(path) & {"time", "os", "pathlib", "random", "socket", "subprocess"}
    attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert not attributes & {"now", "utcnow", "today"}
