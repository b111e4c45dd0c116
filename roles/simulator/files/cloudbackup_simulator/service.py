# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The service of one tenant: answers requests."""

from __future__ import annotations

import base64
import collections
import dataclasses
import re
import threading
import urllib.parse
from collections.abc import Mapping
from typing import Any, Callable

from . import facts, values
from .authority import Authority, Refusal
from .exchange import Answer, Request
from .fault_answers import Moment
from .faults import Fault
from .habits import FILTER_NAMES, read_habits
from .selection import Filters, Slices, select_jobs, select_slices
from .tenant import CONTENT_OPTIONS, build_tenant
from .wire import GENERATIONS, FirstGeneration, Page, SecondGeneration

_LARGEST_INT = 2**31 - 1
_RECORDED_REQUESTS = 10_000


class BadParameter(Exception):
    """A query parameter is invalid."""


class Service:
    """Answers one tenant's requests, and records them."""

    def __init__(
        self,
        options: Mapping[str, Any],
        now: int,
        authority: Authority,
        url: str,
        other_origin: str,
        stopping: threading.Event,
    ) -> None:
        self.habits = read_habits(values.MAPPING.read("habits", options.get("habits")))
        self.authority = authority
        self.other_origin = other_origin
        self.stopping = stopping
        self.requests: collections.deque[Request] = collections.deque(maxlen=_RECORDED_REQUESTS)
        self._faults = [Fault(text) for text in values.LIST.read("faults", options.get("faults"))]
        content = {name: options[name] for name in CONTENT_OPTIONS if options.get(name) is not None}
        self._tenant = build_tenant(now=now, unknown_every=self.habits["unknown_state"], **content)
        self._url = url
        self._jobs_requests = 0
        self._lock = threading.Lock()
        self._wires = {generation: make(self.habits) for generation, make in GENERATIONS.items()}
        # A row for each target of facts.ENDPOINTS.
        self._payloads: dict[str, Callable[[Request, Any, int], Any]] = {
            "jobs": self._jobs,
            "license": self._license,
            "frequency": self._frequency,
            "retention": self._retention,
            "unusual_activity": self._unusual_activity,
        }

    def wire(self, generation: int) -> FirstGeneration:
        return self._wires[generation]

    def answer(self, request: Request) -> Answer:
        self.requests.append(request)
        endpoint = facts.ENDPOINTS.get(request.path)
        target = endpoint.target if endpoint else "token" if request.path == facts.TOKEN_PATH else "unknown"
        moment = Moment(self, request, target, endpoint.generation if endpoint else 1, self._asked_page(request))
        due = [fault for fault in self._faults if fault.is_due(target, moment.page_index)]
        for fault in due:
            fault.before(moment)
        answer = self._token(request) if target == "token" else self._api(moment.request, endpoint)
        for fault in due:
            fault.after(answer, moment)
        return answer

    def _token(self, request: Request) -> Answer:
        if request.method != "POST":
            return Answer(405, {"error": "invalid_request", "error_description": "only POST is supported"})
        try:
            issues_ungranted = self.habits["ungranted_scope"] == "issue"
            answer = Answer(200, self.authority.issue(request, issues_ungranted=issues_ungranted))
        except Refusal as refusal:
            answer = Answer(400, {"error": refusal.error, "error_description": refusal.description})
        answer.headers["Cache-Control"] = "no-store"
        return answer

    def _api(self, request: Request, endpoint: facts.Endpoint | None) -> Answer:
        if endpoint is None:
            return Answer(404, self.wire(1).problem(404, "There is nothing at this path."))
        wire = self.wire(endpoint.generation)
        if request.method != "GET":
            return Answer(405, wire.problem(405, "Only GET is supported."))
        refused = self.authority.check(request.headers.get("Authorization"), endpoint.scope)
        if refused is not None:
            answer = Answer(refused[0], wire.problem(*refused))
            if refused[0] == 401:
                answer.headers["WWW-Authenticate"] = "Bearer"
            return answer
        try:
            return Answer(200, self._payloads[endpoint.target](request, wire, endpoint.generation))
        except BadParameter as error:
            return Answer(400, wire.problem(400, f"The request is not valid: {error}"))

    def _license(self, request: Request, wire: FirstGeneration, generation: int) -> Any:
        if isinstance(wire, SecondGeneration) and not self._asked_locations(request):
            return wire.nothing()
        return wire.license(self._tenant.license)

    def _frequency(self, request: Request, wire: SecondGeneration, generation: int) -> Any:
        # Without location the settings are those of the primary location
        places = self._asked_locations(request)[:1]
        return wire.frequency(self._tenant.settings.schedules(places[0])) if places else wire.nothing()

    def _retention(self, request: Request, wire: SecondGeneration, generation: int) -> Any:
        places = self._asked_locations(request)[:1]
        return wire.retention(self._tenant.settings.policy(places[0])) if places else wire.nothing()

    def _unusual_activity(self, request: Request, wire: SecondGeneration, generation: int) -> Any:
        query = self._query(request)
        for name in ("startTime", "finishTime"):
            if not query.get(name.lower()):
                raise BadParameter(f"{name} is required.")
        start, finish = _time(query, "startTime", wire, is_end=False), _time(query, "finishTime", wire, is_end=True)
        places = self._asked_locations(request)
        rows = self._tenant.unusual_activity.rows(places, self._tenant.locations[0], start, finish) if places else ()
        shows_all = self.habits["quiet_services"] == "listed"
        return wire.unusual_activity(row for row in rows if shows_all or not row.is_quiet)

    def _jobs(self, request: Request, wire: FirstGeneration, generation: int) -> Any:
        habits, query = self.habits, self._query(request)
        index = _integer(query, "PageIndex", habits["page_base"], self._lowest_index(), _LARGEST_INT)
        size = _integer(query, "PageSize", 10, 1, _LARGEST_INT)
        size = min(size, habits["max_page_size"] or size)
        filters = self._filters(query, wire, generation)
        with self._lock:
            earlier = self._jobs_requests
            self._jobs_requests += 1
        slices: Slices = []
        if self._can_find(filters):
            slices = select_slices(
                self._tenant,
                filters,
                range_on=habits["range_on"],
                grown=earlier // habits["growth"] if habits["growth"] else 0,
                removed=earlier // habits["removal"] if habits["removal"] else 0,
                removes=habits["removes"],
            )
        total = sum(map(len, slices))
        place = self._place(index)
        jobs = [] if place < 0 else select_jobs(slices, place * size, size, habits["order"])
        next_index = index + 1 if place < 0 else max(index, habits["page_base"]) + 1
        link, has_link = self._next_link(request, next_index, has_more=(place + 1) * size < total)
        count = total if habits["total_means"] == "whole" else len(jobs)
        return wire.jobs(Page(min(count, habits["max_total"] or count), jobs, link, has_link))

    def _query(self, request: Request) -> dict[str, str]:
        """Return the parameters by name in lower case, without those that have an ignored value."""
        query = {name.lower(): value for name, value in request.query.items()}
        if request.repeated or len(query) < len(request.query):
            raise BadParameter("a parameter is given more than once.")
        ignored = self.habits["ignore_values"]
        return {name: value for name, value in query.items() if (name, value.lower()) not in ignored}

    def _lowest_index(self) -> int:
        return int(self.habits["page_base"]) if self.habits["page_zero"] == "refused" else 0

    def _place(self, index: int) -> int:
        """Return the index of a page in the list; -1 is an empty page before the first."""
        if "PageIndex" in self.habits["ignore"]:
            return 0
        return max(-1 if self.habits["page_zero"] == "empty" else 0, index - int(self.habits["page_base"]))

    def _can_find(self, filters: Filters) -> bool:
        """Return whether the habits of the server allow a query to return jobs."""
        is_lost = filters.state in {facts.STATES[name] for name in self.habits["lost_states"]}
        return not is_lost and (filters.location is None or self.habits["multi_geo"] == "on")

    def _filters(self, query: Mapping[str, str], wire: FirstGeneration, generation: int) -> Filters:
        given: dict[str, Any] = {
            "start": _time(query, "StartTime", wire, is_end=False),
            "finish": _time(query, "FinishTime", wire, is_end=True),
            "job_type": _integer(query, "JobType", 0, 0, len(facts.JOB_TYPES)),
            "object_type": _integer(query, "ObjectType", 0, 0, len(facts.OBJECT_TYPES)),
            "state": _integer(query, "JobState", 0, 0, facts.PARTIALLY),
        }
        names = dict(zip(given, FILTER_NAMES))
        filters = Filters(**{key: value for key, value in given.items() if names[key] not in self.habits["ignore"]})
        return dataclasses.replace(filters, location=self._location(query)) if generation == 2 else filters

    def _location(self, query: Mapping[str, str]) -> str | None:
        location = query.get("location")
        if not location:
            return None
        known = {name.lower(): name for name in facts.LOCATIONS}
        if location.lower() not in known:
            raise BadParameter(f"location {location[:40]!r} is not known.")
        return None if "location" in self.habits["ignore"] else known[location.lower()]

    def _asked_locations(self, request: Request) -> tuple[str, ...]:
        """Return the locations of a query, the primary one first; without a location, all of the tenant."""
        location, own = self._location(self._query(request)), self._tenant.locations
        if location is None:
            return own
        if self.habits["multi_geo"] == "off":
            return ()
        return own[:1] if location == facts.PRIMARY_LOCATION else tuple({location} & set(own))

    def _next_link(self, request: Request, next_index: int, has_more: bool) -> tuple[str | None, bool]:
        """Return NextLink, and whether the answer has such a field."""
        style = self.habits["next_link"]
        if style in ("empty", "null"):
            return ("" if style == "empty" else None), True
        if style == "absent" or not has_more:
            return None, False
        kept = {name: value for name, value in request.query.items() if name.lower() != "pageindex"}
        target = f"{request.path}?{urllib.parse.urlencode({**kept, 'PageIndex': next_index})}"
        if style == "token":
            return base64.urlsafe_b64encode(target.encode()).decode("ascii"), True
        return (self._url if style == "absolute" else "") + target, True

    def _asked_page(self, request: Request) -> int:
        asked = next((value for name, value in request.query.items() if name.lower() == "pageindex"), "")
        return int(asked) if re.fullmatch(r"[0-9]{1,10}", asked) else self.habits["page_base"]


def _integer(query: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = query.get(name.lower())
    if text is None:
        return default
    if not re.fullmatch(r"-?[0-9]{1,12}", text) or not low <= int(text) <= high:
        raise BadParameter(f"{name} {text[:40]!r} is not an integer from {low} to {high}.")
    return int(text)


def _time(query: Mapping[str, str], name: str, wire: FirstGeneration, *, is_end: bool) -> int | None:
    text = query.get(name.lower())
    if not text:
        return None
    try:
        return wire.time_filter(text, is_end)
    except ValueError as error:
        raise BadParameter(f"{name} {text[:40]!r} {error}.") from None
