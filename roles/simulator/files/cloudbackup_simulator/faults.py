# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of faults, and a fault that is switched on."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Callable

from . import fault_answers as answers
from . import fault_delivery as delivery
from . import values
from .exchange import Answer, Outlet
from .facts import ENDPOINTS
from .fault_answers import Given, Moment


@dataclass(frozen=True)
class Argument:
    """An argument of a fault; the default ``...`` is required."""

    default: Any
    kind: values.Kind
    meaning: str


@dataclass(frozen=True)
class FaultKind:
    """A kind of fault: an action before the answer is made, a change to the answer, or another way to deliver it.

    :ivar times: how many requests are affected by default; None is all.
    """

    meaning: str
    arguments: Mapping[str, Argument] = field(default_factory=dict)
    before: Callable[[Moment, Given], None] | None = None
    change: Callable[[Answer, Moment, Given], None] | None = None
    deliver: Callable[[Outlet, Answer, Given], None] | None = None
    times: int | None = None


_CODE = Argument(400, values.STATUS, "the status")
_PAGE = {"page": Argument(None, values.whole(), "only on the page with this index")}
_EVERY = {"every": Argument(1.0, values.SECONDS, "seconds from byte to byte")}
_TEXT = {"text": Argument("The service is not well.", values.TEXT, "the message; takes the rest, with commas")}
_TO = {"to": Argument(None, values.TEXT, "the address; by default this server under another name")}
_EARLY_JSON = b'{"TotalCount": 1, "Jobs": ['
_LATIN_JSON = b'{"TotalCount": 0, "Jobs": [], "NextLink": "\xff\xfe\x80"}'

FAULTS = {
    "status": FaultKind(
        "answers with a status code",
        {
            "code": Argument(503, values.STATUS, "the status"),
            "as": Argument("json", values.one_of("json", "html", "plain"), "json, html or plain"),
            "error": Argument("temporarily_unavailable", values.TEXT, "the error code at the token endpoint"),
            "retry_after": Argument(None, values.TEXT, "the Retry-After header, unchanged"),
            "retry_after_date": Argument(None, values.number(), "Retry-After as a date this many seconds from now"),
            **_TEXT,
        },
        change=answers.set_status,
    ),
    "reset": FaultKind("resets the connection instead of answering", deliver=lambda outlet, *_: outlet.reset()),
    "close_before_answer": FaultKind("closes the connection, no answer", deliver=lambda outlet, *_: outlet.close()),
    "truncated": FaultKind(
        "ends the body early", {"by": Argument(10, values.whole(1), "bytes missing")}, deliver=delivery.truncated
    ),
    "truncated_chunked": FaultKind("ends a chunked body without its last chunk", deliver=delivery.truncated_chunked),
    "drip_headers": FaultKind("sends the headers byte by byte", _EVERY, deliver=delivery.drip_headers),
    "drip_body": FaultKind("sends the body byte by byte", _EVERY, deliver=delivery.drip_body),
    "silent": FaultKind("never answers", deliver=lambda outlet, *_: outlet.pause(math.inf)),
    "silent_after_headers": FaultKind("sends the headers and then nothing", deliver=delivery.silent_after_headers),
    "html": FaultKind(
        "answers with a web page, status 200",
        change=answers.body("text/html", b"<html><head><title>Sign in</title></head><body></body></html>"),
    ),
    "not_json": FaultKind(
        "answers with invalid JSON, declared as JSON", change=answers.body("application/json", _EARLY_JSON)
    ),
    "wrong_content_type": FaultKind(
        "gives the correct body another content type",
        {"type": Argument("text/plain", values.TEXT, "the content type")},
        change=lambda answer, _moment, given: answer.headers.update({"Content-Type": given["type"]}),
    ),
    "undecodable": FaultKind(
        "answers with JSON that is not UTF-8", change=answers.body("application/json", _LATIN_JSON)
    ),
    "deep_nesting": FaultKind(
        "answers with nested lists",
        {"depth": Argument(200_000, values.whole(1, 10_000_000), "the depth")},
        change=answers.deep_nesting,
    ),
    "gzip_bomb": FaultKind(
        "answers with a small gzip that unpacks to many MiB (spaces, then the correct JSON)",
        {"mib": Argument(200, values.whole(1, 100_000), "unpacked size in MiB")},
        change=answers.gzip_bomb,
    ),
    "corrupt_gzip": FaultKind("answers with a gzip that cannot be unpacked", change=answers.corrupt_gzip),
    "endless_chunked": FaultKind("sends a body that never ends", deliver=delivery.endless_chunked),
    "huge_content_length": FaultKind(
        "announces a body far larger than it sends, and keeps the connection open",
        {"bytes": Argument(5 * 2**30, values.whole(0, 10**10 - 1), "the Content-Length")},
        deliver=delivery.huge_content_length,
    ),
    "redirect": FaultKind(
        "redirects", {"code": Argument(302, values.STATUS, "the status"), **_TO}, change=answers.redirect
    ),
    "foreign_next_link": FaultKind(
        "gives a NextLink on another origin, also on the last page", _TO, change=answers.foreign_next_link
    ),
    "expire_tokens": FaultKind(
        "makes all tokens issued so far invalid (401); new tokens are valid",
        before=lambda moment, _given: moment.service.authority.revoke_all(),
        times=1,
    ),
    "latency": FaultKind(
        "waits before it answers",
        {"seconds": Argument(0.05, values.SECONDS, "how long")},
        before=lambda moment, given: moment.service.stopping.wait(given["seconds"]),
    ),
    "set": FaultKind(
        "overwrites a field of a successful answer",
        {
            "field": Argument(..., values.TEXT, "such as Jobs.0.State, TotalCount, access_token (v1 names also in v2)"),
            "value": Argument(..., values.JSON, "JSON, also NaN; takes the rest, with commas"),
        },
        change=lambda answer, moment, given: answers.set_field(answer, moment, given["field"], given["value"]),
    ),
    "missing": FaultKind(
        "leaves out a field of a successful answer",
        {"field": Argument(..., values.TEXT, "as for set")},
        change=answers.drop_field,
    ),
    "bool_count": FaultKind("a boolean as a count", change=answers.count(True, True)),
    "float_count": FaultKind("a fraction as a count", change=answers.count(1.5, 99.5)),
    "nan": FaultKind("NaN as a count", change=answers.count(math.nan, math.nan)),
    "negative_count": FaultKind("a count below 0", change=answers.count(-1, -1)),
    "list_answer": FaultKind("a list around the answer", change=answers.list_answer),
    "null_jobs": FaultKind("null instead of the list of jobs", change=answers.field_of(jobs=("Jobs", None))),
    "time_out_of_range": FaultKind(
        "a time beyond the year 9999",
        change=answers.field_of(
            jobs1=("Jobs.0.StartTime", 4 * 10**18),
            jobs2=("Jobs.0.StartTime", "10000-01-01T00:00:00Z"),
            license=("OutOfPolicyTime", 4 * 10**18),
        ),
    ),
    "time_text": FaultKind(
        "a word as a time",
        change=answers.field_of(jobs=("Jobs.0.StartTime", "yesterday"), license=("OutOfPolicyTime", "yesterday")),
    ),
    "repeat_page": FaultKind(
        "every page after the first repeats the page before it", _PAGE, before=answers.repeat_page
    ),
    "shrink_total": FaultKind(
        "TotalCount is too small (with after=1 it shrinks)",
        {"by": Argument(1, values.whole(1), "the difference"), **_PAGE},
        change=answers.shrink_total,
    ),
    "lose_row": FaultKind(
        "a row is missing",
        {"row": Argument(0, values.whole(), "its place on the page"), **_PAGE},
        change=answers.lose_row,
    ),
    "duplicate_row": FaultKind(
        "the last row of a page is a duplicate of the first", _PAGE, change=answers.duplicate_row
    ),
    "envelope_status": FaultKind(
        "v2: another statusCode in an answer of status 200",
        {"code": Argument(500, values.STATUS, "the statusCode"), **_TEXT},
        change=answers.envelope_status,
    ),
    "envelope_errors": FaultKind("v2: errors in an answer of status 200", _TEXT, change=answers.envelope_errors),
    "echo_secret": FaultKind(
        "repeats the secret, assertion or token of the request in several spellings",
        {"code": _CODE},
        change=answers.echo_secret,
    ),
    "skewed_date": FaultKind(
        "a wrong Date header",
        {"seconds": Argument(3600.0, values.number(), "the difference")},
        change=lambda answer, _moment, given: setattr(answer, "date_skew", given["seconds"]),
    ),
    "no_date": FaultKind("no Date header", change=lambda answer, _moment, _given: setattr(answer, "date_skew", None)),
}

