# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The fleet as fleet.html: one page that needs nothing else, with a matrix of tenants and checks, the worst first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from ..model import wording
from ..model.outcome import STATUSES
from ..reports.html import charts, style
from ..reports.html.markup import SPACE, Html, element, joined, prose
from ..reports.html.markup_tables import table
from . import fleet

_SHAPES = {"compliant": "pass", "non_compliant": "fail", "undetermined": "error", fleet.NOT_JUDGED: "error"}
"""The status whose shape and colour a verdict has."""
_WORDS = {"fail": "fail", "error": "error", "warn": "warn", "waived": "waived", "not_applicable": "n/a", "pass": "ok"}
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_MOST_SCOPES = 12
_NAME = 120

_RULES = """
.wide{max-width:none}
.wide h2,.wide p,.wide section>div{max-width:65rem;margin-left:auto;margin-right:auto}
.wide .reasons p{margin:0 0 .25rem}
.wide section>.matrix{width:max-content;min-width:min(65rem,100%);max-width:100%}
.matrix{overflow:auto;max-height:85vh;border:1px solid var(--line);border-radius:.5rem}
.matrix table{margin:0;width:auto;font-size:.8125rem;border-collapse:separate;border-spacing:0}
.matrix caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.matrix th,.matrix td{padding:.25rem .4rem;white-space:nowrap;vertical-align:middle}
.matrix thead th{position:sticky;top:0;z-index:1;background:var(--panel);vertical-align:bottom;color:var(--ink)}
.matrix thead th{font-weight:500;height:11rem}
.matrix thead th+th+th{white-space:normal}
.matrix thead th+th+th span{writing-mode:vertical-rl;transform:rotate(180deg);max-height:10.5rem}
.matrix tbody th,.matrix thead th:first-child{position:sticky;left:0;background:var(--paper);padding-left:.75rem}
.matrix thead th:first-child{z-index:2;background:var(--panel)}
.matrix tbody th{max-width:18rem;overflow:hidden;text-overflow:ellipsis}
.matrix td{text-align:center;border-left:1px solid var(--line);min-width:2.9rem}
.matrix tbody th+td{text-align:left;font-weight:600;border-left:0}
.matrix tbody th+td a{color:inherit}
.matrix td+td.fail,.matrix td+td.error,.matrix td+td.warn{background:currentColor;font-weight:600}
.matrix td+td.fail span,.matrix td+td.error span,.matrix td+td.warn span{color:var(--paper)}
.reasons th:nth-child(1){width:22%}.reasons th:nth-child(2){width:14%}
.matrix td.not-applicable,.matrix td.unknown{color:var(--soft)}
@media screen and (max-width:46rem){.matrix tbody th{max-width:9rem}.wide{padding-left:.5rem;padding-right:.5rem}}
@media print{
@page{size:landscape}
.matrix{max-height:none;overflow:visible;border:0}
.matrix table{font-size:6.5pt}
.matrix th,.matrix td{padding:.1rem .2rem}
.matrix td{min-width:0}
.matrix thead th,.matrix tbody th{position:static}
.matrix td{print-color-adjust:exact;-webkit-print-color-adjust:exact}
}
"""


def report(content: Mapping[str, Any]) -> str:
    """The whole page. ``content`` is that of fleet.json."""
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", f"Backup compliance of {_total(content)}: {fleet.LABELS[content['verdict']]}"),
        element("style", Html(style.sheet() + _RULES)),
    )
    main = element("main", _matrix(content), _reasons(content), class_="wide")
    body = element("body", charts.shapes(), _top(content), main, _foot(content))
    return f"<!DOCTYPE html>\n{element('html', head, body, lang='en')}\n"


