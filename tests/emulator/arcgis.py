# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Esri ArcGIS user scheduled tasks. Grades and page names are those of docs/emulator.md.

What the vendor's Python client arcgis 2.4.4 needs, seen when it ran against this file [W]:

- With user and password alone it signs in at the page for browsers (``arcgis_signin``), not by generateToken.
- It asks ``oauth2/token`` without ``f`` and reads JSON, as OAuth has it; elsewhere html is the default.
- It reads ``currentVersion`` at the root of the API, and the root of ``portaladmin`` before an admin lists.
"""

from __future__ import annotations

import calendar
import html
import json
import math
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from . import arcgis_signin, quartz
from .vendor import Call, Operation, Reply, SeedError, Switch, Vendor, random_text, read_json

HEX = "0123456789abcdef"
BOOL = (True, False)
NOTEBOOK = "ExecuteNotebook"
QUOTA = 20  # ExecuteNotebooksUserLimit [D] LIM
FAILURES = 5  # FailedRunsToDisableTask [D] LIM
HISTORY = 30  # TaskRunHistoryCount [C]
VERSION = "2024.2"  # own choice, of the portal's API
TOKEN_MINUTES, TOKEN_MINUTES_MAX = 60, 21600
RUN_STATUSES = ("scheduled", "executing", "succeeded", "skipped", "failed", "submitfailed")
RESULT = "KeyError: 'parcels' in cell 3"
SORT_FIELDS = ["type", "title", "created", "updated", "nextStart"]
TIMES = ("startDate", "endDate")
RUN_TIMES = ("created", "modified")
LATEST = 253402300799999  # the last millisecond of the year 9999
OPTIONAL = ("title", "startDate", "endDate", "maxOccurrences", "parameters", "taskURL")

# Task type: key of the ready-made item, type of item it needs, parameters it must have (3.3, 4.4 [D] CREATE).
TYPES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    NOTEBOOK: ("notebook", "Notebook", ()),
    "UpdateInsightsWorkbook": ("workbook", "Insights Workbook", ()),
    "ExecuteSceneCook": (
        "scene",
        "Scene Service",
        ("service_url", "num_of_caching_service_instances", "layer", "update_mode"),
    ),
    "ExecuteWorkflowManager": ("workflow", "Workflow", ()),
    "ExecuteReport": ("report", "Report", ("reportType", "reportSubType", "timeDuration", "title")),
    "GPService": ("gp", "Geoprocessing Service", ()),
    "RunDataPipeline": ("pipeline", "Data Pipeline", ()),
}
UNPROVEN_PARAMETERS = ("ExecuteWorkflowManager", "RunDataPipeline")
COOK_MODES = ("RECREATE_ALL_NODES", "PARTIAL_UPDATE_NODES", "PARTIAL_UPDATE_ATTRIBUTES")

# Code, message and messageCode of a refusal. The first seven are on public pages (section 6 [C] RJS);
# the texts of the others are ours, for none were found anywhere. The switch error_map replaces any.
ERRORS: dict[str, tuple[int, str, str | None]] = {
    "bad_token": (498, "Invalid token.", None),
    "no_token": (499, "Token Required", "GWM_0003"),
    "forbidden": (
        403,
        "You do not have permissions to access this resource or perform this operation.",
        "GWM_0003",
    ),
    "unknown_item": (400, "Item does not exist or is inaccessible.", "CONT_0001"),
    "login": (400, "Unable to generate token.", None),
    "missing": (400, "Required property missing.", None),
    "not_found": (404, "Not Found", None),
    "https": (403, "HTTPS required.", None),
    "bad_value": (400, "Invalid parameter value.", None),
    "bad_cron": (400, "Invalid schedule.", None),
    "bad_client": (400, "Invalid client_id or client_secret.", None),
    "wrong_type": (400, "Invalid task type.", None),
    "quota": (403, "Limit of active tasks reached.", None),
    "unknown_task": (404, "Task does not exist or is inaccessible.", None),
    "unknown_run": (404, "Run does not exist or is inaccessible.", None),
    "unknown_user": (404, "User does not exist or is inaccessible.", None),
    "state": (400, "Task is already in that state.", None),
    "expired": (400, "Task is completed.", None),
}


class Refused(Exception):
    """A refusal; its name is a key of ERRORS."""

    def __init__(self, name: str, *details: str) -> None:
        super().__init__(name)
        self.name = name
        self.details = list(details)


@dataclass
class User:
    """A member of the organisation."""

    username: str
    password: str
    privileges: list[str]
    role: str

    @property
    def is_admin(self) -> bool:
        """Say whether this member may manage others' tasks."""
        return any(":admin:" in privilege for privilege in self.privileges)


@dataclass
class Token:
    """What a token stands for and where it may be used."""

    username: str | None  # None: an app token is not a user [D] 2.2
    expires: float
    kind: str = "user"
    referer: str = ""
    client: str = ""


