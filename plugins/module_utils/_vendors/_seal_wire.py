# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What SEAL Operator sends: replies, tasks, documents and lists, read into the normal form. Pure.

Which of it is documented and which rests on inference stands in seal.py.
This file is private to the collection and may change at any time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from .. import _convergence as convergence
from .._client import RefusalError, Reply, Request, unexpected_from
from .._convergence import Task
from .._errors import OptionError

# Metadata keys of ours: which run of which name a task is, and what a document was uploaded from.
MARKER = "taskbridge"
CHECKSUM = "taskbridge_sha256"
# What is being uploaded to a new document: where the checksum is missing, the upload was broken off.
UPLOAD = "taskbridge_upload"
_STATE_KEYS = ("state", "status")
_OWNER_KEYS = ("owner", "ownerId")
_REASON_KEYS = ("error", "errorMessage", "message", "reason")

# No page read names a state. These words are plain enough to be taken for what they say; one that
# might mean either side of the start (ready, pending, queued, open) is left for the user to tell.
STATE_WORDS: Mapping[str, tuple[str, ...]] = {
    convergence.IDLE: ("created", "new", "initial", "idle"),
    convergence.RUNNING: ("running", "started", "processing"),
    convergence.COMPLETED: ("finished", "completed", "processed", "done"),
    convergence.FAILED: ("failed", "error"),
    convergence.STOPPED: ("stopped", "cancelled", "canceled", "aborted"),
}


def read_reply(reply: Reply) -> Any:
    """Find the refusal in a reply: the status tells, the body says why, as JSON or as text.

    The wire form of errors is not documented; ``code`` and ``message`` are those of the vendor's
    error class (https://github.com/sealsystems/node-error), the other two those of Keycloak.
    """
    if not 400 <= reply.status < 500 or reply.status == 429:
        return reply.body
    body = reply.body if isinstance(reply.body, Mapping) else {}
    code = member(body, "code") or member(body, "error") or None
    raise RefusalError(
        member(body, "message") or member(body, "error_description"),
        code,
        token_refused=reply.status == 401,
        absent=reply.status == 404,
    )


unexpected = unexpected_from(
    "SEAL Operator", "Check that url leads to SEAL Operator's REST API, port 3008 by default."
)


def members(request: Request, payload: Any) -> list[Any]:
    """Return the members of a collection: a bare array, or an object with one array in it."""
    if isinstance(payload, list):
        return payload
    holder = payload.get("embedded", payload) if isinstance(payload, Mapping) else None
    arrays = (
        [value for value in holder.values() if isinstance(value, list)] if isinstance(holder, Mapping) else []
    )
    if len(arrays) != 1:
        raise unexpected(request, "no list in it")
    return arrays[0]


def state_words(option: Mapping[str, Any] | None = None) -> dict[str, str]:
    """Return our word for each of the server's words: those of the option ``state_words``, then ours."""
    words = {word: state for state, known in STATE_WORDS.items() for word in known}
    given: dict[str, str] = {}
    for state, added in (option or {}).items():
        for word in added or ():
            if given.setdefault(word.lower(), state) != state:
                raise OptionError(
                    f"state_words.{state}", word, "stands in two lists", "Leave it in the one that is right."
                )
    return {**words, **given}


def read_task(request: Request, wire: Any, words: Mapping[str, str] | None = None) -> Task:
    """Read a task object of the wire into the normal form."""
    if not isinstance(wire, Mapping) or not text_of(wire.get("tid")) or not isinstance(wire.get("name"), str):
        raise unexpected(request, "a task without tid and name")
    metadata = wire.get("metadata")
    listed = embedded_list(wire, "input")
    fields = {
        "name": wire["name"],
        "type": text_of(wire.get("type")),
        "owner": next((text_of(wire[key]) for key in _OWNER_KEYS if key in wire), None),
        "metadata": {key: value for key, value in metadata.items() if key != MARKER}
        if isinstance(metadata, Mapping)
        else None,
        "documents": None if listed is None else read_items(request, listed),
    }
    known = state_words() if words is None else words
    state = known.get((state_word(wire) or "").lower(), convergence.UNKNOWN)
    return Task(
        id=wire["tid"],
        name=wire["name"],
        state=state,
        enabled=None,
        fields={name: value for name, value in fields.items() if value is not None},
        wire=wire,
        error=_reason(wire) if state == convergence.FAILED else "",
    )


