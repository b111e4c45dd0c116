# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A set of ids in a few bytes each."""

from __future__ import annotations

import tracemalloc

from ansible_collections.cloudbackup.m365.plugins.module_utils._jobs import ids as _ids
from hypothesis import given
from hypothesis import strategies as st

NAMES = st.lists(st.text(max_size=3), max_size=50)


def of(names):
    ids = _ids.Ids()
    new = [ids.add(name) for name in names]
    return ids, new


@given(NAMES, NAMES)
def test_it_is_a_set(one, other):
    ids, new = of(one)
    assert len(ids) == len(set(one)) == sum(new)
    assert ids.shared(of(other)[0]) == len(set(one) & set(other))


def test_each_of_many_ids_is_known_again():
    """So many that arrays hold several of them."""
    names = [f"FB2026012706{number:010}" for number in range(40_000)]
    ids = of(names)[0]
    assert len(ids) == ids.shared(of(reversed(names))[0]) == 40_000
    assert not any(ids.add(name) for name in names)


def test_ids_take_few_bytes_each():
    ids = _ids.Ids()
    for number in range(100_000):  # the short arrays themselves, once
        ids.add(f"before {number}")
    tracemalloc.start()
    for number in range(100_000):
        ids.add(f"FB2026012706{number:010}")
    grown, _peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(ids) == 200_000
    assert grown / 100_000 < 20  # the arrays are counted anew when they grow
