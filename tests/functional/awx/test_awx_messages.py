# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The notification of a red gate, rendered as AWX renders it."""

from __future__ import annotations

import json

import pytest
from ansible_collections.cloudbackup.m365.tests.functional.awx import awx_rules, setup

TENANT = {
    "verdict": "non_compliant",
    "counts": {"fail": 1},
    "worst": ["FAIL license_seats license: 108 of 100 seats", "WARN backup_recency teams: 30 h", "WARN a", "WARN b"],
    "report": "/var/lib/compliance/contoso/report.html",
    "sha256": "ab12",
}
STOPPED = {
    "verdict": "undetermined",
    "counts": {"not_judged": 1},
    "not_judged": ["contoso: compliance_policy.window: invalid: expected a duration, got 'week'."],
}
GREEN = {**TENANT, "verdict": "compliant", "worst": []}
RED = {"artifacts": {"cloudbackup_compliance": {"contoso": TENANT}}}


@pytest.fixture(scope="session")
def webhook(tmp_path_factory):
    return setup.run(tmp_path_factory.mktemp("webhook"), '{"awx_setup_notification_type": "webhook"}')


def texts_of(made):
    return made.of("notification_template")["messages"]["error"]


@pytest.fixture
def line(made):
    """What types without a body show, such as Slack."""
    return lambda job: awx_rules.render_message(texts_of(made)["message"], job)


@pytest.fixture
def body(made):
    return lambda job: awx_rules.render_message(texts_of(made)["body"], job)


@pytest.fixture
def post(webhook):
    return lambda job: awx_rules.posted(awx_rules.render_message(texts_of(webhook)["body"], job))


def test_awx_accepts_both_kinds(made, webhook):
    for one in (made, webhook):
        assert awx_rules.message_mistakes(one.of("notification_template")["messages"]) == []


def test_a_body_has_the_summary_that_the_gate_published(body):
    text = body(RED)
    for part in ("contoso: NON-COMPLIANT", *TENANT["worst"], TENANT["report"], TENANT["sha256"]):
        assert part in text
    assert "nothing was verified" not in text


def test_a_line_has_the_verdict_and_the_worst_findings(line):
    assert line(RED) == (
        "the gate is red. contoso: NON-COMPLIANT, FAIL license_seats license: 108 of 100 seats; "
        "WARN backup_recency teams: 30 h; WARN a https://awx.example.com/#/jobs/playbook/42"
    )


def test_a_line_is_for_the_red_tenants_and_stays_short(line):
    tenants = {"green": GREEN, **{f"tenant{number}": {**TENANT, "worst": ["x" * 160] * 5} for number in range(50)}}
    text = line({"artifacts": {"cloudbackup_compliance": tenants}})
    assert "green" not in text
    assert len(text) <= 560
    assert text.endswith(" https://awx.example.com/#/jobs/playbook/42")


@pytest.mark.parametrize("kind", ["line", "body", "post"])
def test_a_gate_that_was_stopped_by_wrong_input_names_the_tenant_and_the_reason(kind, request):
    text = str(request.getfixturevalue(kind)({"artifacts": {"cloudbackup_fleet": STOPPED}}))
    assert "NOT JUDGED, contoso: compliance_policy.window: invalid: expected a duration, got " in text
    assert "nothing was verified" not in text


@pytest.mark.parametrize("artifacts", [{"artifacts": {}}, {"artifacts": "$hidden due to Ansible no_log flag$"}, {}])
@pytest.mark.parametrize("kind", ["line", "body", "post"])
def test_a_job_that_published_nothing_says_so_and_why(kind, artifacts, request):
    text = str(request.getfixturevalue(kind)({**artifacts, "job_explanation": "Job terminated due to timeout"}))
    assert "nothing was verified. Job terminated due to timeout" in text


def test_a_webhook_gets_a_json_object(post):
    odd = {**TENANT, "worst": ['FAIL "a" \\ <b> {{ c }} é\n']}
    found = post({"artifacts": {"cloudbackup_compliance": {'con"toso': odd}}, "name": "the \"gate\" of 'contoso'"})
    assert found["tenants"] == {'con"toso': odd}
    assert found["name"] == "the \"gate\" of 'contoso'"
    assert (found["id"], found["status"], found["not_judged"]) == (42, "failed", [])
    assert found["text"].startswith('the "gate" of \'contoso\' is red. con"toso: NON-COMPLIANT, FAIL')
    assert json.loads(json.dumps(found)) == found


def test_a_webhook_has_every_value_that_awx_requires(webhook):
    configuration = webhook.of("notification_template")["notification_configuration"]
    assert set(configuration) == {"url", "http_method", "username", "password", "headers", "disable_ssl_verification"}
