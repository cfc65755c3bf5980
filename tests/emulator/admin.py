# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The admin API under /__emulator__/: how a test prepares, moves and questions the emulator."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from typing import Any

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from .faults import FILTERS, BadFault, parse
from .server import Emulator
from .vendor import SeedError, SwitchError, Vendor, read_json

MISTAKES = (BadFault, SeedError, SwitchError, KeyError, ValueError, TypeError, AttributeError, OverflowError)


class Admin:
    """The handlers; each works on the one emulator."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator

    async def reset(self, request: Request) -> JSONResponse:
        """Go back to the state right after the start."""
        self.emulator.reset()
        return JSONResponse({"ok": True})

    async def seed(self, request: Request) -> JSONResponse:
        """Load tasks in the wire form, past every rule of the vendor's own create."""
        counts = {}
        document = await _document(request)
        with ExitStack() as stack:
            for key, data in document.items():
                vendor = self._vendor(key)
                stack.enter_context(vendor.whole_or_nothing())
                counts[key] = vendor.seed(data)
        return JSONResponse({"seeded": counts})

    async def clock(self, request: Request) -> JSONResponse:
        """Show or move the clock; moving it lets everything happen that has become due."""
        clock = self.emulator.clock
        if request.method == "POST":
            self._move(await _document(request))
            for vendor in self.emulator.vendors.values():
                vendor.tick()
        return JSONResponse({"now": clock.iso(), "millis": clock.millis(), "offset": clock.offset})

    def _move(self, wanted: dict[str, Any]) -> None:
        if set(wanted) == {"advance"}:
            self.emulator.clock.advance(float(wanted["advance"]))
        elif set(wanted) == {"set"}:
            self.emulator.clock.set(str(wanted["set"]))
        else:
            raise ValueError("the clock takes either advance (seconds) or set (ISO 8601)")

    async def switches(self, request: Request) -> JSONResponse:
        """Show the switches or set some; nothing is set if one of them is wrong."""
        if request.method == "POST":
            checked = {}
            for key, values in (await _document(request)).items():
                checked[key] = self._vendor(key).check_switches(values)
            for key, values in checked.items():
                self._vendor(key).values.update(values)
        return JSONResponse({key: _switches(vendor) for key, vendor in self.emulator.vendors.items()})

    async def faults(self, request: Request) -> JSONResponse:
        """Arm a fault, list what is armed, or disarm everything."""
        armed = self.emulator.faults.armed
        if request.method == "DELETE":
            armed.clear()
        if request.method == "POST":
            fault = parse(await _document(request))
            self._vendor_or_none(fault.match.get("vendor"))
            if fault.kind == "refuse_connection" and not fault.match:
                refuse = BackgroundTask(self._refuse, float(fault.args["seconds"]))
                return JSONResponse({"refusing": fault.args["seconds"]}, background=refuse)
            armed.append(fault)
        return JSONResponse({"faults": [fault.describe() for fault in armed]})

    async def _refuse(self, seconds: float) -> None:
        self.emulator.spawn(self.emulator.listeners.refuse(seconds))

    async def log(self, request: Request) -> JSONResponse:
        """Show the requests served so far, or forget them."""
        emulator = self.emulator
        if request.method == "DELETE":
            emulator.log.clear()
        wanted = {name: request.query_params[name] for name in FILTERS if name in request.query_params}
        entries = [entry for entry in emulator.log if all(entry[name] == wanted[name] for name in wanted)]
        if writes := request.query_params.get("writes"):
            entries = [entry for entry in entries if entry["writes"] == (writes == "true")]
        return JSONResponse({"entries": entries})

    async def tasks(self, request: Request) -> JSONResponse:
        """Show the true state of one vendor."""
        return JSONResponse({"tasks": self._vendor(request.path_params["vendor"]).tasks()})

    async def starts(self, request: Request) -> JSONResponse:
        """Show how often each task was started."""
        starts = self._vendor(request.path_params["vendor"]).starts
        return JSONResponse({"total": sum(starts.values()), "tasks": dict(starts)})

    def _vendor_or_none(self, key: str | None) -> Vendor | None:
        return self._vendor(key) if key else None

    def _vendor(self, key: str) -> Vendor:
        vendors = self.emulator.vendors
        if key not in vendors:
            raise KeyError(f"unknown vendor {key}, known: {', '.join(vendors)}")
        vendors[key].tick()
        return vendors[key]


async def _document(request: Request) -> dict[str, Any]:
    document = read_json(await request.body() or b"{}")
    if not isinstance(document, dict):
        raise ValueError("the body must be a JSON object")
    return document


def _switches(vendor: Vendor) -> dict[str, Any]:
    return {
        switch.name: {
            "value": vendor.values[switch.name],
            "default": switch.default,
            "allowed": switch.describe(),
            "doc": switch.doc,
        }
        for switch in vendor.switches
    }


def _plainly(handler: Callable[[Request], Awaitable[JSONResponse]]) -> Callable[..., Awaitable[JSONResponse]]:
    async def wrapped(request: Request) -> JSONResponse:
        try:
            return await handler(request)
        except MISTAKES as mistake:
            return JSONResponse({"error": str(mistake.args[0] if mistake.args else mistake)}, 400)

    return wrapped


def application(emulator: Emulator) -> Starlette:
    """Build the admin application."""
    admin = Admin(emulator)
    table: list[tuple[str, Callable[[Request], Awaitable[JSONResponse]], list[str]]] = [
        ("reset", admin.reset, ["POST"]),
        ("seed", admin.seed, ["POST"]),
        ("clock", admin.clock, ["GET", "POST"]),
        ("switches", admin.switches, ["GET", "POST"]),
        ("faults", admin.faults, ["GET", "POST", "DELETE"]),
        ("log", admin.log, ["GET", "DELETE"]),
        ("tasks/{vendor}", admin.tasks, ["GET"]),
        ("starts/{vendor}", admin.starts, ["GET"]),
    ]
    routes = [Route(f"/__emulator__/{path}", _plainly(do), methods=methods) for path, do, methods in table]
    return Starlette(routes=routes)
