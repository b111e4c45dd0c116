# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Action: write the evidence pack of an evaluation on the controller. Documented by the module of the same name."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import yaml
from ansible.plugins.action import ActionBase
from ansible_collections.cloudbackup.m365.plugins.plugin_utils import _evidence_files
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance import _evidence, _findings, _pack
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance._formats import (
    EVIDENCE_FILE,
    FOR_PROGRAMS,
    FORMATS,
)
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance._inputs import settle_now
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance._plain import plain

ARGUMENTS: dict[str, dict[str, Any]] = {
    "subject": {"type": "str", "required": True},
    "directory_name": {"type": "str", "required": True},
    "report_dir": {"type": "path"},
    "formats": {"type": "list", "elements": "str", "choices": list(FORMATS), "default": list(FORMATS)},
    "read": {"type": "dict", "required": True},
    "policy": {"type": "dict", "required": True},
    "evaluated_at": {"type": "str", "required": True},
    "evaluation": {"type": "dict", "required": True},
}

EVALUATION = {"verdict", "reason", "counts", "results", "waivers", "not_judged", "window"}

_COLLECTION = Path(__file__).resolve().parents[2]


class ActionModule(ActionBase):  # type: ignore[misc]
    """Never connects to the host: the evidence belongs to the controller."""

    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        _validation, arguments = self.validate_argument_spec(argument_spec=ARGUMENTS)
        arguments = plain(arguments)
        unusable = _unusable(arguments)
        if unusable:
            return {**result, "failed": True, "msg": unusable}
        evaluation = arguments["evaluation"]
        evidence = _evidence.evidence(
            subject=arguments["subject"],
            evaluated_at=arguments["evaluated_at"],
            collection=collection(_COLLECTION),
            policy=arguments["policy"],
            read=arguments["read"],
            evaluation=evaluation,
        )
        files = _pack.pack(evidence, arguments["formats"])
        summary = {
            "verdict": evaluation["verdict"],
            "counts": evaluation["counts"],
            "worst": _findings.worst(evaluation),
            "report": None,
            "sha256": _pack.sha256(files),
        }
        findings = _findings.findings(evaluation, arguments["subject"])
        result.update(changed=False, findings=findings, summary=summary, files=[])
        if not arguments["report_dir"]:
            result["warnings"] = ["No report_dir is given: the evidence of this run is not kept."]
            return result
        try:
            self._keep(arguments, files, result)
        except (OSError, _evidence_files.Refused) as error:
            place = os.path.join(arguments["report_dir"], arguments["directory_name"])
            result.update(failed=True, msg=f"The evidence could not be written to {place}: {error}")
        return result

    def _keep(self, arguments: dict[str, Any], files: dict[str, bytes], result: dict[str, Any]) -> None:
        """Write the files and tell where. Check mode looks at the place all the same: a refusal is no surprise then."""
        directory = _evidence_files.place(arguments["report_dir"], arguments["directory_name"])
        _evidence_files.refuse_other_subject(directory, arguments["subject"])
        if self._task.check_mode:
            return
        result["changed"] = _evidence_files.write(directory, files)
        result["files"] = [str(directory / name) for name in files]
        not_for_people = [FORMATS[name] for name in FOR_PROGRAMS]
        told = next((name for name in files if name not in not_for_people), EVIDENCE_FILE)
        result["summary"]["report"] = str(directory / told)


def _unusable(arguments: dict[str, Any]) -> str:
    """What is wrong with arguments of the right type; empty if nothing."""
    missing = EVALUATION - set(arguments["evaluation"])
    if missing:
        return f"evaluation is not what compliance_results returns: it lacks {', '.join(sorted(missing))}"
    try:
        settle_now(arguments["evaluated_at"])
    except ValueError:
        return "evaluated_at is no ISO 8601 time"
    return ""


def collection(root: Path) -> dict[str, str]:
    """Name and version of the collection: installed it has a manifest, in a checkout its source."""
    manifest, source = root / "MANIFEST.json", root / "galaxy.yml"
    if manifest.is_file():
        facts = json.loads(manifest.read_text(encoding="utf-8"))["collection_info"]
    else:
        facts = yaml.safe_load(source.read_text(encoding="utf-8"))
    return {"name": f"{facts['namespace']}.{facts['name']}", "version": str(facts["version"])}
