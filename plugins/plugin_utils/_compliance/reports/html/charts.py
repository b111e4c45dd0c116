# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The drawings of the page: gauges, the timeline, and the shapes that stand for a status or a state.

They scale with the page without being distorted: places along a line are shares of its length. Every drawing has its
figures in words beside it.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from ansible_collections.cloudbackup.m365.plugins.module_utils import _time

from ...model.jobs import STATES, Job
from .markup import Html, element

_WHOLE = 1_000
"""Steps in a strip of the timeline: two marks of a state in one step are drawn as one."""
_MARGIN = 20
"""Steps from an end within which the name of a day would reach beyond the page."""
_TRAIL = 5
"""Steps that a job must have taken for its duration to be seen."""
_HEIGHT = 28
_MOST_DAYS = 8
_STEPS = [_time.DAY * days for days in (1, 2, 7, 14, 28, 91, 182, 364, 728)]
"""Seconds between two named days; the last serves a window of ten years, the longest one."""
_YEARS_FROM = _time.DAY * 91
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_STATUS_SHAPES = {
    "pass": '<circle cx="8" cy="8" r="7"/><path d="M4.6 8.3l2.4 2.4 4.5-5"/>',
    "fail": '<path d="M5.1 1h5.8L15 5.1v5.8L10.9 15H5.1L1 10.9V5.1z"/><path d="M5.5 5.5l5 5M10.5 5.5l-5 5"/>',
    "error": '<path d="M8 .9L15.1 8 8 15.1.9 8z"/><path d="M6.3 6.5a1.8 1.8 0 1 1 2.6 1.6q-.9.5-.9 1.2M8 11.4v.1"/>',
    "warn": '<path d="M8 1.5L15 14H1z"/><path d="M8 6v4M8 12v.1"/>',
    "waived": '<circle cx="8" cy="8" r="7"/><path d="M8 1a7 7 0 0 1 0 14z" fill="currentColor"/>',
    "not_applicable": '<circle cx="8" cy="8" r="7"/><path d="M5 8h6"/>',
}
"""In a square of 16."""

_STATE_SHAPES = {
    "finished": '<path d="M0-7V7"/>',
    "failed": '<path class="halo" d="M-4.5-4.5l9 9M4.5-4.5l-9 9"/><path d="M-4.5-4.5l9 9M4.5-4.5l-9 9"/>',
    "finished_with_exception": '<path d="M0-5L5 4H-5z"/>',
    "partially_finished": '<path d="M0-6L6 0 0 6-6 0z"/>',
    "unknown": '<path d="M-4.5-4.5h9v9h-9z"/><path d="M0-1.5v3"/>',
    "in_progress": '<circle r="4.5"/>',
}
"""Around 0, 0."""

_PATTERNS = (
    '<pattern id="stripes" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<path class="stripes-ground" d="M0 0h8v8H0z"/><path class="stripes-line" d="M0 0v8"/></pattern>'
    '<pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<path class="hatch-line" d="M0 0v6"/></pattern>'
)


def shapes() -> Html:
    """Every shape once; the page uses them by name."""
    statuses = "".join(
        f'<symbol id="status-{_css(name)}" viewBox="0 0 16 16">{shape}</symbol>'
        for name, shape in _STATUS_SHAPES.items()
    )
    states = "".join(
        f'<g id="state-{_css(name)}" class="mark {_css(name)}">{shape}</g>' for name, shape in _STATE_SHAPES.items()
    )
    return Html(f'<svg class="defs" aria-hidden="true"><defs>{statuses}{states}{_PATTERNS}</defs></svg>')


def status_shape(status: str) -> Html:
    return Html(f'<svg class="icon" aria-hidden="true"><use href="#status-{_css(status)}"></use></svg>')


def state_shape(state: str) -> Html:
    used = f'<use href="#state-{_css(state)}"></use>'
    return Html(f'<svg viewBox="-8 -9 16 18" aria-hidden="true">{used}</svg>')


def unseen_shape() -> Html:
    rect = '<rect class="unseen" x="-8" y="-7" width="16" height="14"></rect>'
    return Html(f'<svg viewBox="-8 -9 16 18" aria-hidden="true">{rect}</svg>')


def gauge(percent: Fraction | None, told: str) -> Html:
    """How much of what was purchased is in use. Beyond 100 % the whole line is what is used, with a mark at 100 %."""
    if percent is None:
        drawn = '<rect class="empty" x="1" y="5" width="99.5%" height="16" rx="3"></rect>'
    elif percent <= 100:
        drawn = _bar("rail", 0, Fraction(100)) + _bar("used", 0, percent) + _limit(Fraction(100))
    else:
        limit = 10_000 / percent
        excess = _bar("excess", limit, 100 - limit) + _bar("excess-edge", limit, 100 - limit)
        drawn = _bar("used", 0, limit) + excess + _limit(limit)
    return element("svg", Html(drawn), class_="gauge", role="img", aria_label=told)


