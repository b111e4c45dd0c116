# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Validate the formats for programs with the tools of their fields, on evidence of all kinds. Part of `make certify`.

    python tests/validate_formats.py trestle PATH     OSCAL assessment results, with compliance-trestle
    python tests/validate_formats.py promtool PATH    metrics, and the alert rules of the guide with their tests

The last line is what was found. Exits with 1 at the first file that the tool refuses.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from ansible_collections.cloudbackup.m365.tests.unit.readings import evidence_of, healthy
from ansible_collections.cloudbackup.m365.tests.unit.reports.evidences import EVIDENCES, REDS, WAIVER, packed

HOSTILE = "<script>x</script> | `x` *b* [l](http://e.example) =1 \\ \" '\n\r\t\x00\x1b[2J\u202e\ud800 ü"
ALL = {
    **EVIDENCES,
    "hostile": evidence_of(
        REDS["seats"], waivers=[{**WAIVER, "reason": HOSTILE, "approver": HOSTILE}], subject=HOSTILE
    ),
    "nothing-visible": evidence_of(healthy(), subject="\u200b"),
}
RULES = Path(__file__).parents[1] / "docs" / "examples" / "metrics"
STORAGE = ("cloudbackup_storage_protected_gigabytes", "cloudbackup_storage_purchased_gigabytes")
OBJECTIONS = {f'{name} use base unit "bytes" instead of "gigabytes"' for name in STORAGE}
"""What promtool may object to: the API counts storage in gigabytes."""


def run(*command: str, folder: Path, text: str = "", accept: frozenset[int] = frozenset({0})) -> str:
    """Return the output of a command. Exit where it ends with another status than the accepted ones."""
    ran = subprocess.run(command, cwd=folder, input=text.encode(), capture_output=True, check=False, timeout=300)
    output = (ran.stdout + ran.stderr).decode(errors="replace")
    if ran.returncode not in accept:
        sys.exit(f"{' '.join(command)}: {output}")
    return output


def with_trestle(trestle: str, folder: Path) -> str:
    """Import and validate the assessment results of each evidence."""
    workspace = folder / "workspace"
    workspace.mkdir()
    run(trestle, "init", "--local", folder=workspace)
    for name, evidence in ALL.items():
        path = folder / f"{name}.json"
        path.write_text(packed(evidence, "oscal"), encoding="utf-8")
        run(trestle, "import", "-f", str(path), "-o", name, folder=workspace)
        output = run(trestle, "validate", "-t", "assessment-results", "-n", name, folder=workspace)
        if "VALID: Model" not in output or "INVALID" in output:
            sys.exit(f"{name}: {output}")
    return f"{len(ALL)} OSCAL assessment results are valid"


def with_promtool(promtool: str, folder: Path) -> str:
    """Check the metrics of each evidence, and the alert rules with their tests."""
    for name, evidence in ALL.items():
        output = run(
            promtool, "check", "metrics", folder=folder, text=packed(evidence, "metrics"), accept=frozenset({0, 3})
        )
        if set(output.splitlines()) - OBJECTIONS:
            sys.exit(f"{name}: {output}")
    run(promtool, "check", "rules", "alerts.yml", folder=RULES)
    run(promtool, "test", "rules", "alerts_test.yml", folder=RULES)
    return f"{len(ALL)} files of metrics and the alert rules are valid"


def main(tool: str, path: str) -> int:
    with tempfile.TemporaryDirectory() as folder:
        print({"trestle": with_trestle, "promtool": with_promtool}[tool](path, Path(folder)))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
