# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Desired task and existing task in, plan out. Pure: no I/O, no Ansible, no vendor.

Both sides come in one normal form, made by the vendor's file; only what the user gave is compared.
This file is private to the collection and may change at any time.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ._errors import UnreachableStateError

# Words of the normal form for what a task is doing.
IDLE = "idle"  # was never started, and does not start by itself
SCHEDULED = "scheduled"  # waits for its next, or its only, run
RUNNING = "running"
PAUSED = "paused"  # does nothing until it is enabled or resumed
COMPLETED = "completed"  # has run, and will not run again by itself
FAILED = "failed"
WAITING = "waiting"  # its run waits for a person to answer
STOPPED = "stopped"  # ended by a person
SKIPPED = "skipped"  # its turn came, and it was left out
UNKNOWN = "unknown"

ACTIONS = {
    "create": "created",
    "update": "updated",
    "delete": "deleted",
    "enable": "enabled",
    "disable": "disabled",
    "start": "started",
    "stop": "stopped",
    "pause": "paused",
    "resume": "resumed",
}

# In which state a verb leaves a task.
LEADS_TO = {
    "enable": SCHEDULED,
    "disable": PAUSED,
    "start": RUNNING,
    "stop": STOPPED,
    "pause": PAUSED,
    "resume": RUNNING,
}


def always(existing: Any, wanted: Any) -> bool:
    """A property that can be changed in place, whatever its value."""
    return True


def never(existing: Any, wanted: Any) -> bool:
    """A property that keeps the value it was created with."""
    return False


@dataclass(frozen=True)
class Field:
    """One managed property of a task, by the option's name (dotted below ``schedule``).

    ``same`` compares wanted and existing value. ``merge`` says what the existing value becomes when
    the wanted one is applied. ``changeable`` says, from existing and wanted value, whether the task
    can be given it in place. ``needed`` says, from the given fields, whether a create must have it;
    ``remedy`` is what to do when it is missing, or when it differs and cannot be changed.
    """

    name: str
    same: Callable[[Any, Any], bool] = operator.eq
    merge: Callable[[Any, Any], Any] = lambda existing, wanted: wanted
    changeable: Callable[[Any, Any], bool] = always
    needed: Callable[[Mapping[str, Any]], bool] = lambda fields: False
    remedy: str = ""


@dataclass(frozen=True)
class Control:
    """How a wanted run state is reached: ``verb`` from some states, nothing to do in others.

    With ``converges`` the task is first created or changed as declared; without it, it must exist.
    ``again_in`` holds the satisfied states in which ``rerun`` may call for the verb once more, on a
    new task where ``again_creates`` says so.
    """

    verb: str
    possible_in: frozenset[str]
    satisfied_in: frozenset[str]
    satisfied_when_missing: bool = False
    converges: bool = False
    again_in: frozenset[str] = frozenset()
    again_creates: bool = False


@dataclass(frozen=True)
class Capabilities:
    """What a vendor's server can do with a task.

    ``carried_over`` takes the fields of a task and the declared ones and returns those of the task
    that takes its place; None where tasks are never replaced.
    """

    fields: tuple[Field, ...]
    controls: Mapping[str, Control] = field(default_factory=dict)
    why_not_deletable: str | None = None
    carried_over: Callable[[Mapping[str, Any], Mapping[str, Any]], Mapping[str, Any]] | None = None


@dataclass(frozen=True)
class Task:
    """A task of a server. ``fields`` holds the managed properties, ``wire`` the vendor's object.

    ``address`` is what tells it from others in two listings, where that is not the id. ``run`` is the
    run that is waited for, where a task has runs of its own.
    """

    id: str
    name: str
    state: str
    enabled: bool | None
    fields: Mapping[str, Any]
    wire: Mapping[str, Any]
    error: str = ""
    address: str = ""
    run: Run | None = None


@dataclass(frozen=True)
class Run:
    """A run of a task: ``status`` in our words, ``word`` the vendor's; times as ISO 8601 texts."""

    id: str
    status: str
    word: str = ""
    started: str | None = None
    ended: str | None = None
    error: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def form(self) -> dict[str, Any]:
        """The return value ``run``."""
        return {
            "id": self.id,
            "status": self.status,
            "vendor_status": self.word,
            "started": self.started,
            "ended": self.ended,
            "error": self.error,
            "details": dict(self.details),
        }


