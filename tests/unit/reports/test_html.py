# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import pytest
from ansible_collections.cloudbackup.m365.plugins.module_utils import _names, _time
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.checks.catalogue import CATALOGUE
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.model import jobs as _jobs
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reports.html import charts, report, style
from ansible_collections.cloudbackup.m365.tests.screenshots import tenants
from ansible_collections.cloudbackup.m365.tests.unit.evaluation.test_properties import (
    PLACES,
    anything,
)
from ansible_collections.cloudbackup.m365.tests.unit.readings import (
    NOW,
    WINDOW_START,
    ago,
    api,
    count,
    group,
    healthy,
    job,
    license_result,
    read,
)
from ansible_collections.cloudbackup.m365.tests.unit.reports.test_pack import HOSTILE
from hypothesis import example, given, settings
from hypothesis import strategies as st

GUIDE = "https://github.com/cloudbackup/cloudbackup.m365/blob/main/docs/docsite/rst/from_finding_to_fix.rst"
NOTHING_READ = {"license": None, "jobs": None, "errors": []}
TAGS = {
    *("html", "head", "meta", "title", "style", "body", "header", "nav", "main", "section", "article", "footer"),
    *("h1", "h2", "h3", "p", "a", "b", "bdi", "code", "div", "span", "small", "ul", "li", "dl", "dt", "dd", "wbr"),
    *("table", "caption", "thead", "tbody", "tr", "th", "td", "details", "summary"),
    *("svg", "defs", "symbol", "g", "pattern", "path", "circle", "rect", "line", "text", "use"),
}


def page_of(reading: Any, subject: str = "contoso", policy: Any = None, waivers: Any = None) -> str:
    return report.report(tenants.evidence_of(subject, reading, policy, waivers))


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


def told(found: ElementTree.Element) -> str:
    """What a lane says beside its drawing."""
    return words(found.find("div[@class='told']"))


def ticks(element: ElementTree.Element) -> list[int]:
    """Where the finished backups of a lane are, in thousandths of the window."""
    drawn = element.find(".//path[@class='ticks']")
    return [] if drawn is None else [int(place) for place in re.findall(r"M(\d+) 6V22", drawn.attrib["d"])]


def marks(element: ElementTree.Element) -> list[tuple[str, str]]:
    """The other marks of a lane: state and place."""
    uses = element.iterfind(".//svg[@class='strip']/use")
    return [(use.attrib["href"].replace("#state-", ""), use.attrib["x"]) for use in uses]


def gauge(name: str, **fields: Any) -> ElementTree.Element:
    page = page_of(healthy(license=license_result(**fields)))
    cards = section(page, "license").iterfind(".//article")
    return next(card for card in cards if words(card.find(".//h3")) == name)


def widths(card: ElementTree.Element) -> dict[str, str]:
    return {part.attrib["class"]: part.attrib["width"] for part in card.iterfind(".//rect")}


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


@pytest.fixture(params=PAGES)
def page(request: pytest.FixtureRequest) -> str:
    return report.report(PAGES[request.param]())


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


def only_its_own_markup(page: str) -> None:
    """No element, no attribute and no address but those that the page itself writes."""
    parsed = Parsed(page)
    assert {tag for tag, _attributes in parsed.tags} <= TAGS
    for _tag, attributes in parsed.tags:
        assert not [
            name for name in attributes if name.startswith("on") or name in ("style", "src", "srcset", "action")
        ]
        assert re.fullmatch(rf"#[a-z-]+|{re.escape(GUIDE)}#[a-z0-9-]+", attributes.get("href") or "#a")
    assert re.findall(r"url\((?!#)|@import", page) == []
    assert all(line.isprintable() for line in page.splitlines())
    assert [tag for tag, _attributes in parsed.tags] == [element.tag for element in tree(page).iter()]


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


def test_every_drawing_is_told_in_words_or_hidden(page: str) -> None:
    root = tree(page)
    inner = {nested for drawing in root.iter("svg") for nested in drawing.iter("svg") if nested is not drawing}
    for drawing in root.iter("svg"):
        if drawing not in inner:
            assert drawing.attrib.get("aria-hidden") == "true" or drawing.attrib["aria-label"]


