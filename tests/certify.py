# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the checks of the field on the collection as it is published: built, installed from the archive.

    python tests/certify.py PYTHON...    (interpreters, as commands or paths; `make certify` names the supported ones)

Prints a line per tool and version as it ends, and all of them as a table at the end. The whole output of each is in
.build/certify. Exits with 1 if any failed, or if one that must run could not. The table lists as not run what needs a
missing Python, or a version of ansible-core that is not in the package index.
"""

from __future__ import annotations

import glob
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import NamedTuple

CHECKOUT = Path(__file__).parents[1]
INSTALLED = CHECKOUT / ".build/ansible_collections/cloudbackup/m365"
LOGS = CHECKOUT / ".build/certify"

CORES = {
    "2.16": ("3.10", "3.11", "3.12"),
    "2.18": ("3.11", "3.12", "3.13"),
    "2.19": ("3.12", "3.13", "3.11"),
    "2.21": ("3.14", "3.12", "3.13"),
    "2.22": ("3.13", "3.14"),
}
"""The versions of ansible-core to certify with, each with the Pythons that can be its controller. The first that is
there is taken. They are in such an order that the five of them bring five Pythons for the unit tests."""

READING_ONLY = "3.9"
"""The Python that runs the modules, on an executing host, but no supported controller."""

CONTROLLERS = ("3.10", "3.11", "3.12", "3.13", "3.14")

# The archive has no pyproject.toml: without --rootdir, pytest would not find tests/conftest.py.
UNIT_TESTS = 'PYTHONPATH="$ANSIBLE_COLLECTIONS_PATH" exec python -m pytest --rootdir=. -p no:cacheprovider -n 2 "$@"'
ALL_TESTS = ("tests/unit", "tests/contract", "tests/functional")
READING_SIDE = tuple(
    f"tests/unit/{name}"
    for name in (
        *("http", "api", "jobs", "options", "test_license.py", "test_settings.py", "test_unusual_activity.py"),
        "test_time.py",
    )
)
"""The tests of what runs on executing hosts."""
REQUESTS = ("==2.28.*", "==2.31.0", "==2.32.3", "==2.32.4", "")
"""The oldest of requests, the last before its TLS changed, two that changed it, and the newest."""
URLLIB3 = "urllib3<2"
"""The generation that reads the lines of a body without a bound; the floods are poured into it, too."""
FLOODS = 'PYTHONPATH="$ANSIBLE_COLLECTIONS_PATH" exec python -m pytest -q -p no:cacheprovider tests/floods'
TLS_READS = 'PYTHONPATH="$ANSIBLE_COLLECTIONS_PATH" exec "$1" tests/tls_reads.py'
FORMATS = 'PYTHONPATH="$ANSIBLE_COLLECTIONS_PATH" exec python tests/validate_formats.py "$@"'
TRESTLE = "compliance-trestle>=5.2,<6"
DEMO = 'cd "$HOME" && exec python -m ansible playbook cloudbackup.m365.demo -e demo_report_dir="$HOME/demo"'
VERIFY = ("python", "-m", "ansible", "galaxy", "collection", "verify", "--offline", "cloudbackup.m365")
LINTERS = (
    ("ansible-lint", "--profile=production", "--strict", "--offline"),
    (
        *("antsibull-docs", "lint-collection-docs", "--plugin-docs", "--validate-collection-refs=self"),
        *("--disallow-unknown-collection-refs", "."),
    ),
    ("antsibull-changelog", "lint"),
)

COLOUR = re.compile(r"\x1b\[[\d;]*m")
COMPLAINT = re.compile(r"^(?:ERROR|WARNING|\[WARNING\]): .*", re.MULTILINE)


class Line(NamedTuple):
    """A line of the table. `outcome` is ``ok``, ``FAILED`` or ``not run``."""

    tool: str
    version: str
    outcome: str
    seconds: int
    closing: str


def run(name: str, command: list[str], **environment: str) -> tuple[bool, int, str]:
    """Run a command with its output in a log file. Return whether it succeeded, the seconds and the output."""
    log = LOGS / f"{name}.log"
    began = time.monotonic()
    with log.open("wb") as file:
        code = subprocess.run(
            command, check=False, stdout=file, stderr=subprocess.STDOUT, env={**os.environ, **environment}
        ).returncode
    output = COLOUR.sub("", log.read_text(encoding="utf-8", errors="replace"))
    return code == 0, round(time.monotonic() - began), output


def last_line(output: str) -> str:
    return next((line.strip(" =") for line in reversed(output.splitlines()) if line.strip()), "no output")


def sanity_reported(output: str) -> str:
    """The closing line of ansible-test sanity, which it does not print itself. Empty if no test ran."""
    tests = set(re.findall(r'^Running sanity test "([\w-]+)"', output, re.MULTILINE))
    return f"{len(tests)} sanity tests" if tests else ""


class Certification:
    """The lines so far. Each check runs on the installed archive, in a copy, with the environment's tools."""

    def __init__(self, pythons: dict[str, str]) -> None:
        self.lines: list[Line] = []
        self.complaints: list[str] = []
        self.path = os.pathsep.join([*dict.fromkeys(str(Path(python).parent) for python in pythons.values())])

    def note(self, line: Line) -> None:
        self.lines.append(line)
        print(f"{line.outcome:<8} {line.tool}, {line.version}: {line.closing} ({line.seconds} s)", flush=True)

    def check(
        self, tool: str, version: str, venv: Path, *command: str, reported=last_line, spotless=False, **environment: str
    ) -> None:
        """Run one check. `spotless`: a warning fails it. `reported`: output -> closing line, empty if nothing ran."""
        name = re.sub(r"[^\w.]+", "-", f"{tool}-{version}")
        path = os.pathsep.join([self.path, os.environ["PATH"]])
        succeeded, seconds, output = run(
            name, [str(INSTALLED / "tests/sandbox"), str(venv), *command], PATH=path, **environment
        )
        complaints = COMPLAINT.findall(output)
        self.complaints += [f"{tool}, {version}: {complaint}" for complaint in complaints]
        ok = succeeded and bool(reported(output)) and not (spotless and complaints)
        self.note(Line(tool, version, "ok" if ok else "FAILED", seconds, reported(output) or last_line(output)))
        if not ok:
            print("\n".join(f"    {line}" for line in output.splitlines()[-40:]), flush=True)


