# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers of a server, spoiled in every way that somebody can think of, and in some that nobody has.

What is done is drawn from a source of numbers: hypothesis gives one that looks for the shortest example, and
atheris one that looks for code that no example has reached yet.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

# Returns a number from 0 up to, and without, the one that it is given.
Draw = Callable[[int], int]


@dataclass(frozen=True)
class Answer:
    """What a server answers."""

    status: int
    headers: dict[str, str]
    body: bytes


def _nested(levels: int) -> Any:
    value: Any = 1
    for dummy in range(levels):
        value = [value] if dummy % 2 else {"value": value}
    return value


VALUES: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    1,
    2**31,
    2**63,
    10**30,
    -(10**400),
    0.5,
    1e308,
    "",
    " ",
    "0",
    "-1",
    "x" * 5000,
    "\0",
    "\ud83d",
    "\u202e\n",
    "../../x?a=b#c",
    "http://[::1",
    "9999-99-99T99:99:99Z",
    "9999-12-31T23:59:59+00:00",
    "0001-01-01T00:00:00+14:00",
    "[[[[",
    "[" * 900 + "]" * 900,
    '{"a": NaN}',
    "(Mars/Olympus) 25:61:61,",
    "* * * * *",
    [],
    {},
    [None],
    [[]],
    {"": None},
    {"id": {}, "name": [], "value": None},
    _nested(40),
)
BODIES: tuple[bytes, ...] = (
    b"",
    b"null",
    b"true",
    b"0",
    b'""',
    b"[]",
    b"{}",
    b"[null]",
    b"NaN",
    b'{"a": 1e999}',
    b'{"a": ' + b"9" * 5000 + b"}",
    b"[" * 900 + b"]" * 900,
    b'{"a": ' * 100_000,
    b'{"a": "\xff\xfe"}',
    b"\xff\xfe",
    b"<html><body>Welcome</body></html>",
    b'{"error": null}',
    b'{"error": {"code": [], "message": {}, "details": 1}}',
    b'{"status": false}',
    b'{"status": true, "value": null}',
    b'{"code": {}, "message": []}',
    b'{"p": "C:\\new\\x"}',
)
STATUSES = (
    200,
    201,
    202,
    204,
    206,
    301,
    302,
    304,
    307,
    400,
    401,
    403,
    404,
    409,
    410,
    418,
    429,
    500,
    503,
    599,
)
MEDIA = (
    "text/html",
    "application/json; charset=iso-8859-1",
    "application/json; charset=klingon",
    "application/json; charset=utf-16",
    "application/json; charset=utf-7",
    "",
)
TARGETS = (
    "",
    "/",
    "http://[::1",
    "http://h:99999999/",
    "https://elsewhere.invalid/x",
    "\xff\xfe",
    "x" * 5000,
)


def spoiled(answer: Answer, draw: Draw) -> Answer:
    """Return the answer in another form."""
    return WAYS[draw(len(WAYS))](answer, draw)


def _value(answer: Answer, draw: Draw) -> Answer:
    """Put something else in the place of a part of the document."""
    return _edited(answer, draw, lambda found: VALUES[draw(len(VALUES))])


def _kind(answer: Answer, draw: Draw) -> Answer:
    """Wrap a part of the document, or say it in another type."""
    ways: tuple[Callable[[Any], Any], ...] = (
        lambda found: [found],
        lambda found: {"value": found},
        str,
        lambda found: [found, found],
        lambda found: list(found) if isinstance(found, dict) else dict.fromkeys("ab", found),
    )
    way = ways[draw(len(ways))]
    return _edited(answer, draw, way)


_GONE = object()


def _lack(answer: Answer, draw: Draw) -> Answer:
    """Leave out a part of the document."""
    return _edited(answer, draw, lambda found: _GONE)


def _body(answer: Answer, draw: Draw) -> Answer:
    return replace(answer, body=BODIES[draw(len(BODIES))])


def _cut(answer: Answer, draw: Draw) -> Answer:
    return replace(answer, body=answer.body[: draw(len(answer.body) + 1)])


def _byte(answer: Answer, draw: Draw) -> Answer:
    body = bytearray(answer.body or b" ")
    body[draw(len(body))] = draw(256)
    return replace(answer, body=bytes(body))


def _status(answer: Answer, draw: Draw) -> Answer:
    return replace(answer, status=STATUSES[draw(len(STATUSES))])


def _media(answer: Answer, draw: Draw) -> Answer:
    return replace(answer, headers={**answer.headers, "Content-Type": MEDIA[draw(len(MEDIA))]})


def _target(answer: Answer, draw: Draw) -> Answer:
    """Point to somewhere else, as an answer to a create or as a redirect."""
    headers = {name: value for name, value in answer.headers.items() if name.lower() != "location"}
    headers["Location"] = TARGETS[draw(len(TARGETS))]
    return replace(answer, headers=headers, status=(answer.status, 302)[draw(2)])


# What changes the document is what reaches deepest, so it is there more than once.
WAYS = (_value, _value, _value, _kind, _kind, _lack, _lack, _body, _cut, _byte, _status, _media, _target)


def _edited(answer: Answer, draw: Draw, edit: Callable[[Any], Any]) -> Answer:
    """Change some part of the document: the whole, or what is found on a way down into it."""
    try:
        document = json.loads(answer.body)
    except ValueError:
        return _body(answer, draw)
    changed = _changed(document, draw, edit)
    body = b"" if changed is _GONE else json.dumps(changed).encode()
    return replace(answer, body=body)


def _changed(found: Any, draw: Draw, edit: Callable[[Any], Any]) -> Any:
    keys: list[Any] = list(found) if isinstance(found, dict) else []
    if isinstance(found, list):
        keys = list(range(len(found)))
    # One in five stops on the way, so that lists and objects are changed, too.
    if not keys or draw(5) == 0:
        return edit(found)
    key = keys[draw(len(keys))]
    inner = _changed(found[key], draw, edit)
    copy = dict(found) if isinstance(found, dict) else dict(enumerate(found))
    copy[key] = inner
    if inner is _GONE:
        del copy[key]
    return copy if isinstance(found, dict) else list(copy.values())
