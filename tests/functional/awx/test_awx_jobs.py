# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Jobs as AWX runs them: its renderer of credentials, its project folder, its extra variables, its runner."""

from __future__ import annotations

import http.server
import json
import re
import sys
import threading

import pytest
from ansible.parsing.vault import VaultLib, VaultSecret
from ansible_collections.cloudbackup.m365.plugins.module_utils._options import spec, values
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.policy_rules import settle_policy
from ansible_collections.cloudbackup.m365.tests.functional.awx import awx_rules
from ansible_collections.cloudbackup.m365.tests.functional.runner import connection_of
from ansible_collections.cloudbackup.m365.tests.unit import certificates

pytestmark = pytest.mark.skipif(sys.version_info < (3, 11), reason="AWX's own renderer needs Python 3.11")


def secrets_sent(requests):
    sent = [request.headers.get("Authorization", "").partition(" ")[2] for request in requests]
    sent += [request.form.get("client_assertion", "") for request in requests if request.method == "POST"]
    return {secret for secret in sent if secret}


def evidence(job):
    (path,) = (job.folder.parent / "reports").glob("*/evidence.json")
    return json.loads(path.read_text(encoding="utf-8"))


def with_reports(tmp_path):
    return {"compliance_report_dir": str(tmp_path / "awx_42_gate" / "reports")}


# What the renderer makes of a credential


@pytest.fixture
def rendered(render, tmp_path):
    (tmp_path / "env").mkdir()
    return lambda inputs: render(inputs, tmp_path)


def test_every_option_that_is_filled_in_reaches_its_variable(rendered, made):
    fields = made.of("credential_type")["inputs"]["fields"]
    inputs = {field["id"]: f"the {field['id']}" for field in fields if field["type"] == "string"}
    environment = rendered(inputs).env
    for option in spec.connection_spec():
        value = environment[values.environment_name(option)]
        if option in ("client_certificate", "client_private_key", "ca_path"):
            with open(value, encoding="utf-8") as file:
                value = file.read().replace("ca_certificates", "ca_path")
        assert value == ("true" if option == "validate_certs" else f"the {option}")


@pytest.mark.parametrize(
    ("inputs", "checked"),
    [
        ({}, "true"),
        ({"skip_tls_verification": False}, "true"),
        ({"skip_tls_verification": "False"}, "true"),
        ({"skip_tls_verification": "false"}, "true"),
        ({"skip_tls_verification": ""}, "true"),
        ({"skip_tls_verification": True}, "false"),
        ({"skip_tls_verification": "True"}, "false"),
        ({"skip_tls_verification": "true"}, "false"),
    ],
)
def test_the_server_is_verified_unless_that_is_switched_off(inputs, checked, rendered):
    assert rendered(inputs).env["CLOUDBACKUP_VALIDATE_CERTS"] == checked


def test_what_awx_keeps_and_shows_of_the_environment_has_no_secret(rendered, made):
    fields = made.of("credential_type")["inputs"]["fields"]
    secrets = {field["id"]: f"hidden {field['id']}" for field in fields if field.get("secret")}
    assert len(secrets) == 5
    assert "hidden" not in json.dumps(rendered(secrets).shown)


# The gate


def test_a_green_gate_is_a_successful_job_that_publishes_its_summary(launch, simulate, tmp_path):
    job = launch(inputs=connection_of(simulate()), variables=with_reports(tmp_path))
    assert (job.status, job.exit_status) == ("successful", 0)
    published = job.published["cloudbackup_compliance"]["contoso"]
    assert published["verdict"] == "compliant"
    assert published["report"].endswith("/reports/contoso/report.html")
    # Every question was left out, or answered with an empty text
    assert evidence(job)["policy"] == settle_policy({})[0].data


