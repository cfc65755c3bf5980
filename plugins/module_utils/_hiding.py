# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values under keys that the user calls secret: found in options, and masked in what is shown. Pure.

This file is private to the collection and may change at any time.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

MASK = "********"


def hide(value: Any, keys: Collection[str]) -> Any:
    """Return a value with what stands under the keys masked, at any depth, also in a text that is JSON.

    An object with a ``name`` and a ``value`` counts as such a pair, as the orchestrator writes inputs.
    """
    if not keys:
        return value
    if isinstance(value, Mapping):
        name = value.get("name")
        pair = "value" in value and isinstance(name, str) and name in keys
        return {
            key: MASK if key in keys or (pair and key == "value") else hide(item, keys)
            for key, item in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [hide(item, keys) for item in value]
    inner = _inside(value)
    if inner is None:
        return value
    try:
        hidden = hide(inner, keys)
        return value if hidden == inner else json.dumps(hidden)
    except RecursionError:
        return MASK  # what cannot be gone through may hold anything


def found_under(value: Any, keys: Collection[str]) -> Iterator[str]:
    """Yield the texts under the keys, at any depth."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _texts(item) if key in keys else found_under(item, keys)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from found_under(item, keys)
    else:
        inner = _inside(value)
        if inner is not None:
            yield from found_under(inner, keys)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _texts(item)
    elif value is not None and not isinstance(value, bool):
        yield str(value)


def _inside(value: Any) -> Any:
    """Return the object or list that a text is the JSON of, or None."""
    if not isinstance(value, str) or value.strip()[:1] not in ("{", "["):
        return None
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None
