# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A read in the process of a task leaves nothing in it: no thread, no connection, no change of the collector."""

from __future__ import annotations

import gc
import os
import threading
import time
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.cloudbackup.m365.plugins.modules.cloudbackup_jobs_info import INFO


def sockets() -> set[str]:
    """Return the sockets that this process has open."""
    found = set()
    for entry in os.scandir("/proc/self/fd"):
        try:
            found.add(os.readlink(entry.path))
        except OSError:
            continue
    return {name for name in found if name.startswith("socket:")}


@pytest.mark.parametrize(
    ("faults", "kind"),
    [
        ([], None),
        (["status:code=503,on=jobs"], "server"),
        (["reset:on=jobs"], "connection"),
        (["lose_row:on=jobs"], "incomplete"),
        (["status:code=401,on=token"], "authentication"),
    ],
)
def test_a_read_leaves_nothing_behind(faults: list[str], kind: str | None, simulate: Any) -> None:
    server = simulate(*faults)
    options = {"api_url": server.url, **{name: getattr(server, name) for name in ("token_url", "client_id")}}
    options.update(client_secret=server.client_secret, retries=0, page_size=5, job_types=["backup"])
    parameters = ArgumentSpecValidator(INFO.specification).validate(options).validated_parameters
    # A simulator in this process has the other ends of the connections: its threads and sockets end with them
    before = threading.active_count(), len(sockets())
    result = INFO.result(parameters, {}, print)
    assert (result.get("failure") or {}).get("kind") == kind
    until = time.monotonic() + 10
    while (threading.active_count(), len(sockets())) != before and time.monotonic() < until:
        time.sleep(0.02)
    assert (threading.active_count(), len(sockets())) == before
    assert gc.isenabled()


@pytest.mark.parametrize("field", ["Id", "jobErrors"])
def test_data_that_repeats_a_secret_is_masked_and_an_id_is_refused(field: str, simulate: Any) -> None:
    secret = "a-secret-of-nobody-else"
    value = f'"FB-{secret.encode().hex()}"' if field == "Id" else f'[{{"value": "no access with {secret}"}}]'
    server = simulate(f"set:field=Jobs.0.{field},value={value}", client_secret=secret)
    options = {"api_url": server.url, **{name: getattr(server, name) for name in ("token_url", "client_id")}}
    options.update(client_secret=secret, retries=0, page_size=10_000, job_types=["backup"], object_types=["teams"])
    parameters = ArgumentSpecValidator(INFO.specification).validate(options).validated_parameters
    result = INFO.result(parameters, {}, print)
    assert secret not in repr(result)
    assert secret.encode().hex() not in repr(result)
    if field == "Id":
        assert result["failure"]["kind"] == "unexpected_answer"
        assert "an id in the answer contains a secret" in result["msg"]
    else:
        assert "********" in [error["message"] for job in result["jobs"] for error in job["errors"]]
