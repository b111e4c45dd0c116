# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The messages in the troubleshooting guide are those that the modules really give."""

from __future__ import annotations

import pathlib

import pytest
from ansible_collections.cloudbackup.m365.plugins.module_utils._api import generations, queries
from ansible_collections.cloudbackup.m365.plugins.module_utils._http import errors, secrets
from ansible_collections.cloudbackup.m365.plugins.module_utils._http.credentials import ClientSecret
from ansible_collections.cloudbackup.m365.plugins.module_utils._jobs import reading
from ansible_collections.cloudbackup.m365.plugins.module_utils._options import connect as _connect

GUIDE = pathlib.Path(__file__).parents[2] / "docs" / "docsite" / "rst" / "troubleshooting.rst"
SHOWN_ADDRESS = "http://127.0.0.1:8080"
FAULTS = {
    "permission": "status:code=403,text=Insufficient permissions.",
    "not_found": "status:code=404,text=No such resource.",
    "rejected": "status:code=400,text=PageSize is too large.",
    "throttled": "status:code=429,retry_after=300,text=Too many requests.",
    "server": "status:code=503,text=The service is not well.",
    "connection": "reset",
    "timeout": "silent",
    "unexpected_answer": "html",
    "incomplete": "lose_row",
}


def guide():
    return " ".join(GUIDE.read_text(encoding="utf-8").split())


def read(client):
    query = queries.Query("backup", "teams")
    options = {"include_jobs": False, "recent_jobs": 0, "max_jobs": 1000}
    return reading.read(client, generations.generation("v1"), [query], **options)


def shown(error, address):
    message = f"{error.message.rstrip('.')}. {error.failure.hint}"
    return message.replace(address.replace("http:", "https:"), "https://127.0.0.1:8080").replace(address, SHOWN_ADDRESS)


@pytest.mark.parametrize("kind", FAULTS)
def test_the_guide_shows_the_message_of_a_fault(kind, simulate, connect):
    simulator = simulate(FAULTS[kind], jobs=40)
    with pytest.raises(errors.Error) as caught:
        read(connect(simulator, retries=1, timeout=1 if kind == "timeout" else 30))
    assert caught.value.failure.kind == kind
    assert shown(caught.value, simulator.url) in guide()


def test_the_guide_shows_the_message_of_a_refused_secret(simulate, connect):
    simulator = simulate()
    with pytest.raises(errors.Error) as caught:
        read(connect(simulator, credentials=ClientSecret(simulator.client_id, "another-secret")))
    assert shown(caught.value, simulator.url) in guide()


def test_the_guide_shows_the_message_of_tls(simulate, connect):
    simulator = simulate()
    with pytest.raises(errors.Error) as caught:
        read(connect(simulator, api_url=simulator.url.replace("http:", "https:")))
    assert shown(caught.value, simulator.url) in guide()


def test_the_guide_shows_the_message_of_an_argument():
    with pytest.raises(errors.Error) as caught:
        _connect.connect({"data_center": "us", "client_id": "an-id"}, {}, secrets.Secrets())
    assert caught.value.message in guide()


def test_the_guide_has_a_section_for_every_kind():
    titles = [line for line in GUIDE.read_text(encoding="utf-8").splitlines() if line in errors.KINDS]
    assert titles == list(errors.KINDS)
