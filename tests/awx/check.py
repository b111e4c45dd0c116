# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is for AWX, held against awx.awx and ansible-builder themselves. Run by `make awx`; needs no server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

COLLECTION = Path(__file__).parents[2]
PLAYBOOKS = COLLECTION / "playbooks"
DEFINITION = COLLECTION / "docs" / "examples" / "execution_environment"


class Loader(yaml.SafeLoader):
    """Reads what is tagged !unsafe as text."""


Loader.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))


def told(command, *arguments, cwd=COLLECTION):
    """What a command prints. Raises CalledProcessError if it fails."""
    return subprocess.run([command, *arguments], check=True, stdout=subprocess.PIPE, text=True, cwd=cwd).stdout


def tasks_by_module():
    (play,) = yaml.safe_load((PLAYBOOKS / "awx_setup.yml").read_text(encoding="utf-8"))
    return [(name, task[name]) for task in play["tasks"] for name in task if name.startswith("awx.awx.")]


def unknown(path, given, options):
    """The keys of a structure that a module does not document, with their places."""
    for key, value in given.items():
        if key not in options:
            yield f"{path}.{key}"
            continue
        suboptions = options[key].get("suboptions")
        for item in value if isinstance(value, list) else [value]:
            if suboptions and isinstance(item, dict):
                yield from unknown(f"{path}.{key}", item, suboptions)


def check_playbooks():
    for path in sorted(PLAYBOOKS.glob("awx_*.yml")):
        told("ansible-playbook", "--syntax-check", "-i", "localhost,", f"cloudbackup.m365.{path.stem}")


def check_options():
    tasks = tasks_by_module()
    documented = json.loads(told("ansible-doc", "--json", *sorted({name for name, _options in tasks})))
    values = yaml.load((PLAYBOOKS / "vars" / "awx.yml").read_text(encoding="utf-8"), Loader)
    mistakes = []
    for name, given in tasks:
        options = documented[name]["doc"]["options"]
        whole = {
            key: values["awx_setup_workflow_nodes"] if key == "workflow_nodes" else value
            for key, value in given.items()
        }
        mistakes += unknown(name, whole, options)
        mistakes += [
            f"{name}: {key} is missing" for key in options if options[key].get("required") and key not in given
        ]
    if not tasks or mistakes:
        raise SystemExit(f"awx.awx does not know or lacks: {mistakes}")


def check_execution_environments():
    asked = told("ansible-builder", "introspect", os.environ["ANSIBLE_COLLECTIONS_PATH"])
    if "requests>=2.28" not in asked or "cloudbackup.m365" not in asked:
        raise SystemExit(f"ansible-builder does not find what the collection needs: {asked}")
    with tempfile.TemporaryDirectory() as folder:
        told("ansible-builder", "create", "--context", folder, cwd=DEFINITION)
        if not [*Path(folder).glob("*file")]:
            raise SystemExit("ansible-builder made no build context")


if __name__ == "__main__":
    for check in (check_playbooks, check_options, check_execution_environments):
        sys.stdout.write(f"{check.__name__.replace('_', ' ')}\n")
        sys.stdout.flush()
        check()
