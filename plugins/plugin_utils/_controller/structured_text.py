# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Structures that arrive as text: an extra-var or a survey answer holds a policy as JSON or YAML."""

from __future__ import annotations

import ast
import datetime
import json
from typing import Any

import yaml  # type: ignore[import-untyped,unused-ignore]

from . import yaml_text

LARGEST = 1024 * 1024
"""Characters. A waiver for every check of every service takes a tenth of them."""


def structure(text: str) -> Any:
    """Return the data in a JSON or YAML text. Raises ValueError with a sentence for a person."""
    if len(text) > LARGEST:
        raise yaml_text.Unbounded(f"has more than {LARGEST:,} characters. Shorten it")
    # YAML reads JSON too, and reports where it is wrong
    for read in (_json, python_notation):
        try:
            return read(text)
        except (ValueError, RecursionError):
            pass
    try:
        return yaml_text.load(text)
    except yaml_text.Unbounded:
        raise
    except yaml.MarkedYAMLError as error:
        place = f" in line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise ValueError(f"is neither JSON nor YAML: {error.problem}{place}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ValueError(f"is neither JSON nor YAML: {error}") from error


def _json(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_distinct, parse_int=_whole)


def _whole(digits: str) -> int | str:
    """Return a number; one that Python does not convert stays text, so that its place can be named."""
    try:
        return int(digits)
    except ValueError:
        return digits


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object. Raises ValueError for one with a name twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name appears twice")
    return found


def python_notation(text: str) -> Any:
    """Return data with dates in Python's notation: a template of ansible-core before 2.19 writes them so.

    Without dates such a template gives the data itself. Raises ValueError, also for a text without a date.
    """
    if "datetime." not in text:
        raise ValueError("holds no date in Python's notation")
    try:
        return ast.literal_eval(_Dates().visit(ast.parse(text.strip(), mode="eval")))
    except (SyntaxError, TypeError, OverflowError, MemoryError) as error:
        raise ValueError(f"is not Python's notation: {error}") from error


class _Dates(ast.NodeTransformer):
    """Makes constants of the calls by which Python writes dates and times; any other call stays, and is refused."""

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        utc: Any = datetime.timezone.utc
        return ast.Constant(utc) if ast.unparse(node) == "datetime.timezone.utc" else node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        makes = _CALLS.get(ast.unparse(node.func))
        if not makes:
            return node
        arguments = [ast.literal_eval(self.visit(argument)) for argument in node.args]
        named = {str(argument.arg): ast.literal_eval(self.visit(argument.value)) for argument in node.keywords}
        return ast.Constant(makes(*arguments, **named))


_CALLS: dict[str, Any] = {
    f"datetime.{makes.__name__}": makes
    for makes in (datetime.date, datetime.datetime, datetime.timedelta, datetime.timezone)
}
