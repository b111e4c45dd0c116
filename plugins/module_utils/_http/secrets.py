# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Keeps what must not be seen out of every text that leaves.

Ansible's no_log masks parameters only. A secret can also come from the environment or a file, and a token from the
token endpoint; and a server, a proxy or a library may repeat any of them, whole or in parts, in any encoding.
"""

from __future__ import annotations

import os
import re
import threading
import urllib.parse
from collections.abc import Iterable, Mapping
from typing import Any

from .. import _names
from . import decoded

MASK = "********"
RUN = 12
"""So many characters of a secret in a row are not shown. A shorter secret counts where it is a separate word."""

_STEP = RUN // 2
"""A run of 12 contains a piece of 6 that begins at a multiple of 6, so every sixth place of a text is searched."""
_LONGEST_SECRET = decoded.LONGEST
_LONGEST_TEXT = 1024 * 1024
"""Characters of a text that is examined. No honest field of an answer is longer."""
_OVERLAP = 4096

_OWN_WORDS = frozenset((*_names.ALL_STATES, *_names.JOB_TYPES, *_names.OBJECT_TYPES, *_names.LOCATIONS, "v1", "v2"))
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", re.ASCII)
_PEM_BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----", re.DOTALL)
_PEM_ARMOUR = re.compile(r"-----(?:BEGIN|END) [A-Z0-9 ]+-----")
_PEM_HEADER = re.compile(r"[A-Za-z-]+: .*")
_URL_CREDENTIALS = re.compile(
    r"://(?:[^\s/?#'\"]{0,512}@|[^\s:/@]{0,256}:(?![0-9]{1,5}(?:[/?#\s'\"]|$))[^\s]{1,512}@)",
)
"""User and password in a URL. In the second form, a password has characters that a URL should have encoded. A port is
no password."""


class Secrets:
    """The secrets known so far. Tokens join while a module runs, from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runs: frozenset[str] = frozenset()
        self._public: frozenset[str] = frozenset()
        self._pieces: frozenset[str] = frozenset()
        self._words: frozenset[str] = frozenset()
        self._is_ascii = True
        self._word: re.Pattern[str] | None = None

    def add(self, *values: str | None) -> None:
        """Register secrets; None and empty ones are none.

        The certificates of a PEM text and the header of a JWT (algorithm and key id) are public.
        """
        for value in values:
            if value and value.strip():
                secret, public = _pem_parts(value) if "-----BEGIN" in value else ([value, value.strip()], [])
                self._register(secret, [*public, _jwt_header(value)], certificates=public)

    def add_options(self, options: Mapping[str, Any], environment: Mapping[str, str]) -> None:
        """Register the secrets of connection options and of the environment, proxies included.

        Every text of an unknown option is one: it may be a misspelt secret.
        """
        variables = {option: environment.get(f"CLOUDBACKUP_{option.upper()}") for option in _names.CONNECTION_OPTIONS}
        for name, value in (*options.items(), *variables.items()):
            if name in _names.ADDRESS_OPTIONS:
                self.add_url(str(value))
            elif name in _names.SECRET_OPTIONS or name not in _names.CONNECTION_OPTIONS:
                self.add(*(text for text in _texts(value) if not _is_path(text)))
        self.add_proxies(environment)

    def add_proxies(self, environment: Mapping[str, str]) -> None:
        """Register the passwords in the proxy variables of the environment. A user alone is not a secret."""
        for name, value in environment.items():
            if name.lower().endswith("_proxy") and name.lower() != "no_proxy":
                self.add_url(value)

    def add_url(self, url: str) -> None:
        """Register the password of a URL, as it is written there and decoded."""
        user_and_password, has_user, _host = url.partition("://")[2 if "://" in url else 0].rpartition("@")
        user, _colon, password = user_and_password.partition(":")
        if has_user and password.strip("* "):
            for decode in (str, urllib.parse.unquote):
                pair = f"{decode(user)}:{decode(password)}"
                self._register([decode(password), pair], [f"{decode(user)}:"])

    def add_urls(self, text: str) -> None:
        """Register the passwords of all URLs in a text."""
        for credentials in _URL_CREDENTIALS.findall(text):
            self.add_url(credentials)

    def repeated_in(self, text: str) -> bool:
        """Return whether a text repeats a secret, a part of one, or the password of any URL, in whatever encoding.

        So does a text that is too long or too deeply encoded to be examined.
        """
        if len(text) > _LONGEST_TEXT:
            return True
        least = min([RUN, *map(len, self._words)])
        for start in range(0, max(len(text) - _OVERLAP, 1), decoded.LONGEST - _OVERLAP):
            try:
                if any(map(self._is_in, decoded.forms(text[start : start + decoded.LONGEST], least, self._is_ascii))):
                    return True
            except decoded.Undecidable:
                return True
        return False

    def run_in(self, text: str) -> bool:
        """Return whether a text has a run of a secret as it is. A short secret may be a word that we use ourselves."""
        return self._has_run(_blanked(text))

    def clean(self, data: Any) -> Any:
        """Plain data (dicts, lists, texts, numbers); each text that repeats a secret is masked as a whole, also a key.

        Names and times that this collection writes are none of a server's words.
        """
        texts = {text for text in _texts(data) - _OWN_WORDS if not _TIME.fullmatch(text)}
        masked = set(self._repeating(texts))
        return _masked(data, masked) if masked else data

    def _repeating(self, texts: Iterable[str]) -> list[str]:
        """Return those that repeat a secret. Many at once, since one by one takes long for a million of jobs."""
        suspects = []
        batch: list[str] = []
        size = 0
        for text in (*texts, ""):
            if batch and (not text or size + len(text) > decoded.LONGEST):
                # Joined by what separates words and occurs in no secret
                if self.repeated_in(" \0 ".join(batch)):
                    suspects += batch
                batch, size = [], 0
            batch.append(text)
            size += len(text) + 3
        return [text for text in suspects if self.repeated_in(text)]

    def _register(self, secrets: Iterable[str], public: Iterable[str], certificates: Iterable[str] = ()) -> None:
        """Add secrets.

        :param public: parts of these secrets that are none.
        :param certificates: what is no secret anywhere: a private key and its certificate have parts in common.
        """
        known = [_blanked(form) for secret in secrets for form in _spellings(secret[:_LONGEST_SECRET])]
        runs = _runs_of(known) - _runs_of(public)
        known_to_all = _runs_of(certificates)
        # One at a time: what is made from an earlier state must not take the place of a later one
        with self._lock:
            self._public |= known_to_all
            self._is_ascii = self._is_ascii and all(map(str.isascii, known))
            self._runs = (self._runs | runs) - self._public
            self._pieces |= {run[at : at + _STEP] for run in runs for at in range(RUN - _STEP + 1)}
            self._words |= {secret for secret in known if secret.strip() and len(secret) < RUN}
            if self._words:
                longest_first = sorted(self._words, key=lambda word: (-len(word), word))
                self._word = re.compile(rf"(?<![^\W_])(?:{'|'.join(map(re.escape, longest_first))})(?![^\W_])")

    def _is_in(self, form: str) -> bool:
        blanked = _blanked(form)
        is_word = self._word is not None and self._word.search(blanked) is not None
        return is_word or self._has_run(blanked) or any(map(_has_password, _URL_CREDENTIALS.findall(form)))

    def _has_run(self, text: str) -> bool:
        places = range(0, len(text) - _STEP + 1, _STEP)
        pieces = self._pieces
        if pieces.isdisjoint([text[place : place + _STEP] for place in places]):
            return False
        runs = self._runs
        return any(
            text[start : start + RUN] in runs
            for place in places
            if text[place : place + _STEP] in pieces
            for start in range(max(place - _STEP, 0), place + 1)
        )


