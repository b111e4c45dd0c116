# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The name of the directory that a subject's evidence goes into."""

from __future__ import annotations

import hashlib
import re

_LONGEST = 80
_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*", re.ASCII)
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+", re.ASCII)
_MARK = re.compile(r"-[0-9a-f]{12}", re.ASCII)


def directory_name(subject: str) -> str:
    """The subject, if it is a safe name for one path component, else a safe likeness with a hash of the subject.

    Two subjects never share a name: what already looks as if it ended in such a hash gets one of its own.
    """
    if _SAFE.fullmatch(subject) and len(subject) <= _LONGEST and not _MARK.fullmatch(subject[-13:]):
        return subject
    mark = hashlib.sha256(subject.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    likeness = _UNSAFE.sub("_", subject).strip("._-")[: _LONGEST - 13]
    return f"{likeness or 'subject'}-{mark}"
