# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import copy
import json

import pytest
from ansible_collections.cloudbackup.m365.plugins.module_utils import _names
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.checks.catalogue import BY_NAME, CATALOGUE
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.evaluation import controls
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.policy_rules import settle_policy
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.model import guide
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.model.check import Check
from ansible_collections.cloudbackup.m365.tests.unit.readings import (
    NOW,
    SERVICES,
    ago,
    count,
    group,
    healthy,
    job,
    judge,
    license_result,
    only,
    read,
    result,
)

PER_SERVICE = (
    *("backup_recency", "backup_presence", "consecutive_failures", "success_rate", "degraded_backups"),
    *("failed_objects", "hollow_backups", "coverage_drop", "stuck_jobs", "slow_backups"),
)
NAMED = [location for location in _names.LOCATIONS if location != "PrimaryGeoLocation"]
STATUSES = {"pass", "warn", "fail", "error", "waived", "not_applicable"}


def test_a_healthy_tenant_is_compliant() -> None:
    evaluation = judge(healthy())
    assert evaluation["verdict"] == "compliant"
    assert evaluation["counts"] == {"fail": 0, "error": 0, "warn": 0, "waived": 0, "not_applicable": 1, "pass": 45}
    assert evaluation["window"] == {"start": "2026-11-17T06:00:00Z", "end": "2026-11-24T06:00:00Z", "length": "7d"}


def test_every_result_says_what_an_operator_needs() -> None:
    reading = healthy(license=license_result(assigned_user_seats=101))
    reading["jobs"]["groups"][0] = group([], "exchange_online")
    for one in [*judge(reading)["results"], *judge({})["results"]]:
        assert set(one) == {
            *("check", "title", "scope", "status", "observed", "expected"),
            *("message", "remediation", "controls", "jobs"),
        }
        assert one["status"] in STATUSES
        assert all(one[key] for key in ("title", "scope", "observed", "expected", "message", "remediation"))
        assert one["controls"]
        sentence, link = guide.split_link(one["remediation"])
        assert sentence.endswith(".")
        assert link.endswith("#" + one["check"].replace("_", "-"))


def test_what_cannot_be_determined_is_mended_at_the_read_and_the_evidence_as_it_says_itself() -> None:
    for one in judge({})["results"]:
        check = BY_NAME[one["check"]]
        shown = "The result could not be determined, which fails the gate. Fix the read error and run the gate again."
        assert guide.split_link(one["remediation"])[0] == (shown if check.optional else check.remediation)


def test_results_stand_in_the_order_of_the_catalogue_and_of_the_services() -> None:
    results = judge(healthy(), {"services": ["teams", "onedrive"]})["results"]
    assert [(one["check"], one["scope"]) for one in results] == [
        ("license_seats", "license"),
        ("license_storage", "license"),
        ("license_in_policy", "license"),
        *((check, service) for check in PER_SERVICE for service in ("teams", "onedrive")),
        ("restore_exercise", "run"),
        ("deletion_activity", "run"),
        ("evidence", "run"),
    ]


def test_a_later_result_never_hides_an_earlier_failure() -> None:
    """The first service fails, every later one passes; and a failure outranks what cannot be determined."""
    reading = healthy()
    reading["jobs"]["groups"][0] = group([job("old", finish=ago(days=3))], "exchange_online")
    assert judge(reading)["verdict"] == "non_compliant"
    reading["license"] = None
    assert judge(reading)["verdict"] == "non_compliant"


@pytest.mark.parametrize("assigned", [95, 100])
def test_a_warning_does_not_fail_the_gate(assigned: int) -> None:
    evaluation = judge(healthy(license=license_result(assigned_user_seats=assigned)))
    assert (evaluation["verdict"], evaluation["counts"]["warn"]) == ("compliant", 1)


def test_a_license_of_which_nothing_applies_is_not_seen_to_be_in_order() -> None:
    policy = {"checks": {"license_in_policy": {"enabled": False}}}
    empty = license_result(purchased_user_seats=0, assigned_user_seats=0)
    evaluation = judge(healthy(license=empty), policy)
    assert evaluation["verdict"] == "undetermined"
    assert "license" in evaluation["reason"]


def test_an_empty_tenant_is_not_in_order_because_nothing_hangs_and_nothing_was_deleted() -> None:
    reading = read(*(group([], service) for service in SERVICES), count(0))
    red = [one for one in judge(reading)["results"] if one["status"] == "fail"]
    assert {one["check"] for one in red} == {"backup_recency", "backup_presence"}
    waivers = [
        {"check": check, "reason": "r", "approver": "J. Doe", "expires": "2026-12-31"}
        for check in ("backup_recency", "backup_presence")
    ]
    evaluation = judge(reading, waivers=waivers)
    assert evaluation["verdict"] == "undetermined"
    assert evaluation["reason"] == "Nothing of the backups was verified: no check of it passed."
    assert result(evaluation, "stuck_jobs", "teams")["status"] == "pass"