def read_document(request: Request, wire: Any) -> Task:
    """Read a repository entry of the wire into the normal form."""
    if (
        not isinstance(wire, Mapping)
        or not text_of(wire.get("uuid"))
        or not isinstance(wire.get("name"), str)
    ):
        raise unexpected(request, "an entry without uuid and name")
    metadata = metadata_of(wire)
    fields = {
        "name": wire["name"],
        "checksum": text_of(metadata.get(CHECKSUM)),
        "metadata": {key: value for key, value in metadata.items() if key not in (CHECKSUM, UPLOAD)},
    }
    return Task(
        id=wire["uuid"],
        name=wire["name"],
        state="",
        enabled=None,
        fields={name: value for name, value in fields.items() if value is not None},
        wire=wire,
    )


def embedded_list(wire: Any, kind: str) -> list[Any] | None:
    """Return the items of a task's input or output list where it came embedded."""
    inner: Any = wire
    for name in ("lists", kind, "embedded", "listItems"):
        inner = inner.get(name) if isinstance(inner, Mapping) else None
    return inner if isinstance(inner, list) else None


def with_outputs(wire: Mapping[str, Any], items: list[Any]) -> dict[str, Any]:
    """Return a task's wire object as it is with its output list embedded."""
    return {**wire, "lists": {**_mapping(wire, "lists"), "output": {"embedded": {"listItems": items}}}}


def read_items(request: Request, wires: list[Any]) -> list[dict[str, Any]]:
    """Read the items of a list, of which none may be unreadable."""
    items = readable_items(wires)
    if len(items) < len(wires):
        raise unexpected(request, "a list item without href")
    return items


def readable_items(wires: list[Any]) -> list[dict[str, Any]]:
    """Read those items of a list that name a document."""
    items = []
    for wire in wires:
        href = wire.get("href") if isinstance(wire, Mapping) else None
        if isinstance(href, str):
            metadata = {"metadata": wire["metadata"]} if isinstance(wire.get("metadata"), Mapping) else {}
            items.append({"href": path_of(href), **metadata})
    return items


def sent_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """Write an item as it is sent and shown; a document that is not uploaded yet is known by its path."""
    names = ("href", "metadata") if "href" in item else ("path", "metadata")
    return {name: item[name] for name in names if name in item}


def href_of(wire: Mapping[str, Any]) -> str | None:
    """Return where the object is: ``links.self.href``, or beside the other properties."""
    links = wire.get("links")
    own = links.get("self") if isinstance(links, Mapping) else None
    href = own.get("href") if isinstance(own, Mapping) else wire.get("href")
    return path_of(href) if isinstance(href, str) and href else None


def path_of(href: str) -> str:
    """Return the path of an href, which may come with the server's address before it."""
    return urlsplit(href).path if re.match(r"https?://", href) else href


def state_word(wire: Mapping[str, Any]) -> str | None:
    """Return the server's own word for a task's state."""
    return next((text_of(wire[key]) for key in _STATE_KEYS if key in wire), None)


def unknown_state(task: Task) -> str:
    """Say why the state of a task says nothing to us, and what to do about it."""
    word = state_word(task.wire)
    if word is None:
        return (
            f"The server's task {task.name!r} (id {task.id}) has none of the properties "
            f"{' and '.join(_STATE_KEYS)}, so it cannot be known whether it was started."
        )
    return (
        f"The task {task.name!r} (id {task.id}) is {word!r}, and that word is in no list of state_words. "
        f"Add it to state_words.idle when such a task was never started, else to the list it belongs to."
    )


def _reason(wire: Mapping[str, Any]) -> str:
    """Return why a task failed: a text, or an object as the vendor's errors are."""
    for told in (wire[key] for key in _REASON_KEYS if key in wire):
        text, code = (text_of(told) or member(told, "message")), member(told, "code")
        if text:
            return f"{text} (code {code})" if code else text
    return ""


def marker_of(name: str, run: int) -> str:
    """Return what marks a task as the so-manieth of ours of its name."""
    return name if run == 1 else f"{name}#{run}"


def run_number(task: Task) -> int:
    """Return which of our tasks of its name this is: 1 and up, or 0 for a task that is not ours."""
    marker = member(metadata_of(task.wire), MARKER)
    if marker == task.name:
        return 1
    found = (
        re.fullmatch(r"#([1-9]\d{0,8})", marker[len(task.name) :]) if marker.startswith(task.name) else None
    )
    return int(found.group(1)) if found else 0


def member(payload: Any, name: str) -> str:
    """Return a text of a JSON object, or an empty one."""
    value = payload.get(name) if isinstance(payload, Mapping) else None
    return value if isinstance(value, str) else ""


def metadata_of(wire: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the metadata of a task or a document."""
    return _mapping(wire, "metadata")


def _mapping(wire: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = wire.get(name)
    return value if isinstance(value, Mapping) else {}


def text_of(value: Any) -> str | None:
    """Return a text that says something."""
    return value if isinstance(value, str) and value else None
