# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values that no honest server, person or file has: numbers of thousands of digits, no numbers, other types."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.cloudbackup.m365.plugins.action import compliance_plan, compliance_replay, compliance_report
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.evaluation.evaluate import evaluate
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.policy_rules import settle_policy
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.model import wording
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller import plain, registered_results
from ansible_collections.cloudbackup.m365.tests.unit import readings
from ansible_collections.cloudbackup.m365.tests.unit.controller.steps import mistakes, registered, run_step, store

HUGE = 10**5_000
"""Python refuses to write it out."""
ODD = {
    "1e308": 1e308,
    "-1e308": -1e308,
    "300-digits": 10**300,
    "5000-digits": HUGE,
    "-5000-digits": -HUGE,
    "nan": math.nan,
    "inf": math.inf,
    "true": True,
    "text": "x" * 5_000,
    "list": [[]],
    "dictionary": {"a": {}},
    "null": None,
}
DIGITS = "1" + "0" * 5_000


def places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield every place in a reading, of a list its first row."""
    if place:
        yield place
    inner = value.items() if isinstance(value, dict) else enumerate(value[:1]) if isinstance(value, list) else ()
    for name, part in inner:
        yield from places(part, (*place, name))


def with_value(data: Any, place: tuple[Any, ...], value: Any) -> Any:
    """Return the data with another value at a place."""
    if not place:
        return value
    copy = list(data) if isinstance(data, list) else dict(data)
    copy[place[0]] = with_value(data[place[0]], place[1:], value)
    return copy


def report(read: dict[str, Any], folder: Path) -> dict[str, Any]:
    policy, _mistakes = settle_policy({})
    return run_step(
        compliance_report,
        {"reads": registered(read)},
        subject="contoso",
        reads_variable="reads",
        policy=policy.data,
        waivers=[],
        now=readings.NOW_TEXT,
        report_dir=str(folder),
    )


@pytest.mark.parametrize("value", ODD.values(), ids=ODD)
def test_no_value_of_an_answer_ends_the_evaluation(value: Any) -> None:
    read, (policy, _mistakes) = readings.healthy(), settle_policy({})
    for place in places(read):
        data = plain.plain(with_value(read, place, value))
        assert evaluate(data, policy, [], readings.NOW)["verdict"] in {"compliant", "non_compliant", "undetermined"}


@pytest.mark.parametrize("value", [1e308, -1e308, 10**400, HUGE, math.nan, math.inf], ids=range(6))
def test_a_duration_that_is_none_is_an_error(value: Any) -> None:
    read = readings.healthy()
    read["jobs"]["groups"][0]["last_by_state"]["finished"]["duration_seconds"] = value
    policy, _mistakes = settle_policy({})
    evaluation = evaluate(read, policy, [], readings.NOW)
    [slow] = [row for row in evaluation["results"] if row["check"] == "slow_backups" and "exchange" in row["scope"]]
    assert (slow["status"], "is not a number of seconds" in slow["message"]) == ("error", True)


@pytest.mark.parametrize("name", ["1e308", "5000-digits", "nan", "dictionary"])
@pytest.mark.parametrize(
    "place",
    [
        ("license", "license", "purchased_user_seats"),
        ("license", "api", "clock_offset_seconds"),
        ("jobs", "groups", 0, "recent", 0, "duration_seconds"),
        ("jobs", "groups", 0, "query", "location"),
    ],
    ids=lambda place: str(place[-1]),
)
def test_a_report_is_made_of_any_answer(place: tuple[Any, ...], name: str, tmp_path: Path) -> None:
    result = report(with_value(readings.healthy(), place, ODD[name]), tmp_path)
    assert not result.get("failed"), result
    assert json.loads((tmp_path / "contoso" / "evidence.json").read_text())["verdict"] == result["summary"]["verdict"]


def fail_where_there_is_an_answer(read: Any, *criteria: Any) -> Any:
    if read["jobs"] is not None:
        raise OverflowError("int too large to convert to float")
    return evaluate(read, *criteria)


def test_an_answer_that_ends_the_evaluation_is_a_finding_with_evidence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compliance_report, "evaluate", fail_where_there_is_an_answer)
    result = report(readings.healthy(), tmp_path)
    assert result["summary"]["verdict"] == "undetermined"
    read = json.loads((tmp_path / "contoso" / "evidence.json").read_text())["read"]
    assert [error["read"] for error in read["errors"]] == ["license", "jobs"]
    assert "cannot be judged: evaluating it ended with OverflowError: int too large" in read["errors"][0]["message"]


def test_stored_evidence_that_ends_the_evaluation_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(tmp_path / "stored", readings.healthy())
    monkeypatch.setattr(compliance_replay, "evaluate", fail_where_there_is_an_answer)
    path = str(tmp_path / "stored" / "evidence.json")
    result = run_step(compliance_replay, evidence=path)
    assert result["failed"]
    assert mistakes(result) == [
        f"{path}: evaluating it ended with OverflowError: int too large to convert to float. "
        "Run the gate of the tenant again"
    ]


@pytest.mark.parametrize("number", ["1e308", "-1e308", "1e400", "1" * 4_000, DIGITS], ids=range(5))
def test_stored_evidence_with_an_odd_number_is_judged_or_refused_by_name(number: str, tmp_path: Path) -> None:
    store(tmp_path / "stored", readings.healthy())
    path = tmp_path / "stored" / "evidence.json"
    text, changed = re.subn(r'"duration_seconds": [0-9.]+', f'"duration_seconds": {number}', path.read_text())
    path.write_text(text)
    assert changed
    result = run_step(compliance_replay, evidence=str(path))
    if result.get("failed"):
        assert all(line.startswith(f"{path}: ") for line in mistakes(result))
    else:
        assert result["summary"]["verdict"] == "undetermined"


def plan(**inputs: Any) -> list[str]:
    defaults: dict[str, Any] = {"policy": {}, "waivers": [], "now_default": readings.NOW_TEXT, "subject_default": "c"}
    result = run_step(compliance_plan, **{**defaults, **inputs})
    assert result.get("failed"), result
    lines: list[str] = mistakes(result)
    return lines


THRESHOLDS = ["license_seats.fail", "success_rate.min_jobs", "backup_recency.fail", "slow_backups.fail"]


@pytest.mark.parametrize("threshold", THRESHOLDS)
@pytest.mark.parametrize("form", ["data", "data-text", "json", "yaml", "json-text", "float"])
def test_a_number_of_5000_digits_is_a_mistake_with_its_path(threshold: str, form: str) -> None:
    check, key = threshold.split(".")
    policy: Any = {
        "data": {"checks": {check: {key: HUGE}}},
        "data-text": {"checks": {check: {key: f"{DIGITS} %"}}},
        "json": f'{{"checks": {{"{check}": {{"{key}": {DIGITS}}}}}}}',
        "json-text": f'{{"checks": {{"{check}": {{"{key}": "{DIGITS}d"}}}}}}',
        "yaml": f"checks:\n  {check}:\n    {key}: {DIGITS}\n",
        "float": {"checks": {check: {key: math.inf}}},
    }[form]
    [line] = plan(policy=policy)
    assert line.startswith(f"compliance_policy.checks.{threshold}: expected ")
    assert len(line) < 300


@pytest.mark.parametrize("length", ["9999999999d", "999999999w", f"{DIGITS}h", HUGE], ids=range(4))
def test_a_window_of_ages_is_a_mistake(length: Any) -> None:
    assert plan(policy={"window": length})[0].startswith("compliance_policy.window: expected ")


@pytest.mark.parametrize("key", ["check", "scope", "expires", HUGE], ids=range(4))
def test_a_waiver_with_a_number_of_5000_digits_is_a_mistake(key: Any) -> None:
    waiver = {"check": "license_seats", "reason": "r", "approver": "a", "expires": "2999-12-31", key: HUGE}
    assert plan(waivers=[waiver])[0].startswith("compliance_waivers[0].")


def test_other_inputs_with_a_number_of_5000_digits_are_mistakes() -> None:
    lines = plan(now=HUGE, enforce=HUGE)
    assert [line.partition(":")[0] for line in lines] == ["compliance_now", "compliance_enforce"]


def test_a_number_of_thousands_of_digits_is_named_by_its_length() -> None:
    assert plain.plain(HUGE) == wording.found(HUGE) == wording.one_line(HUGE) == "a whole number of about 5001 digits"
    assert plain.plain(-HUGE) == plain.plain(HUGE)
    assert plain.plain(10**300) == 10**300
    assert plain.plain([math.inf, math.nan]) == ["inf", "nan"]


def test_the_results_that_cannot_be_judged_are_left_out_of_a_reading() -> None:
    read = {
        "connection": {},
        "now_given": False,
        "license": None,
        "jobs": {"groups": []},
        "errors": [{"read": "license"}],
    }
    left = registered_results.without_results(read, "no reason")
    assert (left["jobs"], [error["read"] for error in left["errors"]]) == (None, ["license", "jobs"])
