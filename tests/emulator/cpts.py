# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Huawei Cloud CodeArts PerfTest. Grades and page names are those of docs/emulator.md."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any, TypeVar

from . import cpts_report
from .iam import HEX, Iam, Refused
from .vendor import Call, Operation, Reply, SeedError, Switch, Vendor, random_text

T = TypeVar("T")
BOOL = (True, False)
ACCEPT = ("accept", "refuse")
WAITING, RUNNING, PAUSED, ENDED, ABORTED, STOPPED, STOPPING = 9, 0, 1, 2, 3, 4, 5
ACTIVE = (WAITING, RUNNING, PAUSED)
START, STOP = 9, 2  # what the start and stop calls take as status
MOST_ID = 2**31 - 1  # [D] OLD-v1
MOST_USERS = 2_000_000  # [C] TF docs
LONGEST_NAME, LONGEST_DESCRIPTION = 42, 50  # [C] TF docs
CLUSTERS = ("shared-cluster-internet", "private-cluster")
ZONE = timezone(timedelta(hours=8))  # of every time in the vendor's samples
GOOD, GOOD_LIST = "SVCSTG.CPTS.0000000", "CPTS.00000000"
MISSING, NOT_ACTIVATED = "SVCSTG.CPTS.4032002", "SVCSTG.CPTS.4031009"

# What is there at the start: a suite, its directories and its cases, with the ids of the vendor's samples.
SUITE = (393862, "web-shop")
DIRECTORIES = {449200: "Smoke", 449201: "Checkout"}
CASES = {449269: ("browse", 449200), 449270: ("search", 449200), 449271: ("pay", 449201)}

# Body fields of each call: kind, and whether it must be there ([D] section 3.2, [C] SDK models).
Schema = dict[str, tuple[Any, bool]]
UPDATE_NEW: Schema = {
    "name": (str, True),
    "parallel": (bool, True),
    "project_id": (int, True),
    "operate_mode": (int, True),
    "case_id_list": ([int], True),
}
CREATE_NEW: Schema = {**UPDATE_NEW, "enable_full_link": (bool, False)}
CREATE_OLD: Schema = {
    "name": (str, True),
    "project_id": (int, True),
    "temps": ([str], False),
    "operate_mode": (int, False),
    "bench_concurrent": (int, False),
}
UPDATE_OLD: Schema = {
    "id": (int, True),
    "name": (str, True),
    "project_id": (int, True),
    "description": (str, False),
    "run_status": (int, False),
    "run_type": (int, False),
    "task_run_info": (dict, False),
    "case_list": ([dict], False),
    "operate_mode": (int, False),
    "bench_concurrent": (int, False),
    "related_temp_running_data": ([dict], False),
}
RUN_ONE: Schema = {
    "status": (int, True),
    "cluster_id": (int, True),
    "cluster_type": (str, True),
    "without_package": (int, False),  # required on the page; Terraform leaves it out [W]
    "network_info": (dict, True),
    "enterprise_project_id": (str, False),
}
RUN_MANY: Schema = {
    **RUN_ONE,
    "network_info": (dict, False),
    "type": (int, False),
    "project_id": (int, True),
    "task_id_list": ([int], True),
}
CREATE_SUITE: Schema = {"name": (str, True), "description": (str, False)}
UPDATE_SUITE: Schema = {
    **CREATE_SUITE,
    "id": (int, True),
    "variables_no_file": (list, False),
    "source": (int, False),
    "external_params": (dict, False),
}
CREATE_DIRECTORY: Schema = {"name": (str, True)}
OLD_CASE: Schema = {"name": (str, True), "type": (int, True), "task_id": (int, True)}


@dataclass
class Task:
    """A task as the service holds it; times are epoch seconds."""

    id: int
    name: str
    suite: int
    new: bool
    created: float
    updated: float
    parallel: bool | None = None
    full_link: bool = False
    cases: list[int] = field(default_factory=list)
    description: str = ""
    concurrency: int = 100
    operate_mode: int = 2
    status: int = ENDED  # a fresh task reads 2 [C] TF acceptance tests
    seen_status: int = ENDED  # what is shown until seen_from
    seen_from: float = 0.0
    runs: list[dict[str, Any]] = field(default_factory=list)
    turn: int = 0  # an event entered in an earlier turn no longer counts


