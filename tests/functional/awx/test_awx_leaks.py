# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a job of AWX leaves behind, its events, its output and its files, has no secret in any encoding."""

from __future__ import annotations

import base64
import html
import json
import urllib.parse

import pytest
from ansible_collections.cloudbackup.m365.tests.functional.runner import connection_of, host_of

SECRET = "Zq7~a-secret+that/nobody-should.see&ever"
PASSWORD = "hunter2~hunter2"
LOOKUP = f"{{{{ lookup('ansible.builtin.url', 'https://someone:{PASSWORD}@127.0.0.1:9/vault') }}}}"
RUN = 12


def encoded(secret):
    """Return a secret and its parts as they are, in URLs, HTML, JSON, hex and base64."""
    parts = [secret[start : start + RUN] for start in range(len(secret) - RUN + 1)]
    forms = {*parts}
    for part in parts:
        quoted = urllib.parse.quote(part, safe="")
        forms |= {quoted, urllib.parse.quote(quoted, safe=""), urllib.parse.quote_plus(part), html.escape(part)}
        forms |= {part.encode().hex(), json.dumps(part)[1:-1], part.replace("~", "%7E")}
        forms |= {"".join(form.format(ord(letter)) for letter in part) for form in ("\\u{:04x}", "\\x{:02x}", "&#{};")}
        # Without the letters that depend on what is before and after
        forms |= {base64.b64encode(part.encode())[:16].decode(), base64.urlsafe_b64encode(part.encode())[:16].decode()}
    return {form.lower() for form in forms}


def repeated(job, secret):
    """Return the files of a job that repeat a part of a secret."""
    forms = encoded(secret)
    texts = {path: content.decode("utf-8", "replace").lower() for path, content in job.left_behind().items()}
    return {path: form for path, text in texts.items() for form in forms if form in text}


def host(_connection):
    return {"localhost": {"ansible_connection": "local"}}


def play(keyword, more=None, **inputs):
    """Return a playbook that uses the role by one of Ansible's ways."""
    name = "cloudbackup.m365.compliance"
    use = {"tasks": [{keyword: {"name": name, **(more or {})}, "vars": inputs}]}
    if keyword == "roles":
        use = {"roles": [{"role": name, **inputs}]}
    return json.dumps([{"hosts": "localhost", "gather_facts": False, **use}])


@pytest.fixture
def gate(launch, simulate, tmp_path):
    """Run a playbook as AWX does, with a template that sets nothing, on hosts that are made of a good connection."""

    def run(verbosity, hosts_of, playbook="gate.yml", files=None):
        simulator = simulate()
        groups = {"tenants": {"hosts": hosts_of(connection_of(simulator))}}
        variables = {"compliance_report_dir": str(tmp_path / "awx_42_green" / "artifacts" / "reports")}
        job = launch("green", playbook=playbook, groups=groups, variables=variables, files=files, verbosity=verbosity)
        return simulator, job

    return run


def test_the_search_finds_a_secret_in_each_encoding():
    class Job:
        content: bytes

        def left_behind(self):
            return {"event": b"before " + self.content + b" after"}

    job = Job()
    for content in (
        SECRET,
        urllib.parse.quote(SECRET, safe=""),
        html.escape(SECRET),
        SECRET.encode().hex().upper(),
        base64.b64encode(SECRET.encode()).decode(),
        base64.b64encode(b"id:" + SECRET.encode()).decode(),
        base64.b64encode(b"id" + SECRET.encode()).decode(),
        json.dumps(SECRET[:20]),
    ):
        job.content = content.encode()
        assert repeated(job, SECRET), content
    job.content = b"nothing of it"
    assert not repeated(job, SECRET)


@pytest.mark.parametrize("verbosity", [0, 5])
def test_the_value_of_a_misspelt_option_is_nowhere(verbosity, gate):
    def hosts(connection):
        misspelt = {**connection, "client_secrt": SECRET}
        del misspelt["client_secret"]
        return {"misspelt": host_of(misspelt), "text": host_of(json.dumps(misspelt)), "fine": host_of(connection)}

    simulator, job = gate(verbosity, hosts)
    assert job.status == "failed"
    tenants = json.loads((job.folder / "reports" / "fleet.json").read_text(encoding="utf-8"))["tenants"]
    doubts = {row["host"]: row["doubt"] for row in tenants if row["doubt"]}
    expected = "compliance_connection.client_secrt: unknown option, did you mean client_secret?"
    assert {host: expected in doubt for host, doubt in doubts.items()} == {"misspelt": True, "text": True}
    assert repeated(job, SECRET) == {}
    assert repeated(job, simulator.client_secret) == {}


@pytest.mark.parametrize("verbosity", [0, 5])
def test_what_a_failed_lookup_quotes_is_nowhere(verbosity, gate):
    def hosts(connection):
        return {
            "connection": host_of(LOOKUP),
            "secret": host_of({**connection, "client_secret": LOOKUP}),
            "policy": host_of(connection, compliance_policy=LOOKUP),
            "subject": host_of(connection, compliance_subject=LOOKUP),
            "fine": host_of(connection),
        }

    _simulator, job = gate(verbosity, hosts)
    assert job.status == "failed"
    tenants = json.loads((job.folder / "reports" / "fleet.json").read_text(encoding="utf-8"))["tenants"]
    verdicts = {row["host"]: row["verdict"] for row in tenants}
    assert verdicts.pop("fine") == "compliant"
    assert set(verdicts.values()) == {"undetermined", "not_judged"}
    assert "127.0.0.1:9/vault" in json.dumps(tenants)
    assert repeated(job, PASSWORD) == {}


@pytest.mark.parametrize("verbosity", [0, 5])
@pytest.mark.parametrize("keyword", ["roles", "import_role", "include_role"])
def test_the_value_of_a_misspelt_option_of_a_role_is_nowhere(keyword, verbosity, gate):
    """Ansible validates the arguments of the role before the plan does."""
    misspelt = {"data_center": "uk", "client_id": "id", "client_secrt": SECRET}
    _simulator, job = gate(verbosity, host, "own.yml", {"own.yml": play(keyword, compliance_connection=misspelt)})
    assert job.status == "failed"
    assert "compliance_connection.client_secrt: unknown option, did you mean client_secret?" in job.output
    assert repeated(job, SECRET) == {}


@pytest.mark.parametrize("verbosity", [0, 5])
@pytest.mark.parametrize("keyword", ["import_role", "include_role"])
@pytest.mark.parametrize("name", ["compliance_policy", "compliance_connection", "compliance_waivers"])
def test_what_a_failed_lookup_of_a_role_quotes_is_nowhere(name, keyword, verbosity, gate):
    """With rolespec_validate, Ansible itself would print it."""
    connection = {"data_center": "uk", "client_id": "id", "client_secret": SECRET}
    inputs = {"compliance_connection": connection, name: LOOKUP}
    files = {"own.yml": play(keyword, {"rolespec_validate": False}, **inputs)}
    _simulator, job = gate(verbosity, host, "own.yml", files)
    assert job.status == "failed"
    assert "127.0.0.1:9/vault" in job.output
    assert {**repeated(job, SECRET), **repeated(job, PASSWORD)} == {}
