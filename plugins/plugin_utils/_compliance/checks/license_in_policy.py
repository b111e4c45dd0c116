# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Check ``license_in_policy``: whether the license is in policy, so that everything is backed up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.cloudbackup.m365.plugins.module_utils import _time

from ..model import wording
from ..model.check import LICENSE, Check
from ..model.outcome import Outcome, Undetermined

_GRACE = 90 * _time.DAY
"""How long existing objects are still backed up with a per-capacity plan (user guide of the vendor, api.md)."""


def judge(license_: Mapping[str, Any], thresholds: Mapping[str, Any], now: int) -> Outcome:
    """Evaluate the out-of-policy time: past fails, future warns."""
    expected = "a license in policy"
    if license_.get("out_of_policy_time") is None:
        return _judge_without_time(license_, expected)
    try:
        out_since = _time.unix_from_iso(license_["out_of_policy_time"])
    except (AttributeError, TypeError, ValueError) as error:
        raise Undetermined("The license's out_of_policy_time is not a time.") from error
    day = _time.unix_to_iso(out_since)
    if out_since <= now:
        message = f"The license went out of policy at {day}. {_what_stops(license_, out_since)}"
        return Outcome("fail", f"out of policy since {day}", expected, message)
    left = wording.amount((out_since - now) // _time.DAY, "day")
    message = f"The license goes out of policy at {day}, in {left}. {_what_stops(license_, out_since)}"
    return Outcome("warn", f"out of policy at {day}, {left} left", expected, message)


def _judge_without_time(license_: Mapping[str, Any], expected: str) -> Outcome:
    """Evaluate by the value of the module: null means that the server did not send the field."""
    out = license_.get("out_of_policy")
    if out is False:
        return Outcome("pass", "in policy", expected, "The license is in policy.")
    if out is True:
        raw = wording.one_line(license_.get("out_of_policy_raw"), 40)
        message = f"The license is out of policy since a time of an unknown unit, {raw}. {_what_stops(license_, None)}"
        return Outcome("fail", f"out of policy ({raw})", expected, message)
    raise Undetermined("The license does not contain whether it is in policy.")


def _what_stops(license_: Mapping[str, Any], out_since: int | None) -> str:
    """Return which backups stop, by the kind of subscription."""
    sentence = "Out of policy, new objects are not backed up."
    if license_.get("purchased_user_seats"):
        sentence += " With the per-user subscription existing objects go on."
    if license_.get("purchased_storage_size"):
        end = f" on {_time.unix_to_date(out_since + _GRACE)}" if out_since is not None else ""
        sentence += f" With the per-capacity subscription existing objects go on for 90 days and stop{end}."
    return sentence


CHECK = Check(
    "license_in_policy",
    "License in policy",
    LICENSE,
    judge,
    (),
    "Renew or extend the subscription with the vendor.",
)
