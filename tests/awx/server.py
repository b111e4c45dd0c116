# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stand-in for the API of AWX 24, as far as the modules of awx.awx use it: objects in memory, on loopback.

Of AWX's own rules it has those that a second tenant, organization or run meets: which names are unique, what is
encrypted and so never returned, and which messages a notification template is completed with.
"""

from __future__ import annotations

import contextlib
import http.server
import itertools
import json
import threading
import urllib.parse
from collections.abc import Iterator
from typing import Any

UNIQUE = {
    "credentials": ("organization", "name", "credential_type"),
    "execution_environments": ("name",),
    "credential_types": ("name",),
    "inventory_sources": ("inventory", "name"),
    "schedules": ("unified_job_template", "name"),
    "workflow_job_template_nodes": ("workflow_job_template", "identifier"),
}
"""The fields that are unique together; for all others a name within its organization."""
TEMPLATES = {"job_templates": "job_template", "workflow_job_templates": "workflow_job_template"}
ROLES = ("admin_role", "execute_role", "read_role", "approval_role")
EVENTS = ("started", "success", "error", "workflow_approval")
ENCRYPTED = "$encrypted$"
REVISION = "0" * 40


class Awx:
    """The objects of an AWX by kind and id."""

    def __init__(self, prefix: str) -> None:
        self.prefix = f"{prefix}v2/"
        self.objects: dict[str, dict[int, dict[str, Any]]] = {}
        self.associated: dict[str, list[int]] = {}
        self.surveys: dict[str, Any] = {}
        self._ids = itertools.count(1)

    def create(self, kind: str, fields: dict[str, Any]) -> dict[str, Any]:
        """Return a new object. Raises ValueError where AWX refuses it."""
        unique = UNIQUE.get(kind, ("organization", "name"))
        values = [fields.get(field) for field in unique]
        if any([other.get(field) for field in unique] == values for other in self.objects.get(kind, {}).values()):
            raise ValueError(f"{kind} with this {' and '.join(unique)} already exists")
        number = next(self._ids)
        address = f"{self.prefix}{kind}/{number}/"
        related = {name: f"{address}{name}/" for name in ("survey_spec", "update")}
        roles = {role: {"id": f"{kind}-{number}-{role}"} for role in ROLES}
        whole = {"id": number, "type": TEMPLATES.get(kind, kind), "url": address, "related": related}
        whole["summary_fields"] = {"object_roles": roles}
        if kind == "projects":
            whole["scm_revision"] = REVISION
        self.objects.setdefault(kind, {})[number] = {**whole, **fields}
        return self.objects[kind][number]

    def found(self, kind: str, query: dict[str, str]) -> list[dict[str, Any]]:
        if kind == "unified_job_templates":
            every = [one for template in TEMPLATES for one in self.objects.get(template, {}).values()]
        else:
            every = list(self.objects.get(kind, {}).values())
        wanted = {key: value for key, value in query.items() if value != "None"}
        return [one for one in every if all(str(one.get(key)) == value for key, value in wanted.items())]

    def shown(self, one: dict[str, Any]) -> dict[str, Any]:
        """Return an object as the API does: without its secrets, and with every event of a notification."""
        shown = dict(one)
        if "credential_type" in one:
            fields = self.objects["credential_types"][one["credential_type"]]["inputs"]["fields"]
            secret = {field["id"] for field in fields if field.get("secret")}
            shown["inputs"] = {name: ENCRYPTED if name in secret else value for name, value in one["inputs"].items()}
        if "notification_configuration" in one:
            values = one["notification_configuration"]
            hidden = {name: ENCRYPTED for name in ("password", "token") if values.get(name)}
            shown["notification_configuration"] = {**values, **hidden}
            shown["messages"] = {**dict.fromkeys(EVENTS), **(one.get("messages") or {})}
        return shown

    def answer(self, method: str, path: str, query: dict[str, str], data: Any) -> tuple[int, Any]:
        """Return the status and the content of an answer."""
        parts = path.removeprefix(self.prefix).strip("/").split("/") if path.startswith(self.prefix) else []
        if not parts:
            return 404, {"detail": "Not found."}
        kind, number, rest = parts[0], *[*parts, "", ""][1:3]
        if kind == "updates":
            return 200, _update(path)
        if rest == "update":
            return 202, _update(f"{self.prefix}updates/1/")
        if rest == "survey_spec":
            if method == "POST":
                self.surveys[path] = data
            return 200, self.surveys.get(path, {})
        if rest:
            return self._associations(method, path, data)
        if method == "POST":
            try:
                return 201, self.shown(self.create(kind, data))
            except ValueError as error:
                return 400, {"__all__": [str(error)]}
        if number:
            one = self.objects[kind][int(number)]
            if method == "PATCH":
                one.update(data)
            return 200, self.shown(one)
        return 200, _page([self.shown(one) for one in self.found(kind, query)])

    def _associations(self, method: str, path: str, data: Any) -> tuple[int, Any]:
        held = self.associated.setdefault(path, [])
        if method != "POST":
            return 200, _page([{"id": number} for number in held])
        if data.get("disassociate"):
            held.remove(data["id"])
        else:
            held.append(data["id"])
        return 204, None


def _page(results: list[dict[str, Any]]) -> dict[str, Any]:
    return {"count": len(results), "next": None, "results": results}


def _update(address: str) -> dict[str, Any]:
    ended = {"status": "successful", "finished": "2026-01-01T00:00:00Z", "failed": False, "scm_revision": REVISION}
    return {"id": 1, "url": address, **ended}


@contextlib.contextmanager
def running(prefix: str) -> Iterator[tuple[Awx, str]]:
    """Serve an AWX under a prefix such as /api/; give it and its address."""
    awx = Awx(prefix)

    class Handler(http.server.BaseHTTPRequestHandler):
        def _answer(self) -> None:
            address = urllib.parse.urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            data = json.loads(self.rfile.read(length) or "null")
            query = dict(urllib.parse.parse_qsl(address.query))
            status, content = awx.answer(self.command, address.path, query, data)
            body = b"" if content is None else json.dumps(content).encode()
            self.send_response(status)
            self.send_header("X-API-Product-Name", "AWX")
            self.send_header("X-API-Product-Version", "24.6.1")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PATCH = _answer

        def log_message(self, *_arguments: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield awx, f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