def cut_urls(text: str, mask: str = "") -> str:
    """Return a text without user and password of the URLs in it, or with a mask in their place."""
    return _URL_CREDENTIALS.sub(f"://{mask}@" if mask else "://", text)


def _has_password(credentials: str) -> bool:
    """Return whether the credentials of a URL have a password. A user alone is not a secret, nor is a mask."""
    return bool(credentials.partition("://")[2].rpartition("@")[0].partition(":")[2].strip("*"))


def _is_path(value: str) -> bool:
    """Return whether a value is the path of a file with the secret, and no secret itself."""
    try:
        return "/" in value and os.path.isfile(os.path.expanduser(value))
    except ValueError:
        return False


def _pem_parts(pem: str) -> tuple[list[str], list[str]]:
    """Return the secret lines of a PEM text and those of its certificates, each alone and joined."""
    secret: list[str] = []
    public: list[str] = []
    for label, content in _PEM_BLOCK.findall(pem):
        lines = _lines(content)
        (secret if "PRIVATE" in label else public).extend([*lines, "".join(lines)])
    # What is no block at all is a broken key
    rest = _lines(_PEM_ARMOUR.sub("\n", _PEM_BLOCK.sub("\n", pem)))
    return [*secret, *rest, "".join(rest)], public


def _jwt_header(token: str) -> str:
    """Return the header of a JWT: algorithm and key id. Empty for any other text."""
    header, dot, _rest = token.partition(".")
    return header + dot if header.startswith("eyJ") and token.count(".") == 2 else ""


def _lines(pem: str) -> list[str]:
    """Return the lines of the content of a PEM block, also where their ends are written as escapes."""
    lines = (line.strip() for line in pem.replace("\\r", "\n").replace("\\n", "\n").splitlines())
    return [line for line in lines if line and not _PEM_HEADER.fullmatch(line)]


def _spellings(secret: str) -> set[str]:
    """Return a secret as it is, with other ends of lines, and with each byte of its UTF-8 as a character."""
    spellings = {secret, secret.replace("\r\n", "\n")}
    if not secret.isascii():
        spellings.add(secret.encode("utf-8", "surrogatepass").decode("latin-1"))
    return spellings


def _runs(text: str) -> set[str]:
    return {text[start : start + RUN] for start in range(len(text) - RUN + 1)}


def _runs_of(texts: Iterable[str]) -> set[str]:
    return {run for text in texts for run in _runs(_blanked(text))}


def _blanked(text: str) -> str:
    """The text with a blank for every plus and every end of a line: forms and headers turn one into the other."""
    return text.replace("+", " ").replace("\n", " ").replace("\r", " ").replace("\t", " ")


def _texts(data: Any) -> set[str]:
    """Return every text in plain data, keys included. A loop, since there may be millions."""
    texts: set[str] = set()
    left = [data]
    while left:
        item = left.pop()
        if isinstance(item, str):
            texts.add(item)
        elif isinstance(item, dict):
            left.extend(item)
            left.extend(item.values())
        elif isinstance(item, (list, tuple)):
            left.extend(item)
    return texts


def _masked(data: Any, texts: set[str]) -> Any:
    if isinstance(data, str):
        return MASK if data in texts else data
    if isinstance(data, dict):
        return {_masked(key, texts): _masked(value, texts) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [_masked(item, texts) for item in data]
    return data