_API = tuple(dict.fromkeys(endpoint.target for endpoint in ENDPOINTS.values()))
TARGETS = {"api": _API, **{name: (name,) for name in (*_API, "token")}, "any": (*_API, "token")}
COMMON_ARGUMENTS = {
    "on": Argument("api", values.one_of(*TARGETS), "which requests: " + ", ".join(TARGETS)),
    "after": Argument(0, values.whole(), "this many of these requests pass first"),
    "times": Argument(None, values.whole(1), "this many are affected then; without it all"),
}
_GREEDY = ("text", "value")


class Fault:
    """A fault that is switched on by a text: C(name:argument=value,argument=value)."""

    def __init__(self, text: str) -> None:
        name, _colon, rest = str(text).strip().partition(":")
        self.kind = FAULTS[values.one_of(*FAULTS).read("fault", name)]
        known = {**COMMON_ARGUMENTS, **self.kind.arguments}
        self._given = {key: argument.default for key, argument in known.items()}
        self._given["times"] = self.kind.times
        for key, value in _split_arguments(name, rest):
            values.one_of(*known).read(f"argument of the fault {name}", key)
            self._given[key] = known[key].kind.read(f"{key} of the fault {name}", value)
        missing = [key for key, value in self._given.items() if value is ...]
        if missing:
            raise values.Mistake(f"invalid fault {name}: {missing[0]} is missing")
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
    """Split key=value pairs; a value that may contain commas comes last and takes the rest."""
    while text:
        key, equals, rest = text.partition("=")
        key = key.strip()
        if not equals:
            raise values.Mistake(f"invalid fault {name}: expected argument=value, got {key!r}")
        if key in _GREEDY:
            yield key, rest
            return
        value, _comma, text = rest.partition(",")
        yield key, value.strip()
