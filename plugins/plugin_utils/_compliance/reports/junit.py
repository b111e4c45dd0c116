# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The evidence as junit.xml, for programs that show test results. It passes if and only if the verdict is compliant.

Every value goes through ``_clean``, so that text from the server becomes neither markup nor invalid XML.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

from ..model import wording
from ..model.subject import directory_name
from . import labels
from .fact_types import Facts

_OUTCOMES = {"fail": "failure", "error": "error", "waived": "skipped", "not_applicable": "skipped"}
"""The element for each status; pass and warn have none, since both pass."""
_FIXABLE = ("fail", "error", "warn", "waived")
_VALUE = 2_000
_ATTACHMENT = re.compile(r"\[(?=\[)")


def report(evidence: Mapping[str, Any], facts: Facts) -> str:
    """Return the report. Only the results in ``evidence``, the content of evidence.json, are used."""
    cases = [_case(evidence, result) for result in evidence["results"]]
    if evidence["verdict"] != "compliant" and not (_count(cases, "failure") or _count(cases, "error")):
        cases.append(_red_verdict(evidence))
    counts = {
        "tests": str(len(cases)),
        "failures": str(_count(cases, "failure")),
        "errors": str(_count(cases, "error")),
        # Times are not measured, but programs require the attribute
        "time": "0",
    }
    root = ElementTree.Element("testsuites", counts)
    subject = _clean(evidence["subject"])
    # The schema of Jenkins (junit-10.xsd) has this count only for a suite
    skipped = str(_count(cases, "skipped"))
    run = {"skipped": skipped, "timestamp": _clean(evidence["evaluated_at"]), "hostname": subject}
    suite = ElementTree.SubElement(root, "testsuite", {"name": f"Backup compliance of {subject}", **counts, **run})
    properties = ElementTree.SubElement(suite, "properties")
    for name, value in _properties(evidence).items():
        ElementTree.SubElement(properties, "property", {"name": name, "value": _clean(value)})
    suite.extend(cases)
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _properties(evidence: Mapping[str, Any]) -> dict[str, str]:
    window, collection = evidence["window"], evidence["collection"]
    return {
        "verdict": evidence["verdict"],
        "reason": evidence["reason"],
        "window": f"{window['start']} to {window['end']} ({window['length']})",
        "not_judged": "; ".join(f"{gap['what']}: {gap['why']}" for gap in evidence["not_judged"]),
        "collection": f"{collection['name']} {collection['version']}",
    }


def _case(evidence: Mapping[str, Any], result: Mapping[str, Any]) -> ElementTree.Element:
    status = result["status"]
    message = f"{result['observed']}; expected {result['expected']}" if status == "fail" else result["message"]
    case = _empty_case(evidence, result["check"], f"{result['check']} [{result['scope']}]")
    if status in _OUTCOMES:
        body = ElementTree.SubElement(case, _OUTCOMES[status], {"message": _clean(message), "type": status})
    else:
        body = ElementTree.SubElement(case, "system-out")
    body.text = _body(result)
    return case


def _red_verdict(evidence: Mapping[str, Any]) -> ElementTree.Element:
    """Return a case for the verdict if nothing failed, but nothing was verified either."""
    case = _empty_case(evidence, "verdict", "verdict")
    body = ElementTree.SubElement(case, "error", {"message": _clean(evidence["reason"]), "type": evidence["verdict"]})
    body.text = f"{labels.VERDICTS[evidence['verdict']]}: {_clean(evidence['reason'])}"
    return case


def _empty_case(evidence: Mapping[str, Any], check: str, name: str) -> ElementTree.Element:
    # GitLab keeps one case per class and name in a job: without the subject, a tenant would hide another.
    # Jenkins uses all but the last part as package: the tenant
    classname = f"cloudbackup.m365.{directory_name(evidence['subject'])}.{check}"
    return ElementTree.Element("testcase", {"classname": classname, "name": _clean(name), "time": "0"})


def _body(result: Mapping[str, Any]) -> str:
    parts = {
        labels.LABELS[result["status"]]: f"{result['title']}, {result['scope']}",
        "Observed": result["observed"],
        "Expected": result["expected"],
        "What it means": result["message"],
        "What to do": result["remediation"] if result["status"] in _FIXABLE else "",
        "Jobs": labels.cited(result),
        "Controls": ", ".join(result["controls"]),
    }
    return "\n".join(f"{name}: {_clean(value)}" for name, value in parts.items() if value)


def _count(cases: list[ElementTree.Element], outcome: str) -> int:
    return sum(case.find(outcome) is not None for case in cases)


def _clean(value: object) -> str:
    """Return any value as one line of characters that are valid in XML.

    ``[[ATTACHMENT|path]]`` in the output of a test makes GitLab and Jenkins attach that file, so it is broken up.
    """
    return _ATTACHMENT.sub("[ ", wording.one_line(value, _VALUE))
