# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Inputs of the orchestrator's workflows: from a playbook's value to the wire and back. Pure.

What has a type here is what a playbook can write; other values are kept as the server shows them.
The wire forms are those of runs, as the vendor's specification and clients have them; see vro.py.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from .. import _schedule as schedule
from .._errors import OptionError, UnreachableStateError
from .._hiding import MASK

# Types of secret texts, and the keys of their values.
_SECRET_KEYS = {"SecureString": "secure-string", "EncryptedString": "encrypted-string"}
_NOT_WRITABLE = re.compile(r"(Array/)?(MimeAttachment|Regexp|CompositeType\(.*)", re.DOTALL)


@dataclass(frozen=True)
class SdkObject:
    """An object of a plug-in's inventory, by its type and id."""

    type: str
    id: str


@dataclass(frozen=True)
class Secret:
    """A secret text, under the key of its wire form. The text of one that was read is not known."""

    key: str
    text: str | None = None


@dataclass(frozen=True)
class Opaque:
    """A value of a kind that cannot be written in a playbook, as the server shows it."""

    envelope: Any


@dataclass(frozen=True)
class Parameter:
    """A typed input. ``changes`` says that a secret is to be set although it cannot be compared."""

    type: str
    value: Any
    changes: bool = False

    @property
    def is_secret(self) -> bool:
        """Whether the type says that the value is compared with nothing and shown to nobody."""
        return is_secret(self.type)

    @property
    def is_unknown(self) -> bool:
        """Whether it was read and holds a secret, so that sending it would lose what the server has."""
        return _holds_unknown(self.value)

    def same(self, existing: Parameter | None) -> bool:
        """Return whether the server has it already, as far as that can be seen."""
        if existing is None or self.type != existing.type:
            return False
        return not self.changes if self.is_secret else encode(self.value) == encode(existing.value)


def is_secret(kind: str) -> bool:
    """Return whether values of a type are secrets: one, or an array of them."""
    return kind.rpartition("/")[2] in _SECRET_KEYS


def typed_input(name: str, kind: str, value: Any) -> Parameter:
    """Give a value from a playbook the type that the workflow declares, or refuse it by name."""
    if _NOT_WRITABLE.fullmatch(kind):
        raise UnreachableStateError(
            f"inputs.{name}: the workflow declares it as {kind}, a type that this module cannot send. "
            "Leave it out, and let the workflow use its default."
        )
    try:
        return Parameter(kind, None if value is None else _typed_value(kind, value))
    except ValueError as error:
        raise OptionError(
            f"inputs.{name}",
            MASK if is_secret(kind) else value,
            f"does not fit the type {kind} that the workflow declares",
            f"Give {error}.",
        ) from None


def read_input(wire: Mapping[str, Any]) -> Parameter:
    """Read a parameter of the wire. A secret counts as unknown whatever the server shows of it."""
    kind = str(wire.get("type") or "Any")
    secret = _SECRET_KEYS.get(kind.rpartition("/")[2])
    return Parameter(kind, Secret(secret) if secret else decode(wire.get("value")))


def wire_input(name: str, item: Parameter) -> dict[str, Any]:
    """Write a parameter of the wire; one without a value has none there either."""
    value = encode(item.value)
    known = {"name": name, "type": item.type, "scope": "local"}
    return known if value is None else {**known, "value": value}


def shown_value(value: Any) -> Any:
    """Write a value, or an input, as a playbook would have it; secrets are masked."""
    return next((show(value) for kind, show in _SHOWN if isinstance(value, kind)), value)


def without_secrets(wire: Any) -> Any:
    """Mask all secrets in a vendor's object, by the types of parameters and the keys of values."""
    if isinstance(wire, list):
        return [without_secrets(item) for item in wire]
    if not isinstance(wire, Mapping):
        return wire
    masked = {
        key: MASK if key in _SECRET_KEYS.values() else without_secrets(item) for key, item in wire.items()
    }
    if wire.get("value") and is_secret(str(wire.get("type"))):
        masked["value"] = MASK
    return masked


