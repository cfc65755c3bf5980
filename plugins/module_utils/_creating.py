# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Exactly one of each new task, though no vendor has keys or unique names to make sure of it.

A create whose answer is lost is looked for before it is sent again. After each create it is looked
whether another run made the same task meanwhile: then one of the two stays, by a rule on which both
runs agree, and each run removes none but its own.
This file is private to the collection and may change at any time.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from ._confirming import pauses_of
from ._convergence import Desired, Task
from ._errors import AbsentError, RequestError, TaskbridgeError
from ._memory import Memory
from ._vendor import Service, Vendor

# How long a run that is still at work may take to remove its own task, in seconds.
GRACE = 1.0
_MOST_ATTEMPTS = 5


@dataclass
class Creation:
    """A task on its way into being. ``before`` are the tasks that fit when it was planned.

    In the end there is an ``error``, or a ``task_id`` of our own, or a ``task`` that was found; one that
    another run made is not ``is_ours``. ``notes`` is what the user should know of how it came.
    """

    service: Service
    desired: Desired
    before: list[Task]
    task_id: str | None = None
    task: Task | None = None
    is_ours: bool = True
    error: TaskbridgeError | None = None
    notes: list[str] = field(default_factory=list)
    doubt: RequestError | None = None
    attempts: int = 0
    looks: int = 0
    has_yielded: bool = False
    has_waited: bool = False
    # Seconds until the next look; None when there is nothing more to look for.
    pause: float | None = 0.0

    def begin(self) -> None:
        """Send the create once. Raises, and keeps as ``error``, what makes clear that nothing was made."""
        if self.attempts:
            self.desired = self.service.refreshed(self.desired)
        self.attempts += 1
        self.looks, self.has_yielded, self.has_waited, self.doubt = 0, False, False, None
        try:
            self.task_id = self.service.create(self.desired)
        except TaskbridgeError as error:
            if not isinstance(error, RequestError) or not error.unclear:
                self.error = error
                raise
            self.doubt = error


def settle(vendor: Vendor, creations: Iterable[Creation]) -> None:
    """Look until it is known of each creation which task stands for it, or that it cannot be known.

    All are looked for in one reading of the server's tasks at a time.
    """
    everything = list(creations)
    unsettled = [one for one in everything if one.error is None]
    while unsettled:
        ours = {one.task_id for one in everything if one.task_id is not None}
        memory = Memory(keeps_failures=True)
        for one in unsettled:
            one.service.memory = memory
            try:
                one.pause = _look(vendor, one, ours)
            except TaskbridgeError as error:
                one.error, one.pause = error, None
                if isinstance(error, RequestError) and one.task_id is not None:
                    error.done = error.done or (vendor.created_word,)
        unsettled = [one for one in unsettled if one.pause is not None]
        pause = max((one.pause or 0.0 for one in unsettled), default=0.0)
        if pause:
            time.sleep(pause)


def _look(vendor: Vendor, one: Creation, ours: set[str]) -> float | None:
    """Take one step; return after how many seconds to look again, or None."""
    if one.has_yielded:
        return _follow(one, ours)
    if one.task_id is None:
        return _seek(vendor, one, ours)
    return None if vendor.capabilities.why_not_deletable else _compete(vendor, one, ours)


def _seek(vendor: Vendor, one: Creation, ours: set[str]) -> float | None:
    """Look for a task whose id was not told. Only what the list proves absent is created again."""
    pauses = pauses_of(one.service)
    try:
        found = _newcomers(one, ours)
    except RequestError as error:
        if one.looks < len(pauses):
            one.looks = len(pauses)  # a look that fails may have taken minutes, so there is one more
            return pauses[-1]
        raise one.doubt or error from None
    if len(found) == 1:
        one.task = found[0]
        if one.doubt:
            one.notes.append(
                f"The answer to the create of {one.desired.label!r} was lost. The task that is there now, id "
                f"{one.task.id}, was taken for the new one."
            )
        return None
    if found:
        raise one.doubt or _several(one.desired, found)
    if one.looks < len(pauses):
        one.looks += 1
        return pauses[one.looks - 1]
    if one.doubt is None:
        raise not_listed(one.desired)
    # What cannot be deleted has done its work by being created, so it must not come twice.
    if one.attempts > 1 or vendor.capabilities.why_not_deletable:
        raise one.doubt
    one.notes.append(
        f"The answer to the create of {one.desired.label!r} was lost, and {1 + one.looks} looks did not find "
        "the task, so it was created again."
    )
    one.begin()
    return 0.0


def _compete(vendor: Vendor, one: Creation, ours: set[str]) -> float | None:
    """Let one task stay where another run made the same."""
    known = {task.id for task in one.before} | ours
    if not one.service.fitting_ids(one.desired) - known:
        return None
    found = _newcomers(one, ours - {one.task_id})
    rivals = [task for task in found if task.id != one.task_id]
    own = next((task for task in found if task.id == one.task_id), None)
    if not rivals or own is None:
        return None
    if not yields(own.id, [task.id for task in rivals], one.has_waited):
        one.has_waited = True
        return GRACE
    with suppress(AbsentError):
        one.service.act("delete", own)
    one.has_yielded = True
    return 0.0


def yields(own: str, rivals: Iterable[str], has_waited: bool) -> bool:
    """Say whether our task is to go, by its id and its rivals'; if not, the other run's may go yet. Pure.

    The lowest id stays. But a rival that is still there after a while is not looked after any more: its
    run looked before ours was there, has ended, and counts on its task.
    """
    return has_waited or own > min(rivals)


def _follow(one: Creation, ours: set[str]) -> float | None:
    """Go on with another run's task after ours was removed; when that went too, begin anew."""
    removed, others = one.task_id, ours - {one.task_id}
    found = [task for task in _newcomers(one, others) if task.id != removed]
    if found:
        one.task = min(found, key=lambda task: task.id)
        one.task_id, one.is_ours = None, False
        one.notes.append(
            f"Another run created {one.desired.label!r} at the same time. This run removed its own task, id "
            f"{removed}, and goes on with id {one.task.id}."
        )
        return None
    if one.attempts >= _MOST_ATTEMPTS:
        raise _contended(one.desired)
    one.task_id = None
    one.begin()
    return 0.0


def _newcomers(one: Creation, others: Iterable[str | None]) -> list[Task]:
    """Return the tasks that fit and were not there before, without those of this run's other creations."""
    known = set(others)
    return [task for task in one.service.newcomers(one.desired, one.before) if task.id not in known]


def not_listed(desired: Desired) -> RequestError:
    """Return the failure of a create that was accepted, and cannot be found."""
    return RequestError(
        f"find the new task {desired.label!r}",
        "the server accepted it and does not list it",
        "Look at the server whether it is there before you run this again.",
        request="",
        unclear=True,
    )


def _several(desired: Desired, found: list[Task]) -> RequestError:
    ids = ", ".join(task.id for task in found)
    return RequestError(
        f"tell which task {desired.label!r} is the new one",
        f"the server tells no id of a new task and lists {len(found)} that were not there before: {ids}",
        "Another run may have created the same. Look at the server before you run this again.",
        request="",
        unclear=True,
    )


def _contended(desired: Desired) -> RequestError:
    return RequestError(
        f"create task {desired.label!r}",
        f"in {_MOST_ATTEMPTS} attempts another run created and removed the same task",
        "Nothing of this run is left there. Run it again, by itself.",
        request="",
        retryable=True,
    )
