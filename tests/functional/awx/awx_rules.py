# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an AWX refuses or gets wrong, checked without one: a line for each mistake.

The rules are those of AWX 24: awx/main/fields.py (credential types), awx/api/views (surveys), awx/api/serializers.py
and awx/main/models/notifications.py (notifications), awx/api/serializers.py (schedules).
"""

from __future__ import annotations

import json
import re
from types import SimpleNamespace

import jinja2
from jinja2 import sandbox

FIELD_KEYS = {
    **dict.fromkeys(["id", "label", "type", "format", "help_text"], str),
    **dict.fromkeys(["multiline", "secret", "ask_at_runtime"], bool),
    "choices": list,
    "default": object,
}
FOR_STRINGS = {"choices", "format", "multiline", "secret"}
NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
FILE_NAME = re.compile(r"template(\.[a-zA-Z_][a-zA-Z0-9_]*)?")
NEVER_INJECTED = {
    *("VIRTUAL_ENV", "PATH", "PYTHONPATH", "JOB_ID", "INVENTORY_ID", "INVENTORY_SOURCE_ID", "INVENTORY_UPDATE_ID"),
    *("AD_HOC_COMMAND_ID", "REST_API_URL", "REST_API_TOKEN", "MAX_EVENT_RES", "CALLBACK_QUEUE", "CALLBACK_CONNECTION"),
    *("CACHE", "JOB_CALLBACK_DEBUG", "INVENTORY_HOSTVARS", "AWX_HOST", "PROJECT_REVISION", "SUPERVISOR_CONFIG_PATH"),
}

QUESTION_TYPES = {
    **dict.fromkeys(["text", "textarea", "password", "multiplechoice", "multiselect"], str),
    "integer": int,
    "float": float,
}

_TEXTS_OF_A_JOB = """
    allow_simultaneous controller_node created description diff_mode elapsed execution_node failed finished
    force_handlers forks id job_explanation job_slice_count job_slice_number job_tags job_type launch_type limit
    modified name playbook scm_branch scm_revision skip_tags start_at_task started status timeout type url
    use_fact_cache verbosity
"""
SEEN_BY_NOTIFICATIONS = {
    "job": {
        **dict.fromkeys(_TEXTS_OF_A_JOB.split(), "text"),
        **{name: {} for name in ("artifacts", "host_status_counts", "summary_fields")},
    },
    **dict.fromkeys(["job_friendly_name", "url", "job_metadata"], "text"),
}
"""What AWX tries a message with before it takes it; a job's artifacts are empty then."""


def credential_type_mistakes(inputs, injectors):
    return [*_input_mistakes(inputs), *_injector_mistakes(inputs, injectors)]


def _input_mistakes(inputs):
    for key in set(inputs) - {"fields", "required"}:
        yield f"inputs: {key} is not supported"
    ids = [field.get("id", "") for field in inputs["fields"]]
    for name in sorted({name for name in ids if ids.count(name) > 1}):
        yield f"{name}: not unique"
    for name in set(inputs.get("required", ())) - set(ids):
        yield f"required: {name} is no field"
    for field in inputs["fields"]:
        name = field.get("id", "")
        for key, value in field.items():
            if not isinstance(value, FIELD_KEYS.get(key, ())):
                yield f"{name}: {key} is unknown or of another type"
        if not NAME.fullmatch(name) or name == "tower":
            yield f"{name}: not a name for a field"
        if "label" not in field:
            yield f"{name}: no label"
        kind = field.get("type", "string")
        if kind not in ("string", "boolean"):
            yield f"{name}: {kind} is no type of a field"
        elif kind != "string" and FOR_STRINGS & set(field):
            yield f"{name}: {', '.join(sorted(FOR_STRINGS & set(field)))} is for strings alone"
        elif "default" in field and not isinstance(field["default"], {"string": str, "boolean": bool}[kind]):
            yield f"{name}: the default is no {kind}"
        choices = field.get("choices", [None])
        if not choices or len(set(choices)) < len(choices):
            yield f"{name}: choices are empty or repeat themselves"
        # The form shows the first choice where nothing was chosen, and sends nothing
        if "choices" in field and "default" not in field and choices[:1] != [""]:
            yield f"{name}: shows a choice that nobody made"
        if field.get("format", "ssh_private_key") != "ssh_private_key" and name not in inputs.get("required", ()):
            yield f"{name}: left out, it is refused as {field['format']}"


