# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SEAL Operator, REST API /v1. Grades and page names are those of docs/emulator.md."""

from __future__ import annotations

import math
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from .oidc import DISCOVERY, TOKEN_SECONDS, Issuer, User, discovery
from .vendor import Call, Operation, Reply, SeedError, Switch, Vendor, random_text

BOOL = (True, False)
IDLE, RUNNING, COMPLETED, FAILED, STOPPED = "idle", "running", "completed", "failed", "stopped"
STATE_WORDS = {
    IDLE: "created",
    RUNNING: "running",
    COMPLETED: "finished",
    FAILED: "failed",
    STOPPED: "cancelled",
}
ISSUER_PATHS = ("/realms/SEAL", "/auth/realms/SEAL")
# Connectors with their task types; a connector with several needs the type at create [D] OT.
CONNECTORS = {"operator-p4": ("print",), "operator-p5": ("print",), "operator-dpf": ("convert", "merge")}
STORE = "operator-fileupload"
ENTRY_TYPES = ("document", "collection")
# Status and vendor code of a refusal: the statuses by convention [I], the form of the codes [C] VE.
ERRORS = {
    "bad_request": (400, "ERR_BAD_REQUEST"),
    "unauthorized": (401, "ERR_UNAUTHORIZED"),
    "forbidden": (403, "ERR_FORBIDDEN"),
    "not_found": (404, "ERR_NOT_FOUND"),
    "conflict": (409, "ERR_CONFLICT"),
    "media_type": (415, "ERR_MEDIA_TYPE"),
}


class Refused(Exception):
    """A refusal; its name is a key of ERRORS."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(text)
        self.name = name
        self.text = text


class Missing(Exception):
    """The path or the verb is switched off."""


@dataclass
class Task:
    """A task as the server holds it; times are epoch seconds."""

    tid: str
    sid: str
    name: str
    type: str
    metadata: dict[str, Any]
    owner: str
    created: float
    modified: float
    input: list[dict[str, Any]] = field(default_factory=list)
    output: list[dict[str, Any]] = field(default_factory=list)
    list_metadata: dict[str, Any] = field(default_factory=dict)
    state: str = IDLE
    started: bool = False
    ended: float | None = None
    turn: int = 0  # an event entered in an earlier turn no longer counts

    @property
    def href(self) -> str:
        """Where the task is."""
        return f"/v1/services/{self.sid}/tasks/{self.tid}"


@dataclass
class Entry:
    """A document or a collection of the document store."""

    uuid: str
    name: str
    type: str
    metadata: dict[str, Any]
    owner: str
    parent: str
    created: float
    content: bytes | None = None

    @property
    def href(self) -> str:
        """Where the entry is, and what a task's input list names it by."""
        return f"/v1/services/{STORE}/repo/{self.uuid}"

    def wire(self) -> dict[str, Any]:
        """Return the entry as the API shows it [D] CD, RT."""
        return {
            "uuid": self.uuid,
            "name": self.name,
            "type": self.type,
            "metadata": self.metadata,
            "links": {"self": {"href": self.href}},
        }


