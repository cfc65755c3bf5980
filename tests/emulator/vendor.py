# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a vendor file implements, and the pieces every vendor file is made of."""

from __future__ import annotations

import copy
import heapq
import itertools
import json
import secrets
import string
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import unquote

from starlette.routing import compile_path

from .clock import Clock

ALPHANUMERIC = string.ascii_letters + string.digits
DEEPEST_JSON = 100  # far below where Python itself gives up, so what is read can be shown again


def random_text(length: int, alphabet: str = ALPHANUMERIC) -> str:
    """Make a secret that differs at every start, so that none can be hard-wired in a test."""
    return "".join(secrets.choice(alphabet) for dummy in range(length))


def read_json(text: str | bytes) -> Any:
    """Read JSON; ValueError for all that could not be written back, such as endless nesting."""
    try:
        document = json.loads(text)
    except RecursionError:
        raise ValueError("the JSON is nested too deeply") from None
    _check_depth(document, DEEPEST_JSON)
    json.dumps(document, ensure_ascii=False, allow_nan=False).encode()
    return document


def _check_depth(value: Any, left: int) -> None:
    if not left:
        raise ValueError("the JSON is nested too deeply")
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _check_depth(inner, left - 1)


class SwitchError(ValueError):
    """A switch was named, or set to a value, that does not exist."""


class SeedError(ValueError):
    """What was to be seeded is not what the vendor file can hold."""


@dataclass(frozen=True)
class Switch:
    """One behaviour nobody has proven: its default and what it may be set to instead."""

    name: str
    default: Any
    allowed: tuple[Any, ...] | type
    doc: str

    def describe(self) -> str | list[Any]:
        """Say what may be set: the list of values, or the kind of value."""
        return self.allowed.__name__ if isinstance(self.allowed, type) else list(self.allowed)

    def check(self, value: Any) -> Any:
        """Return the value if it is allowed, by type as well: true is not the number 1."""
        if isinstance(self.allowed, type):
            good = isinstance(value, self.allowed) and isinstance(value, bool) == (self.allowed is bool)
        else:
            good = any(type(value) is type(known) and value == known for known in self.allowed)
        if not good:
            raise SwitchError(f"switch {self.name}: {value!r} is not allowed, allowed: {self.describe()}")
        return value


@dataclass
class Call:
    """A request as the vendor files see it: read to its end and parsed, and as it came.

    ``path``, ``raw_query`` and ``body`` are undecoded, for servers that verify signatures over them.
    """

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    form: dict[str, str]
    json: Any
    secure: bool
    client: str
    origin: str
    raw_query: str = ""
    body: bytes = b""
    params: dict[str, str] = field(default_factory=dict)


@dataclass
class Reply:
    """An answer: anything but text and bytes goes out as JSON."""

    body: Any = ""
    status: int = 200
    media: str = "application/json; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)


Handler = Callable[[Call], Reply]


@dataclass(frozen=True)
class Operation:
    """One thing a client can ask for: the name used in the log and in faults, and who answers."""

    name: str
    methods: tuple[str, ...]
    handler: Handler
    writes: bool = False


class Routes:
    """Path templates and the operations behind them, matched on the undecoded path.

    The undecoded path matters where a task's name is a path segment and holds a slash.
    """

    def __init__(self) -> None:
        self._known: list[tuple[Any, Operation]] = []

    def add(self, path: str, operation: Operation) -> None:
        """Serve this operation at this path template."""
        self._known.append((compile_path(path)[0], operation))

    def find(self, method: str, raw_path: str) -> tuple[Operation, dict[str, str]] | None:
        """Return the operation for this request with its decoded path parameters."""
        for regex, operation in self._known:
            if method in operation.methods and (match := regex.match(raw_path)):
                return operation, {name: unquote(value) for name, value in match.groupdict().items()}
        return None

    def methods(self, raw_path: str) -> set[str]:
        """Return the methods served at this path, to tell 404 from 405."""
        return {m for regex, operation in self._known if regex.match(raw_path) for m in operation.methods}


