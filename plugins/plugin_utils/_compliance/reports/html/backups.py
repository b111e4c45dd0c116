# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""What was read, to look at: the license as gauges, the backups as a timeline with their figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from ansible_collections.cloudbackup.m365.plugins.module_utils import _time

from ...model import durations, jobs, wording
from ...model.outcome import CannotTell
from ...model.policy import Policy
from ...reading import results
from .. import facts as _tables
from . import charts
from .markup import SPACE, Html, element, joined, prose
from .markup_tables import scrolled, table

_MOST_JOBS = 100
"""Single jobs that a page names; evidence.json holds all that were kept."""


def license_cards(evidence: Mapping[str, Any]) -> Html:
    """Seats, storage and whether the license is in policy, or why it cannot be told."""
    try:
        license_ = results.parse(evidence["read"]).license()
    except CannotTell as doubt:
        return element("p", str(doubt))
    return element("div", *map(_gauge, _tables.measures(license_)), _standing(license_), class_="cards")


def timeline(evidence: Mapping[str, Any], policy: Policy) -> Html:
    """A lane per service, the figures, and the jobs that did not finish cleanly."""
    services = _tables.services(evidence, policy)
    if not services:
        return element("p", "No check of the jobs is switched on.")
    now = _time.unix_from_iso(evidence["evaluated_at"])
    start = now - policy.window
    days = element("div", element("span"), charts.axis(start, now), element("span"), class_="lane head")
    return joined(
        [
            element(
                "p",
                "Each job of the window at its end, or at its start while it runs. Days begin at 00:00 UTC.",
                class_="soft small",
            ),
            *_doubts(services),
            element("div", days, *(_lane(service, start, now) for service in services), class_="timeline"),
            _legend(),
            _figures(services, start),
            _unclean(services),
        ]
    )


def _gauge(measure: _tables.Measure) -> Html:
    if measure.percent is None:
        figures = f"In use: {_known(measure.used)}. Purchased: {_known(measure.purchased)}"
        figure, told = element("span", measure.without), f"{measure.note} {figures}."
    else:
        # With a percent both are counts
        used, purchased = int(str(measure.used)), int(str(measure.purchased))
        figure = joined([str(used), SPACE, element("small", f"of {purchased} {measure.unit}")])
        rest = f"{used - purchased} more than purchased" if measure.exceeded else f"{purchased - used} left"
        told = f"{_percent(measure.percent)} of the purchased {measure.unit} in use, {rest}."
    over = element("span", charts.status_shape("fail"), SPACE, "OVER", class_="over") if measure.exceeded else ""
    return element(
        "article",
        element("div", element("h3", measure.name), over, class_="card-head"),
        element("p", figure, class_="figure"),
        charts.gauge(measure.percent, f"{measure.name}: {told}"),
        element("p", told, class_="small"),
        class_="card",
    )


def _standing(license_: Mapping[str, Any]) -> Html:
    """Whether the license is in policy, in the words of the answer: what that means is the matter of a check."""
    out, at = license_.get("out_of_policy"), _tables.out_of_policy_at(license_)
    known = {True: "Out of policy", False: "In policy"}.get(out) if isinstance(out, bool) else None
    return element(
        "article",
        element("h3", "Standing"),
        element("p", known or "Not known", class_="figure"),
        element("p", prose(f"Out of policy at: {at}"), class_="small"),
        class_="card",
    )


def _doubts(services: Iterable[_tables.Service]) -> list[Html]:
    """Why backups are not known, each reason once: a failed read is the same one for all services."""
    scopes: dict[str, list[str]] = {}
    for service in services:
        if service.group is None:
            scopes.setdefault(service.doubt, []).append(service.scope)
    return [
        element(
            "p",
            charts.status_shape("error"),
            SPACE,
            element("b", f"Not known of {', '.join(names)}:"),
            SPACE,
            doubt,
        )
        for doubt, names in scopes.items()
    ]


