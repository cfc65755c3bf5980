# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many tasks in one call: all planned from one reading, then written side by side.

Entries -> declarations -> plans -> requests -> one result for each entry, in the user's order.
This file is private to the collection and may change at any time.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar

from ._convergence import Desired, Plan, Task
from ._creating import Creation, settle
from ._entries import Entry, read_each, read_entries
from ._errors import (
    AbsentError,
    BulkFailedError,
    CheckModeViolationError,
    EntriesError,
    LoginError,
    NotAttemptedError,
    OptionError,
    RequestError,
    TaskbridgeError,
    UnreachableStateError,
)
from ._memory import Memory
from ._options import WAIT, ArgumentSpec
from ._runner import Module, apply, change, finish, follow, new_task, planned_for
from ._sessions import Session
from ._vendor import Call, Outcome, Service, Vendor

_BULK = ArgumentSpec(
    options={
        "tasks": {"type": "list", "elements": "raw"},
        "src": {"type": "path"},
        "prune": {"type": "bool", "default": False},
        "prune_limit": {"type": "int", "default": 10},
        "prune_when_empty": {"type": "bool", "default": False},
        "concurrency": {"type": "int", "default": 8},
    },
    mutually_exclusive=(("tasks", "src"),),
    required_one_of=(("tasks", "src"),),
)
# What an entry does not take: a run is waited for with the module for one task.
_ALONE = {name: option["default"] for name, option in WAIT.options.items()}
_SHOWN_FAILURES = 3
_ALWAYS_COUNTED = ("created", "updated", "deleted", "unchanged", "failed")
# Progress is told where there is so much to write, and every so many seconds.
_MANY = 50
# After so many writes in a row without an answer the server is taken to be gone.
_UNANSWERED = 10
_TELL_EVERY = 3.0

_Item = TypeVar("_Item")


def tasks_module(vendor: Vendor) -> Module:
    """Return the module that converges many tasks."""
    spec = vendor.connection_spec.merge(vendor.scope_spec, _BULK)
    return Module(vendor, spec, _converge_all, unshown=("tasks",) if vendor.unshown else ())


@dataclass
class _Part:
    """A task of an entry: what is declared, what there is, and what is to be done."""

    service: Service
    desired: Desired
    matches: list[Task]
    existing: Task | None
    plan: Plan
    task_id: str | None = None
    creation: Creation | None = None
    notes: list[str] = field(default_factory=list)


@dataclass
class _Work:
    """An entry on its way: usually it is one task."""

    entry: Entry
    params: Mapping[str, Any]
    desired: Desired
    parts: list[_Part] = field(default_factory=list)
    error: TaskbridgeError | None = None
    done: list[str] = field(default_factory=list)

    @property
    def is_planned(self) -> bool:
        """Whether something is to be written."""
        return any(part.plan.steps for part in self.parts)

    @property
    def is_begun(self) -> bool:
        """Whether a create of it was sent, so that its end is to be seen to."""
        return any(part.creation is not None for part in self.parts)

    @property
    def action(self) -> str:
        """The word for what is done: that of the first task that changes."""
        actions = (part.plan.action for part in self.parts if part.plan.steps)
        return next(actions, "unchanged")


@dataclass
class _Stray:
    """A task that is not declared, and that prune is to delete."""

    task: Task
    error: TaskbridgeError | None = None
    notes: list[str] = field(default_factory=list)


def _converge_all(vendor: Vendor, call: Call, session: Session) -> Outcome:
    params = call.params
    _check(vendor, params)
    entries = read_entries(
        params, vendor.entry_spec, lambda given: vendor.inherited(given, params), call.secrets.mark
    )
    works = read_each(entries, lambda entry: _declaration(vendor, entry, params))
    _refuse_doubles(works, [[_key(vendor, work.desired)] for work in works])
    if params["prune"] and not works and not params["prune_when_empty"]:
        raise OptionError(
            "tasks", [], "is empty, and prune would delete all", "Set prune_when_empty: true to mean that."
        )
    strays = _plan_all(vendor, Session(session.client, Memory()), works, params)
    if not call.check_mode:
        _write_all(vendor, works, call)
    if any(work.error for work in works):
        strays = []  # what failed may be what seems not to be declared
    if not call.check_mode:
        service = session.service(vendor, {**_ALONE, **params})
        _in_parallel(partial(_delete, vendor, service), strays, params["concurrency"])
    return _outcome(vendor, works, strays, call)


