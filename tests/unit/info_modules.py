# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Info modules, run in this process against a simulator."""

from __future__ import annotations

from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator


def run(module: Any, simulator: Any, **options: Any) -> dict[str, Any]:
    """Return what a module exits with; by default it asks v2 and does not retry."""
    return run_info(module.INFO, simulator, **options)


def run_info(info: Any, simulator: Any, **options: Any) -> dict[str, Any]:
    """Return what the module of this C(INFO) exits with."""
    names = ("token_url", "client_id", "client_secret")
    connection = {"api_url": simulator.url, **{name: getattr(simulator, name) for name in names}}
    given = {**connection, "api_version": "v2", "retries": 0, **options}
    validated = ArgumentSpecValidator(info.specification).validate(given)
    assert validated.error_messages == []
    result: dict[str, Any] = info.result(validated.validated_parameters, {}, lambda _warning: None)
    return result


def asked(simulator: Any) -> list[tuple[str, dict[str, str]]]:
    """Return path and query of the requests that a simulator got, without those for tokens."""
    return [(request.path, dict(request.query)) for request in simulator.requests if request.method == "GET"]


def scopes(simulator: Any) -> list[str]:
    """Return the scopes of the tokens that a simulator was asked for."""
    return [request.form["scope"] for request in simulator.requests if request.method == "POST"]
