# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Huawei Cloud CodeArts PerfTest (CPTS): load-test tasks of a test suite.

Source of each fact: https://support.huaweicloud.com/intl/en-us/api-cpts/ with the pages CreateNewTask,
UpdateTaskRelatedTestCase, DeleteNewTask, ShowTaskSet, ShowTask, ListTaskCases, ListProjectTestCase,
ListProjectSets, BatchUpdateTaskStatus, ShowHistoryRunInfo and ErrorCode, for reports the pages that
_cpts_report names; for tokens
https://support.huaweicloud.com/api-iam/iam_30_0001.html, for the gateway's codes
https://support.huaweicloud.com/intl/en-us/devg-apisign/api-sign-errorcode.html, and for what no page says
(code 4032002, a new task's run_status) the Terraform provider huaweicloud/terraform-provider-huaweicloud.

What rests on inference: that the v1 call shows tasks of v3 (where it does not, the list's row is taken and
the run state is unknown), that ``offset`` counts rows from 0 (pages are understood too), that the cases of
a task are listed in the order they were given, that a run which goes on may be in the list of runs,
that a run in that list with an end time has ended, and that a report may lack figures for a while after
the end of its run.
This file is private to the collection and may change at any time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from .. import _convergence as convergence
from .._auth import HeaderToken, SignedRequest
from .._client import Client, RefusalError, Reply, Request, Secrets, checked_url, unexpected_from
from .._convergence import Capabilities, Control, Desired, Field, Plan, Run, Task, never
from .._errors import AbsentError, AmbiguousMatchError, OptionError, RequestError
from .._memory import Memory
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
from . import _cpts_report as report

CLUSTERS = ("shared-cluster-internet", "private-cluster")
_WAITING, _RUNNING, _PAUSED, _ENDED_OR_IDLE, _STOPPING = 9, 0, 1, 2, 5
_STOPPING_WORD = "stopping"
_REPORTING = "reporting"  # the run has ended, and its report still lacks what is to be judged
_STATES = {
    _WAITING: convergence.SCHEDULED,
    _RUNNING: convergence.RUNNING,
    _PAUSED: convergence.PAUSED,
    _ENDED_OR_IDLE: convergence.IDLE,
    3: convergence.FAILED,
    4: convergence.STOPPED,
    _STOPPING: _STOPPING_WORD,
}
_UNDER_WAY = (_WAITING, _RUNNING, _PAUSED, _STOPPING)
_OVER = frozenset((convergence.COMPLETED, convergence.FAILED, convergence.STOPPED))
_ENDED = _OVER | {convergence.IDLE}
_ENDED_WELL = _ENDED - {convergence.FAILED, convergence.STOPPED}
_CONVERGING = ("present", "started")  # states that bring a task to its declared options
_STATUS = {"start": 9, "stop": 2}
_OPERATE_MODE = 2  # "mixed"; the pages ask to always send it
_NEW = 1  # kind of the tasks of v3; 0 is that of v1
_DELETE_VERSION = {0: "v1", _NEW: "v3"}

_ROWS = 1000  # the most that a list answers
_SAMPLE_ROWS = 10  # what the page's sample asks for, so a page with fewer rows was not cut short
_REPORT_LOOKS = 6  # after so many looks at a report, what it still lacks is taken to be missing
_SUCCESS = re.compile(r"(?:\w+\.)?CPTS\.0+")
_GATEWAY = re.compile(r"APIGW?\.(\d+)")
_MISSING = re.compile(r"(?:.*\.)?4032002")

_CONNECTION = connection_options("CPTS", url_required=False).merge(
    ArgumentSpec(
        options={
            "region": from_environment({"type": "str"}, "HW_REGION_NAME"),
            "identity_url": from_environment({"type": "str"}, "HW_AUTH_URL", "HUAWEICLOUD_SDK_IAM_ENDPOINT"),
            # The name of a key and no secret: messages need it.
            "access_key": from_environment(
                {"type": "str", "no_log": False}, "HW_ACCESS_KEY", "HUAWEICLOUD_SDK_AK"
            ),
            "secret_key": from_environment(
                {"type": "str", "no_log": True}, "HW_SECRET_KEY", "HUAWEICLOUD_SDK_SK"
            ),
            "security_token": from_environment(
                {"type": "str", "no_log": True}, "HW_SECURITY_TOKEN", "HUAWEICLOUD_SDK_SECURITY_TOKEN"
            ),
            "project_id": from_environment({"type": "str"}, "HW_PROJECT_ID", "HUAWEICLOUD_SDK_PROJECT_ID"),
            "domain": from_environment({"type": "str"}, "HW_DOMAIN_NAME"),
            "username": from_environment({"type": "str"}, "CPTS_USERNAME", "HW_USER_NAME"),
            "password": from_environment(
                {"type": "str", "no_log": True}, "CPTS_PASSWORD", "HW_USER_PASSWORD"
            ),
            "token": from_environment({"type": "str", "no_log": True}, "CPTS_TOKEN", "HW_AUTH_TOKEN"),
        },
        required_together=(("username", "password"), ("access_key", "secret_key")),
        required_one_of=(("access_key", "username", "token"),),
        required_by={"security_token": ("access_key",)},
    )
)

_TASK = ArgumentSpec(
    options={
        "state": {
            "type": "str",
            "choices": ["present", "absent", "started", "stopped"],
            "default": "present",
        },
        "task_id": {"type": "str"},
        "name": {"type": "str"},
        "test_suite": {"type": "raw"},
        "cases": {"type": "list", "elements": "raw"},
        "parallel": {"type": "bool"},
        "full_link": {"type": "bool"},
        "cluster": {
            "type": "dict",
            "options": {
                "id": {"type": "int"},
                "type": {"type": "str", "choices": list(CLUSTERS), "default": CLUSTERS[0]},
            },
            "required_if": [("type", "private-cluster", ("id",))],
        },
        "rerun": {"type": "str", "choices": ["never", "always", "on_failure"], "default": "never"},
    },
    required_one_of=(("name", "task_id"),),
)

# A run that is not waited for has no figures to judge, so an entry of many tasks does not take this.
_GATE = ArgumentSpec(
    options={
        "thresholds": {"type": "dict", "options": {name: {"type": "float"} for name in report.LIMITS}},
    }
)

_SCOPE = ArgumentSpec(options={"test_suite": {"type": "raw"}})

_FILTERS = ArgumentSpec(
    options={"test_suite": {"type": "raw"}, "name": {"type": "str"}, "task_id": {"type": "str"}}
)


class CodeArtsPerfTest(Vendor):
    """What is known of CodeArts PerfTest without asking a server."""

    key = "cpts"
    label = "CodeArts PerfTest"
    connection_spec = _CONNECTION
    tls_options = ("url", "identity_url")
    entry_spec = _TASK
    scope_spec = _SCOPE
    scope = ("test_suite",)
    identity = ("test_suite",)
    task_spec = _CONNECTION.merge(_TASK, _GATE, WAIT, REUSE_LISTING, INCLUDE_RAW)
    info_spec = _CONNECTION.merge(_FILTERS, INCLUDE_RAW)
    ended_states = _ENDED
    state_key = "run_status"

    def __init__(self) -> None:
        self.capabilities = Capabilities(
            fields=(
                Field("name", needed=_always, remedy="Set name."),
                Field(
                    "test_suite",
                    changeable=never,
                    needed=_always,
                    remedy="Set test_suite to the task's own, or leave out task_id to create another task.",
                ),
                Field("cases"),
                Field("parallel"),
                Field(
                    "full_link",
                    same=_same_if_shown,
                    changeable=never,
                    remedy="It counts when a task is created: delete the task first, or leave full_link out.",
                ),
            ),
            controls={
                "started": Control(
                    "start",
                    possible_in=frozenset((convergence.IDLE,)),
                    satisfied_in=frozenset((convergence.SCHEDULED, convergence.RUNNING)) | _OVER,
                    converges=True,
                    again_in=_OVER,
                ),
                "stopped": Control(
                    "stop",
                    possible_in=frozenset((convergence.SCHEDULED, convergence.RUNNING, convergence.PAUSED)),
                    satisfied_in=_ENDED | {_STOPPING_WORD},
                    satisfied_when_missing=True,
                ),
            },
        )

    def desired(self, params: Mapping[str, Any]) -> Desired:
        """Read the declaration; names become ids in ``resolve``."""
        _check_declaration(params)
        given = ("name", "test_suite", "cases", "parallel", "full_link")
        return Desired(
            name=params["name"] or "",
            state=params["state"],
            fields={name: params[name] for name in given if params[name] is not None},
            task_id=params["task_id"],
            rerun=params["rerun"],
        )

    def connect(self, params: Mapping[str, Any], *, read_only: bool, secrets: Secrets) -> Client:
        """Return a client that authenticates: a token comes before keys, and keys before a password."""
        by_password = _is_by_password(params)
        url, identity = _addresses(params, by_password)
        for name in ("password", "token", "secret_key", "security_token"):
            secrets.add(params[name])
        conn = connection(params, url)
        logins = (f"{identity}/v3/auth/tokens",) if identity else ()
        client = Client(conn, _read_reply, read_only=read_only, secrets=secrets, repeatable_logins=logins)
        if params["token"] or by_password:
            can_log_in = identity and params["username"] and params["domain"]
            fetch = PerfTest(client, identity, params).log_in if can_log_in else None
            client.auth = HeaderToken(params["token"] or None, fetch, header="X-Auth-Token", scheme="")
        else:
            token = params["security_token"]
            client.auth = SignedRequest(
                params["access_key"],
                params["secret_key"],
                extra={"X-Security-Token": token} if token else {},
                report=secrets.add,
            )
        return client

    def serve(self, client: Client, params: Mapping[str, Any]) -> PerfTest:
        """Return the service for one declaration."""
        return PerfTest(client, _addresses(params, _is_by_password(params))[1], params)

    def show(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Write fields in the words of the options, which are those of the normal form."""
        return {name: value for name, value in fields.items() if value is not None}

    def describe(self, task: Task, service: Service) -> dict[str, Any]:
        """Add the names of the cases, and what is known of the last run."""
        run = _mapping(task.wire.get("run"))
        cases = task.wire.get("test_cases")
        names = [_mapping(case).get("name") for case in cases] if isinstance(cases, list) else []
        return {
            "next_runs": [],
            "case_names": [name for name in names if isinstance(name, str)],
            "run_id": _run_id(task.wire),
            "started": _text(run.get("start_time")),
            "ended": _text(run.get("end_time")),
        }

    def run(self, task: Task, service: Service) -> Run:
        """Add what the report says to what the task tells of its run."""
        run = super().run(task, service)
        details = task.wire.get("run_report")
        if not isinstance(details, Mapping):
            return run
        reasons = [
            f"{case['name']}: {case['failed_reason']}" for case in details["cases"] if case["failed_reason"]
        ]
        error = "; ".join((run.error, *reasons)) if run.error else ""
        return replace(run, error=error, details=details)

    def verdict(self, run: Run, params: Mapping[str, Any]) -> str:
        """Judge a run that came to its end by the figures of its report too."""
        reason = super().verdict(run, params)
        missed = [row for row in run.details.get("thresholds", ()) if not row["met"]]
        if reason or not missed:
            return reason
        unread = run.details["report_error"]
        return "; ".join([report.told(row) for row in missed] + ([unread] if unread else []))

    def warnings(self, desired: Desired, existing: Task | None) -> list[str]:
        """Say that an option which no answer shows was not compared."""
        unseen = existing is not None and existing.fields.get("full_link") is None
        if not unseen or "full_link" not in desired.fields or desired.state not in _CONVERGING:
            return []
        return [
            f"full_link was not compared: it counts when a task is created, {desired.label!r} exists "
            "already, and the server does not show it. Leave it out, or delete the task first to be sure."
        ]


class PerfTest(Service):
    """The service in one region, for one IAM project."""

    def __init__(self, client: Client, identity: str, params: Mapping[str, Any]) -> None:
        super().__init__(client)
        self._identity = identity
        self._params = params
        self._cases = Memory()
        self._by_id: dict[str, Task | None] = {}  # looked up while resolving, and matched after it
        self._started: dict[str, int] = {}  # runs started here, by task
        self._seen: set[str] = set()  # tasks whose run was seen under way since
        self._report_looks = 0

    def log_in(self) -> str:
        """Fetch a token for the IAM user, for one project; the answer tells which that is."""
        params = self._params
        scope = {"id": params["project_id"]} if params["project_id"] else {"name": params["region"]}
        user = {"name": params["username"], "password": params["password"]}
        request = Request(
            f"log in as {params['username']!r}",
            "POST",
            f"{self._identity}/v3/auth/tokens",
            query={"nocatalog": "true"},
            json={
                "auth": {
                    "identity": {
                        "methods": ["password"],
                        "password": {"user": {**user, "domain": {"name": params["domain"]}}},
                    },
                    "scope": {"project": scope},
                }
            },
            headers={"Content-Type": "application/json;charset=utf8"},
            is_login=True,
        )
        reply = self.client.answer(request)
        token = reply.headers.get("X-Subject-Token")
        if not token:
            raise _unexpected(request, "no header X-Subject-Token")
        self.client.secrets.add(token)
        project = _mapping(_mapping(_mapping(reply.body).get("token")).get("project")).get("id")
        if _text(project):
            self.client.facts.recall("project", lambda: _text(project))
        return token

    def resolve(self, desired: Desired) -> Desired:
        """Turn the names of suite and cases into ids; what is deleted or stopped needs no cases."""
        fields = dict(desired.fields)
        if "test_suite" in fields:
            fields["test_suite"] = self._suite_id(fields["test_suite"], may_lack=desired.state == "absent")
        if "cases" in fields and desired.state in _CONVERGING:
            suite = fields["test_suite"] if "test_suite" in fields else self._suite_of(desired)
            if suite is not None:
                fields["cases"] = [self._case_id(case, suite) for case in fields["cases"]]
        return replace(desired, fields=fields)

    def matches(self, desired: Desired) -> list[Task]:
        """Find the task by its id, or by suite and name; several are told apart by id alone."""
        if desired.task_id is not None:
            task = self._task_by_id(desired.task_id, desired.fields.get("test_suite"))
            tasks = [task] if task is not None else []
        else:
            tasks = self._tasks_by_name(desired)
        if "cases" in desired.fields and desired.state in _CONVERGING and len(tasks) < 2:
            self._check_cases(desired, tasks)
            return [_aligned(task, desired) for task in tasks]
        return tasks

    def listing(self, params: Mapping[str, Any]) -> list[Task]:
        """Return the tasks that pass the filters; without a suite, those of all suites."""
        _check_references(params)
        wanted = params["test_suite"]
        suite = None if wanted is None else self._suite_id(wanted, may_lack=True)
        if wanted is not None and suite is None:
            return []
        if params["task_id"] is not None:
            task = self._task_by_id(params["task_id"], suite)
            tasks = [task] if task is not None else []
            return [
                task
                for task in tasks
                if params["name"] in (None, task.name) and suite in (None, task.fields.get("test_suite"))
            ]
        suites = [_id_of(row) for row in self._suites()] if suite is None else [suite]
        return [
            self._read(str(row["id"]), number, row)
            for number in suites
            for row in self._rows(number, may_lack=True)
            if params["name"] in (None, row.get("name"))
        ]

    def fitting_ids(self, desired: Desired) -> set[str]:
        """Return the ids of the rows of the name; the tasks need not be read."""
        suite = desired.fields.get("test_suite")
        if desired.task_id is not None or suite is None:
            return super().fitting_ids(desired)
        return {str(row["id"]) for row in self._called(suite, may_lack=False).get(desired.name, [])}

    def prunable(self, params: Mapping[str, Any]) -> list[Task]:
        """Return the tasks of the suite, as far as its list tells them."""
        _check_references(params)
        suite = self._suite_id(params["test_suite"], may_lack=False)
        request = self._get("list the tasks", f"/all-tasks/{suite}")
        return [
            _task(request, {**row, "project_id": suite}) for row in self._rows(suite or 0, may_lack=False)
        ]

    def get(self, task: Task) -> Task:
        """Read a task again, in its suite."""
        return self._read(task.id, task.fields.get("test_suite"))

    def begin_watch(self, task: Task) -> Task | None:
        """Begin with a look where a run is over: it reads the report."""
        return None if self._reports(task) else task

    def watch(self, task: Task) -> Task:
        """Look at a run; once it is over, at its report too."""
        seen = self.get(task)
        return self._with_report(seen) if self._reports(seen) else seen

    def created(self, desired: Desired, task_id: str) -> Task:
        """Read a new task."""
        return self._read(task_id, desired.fields["test_suite"])

    def create(self, desired: Desired) -> str | None:
        """Create a task of the new kind; serial and without cases unless declared otherwise."""
        body = _body(desired.fields)
        if "full_link" in desired.fields:
            body["enable_full_link"] = desired.fields["full_link"]
        request = self._write(f"create task {desired.label!r}", "POST", "v3", "/tasks", body)
        task_id = _number(_mapping(self.client.send(request)).get("task_id"))
        return None if task_id is None else str(task_id)

    def update(self, task: Task, planned: Plan) -> None:
        """Send the whole task: the call replaces all that its body can say."""
        body = _body({**task.fields, **planned.fields})
        self.client.send(self._write(f"update task {task.name!r}", "PUT", "v3", f"/tasks/{task.id}", body))

    def act(self, verb: str, task: Task) -> None:
        """Delete a task by the call of its kind, or start or stop its run."""
        attempt, kind = f"{verb} task {task.name!r}", _kind(task.wire)
        if verb == "delete":
            self.client.send(self._write(attempt, "DELETE", _DELETE_VERSION[kind], f"/tasks/{task.id}"))
            return
        cluster = self._params["cluster"] or {"id": None, "type": CLUSTERS[0]}
        suite = task.fields["test_suite"]
        body = {
            "type": kind,
            "project_id": suite,
            "task_id_list": [int(task.id)],
            "cluster_id": cluster["id"] or 0,
            "cluster_type": cluster["type"],
            "without_package": 0,
            "network_info": {"network_type": "internet"},
            "status": _STATUS[verb],
        }
        path = f"/test-suites/{suite}/tasks/batch-update-task-status"
        request = self._write(attempt, "POST", "v1", path, body)
        result = _mapping(self.client.send(request)).get("result")
        if verb == "start":
            self._started[task.id] = _run_of(request, result, task)

    # Suites and cases

    def _suite_id(self, suite: Any, *, may_lack: bool) -> int | None:
        """Return the id of a suite; a text is a name first, and an id if no suite is called so."""
        if isinstance(suite, int):
            return suite
        ids = [_id_of(row) for row in self._suites() if row.get("name") == suite]
        if len(ids) > 1:
            raise _ambiguous("test suite", suite, ids, "test_suite")
        if ids or suite.isdecimal():
            return ids[0] if ids else int(suite)
        if may_lack:
            return None
        raise _no_suite(suite)

    def _suite_of(self, desired: Desired) -> int | None:
        """Return the suite of a task that is declared by its id alone; None where there is no such task."""
        task = self._task_by_id(desired.task_id or "", None)
        return None if task is None else task.fields.get("test_suite")

    def _case_id(self, case: Any, suite: int) -> int:
        """Return the id of a case; a text is a name first, and an id if no case is called so."""
        if isinstance(case, int):
            return case
        ids = [_id_of(node) for node in self._tree(suite) if node.get("name") == case]
        if len(ids) > 1:
            raise _ambiguous("case", case, ids, "cases")
        if ids or case.isdecimal():
            return ids[0] if ids else int(case)
        raise _no_case(case, suite)

    def _check_cases(self, desired: Desired, tasks: list[Task]) -> None:
        """Refuse ids that are no cases of the suite, since the server may take them silently."""
        suite = desired.fields.get("test_suite") or (tasks[0].fields.get("test_suite") if tasks else None)
        known = {case for task in tasks for case in task.fields["cases"]}
        new = [case for case in desired.fields["cases"] if case not in known]
        if not new or suite is None:
            return
        there = {_id_of(node) for node in self._tree(suite)}
        for case in new:
            if case not in there:
                raise _no_case(case, suite)

    def _tree(self, suite: int) -> list[Mapping[str, Any]]:
        """Return the cases of a suite, without the directories and what is marked as deleted."""
        memory = self.memory if self.memory.keeps else self._cases
        return memory.recall(("cases", suite), lambda: self._read_tree(suite))

    def _read_tree(self, suite: int) -> list[Mapping[str, Any]]:
        request = self._get(f"list the cases of test suite {suite}", f"/test-suites/{suite}/directory")
        try:
            nodes = _rows_of(request, self.client.send(request), "directory")
        except AbsentError:
            raise _no_suite(suite) from None
        return [node for node in nodes if node.get("type") == 2 and node.get("status") != 0]

    def _suites(self) -> list[Mapping[str, Any]]:
        request = self._get("list the test suites", "/test-suites")
        return self.memory.recall("suites", lambda: list(self._listed(request, "projects")))

    # Tasks

    def _tasks_by_name(self, desired: Desired) -> list[Task]:
        suite = desired.fields.get("test_suite")
        if suite is None:
            return []
        may_lack = desired.state == "absent"
        rows = self._called(suite, may_lack=may_lack).get(desired.name, [])
        if len(rows) > 1:  # nothing will be done to any of them, so the ids are enough
            request = self._get("read the tasks", f"/all-tasks/{suite}")
            return [_task(request, {**row, "project_id": suite}) for row in rows]
        return [self._read(str(row["id"]), suite, row) for row in rows]

    def _task_by_id(self, task_id: str, suite: int | None) -> Task | None:
        if task_id not in self._by_id:
            self._by_id[task_id] = self._look_up_task(task_id, suite)
        return self._by_id[task_id]

    def _look_up_task(self, task_id: str, suite: int | None) -> Task | None:
        """Find a task by its id; where the v1 call does not show it, the lists are searched."""
        info = self._info(task_id)
        if info is not None:
            return self._read(task_id, _number(info.get("project_id")) or suite, info=info)
        suites = [suite] if suite is not None else [_id_of(row) for row in self._suites()]
        for candidate in suites:
            row = self._row(task_id, candidate)
            if row is not None:
                return self._read(task_id, candidate, row)
        return None

    def _read(
        self,
        task_id: str,
        suite: int | None,
        row: Mapping[str, Any] | None = None,
        info: Mapping[str, Any] | None = None,
    ) -> Task:
        """Read a task from all the places that show a part of it."""
        info = info or self._info(task_id)
        if info is None and row is None:
            row = self._row(task_id, suite)
            if row is None:
                request = self._get(f"read task {task_id}", f"/all-tasks/{suite}")
                remedy = "It may have been deleted meanwhile."
                raise AbsentError(request.attempt, "it is not listed any more", remedy, request=request.shown)
        path = f"/test-suites/{suite}/tasks/{task_id}/test-cases"
        request = self._get(f"list the cases of task {task_id}", path)
        cases = _rows_of(request, self.client.send(request), "test_cases")
        own = {"id": int(task_id), "project_id": suite, "test_cases": cases}
        wire: dict[str, Any] = {**(row or {}), **(info or {}), **own}
        if self._params.get("state") == "started" and wire.get("run_status") not in _UNDER_WAY:
            wire["run"] = self._last_run(task_id)
        return self._followed(_task(request, wire), wire)

    def _followed(self, task: Task, wire: dict[str, Any]) -> Task:
        """Do not take the status from before a start for the end of the run that was started."""
        if task.id not in self._started:
            return task
        wire["task_run_id"] = self._started[task.id]
        if wire.get("run_status") in _UNDER_WAY:
            self._seen.add(task.id)
            return task
        if task.id not in self._seen and not _mapping(wire.get("run")).get("end_time"):
            return replace(task, state=convergence.SCHEDULED)
        unsaid = task.state in (convergence.IDLE, convergence.UNKNOWN)
        return replace(task, state=convergence.COMPLETED) if unsaid else task

    def _last_run(self, task_id: str) -> Mapping[str, Any] | None:
        """Return the run that was started here, or else the newest; run ids grow."""
        request = self._get(f"list the runs of task {task_id}", f"/tasks/history-run-list/{task_id}")
        runs = _list_of(request, self.client.send(request), "log_list")
        own = self._started.get(task_id)
        runs = [run for run in runs if own is None or _number(run.get("run_id")) == own]
        return max(runs, key=lambda run: _number(run.get("run_id")) or 0, default=None)

    # Reports

    def _reports(self, task: Task) -> bool:
        """Return whether a task that is waited for has come to a report."""
        return self._params["state"] == "started" and task.state in _ENDED

    def _with_report(self, task: Task) -> Task:
        """Add the report of a run that is over; figures that are to be judged may take a while."""
        thresholds = report.check_thresholds(self._params["thresholds"]) if self._params["thresholds"] else {}
        details: dict[str, Any] = {"figures": {}, "cases": [], "report_error": ""}
        try:
            details.update(self._read_report(_run_id(task.wire)))
        except RequestError as error:
            if thresholds and error.retryable:
                raise
            details["report_error"] = str(error)
        details["thresholds"] = report.judged(thresholds, details["figures"])
        self._report_looks += 1
        is_whole = all(row["measured"] is not None for row in details["thresholds"])
        may_come = task.state in _ENDED_WELL and not details["report_error"]
        is_late = not is_whole and may_come and self._report_looks < _REPORT_LOOKS
        state = _REPORTING if is_late else task.state
        return replace(task, state=state, wire={**task.wire, "run_report": details})

    def _read_report(self, run_id: str | None) -> dict[str, Any]:
        """Read the figures of a run and of its cases; nothing where the run's id is not known."""
        if run_id is None:
            return {"report_error": "the server does not show the id of the run"}
        attempt, path = f"read the report of run {run_id}", f"/task-run-infos/{run_id}"
        request = self._get(attempt, f"{path}/cases", "v2")
        result = _mapping(_mapping(self.client.send(request)).get("result"))
        cases = [
            report.case_figures(row, self._case_detail(attempt, path, row))
            for row in _list_of(request, result, "case_aw_info_list")
        ]
        request = self._get(attempt, f"{path}/reports/log-outline", "v2")
        outline = _mapping(_mapping(self.client.send(request)).get("result")).get("outline")
        return {"figures": report.figures(outline, cases), "cases": cases}

    def _case_detail(self, attempt: str, path: str, row: Mapping[str, Any]) -> Any:
        case = quote(str(row.get("testcaseId")), safe="")
        request = self._get(attempt, f"{path}/case-run-infos/{case}/detail", "v2")
        return _mapping(_mapping(self.client.send(request)).get("result")).get("detail")

    def _info(self, task_id: str) -> Mapping[str, Any] | None:
        request = self._get(f"read task {task_id}", f"/tasks/{quote(task_id, safe='')}")
        try:
            info = _mapping(self.client.send(request)).get("taskInfo")
        except AbsentError:
            return None
        if not isinstance(info, Mapping):
            raise _unexpected(request, "no taskInfo in it")
        return info

    def _row(self, task_id: str, suite: int | None) -> Mapping[str, Any] | None:
        if suite is None:
            return None
        rows = self._rows(suite, may_lack=True)
        return next((row for row in rows if str(row["id"]) == task_id), None)

    def _called(self, suite: int, *, may_lack: bool) -> dict[Any, list[Mapping[str, Any]]]:
        return self.memory.recall(("names", suite, may_lack), lambda: self._rows_by_name(suite, may_lack))

    def _rows_by_name(self, suite: int, may_lack: bool) -> dict[Any, list[Mapping[str, Any]]]:
        called: dict[Any, list[Mapping[str, Any]]] = {}
        for row in self._rows(suite, may_lack=may_lack):
            called.setdefault(row.get("name"), []).append(row)
        return called

    def _rows(self, suite: int, *, may_lack: bool) -> list[Mapping[str, Any]]:
        return self.memory.recall(("tasks", suite, may_lack), lambda: self._read_rows(suite, may_lack))

    def _read_rows(self, suite: int, may_lack: bool) -> list[Mapping[str, Any]]:
        request = self._get(f"list the tasks of test suite {suite}", f"/all-tasks/{suite}")
        try:
            return list(self._listed(request, "tasks"))
        except AbsentError:
            if may_lack:
                return []
            raise _no_suite(suite) from None

    # Requests

    def _listed(self, request: Request, name: str) -> Iterator[Mapping[str, Any]]:
        pages = _Pages(request, name)
        for page in self.client.pages(replace(request, query={"offset": 0, "limit": _ROWS}), pages.follow):
            yield from pages.fresh(page)

    def _get(self, attempt: str, path: str, version: str = "v1") -> Request:
        return Request(attempt, "GET", self._url(version, path), headers={"X-Project-Id": self._project_id()})

    def _write(
        self, attempt: str, method: str, version: str, path: str, body: Mapping[str, Any] | None = None
    ) -> Request:
        return Request(
            attempt,
            method,
            self._url(version, path),
            json=body,
            headers={"X-Project-Id": self._project_id()},
            writes=True,
            may_be_empty=method == "DELETE",
        )

    def _url(self, version: str, path: str) -> str:
        return f"{self.client.connection.url}/{version}/{quote(self._project_id(), safe='')}{path}"

    def _project_id(self) -> str:
        """Return the IAM project: given, told by the login, or looked up by the region's name."""
        if self._params["project_id"]:
            return str(self._params["project_id"])
        if isinstance(self.client.auth, HeaderToken):
            dummy = self.client.auth.token  # a login tells the project
        return self.client.facts.recall("project", self._look_up_project)

    def _look_up_project(self) -> str:
        region = self._params["region"]
        request = Request(
            f"look up the project of region {region!r} (setting project_id saves this)",
            "GET",
            f"{self._identity}/v3/projects",
            query={"name": region},
        )
        rows = _list_of(request, self.client.send(request), "projects")
        ids = [str(row["id"]) for row in rows if row.get("name") == region and row.get("id")]
        if len(ids) != 1:
            found = f"has the projects {', '.join(ids)}" if ids else "has no project in this account"
            raise OptionError("region", region, found, "Set project_id, as the console shows it.")
        return ids[0]


class _Pages:
    """Follows a list whose ``offset`` counts rows or pages: which of them no page of the vendor says.

    Offset 1 asks for the second row or for the second page, and the answer tells which it was.
    """

    def __init__(self, request: Request, name: str) -> None:
        self._request = request
        self._name = name
        self._ids: set[int] = set()
        self._pages = 0
        self._is_last = False
        self._counts_pages = False

    def fresh(self, page: Any) -> list[Mapping[str, Any]]:
        """Return the rows of a page that no earlier page held."""
        rows = _rows_of(self._request, page, self._name)
        new = [row for row in rows if _id_of(row) not in self._ids]
        self._pages += 1
        if self._pages == 2:
            self._counts_pages = len(new) == len(rows)
        self._ids.update(_id_of(row) for row in new)
        self._is_last = not new or len(rows) < _SAMPLE_ROWS
        return new

    def follow(self, page: Any) -> dict[str, int] | None:
        """Return the query of the page after the one that was read last."""
        if self._is_last:
            return None
        return {"offset": self._pages if self._pages == 1 or self._counts_pages else len(self._ids)}


def _read_reply(reply: Reply) -> Any:
    """Find the refusal in a reply: of the service, of the gateway before it, or of IAM.

    What does not exist is answered with 404, or with 403 and code 4032002; nothing else says so, and
    a 404 of the gateway is about the URL.
    """
    code, text = _said(reply.body)
    if reply.status == 429 or reply.status >= 500 or not code:
        return reply.body
    if reply.status < 400:
        if _SUCCESS.fullmatch(code):
            return reply.body
        raise RefusalError(text, code)
    gateway = _GATEWAY.fullmatch(code)
    absent = (reply.status == 404 and not gateway) or (reply.status == 403 and bool(_MISSING.fullmatch(code)))
    raise RefusalError(text, code, token_refused=reply.status == 401, absent=absent)


def _said(body: Any) -> tuple[str, str]:
    """Return code and text of an answer; IAM has them one level down."""
    for level in (_mapping(body), _mapping(_mapping(body).get("error"))):
        for code, text in (("error_code", "error_msg"), ("code", "message")):
            if level.get(code) is not None:
                return str(level[code]), str(level.get(text) or "no reason given")
    return "", ""


_unexpected = unexpected_from("CodeArts PerfTest", "Check that url leads to CodeArts PerfTest.")


def _list_of(request: Request, payload: Any, name: str) -> list[Mapping[str, Any]]:
    """Return a list of objects of an answer; null stands for an empty one."""
    if not isinstance(payload, Mapping) or name not in payload:
        raise _unexpected(request, f"no {name} in it")
    items = payload[name] or []
    if not isinstance(items, list) or not all(isinstance(item, Mapping) for item in items):
        raise _unexpected(request, f"{name} is no list of objects")
    return items


def _rows_of(request: Request, payload: Any, name: str) -> list[Mapping[str, Any]]:
    """Return a list of objects that have ids."""
    rows = _list_of(request, payload, name)
    if any(_number(row.get("id")) is None for row in rows):
        raise _unexpected(request, f"an entry of {name} without an id")
    return rows


def _task(request: Request, wire: Any) -> Task:
    """Read what was put together of a task into the normal form."""
    number = _number(_mapping(wire).get("id"))
    if number is None:
        raise _unexpected(request, "a task without an id")
    cases = wire.get("test_cases")
    name = _text(wire.get("name"))
    fields = {
        "name": name,
        "test_suite": _number(wire.get("project_id")),
        "cases": [_number(_mapping(case).get("id")) for case in cases] if isinstance(cases, list) else None,
        "parallel": wire.get("parallel") is True,  # an old task has null, and is serial
        "full_link": wire["enable_full_link"] if isinstance(wire.get("enable_full_link"), bool) else None,
    }
    state = _state(wire)
    return Task(
        id=str(number),
        name=name or "",
        state=state,
        enabled=None,
        fields={key: value for key, value in fields.items() if value is not None},
        wire=wire,
        error="the run was aborted (run_status 3)" if state == convergence.FAILED else "",
    )


def _state(wire: Mapping[str, Any]) -> str:
    """Return the word for the run status; 2 is both "never ran" and "has ended"."""
    status = _number(wire.get("run_status"))
    if status != _ENDED_OR_IDLE:
        return convergence.UNKNOWN if status is None else _STATES.get(status, convergence.UNKNOWN)
    ran = wire["run"] if "run" in wire else _run_id(wire) or wire.get("related_temp_running_data")
    return convergence.COMPLETED if ran else convergence.IDLE


def _run_id(wire: Mapping[str, Any]) -> str | None:
    """Return the id of the run that was started, or else of the last one that is shown."""
    shown = (
        wire.get("task_run_id"),
        _mapping(wire.get("run")).get("run_id"),
        _mapping(wire.get("task_run_info")).get("id"),
    )
    return next((str(number) for number in map(_number, shown) if number), None)


def _run_of(request: Request, result: Any, task: Task) -> int:
    """Return the id of the run that a start began."""
    rows = result if isinstance(result, list) else []
    for row in map(_mapping, rows):
        number = _number(row.get("task_run_id"))
        if str(_number(row.get("task_id"))) == task.id and number is not None:
            return number
    raise _unexpected(request, "no task_run_id in it")


def _kind(wire: Mapping[str, Any]) -> int:
    """Return whether a task is of the new kind; the lists tell it, and only new ones are created here."""
    kind = _number(_mapping(wire.get("task_run_info")).get("run_type"))
    return kind if kind in _DELETE_VERSION else _NEW


def _body(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Write managed fields as the body of create and update, which both want all of them."""
    return {
        "name": fields["name"],
        "parallel": fields.get("parallel", False),
        "project_id": fields["test_suite"],
        "operate_mode": _OPERATE_MODE,
        "case_id_list": fields.get("cases", []),
    }


def _aligned(task: Task, desired: Desired) -> Task:
    """Show the cases of a task that runs them all at once in the declared order: there it means nothing."""
    wanted, cases = desired.fields["cases"], task.fields["cases"]
    if desired.fields.get("parallel", task.fields["parallel"]) and sorted(wanted) == sorted(cases):
        return replace(task, fields={**task.fields, "cases": wanted})
    return task


def _check_declaration(params: Mapping[str, Any]) -> None:
    """Refuse what can be refused without asking the server."""
    _check_references(params)
    if params["name"] is not None and not params["name"].strip():
        raise OptionError("name", params["name"], "is empty", "Give the task a name.")
    if params["test_suite"] is None and params["task_id"] is None:
        raise OptionError("test_suite", None, "is needed to find a task by its name", "Set test_suite.")
    if params["wait"] and params["state"] not in ("started", "stopped"):
        raise OptionError(
            "wait", True, f"has nothing to wait for with state: {params['state']}", "Leave wait out."
        )
    if params.get("thresholds") is not None:
        if params["state"] != "started" or not params["wait"]:
            raise OptionError(
                "thresholds",
                params["thresholds"],
                "can be judged at the end of a run only",
                "Use it with state: started and wait: true.",
            )
        report.check_thresholds(params["thresholds"])
    if params["rerun"] != "never" and params["state"] != "started":
        raise OptionError("rerun", params["rerun"], "is about runs", "Use it with state: started.")


def _check_references(params: Mapping[str, Any]) -> None:
    """Refuse what is neither a name nor an id."""
    task_id = params.get("task_id")
    if task_id is not None and not re.fullmatch("[1-9][0-9]{0,9}", task_id):
        raise OptionError("task_id", task_id, "is not a whole number", "Use the number the server gave.")
    suites = [] if params["test_suite"] is None else [params["test_suite"]]
    given = {"test_suite": suites, "cases": params.get("cases") or []}
    for option, values in given.items():
        for value in values:
            is_id = isinstance(value, int) and not isinstance(value, bool) and value >= 0
            if not is_id and not (isinstance(value, str) and value.strip()):
                raise OptionError(
                    option, value, "is neither a name nor an id", "Use a text or a whole number."
                )


def _is_by_password(params: Mapping[str, Any]) -> bool:
    return not params["token"] and not params["access_key"]


def _addresses(params: Mapping[str, Any], by_password: bool) -> tuple[str, str]:
    """Return the addresses of the service and of IAM, derived from the region where they are not given."""
    region, url, identity = params["region"], params["url"], params["identity_url"]
    if region and not re.fullmatch("[a-z0-9-]+", region):
        raise OptionError("region", region, "is not the name of a region", "Use cn-north-4, for example.")
    if not region and not (url and params["project_id"] and (identity or not by_password)):
        raise OptionError(
            "region", None, "is needed", "Set region, or else url, project_id and, for a login, identity_url."
        )
    if by_password and not params["domain"]:
        raise OptionError(
            "domain", None, "is needed to log in with username", "Set it to the name of the account."
        )
    if identity:
        identity = re.sub("/v3$", "", checked_url(identity, "identity_url"))
    elif region:
        identity = f"https://iam.{region}.myhuaweicloud.com"
    return url or f"https://cpts.{region}.myhuaweicloud.com", identity or ""


def _ambiguous(noun: str, name: str, ids: list[int], option: str) -> AmbiguousMatchError:
    shown = [str(number) for number in ids]
    return AmbiguousMatchError(CodeArtsPerfTest.label, name, shown, noun=noun, option=option)


def _no_suite(suite: Any) -> OptionError:
    remedy = "Check the name or the id, region and project_id."
    return OptionError("test_suite", suite, "is no test suite of the project", remedy)


def _no_case(case: Any, suite: int) -> OptionError:
    return OptionError("cases", case, f"is no case of test suite {suite}", "Check the name or the id.")


def _always(fields: Mapping[str, Any]) -> bool:
    return True


def _same_if_shown(wanted: Any, existing: Any) -> bool:
    """Compare a property that no documented answer shows: unseen, it counts as the same."""
    return existing is None or wanted == existing


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _number(value: Any) -> int | None:
    """Return a whole number, which some answers write as a double."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _id_of(row: Mapping[str, Any]) -> int:
    """Return the id of an object that is known to have one."""
    return int(row["id"])


VENDOR = CodeArtsPerfTest()
