# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets are masked as Ansible masks those of a module, without a function that a later ansible-core removes."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.common import parameters
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller import no_log
from hypothesis import given
from hypothesis import strategies as st

SECRETS = st.lists(st.text(alphabet="ab1ä\"\\'. ", max_size=4), max_size=3)
TEXTS = st.text(alphabet="ab1ä\"\\'. ", max_size=8)
DATA = st.recursive(
    st.none() | st.booleans() | st.integers(-20, 20) | st.floats(-2, 2) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.skipif(not hasattr(parameters, "remove_values"), reason="ansible-core 2.25 removes it")
@given(DATA, SECRETS)
def test_the_result_equals_that_of_ansible(data: Any, secrets: list[str]) -> None:
    assert no_log.masked(data, secrets) == parameters.remove_values(data, list(filter(None, secrets)))


@given(DATA)
def test_without_secrets_the_data_are_unchanged(data: Any) -> None:
    assert no_log.masked(data, ["", "not there"]) is data


def test_the_longest_secret_is_masked_first() -> None:
    assert no_log.masked("x abc-def y", ["abc", "abc-def"]) == "x ******** y"


def test_the_data_themselves_are_not_changed() -> None:
    data = {"a": ["secret"]}
    assert no_log.masked(data, ["secret"]) == {"a": [no_log.MASK]}
    assert data == {"a": ["secret"]}
