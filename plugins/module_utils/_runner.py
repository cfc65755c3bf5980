# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one flow of every module: options -> desired task -> plan -> requests -> result.

Check mode, diff and the shape of results live here and nowhere else.
This file is private to the collection and may change at any time.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from ansible.module_utils.basic import missing_required_lib

from ._client import Secrets, is_readable_by_others
from ._confirming import confirm
from ._convergence import ACTIONS, LEADS_TO, Desired, Plan, Task, differing, plan
from ._creating import GRACE, Creation, settle
from ._errors import (
    AbsentError,
    MissingLibraryError,
    OutcomeError,
    RequestError,
    RunFailedError,
    TaskbridgeError,
)
from ._hiding import MASK, password_in
from ._options import ArgumentSpec, check_wait
from ._sessions import Session, Sessions
from ._vendor import Call, Outcome, Service, Vendor
from ._waiting import TimeIsUpError, Watch

_SECRET_WORDS = ("password", "passwd", "secret", "token", "apikey", "api_key", "access_key")
_EACH_ITS_OWN = Sessions()
_IN_PLAIN_TEXT = (
    "{0} begins with http://, so others on the way can read credentials and tokens. Use https://."
)
_OUR_MISTAKE = "The collection made a mistake; please report it, with its traceback:"
# Steps that change a task and start nothing.
_CHANGES = frozenset({"update", "enable", "disable"})


@dataclass(frozen=True)
class Module:
    """A module of the collection: its options, and what carries it out.

    Both ways to run start here: as a program of its own, and inside Ansible's worker.
    """

    vendor: Vendor
    spec: ArgumentSpec
    operation: Callable[[Vendor, Call, Session], Outcome]
    unshown: tuple[str, ...] = ()

    @property
    def arguments(self) -> dict[str, Any]:
        """The keyword arguments of AnsibleModule."""
        return self.spec.module_arguments()

    def program(self, base: Any) -> Any:
        """Return the AnsibleModule, which is ``base``, of a module that is a program of its own.

        It leaves with a failure where it refuses its options, before anybody else sees them.
        """
        veil = self.veil

        class Program(base):
            """One that repeats no secret option in a failure."""

            def fail_json(self, msg: str, **result: Any) -> None:
                veil(self)
                super().fail_json(msg, **result)

        return Program(**self.arguments)

    def veil(self, module: Any) -> Secrets:
        """Tell Ansible what is secret in a module's options, and mask it there: each result repeats them."""
        secrets = Secrets(report=module.no_log_values.add)
        secrets.mark(module.params)
        for value in module.params.values():
            secrets.add(password_in(value), of_call=True)
        module.params.update(secrets.shown(module.params))
        # Which values in these are secret, only the server tells.
        module.params.update({name: MASK for name in self.unshown if module.params.get(name)})
        return secrets

    def run(self, module: Any, sessions: Sessions = _EACH_ITS_OWN) -> None:
        """Carry out the module for an AnsibleModule, or what behaves as one, and leave through its exits."""
        params = dict(module.params)
        # A token fetched during the run is as secret as the password it was fetched with.
        secrets = self.veil(module)
        call = Call(params, module.check_mode, secrets, getattr(module, "report", _unheard), module._diff)
        try:
            with sessions.session(self.vendor, call) as session, _honest(session):
                for option in self.vendor.tls_options:
                    if is_readable_by_others(call.params.get(option) or ""):
                        module.warn(_IN_PLAIN_TEXT.format(option))
                result, warnings = self.operation(self.vendor, call, session)
        except MissingLibraryError as error:
            module.fail_json(msg=missing_required_lib(error.library), exception=error.traceback)
        except TaskbridgeError as error:
            module.fail_json(**secrets.shown(error.failure()))
        except Exception as error:  # a mistake of ours: where Ansible told of it, nothing would be masked
            module.fail_json(msg=f"{_OUR_MISTAKE} {error!r}", exception=traceback.format_exc())
        else:
            for text in warnings:
                module.warn(secrets.mask(text))  # newer Ansibles mask no warnings
            module.exit_json(**secrets.shown(result))


def task_module(vendor: Vendor) -> Module:
    """Return the module that converges one task."""
    return Module(vendor, vendor.task_spec, _converge, vendor.unshown)


def info_module(vendor: Vendor) -> Module:
    """Return the module that lists tasks."""
    return Module(vendor, vendor.info_spec, _list, vendor.unshown)


def _unheard(text: str) -> None:
    """Report to nobody."""


def _list(vendor: Vendor, call: Call, session: Session) -> Outcome:
    service = session.service(vendor, call.params)
    tasks = service.listing(call.params)
    shown = [_normal_form(vendor, service, task, call.params["include_raw"]) for task in tasks]
    return {"changed": False, f"{vendor.noun}s": shown, **service.besides()}, []


