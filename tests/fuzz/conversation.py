# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whole operations of the modules against an emulator in the same process, one of whose answers is spoiled.

There is no network, and no time passes but that of a clock that is moved, so one takes milliseconds.
"""

from __future__ import annotations

import asyncio
import io
import json
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from threading import RLock
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

import urllib3
from ansible_collections.taskbridge.vendors.plugins.module_utils import _transport
from emulator.__main__ import build
from emulator.server import Listeners
from faults.ways import inside, new_worker
from fuzz.spoiling import Answer, Draw, spoiled
from integration.scenario import Declaration, scenario

_MODULES = "ansible_collections.taskbridge.vendors.plugins.modules"
_HOST = "emulator.example.com"
# How many tasks the operations on many tasks take.
_MANY = 2
# What each operation is asked for besides, where its module takes it: all that can be shown of an answer.
_SHOW_ALL = {"include_raw": True, "secret_keys": ["pin"]}


@dataclass
class Spoiling:
    """Which answer is spoiled, counted from 0, and whether all that follow it are."""

    draw: Draw
    first: int
    lasts: bool
    done: int = 0

    def __call__(self, number: int, answer: Answer) -> Answer:
        """Spoil the answer of a number, if it is its turn."""
        if number < self.first or (number > self.first and not self.lasts):
            return answer
        self.done += 1
        return spoiled(answer, self.draw)


class Stage:
    """One vendor's emulator, what the modules do there, and what stands in for network and time."""

    def __init__(self, vendor: str) -> None:
        """Carry out every operation once to see how many answers it takes."""
        self._vendor = vendor
        self._emulator = build(Listeners(_HOST, [80, 443], ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)), None)
        self._loop = asyncio.new_event_loop()
        self._lock = RLock()
        self._answers = 0
        self._spoiling: Spoiling | None = None
        self._slept = 0.0
        http, https = (self._emulator.listeners.url(scheme) for scheme in ("http", "https"))
        self._account = self._emulator.vendors[vendor].account(http, https)
        self._operations = self._known_operations()
        self._lengths = []
        with self._world():
            for declaration in self._operations:
                result = self._run(declaration)
                assert not result.get("failed"), result
                self._lengths.append(self._answers)

    def close(self) -> None:
        """Give back what the emulator ran on."""
        self._loop.close()

    def attempt(self, draw: Draw) -> dict[str, Any]:
        """Carry out one operation with an answer spoiled; whatever the server says, there is a result."""
        place = draw(len(self._operations))
        with self._world():
            for declaration in self._operations[:place]:
                self._run(declaration)
            new_worker()
            self._spoiling = Spoiling(draw, draw(self._lengths[place]), draw(4) == 0)
            try:
                result = self._run(self._operations[place])
            finally:
                spoiling, self._spoiling = self._spoiling, None
        assert spoiling.done, "no answer was spoiled"
        json.dumps(result, allow_nan=False)
        assert "Traceback" not in str(result)
        return result

    def _known_operations(self) -> list[Declaration]:
        known = scenario(self._vendor, self._account)
        entries = [known.many.entry(number) for number in range(_MANY)]
        changed = [{**entry, **known.many.change} for entry in entries]
        many = [(f"{self._vendor}_tasks", {"tasks": tasks, "concurrency": 1}) for tasks in (entries, changed)]
        return [_showing_all(declaration) for declaration in (*known.operations.values(), *many)]

    def _run(self, declaration: Declaration) -> dict[str, Any]:
        self._answers = 0
        return inside(declaration, self._account["environment"])

    @contextmanager
    def _world(self) -> Iterator[None]:
        """Let requests end here and time pass when somebody waits; begin with an empty server."""
        self._emulator.reset()
        self._slept = 0.0
        new_worker()
        monotonic = time.monotonic
        with (
            patch.object(
                _transport.Adapter, "send", lambda adapter, request, **dummy: self._send(adapter, request)
            ),
            patch("time.sleep", self._sleep),
            patch("time.monotonic", lambda: monotonic() + self._slept),
        ):
            yield

    def _sleep(self, seconds: float) -> None:
        self._slept += seconds
        self._emulator.clock.advance(seconds)

    def _send(self, adapter: Any, request: Any) -> Any:
        """Answer a request in the place of the network."""
        with self._lock:
            answer = self._loop.run_until_complete(self._answer(request))
            if self._spoiling is not None:
                answer = self._spoiling(self._answers, answer)
            self._answers += 1
        raw = urllib3.HTTPResponse(
            io.BytesIO(answer.body), answer.headers, answer.status, preload_content=False
        )
        return adapter.build_response(request, raw)

    async def _answer(self, request: Any) -> Answer:
        """Hand the request to the emulator as its server would."""
        parts = urlsplit(request.url)
        body = request.body.encode() if isinstance(request.body, str) else request.body or b""
        headers = {"Host": parts.netloc, **request.headers}
        scope = {
            "type": "http",
            "method": request.method,
            "scheme": parts.scheme,
            "path": parts.path,
            "raw_path": parts.path.encode(),
            "query_string": parts.query.encode(),
            "headers": [(name.lower().encode(), _header(value)) for name, value in headers.items()],
            "client": ("127.0.0.1", 1),
        }
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        await self._emulator(scope, receive, send)
        start, *rest = sent
        return Answer(
            start["status"],
            {
                name.decode("latin-1"): value.decode("latin-1")
                for name, value in start["headers"]
                if name != b"content-length"  # which would not be that of the spoiled body
            },
            b"".join(part.get("body", b"") for part in rest),
        )


def _header(value: str | bytes) -> bytes:
    """Encode the value of a header, or refuse it as http.client does."""
    encoded = value.encode("latin-1") if isinstance(value, str) else value
    if b"\n" in encoded or b"\r" in encoded:
        raise ValueError("Invalid header value")
    return encoded


def _showing_all(declaration: Declaration) -> Declaration:
    """Ask a module for all that it can show."""
    module, options = declaration
    return module, {**options, **{name: value for name, value in _SHOW_ALL.items() if _takes(module, name)}}


def _takes(module: str, option: str) -> bool:
    return option in import_module(f"{_MODULES}.{module}").MODULE.spec.options
