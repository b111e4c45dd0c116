# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""When a request is tried again, and how long is waited before."""

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
"""Seconds. A server that asks for more is not waited for: the task fails at once."""


def backoff(retry: int, jitter: float) -> float:
    """Seconds before a retry (0 = the first): exponential with full jitter (0 to 1), so that many clients spread."""
    return jitter * min(BACKOFF_CAP, BACKOFF_BASE * 2.0 ** min(retry, 16))


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds that a Retry-After header asks for, from seconds or an HTTP date; None where it contains nothing usable.

    A date is compared with the answer's own Date: the clock of this machine may be another.

    :param now: Unix time, for an answer without a Date.
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
    """Seconds before a retry: what the server asks for, and never less than the backoff."""
    return max(asked or 0.0, backoff(retry, jitter))


def deliver(
    send: Callable[[], Response],
    *,
    retries: int,
    pause: Callable[[float], None],
    jitter: Callable[[], float],
) -> tuple[Response, int]:
    """Send until there is an answer that is worth no further try; the answer and the number of attempts.

    :raises errors.Error: where no answer came, with its attempts.
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
