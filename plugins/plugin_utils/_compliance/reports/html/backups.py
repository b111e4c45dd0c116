# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The data that was read, for the page: the license as gauges, the backups as a timeline with their counts."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from ansible_collections.cloudbackup.m365.plugins.module_utils import _time

from ...model import durations, jobs, wording
from ..fact_types import Facts, Measure, Service
from . import charts


class GaugeCard(NamedTuple):
    name: str
    figure: str
    of: str
    """The whole that the figure is a part of; empty if ``figure`` is the reason why there is none."""
    exceeded: bool
    sentence: str
    drawn: charts.Gauge | None


class Lane(NamedTuple):
    """The backups of one service: a lane of the timeline, and a row of the table of jobs by state."""

    scope: str
    drawn: charts.Strip
    in_words: str
    """The drawing, for screen readers."""
    counts: list[str]
    """All jobs, then by state."""
    age: str = "not known"
    """Of the last finished backup."""
    jobs: str = ""
    finished: str = "not known"
    completed: str = "not known"
    completed_state: str = ""
    """Empty if no backup completed."""


def gauges(facts: Facts) -> list[GaugeCard]:
    return [_gauge(measure) for measure in facts.license.measures] if facts.license else []


def doubts(facts: Facts) -> list[tuple[str, str]]:
    """Services whose backups are unknown, and the common reason, such as a failed read."""
    scopes: dict[str, list[str]] = {}
    for service in facts.services:
        if service.group is None:
            scopes.setdefault(service.doubt, []).append(service.scope)
    return [(", ".join(names), doubt) for doubt, names in scopes.items()]


def lanes(facts: Facts) -> list[Lane]:
    return [_lane(service, facts.start, facts.end) for service in facts.services]


def unclean(facts: Facts) -> list[tuple[str, str, str, str, str]]:
    """Service, state, start, finish and id of each job that did not finish cleanly, the newest first."""
    found = [
        (job, service.scope)
        for service in facts.services
        for job in (service.group.kept if service.group else ())
        if job.state not in ("finished", "in_progress")
    ]
    found.sort(key=lambda pair: (-(pair[0].start or 0), pair[1], pair[0].id))
    return [(scope, _state(job), _shown(job.start), _shown(job.finish), job.id) for job, scope in found]


def _gauge(measure: Measure) -> GaugeCard:
    drawn = charts.gauge(measure.percent)
    if measure.percent is None:
        figures = f"In use: {_known(measure.used)}. Purchased: {_known(measure.purchased)}"
        sentence = f"{measure.note} {figures}."
        return GaugeCard(measure.name, measure.without, "", measure.exceeded, sentence, drawn)
    used, purchased = int(str(measure.used)), int(str(measure.purchased))
    rest = f"{used - purchased} more than purchased" if measure.exceeded else f"{purchased - used} left"
    sentence = f"{_percent(measure.percent)} of the purchased {measure.unit} in use, {rest}."
    return GaugeCard(measure.name, str(used), f"of {purchased} {measure.unit}", measure.exceeded, sentence, drawn)


def _lane(service: Service, start: int, now: int) -> Lane:
    scope, group = service.scope, service.group
    if group is None:
        return Lane(scope, charts.strip((), start, now, now), f"{scope}: not known", ["?"] * (1 + len(jobs.STATES)))
    finished, completed = service.last_finished, service.last_completed
    return Lane(
        scope,
        charts.strip(group.kept, start, now, service.all_since),
        f"{scope}: {', '.join(f'{group.by_state[state]} {_words(state)}' for state in jobs.STATES)}",
        [str(group.total), *(str(group.by_state[state]) for state in jobs.STATES)],
        f"finished {durations.words(max(0, now - finished.ended))} ago" if finished else "none finished",
        _count(group),
        _shown(finished.ended) if finished else "none",
        _shown(completed.ended) if completed else "none",
        _words(completed.state) if completed else "",
    )


def _count(group: jobs.Group) -> str:
    bad = [f"{group.by_state[state]} {state}" for state in ("failed", "unknown") if group.by_state[state]]
    counts = ", ".join([wording.amount(group.total, "job"), *bad])
    return (
        counts if len(group.kept) == group.total else f"{counts}; the newest {len(group.kept)} of {group.total} drawn"
    )


def _state(job: jobs.Job) -> str:
    return _words(job.state) if job.state != "unknown" else f"unknown: {wording.found(job.state_text)}"


def _words(state: str) -> str:
    return state.replace("_", " ")


def _shown(instant: int | None) -> str:
    return "not known" if instant is None else _time.unix_to_iso(instant)


def _known(value: object) -> str:
    return "not known" if value is None else wording.found(value)


def _percent(value: Fraction) -> str:
    """Return a percentage with one decimal, from the exact value."""
    whole, tenth = divmod(round(value * 10), 10)
    return f"{whole}.{tenth} %" if tenth else f"{whole} %"
