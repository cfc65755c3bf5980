# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is secret in options and answers, and how texts may show it. Pure.

This file is private to the collection and may change at any time.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus, urlsplit

MASK = "********"


def secret_keys(options: Mapping[str, Any]) -> set[str]:
    """Return the keys that options call secret, and those of the entries in ``tasks``.

    The options may not have been checked yet.
    """
    given = options.get("secret_keys")
    keys = given.split(",") if isinstance(given, str) else _items(given)
    found = {str(key).strip() for key in keys}
    for entry in _items(options.get("tasks")):
        if isinstance(entry, Mapping):
            found |= secret_keys(entry)
    return found


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def hide(value: Any, keys: Collection[str], tell: Callable[[str], None] = lambda text: None) -> Any:
    """Return a value with what stands under the keys masked, at any depth, also in a text that is JSON.

    An object with a ``name`` or ``key`` and a ``value`` counts as a pair of key and value, as some servers
    write them. ``tell`` is called with each text and number that is masked.
    """
    if not keys:
        return value
    if isinstance(value, Mapping):
        named = any(isinstance(value.get(key), str) and value[key] in keys for key in ("name", "key"))
        return {
            key: _masked(item, tell) if key in keys or (named and key == "value") else hide(item, keys, tell)
            for key, item in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [hide(item, keys, tell) for item in value]
    inner = _inside(value)
    if inner is None:
        return value
    try:
        hidden = hide(inner, keys, tell)
        return value if hidden == inner else json.dumps(hidden)
    except RecursionError:
        return MASK  # what cannot be gone through may hold anything


def _masked(value: Any, tell: Callable[[str], None]) -> str:
    for text in _texts(value):
        tell(text)
    return MASK


def _texts(value: Any) -> Iterator[str]:
    """Yield the texts and numbers in a value; what is masked already is no secret."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _texts(item)
    elif value not in (None, MASK) and not isinstance(value, bool):
        yield str(value)


def _inside(value: Any) -> Any:
    """Return the object or list that a text is the JSON of, or None."""
    if not isinstance(value, str) or value.strip()[:1] not in ("{", "["):
        return None
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None


def forms(secret: str) -> set[str]:
    """Return the forms in which a text may show a secret.

    A server may echo the request's URL or body, and tell no charset; messages quote texts as Python does.
    """
    found = set()
    for text in (secret, secret.encode(errors="replace").decode("latin-1")):
        found |= {text, quote(text, safe="", errors="replace"), quote_plus(text, errors="replace")}
        found |= {json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1], repr(text)[1:-1]}
    return found


def password_in(value: Any) -> str | None:
    """Return the password in a URL, or None."""
    try:
        return urlsplit(value).password if isinstance(value, str) else None
    except ValueError:
        return None