def test_a_red_gate_is_a_failed_job_that_leaves_all_the_same_and_no_secret(launch, simulate, tmp_path):
    simulator = simulate("echo_secret:on=jobs", scenario="seats_exceeded")
    inputs = connection_of(simulator)
    job = launch(inputs=inputs, answers=LEFT_OUT, variables=with_reports(tmp_path), verbosity=4)
    assert (job.status, job.exit_status) == ("failed", 2)
    assert job.published["cloudbackup_compliance"]["contoso"]["verdict"] == evidence(job)["verdict"] != "compliant"
    assert "FAIL license_seats: 108 of 100 seats" in job.output
    # An empty answer is the default
    assert evidence(job)["policy"] == settle_policy({})[0].data
    kept = job.left_behind()
    assert any("/job_events/" in path for path in kept)
    secrets = {simulator.client_secret, *secrets_sent(simulator.requests)}
    assert len(secrets) > 1
    assert not [path for path, content in kept.items() for secret in secrets if secret.encode() in content]


def test_a_certificate_arrives_as_a_file_and_signs_in(launch, simulate, tmp_path):
    certificate, key = certificates.self_signed()
    pems = {
        "client_certificate": certificates.pem(certificate),
        "client_private_key": certificates.key_pem(key, "a-passphrase-nobody-should-see"),
    }
    simulator = simulate(certificate_pem=pems["client_certificate"])
    inputs = connection_of(simulator, client_private_key_passphrase="a-passphrase-nobody-should-see", **pems)
    job = launch(inputs={**inputs, "client_secret": ""}, verbosity=4)
    assert (job.status, job.exit_status) == ("successful", 0)
    secrets = {"a-passphrase-nobody-should-see", *pems["client_private_key"].splitlines()[1:-1]}
    secrets |= secrets_sent(simulator.requests)
    kept = job.left_behind()
    assert not [path for path, content in kept.items() for secret in secrets if secret.encode() in content]


def test_a_fleet_is_one_job_that_publishes_one_summary_and_no_secret(launch, simulate, tmp_path):
    tenants = {
        "green": {},
        "red": {"scenario": "seats_exceeded"},
        "broken": {"faults": ["status:code=500,on=jobs"]},
        "typo": {},
    }
    simulator = simulate("echo_secret:on=api", tenants={**tenants, "gone": {}})
    connections = {name: {**tenant._asdict(), "retries": 0} for name, tenant in simulator.tenants.items()}
    connections["gone"]["api_url"] = "http://127.0.0.1:1"
    hosts = {name: {"compliance_connection": options} for name, options in connections.items()}
    hosts["typo"]["compliance_policy"] = {"service": ["teams"]}
    reports = tmp_path / "awx_42_green" / "reports"
    job = launch(
        # A template without the survey of a single tenant
        "green",
        playbook="gate.yml",
        groups={"tenants": {"hosts": hosts}},
        variables={"compliance_report_dir": str(reports)},
        verbosity=4,
    )
    assert job.status == "failed"
    assert job.published["cloudbackup_fleet"]["counts"] == {
        "non_compliant": 1,
        "not_judged": 1,
        "undetermined": 2,
        "compliant": 1,
    }
    assert set(job.published["cloudbackup_compliance"]) == {"green", "red", "broken", "gone"}
    secrets = {connection["client_secret"] for connection in connections.values()}
    secrets |= secrets_sent([request for name in hosts for request in simulator.requests_of(name)])
    assert len(secrets) > len(hosts)
    kept = {**job.left_behind(), **{str(path): path.read_bytes() for path in reports.glob("*/*")}}
    assert any(path.endswith("/gone/evidence.json") for path in kept)
    assert not [path for path, content in kept.items() for secret in secrets if secret.encode() in content]


