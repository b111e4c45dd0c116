# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guide to metrics names every metric and prints the alert rules, which promtool accepts and tests."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
import yaml
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reports import metrics
from ansible_collections.cloudbackup.m365.tests.contract.guides import EXAMPLES, blocks, cells, guide, read

RULES = EXAMPLES / "metrics" / "alerts.yml"
TESTS = EXAMPLES / "metrics" / "alerts_test.yml"


def test_every_metric_is_in_the_table() -> None:
    named = [row[0].strip("`") for row in cells(guide("metrics_and_alerts")) if row[0].startswith("``cloudbackup_")]
    assert named == list(metrics.NAMES)


def test_the_rules_are_printed_and_each_is_explained_and_tested() -> None:
    text = read(RULES).removeprefix("---\n").strip("\n")
    assert text in blocks(guide("metrics_and_alerts"), "yaml")
    names = {rule["alert"] for group in yaml.safe_load(text)["groups"] for rule in group["rules"]}
    assert set(re.findall(r"^``(CloudBackup\w+)``$", guide("metrics_and_alerts"), re.MULTILINE)) == names
    tests = [test for group in yaml.safe_load(read(TESTS))["tests"] for test in group["alert_rule_test"]]
    for name in names:
        assert {bool(test["exp_alerts"]) for test in tests if test["alertname"] == name} == {True, False}


def test_the_rules_use_metrics_that_there_are() -> None:
    assert set(re.findall(r"\bcloudbackup_\w+", read(RULES) + read(TESTS))) <= set(metrics.NAMES)


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is in Debian's package prometheus")
@pytest.mark.parametrize(
    "command", [("check", "rules", str(RULES)), ("test", "rules", str(TESTS))], ids=lambda one: one[0]
)
def test_promtool_accepts_the_rules_and_their_tests(command: tuple[str, ...]) -> None:
    ran = subprocess.run(["promtool", *command], capture_output=True, text=True, check=False, timeout=120)
    assert ran.returncode == 0, ran.stdout + ran.stderr