def found(commands: list[str]) -> dict[str, str]:
    """Version, such as ``3.12`` -> path of the interpreter, of those commands that run."""
    pythons = {}
    for command in commands:
        program = "import os, sys; print('%d.%d' % sys.version_info[:2], os.path.realpath(sys.executable))"
        try:
            answer = subprocess.run([command, "-c", program], check=True, capture_output=True, text=True)
        except (OSError, subprocess.CalledProcessError):
            continue
        version, path = answer.stdout.strip().split(" ", 1)
        pythons.setdefault(version, path)
    return pythons


def made(name: str, *steps: list[str]) -> bool:
    """Whether the steps that make an environment all succeeded. The output of the one that did not is shown."""
    for number, step in enumerate(steps):
        succeeded, _seconds, output = run(f"environment-{name}-{number}", step)
        if not succeeded:
            print("\n".join(f"    {line}" for line in output.splitlines()[-20:]), flush=True)
            return False
    return True


def environment_of_core(core: str, python: str) -> Path | None:
    """The environment that `make CORE=...` uses as well."""
    venv = CHECKOUT / f".venv-{core}"
    make = ["make", "-C", str(CHECKOUT), "--no-print-directory", f"CORE={core}", f"PYTHON={python}"]
    return venv if made(core, [*make, f".venv-{core}/installed"]) else None


def index_has_core(core: str, python: str) -> bool:
    """Return whether the package index has a release or pre-release. An index that does not answer is assumed to."""
    pip = [python, "-m", "pip", "install", "--dry-run", "--no-deps", "--disable-pip-version-check"]
    succeeded, _seconds, output = run(f"environment-{core}-index", [*pip, f"ansible-core=={core}.*"])
    return succeeded or not re.search(r"\(from versions: (?!none\))", output)


