# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Facts of the API: numbers of the enumerations, names of states, endpoints, scopes, and times in .NET ticks."""

from __future__ import annotations

import datetime
from dataclasses import dataclass


def _numbered(names: str) -> dict[str, int]:
    return {name: number for number, name in enumerate(names.split(), 1)}


JOB_TYPES = _numbered("backup restore export delete retention")
OBJECT_TYPES = _numbered(
    "exchange_online sharepoint_online onedrive microsoft_365_groups project_online public_folder teams viva_engage"
    " teams_chat power_bi power_automate power_apps"
)
_SERVICE_TYPES = (
    "exchange_online sharepoint_online onedrive microsoft_365_groups project_online public_folder teams"
    " public_folder_metadata private_channel viva_engage teams_chat power_bi power_automate shared_channel power_apps"
)
SERVICE_TYPES = {name: number for number, name in enumerate(_SERVICE_TYPES.split())}
"""The serviceType enumeration of settings and unusual activity, which differs from the object types."""
STATES = _numbered("in_progress finished failed finished_with_exception partially_finished")
IN_PROGRESS, FINISHED, FAILED, WITH_EXCEPTION, PARTIALLY, UNKNOWN = range(1, 7)
_SPACED = ("In Progress", "Finished", "Failed", "Finished with Exception", "Partially Finished", "Suspended")
_JOINED = ("InProgress", "Finished", "Failed", "FinishedException", "PartiallyFinished", "Suspended")
STATE_NAMES = {"spaced": dict(enumerate(_SPACED, 1)), "joined": dict(enumerate(_JOINED, 1))}
"""The documents disagree on the spelling, and none contains the last state."""

LICENSE_FIELDS = ("OutOfPolicyTime", "PurchasedUserSeats", "AssignedUserSeats", "PurchasedStorageSize", "ProtectedSize")
PRIMARY_LOCATION = "PrimaryGeoLocation"
_REGIONS = "NAM EUR GBR JPN APC AUS CAN IND FRA ARE ZAF CHE KOR DEU BRA NOR SWE QAT POL ITA ISR MEX NZL ESP TWN"
REGIONS = tuple(_REGIONS.split())
LOCATIONS = (PRIMARY_LOCATION, *REGIONS)
TENANT_LOCATIONS = ("NAM", "EUR")
"""The locations of a simulated tenant's data by default; the first is its primary location."""

JOBS_SCOPE = "microsoft365backup.jobInfo.read.all"
LICENSE_SCOPE = "microsoft365backup.subscriptionInfo.read.all"
SETTINGS_SCOPE = "microsoft365backup.settings.read.all"
UNUSUAL_ACTIVITY_SCOPE = "microsoft365backup.unusualActivity.read.all"
SCOPES = (JOBS_SCOPE, LICENSE_SCOPE, SETTINGS_SCOPE, UNUSUAL_ACTIVITY_SCOPE)
TOKEN_PATH = "/connect/token"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_LIFETIME = 3600


@dataclass(frozen=True)
class Endpoint:
    """An endpoint: ``target`` is its name in faults, ``generation`` is 1 or 2."""

    target: str
    generation: int
    scope: str


ENDPOINTS = {
    "/cloudbackup/jobs": Endpoint("jobs", 1, JOBS_SCOPE),
    "/cloudbackup/licenseconsumption": Endpoint("license", 1, LICENSE_SCOPE),
    "/backup/m365/cloudbackupjobs": Endpoint("jobs", 2, JOBS_SCOPE),
    "/backup/m365/cloudbackuplicenseconsumption": Endpoint("license", 2, LICENSE_SCOPE),
    "/backup/m365/settings/backup/frequency": Endpoint("frequency", 2, SETTINGS_SCOPE),
    "/backup/m365/settings/retention-policy": Endpoint("retention", 2, SETTINGS_SCOPE),
    "/backup/m365/cloudbackupunusualactivitydata": Endpoint("unusual_activity", 2, UNUSUAL_ACTIVITY_SCOPE),
}

# Times are .NET ticks: 100 ns since 0001-01-01T00:00:00Z.
SECOND = 10_000_000
MINUTE, HOUR, DAY = 60 * SECOND, 3600 * SECOND, 86400 * SECOND
MAXIMUM_DATE = 3155378975999999999
_YEAR_ONE = datetime.datetime(1, 1, 1, tzinfo=datetime.timezone.utc)


def to_ticks(moment: datetime.datetime) -> int:
    since = moment.astimezone(datetime.timezone.utc) - _YEAR_ONE
    return (since.days * 86400 + since.seconds) * SECOND + since.microseconds * 10


def to_iso(ticks: int) -> str:
    """Format ticks as ISO 8601 in whole seconds, as the second generation does."""
    return (_YEAR_ONE + datetime.timedelta(seconds=ticks // SECOND)).replace(tzinfo=None).isoformat() + "Z"
