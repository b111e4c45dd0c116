# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The base of the steps of the gate: actions that run on the controller alone and never connect to a host."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible.plugins.action import ActionBase

from .._compliance.inputs.mistakes import Refused
from .._compliance.model import wording

HEADLINE, LINE = 200, 400
"""Characters of the line with the end of a task, and of each further line."""
_NAMED = 5


class ControllerAction(ActionBase):  # type: ignore[misc]
    """An action whose ``act`` returns a result, or raises Refused or ValueError for arguments that it cannot use."""

    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    ARGUMENTS: dict[str, dict[str, Any]] = {}
    RULES: dict[str, Any] = {}
    """Rules between arguments, as an argument specification has them."""

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        _validation, arguments = self.validate_argument_spec(argument_spec=self.ARGUMENTS, **self.RULES)
        try:
            return {**result, "changed": False, **self.act(arguments, task_vars or {})}
        except Refused as refused:
            lines = refused.lines
        except ValueError as error:
            lines = [str(error)]
        return {**result, "changed": False, "failed": True, **shown(*listed(lines))}

    def act(self, arguments: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        """Return the result of the step.

        :param arguments: validated; from ansible-core 2.19 on its values are tagged subclasses.
        :param variables: those of the task's host, not templated.
        """
        raise NotImplementedError


def shown(headline: str, findings: Sequence[str]) -> dict[str, Any]:
    """Return the part of a result that is printed: one line, and further lines as a list, on every ansible-core."""
    further = {"findings": list(findings)} if findings else {}
    return {"msg": headline, **further, "_ansible_verbose_always": True}


def listed(mistakes: Sequence[str], before: str = "") -> tuple[str, list[str]]:
    """Return a headline for mistakes and the list of them. A single one is the headline, with the rest of it as list.

    :param mistakes: lines that begin with the name of an input and a colon.
    :param before: what the headline begins with.
    """
    if len(mistakes) == 1:
        first, *rest = broken(before + mistakes[0])
        return first, rest
    names = list(dict.fromkeys(line.partition(": ")[0] for line in mistakes))
    amount = wording.amount(len(mistakes), "mistake")
    headline = f"{before}{amount}: {wording.listed(names, _NAMED)}"
    return wording.one_line(headline, HEADLINE), [wording.one_line(line, LINE) for line in mistakes]


def broken(line: str) -> list[str]:
    """Return a line that fits the headline, and the rest of it if there is any."""
    line = wording.one_line(line, HEADLINE + LINE)
    if len(line) <= HEADLINE:
        return [line]
    # Where a sentence ends, else where a word does
    place = line.rfind(". ", 0, HEADLINE) + 1 or line.rfind(" ", 0, HEADLINE)
    place = place if place > 0 else HEADLINE
    return [line[:place], line[place:].strip()]


def unwritten(kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return the failed result of a report that could not be written: why, then what it would have contained.

    :param kept: ``msg``, ``headline`` and ``findings``.
    """
    first, *rest = broken(kept["msg"])
    return {"failed": True, **shown(first, [*rest, kept["headline"], *kept["findings"]])}
