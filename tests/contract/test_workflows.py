# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What runs by itself, on a server or before a commit, only calls what is there. The archive has no such thing."""

from __future__ import annotations

import importlib.util
import itertools
import pathlib
import re
import subprocess

import pytest
import yaml

ROOT = pathlib.Path(__file__).parents[2]
WORKFLOWS = {path.name: yaml.safe_load(path.read_text()) for path in sorted((ROOT / ".github/workflows").glob("*.yml"))}
JOBS = {f"{name} {job}": shown for name, workflow in WORKFLOWS.items() for job, shown in workflow["jobs"].items()}
STEPS = [(where, step) for where, job in JOBS.items() for step in job.get("steps", [])]


def certification():
    spec = importlib.util.spec_from_file_location("certify", ROOT / "tests/certify.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


CERTIFY = certification()


def supported_cores():
    requirements = (ROOT / "tests/requirements.txt").read_text()
    low, high = re.search(r"^ansible-core>=2\.(\d+),<2\.(\d+)$", requirements, re.MULTILINE).groups()
    return [f"2.{minor}" for minor in range(int(low), int(high))]


def commands():
    """Each command of each workflow, with each value of its job's matrix, and those of the hooks."""
    for where, job in JOBS.items():
        matrix = job.get("strategy", {}).get("matrix", {})
        for values in itertools.product(*matrix.values()):
            for step in job.get("steps", []):
                command = step.get("run", "")
                for name, value in zip(matrix, values):
                    for key, text in value.items() if isinstance(value, dict) else [("", value)]:
                        variable = f"matrix.{name}.{key}" if key else f"matrix.{name}"
                        command = command.replace(f"${{{{ {variable} }}}}", text)
                yield where, command
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())
    for repository in hooks["repos"]:
        for hook in repository["hooks"]:
            yield f"pre-commit {hook['id']}", hook["entry"]


CALLS = sorted({command for _where, command in commands() if command.startswith("make ")})


def test_there_are_workflows_and_they_call_make():
    assert list(WORKFLOWS) == ["certify.yml", "ci.yml", "release.yml"]
    assert {call.split()[1] for call in CALLS} == {
        *("style", "lint", "demo", "sanity", "integration", "unit", "functional", "contract"),
        *("certify", "build"),
    }


