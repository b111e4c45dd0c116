# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The OSCAL assessment results: an observation for each result, and nothing satisfied that was not verified.

`make certify` validates such documents with compliance-trestle; here is what follows from the evidence.
"""

from __future__ import annotations

import base64
import copy
import hashlib
import json
import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.evaluation.controls import CONTROLS
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reports.oscal_controls import statements
from ansible_collections.cloudbackup.m365.tests.unit.readings import NOW_TEXT, evidence_of, healthy
from ansible_collections.cloudbackup.m365.tests.unit.reports.evidences import (
    EVIDENCES,
    LIKE_FORMULAS,
    REDS,
    WAIVER,
    packed,
)
from hypothesis import given

CHECKS_OF = {
    "cp-9_smt.a": CONTROLS[0].checks,
    "cp-9.1_smt": ("restore_exercise",),
    "cp-4_smt": ("restore_exercise",),
    "cm-10_smt.b": ("license_seats", "license_storage", "license_in_policy"),
}
"""The checks of some statements, as the catalogue of controls has them."""


def document(evidence: dict[str, Any]) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(packed(evidence, "oscal"))["assessment-results"]
    return content


def result_of(evidence: dict[str, Any]) -> dict[str, Any]:
    (result,) = document(evidence)["results"]
    return dict(result)


def properties(part: dict[str, Any]) -> dict[str, str]:
    return {one["name"]: one["value"] for one in part["props"]}


def findings_of(evidence: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["target"]["target-id"]: one for one in result_of(evidence)["findings"]}


def states(evidence: dict[str, Any]) -> dict[str, str]:
    return {name: one["target"]["status"]["state"] for name, one in findings_of(evidence).items()}


def walk(part: Any) -> Iterator[tuple[str, Any]]:
    """Every value of the document with its key."""
    items = part.items() if isinstance(part, dict) else (("", one) for one in part) if isinstance(part, list) else ()
    for key, value in items:
        yield key, value
        yield from walk(value)


@pytest.mark.parametrize("evidence", EVIDENCES.values(), ids=EVIDENCES)
def test_there_is_an_observation_for_each_result(evidence: dict[str, Any]) -> None:
    result = result_of(evidence)
    names = ("check", "scope", "status", "observed", "expected")
    assert [properties(one) for one in result["observations"]] == [
        {name: one[name] for name in names} for one in evidence["results"]
    ]
    assert {one["collected"] for one in result["observations"]} == {NOW_TEXT}
    assert properties(result)["verdict"] == evidence["verdict"]
    assert properties(result)["not-applicable"] == str(evidence["counts"]["not_applicable"])


@pytest.mark.parametrize("evidence", EVIDENCES.values(), ids=EVIDENCES)
def test_a_statement_is_satisfied_only_if_all_of_its_checks_were_verified(evidence: dict[str, Any]) -> None:
    found = states(evidence)
    doubtful = any(one["check"] == "evidence" and one["status"] == "error" for one in evidence["results"])
    for statement, checks in CHECKS_OF.items():
        met = [one["status"] for one in evidence["results"] if one["check"] in checks]
        verified = not set(met) & {"fail", "error", "waived"} and set(met) & {"pass", "warn"} and not doubtful
        assert found[statement] == ("satisfied" if verified else "not-satisfied")


def test_a_healthy_tenant_satisfies_every_statement() -> None:
    assert set(states(EVIDENCES["green"]).values()) == {"satisfied"}


def test_evidence_in_doubt_satisfies_nothing() -> None:
    assert set(states(EVIDENCES["clock"]).values()) == {"not-satisfied"}
    assert set(states(EVIDENCES["nothing"]).values()) == {"not-satisfied"}


def test_a_waived_failure_is_a_risk_that_was_accepted_and_satisfies_nothing() -> None:
    status = findings_of(EVIDENCES["waived"])["cm-10_smt.b"]["target"]["status"]
    assert (status["state"], status["reason"]) == ("not-satisfied", "other")
    assert "accepted by a waiver" in status["remarks"]
    (risk,) = result_of(EVIDENCES["waived"])["risks"]
    assert (risk["status"], risk["deadline"]) == ("deviation-approved", "2026-12-31T23:59:59Z")
    assert properties(risk) == {"approver": "J. Doe", "expires": "2026-12-31", "reason": "20 are ordered"}


def test_a_failure_is_an_open_risk_of_its_finding() -> None:
    finding = findings_of(EVIDENCES["seats"])["cm-10_smt.b"]
    assert finding["target"]["status"]["reason"] == "fail"
    (risk,) = result_of(EVIDENCES["seats"])["risks"]
    assert risk["status"] == "open"
    assert finding["related-risks"] == [{"risk-uuid": risk["uuid"]}]


def test_a_check_that_is_disabled_is_named_at_its_statement() -> None:
    finding = findings_of(EVIDENCES["few-checks"])["cm-10_smt.b"]
    assert properties(finding)["policy"] == "supports, but disabled: license_seats"
    assert "disabled: license_seats" in finding["target"]["status"]["remarks"]


@pytest.mark.parametrize("evidence", EVIDENCES.values(), ids=EVIDENCES)
def test_every_id_is_unique_and_every_reference_is_to_one_of_them(evidence: dict[str, Any]) -> None:
    found = list(walk(document(evidence)))
    ids = [value for key, value in found if key == "uuid"]
    assert len(set(ids)) == len(ids)
    assert {uuid.UUID(one).version for one in ids} == {5}
    named = {value for key, value in found if key.endswith("-uuid")}
    named |= {value[1:] for key, value in found if key == "href" and value.startswith("#")}
    assert len(named) > len(evidence["results"])
    assert named <= set(ids)


def test_only_controls_of_nist_are_named_by_their_ids_in_the_catalogue_of_oscal() -> None:
    expected = {"cp-9_smt.a", "cp-9_smt.d", "cp-9.1_smt", "cp-4_smt", "cm-10_smt.b", "ca-7_smt"}
    assert expected <= set(states(EVIDENCES["green"]))
    assert len(statements()) == len({one.statement_id for one in statements()})
    assert all(one.control.name.startswith("NIST SP 800-53r5 ") for one in statements())
    selected = result_of(EVIDENCES["green"])["reviewed-controls"]["control-selections"][0]["include-controls"]
    assert [one["control-id"] for one in selected[:3]] == ["cp-9", "cp-9.1", "cp-4"]
    for one in selected:
        assert re.fullmatch(r"[a-z]{2}-[0-9]+(\.[0-9]+)?", one["control-id"])
        for statement in one["statement-ids"]:
            assert re.fullmatch(rf"{re.escape(one['control-id'])}_smt(\.[a-z])?", statement)


def test_the_plan_is_in_the_back_matter_and_the_evidence_is_named_by_its_digest() -> None:
    evidence = EVIDENCES["waived"]
    found = document(evidence)
    resources = {one["uuid"]: one for one in found["back-matter"]["resources"]}
    plan = resources.pop(found["import-ap"]["href"][1:])
    assert json.loads(base64.b64decode(plan["base64"]["value"])) == {
        name: evidence[name] for name in ("policy", "waivers")
    }
    (resource,) = resources.values()
    (link,) = resource["rlinks"]
    assert link["href"] == "evidence.json"
    content = packed(evidence, "json").encode()
    assert link["hashes"] == [{"algorithm": "SHA-256", "value": hashlib.sha256(content).hexdigest()}]
    assert found["metadata"]["last-modified"] == NOW_TEXT
    assert found["metadata"]["oscal-version"].startswith("1.1.")


def test_another_evidence_has_other_ids_but_the_same_tenant() -> None:
    one, two = document(EVIDENCES["green"]), document(EVIDENCES["seats"])
    assert one["uuid"] != two["uuid"]
    tenant = [found["results"][0]["local-definitions"]["components"][0]["uuid"] for found in (one, two)]
    assert tenant[0] == tenant[1]
    assert packed(copy.deepcopy(EVIDENCES["green"]), "oscal") == packed(EVIDENCES["green"], "oscal")


@given(LIKE_FORMULAS.filter(str.strip))
def test_no_text_is_empty_or_markup_whatever_it_was(words: str) -> None:
    waiver = {**WAIVER, "reason": f"<b>[{words}](http://e.example)", "approver": words}
    found = document(evidence_of(REDS["seats"], waivers=[waiver], subject=f"<b>{words}"))
    for key, value in walk(found):
        if isinstance(value, str):
            assert value.isprintable()
            assert value == value.strip() != ""
            if key in ("title", "description", "statement", "remarks"):
                assert "<" not in value
                assert not re.search(r"(?<!\\)\[", value)
        assert value not in ([], {})


def test_a_subject_without_a_visible_character_has_a_title() -> None:
    assert document(evidence_of(healthy(), subject="\u200b"))["metadata"]["title"] == "Backup compliance of"
