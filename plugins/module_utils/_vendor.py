# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a vendor's file gives: a description (pure) and a session with its server.

This file is private to the collection and may change at any time.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ._client import Client, Secrets
from ._convergence import FAILED, STOPPED, Capabilities, Desired, Plan, Run, Task
from ._errors import AmbiguousMatchError
from ._memory import NO_MEMORY, NoMemory
from ._options import ArgumentSpec


class Service(ABC):
    """A vendor's server for one declaration, logged in at the first request that needs it.

    ``memory`` keeps what was read where many tasks are planned from one reading. Their services share
    it, and the client.
    """

    def __init__(self, client: Client) -> None:
        self.client = client
        self.memory: NoMemory = NO_MEMORY

    def resolve(self, desired: Desired) -> Desired:
        """Return the declaration in the server's terms: names as ids, values typed. Only reads."""
        return desired

    def refreshed(self, desired: Desired) -> Desired:
        """Return a resolved declaration anew, where another run may have changed what it refers to."""
        return desired

    def parts(self, desired: Desired) -> list[Desired]:
        """Return the tasks that together are what is declared: usually that one. Only reads.

        The first one stands for all; one that was a part and is none any more comes as absent.
        """
        return [desired]

    @abstractmethod
    def matches(self, desired: Desired) -> list[Task]:
        """Return the tasks that fit the declared identity (all of them)."""

    @abstractmethod
    def listing(self, params: Mapping[str, Any]) -> list[Task]:
        """Return the tasks that an info module's filters let through, in the server's order."""

    def prunable(self, params: Mapping[str, Any]) -> list[Task]:
        """Return the tasks that a module for many tasks may delete: those in the scope of its options."""
        raise NotImplementedError(f"{type(self).__name__} can delete tasks and does not tell which")

    @abstractmethod
    def get(self, task: Task) -> Task:
        """Read a known task again."""

    def besides(self) -> dict[str, Any]:
        """Return what an info module returns besides the tasks that it has listed."""
        return {}

    def begin_watch(self, task: Task) -> Task | None:
        """Return the task as the wait for its run begins with it; None where a look comes first."""
        return task

    def watch(self, task: Task) -> Task:
        """Look at the run of a task that is waited for."""
        return self.get(task)

    def give_up(self, task: Task) -> tuple[Task, str]:
        """Return the task whose run did not end in time, and what a user should know of that run."""
        return task, "It was not stopped."

    @abstractmethod
    def create(self, desired: Desired) -> str | None:
        """Create the task; return its id where the vendor's answer tells it."""

    def created(self, desired: Desired, task_id: str) -> Task:
        """Read a new task by the id that ``create`` returned."""
        raise NotImplementedError(f"{type(self).__name__} returns an id and no way to read the task")

    def is_confirmed(self, desired: Desired) -> bool:
        """Return whether the id that ``create`` returned says enough, without a look at the new task."""
        return True

    def newcomers(self, desired: Desired, before: list[Task]) -> list[Task]:
        """Return the tasks that fit now and were not there before a create whose answer tells no id."""
        known = Counter(task.address or task.id for task in before)
        new = []
        for task in self.matches(desired):
            known[task.address or task.id] -= 1
            if known[task.address or task.id] < 0:
                new.append(task)
        return new

    def fitting_ids(self, desired: Desired) -> set[str]:
        """Return the ids of the tasks that may fit, from the server's list alone: too many do no harm."""
        return {task.id for task in self.matches(desired)}

    def update(self, task: Task, planned: Plan) -> None:
        """Change the planned fields and leave all others as they are."""
        raise NotImplementedError(f"{type(self).__name__} lists a changeable field and no way to change it")

    def act(self, verb: str, task: Task) -> None:
        """Carry out ``delete``, ``enable``, ``disable`` or a run control."""
        raise NotImplementedError(f"{type(self).__name__} offers {verb!r} and no way to do it")


