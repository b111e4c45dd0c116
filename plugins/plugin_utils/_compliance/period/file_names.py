# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The names of the files of a history and of a period's report."""

from __future__ import annotations

HISTORY_FILE = "history.jsonl"
TORN_FILE = "history.torn"
"""What a process that was killed while it wrote leaves of its line."""
PERIOD_FILE = "period.json"
PAGE_FILE = "period.html"
TABLE_FILE = "period.csv"
FILES = (PERIOD_FILE, PAGE_FILE, TABLE_FILE)
"""Of a period's report."""