@dataclass(frozen=True)
class Desired:
    """What the user declares: ``fields`` holds what was given, and nothing else.

    ``failed_in`` holds the states after which ``rerun: on_failure`` calls for another run.
    """

    name: str
    state: str
    fields: Mapping[str, Any]
    task_id: str | None = None
    enabled: bool | None = None
    rerun: str = "never"
    recreate: bool = False
    failed_in: frozenset[str] = frozenset({FAILED})

    @property
    def label(self) -> str:
        """What messages call the task."""
        return self.name or f"task_id {self.task_id}"


@dataclass(frozen=True)
class Plan:
    """The verbs to carry out, in order, and both sides as the diff shows them.

    ``fields`` holds what a create is made of, or the new values of the fields that an update changes.
    ``replaces`` names the fields for whose sake the task is deleted and created anew.
    """

    steps: tuple[str, ...] = ()
    fields: Mapping[str, Any] = field(default_factory=dict)
    enabled: bool | None = None
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    replaces: tuple[str, ...] = ()

    @property
    def action(self) -> str:
        """The word of the return value: what the first step does."""
        if self.replaces:
            return "recreated"
        return ACTIONS[self.steps[0]] if self.steps else "unchanged"


def differing(desired: Desired, existing: Task, fields: tuple[Field, ...]) -> tuple[Field, ...]:
    """Return the given fields whose existing value is another."""
    return tuple(
        item
        for item in fields
        if item.name in desired.fields
        and not item.same(desired.fields[item.name], existing.fields.get(item.name))
    )


def plan(desired: Desired, existing: Task | None, capabilities: Capabilities) -> Plan:
    """Return what leads from ``existing`` to ``desired``.

    Raises UnreachableStateError where no sequence of the vendor's calls leads there.
    """
    if desired.state == "absent":
        return _plan_absent(desired, existing, capabilities)
    control = capabilities.controls.get(desired.state)
    if control is not None and not control.converges:
        return _plan_control(desired, existing, control)
    if existing is None or _needs_a_new_task(desired, existing, control):
        planned = _plan_create(desired, existing, capabilities)
    else:
        planned = _plan_change(desired, existing, capabilities)
    return planned if control is None else _with_control(planned, desired, existing, control)


def _plan_absent(desired: Desired, existing: Task | None, capabilities: Capabilities) -> Plan:
    if existing is None:
        return Plan()
    if capabilities.why_not_deletable:
        raise UnreachableStateError(f"state: absent cannot be reached. {capabilities.why_not_deletable}")
    return Plan(steps=("delete",), before=dict(existing.fields))


def _needs_a_new_task(desired: Desired, existing: Task, control: Control | None) -> bool:
    if control is not None and not (control.again_creates and existing.state in control.again_in):
        return False
    return _runs_again(desired, existing)


def _plan_create(desired: Desired, existing: Task | None, capabilities: Capabilities) -> Plan:
    if existing is None and desired.task_id is not None:
        raise UnreachableStateError(
            f"task_id: no task has the id {desired.task_id!r}, and ids are given by the server. "
            "Remove task_id to create the task."
        )
    for item in capabilities.fields:
        if item.name not in desired.fields and item.needed(desired.fields):
            raise UnreachableStateError(
                f"{item.name} is needed to create {desired.label!r}, which does not exist yet. {item.remedy}"
            )
    toggle = ("disable",) if desired.enabled is False else ()
    before = dict(existing.fields) if existing is not None else {}
    return Plan(
        steps=("create", *toggle),
        fields=desired.fields,
        enabled=desired.enabled,
        before={name: before[name] for name in desired.fields if name in before},
        after=_with_enabled(desired.fields, desired.enabled),
    )


