# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""period.html: a calendar for each tenant with a cell for each day, and what else is asked. Data is never markup."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.cloudbackup.m365.plugins.action import compliance_period
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.model.subject import directory_name
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.period import period_page
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reports.html import renderer
from ansible_collections.cloudbackup.m365.tests.unit.controller.steps import run_step
from ansible_collections.cloudbackup.m365.tests.unit.period import recorded_years
from ansible_collections.cloudbackup.m365.tests.unit.reports.html_pages import only_its_own_markup, rows, tree, words
from ansible_collections.cloudbackup.m365.tests.unit.reports.test_pack import HOSTILE

STYLE = Path(renderer.__file__).with_name("templates").joinpath("style.css").read_text(encoding="utf-8")


def page_of(folder: Path, start: str = "2026-01-01", end: str = "2026-12-31", **given: Any) -> str:
    arguments = {"report_dir": str(folder), "start": start, "end": end, "now": "2026-12-20T12:00:00Z", **given}
    result = run_step(compliance_period, {}, **arguments)
    return Path(result["files"][0]).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A year of four tenants, one of each standing."""
    folder = tmp_path_factory.mktemp("tenants") / "reports"
    recorded_years.write(folder, "contoso", recorded_years.chained(recorded_years.year(0)))
    broken = recorded_years.chained(recorded_years.year(1, subject="fabrikam"))
    recorded_years.write(folder, "fabrikam", [*broken[:200], *broken[201:]])
    daily = recorded_years.daily("2026-01-01", 360, "northwind")
    recorded_years.write(folder, "northwind", recorded_years.chained(daily))
    return page_of(folder, tenants=["litware"])


def tenant(page: str, subject: str) -> Any:
    return next(one for one in tree(page).iterfind(".//section[@class='tenant']") if words(one.find("h2")) == subject)


def test_the_page_needs_nothing_from_elsewhere_and_has_no_script(page: str) -> None:
    only_its_own_markup(page)
    assert 'http-equiv="Content-Security-Policy"' in page[:200]
    assert "<script" not in page


def test_the_verdict_comes_first_and_the_worst_tenants(page: str) -> None:
    root = tree(page)
    assert words(root.find("head/title")) == "Backup compliance from 2026-01-01 to 2026-12-31: NO EVIDENCE"
    assert words(root.find(".//p[@class='word']")) == "NO EVIDENCE"
    assert [words(one.find("h2")) for one in root.iterfind(".//section[@class='tenant']")] == [
        *("litware", "fabrikam", "contoso", "northwind")
    ]
    assert [row[1] for row in rows(root.find(".//section[@aria-labelledby='tenants']/table"))] == [
        *("no evidence", "broken chain", "gaps", "proven")
    ]


@pytest.mark.parametrize("subject", ["contoso", "fabrikam", "northwind", "litware"])
def test_each_day_is_a_cell_with_a_colour_a_sign_and_a_word(subject: str, page: str) -> None:
    calendar = tenant(page, subject).find("div[@class='calendar']")
    assert len(calendar.findall("table")) == 12
    assert words(calendar.find("table/caption")) == "January 2026"
    cells = [cell for cell in calendar.iter("td") if "class" in cell.attrib]
    assert len(cells) == 365
    dates = [cell.attrib["title"].partition(": ")[0] for cell in cells]
    assert dates == sorted(set(dates))
    for cell in cells:
        assert cell.find("svg/use").attrib["href"] == f"#status-{cell.attrib['class']}"
        assert cell.attrib["aria-label"] == cell.attrib["title"]
        assert words(cell) == str(int(cell.attrib["title"][8:10]))
    # 20 December is not over
    not_yet = 11 if subject in ("contoso", "northwind") else 12
    assert Counter(cell.attrib["class"] for cell in cells)["not-yet"] == not_yet


def test_the_weekdays_are_those_of_the_year(page: str) -> None:
    month = tenant(page, "northwind").find("div[@class='calendar']/table")
    first = [words(cell) for cell in month.find("tbody/tr")]
    # 1 January 2026 is a Thursday
    assert first == ["", "", "", "1", "2", "3", "4"]


def test_every_sign_has_its_words_in_the_legend(page: str) -> None:
    legend = tenant(page, "contoso").find("ul")
    assert [words(item) for item in legend] == [
        *("compliant", "non-compliant", "undetermined", "not proven: no run that counts", "not yet over")
    ]


def test_headings_tables_and_ids_are_in_order(page: str) -> None:
    elements = list(tree(page).iter())
    levels = [int(element.tag[1]) for element in elements if re.fullmatch("h[1-6]", element.tag)]
    assert (levels[0], levels.count(1), max(levels)) == (1, 1, 3)
    ids = [element.attrib["id"] for element in elements if "id" in element.attrib]
    assert len(ids) == len(set(ids))
    referred = {element.attrib["href"][1:] for element in elements if element.attrib.get("href", "").startswith("#")}
    referred |= {element.attrib["aria-labelledby"] for element in elements if "aria-labelledby" in element.attrib}
    assert referred <= set(ids)
    for element in elements:
        if element.tag == "table":
            assert words(element.find("caption"))
            assert all(cell.attrib["scope"] == "col" for cell in element.findall("thead/tr/th"))


def test_every_class_has_a_rule(page: str) -> None:
    used = {name for element in tree(page).iter() for name in element.attrib.get("class", "").split()}
    assert used <= set(re.findall(r"\.([a-z][a-z-]*)", STYLE))


def test_nothing_from_outside_is_markup(tmp_path: Path) -> None:
    statuses = {(HOSTILE, HOSTILE): "waived"}
    waiver = {"check": HOSTILE, "scope": "all", "approver": HOSTILE, "expires": HOSTILE, "state": "used"}
    runs = [{**one, "waivers": [waiver]} for one in recorded_years.daily("2026-01-01", 3, HOSTILE, statuses=statuses)]
    recorded_years.write(tmp_path / "reports", directory_name(HOSTILE), recorded_years.chained(runs))
    page = page_of(tmp_path / "reports", end="2026-01-31", tenants=[HOSTILE + "2"])
    only_its_own_markup(page)
    assert page.count("&lt;script&gt;") >= 6


def test_long_tables_are_cut_and_say_so(tmp_path: Path) -> None:
    runs = recorded_years.daily("2026-01-01", 1, statuses={("success_rate", f"site {n}"): "fail" for n in range(500)})
    recorded_years.write(tmp_path / "reports", "contoso", recorded_years.chained(runs))
    page = page_of(tmp_path / "reports", end="2026-01-31")
    table = tenant(page, "contoso").find("table[@class='stack episodes']")
    assert len(rows(table)) == period_page.MOST_ROWS
    assert "The first 100 of 500 are shown. period.json has all of them." in words(tenant(page, "contoso"))


def test_ten_tenants_and_a_year_make_no_huge_page(tmp_path: Path) -> None:
    for number in range(10):
        daily = recorded_years.daily("2026-01-01", 365, f"tenant{number}")
        recorded_years.write(tmp_path / "reports", f"tenant{number}", recorded_years.chained(daily))
    assert len(page_of(tmp_path / "reports")) < 1_000_000
