# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pages of the report for its tests, and how to read one."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.checks.catalogue import CATALOGUE
from ansible_collections.cloudbackup.m365.tests.screenshots import tenants
from ansible_collections.cloudbackup.m365.tests.unit.readings import NOT_PLANNED, healthy

GUIDE = "https://github.com/cloudbackup/cloudbackup.m365/blob/main/docs/docsite/rst/from_finding_to_fix.rst"
NOTHING_READ = {**NOT_PLANNED, "license": None, "jobs": None, "errors": []}
TAGS = {
    *("html", "head", "meta", "title", "style", "body", "header", "nav", "main", "section", "article", "footer"),
    *("h1", "h2", "h3", "p", "a", "b", "bdi", "code", "div", "span", "small", "ul", "li", "dl", "dt", "dd", "wbr"),
    *("table", "caption", "thead", "tbody", "tr", "th", "td", "details", "summary"),
    *("svg", "defs", "symbol", "g", "pattern", "path", "circle", "rect", "line", "text", "use"),
}


def page_of(reading: Any, subject: str = "contoso", policy: Any = None, waivers: Any = None) -> str:
    return tenants.page_of(tenants.evidence_of(subject, reading, policy, waivers))


def tree(page: str) -> ElementTree.Element:
    """The page as XML, which knows no forgiveness."""
    return ElementTree.fromstring(page)


def words(element: ElementTree.Element | None) -> str:
    assert element is not None
    return " ".join("".join(element.itertext()).split())


def section(page: str, anchor: str) -> ElementTree.Element:
    found = tree(page).find(f".//section[@aria-labelledby='{anchor}']")
    assert found is not None
    return found


def rows(table: ElementTree.Element | None) -> list[list[str]]:
    assert table is not None
    return [[words(cell) for cell in row] for row in table.iterfind("tbody/tr")]


def lane(page: str, scope: str) -> ElementTree.Element:
    lanes = tree(page).iterfind(".//div[@class='timeline']/div[@class='lane']")
    return next(found for found in lanes if words(found.find("div[@class='who']")) == scope)


def shown(found: ElementTree.Element) -> str:
    """The words of a lane beside its drawing."""
    return words(found.find("div[@class='latest']"))


def per_service_checks() -> list[str]:
    return [check.name for check in CATALOGUE if check.per_service and check.optional]


PAGES = {
    "healthy": tenants.healthy,
    "failing": tenants.failing,
    "undetermined": tenants.undetermined,
    "fleet": tenants.fleet,
    "nothing read": lambda: tenants.evidence_of("contoso", NOTHING_READ),
    "no jobs judged": lambda: tenants.evidence_of(
        "contoso", healthy(), {"checks": {name: {"enabled": False} for name in per_service_checks()}}
    ),
}


class Parsed(HTMLParser):
    """What a browser's tokenizer sees."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def only_its_own_markup(page: str, links: str = r"(?!)") -> None:
    """No element, no attribute and no address but those that the page itself writes, and ``links`` of that form."""
    parsed = Parsed(page)
    assert {tag for tag, _attributes in parsed.tags} <= TAGS
    for _tag, attributes in parsed.tags:
        assert not [
            name for name in attributes if name.startswith("on") or name in ("style", "src", "srcset", "action")
        ]
        assert re.fullmatch(rf"#[a-z0-9-]+|{re.escape(GUIDE)}#[a-z0-9-]+|{links}", attributes.get("href") or "#a")
    assert re.findall(r"url\((?!#)|@import", page) == []
    assert all(line.isprintable() for line in page.splitlines())
    assert [tag for tag, _attributes in parsed.tags] == [element.tag for element in tree(page).iter()]
