# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Which ids came already: 8 bytes each, so that a million jobs are proven to be different in a few MB."""

from __future__ import annotations

from array import array

_LOW = 0x3FFF
"""16384 arrays: at a million ids 61 in each, which is fast to look through."""


class Ids:
    """A set of texts, as 64-bit hashes in short arrays by their low bits. (A set of Python's takes ten times as much.)

    Two ids with one hash would count as one, and the list would not be proven complete: at a million ids, once in 30
    million lists.
    """

    def __init__(self) -> None:
        self._arrays: dict[int, array[int]] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, identity: str) -> bool:
        """Add an id; whether it is new."""
        value = hash(identity)
        known = self._arrays.get(value & _LOW)
        if known is None:
            self._arrays[value & _LOW] = array("q", (value,))
        elif value in known:
            return False
        else:
            known.append(value)
        self._count += 1
        return True

    def __contains__(self, identity: str) -> bool:
        value = hash(identity)
        return value in self._arrays.get(value & _LOW, ())

    def update(self, other: Ids) -> None:
        """Add the ids of another set."""
        for low, values in other._arrays.items():
            known = self._arrays.setdefault(low, array("q"))
            new = set(values).difference(known)
            known.extend(new)
            self._count += len(new)

    def missing_in(self, other: Ids) -> int:
        """How many ids of these are not in the other ones."""
        return self._count - self.shared(other)

    def shared(self, other: Ids) -> int:
        """How many ids are in both."""
        return sum(
            len(set(known).intersection(other._arrays[low]))
            for low, known in self._arrays.items()
            if low in other._arrays
        )
