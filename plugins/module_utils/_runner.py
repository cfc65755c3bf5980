# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one flow of every module: options -> desired task -> plan -> requests -> result.

Check mode, diff and the shape of results live here and nowhere else.
This file is private to the collection and may change at any time.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from ansible.module_utils.basic import missing_required_lib

from ._client import MASK, Secrets
from ._convergence import ACTIONS, FAILED, LEADS_TO, Desired, Plan, Task, plan
from ._errors import MissingLibraryError, RequestError, RunFailedError, TaskbridgeError
from ._vendor import Service, Vendor

# What a module returns, and what it warns of.
Outcome = tuple[dict[str, Any], list[str]]

_SECRET_WORDS = ("password", "passwd", "secret", "token", "apikey", "api_key", "access_key")


def run_task_module(module: Any, vendor: Vendor) -> None:
    """Converge one task for an AnsibleModule and leave through its exits."""
    _run(module, vendor, _converge)


def run_info_module(module: Any, vendor: Vendor) -> None:
    """List tasks for an AnsibleModule and leave through its exits."""
    _run(module, vendor, _list)


def _run(module: Any, vendor: Vendor, operation: Callable[..., Outcome]) -> None:
    # A token fetched during the run is as secret as the password it was fetched with.
    secrets = Secrets(report=module.no_log_values.add)
    params = dict(module.params)
    # Ansible adds the options to every result. Which values in these are secret, only the server tells.
    module.params.update({name: MASK for name in vendor.unshown if params.get(name)})
    try:
        result, warnings = operation(vendor, params, check_mode=module.check_mode, secrets=secrets)
    except MissingLibraryError as error:
        module.fail_json(msg=missing_required_lib(error.library), exception=error.traceback)
    except TaskbridgeError as error:
        module.fail_json(**error.failure())
    else:
        for text in warnings:
            module.warn(text)
        module.exit_json(**result)


def _list(vendor: Vendor, params: Mapping[str, Any], *, check_mode: bool, secrets: Secrets) -> Outcome:
    service = vendor.open(params, read_only=True, secrets=secrets)
    try:
        tasks = service.listing(params)
        shown = [_normal_form(vendor, service, task, params["include_raw"]) for task in tasks]
    finally:
        service.client.close()
    return {"changed": False, f"{vendor.noun}s": shown}, []


def _converge(vendor: Vendor, params: Mapping[str, Any], *, check_mode: bool, secrets: Secrets) -> Outcome:
    declared = vendor.desired(params)
    service = vendor.open(params, read_only=check_mode, secrets=secrets)
    try:
        parts = service.parts(service.resolve(declared))
        outcomes: list[tuple[str, Outcome]] = []
        done: list[str] = []
        with _telling(done):
            for part in parts:
                outcome = _converge_part(vendor, service, part, params, check_mode)
                outcomes.append((part.label, outcome))
                done += [outcome[0]["action"]] if outcome[0]["changed"] else []
        return _joined(vendor, outcomes) if len(parts) > 1 else outcomes[0][1]
    finally:
        service.client.close()


def _converge_part(
    vendor: Vendor, service: Service, desired: Desired, params: Mapping[str, Any], check_mode: bool
) -> Outcome:
    matches = service.matches(desired)
    existing = vendor.choose(desired, matches)
    planned = plan(desired, existing, vendor.capabilities)
    if check_mode:
        task = _predicted(desired, existing, planned)
    else:
        task = _apply(vendor, service, desired, existing, matches, planned)
    result = _result(vendor, service, planned, task, params["include_raw"])
    if params.get("wait") and not check_mode and task is not None:
        result = _wait(vendor, service, task, result, params)
    return result, vendor.warnings(desired, existing)


def _joined(vendor: Vendor, outcomes: list[tuple[str, Outcome]]) -> Outcome:
    """Return one outcome for a declaration of several tasks; the first task stands for all."""
    results = [(label, result) for label, (result, _warnings) in outcomes]
    actions = [result["action"] for _label, result in results if result["changed"]]
    joined: dict[str, Any] = {
        "changed": bool(actions),
        "action": actions[0] if actions else "unchanged",
        "diff": {
            side: {label: result["diff"][side] for label, result in results if result["diff"][side]}
            for side in ("before", "after")
        },
    }
    forms = [result[vendor.noun] for _label, result in results if vendor.noun in result]
    if forms:
        runs = sorted((run for form in forms for run in form["next_runs"]), key=datetime.fromisoformat)
        joined[vendor.noun] = {**forms[0], "next_runs": runs[:5], "parts": forms}
    warnings = [warning for _label, (_result, warned) in outcomes for warning in warned]
    return joined, list(dict.fromkeys(warnings))


def _apply(
    vendor: Vendor,
    service: Service,
    desired: Desired,
    existing: Task | None,
    matches: list[Task],
    planned: Plan,
) -> Task | None:
    """Carry out the plan; return the task as the server then has it."""
    task = existing
    done: list[str] = []
    with _telling(done):
        for step in planned.steps:
            if task is not None and "updated" in done:
                task = service.get(task)  # the next step may send the task whole, so it must be fresh
            if step == "create":
                # A new task in place of another has an id of its own.
                task_id = None if planned.replaces else desired.task_id
                wanted = replace(desired, fields=planned.fields, task_id=task_id)
                task = _create(vendor, service, wanted, matches)
            elif task is None:
                raise AssertionError(f"a plan must not {step} a task that does not exist")
            elif step == "update":
                service.update(task, planned)
            elif step == "delete":
                service.act("delete", task)
                task = None
            else:
                service.act(step, task)
            done.append(ACTIONS[step])
        return _settled(service, task, planned)


