# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""When to retry a request, and after which delay."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Callable

from .. import _time
from . import errors
from .body import Response

STATUSES = frozenset({408, 429, 500, 502, 503, 504})
KINDS = frozenset({"connection", "timeout"})
BACKOFF_BASE = 0.5
BACKOFF_CAP = 30.0
RETRY_AFTER_CAP = 60.0
"""Maximum seconds. If a server asks for more, the task fails at once."""


def backoff(retry: int, jitter: float) -> float:
    """Return the seconds before a retry (0 = the first): exponential with full jitter (0 to 1), to spread clients."""
    return jitter * min(BACKOFF_CAP, BACKOFF_BASE * 2.0 ** min(retry, 16))


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Return the delay of a Retry-After header in seconds, from seconds or an HTTP date; None if it is not usable.

    A date is compared with the Date of the response, since the clock of this machine may differ.

    :param now: Unix time, for a response without a Date.
    """
    value = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]+", value, re.ASCII):
        return float(value)
    moment = _time.from_http_date(value)
    if moment is None:
        return None
    sent = _time.from_http_date(headers.get("Date", ""))
    return max(0.0, moment - (now if sent is None else sent))


def pause_before(retry: int, jitter: float, asked: float | None) -> float:
    """Return the seconds before a retry: what the server asks for, but at least the backoff."""
    return max(asked or 0.0, backoff(retry, jitter))


def deliver(
    send: Callable[[], Response],
    *,
    retries: int,
    pause: Callable[[float], None],
    jitter: Callable[[], float],
) -> tuple[Response, int]:
    """Send until a response needs no retry. Return the response and the number of attempts.

    :raises errors.Error: if there was no response, with the number of attempts.
    """
    for attempt in range(1, retries + 2):
        asked = None
        try:
            response = send()
        except errors.Error as error:
            if error.failure.kind not in KINDS or attempt > retries:
                raise error.with_facts(attempts=attempt) from None
        else:
            asked = retry_after(response.headers, response.received_at)
            if response.status not in STATUSES or attempt > retries or (asked or 0.0) > RETRY_AFTER_CAP:
                return response, attempt
        pause(pause_before(attempt - 1, jitter(), asked))
    raise AssertionError("the last attempt returns or raises")
