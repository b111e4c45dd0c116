# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the simulator's command line from wherever the role is installed."""

from __future__ import annotations

import sys

from cloudbackup_simulator.__main__ import main

sys.exit(main())
