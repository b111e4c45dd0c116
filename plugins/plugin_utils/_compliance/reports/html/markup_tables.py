# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Tables of the page: on a narrow screen each row turns into a card, so every cell knows its column's name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .markup import Html, element, joined, prose


def table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[object]], kind: str = "stack") -> Html:
    """A table whose first column heads its rows. The roles are spelled out: laid out as cards it would lose them."""
    head = element("tr", *(element("th", name, scope="col", role="columnheader") for name in columns), role="row")
    body = joined(
        element(
            "tr",
            element("th", prose(row[0]), scope="row", role="rowheader"),
            *(element("td", prose(cell), data_label=name, role="cell") for name, cell in zip(columns[1:], row[1:])),
            role="row",
        )
        for row in rows
    )
    return element(
        "table",
        element("caption", caption),
        element("thead", head, role="rowgroup"),
        element("tbody", body, role="rowgroup"),
        class_=kind,
        role="table",
    )


def scrolled(label: str, content: Html) -> Html:
    """What is wider than a narrow screen scrolls by itself; with the keyboard too."""
    return element("div", content, class_="scroll", role="region", aria_label=label, tabindex=0)
