# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check what is for AWX with awx.awx and ansible-builder themselves. Run by `make awx`; needs no AWX."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import server
import yaml

COLLECTION = Path(__file__).parents[2]
PLAYBOOKS = COLLECTION / "playbooks"
DEFINITION = COLLECTION / "docs" / "examples" / "execution_environment"


class Loader(yaml.SafeLoader):
    """Reads what is tagged !unsafe as text."""


Loader.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))


def output(command, *arguments, cwd=COLLECTION, environment=None):
    """Return what a command prints. Ends with it if the command fails."""
    whole = {**os.environ, **(environment or {})}
    ended = subprocess.run([command, *arguments], check=False, stdout=subprocess.PIPE, text=True, cwd=cwd, env=whole)
    if ended.returncode:
        raise SystemExit(f"{command} failed: {ended.stdout}")
    return ended.stdout


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
        output("ansible-playbook", "--syntax-check", "-i", "localhost,", f"cloudbackup.m365.{path.stem}")


def check_options():
    tasks = tasks_by_module()
    documented = json.loads(output("ansible-doc", "--json", *sorted({name for name, _options in tasks})))
    values = yaml.load((PLAYBOOKS / "vars" / "awx_gate.yml").read_text(encoding="utf-8"), Loader)
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


ONLY_ENCRYPTED = ["Make the tenant's credential", "Make the notification"]
"""The tasks that report a change in every run, as the guide explains: AWX does not return a secret to compare it."""


def set_up(address, **values):
    """Run the playbook against an AWX; return the names of the tasks that report a change."""
    secrets = {"client_id": "an-id", "client_secret": "a-secret", "timeout": 30}
    given = {
        "awx_setup_credential_inputs": secrets,
        "awx_setup_notification_configuration": {"username": "awx", "password": "another-secret"},
        **values,
    }
    printed = output(
        *("ansible-playbook", "cloudbackup.m365.awx_setup", "-e", json.dumps(given)),
        environment={
            "CONTROLLER_HOST": address,
            "CONTROLLER_OAUTH_TOKEN": "a-token",
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        },
    )
    changed = []
    for part in printed.split("\nTASK [")[1:]:
        name, _bracket, rest = part.partition("]")
        if re.search("^changed: ", rest, re.MULTILINE):
            changed.append(name)
    return changed


def check_two_of_everything():
    """Check that tenants, teams and organizations that are set up one after the other stay apart, and a second run."""
    ours = {"awx_setup_team": "Backup"}
    theirs = {"awx_setup_tenant": "fabrikam", "awx_setup_team": "Backup of fabrikam"}
    finance = {"awx_setup_organization": "Finance"}
    with server.running("/api/controller/") as (awx, address):
        organizations = [awx.create("organizations", {"name": name})["id"] for name in ("Default", "Finance")]
        for team in ("Backup", "Backup of fabrikam"):
            awx.create("teams", {"name": team, "organization": organizations[0]})
        for values in (ours, theirs, finance):
            if not set_up(address, awx_setup_api_prefix="/api/controller", **values):
                raise SystemExit(f"nothing was made of {values}")
        before = json.dumps([awx.objects, awx.associated, awx.surveys])
        for values in (ours, theirs, finance):
            changed = set_up(address, awx_setup_api_prefix="/api/controller", **values)
            if changed != ONLY_ENCRYPTED:
                raise SystemExit(f"a second run changes {changed}")
        if json.dumps([awx.objects, awx.associated, awx.surveys]) != before:
            raise SystemExit("after a second run AWX is not as before")
    counts = {kind: len(objects) for kind, objects in awx.objects.items()}
    expected = {
        "organizations": 2,
        "teams": 2,
        "credential_types": 1,
        **dict.fromkeys(["execution_environments", "projects", "inventories", "inventory_sources"], 2),
        **dict.fromkeys(["credentials", "notification_templates", "workflow_job_templates", "schedules"], 3),
        "job_templates": 9,
        "workflow_job_template_nodes": 9,
    }
    if counts != expected:
        raise SystemExit(f"made {counts}, expected {expected}")
    granted = sorted(len(teams) for path, teams in awx.associated.items() if path.endswith("/teams/"))
    alarms = [held for path, held in awx.associated.items() if path.endswith("/notification_templates_error/")]
    if granted != [1] * 8 or len({tuple(held) for held in alarms}) != 3:
        raise SystemExit(f"roles {granted}, notifications {alarms}")


def check_execution_environments():
    asked = output("ansible-builder", "introspect", os.environ["ANSIBLE_COLLECTIONS_PATH"])
    if "requests>=2.28" not in asked or "cloudbackup.m365" not in asked:
        raise SystemExit(f"ansible-builder does not find what the collection needs: {asked}")
    with tempfile.TemporaryDirectory() as folder:
        output("ansible-builder", "create", "--context", folder, cwd=DEFINITION)
        if not [*Path(folder).glob("*file")]:
            raise SystemExit("ansible-builder made no build context")


if __name__ == "__main__":
    for check in (check_playbooks, check_options, check_two_of_everything, check_execution_environments):
        sys.stdout.write(f"{check.__name__.replace('_', ' ')}\n")
        sys.stdout.flush()
        check()