def _check(vendor: Vendor, params: Mapping[str, Any]) -> None:
    for name, least in (("concurrency", 1), ("prune_limit", 0)):
        if params[name] < least:
            raise OptionError(name, params[name], f"is less than {least}", f"Use {least} or more.")
    if not params["prune"]:
        return
    if vendor.capabilities.why_not_deletable:
        raise OptionError("prune", True, "cannot be done", vendor.capabilities.why_not_deletable)
    if vendor.scope and not any(params[name] for name in vendor.scope):
        ways = " or ".join(vendor.scope)
        raise OptionError("prune", True, f"needs {ways}, which limits what it may delete", f"Set {ways}.")


def _declaration(vendor: Vendor, entry: Entry, params: Mapping[str, Any]) -> _Work:
    own = {**params, **_ALONE, **entry.params}
    return _Work(entry, own, vendor.desired(own))


def _key(vendor: Vendor, desired: Desired) -> Hashable:
    """Return what tells a declaration from others."""
    if desired.task_id is not None:
        return desired.task_id
    return (desired.name, *(repr(desired.fields.get(name)) for name in vendor.identity))


def _refuse_doubles(works: list[_Work], keys: Iterable[Iterable[Hashable]]) -> None:
    """Refuse two entries that stand for one task. Raises EntriesError."""
    first: dict[Hashable, _Work] = {}
    for work, own in zip(works, keys):
        for key in own:
            other = first.setdefault(key, work)
            if other is not work:
                raise EntriesError(
                    f"{other.entry.place} and {work.entry.place} declare the same task "
                    f"{work.desired.label!r}. Nothing was changed. Remove one of them."
                )


# Planning


def _plan_all(
    vendor: Vendor, session: Session, works: list[_Work], params: Mapping[str, Any]
) -> list[_Stray]:
    """Plan each entry; return what prune is to delete. Raises where nothing may be written."""

    def plan_one(work: _Work) -> None:
        service = session.service(vendor, work.params)
        try:
            work.parts = [_part(vendor, service, one) for one in service.parts(service.resolve(work.desired))]
        except AbsentError as error:
            work.error = error
        except (CheckModeViolationError, RequestError):
            raise  # what is there is not known, so nothing can be decided
        except TaskbridgeError as error:
            work.error = error

    _in_parallel(plan_one, works, params["concurrency"])
    _refuse_doubles(works, [_keys_found(vendor, work) for work in works])
    if not params["prune"] or any(work.error for work in works):
        return []
    service = session.service(vendor, {**_ALONE, **params})
    declared = {task.id for work in works for part in work.parts for task in part.matches}
    surplus = sorted(
        (task for task in service.prunable(params) if task.id not in declared),
        key=lambda task: (task.name, task.id),
    )
    if len(surplus) > params["prune_limit"]:
        told = ", ".join(f"{task.name!r} (id {task.id})" for task in surplus[:_SHOWN_FAILURES])
        raise UnreachableStateError(
            f"prune_limit: {len(surplus)} tasks are not declared, and prune_limit allows to delete "
            f"{params['prune_limit']}. Nothing was changed. The first of them: {told}. Declare them, or set "
            f"prune_limit to {len(surplus)} to delete them."
        )
    return [_Stray(task) for task in surplus]


def _part(vendor: Vendor, service: Service, desired: Desired) -> _Part:
    matches = service.matches(desired)
    return _Part(service, desired, matches, *planned_for(vendor, service, desired, matches))


def _keys_found(vendor: Vendor, work: _Work) -> set[Hashable]:
    """Return what an entry stands for, in the server's terms: the ids of tasks, names resolved."""
    keys: set[Hashable] = {_key(vendor, part.desired) for part in work.parts}
    return keys | {part.existing.id for part in work.parts if part.existing is not None}


