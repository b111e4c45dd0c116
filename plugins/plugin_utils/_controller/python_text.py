# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Data with dates in it, as a template of ansible-core before 2.19 writes them: in Python's notation.

Without dates such a template gives the data itself.
"""

from __future__ import annotations

import ast
import datetime
from typing import Any


def data(text: str) -> Any:
    """What such a text holds. Raises ValueError, also where no date is in it."""
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
