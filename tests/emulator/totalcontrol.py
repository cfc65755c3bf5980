# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sigma Total Control, REST API v1. Grades and page names are those of docs/emulator.md."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from .vendor import Call, Operation, Reply, SeedError, Switch, Vendor, random_text

NO_SCRIPT, RUNNING, ENDED, ERROR, PAUSED, STOPPED, WAITING = 0, -1, -2, -3, -4, -5, -6
FINISHED = (NO_SCRIPT, ENDED, ERROR, STOPPED)
FOLDER = "C:\\Users\\sigma\\Documents\\Scripts\\"
SCRIPTS = ("getname.js", "install.js", "screenshot.js", "sub\\report.js", "fail.js")
SCHEDULE_FORMATS = {
    "seconds": ("%Y-%m-%d %H:%M:%S",),
    "minutes": ("%Y-%m-%d %H:%M",),
    "both": ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"),
}
BOOL = (True, False)
MOST_ITERATIONS = 2**31 - 1  # own choice


class Refused(Exception):
    """A logical failure: HTTP 200 and a null envelope ([D] CREATE, L, INF, P, Sz)."""

    def __init__(self, text: str, status: bool | None = None) -> None:
        super().__init__(text)
        self.reply = Reply({"status": status, "value": text})


@dataclass
class Task:
    """A task as the program holds it; times are epoch seconds."""

    task_id: int
    name: str
    script: str
    status: int
    iterations: int
    start: float
    error: str = ""
    current: int = 1
    end: float | None = None
    schedule: float | None = None
    progress: float = 0.0  # seconds of running already done, kept over a pause
    resumed_at: float = 0.0
    turn: int = 0  # an event entered in an earlier turn no longer counts


