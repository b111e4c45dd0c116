# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of faults, and an active fault."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Callable

from . import fault_answers as answers
from . import fault_delivery as delivery
from .exchange import Answer, Outlet
from .facts import ENDPOINTS
from .fault_answers import Given, Moment
from .values import JSON, SECONDS, STATUS, TEXT, Kind, Mistake, number, one_of, whole


@dataclass(frozen=True)
class Argument:
    """An argument of a fault; the default ``...`` is required."""

    default: Any
    kind: Kind
    meaning: str


@dataclass(frozen=True)
class FaultKind:
    """A kind of fault: an action before the answer is made, a change to the answer, or another way to deliver it.

    :ivar times: how many requests are affected by default; None means all.
    """

    meaning: str
    arguments: Mapping[str, Argument] = field(default_factory=dict)
    before: Callable[[Moment, Given], None] | None = None
    change: Callable[[Answer, Moment, Given], None] | None = None
    deliver: Callable[[Outlet, Answer, Given], None] | None = None
    times: int | None = None


def _before(meaning: str, effect: Callable[[Moment, Given], None], **arguments: Argument) -> FaultKind:
    return FaultKind(meaning, arguments, before=effect)


def _change(meaning: str, effect: answers.Change, **arguments: Argument) -> FaultKind:
    return FaultKind(meaning, arguments, change=effect)


def _deliver(meaning: str, effect: Callable[[Outlet, Answer, Given], None], **arguments: Argument) -> FaultKind:
    return FaultKind(meaning, arguments, deliver=effect)


_PAGE = Argument(None, whole(), "only on the page with this index")
_EVERY = Argument(1.0, SECONDS, "seconds from byte to byte")
_TEXT = Argument("The service is not well.", TEXT, "the message; may contain commas")
_TO = Argument(None, TEXT, "the address; by default this server under another name")
_FIELD = Argument(..., TEXT, "such as Jobs.0.State, TotalCount, access_token (v1 names also in v2)")
_START = "data.0.backupStartTime.0"
_WEB_PAGE = b"<html><head><title>Sign in</title></head><body></body></html>"

