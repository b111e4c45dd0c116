# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An AWX without AWX: what the playbook would make in one, and its jobs as ansible-runner runs them."""

from __future__ import annotations

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import ansible_collections
import pytest
import yaml

COLLECTION = pathlib.Path(__file__).parents[3]
ROOT = os.path.dirname(next(iter(ansible_collections.__path__)))

RECORDER = '''
import json
import os

from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    """Stands in for a module of awx.awx: writes down what the task gives it."""

    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        with open(os.environ["RECORD"], "a", encoding="utf-8") as file:
            file.write(json.dumps([self._task.action, self._task.args]) + "\\n")
        return {"changed": False}
'''


def plain_environment(folder, **more):
    """The environment of a run, with nothing of the machine's own in the way."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CLOUDBACKUP_", "ANSIBLE_"))}
    return {
        **kept,
        "PATH": os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]]),
        "ANSIBLE_COLLECTIONS_PATH": ROOT,
        "ANSIBLE_HOME": str(folder / "home"),
        "ANSIBLE_LOCAL_TEMP": str(folder / "tmp"),
        "LC_ALL": "C.UTF-8",
        **more,
    }


class Made:
    """What the playbook would make: the options of each task, in their order."""

    def __init__(self, tasks):
        self.tasks = tasks

    def of(self, module, name=None):
        """The options of the one task with this module (and name)."""
        found = [options for made, options in self.tasks if made == f"awx.awx.{module}"]
        (options,) = [options for options in found if name is None or options["name"] == name]
        return options


def run_setup(folder, *arguments):
    """Run awx_setup.yml with modules that only write down what they are told."""
    actions = folder / "stubs" / "ansible_collections" / "awx" / "awx" / "plugins" / "action"
    actions.mkdir(parents=True)
    playbook = (COLLECTION / "playbooks" / "awx_setup.yml").read_text(encoding="utf-8")
    for module in set(re.findall(r"\bawx\.awx\.(\w+):", playbook)):
        (actions / f"{module}.py").write_text(RECORDER)
    record = folder / "record"
    subprocess.run(
        [sys.executable, "-m", "ansible", "playbook", "cloudbackup.m365.awx_setup", *arguments],
        env=plain_environment(
            folder,
            ANSIBLE_COLLECTIONS_PATH=os.pathsep.join([str(folder / "stubs"), ROOT]),
            RECORD=str(record),
        ),
        check=True,
        stdout=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        cwd=folder,
        timeout=120,
    )
    return Made([json.loads(line) for line in record.read_text(encoding="utf-8").splitlines()])


@pytest.fixture(scope="session")
def set_up():
    return run_setup


@pytest.fixture(scope="session")
def made(set_up, tmp_path_factory):
    return set_up(tmp_path_factory.mktemp("awx_setup"), "-e", '{"awx_setup_credential_inputs": {"client_id": "an-id"}}')


class Rendered:
    """What AWX's own renderer makes of a credential: the job's environment, and the one that it keeps and shows."""

    def __init__(self):
        self.env, self.shown, self.arguments = {}, {}, []


@pytest.fixture
def render(made, monkeypatch):
    def run(inputs, private_data_dir):
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

    return run


class UntrustedDumper(yaml.SafeDumper):
    """Tags every text !unsafe."""


UntrustedDumper.add_representer(str, lambda dumper, text: dumper.represent_scalar("!unsafe", text))


def extra_vars_file(variables, of_the_template):
    """As AWX writes them: templates run only in what stands in the job template itself, unchanged."""
    return "".join(
        yaml.dump(
            {name: value},
            Dumper=yaml.SafeDumper if of_the_template.get(name) == value else UntrustedDumper,
            width=float("inf"),
        )
        for name, value in variables.items()
    )


def answers_of(survey, given):
    """The variables that AWX makes of a survey: a default that is no valid answer itself is not one."""
    answers = {
        question["variable"]: question["default"]
        for question in survey["spec"]
        if question["default"] != "" or question["type"] == "text"
    }
    return {**answers, **given}


def inventory_script(groups):
    """The inventory as the program that AWX makes of it."""
    hosts = {name: variables or {} for group in groups.values() for name, variables in group["hosts"].items()}
    data = {name: {"hosts": list(group["hosts"])} for name, group in groups.items()}
    return f"#!{sys.executable}\nprint({json.dumps({**data, '_meta': {'hostvars': hosts}})!r})\n"


class Job:
    """A job that ended."""

    def __init__(self, status, exit_status, folder):
        self.status, self.exit_status, self.folder = status, exit_status, folder
        events = [json.loads(path.read_text(encoding="utf-8")) for path in self.folder.glob("*/job_events/*-*.json")]
        self.events = sorted(events, key=lambda event: event["counter"])
        self.output = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(event["stdout"] for event in self.events))

    @property
    def published(self):
        """What AWX keeps as the job's artifacts and hands on to later jobs."""
        (ended,) = [event["event_data"] for event in self.events if event["event"] == "playbook_on_stats"]
        return ended["artifact_data"]

    def left_behind(self):
        """All files of the run by path, but the one that the runner itself writes the environment to.

        AWX removes that with the folder; what it keeps of a job are the events and the output.
        """
        files = [path for path in self.folder.rglob("*") if path.is_file() and path.name != "command"]
        return {str(path): path.read_bytes() for path in files}


# In a process of its own: it forks, and the simulator has threads.
RUNNER = """
import json, sys
import ansible_runner
ended = ansible_runner.run(**json.load(sys.stdin))
json.dump([ended.status, ended.rc], sys.stdout)
"""


@pytest.fixture
def launch(made, render, tmp_path):
    """Run a job template as AWX does: its project, inventory, credential, survey and variables, by ansible-runner."""

    def run(
        name="gate",
        inputs=None,
        answers=None,
        artifacts=None,
        playbook=None,
        variables=None,
        files=None,
        groups=None,
        verbosity=0,
    ):
        template = next(
            options
            for made_by, options in made.tasks
            if made_by == "awx.awx.job_template" and options["playbook"] == f"{name}.yml"
        )
        private_data_dir = tmp_path / f"awx_42_{name}"
        for folder in ("env", "inventory"):
            (private_data_dir / folder).mkdir(parents=True)
        project = COLLECTION / "docs" / "examples" / "awx_project"
        shutil.copytree(project, private_data_dir / "project")
        for path, text in (files or {}).items():
            (private_data_dir / "project" / path).write_text(text)
        script = private_data_dir / "inventory" / "hosts"
        of_the_project = yaml.safe_load((project / "inventory.yml").read_text(encoding="utf-8"))
        script.write_text(inventory_script(groups or of_the_project))
        script.chmod(0o700)
        of_the_template = {**template.get("extra_vars", {}), **(variables or {})}
        asked = answers_of(template["survey_spec"], answers or {}) if template.get("survey_enabled") else {}
        (private_data_dir / "env" / "extravars").write_text(
            extra_vars_file({**of_the_template, **asked, **(artifacts or {}), "awx_job_id": 42}, of_the_template)
        )
        rendered = render(inputs, private_data_dir) if inputs is not None else Rendered()
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
            env=plain_environment(tmp_path),
            check=True,
            stdout=subprocess.PIPE,
            text=True,
            timeout=120,
        )
        return Job(*json.loads(ended.stdout), private_data_dir / "artifacts")

    return run
