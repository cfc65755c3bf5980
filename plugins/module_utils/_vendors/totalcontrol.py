# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sigma Total Control: a script run on a phone farm, over REST v1.

Source of each fact: http://www.sigma-rt.com/tc/script/rest-api-v1.php?v=v1&u=PAGE with the pages
token.html, task.create.html, task.lists.html, task.info.html and task.pause.html, their Chinese
editions, and https://blog.csdn.net/lemon5814/article/details/86217226 for ``schedule``.

What rests on inference: that a name used twice becomes ``name(1)``, that ``action=resume`` resumes,
that a refused token is answered with status false, and the form in which ``schedule`` is sent.
This file is private to the collection and may change at any time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Any
from urllib.parse import quote

from .. import _convergence as convergence
from .. import _schedule as schedule
from .._auth import ParameterToken, raw_base64
from .._client import Client, RefusalError, Reply, Request, Secrets, api_root
from .._convergence import Capabilities, Control, Desired, Field, Run, Task, never
from .._errors import (
    AbsentError,
    AmbiguousMatchError,
    LoginError,
    OptionError,
    RequestError,
    TokenRefusedError,
    UnreachableStateError,
)
from .._memory import Listing
from .._options import (
    INCLUDE_RAW,
    REUSE_LISTING,
    WAIT,
    ArgumentSpec,
    connection,
    connection_options,
    from_environment,
)
from .._vendor import Service, Vendor

_API = "/TotalControl/v1"
_SCRIPT_MISSING = 0
_STATES = {
    _SCRIPT_MISSING: convergence.FAILED,
    -1: convergence.RUNNING,
    -2: convergence.COMPLETED,
    -3: convergence.FAILED,
    -4: convergence.PAUSED,
    -5: convergence.STOPPED,
    -6: convergence.SCHEDULED,
}
_ACTIVE = frozenset((convergence.RUNNING, convergence.PAUSED, convergence.SCHEDULED))
_ENDED = frozenset((convergence.COMPLETED, convergence.FAILED, convergence.STOPPED))
_TIME = "%Y-%m-%d %H:%M:%S"
_ANOTHER_NAME = (
    "Give the new task another name, or set rerun: always to run it again "
    "(the server then keeps both, the new one as name(1))."
)

_CONNECTION = connection_options("TOTALCONTROL").merge(
    ArgumentSpec(
        options={"server_timezone": from_environment({"type": "str"}, "TOTALCONTROL_SERVER_TIMEZONE")},
        required_together=(("username", "password"),),
        required_one_of=(("username", "token"),),
    )
)

_TASK = ArgumentSpec(
    options={
        "state": {
            "type": "str",
            "choices": ["present", "paused", "resumed", "stopped", "absent"],
            "default": "present",
        },
        "task_id": {"type": "str"},
        "name": {"type": "str", "required": True},
        "script": {"type": "str"},
        "iterations": {"type": "int", "default": 1},
        "schedule": {"type": "dict", "options": {"at": {"type": "str"}, "timezone": {"type": "str"}}},
        "rerun": {"type": "str", "choices": ["never", "always", "on_failure"], "default": "never"},
    }
)

_FILTERS = ArgumentSpec(options={"name": {"type": "str"}, "task_id": {"type": "str"}})


@dataclass(frozen=True)
class ServerTime:
    """A time on the server's clock; shown in ``zone`` where the server's own zone is known."""

    wall: datetime
    server: tzinfo | None = field(default=None, compare=False)
    zone: tzinfo | None = field(default=None, compare=False)

    @property
    def instant(self) -> datetime | None:
        """The instant in the zone that the user thinks in; None where the server's zone is not known."""
        return None if self.server is None else self.wall.replace(tzinfo=self.server).astimezone(self.zone)

    @property
    def shown(self) -> str:
        """The time as the option takes it."""
        return (self.instant or self.wall).isoformat()


