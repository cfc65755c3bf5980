# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ASGI application that sends requests to the vendor files, and the two listeners before it."""

from __future__ import annotations

import asyncio
import json
import ssl
import time
from collections.abc import Awaitable
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from . import scene
from .clock import Clock
from .faults import Fault, Faults
from .vendor import Call, Operation, Reply, Vendor, read_json

PAGES = {"html": ("<html><body><h1>{0}</h1></body></html>", "text/html"), "empty": ("", "text/plain")}
KEEP_ALIVE_SECONDS = 75


class TransportProtocol(HttpToolsProtocol):
    """Puts the transport in the ASGI scope: a fault has to be able to break the connection."""

    def on_headers_complete(self) -> None:
        """Add the transport before the application sees the scope."""
        self.scope["transport"] = self.transport  # type: ignore[typeddict-unknown-key]
        super().on_headers_complete()


@dataclass
class Listeners:
    """The HTTP and the HTTPS listener in one loop; they can stop listening and come back."""

    host: str
    ports: list[int]
    context: ssl.SSLContext
    state: ServerState = field(default_factory=ServerState)
    servers: list[asyncio.Server] = field(default_factory=list)
    config: Config | None = None

    async def open(self, app: ASGIApp) -> None:
        """Start listening; a port 0 becomes the port the system gave."""
        self.config = Config(
            app,
            http=TransportProtocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
        )
        self.config.load()
        await self._listen()

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        for index, context in enumerate((None, self.context)):
            server = await loop.create_server(
                self._protocol, self.host, self.ports[index], ssl=context, backlog=1024
            )
            self.ports[index] = server.sockets[0].getsockname()[1]
            self.servers.append(server)

    def _protocol(self) -> asyncio.Protocol:
        assert self.config is not None
        return TransportProtocol(config=self.config, server_state=self.state, app_state={})

    def close(self) -> None:
        """Stop listening and break what is still connected."""
        for server in self.servers:
            server.close()
        self.servers.clear()
        for connection in list(self.state.connections):
            connection.transport.abort()

    async def refuse(self, seconds: float) -> None:
        """Refuse connections for a while, then listen again on the same ports."""
        if not self.servers:
            return
        self.close()
        await asyncio.sleep(seconds)
        await self._listen()

    def url(self, scheme: str) -> str:
        """Return the base URL of one of the two listeners."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{host}:{self.ports[0 if scheme == 'http' else 1]}"


@dataclass
class Emulator:
    """All vendors, their clock, the faults and the request log."""

    vendors: dict[str, Vendor]
    clock: Clock
    listeners: Listeners
    admin: ASGIApp | None = None
    faults: Faults = field(default_factory=Faults)
    log: list[dict[str, Any]] = field(default_factory=list)
    logged: int = 0
    background: set[asyncio.Task[None]] = field(default_factory=set)
    scene: dict[str, Any] = field(default_factory=dict)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["path"].startswith("/__emulator__/") and self.admin is not None:
            await self.admin(scope, receive, send)
            return
        call = await read_call(scope, receive)
        response = await self._answer(call)
        if response is not None:
            await response(scope, receive, send)
            return
        scope["transport"].abort()
        while (await receive())["type"] != "http.disconnect":
            continue  # the server must have seen the break, or it would answer 500 by itself

    def spawn(self, job: Awaitable[None]) -> None:
        """Run something beside the requests, such as listening again after a while."""
        task = asyncio.ensure_future(job)
        self.background.add(task)
        task.add_done_callback(self.background.discard)

    def reset(self) -> None:
        """Bring every vendor, the clock, the faults and the log back to the start."""
        self.clock.reset()
        self.faults.armed.clear()
        self.log.clear()
        self.logged = 0
        for vendor in self.vendors.values():
            vendor.reset()
        scene.play(self.scene, self.vendors, self.clock, self.faults)

    async def _answer(self, call: Call) -> Response | None:
        vendor = self._vendor(call.path)
        if vendor is None:
            return Response("<html><body><h1>404 Not Found</h1></body></html>", 404, media_type="text/html")
        vendor.tick()
        operation = self._operation(vendor, call)
        entry = self._enter(vendor, operation, call)
        fault = self.faults.take(vendor.key, operation.name, call.method, call.path)
        response = (
            await self._faulty(fault, vendor, operation, call) if fault else act(vendor, operation, call)
        )
        entry["status"] = response.status_code if response is not None else 0
        return response

    def _vendor(self, path: str) -> Vendor | None:
        for vendor in self.vendors.values():
            if vendor.serves(path):
                return vendor
        return None

    def _operation(self, vendor: Vendor, call: Call) -> Operation:
        found = vendor.routes.find(call.method, call.path)
        if found is None:
            methods = vendor.routes.methods(call.path)
            return Operation("unknown", (call.method,), lambda seen: vendor.not_found(seen, methods))
        operation, call.params = found
        return vendor.resolve(operation, call)

    def _enter(self, vendor: Vendor, operation: Operation, call: Call) -> dict[str, Any]:
        entry = {
            "index": self.logged,
            "at": time.time(),
            "vendor": vendor.key,
            "operation": operation.name,
            "method": call.method,
            "path": call.path,
            "query": call.query,
            "form": call.form,
            "json": call.json,
            "headers": call.headers,
            "secure": call.secure,
            "status": 0,
            "writes": operation.writes,
        }
        self.logged += 1
        self.log.append(entry)
        return entry

    async def _faulty(
        self, fault: Fault, vendor: Vendor, operation: Operation, call: Call
    ) -> Response | None:
        """Answer under a fault; None means the connection is to be broken."""
        args = fault.args
        if fault.kind == "refuse_connection":
            self.spawn(self.listeners.refuse(float(args["seconds"])))
            return None
        if fault.kind == "close_before_reading":
            return None
        if fault.kind == "redirect":
            return Response("", 302, {"location": str(args["location"])})
        if fault.kind == "expire_token":
            vendor.void_token(call)
        if fault.kind == "status":
            if args["act"]:
                act(vendor, operation, call)
            return status_page(args)
        response = act(vendor, operation, call)
        if fault.kind == "delay":
            await asyncio.sleep(float(args["seconds"]))
        return None if fault.kind == "act_then_drop" else spoil(fault.kind, response)


def act(vendor: Vendor, operation: Operation, call: Call) -> Response:
    """Let the vendor file answer."""
    with vendor.whole_or_nothing(call) if operation.writes else nullcontext():
        return to_response(vendor.finish(operation.handler(call), call))


def to_response(reply: Reply) -> Response:
    """Turn a vendor's answer into an HTTP response."""
    body = reply.body if isinstance(reply.body, (str, bytes)) else json.dumps(reply.body, ensure_ascii=False)
    return Response(body, reply.status, reply.headers, reply.media)