def strip(jobs: Iterable[Job], start: int, now: int, all_since: int | None, told: str) -> Html:
    """The jobs that started between two instants, each at its end, or at its start while it runs.

    ``all_since``: jobs that started earlier may be missing; that part is hatched. None: none is missing.
    """
    places: dict[str, set[int]] = {state: set() for state in STATES}
    trails = []
    for job in jobs:
        began = job.start if job.start is not None else job.finish
        if began is None or not start <= began <= now + _time.CLOCK_TOLERANCE:
            continue
        running = job.state == "in_progress"
        first, last = _place(began, start, now), _place(now if running else job.ended, start, now)
        places[job.state].add(first if running else last)
        if last - first >= _TRAIL:
            trails.append((first, last))
    lines = [
        _path("day", (f"M{place} 0V{_HEIGHT}" for place, _label in days(start, now))),
        _path("trail", (f"M{first} 14H{last}" for first, last in sorted(set(trails)))),
        _path("ticks", (f"M{place} 6V22" for place in sorted(places.pop("finished")))),
    ]
    marks = (
        f'<use href="#state-{_css(state)}" x="{_share(place)}" y="14"></use>'
        for state, found in places.items()
        for place in sorted(found)
    )
    unseen = _share(0 if all_since is None else _place(all_since, start, now))
    return element(
        "svg",
        Html(f'<rect class="ground" width="100%" height="{_HEIGHT}" rx="3"></rect>'),
        Html(f'<rect class="unseen" width="{unseen}" height="{_HEIGHT}"></rect>' if unseen != "0%" else ""),
        _stretched(lines),
        Html("".join(marks)),
        class_="strip",
        role="img",
        aria_label=told,
    )


def axis(start: int, now: int) -> Html:
    """The days of a window, in UTC."""
    names = (
        f'<text x="{_share(place)}" y="13" text-anchor="middle">{name}</text>'
        for place, name in days(start, now)
        if _MARGIN <= place <= _WHOLE - _MARGIN
    )
    return Html(f'<svg class="axis" aria-hidden="true">{"".join(names)}</svg>')


def days(start: int, now: int) -> list[tuple[int, str]]:
    """Where days begin in a window, and which: so many of them that their names can be read."""
    step = next((step for step in _STEPS if (now - start) // step < _MOST_DAYS), _STEPS[-1])
    first = start - start % step + step if start % step else start
    return [(_place(day, start, now), _day(day, step)) for day in range(first, now + 1, step)]


def _day(instant: int, step: int) -> str:
    year, month, day = _time.unix_to_date(instant).split("-")
    name = _MONTHS[int(month) - 1]
    return f"{int(day)} {name}" if step < _YEARS_FROM else f"{name} {year}"


def _place(instant: int, start: int, now: int) -> int:
    """How far along the window an instant lies, in steps."""
    return min(max(_WHOLE * (instant - start) // (now - start), 0), _WHOLE)


def _share(place: int) -> str:
    return f"{place // 10}.{place % 10}%".replace(".0%", "%")


def _stretched(paths: Iterable[str]) -> Html:
    """Lines that are drawn in steps and stretched to the width of the page."""
    box = f'viewBox="0 0 {_WHOLE} {_HEIGHT}" width="100%" height="{_HEIGHT}" preserveAspectRatio="none"'
    return Html(f"<svg {box}>{''.join(paths)}</svg>")


def _path(name: str, steps: Iterable[str]) -> str:
    drawn = "".join(steps)
    return f'<path class="{name}" d="{drawn}"></path>' if drawn else ""


def _bar(name: str, begin: Fraction | int, length: Fraction) -> str:
    return f'<rect class="{name}" x="{_exact(begin)}" y="5" width="{_exact(length)}" height="16"></rect>'


def _limit(at: Fraction) -> str:
    anchor = "end" if at > 15 else "start"
    label = f'<text x="{_exact(at)}" y="38" text-anchor="{anchor}">100 %</text>'
    return f'<line class="limit" x1="{_exact(at)}" x2="{_exact(at)}" y1="0" y2="26"></line>{label}'


def _exact(percent: Fraction | int) -> str:
    return _share(round(percent * 10))


def _css(name: str) -> str:
    return name.replace("_", "-")