class TotalControl(Vendor):
    """What is known of Total Control without asking a server."""

    key = "totalcontrol"
    label = "Total Control"
    has_tls = False
    connection_spec = _CONNECTION
    entry_spec = _TASK
    task_spec = _CONNECTION.merge(_TASK, WAIT, REUSE_LISTING, INCLUDE_RAW)
    info_spec = _CONNECTION.merge(_FILTERS, INCLUDE_RAW)
    ended_states = _ENDED

    def __init__(self) -> None:
        self.capabilities = Capabilities(
            fields=(
                Field(
                    "script",
                    same=_same_script,
                    changeable=never,
                    needed=lambda fields: True,
                    remedy=f"Set script. {_ANOTHER_NAME}",
                ),
                Field("iterations", changeable=never, remedy=_ANOTHER_NAME),
                Field("schedule.at", changeable=never, remedy=_ANOTHER_NAME),
            ),
            controls={
                "paused": Control(
                    "pause", frozenset((convergence.RUNNING,)), frozenset((convergence.PAUSED,))
                ),
                "resumed": Control(
                    "resume",
                    frozenset((convergence.PAUSED,)),
                    frozenset((convergence.RUNNING, convergence.SCHEDULED)),
                ),
                "stopped": Control("stop", _ACTIVE, _ENDED, satisfied_when_missing=True),
            },
            why_not_deletable=(
                "Total Control's REST v1 has no call that deletes a task. Use state: stopped to end it, "
                "and remove it in the program's window."
            ),
        )

    def desired(self, params: Mapping[str, Any]) -> Desired:
        """Read the declaration."""
        if params["state"] == "absent":
            raise UnreachableStateError(
                f"state: absent cannot be reached. {self.capabilities.why_not_deletable}"
            )
        if not params["name"].strip():
            raise OptionError("name", params["name"], "is empty", "Give the task a name.")
        if params["wait"] and params["state"] == "paused":
            raise OptionError("wait", True, "has nothing to wait for with state: paused", "Leave wait out.")
        if params["iterations"] < 1:
            raise OptionError("iterations", params["iterations"], "is less than 1", "Use 1 or more.")
        fields: dict[str, Any] = {"iterations": params["iterations"]}
        if params["script"] is not None:
            fields["script"] = params["script"]
        if (params["schedule"] or {}).get("at") is not None:
            fields["schedule.at"] = _server_time(params["schedule"]["at"], *_zones(params))
        return Desired(
            name=params["name"],
            state=params["state"],
            fields=fields,
            task_id=params["task_id"],
            rerun=params["rerun"],
        )

    def connect(self, params: Mapping[str, Any], *, read_only: bool, secrets: Secrets) -> Client:
        """Return a client whose token goes into the form or the query."""
        for name in ("password", "token"):
            secrets.add(params[name])
        client = Client(connection(params), _read_reply, read_only=read_only, secrets=secrets)
        farm = Farm(client, params)
        client.auth = ParameterToken(params["token"], farm.log_in if params["username"] else None)
        return client

    def serve(self, client: Client, params: Mapping[str, Any]) -> Farm:
        """Return the server for one declaration."""
        return Farm(client, params)

    def choose(self, desired: Desired, matches: list[Task]) -> Task | None:
        """Choose among the runs of one name: the active one for a control, else the newest.

        The name is the only address of a task, so two tasks of exactly one name cannot be told apart.
        """
        candidates = matches
        if desired.state in self.capabilities.controls:
            candidates = [task for task in matches if task.state in _ACTIVE] or matches[-1:]
            if len(candidates) > 1:
                raise AmbiguousMatchError(self.label, desired.label, [_named(task) for task in candidates])
            twins = [task for task in matches if candidates and task.name == candidates[0].name]
        else:
            twins = [task for task in matches if task.name == matches[-1].name]
        if len(twins) > 1:
            raise AmbiguousMatchError(self.label, desired.label, [_named(task) for task in twins])
        return candidates[-1] if candidates else None

    def show(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Write fields in the words of the options."""
        shown = {name: value for name, value in fields.items() if name != "schedule.at"}
        if "schedule.at" in fields:
            at = fields["schedule.at"]
            shown["schedule"] = {"at": at.shown} if at else None
        return shown

    def describe(self, task: Task, service: Service) -> dict[str, Any]:
        """Add when the task started and ended, its progress and its error."""
        zones = service.zones if isinstance(service, Farm) else (None, None)
        started, ended = (
            ServerTime(time, *zones).shown if time else None
            for time in (_local_time(task.wire.get(key)) for key in ("start_time", "end_time"))
        )
        return {
            "next_runs": _next_runs(task),
            "started": started if task.state != convergence.SCHEDULED else None,
            "ended": ended,
            "current_iteration": task.wire.get("current_iteration"),
            "error": task.error,
        }

    def run(self, task: Task, service: Service) -> Run:
        """Add how far the script has come."""
        progress = {"current_iteration": "current_iteration", "iterations": "total_iterations"}
        details = {name: task.wire.get(key) for name, key in progress.items()}
        return replace(super().run(task, service), details=details)

    def problem(self, task: Task) -> str:
        """Say it when the server has the task and not its script: it will never run."""
        if task.wire.get("status") != _SCRIPT_MISSING:
            return ""
        return (
            f"script: the task {task.name!r} was created, but the server does not find its script "
            f"{task.fields.get('script')!r}. Put it into the server's Scripts folder, then create the "
            "task again with rerun: always."
        )


class Farm(Service):
    """A Total Control server."""

    def __init__(self, client: Client, params: Mapping[str, Any]) -> None:
        super().__init__(client)
        self._root = api_root(client.connection.url, _API)
        self._params = params
        self.zones = _zones(params)

    def log_in(self) -> str:
        """Fetch a token. The header holds base64 without the word Basic, as the vendor has it."""
        credentials = raw_base64(self._params["username"], self._params["password"])
        self.client.secrets.add(credentials)
        request = Request(
            f"log in as {self._params['username']!r}",
            "GET",
            f"{self._root}/login",
            headers={"Authorization": credentials},
            is_login=True,
        )
        value = _value(self.client.send(request))
        token = value.get("token") if isinstance(value, Mapping) else None
        if not isinstance(token, str) or not token:
            raise _unexpected(request, "no token in it")
        self.client.secrets.add(token)
        return token

    def matches(self, desired: Desired) -> list[Task]:
        """List all, as only the list has one shape; oldest run of the name first."""
        listing = self.memory.recall("tasks", lambda: Listing(self._list(), names=_family_names))
        if desired.task_id is not None:
            return [self._in_zone(task) for task in listing.with_id(desired.task_id)]
        wanted = desired.fields.get("script")
        family = [
            (number, task)
            for task in map(self._in_zone, listing.called(desired.name))
            for number in [_run_number(desired.name, task.name)]
            if number is not None
            # a name(1) with another script is another task that happens to be called so
            if number == 0 or wanted is None or _same_script(wanted, task.fields.get("script"))
        ]
        return [task for dummy, task in sorted(family, key=lambda pair: pair[0])]

    def _in_zone(self, task: Task) -> Task:
        """Show the time of a listed task in this declaration's zone; many may share the listing."""
        at: ServerTime | None = task.fields.get("schedule.at")
        if at is None or (at.server, at.zone) == self.zones:
            return task
        return replace(task, fields={**task.fields, "schedule.at": ServerTime(at.wall, *self.zones)})

    def listing(self, params: Mapping[str, Any]) -> list[Task]:
        """List the tasks that pass the filters; a name also finds its further runs."""
        return [
            task
            for task in self._list()
            if params["task_id"] in (None, task.id)
            and (params["name"] is None or _run_number(params["name"], task.name) is not None)
        ]

    def get(self, task: Task) -> Task:
        """Read one task by its name; both shapes of the answer are read.

        How the server says that it has no such task is not known: then the list decides.
        """
        request = self._request(f"read task {task.name!r}", "GET", f"/tasks/{quote(task.name, safe='')}")
        try:
            return _task(request, _value(self.client.send(request)), *self.zones)
        except (LoginError, TokenRefusedError):
            raise
        except RequestError as error:
            if error.retryable or any(listed.name == task.name for listed in self._list()):
                raise
        raise AbsentError(
            request.attempt,
            "the server no longer lists it",
            "It may have been removed in the program's window, or the program was restarted.",
            request=request.shown,
        )

    def watch(self, task: Task) -> Task:
        """Read the task by its name; where another one answers to that, look for its id in the list."""
        seen = self.get(task)
        if seen.id == task.id:
            return seen
        return next((listed for listed in self._list() if listed.id == task.id), seen)

    def create(self, desired: Desired) -> str | None:
        """Create the task, which starts it, now or at its time. The answer tells no id and no name."""
        form = {
            "task_name": desired.name,
            "script_file": desired.fields["script"],
            "total_iterations": desired.fields["iterations"],
        }
        at: ServerTime | None = desired.fields.get("schedule.at")
        if at is not None:
            form["schedule"] = at.wall.strftime(_TIME)
        self.client.send(self._request(f"create task {desired.name!r}", "POST", "/tasks", form))
        return None

    def act(self, verb: str, task: Task) -> None:
        """Pause, resume or stop a task, by its name."""
        path = f"/tasks/{quote(task.name, safe='')}?action={verb}"
        self.client.send(self._request(f"{verb} task {task.name!r}", "POST", path, {}))

    def _list(self) -> list[Task]:
        request = self._request("list the tasks", "GET", "/tasks")
        value = _value(self.client.send(request))
        if not isinstance(value, list):
            raise _unexpected(request, "no list of tasks in it")
        return [_task(request, wire, *self.zones) for wire in value]

    def _request(
        self, attempt: str, method: str, path: str, form: Mapping[str, Any] | None = None
    ) -> Request:
        return Request(attempt, method, f"{self._root}{path}", form=form, writes=method != "GET")


def _read_reply(reply: Reply) -> Any:
    """Find the refusal in a reply: status null with a text, or false for a refused login or token.

    Success is status true and nothing else; a bare task has no envelope at all.
    """
    body = reply.body
    if body is None and reply.status == 200:
        body = _repaired(reply.text)
    if not isinstance(body, Mapping) or "task_name" in body:
        return body
    status = body.get("status")
    if status is True:
        return body
    text = str(body.get("value") or "no reason given")
    # An expired token is known from the v2 API only (status false); a null with such a text counts too.
    token_refused = status is False or bool(
        re.search(r"\b(token|unauthori[sz]ed|authori[sz]ation|log ?in)\b", text, re.IGNORECASE)
    )
    raise RefusalError(text, token_refused=token_refused)


def _repaired(text: str) -> Any:
    r"""Read JSON in which Windows paths stand with single backslashes, as a sample of the vendor has it."""
    try:
        return json.loads(re.sub(r'(\\["\\])|\\', lambda found: found.group(1) or r"\\", text))
    except ValueError:
        return None


def _value(body: Any) -> Any:
    """Return what is in the envelope, or the body itself where it comes without one."""
    return (
        body.get("value")
        if isinstance(body, Mapping) and "status" in body and "task_name" not in body
        else body
    )


def _unexpected(request: Request, problem: str) -> RequestError:
    return RequestError(
        request.attempt,
        f"the answer is not what Total Control documents: {problem}",
        "Check that url leads to the REST API of Total Control 6.9.0 or later.",
        request=request.shown,
        unclear=request.writes,
    )


def _task(request: Request, wire: Any, server: tzinfo | None = None, zone: tzinfo | None = None) -> Task:
    """Read a task object of the wire into the normal form; its times are shown in ``zone``."""
    if not isinstance(wire, Mapping) or not isinstance(wire.get("task_name"), str):
        raise _unexpected(request, "a task without a name")
    script, iterations, status = (wire.get(key) for key in ("script_file", "total_iterations", "status"))
    at = _local_time(wire.get("schedule"))
    fields = {
        "script": script if isinstance(script, str) else None,
        "iterations": iterations if isinstance(iterations, int) else None,
        "schedule.at": ServerTime(at, server, zone) if at else None,
    }
    error = str(wire.get("error_message") or "")
    if status == _SCRIPT_MISSING:
        error = error or f"the server does not find its script {script!r}"
    state = _STATES.get(status, convergence.UNKNOWN) if isinstance(status, int) else convergence.UNKNOWN
    return Task(
        id=str(wire.get("task_id", "")),
        name=wire["task_name"],
        state=state,
        enabled=None,
        fields={name: value for name, value in fields.items() if value is not None},
        wire=wire,
        error=error,
        address=wire["task_name"],  # the server may give the same task another id
    )


def _run_number(name: str, listed: str) -> int | None:
    """Return 0 for the name itself, n for ``name(n)``, None for another name."""
    if listed == name:
        return 0
    found = re.fullmatch(r"\((\d{1,9})\)", listed[len(name) :]) if listed.startswith(name) else None
    return int(found.group(1)) if found else None


def _family_names(task: Task) -> list[str]:
    """Return the names under which a task is looked for: its own, and the one that it is a run of."""
    run = re.fullmatch(r"(.*)\(\d{1,9}\)", task.name, re.DOTALL)
    return [task.name, run.group(1)] if run else [task.name]


def _named(task: Task) -> str:
    return f"{task.id} ({task.name})"


def _same_script(wanted: str, existing: str | None) -> bool:
    """Compare below the Scripts folder, as the server answers with an absolute Windows path."""
    return _script_tail(wanted) == _script_tail(existing or "")


def _script_tail(path: str) -> str:
    normal = re.sub(r"[\\/]+", "/", path).lower()
    return re.split(r"(?:^|/)scripts/", normal)[-1]


def _zones(params: Mapping[str, Any]) -> tuple[tzinfo | None, tzinfo | None]:
    """Return the server's zone, and the one in which the user reads times: by default, the server's."""
    server, zone = params["server_timezone"], (params.get("schedule") or {}).get("timezone")
    if zone is not None and server is None:
        raise OptionError(
            "schedule.timezone",
            zone,
            "cannot be brought to the server's clock, whose zone is not known",
            "Set server_timezone, or write schedule.at in the server's local time.",
        )
    if server is None:
        return None, None
    known = schedule.parse_zone(server, "server_timezone")
    return known, known if zone is None else schedule.parse_zone(zone, "schedule.timezone")


def _server_time(text: str, server: tzinfo | None, zone: tzinfo | None) -> ServerTime:
    """Read ``schedule.at`` and bring it to the server's clock, to the second."""
    if server is None:
        return ServerTime(_wall_time(text))
    instant = schedule.parse_instant(text, "schedule.at", zone or server)
    at = instant.astimezone(server)
    if at.fold:
        raise OptionError(
            "schedule.at",
            text,
            f"comes twice on the server's clock, which {server} sets back then",
            "Choose an earlier or a later time: the server would take the first of the two.",
        )
    return ServerTime(at.replace(tzinfo=None, microsecond=0), server, zone)


def _wall_time(text: str) -> datetime:
    """Read a time of the server's own clock, whatever its zone."""
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        at = None
    if at is None or at.tzinfo is not None:
        raise OptionError(
            "schedule.at",
            text,
            "is not a local ISO 8601 time without an offset",
            "Write it as 2030-01-31T18:30:00 in the server's local time, or set server_timezone.",
        )
    return at.replace(microsecond=0)


def _next_runs(task: Task) -> list[str]:
    """Return when a waiting task runs, where the server's zone is known."""
    at: ServerTime | None = task.fields.get("schedule.at")
    waits = task.state in (convergence.SCHEDULED, "")  # a task that check mode would create has no state
    if at is None or at.instant is None or not waits or at.instant <= datetime.now(timezone.utc):
        return []
    return [at.instant.isoformat()]


def _local_time(value: Any) -> datetime | None:
    """Read either date form: a text in the server's local time, or a Java date object."""
    try:
        if isinstance(value, Mapping):
            moment = datetime.fromtimestamp(value["time"] / 1000, timezone.utc)
            return (moment - timedelta(minutes=value.get("timezoneOffset", 0))).replace(
                tzinfo=None, microsecond=0
            )
        return datetime.fromisoformat(value).replace(tzinfo=None) if value else None
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        return None


VENDOR = TotalControl()