def _converge(vendor: Vendor, call: Call, session: Session) -> Outcome:
    check_wait(call.params)
    declared = vendor.desired(call.params)
    service = session.service(vendor, call.params)
    outcomes: list[tuple[str, Outcome]] = []
    done: list[str] = []
    with telling(done):
        for part in service.parts(service.resolve(declared)):
            outcome = _converge_part(vendor, service, part, call)
            outcomes.append((part.label, outcome))
            done += [outcome[0]["action"]] if outcome[0]["changed"] else []
    return _joined(vendor, outcomes) if len(outcomes) > 1 else outcomes[0][1]


def _converge_part(vendor: Vendor, service: Service, desired: Desired, call: Call) -> Outcome:
    matches = service.matches(desired)
    existing, planned = planned_for(vendor, service, desired, matches)
    notes: list[str] = []
    if call.check_mode:
        task = _predicted(desired, existing, planned)
    else:
        applied = apply(vendor, service, desired, existing, matches, planned)
        task, planned, notes = applied.task, applied.plan, applied.notes
    result = _result(vendor, service, planned, task, call.params["include_raw"])
    if call.params.get("wait") and not call.check_mode and task is not None:
        with telling([result["action"]] if result["changed"] else []):
            result = _wait(vendor, service, task, result, call)
    return result, [*notes, *vendor.warnings(desired, existing)]


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


def planned_for(
    vendor: Vendor, service: Service, desired: Desired, matches: list[Task]
) -> tuple[Task | None, Plan]:
    """Choose among the tasks that fit, and plan what leads from there to the declaration."""
    secrets = service.client.secrets
    for task in matches if secrets.keys else ():
        secrets.learn(vendor.show(task.fields), task.wire)  # a message may tell what the server has
    if desired.recreate and len(matches) == 2:
        for old, new in (matches, matches[::-1]):
            planned = plan(desired, old, vendor.capabilities)
            if planned.replaces and is_heir(vendor, new, planned):
                return old, planned  # an earlier run was interrupted before it deleted the old one
    existing = vendor.choose(desired, matches)
    return existing, plan(desired, existing, vendor.capabilities)


def is_heir(vendor: Vendor, task: Task, planned: Plan) -> bool:
    """Say whether a task is what the plan makes in place of another one."""
    return not differing(Desired("", "present", planned.fields), task, vendor.capabilities.fields)


@dataclass(frozen=True)
class Applied:
    """What was reached: the task as the server has it, the plan that led there, and what to tell of it."""

    task: Task | None
    plan: Plan
    notes: list[str] = field(default_factory=list)


def apply(
    vendor: Vendor,
    service: Service,
    desired: Desired,
    existing: Task | None,
    matches: list[Task],
    planned: Plan,
) -> Applied:
    """Carry out the plan."""
    task = existing
    done: list[str] = []
    notes: list[str] = []
    with telling(done):
        for step in planned.steps:
            if task is not None and "updated" in done:
                task = service.get(task)  # the next step may send the task whole, so it must be fresh
            if step == "create":
                creation = _create(vendor, service, desired, existing, matches, planned)
                notes += creation.notes
                if not creation.is_ours and not planned.replaces:
                    return follow(vendor, creation, desired)
                task = creation.task
            elif task is None:
                raise AssertionError(f"a plan must not {step} a task that does not exist")
            elif step == "delete":
                old = existing if planned.replaces and existing is not None else task
                notes += _delete(vendor, service, desired, old, planned)
                task = None if old is task else task
            else:
                notes += change(vendor, service, desired, step, task, planned)
            done.append(_word(vendor, ACTIONS[step]))
        return _settled(vendor, service, desired, Applied(task, planned, notes))


def new_task(desired: Desired, planned: Plan) -> Desired:
    """Return what a create is sent; a new task in place of another has an id of its own."""
    return replace(desired, fields=planned.fields, task_id=None if planned.replaces else desired.task_id)


def change(
    vendor: Vendor, service: Service, desired: Desired, step: str, task: Task, planned: Plan
) -> list[str]:
    """Carry out a step on a task that is there; return what to tell where the answer is lost."""
    try:
        if step == "update":
            service.update(task, planned)
        else:
            service.act(step, task)
    except RequestError as error:
        if not error.unclear:
            raise
        return [confirm(vendor, service, desired, step, task, error)]
    return []


def _delete(vendor: Vendor, service: Service, desired: Desired, task: Task, planned: Plan) -> list[str]:
    """Delete a task; one in whose place another was made may be gone, as another run may do the same."""
    try:
        return change(vendor, service, desired, "delete", task, planned)
    except AbsentError:
        if not planned.replaces:
            raise
        return []


def follow(vendor: Vendor, creation: Creation, desired: Desired) -> Applied:
    """Bring another run's new task to what is declared. What that run may be about to do is left to it."""
    task = creation.task
    if task is None:
        raise AssertionError("there is a task of another run to follow")
    desired = creation.service.refreshed(desired)
    planned = plan(desired, task, vendor.capabilities)
    if not _CHANGES.issuperset(planned.steps):
        time.sleep(GRACE)
        task = creation.service.get(task)
        planned = plan(desired, task, vendor.capabilities)
    applied = apply(vendor, creation.service, desired, task, [task], planned)
    return replace(applied, notes=[*creation.notes, *applied.notes])


