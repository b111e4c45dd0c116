# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Evidence of all kinds for the tests of the formats that programs read."""

from __future__ import annotations

import copy
from typing import Any

from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.policy_rules import settle_policy
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reports import formats
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reports.pack_files import FILE_OF
from ansible_collections.cloudbackup.m365.tests.unit.readings import (
    NOT_PLANNED,
    READ_START,
    SERVICES,
    ago,
    evidence_of,
    group,
    healthy,
    job,
    license_result,
    only,
)
from hypothesis import strategies as st

WAIVER = {"check": "license_seats", "reason": "20 are ordered", "approver": "J. Doe", "expires": "2026-12-31"}
LIKE_FORMULAS = st.text(
    st.one_of(st.characters(), st.sampled_from("=+-@＝＋－＠ \t\r\n\0\x1b\u200b\ufeff\xa0\u3000\u202e'\",;\\"))
)
"""Texts of any characters, with many that a spreadsheet, a terminal or a parser would obey."""


def changed(*place: Any, value: Any) -> dict[str, Any]:
    """A healthy reading with one part replaced."""
    reading = copy.deepcopy(healthy())
    inner: Any = reading
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    return reading


REDS: dict[str, dict[str, Any]] = {
    "seats": healthy(license=license_result(assigned_user_seats=101)),
    "no-teams": changed("jobs", "groups", SERVICES.index("teams"), value=group([], "teams", READ_START)),
    "failed-teams": changed(
        *("jobs", "groups", SERVICES.index("teams")),
        value=group([job(f"t{hours}", "failed", finish=ago(hours=hours)) for hours in range(1, 168, 12)], "teams"),
    ),
    "no-license": healthy(license=None, errors=[{"read": "license", "message": "timed out", "failure": None}]),
    "empty-license": healthy(license=license_result(**dict.fromkeys(license_result()["license"], "absent"))),
    "odd-license": healthy(license=license_result(assigned_user_seats="many", purchased_user_seats=2**70)),
    "clock": changed("jobs", "api", "clock_offset_seconds", value=3_600),
    "nothing": {**NOT_PLANNED, "license": None, "jobs": None, "errors": []},
}
EVIDENCES: dict[str, dict[str, Any]] = {
    "green": evidence_of(healthy()),
    "warn": evidence_of(healthy(license=license_result(assigned_user_seats=95))),
    "storage": evidence_of(
        healthy(license=license_result(purchased_user_seats=0, purchased_storage_size=500, protected_size=120))
    ),
    **{name: evidence_of(reading) for name, reading in REDS.items()},
    "waived": evidence_of(REDS["seats"], waivers=[WAIVER]),
    "few-checks": evidence_of(REDS["seats"], policy=only("teams", license_seats={"enabled": False})),
}


def packed(evidence: dict[str, Any], name: str) -> str:
    """The file of a format."""
    policy, _mistakes = settle_policy(evidence["policy"])
    return formats.pack(evidence, policy, [name])[FILE_OF[name]].decode()