def test_encrypted_values_of_an_inventory_from_a_project_reach_the_job(launch, simulate, tmp_path):
    tenant = simulate(tenants={"contoso": {}}).tenants["contoso"]
    vault = VaultLib([("default", VaultSecret(b"a vault password"))])
    # As the synchronization of an inventory passes a value on that it cannot read
    secret = {"__ansible_vault": vault.encrypt(tenant.client_secret).decode()}
    hosts = {"contoso": {"compliance_connection": {**tenant._asdict(), "client_secret": secret}}}
    variables = {"compliance_report_dir": str(tmp_path / "awx_42_green" / "reports")}
    job = launch(
        "green",
        playbook="gate.yml",
        groups={"tenants": {"hosts": hosts}},
        variables=variables,
        vault_password="a vault password",
    )
    assert (job.status, job.published["cloudbackup_fleet"]["verdict"]) == ("successful", "compliant")


def test_a_template_without_its_credential_is_red_and_says_so(launch):
    job = launch()
    assert job.status == "failed"
    assert job.published["cloudbackup_compliance"]["contoso"]["verdict"] == "undetermined"
    assert "no address: give data_center or api_url" in job.output


# The survey

ANSWERED = {
    "gate_tenant": "Contoso Ltd.",
    "gate_services": ["teams", "onedrive"],
    "gate_window": "3d",
    "gate_recency_warn": "",
    "gate_recency_fail": "36h",
    "gate_seats_warn": 70,
    "gate_seats_fail": 120,
    "compliance_enforce": "false",
}
LEFT_OUT = {**dict.fromkeys([*ANSWERED, "gate_data_center"], ""), "gate_services": []}


def test_answers_reach_the_policy_and_take_precedence_over_the_template(launch, simulate, tmp_path):
    policy = {"checks": {"backup_recency": {"warn": "12h", "fail": "24h"}, "license_storage": {"enabled": False}}}
    variables = {**with_reports(tmp_path), "gate_policy": policy}
    job = launch(inputs=connection_of(simulate(scenario="silent_teams")), answers=ANSWERED, variables=variables)
    found = evidence(job)
    asked = {
        "services": ["teams", "onedrive"],
        "window": "3d",
        "checks": {
            "backup_recency": {"warn": "12h", "fail": "36h"},
            "license_seats": {"warn": 70, "fail": 120},
            "license_storage": {"enabled": False},
        },
    }
    assert found["subject"] == "Contoso Ltd."
    assert found["policy"] == settle_policy(asked)[0].data
    # Red, but only reported
    assert (job.status, found["verdict"]) == ("successful", "non_compliant")


@pytest.mark.parametrize(("answers", "address"), [({"gate_data_center": "uk"}, {"data_center": "uk"}), (LEFT_OUT, {})])
def test_the_data_center_is_that_of_the_credential_unless_it_is_answered(answers, address, launch):
    used = "{{ compliance_connection | cloudbackup.m365.compliance_connection | to_json }}"
    play = {"hosts": "tenants", "gather_facts": False, "tasks": [{"ansible.builtin.debug": {"msg": f"used {used}"}}]}
    job = launch(answers=answers, files={"show.yml": json.dumps([play])}, playbook="show.yml")
    assert f"used {json.dumps(address)}" in job.output.replace('\\"', '"')


def test_a_mistake_in_an_answer_stops_the_job_and_is_never_run_as_a_template(launch, simulate, tmp_path):
    simulator = simulate()
    trap = tmp_path / "trap"
    template = f"{{{{ lookup('pipe', 'touch {trap}') }}}}"
    templates = {"gate_tenant": template, "gate_window": template, "gate_services": [template]}
    answers = {**templates, "gate_recency_fail": "48", "gate_seats_warn": 0}
    job = launch(inputs=connection_of(simulator), answers=answers)
    assert job.status == "failed"
    assert re.search(r"policy\.checks\.backup_recency\.fail: expected .*, got \W*48\W", job.output)
    assert re.search(r"policy\.checks\.license_seats\.warn: expected .*, got 0", job.output)
    assert "policy.window: expected" in job.output
    assert not simulator.requests
    assert not trap.exists()


