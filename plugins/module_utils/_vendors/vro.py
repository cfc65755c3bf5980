# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""VMware Aria Automation / VCF Operations Orchestrator (vRO): scheduled workflows, and their runs.

Source of each fact: https://developer.broadcom.com/xapis/ with the pages of the 7.3 and the newest API
(tasks, tasks/id, workflows, categories, data structure task-data), the guide "Developing a Web Services
Client" 5.5 and 7.1, and, as measured on Aria 8 and VCF 9.1, the Terraform provider
davidfischer-ch/terraform-provider-aria and the server mgovedarov/mcp-vcf-orchestrator, both on GitHub.

What rests on inference: that ``state: pending`` resumes, that an update which leaves out the inputs keeps
them (it is looked at afterwards), that an end date cannot be removed, how the values of inputs are encoded
in a task (as in a run), the key ``property`` in Properties, the envelope of the lists of tasks and of runs
(both are read), what the links of runs tell (runs are read one by one where they tell no dates), that a
waiting run without a user interaction waits for a signal, that the provider's token of VCF comes from
/oauth/provider/token, and all of VCF 9 beyond its pages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from functools import partial
from typing import Any
from urllib.parse import quote, urlsplit

from .. import _convergence as convergence
from .. import _schedule as schedule
from .._auth import Basic, HeaderToken, Login, raw_base64
from .._client import Client, RefusalError, Reply, Request, Secrets, api_root, checked_url
from .._convergence import Capabilities, Desired, Field, Plan, Run, Task, never
from .._errors import (
    AbsentError,
    AmbiguousMatchError,
    OptionError,
    RequestError,
    UnreachableStateError,
)
from .._hiding import MASK
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
from .._vendor import Service, Vendor
from . import _vro_executions as executions
from . import _vro_inputs as inputs
from . import _vro_recurrence as recurrence
from ._vro_inputs import Parameter
from ._vro_recurrence import ONE_TIME, Pattern

_API = "/vco/api"
_STATES = {
    "pending": convergence.SCHEDULED,
    "running": convergence.RUNNING,
    "suspended": convergence.PAUSED,
    "finished": convergence.COMPLETED,
    "canceled": convergence.STOPPED,
    "error": convergence.FAILED,
}
_TRANSITIONS = {"enable": "pending", "disable": "suspended"}
_DATES = {"schedule.start": "recurrence-start-date", "schedule.end": "recurrence-end-date"}
_NEVER = "never"
_RECREATE = "set recreate: true to delete the task and create it anew."

# What each way to log in must have, and what of it is secret.
_NEEDS = {
    "basic": ("username", "password"),
    "vra": ("username", "password"),
    "vcf": ("api_token",),
    "token": ("token",),
}
_SECRETS = ("password", "token", "api_token")
_VRA_LOGIN, _VRA_TOKEN = "/csp/gateway/am/api/login", "/iaas/api/login"
_VCF_DOORS = ("/tm/oauth/tenant", "/oauth/provider")

CONNECTION = connection_options("VRO").merge(
    ArgumentSpec(
        options={
            "auth": from_environment({"type": "str", "choices": list(_NEEDS)}, "VRO_AUTH"),
            "auth_url": from_environment({"type": "str"}, "VRO_AUTH_URL"),
            "api_token": from_environment({"type": "str", "no_log": True}, "VRO_API_TOKEN"),
            "domain": from_environment({"type": "str"}, "VRO_DOMAIN"),
            "tenant": from_environment({"type": "str"}, "VRO_TENANT"),
        },
        required_together=(("username", "password"),),
    )
)

_TASK = ArgumentSpec(
    options={
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "task_id": {"type": "str"},
        "name": {"type": "str"},
        "description": {"type": "str"},
        "workflow": {"type": "str"},
        "workflow_id": {"type": "str"},
        "inputs": {"type": "dict"},
        "schedule": {
            "type": "dict",
            "options": {
                "cron": {"type": "str"},
                "at": {"type": "str"},
                "start": {"type": "str"},
                "end": {"type": "str"},
                "timezone": {"type": "str", "default": "UTC"},
                "cycle": {"type": "str"},
                "pattern": {"type": "str"},
            },
            "mutually_exclusive": [
                ["at", "cron", "cycle"],
                ["at", "cron", "pattern"],
                ["at", "start"],
                ["at", "end"],
            ],
            "required_by": {"pattern": ["cycle"]},
        },
        "start_mode": {"type": "str", "choices": ["normal", "start-in-the-past"]},
        "enabled": {"type": "bool"},
        # Says when secrets are sent; it is no secret itself.
        "update_secrets": {
            "type": "str",
            "choices": ["on_create", "always"],
            "default": "on_create",
            "no_log": False,
        },
        "recreate": {"type": "bool", "default": False},
    },
    required_one_of=(("name", "task_id"),),
)

_SCOPE = ArgumentSpec(options={"workflow": {"type": "str"}, "workflow_id": {"type": "str"}})

_FILTERS = ArgumentSpec(
    options={
        "task_id": {"type": "str"},
        "name": {"type": "str"},
        "workflow": {"type": "str"},
        "workflow_id": {"type": "str"},
        "enabled": {"type": "bool"},
    }
)


@dataclass(frozen=True)
class Workflow:
    """A workflow. One without an id is named by the user only, or is not there."""

    id: str
    name: str
    folder_id: str = ""

    def __str__(self) -> str:
        return f"{self.name} ({self.id})" if self.name else self.id


