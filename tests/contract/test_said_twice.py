# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is written twice agrees: modules and action group, options and documentation, versions."""

from __future__ import annotations

import importlib
import json
import pathlib
import re

import pytest
import yaml
from ansible_collections.cloudbackup.m365.plugins.action import compliance_read
from ansible_collections.cloudbackup.m365.plugins.doc_fragments import _connection
from ansible_collections.cloudbackup.m365.plugins.module_utils import _names
from ansible_collections.cloudbackup.m365.plugins.module_utils._options import spec as _spec
from ansible_collections.cloudbackup.m365.plugins.module_utils._options import values
from ansible_collections.cloudbackup.m365.plugins.modules import compliance_read as compliance_read_module
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reading.results import READS

ROOT = pathlib.Path(__file__).parents[2]
FRAGMENT = yaml.safe_load(_connection.ModuleDocFragment.DOCUMENTATION)["options"]
CONNECTED = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("cloudbackup_*.py"))
SPEC = _spec.connection_spec()


def read_yaml(name):
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def collection_facts():
    """Name, version and addresses: of galaxy.yml in a checkout, of the manifest that is made from it in the archive."""
    manifest = ROOT / "MANIFEST.json"
    if manifest.exists():
        return json.loads(manifest.read_text(encoding="utf-8"))["collection_info"]
    return read_yaml("galaxy.yml")


def test_every_module_that_connects_is_in_the_action_group():
    assert sorted(read_yaml("meta/runtime.yml")["action_groups"]["cloudbackup"]) == CONNECTED
    assert len(CONNECTED) == 4


@pytest.mark.parametrize("module", CONNECTED)
def test_every_module_of_the_group_takes_the_connection_options(module):
    documentation = yaml.safe_load(
        importlib.import_module(f"ansible_collections.cloudbackup.m365.plugins.modules.{module}").DOCUMENTATION
    )
    assert "cloudbackup.m365._connection" in documentation["extends_documentation_fragment"]
    assert not set(documentation.get("options", {})) & set(SPEC)


def test_every_module_of_the_group_is_a_read():
    documentation = yaml.safe_load(compliance_read_module.DOCUMENTATION)
    assert list(compliance_read.READS) == list(READS) == documentation["options"]["read"]["choices"]
    modules = {f"cloudbackup_{read}_info": info for read, info in compliance_read.READS.items()}
    assert sorted(modules) == CONNECTED
    for module, info in modules.items():
        assert importlib.import_module(f"ansible_collections.cloudbackup.m365.plugins.modules.{module}").INFO is info


def test_the_connection_options_and_their_documentation_are_the_same():
    assert set(FRAGMENT) == set(SPEC)
    for option, spec in SPEC.items():
        shown = FRAGMENT[option]
        for fact in ("type", "default", "choices"):
            assert shown.get(fact) == spec.get(fact), (option, fact)


def test_the_documentation_of_the_data_center_lists_every_code():
    """The argument specification has no choices, which would be case-sensitive."""
    role = read_yaml("roles/compliance/meta/argument_specs.yml")["argument_specs"]["main"]["options"]
    for shown in (FRAGMENT["data_center"], role["compliance_connection"]["options"]["data_center"]):
        assert set(re.findall(r"V\(([a-z0-9-]+)\)", " ".join(shown["description"]))) == set(_names.DATA_CENTERS)


@pytest.mark.parametrize("option", SPEC)
def test_every_option_names_its_environment_variable(option):
    assert f"E({values.environment_name(option)})" in " ".join(FRAGMENT[option]["description"])


def test_the_role_spells_every_connection_option_out():
    role = read_yaml("roles/compliance/meta/argument_specs.yml")["argument_specs"]["main"]["options"]
    shown = role["compliance_connection"]["options"]
    assert set(shown) == set(SPEC)
    for option, spec in SPEC.items():
        for fact in ("type", "choices"):
            assert shown[option].get(fact) == spec.get(fact), (option, fact)
        assert bool(shown[option].get("no_log")) == bool(spec.get("no_log")), option


def test_the_role_spells_every_check_and_threshold_out():
    from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.checks.catalogue import CATALOGUE

    role = read_yaml("roles/compliance/meta/argument_specs.yml")["argument_specs"]["main"]["options"]
    assert role["compliance_baseline"]["options"] == role["compliance_policy"]["options"]
    shown = role["compliance_policy"]["options"]["checks"]["options"]
    assert list(shown) == [check.name for check in CATALOGUE if check.optional]
    for check in CATALOGUE:
        if not check.optional:
            continue
        options = shown[check.name]["options"]
        more = {"enabled"} | ({"services"} if check.per_service else set())
        assert set(options) == more | {threshold.key for threshold in check.thresholds}, check.name
        for threshold in check.thresholds:
            assert options[threshold.key].get("default") == threshold.default, (check.name, threshold.key)
        assert options["enabled"]["default"] is check.is_default


def test_the_links_to_the_guide_lead_into_this_repository():
    from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.model import guide

    page = "docs/docsite/rst/from_finding_to_fix.rst"
    assert f"{collection_facts()['repository']}/blob/main/{page}" == guide.ADDRESS
    assert (ROOT / page).is_file()


def test_the_version_is_the_same_everywhere():
    galaxy = collection_facts()
    assert galaxy["version"] == _names.VERSION
    assert {
        "name": f"{galaxy['namespace']}.{galaxy['name']}",
        "version": galaxy["version"],
    } == {"name": _names.COLLECTION, "version": _names.VERSION}
