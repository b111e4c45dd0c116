# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The error that reading the API raises, and its kinds."""

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
    """The facts for a caller to branch on, returned as C(failure) by the modules. Unknown facts are None."""

    kind: str
    method: str | None = None
    url: str | None = None
    status: int | None = None
    request_id: str | None = None
    trace_id: str | None = None
    attempts: int | None = None
    hint: str | None = None


MESSAGE_LIMIT = 600
"""Maximum characters of a message."""
QUOTE_LIMIT = 20_000
"""Maximum characters of error text from a server before secrets are masked: more than the length of a key or token."""


_WITHHELD = "(not shown, since it contains a secret)"
_WORDS_WITHHELD = "(the server's message is not shown, since it contains a secret)"


class Secrets(Protocol):
    """Knows the secrets; implemented by C(secrets.Secrets)."""

    def repeated_in(self, text: str) -> bool:
        """Return whether a text contains a secret, in any encoding."""

    def run_in(self, text: str) -> bool:
        """Return whether a text contains a part of a secret, unencoded."""

    def clean(self, data: Any) -> Any:
        """Return data in which each text that contains a secret is masked."""


def one_line(text: str, limit: int) -> str:
    """Return a text without control characters and line breaks, of at most ``limit`` characters."""
    line = " ".join("".join(character if character.isprintable() else " " for character in text).split())
    return line if len(line) <= limit else line[: limit - 3] + "..."


def kind_of_status(status: int) -> str:
    """Return the kind of failure for an HTTP status other than 200."""
    named = {401: "authentication", 403: "permission", 404: "not_found", 408: "timeout", 429: "throttled"}
    if status in named:
        return named[status]
    if 400 <= status < 500:
        return "rejected"
    return "server" if 500 <= status < 600 else "unexpected_answer"


class Error(Exception):
    """A failure with a message for people.

    ``message`` is what happened and where, ``failure.hint`` what to do next. ``quotes`` are the parts of the message
    from other sources: the server, a proxy, a library, or the user's options.
    """

    def __init__(self, kind: str, message: str, *, quotes: Iterable[str] = (), **facts: Any) -> None:
        super().__init__(message)
        self.message = message
        self.quotes = tuple(quotes)
        self.failure = Failure(kind=kind, **facts)

    def with_facts(self, **facts: Any) -> Error:
        """Return the error with facts added by an outer layer. Existing facts are kept."""
        unknown = {name: value for name, value in facts.items() if getattr(self.failure, name) is None}
        error = Error(self.failure.kind, self.message, quotes=self.quotes)
        error.failure = self.failure._replace(**unknown)
        return error

    def prefixed(self, text: str) -> Error:
        """Return the error with a prefix before its message."""
        error = Error(self.failure.kind, text + self.message, quotes=self.quotes)
        error.failure = self.failure
        return error

    def shortened(self) -> Error:
        """Return the error with a message of one line and limited length."""
        error = Error(self.failure.kind, one_line(self.message, MESSAGE_LIMIT), quotes=self.quotes)
        error.failure = self.failure
        return error

    def presentable(self, secrets: Secrets) -> Error:
        """Return the error for display: without secrets, in one line and of limited length.

        A quote that contains a secret is dropped as a whole, since the rest of it may contain the secret in an unknown
        encoding. A fact that contains one, such as a request id, is masked. Masking precedes shortening, because half
        of a secret would not be recognized.
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
