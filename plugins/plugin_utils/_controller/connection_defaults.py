# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The connection options in the C(module_defaults) of a play, which count where the role has no connection."""

from __future__ import annotations

from typing import Any

_GROUP = "group/cloudbackup.m365.cloudbackup"


def written(task: Any) -> dict[str, Any]:
    """Return the options of the action group as they are written, not templated.

    Those of a single module do not count: the reads of one tenant have one connection.
    """
    defaults: dict[str, Any] = {}
    for given in task.module_defaults or []:
        defaults.update(given.get(_GROUP) or {})
    return defaults
