# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Validate a policy as users write it: merged over a baseline, merged over the defaults. Reports every mistake.

Many tenants share a baseline. Dictionaries are merged recursively; lists and other values are replaced.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.cloudbackup.m365.plugins.module_utils import _names

from ..checks.catalogue import BY_NAME, CATALOGUE
from ..model import durations, kinds
from ..model.check import Check
from ..model.policy import Policy, Settings
from .mistakes import Mistakes

KEYS = ("services", "locations", "window", "checks")
"""The keys of a policy."""

_DEFAULT_SERVICES = ("exchange_online", "sharepoint_online", "onedrive", "teams")
_DEFAULT_WINDOW = durations.parse("7d")
_PRIMARY = "PrimaryGeoLocation"
"""A location that may be the same as a named location."""

_BY_DEFAULT, _BASELINE, _POLICY = 0, 1, 2


@dataclass(frozen=True)
class _Place:
    """The place of a value in the input.

    :ivar path: such as ``policy.checks.license_seats``.
    :ivar source: the defaults, the baseline or the policy.
    """

    path: str
    source: int
    is_of_service: bool = False

    @property
    def rank(self) -> tuple[bool, int]:
        """The precedence of the place: a service before all services, then the policy before the baseline."""
        return self.is_of_service, self.source

    def within(self, key: str) -> _Place:
        return replace(self, path=f"{self.path}.{key}")


_Written = Sequence[tuple[_Place, Any]]
"""The values of the baseline and the policy at a path, in this order; empty if neither has any."""


@dataclass(frozen=True)
class _Window:
    seconds: int
    place: _Place


@dataclass(frozen=True)
class _Layer:
    """The settings of a check, with the place of each value."""

    enabled: bool
    values: dict[str, Any]
    written: dict[str, _Place] = field(default_factory=dict)

    def settings(self) -> Settings:
        return Settings(self.enabled, self.values)


def settle_policy(raw: object, baseline: object = None) -> tuple[Policy, list[str]]:
    """Return the policy and its mistakes. With mistakes, use the policy only to find further ones.

    :param baseline: a policy that ``raw`` is merged over, or None.
    """
    mistakes = Mistakes()
    given = [(_Place("policy", _POLICY), raw)]
    if baseline is not None:
        given.insert(0, (_Place("baseline", _BASELINE), baseline))
    top = [(place, mistakes.mapping(place.path, value, KEYS)) for place, value in given]
    services = _settle_services(mistakes, _at("services", top))
    locations = _settle_locations(mistakes, _at("locations", top))
    window = _Window(_DEFAULT_WINDOW, _Place("policy.window", _BY_DEFAULT))
    for place, value in _at("window", top):
        seconds = mistakes.value(place.path, value, durations.DURATION, None)
        window = window if seconds is None else _Window(seconds, place)
    written = [(place, mistakes.mapping(place.path, value, BY_NAME)) for place, value in _at("checks", top)]
    layers: dict[str, _Layer] = {}
    overrides: dict[tuple[str, str], _Layer] = {}
    for check in CATALOGUE:
        layers[check.name], special = _settle_check(mistakes, check, _at(check.name, written), window)
        overrides.update({(check.name, service): layer for service, layer in special.items()})
    switchable = [*layers.items(), *((key[0], layer) for key, layer in overrides.items())]
    if not any(layer.enabled for name, layer in switchable if BY_NAME[name].optional):
        path = written[-1][0].path if written else "policy.checks"
        mistakes.add_line(path, "every check is disabled: a gate that judges nothing would always pass")
    return _policy(services, locations, window.seconds, layers, overrides), mistakes.lines


def _at(key: str, written: Sequence[tuple[_Place, Mapping[str, Any]]]) -> list[tuple[_Place, Any]]:
    """Return the values of a key, with their places."""
    return [(place.within(key), found[key]) for place, found in written if key in found]


def _settle_services(mistakes: Mistakes, written: _Written) -> list[str]:
    services = list(_DEFAULT_SERVICES)
    for place, value in written:
        services = mistakes.names(place.path, value, "service", _names.OBJECT_TYPES)
        if value in ([], "", None):
            mistakes.add_line(place.path, "may not be empty: a gate that expects no backups would always pass")
    return services


def _settle_locations(mistakes: Mistakes, written: _Written) -> list[str]:
    locations: list[str] = []
    for place, value in written:
        locations = mistakes.names(place.path, value, "location", _names.LOCATIONS)
    others = [location for location in locations if location != _PRIMARY]
    if others and len(others) < len(locations):
        both = f"{_PRIMARY} and {', '.join(others)}"
        mistakes.add_line(
            written[-1][0].path, f"{both} may be one place, whose jobs would count twice; remove one of them"
        )
    return locations


def _settle_check(
    mistakes: Mistakes, check: Check, written: _Written, window: _Window
) -> tuple[_Layer, dict[str, _Layer]]:
    """Return the settings for all services, and those of services with separate settings."""
    keys = ["enabled", *(threshold.key for threshold in check.thresholds)]
    of_all = [
        (place, mistakes.mapping(place.path, raw, [*keys, "services"] if check.per_service else keys))
        for place, raw in written
    ]
    by_service = [
        (replace(place, is_of_service=True), mistakes.mapping(place.path, raw, _names.OBJECT_TYPES))
        for place, raw in _at("services", of_all)
    ]
    layer = _write(mistakes, check, of_all, _defaults(check, window.seconds), window)
    special = {}
    for service in _names.OBJECT_TYPES:
        own = [(place, mistakes.mapping(place.path, raw, keys)) for place, raw in _at(service, by_service)]
        if own:
            special[service] = _write(mistakes, check, own, layer, window)
    return layer, special


