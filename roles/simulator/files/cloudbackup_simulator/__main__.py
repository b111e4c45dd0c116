# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command line: python -m cloudbackup_simulator."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from . import process, values
from .faults import COMMON_ARGUMENTS, FAULTS, Argument
from .habits import HABITS
from .options import BACKGROUND_LIFETIME, SIMULATOR_OPTIONS
from .rows import ROW_KEYS
from .scenarios import SCENARIOS

_EXAMPLE = """{"scenario": "silent_teams", "habits": {"key_case": "camel"}, "faults": ["status:code=503,times=2"]}"""


def _shown(arguments: Mapping[str, Argument]) -> list[str]:
    defaults = {None: "", ...: " (required)"}
    return [
        f"      {name}={defaults.get(each.default, f' ({each.default})')} {each.meaning}"
        for name, each in arguments.items()
    ]


def _epilog() -> str:
    lines = [f"options: {', '.join(SIMULATOR_OPTIONS)}, certificate (its path), lifetime (seconds; start:"]
    lines += [f"  {BACKGROUND_LIFETIME:g}, run: none). The role's argument_specs describe most of them."]
    lines += ["", "rows: a list of dictionaries, one for each explicit job:"]
    lines += [f"  {name}: {meaning}" for name, meaning in ROW_KEYS.items()]
    lines += ["", "scenarios:"]
    lines += [f"  {name:<22}{scenario.description}" for name, scenario in SCENARIOS.items()]
    lines += ["", "habits (name, default, expected value, meaning):"]
    for name, habit in HABITS.items():
        lines += [f"  {name} ({habit.default!r}), {habit.kind.expected}", f"      {habit.meaning}"]
    lines += ["", "faults, as name:argument=value,argument=value; arguments of every fault:", *_shown(COMMON_ARGUMENTS)]
    for name, kind in FAULTS.items():
        lines += [f"  {name}: {kind.meaning}{'; times=1 by default' if kind.times else ''}", *_shown(kind.arguments)]
    return "\n".join(lines)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="cloudbackup_simulator",
        description="Serve a Cloud Backup for Microsoft 365 API with a simulated tenant on loopback. Prints a line of"
        " JSON with the address; the credentials are in the state file.",
        epilog=_epilog(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    # "serve" is what "start" runs in the background.
    parser.add_argument("command", choices=("run", "start", "stop", "serve"), metavar="run|start|stop")
    parser.add_argument("state", help="the state file, readable only by its owner")
    parser.add_argument("--options", default="{}", help=f"JSON, a file with it, or - for standard input: {_EXAMPLE}")
    return parser


def _options(text: str) -> Any:
    if text == "-":
        text = sys.stdin.read()
    elif not text.lstrip().startswith("{"):
        with open(text, encoding="utf-8") as file:
            text = file.read()
    try:
        return json.loads(text)
    except ValueError as error:
        raise values.Mistake(f"invalid options: expected JSON, got {error}") from None


def main(arguments: Sequence[str] | None = None) -> int:
    given = _parser().parse_args(arguments)
    path = os.path.abspath(given.state)
    try:
        if given.command == "stop":
            print(json.dumps({"stopped": process.stop(path)}))
        elif given.command == "start":
            print(json.dumps(process.start(path, _options(given.options))))
        else:
            options = _options("-" if given.command == "serve" else given.options)
            process.serve(path, options, is_background=given.command == "serve")
    except (values.Mistake, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
