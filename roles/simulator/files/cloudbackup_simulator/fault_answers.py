# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Effects of faults on the request and on the content of an answer."""

from __future__ import annotations

import dataclasses
import email.utils
import gzip
import json
import time
import urllib.parse
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Callable

from .exchange import Answer, Request
from .facts import LICENSE_FIELDS

if TYPE_CHECKING:
    from .service import Service

Given = Mapping[str, Any]
"""The arguments of a fault."""


@dataclass
class Moment:
    """The context of an answer, which faults can read and act on."""

    service: Service
    request: Request
    target: str
    generation: int
    page_index: int

    def problem(self, status: int, message: str, error: str) -> Any:
        """Return the payload of an error; ``error`` is the code of the token endpoint."""
        if self.target == "token":
            return {"error": error, "error_description": message}
        return self.service.wire(self.generation).problem(status, message)

    def elsewhere(self, to: str | None) -> str:
        """Return an address; by default this server under another name, so that a request there is recorded."""
        return to or f"{self.service.other_origin}/elsewhere"


Change = Callable[[Answer, Moment, Given], None]

# --- The whole answer -------------------------------------------------------------------------------------------------


def set_status(answer: Answer, moment: Moment, given: Given) -> None:
    text = given["text"]
    answer.status, answer.body = given["code"], None
    answer.payload = moment.problem(given["code"], text, given["error"])
    if given["as"] == "html":
        answer.headers["Content-Type"] = "text/html"
        answer.body = f"<html><head><title>{text}</title></head><body><h1>{text}</h1></body></html>".encode()
    elif given["as"] == "plain":
        answer.headers["Content-Type"] = "text/plain"
        answer.body = text.encode()
    if given["retry_after"] is not None:
        answer.headers["Retry-After"] = given["retry_after"]
    if given["retry_after_date"] is not None:
        answer.headers["Retry-After"] = email.utils.formatdate(time.time() + given["retry_after_date"], usegmt=True)


def cached(answer: Answer, moment: Moment, given: Given) -> None:
    seconds = given["seconds"]
    answer.date_skew = -(seconds if given["date"] is None else given["date"])
    answer.headers["Age"] = str(int(seconds)) if given["age"] is None else given["age"]


def body(content_type: str, content: bytes) -> Change:
    """Return a change that replaces the body."""

    def change(answer: Answer, moment: Moment, given: Given) -> None:
        answer.status, answer.body = 200, content
        answer.headers["Content-Type"] = content_type

    return change


def deep_nesting(answer: Answer, moment: Moment, given: Given) -> None:
    body("application/json", b"[" * given["depth"] + b"]" * given["depth"])(answer, moment, given)