class TotalControl(Vendor):
    """The REST v1 service of the desktop program."""

    key = "totalcontrol"
    prefixes = ("/TotalControl/",)
    switches = (
        Switch("duplicate_name", "rename", ("rename", "refuse", "duplicate"), "[I] list sample task004(1)"),
        Switch("resume_action", True, BOOL, "[I] page ids leave the slot; JS taskResume [D] J"),
        Switch("delete_enabled", False, BOOL, "[I] no page describes a delete"),
        Switch("unknown_name_text", "", str, "unknown; the text of the null envelope for an unknown name"),
        Switch("info_shape", "envelope", ("envelope", "bare"), "[D] INF (EN) against Iz (ZH)"),
        Switch("date_form", "string", ("string", "java"), "[D] L against Iz"),
        Switch("create_reply", "value_empty", ("value_empty", "status_only"), "[D] CREATE against B"),
        Switch(
            "missing_script", "status_0", ("status_0", "null_envelope"), "own choice; status 0 exists [D] L"
        ),
        Switch("bad_parameter", "null_envelope", ("null_envelope", "false_envelope"), "unknown"),
        Switch("schedule_format", "seconds", tuple(SCHEDULE_FORMATS), "[I] after the output strings"),
        Switch("schedule_past", "run", ("run", "refuse"), "own choice"),
        Switch("noop_action", "null", ("null", "true"), "own choice"),
        Switch("schedule_kept", True, BOOL, "[I] after the scheduled time the key stays"),
        Switch("ended_tasks_listed", True, BOOL, "[I] samples show a -5 task listed days later"),
        Switch(
            "task_id_reissue", "on_restart", ("on_restart", "on_list"), "[I] ids younger than the end time"
        ),
        Switch("token_lifetime", 0, int, "unknown; seconds, 0 = until restart"),
        Switch("login_voids_old_token", False, BOOL, "unknown"),
        Switch("bad_token_status", "false", ("false", "null"), "[C] v2 clients test for false"),
        Switch("bad_login", "200_null", ("200_null", "200_false", "401"), "[D] T (EN) against Tz (ZH)"),
        Switch("scheme", "any", ("any", "http", "https"), "plain HTTP in every sample [D]; TLS for tests"),
        Switch("raw_backslashes", False, BOOL, "[D] L prints single backslashes, most likely a misprint"),
        Switch("accept_json_body", True, BOOL, "[D] Sz second example, weak"),
        Switch("run_seconds", 60, int, "emulator only: how long one iteration runs"),
        Switch(
            "run_outcome",
            "by_script",
            ("by_script", "completed", "failed", "stopped"),
            "emulator only: how a run ends; by_script fails those called fail*, stopped is a person's doing",
        ),
        Switch("error_text", "Error: the script failed", str, "emulator only: error_message of a failed run"),
        Switch("utc_offset_minutes", 0, int, "emulator only: local time of the server; samples show 480"),
    )

    def setup(self) -> None:
        """Make the account and enter the routes."""
        self.username = "sigma"
        self.password = random_text(8, "0123456789ABCDEF")
        for path, name, methods, handler, writes in (
            ("login", "login", ("GET",), self._login, False),
            ("settings", "versions", ("GET",), self._versions, False),
            ("devices", "list_devices", ("GET",), self._devices, False),
            ("tasks", "list_tasks", ("GET",), self._list, False),
            ("tasks", "create_task", ("POST",), self._create, True),
            ("tasks/{name}", "get_task", ("GET",), self._info, False),
            ("tasks/{name}", "task_action", ("POST",), self._action, True),
            ("tasks/{name}", "delete_task", ("DELETE",), self._delete, True),
        ):
            self.routes.add(
                f"/TotalControl/v1/{path}", Operation(name, methods, self._guard(handler), writes)
            )

    def account(self, http: str, https: str) -> dict[str, Any]:
        """Return the default account of this installation."""
        return {
            "url": f"{http}/TotalControl/v1",
            "https_url": f"{https}/TotalControl/v1",
            "username": self.username,
            "password": self.password,
            "scripts": list(SCRIPTS),
            "environment": {
                "TOTALCONTROL_URL": f"{https}/TotalControl/v1",
                "TOTALCONTROL_USERNAME": self.username,
                "TOTALCONTROL_PASSWORD": self.password,
            },
        }

    def clear(self) -> None:
        """Restart the program: no task, no token, the scripts that came with it."""
        self.book: list[Task] = []
        self.tokens: dict[str, float] = {}
        self.scripts = {name.lower() for name in SCRIPTS}
        self._last_id = 0

    def seed(self, data: dict[str, Any]) -> int:
        """Take wire tasks (string dates) and, under scripts, names of further scripts."""
        self.scripts |= {_normal(name) for name in data.get("scripts", [])}
        wire = data.get("tasks", [])
        self.book += [self._from_wire(task) for task in wire]
        return len(wire)

    def tasks(self) -> list[dict[str, Any]]:
        """Return every task with string dates."""
        return [self._wire(task, "string") for task in self.book]

    def void_token(self, call: Call) -> None:
        """Forget the token of this request."""
        self.tokens.pop(self._args(call).get("token", ""), None)

    def subject(self, call: Call) -> Task | None:
        """Return the task the path names."""
        return next((task for task in self.book if task.name == call.params.get("name")), None)

    def not_found(self, call: Call, methods: set[str]) -> Reply:
        """Answer what v1 does not have with a code that is not 200 (no page lists one)."""
        return Reply("", 405 if methods else 404, "text/html")

    def resolve(self, operation: Operation, call: Call) -> Operation:
        """Name a task action after its parameter: pause_task, stop_task, resume_task."""
        if operation.name != "task_action":
            return operation
        action = self._args(call).get("action", "")
        name = f"{action}_task" if action in ("pause", "stop", "resume") else "task_action"
        return Operation(name, operation.methods, operation.handler, operation.writes)

    def finish(self, reply: Reply, call: Call) -> Reply:
        """Print single backslashes where the switch asks for the list sample as printed."""
        if self.values["raw_backslashes"] and not isinstance(reply.body, (str, bytes)):
            reply.body = json.dumps(reply.body, ensure_ascii=False).replace("\\\\", "\\")
        return reply

    # Requests

    def _guard(self, handler: Any) -> Any:
        def guarded(call: Call) -> Reply:
            scheme = "https" if call.secure else "http"
            if self.values["scheme"] not in ("any", scheme):
                return Reply("", 404, "text/html")
            try:
                if handler != self._login:
                    self._check_token(call)
                reply: Reply = handler(call)
            except Refused as refused:
                return refused.reply
            return reply

        return guarded

    def _args(self, call: Call) -> dict[str, str]:
        """Return the parameters: query, form body, or a JSON object (3.1 of the evidence)."""
        args = {**call.form, **call.query}
        if self.values["accept_json_body"] and isinstance(call.json, dict):
            args = {**{name: str(value) for name, value in call.json.items()}, **args}
        return args

    def _check_token(self, call: Call) -> None:
        expires = self.tokens.get(self._args(call).get("token", ""))
        if expires is None or expires < self.clock.now():
            raise Refused("Invalid token", False if self.values["bad_token_status"] == "false" else None)

    def _login(self, call: Call) -> Reply:
        """Check base64(user:password) without the word Basic ([D] T, Tz)."""
        wanted = base64.b64encode(f"{self.username}:{self.password}".encode()).decode()
        if call.headers.get("authorization") != wanted:
            how = self.values["bad_login"]
            status = False if how == "200_false" else None
            return Reply({"status": status, "value": "Login failed"}, 401 if how == "401" else 200)
        if self.values["login_voids_old_token"]:
            self.tokens.clear()
        token = random_text(16)
        lifetime = self.values["token_lifetime"]
        self.tokens[token] = self.clock.now() + lifetime if lifetime else float("inf")
        return _good({"token": token})

    def _versions(self, call: Call) -> Reply:
        """Answer without the envelope ([D] Vz)."""
        if self._args(call).get("q") != "versions":
            raise Refused("Invalid parameter q")
        return Reply({"software": "7.0.0.u1133718", "javascript": "2.6.1", "rest": "1.1.0"})

    def _devices(self, call: Call) -> Reply:
        """Answer without the envelope ([D] DEV)."""
        args = self._args(call)
        if args.get("q") != "all":
            raise Refused("Invalid parameter q")
        ids = [1, 2] if args.get("type") == "number" else ["device@795844152", "device@795844153"]
        return Reply({"ids": ids})

    def _list(self, call: Call) -> Reply:
        if self.values["task_id_reissue"] == "on_list":
            for task in self.book:
                task.task_id = self._new_id()
        shown = [t for t in self.book if self.values["ended_tasks_listed"] or t.status not in FINISHED]
        return _good([self._wire(task, self.values["date_form"]) for task in shown])

    def _info(self, call: Call) -> Reply:
        wire = self._wire(self._find(call), self.values["date_form"])
        return _good(wire) if self.values["info_shape"] == "envelope" else Reply(wire)

    def _delete(self, call: Call) -> Reply:
        if not self.values["delete_enabled"]:
            return self.not_found(call, {"GET", "POST"})
        self.book.remove(self._find(call))
        return _good("")

    def _find(self, call: Call) -> Task:
        for task in self.book:
            if task.name == call.params["name"]:
                return task
        raise Refused(self.values["unknown_name_text"])

    def _create(self, call: Call) -> Reply:
        args = self._args(call)
        name, script = self._required(args, "task_name"), self._required(args, "script_file")
        iterations = self._iterations(self._required(args, "total_iterations"))
        schedule = self._schedule(args["schedule"]) if "schedule" in args else None
        now = self.clock.now()
        task = Task(
            self._new_id(), self._free_name(name), script, WAITING, iterations, now, schedule=schedule
        )
        if _normal(script) not in self.scripts:
            if self.values["missing_script"] == "null_envelope":
                raise Refused("Script file not found")
            task.status = NO_SCRIPT
        self.book.append(task)
        if task.status == WAITING:
            self._plan(task, now)
        return _good("") if self.values["create_reply"] == "value_empty" else Reply({"status": True})

    def _bad(self, text: str) -> Refused:
        return Refused(text, False if self.values["bad_parameter"] == "false_envelope" else None)

    def _required(self, args: dict[str, str], name: str) -> str:
        if not args.get(name, "").strip():
            raise self._bad(f"Parameter {name} is required")
        return args[name]

    def _iterations(self, text: str) -> int:
        if not re.fullmatch("[0-9]{1,10}", text) or not 0 < int(text) <= MOST_ITERATIONS:
            raise self._bad("Parameter total_iterations is invalid")
        return int(text)

    def _schedule(self, text: str) -> float:
        when = self._parse_date(text, SCHEDULE_FORMATS[self.values["schedule_format"]])
        if when is None:
            raise self._bad("Parameter schedule is invalid")
        if when < self.clock.now() and self.values["schedule_past"] == "refuse":
            raise self._bad("Parameter schedule is in the past")
        return when

    def _free_name(self, name: str) -> str:
        taken = {task.name for task in self.book}
        if name not in taken or self.values["duplicate_name"] == "duplicate":
            return name
        if self.values["duplicate_name"] == "refuse":
            raise Refused("Task name already exists")
        number = 1
        while f"{name}({number})" in taken:
            number += 1
        return f"{name}({number})"

    def _new_id(self) -> int:
        self._last_id = max(self.clock.millis(), self._last_id + 1)
        return self._last_id

    # Life of a task

    def _plan(self, task: Task, now: float) -> None:
        if task.schedule is None or task.schedule <= now:
            self._start(task, now)
            return
        turn, when = task.turn, task.schedule
        self.agenda.add(when, lambda at: self._start(task, at) if task.turn == turn else None)

    def _start(self, task: Task, now: float) -> None:
        self.starts[task.name] += 1
        task.start = now
        if not self.values["schedule_kept"]:
            task.schedule = None
        self._run(task, now)

    def _run(self, task: Task, now: float) -> None:
        task.status, task.resumed_at = RUNNING, now
        task.turn += 1
        turn = task.turn
        left = self.values["run_seconds"] * task.iterations - task.progress
        self.agenda.add(now + left, lambda at: self._end(task, at) if task.turn == turn else None)

    def _end(self, task: Task, now: float) -> None:
        outcome = self.values["run_outcome"]
        if outcome == "by_script":
            fails = _normal(task.script).rpartition("\\")[2].startswith("fail")
            outcome = "failed" if fails else "completed"
        task.status = {"completed": ENDED, "failed": ERROR, "stopped": STOPPED}[outcome]
        task.error = self.values["error_text"] if task.status == ERROR else ""
        task.current, task.end = task.iterations, now

    def _action(self, call: Call) -> Reply:
        action = self._args(call).get("action", "")
        known = {"pause": self._pause, "stop": self._stop, "resume": self._resume}
        if action not in known or (action == "resume" and not self.values["resume_action"]):
            raise self._bad("Parameter action is invalid")
        if not known[action](self._find(call), self.clock.now()) and self.values["noop_action"] == "null":
            raise Refused(f"Cannot {action} the task")
        return _good("")

    def _pause(self, task: Task, now: float) -> bool:
        if task.status != RUNNING:
            return False
        task.current = self._current(task)
        task.progress += now - task.resumed_at
        task.status, task.turn = PAUSED, task.turn + 1
        return True

    def _resume(self, task: Task, now: float) -> bool:
        if task.status != PAUSED:
            return False
        self._run(task, now)
        return True

    def _stop(self, task: Task, now: float) -> bool:
        if task.status in FINISHED:
            return False
        task.current = self._current(task)
        task.status, task.end, task.turn = STOPPED, now, task.turn + 1
        return True

    def _current(self, task: Task) -> int:
        """Return the iteration under way; 1 even before the first run ([D] Lz, Iz)."""
        if task.status != RUNNING:
            return task.current
        done = task.progress + self.clock.now() - task.resumed_at
        return min(task.iterations, 1 + int(done // max(1, self.values["run_seconds"])))

    # Wire form

    def _zone(self) -> timezone:
        return timezone(timedelta(minutes=self.values["utc_offset_minutes"]))

    def _parse_date(self, text: str, formats: tuple[str, ...]) -> float | None:
        for form in formats:
            try:
                when = datetime.strptime(text, form).replace(tzinfo=self._zone()).timestamp()
                datetime.fromtimestamp(when, self._zone())  # what cannot be shown again is no date
            except (ValueError, OverflowError):
                continue
            return when
        return None

    def _date(self, when: float, form: str) -> Any:
        local = datetime.fromtimestamp(when, self._zone())
        if form == "string":
            return local.strftime("%Y-%m-%d %H:%M:%S")
        return {
            "date": local.day,
            "day": local.isoweekday() % 7,
            "hours": local.hour,
            "minutes": local.minute,
            "month": local.month - 1,
            "seconds": local.second,
            "time": int(when * 1000),
            "timezoneOffset": -self.values["utc_offset_minutes"],
            "year": local.year - 1900,
        }

    def _wire(self, task: Task, form: str) -> dict[str, Any]:
        script = task.script.replace("/", "\\")
        wire: dict[str, Any] = {
            "task_id": task.task_id,
            "task_name": task.name,
            "script_file": script if ":\\" in script else FOLDER + script.lstrip("\\"),
            "status": task.status,
            "error_message": task.error,
            "total_iterations": task.iterations,
            "current_iteration": self._current(task),
            "start_time": self._date(task.start, form),
        }
        for name, when in (("end_time", task.end), ("schedule", task.schedule)):
            if when is not None:
                wire[name] = self._date(when, form)
        return wire

    def _from_wire(self, wire: dict[str, Any]) -> Task:
        now = self.clock.now()
        dates = {name: self._seed_date(wire, name) for name in ("start_time", "end_time", "schedule")}
        task = Task(
            task_id=int(wire.get("task_id") or self._new_id()),
            name=str(wire["task_name"]),
            script=str(wire.get("script_file", SCRIPTS[0])),
            status=int(wire.get("status", ENDED)),
            iterations=int(wire.get("total_iterations", 1)),
            start=dates["start_time"] or now,
            error=str(wire.get("error_message", "")),
            current=int(wire.get("current_iteration", 1)),
            end=dates["end_time"],
            schedule=dates["schedule"],
        )
        if task.status == RUNNING:
            self._run(task, now)
        elif task.status == WAITING:
            self._plan(task, now)
        return task

    def _seed_date(self, wire: dict[str, Any], name: str) -> float | None:
        if name not in wire:
            return None
        when = self._parse_date(str(wire[name]), SCHEDULE_FORMATS["both"])
        if when is None:
            raise SeedError(f"{name} is not a date: {wire[name]!r}")
        return when


def _good(value: Any) -> Reply:
    return Reply({"status": True, "value": value})


def _normal(script: str) -> str:
    """Bring a script name, relative or absolute, to the form names are compared in."""
    name = script.replace("/", "\\").lower()
    return name.removeprefix(FOLDER.lower()).lstrip("\\")