def test_a_policy_that_asks_about_running_jobs_alone_is_met_by_none() -> None:
    off = {name: {"enabled": False} for name in BY_NAME if name not in ("stuck_jobs", "evidence")}
    assert judge(healthy(), {"checks": off})["verdict"] == "compliant"


def test_what_is_not_judged_is_listed() -> None:
    policy = {
        **only("teams", backup_presence={"services": {"teams": {"enabled": False}}}),
        "locations": [],
    }
    policy["services"] = ["teams", "onedrive"]
    gaps = {gap["what"]: gap["why"] for gap in judge(healthy(), policy)["not_judged"]}
    assert gaps["backup_presence for teams"] == "disabled by the policy"
    others = next(what for what in gaps if what.startswith("services "))
    assert "exchange_online" in others
    assert "teams," not in others


def test_the_input_is_left_alone_and_the_output_is_the_same_each_time() -> None:
    reading = healthy()
    before = copy.deepcopy(reading)
    first = json.dumps(judge(reading))
    assert reading == before
    assert json.dumps(judge(before)) == first


def test_now_alone_decides_what_old_means() -> None:
    reading = healthy()
    assert judge(reading, now=NOW)["verdict"] == "compliant"
    assert judge(reading, {"window": "1w"}, now=NOW - 86_400)["verdict"] == "undetermined"  # what is yet to come
    later = judge(reading, now=NOW + 3 * 86_400)
    assert result(later, "backup_recency", "teams")["status"] == "fail"


def test_a_longer_look_back_than_was_read_is_an_error() -> None:
    assert judge(healthy(), {"window": "8d"})["verdict"] == "undetermined"
    assert judge(healthy(), {"window": "3d"})["verdict"] == "compliant"


def test_the_catalogue_is_consistent() -> None:
    assert list(BY_NAME) == [check.name for check in CATALOGUE]
    for check in CATALOGUE:
        assert check.remediation.endswith(".")
        for threshold in check.thresholds:
            if threshold.default is not None:
                value = threshold.kind.read(threshold.default)
                assert threshold.kind.read(threshold.kind.write(value)) == value


def test_controls_name_known_checks_and_every_check_supports_one() -> None:
    named = {check for control in controls.CONTROLS for check in control.checks}
    assert named == set(BY_NAME)
    assert {control.strength for control in controls.CONTROLS} == {"supports", "partially"}
    assert len({control.name for control in controls.CONTROLS}) == len(controls.CONTROLS)
    assert not any("PCI" in control.name for control in controls.CONTROLS)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ({}, "supports"),
        ({"checks": {"backup_recency": {"fail": "7d"}}}, "supports"),
        ({"window": "2w", "checks": {"backup_recency": {"fail": "8d"}}}, "fails after 8d, the control requires weekly"),
        ({"window": "2w", "checks": {"backup_recency": {"services": {"teams": {"fail": "9d"}}}}}, "fails after 9d"),
        ({"checks": {"backup_recency": {"enabled": False}}}, "is disabled"),
        (
            {"checks": {name: {"enabled": False} for name in ("backup_recency", "backup_presence")}},
            "its checks are disabled",
        ),
    ],
)
def test_a_policy_looser_than_the_control_does_not_support_it(raw: dict, words: str) -> None:
    policy, _mistakes = settle_policy(raw)
    weekly = next(control for control in controls.CONTROLS if control.limit)
    assert words in controls.standing(weekly, policy)


OFF = {"enabled": False}
NOT = "not supported by this policy: "
QUARTERLY = "the control requires quarterly (92d)"