def test_every_status_is_a_shape_and_a_word() -> None:
    page = report.report(tenants.failing())
    shown = [*tree(page).iterfind(".//ul[@class='chips']/li"), *tree(page).iterfind(".//article//span[@class]")]
    pills = [element for element in shown if element.tag == "li" or element.attrib["class"].startswith("pill")]
    assert len(pills) == 6 + len(section(page, "findings").findall("article"))
    for pill in pills:
        shape = pill.find("svg/use")
        assert shape is not None
        assert words(pill).lower().lstrip("0123456789 ").replace(" ", "-") == shape.attrib["href"][len("#status-") :]


@pytest.mark.parametrize("tenant", PAGES)
def test_the_page_is_the_same_bytes_for_the_same_evidence(tenant: str) -> None:
    evidence = PAGES[tenant]()
    shuffled = json.loads(json.dumps(evidence, sort_keys=True))
    assert report.report(shuffled) == report.report(evidence)


@pytest.mark.parametrize(
    ("tenant", "verdict", "reason"),
    [
        (tenants.healthy, "COMPLIANT", "Every requirement of the policy was seen to be met, or is waived."),
        (tenants.failing, "NON-COMPLIANT", "checks failed."),
        (tenants.undetermined, "UNDETERMINED", "checks could not be judged."),
    ],
)
def test_the_verdict_comes_first_with_its_reason(tenant: Any, verdict: str, reason: str) -> None:
    header = tree(report.report(tenant())).find("body/header")
    assert header is not None
    assert words(header.find(".//p[@class='word']")) == verdict
    assert reason in words(header)
    assert "What this verdict stands for: " in words(header)
    assert "2026-11-17T06:00:00Z to 2026-11-24T06:00:00Z (7d)" in words(header)


def test_the_counts_of_all_states_are_at_the_top() -> None:
    evidence = tenants.failing()
    chips = tree(report.report(evidence)).findall(".//ul[@class='chips']/li")
    counts = [f"{count} {status.replace('_', ' ')}" for status, count in evidence["counts"].items()]
    assert [words(chip) for chip in chips] == counts


@pytest.mark.parametrize(
    ("assigned", "told", "bars"),
    [
        (0, "0 % of the purchased seats in use, 100 left.", {"rail": "100%", "used": "0%"}),
        (90, "90 % of the purchased seats in use, 10 left.", {"rail": "100%", "used": "90%"}),
        (100, "100 % of the purchased seats in use, 0 left.", {"rail": "100%", "used": "100%"}),
        (150, "150 % of the purchased seats in use, 50 more than purchased.", {"used": "66.7%", "excess": "33.3%"}),
    ],
)
def test_a_gauge_shows_the_share_in_use(assigned: int, told: str, bars: dict[str, str]) -> None:
    card = gauge("Seats", assigned_user_seats=assigned)
    assert words(card.find("p[@class='figure']")) == f"{assigned} of 100 seats"
    assert words(card.find("p[@class='small']")) == told
    assert bars.items() <= widths(card).items()
    assert ("OVER" in words(card)) == ("excess" in widths(card)) == (assigned > 100)
    limit = card.find(".//line[@class='limit']")
    assert limit is not None
    assert limit.attrib["x1"] == ("66.7%" if assigned > 100 else "100%")


@pytest.mark.parametrize(
    ("fields", "name", "figure", "told", "over"),
    [
        ({}, "Storage", "Not sold", "The license is not sold by GB. In use: 0. Purchased: 0.", False),
        ({"assigned_user_seats": "absent"}, "Seats", "Not known", "In use: not known. Purchased: 100.", False),
        ({"purchased_user_seats": -1}, "Seats", "Not known", "purchased_user_seats is -1, which is no count.", False),
        ({"purchased_user_seats": HOSTILE}, "Seats", "Not known", "which is no count.", False),
        ({"purchased_user_seats": 0}, "Seats", "None purchased", "All that is in use exceeds it. In use: 50.", True),
        ({"purchased_user_seats": 0}, "Storage", "None purchased", "Nothing is in use either.", False),
        ({"purchased_storage_size": "absent"}, "Storage", "Not sold", "Purchased: not known.", False),
        ({"purchased_user_seats": "absent"}, "Storage", "Not known", "does not hold all the figures.", False),
    ],
)
def test_a_gauge_without_a_share_says_why(fields: Any, name: str, figure: str, told: str, over: bool) -> None:
    card = gauge(name, **fields)
    assert words(card.find("p[@class='figure']")) == figure
    assert told in words(card)
    assert list(widths(card)) == ["empty"]
    assert ("OVER" in words(card)) == over


