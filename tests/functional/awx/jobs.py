# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Jobs as AWX runs them: its renderer of credentials, its project folder, its extra variables, its runner."""

from __future__ import annotations

import json
import pathlib
import re
import shutil
import subprocess
import sys
from typing import Any

import yaml
from ansible_collections.cloudbackup.m365.tests.functional import runner
from ansible_collections.cloudbackup.m365.tests.functional.awx.setup import Made

PROJECT = pathlib.Path(__file__).parents[3] / "docs" / "examples" / "awx_project"


class Rendered:
    """What AWX's own renderer makes of a credential: the job's environment, and the one that it keeps and shows."""

    def __init__(self) -> None:
        self.env: dict[str, str] = {}
        self.shown: dict[str, str] = {}
        self.arguments: list[str] = []


def render(made: Made, inputs: dict[str, Any], private_data_dir: pathlib.Path, monkeypatch: Any) -> Rendered:
    from awx_plugins.interfaces import (
        _temporary_private_api,
        _temporary_private_container_api,
        _temporary_private_credential_api,
        _temporary_private_inject_api,
    )

    # In a container the folder is /runner. Here it is where it is.
    monkeypatch.setattr(_temporary_private_container_api, "CONTAINER_ROOT", str(private_data_dir.resolve()))
    options = made.of("credential_type")
    rendered = Rendered()
    _temporary_private_inject_api.inject_credential(
        _temporary_private_api.ManagedCredentialType(
            namespace="cloudbackup",
            name=options["name"],
            kind=options["kind"],
            inputs=options["inputs"],
            injectors=options["injectors"],
        ),
        _temporary_private_credential_api.Credential(inputs),
        rendered.env,
        rendered.shown,
        rendered.arguments,
        str(private_data_dir),
    )
    return rendered


class UntrustedDumper(yaml.SafeDumper):
    """Tags every text !unsafe."""


UntrustedDumper.add_representer(str, lambda dumper, text: dumper.represent_scalar("!unsafe", text))


def extra_vars_file(variables: dict[str, Any], of_the_template: dict[str, Any]) -> str:
    """Write variables as AWX does: only what comes from the job template itself, unchanged, may be a template."""
    return "".join(
        yaml.dump(
            {name: value},
            Dumper=yaml.SafeDumper if of_the_template.get(name) == value else UntrustedDumper,
            width=float("inf"),
        )
        for name, value in variables.items()
    )


def answers_of(survey: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """Return the variables that AWX makes of a survey: a default that is not a valid answer itself is left out."""
    answers = {
        question["variable"]: question["default"]
        for question in survey["spec"]
        if question["default"] != "" or question["type"] == "text"
    }
    return {**answers, **given}


def inventory_script(groups: dict[str, Any]) -> str:
    """Return the program that AWX makes of an inventory."""
    hosts = {name: variables or {} for group in groups.values() for name, variables in group["hosts"].items()}
    data = {name: {"hosts": list(group["hosts"])} for name, group in groups.items()}
    return f"#!{sys.executable}\nprint({json.dumps({**data, '_meta': {'hostvars': hosts}})!r})\n"


class Job:
    """A job that ended."""

    def __init__(self, status: str, exit_status: int, folder: pathlib.Path) -> None:
        self.status, self.exit_status, self.folder = status, exit_status, folder
        events = [json.loads(path.read_text(encoding="utf-8")) for path in self.folder.glob("*/job_events/*-*.json")]
        self.events = sorted(events, key=lambda event: event["counter"])
        self.output = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(event["stdout"] for event in self.events))

    @property
    def published(self) -> Any:
        """What AWX keeps as the job's artifacts and passes to later jobs."""
        (ended,) = [event["event_data"] for event in self.events if event["event"] == "playbook_on_stats"]
        return ended["artifact_data"]

    def left_behind(self) -> dict[str, bytes]:
        """Return all files of the run by path, except the one that the runner itself writes the environment to.

        AWX removes that with the folder; what it keeps of a job are the events and the output.
        """
        files = [path for path in self.folder.rglob("*") if path.is_file() and path.name != "command"]
        return {str(path): path.read_bytes() for path in files}


# In its own process: it forks, and the simulator has threads.
RUNNER = """
import json, sys
import ansible_runner
ended = ansible_runner.run(**json.load(sys.stdin))
json.dump([ended.status, ended.rc], sys.stdout)
"""


def launch(
    made: Made,
    render: Any,
    folder: pathlib.Path,
    name: str = "gate",
    *,
    inputs: dict[str, Any] | None = None,
    answers: dict[str, Any] | None = None,
    artifacts: dict[str, Any] | None = None,
    playbook: str | None = None,
    variables: dict[str, Any] | None = None,
    groups: dict[str, Any] | None = None,
    files: dict[str, str] | None = None,
    verbosity: int = 0,
    vault_password: str = "",
) -> Job:
    """Run a job template by ansible-runner: its project, inventory, credential, survey and variables."""
    template = made.of("job_template", playbook=f"{name}.yml")
    private_data_dir = folder / f"awx_42_{name}"
    for part in ("env", "inventory"):
        (private_data_dir / part).mkdir(parents=True)
    shutil.copytree(PROJECT, private_data_dir / "project")
    for path, text in (files or {}).items():
        (private_data_dir / "project" / path).write_text(text)
    script = private_data_dir / "inventory" / "hosts"
    of_the_project = yaml.safe_load((PROJECT / "inventory.yml").read_text(encoding="utf-8"))
    script.write_text(inventory_script(groups or of_the_project))
    script.chmod(0o700)
    of_the_template = {**template.get("extra_vars", {}), **(variables or {})}
    asked = answers_of(template["survey_spec"], answers or {}) if template.get("survey_enabled") else {}
    (private_data_dir / "env" / "extravars").write_text(
        extra_vars_file({**of_the_template, **asked, **(artifacts or {}), "awx_job_id": 42}, of_the_template)
    )
    rendered = render(inputs, private_data_dir) if inputs is not None else Rendered()
    if vault_password:
        (private_data_dir / "env" / "vault").write_text(vault_password)
        rendered.arguments += ["--vault-password-file", str(private_data_dir / "env" / "vault")]
    settings = {
        "private_data_dir": str(private_data_dir),
        "ident": "42",
        "playbook": playbook or template["playbook"],
        "inventory": str(private_data_dir / "inventory"),
        "envvars": {**rendered.env, "JOB_ID": "42", "AWX_PRIVATE_DATA_DIR": str(private_data_dir)},
        "cmdline": " ".join(rendered.arguments) or None,
        "suppress_env_files": True,
        "quiet": True,
        "verbosity": verbosity,
    }
    ended = subprocess.run(
        [sys.executable, "-c", RUNNER],
        input=json.dumps(settings),
        env=runner.clean_environment(folder),
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        timeout=120,
    )
    return Job(*json.loads(ended.stdout), private_data_dir / "artifacts")