def environment_of(name: str, python: str, *packages: str) -> Path | None:
    """A separate environment, made anew: its packages have no file whose date could show that they are old."""
    venv = CHECKOUT / f".venv-{name}"
    pip = [str(venv / "bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    return venv if made(name, [python, "-m", "venv", "--clear", str(venv)], [*pip, *packages]) else None


def pylint_can_be_installed(venv: Path) -> bool:
    """Return whether each URL that ansible-test's pylint requires can be downloaded. Pre-releases have such URLs."""
    (requirements,) = venv.glob("lib/python*/site-packages/ansible_test/_data/requirements/sanity.pylint.txt")
    for url in re.findall(r"^[^#\n]*@ (https://[^\s#]+)", requirements.read_text(encoding="utf-8"), re.MULTILINE):
        try:
            urllib.request.urlopen(urllib.request.Request(url, method="HEAD"), timeout=10).close()
        except OSError:
            return False
    return True


def certify_with_core(certification: Certification, core: str, pythons: dict[str, str], tested: set[str]) -> None:
    """Sanity, the demo from the archive, and the unit tests if its Python has not run them yet."""
    python = next((version for version in CORES[core] if version in pythons), None)
    venv = environment_of_core(core, pythons[python]) if python else None
    if venv is None:
        needed = " or ".join(CORES[core])
        outcome, reason = "FAILED", f"none of Python {needed} was found"
        if python:
            reason = "its environment could not be made"
            if not index_has_core(core, pythons[python]):
                outcome, reason = "not run", "it is not in the package index"
        certification.note(Line("ansible-test sanity", f"ansible-core {core}", outcome, 0, reason))
        return
    version = f"ansible-core {with_pre_release_named(versions(venv, 'ansible-core')[0])}, Python {python}"
    sanity = ("python", "-m", "ansible", "test", "sanity", "--local", "--color", "no")
    if pylint_can_be_installed(venv):
        certification.check("ansible-test sanity", version, venv, *sanity, reported=sanity_reported)
    else:
        skipped = "pylint not run: a requirement is not in the package index"
        certification.check(
            *("ansible-test sanity", version, venv, *sanity, "--skip-test", "pylint"),
            reported=lambda output: sanity_reported(output) and f"{sanity_reported(output)}, {skipped}",
        )
    certification.check(
        "playbook from archive",
        version,
        venv,
        *("sh", "-c", DEMO),
        ANSIBLE_LOCALHOST_WARNING="false",
        ANSIBLE_INVENTORY_UNPARSED_WARNING="false",
    )
    if python in CONTROLLERS and python not in tested:
        tested.add(python)
        certification.check("unit tests", version, venv, "sh", "-c", UNIT_TESTS, "-", *ALL_TESTS)


def certify_reading_only(certification: Certification, pythons: dict[str, str]) -> None:
    tool, version = "unit tests, reading side", f"ansible-core 2.15, Python {READING_ONLY}, requests 2.28"
    print(
        f"Python {READING_ONLY} runs the modules but no controller: what judges and reports is not for it.", flush=True
    )
    if READING_ONLY not in pythons:
        certification.note(Line(tool, version, "not run", 0, f"Python {READING_ONLY} was not found"))
        return
    requirements = ("-r", str(CHECKOUT / "tests/requirements-oldest.txt"))
    venv = environment_of("oldest", pythons[READING_ONLY], *requirements)
    if venv is None:
        certification.note(Line(tool, version, "FAILED", 0, "its environment could not be made"))
        return
    certification.check(tool, version, venv, "sh", "-c", UNIT_TESTS, "-", *READING_SIDE)


def certify_tls(certification: Certification, pythons: dict[str, str]) -> None:
    """Reads over TLS with several versions of requests, which differ in what they do with an adapter's context."""
    python = next(version for version in pythons)
    for requirement in REQUESTS:
        venv = environment_of("requests", pythons[python], f"requests{requirement}", "cryptography")
        if venv is None:
            reason = "its environment could not be made"
            certification.note(Line("TLS reads", f"requests {requirement}", "FAILED", 0, reason))
            continue
        version = "requests {}, urllib3 {}".format(*versions(venv, "requests", "urllib3"))
        certification.check(
            "TLS reads", version, Path(sys.prefix), "sh", "-c", TLS_READS, "-", str(venv / "bin/python")
        )


def certify_formats(certification: Certification, pythons: dict[str, str]) -> None:
    """OSCAL with compliance-trestle, in a separate environment, and metrics and alert rules with promtool."""
    tool = "compliance-trestle"
    python = next((pythons[version] for version in ("3.11", "3.12", "3.10", "3.13") if version in pythons), None)
    venv = environment_of("trestle", python, TRESTLE) if python else None
    if venv is None:
        reason = "its environment could not be made" if python else "no Python from 3.10 on was found"
        certification.note(Line(tool, "", "FAILED", 0, reason))
    else:
        trestle = ("trestle", str(venv / "bin/trestle"))
        certification.check(tool, versions(venv, tool)[0], Path(sys.prefix), "sh", "-c", FORMATS, "-", *trestle)
    promtool = shutil.which("promtool")
    if promtool is None:
        reason = "it was not found; it is in Debian's package prometheus"
        certification.note(Line("promtool", "", "FAILED", 0, reason))
        return
    output = subprocess.run([promtool, "--version"], check=True, capture_output=True, text=True)
    version = re.search(r"version (\S+)", output.stdout + output.stderr)
    certification.check(
        *("promtool", version[1] if version else "", Path(sys.prefix), "sh", "-c", FORMATS, "-", "promtool", promtool)
    )


def certify_floods(certification: Certification, pythons: dict[str, str]) -> None:
    """Floods of a server, read with the oldest generation of urllib3."""
    python = next(version for version in pythons if version != READING_ONLY)
    packages = (f"requests{REQUESTS[0]}", URLLIB3, "ansible-core", "hypothesis", "pytest")
    venv = environment_of("floods", pythons[python], *packages)
    if venv is None:
        certification.note(Line("floods", URLLIB3, "FAILED", 0, "its environment could not be made"))
        return
    version = "requests {}, urllib3 {}".format(*versions(venv, "requests", "urllib3"))
    certification.check("floods", version, venv, "sh", "-c", FLOODS)


def with_pre_release_named(version: str) -> str:
    return f"{version} (pre-release)" if re.search(r"\d(?:a|b|rc|\.dev)\d+$", version) else version


def versions(venv: Path, *packages: str) -> list[str]:
    program = "import sys, importlib.metadata as metadata; print(*map(metadata.version, sys.argv[1:]))"
    python = str(venv / "bin/python")
    return subprocess.run([python, "-c", program, *packages], check=True, capture_output=True, text=True).stdout.split()


def certify_with_linters(certification: Certification) -> None:
    """What reads the collection, at the newest versions that the environment of `make` has."""
    venv = Path(sys.prefix)
    certification.check("collection verify", f"ansible-core {versions(venv, 'ansible-core')[0]}", venv, *VERIFY)
    for command in LINTERS:
        certification.check(" ".join(command[:2]), versions(venv, command[0])[0], venv, *command)


def certify_as_galaxy_does(certification: Certification, archive: str, pythons: dict[str, str]) -> None:
    """galaxy-importer, where a warning is a failure too."""
    tool = "galaxy-importer"
    python = next((pythons[version] for version in ("3.12", "3.13") if version in pythons), None)
    venv = environment_of("importer", python, tool) if python else None
    if venv is None:
        reason = "its environment could not be made" if python else "neither Python 3.12 nor 3.13 was found"
        certification.note(Line(tool, "", "FAILED", 0, reason))
        return
    certification.check(
        tool,
        "{} with ansible-lint {}".format(*versions(venv, tool, "ansible-lint")),
        venv,
        *("python", "-m", "galaxy_importer.main", archive),
        spotless=True,
        GALAXY_IMPORTER_CHECK_REQUIRED_TAGS="true",
    )


def print_table(lines: list[Line]) -> None:
    rows = [("tool", "version", "outcome", "s", "closing line")]
    rows += [(line.tool, line.version, line.outcome, str(line.seconds), line.closing[:100]) for line in lines]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for row in rows:
        print("  ".join([*(cell.ljust(width) for cell, width in zip(row, widths)), row[4]]).rstrip())


def main(commands: list[str]) -> int:
    LOGS.mkdir(parents=True, exist_ok=True)
    (archive,) = glob.glob(str(CHECKOUT / ".build/*.tar.gz"))
    pythons = found(commands)
    print(f"archive: {Path(archive).name}\nPythons found: {', '.join(pythons) or 'none'}")
    missing = [version for version in (READING_ONLY, *CONTROLLERS) if version not in pythons]
    print(f"Pythons not found: {', '.join(missing) or 'none'}", flush=True)
    certification = Certification(pythons)
    certify_with_linters(certification)
    certify_as_galaxy_does(certification, archive, pythons)
    tested: set[str] = set()
    for core in CORES:
        certify_with_core(certification, core, pythons, tested)
    for python in CONTROLLERS:
        if python not in tested:
            reason = f"Python {python} was not found" if python not in pythons else "no version of ansible-core took it"
            certification.note(Line("unit tests", f"Python {python}", "not run", 0, reason))
    certify_reading_only(certification, pythons)
    certify_tls(certification, pythons)
    certify_formats(certification, pythons)
    certify_floods(certification, pythons)
    print_table(certification.lines)
    if certification.complaints:
        print("Warnings:", *dict.fromkeys(certification.complaints), sep="\n    ")
    return any(line.outcome == "FAILED" for line in certification.lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