def test_a_gate_that_wrong_input_stopped_publishes_the_tenant_and_the_reason(launch, made):
    job = launch(answers={"gate_window": "week"})
    assert job.status == "failed"
    assert "cloudbackup_compliance" not in job.published
    (line,) = job.published["cloudbackup_fleet"]["not_judged"]
    assert line.startswith("contoso: compliance_policy.window: ")
    message = made.of("notification_template")["messages"]["error"]["message"]
    assert "contoso: NOT JUDGED, compliance_policy.window: " in job.output
    assert f"is red. NOT JUDGED, {line}" in awx_rules.render_message(message, {"artifacts": job.published})


# The ends of the workflow


def summary(*worst):
    tenant = {"verdict": "non_compliant", "counts": {}, "worst": list(worst), "report": None, "sha256": "ab12"}
    return {"cloudbackup_compliance": {"contoso": tenant}}


def test_the_red_end_repeats_the_summary_and_fails(launch, tmp_path):
    trap = tmp_path / "trap"
    template = f"{{{{ lookup('pipe', 'touch {trap}') }}}}"
    job = launch("red", artifacts=summary("FAIL license_seats: 108 of 100 seats", template))
    assert job.status == "failed"
    assert "contoso: NON-COMPLIANT" in job.output
    assert "108 of 100 seats" in job.output
    assert not trap.exists()


def test_the_red_end_of_a_gate_that_published_nothing_fails_too(launch):
    job = launch("red")
    assert job.status == "failed"
    assert "nothing was verified" in job.output


def test_the_red_end_of_a_gate_that_wrong_input_stopped_repeats_the_reason(launch):
    job = launch("red", artifacts={"cloudbackup_fleet": {"not_judged": ["contoso: policy.window: invalid"]}})
    assert job.status == "failed"
    assert "NOT JUDGED, contoso: policy.window: invalid" in job.output


def test_the_green_end_goes_on(launch):
    assert launch("green", artifacts=summary()).status == "successful"


# The evidence


@pytest.fixture
def store():
    """A server that accepts PUT; what it received, by path."""
    given = {}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_PUT(self):
            given[self.path] = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(201)
            self.end_headers()

        def log_message(self, *arguments):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/evidence", given
    server.shutdown()
    server.server_close()


@pytest.fixture
def upload(launch, simulate, store):
    """Run gate_and_upload.yml; return the job and what was uploaded, by path."""
    address, given = store

    def run(scenario="healthy", **variables):
        variables = {**variables, "upload_url": address}
        inputs = connection_of(simulate(scenario=scenario))
        return launch(inputs=inputs, playbook="gate_and_upload.yml", variables=variables), given

    return run


PACK = {f"/evidence/contoso/{name}" for name in ("evidence.json", "junit.xml", "report.html", "report.md")}


def test_the_evidence_of_a_red_gate_is_uploaded_and_the_job_fails_all_the_same(upload):
    job, given = upload("seats_exceeded")
    assert job.status == "failed"
    assert re.search(r"localhost\s+: .*failed=1", job.output)
    assert set(given) >= PACK
    assert {path.rpartition("/")[0] for path in given} == {"/evidence/contoso"}
    assert json.loads(given["/evidence/contoso/evidence.json"])["verdict"] == "non_compliant"


def test_of_a_shared_directory_the_folder_of_the_tenant_alone_is_uploaded(upload, tmp_path):
    other = tmp_path / "reports" / "Default" / "fabrikam" / "fabrikam" / "evidence.json"
    other.parent.mkdir(parents=True)
    other.write_text("{}")
    job, given = upload(compliance_report_dir=str(tmp_path / "reports" / "Default" / "contoso"))
    assert job.status == "successful"
    assert set(given) >= PACK
    assert {path.rpartition("/")[0] for path in given} == {"/evidence/contoso"}


def test_an_upload_without_evidence_is_a_failed_job_that_says_why(upload):
    job, given = upload(compliance_report_dir="")
    assert job.status == "failed"
    assert not given
    assert "No evidence was uploaded" in job.output
