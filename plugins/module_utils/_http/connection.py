# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""A connection, the result of the connection options."""

from __future__ import annotations

from typing import NamedTuple

from .credentials import Credentials


class Connection(NamedTuple):
    """The address, the credentials and the limits of requests.

    :ivar api_url: origin and perhaps a path, without a slash at its end.
    :ivar token_url: empty if an access token was given without it; then it is not used.
    :ivar data_center: the code that determined the URLs; None if they were given directly.
    :ivar verify: True, False, or the path of a CA file or directory.
    :ivar timeout: seconds for a whole request.
    :ivar retries: attempts after the first.
    """

    api_url: str
    token_url: str
    credentials: Credentials
    api_version: str = "v1"
    data_center: str | None = None
    verify: bool | str = True
    timeout: float = 30
    retries: int = 4
    page_size: int = 100
    concurrency: int = 4
