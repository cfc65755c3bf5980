# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What AWX accepts, said in our words after its source at commit e21dd0a0933fd544d1fe2513c54fe41203775eb5.

Credential types: ``CredentialTypeInputField`` and ``CredentialTypeInjectorField`` in awx/main/fields.py,
``ENV_BLOCKLIST`` in awx/main/constants.py; what a job gets of them: ``CredentialType.inject_credential`` in
awx/main/models/credential.py. Surveys: ``JobTemplateSurveySpec`` in awx/api/views/__init__.py, their answers:
``SurveyJobTemplateMixin`` in awx/main/models/mixins.py. Names that an import goes by: ``NATURAL_KEY`` in
awxkit/awxkit/api/pages/.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jsonschema import Draft4Validator

NAME = "^[a-zA-Z_]+[a-zA-Z0-9_]*$"

INPUTS = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "required": {"type": "array", "items": {"type": "string"}},
        "fields": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "label"],
                "additionalProperties": False,
                "properties": {
                    "id": {"type": "string", "pattern": NAME},
                    "label": {"type": "string"},
                    "help_text": {"type": "string"},
                    "type": {"enum": ["string", "boolean"]},
                    "format": {"enum": ["ssh_private_key", "url"]},
                    "choices": {
                        "type": "array",
                        "minItems": 1,
                        "uniqueItems": True,
                        "items": {"type": "string"},
                    },
                    "multiline": {"type": "boolean"},
                    "secret": {"type": "boolean"},
                    "ask_at_runtime": {"type": "boolean"},
                    "default": {},
                },
            },
        },
    },
}

# Of the injectors we use variables of the environment only.
INJECTORS = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "env": {
            "type": "object",
            "additionalProperties": False,
            "patternProperties": {NAME: {"type": "string", "pattern": "^[\x00-\x7f]*$"}},
        }
    },
}

FOR_STRINGS = {"choices", "multiline", "format", "secret"}
FORBIDDEN = set(
    "VIRTUAL_ENV PATH PYTHONPATH JOB_ID INVENTORY_ID INVENTORY_SOURCE_ID INVENTORY_UPDATE_ID "
    "AD_HOC_COMMAND_ID REST_API_URL REST_API_TOKEN MAX_EVENT_RES CALLBACK_QUEUE CALLBACK_CONNECTION CACHE "
    "JOB_CALLBACK_DEBUG INVENTORY_HOSTVARS AWX_HOST PROJECT_REVISION SUPERVISOR_CONFIG_PATH".split()
)

NATURAL_KEYS = {
    "credential": {"organization", "name", "credential_type"},
    "credential_type": {"name", "kind"},
    "execution_environment": {"name"},
    "inventory": {"organization", "name"},
    "job_template": {"organization", "name"},
    "organization": {"name"},
    "project": {"organization", "name"},
    "workflow_job_template": {"organization", "name"},
    "workflow_job_template_node": {"workflow_job_template", "identifier"},
}

ANSWERS: dict[str, type | tuple[type, ...]] = {
    "text": str,
    "textarea": str,
    "password": str,
    "multiplechoice": str,
    "multiselect": list,
    "integer": int,
    "float": (float, int),
}


def problems_of_type(entry: Mapping[str, Any]) -> Iterator[str]:
    """Yield what AWX would refuse of a credential type."""
    inputs, injectors = entry["inputs"], entry["injectors"]
    for schema, value in ((INPUTS, inputs), (INJECTORS, injectors)):
        yield from (error.message for error in Draft4Validator(schema).iter_errors(value))
    fields = inputs.get("fields", [])
    ids = [field["id"] for field in fields]
    yield from (f"{name} is there twice" for name, count in Counter(ids).items() if count > 1)
    yield from (f"{name} is reserved" for name in ids if name == "tower")
    for field in fields:
        kind = {"string": str, "boolean": bool}.get(field.get("type", "string"), object)
        if "default" in field and type(field["default"]) is not kind:
            yield f"the default of {field['id']} has the wrong type"
        if kind is not str and FOR_STRINGS & set(field):
            yield f"{field['id']} has what only a string can have"
    for variable, template in injectors.get("env", {}).items():
        if variable.startswith("ANSIBLE_") or variable in FORBIDDEN:
            yield f"{variable} must not be set"
        try:
            environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined)
            environment.from_string(template).render(dict.fromkeys(ids, "EXAMPLE"))
        except TemplateError as error:
            yield f"{variable}: {error}"


def injected(entry: Mapping[str, Any], credential: Mapping[str, Any]) -> dict[str, str]:
    """Return the variables that a job gets of a credential; one of an empty field is empty."""
    filled = {name: value for name, value in credential.items() if value != ""}
    switches = {field["id"]: False for field in entry["inputs"]["fields"] if field["type"] == "boolean"}
    environment = ImmutableSandboxedEnvironment()
    return {
        variable: environment.from_string(template).render({**switches, **filled})
        for variable, template in entry["injectors"]["env"].items()
    }


def problems_of_survey(survey: Mapping[str, Any]) -> Iterator[str]:
    """Yield what AWX would refuse of a survey."""
    for field, kind in (("name", str), ("description", str), ("spec", list)):
        if not isinstance(survey.get(field), kind):
            yield f"{field} is missing or has the wrong type"
    questions = survey.get("spec") or []
    if not questions:
        yield "there is no question"
    variables = Counter(question.get("variable") for question in questions)
    yield from (f"{name} is asked for twice" for name, count in variables.items() if count > 1)
    for question in questions:
        yield from problems_of_question(question)


def problems_of_question(question: Mapping[str, Any]) -> Iterator[str]:
    """Yield what AWX would refuse of a question."""
    variable = question.get("variable")
    for field, kind in (("type", str), ("question_name", str), ("variable", str), ("required", bool)):
        if not isinstance(question.get(field), kind):
            yield f"{variable}: {field} is missing or has the wrong type"
    if question.get("type") not in ANSWERS:
        yield f"{variable}: there is no such type"
        return
    for limit in ("min", "max"):
        if not isinstance(question.get(limit), int | None):
            yield f"{variable}: {limit} is no integer"
            return
    if question["type"] in ("multiplechoice", "multiselect") and "choices" not in question:
        yield f"{variable}: there are no choices"
    elif "default" in question:
        yield from problems_of_answer(question, question["default"])


def problems_of_answer(question: Mapping[str, Any], answer: Any) -> Iterator[str]:
    """Yield why AWX would not start a job with this answer."""
    variable = question["variable"]
    if not isinstance(answer, ANSWERS[question["type"]]):
        yield f"{variable}: {answer} has the wrong type"
        return
    if question["type"] == "multiplechoice" and answer not in question["choices"]:
        yield f"{variable}: {answer} is no choice"
    size = len(answer) if isinstance(answer, str) else answer
    if question.get("min") is not None and size < question["min"]:
        yield f"{variable}: {answer} is too small"
    if question.get("max") is not None and size > question["max"]:
        yield f"{variable}: {answer} is too large"
