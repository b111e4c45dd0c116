# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The common part of the checks of both license measures: whether more is used than was purchased."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from ansible_collections.cloudbackup.m365.plugins.module_utils import _subscription

from ..model import wording
from ..model.measure import Measure
from ..model.outcome import Outcome, Undetermined


def judge(measure: Measure, thresholds: Mapping[str, Any], now: int) -> Outcome:
    """Evaluate the used share of a measure, which may be equal to the limit."""
    fail, warn, unit = thresholds["fail"], thresholds["warn"], measure.fields.unit
    limits = f"at most {wording.percent(fail)} of the purchased {unit} in use"
    expected = f"{limits} (warning from {wording.percent(warn)})"
    purchased, used = measure.purchased, measure.used
    if not purchased:
        return _judge_not_purchased(measure, expected)
    if used is None:
        raise Undetermined(f"The license contains no {measure.fields.used}.")
    percent = Fraction(100 * used, purchased)
    status = "fail" if percent > fail else "warn" if percent >= warn else "pass"
    observed = f"{used} of {purchased} {unit} ({wording.percent(percent)})"
    rest = f"{used - purchased} more than purchased" if used > purchased else f"{purchased - used} left"
    return Outcome(status, observed, expected, f"{observed} are in use, {rest}.")


def _judge_not_purchased(measure: Measure, expected: str) -> Outcome:
    fields, used = measure.fields, measure.used
    standing = _subscription.standing(measure.purchased, measure.other_purchased)
    if standing == _subscription.NOT_SOLD:
        in_use = "an unknown amount" if used is None else str(used)
        observed = f"{'no figure' if measure.purchased is None else 0} purchased, {in_use} in use"
        note = f"The license is not sold by {fields.unit}: {fields.other_purchased} is {measure.other_purchased}."
        return Outcome("not_applicable", observed, expected, note)
    if standing == _subscription.UNKNOWN:
        raise Undetermined(f"The license contains neither a usable {fields.purchased} nor {fields.other_purchased}.")
    if used is None:
        raise Undetermined(f"Nothing is purchased, and the license contains no {fields.used}.")
    observed = f"{used} of 0 {fields.unit}"
    if used:
        return Outcome("fail", observed, expected, f"{used} {fields.unit} are in use and nothing at all is purchased.")
    return Outcome("not_applicable", observed, expected, f"No {fields.unit} are purchased and none are in use.")