# Writing


def _write_all(vendor: Vendor, works: list[_Work], call: Call) -> None:
    """Carry out the plans; what fails is kept with its entry, and the others go on."""
    planned = [work for work in works if work.is_planned and work.error is None]
    threads, brake = call.params["concurrency"], _Brake()

    def write(work: _Work) -> None:
        with _kept(work):
            brake.check()
            for part in work.parts:
                _write_part(vendor, part)
                work.done += [part.plan.action] if part.plan.steps and part.creation is None else []
        doubts = (part.creation.doubt for part in work.parts if part.creation is not None)
        brake.saw(work.error or next(filter(None, doubts), None))

    def complete(work: _Work) -> None:
        with _kept(work):
            for part in work.parts:
                if part.creation is not None:
                    _complete(vendor, part, part.creation)
                    work.done += [part.plan.action] if part.plan.steps else []

    def tell(left: int) -> None:
        call.report(f"{len(planned) - left} of {len(planned)} tasks are written.")

    _in_parallel(write, planned, threads, tell if len(planned) > _MANY else None)
    created = [part.creation for work in planned for part in work.parts if part.creation is not None]
    settle(vendor, created)
    _in_parallel(complete, [work for work in planned if work.is_begun], threads)


@contextmanager
def _kept(work: _Work) -> Iterator[None]:
    """Keep what fails first with its entry."""
    try:
        yield
    except TaskbridgeError as error:
        work.error = work.error or error


class _Brake:
    """Stops writing where it makes no sense to go on: without a login, or without any answers."""

    def __init__(self) -> None:
        self._reason = ""
        self._unanswered = 0

    def check(self) -> None:
        """Raise NotAttemptedError once the brake is on."""
        if self._reason:
            raise NotAttemptedError(self._reason)

    def saw(self, error: TaskbridgeError | None) -> None:
        """Learn how a write ended."""
        if isinstance(error, NotAttemptedError):
            return
        is_unanswered = isinstance(error, RequestError) and error.http_status is None
        self._unanswered = self._unanswered + 1 if is_unanswered else 0
        if isinstance(error, LoginError):
            self._reason = "the server refused the login"
        elif self._unanswered >= _UNANSWERED:
            self._reason = f"{self._unanswered} writes in a row had no answer"


def _write_part(vendor: Vendor, part: _Part) -> None:
    """Write a part; of a new task only its create, for all new ones are then looked for at once."""
    if part.plan.steps[:1] == ("create",) and not part.plan.replaces:
        part.creation = Creation(part.service, new_task(part.desired, part.plan), part.matches)
        part.creation.begin()
    elif part.plan.steps:
        _carry_out(vendor, part, part.existing, part.plan)


def _carry_out(vendor: Vendor, part: _Part, existing: Task | None, steps: Plan) -> None:
    applied = apply(vendor, part.service, part.desired, existing, part.matches, steps)
    part.task_id = applied.task.id if applied.task is not None else None
    part.notes += applied.notes


def _complete(vendor: Vendor, part: _Part, creation: Creation) -> None:
    """Do what is left of a part after its create."""
    if creation.error is not None:
        raise creation.error
    part.notes += creation.notes
    if not creation.is_ours:
        applied = follow(vendor, creation, part.desired)
        part.plan, part.task_id = applied.plan, applied.task.id if applied.task is not None else None
        part.notes = applied.notes
        return
    part.task_id = creation.task_id or (creation.task.id if creation.task is not None else None)
    left = part.plan.steps[1:]
    if left or creation.task is not None or not part.service.is_confirmed(creation.desired):
        finish(vendor, creation)
    if left:
        _carry_out(vendor, part, creation.task, replace(part.plan, steps=left))


def _delete(vendor: Vendor, service: Service, stray: _Stray) -> None:
    absent = Desired(stray.task.name, "absent", {}, task_id=stray.task.id)
    try:
        stray.notes += change(vendor, service, absent, "delete", stray.task, Plan(("delete",)))
    except TaskbridgeError as error:
        stray.error = error