def test_a_share_just_over_everything_is_over() -> None:
    card = gauge("Seats", purchased_user_seats=1_000_000, assigned_user_seats=1_000_001)
    assert "OVER" in words(card)
    assert "1 more than purchased" in words(card)


@pytest.mark.parametrize(
    ("fields", "standing"),
    [
        ({}, "In policy"),
        ({"out_of_policy": True, "out_of_policy_time": "2026-11-01T00:00:00Z"}, "Out of policy"),
        ({"out_of_policy": "absent"}, "Not known"),
        ({"out_of_policy": 1}, "Not known"),
    ],
)
def test_the_standing_of_the_license_is_told(fields: Any, standing: str) -> None:
    assert words(gauge("Standing", **fields).find("p[@class='figure']")) == standing


def timeline_of(*jobs: Any, **parts: Any) -> ElementTree.Element:
    reading = read(group(list(jobs), **parts), count(len(jobs), parts.get("since", WINDOW_START)))
    return lane(page_of(reading, policy={"services": ["teams"]}), "teams")


@pytest.mark.parametrize(
    ("start", "finish", "places"),
    [
        (WINDOW_START, WINDOW_START, [0]),
        (WINDOW_START - 1, WINDOW_START + 900, []),
        (ago(hours=84), ago(hours=84), [500]),
        (NOW, NOW, [1000]),
        (NOW + 299, NOW + 299, [1000]),
        (ago(hours=84), None, [500]),
        (None, ago(hours=84), [500]),
    ],
)
def test_a_finished_job_of_the_window_has_a_mark_at_its_end(start: Any, finish: Any, places: list[int]) -> None:
    made = job("j", "finished", start, finish)
    made["start_time"] = None if start is None else _time.unix_to_iso(start)
    assert ticks(timeline_of(made, since=WINDOW_START - 86_400)) == places


def test_each_state_has_a_mark_of_its_own() -> None:
    states = [*(state for state in _jobs.STATES if state not in ("unknown", "finished")), "Suspended"]
    jobs = [
        job(state, state, ago(hours=84, minutes=-place), None if state == "in_progress" else ago(hours=70))
        for place, state in enumerate(states)
    ]
    drawn = dict(marks(timeline_of(*jobs)))
    assert drawn.pop("in-progress") == "50%"
    assert drawn == dict.fromkeys(("failed", "finished-with-exception", "partially-finished", "unknown"), "58.3%")
    shapes = re.findall(r'<g id="state-[a-z-]+" class="[a-z -]+">(.+?)</g>', charts.shapes())
    assert len(set(shapes)) == len(_jobs.STATES)


def test_a_running_job_reaches_to_now_and_a_long_one_to_its_end() -> None:
    running = timeline_of(job("j", "in_progress", ago(hours=84)))
    ended = timeline_of(job("j", "finished", ago(hours=84), ago(hours=42)))
    trails = [found.find(".//path[@class='trail']") for found in (running, ended)]
    assert [trail.attrib["d"] for trail in trails if trail is not None] == ["M500 14H1000", "M500 14H750"]


def test_a_job_without_any_time_is_no_mark_and_no_crash() -> None:
    assert marks(timeline_of(job("j", "in_progress"))) == []
    assert told(timeline_of(job("j", "failed"))) == "not known"


def test_what_was_not_kept_is_told_and_hatched() -> None:
    jobs = [job(f"j{hours}", finish=ago(hours=hours)) for hours in range(1, 101)]
    found = timeline_of(*jobs, recent=30)
    assert told(found) == "finished 1 h ago 100 jobs; the newest 30 of 100 drawn"
    hatched = found.find(".//rect[@class='unseen']")
    assert hatched is not None
    assert hatched.attrib["width"] == "81.8%"


def test_a_success_that_is_older_than_the_rows_leaves_the_time_between_unknown() -> None:
    jobs = [job(f"j{hours}", "failed", finish=ago(hours=hours)) for hours in range(1, 101)]
    found = timeline_of(*jobs, job("good", finish=ago(hours=160)), recent=30)
    assert ticks(found) == [47]
    hatched = found.find(".//rect[@class='unseen']")
    assert hatched is not None
    assert hatched.attrib["width"] == "81.8%"