def _injector_mistakes(inputs, injectors):
    for key in set(injectors) - {"file", "env", "extra_vars"}:
        yield f"injectors: {key} is not supported"
    files = injectors.get("file", {})
    for name in files:
        if not FILE_NAME.fullmatch(name) or (name == "template" and len(files) > 1):
            yield f"file: {name} is no name of a file"
    for name, text in injectors.get("env", {}).items():
        if not NAME.fullmatch(name) or name.startswith("ANSIBLE_") or name in NEVER_INJECTED:
            yield f"env: {name} may not be injected"
        if not text.isascii():
            yield f"env: {name} is not ASCII"
    filename = SimpleNamespace(**{name.partition(".")[2]: "file" for name in files})
    fields = {field.get("id", ""): "text" for field in inputs["fields"]}
    for kind, templates in injectors.items():
        for name, text in templates.items():
            problem = _rendering_problem(text, {**fields, "tower": SimpleNamespace(filename=filename)})
            if problem:
                yield f"{kind}: {name}: {problem}"


def _rendering_problem(text, context):
    try:
        environment = sandbox.ImmutableSandboxedEnvironment(undefined=jinja2.StrictUndefined)
        environment.from_string(text).render(context)
    except jinja2.TemplateError as error:
        return str(error.message)
    return None


def survey_mistakes(survey):
    return list(_survey_mistakes(survey))


def _survey_mistakes(survey):
    for key in ("name", "description"):
        if not isinstance(survey.get(key), str):
            yield f"survey: {key} is missing"
    variables = [question.get("variable") for question in survey["spec"]]
    for name in sorted({str(name) for name in variables if variables.count(name) > 1}):
        yield f"{name}: asked twice"
    for question in survey["spec"]:
        name, kind = question.get("variable"), question.get("type")
        for key in ("variable", "type", "question_name"):
            if not isinstance(question.get(key), str):
                yield f"{name}: {key} is missing"
        if not isinstance(question.get("required"), bool):
            yield f"{name}: required is missing"
        if kind not in QUESTION_TYPES:
            yield f"{name}: {kind} is no type of a question"
            continue
        default, choices = question.get("default", ""), question.get("choices", [])
        if default != "" and not isinstance(default, QUESTION_TYPES[kind]):
            yield f"{name}: the default is no {kind}"
        for key in ("min", "max"):
            if not isinstance(question.get(key, 0), (int, type(None))):
                yield f"{name}: {key} is no integer"
        if kind in ("multiplechoice", "multiselect"):
            if not choices or not all(isinstance(choice, str) and choice for choice in choices):
                yield f"{name}: no choices, or one that is no text"
            elif not set(str(default).splitlines()) <= set(choices):
                yield f"{name}: the default is none of the choices"


def message_mistakes(messages):
    return list(_message_mistakes(messages))


def _message_mistakes(messages):
    for event, texts in messages.items():
        if event not in ("started", "success", "error"):
            yield f"{event} is no event"
        for part, text in texts.items():
            if part not in ("message", "body"):
                yield f"{event}: {part} is neither message nor body"
            if part == "message" and "\n" in text:
                yield f"{event}: a message is one line"
            problem = _rendering_problem(text, SEEN_BY_NOTIFICATIONS)
            if problem:
                yield f"{event}: {part}: {problem}"


def render_message(text, job):
    """Return a message as AWX renders it, with these fields of a job: what is missing is empty, at any depth."""
    environment = sandbox.ImmutableSandboxedEnvironment(undefined=jinja2.ChainableUndefined)
    fields = {"id": 42, "name": "the gate", "status": "failed", "job_explanation": "", **job}
    return environment.from_string(text).render(
        job=fields, job_friendly_name="Job", url="https://awx.example.com/#/jobs/playbook/42", job_metadata="{}"
    )


def posted(body):
    """Return what AWX posts to a webhook for a rendered body: {} for what is not a JSON object."""
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else body


def schedule_mistakes(rrule):
    return [
        mistake
        for mistake, is_right in {
            "no DTSTART with a time zone": re.match(r"DTSTART(;TZID=[\w/+-]+:\d{8}T\d{6}|:\d{8}T\d{6}Z) ", rrule),
            "not one RRULE with FREQ": len(re.findall(r"\bRRULE:", rrule)) == 1 and "FREQ=" in rrule,
            "no INTERVAL": "INTERVAL=" in rrule,
            "every second": "SECONDLY" not in rrule,
        }.items()
        if not is_right
    ]
