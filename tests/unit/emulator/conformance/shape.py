# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare an answer with the shape it must have, strictly: a key more is as wrong as a key less.

A shape is written as the answer itself. What is not fixed stands there as a mark:

``<string>``            any value of that JSON type; several types with ``|`` between them
``<string as name>``    the same, and what comes is kept under that name
``<string ~ regex>``    a text that matches from its beginning to its end
``key?``                a key that may be left out
``{"<each>": shape}``   a list of at least one element, each of that shape

Types: string, integer, double, boolean, object, list, null. A number with a point is a double, 1 is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

EACH = "<each>"
MARK = re.compile(r"<([a-z|]+)(?: as (\w+))?(?: ~ (.+))?>", re.DOTALL)
TYPES: dict[str, type] = {
    "string": str,
    "integer": int,
    "double": float,
    "boolean": bool,
    "object": dict,
    "list": list,
    "null": type(None),
}


@dataclass(frozen=True)
class Comparison:
    """What differs, one text for each difference, and what was kept."""

    differences: tuple[str, ...] = ()
    kept: dict[str, Any] = field(default_factory=dict)


def compare(shape: Any, value: Any, at: str = "") -> Comparison:
    """Compare a value with a shape; ``at`` is where it stands in the answer."""
    if isinstance(shape, dict):
        return _compare_each(shape[EACH], value, at) if EACH in shape else _compare_object(shape, value, at)
    if isinstance(shape, list):
        return _compare_list(shape, value, at)
    if isinstance(shape, str) and (mark := MARK.fullmatch(shape)):
        return _compare_mark(mark, value, at)
    same = type(shape) is type(value) and shape == value
    return Comparison() if same else _differs(at, shape, value)


def _compare_object(shape: dict[str, Any], value: Any, at: str) -> Comparison:
    if not isinstance(value, dict):
        return _differs(at, "an object", value)
    known = {name.removesuffix("?"): inner for name, inner in shape.items()}
    needed = {name for name in shape if not name.endswith("?")}
    lacking = [f"{at}.{name} is missing" for name in known if name in needed - set(value)]
    unknown = [f"{at}.{name} is not documented" for name in value if name not in known]
    inner = [compare(known[name], value[name], f"{at}.{name}") for name in known if name in value]
    return _joined([Comparison((*lacking, *unknown)), *inner])


def _compare_list(shape: list[Any], value: Any, at: str) -> Comparison:
    if not isinstance(value, list):
        return _differs(at, "a list", value)
    if len(shape) != len(value):
        return _differs(at, f"a list of {len(shape)}", value)
    return _joined(
        compare(*pair, f"{at}[{index}]") for index, pair in enumerate(zip(shape, value, strict=True))
    )


def _compare_each(shape: Any, value: Any, at: str) -> Comparison:
    if not isinstance(value, list) or not value:
        return _differs(at, "a list with something in it", value)
    return _compare_list([shape] * len(value), value, at)


def _compare_mark(mark: re.Match[str], value: Any, at: str) -> Comparison:
    kinds, name, pattern = mark.groups()
    if type(value) not in {TYPES[kind] for kind in kinds.split("|")}:
        return _differs(at, kinds, value)
    if pattern and isinstance(value, str) and not re.fullmatch(pattern, value, re.DOTALL):
        return _differs(at, pattern, value)
    return Comparison(kept={name: value} if name else {})


def _differs(at: str, wanted: Any, value: Any) -> Comparison:
    return Comparison((f"{at or 'the answer'} is {value!r}, not {wanted!r}",))


def _joined(parts: Iterable[Comparison]) -> Comparison:
    parts = list(parts)
    kept = {name: value for part in parts for name, value in part.kept.items()}
    return Comparison(tuple(text for part in parts for text in part.differences), kept)