def _lane(service: _tables.Service, start: int, now: int) -> Html:
    group = service.group
    if group is None:
        drawn = charts.strip((), start, now, now, f"{service.scope}: not known")
        told = element("b", "not known")
    else:
        in_words = f"{service.scope}: {_counts(group)}"
        drawn = charts.strip(group.kept, start, now, service.all_since, in_words)
        last = service.last(["finished"])
        age = f"finished {durations.words(max(0, now - last.ended))} ago" if last else "none finished"
        told = joined([element("b", age), SPACE, _drawn(group, start)])
    return element(
        "div",
        element("div", prose(service.scope), class_="who"),
        drawn,
        element("div", told, class_="told"),
        class_="lane",
    )


def _drawn(group: jobs.Group, start: int) -> str:
    bad = [f"{group.by_state[state]} {state}" for state in ("failed", "unknown") if group.by_state[state]]
    told = ", ".join([f"{wording.amount(group.total, 'job')}{_since(group, start)}", *bad])
    return told if len(group.kept) == group.total else f"{told}; the newest {len(group.kept)} of {group.total} drawn"


def _since(group: jobs.Group, start: int) -> str:
    """Said only where the answer reaches further back than the window: then its counts do too."""
    if group.since is None:
        return " of all time"
    return f" since {_time.unix_to_iso(group.since)}" if group.since < start else ""


def _counts(group: jobs.Group) -> str:
    return ", ".join(f"{group.by_state[state]} {_tables.words(state)}" for state in jobs.STATES)


def _legend() -> Html:
    states = [element("li", charts.state_shape(state), _tables.words(state)) for state in jobs.STATES]
    unseen = element("li", charts.unseen_shape(), "not known, or older than the jobs that were kept")
    return element("ul", *states, unseen, class_="legend")


def _figures(services: Sequence[_tables.Service], start: int) -> Html:
    columns = ["Service", "Last finished", "Last completed", "Jobs", *map(_tables.words, jobs.STATES)]
    rows: list[list[object]] = []
    for service in services:
        group = service.group
        if group is None:
            rows.append([service.scope, "not known", "not known", *("?" for _column in columns[3:])])
            continue
        success, completed = service.last(["finished"]), service.last(_tables.COMPLETED)
        counts = (group.by_state[state] for state in jobs.STATES)
        ends = (_at(success.ended) if success else "none", _ended(completed) if completed else "none")
        rows.append([service.scope, *ends, f"{group.total}{_since(group, start)}", *counts])
    return scrolled("Backup jobs by state", table("The same in figures: jobs by state.", columns, rows, "figures"))


def _unclean(services: Iterable[_tables.Service]) -> Html:
    """The jobs that a look at the timeline asks about; empty without any."""
    found = [
        (job, service.scope)
        for service in services
        for job in (service.group.kept if service.group else ())
        if job.state not in ("finished", "in_progress")
    ]
    if not found:
        return Html()
    found.sort(key=lambda pair: (-(pair[0].start or 0), pair[1], pair[0].id))
    rows = [
        [scope, _state(job), _at(job.start), _at(job.finish), element("code", job.id)]
        for job, scope in found[:_MOST_JOBS]
    ]
    more = f", the newest {_MOST_JOBS} shown" if len(found) > _MOST_JOBS else ""
    columns = ("Service", "State", "Start", "Finish", "Job")
    return element(
        "details",
        element("summary", f"Jobs that did not finish cleanly: {len(found)}{more}"),
        table("Newest first, of the jobs that were kept in evidence.json.", columns, rows, "stack jobs"),
    )


def _ended(job: jobs.Job) -> Html:
    return element("span", _at(job.ended), SPACE, element("small", _tables.words(job.state)))


def _state(job: jobs.Job) -> str:
    return _tables.words(job.state) if job.state != "unknown" else f"unknown: {wording.found(job.state_text)}"


def _at(instant: int | None) -> Html:
    return (
        element("span", "not known") if instant is None else element("span", _time.unix_to_iso(instant), class_="whole")
    )


def _known(value: object) -> str:
    return "not known" if value is None else wording.found(value)


def _percent(value: Fraction) -> str:
    """To one decimal, from the exact figure."""
    whole, tenth = divmod(round(value * 10), 10)
    return f"{whole}.{tenth} %" if tenth else f"{whole} %"
