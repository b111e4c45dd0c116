# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import copy
import pathlib
import re
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reports.html import renderer
from ansible_collections.cloudbackup.m365.tests.screenshots import tenants
from ansible_collections.cloudbackup.m365.tests.unit.evaluation.test_properties import (
    PLACES,
    anything,
)
from ansible_collections.cloudbackup.m365.tests.unit.readings import (
    ago,
    api,
    group,
    healthy,
    job,
)
from ansible_collections.cloudbackup.m365.tests.unit.reports.html_pages import (
    NOTHING_READ,
    PAGES,
    Parsed,
    lane,
    only_its_own_markup,
    page_of,
    section,
    shown,
    tree,
    words,
)
from ansible_collections.cloudbackup.m365.tests.unit.reports.test_pack import HOSTILE
from hypothesis import example, given, settings
from hypothesis import strategies as st

TEMPLATES = pathlib.Path(renderer.__file__).with_name("templates")


@pytest.fixture(params=PAGES)
def page(request: pytest.FixtureRequest) -> str:
    return tenants.page_of(PAGES[request.param]())


def test_a_page_needs_nothing_from_elsewhere(page: str) -> None:
    only_its_own_markup(page)
    assert 'http-equiv="Content-Security-Policy"' in page[:200]
    policy = tree(page).find("head/meta[@http-equiv='Content-Security-Policy']")
    assert policy is not None
    assert policy.attrib["content"] == "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def test_a_page_says_what_it_is(page: str) -> None:
    root = tree(page)
    assert page.startswith('<!DOCTYPE html>\n<html lang="en">')
    assert words(root.find("head/title")).startswith("Backup compliance of ")
    assert root.find("head/meta[@name='viewport']") is not None
    assert [child.tag for child in root.findall("body/*")] == ["svg", "header", "nav", "main", "footer"]