class CodeArtsPerfTest(Vendor):
    """One region with one account: an IAM user, its permanent and its temporary keys, one project."""

    key = "cpts"
    prefixes = ("/v3/auth/tokens", "/v3/projects")
    switches = (
        Switch("v1_reads_v3_tasks", True, BOOL, "[I] there is no other read; TaskInfo carries parallel"),
        Switch("cross_version_writes", "accept", ACCEPT, "own choice; v1 writes on a v3 task and v3 on v1"),
        Switch("single_start_on_v3", "accept", ACCEPT, "own choice; batch with type 1 is the documented one"),
        Switch("task_info_case_list", "empty", ("empty", "full"), "own choice; cases of a v3 task in GET v1"),
        Switch("task_info_full_link", False, BOOL, "no model has it [C] SDK; true shows enable_full_link"),
        Switch("task_cases_order", "as_sent", ("as_sent", "by_id"), "own choice"),
        Switch("offset_unit", "rows", ("rows", "pages"), "[C] TF and MCP count rows from 0; not documented"),
        Switch("limit_default", 1000, int, "unknown"),
        Switch("limit_max", 1000, int, "[D] OLD-list: at most 1000 rows; its sample asks for 10"),
        Switch("unique_names", False, BOOL, "own choice; no public error code"),
        Switch("strict_validation", False, BOOL, "own choice; empty case lists, unknown cases, operate_mode"),
        Switch("delete_in_use", "accept", ACCEPT, "own choice; running tasks, suites with tasks"),
        Switch("start_without_cases", "refuse", ACCEPT, "[C] TF docs: add cases first; no public error code"),
        Switch("start_running", "refuse", ACCEPT, "own choice; no public error code"),
        Switch("stop_idle", "accept", ACCEPT, "own choice; no public error code"),
        Switch("text_4032002", "The resource does not exist or is not yours.", str, "unknown"),
        Switch("status_4031009", 403, int, "assumed from the number"),
        Switch("validation_code", "SVCSTG.CPTS.4000001", str, "pattern presumed"),
        Switch("service_activated", True, BOOL, "false: code 4031009 [M] MCP"),
        Switch("throttle_429", False, BOOL, "true: 0308 for every call [D] GWERR"),
        Switch("run_clock", [[WAITING, 2], [RUNNING, 30]], list, "pairs of status and seconds; unknown"),
        Switch("run_end_status", ENDED, (ENDED, ABORTED), "emulator only: how a run ends by itself"),
        Switch("stop_end_status", STOPPED, (STOPPED, ENDED), "own choice; TF waits for 2 only"),
        Switch("stop_seconds", 2, int, "emulator only: how long a stop takes (status 5)"),
        Switch("start_lag_seconds", 0, int, "emulator only: how long the old run_status is still shown"),
        Switch("history_running", "listed", ("listed", "ended_only"), "own choice; a run that goes on"),
        Switch("report", {}, dict, "emulator only: figures by their names in the outline, null = left out"),
        Switch("report_lag_seconds", 0, int, "unknown: how long after its end a run has no figures yet"),
        Switch("report_kept", True, BOOL, "own choice; false: a report is answered as if it did not exist"),
        Switch("abort_reason", "connection refused", str, "own text; failedReason of an aborted run's case"),
        Switch("stop_returns_run_id", True, BOOL, "own choice"),
        Switch("quota_tasks", 0, int, "none found; tasks of a suite, 0 = no limit"),
        Switch("quota_projects", 0, int, "none found; suites of the account, 0 = no limit"),
        Switch("rate_limit", 200, int, "[D] gateway default; calls of one API in a second, 0 = no limit"),
        Switch("gateway_prefix", "APIGW", ("APIGW", "APIG"), "[D] APIGW, [M] APIG on newer services"),
        Switch(
            "text_no_authorization",
            "Incorrect IAM authentication information: x-auth-token not found",
            str,
            "unknown for this service",
        ),
        Switch("resource_tags", False, BOOL, "newer pages list the field of a suite, the SDK lacks it"),
        Switch("clock_skew_seconds", 0, int, "emulator only: the gateway's clock against the real one"),
    )

    # Start, secrets, routes

    def setup(self) -> None:
        """Make the account of this start and enter the routes."""
        self.iam = Iam(self.clock)
        login = Operation("login", ("POST",), self._answer(self.iam.login))
        self.routes.add("/v3/auth/tokens", login)
        projects = self._answer(self._checked(self.iam.list_projects))
        self.routes.add("/v3/projects", Operation("list_projects", ("GET",), projects))
        self._add_routes()

    def _add_routes(self) -> None:
        suite, run = "/v1/{pid}/test-suites/{suite}", "/v2/{pid}/task-run-infos/{run}"
        table: list[tuple[str, str, str, Callable[[Call], Reply]]] = [
            ("POST", "/v3/{pid}/tasks", "create_task", self._create_new),
            ("PUT", "/v3/{pid}/tasks/{task}", "update_task", self._update_new),
            ("DELETE", "/v3/{pid}/tasks/{task}", "delete_task", self._delete_new),
            ("POST", "/v1/{pid}/tasks", "create_old_task", self._create_old),
            ("GET", "/v1/{pid}/tasks/history-run-list/{task}", "list_runs", self._history),
            ("GET", "/v1/{pid}/tasks/{task}", "get_task", self._show_task),
            ("PUT", "/v1/{pid}/tasks/{task}", "update_old_task", self._update_old),
            ("DELETE", "/v1/{pid}/tasks/{task}", "delete_old_task", self._delete_old),
            ("GET", "/v1/{pid}/all-tasks/{suite}", "list_tasks", self._list_tasks),
            ("GET", f"{suite}/tasks/{{task}}/test-cases", "list_task_cases", self._task_cases),
            ("POST", f"{suite}/tasks/batch-update-task-status", "run_tasks", self._run_many),
            ("POST", f"{suite}/tasks/{{task}}", "run_task", self._run_one),
            ("GET", f"{run}/reports/log-outline", "get_outline", self._outline),
            ("GET", f"{run}/cases", "get_run_cases", self._run_cases),
            ("GET", f"{run}/case-run-infos/{{case}}/detail", "get_run_case", self._run_case),
            ("GET", "/v1/{pid}/test-suites", "list_suites", self._list_suites),
            ("POST", "/v1/{pid}/test-suites", "create_suite", self._create_suite),
            ("GET", suite, "get_suite", self._show_suite),
            ("PUT", suite, "update_suite", self._update_suite),
            ("DELETE", suite, "delete_suite", self._delete_suite),
            ("GET", f"{suite}/directory", "list_cases", self._directory),
            ("POST", f"{suite}/directory", "create_directory", self._create_directory),
            ("POST", "/v2/{pid}/test-cases", "create_case", self._create_case),
            ("GET", "/v2/{pid}/test-cases/{case}", "get_case", self._show_case),
            ("PUT", "/v2/{pid}/test-cases/{case}", "update_case", self._update_case),
            ("DELETE", "/v2/{pid}/test-cases/{case}", "delete_case", self._delete_case),
            ("POST", "/v1/{pid}/task-cases", "create_old_case", self._create_old_case),
            ("PUT", "/v1/{pid}/task-cases/{case}/target/{target}", "update_old_case", self._update_old_case),
            ("DELETE", "/v1/{pid}/task-cases/{case}", "delete_old_case", self._delete_case),
        ]
        for method, path, name, handler in table:
            guarded = self._answer(self._checked(self._served(name, handler)))
            self.routes.add(path, Operation(name, (method,), guarded, method != "GET"))

    def account(self, http: str, https: str) -> dict[str, Any]:
        """Return every way to log in, and what the tests need to know."""
        account = self.iam.account()
        return {
            "url": https,
            "identity_url": https,
            **account,
            "environment": {
                "CPTS_URL": https,
                "HW_AUTH_URL": https,
                "HW_REGION_NAME": account["region"],
                "HW_ACCESS_KEY": account["access_key"],
                "HW_SECRET_KEY": account["secret_key"],
            },
        }

    def clear(self) -> None:
        """Forget all but the suite, the cases and the token that are there at the start."""
        now = self.clock.now()
        self.iam.clear(self.values)
        self.book: dict[int, Task] = {}
        self.suites: dict[int, dict[str, Any]] = {}
        self.nodes: dict[int, dict[str, Any]] = {}
        self.calls: Counter[tuple[str, int]] = Counter()
        self._last = {"task": 184137, "run": 48104, "suite": SUITE[0], "node": 449300}
        self._add_suite(SUITE[0], SUITE[1], "", now)
        for number, name in DIRECTORIES.items():
            self._add_node(number, name, SUITE[0], 0, 1, now)
        for number, (name, parent) in CASES.items():
            self._add_node(number, name, SUITE[0], parent, 2, now)

    # Base class duties

    def serves(self, path: str) -> bool:
        """Take the IAM's paths, and those with an IAM project id, which is 32 hexadecimal digits."""
        return path.startswith(self.prefixes) or bool(re.match(r"/v[123]/[0-9a-f]{32}/", path))

    def seed(self, data: dict[str, Any]) -> int:
        """Take tasks as ``tasks()`` shows them, ``suites``, ``cases`` and ``projects`` (id: name)."""
        now = self.clock.now()
        self.iam.projects.update(data.get("projects", {}))
        for suite in data.get("suites", []):
            self._add_suite(int(suite["id"]), str(suite["name"]), "", now)
        for case in data.get("cases", []):
            suite = int(case.get("project_id", SUITE[0]))
            parent = int(case.get("parent_id", 0))
            self._add_node(
                int(case["id"]), str(case["name"]), suite, parent, 2, now, int(case.get("status", 1))
            )
        wires = data.get("tasks", [])
        for wire in wires:
            self._seed_task(wire, now)
        return len(wires)

    def _seed_task(self, wire: dict[str, Any], now: float) -> None:
        task = Task(
            id=int(wire.get("id") or self._next("task")),
            name=str(wire["name"]),
            suite=int(wire.get("project_id", SUITE[0])),
            new=wire.get("run_type", 1) == 1,
            created=now,
            updated=now,
            parallel=wire.get("parallel", False),
            full_link=bool(wire.get("enable_full_link", False)),
            cases=[int(case) for case in wire.get("case_id_list", [])],
            description=str(wire.get("description", "")),
            concurrency=int(wire.get("bench_concurrent", 100)),
            status=int(wire.get("run_status", ENDED)),
        )
        if task.suite not in self.suites:
            raise SeedError(f"there is no suite {task.suite}")
        task.runs = [
            {"run_id": self._next("run"), "start": now, "end": now} for dummy in range(wire.get("runs", 0))
        ]
        self.book[task.id] = task

    def tasks(self) -> list[dict[str, Any]]:
        """Return the true state, with what no answer of the service shows."""
        return [
            {
                "id": task.id,
                "name": task.name,
                "project_id": task.suite,
                "run_type": int(task.new),
                "parallel": task.parallel,
                "enable_full_link": task.full_link,
                "case_id_list": list(task.cases),
                "description": task.description,
                "bench_concurrent": task.concurrency,
                "run_status": task.status,
                "runs": len(task.runs),
            }
            for task in self.book.values()
        ]

    def void_token(self, call: Call) -> None:
        """Let the token of this request expire."""
        self.iam.void_token(call)

    def subject(self, call: Call) -> Task | None:
        """Return the task the path names."""
        return self.book.get(_number(call.params.get("task", "")))

    def not_found(self, call: Call, methods: set[str]) -> Reply:
        """Answer as the gateway does for what is not published [D] GWERR."""
        return self.iam.refusal(404, "0101", "The API does not exist or has not been published").reply

    def finish(self, reply: Reply, call: Call) -> Reply:
        """Add the id of the request, which the SDK reads from the header."""
        reply.headers.setdefault("x-request-id", random_text(32, HEX))
        return reply

    # Refusals

    def _missing(self) -> Refused:
        """A thing that does not exist and one of another account look the same: 403 [C] TF."""
        return Refused(403, {"code": MISSING, "message": self.values["text_4032002"]})

    def _bad(self, text: str) -> Refused:
        return Refused(400, {"code": self.values["validation_code"], "message": text})

    def _answer(self, handler: Callable[[Call], Reply]) -> Callable[[Call], Reply]:
        def answered(call: Call) -> Reply:
            try:
                return handler(call)
            except Refused as refused:
                return refused.reply

        return answered

    # The gateway

    def _checked(self, handler: Callable[[Call], Reply]) -> Callable[[Call], Reply]:
        def checked(call: Call) -> Reply:
            self.iam.check(call)
            return handler(call)

        return checked

    def _served(self, name: str, handler: Callable[[Call], Reply]) -> Callable[[Call], Reply]:
        """Let through what is neither too much nor for an account that has not ordered the service."""

        def served(call: Call) -> Reply:
            second = int(time.time())
            self.calls[name, second] += 1
            limit = self.values["rate_limit"]
            if self.values["throttle_429"] or 0 < limit < self.calls[name, second]:
                text = "The throttling threshold has been reached: policy user over ratelimit"
                raise self.iam.refusal(429, "0308", f"{text},limit:{limit},time:1 second")
            if not self.values["service_activated"]:
                text = "Please open the CodeArts PerfTest service first."
                raise Refused(self.values["status_4031009"], {"code": NOT_ACTIVATED, "message": text})
            return handler(call)

        return served

    # Reading bodies and lists

    def _body(self, call: Call, schema: Schema) -> dict[str, Any]:
        """Return the fields of a body that is as documented; null counts as left out."""
        if not isinstance(call.json, dict):
            raise self._bad("The body is not a JSON object.")
        given = {name: value for name, value in call.json.items() if value is not None}
        if unknown := sorted(set(given) - set(schema)):
            raise self._bad(f"Unknown parameter {', '.join(unknown)}.")
        for name, (kind, needed) in schema.items():
            if name not in given and needed:
                raise self._bad(f"Parameter {name} is required.")
            if name in given and not _is(given[name], kind):
                raise self._bad(f"Parameter {name} is invalid.")
        if "name" in given and not 1 <= len(given["name"]) <= LONGEST_NAME:
            raise self._bad(f"Parameter name must have 1 to {LONGEST_NAME} characters.")
        if not 0 <= given.get("bench_concurrent", 0) <= MOST_USERS:
            raise self._bad("Parameter bench_concurrent is out of range.")
        return given

    def _page(self, call: Call, rows: list[T]) -> list[T]:
        limit = self._query_number(call, "limit", self.values["limit_default"])
        offset = self._query_number(call, "offset", 0)
        size = min(limit, self.values["limit_max"])
        start = offset * size if self.values["offset_unit"] == "pages" else offset
        return rows[start : start + size]

    def _query_number(self, call: Call, name: str, default: int) -> int:
        number = _number(call.query.get(name, str(default)))
        if number < 0:
            raise self._bad(f"Parameter {name} is invalid.")
        return number

    def _next(self, what: str) -> int:
        self._last[what] += 1
        return self._last[what]

    # Suites

    def _add_suite(self, number: int, name: str, description: str, now: float) -> None:
        self.suites[number] = {
            "id": number,
            "name": name,
            "description": description,
            "source": 0,
            "variables_no_file": [],
            "external_params": {},
            "created": now,
            "updated": now,
        }

    def _suite(self, number: int) -> dict[str, Any]:
        if number not in self.suites:
            raise self._missing()
        return self.suites[number]

    def _suite_of(self, call: Call) -> dict[str, Any]:
        return self._suite(_number(call.params["suite"]))

    def _list_suites(self, call: Call) -> Reply:
        """Show a page; its times begin with capital letters [D] ListProjectSets."""
        rows = [
            {
                **_without(suite, "created", "updated"),
                "CreateTime": _time(suite["created"]),
                "UpdateTime": _time(suite["updated"]),
                **({"resource_tags": []} if self.values["resource_tags"] else {}),
            }
            for suite in self.suites.values()
        ]
        return Reply({"code": GOOD_LIST, "message": "success", "projects": self._page(call, rows)})

    def _create_suite(self, call: Call) -> Reply:
        body = self._suite_body(call, CREATE_SUITE)
        quota = self.values["quota_projects"]
        if 0 < quota <= len(self.suites):
            raise self._bad("The number of projects has reached its limit.")
        number = self._next("suite")
        self._add_suite(number, body["name"], body.get("description", ""), self.clock.now())
        return _good({"project_id": number}, 201)

    def _suite_body(self, call: Call, schema: Schema, own: int = 0) -> dict[str, Any]:
        body = self._body(call, schema)
        if len(body.get("description", "")) > LONGEST_DESCRIPTION:
            raise self._bad(f"Parameter description must have at most {LONGEST_DESCRIPTION} characters.")
        twins = {suite["name"] for suite in self.suites.values() if suite["id"] != own}
        if self.values["unique_names"] and body["name"] in twins:
            raise self._bad("The name is in use.")
        return body

    def _show_suite(self, call: Call) -> Reply:
        suite = self._suite_of(call)
        shown = {name: suite[name] for name in ("id", "name", "description", "source")}
        times = {f"{name}_time": _time(suite[f"{name}d"], True) for name in ("create", "update")}
        return _good({"project": {**shown, "group": self.iam.domain_id, **times}})

    def _update_suite(self, call: Call) -> Reply:
        suite = self._suite_of(call)
        body = self._suite_body(call, UPDATE_SUITE, suite["id"])
        if body.pop("id") != suite["id"]:
            raise self._bad("Parameter id is not that of the URL.")
        suite.update(body, updated=self.clock.now())
        return Reply("", 204)

    def _delete_suite(self, call: Call) -> Reply:
        number = self._suite_of(call)["id"]
        inside = [task.id for task in self.book.values() if task.suite == number]
        if inside and self.values["delete_in_use"] == "refuse":
            raise self._bad("The project has tasks.")
        for task in inside:
            del self.book[task]
        self.nodes = {key: node for key, node in self.nodes.items() if node["suite"] != number}
        del self.suites[number]
        return Reply("", 204)

    # Directories and cases

    def _add_node(
        self, number: int, name: str, suite: int, parent: int, kind: int, now: float, status: int = 1
    ) -> None:
        self.nodes[number] = {
            "id": number,
            "name": name,
            "status": status,
            "parent_id": parent,
            "type": kind,
            "suite": suite,
            "created": now,
            "updated": now,
            "body": {},
        }

    def _brief(self, node: dict[str, Any]) -> dict[str, Any]:
        shown = _without(node, "suite", "created", "updated", "body")
        return {**shown, "create_time": _time(node["created"]), "update_time": _time(node["updated"])}

    def _directory(self, call: Call) -> Reply:
        suite = self._suite_of(call)["id"]
        found = [self._brief(node) for node in self.nodes.values() if node["suite"] == suite]
        return _good({"directory": found})

    def _create_directory(self, call: Call) -> Reply:
        suite = self._suite_of(call)["id"]
        number = self._next("node")
        self._add_node(number, self._body(call, CREATE_DIRECTORY)["name"], suite, 0, 1, self.clock.now())
        return _good({"directory_id": number})

    def _create_case(self, call: Call) -> Reply:
        """Create a case in a directory; without one nothing says whose it is (own choice: refused)."""
        body = call.json if isinstance(call.json, dict) else {}
        for name, kind in (("name", str), ("contents", list), ("stages", list), ("directory_id", int)):
            if not _is(body.get(name), kind):
                raise self._bad(f"Parameter {name} is required.")
        parent = self.nodes.get(body["directory_id"])
        if parent is None or parent["type"] != 1:
            raise self._missing()
        number = self._next("node")
        self._add_node(number, body["name"], parent["suite"], parent["id"], 2, self.clock.now())
        self.nodes[number]["body"] = body
        return _good({"json": {"test_case_id": number}})

    def _case_of(self, call: Call) -> dict[str, Any]:
        node = self.nodes.get(_number(call.params["case"]))
        if node is None or node["type"] != 2:
            raise self._missing()
        return node

    def _case_detail(self, node: dict[str, Any]) -> dict[str, Any]:
        own = {"case_id": node["id"], "name": node["name"], "status": node["status"], "case_type": 0}
        return {"contents": [], "stages": [], "directory_id": node["parent_id"], **node["body"], **own}

    def _show_case(self, call: Call) -> Reply:
        return _good({"test_case": self._case_detail(self._case_of(call))})

    def _update_case(self, call: Call) -> Reply:
        node = self._case_of(call)
        body = call.json if isinstance(call.json, dict) else {}
        node.update(
            name=body.get("name") or node["name"],
            status=body.get("status", node["status"]),
            body={**node["body"], **body},
            updated=self.clock.now(),
        )
        return Reply("", 204)

    def _delete_case(self, call: Call) -> Reply:
        number = self._case_of(call)["id"]
        del self.nodes[number]
        for task in self.book.values():
            task.cases = [case for case in task.cases if case != number]
        return Reply("", 204)

    def _create_old_case(self, call: Call) -> Reply:
        body = self._body(call, OLD_CASE)
        task = self._task(body["task_id"])
        number = self._next("node")
        self._add_node(number, body["name"], task.suite, 0, 2, self.clock.now())
        task.cases = [*task.cases, number]
        return _good({"json": {"task_case_id": number}}, 201)

    def _update_old_case(self, call: Call) -> Reply:
        reply = self._update_case(call)
        reply.status = 202
        return reply

    # Tasks

    def _task(self, number: int) -> Task:
        if number not in self.book:
            raise self._missing()
        return self.book[number]

    def _task_of(self, call: Call) -> Task:
        task = self._task(_number(call.params["task"]))
        if "suite" in call.params and task.suite != self._suite_of(call)["id"]:
            raise self._missing()
        return task

    def _written(self, call: Call, new: bool) -> Task:
        """Return the task to write to; whether one version's calls take the other's tasks is a switch."""
        task = self._task_of(call)
        if task.new != new and self.values["cross_version_writes"] == "refuse":
            raise self._missing()
        return task

    def _task_body(self, call: Call, schema: Schema, own: Task | None = None) -> dict[str, Any]:
        body = self._body(call, schema)
        self._suite(body["project_id"])
        twins = {
            task.name for task in self.book.values() if task is not own and task.suite == body["project_id"]
        }
        if self.values["unique_names"] and body["name"] in twins:
            raise self._bad("The name is in use.")
        if own is not None and own.suite != body["project_id"]:
            raise self._missing()
        if self.values["strict_validation"] and "case_id_list" in schema:
            self._check_strictly(body)
        return body

    def _check_strictly(self, body: dict[str, Any]) -> None:
        if body["operate_mode"] != 2:
            raise self._bad("Parameter operate_mode is invalid.")
        if not re.fullmatch(r"[\w .-]+", body["name"]):
            raise self._bad("Parameter name has characters that are not allowed.")
        known = {node["id"] for node in self.nodes.values() if node["type"] == 2}
        if not body["case_id_list"] or not known.issuperset(body["case_id_list"]):
            raise self._bad("Parameter case_id_list is invalid.")

    def _add_task(self, body: dict[str, Any], new: bool) -> Reply:
        quota = self.values["quota_tasks"]
        if 0 < quota <= sum(task.suite == body["project_id"] for task in self.book.values()):
            raise self._bad("The number of tasks has reached its limit.")
        now = self.clock.now()
        task = Task(self._next("task"), body["name"], body["project_id"], new, now, now)
        task.parallel = body.get("parallel")
        task.full_link = body.get("enable_full_link", False)
        task.cases = list(body.get("case_id_list", []))
        task.operate_mode = body.get("operate_mode", 2)
        task.concurrency = body.get("bench_concurrent", 100)
        self.book[task.id] = task
        return _good({"task_id": task.id}, 201)

    def _create_new(self, call: Call) -> Reply:
        return self._add_task(self._task_body(call, CREATE_NEW), new=True)

    def _create_old(self, call: Call) -> Reply:
        return self._add_task(self._task_body(call, CREATE_OLD), new=False)

    def _update_new(self, call: Call) -> Reply:
        """Replace all that the body names, which is all but the link setting."""
        task = self._written(call, new=True)
        body = self._task_body(call, UPDATE_NEW, task)
        task.name, task.parallel, task.cases = body["name"], body["parallel"], list(body["case_id_list"])
        task.operate_mode, task.updated = body["operate_mode"], self.clock.now()
        return _good({"taskInfo": self._task_info(task)})

    def _update_old(self, call: Call) -> Reply:
        task = self._written(call, new=False)
        body = self._task_body(call, UPDATE_OLD, task)
        if body["id"] != task.id:
            raise self._bad("Parameter id is not that of the URL.")
        task.name, task.updated = body["name"], self.clock.now()
        task.description = body.get("description", task.description)
        task.concurrency = body.get("bench_concurrent", task.concurrency)
        task.operate_mode = body.get("operate_mode", task.operate_mode)
        return _good({"taskInfo": self._task_info(task)})

    def _delete_new(self, call: Call) -> Reply:
        return self._delete(self._written(call, new=True))

    def _delete_old(self, call: Call) -> Reply:
        return self._delete(self._written(call, new=False))

    def _delete(self, task: Task) -> Reply:
        if task.status in ACTIVE and self.values["delete_in_use"] == "refuse":
            raise self._bad("The task is running.")
        task.turn += 1
        del self.book[task.id]
        return Reply("", 204)

    def _show_task(self, call: Call) -> Reply:
        task = self._task_of(call)
        if task.new and not self.values["v1_reads_v3_tasks"]:
            raise self._missing()
        return _good({"taskInfo": self._task_info(task)})

    def _task_info(self, task: Task) -> dict[str, Any]:
        """Show a task without its id and without its case ids, as the model has it [C] SDK TaskInfo."""
        listed = self._ordered(task) if self.values["task_info_case_list"] == "full" else []
        status = task.seen_status if self.clock.now() < task.seen_from else task.status
        return {
            "name": task.name,
            "description": task.description,
            "project_id": task.suite,
            "operate_mode": task.operate_mode,
            "bench_concurrent": task.concurrency,
            "parallel": task.parallel,
            "run_status": status,
            "create_time": _time(task.created, True),
            "update_time": _time(task.updated, True),
            "case_list": [self._case_detail(node) for node in listed],
            "related_temp_running_data": [
                cpts_report.running_case(node, run["run_id"])
                for run in task.runs[-1:]
                for node in self._ordered(task)
            ],
            **self._full_link(task),
        }

    def _full_link(self, task: Task) -> dict[str, bool]:
        return {"enable_full_link": task.full_link} if self.values["task_info_full_link"] else {}

    def _list_tasks(self, call: Call) -> Reply:
        suite = self._suite_of(call)["id"]
        tasks = [task for task in self.book.values() if task.suite == suite]
        return _good({"extend": [], "tasks": [self._row(task) for task in self._page(call, tasks)]})

    def _row(self, task: Task) -> dict[str, Any]:
        """Show a task in the list, without run_status and project_id [C] SDK Task."""
        return {
            "id": task.id,
            "name": task.name,
            "description": task.description,
            "bench_concurrent": task.concurrency,
            "operate_mode": task.operate_mode,
            "parallel": task.parallel,
            "update_time": _time(task.updated),
            "task_run_info": {
                "id": task.runs[-1]["run_id"] if task.runs else None,
                "run_type": int(task.new),
            },
        }

    def _task_cases(self, call: Call) -> Reply:
        return _good({"test_cases": [self._brief(node) for node in self._ordered(self._task_of(call))]})

    def _ordered(self, task: Task) -> list[dict[str, Any]]:
        """Return the cases of a task that exist."""
        ids = sorted(task.cases) if self.values["task_cases_order"] == "by_id" else task.cases
        return [self.nodes[number] for number in ids if number in self.nodes]

    # Runs

    def _run_one(self, call: Call) -> Reply:
        task = self._task_of(call)
        body = self._run_body(call, RUN_ONE)
        if task.new and self.values["single_start_on_v3"] == "refuse":
            raise self._missing()
        return _good({"extend": "", "result": {"task_run_id": self._run(task, body["status"])}})

    def _run_many(self, call: Call) -> Reply:
        """Start or stop tasks of one version: all of them, or none."""
        suite = self._suite_of(call)["id"]
        body = self._run_body(call, RUN_MANY)
        tasks = [self._task(number) for number in body["task_id_list"]]
        if body["project_id"] != suite or any(task.suite != suite for task in tasks):
            raise self._missing()
        if "type" in body and any(task.new != bool(body["type"]) for task in tasks):
            raise self._bad("Parameter type is not that of the task.")
        for task in tasks:
            self._check_run(task, body["status"])
        result = [{"task_id": task.id, "task_run_id": self._run(task, body["status"])} for task in tasks]
        return _good({"extend": None, "result": result})

    def _run_body(self, call: Call, schema: Schema) -> dict[str, Any]:
        body = self._body(call, schema)
        if body["status"] not in (START, STOP):
            raise self._bad("Parameter status is invalid.")
        if body["cluster_type"] not in CLUSTERS or body.get("without_package", 0) != 0:
            raise self._bad("Parameter cluster_type or without_package is invalid.")
        network = body.get("network_info") or {}
        if network not in ({}, {"network_type": "internet"}):
            raise self._bad("Parameter network_info is invalid.")
        return body

    def _check_run(self, task: Task, status: int) -> None:
        """Refuse what a switch says is refused."""
        active = task.status in (*ACTIVE, STOPPING)
        doubts = {
            "stop_idle": (status == STOP and not active, "The task is not running."),
            "start_without_cases": (status == START and not self._ordered(task), "The task has no cases."),
            "start_running": (status == START and active, "The task is running."),
        }
        for name, (applies, text) in doubts.items():
            if applies and self.values[name] == "refuse":
                raise self._bad(text)

    def _run(self, task: Task, status: int) -> int | None:
        self._check_run(task, status)
        now = self.clock.now()
        if status == STOP:
            self._halt(task, now)
            shown = self.values["stop_returns_run_id"] and task.runs
            return task.runs[-1]["run_id"] if shown else None
        if task.status not in (*ACTIVE, STOPPING):
            self._begin(task, now)
        number: int = task.runs[-1]["run_id"]
        return number

    def _begin(self, task: Task, now: float) -> None:
        self.starts[str(task.id)] += 1
        task.runs = [*task.runs, {"run_id": self._next("run"), "start": now, "end": None}]
        task.seen_status, task.seen_from = task.status, now + self.values["start_lag_seconds"]
        task.turn += 1
        at = now
        for status, seconds in self.values["run_clock"]:
            self._later(task, at, status)
            at += seconds
        self._later(task, at, self.values["run_end_status"])
        self.tick()

    def _halt(self, task: Task, now: float) -> None:
        if task.status not in ACTIVE:
            return
        task.turn += 1
        task.status, task.seen_from = STOPPING, 0.0
        self._later(task, now + self.values["stop_seconds"], self.values["stop_end_status"])

    def _later(self, task: Task, when: float, status: int) -> None:
        """Enter a change of the status; one that ends the run closes its record."""
        turn = task.turn

        def change(at: float) -> None:
            if task.turn == turn:
                task.status = status
                if status not in ACTIVE:
                    task.runs[-1].update(end=at, aborted=status == ABORTED)

        self.agenda.add(when, change)

    def _history(self, call: Call) -> Reply:
        """List the runs, the newest first; numbers are doubles and times are texts [C] SDK."""
        task = self._task_of(call)
        shown = [
            run for run in reversed(task.runs) if run["end"] or self.values["history_running"] == "listed"
        ]
        names = [{"name": node["name"]} for node in self._ordered(task)]
        log = [
            {
                "name": task.name,
                "run_id": float(run["run_id"]),
                "run_type": float(task.new),
                "start_time": _time(run["start"]),
                "end_time": _time(run["end"]) if run["end"] else None,
                "continue_time": float(int((run["end"] or self.clock.now()) - run["start"])),
                "temp_names": names,
                "parallel": task.parallel,
            }
            for run in shown
        ]
        return _good({"log_list": log})

    def _run_of(self, call: Call) -> tuple[Task, dict[str, Any]]:
        number = _number(call.params["run"])
        for task in self.book.values():
            for run in task.runs:
                if run["run_id"] == number and self.values["report_kept"]:
                    return task, run
        raise self._missing()

    def _has_figures(self, run: dict[str, Any]) -> bool:
        lag = self.values["report_lag_seconds"]
        return run["end"] is not None and self.clock.now() >= run["end"] + lag

    def _outline(self, call: Call) -> Reply:
        run = self._run_of(call)[1]
        outline = cpts_report.outline(self.values["report"], self._has_figures(run))
        return _good({"extend": None, "result": {"err_message": None, "outline": outline}})

    def _run_cases(self, call: Call) -> Reply:
        task, run = self._run_of(call)
        rows = cpts_report.run_cases(self._ordered(task), run["run_id"], task.id)
        return _good({"extend": None, "result": {"case_aw_info_list": rows, "err_message": ""}})

    def _run_case(self, call: Call) -> Reply:
        task, run = self._run_of(call)
        for node in self._ordered(task):
            if cpts_report.case_run_id(node, run["run_id"]) == call.params["case"]:
                reason = self.values["abort_reason"] if run.get("aborted") else ""
                ready = self._has_figures(run)
                detail = cpts_report.case_detail(node, self.values["report"], ready, reason)
                return _good({"extend": None, "result": {"detail": detail, "err_message": ""}})
        raise self._missing()


def _good(payload: dict[str, Any], status: int = 200) -> Reply:
    return Reply({"code": GOOD, "message": "success", **payload}, status)


def _is(value: Any, kind: Any) -> bool:
    """Compare with a type, or with a list of one; ids and counts are within the documented range."""
    if isinstance(kind, list):
        return isinstance(value, list) and all(_is(item, kind[0]) for item in value)
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool) and -1 <= value <= MOST_ID
    return isinstance(value, kind)


def _number(text: str) -> int:
    """Read a number of a path or query; -1, which nothing has, for anything else."""
    return int(text) if re.fullmatch("[0-9]{1,10}", text) else -1


def _without(mapping: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in mapping.items() if name not in names}


def _time(when: float, fine: bool = False) -> str:
    moment = datetime.fromtimestamp(when, ZONE)
    return moment.isoformat(timespec="microseconds" if fine else "seconds")