def _settled(vendor: Vendor, service: Service, desired: Desired, applied: Applied) -> Applied:
    """Return the task as it is after the plan's steps."""
    task, planned, notes = applied.task, applied.plan, applied.notes
    if task is None or planned.steps in ((), ("create",)):
        return applied
    task = service.get(task)
    # A vendor may switch a task on or off as a side effect of an update.
    if planned.enabled is not None and task.enabled != planned.enabled and "update" in planned.steps:
        switch = "enable" if planned.enabled else "disable"
        notes = [*notes, *change(vendor, service, desired, switch, task, planned)]
        task = service.get(task)
    return Applied(task, planned, notes)


def _create(
    vendor: Vendor,
    service: Service,
    desired: Desired,
    existing: Task | None,
    matches: list[Task],
    planned: Plan,
) -> Creation:
    """Create a task and make sure that it is the only one."""
    creation = Creation(service, new_task(desired, planned), matches)
    if planned.replaces and existing is not None:
        fitting = service.matches(creation.desired)
        heirs = [task for task in fitting if task.id != existing.id and is_heir(vendor, task, planned)]
        if len(heirs) == 1:
            creation.task = heirs[0]
            return creation
        creation.before = [existing, *fitting]
    creation.begin()
    settle(vendor, [creation])
    if creation.error is not None:
        raise creation.error
    finish(vendor, creation)
    return creation


def finish(vendor: Vendor, creation: Creation) -> None:
    """Read a new task, and fail where it is no good."""
    with telling([vendor.created_word]):
        if creation.task is None and creation.task_id is not None:
            creation.task = creation.service.created(creation.desired, creation.task_id)
    problem = vendor.problem(creation.task) if creation.task is not None else ""
    if problem:
        told = {} if creation.doubt is None else {"error": creation.doubt.failure()["error"]}
        raise RunFailedError(problem, {"changed": True, "action": vendor.created_word, **told})


def _word(vendor: Vendor, action: str) -> str:
    """Return what the vendor's modules call an action."""
    return vendor.created_word if action == "created" else action


@contextmanager
def _honest(session: Session) -> Iterator[None]:
    """Let no failure pass for one that changed nothing after a request that wrote had succeeded."""
    try:
        yield
    except RequestError as error:
        error.has_changed = session.client.writes > 0
        raise
    except OutcomeError as error:
        error.outcome.setdefault("changed", False)
        error.outcome["changed"] |= session.client.writes > 0
        raise


@contextmanager
def telling(done: list[str]) -> Iterator[None]:
    """Let a failure tell what was done before it."""
    try:
        yield
    except RequestError as error:
        error.done = (*done, *error.done)
        raise


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
        "action": _word(vendor, planned.action),
        "diff": {"before": vendor.show(planned.before), "after": vendor.show(planned.after)},
    }
    if planned.replaces:
        fixed = ", ".join(planned.replaces)
        result["diff"]["after_header"] = f"a new {vendor.noun}, as {fixed} cannot be changed in place"
    if task is not None:
        result.update(vendor.returned(task, service, _normal_form(vendor, service, task, include_raw)))
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


def _wait(vendor: Vendor, service: Service, task: Task, result: dict[str, Any], call: Call) -> dict[str, Any]:
    """Wait until the task's run has ended; a failed run fails the module."""
    limit = call.params["wait_timeout"]

    def with_run(seen: Task) -> dict[str, Any]:
        form = _normal_form(vendor, service, seen, call.params["include_raw"])
        return {**result, **vendor.returned(seen, service, form), "run": vendor.run(seen, service).form}

    begun = service.begin_watch(task)
    watch = Watch(
        look=lambda: service.watch(begun or task),
        run_of=lambda seen: vendor.run(seen, service),
        ended=lambda run: run.status in vendor.ended_states,
        timeout=limit,
        interval=call.params["wait_interval"],
        report=lambda run: call.report(f"The run of {task.name!r} is {run.status}."),
    )
    try:
        seen = watch.wait(service.client, begun)
    except TimeIsUpError as late:
        left, told = service.give_up(late.seen or task)
        raise RunFailedError(
            f"The run of {task.name!r} did not end within wait_timeout ({limit:g} s); "
            f"it was last seen {vendor.run(late.seen or task, service).status}. {told}",
            with_run(left),
        ) from None
    outcome = with_run(seen)
    reason = vendor.verdict(vendor.run(seen, service), call.params)
    if reason:
        raise RunFailedError(f"The run of {task.name!r} failed: {reason}", outcome)
    return outcome


def _without_secrets(value: Any) -> Any:
    """Mask what is named like a secret, at any depth."""
    if isinstance(value, Mapping):
        return {
            key: MASK if any(word in str(key).lower() for word in _SECRET_WORDS) else _without_secrets(item)
            for key, item in value.items()
        }
    return [_without_secrets(item) for item in value] if isinstance(value, list) else value