def test_headings_come_in_order(page: str) -> None:
    levels = [int(element.tag[1]) for element in tree(page).iter() if re.fullmatch("h[1-6]", element.tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert max(after - before for before, after in zip(levels, levels[1:])) <= 1
    assert max(levels) <= 3


def test_every_table_names_its_columns_and_itself(page: str) -> None:
    tables = list(tree(page).iter("table"))
    assert tables
    for table in tables:
        assert words(table.find("caption"))
        head = table.findall("thead/tr/th")
        assert all(cell.attrib["scope"] == "col" for cell in head)
        for row in table.findall("tbody/tr"):
            assert [cell.tag for cell in row] == ["th", *["td"] * (len(head) - 1)]
            assert row[0].attrib["scope"] == "row"
            assert [cell.attrib["data-label"] for cell in row[1:]] == [words(cell) for cell in head[1:]]


def test_ids_are_unique_and_what_is_referred_to_is_there(page: str) -> None:
    elements = list(tree(page).iter())
    ids = [element.attrib["id"] for element in elements if "id" in element.attrib]
    assert len(ids) == len(set(ids))
    referred = {element.attrib["href"][1:] for element in elements if element.attrib.get("href", "").startswith("#")}
    referred |= {element.attrib["aria-labelledby"] for element in elements if "aria-labelledby" in element.attrib}
    referred |= set(re.findall(r"url\(#([a-z]+)\)", page))
    assert referred <= set(ids)


def test_every_drawing_is_reported_in_words_or_hidden(page: str) -> None:
    root = tree(page)
    inner = {nested for drawing in root.iter("svg") for nested in drawing.iter("svg") if nested is not drawing}
    for drawing in root.iter("svg"):
        if drawing not in inner:
            assert drawing.attrib.get("aria-hidden") == "true" or drawing.attrib["aria-label"]


def test_every_status_is_a_shape_and_a_word() -> None:
    page = tenants.page_of(tenants.failing())
    shown = [*tree(page).iterfind(".//ul[@class='chips']/li"), *tree(page).iterfind(".//article//span[@class]")]
    pills = [element for element in shown if element.tag == "li" or element.attrib["class"].startswith("pill")]
    assert len(pills) == 6 + len(section(page, "findings").findall("article"))
    for pill in pills:
        shape = pill.find("svg/use")
        assert shape is not None
        assert words(pill).lower().lstrip("0123456789 ").replace(" ", "-") == shape.attrib["href"][len("#status-") :]


def hostile_pages(text: str) -> Iterator[str]:
    """A page with a text at every place that somebody else fills."""
    reading = healthy()
    reading["jobs"]["groups"][3] = group(
        [job(text, text, finish=ago(hours=1)), job(f"{text}.", "failed", finish=ago(hours=2))]
    )
    reading["jobs"]["api"] = reading["license"]["api"] = api(
        **dict.fromkeys(("url", "version", "client_id", "requests", "retries", "pages", "server_time"), text),
        request_ids=[text, text],
    )
    reading["license"]["license"].update(out_of_policy=True, out_of_policy_raw=text, assigned_user_seats=text)
    waivers = [
        {"check": "backup_recency", "reason": f"r {text}", "approver": f"a {text}", "expires": day}
        for day in ("2026-12-31", "2026-01-01")
    ]
    yield page_of(reading, text, waivers=waivers)
    failure = {"kind": text, "status": text, "request_id": text, "hint": text}
    errors = [{"read": name, "message": text, "failure": failure} for name in ("license", "jobs", text)]
    yield page_of({**NOTHING_READ, "errors": errors}, text)
    evidence = tenants.failing()
    for result in evidence["results"]:
        result.update(observed=text, expected=text, message=text, remediation=text, jobs=[text])
    for waiver in evidence["waivers"]:
        waiver["warnings"] = [text]
    evidence.update(reason=text, not_judged=[{"what": text, "why": text}], collection={"name": text, "version": text})
    yield tenants.page_of(evidence)


@pytest.mark.parametrize(
    "text",
    [
        HOSTILE,
        "</title></style></svg><img src=x onerror=alert(1)>",
        '" onmouseover="alert(1)" x=\'',
        "' onmouseover='alert(1)",
        "&lt;script&gt;",
        "]]><!--",
        "\u202e\u2066\u200f\x00\x1b[31m\ud800\ufffe",
        "javascript:alert(1) http://e.example https://e.example",
    ],
)
def test_nothing_from_outside_is_markup_anywhere(text: str) -> None:
    for page in hostile_pages(text):
        only_its_own_markup(page)


def test_what_came_from_outside_can_be_read() -> None:
    for page in hostile_pages("<b>&amp; 'x' \"y\""):
        assert "<b>&amp; 'x' \"y\"" in Parsed(page).text


@settings(max_examples=25)
@given(st.text(max_size=60))
@example("_\u2028_2026-11-24T06:00:00Z")
def test_any_text_is_text_alone(text: str) -> None:
    for page in hostile_pages(text):
        only_its_own_markup(page)


HEALTHY = tenants.evidence_of("contoso", healthy())


@given(st.sampled_from(PLACES), anything)
@example(("jobs", "groups", 1, "recent"), [{"id": "a", "state": "finished", "start_time": "0001-01-01"}])
@example(("license", "license", "purchased_user_seats"), 10**400)
def test_a_damaged_reading_still_makes_a_page(place: tuple[Any, ...], garbage: Any) -> None:
    evidence = copy.deepcopy(HEALTHY)
    inner: Any = evidence["read"]
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = garbage
    only_its_own_markup(tenants.page_of(evidence))


@given(anything)
def test_a_reading_of_any_shape_still_makes_a_page(reading: Any) -> None:
    page = tenants.page_of({**HEALTHY, "read": reading})
    only_its_own_markup(page)
    assert shown(lane(page, "teams")) == "not known"


STYLE = (TEMPLATES / "style.css").read_text(encoding="utf-8")


@pytest.mark.parametrize("template", sorted(TEMPLATES.glob("*.j2")), ids=lambda path: path.name)
def test_no_template_takes_data_for_markup(template: pathlib.Path) -> None:
    assert not re.search(r"\|\s*safe|autoescape|\bMarkup\b", template.read_text(encoding="utf-8"))


TEXTS = ("ink", "soft", "accent", "pass", "fail", "error", "warn", "waived")
MARKS = ("accent", "pass", "fail", "error", "warn", "edge")
CONTRASTS = (
    *((text, ground, 4.5) for text in TEXTS for ground in ("paper", "panel")),
    *((mark, ground, 3.0) for mark in MARKS for ground in ("paper", "panel")),
    ("accent", "rail", 3.0),
    ("fail", "rail", 3.0),
)
"""What is drawn on what, and the ratio that WCAG 2.2 AA requires: 4.5 for text, 3 for the parts of a chart."""


def colours() -> list[dict[str, str]]:
    """The colours of the style sheet by name, in light and in dark."""
    blocks = re.findall(r":root\{\n((?:  --[a-z]+:#[0-9a-f]{6};\n)+)\}", STYLE)
    return [dict(re.findall(r"--([a-z]+):(#[0-9a-f]{6});", block)) for block in blocks]


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    parts = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("front", "ground", "ratio"), CONTRASTS)
def test_everything_can_be_reported_from_its_ground(front: str, ground: str, ratio: float, mode: int) -> None:
    dim, bright = sorted(luminance(colours()[mode][name]) for name in (front, ground))
    assert (bright + 0.05) / (dim + 0.05) >= ratio


def test_every_colour_of_the_sheet_has_a_name_in_light_and_in_dark() -> None:
    light, dark = colours()
    assert set(re.findall(r"var\(--([a-z]+)\)", STYLE)) == set(light) == set(dark)
    assert len(re.findall(r"#[0-9a-f]{3,6}\b", STYLE)) == len(light) + len(dark) + STYLE.count(
        "#888"
    )  # borders in print


def test_every_class_of_a_page_has_a_rule() -> None:
    used = set()
    for make in PAGES.values():
        for element in tree(tenants.page_of(make())).iter():
            used |= set(element.attrib.get("class", "").split())
    ruled = set(re.findall(r"\.([a-z][a-z-]*)", STYLE))
    assert used <= ruled


def test_the_largest_usual_tenant_makes_no_huge_page() -> None:
    assert len(tenants.page_of(tenants.fleet())) < 150_000