@dataclass(frozen=True)
class Call:
    """One call of a module: its options and how it is to be carried out.

    ``report`` takes a line for whoever watches; nobody does where a module runs as a program of its own.
    """

    params: Mapping[str, Any]
    check_mode: bool
    secrets: Secrets
    report: Callable[[str], None]
    diff_mode: bool = False


# What a module returns, and what it warns of.
Outcome = tuple[dict[str, Any], list[str]]


class Vendor(ABC):
    """What is known of a vendor without asking its server. Holds no state."""

    key: str
    label: str
    noun = "task"  # what the modules manage, and the key of the return value
    has_tls = True  # False where the vendor's servers speak plain HTTP alone
    created_word = "created"  # what the return value ``action`` calls a create
    task_spec: ArgumentSpec
    info_spec: ArgumentSpec
    capabilities: Capabilities
    connection_spec: ArgumentSpec  # how to reach the server, for all modules of the vendor
    # For the module that takes many tasks: what one task takes, what limits prune (with which it needs one
    # of these options), and the fields that, besides the name, tell one declaration from another.
    entry_spec: ArgumentSpec
    scope_spec = ArgumentSpec()
    scope: tuple[str, ...] = ()
    identity: tuple[str, ...] = ()
    # Options that may hold secrets which only the server's answers tell: no result repeats them.
    unshown: tuple[str, ...] = ()
    # States in which a run has ended, for ``wait``, and where the vendor's word for a state stands.
    ended_states: frozenset[str] = frozenset()
    state_key = "status"

    @abstractmethod
    def desired(self, params: Mapping[str, Any]) -> Desired:
        """Read a declaration out of the options. Raises OptionError before anything is sent."""

    @abstractmethod
    def connect(self, params: Mapping[str, Any], *, read_only: bool, secrets: Secrets) -> Client:
        """Return a client that logs in as the options say; sends nothing."""

    @abstractmethod
    def serve(self, client: Client, params: Mapping[str, Any]) -> Service:
        """Return the service for one declaration, on a client that these options connected."""

    @abstractmethod
    def show(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Write managed fields in the words of the options, ``schedule`` nested."""

    @abstractmethod
    def describe(self, task: Task, service: Service) -> dict[str, Any]:
        """Return what the normal form adds for this vendor: ``next_runs``, ``url`` and the like."""

    def choose(self, desired: Desired, matches: list[Task]) -> Task | None:
        """Return the one task that is meant; refuse to guess among several."""
        if len(matches) > 1:
            ids = [task.id for task in matches]
            raise AmbiguousMatchError(
                self.label, desired.label, ids, noun=self.noun, option=f"{self.noun}_id"
            )
        return matches[0] if matches else None

    def warnings(self, desired: Desired, existing: Task | None) -> list[str]:
        """Return what the user should know although the declaration is reached."""
        return []

    def returned(self, task: Task, service: Service, form: dict[str, Any]) -> dict[str, Any]:
        """Return the return values that tell of a task; ``form`` is its normal form."""
        return {self.noun: form}

    def run(self, task: Task, service: Service) -> Run:
        """Return the run of a task that is waited for, here where a task is one run."""
        shown = self.describe(task, service)
        return Run(
            id=str(shown.get("run_id") or task.id),
            status=task.state,
            word=str(task.wire.get(self.state_key, "")),
            started=shown.get("started"),
            ended=shown.get("ended"),
            error=task.error,
        )

    def inherited(self, entry: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
        """Return what one of many tasks takes over: an option of the scope that it does not give itself."""
        return {
            name: params[name]
            for name in self.scope_spec.options
            if name in self.entry_spec.options and entry.get(name) is None and params[name] is not None
        }

    def verdict(self, run: Run, params: Mapping[str, Any]) -> str:
        """Return why a run that has ended counts as failed, or an empty text."""
        if run.status == FAILED:
            return run.error or "the server gives no reason"
        if run.status == STOPPED and params.get("state") != "stopped":
            return "it was stopped"
        return ""

    def problem(self, task: Task) -> str:
        """Return why a task that was just created is no good, or an empty text."""
        return ""