def gzip_bomb(answer: Answer, moment: Moment, given: Given) -> None:
    """Answer with gzip of many MiB of spaces and then the content: valid JSON for a client with enough memory."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    packed = [packer.compress(b" " * 2**20) for _round in range(given["mib"])]
    answer.body = b"".join((*packed, packer.compress(answer.content()), packer.flush()))
    answer.headers["Content-Encoding"] = "gzip"


def corrupt_gzip(answer: Answer, moment: Moment, given: Given) -> None:
    packed = bytearray(gzip.compress(answer.content()))
    for position in range(12, min(len(packed), 28)):
        packed[position] ^= 0xFF
    answer.body = bytes(packed)
    answer.headers["Content-Encoding"] = "gzip"


def redirect(answer: Answer, moment: Moment, given: Given) -> None:
    answer.status, answer.body = given["code"], b""
    answer.headers["Location"] = moment.elsewhere(given["to"])


def echo_secret(answer: Answer, moment: Moment, given: Given) -> None:
    authorization, form = moment.request.headers.get("Authorization", ""), moment.request.form
    secret = form.get("client_secret") or form.get("client_assertion") or authorization.partition(" ")[2]
    text = f"refused: {secret} / {urllib.parse.quote(secret, safe='')} / {json.dumps(secret)[1:-1]}"
    if authorization:
        text += f" / Authorization: {authorization}"
    answer.status, answer.body = given["code"], None
    answer.payload = moment.problem(given["code"], text, "invalid_client")


def repeat_page(moment: Moment, given: Given) -> None:
    if moment.target == "jobs" and moment.page_index > moment.service.habits["page_base"]:
        name = next((name for name in moment.request.query if name.lower() == "pageindex"), "PageIndex")
        query = {**moment.request.query, name: str(moment.page_index - 1)}
        # A copy, because the recorded request must not change.
        moment.request = dataclasses.replace(moment.request, query=query)


# --- Fields of a successful answer ------------------------------------------------------------------------------------


def set_field(answer: Answer, moment: Moment, path: str, value: Any) -> None:
    _change(answer, moment, path, lambda holder, key: holder.__setitem__(key, value))


def drop_field(answer: Answer, moment: Moment, given: Given) -> None:
    def drop(holder: Any, key: Any) -> None:
        if isinstance(holder, list) or key in holder:
            del holder[key]

    _change(answer, moment, given["field"], drop)


def field_of(**by_target: tuple[str, Any]) -> Change:
    """Return a change of one field. Names are a target, or target and generation such as jobs2: (field, value)."""

    def change(answer: Answer, moment: Moment, given: Given) -> None:
        place = by_target.get(f"{moment.target}{moment.generation}", by_target.get(moment.target))
        if place is not None:
            set_field(answer, moment, *place)

    return change


def count(total: Any, seats: Any) -> Change:
    return field_of(
        jobs=("TotalCount", total),
        license=("PurchasedUserSeats", seats),
        frequency=("data.0.frequency", total),
        unusual_activity=("data.data.0.unusualActivitiesCount", total),
    )


def foreign_next_link(answer: Answer, moment: Moment, given: Given) -> None:
    set_field(answer, moment, "NextLink", f"{moment.elsewhere(given['to'])}?PageIndex={moment.page_index + 1}")


def list_answer(answer: Answer, moment: Moment, given: Given) -> None:
    if answer.status == 200:
        answer.payload = [answer.payload]


def shrink_total(answer: Answer, moment: Moment, given: Given) -> None:
    def shrink(holder: Any, key: Any) -> None:
        holder[key] = type(holder[key])(max(0, int(holder[key]) - given["by"]))

    if moment.target == "jobs":
        _change(answer, moment, "TotalCount", shrink)


def lose_row(answer: Answer, moment: Moment, given: Given) -> None:
    def lose(holder: Any, key: Any) -> None:
        del holder[key][given["row"] : given["row"] + 1]

    _change_rows(answer, moment, lose)


def duplicate_row(answer: Answer, moment: Moment, given: Given) -> None:
    def duplicate(holder: Any, key: Any) -> None:
        holder[key][-1:] = holder[key][:1]

    _change_rows(answer, moment, duplicate)


def envelope_status(answer: Answer, moment: Moment, given: Given) -> None:
    if answer.status == 200 and moment.generation == 2:
        answer.payload = moment.service.wire(2).problem(given["code"], given["text"])


def envelope_errors(answer: Answer, moment: Moment, given: Given) -> None:
    if answer.status == 200 and moment.generation == 2:
        answer.payload = {**answer.payload, "errors": [given["text"]]}


# --- Finding a field --------------------------------------------------------------------------------------------------

_SECOND_GENERATION_PLACES = {
    "jobs": ("data",),
    "totalcount": ("metadata", "totalCount"),
    "nextlink": ("metadata", "nextLink"),
    **{name.lower(): ("data", name) for name in LICENSE_FIELDS},
}


def _change(answer: Answer, moment: Moment, path: str, change: Callable[[Any, Any], None]) -> None:
    """Change a field of a successful answer, if it exists."""
    found = _find(answer.payload, path, moment.generation) if answer.status == 200 and answer.body is None else None
    if found is not None:
        change(*found)


def _change_rows(answer: Answer, moment: Moment, change: Callable[[Any, Any], None]) -> None:
    def change_list(holder: Any, key: Any) -> None:
        if isinstance(holder.get(key), list):
            change(holder, key)

    if moment.target == "jobs":
        _change(answer, moment, "Jobs", change_list)


def _find(payload: Any, path: str, generation: int) -> tuple[Any, Any] | None:
    """Return the object or list that contains a field, and its key there; None if it does not exist.

    Keys match in any case. The names of the first generation are also found in an envelope of the second.
    """
    parts = path.split(".")
    if generation == 2:
        parts = [*_SECOND_GENERATION_PLACES.get(parts[0].lower(), (parts[0],)), *parts[1:]]
    holder = payload
    for part in parts[:-1]:
        key = _key(holder, part)
        if key is None or (isinstance(holder, dict) and key not in holder):
            return None
        holder = holder[key]
    key = _key(holder, parts[-1])
    return None if key is None else (holder, key)


def _key(holder: Any, part: str) -> Any:
    """Return the key or index for a part of a path; None if it cannot exist."""
    if isinstance(holder, dict):
        names = (part.lower(), part.lower().replace("count", "number"))
        return next((name for name in holder if name.lower() in names), part)
    return int(part) if isinstance(holder, list) and part.isdigit() and int(part) < len(holder) else None