FAULTS = {
    "status": _change(
        "answers with a status code",
        answers.set_status,
        code=Argument(503, STATUS, "the status"),
        **{"as": Argument("json", one_of("json", "html", "plain"), "json, html or plain")},
        error=Argument("temporarily_unavailable", TEXT, "the error code at the token endpoint"),
        retry_after=Argument(None, TEXT, "the Retry-After header, unchanged"),
        retry_after_date=Argument(None, number(), "Retry-After as a date this many seconds from now"),
        text=_TEXT,
    ),
    "reset": _deliver("resets the connection instead of answering", lambda outlet, *_: outlet.reset()),
    "close_before_answer": _deliver("closes the connection instead of answering", lambda outlet, *_: outlet.close()),
    "truncated": _deliver("ends the body early", delivery.truncated, by=Argument(10, whole(1), "bytes missing")),
    "truncated_chunked": _deliver("ends a chunked body without its last chunk", delivery.truncated_chunked),
    "drip_headers": _deliver("sends the headers byte by byte", delivery.drip_headers, every=_EVERY),
    "drip_body": _deliver("sends the body byte by byte", delivery.drip_body, every=_EVERY),
    "silent": _deliver("never answers", lambda outlet, *_: outlet.pause(None)),
    "silent_after_headers": _deliver("sends the headers and then nothing", delivery.silent_after_headers),
    "html": _change("answers with a web page, status 200", answers.body("text/html", _WEB_PAGE)),
    "not_json": _change(
        "answers with invalid JSON, declared as JSON", answers.body("application/json", b'{"TotalCount": 1, "Jobs": [')
    ),
    "wrong_content_type": _change(
        "gives the correct body another content type",
        lambda answer, _moment, given: answer.headers.update({"Content-Type": given["type"]}),
        type=Argument("text/plain", TEXT, "the content type"),
    ),
    "undecodable": _change(
        "answers with JSON that is not UTF-8",
        answers.body("application/json", b'{"TotalCount": 0, "Jobs": [], "NextLink": "\xff\xfe\x80"}'),
    ),
    "deep_nesting": _change(
        "answers with nested lists", answers.deep_nesting, depth=Argument(200_000, whole(1, 10_000_000), "the depth")
    ),
    "gzip_bomb": _change(
        "answers with a small gzip that unpacks to many MiB (spaces, then the correct JSON)",
        answers.gzip_bomb,
        mib=Argument(200, whole(1, 100_000), "unpacked size in MiB"),
    ),
    "corrupt_gzip": _change("answers with a gzip that cannot be unpacked", answers.corrupt_gzip),
    "endless_chunked": _deliver("sends a body that never ends", delivery.endless_chunked),
    "huge_content_length": _deliver(
        "announces a body far larger than it sends, and keeps the connection open",
        delivery.huge_content_length,
        bytes=Argument(5 * 2**30, whole(0, 10**10 - 1), "the Content-Length"),
    ),
    "redirect": _change("redirects", answers.redirect, code=Argument(302, STATUS, "the status"), to=_TO),
    "foreign_next_link": _change(
        "gives a NextLink on another origin, also on the last page", answers.foreign_next_link, to=_TO
    ),
    "expire_tokens": FaultKind(
        "makes all tokens issued so far invalid (401); new tokens are valid",
        before=lambda moment, _given: moment.service.authority.revoke_all(),
        times=1,
    ),
    "latency": _before(
        "waits before answering",
        lambda moment, given: moment.service.stopping.wait(given["seconds"]),
        seconds=Argument(0.05, SECONDS, "how long"),
    ),
    "set": _change(
        "overwrites a field of a successful answer",
        lambda answer, moment, given: answers.set_field(answer, moment, given["field"], given["value"]),
        field=_FIELD,
        value=Argument(..., JSON, "JSON, also NaN; may contain commas"),
    ),
    "missing": _change("leaves out a field of a successful answer", answers.drop_field, field=_FIELD),
    "bool_count": _change("a boolean as a count", answers.count(True, True)),
    "float_count": _change("a fraction as a count", answers.count(1.5, 99.5)),
    "nan": _change("NaN as a count", answers.count(math.nan, math.nan)),
    "negative_count": _change("a count below 0", answers.count(-1, -1)),
    "list_answer": _change("a list around the answer", answers.list_answer),
    "null_jobs": _change("null instead of the list of jobs", answers.field_of(jobs=("Jobs", None))),
    "time_out_of_range": _change(
        "a time beyond the year 9999",
        answers.field_of(
            jobs1=("Jobs.0.StartTime", 4 * 10**18),
            jobs2=("Jobs.0.StartTime", "10000-01-01T00:00:00Z"),
            license=("OutOfPolicyTime", 4 * 10**18),
            frequency=(_START, "10000-01-01T00:00:00Z"),
        ),
    ),
    "time_text": _change(
        "a word as a time",
        answers.field_of(
            jobs=("Jobs.0.StartTime", "yesterday"),
            license=("OutOfPolicyTime", "yesterday"),
            frequency=(_START, "yesterday"),
        ),
    ),
    "repeat_page": _before("every page after the first repeats the page before it", answers.repeat_page, page=_PAGE),
    "shrink_total": _change(
        "TotalCount is too small (with after=1 it shrinks)",
        answers.shrink_total,
        by=Argument(1, whole(1), "the difference"),
        page=_PAGE,
    ),
    "lose_row": _change(
        "a row is missing", answers.lose_row, row=Argument(0, whole(), "its index on the page"), page=_PAGE
    ),
    "duplicate_row": _change("the last row of a page is a duplicate of the first", answers.duplicate_row, page=_PAGE),
    "envelope_status": _change(
        "v2: another statusCode in an answer of status 200",
        answers.envelope_status,
        code=Argument(500, STATUS, "the statusCode"),
        text=_TEXT,
    ),
    "envelope_errors": _change("v2: errors in an answer of status 200", answers.envelope_errors, text=_TEXT),
    "echo_secret": _change(
        "repeats the secret, assertion or token of the request in several spellings",
        answers.echo_secret,
        code=Argument(400, STATUS, "the status"),
    ),
    "skewed_date": _change(
        "a wrong Date header",
        lambda answer, _moment, given: setattr(answer, "date_skew", given["seconds"]),
        seconds=Argument(3600.0, number(), "the difference"),
    ),
    "cached": _change(
        "the correct body as from a cache: a Date in the past and an Age header",
        answers.cached,
        seconds=Argument(7200.0, number(), "the age of the answer"),
        age=Argument(None, TEXT, "the Age header, unchanged; by default seconds"),
        date=Argument(None, number(), "seconds by which Date is in the past; by default seconds"),
    ),
    "no_date": _change("no Date header", lambda answer, _moment, _given: setattr(answer, "date_skew", None)),
}

