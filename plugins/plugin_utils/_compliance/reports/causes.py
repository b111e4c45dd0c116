# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Group the results that did not pass by cause: a failed read is one cause for all affected results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ..model import wording
from ..model.check import EVIDENCE
from ..model.outcome import STATUSES
from ..reading import results

BAD = ("fail", "error", "warn")
"""The statuses with a cause."""
READ = "read"
"""The name of a cause that is a failed read."""

_MOST_SCOPES = 4


class Cause(NamedTuple):
    """A cause to investigate.

    :ivar name: a check, or ``read``; ``about`` is where: scopes, or the reads that failed.
    :ivar what: observed and expected, or what happened; ``remedy`` is what to do.
    :ivar brief: the same in a few words.
    :ivar results: the number of affected results.
    """

    status: str
    name: str
    about: str
    what: str
    brief: str
    remedy: str
    results: int


def causes(evidence: Mapping[str, Any]) -> list[Cause]:
    """Return the causes, the worst first; among errors, those that explain others first.

    :param evidence: the content of evidence.json.
    """
    bad = [result for result in evidence["results"] if result["status"] in BAD]
    reads, explained = _failed_reads(evidence, bad)
    rest = [result for result in bad if not any(result is one for one in explained)]
    groups: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for result in rest:
        groups.setdefault(_key(result), []).append(result)
    found = [*reads, *(_of_results(group) for group in groups.values())]
    return sorted(found, key=lambda cause: (STATUSES.index(cause.status), cause.name not in (READ, EVIDENCE)))


def _failed_reads(
    evidence: Mapping[str, Any], bad: Sequence[Mapping[str, Any]]
) -> tuple[list[Cause], list[Mapping[str, Any]]]:
    """Return a cause for each reason of failed reads, and the results with no other reason."""
    by_reason: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for error in _errors(evidence):
        by_reason.setdefault(_reason(error), []).append(error)
    found, explained = [], []
    for errors in by_reason.values():
        names = list(dict.fromkeys(str(error.get("read") or "data") for error in errors))
        starts = tuple(map(results.could_not_be_read, names))
        open_ = [one for one in bad if one["status"] == "error" and one["message"].startswith(starts)]
        explained += open_
        message, hint, kind = _message(errors[0]), _fact(errors[0], "hint"), _fact(errors[0], "kind")
        brief = ", ".join(filter(None, ("the API could not be read: " + kind if kind else "a read failed", message)))
        found.append(Cause("error", READ, " and ".join(map(results.shown, names)), message, brief, hint, len(open_)))
    return found, explained


def _errors(evidence: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the failed reads. Stored evidence may contain anything."""
    read = evidence["read"]
    errors = read.get("errors") if isinstance(read, Mapping) else None
    return [error for error in errors if isinstance(error, Mapping)] if isinstance(errors, list) else []


def _reason(error: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the common part of failed reads with one cause: where and how they failed, or the message."""
    where = tuple(_fact(error, name) for name in ("kind", "url", "status", "hint"))
    return where if where[1] else (_message(error),)


def _fact(error: Mapping[str, Any], name: str) -> str:
    """Return a value of the failure of a read."""
    failure = error.get("failure")
    value = failure.get(name) if isinstance(failure, Mapping) else None
    return "" if value is None else str(value)


def _message(error: Mapping[str, Any]) -> str:
    """Return the message of a failed read without the hint at its end."""
    message = str(error.get("message") or "no message")
    return message.removesuffix(_fact(error, "hint")).strip().rstrip(".")


def _key(result: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the common part of results with one cause. The same error in several checks is also one cause."""
    if result["status"] == "error" and result["check"] != EVIDENCE:
        return "error", result["message"]
    return result["status"], result["check"], result["expected"]


def _of_results(group: Sequence[Mapping[str, Any]]) -> Cause:
    first = group[0]
    checks = list(dict.fromkeys(result["check"] for result in group))
    scopes = list(dict.fromkeys(result["scope"] for result in group))
    if first["status"] == "error" or first["check"] == EVIDENCE:
        what = brief = first["message"]
    else:
        what = f"{'; '.join(_observed(group))}; expected {first['expected']}"
        brief = first["observed"] if len(scopes) == 1 else f"{first['scope']} {first['observed']}"
    name = checks[0] if len(checks) == 1 else f"{checks[0]} and {wording.amount(len(checks) - 1, 'more check')}"
    return Cause(
        first["status"], name, wording.listed(scopes, _MOST_SCOPES), what, brief, first["remediation"], len(group)
    )


def _observed(group: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Return what was observed, with the scopes if they differ."""
    by_figure: dict[str, list[str]] = {}
    for result in group:
        by_figure.setdefault(result["observed"], []).append(result["scope"])
    if len(by_figure) == 1:
        yield from by_figure
        return
    shown = list(by_figure.items())[:_MOST_SCOPES]
    yield from (f"{wording.listed(scopes, _MOST_SCOPES)} {figure}" for figure, scopes in shown)
    if len(by_figure) > _MOST_SCOPES:
        yield f"{len(by_figure) - _MOST_SCOPES} more"
