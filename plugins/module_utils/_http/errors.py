# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The one error that the reading side raises, and the kinds it comes in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple, Protocol

KINDS = (
    "arguments",
    "missing_library",
    "authentication",
    "permission",
    "not_found",
    "rejected",
    "throttled",
    "server",
    "connection",
    "tls",
    "timeout",
    "unexpected_answer",
    "incomplete",
)


class Failure(NamedTuple):
    """What a caller can branch on; the module returns it as C(failure). Unknown facts are None."""

    kind: str
    method: str | None = None
    url: str | None = None
    status: int | None = None
    request_id: str | None = None
    trace_id: str | None = None
    attempts: int | None = None
    hint: str | None = None


MESSAGE_LIMIT = 600
"""Characters of a message."""
QUOTE_LIMIT = 20_000
"""Characters of a server's words that are kept until secrets are cut out: more than a key or a token has."""


_WITHHELD = "(not shown, since it repeats a secret)"
_WORDS_WITHHELD = "(the server's words are not shown, since they repeat a secret)"


class Secrets(Protocol):
    """What knows the secrets: C(secrets.Secrets) is one."""

    def repeated_in(self, text: str) -> bool:
        """Return whether a text repeats a secret, in whatever encoding."""

    def run_in(self, text: str) -> bool:
        """Return whether a text has a part of a secret as it is."""

    def clean(self, data: Any) -> Any:
        """Return data with each text masked that repeats a secret."""


def one_line(text: str, limit: int) -> str:
    """A text without control characters and line breaks, at most so long."""
    line = " ".join("".join(character if character.isprintable() else " " for character in text).split())
    return line if len(line) <= limit else line[: limit - 3] + "..."


def kind_of_status(status: int) -> str:
    """Return the kind of failure that an HTTP status other than 200 means."""
    named = {401: "authentication", 403: "permission", 404: "not_found", 408: "timeout", 429: "throttled"}
    if status in named:
        return named[status]
    if 400 <= status < 500:
        return "rejected"
    return "server" if 500 <= status < 600 else "unexpected_answer"


class Error(Exception):
    """A failure with a sentence for the person who reads it.

    ``message`` is what happened and where, ``failure.hint`` what to do next. ``quotes`` are the parts of the message of
    foreign origin: the server, a proxy, a library, or the user in an option.
    """

    def __init__(self, kind: str, message: str, *, quotes: Iterable[str] = (), **facts: Any) -> None:
        super().__init__(message)
        self.message = message
        self.quotes = tuple(quotes)
        self.failure = Failure(kind=kind, **facts)

    def with_facts(self, **facts: Any) -> Error:
        """The same error with facts added that only an outer layer knows; facts that it already has stay."""
        unknown = {name: value for name, value in facts.items() if getattr(self.failure, name) is None}
        error = Error(self.failure.kind, self.message, quotes=self.quotes)
        error.failure = self.failure._replace(**unknown)
        return error

    def prefixed(self, text: str) -> Error:
        """The same error with words before its message."""
        error = Error(self.failure.kind, text + self.message, quotes=self.quotes)
        error.failure = self.failure
        return error

    def shortened(self) -> Error:
        """The same error with a message of one line, not longer than a person reads."""
        error = Error(self.failure.kind, one_line(self.message, MESSAGE_LIMIT), quotes=self.quotes)
        error.failure = self.failure
        return error

    def presentable(self, secrets: Secrets) -> Error:
        """The same error for people's eyes: free of secrets, in one line, not longer than a person reads.

        A quote that repeats a secret is dropped as a whole, since a part of it may be one in an encoding that nobody
        knows. A fact that does, such as a request id, is masked. That comes first: half a secret would not be
        recognised any more.
        """
        withheld = _WITHHELD if self.failure.kind == "arguments" else _WORDS_WITHHELD
        message = self.message
        for quote in sorted(self.quotes, key=len, reverse=True):
            if secrets.repeated_in(quote):
                message = message.replace(quote, withheld)
        if secrets.run_in(message):
            message = withheld
        facts: dict[str, Any] = self.failure._asdict()
        server = {name: secrets.clean(facts[name]) for name in ("request_id", "trace_id")}
        texts = {
            name: value for name, value in {**facts, **server}.items() if isinstance(value, str) and name != "kind"
        }
        error = Error(self.failure.kind, one_line(message, MESSAGE_LIMIT))
        error.failure = Failure(**{**facts, **{name: one_line(text, MESSAGE_LIMIT) for name, text in texts.items()}})
        return error