def _plan_change(desired: Desired, existing: Task, capabilities: Capabilities) -> Plan:
    changed = differing(desired, existing, capabilities.fields)
    fixed = tuple(
        item
        for item in changed
        if not item.changeable(existing.fields.get(item.name), desired.fields[item.name])
    )
    if fixed and desired.recreate and capabilities.carried_over is not None:
        return _plan_recreate(desired, existing, capabilities.carried_over, fixed)
    if fixed:
        raise _not_changeable(fixed[0], desired, existing)
    fields = {
        item.name: item.merge(existing.fields.get(item.name), desired.fields[item.name]) for item in changed
    }
    enabled = _target_enabled(desired, existing, bool(changed))
    toggles = enabled != existing.enabled
    toggle = (("enable",) if enabled else ("disable",)) if toggles else ()
    before = {name: existing.fields.get(name) for name in desired.fields}
    return Plan(
        steps=(*(("update",) if changed else ()), *toggle),
        fields=fields,
        enabled=enabled,
        before=_with_enabled(before, existing.enabled if toggles else None),
        after=_with_enabled({**before, **fields}, enabled if toggles else None),
    )


def _plan_recreate(
    desired: Desired,
    existing: Task,
    carried_over: Callable[[Mapping[str, Any], Mapping[str, Any]], Mapping[str, Any]],
    fixed: tuple[Field, ...],
) -> Plan:
    """Plan a new task in place of the old one, which keeps what is not declared, and its off switch.

    The old one goes last: what is not declared is known from it alone.
    """
    fields = carried_over(existing.fields, desired.fields)
    enabled = existing.enabled if desired.enabled is None else desired.enabled
    toggles = enabled != existing.enabled
    return Plan(
        steps=("create", *(("disable",) if enabled is False else ()), "delete"),
        fields=fields,
        enabled=enabled,
        before=_with_enabled(existing.fields, existing.enabled if toggles else None),
        after=_with_enabled(fields, enabled if toggles else None),
        replaces=tuple(item.name for item in fixed),
    )


def _not_changeable(item: Field, desired: Desired, existing: Task) -> UnreachableStateError:
    return UnreachableStateError(
        f"{item.name}: the task {existing.name!r} (id {existing.id}) has {existing.fields.get(item.name)!s}, "
        f"wanted is {desired.fields[item.name]!s}, and the server cannot change it. {item.remedy}"
    )


def _plan_control(desired: Desired, existing: Task | None, control: Control) -> Plan:
    if existing is None:
        if control.satisfied_when_missing:
            return Plan()
        raise UnreachableStateError(
            f"state: {desired.state} needs a task, and there is none for {desired.label!r}. Create it first "
            "with state: present."
        )
    if not _is_called_for(desired, existing, control):
        return Plan()
    return Plan(steps=(control.verb,), before={"state": existing.state}, after={"state": desired.state})


def _with_control(planned: Plan, desired: Desired, existing: Task | None, control: Control) -> Plan:
    """Add the verb to what brings the task to its declared options; a new task has no state yet."""
    # A task that takes another's place has run as little as one that is new.
    successor = None if "create" in planned.steps else existing
    if successor is not None and not _is_called_for(desired, successor, control):
        return planned
    before = {**planned.before, "state": existing.state} if existing is not None else planned.before
    return replace(
        planned,
        steps=(*planned.steps, control.verb),
        before=before,
        after={**planned.after, "state": desired.state},
    )


def _is_called_for(desired: Desired, existing: Task, control: Control) -> bool:
    """Return whether the verb is still to be carried out. Raises UnreachableStateError."""
    if existing.state in control.satisfied_in:
        return existing.state in control.again_in and _runs_again(desired, existing)
    if existing.state not in control.possible_in:
        raise UnreachableStateError(
            f"state: {desired.state} cannot be reached: the task {existing.name!r} (id {existing.id}) is "
            f"{existing.state}, and only {' and '.join(sorted(control.possible_in))} tasks can be so."
        )
    return True


def _runs_again(desired: Desired, existing: Task) -> bool:
    if desired.rerun == "always":
        return True
    return desired.rerun == "on_failure" and existing.state in desired.failed_in


def _target_enabled(desired: Desired, existing: Task, changed: bool) -> bool | None:
    """Return what ``enabled`` shall be; a task that has run its course is left alone without a change.

    It does nothing any more, so it needs no switching off, and switching it on would revive it.
    """
    if desired.enabled is None or (existing.state == COMPLETED and not changed):
        return existing.enabled
    return desired.enabled


def _with_enabled(fields: Mapping[str, Any], enabled: bool | None) -> dict[str, Any]:
    return dict(fields) if enabled is None else {**fields, "enabled": enabled}
