# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run Ansible as users do: from the command line, in a separate folder, without the machine's environment."""

from __future__ import annotations

import json
import os
import pathlib
import re
import subprocess
import sys
from typing import Any

COLLECTIONS = str(pathlib.Path(__file__).parents[5])
"""The folder that holds ansible_collections, by the way that this file was imported."""
PROGRAMS = {"ansible": "adhoc", "ansible-playbook": "playbook"}


def clean_environment(folder: pathlib.Path, **more: str) -> dict[str, str]:
    """Return the environment of a run whose files are kept in this folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CLOUDBACKUP_", "ANSIBLE_"))}
    return {
        **kept,
        "PATH": os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]]),
        "ANSIBLE_COLLECTIONS_PATH": COLLECTIONS,
        "ANSIBLE_HOME": str(folder / "home"),
        "ANSIBLE_LOCAL_TEMP": str(folder / "tmp"),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_SHOW_CUSTOM_STATS": "1",
        "LC_ALL": "C.UTF-8",
        **more,
    }


class Run:
    """A run that ended: its exit status, all that it printed, and the reports in its folder."""

    def __init__(self, status: int, output: str, folder: pathlib.Path) -> None:
        self.status, self.output, self.folder = status, output, folder
        self.reports = folder / "reports"

    def evidence(self, subject: str) -> Any:
        return json.loads((self.reports / subject / "evidence.json").read_text(encoding="utf-8"))

    def fleet(self) -> Any:
        return json.loads((self.reports / "fleet.json").read_text(encoding="utf-8"))

    def verdicts(self) -> dict[str, str]:
        """Return the verdict of each host of the fleet, worst first."""
        return {row["host"]: row["verdict"] for row in self.fleet()["tenants"]}

    def doubts(self) -> dict[str, str]:
        """Return why a host of the fleet was not judged, of each that was not."""
        return {row["host"]: row["doubt"] for row in self.fleet()["tenants"] if row["doubt"]}

    def failed_hosts(self) -> set[str]:
        recap = re.findall(r"^(\S+)\s+: ok=\d+ .*failed=(\d+)", self.output, re.MULTILINE)
        return {host for host, failed in recap if int(failed)}

    def published(self, name: str) -> Any:
        """Return what a later job of AWX would get under this name."""
        stats, _end = json.JSONDecoder().raw_decode(self.output.partition("RUN: ")[2])
        return stats[name]


class Ansible:
    """Runs the commands of Ansible in a folder."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder

    def run(self, program: str, *arguments: str, environment: dict[str, str] | None = None) -> Run:
        ended = subprocess.run(
            [sys.executable, "-m", "ansible", PROGRAMS[program], *arguments],
            env=clean_environment(self.folder, **(environment or {})),
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        return Run(ended.returncode, ended.stdout + ended.stderr, self.folder)

    def playbook(self, name: str, *arguments: str, environment: dict[str, str] | None = None) -> Run:
        """Run a playbook of the collection by its name, or any by its path."""
        playbook = name if name.endswith(".yml") else f"cloudbackup.m365.{name}"
        return self.run("ansible-playbook", playbook, *arguments, environment=environment)

    def play(self, plays: list[dict[str, Any]], *arguments: str) -> Run:
        """Run plays that are written for one test."""
        (self.folder / "play.yml").write_text(json.dumps(plays))
        return self.playbook("play.yml", *arguments)

    def gate(
        self,
        hosts: dict[str, Any],
        *arguments: str,
        playbook: str = "gate",
        machines: dict[str, Any] | None = None,
        report_dir: str = "reports",
        environment: dict[str, str] | None = None,
    ) -> Run:
        """Run the gate on these tenants (host -> variables), in an inventory that may have other hosts, too."""
        groups = {"tenants": {"hosts": hosts}, "machines": {"hosts": machines or {}}}
        (self.folder / "inventory.json").write_text(json.dumps(groups))
        reports = f"compliance_report_dir={self.folder / report_dir}"
        return self.playbook(playbook, "-i", "inventory.json", "-e", reports, *arguments, environment=environment)


def connection_of(tenant: Any, **more: Any) -> dict[str, Any]:
    """Return the connection options of a simulator, or of one of its tenants."""
    names = ("token_url", "client_id", "client_secret")
    address = tenant.api_url if hasattr(tenant, "api_url") else tenant.url
    return {"api_url": address, **{name: getattr(tenant, name) for name in names}, **more}


def environment_of(simulator: Any, **more: str) -> dict[str, str]:
    """Return the environment variables with the connection options of a simulator."""
    return {f"CLOUDBACKUP_{name.upper()}": value for name, value in connection_of(simulator, **more).items()}


def host_of(connection: dict[str, Any], **variables: Any) -> dict[str, Any]:
    """Return the variables of a tenant. It is not a machine: nobody could log in there."""
    login = {"ansible_connection": "ssh", "ansible_host": "192.0.2.1", "ansible_python_interpreter": "/nowhere/python"}
    return {**login, "compliance_connection": connection, **variables}


def hosts_of(simulator: Any, **more: dict[str, Any]) -> dict[str, Any]:
    """Return a host for each tenant of a simulator; ``more`` holds variables by host."""
    return {
        name: host_of(connection_of(tenant, retries=0), **more.get(name, {}))
        for name, tenant in simulator.tenants.items()
    }
