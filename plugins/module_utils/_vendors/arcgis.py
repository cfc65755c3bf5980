# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Esri ArcGIS: scheduled tasks of a user, on ArcGIS Online and ArcGIS Enterprise.

Source of each fact: https://developers.arcgis.com/rest/users-groups-and-items/ with the pages
create-new-scheduled-task, all-user-scheduled-tasks, get-specific-task, edit-existing-task,
delete-task, enable-task, disable-task, all-scheduled-tasks, runs-for-task, generate-token and token.

What rests on inference: whether an update keeps what its form leaves out (so the full form is
sent), whether it re-activates a disabled task (so the task is read again and switched back), and
the words of ``taskState`` beyond active, paused and completed; that ``activeTasksAvailable`` of a list is
the number of tasks that may still be switched on.
This file is private to the collection and may change at any time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass, replace
from datetime import datetime, timezone, tzinfo
from typing import Any
from urllib.parse import quote

from .. import _convergence as convergence
from .. import _schedule as schedule
from .._answers import UnreadableError, parsed
from .._auth import HeaderToken
from .._client import Client, RefusalError, Reply, Request, Secrets, api_root, unexpected_from
from .._convergence import Capabilities, Desired, Field, Plan, Run, Task
from .._errors import OptionError
from .._memory import Listing
from .._options import (
    INCLUDE_RAW,
    REUSE_LISTING,
    SECRET_KEYS,
    WAIT,
    ArgumentSpec,
    connection,
    connection_options,
    from_environment,
)
from .._quartz import InexpressibleError, Quartz, from_utc, in_utc, nearest, parse_quartz
from .._vendor import Service, Vendor
from ._arcgis_runs import (
    ENDED,
    RUN_STATES,
    Watched,
    newest_first,
    no_run,
    past_of,
    read_instant,
    read_run,
    watched,
    why_none,
)

_API = "/sharing/rest"
TYPES = (
    "ExecuteNotebook",
    "UpdateInsightsWorkbook",
    "ExecuteSceneCook",
    "ExecuteWorkflowManager",
    "ExecuteReport",
    "GPService",
    "RunDataPipeline",
)
_WITHOUT_ITEM = ("ExecuteReport",)
_WITH_PARAMETERS = ("ExecuteSceneCook", "ExecuteReport", "GPService")
_WITH_TASK_URL = ("GPService",)

_PAGE = 100
_TOKEN_MINUTES = 60
_CRON = ("minute", "hour", "dayOfMonth", "month", "dayOfWeek")
_TOKEN_CODES = (498, 499)

_CONNECTION = connection_options("ARCGIS").merge(
    ArgumentSpec(
        options={
            "client_id": from_environment({"type": "str"}, "ARCGIS_CLIENT_ID"),
            "client_secret": from_environment({"type": "str", "no_log": True}, "ARCGIS_CLIENT_SECRET"),
            "referer": {"type": "str"},
            "owner": {"type": "str"},
        },
        required_together=(("username", "password"), ("client_id", "client_secret")),
        required_one_of=(("username", "token", "client_id"),),
    )
)

_TASK = ArgumentSpec(
    options={
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "task_id": {"type": "str"},
        "title": {"type": "str"},
        "type": {"type": "str", "choices": list(TYPES)},
        "item_id": {"type": "str"},
        "task_url": {"type": "str"},
        "parameters": {"type": "dict"},
        "schedule": {
            "type": "dict",
            "options": {
                "cron": {"type": "str"},
                "timezone": {"type": "str", "default": "UTC"},
                "quartz": {"type": "str"},
                "split": {"type": "bool", "default": False},
                "start": {"type": "str"},
                "end": {"type": "str"},
                "max_runs": {"type": "int"},
            },
            "mutually_exclusive": [["cron", "quartz"]],
        },
        "enabled": {"type": "bool"},
    },
    required_one_of=(("title", "task_id"),),
)

_SCOPE = ArgumentSpec(
    options={"types": {"type": "list", "elements": "str", "choices": list(TYPES)}},
)

_FILTERS = ArgumentSpec(
    options={
        "organization": {"type": "bool", "default": False},
        "task_id": {"type": "str"},
        "title": {"type": "str"},
        "type": {"type": "str", "choices": list(TYPES)},
        "item_id": {"type": "str"},
        "enabled": {"type": "bool"},
        "state": {
            "type": "str",
            "choices": [
                convergence.SCHEDULED,
                convergence.PAUSED,
                convergence.COMPLETED,
                convergence.FAILED,
                convergence.UNKNOWN,
            ],
        },
        "timezone": {"type": "str", "default": "UTC"},
    }
)

