# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Workflows of the orchestrator, run now: here a "task" of the shared core is one run of a workflow.

Sources as in vro.py. A start takes inputs and nothing else, so the only place for a mark that a later
look can find is an input of type string: that is where an ``idempotency_key`` is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import islice
from typing import Any
from urllib.parse import quote

from .. import _convergence as convergence
from .._client import Client
from .._convergence import Capabilities, Desired, Run, Task
from .._errors import OptionError, RequestError, UnreachableStateError
from .._options import INCLUDE_RAW, SECRET_KEYS, WAIT, ArgumentSpec
from .._vendor import Service
from . import _vro_executions as executions
from . import _vro_inputs as inputs
from ._vro_inputs import Parameter
from .vro import (
    CONNECTION,
    Link,
    Orchestration,
    Orchestrator,
    Workflow,
    check_not_empty,
    named_workflow,
    run_path,
)

_RUN = ArgumentSpec(
    options={
        "workflow": {"type": "str"},
        "workflow_id": {"type": "str"},
        "inputs": {"type": "dict"},
        # A key in the sense of a mark; it is no secret.
        "idempotency_key": {"type": "str", "no_log": False},
        "idempotency_input": {"type": "str"},
        "idempotency_depth": {"type": "int", "default": 100},
        "rerun": {"type": "str", "choices": ["never", "on_failure", "always"], "default": "never"},
        # The outputs are there once the run has ended, so the module waits unless it is told not to.
        "wait": {"type": "bool", "default": True},
        "cancel_on_timeout": {"type": "bool", "default": False},
    },
    required_one_of=(("workflow", "workflow_id"),),
)


class WorkflowRuns(Orchestration):
    """What is known of runs without asking a server."""

    noun = "run"
    created_word = "started"
    # The default of ``wait`` is this module's own.
    task_spec = CONNECTION.merge(WAIT, _RUN, INCLUDE_RAW, SECRET_KEYS)
    ended_states = executions.ENDED

    def __init__(self) -> None:
        # Nothing of a run can be changed, and nothing is compared: the key alone tells a run.
        self.capabilities = Capabilities(fields=(), why_not_deletable="What a run has done stays done.")

    def desired(self, params: Mapping[str, Any]) -> Desired:
        """Read the declaration; all that needs no look at the server is checked here."""
        check_not_empty(params, "workflow", "workflow_id", "idempotency_key", "idempotency_input")
        workflow = named_workflow(params)
        if workflow is None:  # Ansible lets workflow: null pass as given
            raise OptionError("workflow", None, "is needed", "Set workflow, or workflow_id.")
        _check_idempotency(params)
        return Desired(
            name=workflow.name or workflow.id,
            state="present",
            fields={"workflow": workflow, "inputs": _given_inputs(params)},
            rerun=params["rerun"],
            failed_in=executions.ENDED - {convergence.COMPLETED},
        )

    def serve(self, client: Client, params: Mapping[str, Any]) -> Orchestrator:
        """Return the orchestrator for one declaration."""
        return Runner(client, params)

    def describe(self, task: Task, service: Service) -> dict[str, Any]:
        """Add nothing: all is told by the run itself."""
        return {}

    def returned(self, task: Task, service: Service, form: dict[str, Any]) -> dict[str, Any]:
        """Return the run and its outputs; neither exists where check mode would start one."""
        if task.run is None:
            return {}
        raw = {"raw": form["raw"]} if "raw" in form else {}
        return {"run": task.run.form, "outputs": task.run.details["outputs"], **raw}

    def verdict(self, run: Run, params: Mapping[str, Any]) -> str:
        """Return why a run counts as failed, and how to have another one in spite of its key."""
        reason = super().verdict(run, params)
        if reason and params["idempotency_key"] is not None and params["rerun"] == "never":
            return f"{reason}. With its idempotency_key it is not started again; rerun: on_failure does so."
        return reason

    def warnings(self, desired: Desired, existing: Task | None) -> list[str]:
        """Say where a run that has the key was started with other inputs."""
        if existing is None or desired.rerun != "never":
            return []
        has = existing.fields["inputs"]
        other = [name for name, item in desired.fields["inputs"].items() if not item.same(has.get(name))]
        if not other:
            return []
        return [
            f"The run {existing.id}, which was started with this idempotency_key, has another value in "
            f"inputs.{other[0]}. It counts all the same."
        ]


