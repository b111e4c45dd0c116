# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A module that does nothing: what any module task costs."""

from __future__ import annotations

from ansible.module_utils.basic import AnsibleModule

AnsibleModule({}).exit_json(changed=False)
