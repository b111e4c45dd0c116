# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A checkout as a pipeline has one, for the commands that the guides show."""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import sys

import ansible_collections
import pytest

ROOT = os.path.dirname(next(iter(ansible_collections.__path__)))
PROGRAMS = {"ansible": "adhoc", "ansible-playbook": "playbook"}
PROJECT = pathlib.Path(__file__).parents[3] / "docs" / "examples" / "awx_project"


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