def _settled(service: Service, task: Task | None, planned: Plan) -> Task | None:
    """Return the task as it is after the plan's steps."""
    if task is None or planned.steps in ((), ("create",)):
        return task
    task = service.get(task)
    # A vendor may switch a task on or off as a side effect of an update.
    if planned.enabled is not None and task.enabled != planned.enabled and "update" in planned.steps:
        service.act("enable" if planned.enabled else "disable", task)
        task = service.get(task)
    return task


def _create(vendor: Vendor, service: Service, desired: Desired, before: list[Task]) -> Task:
    """Create once. After an unclear answer look whether the task is there, and never send again."""
    try:
        task_id = service.create(desired)
    except RequestError as error:
        if not error.unclear:
            raise
        task = _newcomer_after_doubt(service, desired, before)
        if task is None:
            raise
    else:
        with _telling(["created"]):
            task = service.created(desired, task_id) if task_id else _newcomer(service, desired, before)
        if task is None:
            raise RequestError(
                f"find the new task {desired.label!r}",
                "the server accepted it and does not list it",
                "Look at the server whether it is there before you run this again.",
                request="",
                unclear=True,
            )
    problem = vendor.problem(task)
    if problem:
        raise RunFailedError(problem, {"changed": True, "action": "created"})
    return task


@contextmanager
def _telling(done: list[str]) -> Iterator[None]:
    """Let a failure tell what was done before it."""
    try:
        yield
    except RequestError as error:
        error.done = (*done, *error.done)
        raise


def _newcomer_after_doubt(service: Service, desired: Desired, before: list[Task]) -> Task | None:
    """Look for the task; when the look fails too, the create stays as unclear as it was."""
    try:
        return _newcomer(service, desired, before)
    except RequestError:
        return None


def _newcomer(service: Service, desired: Desired, before: list[Task]) -> Task | None:
    """Return the task that is listed now and was not before."""
    known = Counter(task.address or task.id for task in before)
    new = []
    for task in service.matches(desired):
        known[task.address or task.id] -= 1
        if known[task.address or task.id] < 0:
            new.append(task)
    return new[0] if len(new) == 1 else None


def _predicted(desired: Desired, existing: Task | None, planned: Plan) -> Task | None:
    """Return the task as it would be; the id of a new one is not known."""
    if planned.steps == ("delete",):
        return None
    if "create" in planned.steps:
        enabled = planned.enabled is not False
        name = desired.name or (existing.name if existing else "")
        return Task("", name, "", enabled, planned.fields, {})
    if existing is None or not planned.steps:
        return existing
    fields = {**existing.fields, **planned.fields}
    enabled_after = existing.enabled if planned.enabled is None else planned.enabled
    state = LEADS_TO.get(planned.steps[-1], existing.state)
    return Task(existing.id, desired.name or existing.name, state, enabled_after, fields, existing.wire)


def _result(
    vendor: Vendor, service: Service, planned: Plan, task: Task | None, include_raw: bool
) -> dict[str, Any]:
    result: dict[str, Any] = {
        "changed": bool(planned.steps),
        "action": planned.action,
        "diff": {"before": vendor.show(planned.before), "after": vendor.show(planned.after)},
    }
    if planned.replaces:
        fixed = ", ".join(planned.replaces)
        result["diff"]["after_header"] = f"a new {vendor.noun}, as {fixed} cannot be changed in place"
    if task is not None:
        result[vendor.noun] = _normal_form(vendor, service, task, include_raw)
    return result


def _normal_form(vendor: Vendor, service: Service, task: Task, include_raw: bool) -> dict[str, Any]:
    form = {
        **vendor.show(task.fields),
        "id": task.id,
        "name": task.name,
        "vendor": vendor.key,
        "state": task.state,
        "enabled": task.enabled,
        **vendor.describe(task, service),
    }
    if include_raw:
        form["raw"] = _without_secrets(task.wire)
    # What is not known is left out: the id and the state of a task that check mode would create.
    return {key: value for key, value in form.items() if value not in (None, "")}


def _wait(
    vendor: Vendor, service: Service, task: Task, result: dict[str, Any], params: Mapping[str, Any]
) -> dict[str, Any]:
    """Poll until the task's run has ended; a failed run fails the module."""
    deadline = time.monotonic() + params["wait_timeout"]
    while task.state not in vendor.ended_states:
        left = deadline - time.monotonic()
        if left <= 0:
            raise RunFailedError(
                f"The run of {task.name!r} did not end within wait_timeout ({params['wait_timeout']:g} s); "
                f"it was last seen {task.state}. It was not stopped.",
                _with_run(vendor, service, task, result, params),
            )
        time.sleep(min(params["wait_interval"], left))
        task = service.get(task)
    outcome = _with_run(vendor, service, task, result, params)
    if task.state == FAILED:
        raise RunFailedError(
            f"The run of {task.name!r} failed: {task.error or 'the server gives no reason'}", outcome
        )
    return outcome


def _with_run(
    vendor: Vendor, service: Service, task: Task, result: dict[str, Any], params: Mapping[str, Any]
) -> dict[str, Any]:
    form = _normal_form(vendor, service, task, params["include_raw"])
    run = {
        "id": form.get("run_id", task.id),  # where a run has an id of its own
        "status": task.state,
        "started": form.get("started"),
        "ended": form.get("ended"),
        "error": task.error,
    }
    return {**result, vendor.noun: form, "run": run}


def _without_secrets(value: Any) -> Any:
    """Mask what is named like a secret, at any depth."""
    if isinstance(value, Mapping):
        return {
            key: MASK if any(word in str(key).lower() for word in _SECRET_WORDS) else _without_secrets(item)
            for key, item in value.items()
        }
    return [_without_secrets(item) for item in value] if isinstance(value, list) else value