class Orchestration(Vendor):
    """What is known of the orchestrator without asking a server."""

    key = "vro"
    label = "Orchestrator"
    connection_spec = CONNECTION
    entry_spec = _TASK.merge(SECRET_KEYS)
    scope_spec = _SCOPE
    scope = ("workflow", "workflow_id")
    identity = ("workflow",)
    task_spec = CONNECTION.merge(_TASK, WAIT, REUSE_LISTING, INCLUDE_RAW, SECRET_KEYS)
    info_spec = CONNECTION.merge(_FILTERS, INCLUDE_RAW, SECRET_KEYS)
    unshown = ("inputs",)
    # A task that has no run and will have none is not waited for.
    ended_states = executions.ENDED | {convergence.IDLE}

    def __init__(self) -> None:
        self.capabilities = Capabilities(
            fields=(
                Field("name", needed=_always, remedy="Set name."),
                Field("description"),
                Field(
                    "workflow",
                    same=lambda wanted, existing: existing is not None and wanted.id == existing.id,
                    changeable=never,
                    needed=_always,
                    remedy=f"Set workflow or workflow_id for a new task. For an existing one: {_RECREATE}",
                ),
                Field("inputs", same=_same_inputs, merge=_merged_inputs),
                Field(
                    "schedule.cycle",
                    needed=_always,
                    remedy="Set schedule.cron, or schedule.at for one run.",
                ),
                Field("schedule.pattern", same=lambda wanted, existing: wanted.same(existing)),
                Field(
                    "schedule.start",
                    needed=lambda fields: fields.get("schedule.cycle") == ONE_TIME,
                    remedy="Set schedule.at instead.",
                ),
                Field(
                    "schedule.end",
                    changeable=lambda existing, wanted: wanted is not None,
                    remedy=f"An end date can be moved, and not removed: {_RECREATE}",
                ),
                Field("start_mode"),
            ),
            carried_over=_carried_over,
        )

    def desired(self, params: Mapping[str, Any]) -> Desired:
        """Read the declaration; all that needs no look at the server is checked here."""
        check_not_empty(params, "name", "task_id", "workflow", "workflow_id")
        _check_wait(params)
        if params["name"] is None and params["task_id"] is None:  # Ansible lets name: null pass as given
            raise OptionError("name", None, "is needed", "Set name, or task_id.")
        workflow = named_workflow(params)
        if params["state"] == "absent" and params["task_id"] is None and workflow is None:
            # A name alone may be that of a task nobody meant, so it is not enough to delete by.
            raise OptionError(
                "workflow", None, "is needed with state: absent", "Set workflow or workflow_id, or task_id."
            )
        fields = {
            name: params[name]
            for name in ("name", "description", "inputs", "start_mode")
            if params[name] is not None
        }
        if workflow is not None:
            fields["workflow"] = workflow
        fields.update(_desired_schedule(params["schedule"] or {}))
        return Desired(
            name=params["name"] or "",
            state=params["state"],
            fields=fields,
            task_id=params["task_id"],
            enabled=params["enabled"],
            recreate=params["recreate"],
        )

    def connect(self, params: Mapping[str, Any], *, read_only: bool, secrets: Secrets) -> Client:
        """Return a client with the way to log in that the options call for."""
        conn = connection(params)
        site = conn.url.removesuffix(_API)
        for name in _SECRETS:
            secrets.add(params[name])
        logins = Logins(params, site)
        client = Client(
            conn,
            _read_reply,
            read_only=read_only,
            secrets=secrets,
            repeatable_logins=logins.urls,
            unacted=frozenset({("DELETE", 409)}),  # the task is in use; Terraform's provider waits so too
        )
        client.auth = logins.auth(client)
        return client

    def serve(self, client: Client, params: Mapping[str, Any]) -> Orchestrator:
        """Return the orchestrator for one declaration."""
        return Orchestrator(client, params)

    def inherited(self, entry: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
        """Return the workflow for an entry that names none, by name or by id."""
        names_one = entry.get("workflow") is not None or entry.get("workflow_id") is not None
        return {} if names_one else super().inherited(entry, params)

    def show(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Write fields in the words of the options."""
        shown = {name: value for name, value in fields.items() if not name.startswith("schedule.")}
        when = {
            name.partition(".")[2]: value for name, value in fields.items() if name.startswith("schedule.")
        }
        workflow = fields.get("workflow")
        if workflow is not None:
            shown.update({"workflow": workflow.name, "workflow_id": workflow.id})
        if fields.get("inputs") is not None:
            shown["inputs"] = inputs.shown_value(fields["inputs"])
        if when:
            shown["schedule"] = _shown_schedule(when)
        if "cron" in shown.get("schedule", {}):
            shown["recurrence"] = f"{when['cycle']}: {when['pattern']}"
        return shown

    def describe(self, task: Task, service: Service) -> dict[str, Any]:
        """Add whose task it is and its next runs."""
        return {"owner": task.wire.get("user"), "next_runs": _next_runs(task)}

    def run(self, task: Task, service: Service) -> Run:
        """Return the run that was looked up along with the task."""
        return task.run or executions.no_run("", convergence.UNKNOWN)

    def verdict(self, run: Run, params: Mapping[str, Any]) -> str:
        """Return why a run that has ended, or will not begin, counts as failed."""
        return run.error if run.status == convergence.IDLE else super().verdict(run, params)


class Logins:
    """The ways to log in: tokens come from the automation host, which may be another one."""

    def __init__(self, params: Mapping[str, Any], site: str) -> None:
        self._params = params
        default = "token" if params["token"] else "vcf" if params["api_token"] else "basic"
        self._way = params["auth"] or default
        for option in _NEEDS[self._way]:
            if not params[option]:
                raise OptionError(option, None, f"is needed with auth: {self._way}", f"Set {option}.")
        self._site = checked_url(params["auth_url"], "auth_url") if params["auth_url"] else site

    @property
    def urls(self) -> tuple[str, ...]:
        """Where logins are posted to; they change nothing, so they may be repeated."""
        return tuple(f"{self._site}{path}" for path in (_VRA_LOGIN, _VRA_TOKEN, *_VCF_DOORS))

    def auth(self, client: Client) -> Login:
        """Return what authenticates each request."""
        if self._way == "basic":
            username = self._with_domain(self._params["username"])
            client.secrets.add(raw_base64(username, self._params["password"]))
            return Basic(username, self._params["password"])
        fetch = {
            "vra": lambda: self._log_in_to_vra(client),
            "vcf": lambda: self._log_in_to_vcf(client),
        }
        return HeaderToken(self._params["token"], fetch.get(self._way))

    def _with_domain(self, username: str) -> str:
        domain = self._params["domain"]
        return f"{username}@{domain}" if domain and "@" not in username else username

    def _log_in_to_vra(self, client: Client) -> str:
        """Log in in two steps, as Aria Automation 8.0.1 and later wants it."""
        body = {"username": self._params["username"], "password": self._params["password"]}
        if self._params["domain"]:
            body["domain"] = self._params["domain"]
        attempt = f"log in as {self._params['username']!r}"
        refresh = self._token(client, attempt, f"{_VRA_LOGIN}?access_token", "refresh_token", json=body)
        return self._token(client, attempt, _VRA_TOKEN, "token", json={"refreshToken": refresh})

    def _log_in_to_vcf(self, client: Client) -> str:
        """Exchange the API token, at the tenant's door or, without a tenant, at the provider's."""
        tenant = self._params["tenant"]
        of_tenant, of_provider = _VCF_DOORS
        door = f"{of_tenant}/{quote(tenant, safe='')}" if tenant else of_provider
        form = {"grant_type": "refresh_token", "refresh_token": self._params["api_token"]}
        attempt = f"log in with the API token of {f'tenant {tenant!r}' if tenant else 'the provider'}"
        return self._token(client, attempt, f"{door}/token", "access_token", form=form)

    def _token(self, client: Client, attempt: str, path: str, key: str, **body: Any) -> str:
        request = Request(attempt, "POST", f"{self._site}{path}", is_login=True, **body)
        reply = client.send(request)
        token = reply.get(key) if isinstance(reply, Mapping) else None
        if not isinstance(token, str) or not token:
            raise _unexpected(request, f"no {key} in it")
        client.secrets.add(token)
        return token


class Orchestrator(Service):
    """An orchestrator's REST API."""

    def __init__(self, client: Client, params: Mapping[str, Any]) -> None:
        super().__init__(client)
        self._root = api_root(client.connection.url, _API)
        self._params = params
        # The inputs of the declaration: a secret among them goes along with every update.
        self._given: dict[str, Parameter] = {}
        # The runs that a task had before it was changed: they are not waited for.
        self._earlier: frozenset[str] = frozenset()

    def resolve(self, desired: Desired) -> Desired:
        """Find the workflow, and type the inputs as it declares them."""
        if desired.state == "absent":
            return self._resolved_for_absent(desired)
        fields = dict(desired.fields)
        workflow = None
        if "workflow" in fields:
            workflow = fields["workflow"] = self._workflow(fields["workflow"])
        if "inputs" in fields:
            workflow = workflow or self._workflow_of_match(desired)
            if workflow is not None:
                self._given = fields["inputs"] = self._typed(
                    workflow, self._declared_inputs(workflow), fields["inputs"]
                )
        return replace(desired, fields=fields)

    def matches(self, desired: Desired) -> list[Task]:
        """Return the task of the id; else those of the name, of the workflow where that is declared."""
        if desired.task_id is not None:
            found = self._existing(desired.task_id)
        else:
            name, workflow = desired.fields.get("name"), desired.fields.get("workflow")
            found = [task for task in self._tasks(workflow, name) if task.name == name]
        return [self._with_run(task) for task in found] if len(found) == 1 else found

    def listing(self, params: Mapping[str, Any]) -> list[Task]:
        """List the tasks that pass the filters."""
        named = named_workflow(params)
        workflow = None if named is None else self._workflow(named)
        if params["task_id"] is not None:
            found = self._existing(params["task_id"])
        else:
            found = list(self._tasks(workflow, params["name"]))
        return [
            task
            for task in found
            if params["name"] in (None, task.name)
            and params["enabled"] in (None, task.enabled)
            and (workflow is None or task.fields["workflow"].id == workflow.id)
        ]

    def fitting_ids(self, desired: Desired) -> set[str]:
        """Return the ids of the links of the name, or without one; the tasks need not be read."""
        if desired.task_id is not None:
            return {desired.task_id}
        links = self._task_links(desired.fields.get("workflow"))
        return {link.id for link in links.called(desired.fields.get("name") or "")}

    def prunable(self, params: Mapping[str, Any]) -> list[Task]:
        """Return the tasks of the workflow, as far as its list tells them."""
        named = named_workflow(params)
        workflow = None if named is None else self._workflow(named)
        return [
            Task(link.id, str(link.attributes.get("name") or ""), "", None, {}, {})
            for link in self._task_links(workflow).all
        ]

    def get(self, task: Task) -> Task:
        """Read one task, and its run where that is waited for."""
        return self._with_run(self._by_id(task.id))

    def created(self, desired: Desired, task_id: str) -> Task:
        """Read a new task."""
        return self._with_run(self._by_id(task_id))

    def give_up(self, task: Task) -> tuple[Task, str]:
        """Say whether the run has begun at all, and what it waits for."""
        if task.run is None or not task.run.id:
            return task, "It has not begun."
        return task, f"{executions.hint(task.run)}It was not stopped."

    def create(self, desired: Desired) -> str | None:
        """Create a task. Its id is in the body (8.x), or else in the header Location (7.x)."""
        start = desired.fields.get("schedule.start") or datetime.now(timezone.utc).replace(microsecond=0)
        body = _body({**desired.fields, "schedule.start": start}, desired.fields.get("inputs"))
        return self._new_id(self._write(f"create task {desired.label!r}", "POST", "/tasks", body))

    def _new_id(self, request: Request) -> str | None:
        reply = self.client.answer(request)
        known = reply.body.get("id") if isinstance(reply.body, Mapping) else None
        return known if isinstance(known, str) and known else _tail(reply.location) or None

    def update(self, task: Task, planned: Plan) -> None:
        """Send the whole task: what it has, with the planned fields replaced. No state: it stays."""
        self._send(f"update task {task.name!r}", task, planned.fields)

    def act(self, verb: str, task: Task) -> None:
        """Delete a task, or request the transition that suspends or resumes it."""
        attempt = f"{verb} task {task.name!r}"
        if verb == "delete":
            self._delete(attempt, task)
            return
        try:
            self._send(attempt, task, {}, state=_TRANSITIONS[verb])
        except RequestError as error:
            # So a request is refused for a state that the task has already.
            if error.http_status != 409 or self.get(task).enabled != (verb == "enable"):
                raise

    def _delete(self, attempt: str, task: Task) -> None:
        try:
            self.client.send(self._write(attempt, "DELETE", f"/tasks/{quote(task.id, safe='')}"))
        except AbsentError:
            return  # gone already, which is what was wanted

    def _send(self, attempt: str, task: Task, fields: Mapping[str, Any], state: str | None = None) -> None:
        """Send the whole task, and its inputs too unless that would lose a secret that nobody gave.

        The server replaces the list of inputs as a whole, and is taken to keep it when it is left out.
        """
        wanted = fields.get("inputs") or {**(task.fields.get("inputs") or {}), **self._given}
        complete = not any(item.is_unknown for item in wanted.values())
        body = _body({**task.fields, **fields}, wanted if complete else None)
        if state is not None:
            body["state"] = state
        if self._params.get("wait"):
            self._earlier = frozenset(link.id for link in self._task_runs(task))
        request = self._write(attempt, "POST", f"/tasks/{quote(task.id, safe='')}", body)
        wire = self.client.send(request)
        answer = self._by_id(task.id) if wire is None else _task(request, wire)
        _check_inputs(request, wanted, answer.fields.get("inputs") or {})

    def _resolved_for_absent(self, desired: Desired) -> Desired:
        """Find the workflow of a task to delete; with an unknown one there is no such task."""
        if desired.task_id is not None:
            return replace(desired, fields={})
        try:
            workflow = self._workflow(desired.fields["workflow"])
        except (AbsentError, UnknownWorkflowError):
            workflow = Workflow("", desired.fields["workflow"].name)
        return replace(desired, fields={"name": desired.name, "workflow": workflow})

    def _workflow_of_match(self, desired: Desired) -> Workflow | None:
        """Return the workflow of the one task that fits; without one, nothing is compared."""
        tasks = self.matches(desired)
        return tasks[0].fields["workflow"] if len(tasks) == 1 else None

    def _typed(
        self, workflow: Workflow, declared: Mapping[str, str], given: Mapping[str, Any]
    ) -> dict[str, Parameter]:
        """Type the inputs. A mask stands for a secret that this collection has shown: it is not given."""
        always = self._params.get("update_secrets") == "always"
        typed = {}
        for name, value in given.items():
            kind = declared.get(name)
            if kind is None:
                self._hide(value)
                known = ", ".join(declared) or "none"
                raise UnreachableStateError(
                    f"inputs.{name}: the workflow {workflow} has no such input. It has: {known}."
                )
            if inputs.is_secret(kind):
                if value == MASK:
                    continue
                self._hide(value)
            typed[name] = replace(inputs.typed_input(name, kind, value), changes=always)
        return typed

    def _hide(self, value: Any) -> None:
        """Let all texts in a value count as secrets."""
        inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
        for item in inner:
            self._hide(item)
        if isinstance(value, str) and value != MASK:
            self.client.secrets.add(value, of_call=True)

    def _declared_inputs(self, workflow: Workflow) -> dict[str, str]:
        """Return the types of a workflow's inputs by name."""
        return {
            str(item["name"]): str(item["type"])
            for item in _objects(self._workflow_wire(workflow.id).get("input-parameters"))
            if "name" in item and "type" in item
        }

    def _workflow(self, named: Workflow) -> Workflow:
        """Return the workflow of an id, or of a name or path."""
        find = self._workflow_by_id if named.id else self._workflow_by_name
        return self.memory.recall(("workflow", named), lambda: find(named))

    def _workflow_by_name(self, named: Workflow) -> Workflow:
        """Return the workflow of a name or path; refuse to guess among several."""
        folder, dummy, name = named.name.strip("/").rpartition("/")
        found = [workflow for workflow in self._workflows(name) if workflow.name == name]
        paths = {}
        if folder or len(found) > 1:
            paths = {workflow.id: self._path(workflow) for workflow in found}
            found = [item for item in found if not folder or paths[item.id] == f"{folder}/{name}"]
        if len(found) > 1:
            ids = [f"{workflow.id} ({paths[workflow.id]})" for workflow in found]
            raise AmbiguousMatchError(VENDOR.label, named.name, ids, noun="workflow", option="workflow_id")
        if not found:
            raise UnknownWorkflowError(
                f"workflow: the server shows this account no workflow {named.name!r}. Check the name and the "
                "account's rights, or set workflow_id. Before a name, a folder is written as Folder/Sub/Name."
            )
        return found[0]

    def _workflow_by_id(self, named: Workflow) -> Workflow:
        wire = self._workflow_wire(named.id)
        workflow = Workflow(named.id, str(wire.get("name") or ""))
        if named.name and named.name.rpartition("/")[2] != workflow.name:
            raise OptionError(
                "workflow",
                named.name,
                f"is not the name of workflow_id {named.id}, which is {workflow.name!r}",
                "Give one of the two.",
            )
        return workflow

    def _workflow_wire(self, workflow_id: str) -> Mapping[str, Any]:
        return self.memory.recall(("wire", workflow_id), lambda: self._read_workflow(workflow_id))

    def _read_workflow(self, workflow_id: str) -> Mapping[str, Any]:
        request = self._read(
            f"read the workflow with workflow_id {workflow_id!r}", f"/workflows/{quote(workflow_id, safe='')}"
        )
        wire = self.client.send(request)
        if not isinstance(wire, Mapping):
            raise _unexpected(request, "no workflow in it")
        return wire

    def _workflows(self, name: str) -> list[Workflow]:
        """List workflows. The server's filter is used where it is one, and not relied on (8.18 has none)."""
        query = {} if "," in name else {"conditions": f"name={name}"}  # a comma starts a further condition
        request = self._read(f"look for the workflow {name!r}", "/workflows", **query)
        return [
            Workflow(
                link.id,
                str(link.attributes.get("name") or link.attributes.get("@name") or ""),
                _tail(str(link.attributes.get("categoryHref") or "")),
            )
            for link in self._links(request, "workflows")
        ]

    def _path(self, workflow: Workflow) -> str:
        """Return folders and name of a workflow, as in Folder/Sub/Name."""
        folder = workflow.folder_id or str(self._workflow_wire(workflow.id).get("category-id") or "")
        wire = self.client.send(
            self._read(f"read the folder of the workflow {workflow}", f"/categories/{quote(folder, safe='')}")
        )
        known = wire if isinstance(wire, Mapping) else {}
        parts = [part for part in str(known.get("path") or "").split("/") if part]
        name = str(known.get("name") or "")
        if name and parts[-1:] != [name]:
            parts.append(name)  # the path of the folder's own folder
        return "/".join([*parts, workflow.name])

    def _tasks(self, workflow: Workflow | None, name: str | None) -> Iterator[Task]:
        """Yield the tasks of a workflow, or all. Links tell little, so each task is read by itself."""
        links = self._task_links(workflow)
        for link in links.all if name is None else links.called(name):
            yield from self.memory.recall(("task", link.id), partial(self._existing, link.id))

    def _task_links(self, workflow: Workflow | None) -> Links:
        if workflow is None:
            request = self._read("list the tasks", "/tasks")
        elif workflow.id:
            path = f"/workflows/{quote(workflow.id, safe='')}/tasks"
            request = self._read(f"list the tasks of the workflow {workflow}", path)
        else:
            return Links([])  # of a workflow that is not there
        return self.memory.recall(("tasks", request.url), lambda: Links(self._links(request, "tasks")))

    def _links(self, request: Request, kind: str) -> list[Link]:
        """Read a list to its end; a server that does not page ends it with the first answer."""
        links = {
            link.id: link
            for page in self.client.pages(request, lambda page: _following(page, kind))
            for link in _links_of(request, page, kind)
        }
        return list(links.values())

    def _existing(self, task_id: str) -> list[Task]:
        """Return the task of an id, or nothing: it may be gone since it was listed."""
        try:
            return [self._by_id(task_id)]
        except AbsentError:
            return []

    def _by_id(self, task_id: str) -> Task:
        request = self._read(f"read task {task_id!r}", f"/tasks/{quote(task_id, safe='')}")
        return _task(request, self.client.send(request))

    def _with_run(self, task: Task) -> Task:
        """Return the task with the run that is waited for: the newest since it was changed here."""
        if not self._params.get("wait"):
            return task
        links = [link for link in self._task_runs(task) if link.id not in self._earlier]
        newest = next(self._newest_first(task.fields["workflow"], links), None)
        word = str(task.wire.get("state") or "")
        run = executions.no_run(word, task.state) if newest is None else newest.run
        return replace(task, run=run)

    def _task_runs(self, task: Task) -> list[Link]:
        path = f"/tasks/{quote(task.id, safe='')}/executions"
        return self._links(self._read(f"list the runs of task {task.name!r}", path), "executions")

    def _newest_first(self, workflow: Workflow, links: list[Link]) -> Iterator[Task]:
        """Yield the runs behind the links, each read when it is asked for, where the links tell the order."""
        dated = [(executions.started(link.attributes), link) for link in links]
        known = [(date, link) for date, link in dated if date is not None]
        if len(known) == len(dated):
            for dummy, link in sorted(known, key=lambda entry: entry[0], reverse=True):
                yield from self._existing_run(workflow, link.id)
            return
        found = [run for link in links for run in self._existing_run(workflow, link.id)]
        yield from sorted(found, key=lambda run: (run.run and run.run.started) or "", reverse=True)

    def _existing_run(self, workflow: Workflow, run_id: str) -> list[Task]:
        """Return a run, or nothing: it may be gone since it was listed."""
        try:
            return [self._run_by_id(workflow, run_id)]
        except AbsentError:
            return []

    def _run_by_id(self, workflow: Workflow, run_id: str) -> Task:
        """Read a run of a workflow, and what it waits for."""
        path = run_path(workflow, run_id)
        request = self._read(f"read run {run_id!r} of the workflow {workflow}", path)
        wire = self.client.send(request)
        if not isinstance(wire, Mapping) or not isinstance(wire.get("id"), str) or not wire["id"]:
            raise _unexpected(request, "a run without an id")
        for text in inputs.secret_texts(wire):
            self.client.secrets.add(text, of_call=True)
        run = executions.read_run(wire, workflow.id)
        if run.status == convergence.WAITING:
            run = replace(run, details={**run.details, "waits_for": self._awaited(workflow, run)})
        return Task(
            id=run.id,
            name=workflow.name or _text(wire.get("name")) or workflow.id,
            state=run.status,
            enabled=None,
            fields={"workflow": workflow, "inputs": executions.parameters(wire, "input-parameters")},
            wire=inputs.without_secrets(wire),
            error=run.error,
            run=run,
        )

    def _awaited(self, workflow: Workflow, run: Run) -> str:
        """Return what a waiting run waits for: one that waits for a person has a user interaction."""
        path = f"{run_path(workflow, run.id)}/interaction"
        request = self._read(f"read the user interaction of run {run.id!r}", path)
        try:
            self.client.send(replace(request, may_be_empty=True))
        except AbsentError:
            return "a signal"
        except RequestError as error:
            if error.retryable:
                raise
            return "a person or a signal"
        item = run.details.get("current_item")
        where = f" at {item!r}" if item else ""
        return (
            f"a person, who is to answer the user interaction{where}, in the orchestrator's client or by "
            f"POST {request.url}"
        )

    def _read(self, attempt: str, path: str, **query: Any) -> Request:
        return Request(attempt, "GET", f"{self._root}{path}", query=query)

    def _write(self, attempt: str, method: str, path: str, body: Any = None) -> Request:
        return Request(attempt, method, f"{self._root}{path}", json=body, writes=True, may_be_empty=True)


class UnknownWorkflowError(UnreachableStateError):
    """The server shows no workflow of that name."""


@dataclass(frozen=True)
class Link:
    """An entry of a list: an id, and what else the server tells there."""

    id: str
    attributes: Mapping[str, Any]


class Links:
    """The links of a list, found by name; one that tells no name may be of any."""

    def __init__(self, links: list[Link]) -> None:
        self.all = links
        self._called: dict[Any, list[Link]] = {}
        for link in links:
            self._called.setdefault(link.attributes.get("name"), []).append(link)

    def called(self, name: str) -> list[Link]:
        """Return the links that may be to what is called so."""
        return [*self._called.get(name, ()), *self._called.get(None, ())]


def _read_reply(reply: Reply) -> Any:
    """Find the refusal in a reply: a message in JSON. A page of HTML comes from something in between.

    A 404 without a body is how a task is said not to exist. What is refused for now is left to the client.
    """
    body = reply.body
    if not 400 <= reply.status < 500 or reply.status == 429:
        return body
    if isinstance(body, Mapping):
        text = body.get("message") or body.get("error_description") or body.get("error")
        raise RefusalError(
            str(text or "no reason given"),
            token_refused=reply.status == 401,
            absent=reply.status == 404,
        )
    if reply.status == 404 and not reply.text.strip():
        raise RefusalError("HTTP 404", absent=True)
    return body


def _unexpected(request: Request, problem: str) -> RequestError:
    return RequestError(
        request.attempt,
        f"the answer is not what the orchestrator documents: {problem}",
        "Check that url leads to an orchestrator.",
        request=request.shown,
        unclear=request.writes,
    )


def _page_links(page: Any) -> tuple[list[Any], Mapping[str, Any]] | None:
    """Return the links of a list and what stands beside them: nested in relations, or flat."""
    relations = page.get("relations") if isinstance(page, Mapping) else None
    envelope = relations if isinstance(relations, Mapping) else page
    links = envelope.get("link") if isinstance(envelope, Mapping) else None
    if links is None and isinstance(envelope, Mapping) and envelope.get("total") == 0:
        links = []
    return (links, envelope) if isinstance(links, list) else None


def _links_of(request: Request, page: Any, kind: str) -> list[Link]:
    found = _page_links(page)
    if found is None:
        raise _unexpected(request, "no list of links in it")
    return [link for wire in found[0] for link in _link(wire, kind)]


def _link(wire: Any, kind: str) -> Iterator[Link]:
    """Read a link to a thing of this kind; others, such as the one upwards, are skipped."""
    if not isinstance(wire, Mapping) or wire.get("rel") == "up":
        return
    attributes = {
        str(item["name"]): item.get("value") for item in _objects(wire.get("attributes")) if "name" in item
    }
    found = re.search(rf"/{kind}/([^/?]+)/?$", str(wire.get("href") or ""))
    known = attributes.get("id") or attributes.get("@id") or (found and found.group(1))
    if known:
        yield Link(str(known), attributes)


def _following(page: Any, kind: str) -> dict[str, int] | None:
    """Return where the next page starts, where a list says that it holds more than it shows.

    None is documented for tasks. A server that ignores it answers the same page, which the client notices.
    """
    links, envelope = _page_links(page) or ([], {})
    start, total = envelope.get("start"), envelope.get("total")
    seen = (start if isinstance(start, int) else 0) + sum(1 for wire in links for dummy in _link(wire, kind))
    return {"startIndex": seen} if isinstance(total, int) and seen < total else None


def run_path(workflow: Workflow, run_id: str) -> str:
    """Return the path of a run below the root of the API."""
    return f"/workflows/{quote(workflow.id, safe='')}/executions/{quote(run_id, safe='')}"


def _tail(url: str | None) -> str:
    """Return the last part of a path, which may end with a slash."""
    return urlsplit(url or "").path.rstrip("/").rpartition("/")[2]


def _task(request: Request, wire: Any) -> Task:
    """Read a task object of the wire into the normal form; secrets do not get past here."""
    if not isinstance(wire, Mapping) or not isinstance(wire.get("id"), str) or not wire["id"]:
        raise _unexpected(request, "a task without an id")
    cycle = _text(wire.get("recurrence-cycle"))
    state = _text(wire.get("state"))
    given = {
        str(item["name"]): inputs.read_input(item)
        for item in _objects(wire.get("input-parameters"))
        if "name" in item
    }
    fields = {
        "name": _text(wire.get("name")),
        "description": _text(wire.get("description")) or "",
        "workflow": _wire_workflow(wire.get("workflow")),
        "inputs": given or None,
        "schedule.cycle": cycle,
        "schedule.pattern": recurrence.read_pattern(cycle, _text(wire.get("recurrence-pattern")) or ""),
        **{name: inputs.moment(wire.get(key)) for name, key in _DATES.items()},
        "start_mode": _text(wire.get("start-mode")),
    }
    return Task(
        id=wire["id"],
        name=_text(wire.get("name")) or "",
        state=_STATES.get(state or "", convergence.UNKNOWN),
        enabled=state != "suspended",
        fields={name: value for name, value in fields.items() if value is not None},
        wire=_without_secrets(wire, given),
    )


def _body(fields: Mapping[str, Any], given: Mapping[str, Parameter] | None) -> dict[str, Any]:
    """Write managed fields as a whole task; no inputs leave their list out."""
    workflow: Workflow = fields["workflow"]
    pattern: Pattern | None = fields.get("schedule.pattern")
    body = {
        "name": fields.get("name"),
        "description": fields.get("description"),
        "workflow": {"id": workflow.id, "name": workflow.name},
        "recurrence-cycle": fields.get("schedule.cycle"),
        "recurrence-pattern": None if pattern is None else pattern.text,
        **{key: _date(fields.get(name)) for name, key in _DATES.items()},
        "start-mode": fields.get("start_mode"),
        "input-parameters": [inputs.wire_input(name, item) for name, item in (given or {}).items()] or None,
    }
    return {name: value for name, value in body.items() if value is not None}


def _wire_workflow(wire: Any) -> Workflow:
    """Read the workflow of a task; 7.x may tell it by a link."""
    known = wire if isinstance(wire, Mapping) else {}
    return Workflow(str(known.get("id") or _tail(str(known.get("href") or ""))), str(known.get("name") or ""))


def _without_secrets(wire: Mapping[str, Any], given: Mapping[str, Parameter]) -> dict[str, Any]:
    """Mask the secrets in a task object; formInputs, whose form is not known, are hidden whole."""
    masked: dict[str, Any] = inputs.without_secrets(wire)
    if masked.get("formInputs") and any(item.is_unknown for item in given.values()):
        masked["formInputs"] = MASK
    return masked


def check_not_empty(params: Mapping[str, Any], *options: str) -> None:
    """Refuse an option that is given and says nothing."""
    for option in options:
        if params[option] is not None and not params[option].strip():
            raise OptionError(option, params[option], "is empty", "Give it a value, or leave it out.")


def _check_wait(params: Mapping[str, Any]) -> None:
    """Refuse to wait for the run of a task that shall not run."""
    for option, value in (("state", "absent"), ("enabled", False)):
        if params["wait"] and params[option] == value:
            problem = f"waits for a run, and {option}: {str(value).lower()} prevents it"
            raise OptionError("wait", True, problem, "Leave wait out.")


def named_workflow(params: Mapping[str, Any]) -> Workflow | None:
    """Return the workflow as the options name it."""
    if params["workflow"] is None and params["workflow_id"] is None:
        return None
    return Workflow(params["workflow_id"] or "", params["workflow"] or "")


def _always(fields: Mapping[str, Any]) -> bool:
    return True


def _same_inputs(wanted: Mapping[str, Parameter], existing: Mapping[str, Parameter] | None) -> bool:
    """Compare the given inputs; the task may have others."""
    return all(item.same((existing or {}).get(name)) for name, item in wanted.items())


def _merged_inputs(
    existing: Mapping[str, Parameter] | None, wanted: Mapping[str, Parameter]
) -> dict[str, Parameter]:
    """Return all inputs as the server is to have them: it replaces the list as a whole."""
    merged = {**(existing or {}), **wanted}
    unknown = [name for name, item in merged.items() if item.is_unknown]
    if unknown:
        raise UnreachableStateError(
            f"inputs.{unknown[0]} is a secret that the server does not show, and a change of any input sends "
            f"them all. Give inputs.{unknown[0]} too."
        )
    return merged


def _carried_over(existing: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a task is created from that takes another's place.

    Inputs belong to the workflow, so with another workflow only the declared ones are taken.
    """
    fields = {**existing, **wanted}
    given = fields.pop("inputs", None)
    if fields["workflow"].id == existing["workflow"].id:
        given = _merged_inputs(existing.get("inputs"), wanted.get("inputs") or {})
    elif "inputs" not in wanted:
        given = None
    return {**fields, "inputs": given} if given else fields


def _check_inputs(request: Request, sent: Mapping[str, Parameter], has: Mapping[str, Parameter]) -> None:
    """Notice a server that dropped inputs which were left out, or did not take those that were sent."""
    wrong = [name for name, item in sent.items() if not replace(item, changes=False).same(has.get(name))]
    if wrong:
        error = RequestError(
            request.attempt,
            f"the server answers success, and inputs.{wrong[0]} is not as it was sent or was before",
            "Orchestrator 7.x takes no inputs in an update: delete the task by state: absent and declare it "
            "again. Otherwise declare all inputs, with their secrets, and run this once more.",
            request=request.shown,
        )
        error.done = (convergence.ACTIONS["update"],)
        raise error


def _desired_schedule(given: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    name = given.get("timezone")
    zone = timezone.utc if name is None else schedule.parse_zone(name, "schedule.timezone")
    dates = {
        option: schedule.parse_instant(given[option], f"schedule.{option}", zone).replace(microsecond=0)
        for option in ("at", "start", "end")
        if given.get(option) is not None and (option, given[option]) != ("end", _NEVER)
    }
    if "start" in dates and "end" in dates and dates["end"] <= dates["start"]:
        raise OptionError(
            "schedule.end",
            given["end"],
            f"is not after schedule.start ({given['start']})",
            "Set a later end.",
        )
    if "at" in dates:
        yield "schedule.cycle", ONE_TIME
        yield "schedule.pattern", recurrence.once(name or "UTC")
        yield "schedule.start", dates["at"]
    if given.get("cron") is not None:
        cycle, pattern = recurrence.from_crontab(given["cron"], name or "UTC")
        yield "schedule.cycle", cycle
        yield "schedule.pattern", pattern
    if given.get("cycle") is not None:
        cycle, pattern = recurrence.checked(given["cycle"], given.get("pattern"))
        yield "schedule.cycle", cycle
        yield "schedule.pattern", pattern
    if "start" in dates:
        yield "schedule.start", dates["start"]
    if given.get("end") is not None:
        yield "schedule.end", dates.get("end")


def _shown_schedule(when: Mapping[str, Any]) -> dict[str, Any]:
    """Write a schedule in the words of the option: a crontab where one says it, ``at`` for one run."""
    cycle, pattern = when.get("cycle"), when.get("pattern")
    zone = recurrence.zone_of(pattern) if pattern is not None else None
    moments = recurrence.to_moments(cycle, pattern) if cycle and pattern and zone else None
    shown: dict[str, Any] = {
        name: value.astimezone(zone if moments else timezone.utc).isoformat()
        if isinstance(value, datetime)
        else value and str(value)
        for name, value in when.items()
    }
    if moments is not None:
        dates = {name: value for name, value in shown.items() if name in ("start", "end")}
        shown = {"cron": schedule.crontab(moments), "timezone": str(zone), **dates}
    if shown.get("cycle") == ONE_TIME and "start" in shown:
        shown = {"at": shown["start"], **{name: shown[name] for name in ("end",) if name in shown}}
    if "end" in shown:
        shown["end"] = shown["end"] or _NEVER
    return shown


def _next_runs(task: Task) -> list[str]:
    """Return the next runs; none of a task that is switched off or has run its course."""
    cycle, pattern, start = (task.fields.get(f"schedule.{name}") for name in ("cycle", "pattern", "start"))
    if not (task.enabled and cycle and pattern and start) or task.state == convergence.COMPLETED:
        return []
    end = task.fields.get("schedule.end")
    runs = recurrence.next_runs(cycle, pattern, start, end, datetime.now(timezone.utc))
    return [run.isoformat() for run in runs]


def _date(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat(timespec="seconds").replace("+00:00", "Z")


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _objects(value: Any) -> list[Mapping[str, Any]]:
    """Return the objects in a list of the wire."""
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


VENDOR = Orchestration()
