# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""YAML text as data. Its size is bounded before aliases are expanded: few lines may expand to billions of values."""

from __future__ import annotations

from typing import Any

import yaml  # type: ignore[import-untyped,unused-ignore]

MOST_VALUES = 10_000
"""Values with those that aliases repeat. A policy that gives every setting for every service has a tenth of them."""
DEEPEST = 60


class Unbounded(ValueError):
    """A text that expands to too much; the message quotes nothing of it."""


class _Loader(yaml.SafeLoader):  # type: ignore[misc,unused-ignore]
    """Counts values while it reads, and refuses a name that is given twice: only the last value would be kept."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._values = 0
        self._depth = 0
        self._sizes: dict[int, int] = {}

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Compose a value. An alias counts as the values that it repeats."""
        if self.check_event(yaml.AliasEvent):
            node = super().compose_node(parent, index)
            if id(node) not in self._sizes:
                raise Unbounded("contains itself through an alias. Write the values out")
            self._count(self._sizes[id(node)])
            return node
        before = self._values
        self._count(1)
        self._depth += 1
        if self._depth > DEEPEST:
            raise Unbounded("is nested too deeply")
        node = super().compose_node(parent, index)
        self._depth -= 1
        # Every node is kept until the end, so that no other gets its id
        self._sizes[id(node)] = self._values - before
        return node

    def _count(self, values: int) -> None:
        self._values += values
        if self._values > MOST_VALUES:
            raise Unbounded(f"has more than {MOST_VALUES:,} values, those repeated by aliases included. Shorten it")

    def compose_mapping_node(self, anchor: Any) -> Any:
        node = super().compose_mapping_node(anchor)
        seen = set()
        for name, _value in node.value:
            if isinstance(name, yaml.ScalarNode):
                if name.value in seen:
                    problem = f"{name.value[:60]!r} appears twice"
                    raise yaml.MarkedYAMLError(problem=problem, problem_mark=name.start_mark)
                seen.add(name.value)
        return node

    def construct_yaml_int(self, node: Any) -> Any:
        """Construct a number; one that Python does not convert stays text, so that its place can be named."""
        try:
            return super().construct_yaml_int(node)
        except ValueError:
            return node.value


_Loader.add_constructor("tag:yaml.org,2002:int", _Loader.construct_yaml_int)


def load(text: str) -> Any:
    """Return the data in a YAML text. Raises ValueError and yaml.YAMLError."""
    return yaml.load(text, Loader=_Loader)