_RUN_FILTERS = ArgumentSpec(
    options={
        "task_id": {"type": "str"},
        "title": {"type": "str"},
        "type": {"type": "str", "choices": list(TYPES)},
        "item_id": {"type": "str"},
        "status": {"type": "list", "elements": "str", "choices": [*RUN_STATES, convergence.UNKNOWN]},
        "limit": {"type": "int"},
        "timezone": {"type": "str", "default": "UTC"},
    },
    mutually_exclusive=(("task_id", "title"), ("task_id", "type"), ("task_id", "item_id")),
    required_one_of=(("task_id", "title"),),
)

_ADMINISTRATORS_ONLY = (
    "Listing the tasks of all users takes an administrator: log in as one, or leave organization out."
)


@dataclass(frozen=True)
class Timetable:
    """When a task runs: the expression in UTC that the portal has, and the zone in which it is shown.

    ``others`` are the expressions that it takes besides, each in a task of its own.
    """

    quartz: Quartz
    zone: tzinfo
    valid_until: datetime | None = None
    others: tuple[Quartz, ...] = ()

    def same(self, other: Timetable | None) -> bool:
        """Return whether both run at the same minutes."""
        return other is not None and self.quartz.same(other.quartz)


@dataclass(frozen=True)
class Declared(Desired):
    """A declaration that may stand for several tasks: title, title (2), title (3) ..."""

    split: bool = False