def secret_texts(wire: Any, secret: bool = False) -> Iterator[str]:
    """Yield the secrets that a vendor's object shows in the clear."""
    if isinstance(wire, str) and secret and wire.strip("*"):
        yield wire
    if isinstance(wire, list):
        for item in wire:
            yield from secret_texts(item, secret)
    if isinstance(wire, Mapping):
        of_secret_type = is_secret(str(wire.get("type")))
        for key, item in wire.items():
            hidden = key in _SECRET_KEYS.values() or (key == "value" and of_secret_type)
            yield from secret_texts(item, secret or hidden)


def encode(value: Any) -> dict[str, Any] | None:
    """Write a value as its wire form: one key, that of its kind."""
    if value is None:
        return None
    written: dict[str, Any] = next(write(value) for kind, write in _WRITERS if isinstance(value, kind))
    return written


def decode(envelope: Any) -> Any:
    """Read a value of the wire."""
    if not envelope:
        return None
    if not isinstance(envelope, Mapping) or len(envelope) != 1:
        return Opaque(envelope)
    ((key, inner),) = envelope.items()
    if key in _SECRET_KEYS.values():
        return Secret(key)
    if not isinstance(inner, Mapping) or key not in _READERS:
        return Opaque(envelope)
    value = _READERS[key](inner)
    return Opaque(envelope) if value is None and inner.get("value") is not None else value


def moment(value: Any) -> datetime | None:
    """Read a date of the wire: a text with an offset, or milliseconds as 5.x has them."""
    try:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / 1000, timezone.utc)
        # Python 3.9 reads neither Z nor an offset without a colon.
        text = re.sub(r"([+-]\d\d)(\d\d)$", r"\1:\2", re.sub(r"[zZ]$", "+00:00", value))
        instant = datetime.fromisoformat(text)
        return instant.astimezone(timezone.utc) if instant.tzinfo else instant.replace(tzinfo=timezone.utc)
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def _holds_unknown(value: Any) -> bool:
    if isinstance(value, Secret):
        return value.text is None
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(_holds_unknown(item) for item in inner)


# From a playbook. Each raises ValueError with the words for what is wanted.


def _typed_value(kind: str, value: Any) -> Any:
    if kind.startswith("Array/"):
        if not isinstance(value, list):
            raise ValueError(f"a list of values of the type {kind[6:]}")
        return [_typed_value(kind[6:], item) for item in value]
    if kind in _SECRET_KEYS:
        return Secret(_SECRET_KEYS[kind], _typed_text(value))
    return _TYPES[kind](value) if kind in _TYPES else _typed_object(kind, value)


def _typed_text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("a text, in quotes where it looks like a number or a truth value")
    if value == MASK:
        raise ValueError("the secret itself: this is what is shown in its place")
    return value


