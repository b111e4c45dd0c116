# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Where the service runs: API host and token URL by data center code (api.md)."""

from __future__ import annotations

_COMMERCIAL = (
    "au", "sg", "ca", "ne", "we", "fr", "de", "jp", "kr", "ch", "uk", "us", "uae", "za", "qa",
    "gcp-au", "gcp-jp", "gcp-us", "gcp-we", "gcp-kr",
)  # fmt: skip
_COMMERCIAL_TOKEN_URL = "https://identity.avepointonlineservices.com/connect/token"

DATA_CENTERS: dict[str, tuple[str, str]] = {
    **{code: (f"https://graph-{code}.avepointonlineservices.com", _COMMERCIAL_TOKEN_URL) for code in _COMMERCIAL},
    "gov": (
        "https://graph-gov.avepointonlineservices.com",
        "https://identity-gov.avepointonlineservices.com/connect/token",
    ),
    "aos2": (
        "https://graph-aos2.avepointonlineservices.com",
        "https://identity-aos2.avepointonlineservices.com/connect/token",
    ),
    "fedramp": ("https://graphusgovapi.online15.net", "https://identity.online15.net/connect/token"),
}
"""Code -> (API URL, token URL)."""
