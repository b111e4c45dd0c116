# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbooks run as users run them: by name, from the command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import ansible_collections
import pytest

ROOT = os.path.dirname(next(iter(ansible_collections.__path__)))


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
