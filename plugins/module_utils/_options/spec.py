# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The argument specification of the connection options, with their fallbacks to the environment.

Options outside the two sets fall back individually. The credential set and the address set come either from the task
or from the environment as a whole (C(connect)), so that the id of one tenant is never used with the secret of another.
"""

from __future__ import annotations

import os
from typing import Any

from ansible.module_utils.basic import AnsibleFallbackNotFound

from .values import environment_name, is_empty_file, trimmed


def _from_environment(option: str) -> str:
    """A fallback for Ansible. An empty variable counts as not set, since AWX sets one for an omitted field."""
    value = trimmed(os.environ.get(environment_name(option), ""))
    if not value or (option == "ca_path" and is_empty_file(value)):
        raise AnsibleFallbackNotFound
    return value


def _fallback(option: str) -> dict[str, Any]:
    return {"fallback": (_from_environment, [option])}


def connection_spec() -> dict[str, Any]:
    """Return the argument specification of the connection options, for every module that connects."""
    return {
        # Without choices, which are case-sensitive: upper or lower case is accepted (address_set)
        "data_center": {"type": "str"},
        "api_url": {"type": "str"},
        "token_url": {"type": "str", "no_log": False},
        "api_version": {"type": "str", "choices": ["v1", "v2"], "default": "v1", **_fallback("api_version")},
        "client_id": {"type": "str"},
        "client_secret": {"type": "str", "no_log": True},
        # A PEM text may contain the key and the certificate.
        "client_certificate": {"type": "str", "no_log": True},
        "client_private_key": {"type": "str", "no_log": True},
        "client_private_key_passphrase": {"type": "str", "no_log": True},
        "access_token": {"type": "str", "no_log": True},
        "validate_certs": {"type": "bool", "default": True, **_fallback("validate_certs")},
        "ca_path": {"type": "path", **_fallback("ca_path")},
        "timeout": {"type": "int", "default": 30, **_fallback("timeout")},
        "retries": {"type": "int", "default": 4, **_fallback("retries")},
        "page_size": {"type": "int", "default": 100, **_fallback("page_size")},
        "concurrency": {"type": "int", "default": 4, **_fallback("concurrency")},
    }
