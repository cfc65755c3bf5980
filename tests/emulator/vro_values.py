# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parameters of the orchestrator: which value goes with which type, and how it reads back."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from . import vro_pattern

# 4.4 of the evidence: \p{L} is any letter
NAME = re.compile(r"(?:[^\W\d]|[$])(?:\w|[$])*")
PARAMETER_KEYS = {"name", "type", "scope", "description", "value", "updated", "encrypt-value"}
SCOPES = ("local", "token")
# Type and the one key of its value.
KEYS = {
    "string": "string",
    "number": "number",
    "boolean": "boolean",
    "Date": "date",
    "SecureString": "secure-string",
    "EncryptedString": "encrypted-string",
    "Properties": "properties",
    "MimeAttachment": "mime-attachment",
    "Regexp": "regex",
}
SECRET = ("secure-string", "encrypted-string")
MASKED = "*****"


class BadValue(ValueError):
    """A parameter that the server refuses; ``unreadable`` when its JSON cannot be bound at all."""

    def __init__(self, text: str, unreadable: bool = False) -> None:
        super().__init__(text)
        self.unreadable = unreadable


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _plain(check: Callable[[Any], bool]) -> Callable[[dict[str, Any]], bool]:
    return lambda inner: "value" in inner and (inner["value"] is None or check(inner["value"]))


# Key of a value: whether what stands below it is right.
CHECKS: dict[str, Callable[[dict[str, Any]], bool]] = {
    "string": _plain(lambda value: isinstance(value, str)),
    "number": _plain(_number),
    "boolean": _plain(lambda value: isinstance(value, bool)),
    "date": _plain(lambda value: vro_pattern.read_date(value) is not None),
    "secure-string": _plain(lambda value: isinstance(value, str)),
    "encrypted-string": _plain(lambda value: isinstance(value, str)),
    "array": lambda inner: isinstance(inner.get("elements"), list),
    "sdk-object": lambda inner: all(isinstance(inner.get(key), str) for key in ("type", "id")),
    "properties": lambda inner: True,  # looked into by the caller, who knows the key of the list
    "composite": lambda inner: isinstance(inner.get("property"), list),
    "mime-attachment": lambda inner: isinstance(inner.get("name"), str),
    "regex": lambda inner: True,
}


def key_of(kind: str) -> str:
    """Return the key of a value of this type: what is not in the table is an SDK object."""
    if kind.startswith("Array/"):
        return "array"
    return "composite" if kind.startswith("CompositeType(") else KEYS.get(kind, "sdk-object")


def check_parameters(parameters: Any, list_key: str, string_is_secure: bool) -> list[dict[str, Any]]:
    """Return the parameters of a request if the server would take them."""
    if not isinstance(parameters, list):
        raise BadValue("input-parameters is no list", unreadable=True)
    names = []
    for parameter in parameters:
        if not isinstance(parameter, dict) or set(parameter) - PARAMETER_KEYS:
            raise BadValue("a parameter is unreadable", unreadable=True)
        name, kind = parameter.get("name"), parameter.get("type")
        if not isinstance(name, str) or not NAME.fullmatch(name):
            raise BadValue(f"{name!r} is no name of a parameter")
        if not isinstance(kind, str) or not kind:
            raise BadValue(f"parameter {name} has no type")
        if parameter.get("scope", "local") not in SCOPES:
            raise BadValue(f"parameter {name} has a wrong scope")
        if parameter.get("value"):
            allowed = {key_of(kind)} | ({"string"} if kind == "SecureString" and string_is_secure else set())
            _check(name, kind, parameter["value"], allowed, list_key)
        names.append(name)
    if len(names) != len(set(names)):
        raise BadValue("a parameter is given twice")
    return parameters


def _check(name: str, kind: str, value: Any, allowed: set[str], list_key: str) -> None:
    if not isinstance(value, dict) or len(value) != 1 or not set(value) <= set(CHECKS):
        raise BadValue(f"the value of {name} is unreadable", unreadable=True)
    ((key, inner),) = value.items()
    if kind != "Any" and key not in allowed:
        raise BadValue(f"the value of {name} is no {kind}")
    if not isinstance(inner, dict) or not CHECKS[key](inner):
        raise BadValue(f"the value of {name} is no {kind}")
    if key == "array":
        element = kind.partition("/")[2] or "Any"
        for item in inner["elements"]:
            _check(name, element, item, {key_of(element)}, list_key)
    if key == "properties":
        entries = inner.get(list_key)
        if not isinstance(entries, list):
            raise BadValue(f"the value of {name} is no {kind}")
        for entry in entries:
            if not isinstance(entry, dict) or not isinstance(entry.get("key"), str):
                raise BadValue(f"the value of {name} is no {kind}")
            _check(name, "Any", entry.get("value"), set(), list_key)


def shown(parameter: dict[str, Any], secure: str, float_numbers: bool) -> dict[str, Any]:
    """Return a parameter as the server answers it."""
    value = parameter.get("value") or None
    rest = {name: item for name, item in parameter.items() if name != "value"}
    if value is not None and parameter["type"] == "SecureString":
        value = {"secure-string": next(iter(value.values()))}
    answered = None if value is None else _shown_value(value, secure, float_numbers)
    return {**rest, "value": answered} if answered else rest


def _shown_value(value: Any, secure: str, float_numbers: bool) -> Any:
    """Return a value as it reads back; None where it is left out."""
    if isinstance(value, list):
        return [_shown_value(item, secure, float_numbers) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1 and isinstance(inner := next(iter(value.values())), dict):
        return _shown_envelope(next(iter(value)), inner, secure, float_numbers)
    return {name: _shown_value(item, secure, float_numbers) for name, item in value.items()}


def _shown_envelope(key: str, inner: dict[str, Any], secure: str, float_numbers: bool) -> Any:
    if key in SECRET:
        ways = {"omit": None, "masked": {key: {**inner, "value": MASKED}}, "plain": {key: inner}}
        return ways[secure]
    changed: dict[str, Any] = {}
    if key == "number" and float_numbers and inner["value"] is not None:
        changed = {"value": float(inner["value"])}
    elif key == "date" and inner["value"] is not None:
        changed = {"value": inner["value"].replace("Z", ".000+00:00")}
    elif key == "sdk-object":
        changed = {"display-value": inner["id"], "href": ""}
    return {key: {**_shown_value(inner, secure, float_numbers), **changed}}