def test_where_all_jobs_were_kept_nothing_is_hatched() -> None:
    assert timeline_of(job("j", finish=ago(hours=1))).find(".//rect[@class='unseen']") is None


def test_counts_that_reach_further_back_than_the_window_say_so() -> None:
    assert "1 job since 2026-11-10T06:00:00Z" in words(timeline_of(job("j", finish=ago(days=9)), since=ago(days=14)))
    assert "1 job of all time" in words(timeline_of(job("j", finish=ago(days=9)), since=None))


def test_a_service_that_could_not_be_read_says_so_in_its_lane_and_why_once() -> None:
    page = report.report(tenants.undetermined())
    assert told(lane(page, "teams")) == "not known"
    reason = "The jobs could not be read: The jobs were refused"
    assert len(re.findall(reason, words(section(page, "backups")))) == 1
    figures = rows(section(page, "backups").find(".//table"))
    assert figures[3] == ["teams", "not known", "not known", *["?"] * 7]


def test_the_figures_stand_below_the_timeline() -> None:
    figures = rows(section(report.report(tenants.failing()), "backups").find(".//table"))
    exchange = ["exchange_online", "2026-11-22T00:57:00Z", "2026-11-24T01:00:00Z failed"]
    assert figures[0] == [*exchange, "14", "0", "10", "4", "0", "0", "0"]
    assert figures[3] == ["teams", "none", "none", *["0"] * 7]


def test_the_jobs_that_did_not_finish_cleanly_are_named() -> None:
    details = section(report.report(tenants.failing()), "backups").find("details")
    assert words(details).startswith("Jobs that did not finish cleanly: 7")
    assert details is not None
    named = rows(details.find("table"))
    assert [row[1] for row in named if row[0] == "onedrive"] == ["partially finished", 'unknown: "Suspended"']
    assert [row[2] for row in named] == sorted((row[2] for row in named), reverse=True)


def test_of_many_such_jobs_the_newest_are_named() -> None:
    jobs = [job(f"j{number:03}", "failed", finish=ago(minutes=number)) for number in range(150)]
    reading = read(group(jobs, recent=150), count(150))
    details = section(page_of(reading, policy={"services": ["teams"]}), "backups").find("details")
    assert words(details).startswith("Jobs that did not finish cleanly: 150, the newest 100 shown")
    assert details is not None
    assert [row[4] for row in rows(details.find("table"))] == [f"j{number:03}" for number in range(100)]


@pytest.mark.parametrize(
    ("days", "names"),
    [
        (1, ["24 Nov"]),
        (7, ["18 Nov", "19 Nov", "20 Nov", "21 Nov", "22 Nov", "23 Nov", "24 Nov"]),
        (14, ["11 Nov", "13 Nov", "15 Nov", "17 Nov", "19 Nov", "21 Nov", "23 Nov"]),
        (365, ["Jan 2026", "Apr 2026", "Jul 2026", "Oct 2026"]),
    ],
)
def test_the_days_of_a_window_are_named_as_far_as_there_is_room(days: int, names: list[str]) -> None:
    assert [name for _place, name in charts.days(NOW - days * 86_400, NOW)] == names


@given(st.integers(1, 10 * 366 * 86_400), st.integers(700_000_000, 4_000_000_000))
def test_every_window_has_days_within_it_and_never_too_many(length: int, now: int) -> None:
    places = [place for place, _name in charts.days(now - length, now)]
    assert len(places) <= 9
    assert places == sorted(places)
    assert all(0 <= place <= 1000 for place in places)


def test_findings_come_worst_first_with_what_to_do() -> None:
    evidence = tenants.failing()
    cards = section(report.report(evidence), "findings").findall("article")
    told = [(words(card.find("div/span")), words(card.find("div/code"))) for card in cards]
    assert [status for status, _check in told] == sorted(
        (status for status, _check in told), key=["FAIL", "ERROR", "WARN", "WAIVED"].index
    )
    assert set(told) == {
        (result["status"].upper(), result["check"])
        for result in evidence["results"]
        if result["status"] not in ("pass", "not_applicable")
    }
    assert {("FAIL", "license_seats"), ("WARN", "license_in_policy"), ("WAIVED", "backup_presence")} <= set(told)
    assert all("What to do:" in words(card) for card in cards)
    recency = rows(cards[told.index(("FAIL", "backup_recency"))].find("table"))
    assert recency[0] == [
        "exchange_online",
        "53 h 3 min ago, 2026-11-22T00:57:00Z",
        "a finished backup within 24h (warning after 12h)",
        "The last finished backup is 53 h 3 min old by its finish.",
        "exch-ffc",
    ]


