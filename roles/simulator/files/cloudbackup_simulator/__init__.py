# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Cloud Backup for Microsoft 365 API on loopback, for rehearsals, demonstrations and tests.

Python 3.9 or later and its standard library; only a registered certificate needs the package cryptography.
"""

from __future__ import annotations

from .authority import Connection
from .simulator import Simulator
from .values import Mistake

__all__ = ["Connection", "Mistake", "Simulator"]