_API = tuple(dict.fromkeys(endpoint.target for endpoint in ENDPOINTS.values()))
TARGETS = {
    "api": _API,
    **{name: (name,) for name in (*_API, "token")},
    "settings": ("frequency", "retention"),
    "any": (*_API, "token"),
}
COMMON_ARGUMENTS = {
    "on": Argument("api", one_of(*TARGETS), "which requests: " + ", ".join(TARGETS)),
    "after": Argument(0, whole(), "this many of these requests pass first"),
    "times": Argument(None, whole(1), "this many are affected then; by default all"),
}
_GREEDY = ("text", "value")


class Fault:
    """An active fault, defined by a text: C(name:argument=value,argument=value)."""

    def __init__(self, text: str) -> None:
        name, _colon, rest = str(text).strip().partition(":")
        self.kind = FAULTS[one_of(*FAULTS).read("fault", name)]
        known = {**COMMON_ARGUMENTS, **self.kind.arguments}
        self._given = {key: argument.default for key, argument in known.items()}
        self._given["times"] = self.kind.times
        for key, value in _split_arguments(name, rest):
            one_of(*known).read(f"argument of the fault {name}", key)
            self._given[key] = known[key].kind.read(f"{key} of the fault {name}", value)
        missing = [key for key, value in self._given.items() if value is ...]
        if missing:
            raise Mistake(f"invalid fault {name}: {missing[0]} is missing")
        self._seen = 0
        self._lock = threading.Lock()

    def is_due(self, target: str, page_index: int) -> bool:
        """Count a request, and return whether the fault affects it."""
        given = self._given
        if target not in TARGETS[given["on"]]:
            return False
        if given.get("page") is not None and (target != "jobs" or page_index != given["page"]):
            return False
        with self._lock:
            place = self._seen - given["after"]
            self._seen += 1
        return place >= 0 and (given["times"] is None or place < given["times"])

    def before(self, moment: Moment) -> None:
        if self.kind.before is not None:
            self.kind.before(moment, self._given)

    def after(self, answer: Answer, moment: Moment) -> None:
        kind, given = self.kind, self._given
        if kind.change is not None:
            kind.change(answer, moment, given)
        if kind.deliver is not None:
            answer.deliver = lambda outlet: kind.deliver(outlet, answer, given)


def _split_arguments(name: str, text: str) -> Iterator[tuple[str, str]]:
    """Split key=value pairs; a value that may contain commas comes last."""
    while text:
        key, equals, rest = text.partition("=")
        key = key.strip()
        if not equals:
            raise Mistake(f"invalid fault {name}: expected argument=value, got {key!r}")
        if key in _GREEDY:
            yield key, rest
            return
        value, _comma, text = rest.partition(",")
        yield key, value.strip()