@pytest.mark.parametrize("call", CALLS)
def test_make_has_what_is_called(call):
    """make itself is asked, without running anything: it reports a target that it does not know."""
    made = subprocess.run(
        [*call.split(), "--dry-run", "--no-print-directory"], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert made.returncode == 0, made.stderr
    assert ".venv-docs" not in made.stdout, "the website is no part of it"
    assert "${{" not in call


@pytest.mark.parametrize(("where", "step"), STEPS, ids=[f"{step[0]} {number}" for number, step in enumerate(STEPS)])
def test_an_action_is_of_github_and_of_a_major_version(where, step):
    assert ("uses" in step) != ("run" in step)
    if "uses" in step:
        assert re.fullmatch(r"actions/[\w-]+@v\d+", step["uses"])


@pytest.mark.parametrize("where", JOBS)
def test_a_job_has_an_end_or_is_a_workflow_of_this_repository(where):
    job = JOBS[where]
    assert ("uses" in job) != (job.get("timeout-minutes", 0) > 0)
    if "uses" in job:
        assert (ROOT / job["uses"]).is_file()


def test_the_only_secret_is_the_key_of_galaxy():
    texts = [path.read_text() for path in (ROOT / ".github").rglob("*.yml")]
    assert set(re.findall(r"secrets\.(\w+)", "".join(texts))) == {"GALAXY_API_KEY"}


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_may_only_read_unless_a_job_says_more(name):
    assert WORKFLOWS[name]["permissions"] == {"contents": "read"}


def test_the_versions_of_the_matrix_are_those_that_are_supported():
    versions = JOBS["ci.yml test"]["strategy"]["matrix"]["with"]
    assert [version["core"] for version in versions] == supported_cores()
    assert {version["python"] for version in versions} == set(CERTIFY.CONTROLLERS)


def test_the_certification_covers_the_range_that_is_supported():
    cores = list(CERTIFY.CORES)
    assert set(cores) < set(supported_cores())
    assert [cores[0], cores[-1]] == [supported_cores()[0], supported_cores()[-1]]
    assert sorted(pythons[0] for pythons in CERTIFY.CORES.values()) == sorted(CERTIFY.CONTROLLERS)


def test_each_place_that_lists_pythons_lists_those_of_the_certification():
    pythons = [CERTIFY.READING_ONLY, *CERTIFY.CONTROLLERS]
    makefile = (ROOT / "Makefile").read_text()
    assert re.findall(r"python(3\.\d+)", re.search(r"^PYTHONS \?= (.*)$", makefile, re.MULTILINE)[1]) == pythons
    (setup,) = [
        step["with"] for where, step in STEPS if where == "certify.yml certify" and "python" in str(step.get("with"))
    ]
    assert sorted(setup["python-version"].split()) == sorted(pythons)


@pytest.mark.parametrize("path", ["README.md", "docs/docsite/rst/development.rst"])
def test_a_page_names_the_range_of_ansible_core_and_python(path):
    text = " ".join((ROOT / path).read_text().split())
    cores, pythons = supported_cores(), CERTIFY.CONTROLLERS
    assert f"ansible-core {cores[0]} to {cores[-1]}" in text
    assert f"Python {pythons[0]} to {pythons[-1]}" in text


def test_every_requirement_on_ansible_core_has_the_same_range():
    paths = [path for folder in ("docs", "tests") for path in (ROOT / folder).rglob("*")]
    ranges = {
        requirement
        for path in paths
        if path.suffix in {".txt", ".yml", ".rst", ".md"}
        for requirement in re.findall(r"ansible-core>=[\d.]+(?:,<[\d.]+)?", path.read_text())
    }
    above = int(supported_cores()[-1].removeprefix("2.")) + 1
    assert ranges == {f"ansible-core>={supported_cores()[0]},<2.{above}"}


@pytest.mark.parametrize(
    ("answer", "has"),
    [
        ((True, 1, "Would install ansible-core-2.22.0rc1"), True),
        ((False, 1, "ERROR: Could not find a version (from versions: 2.21.4, 2.21.5)"), False),
        ((False, 1, "ERROR: Could not find a version (from versions: none)"), True),
        ((False, 1, "No module named pip"), True),
    ],
    ids=["it has", "it has others", "it does not answer", "there is no pip"],
)
def test_an_ansible_core_is_only_absent_if_the_index_has_others(monkeypatch, answer, has):
    monkeypatch.setattr(CERTIFY, "run", lambda name, command: answer)
    assert CERTIFY.index_has_core("2.22", "python3.13") is has


@pytest.mark.parametrize(
    ("version", "named"),
    [
        ("2.22.0rc1", "2.22.0rc1 (pre-release)"),
        ("2.22.0b2", "2.22.0b2 (pre-release)"),
        ("2.23.0.dev0", "2.23.0.dev0 (pre-release)"),
        ("2.22.0", "2.22.0"),
        ("2.14.0.post0", "2.14.0.post0"),
    ],
)
def test_the_certification_names_a_pre_release(version, named):
    assert CERTIFY.with_pre_release_named(version) == named


@pytest.mark.parametrize(
    ("requirements", "can"),
    [
        ("# a @ https://example.invalid/a.zip\nastroid==4.0.4\n", True),
        ("astroid==4.0.4\ndill @ https://example.invalid/dill.zip#sha256=0\n", False),
    ],
)
def test_pylint_is_only_skipped_if_a_requirement_is_at_an_unreachable_host(tmp_path, requirements, can):
    folder = tmp_path / "lib/python3.13/site-packages/ansible_test/_data/requirements"
    folder.mkdir(parents=True)
    (folder / "sanity.pylint.txt").write_text(requirements)
    assert CERTIFY.pylint_can_be_installed(tmp_path) is can


def test_the_guide_for_developers_names_every_target_of_make():
    makefile = (ROOT / "Makefile").read_text()
    guide = (ROOT / "docs/docsite/rst/development.rst").read_text()
    targets = set(re.findall(r"^([a-z]+):.*## ", makefile, re.MULTILINE)) - {"help"}
    assert set(re.findall(r"\* - ``make ([a-z]+)``", guide)) == targets
