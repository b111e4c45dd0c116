# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests that start Ansible share: one runner, and jobs as AWX runs them."""

from __future__ import annotations

import pytest


@pytest.fixture
def ansible(tmp_path):
    """Run Ansible in the folder of the test."""
    from ansible_collections.cloudbackup.m365.tests.functional.runner import Ansible

    return Ansible(tmp_path)


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """What awx_setup.yml would make in an AWX."""
    from ansible_collections.cloudbackup.m365.tests.functional.awx import setup

    return setup.run(tmp_path_factory.mktemp("awx_setup"), '{"awx_setup_credential_inputs": {"client_id": "an-id"}}')


@pytest.fixture
def render(made, monkeypatch):
    """Render a credential as AWX does, into the folder of a job."""
    from ansible_collections.cloudbackup.m365.tests.functional.awx import jobs

    return lambda inputs, folder: jobs.render(made, inputs, folder, monkeypatch)


@pytest.fixture
def launch(made, render, tmp_path):
    """Run a job template as AWX does."""
    from ansible_collections.cloudbackup.m365.tests.functional.awx import jobs

    return lambda *arguments, **options: jobs.launch(made, render, tmp_path, *arguments, **options)
