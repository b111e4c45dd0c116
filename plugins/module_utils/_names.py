# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The names of the API and of this collection. Sources: api-v1.md and api.md."""

from __future__ import annotations

COLLECTION = "cloudbackup.m365"
VERSION = "1.0.0"

JOB_TYPES = {"backup": 1, "restore": 2, "export": 3, "delete": 4, "retention": 5}
OBJECT_TYPES = {
    "exchange_online": 1,
    "sharepoint_online": 2,
    "onedrive": 3,
    "microsoft_365_groups": 4,
    "project_online": 5,
    "public_folder": 6,
    "teams": 7,
    "viva_engage": 8,
    "teams_chat": 9,
    "power_bi": 10,
    "power_automate": 11,
    "power_apps": 12,
}
"""The services, as in the ObjectType parameter of the jobs endpoint."""
SERVICE_TYPES = (
    "exchange_online",
    "sharepoint_online",
    "onedrive",
    "microsoft_365_groups",
    "project_online",
    "public_folder",
    "teams",
    "public_folder_metadata",
    "private_channel",
    "viva_engage",
    "teams_chat",
    "power_bi",
    "power_automate",
    "shared_channel",
    "power_apps",
)
"""By number from 0: serviceType in settings and unusual activity, which differs from ObjectType (api.md)."""
UNKNOWN_SERVICE_TYPE = "unknown"
STATES = {
    "in_progress": 1,
    "finished": 2,
    "failed": 3,
    "finished_with_exception": 4,
    "partially_finished": 5,
}
"""Our names and their wire values; 0 means all (api-v1.md)."""
UNKNOWN_STATE = "unknown"
ALL_STATES = (*STATES, UNKNOWN_STATE)

LOCATIONS = (
    "PrimaryGeoLocation", "NAM", "EUR", "GBR", "JPN", "APC", "AUS", "CAN", "IND", "FRA", "ARE", "ZAF", "CHE", "KOR",
    "DEU", "BRA", "NOR", "SWE", "QAT", "POL", "ITA", "ISR", "MEX", "NZL", "ESP", "TWN",
)  # fmt: skip
"""Regions of multi-geo tenants, second API generation only."""

JOBS_SCOPE = "microsoft365backup.jobInfo.read.all"
LICENSE_SCOPE = "microsoft365backup.subscriptionInfo.read.all"
SETTINGS_SCOPE = "microsoft365backup.settings.read.all"
UNUSUAL_ACTIVITY_SCOPE = "microsoft365backup.unusualActivity.read.all"

CREDENTIAL_OPTIONS = (
    "client_id",
    "client_secret",
    "client_certificate",
    "client_private_key",
    "client_private_key_passphrase",
    "access_token",
)
ADDRESS_OPTIONS = ("data_center", "api_url", "token_url")
"""Two sets: if a task gives any option of a set, no option of that set comes from the environment."""

CONNECTION_OPTIONS = (
    *ADDRESS_OPTIONS,
    *CREDENTIAL_OPTIONS,
    "api_version",
    "validate_certs",
    "ca_path",
    "timeout",
    "retries",
    "page_size",
    "concurrency",
)
"""All options of a connection (_options/spec.py)."""
SECRET_OPTIONS = tuple(option for option in CREDENTIAL_OPTIONS if option != "client_id")

_COMMERCIAL = (
    "au", "sg", "ca", "ne", "we", "fr", "de", "jp", "kr", "ch", "uk", "us", "uae", "za", "qa",
    "gcp-au", "gcp-jp", "gcp-us", "gcp-we", "gcp-kr",
)  # fmt: skip
_HOST = "https://graph-{}.avepointonlineservices.com"
_IDENTITY = "https://identity{}.avepointonlineservices.com/connect/token"

DATA_CENTERS: dict[str, tuple[str, str]] = {
    **{code: (_HOST.format(code), _IDENTITY.format("")) for code in _COMMERCIAL},
    "gov": (_HOST.format("gov"), _IDENTITY.format("-gov")),
    "aos2": (_HOST.format("aos2"), _IDENTITY.format("-aos2")),
    "fedramp": ("https://graphusgovapi.online15.net", "https://identity.online15.net/connect/token"),
}
"""Code -> (API URL, token URL)."""