class Runner(Orchestrator):
    """An orchestrator's REST API, to run workflows."""

    def __init__(self, client: Client, params: Mapping[str, Any]) -> None:
        super().__init__(client, params)
        # The runs that were there before: one that is new after a lost answer is ours.
        self._known: frozenset[str] = frozenset()

    def resolve(self, desired: Desired) -> Desired:
        """Find the workflow, and type the inputs as it declares them."""
        workflow = self._workflow(desired.fields["workflow"])
        given = desired.fields["inputs"]
        declared = self._declared_inputs(workflow) if given else {}
        self._check_input_of_key(workflow, declared)
        typed = self._typed(workflow, declared, given)
        self._check_key(typed)
        return replace(desired, fields={"workflow": workflow, "inputs": typed})

    def matches(self, desired: Desired) -> list[Task]:
        """Return the newest run that has the key; without one, each call is a run of its own."""
        workflow = desired.fields["workflow"]
        links = self._runs_of(workflow)
        self._known = frozenset(link.id for link in links)
        marks = self._marks(desired.fields["inputs"])
        if not marks:
            return []
        newest = islice(self._newest_first(workflow, links), self._params["idempotency_depth"])
        found = (run for run in newest if _has(run, marks))
        return list(islice(found, 1))

    def newcomers(self, desired: Desired, before: list[Task]) -> list[Task]:
        """Return the runs that were not there before, if they have the same inputs and the same account."""
        workflow = desired.fields["workflow"]
        links = self._runs_of(workflow)
        new = [link.id for link in links if link.id not in self._known]
        runs = [run for run_id in new for run in self._existing_run(workflow, run_id)]
        return [run for run in runs if _has(run, desired.fields["inputs"]) and self._is_own(run)]

    def get(self, task: Task) -> Task:
        """Read one run."""
        return self._run_by_id(task.fields["workflow"], task.id)

    def watch(self, task: Task) -> Task:
        """Ask for the state alone; the run is read whole when that has changed."""
        request = self._read(f"read the state of run {task.id!r}", _state_path(task))
        wire = self.client.send(request)
        return task if task.run and executions.read_state(wire) == task.run.word else self.get(task)

    def create(self, desired: Desired) -> str | None:
        """Start the workflow. The id of the run is in the body (8.x), or else in Location (7.x)."""
        workflow = desired.fields["workflow"]
        given = [inputs.wire_input(name, item) for name, item in desired.fields["inputs"].items()]
        body = {"parameters": given} if given else {}
        return self._new_id(self._write(f"run the workflow {workflow}", "POST", _runs_path(workflow), body))

    def created(self, desired: Desired, task_id: str) -> Task:
        """Read the new run."""
        return self._run_by_id(desired.fields["workflow"], task_id)

    def give_up(self, task: Task) -> tuple[Task, str]:
        """Cancel the run where that is wanted, and say what came of it."""
        if not self._params["cancel_on_timeout"]:
            return super().give_up(task)
        hint = executions.hint(task.run) if task.run else ""
        try:
            self.client.send(self._write(f"cancel run {task.id!r}", "DELETE", _state_path(task)))
            task = self.get(task)
        except RequestError as error:
            return task, f"{hint}It may not have been canceled. {error}"
        if task.state == convergence.STOPPED:
            return task, f"{hint}It was canceled."
        return task, f"{hint}It was told to cancel, and is {task.state}."

    def _check_input_of_key(self, workflow: Workflow, declared: Mapping[str, str]) -> None:
        """Refuse an input that cannot keep the key."""
        name = self._params["idempotency_input"]
        if name is not None and declared.get(name) != "string":
            fit = ", ".join(known for known, kind in declared.items() if kind == "string") or "none"
            raise UnreachableStateError(
                f"idempotency_input: the workflow {workflow} has no input {name!r} of type string, and only "
                f"such a one can keep the key. It has: {fit}."
            )

    def _check_key(self, typed: Mapping[str, Parameter]) -> None:
        """Refuse a key that no input keeps, as a later look could not find it."""
        key = self._params["idempotency_key"]
        if key is not None and not self._marks(typed):
            raise UnreachableStateError(
                f"idempotency_key: the orchestrator keeps nothing of a start but its inputs, and none of "
                f"type string has the value {key!r}. Name one that shall keep it in idempotency_input."
            )

    def _marks(self, typed: Mapping[str, Parameter]) -> dict[str, Parameter]:
        """Return the inputs that keep the key: the named one, or all that have it as their value."""
        key, name = self._params["idempotency_key"], self._params["idempotency_input"]
        return {
            known: item
            for known, item in typed.items()
            if key is not None and item.type == "string" and item.value == key and name in (None, known)
        }

    def _is_own(self, run: Task) -> bool:
        """Return whether this account started the run, as far as both names are known."""
        started_by = run.run.details.get("started_by") if run.run else None
        username = self._params["username"]
        if not username or not started_by:
            return True
        return bool(username.partition("@")[0].lower() == started_by.partition("@")[0].lower())

    def _runs_of(self, workflow: Workflow) -> list[Link]:
        request = self._read(f"list the runs of the workflow {workflow}", _runs_path(workflow))
        return self._links(request, "executions")


def _given_inputs(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs as given, with the key in the one that is to keep it."""
    given = dict(params["inputs"] or {})
    if params["idempotency_input"] is not None:
        given[params["idempotency_input"]] = params["idempotency_key"]
    return given


def _check_idempotency(params: Mapping[str, Any]) -> None:
    key, name = params["idempotency_key"], params["idempotency_input"]
    if key is None:
        for option, unused in (("idempotency_input", None), ("rerun", "never")):
            if params[option] != unused:
                raise OptionError(option, params[option], "is of no use alone", "Set idempotency_key too.")
    if name is not None and (params["inputs"] or {}).get(name, key) != key:
        raise OptionError(
            "idempotency_input",
            name,
            "names an input that has another value in inputs",
            "Leave it out of inputs: it gets the value of idempotency_key.",
        )
    if params["idempotency_depth"] < 1:
        raise OptionError(
            "idempotency_depth", params["idempotency_depth"], "is no number of runs", "Use 100, for example."
        )


def _runs_path(workflow: Workflow) -> str:
    return f"/workflows/{quote(workflow.id, safe='')}/executions"


def _state_path(task: Task) -> str:
    return f"{run_path(task.fields['workflow'], task.id)}/state"


def _has(run: Task, wanted: Mapping[str, Parameter]) -> bool:
    """Return whether a run was started with these inputs; secrets cannot be compared."""
    return all(item.same(run.fields["inputs"].get(name)) for name, item in wanted.items())


VENDOR = WorkflowRuns()
