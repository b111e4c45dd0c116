# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connection options of the gate hold secrets: read, and never repeated."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.cloudbackup.m365.plugins.filter import compliance_connection

read = compliance_connection.FilterModule().filters()["compliance_connection"]
BROKEN = ["client_secret: *hunter2", "client_secret: [hunter2", "hunter2", ["hunter2"], {1: "hunter2"}, 5]


@pytest.mark.parametrize("nothing", [None, "", "  ", {}, "{}", {"client_secret": "", "client_id": None}])
def test_nothing_is_an_empty_dictionary(nothing):
    assert read(nothing) == {}


@pytest.mark.parametrize(
    "value",
    [
        {"data_center": "us", "timeout": 5},
        '{"data_center": "us", "timeout": 5}',
        "data_center: us\ntimeout: 5\n",
        {"data_center": "us", "timeout": 5, "client_secret": ""},
    ],
)
def test_a_dictionary_or_its_text(value):
    assert read(value) == {"data_center": "us", "timeout": 5}


@pytest.mark.parametrize("value", BROKEN)
def test_what_is_none_is_refused_without_being_repeated(value):
    with pytest.raises(AnsibleFilterError) as caught:
        read(value)
    assert "compliance_connection" in str(caught.value)
    assert "hunter2" not in str(caught.value)
