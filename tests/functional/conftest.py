# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible as users run it: playbooks by name, and the commands that the guides show."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import subprocess
import sys

import ansible_collections
import pytest

ROOT = os.path.dirname(next(iter(ansible_collections.__path__)))
PROGRAMS = {"ansible": "adhoc", "ansible-playbook": "playbook"}
PROJECT = pathlib.Path(__file__).parents[2] / "docs" / "examples" / "awx_project"


class Run:
    """One ansible-playbook run."""

    def __init__(self, ended, reports):
        self.status = ended.returncode
        self.output = ended.stdout + ended.stderr
        self.reports = reports

    def evidence(self, subject):
        return json.loads((self.reports / subject / "evidence.json").read_text(encoding="utf-8"))


def _playbook(name):
    return str(name) if os.sep in str(name) else f"cloudbackup.m365.{name}"


@pytest.fixture
def playbook(tmp_path):
    """Run a playbook in a folder of its own, with nothing of the machine's environment in the way.

    It is one of the collection's by its name, or any by its path.
    """

    def run(name, *arguments, environment=None):
        ended = subprocess.run(
            [sys.executable, "-m", "ansible", "playbook", _playbook(name), *arguments],
            env={
                **{name: value for name, value in os.environ.items() if not name.startswith("CLOUDBACKUP_")},
                "ANSIBLE_COLLECTIONS_PATH": ROOT,
                "ANSIBLE_HOME": str(tmp_path / "home"),
                "ANSIBLE_LOCAL_TEMP": str(tmp_path / "tmp"),
                "ANSIBLE_NOCOLOR": "1",
                "LC_ALL": "C.UTF-8",
                **(environment or {}),
            },
            cwd=tmp_path,
            stdin=subprocess.DEVNULL,
            check=False,
            capture_output=True,
            text=True,
            timeout=120,
        )
        return Run(ended, tmp_path / "reports")

    return run


@pytest.fixture
def run_in(tmp_path):
    """Run a command of Ansible in a folder of its own, with the tenant in the environment."""

    def run(command, simulator):
        program, *arguments = command
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("CLOUDBACKUP_", "ANSIBLE_"))}
        ended = subprocess.run(
            [sys.executable, "-m", "ansible", PROGRAMS[program], *arguments],
            env={
                **kept,
                "ANSIBLE_COLLECTIONS_PATH": ROOT,
                "ANSIBLE_HOME": str(tmp_path / "home"),
                "LC_ALL": "C.UTF-8",
                "CLOUDBACKUP_API_URL": simulator.url,
                "CLOUDBACKUP_TOKEN_URL": simulator.token_url,
                "CLOUDBACKUP_CLIENT_ID": simulator.client_id,
                "CLOUDBACKUP_CLIENT_SECRET": simulator.client_secret,
            },
            cwd=tmp_path,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        return ended, tmp_path

    return run


@pytest.fixture
def gate_in(tmp_path, run_in):
    """Run ansible-playbook beside the example's inventory, with the tenant in the environment."""

    def run(arguments, simulator):
        shutil.copy(PROJECT / "inventory.yml", tmp_path)
        return run_in(["ansible-playbook", *arguments], simulator)

    return run
