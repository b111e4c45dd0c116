# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The identity of the tenant of a read: URL and version of the API, and the app registration."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

from ..model import registration, wording

_NAMES = {"url": "API", "version": "API version", "client_id": "app registration"}


def differences(connections: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return a sentence for each part in which two connections differ.

    An unknown part does not differ from anything.

    :param connections: C(url), C(version) and C(client_id) by the name of the read, and the planned ones.
    """
    known = {read: registration.normalized(facts) for read, facts in connections.items()}
    found = []
    for (one, first), (other, second) in itertools.combinations(known.items(), 2):
        for part, name in _NAMES.items():
            values = [str(facts[part]) for facts in (first, second) if facts[part] is not None]
            if len({value.lower() for value in values}) == 2:
                shown = " and ".join(wording.one_line(value, 120) for value in values)
                found.append(f"The {one} and the {other} are of different tenants: {name} {shown}.")
    return found
