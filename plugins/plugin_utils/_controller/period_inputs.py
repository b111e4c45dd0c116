# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The inputs of the report of a period, as they arrive: from extra-vars every one of them may be text."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, NamedTuple

from ansible_collections.cloudbackup.m365.plugins.module_utils import _time

from .._compliance.inputs.mistakes import Mistakes
from .._compliance.model import kinds
from .._compliance.model.durations import DURATION
from .._compliance.period import recorded_run
from . import folder_names
from .plain import plain
from .structured_text import structure

INPUTS = ("report_dir", "start", "end", "now", "max_gap", "tenants", "anchors", "enforce", "output_dir")
LONGEST = 10 * 366
"""Days of a period."""
_A_DATE = "a date such as 2026-01-31"


class Inputs(NamedTuple):
    """Settled inputs. Instants are Unix seconds."""

    directories: list[str]
    start: int
    end: int
    """The first second of the last day."""
    now: int
    now_given: bool
    max_gap: int
    tenants: dict[str, int | None]
    """By subject, the first second of the day since which it is expected; None for the whole period."""
    anchors: dict[str, list[str]]
    """By subject, the SHA-256 of lines that have to be in its history."""
    enforce: bool
    output_dir: str


def settle(given: Mapping[str, Any], now: int) -> tuple[Inputs, list[str]]:
    """Return the inputs and the mistakes in them, each of which begins with the name of an option.

    :param given: plain data by option; null and an empty text are the default.
    :param now: the machine's clock.
    """
    options = {name: value for name, value in given.items() if value is not None and value != ""}
    mistakes = Mistakes()
    directories = _directories(mistakes, options.get("report_dir"))
    start, end = (_date(mistakes, name, options.get(name)) for name in ("start", "end"))
    at = _now(mistakes, options["now"]) if "now" in options else now
    if not mistakes.lines:
        _check_order(mistakes, start, end, at)
    first = os.path.abspath(directories[0]) if directories else ""
    days = f"{_time.unix_to_date(start)}-{_time.unix_to_date(end)}"
    output_dir = options.get("output_dir", f"{first}-period-{days}")
    if isinstance(output_dir, str):
        output_dir = folder_names.expanded(output_dir)
    if not isinstance(output_dir, str):
        mistakes.add("output_dir", output_dir, "a path")
    elif os.path.realpath(output_dir) in map(os.path.realpath, directories):
        mistakes.add_line("output_dir", "is a folder that is read; give the report another one")
    settled = Inputs(
        directories,
        start,
        end,
        at,
        "now" in options,
        mistakes.value("max_gap", options.get("max_gap", "26h"), DURATION, 0),
        _tenants(mistakes, options.get("tenants", [])),
        _anchors(mistakes, options.get("anchors", {})),
        mistakes.value("enforce", options.get("enforce", True), kinds.SWITCH, True),
        str(output_dir),
    )
    return settled, mistakes.lines


def _directories(mistakes: Mistakes, value: object) -> list[str]:
    try:
        return folder_names.named(value)
    except ValueError as error:
        mistakes.add_line("report_dir", str(error))
        return []


def _date(mistakes: Mistakes, name: str, value: object) -> int:
    try:
        if isinstance(value, str) and _time.is_date(value):
            return _time.read_now(value)
    except ValueError:
        pass
    mistakes.add(name, value, _A_DATE)
    return 0


def _now(mistakes: Mistakes, value: object) -> int:
    try:
        return _time.read_now(value)
    except ValueError:
        mistakes.add("now", value, "an ISO 8601 time such as 2026-11-24T06:00:00Z")
        return 0


def _check_order(mistakes: Mistakes, start: int, end: int, now: int) -> None:
    if end < start:
        mistakes.add_line("end", "is before start")
    elif end - start >= LONGEST * _time.DAY:
        mistakes.add_line("end", f"is over {LONGEST} days after start, the longest period that is reported")
    elif start > now:
        mistakes.add_line("start", f"is in the future, it is {_time.unix_to_iso(now)} now")


def _structured(mistakes: Mistakes, name: str, value: object, opening: tuple[str, ...]) -> Any:
    """Return the data in a text that begins like a structure; other values as they are."""
    if not isinstance(value, str) or not value.strip().startswith(opening):
        return value
    try:
        return plain(structure(value))
    except ValueError as error:
        mistakes.add_line(name, str(error))
        return None


def _tenants(mistakes: Mistakes, value: object) -> dict[str, int | None]:
    before = len(mistakes.lines)
    value = _structured(mistakes, "tenants", value, ("[", "-", "{"))
    if len(mistakes.lines) > before:
        return {}
    if isinstance(value, str):
        value = [name for name in value.split(",") if name.strip()]
    if not isinstance(value, list):
        mistakes.add("tenants", value, "a list of names, or of dictionaries with subject and since")
        return {}
    found: dict[str, int | None] = {}
    for place, item in enumerate(value):
        path = f"tenants[{place}]"
        written = mistakes.mapping(path, item, ("subject", "since")) if isinstance(item, dict) else {"subject": item}
        subject = _name(mistakes, f"{path}.subject" if isinstance(item, dict) else path, written.get("subject"))
        if subject in found:
            mistakes.add_line(path, f"{subject} is named more than once")
        since = written.get("since")
        found[subject] = _date(mistakes, f"{path}.since", since) if since not in (None, "") else None
    return found


def _anchors(mistakes: Mistakes, value: object) -> dict[str, list[str]]:
    before = len(mistakes.lines)
    value = _structured(mistakes, "anchors", value, ("",))
    if len(mistakes.lines) > before:
        return {}
    if not isinstance(value, dict):
        mistakes.add("anchors", value, "a dictionary of a SHA-256 by tenant")
        return {}
    found = {}
    for subject, hashes in value.items():
        known = [str(one).strip().lower() for one in (hashes if isinstance(hashes, list) else [hashes])]
        for one in known:
            if not recorded_run.is_sha256(one):
                mistakes.add(f"anchors.{subject}", one, "the SHA-256 of a line, 64 hexadecimal digits")
        found[str(subject).strip()] = known
    return found


def _name(mistakes: Mistakes, path: str, value: object) -> str:
    """Return a tenant's name; a number, as YAML makes it of digits, is a name too."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)) or not str(value).strip():
        mistakes.add(path, value, "the tenant's name")
        return ""
    return str(value).strip()
