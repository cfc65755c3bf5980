# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VMware Aria / VCF Operations Orchestrator. Grades and source names are those of docs/emulator.md.

Keys that are there because a source lists them, with values of our own: ``features`` of the version ([D] D8,
[C] BT), ``orgId`` and ``client-id`` of the way to log in ([D] OAS), ``globalTags`` of a workflow ([D] OAS),
``relations`` of a run ([D] OAS).
"""

from __future__ import annotations

import base64
import binascii
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from . import vro_pattern, vro_values
from .vendor import Call, Operation, Reply, SeedError, Switch, Vendor, random_text

BOOL = (True, False)
PROFILE = "profile"
BY_PROFILE = (PROFILE, *BOOL)
# What the switches mean that are left to the profile (9.1 of the evidence).
PROFILES: dict[str, dict[int, Any]] = {
    "create_returns_body": {7: False, 8: True, 9: True},
    "location_trailing_slash": {7: True, 8: True, 9: False},
    "conditions_honoured": {7: True, 8: False, 9: True},
    "update_parameters": {7: "ignore", 8: "replace", 9: "replace"},
    "update_requires": {7: "nothing", 8: "start_and_workflow", 9: "start_and_workflow"},
}
PENDING, RUNNING, SUSPENDED, FINISHED, ERROR = "pending", "running", "suspended", "finished", "error"
STATES = (PENDING, RUNNING, SUSPENDED, FINISHED, "canceled", ERROR, "unknown", "scheduled")
ENDED = ("completed", "failed", "canceled")
BY_WORKFLOW = "by_workflow"
STOPS = ("waiting", "waiting-signal", "suspended")  # where a run stays until it is answered or canceled
START_MODES = ("normal", "start-in-the-past")
START, END = "recurrence-start-date", "recurrence-end-date"
KEPT = ("name", "description", "recurrence-cycle", "recurrence-pattern", START, END, "start-mode")
TASK_KEYS = {
    *KEPT,
    "id",
    "workflow",
    "state",
    "user",
    "running-instance-id",
    "input-parameters",
    "formInputs",
    "href",
    "relations",
}
LINK_ATTRIBUTES = ("name_and_state", "id_name_and_state", "state_only", "none")
TOKEN_SECONDS = {"csp": 90 * 86400, "iaas": 8 * 3600, "vcf": 3600}
TENANT = "acme"
HTML = "<html><body><h1>HTTP Status 400 - Bad Request</h1></body></html>"
UNKNOWN_INTERACTION = "There is no user interaction for this run."

# Folders and workflows of the start-up content; ids do not differ from start to start, as those of the
# vendor's own library do not.
NAMESPACE = uuid.UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")
FOLDERS = ("Maintenance", "Maintenance/Linux", "Maintenance/Windows", "Examples")
EVERY_TYPE = (
    ("text", "string"),
    ("count", "number"),
    ("flag", "boolean"),
    ("when", "Date"),
    ("password", "SecureString"),
    ("cipher", "EncryptedString"),
    ("names", "Array/string"),
    ("counts", "Array/number"),
    ("vm", "VC:VirtualMachine"),
    ("vms", "Array/VC:VirtualMachine"),
    ("settings", "Properties"),
    ("anything", "Any"),
    ("attachment", "MimeAttachment"),
    ("expression", "Regexp"),
    ("pair", "CompositeType(left:string,right:number):Pair"),
)
WORKFLOWS: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...] = (
    ("Maintenance", "Clean snapshots", (("days", "number"), ("folder", "string"))),
    ("Maintenance", "Rotate password", (("account", "string"), ("password", "SecureString"))),
    ("Maintenance/Linux", "Patch hosts", (("hosts", "Array/string"),)),
    ("Maintenance/Windows", "Patch hosts", (("hosts", "Array/string"),)),
    ("Examples", "Every type", EVERY_TYPE),
    ("Examples", "Say hello", ()),
    ("Examples", "Always fails", ()),
    ("Examples", "Ask a person", ()),
)

# Outputs of the workflows of the start-up content; one that is named like an input has its value.
OUTPUTS: dict[str, tuple[tuple[str, str], ...]] = {
    "Clean snapshots": (("days", "number"), ("removed", "Array/string")),
    "Rotate password": (("account", "string"), ("password", "SecureString")),
    "Every type": EVERY_TYPE,
}


def fixed_id(text: str) -> str:
    """Return the id of a piece of the start-up content."""
    return str(uuid.uuid5(NAMESPACE, text))


class Refused(Exception):
    """A refusal: a status with a message, or with an HTML page where JSON cannot be bound."""

    def __init__(self, status: int, text: str = "", html: bool = False) -> None:
        super().__init__(text)
        body = {"message": text} if text else ""
        self.reply = Reply(HTML, status, "text/html") if html else Reply(body, status)


@dataclass
class Workflow:
    """A workflow, its folder and the inputs it declares."""

    id: str
    name: str
    folder: str
    inputs: tuple[tuple[str, str], ...]
    outputs: tuple[tuple[str, str], ...] = ()


@dataclass
class Run:
    """A run of a workflow; times are epoch seconds."""

    id: str
    workflow: Workflow
    started: float
    user: str
    state: str = RUNNING
    parameters: list[dict[str, Any]] = field(default_factory=list)
    ended: float | None = None
    error: str = ""
    task: str = ""


@dataclass
class Task:
    """A scheduled task: what was sent, and what the server makes of it."""

    id: str
    wire: dict[str, Any]
    workflow: Workflow
    user: str
    recurrence: vro_pattern.Recurrence
    start: float
    end: float | None
    parameters: list[dict[str, Any]]
    state: str = PENDING
    running: str = ""
    turn: int = 0  # a firing planned in an earlier turn no longer counts
    conflicts: int = 0


@dataclass
class Token:
    """What a token stands for."""

    user: str
    kind: str
    expires: float


class Orchestrator(Vendor):
    """An orchestrator with its automation host, in one of three generations."""

    key = "vro"
    prefixes = ("/vco/", "/csp/gateway/", "/iaas/api/", "/tm/oauth/", "/oauth/tenant/", "/oauth/provider/")
    switches = (
        Switch(PROFILE, 8, (7, 8, 9), "[D][M] generation; decides what is set to profile below; 9 assumed"),
        Switch("create_returns_body", PROFILE, BY_PROFILE, "[M] 8.x yes, [D] 7.x no"),
        Switch("location_trailing_slash", PROFILE, BY_PROFILE, "[M] yes, optional in 9.x for executions"),
        Switch("conditions_honoured", PROFILE, BY_PROFILE, "[M] 9.1 and 7.2 yes, 8.18.1 no"),
        Switch("execution_state_key", "value", ("value", "state"), "[M] against [D] OAS"),
        Switch("parameter_description_blanked", True, BOOL, "[M] TF"),
        Switch("resuspend_409", True, BOOL, "[M] TF; own choice for any state that the task already has"),
        Switch("create_suspended_becomes_pending", True, BOOL, "[M] TF"),
        Switch(
            "date_form", "offset_millis", ("offset_millis", "z", "zone_offset", "epoch_millis"), "[M] TF, RB"
        ),
        Switch("html_400_unknown_value_key", True, BOOL, "[M] VCFO"),
        Switch("duplicate_names", True, BOOL, "[I] nothing enforces unique names"),
        Switch("running_instance_id", "running", ("running", "always", "never"), "[M] TF: sometimes absent"),
        Switch("list_shape", "nested", ("nested", "flat"), "no recorded answer; as the executions list"),
        Switch("task_link_attributes", "name_and_state", LINK_ATTRIBUTES, "[D] M551 shows name and state"),
        Switch("tasks_paging", 0, int, "none documented; n = pages of n, startIndex honoured"),
        Switch("resume_via_pending", True, BOOL, "[I] TF allows it and has no test"),
        Switch("state_request_other", "400", ("400", "ignore"), "scheduled gives 400 [M]; own choice else"),
        Switch("start_mode_rule", "as_read", ("as_read", "ignored"), "[I] 4.3"),
        Switch("past_one_time_normal", "wait", ("wait", "fire", "reject"), "own choice"),
        Switch("pattern_classic_form", True, BOOL, "own choice; no zone, three-letter weekdays"),
        Switch("pattern_error_text", "Invalid recurrence pattern", str, "unknown"),
        Switch("pattern_trailing_comma_required", False, BOOL, "own choice"),
        Switch(
            "update_requires", PROFILE, (PROFILE, "start_and_workflow", "nothing"), "OAS marks both required"
        ),
        Switch(
            "update_parameters", PROFILE, (PROFILE, "replace", "ignore"), "[M] TF replaces; [D] none in 7.x"
        ),
        Switch("end_date_clearable", False, BOOL, "[I] M71: properties cannot be removed"),
        Switch("update_omitted_parameters", "keep", ("keep", "clear"), "own choice"),
        Switch("secure_readback", "omit", ("omit", "masked", "plain"), "own choice"),
        Switch("credentials_patch", True, BOOL, "[I] no body, user becomes the caller; false = 404"),
        Switch("properties_list_key", "property", ("property", "properties"), "[C] weak; OAS: properties"),
        Switch("enum_case_strict", True, BOOL, "[I] upper case is Java, not the wire"),
        Switch("number_readback", "float", ("float", "as_sent"), "[M] may come back 42.0"),
        Switch("task_limit", 50, int, "[D] M551, M71; the refusal is own choice"),
        Switch("delete_conflicts", 0, int, "[C] TF retries a 409; how often a delete is answered so"),
        Switch("basic_auth", True, BOOL, "[D] needs a system property"),
        Switch("run_link_attributes", True, BOOL, "[D] OAS; false = links of runs tell nothing but the href"),
        Switch("waits_for_person", True, BOOL, "[I] false = a waiting run has no user interaction (404)"),
        Switch("cancel_seconds", 0, int, "unknown; from the 204 to the end of the run"),
        Switch("run_seconds", 60, int, "emulator only: how long a run takes"),
        Switch("initializing_seconds", 0, int, "emulator only: how long of that it is initializing"),
        Switch(
            "run_stops_in",
            BY_WORKFLOW,
            (BY_WORKFLOW, "nothing", *STOPS),
            "emulator only: where a run stays until it is answered or canceled",
        ),
        Switch(
            "run_ends",
            BY_WORKFLOW,
            (BY_WORKFLOW, *ENDED),
            "emulator only: how a run ends by itself; by_workflow = its name tells",
        ),
        Switch("zone_offset_minutes", 120, int, "emulator only: for date_form zone_offset"),
    )

    # Start, secrets, routes

    def setup(self) -> None:
        """Make the accounts and secrets of this start and enter the routes."""
        self.domain = "vsphere.local"
        self.username, self.reader = f"orchestrator@{self.domain}", f"reader@{self.domain}"
        self.passwords = {self.username: random_text(20), self.reader: random_text(20)}
        self.api_token, self.lasting = random_text(32), random_text(64)
        tasks, executions = "/tasks", "/workflows/{workflow}/executions"
        table: list[tuple[str, str, str, Callable[[Call], Any], bool]] = [
            ("", "about", "GET", self._about, False),
            ("/about", "about", "GET", self._about, False),
            ("/users", "users", "GET", self._users, False),
            ("/server/authentication", "authentication", "GET", self._authentication, False),
            (tasks, "list_tasks", "GET", self._list_tasks, False),
            (tasks, "create_task", "POST", self._create, True),
            ("/tasks/credentials/{task}", "renew_credentials", "PATCH", self._renew, True),
            ("/tasks/{task}", "get_task", "GET", self._get, False),
            ("/tasks/{task}", "update_task", "POST", self._update, True),
            ("/tasks/{task}", "delete_task", "DELETE", self._delete, True),
            ("/tasks/{task}/executions", "list_task_runs", "GET", self._task_runs, False),
            ("/catalog/System/Task", "catalog_tasks", "GET", self._catalog_tasks, False),
            (
                "/catalog/System/WorkflowCategory/{category}/workflows",
                "category_workflows",
                "GET",
                self._category_workflows,
                False,
            ),
            ("/categories", "list_categories", "GET", self._categories, False),
            ("/categories/{category}", "get_category", "GET", self._category, False),
            ("/workflows", "list_workflows", "GET", self._workflows, False),
            ("/workflows/{workflow}", "get_workflow", "GET", self._workflow, False),
            ("/workflows/{workflow}/tasks", "list_workflow_tasks", "GET", self._workflow_tasks, False),
            (executions, "list_runs", "GET", self._runs, False),
            (executions, "start_run", "POST", self._start, True),
            (f"{executions}/{{run}}", "get_run", "GET", self._get_run, False),
            (f"{executions}/{{run}}", "delete_run", "DELETE", self._delete_run, True),
            (f"{executions}/{{run}}/state", "get_run_state", "GET", self._run_state, False),
            (f"{executions}/{{run}}/state", "cancel_run", "DELETE", self._cancel_run, True),
            (f"{executions}/{{run}}/logs", "run_logs", "GET", self._run_logs, False),
            (f"{executions}/{{run}}/syslogs", "run_logs", "GET", self._run_logs, False),
            (f"{executions}/{{run}}/interaction", "get_interaction", "GET", self._interaction, False),
            (f"{executions}/{{run}}/interaction", "answer_interaction", "POST", self._answer, True),
        ]
        for path, name, methods, handler, writes in table:
            operation = Operation(name, tuple(methods.split()), self._guard(handler), writes)
            for slash in ("", "/"):  # the server's own links end with a slash
                self.routes.add(f"/vco/api{path}{slash}", operation)
        for path, handler in (
            ("/csp/gateway/am/api/login", self._csp_login),
            ("/csp/gateway/am/api/auth/api-tokens/authorize", self._csp_authorize),
            ("/iaas/api/login", self._iaas_login),
            ("/tm/oauth/tenant/{tenant}/token", self._vcf_token),
            ("/oauth/tenant/{tenant}/token", self._vcf_token),
            ("/oauth/provider/token", self._vcf_token),
            ("/tm/oauth/provider/token", self._vcf_token),
        ):
            self.routes.add(path, Operation("login", ("POST",), self._plainly(handler)))

    def account(self, http: str, https: str) -> dict[str, Any]:
        """Return the administrator's login, a reader, a token of each kind and the workflows."""
        return {
            "url": https,
            "username": self.username,
            "password": self.passwords[self.username],
            "domain": self.domain,
            "tenant": TENANT,
            "api_token": self.api_token,
            "token": self.lasting,
            "reader": {"username": self.reader, "password": self.passwords[self.reader]},
            "workflows": {
                f"{folder}/{name}": fixed_id(f"{folder}/{name}") for folder, name, dummy in WORKFLOWS
            },
            "environment": {
                "VRO_URL": https,
                "VRO_USERNAME": self.username,
                "VRO_PASSWORD": self.passwords[self.username],
            },
        }

    def clear(self) -> None:
        """Forget tasks, runs, issued tokens and seeded workflows."""
        self.book: dict[str, Task] = {}
        self.runs: dict[str, Run] = {}
        self.tokens = {self.lasting: Token(self.username, "iaas", float("inf"))}
        self.workflows = {
            fixed_id(f"{folder}/{name}"): Workflow(
                fixed_id(f"{folder}/{name}"), name, folder, inputs, OUTPUTS.get(name, ())
            )
            for folder, name, inputs in WORKFLOWS
        }

    # Base class duties

    def seed(self, data: dict[str, Any]) -> int:
        """Take wire tasks and workflows ``{"name", "folder", "inputs": [[name, type]], "outputs", "id"}``."""
        for given in data.get("workflows", []):
            folder = str(given.get("folder", "Examples"))
            inputs, outputs = (
                tuple((str(name), str(kind)) for name, kind in given.get(key, []))
                for key in ("inputs", "outputs")
            )
            workflow_id = str(given.get("id") or uuid.uuid4())
            workflow = Workflow(workflow_id, str(given["name"]), folder, inputs, outputs)
            self.workflows[workflow.id] = workflow
        wires = data.get("tasks", [])
        try:
            for wire in wires:
                self._seed_task(dict(wire))
        except Refused as refused:
            raise SeedError(str(refused)) from refused
        return len(wires)

    def _seed_task(self, wire: dict[str, Any]) -> None:
        state = wire.pop("state", PENDING)
        if state not in STATES:
            raise SeedError(f"unknown state {state}, known: {', '.join(STATES)}")
        wire.setdefault("workflow", {"id": fixed_id("Maintenance/Clean snapshots")})
        wire.setdefault(START, self.clock.iso())
        task = self._new_task(wire, str(wire.pop("user", self.username)), str(wire.get("id") or uuid.uuid4()))
        task.state = state
        self.book[task.id] = task
        if state == PENDING:
            self._plan(task, self.clock.now())

    def tasks(self) -> list[dict[str, Any]]:
        """Return every task with its secrets in the clear and its runs."""
        return [
            {
                **self._wire(task),
                "input-parameters": task.parameters,
                "runs": [self._run_wire(run) for run in self.runs.values() if run.task == task.id],
            }
            for task in self.book.values()
        ]

    def void_token(self, call: Call) -> None:
        """Forget the token of this request."""
        self.tokens.pop(call.headers.get("authorization", "").partition(" ")[2], None)

    def subject(self, call: Call) -> Task | None:
        """Return the task the path names."""
        return self.book.get(call.params.get("task", ""))

    def not_found(self, call: Call, methods: set[str]) -> Reply:
        """Answer an unknown path or method as the web server in front does [I]."""
        status = 405 if methods else 404
        return Reply(f"<html><body><h1>HTTP Status {status}</h1></body></html>", status, "text/html")

    def _guard(self, handler: Callable[[Call], Any]) -> Callable[[Call], Reply]:
        def guarded(call: Call) -> Reply:
            if handler != self._about:
                self._check_access(call)
            return self._as_reply(handler(call))

        return self._plainly(guarded)

    def _plainly(self, handler: Callable[[Call], Any]) -> Callable[[Call], Reply]:
        def plain(call: Call) -> Reply:
            try:
                return self._as_reply(handler(call))
            except Refused as refused:
                return refused.reply

        return plain

    def _as_reply(self, answer: Any) -> Reply:
        return answer if isinstance(answer, Reply) else Reply(answer)

    def _value(self, name: str) -> Any:
        """Return a switch, with the profile's answer where it is left to the profile."""
        value = self.values[name]
        return PROFILES[name][self.values[PROFILE]] if value == PROFILE else value

    # Who asks

    def _check_access(self, call: Call) -> None:
        """Refuse strangers, readers who write, and representations other than JSON."""
        user = self._caller(call)
        accept = call.headers.get("accept", "")
        if "application/json" not in accept:
            raise Refused(406)  # XML, the other representation (1. of the evidence), is not emulated
        if call.method != "GET" and user == self.reader:
            raise Refused(403, "You have no permission for this action (Edit, false)")

    def _caller(self, call: Call) -> str:
        scheme, dummy, credentials = call.headers.get("authorization", "").partition(" ")
        if scheme == "Basic" and self.values["basic_auth"]:
            name, password = _pair(credentials)
            if self.passwords.get(name) == password:
                return name
        token = self.tokens.get(credentials) if scheme == "Bearer" else None
        if token is None or token.kind == "csp" or token.expires <= self.clock.now():
            raise Refused(401)
        return token.user

    def _issue(self, user: str, kind: str) -> str:
        text = random_text(48)
        self.tokens[text] = Token(user, kind, self.clock.now() + TOKEN_SECONDS[kind])
        return text

    def _csp_login(self, call: Call) -> Any:
        """First step of vRA 8: user and password, the domain apart or in the name."""
        body = _json_object(call)
        name, domain = str(body.get("username", "")), str(body.get("domain") or "")
        full = f"{name}@{domain}" if domain and "@" not in name else name
        if "access_token" not in call.query or self.passwords.get(full) != body.get("password"):
            raise Refused(400, "Unable to authenticate: invalid username or password.")
        return {"refresh_token": self._issue(full, "csp")}

    def _csp_authorize(self, call: Call) -> Any:
        """Exchange an API token, as BT does [C]."""
        if self.api_token not in (call.form.get("refresh_token"), call.form.get("api_token")):
            raise Refused(400, "invalid_grant: Invalid refresh token")
        seconds = TOKEN_SECONDS["iaas"]
        token = self._issue(self.username, "iaas")
        return {"access_token": token, "token_type": "bearer", "expires_in": seconds}

    def _iaas_login(self, call: Call) -> Any:
        """Second step of vRA 8."""
        known = self.tokens.get(str(_json_object(call).get("refreshToken", "")))
        if known is None or known.kind != "csp" or known.expires <= self.clock.now():
            raise Refused(403, "Invalid refresh token")
        return {"tokenType": "Bearer", "token": self._issue(known.user, "iaas")}

    def _vcf_token(self, call: Call) -> Any:
        """Exchange a VCF 9 API token, of a tenant or of the provider."""
        good = call.params.get("tenant", TENANT) == TENANT
        form = call.form
        if (
            form.get("grant_type") != "refresh_token"
            or form.get("refresh_token") != self.api_token
            or not good
        ):
            raise Refused(400, "invalid_grant")
        token, seconds = self._issue(self.username, "vcf"), TOKEN_SECONDS["vcf"]
        return {"access_token": token, "token_type": "Bearer", "expires_in": seconds}

    # The server itself

    def _about(self, call: Call) -> Any:
        number = {7: "7.6.0", 8: "8.18.1", 9: "9.1.0"}[self.values[PROFILE]]
        zone = {"id": "UTC", "displayName": "Coordinated Universal Time", "rawOffset": 0, "dstsavings": 0}
        return {
            "version": f"{number}.0",
            "build-number": "1",
            "api-version": "6.0.0",
            "features": [],
            "time-zone": zone,
        }

    def _users(self, call: Call) -> Any:
        user = self._caller(call)
        return {"name": user, "admin-rights": user != self.reader, "rights": "view"}

    def _authentication(self, call: Call) -> Any:
        mode = "vsphere" if self.values[PROFILE] == 7 else "vra"
        return {"mode": mode, "url": call.origin, "orgId": TENANT, "client-id": "orchestrator"}

    # Lists

    def _tasks_reply(self, call: Call, tasks: list[Task]) -> Any:
        """List tasks: the envelope and the attributes of a link are not proven (4.5)."""
        size = self.values["tasks_paging"]
        first = max(0, _integer(call, "startIndex")) if size else 0
        shown = tasks[first : first + size] if size else tasks
        links = [
            {"rel": "down", "href": self._href(call, task), **self._task_attributes(task)} for task in shown
        ]
        links.append({"rel": "up", "href": f"{call.origin}/vco/api/"})
        return self._envelope(call, links, len(tasks), first)

    def _envelope(self, call: Call, links: list[dict[str, Any]], total: int, first: int = 0) -> Any:
        relations = {"link": links, "total": total, "start": first}
        if self.values["list_shape"] == "flat":
            return relations
        return {"href": f"{call.origin}{call.path}", "relations": relations}

    def _task_attributes(self, task: Task) -> dict[str, Any]:
        wanted = self.values["task_link_attributes"]
        known = {"id": task.id, "name": task.wire["name"], "state": task.state}
        names = {"id_name_and_state": ("id", "name", "state"), "state_only": ("state",), "none": ()}
        attributes = _attributes({name: known[name] for name in names.get(wanted, ("name", "state"))})
        return {"attributes": attributes} if attributes else {}

    def _list_tasks(self, call: Call) -> Any:
        return self._tasks_reply(call, self._visible_tasks(call))

    def _visible_tasks(self, call: Call) -> list[Task]:
        """A tenant's user sees no workflow [M: VCFO], and so none of its tasks [I]."""
        return [] if self._caller(call) == self.reader else list(self.book.values())

    def _workflow_tasks(self, call: Call) -> Any:
        workflow = self._find_workflow(call)
        return self._tasks_reply(call, [task for task in self.book.values() if task.workflow == workflow])

    def _catalog_tasks(self, call: Call) -> Any:
        tasks = self._visible_tasks(call)
        size = _integer(call, "maxResult") if "maxResult" in call.query else len(tasks)
        links = [
            {
                "href": f"{call.origin}/vco/api/catalog/System/Task/{task.id}/",
                "attributes": _attributes({"id": task.id, "name": task.wire["name"]}),
            }
            for task in tasks[:size]
        ]
        return {"link": links, "total": len(tasks), "start": 0}

    # Workflows and their folders

    def _workflows(self, call: Call) -> Any:
        """List workflows; which part of the query counts differs by version (3.4 [M: VCFO])."""
        profile = self.values[PROFILE]
        if profile == 9 and call.query.get("queryCount") == "true":
            raise Refused(400, "isQueryCount is not implemented for the type.")
        found = [] if self._caller(call) == self.reader else list(self.workflows.values())
        if "conditions" in call.query and self._value("conditions_honoured"):
            for condition in call.query["conditions"].split(","):
                found = [workflow for workflow in found if self._fits(condition, workflow, profile == 9)]
        total = len(found)
        first = max(0, _integer(call, "startIndex")) if profile == 7 else 0
        last = first + _integer(call, "maxResult") if _integer(call, "maxResult") > 0 else total
        links = [self._workflow_link(call, workflow) for workflow in found[first:last]]
        return {"link": links, "total": total, "start": first}

    def _fits(self, condition: str, workflow: Workflow, any_case: bool) -> bool:
        known = {"name": workflow.name, "categoryName": workflow.folder.rpartition("/")[2]}
        for sign in ("=", "~"):
            name, found, wanted = condition.partition(sign)
            if found and name in known:
                has = known[name]
                if any_case:
                    has, wanted = has.lower(), wanted.lower()
                return wanted == has if sign == "=" else wanted in has
        return True

    def _workflow_link(self, call: Call, workflow: Workflow) -> dict[str, Any]:
        href = f"{call.origin}/vco/api/workflows/{workflow.id}/"
        attributes = {
            "id": workflow.id,
            "name": workflow.name,
            "description": "",
            "version": "1.0.0",
            "categoryName": workflow.folder.rpartition("/")[2],
            "categoryHref": f"{call.origin}/vco/api/categories/{fixed_id(workflow.folder)}/",
            "canExecute": "true",
            "canEdit": "true",
            "itemHref": href,
            "customIcon": "false",
            "globalTags": "",
        }
        if self.values[PROFILE] == 7:
            attributes.update({"@id": workflow.id, "@name": workflow.name})
        return {"rel": "down", "href": href, "attributes": _attributes(attributes)}

    def _find_workflow(self, call: Call) -> Workflow:
        workflow = self.workflows.get(call.params["workflow"])
        if workflow is None or self._caller(call) == self.reader:
            raise Refused(404, f"Workflow with id {call.params['workflow']} not found")
        return workflow

    def _workflow(self, call: Call) -> Any:
        workflow = self._find_workflow(call)
        href = f"{call.origin}/vco/api/workflows/{workflow.id}/"
        relations = ("executions", "presentation", "tasks", "icon", "schema", "permissions", "interactions")
        return {
            "id": workflow.id,
            "name": workflow.name,
            "version": "1.0.0",
            "description": "",
            "href": href,
            "customized-icon": False,
            "category-id": fixed_id(workflow.folder),
            "input-parameters": [
                {"name": name, "type": kind, "description": ""} for name, kind in workflow.inputs
            ],
            "output-parameters": [
                {"name": name, "type": kind, "description": ""} for name, kind in workflow.outputs
            ],
            "relations": {
                "link": [
                    {"rel": "up", "href": f"{call.origin}/vco/api/categories/{fixed_id(workflow.folder)}/"},
                    *({"rel": rel, "href": f"{href}{rel}/"} for rel in relations),
                ]
            },
        }

    def _folders(self) -> dict[str, str]:
        """Return the paths of all folders by id."""
        paths = {*FOLDERS}
        for workflow in self.workflows.values():
            parts = workflow.folder.split("/")
            paths.update("/".join(parts[:end]) for end in range(1, len(parts) + 1))
        return {fixed_id(path): path for path in sorted(paths)}

    def _categories(self, call: Call) -> Any:
        roots_only = call.query.get("isRoot") == "true"
        kind = call.query.get("categoryType", "WorkflowCategory")
        links = [
            {
                "rel": "down",
                "href": f"{call.origin}/vco/api/categories/{folder}/",
                "attributes": _attributes({"id": folder, "name": path.rpartition("/")[2]}),
            }
            for folder, path in self._folders().items()
            if kind == "WorkflowCategory" and not (roots_only and "/" in path)
        ]
        return {"link": links, "total": len(links), "start": 0}

    def _folder(self, call: Call) -> tuple[str, str]:
        folder = call.params["category"]
        if folder not in self._folders():
            raise Refused(404, f"Category with id {folder} not found")
        return folder, self._folders()[folder]

    def _category(self, call: Call) -> Any:
        folder, path = self._folder(call)
        parts = path.split("/")
        inside = [workflow for workflow in self.workflows.values() if workflow.folder == path]
        return {
            "id": folder,
            "name": parts[-1],
            "path": path,
            "type": "WorkflowCategory",
            "path-ids": [fixed_id("/".join(parts[:end])) for end in range(1, len(parts) + 1)],
            "relations": {
                "link": [
                    {"rel": "up", "href": f"{call.origin}/vco/api/categories/"},
                    *(self._workflow_link(call, workflow) for workflow in inside),
                ]
            },
        }

    def _category_workflows(self, call: Call) -> Any:
        dummy, path = self._folder(call)
        inside = [workflow for workflow in self.workflows.values() if workflow.folder == path]
        links = [self._workflow_link(call, workflow) for workflow in inside]
        return {"link": links, "total": len(links), "start": 0}

    # One task

    def _find(self, call: Call) -> Task:
        task = self.book.get(call.params["task"])
        if task is None or self._caller(call) == self.reader:
            raise Refused(404)  # the spec shows no body
        return task

    def _get(self, call: Call) -> Any:
        return self._show(call, self._find(call))

    def _create(self, call: Call) -> Reply:
        body = self._task_body(call)
        self._check_create(body)
        task = self._new_task(body, self._caller(call), str(uuid.uuid4()))
        self.book[task.id] = task
        if body.get("state") == SUSPENDED and not self.values["create_suspended_becomes_pending"]:
            task.state = SUSPENDED
        else:
            self._plan(task, self.clock.now(), fresh=True)
        slash = "/" if self._value("location_trailing_slash") else ""
        location = f"{call.origin}/vco/api/tasks/{task.id}{slash}"
        shown = self._show(call, task) if self._value("create_returns_body") else ""
        return Reply(shown, 202, headers={"Location": location})

    def _check_create(self, body: dict[str, Any]) -> None:
        if body.get("id"):
            raise Refused(400, "The id of a task is given by the server")
        for name in ("name", "workflow", START):
            if not body.get(name):
                raise Refused(400, f"{name} is required")
        if body.get("state") not in (None, PENDING, SUSPENDED):
            self._other_state(body["state"])
        names = {task.wire["name"] for task in self.book.values()}
        if not self.values["duplicate_names"] and body["name"] in names:
            raise Refused(400, f"A task named {body['name']} exists already")
        if len(self.book) >= self.values["task_limit"]:
            raise Refused(400, f"No more than {self.values['task_limit']} tasks can be scheduled")

    def _task_body(self, call: Call) -> dict[str, Any]:
        """Read the body of a create or an update, as far as both have it in common."""
        media = call.headers.get("content-type", "").partition(";")[0]
        if media != "application/json":
            raise Refused(415)
        body = _json_object(call)
        if unknown := sorted(set(body) - TASK_KEYS):
            raise Refused(400, f"Unrecognized field {unknown[0]}")
        for name in ("recurrence-cycle", "start-mode", "state"):
            if isinstance(body.get(name), str) and not self.values["enum_case_strict"]:
                body[name] = body[name].lower().replace("_", "-")
        for name, allowed in (
            ("recurrence-cycle", vro_pattern.CYCLES),
            ("start-mode", START_MODES),
            ("state", STATES),
        ):
            if body.get(name) is not None and body[name] not in allowed:
                raise Refused(400, f"{name} has a wrong value")
        for name in ("name", "description", "recurrence-pattern", START, END):
            if body.get(name) is not None and not isinstance(body[name], str):
                raise Refused(400, html=True)
        return body

    def _other_state(self, state: str) -> None:
        if state == "scheduled" or self.values["state_request_other"] == "400":
            raise Refused(400, f"The state {state} cannot be set")

    def _new_task(self, body: dict[str, Any], user: str, task_id: str) -> Task:
        workflow = self._body_workflow(body)
        wire = {
            "recurrence-cycle": vro_pattern.ONE_TIME,
            "start-mode": "normal",
            "name": "",
            "description": "",
        }
        wire.update({name: body[name] for name in KEPT if body.get(name) not in (None, "")})
        wire.setdefault("recurrence-pattern", "")
        start, end = self._dates(wire)
        missed = wire["recurrence-cycle"] == vro_pattern.ONE_TIME and start <= self.clock.now()
        how = self.values["past_one_time_normal"]
        if missed and wire["start-mode"] == "normal" and how == "reject":
            raise Refused(400, "The start date is in the past")
        parameters = self._parameters(body.get("input-parameters") or [])
        return Task(task_id, wire, workflow, user, self._recurrence(wire), start, end, parameters)

    def _body_workflow(self, body: dict[str, Any]) -> Workflow:
        given = body["workflow"]
        if not isinstance(given, dict):
            raise Refused(400, html=True)
        known = given.get("id") or str(given.get("href", "")).rstrip("/").rpartition("/")[2]
        if known not in self.workflows:
            raise Refused(404, f"Workflow with id {known} not found")
        return self.workflows[known]

    def _dates(self, wire: dict[str, Any]) -> tuple[float, float | None]:
        start = vro_pattern.read_date(wire.get(START))
        end = vro_pattern.read_date(wire[END]) if END in wire else None
        if start is None or (end is None and END in wire):
            raise Refused(400, "Unparseable date")
        if end is not None and end <= start:
            raise Refused(400, "The end date is before the start date")
        return start, end

    def _recurrence(self, wire: dict[str, Any]) -> vro_pattern.Recurrence:
        try:
            return vro_pattern.parse(
                wire["recurrence-cycle"],
                wire["recurrence-pattern"],
                classic=self.values["pattern_classic_form"],
                comma_required=self.values["pattern_trailing_comma_required"],
            )
        except vro_pattern.PatternError as error:
            raise Refused(400, f"{self.values['pattern_error_text']}: {error}") from None

    def _parameters(self, given: Any) -> list[dict[str, Any]]:
        secure = self.values[PROFILE] == 7  # [C] ANS1: 7.2 took a string for a SecureString
        try:
            checked = vro_values.check_parameters(given, self.values["properties_list_key"], secure)
        except vro_values.BadValue as error:
            html = error.unreadable and self.values["html_400_unknown_value_key"]
            raise Refused(400, str(error), html=html) from None
        blank = {"description": ""} if self.values["parameter_description_blanked"] else {}
        return [{"scope": "local", **parameter, **blank} for parameter in checked]

    def _update(self, call: Call) -> Any:
        """Change what is sent; a state is a request for a transition, all or nothing (5.1, 5.2)."""
        task = self._find(call)
        body = self._task_body(call)
        self._check_update(task, body)
        wire = {**task.wire, **{name: body[name] for name in KEPT if body.get(name) is not None}}
        if body.get(END, task.wire.get(END)) in (None, ""):
            if END in body and self.values["end_date_clearable"]:
                wire.pop(END, None)
            elif END in task.wire:
                wire[END] = task.wire[END]
            else:
                wire.pop(END, None)
        start, end = self._dates(wire)
        recurrence = self._recurrence(wire)
        parameters = self._updated_parameters(task, body)
        state = self._transition(task, body.get("state"))
        rescheduled = (start, end, recurrence) != (task.start, task.end, task.recurrence)
        task.wire, task.start, task.end, task.recurrence = wire, start, end, recurrence
        task.parameters = parameters
        if state == SUSPENDED:
            task.state, task.turn = SUSPENDED, task.turn + 1
        elif state == PENDING or (rescheduled and task.state not in (SUSPENDED, RUNNING)):
            self._plan(task, self.clock.now(), fresh=rescheduled)
        return self._show(call, task)

    def _check_update(self, task: Task, body: dict[str, Any]) -> None:
        if self._value("update_requires") == "start_and_workflow":
            for name in ("workflow", START):
                if not body.get(name):
                    raise Refused(400, f"{name} is required")
        if body.get("workflow") and self.values[PROFILE] != 7 and self._body_workflow(body) != task.workflow:
            raise Refused(400, "The workflow of a task cannot be changed")
        if body.get("name") == "":
            raise Refused(400, "name is required")

    def _updated_parameters(self, task: Task, body: dict[str, Any]) -> list[dict[str, Any]]:
        if self._value("update_parameters") == "ignore":
            return task.parameters
        if body.get("input-parameters") is None:
            return task.parameters if self.values["update_omitted_parameters"] == "keep" else []
        return self._parameters(body["input-parameters"])

    def _transition(self, task: Task, state: str | None) -> str | None:
        """Return the state to go to; None where none is asked for."""
        if state is None:
            return None
        if state not in (PENDING, SUSPENDED):
            self._other_state(state)
            return None
        if state == task.state:
            if self.values["resuspend_409"]:
                raise Refused(409, "Cannot resume task")
            return None
        possible = {SUSPENDED: (PENDING, RUNNING, ERROR), PENDING: (SUSPENDED,)}[state]
        if task.state not in possible or (state == PENDING and not self.values["resume_via_pending"]):
            raise Refused(409, "Cannot resume task")
        return state

    def _delete(self, call: Call) -> Reply:
        task = self._find(call)
        if task.conflicts < self.values["delete_conflicts"]:
            task.conflicts += 1
            raise Refused(409, "The task is in use")
        task.turn += 1
        del self.book[task.id]
        return Reply("", 204)

    def _renew(self, call: Call) -> Any:
        if not self.values["credentials_patch"]:
            return self.not_found(call, set())
        task = self._find(call)
        task.user = self._caller(call)
        return self._show(call, task)

    # Life of a task

    def _plan(self, task: Task, now: float, fresh: bool = False) -> None:
        """Enter the next firing, or finish a task that has none left."""
        task.turn += 1
        task.state = PENDING
        when = self._next(task, now, fresh)
        if when is not None:
            self._at(task, when, self._fire)
        elif not self._waits_for_ever(task):
            self._finish_at(task, now)

    def _next(self, task: Task, now: float, fresh: bool) -> float | None:
        """Return when the task fires next; a start that was missed counts as the start mode says (4.3)."""
        late = self.values["start_mode_rule"] == "as_read" and task.wire["start-mode"] == "start-in-the-past"
        if task.recurrence.cycle == vro_pattern.ONE_TIME:
            if task.start > now:
                return task.start
            return now if fresh and (late or self.values["past_one_time_normal"] == "fire") else None
        if fresh and late and task.start < now:
            when: float | None = now
        else:
            when = vro_pattern.next_after(task.recurrence, max(now, task.start - 0.001))
        return when if when is not None and (task.end is None or when <= task.end) else None

    def _waits_for_ever(self, task: Task) -> bool:
        """A past one-time task that has never run stays pending (own choice)."""
        one_time = task.recurrence.cycle == vro_pattern.ONE_TIME
        return one_time and not any(run.task == task.id for run in self.runs.values())

    def _finish_at(self, task: Task, now: float) -> None:
        end = task.end if task.end is not None else now
        self._at(task, max(now, end), self._finish)

    def _finish(self, task: Task, when: float) -> None:
        last = [run for run in self.runs.values() if run.task == task.id][-1:]
        task.state = ERROR if last and last[0].state == "failed" else FINISHED

    def _at(self, task: Task, when: float, action: Callable[[Task, float], None]) -> None:
        turn = task.turn
        self.agenda.add(when, lambda at: action(task, at) if task.turn == turn else None)

    def _fire(self, task: Task, when: float) -> None:
        run = self._new_run(task.workflow, task.user, task.parameters, when)
        run.task, task.running, task.state = task.id, run.id, RUNNING
        self.starts[task.id] += 1

    def _after_run(self, task: Task, when: float) -> None:
        task.running = ""
        if task.state != RUNNING:
            return  # it was suspended meanwhile
        if task.recurrence.cycle == vro_pattern.ONE_TIME:
            self._finish(task, when)
        else:
            self._plan(task, when)

    # Runs

    def _new_run(self, workflow: Workflow, user: str, parameters: list[dict[str, Any]], when: float) -> Run:
        run = Run(str(uuid.uuid4()), workflow, when, user, parameters=parameters)
        self.runs[run.id] = run
        initializing = self.values["initializing_seconds"]
        if initializing:
            run.state = "initializing"
            self.agenda.add(when + initializing, lambda at: self._begin_run(run))
        else:
            self._begin_run(run)
        self.agenda.add(when + self.values["run_seconds"], lambda at: self._reach_end(run, at))
        return run

    def _begin_run(self, run: Run) -> None:
        """Let it run, or halt where it halts."""
        stops = self.values["run_stops_in"]
        if stops == BY_WORKFLOW:
            stops = "waiting-signal" if run.workflow.name == "Ask a person" else "nothing"
        if run.state not in ENDED:
            run.state = RUNNING if stops == "nothing" else stops

    def _reach_end(self, run: Run, when: float) -> None:
        if run.state not in STOPS:
            self._end_run(run, when)

    def _end_run(self, run: Run, when: float, state: str = "") -> None:
        if run.state in ENDED:
            return
        ends = self.values["run_ends"]
        if ends == BY_WORKFLOW:
            ends = "failed" if run.workflow.name == "Always fails" else "completed"
        run.state, run.ended = state or ends, when
        if run.state == "failed":
            run.error = f"Error: the workflow failed (Workflow:{run.workflow.name} / item1)"
        task = self.book.get(run.task)
        if task is not None and task.running == run.id:
            self._after_run(task, when)

    def _start(self, call: Call) -> Reply:
        workflow = self._find_workflow(call)
        body = _json_object(call)
        parameters = self._parameters(body.get("parameters") or [])
        run = self._new_run(workflow, self._caller(call), parameters, self.clock.now())
        self.starts[workflow.id] += 1
        slash = "/" if self._value("location_trailing_slash") else ""
        href = f"{self._runs_href(call, workflow)}{run.id}{slash}"
        shown = self._show_run(call, run) if self._value("create_returns_body") else ""
        return Reply(shown, 202, headers={"Location": href})

    def _runs_href(self, call: Call, workflow: Workflow) -> str:
        return f"{call.origin}/vco/api/workflows/{workflow.id}/executions/"

    def _run_links(self, call: Call, runs: list[Run]) -> Any:
        links = []
        for run in runs:
            attributes = {
                "id": run.id,
                "name": run.workflow.name,
                "state": run.state,
                "startedBy": run.user,
                "startDate": self._date(run.started),
            }
            if run.ended is not None:
                attributes["endDate"] = self._date(run.ended)
            href = f"{self._runs_href(call, run.workflow)}{run.id}/"
            told = {"attributes": _attributes(attributes)} if self.values["run_link_attributes"] else {}
            links.append({"rel": "down", "href": href, **told})
        links.append({"rel": "up", "href": f"{call.origin}/vco/api/"})
        return self._envelope(call, links, len(runs))

    def _task_runs(self, call: Call) -> Any:
        task = self._find(call)
        return self._run_links(call, [run for run in self.runs.values() if run.task == task.id])

    def _runs(self, call: Call) -> Any:
        workflow = self._find_workflow(call)
        return self._run_links(call, [run for run in self.runs.values() if run.workflow == workflow])

    def _find_run(self, call: Call) -> Run:
        run = self.runs.get(call.params["run"])
        if run is None or run.workflow != self._find_workflow(call):
            raise Refused(404)
        return run

    def _get_run(self, call: Call) -> Any:
        return self._show_run(call, self._find_run(call))

    def _show_run(self, call: Call, run: Run) -> dict[str, Any]:
        up = self._runs_href(call, run.workflow)
        parts = ("state", "logs", "syslogs", "interaction")
        links = [{"rel": rel, "href": f"{up}{run.id}/{rel}/"} for rel in parts]
        return {**self._run_wire(run), "relations": {"link": [{"rel": "up", "href": up}, *links]}}

    def _run_wire(self, run: Run) -> dict[str, Any]:
        wire: dict[str, Any] = {
            "id": run.id,
            "name": run.workflow.name,
            "state": run.state,
            "started-by": run.user,
            "start-date": self._date(run.started),
            "current-item-display-name": "User interaction" if run.state in STOPS else "__item-undefined__",
            "input-parameters": [self._shown_parameter(parameter) for parameter in run.parameters],
            "output-parameters": [self._shown_parameter(item) for item in self._outputs(run)],
        }
        if run.ended is not None:
            wire["end-date"] = self._date(run.ended)
        if run.error:
            wire["content-exception"] = run.error
        return wire

    def _outputs(self, run: Run) -> list[dict[str, Any]]:
        """Return what a run has made: the inputs of the same names, and nothing before it has completed."""
        if run.state != "completed":
            return []
        given = {parameter["name"]: parameter for parameter in run.parameters}
        return [
            {"scope": "local", **given.get(name, {}), "name": name, "type": kind}
            for name, kind in run.workflow.outputs
        ]

    def _delete_run(self, call: Call) -> Reply:
        del self.runs[self._find_run(call).id]
        return Reply("", 204)

    def _run_state(self, call: Call) -> Any:
        return {self.values["execution_state_key"]: self._find_run(call).state}

    def _cancel_run(self, call: Call) -> Reply:
        run = self._find_run(call)
        due = self.clock.now() + self.values["cancel_seconds"]
        self.agenda.add(due, lambda at: self._end_run(run, at, "canceled"))
        self.tick()
        return Reply("", 204)

    def _run_logs(self, call: Call) -> Any:
        run = self._find_run(call)
        entry = {
            "severity": "error" if run.error else "info",
            "time-stamp": self._date(run.ended or run.started),
            "user": run.user,
            "short-description": run.error or f"Workflow {run.workflow.name} has started",
            "long-description": "",
            "origin": "system",
        }
        return {"logs": [{"entry": entry}]}

    def _interaction(self, call: Call) -> Any:
        run = self._find_run(call)
        self._check_interaction(run)
        return {"name": run.workflow.name, "state": run.state}

    def _answer(self, call: Call) -> Reply:
        run = self._find_run(call)
        self._check_interaction(run)
        self._end_run(run, self.clock.now())
        return Reply("", 204)

    def _check_interaction(self, run: Run) -> None:
        if run.state not in ("waiting", "waiting-signal") or not self.values["waits_for_person"]:
            raise Refused(404, UNKNOWN_INTERACTION)

    # Wire form

    def _href(self, call: Call, task: Task) -> str:
        return f"{call.origin}/vco/api/tasks/{task.id}/"

    def _show(self, call: Call, task: Task) -> dict[str, Any]:
        href = self._href(call, task)
        workflow = {
            "id": task.workflow.id,
            "name": task.workflow.name,
            "href": f"{call.origin}/vco/api/workflows/{task.workflow.id}/",
        }
        links = [
            {"rel": "up", "href": f"{call.origin}/vco/api/tasks/"},
            {"rel": "executions", "href": f"{href}executions/"},
        ]
        return {
            **self._wire(task),
            "workflow": workflow,
            "href": href,
            "relations": {"total": len(links), "start": 0, "link": links},
        }

    def _wire(self, task: Task) -> dict[str, Any]:
        wire = {
            **task.wire,
            "id": task.id,
            "state": task.state,
            "user": task.user,
            "workflow": {"id": task.workflow.id, "name": task.workflow.name},
            START: self._date(task.start),
            "input-parameters": [self._shown_parameter(parameter) for parameter in task.parameters],
        }
        if task.end is not None:
            wire[END] = self._date(task.end)
        if self.values["running_instance_id"] == "always" or (
            task.running and self.values["running_instance_id"] == "running"
        ):
            wire["running-instance-id"] = task.running
        return wire

    def _shown_parameter(self, parameter: dict[str, Any]) -> dict[str, Any]:
        return vro_values.shown(
            parameter, self.values["secure_readback"], self.values["number_readback"] == "float"
        )

    def _date(self, when: float) -> Any:
        form = self.values["date_form"]
        if form == "epoch_millis":
            return int(when * 1000)
        if form == "z":
            return datetime.fromtimestamp(when, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        minutes = self.values["zone_offset_minutes"] if form == "zone_offset" else 0
        zone = timezone(timedelta(minutes=minutes))
        return datetime.fromtimestamp(when, zone).isoformat(timespec="milliseconds")


def _attributes(values: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"name": name, "value": value} for name, value in values.items()]


def _json_object(call: Call) -> dict[str, Any]:
    if not isinstance(call.json, dict):
        raise Refused(400, html=True)
    return call.json


def _integer(call: Call, name: str) -> int:
    text = call.query.get(name, "0")
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise Refused(400, f"{name} is no number")
    return int(text)


def _pair(credentials: str) -> tuple[str, str]:
    try:
        name, dummy, password = base64.b64decode(credentials, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return name, password
