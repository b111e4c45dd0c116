# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The names that a policy may use for services and locations (api.md)."""

from __future__ import annotations

SERVICES = (
    "exchange_online",
    "sharepoint_online",
    "onedrive",
    "microsoft_365_groups",
    "project_online",
    "public_folder",
    "teams",
    "viva_engage",
    "teams_chat",
    "power_bi",
    "power_automate",
    "power_apps",
)
"""The object types of the jobs endpoint."""

LOCATIONS = (
    "PrimaryGeoLocation",
    *("NAM", "EUR", "GBR", "JPN", "APC", "AUS", "CAN", "IND", "FRA", "ARE", "ZAF", "CHE", "KOR", "DEU"),
    *("BRA", "NOR", "SWE", "QAT", "POL", "ITA", "ISR", "MEX", "NZL", "ESP", "TWN"),
)
"""Of multi-geo tenants, second API generation only."""


def scope_name(service: str, location: str | None) -> str:
    """How a service is named in results and waivers."""
    return service if location is None else f"{service}@{location}"
