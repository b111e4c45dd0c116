# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""A policy after everything in it was settled: what is judged, and by which thresholds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Settings:
    """How one check is set, everywhere or for one service. Durations are seconds, percentages exact fractions."""

    enabled: bool
    thresholds: Mapping[str, Any]


@dataclass(frozen=True)
class Policy:
    services: tuple[str, ...]
    locations: tuple[str, ...]
    window: int
    checks: Mapping[str, Settings]
    overrides: Mapping[tuple[str, str], Settings]
    """By check and service."""
    looks_at: frozenset[str]
    """Names of the subjects that at least one check which is switched on judges."""
    data: Mapping[str, Any]
    """The same as plain data, every default spelled out. Read again it gives the same policy."""

    def settings(self, check: str, service: str | None = None) -> Settings:
        if service is not None and (check, service) in self.overrides:
            return self.overrides[check, service]
        return self.checks[check]

    def places(self) -> list[tuple[str, str | None]]:
        """Every service, at every location where the policy lists locations, in the policy's order."""
        locations: tuple[str | None, ...] = self.locations or (None,)
        return [(service, location) for service in self.services for location in locations]