def _defaults(check: Check, window: int) -> _Layer:
    values: dict[str, Any] = {
        threshold.key: None if threshold.default is None else threshold.kind.read(threshold.default)
        for threshold in check.thresholds
    }
    for threshold in check.thresholds:
        if threshold.within_window:
            values[threshold.key] = min(values[threshold.key], window)
    return _Layer(check.is_default, values)


def _write(
    mistakes: Mistakes,
    check: Check,
    written: Sequence[tuple[_Place, Mapping[str, Any]]],
    below: _Layer,
    window: _Window,
) -> _Layer:
    """Merge the baseline and the policy over the layer below, for all services or for one."""
    layer = replace(below, values=dict(below.values), written=dict(below.written))
    before = len(mistakes.lines)
    for place, found in written:
        if "enabled" in found:
            path = f"{place.path}.enabled"
            layer = replace(layer, enabled=mistakes.value(path, found["enabled"], kinds.SWITCH, True))
            if not layer.enabled and not check.optional:
                mistakes.add_line(path, f"{check.name} cannot be disabled: the other checks depend on it")
        for threshold in check.thresholds:
            if threshold.key in found and found[threshold.key] is None and threshold.default is None:
                layer.values[threshold.key], layer.written[threshold.key] = None, place
            elif threshold.key in found:
                value = mistakes.value(f"{place.path}.{threshold.key}", found[threshold.key], threshold.kind, None)
                if value is not None:
                    layer.values[threshold.key], layer.written[threshold.key] = value, place
    # After a mistake here, a comparison would only repeat it
    if len(mistakes.lines) == before:
        places = [place for place, _found in written]
        _refuse_beyond_window(mistakes, check, layer, places, window)
        if len(mistakes.lines) == before:
            _settle_warn(mistakes, check, layer, places)
    return layer


def _refuse_beyond_window(
    mistakes: Mistakes, check: Check, layer: _Layer, places: Sequence[_Place], window: _Window
) -> None:
    """Report an age that exceeds the window, at the more specific of the two places."""
    fix = "older jobs are not read; lengthen the window or shorten the age"
    for threshold in check.thresholds:
        place, value = layer.written.get(threshold.key), layer.values[threshold.key]
        if place is None or place not in places or not threshold.within_window or value <= window.seconds:
            continue
        path, length, age = f"{place.path}.{threshold.key}", durations.text(window.seconds), durations.text(value)
        if window.place.source > place.source:
            mistakes.add_line(window.place.path, f"{length} is shorter than {path}, {age}: {fix}")
        else:
            mistakes.add_line(path, f"{age} reaches beyond {window.place.path}, {length}: {fix}")


def _settle_warn(mistakes: Mistakes, check: Check, layer: _Layer, places: Sequence[_Place]) -> None:
    """Report a ``warn`` beyond its ``fail``; if ``warn`` is not set, or less specific, it is adjusted instead."""
    kind_of = {threshold.key: threshold.kind for threshold in check.thresholds}
    warn, fail = layer.values.get("warn"), layer.values.get("fail")
    if warn is None or fail is None or kind_of["warn"] is not kind_of["fail"]:
        return
    if not (warn < fail if check.fails_below else warn > fail):
        return
    warn_place, fail_place = layer.written.get("warn"), layer.written.get("fail")
    if warn_place is None or (fail_place is not None and warn_place.rank < fail_place.rank):
        layer.values["warn"] = fail
    elif warn_place in places or fail_place in places:
        path = f"{(fail_place or warn_place).path}.fail, {kind_of['fail'].write(fail)}"
        source = "" if fail_place else " (the default)"
        mistakes.add_line(
            f"{warn_place.path}.warn", f"{kind_of['warn'].write(warn)} lies beyond {path}{source}: it could never warn"
        )


def _policy(
    services: list[str],
    locations: list[str],
    window: int,
    layers: dict[str, _Layer],
    overrides: dict[tuple[str, str], _Layer],
) -> Policy:
    checks = {name: layer.settings() for name, layer in layers.items()}
    special = {key: layer.settings() for key, layer in overrides.items()}
    switched_on = {name for name, settings in checks.items() if settings.enabled}
    switched_on |= {name for (name, service), settings in special.items() if settings.enabled and service in services}
    data = {
        "services": services,
        "locations": locations,
        "window": durations.text(window),
        "checks": {check.name: _check_data(check, checks, special) for check in CATALOGUE},
    }
    sources = frozenset(BY_NAME[name].source for name in switched_on)
    return Policy(tuple(services), tuple(locations), window, checks, special, sources, data)


def _check_data(
    check: Check, checks: Mapping[str, Settings], special: Mapping[tuple[str, str], Settings]
) -> dict[str, Any]:
    data = _settings_data(check, checks[check.name])
    if check.per_service:
        overrides = {service: settings for (name, service), settings in special.items() if name == check.name}
        data["services"] = {service: _settings_data(check, settings) for service, settings in overrides.items()}
    return data


def _settings_data(check: Check, settings: Settings) -> dict[str, Any]:
    data: dict[str, Any] = {"enabled": settings.enabled}
    for threshold in check.thresholds:
        value = settings.thresholds[threshold.key]
        data[threshold.key] = None if value is None else threshold.kind.write(value)
    return data