class ArcGIS(Vendor):
    """What is known of ArcGIS without asking a portal."""

    key = "arcgis"
    label = "ArcGIS"
    connection_spec = _CONNECTION
    entry_spec = _TASK.merge(SECRET_KEYS)
    scope_spec = _SCOPE
    scope = ("types",)
    task_spec = _CONNECTION.merge(_TASK, WAIT, REUSE_LISTING, INCLUDE_RAW, SECRET_KEYS)
    info_spec = _CONNECTION.merge(_FILTERS, INCLUDE_RAW, SECRET_KEYS)
    identity = ("type", "item_id")
    # A task that is switched off has no run to wait for.
    ended_states = ENDED | {convergence.PAUSED}

    def __init__(self) -> None:
        self.capabilities = Capabilities(
            fields=(
                Field("title", needed=_always, remedy="Set title."),
                Field("type", needed=_always, remedy="Set type."),
                Field("item_id", needed=_needs_item, remedy="Set item_id."),
                Field(
                    "task_url",
                    same=_same_if_shown,
                    needed=lambda fields: fields.get("type") in _WITH_TASK_URL,
                    remedy="Set task_url to the geoprocessing task.",
                ),
                Field(
                    "parameters",
                    same=_same_parameters,
                    merge=lambda existing, wanted: {**(existing or {}), **wanted},
                    needed=lambda fields: fields.get("type") in _WITH_PARAMETERS,
                    remedy="Set parameters.",
                ),
                Field(
                    "schedule.cron",
                    same=lambda wanted, existing: wanted.same(existing),
                    needed=_always,
                    remedy="Set schedule.cron or schedule.quartz.",
                ),
                Field("schedule.start"),
                Field("schedule.end"),
                Field("schedule.max_runs"),
            )
        )

    def warnings(self, desired: Desired, existing: Task | None) -> list[str]:
        """Say until when the expression in UTC gives the declared times on the wall."""
        timetable: Timetable | None = desired.fields.get("schedule.cron")
        if desired.state == "absent" or timetable is None or timetable.valid_until is None:
            return []
        if _is_over_before(timetable.valid_until, timetable, desired.fields):
            return []
        return [
            f"The schedule of {desired.label!r} is right until {timetable.valid_until.isoformat()}, when the "
            f"clocks of {timetable.zone} are set: the portal keeps schedules in UTC. Run this again then."
        ]

    def desired(self, params: Mapping[str, Any]) -> Desired:
        """Read the declaration; all that the portal would refuse for sure is refused here."""
        if params["state"] == "absent" and params["task_id"] is None:
            _check_whole_identity(params)
        if params["state"] != "absent" and params.get("wait"):
            _check_awaitable(params)
        fields = {
            name: params[name]
            for name in ("title", "type", "item_id", "task_url", "parameters")
            if params[name] is not None
        }
        fields.update(_desired_schedule(params["schedule"] or {}))
        split = bool((params["schedule"] or {}).get("split"))
        if split:
            _check_splittable(params, fields)
        return Declared(
            name=params["title"] or "",
            state=params["state"],
            fields=fields,
            task_id=params["task_id"],
            enabled=params["enabled"],
            split=split,
        )

    def connect(self, params: Mapping[str, Any], *, read_only: bool, secrets: Secrets) -> Client:
        """Return a client with the way to log in that the options call for."""
        conn = connection(params)
        root = api_root(conn.url, _API)
        for name in ("password", "token", "client_secret"):
            secrets.add(params[name])
        logins = (f"{root}/generateToken", f"{root}/oauth2/token")
        client = Client(conn, _read_reply, read_only=read_only, secrets=secrets, repeatable_logins=logins)
        portal = Portal(client, params)
        client.auth = HeaderToken(
            params["token"],
            portal.log_in if params["username"] or params["client_id"] else None,
            header="X-Esri-Authorization",
            extra={"Referer": portal.referer},
        )
        return client

    def serve(self, client: Client, params: Mapping[str, Any]) -> Portal:
        """Return the portal for one declaration."""
        return Portal(client, params)

    def show(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Write fields in the words of the options."""
        shown = {name: value for name, value in fields.items() if not name.startswith("schedule.")}
        when = {
            name.partition(".")[2]: value for name, value in fields.items() if name.startswith("schedule.")
        }
        if when:
            shown["schedule"] = _shown_schedule(when)
        timetable: Timetable | None = when.get("cron")
        if timetable is not None and str(timetable.zone) != "UTC":
            shown["quartz"] = timetable.quartz.text
        return shown

    def run(self, task: Task, service: Service) -> Run:
        """Return the run that is waited for, or what stands for one that is to come."""
        return task.run or no_run(task)

    def verdict(self, run: Run, params: Mapping[str, Any]) -> str:
        """Return why a run counts as failed: also when there is none, and when it was skipped."""
        if not run.id:
            return why_none(run)
        if run.status == convergence.SKIPPED:
            return run.error or "the portal skipped it"
        return super().verdict(run, params)

    def describe(self, task: Task, service: Service) -> dict[str, Any]:
        """Add the owner, the next runs, the expression in UTC and the page of the item."""
        item = task.fields.get("item_id")
        site = service.client.connection.url.removesuffix(_API)
        return {
            "owner": task.wire.get("userId"),
            "next_runs": _next_runs(task),
            "valid_until": _valid_until(task),
            "url": f"{site}/home/item.html?id={quote(item, safe='')}" if item else None,
        }


class Portal(Service):
    """A portal's REST API, in the task tree of one user."""

    def __init__(self, client: Client, params: Mapping[str, Any]) -> None:
        super().__init__(client)
        self._root = api_root(client.connection.url, _API)
        self._params = params
        self._owner: str | None = params["owner"] or params["username"]
        self._zone = _zone(params)
        # What this call did, for it decides which runs are worth waiting for.
        self._created: set[str] = set()
        self._updated: set[str] = set()
        self._available: int | None = None
        # A token of client=referer is bound to the Referer it was asked for with.
        self.referer: str = params["referer"] or self._root

    def log_in(self) -> str:
        """Fetch a token with what the user gave; it is a secret from then on."""
        if self._params["username"] is not None:
            request = self._login(
                f"log in as {self._params['username']!r}",
                "/generateToken",
                username=self._params["username"],
                password=self._params["password"],
                client="referer",
                referer=self.referer,
                expiration=_TOKEN_MINUTES,
            )
            key = "token"
        else:
            request = self._login(
                f"log in as application {self._params['client_id']!r}",
                "/oauth2/token",
                client_id=self._params["client_id"],
                client_secret=self._params["client_secret"],
                grant_type="client_credentials",
            )
            key = "access_token"
        reply = self.client.send(request)
        token = reply.get(key) if isinstance(reply, Mapping) else None
        if not isinstance(token, str) or not token:
            raise _unexpected(request, f"no {key} in it")
        self.client.secrets.add(token)
        return token

    def parts(self, desired: Desired) -> list[Desired]:
        """Return a task for each expression in UTC, and those left over from an earlier schedule."""
        if not (isinstance(desired, Declared) and desired.split):
            return [desired]
        timetable: Timetable | None = desired.fields.get("schedule.cron")
        expressions = (timetable.quartz, *timetable.others) if timetable is not None else ()
        parts = [
            _part(desired, number, replace(timetable, quartz=expression, others=()))
            for number, expression in enumerate(expressions, 1)
            if timetable is not None and desired.state != "absent"
        ] or [desired]
        identity = {name: desired.fields.get(name) for name in ("type", "item_id")}
        return parts + [
            replace(desired, name=task.name, state="absent", task_id=task.id)
            for task in self._filtered(identity)
            if _part_number(desired.name, task.name) > len(parts)
        ]

    def matches(self, desired: Desired) -> list[Task]:
        """List the owner's tasks; the server's filters are used, and not relied on."""
        if desired.task_id is not None:
            return [self._in_zone(task) for task in self._whole_list().with_id(desired.task_id)]
        identity = {name: desired.fields.get(name) for name in ("title", "type", "item_id")}
        return self._filtered(identity)

    def listing(self, params: Mapping[str, Any]) -> list[Task]:
        """List the tasks of the owner, or of all users, that pass the filters."""
        query = _query(params["item_id"], params["type"], params["enabled"])
        if params["organization"] and params["owner"] is not None:
            query["userFilter"] = params["owner"]
        wanted = {name: params[name] for name in ("title", "type", "item_id")}
        return [
            task
            for task in self._list(query, title=params["title"], everyones=params["organization"])
            if _has(task, wanted)
            and params["task_id"] in (None, task.id)
            and params["enabled"] in (None, task.enabled)
            and params["state"] in (None, task.state)
        ]

    def besides(self) -> dict[str, Any]:
        """Return how many tasks may still be switched on, where the portal tells it."""
        return {} if self._available is None else {"active_tasks_available": self._available}

    def prunable(self, params: Mapping[str, Any]) -> list[Task]:
        """Return the owner's tasks of the types."""
        return [task for task in self._whole_list().tasks if task.fields.get("type") in params["types"]]

    def get(self, task: Task) -> Task:
        """Read one task of the owner."""
        return self._task_by_id(task.id, task.name)

    def created(self, desired: Desired, task_id: str) -> Task:
        """Read a new task."""
        return self._task_by_id(task_id, desired.name)

    def create(self, desired: Desired) -> str | None:
        """Create a task. Only the documented path is used, no client sends another."""
        request = self._write(f"create task {desired.label!r}", "/createTask", _form(desired.fields))
        reply = self.client.send(request)
        if not isinstance(reply, Mapping) or reply.get("success") is not True:
            raise _unexpected(request, "neither success nor an error")
        task_id = reply.get("taskId")
        if not isinstance(task_id, str) or not task_id:
            return None
        self._created.add(task_id)
        return task_id

    def update(self, task: Task, planned: Plan) -> None:
        """Send the full form: what the task has, with the planned fields replaced."""
        form = _form({**task.fields, **planned.fields})
        if "taskURL" in form:
            form["taskUrl"] = form["taskURL"]  # the page of update and the vendor's client differ
        self._updated.add(task.id)  # beforehand, as the answer may be lost
        self.client.send(
            self._write(f"update task {task.name!r}", f"/{quote(task.id, safe='')}/update", form)
        )

    def act(self, verb: str, task: Task) -> None:
        """Delete, enable or disable a task."""
        self.client.send(self._write(f"{verb} task {task.name!r}", f"/{quote(task.id, safe='')}/{verb}", {}))

    def begin_watch(self, task: Task) -> Watched:
        """Note which runs there are before the wait, and choose the one to wait for."""
        if self.memory.keeps:
            task = self.get(task)  # a listing that is kept may tell another state
        runs = self._runs_of(task)
        past = past_of(task, runs, is_new=task.id in self._created, is_changed=task.id in self._updated)
        return watched(task, runs, past)

    def watch(self, task: Task) -> Watched:
        """Look at the task and then at its runs, so that no run is missed of a task found switched off."""
        if not isinstance(task, Watched):
            raise AssertionError("a wait begins with begin_watch")
        fresh = self.get(task)
        return watched(fresh, self._runs_of(fresh), task.past)

    def run_objects(self, task_id: str, name: str) -> list[Mapping[str, Any]]:
        """List the runs of a task, newest first, as the portal has them."""
        request = self._read(f"list the runs of task {name!r}", f"/{quote(task_id, safe='')}/runs")
        reply = self.client.send(request)
        entries = reply.get("runs") if isinstance(reply, Mapping) else None
        if not isinstance(entries, list):
            raise _unexpected(request, "no list of runs in it")
        if not all(isinstance(entry, Mapping) and isinstance(entry.get("runId"), str) for entry in entries):
            raise _unexpected(request, "a run without an id")
        return newest_first(entries)

    def _runs_of(self, task: Task) -> list[Run]:
        return [read_run(wire, self._zone) for wire in self.run_objects(task.id, task.name)]

    def _task_by_id(self, task_id: str, name: str) -> Task:
        request = self._read(f"read task {name!r}", f"/{quote(task_id, safe='')}")
        return _task(request, self.client.send(request), self._zone)

    def _filtered(self, wanted: Mapping[str, str | None]) -> list[Task]:
        """Return the tasks with these properties. None stands for any."""
        title = wanted.get("title")
        if self.memory.keeps:
            listing = self._whole_list()
            found = [self._in_zone(task) for task in listing.called(title)] if title else listing.tasks
        else:
            found = self._list(_query(wanted["item_id"], wanted["type"]), title=title)
        return [task for task in found if _has(task, wanted)]

    def _whole_list(self) -> Listing:
        return self.memory.recall("tasks", lambda: Listing(self._list({})))

    def _in_zone(self, task: Task) -> Task:
        """Show the schedule of a listed task in this declaration's zone; many may share the listing."""
        timetable: Timetable | None = task.fields.get("schedule.cron")
        if timetable is None or timetable.zone == self._zone:
            return task
        shown = {**task.fields, "schedule.cron": replace(timetable, zone=self._zone)}
        return replace(task, fields=shown)

    def _list(
        self, query: Mapping[str, str], *, title: str | None = None, everyones: bool = False
    ) -> list[Task]:
        """List tasks; those of other titles are passed over before anything is made of them."""
        paged = {**query, "start": 1, "num": _PAGE}
        if everyones:
            request = self._of_everyone(paged)
        else:
            request = self._read(f"list the tasks of {self._user()!r}", "", **paged)
        tasks = []
        for page in self.client.pages(request, _following):
            tasks += [
                _task(request, wire, self._zone)
                for wire in _tasks_of(request, page)
                if title is None or _text(_mapping(wire).get("title")) in (None, title)
            ]
            self._available = _count(page.get("activeTasksAvailable"))
        return tasks

    def _of_everyone(self, query: Mapping[str, Any]) -> Request:
        return Request(
            "list the tasks of all users",
            "GET",
            f"{self._root}/portals/self/allScheduledTasks",
            query={**query, "f": "json"},
            # A portal refuses with HTTP 200, a proxy before it with 403.
            remedies={200: _ADMINISTRATORS_ONLY, 403: _ADMINISTRATORS_ONLY},
        )

    def _user(self) -> str:
        """The owner of the task tree: given, or the account of the token."""
        if self._owner is None:
            self._owner = self.client.facts.recall("user", self._user_of_token)
        return self._owner

    def _user_of_token(self) -> str:
        request = Request(
            "find out whose token this is", "GET", f"{self._root}/portals/self", query={"f": "json"}
        )
        reply = self.client.send(request)
        user = reply.get("user") if isinstance(reply, Mapping) else None
        name = user.get("username") if isinstance(user, Mapping) else None
        if not isinstance(name, str) or not name:
            raise OptionError(
                "owner", None, "is needed: the token belongs to an application, not to a user", "Set owner."
            )
        return name

    def _login(self, attempt: str, path: str, **form: Any) -> Request:
        return Request(attempt, "POST", f"{self._root}{path}", form={**form, "f": "json"}, is_login=True)

    def _read(self, attempt: str, path: str, **query: Any) -> Request:
        return Request(attempt, "GET", self._tasks_url(path), query={**query, "f": "json"})

    def _write(self, attempt: str, path: str, form: Mapping[str, Any]) -> Request:
        return Request(attempt, "POST", self._tasks_url(path), form={**form, "f": "json"}, writes=True)

    def _tasks_url(self, path: str) -> str:
        return f"{self._root}/community/users/{quote(self._user(), safe='')}/tasks{path}"


class ArcGISRuns(ArcGIS):
    """What is known of the runs of a task without asking a portal."""

    noun = "run"
    info_spec = _CONNECTION.merge(_RUN_FILTERS, INCLUDE_RAW)

    def serve(self, client: Client, params: Mapping[str, Any]) -> RunHistory:
        """Return the portal as far as runs are concerned."""
        if params["limit"] is not None and params["limit"] < 1:
            raise OptionError(
                "limit", params["limit"], "is less than 1", "Use 1 or more, or leave it out for all runs."
            )
        return RunHistory(client, params)

    def show(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Write a run as it is returned."""
        return dict(fields)

    def describe(self, task: Task, service: Service) -> dict[str, Any]:
        """Add nothing."""
        return {}


class RunHistory(Portal):
    """The runs that a portal keeps of one task."""

    def listing(self, params: Mapping[str, Any]) -> list[Task]:
        """List the runs that pass the filters, newest first."""
        task_id = params["task_id"] or self._task_meant(params).id
        wires = self.run_objects(task_id, params["title"] or task_id)
        runs = [(read_run(wire, self._zone), wire) for wire in wires]
        chosen = [(run, wire) for run, wire in runs if not params["status"] or run.status in params["status"]]
        return [_listed_run(run, wire, task_id) for run, wire in chosen[: params["limit"]]]

    def besides(self) -> dict[str, Any]:
        """Return nothing: tasks were listed on the way only."""
        return {}

    def _task_meant(self, params: Mapping[str, Any]) -> Task:
        identity = {name: params[name] for name in ("title", "type", "item_id")}
        task = VENDOR.choose(Desired(params["title"], "present", {}), self._filtered(identity))
        if task is None:
            raise OptionError(
                "title",
                params["title"],
                f"fits no task of {self._user()!r}",
                "Check title, type, item_id and owner.",
            )
        return task


def _listed_run(run: Run, wire: Mapping[str, Any], task_id: str) -> Task:
    """Return a run in the form in which an info module lists things."""
    task = wire.get("task")
    fields = {
        "task_id": task_id,
        "status": run.status,
        "vendor_status": run.word,
        "started": run.started,
        "ended": run.ended,
        "error": run.error,
        "result": run.details.get("result"),
    }
    name = _text(task.get("title")) if isinstance(task, Mapping) else None
    return Task(run.id, name or "", "", None, fields, wire)


def _read_reply(reply: Reply) -> Any:
    """Find the error in a reply: ArcGIS sends it with HTTP 200."""
    body = reply.body
    error = body.get("error") if isinstance(body, Mapping) else None
    if isinstance(error, Mapping):
        details = error.get("details")
        texts = [error.get("message"), *(details if isinstance(details, list) else [])]
        text = " ".join(str(item) for item in texts if item) or "an error without a text"
        code = error.get("code")
        raise RefusalError(
            text, code, token_refused=code in _TOKEN_CODES, transient=isinstance(code, int) and code >= 500
        )
    if isinstance(body, Mapping) and body.get("success") is False:
        raise RefusalError("success: false, without a reason")
    return body


def _zone(params: Mapping[str, Any]) -> tzinfo:
    """Return the zone in which schedules are shown: that of the declaration or of the listing."""
    name = (params.get("schedule") or params).get("timezone") or "UTC"
    return schedule.parse_zone(name, "timezone")


_unexpected = unexpected_from("ArcGIS", "Check that url leads to a portal.")


def _tasks_of(request: Request, page: Any) -> list[Mapping[str, Any]]:
    tasks = page.get("tasks") if isinstance(page, Mapping) else None
    if not isinstance(tasks, list):
        raise _unexpected(request, "no list of tasks in it")
    return tasks


def _query(item_id: str | None, kind: str | None, enabled: bool | None = None) -> dict[str, str]:
    """Return the filters that the portal knows itself."""
    active = None if enabled is None else str(enabled).lower()
    query = {"itemId": item_id, "types": kind, "active": active}
    return {name: value for name, value in query.items() if value}


def _has(task: Task, wanted: Mapping[str, str | None]) -> bool:
    """Return whether a task has these properties. None stands for any."""
    return all(value in (None, task.fields.get(name)) for name, value in wanted.items())


def _following(page: Any) -> dict[str, int] | None:
    """Return where the next page starts; -1 marks the last one."""
    start = page.get("nextStart") if isinstance(page, Mapping) else None
    return {"start": start} if isinstance(start, int) and start > 0 else None


def _task(request: Request, wire: Any, zone: tzinfo = timezone.utc) -> Task:
    """Read a task object of the wire into the normal form; its schedule is shown in ``zone``."""
    if not isinstance(wire, Mapping) or not isinstance(wire.get("id"), str):
        raise _unexpected(request, "a task without an id")
    cron, parameters = wire.get("cronSchedule"), _parsed(wire.get("parameters"))
    fields = {
        "title": _text(wire.get("title")),
        "type": _text(wire.get("type")),
        "item_id": _text(wire.get("itemId")),
        "task_url": _text(wire.get("taskURL") or wire.get("taskUrl")),
        "parameters": parameters if isinstance(parameters, dict) else None,
        "schedule.cron": Timetable(Quartz(*(str(cron.get(name, "*")) for name in _CRON)), zone)
        if isinstance(cron, Mapping)
        else None,
        "schedule.start": read_instant(wire.get("startDate")),
        "schedule.end": read_instant(wire.get("endDate")),
        "schedule.max_runs": _positive(wire.get("maxOccurrences")),
    }
    return Task(
        id=wire["id"],
        name=str(wire.get("title") or ""),
        state=_state(wire),
        enabled=bool(wire.get("active")),
        fields={name: value for name, value in fields.items() if value is not None},
        wire=wire,
    )


def _state(wire: Mapping[str, Any]) -> str:
    words = {
        "active": convergence.SCHEDULED,
        "paused": convergence.PAUSED,
        "disabled": convergence.PAUSED,
        "completed": convergence.COMPLETED,
        "failed": convergence.FAILED,
    }
    otherwise = convergence.SCHEDULED if wire.get("active") else convergence.UNKNOWN
    return words.get(str(wire.get("taskState", "")).lower(), otherwise)


def _form(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Write managed fields as the flat form of createTask and update."""
    form = {
        "title": fields.get("title"),
        "type": fields.get("type"),
        "itemId": fields.get("item_id"),
        "taskURL": fields.get("task_url"),
        "startDate": _milliseconds(fields.get("schedule.start")),
        "endDate": _milliseconds(fields.get("schedule.end")),
        "maxOccurrences": fields.get("schedule.max_runs"),
    }
    if fields.get("parameters") is not None:
        form["parameters"] = json.dumps(fields["parameters"])
    when: Timetable | None = fields.get("schedule.cron")
    if when is not None:
        form.update(zip(_CRON, astuple(when.quartz)))
    return {name: value for name, value in form.items() if value is not None}


def _check_whole_identity(params: Mapping[str, Any]) -> None:
    """A title alone may be that of a task nobody meant, so it is not enough to delete by."""
    for name, needed in {"type": True, "item_id": _needs_item(params)}.items():
        if needed and params[name] is None:
            raise OptionError(name, None, "is needed with state: absent", f"Set {name}, or set task_id.")


def _check_awaitable(params: Mapping[str, Any]) -> None:
    if params["enabled"] is False:
        raise OptionError(
            "wait", True, "waits for a run, and enabled: false lets none begin", "Leave one of them out."
        )
    if (params["schedule"] or {}).get("split"):
        raise OptionError(
            "wait",
            True,
            "waits for one task, and schedule.split may keep several",
            "Leave one of them out.",
        )


def _always(fields: Mapping[str, Any]) -> bool:
    return True


def _needs_item(fields: Mapping[str, Any]) -> bool:
    return fields.get("type") not in _WITHOUT_ITEM


def _desired_schedule(given: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    zone = schedule.parse_zone(given.get("timezone") or "UTC", "schedule.timezone")
    dates = {
        name: schedule.parse_instant(given[name], f"schedule.{name}", zone)
        for name in ("start", "end")
        if given.get(name) is not None
    }
    if len(dates) == 2 and dates["end"] <= dates["start"]:
        raise OptionError(
            "schedule.end",
            given["end"],
            f"is not after schedule.start ({given['start']})",
            "Set a later end.",
        )
    if given.get("cron") is not None:
        yield "schedule.cron", _timetable(given, zone, dates.get("start"))
    if given.get("quartz") is not None:
        yield "schedule.cron", Timetable(parse_quartz(given["quartz"], "schedule.quartz"), zone)
    for name, instant in dates.items():
        yield f"schedule.{name}", instant
    runs = given.get("max_runs")
    if runs is not None:
        if runs < 1:
            raise OptionError("schedule.max_runs", runs, "is less than 1", "Use 1 or more, or leave it out.")
        yield "schedule.max_runs", runs


def _part(desired: Desired, number: int, timetable: Timetable) -> Desired:
    title = desired.name if number == 1 else f"{desired.name} ({number})"
    return replace(desired, name=title, fields={**desired.fields, "title": title, "schedule.cron": timetable})


def _part_number(title: str, listed: str) -> int:
    """Return n for ``title (n)``, 0 for any other title."""
    found = re.fullmatch(r" \((\d{1,4})\)", listed[len(title) :]) if listed.startswith(title) else None
    return int(found.group(1)) if found else 0


def _check_splittable(params: Mapping[str, Any], fields: Mapping[str, Any]) -> None:
    if params["task_id"] is not None:
        raise OptionError(
            "schedule.split", True, "cannot go with task_id", "Declare the tasks by title, type and item_id."
        )
    timetable: Timetable | None = fields.get("schedule.cron")
    if timetable is not None and timetable.others and "schedule.max_runs" in fields:
        raise OptionError(
            "schedule.max_runs",
            fields["schedule.max_runs"],
            f"cannot be shared out among the {len(timetable.others) + 1} tasks of schedule.split",
            "Set schedule.end instead.",
        )


def _timetable(given: Mapping[str, Any], zone: tzinfo, start: datetime | None) -> Timetable:
    """Write a crontab of a zone in UTC; refuse what one expression cannot say, unless it may be split."""
    cron = given["cron"]
    moments = schedule.parse_crontab(cron, "schedule.cron")
    now = datetime.now(timezone.utc)
    try:
        converted = in_utc(moments, zone, now, start)
    except InexpressibleError as error:
        reason, parts = str(error), []
    else:
        if len(converted.parts) == 1 or given.get("split"):
            first, *others = converted.parts
            return Timetable(first, zone, converted.valid_until, tuple(others))
        reason, parts = converted.reason, [part.text for part in converted.parts]
    near = [schedule.crontab(one) for one in nearest(moments, zone, now)]
    ways = [
        f"set schedule.split to have {len(parts)} tasks ({'; '.join(parts)})" if parts else "",
        f"choose {' or '.join(filter(None, near))}" if any(near) else "",
        "declare several tasks with simpler schedules" if not parts and not any(near) else "",
    ]
    raise OptionError(
        "schedule.cron",
        cron,
        f"in {zone} is not one expression in UTC, in which the portal keeps its schedules, as {reason}",
        f"Either {', or '.join(way for way in ways if way)}.",
    )


def _is_over_before(instant: datetime, timetable: Timetable, fields: Mapping[str, Any]) -> bool:
    """Return whether the schedule's life ends before an instant, by its end or by the number of runs."""
    end: datetime | None = fields.get("schedule.end")
    most: int | None = fields.get("schedule.max_runs")
    if end is not None and end <= instant:
        return True
    moments = timetable.quartz.moments()
    if most is None or moments is None:
        return False
    now = datetime.now(timezone.utc)
    runs = schedule.next_runs(moments, now, fields.get("schedule.start"), instant, max_runs=most, limit=most)
    return len(runs) == most


def _shown_schedule(when: Mapping[str, Any]) -> dict[str, Any]:
    timetable: Timetable | None = when.get("cron")
    zone = timezone.utc if timetable is None else timetable.zone
    shown = {
        name: value.astimezone(zone).isoformat() if isinstance(value, datetime) else value
        for name, value in when.items()
        if name != "cron"
    }
    if timetable is not None:
        moments = from_utc(timetable.quartz, zone, datetime.now(timezone.utc))
        cron = schedule.crontab(moments) if moments is not None else None
        shown.update({"cron": cron} if cron else {"quartz": timetable.quartz.text})
        if str(zone) != "UTC":
            shown["timezone"] = str(zone)
    return shown


def _valid_until(task: Task) -> str | None:
    """Return until when the expression in UTC gives the times that are shown, where it is known."""
    timetable: Timetable | None = task.fields.get("schedule.cron")
    if timetable is None or str(timetable.zone) == "UTC":
        return None
    now = datetime.now(timezone.utc)
    moments = from_utc(timetable.quartz, timetable.zone, now)
    until = in_utc(moments, timetable.zone, now).valid_until if moments is not None else None
    return until.astimezone(timetable.zone).isoformat() if until else None


def _next_runs(task: Task) -> list[str]:
    """Return the next runs: computed where crontab can say the schedule, else the server's one."""
    if task.enabled is False or task.state == convergence.COMPLETED:
        return []
    timetable: Timetable | None = task.fields.get("schedule.cron")
    moments = timetable.quartz.moments() if timetable is not None else None
    if timetable is None or moments is None:
        next_start = read_instant(task.wire.get("nextStart"))
        return [next_start.isoformat()] if next_start else []
    runs = schedule.next_runs(
        moments,
        datetime.now(timezone.utc),
        task.fields.get("schedule.start"),
        task.fields.get("schedule.end"),
        max_runs=task.fields.get("schedule.max_runs"),
    )
    return [run.astimezone(timetable.zone).isoformat() for run in runs]


def _same_if_shown(wanted: Any, existing: Any) -> bool:
    """Compare a property that no documented answer shows: unseen, it counts as the same."""
    return existing is None or wanted == existing


def _same_parameters(wanted: Mapping[str, Any], existing: Mapping[str, Any] | None) -> bool:
    """Compare the given keys as data; a value may be a JSON text on one side, as notebookParameters."""
    has = existing or {}
    return all(key in has and _parsed(value) == _parsed(has[key]) for key, value in wanted.items())


def _parsed(value: Any) -> Any:
    """Return the data of a JSON text that holds an object or a list, any other value as it is."""
    if isinstance(value, str) and value.strip()[:1] in ("{", "["):
        try:
            return parsed(value)
        except UnreadableError:
            return value
    return value or None if isinstance(value, str) else value


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _milliseconds(instant: datetime | None) -> int | None:
    return None if instant is None else round(instant.timestamp() * 1000)


def _count(number: Any) -> int | None:
    return number if isinstance(number, int) and not isinstance(number, bool) else None


def _positive(number: Any) -> int | None:
    counted = _count(number)
    return counted if counted is not None and counted > 0 else None


VENDOR = ArcGIS()
RUNS = ArcGISRuns()
