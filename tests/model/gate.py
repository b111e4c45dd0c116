# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A gate in process: the real modules, reading and evaluation over the simulator's service, without sockets."""

from __future__ import annotations

import dataclasses
import email.message
import email.utils
import threading
import urllib.parse
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.cloudbackup.m365.plugins.module_utils import _module, _time
from ansible_collections.cloudbackup.m365.plugins.module_utils._api.generations import generation
from ansible_collections.cloudbackup.m365.plugins.module_utils._http import body, errors
from ansible_collections.cloudbackup.m365.plugins.module_utils._http.client import Client
from ansible_collections.cloudbackup.m365.plugins.module_utils._http.connection import Connection
from ansible_collections.cloudbackup.m365.plugins.module_utils._http.credentials import ClientSecret
from ansible_collections.cloudbackup.m365.plugins.module_utils._http.secrets import Secrets
from ansible_collections.cloudbackup.m365.plugins.modules import cloudbackup_jobs_info, cloudbackup_license_info
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.evaluation.evaluate import evaluate
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.plan import plan
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.policy_rules import settle_policy
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller.registered_results import reading
from cloudbackup_simulator import authority, facts
from cloudbackup_simulator.exchange import Request
from cloudbackup_simulator.rows import read_rows
from cloudbackup_simulator.service import Service
from requests.structures import CaseInsensitiveDict

from .tenant import Job, Tenant

NOW = _time.unix_from_iso("2026-11-24T06:00:00Z")
NOW_TICKS = _time.from_unix(NOW)
_SECRET = authority.Connection("http://tenant", f"http://tenant{facts.TOKEN_PATH}", "client", "secret")


class Clockless:
    """A transport to a service: every answer comes at NOW, and its Date is that plus the server's own difference."""

    def __init__(self, service: Service, before: Callable[[], None]) -> None:
        self._service = service
        self._before = before

    def exchange(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        parameters: Mapping[str, Any] | None = None,
        form: Mapping[str, str] | None = None,
        **_bounds: Any,
    ) -> body.Response:
        message = email.message.Message()
        for name, value in headers.items():
            message[name] = value
        if form is not None:
            message["Content-Type"] = "application/x-www-form-urlencoded"
        query = {name: str(value) for name, value in (parameters or {}).items()}
        path = urllib.parse.urlsplit(url).path
        self._before()
        answer = self._service.answer(Request(method, path, query, message, urllib.parse.urlencode(form or {})))
        sent = CaseInsensitiveDict(answer.headers)
        if answer.date_skew is not None:
            sent["Date"] = email.utils.formatdate(NOW + answer.date_skew, usegmt=True)
        return body.Response(answer.status, sent, answer.content(), float(NOW))

    def close(self) -> None:
        """There is nothing to close."""


class Server:
    """A service of a tenant with habits and faults, and how it is asked."""

    def __init__(
        self,
        tenant: Tenant,
        habits: Mapping[str, Any],
        faults: Sequence[str] = (),
        *,
        page_size: int = 100,
        concurrency: int = 1,
        arrivals: Sequence[tuple[int, Job]] = (),
    ) -> None:
        license_ = {name: tenant.license.get(name, "absent") for name in facts.LICENSE_FIELDS}
        if tenant.license.get("OutOfPolicyTime"):
            license_["OutOfPolicyTime"] = NOW_TICKS - tenant.license["OutOfPolicyTime"]
        options = {
            "scenario": "empty",
            "rows": [job.row() for job in tenant.jobs],
            "license": license_,
            "locations": tenant.locations or ["NAM"],
            "habits": habits,
            "faults": list(faults),
        }
        keeper = authority.Authority(_SECRET, None, facts.SCOPES, 3600)
        self.service = Service(options, NOW_TICKS, keeper, _SECRET.api_url, "http://other", threading.Event())
        self._connection = Connection(
            api_url=_SECRET.api_url,
            token_url=_SECRET.token_url,
            credentials=ClientSecret(_SECRET.client_id, _SECRET.client_secret),
            api_version=tenant.version,
            page_size=page_size,
            concurrency=concurrency,
        )

        self._arrivals = list(arrivals)
        self._jobs = list(tenant.jobs)

    def _arrive(self) -> None:
        """Show the jobs whose time has come."""
        if not self._arrivals or self.jobs_requests() < self._arrivals[0][0]:
            return
        self._jobs.append(self._arrivals.pop(0)[1])
        shown = self.service._tenant
        rows = read_rows([job.row() for job in self._jobs], NOW_TICKS, shown.locations[0])
        self.service._tenant = dataclasses.replace(shown, rows=rows)

    def jobs_requests(self) -> int:
        """Return how many pages of jobs were asked for."""
        paths = {path for path, endpoint in facts.ENDPOINTS.items() if endpoint.target == "jobs"}
        return sum(request.path in paths for request in self.service.requests)

    def run(self, module: Any, **options: Any) -> dict[str, Any]:
        """Return what a module exits with."""
        validated = ArgumentSpecValidator(module.INFO.options).validate(options)
        assert validated.error_messages == []
        client = Client(self._connection, Secrets(), pause=lambda _seconds: None)
        client._transport = Clockless(self.service, self._arrive)  # type: ignore[assignment]
        try:
            found = module.work(
                client, generation(self._connection.api_version), validated.validated_parameters, NOW_TICKS
            )
        except errors.Error as error:
            return {"failed": True, "msg": error.message, "failure": error.failure._asdict()}
        return {**found, "api": _module.api_facts(client, found.pop("pages"))}


def judged(server: Server, policy: Mapping[str, Any]) -> dict[str, Any]:
    """Return the evaluation of a server's tenant, with the errors of the reads."""
    settled, mistakes = settle_policy(policy)
    assert mistakes == []
    planned = plan(settled, NOW)
    read = reading(
        {
            "license": server.run(cloudbackup_license_info),
            "jobs": server.run(cloudbackup_jobs_info, **planned["jobs"]),
        }
    )
    return {**evaluate(read, settled, [], NOW), "errors": [one["message"] for one in read["errors"]]}