def _typed_number(value: Any) -> int | float:
    """Take numbers, and texts that are numbers: templates make texts."""
    if isinstance(value, str) and re.fullmatch(r"\s*[+-]?\d+(\.\d+)?([eE][+-]?\d+)?\s*", value):
        value = float(value) if re.search(r"[.eE]", value) else int(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ValueError("a number")
    return int(value) if value == int(value) else value


def _typed_flag(value: Any) -> bool:
    """Take truth values, and texts that are such: templates make texts."""
    if isinstance(value, str):
        value = {"true": True, "false": False}.get(value.strip().lower())
    if not isinstance(value, bool):
        raise ValueError("true or false")
    return value


def _typed_moment(value: Any) -> datetime:
    try:
        return schedule.parse_instant(str(value), "inputs")
    except OptionError:
        raise ValueError("an ISO 8601 time, as 2030-01-31T18:30:00Z; without an offset it is UTC") from None


def _typed_properties(value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError("a dictionary")
    return {str(key): _typed_any(item) for key, item in value.items()}


def _typed_any(value: Any) -> Any:
    """Type a value by its own kind; a dictionary becomes Properties."""
    if isinstance(value, list):
        return [_typed_any(item) for item in value]
    for kind, read in ((bool, _typed_flag), (str, _typed_text), (Mapping, _typed_properties)):
        if isinstance(value, kind):
            return read(value)
    return _typed_number(value)


def _typed_object(kind: str, value: Any) -> SdkObject:
    known = value if isinstance(value, Mapping) else {}
    texts = all(isinstance(item, str) and item for item in known.values())
    if set(known) not in ({"id"}, {"id", "type"}) or not texts:
        raise ValueError(f"a dictionary of id and type, as id: vcenter/vm-42 and type: {kind}")
    return SdkObject(known.get("type", kind), known["id"])


_TYPES: dict[str, Callable[[Any], Any]] = {
    "string": _typed_text,
    "number": _typed_number,
    "boolean": _typed_flag,
    "Date": _typed_moment,
    "Properties": _typed_properties,
    "Any": _typed_any,
}


# To the wire, and from it.


def _written_properties(value: Mapping[str, Any]) -> dict[str, Any]:
    entries = [{"key": key, "value": encode(item)} for key, item in sorted(value.items())]
    return {"properties": {"property": entries}}


# A truth value is a number to Python, so it comes first.
_WRITERS: tuple[tuple[Any, Callable[[Any], dict[str, Any]]], ...] = (
    (bool, lambda value: {"boolean": {"value": value}}),
    (str, lambda value: {"string": {"value": value}}),
    ((int, float), lambda value: {"number": {"value": value}}),
    (datetime, lambda value: {"date": {"value": value.isoformat(timespec="milliseconds")}}),
    (list, lambda value: {"array": {"elements": [encode(item) for item in value]}}),
    (dict, _written_properties),
    (SdkObject, lambda value: {"sdk-object": {"type": value.type, "id": value.id}}),
    (Secret, lambda value: {value.key: {"value": value.text}}),
    (Opaque, lambda value: value.envelope),
)


def _read_number(inner: Mapping[str, Any]) -> int | float | None:
    """Read a number, which may come back as 42.0 where 42 was sent."""
    value = inner.get("value")
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return None
    return _typed_number(value)


def _read_properties(inner: Mapping[str, Any]) -> dict[str, Any]:
    """Read Properties; the key of the list is property to clients, and properties to the specification."""
    entries = inner.get("property") or inner.get("properties")
    return {
        str(entry.get("key")): decode(entry.get("value"))
        for entry in (entries if isinstance(entries, list) else ())
        if isinstance(entry, Mapping)
    }


def _read_array(inner: Mapping[str, Any]) -> list[Any]:
    elements = inner.get("elements")
    return [decode(item) for item in (elements if isinstance(elements, list) else ())]


def _value_of(kind: type) -> Callable[[Mapping[str, Any]], Any]:
    return lambda inner: inner["value"] if isinstance(inner.get("value"), kind) else None


_READERS: dict[str, Callable[[Mapping[str, Any]], Any]] = {
    "string": _value_of(str),
    "number": _read_number,
    "boolean": _value_of(bool),
    "date": lambda inner: moment(inner.get("value")),
    "array": _read_array,
    "properties": _read_properties,
    "sdk-object": lambda inner: SdkObject(str(inner.get("type")), str(inner.get("id"))),
}

_SHOWN: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    (Parameter, lambda item: shown_value(item.value)),
    (Secret, lambda value: MASK),
    (SdkObject, lambda value: {"type": value.type, "id": value.id}),
    (datetime, lambda value: value.isoformat()),
    (list, lambda value: [shown_value(item) for item in value]),
    (dict, lambda value: {key: shown_value(item) for key, item in value.items()}),
    (Opaque, lambda value: without_secrets(value.envelope)),
)
