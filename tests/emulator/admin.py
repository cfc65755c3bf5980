# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The admin API under /__emulator__/: how a test prepares, moves and questions the emulator."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from . import scene
from .faults import FILTERS
from .server import Emulator
from .vendor import Vendor, read_json


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
        counts = scene.seed(self.emulator.vendors, await _document(request))
        return JSONResponse({"seeded": counts})

    async def clock(self, request: Request) -> JSONResponse:
        """Show or move the clock; moving it lets everything happen that has become due."""
        clock = self.emulator.clock
        if request.method == "POST":
            scene.move(clock, await _document(request))
            for vendor in self.emulator.vendors.values():
                vendor.tick()
        return JSONResponse({"now": clock.iso(), "millis": clock.millis(), "offset": clock.offset})

    async def switches(self, request: Request) -> JSONResponse:
        """Show the switches or set some; nothing is set if one of them is wrong."""
        if request.method == "POST":
            scene.set_switches(self.emulator.vendors, await _document(request))
        return JSONResponse({key: _switches(vendor) for key, vendor in self.emulator.vendors.items()})

    async def faults(self, request: Request) -> JSONResponse:
        """Arm a fault, list what is armed, or disarm everything."""
        armed = self.emulator.faults.armed
        if request.method == "DELETE":
            armed.clear()
        if request.method == "POST":
            fault = scene.fault(self.emulator.vendors, await _document(request))
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
        return JSONResponse({"tasks": self._vendor(request).tasks()})

    async def starts(self, request: Request) -> JSONResponse:
        """Show how often each task was started."""
        starts = self._vendor(request).starts
        return JSONResponse({"total": sum(starts.values()), "tasks": dict(starts)})

    def _vendor(self, request: Request) -> Vendor:
        return scene.find(self.emulator.vendors, request.path_params["vendor"])


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
        except scene.MISTAKES as mistake:
            return JSONResponse({"error": scene.reason(mistake)}, 400)

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
