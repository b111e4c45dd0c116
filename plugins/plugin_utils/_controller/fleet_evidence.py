# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The evidence in one folder as a tenant. It is judged again, not believed, and whatever is in it stops no other."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from ansible_collections.cloudbackup.m365.plugins.module_utils import _time

from .._compliance.evaluation.evaluate import evaluate
from .._compliance.fleet.tenant import Tenant
from .._compliance.inputs.mistakes import Refused
from .._compliance.inputs.policy_rules import settle_policy
from .._compliance.inputs.waivers import settle_waivers
from .._compliance.model import durations, wording
from .._compliance.model.policy import Policy
from .._compliance.model.registration import registration_of_reading
from .._compliance.reports import findings
from .._compliance.reports.pack_files import EVIDENCE_FILE, FILE_OF
from . import stored_evidence

_REASON = 400
_RUN_AGAIN = "Run its gate again."


def tenant(
    place: Path,
    now: int,
    max_age: int,
    report_dir: str | None,
    figures: Callable[[Mapping[str, Any], Policy], dict[str, Any]] | None = None,
) -> Tenant:
    """Return the tenant whose evidence is in a folder; one that cannot be judged has the reason.

    :param max_age: seconds from an evidence's instant to ``now`` over which it is stale.
    :param report_dir: where the fleet's report goes; the link to the tenant's report is relative to it.
    :param figures: returns the figures of the metrics of an evidence; None where no metrics are asked for.
    """
    path = str(place / EVIDENCE_FILE)
    found = Tenant(path, evidence=path)
    try:
        stored = stored_evidence.load(path)
        found = found._replace(
            subject=stored.evidence["subject"].strip() or path, sha256=hashlib.sha256(stored.content).hexdigest()
        )
        judged = _judged(found, stored.evidence, now, max_age)._replace(report=_link(place, report_dir))
        return judged._replace(figures=_figures(stored.evidence, judged, figures)) if figures else judged
    except Refused as refused:
        return found._replace(doubt=_cannot("; ".join(refused.lines)))
    except Exception as error:  # noqa: BLE001 - anybody may have written it, and the other tenants have to be reported
        words = wording.one_line(error, 120)
        return found._replace(doubt=_cannot(f"{path}: evaluating it ended with {type(error).__name__}: {words}"))


def _judged(found: Tenant, data: Mapping[str, Any], now: int, max_age: int) -> Tenant:
    """Return the tenant with its evaluation. Raises Refused, and whatever unexpected data make the evaluation raise."""
    policy, mistakes = settle_policy(data["policy"])
    waivers, waiver_mistakes = settle_waivers(data["waivers"])
    if mistakes or waiver_mistakes:
        raise Refused(mistakes + waiver_mistakes)
    at = _time.unix_from_iso(data["evaluated_at"])
    evaluation = evaluate(data["read"], policy, waivers, at)
    doubts = [
        *_verdict_doubts(data.get("verdict"), evaluation["verdict"]),
        *_age_doubts(at, data["read"], now, max_age),
    ]
    return found._replace(
        evaluated_at=_time.unix_to_iso(at),
        evaluation=evaluation,
        worst=findings.worst({**evaluation, "read": data["read"]}),
        doubt=" ".join(doubts),
        registration=registration_of_reading(data["read"]),
    )


def _figures(
    data: Mapping[str, Any], judged: Tenant, figures: Callable[[Mapping[str, Any], Policy], dict[str, Any]]
) -> dict[str, Any]:
    evidence = {**(judged.evaluation or {}), "read": data["read"], "evaluated_at": judged.evaluated_at}
    policy, _no_mistakes = settle_policy(data["policy"])
    return figures(evidence, policy)


def _cannot(reason: str) -> str:
    return wording.one_line(f"It cannot be judged. {reason}. {_RUN_AGAIN}", _REASON)


def _link(place: Path, report_dir: str | None) -> str:
    if not report_dir:
        return ""
    names = (FILE_OF["html"], FILE_OF["markdown"], EVIDENCE_FILE)
    return os.path.relpath(next(place / name for name in names if os.path.exists(place / name)), report_dir)


def _verdict_doubts(stored: object, judged: str) -> list[str]:
    if stored == judged:
        return []
    return [
        f"Its evidence contains the verdict {wording.found(stored)}, but evaluating what was read gives {judged}. The "
        f"file was changed, or another release wrote it. {_RUN_AGAIN}"
    ]


def _age_doubts(at: int, read: Mapping[str, Any], now: int, max_age: int) -> list[str]:
    """Return the doubt about old evidence: a gate that stopped running leaves a green one behind.

    The server's time counts too: the instant of a gate may be a given one, and reading may have been long before it.
    """
    if at > now + _time.CLOCK_TOLERANCE:
        return [f"Its evidence is of {_time.unix_to_iso(at)}, and it is {_time.unix_to_iso(now)} now. {_RUN_AGAIN}"]
    times, doubts = _server_times(read)
    oldest = min([at, *times])
    if now - oldest > max_age:
        by = "" if oldest == at else " by the time of the server"
        age, most = durations.words(now - oldest), durations.text(max_age)
        doubts.append(
            f"Its evidence is {age} old{by}, over {most}: its gate did not run, or the tenant was taken out. Run its "
            "gate, or remove its folder."
        )
    return doubts


def _server_times(read: Mapping[str, Any]) -> tuple[list[int], list[str]]:
    """Return the server's times of all reads, and a doubt for each that cannot be read; null or missing is neither."""
    times, doubts = [], []
    for name, api in _apis(read):
        value = api.get("server_time")
        if value is None:
            continue
        try:
            times.append(_time.read_now(value))
        except ValueError:
            shown = wording.found(value)
            doubts.append(
                f"Its age cannot be determined: read.{wording.one_line(name, 60)}.api.server_time is {shown}, expected "
                f"an ISO 8601 time. {_RUN_AGAIN}"
            )
    return times, doubts


def _apis(read: Mapping[str, Any]) -> Iterable[tuple[str, Mapping[str, Any]]]:
    for name, part in read.items():
        api = part.get("api") if isinstance(part, Mapping) else None
        if isinstance(api, Mapping):
            yield name, api
