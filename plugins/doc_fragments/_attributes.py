# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The attributes of the modules (the fragment itself) and of the steps of the role (C(.action))."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying the target.
    support: full
    details:
      - The module only reads. It does the same in check mode.
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)) in diff mode.
    support: none
    details:
      - The module changes nothing.
  action_group:
    description: Use C(group/cloudbackup.m365.cloudbackup) in C(module_defaults) to set the connection options once.
    support: full
    membership:
      - cloudbackup.m365.cloudbackup
"""

    ACTION = r"""
options: {}
attributes:
  action:
    description: Runs on the controller.
    support: full
  async:
    description: Can be run in the background.
    support: none
  check_mode:
    description: Writes no file and returns the same findings.
    support: full
  diff_mode:
    description: Shows what changes.
    support: none
  platform:
    description: Where it runs.
    support: full
    platforms: posix
"""