def _in_parallel(
    work: Callable[[_Item], None],
    items: list[_Item],
    threads: int,
    tell: Callable[[int], None] | None = None,
) -> None:
    """Work off the items in order with so many threads; the first exception stops all and is raised.

    ``tell`` is called every few seconds, in the calling thread, with the number of items left.
    """
    queue = deque(items)

    def work_off() -> None:
        while True:
            try:
                item = queue.popleft()
            except IndexError:
                return
            work(item)

    with ThreadPoolExecutor(max_workers=threads) as pool:
        try:
            running = {pool.submit(work_off) for dummy in range(min(threads, len(items)))}
            while running:
                done, running = wait(running, timeout=_TELL_EVERY, return_when=FIRST_EXCEPTION)
                for future in done:
                    future.result()
                if running and tell is not None:
                    tell(len(queue))
        finally:
            queue.clear()  # after a failure, or an interrupt, nothing new is begun


# Result


def _outcome(vendor: Vendor, works: list[_Work], strays: list[_Stray], call: Call) -> Outcome:
    results = [*map(_result, works), *map(_result_of_stray, strays)]
    counts = Counter("failed" if "error" in result else result["action"] for result in results)
    result: dict[str, Any] = {
        "changed": any(result["action"] != "unchanged" for result in results),
        "results": results,
        "summary": {**dict.fromkeys(_ALWAYS_COUNTED, 0), **counts, "total": len(results)},
    }
    if call.diff_mode:
        result["diff"] = [*_diffs(vendor, works), *map(_diff_of_stray, strays)]
    failures = [f"{work.entry.place}: {work.error}" for work in works if work.error is not None]
    spared = ["Nothing was pruned."] if failures and call.params["prune"] else []
    failures += [f"prune: {stray.error}" for stray in strays if stray.error is not None]
    if failures:
        more = len(failures) - _SHOWN_FAILURES
        told = [*failures[:_SHOWN_FAILURES], *([f"And {more} more."] if more > 0 else []), *spared]
        text = f"{len(failures)} of {len(results)} tasks failed, see results. {' '.join(told)}"
        raise BulkFailedError(text, result)
    warnings = [
        warning
        for work in works
        for part in work.parts
        for warning in (*part.notes, *vendor.warnings(part.desired, part.existing))
    ]
    warnings += [note for stray in strays for note in stray.notes]
    return result, list(dict.fromkeys(warnings))


def _result(work: _Work) -> dict[str, Any]:
    result: dict[str, Any] = {"name": work.desired.label, "action": work.action}
    ids = [part.task_id or (part.existing.id if part.existing else None) for part in work.parts]
    if ids and ids[0] is not None:
        result["id"] = ids[0]
    if work.error is not None:
        done = [*work.done, *getattr(work.error, "done", ()), work.error.failure().get("action"), "unchanged"]
        result.update(action=next(filter(None, done)), error=_told(work.error))
    return result


def _result_of_stray(stray: _Stray) -> dict[str, Any]:
    result: dict[str, Any] = {
        "name": stray.task.name,
        "action": "deleted",
        "id": stray.task.id,
        "pruned": True,
    }
    if stray.error is not None:
        result.update(action="unchanged", pruned=False, error=_told(stray.error))
    return result


def _told(error: TaskbridgeError) -> dict[str, Any]:
    """Return what the result of one task says of its failure."""
    failure = error.failure()
    return {"msg": failure["msg"], **failure.get("error", {})}


def _diff_of_stray(stray: _Stray) -> dict[str, Any]:
    header = stray.task.name
    return {"before_header": header, "after_header": header, "before": {"id": stray.task.id}, "after": {}}


def _diffs(vendor: Vendor, works: list[_Work]) -> list[dict[str, Any]]:
    return [
        {
            "before_header": part.desired.label,
            "after_header": part.desired.label,
            "before": vendor.show(part.plan.before),
            "after": vendor.show(part.plan.after),
        }
        for work in works
        if work.error is None
        for part in work.parts
        if part.plan.steps
    ]