@dataclass
class Task:
    """A task as the server shows it, and what it keeps to itself."""

    wire: dict[str, Any]
    expression: quartz.Expression
    runs: list[dict[str, Any]] = field(default_factory=list)
    failures: int = 0
    occurrences: int = 0
    turn: int = 0  # a firing planned in an earlier turn no longer counts


class ArcGIS(Vendor):
    """A portal with one author, one administrator and one item of each kind."""

    key = "arcgis"
    prefixes = ("/portal/", "/sharing/")
    switches = (
        Switch("page_default", 10, int, "[I] portal convention"),
        Switch("page_max", 100, int, "[I] portal convention; the client asks for 100"),
        Switch("status_filter_param", "", str, "own choice; name of a filter on taskState, empty = ignored"),
        Switch("sort_fields", SORT_FIELDS, list, "[I] four read in [D] LIST, nextStart guessed"),
        Switch("update_reply", "task_id", ("task_id", "success_only"), "assumed from its siblings"),
        Switch("update_omitted_fields", "keep", ("keep", "clear", "reject"), "unknown"),
        Switch("honour_is_active", True, BOOL, "own choice; the client's start() and stop() send it [W]"),
        Switch("update_reactivates", False, BOOL, "unknown"),
        Switch("toggle_same_state", "success", ("success", "error"), "own choice"),
        Switch("enable_expired", "success", ("success", "error"), "own choice"),
        Switch("error_map", {}, dict, "texts not found anywhere: {name: {code, message, messageCode}}"),
        Switch(
            "cron_day_rule", "strict", ("strict", "normalise", "accept"), "Quartz rejects; daily sends * *"
        ),
        Switch("cron_names", False, BOOL, "Quartz accepts MON, Esri documents digits only"),
        Switch("cron_c", True, BOOL, "[D] CREATE lists C, modern Quartz lacks it"),
        Switch("max_occurrences_default", "omit", ("omit", -1), "own choice; K8S shows -1"),
        Switch("task_state_words", "seen", ("seen", "ui"), "seen: active, paused, completed, failed"),
        Switch("notebook_parameters_out", "string", ("string", "as_sent"), "[D] LIST sample shows a string"),
        Switch("run_date_fields", "created_modified", ("created_modified", "none"), "[I] from K8S"),
        Switch(
            "run_dates", "millis", ("millis", "text"), "[I] K8S shows both; text as Apr 22, 2021, 3:00:31 AM"
        ),
        Switch("run_order", "oldest_first", ("oldest_first", "newest_first"), "own choice"),
        Switch(
            "all_tasks_for_members", "refuse", ("refuse", "own"), "own choice; the list is for administrators"
        ),
        Switch(
            "active_tasks_shown", True, BOOL, "[D] a LIST sample has activeTasksAvailable; ALL is not read"
        ),
        Switch("min_interval_minutes", 0, int, "own choice; 15 online by third-party notes"),
        Switch("api_key_allowed", True, BOOL, "own choice"),
        Switch("app_token_allowed", False, BOOL, "app tokens are not a user [D]"),
        Switch("admin_acts_for_user", True, BOOL, "[I] docs say admins manage all tasks"),
        Switch("create_owner", "path_user", ("path_user", "caller"), "assumed"),
        Switch("http_error_status", "200", ("200", "real"), "convention"),
        Switch("check_unknown_type_parameters", False, BOOL, "unknown; true asks for a non-empty object"),
        Switch("check_item_type", True, BOOL, "own choice; an item of another type is refused"),
        Switch("gp_needs_admin", False, BOOL, "[D] a CREATE sample says so for GPService"),
        Switch("quota_enforced", True, BOOL, "[D] LIM: 20 active notebook tasks per user"),
        Switch(
            "run_outcome", "succeeded", ("succeeded", "failed", "skipped", "submitfailed"), "emulator only"
        ),
        Switch("run_result", RESULT, str, "emulator only: result of a run that fails; empty = left out"),
        Switch("run_queue_seconds", 0, int, "emulator only: how long a run is scheduled before it executes"),
        Switch("run_seconds", 30, int, "emulator only: how long a run executes"),
    )

    # Start, secrets, routes

    def setup(self) -> None:
        """Make the members, items and secrets of this start and enter the routes."""
        author = User("nbauthor", random_text(24), ["premium:publisher:scheduleNotebooks"], "org_publisher")
        admin = User("nbadmin", random_text(24), ["portal:admin:viewUsers"], "org_admin")
        self.users = {user.username: user for user in (author, admin)}
        self.author, self.admin = author, admin
        self.items = {names[0]: random_text(32, HEX) for names in TYPES.values()}
        self.client_id, self.client_secret = random_text(20), random_text(32)
        self.lasting, self.api_key = random_text(64), "AAPK" + random_text(60)
        for prefix in ("/portal/sharing/rest", "/sharing/rest"):
            self._add_routes(prefix)
        for path in ("/portal/info", "/portal/rest/info"):
            self.routes.add(path, Operation("info", ("GET",), self._guard(self._info)))
        self.routes.add("/portal/portaladmin", Operation("admin", ("GET",), self._guard(self._admin)))
        for path in ("/portal/sharing/oauth2/signin", "/sharing/oauth2/signin"):
            self.routes.add(path, Operation("login", ("POST",), self._guard(self._sign_in)))

    def _add_routes(self, prefix: str) -> None:
        tasks = "/community/users/{user}/tasks"
        table: list[tuple[str, str, str, Callable[[Call], Any], bool]] = [
            ("/", "info", "GET POST", self._root, False),
            ("/info", "info", "GET POST", self._info, False),
            ("/generateToken", "login", "POST", self._generate_token, False),
            ("/oauth2/token", "login", "POST", self._oauth_token, False),
            ("/oauth2/authorize", "sign_in_page", "GET", self._sign_in_page, False),
            ("/portals/self", "self", "GET POST", self._portal_self, False),
            ("/portals/{portal}/allScheduledTasks", "list_all_tasks", "GET POST", self._list_all, False),
            ("/community/users/{user}", "get_user", "GET POST", self._user, False),
            ("/content/items/{item}", "get_item", "GET POST", self._item, False),
            (tasks, "list_tasks", "GET POST", self._list, False),
            (f"{tasks}/createTask", "create_task", "POST", self._create, True),
            (f"{tasks}/{{task}}", "get_task", "GET POST", self._get, False),
            (f"{tasks}/{{task}}/update", "update_task", "POST", self._update, True),
            (f"{tasks}/{{task}}/delete", "delete_task", "POST", self._delete, True),
            (f"{tasks}/{{task}}/enable", "enable_task", "POST", self._enable, True),
            (f"{tasks}/{{task}}/disable", "disable_task", "POST", self._disable, True),
            (f"{tasks}/{{task}}/runs", "list_runs", "GET POST", self._runs, False),
            (f"{tasks}/{{task}}/runs/{{run}}", "get_run", "GET POST", self._get_run, False),
            (f"{tasks}/{{task}}/runs/{{run}}/update", "update_run", "POST", self._update_run, True),
            (f"{tasks}/{{task}}/runs/{{run}}/delete", "delete_run", "POST", self._delete_run, True),
        ]
        for path, name, methods, handler, writes in table:
            self.routes.add(
                prefix + path, Operation(name, tuple(methods.split()), self._guard(handler), writes)
            )

    def account(self, http: str, https: str) -> dict[str, Any]:
        """Return the author's login, an app, the administrator and the items."""
        return {
            "url": f"{https}/portal",
            "username": self.author.username,
            "password": self.author.password,
            "token": self.lasting,
            "api_key": self.api_key,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "admin": {"username": self.admin.username, "password": self.admin.password},
            "items": self.items,
            "environment": {
                "ARCGIS_URL": f"{https}/portal",
                "ARCGIS_USERNAME": self.author.username,
                "ARCGIS_PASSWORD": self.author.password,
            },
        }

    def clear(self) -> None:
        """Forget tasks, issued tokens and seeded items."""
        never = math.inf
        self.tokens = {
            self.lasting: Token(self.author.username, never),
            self.api_key: Token(self.author.username, never, "api_key"),
        }
        self.item_types = {self.items[key]: kind for key, kind, dummy in TYPES.values()}
        self.sign_in = arcgis_signin.SignIn()
        self.book: dict[str, Task] = {}
        self.active: Counter[str] = Counter()
        self._views: dict[tuple[Any, ...], list[Task]] = {}

    # Base class duties

    def seed(self, data: dict[str, Any]) -> int:
        """Take wire tasks (only what matters need be given) and, under items, ``{id: type}``."""
        self.item_types.update(data.get("items", {}))
        wires = data.get("tasks", [])
        try:
            for wire in wires:
                self._seed_task(dict(wire))
        except Refused as refused:
            raise SeedError(f"{refused.name}: {'; '.join(refused.details)}") from refused
        return len(wires)

    def _seed_task(self, wire: dict[str, Any]) -> None:
        now = self.clock.millis()
        kind = wire.setdefault("type", NOTEBOOK)
        if kind not in TYPES:
            raise SeedError(f"unknown task type {kind}, known: {', '.join(TYPES)}")
        wire.setdefault("id", random_text(32, HEX))
        wire.setdefault("itemId", self.items[TYPES[kind][0]])
        wire.setdefault("userId", self.author.username)
        wire.setdefault("created", now)
        wire.setdefault("updated", wire["created"])
        cron = {"minute": "0", "hour": "3", "dayOfMonth": "?", "month": "*", "dayOfWeek": "*"}
        cron.update(wire.get("cronSchedule", {}))
        runs, active = wire.pop("runs", []), wire.pop("active", True)
        expression = self._set_cron(wire, cron)
        task = Task({**wire, "active": False}, expression, runs)
        task.wire.setdefault("taskState", "paused")
        self.book[task.wire["id"]] = task
        if active:
            self._activate(task)
        self._views.clear()

    def tasks(self) -> list[dict[str, Any]]:
        """Return every task with its runs."""
        return [{**self._show(task), "runs": task.runs} for task in self.book.values()]

    def void_token(self, call: Call) -> None:
        """Forget the token of this request."""
        self.tokens.pop(_sent_token(call), None)

    def subject(self, call: Call) -> Task | None:
        """Return the task the path names."""
        return self.book.get(call.params.get("task", ""))

    def not_found(self, call: Call, methods: set[str]) -> Reply:
        """Answer an unknown path in the envelope; the client's probes live with that [W]."""
        return self._envelope(Refused("not_found"))

    def finish(self, reply: Reply, call: Call) -> Reply:
        """Render as f asks: without f the answer is a page for people [D]."""
        if isinstance(reply.body, (str, bytes)):
            return reply
        form = _arg(call, "f") or ("json" if call.path.endswith("/oauth2/token") else "html")
        if form == "pjson":
            reply.body = json.dumps(reply.body, indent=2, ensure_ascii=False)
        elif form != "json":
            text = html.escape(json.dumps(reply.body, indent=2, ensure_ascii=False))
            reply.body = f"<html><body><pre>{text}</pre></body></html>"
            reply.media = "text/html; charset=utf-8"
        return reply

    def _guard(self, handler: Callable[[Call], Any]) -> Callable[[Call], Reply]:
        def guarded(call: Call) -> Reply:
            try:
                answer = handler(call)
                return answer if isinstance(answer, Reply) else Reply(answer)
            except Refused as refused:
                return self._envelope(refused)

        return guarded

    def _envelope(self, refused: Refused) -> Reply:
        """Wrap a refusal: HTTP 200 and an error object (section 6 [C])."""
        code, message, message_code = ERRORS[refused.name]
        error: dict[str, Any] = {"code": code, "message": message, "details": refused.details}
        if message_code:
            error["messageCode"] = message_code
        error.update(self.values["error_map"].get(refused.name, {}))
        real = self.values["http_error_status"] == "real"
        return Reply({"error": error}, int(error["code"]) if real else 200)

    # Tokens

    def _root(self, call: Call) -> Any:
        return {"currentVersion": VERSION}

    def _admin(self, call: Call) -> Any:
        """Answer the root of the administrators' directory, which the client reads before it lists [W]."""
        if not self._caller(call).is_admin:
            raise Refused("forbidden")
        return {"version": VERSION}

    def _info(self, call: Call) -> Any:
        prefix = "/portal/sharing/rest" if call.path.startswith("/portal") else "/sharing/rest"
        url = f"{call.origin}{prefix}/generateToken"
        return {"authInfo": {"tokenServicesUrl": url, "isTokenBasedSecurity": True}}

    def _generate_token(self, call: Call) -> Any:
        """Issue a token over HTTPS for a login, or exchange one for a federated server [D] 2.1."""
        if not call.secure:
            raise Refused("https")
        if call.form.get("serverUrl") or call.form.get("serverURL"):
            return self._issue(Token(self._token(call).username, self._expiry(call)))
        user = self._member(call)
        if user is None:
            raise Refused("login", "Invalid username or password.")
        token = Token(user.username, self._expiry(call))
        self._bind(token, call)
        return self._issue(token)

    def _bind(self, token: Token, call: Call) -> None:
        client = call.form.get("client") or "referer"
        if client not in ("referer", "ip", "requestip"):
            raise Refused("login", "'client' is invalid.")
        if client != "requestip" and not call.form.get(client):
            raise Refused("login", f"'{client}' must be specified.")
        token.referer = call.form["referer"] if client == "referer" else ""
        token.client = {"ip": call.form.get("ip", ""), "requestip": call.client}.get(client, "")

    def _expiry(self, call: Call) -> float:
        minutes = call.form.get("expiration") or str(TOKEN_MINUTES)
        if not re.fullmatch("[0-9]{1,18}", minutes):
            raise Refused("login", "'expiration' is invalid.")
        return self.clock.now() + 60 * min(int(minutes), TOKEN_MINUTES_MAX)

    def _issue(self, token: Token) -> dict[str, Any]:
        text = random_text(64)
        self.tokens[text] = token
        return {"token": text, "expires": int(token.expires * 1000), "ssl": True}

    def _oauth_token(self, call: Call) -> Any:
        """Issue an app token for client_credentials [D] 2.2."""
        if not call.secure:
            raise Refused("https")
        if _arg(call, "grant_type") != "client_credentials":
            raise Refused("bad_value", "grant_type")
        if (_arg(call, "client_id"), _arg(call, "client_secret")) != (self.client_id, self.client_secret):
            raise Refused("bad_client")
        seconds = 7200
        issued = self._issue(Token(None, self.clock.now() + seconds, "app"))
        return {"access_token": issued["token"], "expires_in": seconds}

    def _sign_in_page(self, call: Call) -> Any:
        if not call.secure:
            raise Refused("https")
        return self.sign_in.page(call)

    def _sign_in(self, call: Call) -> Any:
        """Issue a token for a login at the page for browsers [W]."""
        if not call.secure:
            raise Refused("https")
        if not self.sign_in.is_open(call):
            return arcgis_signin.stale_page()
        user = self._member(call)
        if user is None:
            return arcgis_signin.wrong_login()
        expires = self._expiry(call)
        issued = self._issue(Token(user.username, expires))
        return self.sign_in.succeed(call, issued["token"], round(expires - self.clock.now()))

    def _member(self, call: Call) -> User | None:
        """Return whose login a form holds, if it is right."""
        user = self.users.get(call.form.get("username", ""))
        return user if user and user.password == call.form.get("password") else None

    def _token(self, call: Call) -> Token:
        sent = _sent_token(call)
        if not sent:
            raise Refused("no_token")
        token = self.tokens.get(sent)
        if token is None or token.expires <= self.clock.now() or not call.secure:
            raise Refused("bad_token")
        if token.referer and call.headers.get("referer", "") != token.referer:
            raise Refused("bad_token")
        if token.client and token.client != call.client:
            raise Refused("bad_token")
        return token

    def _caller(self, call: Call) -> User:
        """Return who asks, refusing tokens that may not touch user tasks."""
        token = self._token(call)
        if token.kind == "api_key" and not self.values["api_key_allowed"]:
            raise Refused("forbidden")
        if token.username is None:
            if not self.values["app_token_allowed"]:
                raise Refused("forbidden")
            return self.author
        return self.users[token.username]

    def _owner(self, call: Call) -> tuple[User, str]:
        """Return the caller and whose tasks the path names."""
        caller, owner = self._caller(call), call.params["user"]
        if owner == caller.username:
            return caller, owner
        if not caller.is_admin or not self.values["admin_acts_for_user"]:
            raise Refused("forbidden")
        if owner not in self.users:
            raise Refused("unknown_user")
        return caller, owner

    # Portal, user, item

    def _portal_self(self, call: Call) -> Any:
        portal: dict[str, Any] = {
            "id": "0123456789ABCDEF",
            "portalName": "Emulator",
            "portalMode": "singletenant",
        }
        if _sent_token(call) and (username := self._token(call).username):
            portal["user"] = self._profile(self.users[username])
        return portal

    def _profile(self, user: User) -> dict[str, Any]:
        return {"username": user.username, "privileges": user.privileges, "role": user.role}

    def _user(self, call: Call) -> Any:
        self._token(call)
        if call.params["user"] not in self.users:
            raise Refused("unknown_user")
        return self._profile(self.users[call.params["user"]])

    def _item(self, call: Call) -> Any:
        self._token(call)
        item = call.params["item"]
        if item not in self.item_types:
            raise Refused("unknown_item")
        return {"id": item, "owner": self.author.username, "title": item, "type": self.item_types[item]}

    # Lists

    def _list(self, call: Call) -> Any:
        dummy, owner = self._owner(call)
        return self._page(call, owner, owner)

    def _list_all(self, call: Call) -> Any:
        """List the organisation's tasks, for administrators [D] ALL."""
        caller = self._caller(call)
        if call.params["portal"] not in ("self", "0123456789ABCDEF"):
            raise Refused("not_found")
        if caller.is_admin:
            return self._page(call, _arg(call, "userFilter"), caller.username)
        if self.values["all_tasks_for_members"] == "refuse":
            raise Refused("forbidden")
        return self._page(call, caller.username, caller.username)

    def _page(self, call: Call, owner: str, quota_of: str) -> dict[str, Any]:
        start = _number(call, "start", 1, 1)
        size = min(_number(call, "num", self.values["page_default"], 1), self.values["page_max"])
        found = self._view(call, owner)
        page = found[start - 1 : start - 1 + size]
        following = start + size
        available = max(0, QUOTA - self.active[quota_of])
        return {
            "total": len(found),
            "start": start,
            "num": len(page),
            "nextStart": following if following <= len(found) else -1,
            **({"activeTasksAvailable": available} if self.values["active_tasks_shown"] else {}),
            "tasks": [self._show(task) for task in page],
        }

    def _view(self, call: Call, owner: str) -> list[Task]:
        """Return the filtered, sorted list, kept until something changes: pages cost constant time."""
        status = self.values["status_filter_param"]
        key = (
            owner,
            *(_arg(call, name) for name in ("itemId", "active", "types", "sortField", "sortOrder")),
            _arg(call, status) if status else "",
        )
        if key not in self._views:
            self._views[key] = self._select(*key)
        return self._views[key]

    def _select(
        self, owner: str, item: str, active: str, types: str, sort_field: str, order: str, state: str
    ) -> list[Task]:
        if active not in ("", "true", "false"):
            raise Refused("bad_value", "active")
        if sort_field and sort_field not in self.values["sort_fields"]:
            raise Refused("bad_value", "sortField")
        if order not in ("", "asc", "desc"):
            raise Refused("bad_value", "sortOrder")
        kinds = {kind.strip() for kind in types.split(",")} if types else set(TYPES)
        found = [
            task
            for task in self.book.values()
            if (not owner or task.wire["userId"] == owner)
            and (not item or task.wire["itemId"] == item)
            and (not active or task.wire["active"] == (active == "true"))
            and task.wire["type"] in kinds
            and (not state or task.wire["taskState"] == state)
        ]
        if sort_field:
            numeric = sort_field not in ("type", "title")
            default: Any = 0 if numeric else ""
            found.sort(key=lambda task: task.wire.get(sort_field, default), reverse=order == "desc")
        return found

    def _show(self, task: Task) -> dict[str, Any]:
        shown = dict(task.wire)
        if self.values["task_state_words"] == "ui":
            shown["taskState"] = shown["taskState"].capitalize()
        parameters = shown.get("parameters")
        if parameters and "notebookParameters" in parameters:
            inner = parameters["notebookParameters"]
            if self.values["notebook_parameters_out"] == "string" and not isinstance(inner, str):
                shown["parameters"] = {**parameters, "notebookParameters": json.dumps(inner)}
        return shown

    # One task

    def _find(self, call: Call) -> Task:
        dummy, owner = self._owner(call)
        task = self.book.get(call.params["task"])
        if task is None or task.wire["userId"] != owner:
            raise Refused("unknown_task")
        return task

    def _get(self, call: Call) -> Any:
        return self._show(self._find(call))

    def _create(self, call: Call) -> Any:
        caller, owner = self._owner(call)
        wire, cron = self._read_form(call, caller)
        if self.values["create_owner"] == "caller":
            owner = caller.username
        now = self.clock.millis()
        if self.values["max_occurrences_default"] == -1:
            wire.setdefault("maxOccurrences", -1)
        _check_dates(wire)
        base = {"id": random_text(32, HEX), "userId": owner, "active": False, "taskState": "paused"}
        expression = self._set_cron(wire, cron)
        task = Task({**base, **wire, "created": now, "updated": now}, expression)
        self._check_interval(task)
        self._check_quota(task)
        self.book[task.wire["id"]] = task
        self._activate(task)
        return {"success": True, "taskId": task.wire["id"]}

    def _read_form(self, call: Call, caller: User) -> tuple[dict[str, Any], dict[str, str]]:
        """Read the form shared by create and update: both are full forms (3.3 [D] CREATE, UPD)."""
        kind = _required(call, "type")
        if kind not in TYPES:
            raise Refused("wrong_type", kind)
        cron = {name: _required(call, name) for name in quartz.FIELDS}
        wire: dict[str, Any] = {"type": kind}
        if item := self._read_item(call, kind):
            wire["itemId"] = item
        if "title" in call.form:
            wire["title"] = call.form["title"]
        for name in (*TIMES, "maxOccurrences"):
            if call.form.get(name):
                wire[name] = _integer(call, name)
                if name in TIMES and abs(wire[name]) > LATEST:
                    raise Refused("bad_value", name)
        self._read_parameters(call, kind, wire)
        self._read_gp(call, kind, wire, caller)
        return wire, cron

    def _read_item(self, call: Call, kind: str) -> str:
        item = call.form.get("itemId", "") if kind == "ExecuteReport" else _required(call, "itemId")
        if item and item not in self.item_types:
            raise Refused("unknown_item")
        if item and self.values["check_item_type"] and self.item_types[item] != TYPES[kind][1]:
            raise Refused("wrong_type", f"{kind} cannot run an item of type {self.item_types[item]}")
        return item

    def _read_parameters(self, call: Call, kind: str, wire: dict[str, Any]) -> None:
        text = call.form.get("parameters", "")
        try:
            parameters = read_json(text) if text else {}
        except ValueError:
            raise Refused("bad_value", "parameters") from None
        if not isinstance(parameters, dict):
            raise Refused("bad_value", "parameters")
        updating = "task" in call.params
        checked = kind == "GPService" or (
            kind in UNPROVEN_PARAMETERS and self.values["check_unknown_type_parameters"]
        )
        if not (updating and not text and kind != "ExecuteReport"):
            if lacking := [name for name in TYPES[kind][2] if name not in parameters]:
                raise Refused("missing", *lacking)
            if checked and not parameters:
                raise Refused("missing", "parameters")
        if parameters.get("update_mode") not in (None, *COOK_MODES) and kind == "ExecuteSceneCook":
            raise Refused("bad_value", "update_mode")
        if "parameters" in call.form and text:
            wire["parameters"] = parameters

    def _read_gp(self, call: Call, kind: str, wire: dict[str, Any], caller: User) -> None:
        url = call.form.get("taskURL") or call.form.get("taskUrl")
        if url:
            wire["taskURL"] = url
        if kind != "GPService":
            return
        if not url and "task" not in call.params:
            raise Refused("missing", "taskURL")
        if self.values["gp_needs_admin"] and not caller.is_admin:
            raise Refused("forbidden")

    def _update(self, call: Call) -> Any:
        task = self._find(call)
        wire, cron = self._read_form(call, self._caller(call))
        expression = self._set_cron(wire, cron)
        self._check_interval(Task({**task.wire, **wire}, expression))
        dropped = self._omitted(call, task, wire)
        _check_dates({**{name: task.wire[name] for name in task.wire if name not in dropped}, **wire})
        wanted = self._wanted_active(call, task)
        if wanted and not task.wire["active"]:
            self._check_quota(task)
        for name in dropped:
            task.wire.pop(name, None)
        was = bool(task.wire["active"])
        self._deactivate(task, task.wire["taskState"])
        task.wire.update(wire, updated=self.clock.millis())
        task.expression = expression
        if wanted:
            self._activate(task, fresh=not was)
        elif was:
            self._deactivate(task, "paused")
        success = {"success": True}
        return {**success, "taskId": task.wire["id"]} if self.values["update_reply"] == "task_id" else success

    def _omitted(self, call: Call, task: Task, wire: dict[str, Any]) -> list[str]:
        """Return the fields an update drops: those sent empty, and by the switch those left out."""
        how = self.values["update_omitted_fields"]
        absent = [name for name in OPTIONAL if name in task.wire and name not in wire]
        if how == "clear":
            return absent
        emptied = [name for name in absent if call.form.get(name) == ""]
        if how == "reject" and len(absent) > len(emptied):
            raise Refused("missing", *(name for name in absent if name not in emptied))
        return emptied

    def _wanted_active(self, call: Call, task: Task) -> bool:
        if self.values["honour_is_active"] and call.form.get("isActive"):
            if call.form["isActive"] not in ("true", "false"):
                raise Refused("bad_value", "isActive")
            return call.form["isActive"] == "true"
        return bool(task.wire["active"] or self.values["update_reactivates"])

    def _delete(self, call: Call) -> Any:
        task = self._find(call)
        self._deactivate(task, "paused")
        del self.book[task.wire["id"]]
        return {"success": True, "taskId": task.wire["id"]}

    def _enable(self, call: Call) -> Any:
        task = self._find(call)
        self._check_toggle(task, True)
        if task.wire["taskState"] == "completed" and self.values["enable_expired"] == "error":
            raise Refused("expired")
        if not task.wire["active"]:
            self._check_quota(task)
            self._activate(task)
        return {"success": True, "taskId": task.wire["id"]}

    def _disable(self, call: Call) -> Any:
        task = self._find(call)
        self._check_toggle(task, False)
        if task.wire["active"]:
            self._deactivate(task, "paused")
        return {"success": True, "taskId": task.wire["id"]}

    def _check_toggle(self, task: Task, active: bool) -> None:
        if task.wire["active"] == active and self.values["toggle_same_state"] == "error":
            raise Refused("state")

    # Schedule and life

    def _set_cron(self, wire: dict[str, Any], cron: dict[str, str]) -> quartz.Expression:
        rules = quartz.Rules(self.values["cron_day_rule"], self.values["cron_names"], self.values["cron_c"])
        try:
            expression, kept = quartz.parse(tuple(cron[name] for name in quartz.FIELDS), rules)
        except quartz.QuartzError as error:
            raise Refused("bad_cron", str(error)) from None
        wire["cronSchedule"] = dict(zip(quartz.FIELDS, kept, strict=True))
        return expression

    def _check_interval(self, task: Task) -> None:
        interval = self._interval(task)
        if task.wire["type"] == NOTEBOOK and 0 < interval < 60 * self.values["min_interval_minutes"]:
            raise Refused("bad_cron", "the interval is too short")

    def _interval(self, task: Task) -> int:
        first = quartz.next_after(task.expression, int(self.clock.now()) // 60)
        second = quartz.next_after(task.expression, first // 60) if first else None
        return second - first if first and second else 0

    def _check_quota(self, task: Task) -> None:
        """Refuse the 21st active notebook task of a user [D] LIM; enabling counts too (own choice)."""
        full = self.active[task.wire["userId"]] >= QUOTA and task.wire["type"] == NOTEBOOK
        if full and self.values["quota_enforced"]:
            raise Refused("quota")

    def _activate(self, task: Task, fresh: bool = True) -> None:
        if fresh:
            task.failures = task.occurrences = 0
        self.active[task.wire["userId"]] += task.wire["type"] == NOTEBOOK
        task.wire.update(active=True, taskState="active", runIntervalSeconds=self._interval(task))
        self._plan(task, self.clock.now())
        self._views.clear()

    def _deactivate(self, task: Task, state: str) -> None:
        if task.wire["active"]:
            self.active[task.wire["userId"]] -= task.wire["type"] == NOTEBOOK
        task.turn += 1
        task.wire.update(active=False, taskState=state)
        task.wire.pop("nextStart", None)
        self._views.clear()

    def _plan(self, task: Task, after: float) -> None:
        """Enter the next firing, or the end of a task that has none left."""
        task.turn += 1
        turn, wire = task.turn, task.wire
        begin = max(after, wire.get("startDate", 0) / 1000 - 60)
        following = quartz.next_after(task.expression, int(begin) // 60)
        if following is not None and following * 1000 < wire.get("startDate", 0):
            following = quartz.next_after(task.expression, following // 60)
        end = wire["endDate"] / 1000 if "endDate" in wire else math.inf
        if following is None or following > end:
            wire.pop("nextStart", None)
            self._at(task, turn, max(after, end if math.isfinite(end) else after), self._complete)
            return
        wire["nextStart"] = following * 1000
        self._at(task, turn, following, self._fire)

    def _at(self, task: Task, turn: int, when: float, action: Callable[[Task, float], None]) -> None:
        self.agenda.add(when, lambda at: action(task, at) if task.turn == turn else None)

    def _complete(self, task: Task, when: float) -> None:
        self._deactivate(task, "completed")

    def _fire(self, task: Task, when: float) -> None:
        now = int(when * 1000)
        task.occurrences += 1
        self.starts[task.wire["id"]] += 1
        task.wire["lastStart"] = now
        run = {"runId": random_text(32, HEX), "status": "scheduled", "created": now, "modified": now}
        task.runs = [*task.runs, run][-HISTORY:]
        begin = when + self.values["run_queue_seconds"]
        self.agenda.add(begin, lambda at: self._begin_run(run, at))
        self.agenda.add(begin + self.values["run_seconds"], lambda at: self._end_run(task, run, at))
        if task.occurrences >= task.wire.get("maxOccurrences", -1) > 0:
            self._complete(task, when)
        else:
            self._plan(task, when)
        self._views.clear()

    def _begin_run(self, run: dict[str, Any], when: float) -> None:
        if run["status"] == "scheduled":
            run.update(status="executing", modified=int(when * 1000))

    def _end_run(self, task: Task, run: dict[str, Any], when: float) -> None:
        if run["status"] != "executing":
            return
        outcome = self.values["run_outcome"]
        run.update(status=outcome, modified=int(when * 1000))
        has_failed = outcome in ("failed", "submitfailed")
        if has_failed and self.values["run_result"]:
            run["result"] = self.values["run_result"]
        task.failures = task.failures + 1 if has_failed else 0
        if task.failures >= FAILURES and task.wire["active"]:
            self._deactivate(task, "failed")

    # Runs

    def _show_run(self, task: Task, run: dict[str, Any]) -> dict[str, Any]:
        shown = {**run, "task": self._show(task)}
        for name in RUN_TIMES:
            if self.values["run_date_fields"] == "none":
                shown.pop(name, None)
            elif name in run and self.values["run_dates"] == "text":
                shown[name] = _date_text(run[name])
        return shown

    def _runs(self, call: Call) -> Any:
        task = self._find(call)
        runs = task.runs if self.values["run_order"] == "oldest_first" else task.runs[::-1]
        return {"runs": [self._show_run(task, run) for run in runs]}

    def _find_run(self, call: Call) -> tuple[Task, dict[str, Any]]:
        task = self._find(call)
        for run in task.runs:
            if run["runId"] == call.params["run"]:
                return task, run
        raise Refused("unknown_run")

    def _get_run(self, call: Call) -> Any:
        return self._show_run(*self._find_run(call))

    def _update_run(self, call: Call) -> Any:
        task, run = self._find_run(call)
        status = _required(call, "status")
        if status not in RUN_STATUSES:
            raise Refused("bad_value", "status")
        run.update(status=status, modified=self.clock.millis())
        if "result" in call.form:
            run["result"] = call.form["result"]
        return {"success": True, "taskId": task.wire["id"], "runId": run["runId"]}

    def _delete_run(self, call: Call) -> Any:
        task, run = self._find_run(call)
        task.runs.remove(run)
        return {"success": True, "taskId": task.wire["id"], "runId": run["runId"]}


def _date_text(millis: int) -> str:
    """Write a date as Java does in English without being asked how: ``Apr 22, 2021, 3:00:31 AM``."""
    when = datetime.fromtimestamp(millis / 1000, UTC)
    clock = f"{(when.hour - 1) % 12 + 1}:{when.minute:02}:{when.second:02} {'AP'[when.hour // 12]}M"
    return f"{calendar.month_abbr[when.month]} {when.day}, {when.year}, {clock}"


def _arg(call: Call, name: str) -> str:
    return call.form.get(name, call.query.get(name, ""))


def _sent_token(call: Call) -> str:
    """Return the token by any of the three documented ways (2.3 [D])."""
    for header in ("x-esri-authorization", "authorization"):
        scheme, dummy, token = call.headers.get(header, "").partition(" ")
        if scheme.lower() == "bearer":
            return token
    return _arg(call, "token")


def _required(call: Call, name: str) -> str:
    value = call.form.get(name, "")
    if not value:
        raise Refused("missing", f"'{name}' property required.")
    return value


def _integer(call: Call, name: str) -> int:
    text = _arg(call, name)
    if not re.fullmatch("-?[0-9]{1,18}", text):
        raise Refused("bad_value", name)
    return int(text)


def _check_dates(wire: dict[str, Any]) -> None:
    if wire.get("endDate", LATEST) < wire.get("startDate", -LATEST):
        raise Refused("bad_value", "endDate")


def _number(call: Call, name: str, default: int, low: int) -> int:
    number = _integer(call, name) if _arg(call, name) else default
    if number < low:
        raise Refused("bad_value", name)
    return number
