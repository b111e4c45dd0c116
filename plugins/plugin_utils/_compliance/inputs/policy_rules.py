# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""A policy as a person writes it, merged over the defaults and settled. Every mistake is told, none is guessed away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.cloudbackup.m365.plugins.module_utils import _names

from ..checks.catalogue import BY_NAME, CATALOGUE
from ..model import durations, kinds
from ..model.check import Check
from ..model.policy import Policy, Settings
from .mistakes import Mistakes

_DEFAULT_SERVICES = ("exchange_online", "sharepoint_online", "onedrive", "teams")
_DEFAULT_WINDOW = durations.parse("7d")

_BY_DEFAULT, _FOR_ALL, _FOR_SERVICE = 0, 1, 2
"""How specific the place is where a value was written."""


@dataclass(frozen=True)
class _Layer:
    """The settings of a check with where each of its values was written."""

    enabled: bool
    values: dict[str, Any]
    written: dict[str, int] = field(default_factory=dict)

    def settings(self) -> Settings:
        return Settings(self.enabled, self.values)


def settle_policy(raw: object) -> tuple[Policy, list[str]]:
    """The policy and the mistakes in it. With mistakes the policy is only good for looking for further ones."""
    mistakes = Mistakes()
    top = mistakes.mapping("policy", raw, ("services", "locations", "window", "checks"))
    services = mistakes.names(
        "policy.services", top.get("services", list(_DEFAULT_SERVICES)), "service", _names.OBJECT_TYPES
    )
    if "services" in top and top["services"] in ([], "", None):
        mistakes.say("policy.services", "may not be empty: a gate that expects no backups can only be green")
    locations = mistakes.names("policy.locations", top.get("locations", []), "location", _names.LOCATIONS)
    window = _DEFAULT_WINDOW
    if "window" in top:
        window = mistakes.value("policy.window", top["window"], durations.DURATION, _DEFAULT_WINDOW)
    written = mistakes.mapping("policy.checks", top.get("checks", {}), BY_NAME)
    layers: dict[str, _Layer] = {}
    overrides: dict[tuple[str, str], _Layer] = {}
    for check in CATALOGUE:
        layers[check.name], special = _settle_check(mistakes, check, written.get(check.name, {}), window)
        overrides.update({(check.name, service): layer for service, layer in special.items()})
    switchable = [*layers.items(), *((key[0], layer) for key, layer in overrides.items())]
    if not any(layer.enabled for name, layer in switchable if BY_NAME[name].optional):
        mistakes.say("policy.checks", "every check is switched off: a gate that judges nothing can only be green")
    return _policy(services, locations, window, layers, overrides), mistakes.lines


def _settle_check(mistakes: Mistakes, check: Check, raw: object, window: int) -> tuple[_Layer, dict[str, _Layer]]:
    path = f"policy.checks.{check.name}"
    keys = ["enabled", *(threshold.key for threshold in check.thresholds)]
    written = mistakes.mapping(path, raw, [*keys, "services"] if check.per_service else keys)
    layer = _write(mistakes, check, path, written, _defaults(check, window), _FOR_ALL, window)
    services = mistakes.mapping(f"{path}.services", written.get("services", {}), _names.OBJECT_TYPES)
    special = {}
    for service, raw_service in services.items():
        place = f"{path}.services.{service}"
        override = mistakes.mapping(place, raw_service, keys)
        special[service] = _write(mistakes, check, place, override, layer, _FOR_SERVICE, window)
    return layer, special


def _defaults(check: Check, window: int) -> _Layer:
    values: dict[str, Any] = {
        threshold.key: None if threshold.default is None else threshold.kind.read(threshold.default)
        for threshold in check.thresholds
    }
    for threshold in check.thresholds:
        if threshold.within_window:
            values[threshold.key] = min(values[threshold.key], window)
    return _Layer(True, values)


def _write(
    mistakes: Mistakes, check: Check, path: str, written: Mapping[str, Any], below: _Layer, place: int, window: int
) -> _Layer:
    """The layer below with what was written over it."""
    layer = replace(below, values=dict(below.values), written=dict(below.written))
    before = len(mistakes.lines)
    if "enabled" in written:
        layer = replace(layer, enabled=mistakes.value(f"{path}.enabled", written["enabled"], kinds.SWITCH, True))
        if not layer.enabled and not check.optional:
            mistakes.say(f"{path}.enabled", f"{check.name} cannot be switched off: the other checks rest on it")
    for threshold in check.thresholds:
        if threshold.key in written and written[threshold.key] is None and threshold.default is None:
            layer.values[threshold.key], layer.written[threshold.key] = None, place
        elif threshold.key in written:
            value = mistakes.value(f"{path}.{threshold.key}", written[threshold.key], threshold.kind, None)
            if value is not None:
                layer.values[threshold.key], layer.written[threshold.key] = value, place
                if threshold.within_window and value > window:
                    _refuse_beyond_window(mistakes, f"{path}.{threshold.key}", value, window)
    if len(mistakes.lines) == before:
        # After a mistake here a comparison would only echo it
        _settle_warn(mistakes, check, path, layer, place)
    return layer


def _settle_warn(mistakes: Mistakes, check: Check, path: str, layer: _Layer, place: int) -> None:
    """A ``warn`` beyond its ``fail`` is refused; one that was not written, or less specifically, follows it."""
    kind_of = {threshold.key: threshold.kind for threshold in check.thresholds}
    warn, fail = layer.values.get("warn"), layer.values.get("fail")
    if warn is None or fail is None or kind_of["warn"] is not kind_of["fail"]:
        return
    if not (warn < fail if check.fails_below else warn > fail):
        return
    warn_place, fail_place = layer.written.get("warn", _BY_DEFAULT), layer.written.get("fail", _BY_DEFAULT)
    if warn_place < fail_place or warn_place == _BY_DEFAULT:
        layer.values["warn"] = fail
    elif place in (warn_place, fail_place):
        told_warn, told_fail = kind_of["warn"].write(warn), kind_of["fail"].write(fail)
        source = " (the default)" if fail_place == _BY_DEFAULT else ""
        mistakes.say(f"{path}.warn", f"{told_warn} lies beyond {path}.fail, {told_fail}{source}: it could never warn")


def _refuse_beyond_window(mistakes: Mistakes, path: str, value: int, window: int) -> None:
    told = f"{durations.text(value)} reaches beyond policy.window, {durations.text(window)}"
    mistakes.say(path, f"{told}: older jobs are not read; lengthen the window or shorten the age")


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