@pytest.mark.parametrize(
    ("name", "raw", "standing"),
    [
        ("CIS v8 11.2", {}, "supports"),
        (
            "CIS v8 11.2",
            {"window": "2w", "checks": {"backup_recency": {"fail": "8d"}}},
            f"{NOT}backup_recency fails after 8d, the control requires weekly (7d)",
        ),
        (
            "CIS v8 11.2",
            {"checks": {"backup_recency": {"services": {"teams": OFF}}}},
            f"{NOT}backup_recency is disabled for teams, the control requires weekly (7d)",
        ),
        # Of a service that the policy does not name nothing is expected
        ("CIS v8 11.2", {"checks": {"backup_recency": {"services": {"power_bi": OFF}}}}, "supports"),
        ("CIS v8 11.2", {"checks": {"backup_presence": OFF}}, "supports, but disabled: backup_presence"),
        ("CIS v8 11.5", {}, f"{NOT}restore_exercise fails after 365d, {QUARTERLY}"),
        (
            "CIS v8 11.5",
            {"checks": {"restore_exercise": {"fail": "93d"}}},
            f"{NOT}restore_exercise fails after 93d, {QUARTERLY}",
        ),
        ("CIS v8 11.5", {"checks": {"restore_exercise": {"fail": "92d"}}}, "partially"),
        ("CIS v8 11.5", {"checks": {"restore_exercise": OFF}}, f"{NOT}its checks are disabled"),
        ("NIST SP 800-53r5 CP-9(1), CP-4", {}, "partially"),
        ("NIST SP 800-53r5 CP-9 d", {"checks": {"deletion_activity": OFF}}, f"{NOT}its checks are disabled"),
        ("NIST SP 800-53r5 CA-7", {"checks": {"stuck_jobs": OFF}}, "partially, but disabled: stuck_jobs"),
        (
            "NIST SP 800-53r5 CP-9 a",
            {"checks": {"hollow_backups": OFF, "coverage_drop": {"services": {"teams": OFF, "onedrive": OFF}}}},
            "supports, but disabled: backup_frequency, hollow_backups, coverage_drop for onedrive, teams",
        ),
        (
            "NIS2 CIR 2024/2690 4.2.2",
            only("teams", **{check: {"services": {"teams": OFF}} for check in ("failed_objects", "coverage_drop")}),
            f"{NOT}its checks are disabled",
        ),
    ],
)
def test_what_the_policy_in_force_makes_of_a_control(name: str, raw: dict, standing: str) -> None:
    policy, mistakes = settle_policy(raw)
    assert mistakes == []
    (control,) = [control for control in controls.CONTROLS if control.name == name]
    assert controls.standing(control, policy) == standing


@pytest.mark.parametrize(
    ("name", "checks", "strength"),
    [
        (
            "NIST SP 800-53r5 CP-9 a",
            "backup_recency backup_presence consecutive_failures backup_frequency success_rate degraded_backups "
            "hollow_backups coverage_drop failed_objects license_in_policy",
            "supports",
        ),
        ("NIST SP 800-53r5 CP-9(1), CP-4", "restore_exercise", "partially"),
        ("NIST SP 800-53r5 CP-9 d", "deletion_activity unusual_activity", "partially"),
        ("NIST SP 800-53r5 SI-12", "retention_period", "partially"),
        ("NIST SP 800-53r5 SI-4", "unusual_activity", "partially"),
        ("NIST SP 800-53r5 CM-10 b", "license_seats license_storage license_in_policy", "supports"),
        ("NIST SP 800-53r5 CA-7", "evidence stuck_jobs slow_backups", "partially"),
        ("CIS v8 11.2", "backup_recency backup_presence", "supports"),
        ("CIS v8 11.5", "restore_exercise", "partially"),
        ("ISO 27001:2022 A.8.13", "backup_recency backup_presence success_rate retention_period", "supports"),
        ("ISO 27001:2022 A.8.13, testing", "restore_exercise", "partially"),
        ("SOC 2 A1.2", "backup_recency success_rate consecutive_failures", "supports"),
        ("SOC 2 A1.3", "restore_exercise failed_objects", "partially"),
        ("DORA Art. 12(1)(a)", "backup_recency backup_presence", "supports"),
        ("DORA Art. 12(2)", "restore_exercise", "partially"),
        ("NIS2 CIR 2024/2690 4.2.2", "failed_objects coverage_drop", "partially"),
        ("NIS2 CIR 2024/2690 4.2.6", "restore_exercise", "partially"),
        ("HIPAA 164.308(a)(7)(ii)(A)", "backup_recency", "partially"),
    ],
)
def test_a_control_is_claimed_by_these_checks_and_no_further(name: str, checks: str, strength: str) -> None:
    (control,) = [control for control in controls.CONTROLS if control.name == name]
    assert (" ".join(control.checks), control.strength) == (checks, strength)
    assert len(controls.CONTROLS) == 18


@pytest.mark.parametrize("check", CATALOGUE, ids=lambda check: check.name)
def test_the_link_fits_every_place_that_shows_a_remediation(check: Check) -> None:
    # The printed line and the cell of a table have room for 360 and 400 characters
    assert len(guide.add_link(check.remediation, check.name)) <= 360


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Fix it.",
        f"{guide.ADDRESS}#license-seats",
        f"Fix it. {guide.ADDRESS}",
        f"Fix it. {guide.ADDRESS}#",
        f"Fix it. {guide.ADDRESS}#license-seats and more",
        f"Fix it. {guide.ADDRESS}#license-seats?x=1",
        f"Fix it. {guide.ADDRESS}#../../evil",
        "Fix it. https://evil.example/from_finding_to_fix.rst#license-seats",
    ],
)
def test_only_an_address_of_the_guide_is_a_link(text: str) -> None:
    assert guide.split_link(text) == (text, "")
