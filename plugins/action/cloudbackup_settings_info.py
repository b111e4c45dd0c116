# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Action ``cloudbackup_settings_info``: read in the process of the task where possible."""

from __future__ import annotations

from ansible_collections.cloudbackup.m365.plugins.modules import cloudbackup_settings_info
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._controller.info_action import InfoAction


class ActionModule(InfoAction):
    """The action of the module of the same name."""

    INFO = cloudbackup_settings_info.INFO
