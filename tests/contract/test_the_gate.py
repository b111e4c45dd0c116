# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tables of the guides are those of the code: checks, controls, inputs, connection options, data centers.

A table that differs is written anew from what the failed test expected.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import pytest
import yaml
from ansible_collections.cloudbackup.m365.plugins.module_utils import _names
from ansible_collections.cloudbackup.m365.plugins.module_utils._options import spec as _spec
from ansible_collections.cloudbackup.m365.plugins.module_utils._options import values
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.checks.catalogue import CATALOGUE
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.evaluation import controls
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.policy_rules import settle_policy
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.waivers import settle_waivers
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.model.check import Check
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reading.sources import SOURCES
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reports.formats import FORMATS
from ansible_collections.cloudbackup.m365.tests.contract.guides import EXAMPLES, LABELS, ROOT, cells, guide, read
from ansible_collections.cloudbackup.m365.tests.unit.readings import healthy, judge

GATE = yaml.safe_load(read(ROOT / "roles/compliance/meta/argument_specs.yml"))
INPUTS = GATE["argument_specs"]["main"]["options"]


def rows(lines: Iterable[Iterable[str]]) -> str:
    """The rows of a list-table."""
    return "\n".join(
        f"   {'*' if not column else ' '} - {cell}".rstrip() for row in lines for column, cell in enumerate(row)
    )


def code(value: Any) -> str:
    text = yaml.safe_dump(value, default_flow_style=True, width=1_000) if isinstance(value, list) else str(value)
    return f"``{text.strip()}``"


def scope(check: Check) -> str:
    return SOURCES[check.source].scope or "service"


def default(check: Check, key: str) -> str:
    found = [threshold.default for threshold in check.thresholds if threshold.key == key]
    return code(found[0]) if found and found[0] is not None else ""


def further(check: Check) -> str:
    keys = [threshold.key for threshold in check.thresholds if threshold.key not in ("warn", "fail")]
    return ", ".join(f"``{key}: {default(check, key).strip('`')}``" for key in keys)


def numbers(check: Check) -> str:
    return ", ".join(str(number) for number, control in enumerate(controls.CONTROLS, 1) if check.name in control.checks)


def check_row(check: Check) -> list[str]:
    name = f":ref:`{check.name} <{LABELS}.from_finding_to_fix.{check.name}>`"
    figures = default(check, "warn"), default(check, "fail"), further(check)
    return [name, check.title, scope(check), *figures, numbers(check)]


def control_row(number: int, control: controls.Control) -> list[str]:
    return [str(number), control.name, control.about, control.strength, control.manual]


def test_the_guide_has_the_table_of_the_catalogue() -> None:
    assert rows(map(check_row, CATALOGUE)) in guide("the_gate")


def test_the_guide_has_the_table_of_the_controls() -> None:
    assert rows(control_row(*numbered) for numbered in enumerate(controls.CONTROLS, 1)) in guide("the_gate")


def test_every_check_supports_a_control_that_the_guide_names() -> None:
    assert [check.name for check in CATALOGUE if not controls.of(check.name)] == []


def test_the_guide_names_every_input_of_the_gate() -> None:
    named = [row[0].strip("`") for row in cells(guide("the_gate")) if row[0].startswith("``compliance_")]
    assert sorted(named) == sorted(INPUTS)


def test_the_guide_names_every_file_of_the_pack() -> None:
    named = dict(row[:2] for row in cells(guide("the_gate")) if row[0].strip("`") in FORMATS)
    assert {kind.strip("`"): file.strip("`") for kind, file in named.items()} == {
        name: kind.file for name, kind in FORMATS.items()
    }


def test_the_guide_names_the_three_verdicts_and_the_six_states_of_a_result() -> None:
    evaluation = judge(healthy())
    assert set(evaluation["counts"]) <= {row[0].strip("`") for row in cells(guide("the_gate"))}
    schema = read(ROOT / "docs" / "evidence.schema.json")
    verdicts = yaml.safe_load(schema)["properties"]["verdict"]["enum"]
    assert set(verdicts) <= {row[0].strip("`") for row in cells(guide("the_gate"))}


@pytest.mark.parametrize("name", ["policy", "multi_geo"])
def test_the_policies_of_the_examples_are_accepted(name: str) -> None:
    written = yaml.safe_load(read(EXAMPLES / "gate" / f"{name}.yml"))
    policy, mistakes = settle_policy(written["compliance_policy"])
    assert mistakes == []
    assert policy.data != settle_policy({})[0].data


def test_the_waivers_of_the_examples_are_accepted() -> None:
    written = yaml.safe_load(read(EXAMPLES / "gate" / "waivers.yml"))
    days = [{**waiver, "expires": str(waiver["expires"])} for waiver in written["compliance_waivers"]]
    waivers, mistakes = settle_waivers(days)
    assert mistakes == []
    assert len(waivers) == 2


def connection_rows() -> list[list[str]]:
    return [row for row in cells(guide("authentication")) if row[1].startswith("``CLOUDBACKUP_")]


def test_the_guide_names_every_connection_option_with_its_variable_and_default() -> None:
    spec = _spec.connection_spec()
    reported = {row[0].strip("`"): (row[1].strip("`"), row[3].strip("`")) for row in connection_rows()}
    assert list(reported) == list(spec)
    for option, (variable, shown) in reported.items():
        assert variable == values.environment_name(option)
        assert yaml.safe_load(shown or "null") == spec[option].get("default")


def test_the_sets_that_the_guide_names_are_those_that_are_never_mixed() -> None:
    options = [row[0].strip("`") for row in connection_rows()]
    assert "The options from ``client_id`` to ``access_token`` are one set" in guide("authentication")
    assert tuple(options[options.index("client_id") : options.index("access_token") + 1]) == _names.CREDENTIAL_OPTIONS
    assert tuple(options[:3]) == _names.ADDRESS_OPTIONS


def test_the_guide_has_the_table_of_the_data_centers() -> None:
    table = [[code(part) for part in (name, *urls)] for name, urls in sorted(_names.DATA_CENTERS.items())]
    assert rows(table) in guide("authentication")


OF_THE_GATE = {_names.JOBS_SCOPE, _names.LICENSE_SCOPE}
OF_V2 = {_names.SETTINGS_SCOPE, _names.UNUSUAL_ACTIVITY_SCOPE}


@pytest.mark.parametrize(
    ("name", "permissions"),
    [("getting_started", OF_THE_GATE), ("authentication", OF_THE_GATE | OF_V2), ("api_generations", OF_V2)],
)
def test_the_guides_name_the_permissions(name: str, permissions: set[str]) -> None:
    assert set(re.findall(r"microsoft365backup\.\w+\.read\.all", guide(name))) == permissions


def test_the_readme_lists_every_check_once() -> None:
    rows = re.findall(r"^\| (`[^|]+) \| [^|]+ \|$", read(ROOT / "README.md").partition("### Checks")[2], re.MULTILINE)
    listed = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    assert listed == [check.name for check in CATALOGUE]
    off = {name for row in rows if "off by default" in row for name in re.findall(r"`(\w+)`", row)}
    assert off == {check.name for check in CATALOGUE if not check.is_default}


def test_the_readme_lists_every_guide_once() -> None:
    pages = re.findall(r"docs/docsite/rst/(\w+)\.rst\)", read(ROOT / "README.md").partition("### Guides")[2])
    listed = pages[: pages.index("troubleshooting") + 1]
    assert sorted([*listed, "development"]) == sorted(path.stem for path in (ROOT / "docs/docsite/rst").glob("*.rst"))