class Seal(Vendor):
    """Three connectors and a document store behind one API, with an issuer beside it."""

    key = "seal"
    prefixes = (
        "/v1/auth",
        "/v1/services",
        "/v1/tasks",
        "/v1/repo",
        "/v1/lists",
        "/v1/panels",
        "/realms/",
        "/auth/realms/",
    )
    switches = (
        Switch("task_get", True, BOOL, "[I] high: CRUD-style (RT, IN), OP-CLI task get"),
        Switch("task_put", True, BOOL, "[I] medium: CRUD-style (RT, IN)"),
        Switch("task_patch", True, BOOL, "[I] medium-high: CRUD-style (RT, IN)"),
        Switch("task_delete", True, BOOL, "[I] medium-high: CRUD-style (RT, IN)"),
        Switch("item_get", True, BOOL, "[I] medium: OP-CLI task-item get"),
        Switch("item_update", False, BOOL, "own choice: PUT and PATCH of a list item"),
        Switch("insert_index", "query", ("query", "body", "path"), "[D] OP-CLI --index; its place unknown"),
        Switch("create_status", 201, (200, 201), "not printed in the pages read"),
        Switch("collection_shape", "array", ("array", "embedded"), "[I] the repo listing is an array [D] TR"),
        Switch("embed_param", "embed", str, "[I] medium: OP-CLI --embed"),
        Switch("list_query", "none", ("none", "odata"), "unknown; [C] VO: the vendor's library, no proof"),
        Switch("task_states", STATE_WORDS, dict, "unknown: no page read names a state"),
        Switch("task_actions", ["start"], list, "[D] ST names start alone; further ones do nothing here"),
        Switch(
            "task_field_names",
            {},
            dict,
            "[I] plausible: state, created, modified, owner, error; {name: other}",
        ),
        Switch("task_href_place", "links.self.href", ("links.self.href", "href"), "[I] high: as documents"),
        Switch(
            "list_metadata_place",
            "lists.input.metadata",
            ("lists.input.metadata", "lists.input.embedded.metadata"),
            "[D] ST says that it exists; exact place unknown",
        ),
        Switch("error_body", "json", ("json", "text"), "[C] VE: code and message; wire form unknown"),
        Switch("error_codes", {}, dict, "convention only; {bad_request, conflict, ...: status}"),
        Switch("token_path", "/protocol/openid-connect/token", str, "Keycloak standard; medium-high"),
        Switch("grants", ["password", "client_credentials"], list, "[D] OC, OS; medium-high"),
        Switch("issuer_path", ISSUER_PATHS[0], ISSUER_PATHS, "[D] OO, OS: by Keycloak version"),
        Switch("service_account_scope", "own", ("own", "all"), "unclear; low"),
        Switch("mutable_after_start", False, BOOL, "own choice: input or metadata changed after start"),
        Switch("restart_allowed", False, BOOL, "own choice"),
        Switch("start_empty_input", "400", ("400", "204"), "own choice"),
        Switch("task_visibility", "own", ("own", "all"), "low: what a user without admin rights sees"),
        Switch("sweep_tasks", 0, int, "unknown; seconds after its end a task goes, 0 = kept"),
        Switch("sweep_documents", 0, int, "[I] weak: /repo/inactives; seconds, 0 = kept"),
        Switch("delete_running", "accept", ("accept", "409"), "own choice"),
        Switch("patch_nested", "replace", ("replace", "merge"), "own choice"),
        Switch("inactives_shape", "list", ("list", "object"), "own choice: hrefs in, unused ones out"),
        Switch("lists_panels", False, BOOL, "[D] OP-CLI names; paths unknown"),
        Switch("action_executor", "MOCK", ("MOCK", "P4", "P5", "DPF"), "[D] K; MOCK makes no output"),
        Switch("used_content", "accept", ("accept", "409"), "own choice: PUT content of a document in use"),
        Switch("missing_verb", "404", ("404", "405"), "[I] a Node server answers 404, a strict one 405"),
        Switch(
            "failure_reason", "none", ("none", "text", "object"), "unknown: whether and how a task tells it"
        ),
        Switch("failure_text", "The printer is offline", str, "emulator only: the reason of a failure"),
        Switch("run_outcome", COMPLETED, (COMPLETED, FAILED, STOPPED), "emulator only: how a run ends"),
        Switch("run_seconds", 60, int, "emulator only: how long a task runs"),
        Switch("start_seconds", 0, int, "emulator only: from the 204 to the change of state"),
        Switch("token_seconds", TOKEN_SECONDS, int, "emulator only: Keycloak's default"),
        Switch(
            "issuer_mischief",
            "none",
            ("none", "http_issuer", "http_token", "other_issuer"),
            "emulator only: what a hostile or misconfigured server tells a client about the login",
        ),
    )

    # Start, secrets, routes

    def setup(self) -> None:
        """Make the accounts and secrets of this start and enter the routes."""
        self.user = User("printer", random_text(24))
        self.admin = User("opadmin", random_text(24), is_admin=True)
        self.issuer = Issuer(self.clock.now, (self.user, self.admin), "seal-opcli", random_text(32))
        self.lasting = self.issuer.issue("", self.user, math.inf)
        tasks, repo = "/v1/services/{sid}/tasks", f"/v1/services/{STORE}/repo"
        table: list[tuple[str, str, str, Callable[[Call], Any], bool]] = [
            ("/v1/services", "list_services", "GET", self._services, False),
            ("/v1/services/{sid}", "get_service", "GET", self._get_service, False),
            ("/v1/tasks", "list_all_tasks", "GET", self._list_all, False),
            (tasks, "list_tasks", "GET", self._list, False),
            (tasks, "create_task", "POST", self._create, True),
            (f"{tasks}/{{tid}}", "get_task", "GET", self._get, False),
            (f"{tasks}/{{tid}}", "replace_task", "PUT", self._put, True),
            (f"{tasks}/{{tid}}", "patch_task", "PATCH", self._patch, True),
            (f"{tasks}/{{tid}}", "delete_task", "DELETE", self._delete, True),
            (f"{tasks}/{{tid}}/action", "task_action", "POST", self._action, True),
            (f"{tasks}/{{tid}}/input", "add_item", "POST", self._add_item, True),
            (f"{tasks}/{{tid}}/{{kind}}", "list_items", "GET", self._items, False),
            (f"{tasks}/{{tid}}/input/{{index}}", "add_item", "POST", self._add_item, True),
            (f"{tasks}/{{tid}}/{{kind}}/{{index}}", "get_item", "GET", self._get_item, False),
            (f"{tasks}/{{tid}}/input/{{index}}", "update_item", "PUT PATCH", self._update_item, True),
            (f"{tasks}/{{tid}}/input/{{index}}", "delete_item", "DELETE", self._delete_item, True),
            ("/v1/repo/inactives", "inactives", "POST", self._inactives, False),
            (repo, "list_documents", "GET", self._list_root, False),
            (repo, "create_document", "POST", self._create_entry, True),
            (f"{repo}/{{uuid}}", "get_document", "GET", self._get_entry, False),
            (f"{repo}/{{uuid}}", "replace_document", "PUT", self._put_entry, True),
            (f"{repo}/{{uuid}}", "patch_document", "PATCH", self._patch_entry, True),
            (f"{repo}/{{uuid}}", "delete_document", "DELETE", self._delete_entry, True),
            (f"{repo}/{{uuid}}", "create_document", "POST", self._create_entry, True),
            (f"{repo}/{{uuid}}/children", "list_children", "GET", self._children, False),
            (f"{repo}/{{uuid}}/content", "get_content", "GET", self._get_content, False),
            (f"{repo}/{{uuid}}/content", "put_content", "PUT", self._put_content, True),
            (f"{repo}/{{uuid}}/content", "delete_content", "DELETE", self._delete_content, True),
            ("/v1/lists", "create_list", "POST", self._create_extra, True),
            ("/v1/lists/{id}", "get_list", "GET", self._get_extra, False),
            ("/v1/panels", "create_panel", "POST", self._create_extra, True),
            ("/v1/panels/{id}", "get_panel", "GET", self._get_extra, False),
        ]
        for path, name, methods, handler, writes in table:
            self.routes.add(path, Operation(name, tuple(methods.split()), self._guard(handler), writes))
        self.routes.add("/v1/auth", Operation("auth", ("GET",), self._auth))
        for path in ISSUER_PATHS:
            self.routes.add(f"{path}/{{rest:path}}", Operation("issuer", ("GET", "POST"), self._issuer))

    def account(self, http: str, https: str) -> dict[str, Any]:
        """Return a user's login, the client's, an administrator and the services."""
        return {
            "url": https,
            "username": self.user.name,
            "password": self.user.password,
            "token": self.lasting,
            "client_id": self.issuer.client_id,
            "client_secret": self.issuer.client_secret,
            "admin": {"username": self.admin.name, "password": self.admin.password},
            "services": [*CONNECTORS, STORE],
            "environment": {
                "SEAL_OPERATOR_URL": https,
                "SEAL_OPERATOR_USERNAME": self.user.name,
                "SEAL_OPERATOR_PASSWORD": self.user.password,
                "SEAL_OPERATOR_CLIENT_SECRET": self.issuer.client_secret,
                "SEAL_OPERATOR_SERVICE": next(iter(CONNECTORS)),
            },
        }

    def clear(self) -> None:
        """Forget tasks, documents and all tokens but the lasting one."""
        self.issuer.tokens = {self.lasting: (self.user, math.inf)}
        self.book: dict[str, Task] = {}
        self.store: dict[str, Entry] = {}
        self.extras: dict[str, dict[str, Any]] = {}

    # Base class duties

    def seed(self, data: dict[str, Any]) -> int:
        """Take tasks (wire, with ``service``) and documents (wire, with ``content`` as text)."""
        wires = data.get("tasks", [])
        try:
            for wire in data.get("documents", []):
                self._seed_document(wire)
            for wire in wires:
                self._seed_task(wire)
        except Refused as refused:
            raise SeedError(refused.text) from refused
        return len(wires)

    def _seed_document(self, wire: dict[str, Any]) -> None:
        entry = self._entry({"type": "document", **_without(wire, "uuid", "content")}, "", self.admin)
        entry.uuid = str(wire.get("uuid", entry.uuid))
        entry.content = str(wire["content"]).encode() if "content" in wire else None
        self.store[entry.uuid] = entry

    def _seed_task(self, wire: dict[str, Any]) -> None:
        sid = wire.get("service", next(iter(CONNECTORS)))
        task = self._new_task(sid, _without(wire, "service", "tid", "state"), self.admin, self.user.name)
        task.tid = str(wire.get("tid", task.tid))
        task.state = wire.get("state", IDLE)
        if task.state not in STATE_WORDS:
            raise SeedError(f"unknown state {task.state!r}, known: {', '.join(STATE_WORDS)}")
        task.started = task.state != IDLE
        self.book[task.tid] = task

    def tasks(self) -> list[dict[str, Any]]:
        """Return every task with both lists and whether it was ever started."""
        return [
            {**self._wire(task, ("input", "output")), "service": task.sid, "started": task.started}
            for task in self.book.values()
        ]

    def void_token(self, call: Call) -> None:
        """Forget the token of this request."""
        self.issuer.tokens.pop(_bearer(call), None)

    def subject(self, call: Call) -> Any:
        """Return the task or the entry the path names."""
        return self.book.get(call.params.get("tid", "")) or self.store.get(call.params.get("uuid", ""))

    def not_found(self, call: Call, methods: set[str]) -> Reply:
        """Answer what is not served as a Node server does, or with 405 where only the verb is wrong."""
        if methods and self.values["missing_verb"] == "405":
            return Reply("", 405, "text/plain")
        return Reply(f"<pre>Cannot {call.method} {call.path}</pre>", 404, "text/html")

    def tick(self) -> None:
        """Let runs go on, then let vanish what is swept."""
        super().tick()
        now = self.clock.now()
        if seconds := self.values["sweep_tasks"]:
            for task in list(self.book.values()):
                if task.ended is not None and task.ended + seconds <= now:
                    del self.book[task.tid]
        if seconds := self.values["sweep_documents"]:
            used = self._used()
            for entry in list(self.store.values()):
                if entry.type == "document" and entry.href not in used and entry.created + seconds <= now:
                    del self.store[entry.uuid]

    def resolve(self, operation: Operation, call: Call) -> Operation:
        """Name the issuer's requests: discovery and login."""
        if operation.name != "issuer":
            return operation
        rest = f"/{call.params['rest']}"
        name = {("GET", DISCOVERY): "discovery", ("POST", self.values["token_path"]): "login"}.get(
            (call.method, rest), "unknown"
        )
        return Operation(name, operation.methods, operation.handler)

    # Login

    def _auth(self, call: Call) -> Reply:
        """Tell the issuer; the one open call [D] IN."""
        return Reply({"url": self._issuer_url(call)})

    def _issuer_url(self, call: Call) -> str:
        url = f"{call.origin}{self.values['issuer_path']}"
        return url.replace("https:", "http:", 1) if self.values["issuer_mischief"] == "http_issuer" else url

    def _issuer(self, call: Call) -> Reply:
        """Answer for the realm, under the one path this Keycloak has."""
        issuer, rest = self._issuer_url(call), f"/{call.params['rest']}"
        if not call.path.startswith(f"{self.values['issuer_path']}/"):
            return Reply({"error": "Realm does not exist"}, 404)
        if call.method == "GET" and rest == DISCOVERY:
            return Reply(self._discovery(issuer))
        if call.method == "POST" and rest == self.values["token_path"]:
            return self.issuer.grant(call, issuer, self.values["grants"], self.values["token_seconds"])
        return Reply({"error": "HTTP 404 Not Found"}, 404)

    def _discovery(self, issuer: str) -> dict[str, Any]:
        endpoint = f"{issuer}{self.values['token_path']}"
        mischief = self.values["issuer_mischief"]
        if mischief == "http_token":
            endpoint = endpoint.replace("https:", "http:", 1)
        return discovery("https://login.example.com" if mischief == "other_issuer" else issuer, endpoint)

    def _guard(self, handler: Callable[[Call], Any]) -> Callable[[Call], Reply]:
        def guarded(call: Call) -> Reply:
            if not call.secure:
                return Reply("", 400, "text/plain")  # the service listens for TLS only [D] S0
            try:
                if "sid" in call.params:
                    self._check_service(call)
                answer = handler(call)
            except Refused as refused:
                return self._refusal(refused)
            except Missing:
                return self.not_found(call, self.routes.methods(call.path))
            return answer if isinstance(answer, Reply) else Reply(answer)

        return guarded

    def _refusal(self, refused: Refused) -> Reply:
        status, code = ERRORS[refused.name]
        status = self.values["error_codes"].get(refused.name, status)
        if self.values["error_body"] == "text":
            return Reply(refused.text, status, "text/plain")
        return Reply({"code": code, "message": refused.text}, status)

    def _caller(self, call: Call) -> User:
        user = self.issuer.holder(_bearer(call))
        if user is None:
            raise Refused("unauthorized", "No valid token")
        return user

    def _check_service(self, call: Call) -> None:
        self._caller(call)
        sid = call.params["sid"]
        if sid not in CONNECTORS and not (sid == STORE and "/tasks" not in call.path):
            raise Refused("not_found", f"Service {sid} not found")

    def _serve(self, switch: str) -> None:
        if not self.values[switch]:
            raise Missing

    # Services and tasks

    def _services(self, call: Call) -> Any:
        self._caller(call)
        return [self._service(sid) for sid in (*CONNECTORS, STORE)]

    def _get_service(self, call: Call) -> Any:
        return self._service(call.params["sid"])

    def _service(self, sid: str) -> dict[str, Any]:
        executor = self.values["action_executor"]
        return {
            "sid": sid,
            "types": list(CONNECTORS.get(sid, ())),
            "links": {"self": {"href": f"/v1/services/{sid}"}},
            **({"actionExecutor": executor} if sid in CONNECTORS else {}),
        }

    def _list_all(self, call: Call) -> Any:
        return self._collection(call, [task for task in self.book.values() if self._sees(call, task)])

    def _list(self, call: Call) -> Any:
        sid = call.params["sid"]
        shown = [task for task in self.book.values() if task.sid == sid and self._sees(call, task)]
        return self._collection(call, shown)

    def _collection(self, call: Call, tasks: list[Task]) -> Any:
        wires = [self._wire(task, ()) for task in tasks]
        if self.values["list_query"] == "odata":
            wires, counted = odata(wires, call.query)
            if counted is not None:
                return {"results": wires, "totalCount": counted}
        return {"embedded": {"tasks": wires}} if self.values["collection_shape"] == "embedded" else wires

    def _sees(self, call: Call, task: Task) -> bool:
        user = self._caller(call)
        scope = self.values["service_account_scope" if user.is_service else "task_visibility"]
        return user.is_admin or scope == "all" or task.owner == user.name

    def _find(self, call: Call) -> Task:
        task = self.book.get(call.params["tid"])
        if task is None or task.sid != call.params["sid"]:
            raise Refused("not_found", f"Task {call.params['tid']} not found")
        if not self._sees(call, task):
            raise Refused("forbidden", "The task belongs to another user")
        return task

    def _create(self, call: Call) -> Reply:
        task = self._new_task(call.params["sid"], _object(call.json), self._caller(call))
        self.book[task.tid] = task
        return Reply(self._wire(task, ()), self.values["create_status"])

    def _new_task(self, sid: str, body: dict[str, Any], user: User, owner: str = "") -> Task:
        """Read a create body: only the name is mandatory [D] CREATE, and the type among several [D] OT."""
        if sid not in CONNECTORS:
            raise Refused("bad_request", f"{sid} takes no tasks")
        _known(body, "name", "type", "metadata", "owner", "lists")
        kinds = CONNECTORS[sid]
        kind = body.get("type", kinds[0] if len(kinds) == 1 else None)
        if kind not in kinds:
            raise Refused("bad_request", f"type must be one of {', '.join(kinds)}")
        given = _known(_object(body.get("lists", {})), "input").get("input", {})
        listed = _known(_object(given), "embedded", "metadata")
        embedded = _known(_object(listed.get("embedded", {})), "listItems", "metadata")
        items = embedded.get("listItems", [])
        if not isinstance(items, list):
            raise Refused("bad_request", "listItems must be an array")
        place = self.values["list_metadata_place"]
        now = self.clock.now()
        return Task(
            tid=str(uuid.uuid4()),
            sid=sid,
            name=_name(body),
            type=kind,
            metadata=_object(body.get("metadata", {})),
            owner=self._owner(body, user, owner),
            created=now,
            modified=now,
            input=[self._item(_object(item)) for item in items],
            list_metadata=_object(
                (listed if place == "lists.input.metadata" else embedded).get("metadata", {})
            ),
        )

    def _owner(self, body: dict[str, Any], user: User, otherwise: str = "") -> str:
        """Return the owner; that only an administrator may name another is our own choice."""
        owner = body.get("owner", otherwise or user.name)
        if not isinstance(owner, str) or not owner:
            raise Refused("bad_request", "owner must be a name")
        if owner != user.name and not user.is_admin:
            raise Refused("forbidden", "Only an administrator may set another owner")
        return owner

    def _item(self, body: dict[str, Any]) -> dict[str, Any]:
        """Read a list item; that its document must exist is our own choice."""
        _known(body, "href", "metadata")
        href = body.get("href")
        if not isinstance(href, str) or href not in {entry.href for entry in self.store.values()}:
            raise Refused("bad_request", f"href {href!r} is no document")
        metadata = {"metadata": _object(body["metadata"])} if "metadata" in body else {}
        return {"href": href, **metadata}

    def _get(self, call: Call) -> Any:
        self._serve("task_get")
        task = self._find(call)
        wanted = call.query.get(self.values["embed_param"], "")
        return self._wire(task, tuple(kind for kind in ("input", "output") if kind in wanted.split(",")))

    def _put(self, call: Call) -> Any:
        """Replace the metadata [D] IN; what is no metadata cannot be replaced here."""
        self._serve("task_put")
        task = self._changeable(call)
        body = _known(_object(call.json), "name", "metadata")
        task.name = _name({"name": task.name, **body})
        task.metadata = _object(body.get("metadata", {}))
        return self._touched(task)

    def _patch(self, call: Call) -> Any:
        """Add or replace single metadata properties [D] IN."""
        self._serve("task_patch")
        task = self._changeable(call)
        body = _known(_object(call.json), "metadata")
        task.metadata = self._merged(task.metadata, _object(body.get("metadata", {})))
        return self._touched(task)

    def _merged(self, old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
        return merged(old, new) if self.values["patch_nested"] == "merge" else {**old, **new}

    def _touched(self, task: Task) -> dict[str, Any]:
        task.modified = self.clock.now()
        return self._wire(task, ())

    def _delete(self, call: Call) -> Reply:
        self._serve("task_delete")
        task = self._find(call)
        if task.state == RUNNING and self.values["delete_running"] == "409":
            raise Refused("conflict", "The task is running")
        del self.book[task.tid]
        return Reply("", 204)

    def _changeable(self, call: Call) -> Task:
        task = self._find(call)
        if task.started and not self.values["mutable_after_start"]:
            raise Refused("conflict", "The task was started")
        return task

    # Life of a task

    def _action(self, call: Call) -> Reply:
        """Start a task: 204, and the back end takes its time [D] ST."""
        task = self._find(call)
        action = _known(_object(call.json), "action").get("action")
        if action not in self.values["task_actions"]:
            raise Refused("bad_request", f"Unknown action {action!r}")
        if action == "start":
            self._start(task)
        return Reply("", 204)

    def _start(self, task: Task) -> None:
        if task.state == RUNNING or (task.started and not self.values["restart_allowed"]):
            raise Refused("conflict", "The task was started")
        if not task.input and self.values["start_empty_input"] == "400":
            raise Refused("bad_request", "The input list is empty")
        self.starts[task.tid] += 1
        task.started, task.ended, task.turn = True, None, task.turn + 1
        self._later(task, self.clock.now() + self.values["start_seconds"], self._run)

    def _later(self, task: Task, when: float, action: Callable[[Task, float], None]) -> None:
        turn = task.turn
        self.agenda.add(when, lambda at: action(task, at) if task.turn == turn else None)

    def _run(self, task: Task, now: float) -> None:
        task.state = RUNNING
        self._later(task, now + self.values["run_seconds"], self._end)

    def _end(self, task: Task, now: float) -> None:
        task.state, task.ended = self.values["run_outcome"], now
        if task.state == COMPLETED and self.values["action_executor"] != "MOCK":
            task.output = [dict(item) for item in task.input]

    # Lists of a task

    def _listed(self, call: Call) -> list[dict[str, Any]]:
        if call.params["kind"] not in ("input", "output"):
            raise Missing
        self._serve("item_get")
        task = self._find(call)
        return task.input if call.params["kind"] == "input" else task.output

    def _items(self, call: Call) -> Any:
        return self._listed(call)

    def _get_item(self, call: Call) -> Any:
        items = self._listed(call)
        return items[_index(call, len(items) - 1)]

    def _add_item(self, call: Call) -> Reply:
        """Append, or insert where the switch says that an index is read [D] MI, OI."""
        place = self.values["insert_index"]
        if "index" in call.params and place != "path":
            raise Missing
        task = self._changeable(call)
        body = dict(_object(call.json)) if call.body else {}
        if ("href" in body) == ("href" in call.query) or (body and "href" not in body):
            raise Refused("bad_request", "href must be in the query or in the body")
        if place == "query" and "index" in call.query:
            call.params["index"] = call.query["index"]
        if place == "body" and "index" in body:
            call.params["index"] = str(body.pop("index"))
        index = _index(call, len(task.input)) if "index" in call.params else len(task.input)
        item = self._item(body or {"href": call.query["href"]})
        task.input = [*task.input[:index], item, *task.input[index:]]
        self._touched(task)
        return Reply({**item, "index": index}, self.values["create_status"])

    def _update_item(self, call: Call) -> Any:
        self._serve("item_update")
        task = self._changeable(call)
        index = _index(call, len(task.input) - 1)
        new = _object(_known(_object(call.json), "metadata").get("metadata", {}))
        old = task.input[index]
        metadata = self._merged(old.get("metadata", {}), new) if call.method == "PATCH" else new
        task.input = [*task.input[:index], {**old, "metadata": metadata}, *task.input[index + 1 :]]
        self._touched(task)
        return {**task.input[index], "index": index}

    def _delete_item(self, call: Call) -> Reply:
        task = self._changeable(call)
        index = _index(call, len(task.input) - 1)
        task.input = task.input[:index] + task.input[index + 1 :]
        self._touched(task)
        return Reply("", 204)

    # Document store

    def _list_root(self, call: Call) -> Any:
        return self._entries(call, "")

    def _children(self, call: Call) -> Any:
        return self._entries(call, self._collection_of(call).uuid)

    def _entries(self, call: Call, parent: str) -> Any:
        self._caller(call)
        wires = [entry.wire() for entry in self.store.values() if entry.parent == parent]
        if self.values["list_query"] == "odata":
            wires, counted = odata(wires, call.query)
            if counted is not None:
                return {"results": wires, "totalCount": counted}
        return wires

    def _create_entry(self, call: Call) -> Reply:
        user = self._caller(call)
        parent = self._collection_of(call).uuid if "uuid" in call.params else ""
        entry = self._entry(_object(call.json), parent, user)
        self.store[entry.uuid] = entry
        return Reply(entry.wire(), self.values["create_status"])

    def _entry(self, body: dict[str, Any], parent: str, user: User) -> Entry:
        _known(body, "name", "type", "metadata", "owner")
        if body.get("type") not in ENTRY_TYPES:
            raise Refused("bad_request", f"type must be one of {', '.join(ENTRY_TYPES)}")
        return Entry(
            uuid=str(uuid.uuid4()),
            name=_name(body),
            type=body["type"],
            metadata=_object(body.get("metadata", {})),
            owner=self._owner(body, user),
            parent=parent,
            created=self.clock.now(),
        )

    def _stored(self, call: Call) -> Entry:
        self._caller(call)
        entry = self.store.get(call.params["uuid"])
        if entry is None:
            raise Refused("not_found", f"Entry {call.params['uuid']} not found")
        return entry

    def _collection_of(self, call: Call) -> Entry:
        entry = self._stored(call)
        if entry.type != "collection":
            raise Refused("bad_request", f"{entry.name} is no collection")
        return entry

    def _document(self, call: Call) -> Entry:
        entry = self._stored(call)
        if entry.type != "document":
            raise Refused("bad_request", f"{entry.name} is no document")
        return entry

    def _get_entry(self, call: Call) -> Any:
        return self._stored(call).wire()

    def _put_entry(self, call: Call) -> Any:
        entry = self._stored(call)
        body = _known(_object(call.json), "name", "metadata")
        entry.name = _name({"name": entry.name, **body})
        entry.metadata = _object(body.get("metadata", {}))
        return entry.wire()

    def _patch_entry(self, call: Call) -> Any:
        entry = self._stored(call)
        body = _known(_object(call.json), "metadata")
        entry.metadata = self._merged(entry.metadata, _object(body.get("metadata", {})))
        return entry.wire()

    def _delete_entry(self, call: Call) -> Reply:
        """Delete without a look at the tasks: the client must resolve dependencies [D] IN."""
        del self.store[self._stored(call).uuid]
        return Reply("", 204)

    def _get_content(self, call: Call) -> Reply:
        entry = self._document(call)
        if entry.content is None:
            raise Refused("not_found", f"{entry.name} has no content")
        return Reply(entry.content, media="application/octet-stream")

    def _put_content(self, call: Call) -> Reply:
        entry = self._document(call)
        if not call.headers.get("content-type", "").startswith("application/octet-stream"):
            raise Refused("media_type", "The content must be application/octet-stream")
        if self.values["used_content"] == "409" and entry.href in self._used():
            raise Refused("conflict", "The document is used by a task")
        entry.content = call.body
        return Reply("", 204)

    def _delete_content(self, call: Call) -> Reply:
        self._document(call).content = None
        return Reply("", 204)

    def _used(self) -> set[str]:
        return {item["href"] for task in self.book.values() for item in (*task.input, *task.output)}

    def _inactives(self, call: Call) -> Any:
        """Tell which of the documents no task uses [D] SW; both forms are our own choice."""
        self._caller(call)
        as_list = self.values["inactives_shape"] == "list"
        hrefs = call.json if as_list else _known(_object(call.json), "hrefs").get("hrefs")
        if not isinstance(hrefs, list) or not all(isinstance(href, str) for href in hrefs):
            raise Refused("bad_request", "a list of hrefs is needed")
        used = self._used()
        unused = [href for href in hrefs if href not in used]
        return unused if as_list else {"hrefs": unused}

    # Lists and panels, by their OP-CLI names only

    def _create_extra(self, call: Call) -> Reply:
        self._serve("lists_panels")
        self._caller(call)
        key = "uuid" if call.path.startswith("/v1/lists") else "pid"
        extra = {**_object(call.json), key: str(uuid.uuid4())}
        self.extras[extra[key]] = extra
        return Reply(extra, self.values["create_status"])

    def _get_extra(self, call: Call) -> Any:
        self._serve("lists_panels")
        self._caller(call)
        if call.params["id"] not in self.extras:
            raise Refused("not_found", f"{call.params['id']} not found")
        return self.extras[call.params["id"]]

    # Wire form

    def _wire(self, task: Task, embed: tuple[str, ...]) -> dict[str, Any]:
        named = {
            "state": self.values["task_states"].get(task.state, task.state),
            "created": _iso(task.created),
            "modified": _iso(task.modified),
            "owner": task.owner,
            **self._reason(task),
        }
        names = self.values["task_field_names"]
        href = {"href": task.href} if self.values["task_href_place"] == "href" else {}
        return {
            "tid": task.tid,
            "name": task.name,
            "type": task.type,
            "metadata": task.metadata,
            **{names.get(name, name): value for name, value in named.items()},
            **(href or {"links": {"self": {"href": task.href}}}),
            "lists": {
                "input": self._wire_list(task, "input", task.input, "input" in embed),
                "output": self._wire_list(task, "output", task.output, "output" in embed),
            },
        }

    def _reason(self, task: Task) -> dict[str, Any]:
        """Tell why a task failed, where the switch has it told; the object is as errors are [C] VE."""
        text, shape = self.values["failure_text"], self.values["failure_reason"]
        if task.state != FAILED or shape == "none":
            return {}
        return {"error": text if shape == "text" else {"code": "ERR_PRINT", "message": text}}

    def _wire_list(
        self, task: Task, kind: str, items: list[dict[str, Any]], embedded: bool
    ) -> dict[str, Any]:
        wire: dict[str, Any] = {"links": {"self": {"href": f"{task.href}/{kind}"}}}
        if embedded:
            wire["embedded"] = {"listItems": items}
        if kind == "input" and task.list_metadata:
            outside = self.values["list_metadata_place"] == "lists.input.metadata"
            if outside or embedded:
                (wire if outside else wire["embedded"])["metadata"] = task.list_metadata
        return wire


def odata(wires: list[dict[str, Any]], query: dict[str, str]) -> tuple[list[dict[str, Any]], int | None]:
    """Filter and page as far as a task listing may need: ``$filter=name eq 'x'``, ``$skip``, ``$top``."""
    for name, text in query.items():
        if name == "$filter":
            found = re.fullmatch(r"(\w+) eq '((?:[^']|'')*)'", text)
            if found is None:
                raise Refused("bad_request", f"$filter {text!r} is not understood")
            wanted = found.group(2).replace("''", "'")
            wires = [wire for wire in wires if wire.get(found.group(1)) == wanted]
    counted = len(wires) if query.get("$inlinecount") == "allpages" else None
    numbers = {name: query.get(name, "") for name in ("$skip", "$top")}
    if any(text and not re.fullmatch("[0-9]{1,9}", text) for text in numbers.values()):
        raise Refused("bad_request", "$skip and $top are numbers")
    wires = wires[int(numbers["$skip"] or 0) :]
    return wires[: int(numbers["$top"])] if numbers["$top"] else wires, counted


def merged(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Merge objects at every depth."""
    both = {
        name: merged(old[name], value)
        for name, value in new.items()
        if isinstance(value, dict) and isinstance(old.get(name), dict)
    }
    return {**old, **new, **both}


def _bearer(call: Call) -> str:
    scheme, dummy, token = call.headers.get("authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" else ""


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Refused("bad_request", "a JSON object is needed")
    return value


def _known(body: dict[str, Any], *names: str) -> dict[str, Any]:
    if unknown := sorted(set(body) - set(names)):
        raise Refused("bad_request", f"unknown property {', '.join(unknown)}")
    return body


def _name(body: dict[str, Any]) -> str:
    name = body.get("name")
    if not isinstance(name, str) or not name.strip():
        raise Refused("bad_request", "name is mandatory")
    return name


def _index(call: Call, last: int) -> int:
    text = call.params["index"]
    if not re.fullmatch("[0-9]{1,9}", text):
        raise Refused("bad_request", f"index {text!r} is no number")
    if int(text) > last:
        raise Refused("not_found", f"No item {text}")
    return int(text)


def _without(wire: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in wire.items() if name not in names}


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