class Agenda:
    """What is due when. Events of one instant run in the order they were entered."""

    def __init__(self) -> None:
        self._events: list[tuple[float, int, Callable[[float], None]]] = []
        self._order = itertools.count()

    def __copy__(self) -> Agenda:
        """Return an agenda with the same events that can be changed by itself."""
        twin = Agenda()
        twin._events, twin._order = list(self._events), self._order
        return twin

    def add(self, when: float, action: Callable[[float], None]) -> None:
        """Enter something to do at an instant."""
        heapq.heappush(self._events, (when, next(self._order), action))

    def run_until(self, now: float) -> None:
        """Do all that is due; what an event enters in turn is done as well."""
        while self._events and self._events[0][0] <= now:
            when, dummy, action = heapq.heappop(self._events)
            action(when)


class Vendor(ABC):
    """One vendor's server."""

    key: ClassVar[str]
    prefixes: ClassVar[tuple[str, ...]]
    switches: ClassVar[tuple[Switch, ...]]

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.routes = Routes()
        self.setup()
        self.reset()

    @abstractmethod
    def setup(self) -> None:
        """Make the secrets of this start and enter the routes."""

    @abstractmethod
    def account(self, http: str, https: str) -> dict[str, Any]:
        """Return all a client needs to log in, under the names of the collection's options.

        ``environment`` holds the variables that say the same to the collection's modules, over TLS.
        """

    @abstractmethod
    def clear(self) -> None:
        """Forget every task and every token that was not there at the start."""

    @abstractmethod
    def seed(self, data: dict[str, Any]) -> int:
        """Take tasks in the wire form as if they had always been there; return how many."""

    @abstractmethod
    def tasks(self) -> list[dict[str, Any]]:
        """Return the true state, whatever the switches make the API show."""

    @abstractmethod
    def void_token(self, call: Call) -> None:
        """Make the token of this request worthless from now on."""

    @abstractmethod
    def not_found(self, call: Call, methods: set[str]) -> Reply:
        """Answer a path, or a method on a path, that the vendor does not serve."""

    def reset(self) -> None:
        """Go back to the state right after the start."""
        self.values = {switch.name: switch.default for switch in self.switches}
        self.agenda = Agenda()
        self.starts: Counter[str] = Counter()
        self.clear()

    def subject(self, call: Call) -> Any:
        """Return the task a request is about, if there is one."""
        return None

    @contextmanager
    def whole_or_nothing(self, call: Call | None = None) -> Iterator[None]:
        """Put everything back as it was if the block fails: an error never leaves half a change."""
        touched = [self, *filter(None, [self.subject(call) if call else None])]
        kinds = (dict, list, set, int, float, str, type(None), Agenda)
        kept = [
            {name: copy.copy(value) for name, value in vars(one).items() if isinstance(value, kinds)}
            for one in touched
        ]
        try:
            yield
        except Exception:
            for one, values in zip(touched, kept, strict=True):
                vars(one).update(values)
            raise

    def tick(self) -> None:
        """Let happen what the clock has passed."""
        self.agenda.run_until(self.clock.now())

    def serves(self, path: str) -> bool:
        """Say whether a path is this vendor's; for those whose prefixes alone do not tell."""
        return path.startswith(self.prefixes)

    def resolve(self, operation: Operation, call: Call) -> Operation:
        """Name the operation more closely where the path alone does not tell it."""
        return operation

    def finish(self, reply: Reply, call: Call) -> Reply:
        """Dress the answer as the vendor does."""
        return reply

    def check_switches(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return the values if each is allowed for a known switch."""
        known = {switch.name: switch for switch in self.switches}
        if unknown := sorted(set(values) - set(known)):
            raise SwitchError(f"{self.key} has no switch {', '.join(unknown)}, it has: {', '.join(known)}")
        return {name: known[name].check(value) for name, value in values.items()}