def _top(content: Mapping[str, Any]) -> Html:
    status = _SHAPES[content["verdict"]]
    banner = element(
        "div",
        charts.status_shape(status),
        element(
            "div",
            element("p", fleet.LABELS[content["verdict"]], class_="word"),
            element("p", content["reason"], class_="reason"),
        ),
        class_=f"verdict {status}",
    )
    instants = sorted(row["evaluated_at"] for row in content["tenants"] if row["evaluated_at"])
    facts = {
        "Judged": f"{instants[0]} to {instants[-1]}" if instants else "none",
        "Made at": content["made_at"],
        **({"Limited to": content["limit"]} if content["limit"] else {}),
    }
    return element(
        "header",
        element("p", "Cloud Backup for Microsoft 365", class_="kicker"),
        element("h1", f"Backup compliance of {_total(content)}"),
        banner,
        element(
            "dl",
            *(element("div", element("dt", word), element("dd", prose(value))) for word, value in facts.items()),
            class_="facts",
        ),
        element(
            "ul",
            *(_chip(verdict, content["counts"][verdict]) for verdict in fleet.VERDICTS),
            class_="chips",
            aria_label="Tenants by verdict",
        ),
    )


def _chip(verdict: str, count: int) -> Html:
    status = _SHAPES[verdict]
    return element("li", charts.status_shape(status), f"{count} {_words(verdict)}", class_=status if count else "none")


def _matrix(content: Mapping[str, Any]) -> Html:
    names = ["Tenant", "Verdict", *(check["title"] for check in content["checks"])]
    head = element("tr", *(element("th", element("span", name), scope="col") for name in names))
    rows = (_matrix_row(place, row, content["checks"]) for place, row in enumerate(content["tenants"]))
    matrix = element(
        "table",
        element("caption", "The worst status of each check over its scopes, by tenant, the worst tenants first."),
        element("thead", head),
        element("tbody", joined(rows)),
    )
    told = "Each field is the worst status over the check's scopes; point at one to see which."
    return element(
        "section",
        element("h2", "Tenants and checks", id="matrix"),
        element("p", told, class_="soft small"),
        element("div", matrix, class_="matrix", role="region", aria_labelledby="matrix", tabindex=0),
        aria_labelledby="matrix",
    )


def _matrix_row(place: int, row: Mapping[str, Any], checks: list[Mapping[str, Any]]) -> Html:
    verdict = _words(row["verdict"])
    return element(
        "tr",
        element("th", _link(row), scope="row", title=row["subject"]),
        element(
            "td",
            element("a", verdict, href=f"#tenant-{place}") if fleet.is_red(row) else verdict,
            class_=_SHAPES[row["verdict"]],
        ),
        *(_cell(check["title"], row["checks"].get(check["check"])) for check in checks),
    )


def _cell(title: str, found: Mapping[str, Any] | None) -> Html:
    if found is None:
        return element("td", element("span", "-"), class_="unknown", title=f"{title}: not judged")
    status = found["status"]
    told = f"{title}: {status.replace('_', ' ')}"
    if found["scopes"]:
        told += f" ({wording.listed(found['scopes'], _MOST_SCOPES)})"
    return element("td", element("span", _WORDS[status]), class_=status.replace("_", "-"), title=told)


def _link(row: Mapping[str, Any]) -> Html:
    name = element("bdi", wording.one_line(row["subject"], _NAME))
    return element("a", name, href=quote(row["report"])) if row["report"] else name


def _reasons(content: Mapping[str, Any]) -> Html:
    red = [(place, row) for place, row in enumerate(content["tenants"]) if fleet.is_red(row)]
    rows = [
        [
            element("span", _link(row), id=f"tenant-{place}"),
            element("span", _words(row["verdict"]), class_=_SHAPES[row["verdict"]]),
            joined([element("p", prose(told)) for told in (row["doubt"], row["reason"], *row["worst"]) if told]),
        ]
        for place, row in red
    ]
    found = table("What is red, and why.", ("Tenant", "Verdict", "Why"), rows, "stack reasons") if rows else "None."
    return element("section", element("h2", "Red tenants", id="red"), element("div", found), aria_labelledby="red")


def _foot(content: Mapping[str, Any]) -> Html:
    collection = content["collection"]
    made = f"Made by {collection['name']} {collection['version']} from the {fleet.FLEET_FILE} beside it."
    legend = joined(
        (element("span", _WORDS[status], SPACE, "is", SPACE, status.replace("_", " ")) for status in STATUSES), ", "
    )
    return element("footer", element("p", made, SPACE, legend, "; - is not judged."))


def _words(verdict: str) -> str:
    return fleet.LABELS[verdict].lower()


def _total(content: Mapping[str, Any]) -> str:
    return wording.amount(len(content["tenants"]), "tenant")
