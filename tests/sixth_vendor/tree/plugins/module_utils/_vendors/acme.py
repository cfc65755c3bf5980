# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Acme Scheduler: a command that runs at an interval. It does not exist, see CONTRIBUTING.md.

Source of each fact: where a real vendor has it from.

This file is private to the collection and may change at any time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import _convergence as convergence
from .._auth import HeaderToken
from .._client import Client, RefusalError, Reply, Request, Secrets, api_root, unexpected_from
from .._convergence import Capabilities, Desired, Field, Plan, Task
from .._errors import OptionError
from .._memory import Listing
from .._options import INCLUDE_RAW, REUSE_LISTING, ArgumentSpec, connection, connection_options
from .._vendor import Service, Vendor

_API = "/acme/v1"

_CONNECTION = connection_options("ACME").merge(
    ArgumentSpec(
        required_together=(("username", "password"),),
        required_one_of=(("username", "token"),),
    )
)

_TASK = ArgumentSpec(
    options={
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "task_id": {"type": "str"},
        "name": {"type": "str", "required": True},
        "interval": {"type": "int"},
    }
)

# Its tasks have no group or owner that prune could keep to, so that names must tell what is ours.
_SCOPE = ArgumentSpec(options={"prefix": {"type": "str"}})

_FILTERS = ArgumentSpec(options={"name": {"type": "str"}, "task_id": {"type": "str"}})


class Acme(Vendor):
    """What is known of Acme Scheduler without asking a server."""

    key = "acme"
    label = "Acme Scheduler"
    connection_spec = _CONNECTION
    entry_spec = _TASK
    scope_spec = _SCOPE
    scope = ("prefix",)
    task_spec = _CONNECTION.merge(_TASK, REUSE_LISTING, INCLUDE_RAW)
    info_spec = _CONNECTION.merge(_FILTERS, INCLUDE_RAW)
    capabilities = Capabilities(
        fields=(Field("interval", needed=lambda fields: True, remedy="Set interval."),)
    )

    def desired(self, params: Mapping[str, Any]) -> Desired:
        """Read the declaration."""
        interval = params["interval"]
        if interval is not None and interval < 1:
            raise OptionError("interval", interval, "is less than 1", "Give the minutes between two runs.")
        fields = {} if interval is None else {"interval": interval}
        return Desired(params["name"], params["state"], fields, task_id=params["task_id"])

    def connect(self, params: Mapping[str, Any], *, read_only: bool, secrets: Secrets) -> Client:
        """Return a client whose token goes into a header."""
        for name in ("password", "token"):
            secrets.add(params[name])
        client = Client(connection(params), _read_reply, read_only=read_only, secrets=secrets)
        server = Server(client, params)
        client.auth = HeaderToken(params["token"], server.log_in if params["username"] else None)
        return client

    def serve(self, client: Client, params: Mapping[str, Any]) -> Service:
        """Return the server for one declaration."""
        return Server(client, params)

    def show(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """The fields are named as the options are."""
        return dict(fields)

    def describe(self, task: Task, service: Service) -> dict[str, Any]:
        """The server does not tell when a task runs."""
        return {"next_runs": []}


class Server(Service):
    """An Acme Scheduler."""

    def __init__(self, client: Client, params: Mapping[str, Any]) -> None:
        super().__init__(client)
        self._root = api_root(client.connection.url, _API)
        self._params = params

    def log_in(self) -> str:
        """Fetch a token; it is a secret from then on."""
        account = {name: self._params[name] for name in ("username", "password")}
        attempt = f"log in as {account['username']!r}"
        request = Request(attempt, "POST", f"{self._root}/login", json=account, is_login=True)
        answer = self.client.send(request)
        token = answer.get("token") if isinstance(answer, Mapping) else None
        if not isinstance(token, str) or not token:
            raise _unexpected(request, "no token in it")
        self.client.secrets.add(token)
        return token

    def matches(self, desired: Desired) -> list[Task]:
        """Find by id, or by name."""
        listing = self.memory.recall("tasks", lambda: Listing(self._list()))
        if desired.task_id is not None:
            return listing.with_id(desired.task_id)
        return listing.called(desired.name)

    def listing(self, params: Mapping[str, Any]) -> list[Task]:
        """List the tasks that pass the filters."""
        wanted = {"id": params["task_id"], "name": params["name"]}
        return [
            task
            for task in self._list()
            if all(value in (None, getattr(task, name)) for name, value in wanted.items())
        ]

    def prunable(self, params: Mapping[str, Any]) -> list[Task]:
        """Return the tasks whose names begin with the prefix."""
        return [task for task in self._list() if task.name.startswith(params["prefix"])]

    def get(self, task: Task) -> Task:
        """Read a task by its id."""
        return self._read(task.name, task.id)

    def create(self, desired: Desired) -> str | None:
        """Create the task; the answer holds it."""
        body = {"name": desired.name, **desired.fields}
        request = self._request(f"create task {desired.name!r}", "POST", "/tasks", json=body)
        return _task(request, self.client.send(request)).id

    def created(self, desired: Desired, task_id: str) -> Task:
        """Read the new task."""
        return self._read(desired.name, task_id)

    def update(self, task: Task, planned: Plan) -> None:
        """Change what differs."""
        body = dict(planned.fields)
        self.client.send(self._request(f"change task {task.name!r}", "PATCH", f"/tasks/{task.id}", json=body))

    def act(self, verb: str, task: Task) -> None:
        """Delete the task, which is all that can be done to one."""
        path = f"/tasks/{task.id}"
        self.client.send(self._request(f"{verb} task {task.name!r}", "DELETE", path, may_be_empty=True))

    def _list(self) -> list[Task]:
        request = self._request("list the tasks", "GET", "/tasks")
        wires = self.client.send(request)
        if not isinstance(wires, list):
            raise _unexpected(request, "no list of tasks in it")
        return [_task(request, wire) for wire in wires]

    def _read(self, name: str, task_id: str) -> Task:
        request = self._request(f"read task {name!r}", "GET", f"/tasks/{task_id}")
        return _task(request, self.client.send(request))

    def _request(self, attempt: str, method: str, path: str, **more: Any) -> Request:
        return Request(attempt, method, f"{self._root}{path}", writes=method != "GET", **more)


_unexpected = unexpected_from("Acme Scheduler", "Check that url leads to Acme Scheduler.")


def _read_reply(reply: Reply) -> Any:
    """Find the refusal in a reply: its text is under ``error``."""
    if isinstance(reply.body, Mapping) and "error" in reply.body:
        raise RefusalError(
            str(reply.body["error"]), token_refused=reply.status == 401, absent=reply.status == 404
        )
    return reply.body


def _task(request: Request, wire: Any) -> Task:
    """Read a task object of the wire into the normal form."""
    if not isinstance(wire, Mapping) or not isinstance(wire.get("name"), str) or "id" not in wire:
        raise _unexpected(request, "a task without id and name")
    fields = {"interval": wire["interval"]} if "interval" in wire else {}
    return Task(str(wire["id"]), wire["name"], convergence.SCHEDULED, None, fields, wire)


VENDOR = Acme()
