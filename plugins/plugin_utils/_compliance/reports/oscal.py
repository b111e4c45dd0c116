# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The run as OSCAL assessment results (version 1.1), for GRC (governance, risk and compliance) tools.

It has an observation for each result, a finding for each statement of a NIST control, and a risk for each failure. All
ids are derived from the evidence: the same evidence gives the same bytes. Text in OSCAL is Markdown, and is escaped.
"""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from ..evaluation import waiving
from ..model import wording
from ..model.outcome import STATUSES
from . import labels
from .evidence_json import as_json
from .fact_types import SUPPORTS_AT_MOST, Facts
from .markdown import plain_text
from .oscal_controls import Statement, statements
from .oscal_findings import target
from .pack_files import EVIDENCE_FILE

_VERSION = "1.1.3"
"""Of OSCAL."""
_NAMESPACE = "https://github.com/cloudbackup/cloudbackup.m365"
_ROOT = uuid.uuid5(uuid.NAMESPACE_URL, _NAMESPACE)
_TEXT = 4_000
_VALUE = 1_000
_PLAN = "plan"
_EVIDENCE = "evidence"


def report(evidence: Mapping[str, Any], facts: Facts) -> str:
    """Return the file. ``evidence`` is the content of evidence.json."""
    return as_json({"assessment-results": _Document(evidence, facts).content()})


class _Document:
    """The parts of a document, which refer to each other by id."""

    def __init__(self, evidence: Mapping[str, Any], facts: Facts) -> None:
        self.evidence = evidence
        self.bytes = as_json(evidence).encode()
        self.id = uuid.uuid5(_ROOT, hashlib.sha256(self.bytes).hexdigest())
        standings = {row.name: row.standing for row in facts.controls}
        self.statements = [
            (one, standings[one.control.name], results)
            for one in statements()
            for results in [[result for result in evidence["results"] if result["check"] in one.control.checks]]
            if results
        ]

        # The same in every run, so that programs recognize the tenant
        self.tenant = _uuid(_ROOT, "tenant", evidence["subject"])
        self.tool = _uuid(_ROOT, "collection", evidence["collection"]["name"])

    def uuid(self, *names: str) -> str:
        """Return the id of a part."""
        return _uuid(self.id, *names)

    def content(self) -> dict[str, Any]:
        subject, collection = self.evidence["subject"], self.evidence["collection"]
        return {
            "uuid": str(self.id),
            "metadata": {
                "title": _text(f"Backup compliance of {subject}"),
                "last-modified": self.evidence["evaluated_at"],
                "version": _value(collection["version"]),
                "oscal-version": _VERSION,
                "remarks": _text(SUPPORTS_AT_MOST.replace("*", "")),
            },
            "import-ap": {"href": f"#{self.uuid(_PLAN)}", "remarks": "The policy and the waivers are the plan."},
            "results": [self._result()],
            "back-matter": {"resources": [self._plan(), self._evidence()]},
        }

    def _result(self) -> dict[str, Any]:
        evidence = self.evidence
        counts = [(status.replace("_", "-"), evidence["counts"][status]) for status in STATUSES]
        return {
            "uuid": self.uuid("result"),
            "title": _text(f"{labels.VERDICTS[evidence['verdict']]}: {evidence['subject']}"),
            "description": _text(f"{labels.MEANINGS[evidence['verdict']]} {evidence['reason']}"),
            "start": evidence["evaluated_at"],
            "end": evidence["evaluated_at"],
            "props": [_prop("verdict", evidence["verdict"]), *(_prop(name, count) for name, count in counts)],
            "local-definitions": {"components": self._components()},
            "reviewed-controls": {"control-selections": [{"include-controls": self._reviewed()}]},
            "observations": [self._observation(result) for result in evidence["results"]],
            **_unless_empty("risks", [self._risk(result) for result in evidence["results"] if _is_risk(result)]),
            **_unless_empty("findings", [self._finding(*statement) for statement in self.statements]),
        }

    def _components(self) -> list[dict[str, Any]]:
        subject, collection = self.evidence["subject"], self.evidence["collection"]
        about: tuple[tuple[str, str, str, str, list[dict[str, Any]]], ...] = (
            (self.tenant, "service", subject, "The tenant whose backups and license were judged.", []),
            (
                *(self.tool, "software", collection["name"], "The collection that judged them."),
                [_prop("version", collection["version"])],
            ),
        )
        return [
            {
                "uuid": component,
                "type": kind,
                "title": _text(title),
                "description": description,
                **_unless_empty("props", props),
                "status": {"state": "operational"},
            }
            for component, kind, title, description, props in about
        ]

    def _reviewed(self) -> list[dict[str, Any]]:
        by_control: dict[str, list[str]] = {}
        for statement, _standing, _results in self.statements:
            by_control.setdefault(statement.control_id, []).append(statement.statement_id)
        # Without statements, it would refer to the whole control
        return [{"control-id": control, "statement-ids": ids} for control, ids in by_control.items()]

    def _observation(self, result: Mapping[str, Any]) -> dict[str, Any]:
        names = ("check", "scope", "status", "observed", "expected")
        return {
            "uuid": self._observation_id(result),
            "title": _text(f"{result['title']}, {result['scope']}"),
            "description": _text(result["message"]),
            "props": [_prop(name, result[name]) for name in names],
            "methods": ["TEST"],
            "types": ["finding"] if result["status"] in ("fail", "error", "waived") else ["control-objective"],
            "origins": [self._origin()],
            "subjects": [{"subject-uuid": self.tenant, "type": "component"}],
            "relevant-evidence": [
                {
                    "href": f"#{self.uuid(_EVIDENCE)}",
                    "description": _text(f"Jobs: {labels.cited(result)}" if result["jobs"] else "What was read."),
                }
            ],
            "collected": self.evidence["evaluated_at"],
            "remarks": _text(result["remediation"]),
        }

    def _risk(self, result: Mapping[str, Any]) -> dict[str, Any]:
        waiver = waiving.accepted_by(result, self.evidence["waivers"])
        accepted: dict[str, Any] = {"status": "open"}
        if waiver:
            accepted = {
                "status": "deviation-approved",
                "props": [_prop(name, waiver[name]) for name in ("approver", "expires", "reason")],
                "deadline": f"{waiver['expires']}T23:59:59Z",
            }
        return {
            "uuid": self._risk_id(result),
            "title": _text(f"{result['title']}, {result['scope']}"),
            "description": _text(result["message"]),
            "statement": _text(f"Observed: {result['observed']}; expected: {result['expected']}"),
            "related-observations": [{"observation-uuid": self._observation_id(result)}],
            **accepted,
        }

    def _finding(self, one: Statement, standing: str, results: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        risks = [{"risk-uuid": self._risk_id(result)} for result in results if _is_risk(result)]
        return {
            "uuid": self.uuid("finding", one.statement_id),
            "title": _text(f"{one.control_id.upper()}: {one.control.about}"),
            "description": _text(
                f"Checks: {', '.join(one.control.checks)}. Manual verification: {one.control.manual}."
            ),
            "props": [_prop("strength", one.control.strength), _prop("policy", standing)],
            "origins": [self._origin()],
            "target": target(one.statement_id, standing, results, self.evidence),
            "related-observations": [{"observation-uuid": self._observation_id(result)} for result in results],
            **_unless_empty("related-risks", risks),
        }

    def _plan(self) -> dict[str, Any]:
        plan = as_json({name: self.evidence[name] for name in ("policy", "waivers")}).encode()
        return {
            "uuid": self.uuid(_PLAN),
            "title": "Assessment plan",
            "description": "The policy in force with every default, and the waivers.",
            "base64": {
                "filename": "plan.json",
                "media-type": "application/json",
                "value": base64.b64encode(plan).decode(),
            },
        }

    def _evidence(self) -> dict[str, Any]:
        sha256 = {"algorithm": "SHA-256", "value": hashlib.sha256(self.bytes).hexdigest()}
        link = {"href": EVIDENCE_FILE, "media-type": "application/json", "hashes": [sha256]}
        description = "What was read, the policy, the waivers and the evaluation."
        return {"uuid": self.uuid(_EVIDENCE), "title": "Evidence", "description": description, "rlinks": [link]}

    def _origin(self) -> dict[str, Any]:
        return {"actors": [{"type": "tool", "actor-uuid": self.tool}]}

    def _observation_id(self, result: Mapping[str, Any]) -> str:
        return self.uuid("observation", result["check"], result["scope"])

    def _risk_id(self, result: Mapping[str, Any]) -> str:
        return self.uuid("risk", result["check"], result["scope"])


def _is_risk(result: Mapping[str, Any]) -> bool:
    return result["status"] in ("fail", "waived")


def _uuid(namespace: uuid.UUID, *names: str) -> str:
    return str(uuid.uuid5(namespace, "/".join(names).encode("utf-8", "replace").decode()))


def _prop(name: str, value: object) -> dict[str, str]:
    return {"name": name, "ns": _NAMESPACE, "value": _value(value)}


def _value(value: object) -> str:
    """Return a text without markup; OSCAL does not allow empty texts."""
    return wording.one_line(value, _VALUE) or "none"


def _text(value: object) -> str:
    """Return a text as Markdown."""
    return plain_text(value, _TEXT) or "none"


def _unless_empty(name: str, items: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a list under its name; OSCAL does not allow empty lists."""
    return {name: items} if items else {}