def test_errors_for_the_same_reason_are_one_card() -> None:
    evidence = tenants.undetermined()
    cards = section(report.report(evidence), "findings").findall("article")
    assert [words(card.find("div/span")) for card in cards] == ["ERROR", "WARN"]
    checks = {result["check"] for result in evidence["results"] if result["status"] == "error"}
    assert words(cards[0].find("div/h3")) == f"{len(checks)} checks could not be judged"
    found = rows(cards[0].find("table"))
    assert found[0][0].startswith("The evidence can be relied on")
    scopes = "exchange_online, sharepoint_online, onedrive, teams"
    assert any(row[0].startswith("Age of the last backup, Backups run at all") and scopes in row[0] for row in found)


def test_many_rows_of_a_check_are_folded() -> None:
    places = _names.LOCATIONS[:17]
    groups = [group([job(place, finish=ago(hours=50))], location=place) for place in places]
    policy = {"services": ["teams"], "locations": list(places)}
    page = page_of(read(*groups, count(17)), policy=policy)
    card = next(card for card in section(page, "findings").findall("article") if words(card.find("div/span")) == "FAIL")
    assert len(rows(card.find("table"))) == 15
    details = card.find("details")
    assert words(details).startswith("2 more rows")
    assert details is not None
    assert [row[0] for row in rows(details.find("table"))] == [f"teams@{place}" for place in places[15:]]


def with_remediation(text: str) -> str:
    evidence = tenants.failing()
    for result in evidence["results"]:
        result["remediation"] = text
    return report.report(evidence)


def test_the_guides_address_becomes_a_link() -> None:
    page = with_remediation(f"Release seats. {GUIDE}#license-seats")
    advice = tree(page).find(".//p[@class='todo']")
    assert words(advice) == "What to do: Release seats. Guide: license-seats"
    links = [link.attrib["href"] for link in tree(page).iter("a") if not link.attrib["href"].startswith("#")]
    assert links
    assert set(links) == {f"{GUIDE}#license-seats"}


@pytest.mark.parametrize(
    "address",
    [
        f"{GUIDE}#a b",
        f"{GUIDE}",
        f'{GUIDE}#a"onclick="x',
        f"{GUIDE}.evil.example#a",
        "https://github.com/other/repository#a",
        f"http{GUIDE[5:]}#a",
        "javascript:alert(1)",
        f"{GUIDE}#a and more",
    ],
)
def test_nothing_else_becomes_a_link(address: str) -> None:
    page = with_remediation(f"Do it. {address}")
    only_its_own_markup(page)
    assert all(link.attrib["href"].startswith("#") for link in tree(page).iter("a"))
    assert address in words(tree(page).find(".//p[@class='todo']"))


def test_what_passed_is_told_once_per_check() -> None:
    evidence = tenants.healthy()
    found = rows(section(report.report(evidence), "seen-to-be-in-order").find("table"))
    assert [row[0].rsplit(" ", 1)[1] for row in found] == list(
        dict.fromkeys(result["check"] for result in evidence["results"] if result["status"] == "pass")
    )
    assert found[3][2].startswith("exchange_online: 1 h ago, 2026-11-24T05:00:00Zsharepoint_online: 2 h ago")
    assert found[4][2] == "exchange_online, sharepoint_online, onedrive, teams: 14 jobs seen"


def test_what_was_not_applicable_is_folded_with_its_reason() -> None:
    details = section(report.report(tenants.undetermined()), "findings").find("details")
    assert words(details).startswith("Not applicable: 1 result")
    assert "The license is not sold by GB" in words(details)


def test_a_control_that_the_policy_does_not_support_is_told() -> None:
    policy = {"window": "30d", "checks": {"backup_recency": {"warn": "8d", "fail": "9d"}}}
    found = rows(section(page_of(healthy(), policy=policy), "controls").find("table"))
    told = {row[0]: row[1] for row in found}
    assert told["CIS v8 11.2 automated backups, weekly or oftener"] == (
        "not supported by this policy: backup_recency fails after 9d, the control says weekly (7d)"
    )
    assert told["HIPAA 164.308(a)(7)(ii)(A) data backup plan"] == "partially"
    assert "A check supports a control, at most" in words(section(page_of(healthy()), "controls"))


