# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The one error that the reading side raises, and the kinds it comes in."""

from __future__ import annotations

from typing import Any, Callable, NamedTuple

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
"""Characters of what a server said that are kept until secrets are cut out: more than a key or a token has."""


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

    ``message`` says what happened and where, ``failure.hint`` what to do next.
    """

    def __init__(self, kind: str, message: str, **facts: Any) -> None:
        super().__init__(message)
        self.message = message
        self.failure = Failure(kind=kind, **facts)

    def with_facts(self, **facts: Any) -> Error:
        """The same error with facts added that only an outer layer knows; facts already told stay."""
        unknown = {name: value for name, value in facts.items() if getattr(self.failure, name) is None}
        error = Error(self.failure.kind, self.message)
        error.failure = self.failure._replace(**unknown)
        return error

    def prefixed(self, text: str) -> Error:
        """The same error with words before its message."""
        error = Error(self.failure.kind, text + self.message)
        error.failure = self.failure
        return error

    def presentable(self, cut: Callable[[str], str]) -> Error:
        """The same error for people's eyes: free of secrets, in one line, not longer than a person reads.

        :param cut: cuts secrets out of a text. That comes first: half a secret would not be recognised any more.
        """

        def change(text: str) -> str:
            return one_line(cut(text), MESSAGE_LIMIT)

        error = Error(self.failure.kind, change(self.message))
        facts: dict[str, Any] = self.failure._asdict()
        changed = {name: change(value) for name, value in facts.items() if isinstance(value, str) and name != "kind"}
        error.failure = Failure(**{**facts, **changed})
        return error