def status_page(args: dict[str, Any]) -> Response:
    """Answer as a gateway before the vendor would: with a page, nothing, or some JSON."""
    status = int(args["status"])
    body, media = PAGES.get(args["body"], (json.dumps({"message": str(status)}), "application/json"))
    headers = {"retry-after": str(args["retry_after"])} if args["retry_after"] != "" else {}
    return Response(body.format(status) if args["body"] == "html" else body, status, headers, media)


def spoil(kind: str, response: Response) -> Response:
    """Damage the body of an answer as the fault says, keeping status and content type."""
    body = bytes(response.body)
    if response.status_code == 204:
        return response  # what came after its headers would be taken for the next answer
    if kind == "truncated_json":
        body = body[: len(body) // 2]
    elif kind == "invalid_json":
        body = b"{'not': json" + body
    else:
        return response
    return Response(body, response.status_code, {"content-type": response.headers["content-type"]})


async def read_call(scope: Scope, receive: Receive) -> Call:
    """Read a request to its end and parse query and body."""
    request = Request(scope, receive)
    body = await request.body()
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    form, document = await _parse_body(request, headers.get("content-type", ""), body)
    return Call(
        method=scope["method"],
        path=scope["raw_path"].decode("ascii", "replace"),
        query=_pairs(scope["query_string"]),
        headers=headers,
        form=form,
        json=document,
        secure=scope["scheme"] == "https",
        client=scope["client"][0] if scope["client"] else "",
        origin=f"{scope['scheme']}://{headers.get('host', '')}",
        raw_query=scope["query_string"].decode("latin-1"),
        body=body,
    )


def _pairs(text: bytes) -> dict[str, str]:
    return dict(parse_qsl(text.decode("utf-8", "replace"), keep_blank_values=True))


async def _parse_body(request: Request, media: str, body: bytes) -> tuple[dict[str, str], Any]:
    if media.startswith("application/x-www-form-urlencoded"):
        return _pairs(body), None
    if media.startswith("multipart/form-data"):
        async with request.form() as form:
            return {name: value for name, value in form.items() if isinstance(value, str)}, None
    try:
        return {}, read_json(body) if body else None
    except ValueError:
        return {}, None
