# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Checks of the license: is what is used also bought, and does the vendor still back up.

Each takes the license as the license module returns it, the thresholds and the instant that is now.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ..model import instants, wording
from ..model.outcome import CannotTell, Outcome
from ..reading.results import figure

_GRACE = 90 * instants.DAY
"""How long existing objects go on being backed up on a per-capacity plan (the vendor's user guide, api.md)."""


@dataclass(frozen=True)
class _Measure:
    """One of the two figures that a license is sold by."""

    name: str
    bought: str
    used: str
    bought_by_the_other: str


_SEATS = _Measure("seats", "purchased_user_seats", "assigned_user_seats", "purchased_storage_size")
_STORAGE = _Measure("GB", "purchased_storage_size", "protected_size", "purchased_user_seats")


def judge_seats(license_: Mapping[str, Any], thresholds: Mapping[str, Any], now: int) -> Outcome:
    return _judge_measure(_SEATS, license_, thresholds)


def judge_storage(license_: Mapping[str, Any], thresholds: Mapping[str, Any], now: int) -> Outcome:
    return _judge_measure(_STORAGE, license_, thresholds)


def judge_in_policy(license_: Mapping[str, Any], thresholds: Mapping[str, Any], now: int) -> Outcome:
    expected = "a license in policy"
    if license_.get("out_of_policy_time") is None:
        return _judge_without_time(license_, expected)
    try:
        out_since = instants.parse(license_["out_of_policy_time"])
    except (AttributeError, TypeError, ValueError) as error:
        raise CannotTell("The license's out_of_policy_time is no time.") from error
    day = instants.iso(out_since)
    if out_since <= now:
        message = f"The license went out of policy at {day}. {_what_stops(license_, out_since)}"
        return Outcome("fail", f"out of policy since {day}", expected, message)
    left = wording.amount((out_since - now) // instants.DAY, "day")
    message = f"The license goes out of policy at {day}, in {left}. {_what_stops(license_, out_since)}"
    return Outcome("warn", f"out of policy at {day}, {left} left", expected, message)


def _judge_measure(measure: _Measure, license_: Mapping[str, Any], thresholds: Mapping[str, Any]) -> Outcome:
    fail, warn = thresholds["fail"], thresholds["warn"]
    limits = f"at most {wording.percent(fail)} of the purchased {measure.name} in use"
    expected = f"{limits} (warning from {wording.percent(warn)})"
    bought, used = figure(license_, measure.bought), figure(license_, measure.used)
    if not bought:
        return _judge_not_bought(measure, license_, bought, used, expected)
    if used is None:
        raise CannotTell(f"The license does not say {measure.used}.")
    percent = Fraction(100 * used, bought)
    status = "fail" if percent > fail else "warn" if percent >= warn else "pass"
    observed = f"{used} of {bought} {measure.name} ({wording.percent(percent)})"
    rest = f"{used - bought} more than purchased" if used > bought else f"{bought - used} left"
    return Outcome(status, observed, expected, f"{observed} are in use, {rest}.")


def _judge_not_bought(
    measure: _Measure, license_: Mapping[str, Any], bought: int | None, used: int | None, expected: str
) -> Outcome:
    """0 purchased is "not sold by this measure" if the other one was bought; if not, any use exceeds it (api.md)."""
    other = figure(license_, measure.bought_by_the_other)
    in_use = "an unknown amount" if used is None else str(used)
    if other:
        observed = f"{'no figure' if bought is None else 0} purchased, {in_use} in use"
        note = f"The license is not sold by {measure.name}: {measure.bought_by_the_other} is {other}."
        return Outcome("not_applicable", observed, expected, note)
    if bought is None or other is None:
        raise CannotTell(f"The license says neither {measure.bought} nor {measure.bought_by_the_other} well enough.")
    if used is None:
        raise CannotTell(f"Nothing is purchased, and the license does not say {measure.used}.")
    observed = f"{used} of 0 {measure.name}"
    if used:
        return Outcome("fail", observed, expected, f"{used} {measure.name} are in use and nothing at all is purchased.")
    return Outcome("not_applicable", observed, expected, f"No {measure.name} are purchased and none are in use.")


def _judge_without_time(license_: Mapping[str, Any], expected: str) -> Outcome:
    """Without a time the module still says whether there was one: null is a field that the server left out."""
    out = license_.get("out_of_policy")
    if out is False:
        return Outcome("pass", "in policy", expected, "The license is in policy.")
    if out is True:
        raw = wording.one_line(license_.get("out_of_policy_raw"), 40)
        message = f"The license is out of policy since a time of an unknown unit, {raw}. {_what_stops(license_, None)}"
        return Outcome("fail", f"out of policy ({raw})", expected, message)
    raise CannotTell("The license does not say whether it is in policy.")


def _what_stops(license_: Mapping[str, Any], out_since: int | None) -> str:
    """What the vendor stops doing, by the kind of subscription."""
    sentence = "Out of policy, new objects are not backed up."
    if license_.get("purchased_user_seats"):
        sentence += " With the per-user subscription existing objects go on."
    if license_.get("purchased_storage_size"):
        end = f" on {instants.date(out_since + _GRACE)}" if out_since is not None else ""
        sentence += f" With the per-capacity subscription existing objects go on for 90 days and stop{end}."
    return sentence
