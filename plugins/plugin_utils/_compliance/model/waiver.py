# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""A waiver: an accepted failure with an end. The failure stays in every report as ``waived``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ansible_collections.cloudbackup.m365.plugins.module_utils import _time

EVERY_SCOPE = "all"


@dataclass(frozen=True)
class Waiver:
    """A validated waiver.

    :ivar expires: the last day on which it is valid, YYYY-MM-DD in UTC.
    """

    check: str
    scope: str
    reason: str
    approver: str
    expires: str

    def is_about(self, result: Mapping[str, Any]) -> bool:
        """Return whether a result has its check and scope."""
        return result["check"] == self.check and self.scope in (EVERY_SCOPE, result["scope"])

    def covers(self, result: Mapping[str, Any]) -> bool:
        """Return whether it waives a result: only failures can be waived, not errors."""
        return result["status"] == "fail" and self.is_about(result)

    def days_left(self, now: int) -> int:
        """Return the days in UTC from today to its last day: 0 on that day, negative once it has expired."""
        return _time.unix_from_iso(self.expires) // _time.DAY - now // _time.DAY

    def as_data(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)
