# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""A validated policy with all defaults: checks, scopes and thresholds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Scope:
    """The scope of a check: a service, with a location if the policy lists locations, or a name such as ``run``."""

    name: str
    service: str | None = None
    location: str | None = None


@dataclass(frozen=True)
class Settings:
    """The settings of a check, for all services or for one. Durations are seconds, percentages exact fractions."""

    enabled: bool
    thresholds: Mapping[str, Any]


@dataclass(frozen=True)
class Policy:
    """The validated policy.

    :ivar window: seconds.
    :ivar overrides: settings by check and service.
    :ivar sources: names of the sources of all enabled checks.
    :ivar data: the same as plain data, including all defaults; it validates to the same policy.
    """

    services: tuple[str, ...]
    locations: tuple[str, ...]
    window: int
    checks: Mapping[str, Settings]
    overrides: Mapping[tuple[str, str], Settings]
    sources: frozenset[str]
    data: Mapping[str, Any]

    def settings(self, check: str, service: str | None = None) -> Settings:
        """Return the settings of a check for a service, which may have separate settings."""
        if service is not None and (check, service) in self.overrides:
            return self.overrides[check, service]
        return self.checks[check]

    def scopes(self) -> list[Scope]:
        """Return every service, at every location if the policy lists locations, in the order of the policy."""
        locations: tuple[str | None, ...] = self.locations or (None,)
        places = [(service, location) for service in self.services for location in locations]
        return [Scope(scope_name(*place), *place) for place in places]


def scope_name(service: str, location: str | None) -> str:
    """Return the name of a service in results and waivers."""
    return service if location is None else f"{service}@{location}"
