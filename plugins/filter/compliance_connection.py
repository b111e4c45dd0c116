# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filter: the connection options of the gate as a dictionary."""

from __future__ import annotations

DOCUMENTATION = r"""
name: compliance_connection
author: The cloudbackup.m365 contributors (@cloudbackup-m365)
version_added: 1.0.0
short_description: Read the connection options of the compliance gate
description:
  - Takes C(compliance_connection) of the role P(cloudbackup.m365.compliance#role), a dictionary or its JSON or YAML
    text, and returns the options that are set. Use them as C(module_defaults) of other tasks that read the API.
  - Error messages never contain the value, which may be a secret.
options:
  _input:
    description: The connection options. Null and empty values are treated as not set.
    type: raw
    required: true
seealso:
  - module: cloudbackup.m365.compliance_plan
"""

EXAMPLES = r"""
- name: Read the license with options that arrive as text
  cloudbackup.m365.cloudbackup_license_info:
  module_defaults:
    group/cloudbackup.m365.cloudbackup: "{{ survey_answer | cloudbackup.m365.compliance_connection }}"
"""

RETURN = r"""
_value:
  description: The options that are set.
  type: dict
  sample: {data_center: uk, client_id: 11111111-2222-3333-4444-555555555555, timeout: "60"}
"""

from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller.connection_text import connection


def compliance_connection(value: object) -> dict[str, Any]:
    """Return the options that are set. Raise AnsibleFilterError without the value."""
    try:
        return connection(value)
    except ValueError as error:
        raise AnsibleFilterError(f"compliance_connection {error}") from None


class FilterModule:
    """The class that Ansible loads."""

    def filters(self) -> dict[str, Any]:
        return {"compliance_connection": compliance_connection}