def test_waivers_are_shown_with_their_state_and_its_warnings() -> None:
    evidence = tenants.failing()
    evidence["waivers"][0]["warnings"] = ["It is too wide."]
    found = rows(section(report.report(evidence), "waivers").find("table"))
    assert found[0][:4] == ["backup_presence teams", "usedIt is too wide.", "teams", "2026-12-15"]
    assert found[1][0] == "license_storage all"
    assert found[1][1] == "expired" + evidence["waivers"][1]["warnings"][0]


def test_what_was_not_judged_is_told() -> None:
    assert "services microsoft_365_groups, project_online" in words(section(page_of(healthy()), "not-judged"))


def test_how_the_evidence_was_read_is_told() -> None:
    reading = healthy()
    reading["jobs"]["api"] = api(pages=5, retries=2)
    found = rows(section(page_of(reading), "how-the-evidence-was-read").find("table"))
    assert found == [
        ["Outcome", "read", "read"],
        ["URL", "https://graph-us.example.com", "https://graph-us.example.com"],
        ["API", "v1", "v1"],
        ["Client", "0a1b", "0a1b"],
        ["Requests", "2", "2"],
        ["Retries", "0", "2"],
        ["Pages", "not known", "5"],
        ["Server time", "2026-11-24T06:00:00Z", "2026-11-24T06:00:00Z"],
        ["Clock off (s)", "0", "0"],
        ["Ids", "r-1, r-2", "r-1, r-2"],
    ]


def test_errors_of_every_read_are_told() -> None:
    errors = [{"read": "jobs", "message": "timed out"}, {"read": "elsewhere", "message": "gone"}]
    told = section(page_of({**NOTHING_READ, "errors": errors}), "how-the-evidence-was-read")
    assert rows(told.find("table"))[0] == ["Outcome", "not read", "timed out"]
    assert rows(told.findall("table")[1]) == [["elsewhere", "gone"]]


def test_the_page_names_what_made_it() -> None:
    foot = tree(report.report(tenants.healthy())).find("body/footer")
    assert words(foot).startswith("Made by cloudbackup.m365 1.0.0 from the evidence.json beside it")


def test_nothing_but_the_license_is_judged_where_the_policy_says_so() -> None:
    page = report.report(PAGES["no jobs judged"]())
    assert "No check of the jobs is switched on." in words(section(page, "backups"))


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
    yield report.report(evidence)


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
    only_its_own_markup(report.report(evidence))


@given(anything)
def test_a_reading_of_any_shape_still_makes_a_page(reading: Any) -> None:
    page = report.report({**HEALTHY, "read": reading})
    only_its_own_markup(page)
    assert told(lane(page, "teams")) == "not known"


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    parts = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("front", "ground", "ratio"), style.CONTRASTS)
def test_everything_can_be_told_from_its_ground(front: str, ground: str, ratio: float, mode: int) -> None:
    dim, bright = sorted(luminance(style.COLOURS[name][mode]) for name in (front, ground))
    assert (bright + 0.05) / (dim + 0.05) >= ratio


def test_every_colour_of_the_sheet_is_one_of_the_table() -> None:
    sheet = style.sheet()
    assert set(re.findall(r"var\(--([a-z]+)\)", sheet)) == set(style.COLOURS)
    rules = sheet.split("\n", 2)[2]
    assert set(re.findall(r"#[0-9a-f]{3,6}\b", rules)) <= {"#888"}  # borders in print


def test_every_class_of_a_page_has_a_rule() -> None:
    used = set()
    for make in PAGES.values():
        for element in tree(report.report(make())).iter():
            used |= set(element.attrib.get("class", "").split())
    ruled = set(re.findall(r"\.([a-z][a-z-]*)", style.sheet()))
    assert used <= ruled


def test_the_largest_usual_tenant_makes_no_huge_page() -> None:
    assert len(report.report(tenants.fleet())) < 150_000


def test_jobs_at_the_same_place_are_one_mark() -> None:
    jobs = [
        job(f"j{number}", ("failed", "finished")[number % 2], finish=ago(seconds=number)) for number in range(2_000)
    ]
    reading = read(group(jobs, recent=2_000), count(2_000))
    found = lane(page_of(reading, policy={"services": ["teams"]}), "teams")
    assert len(marks(found)) + len(ticks(found)) <= 10
